/*
 * Signatures on certificates: the only file of scanner/trust that gives a key to libcrypto.
 *
 * Keys outside the limits are refused before libcrypto sees them: RSA moduli of more than 16,384 bits or with
 * an exponent that is even, 1 or longer than 64 bits; elliptic curves that are not a known named one.
 */
#ifndef TRUST_SEAL_H
#define TRUST_SEAL_H

#include <stdbool.h>

struct cert;
struct seal_claim;

enum { SEAL_RSA_BITS_MAX = 16384 };

/* SEAL_UNSUPPORTED: the algorithm or the key is not one that is checked here, or that this libcrypto has. */
enum seal_verdict { SEAL_HOLDS, SEAL_FAILS, SEAL_UNSUPPORTED };

/* Does the key of `issuer` verify the signature of `child`? Names are not compared. */
enum seal_verdict seal_check(const struct cert *child, const struct cert *issuer);

/* The same for anything else that is signed (a CRL). */
enum seal_verdict seal_check_claim(const struct seal_claim *, const struct cert *issuer);

/* libcrypto makes a key of it: an elliptic point is on its curve. */
bool seal_takes_key(const struct cert *);

/* The subject is the issuer, and the key verifies its own signature. */
bool seal_on_itself(const struct cert *);

#endif
