/*
 * The certificates that one endpoint shows to clients with different algorithms, compared: a server with an RSA and an
 * ECDSA certificate should be the same server with both.
 */
#ifndef TRUST_DIFFER_H
#define TRUST_DIFFER_H

#include "scanner/facts/record.h"

/*
 * Adds cert.differences where a client that sends the server's name gets more than one certificate, by the record's
 * chain.served and certificates alone: names, expiry (more than DIFFER_EXPIRY_DAYS apart), issuer (by organisation),
 * same_key (two of them, or one and a CA's, have one key).
 */
enum { DIFFER_EXPIRY_DAYS = 7 };
void differ_observe(struct record *);

/* The same questions of two certificates, wherever they are from. */
bool differ_in_names(const struct cert_info *, const struct cert_info *);
bool differ_in_expiry(const struct cert_info *, const struct cert_info *);
bool differ_in_issuer(const struct cert_info *, const struct cert_info *);

#endif
