/*
 * What the server's own keys do, over libcrypto directly: sign, and open what was encrypted for them. The
 * same input gives the same bytes: what is random in a signature comes from the server's sequence.
 *
 * Keys are those of the built-in chains; they are parsed once and kept to the end of the process.
 */
#ifndef SERVERS_KEYRING_H
#define SERVERS_KEYRING_H

#include "tests/servers/certs.h"

/*
 * A signature over the parts. scheme 0: as before TLS 1.2, MD5 and SHA-1 with RSA, SHA-1 with ECDSA. False:
 * there is no key, or it cannot sign so; nothing is written then.
 */
bool keyring_sign(const struct server_chain *, uint16_t scheme, const struct span *parts, size_t count,
        uint64_t *random, struct wr *out);

/* The chain's key as SubjectPublicKeyInfo; nothing where there is no key. */
void keyring_spki(const struct server_chain *, struct wr *out);

enum { PREMASTER = 48 };

enum premaster_fault { PREMASTER_SOUND, PREMASTER_PADDING, PREMASTER_VERSION };

/*
 * The premaster secret out of a ClientKeyExchange. Whatever is wrong with the block, the secret is then one
 * that nobody knows, and only the Finished fails (RFC 5246 section 7.4.7.1); *fault is for servers that let it
 * be seen all the same. False: no RSA key is there.
 */
bool keyring_premaster(struct span pkcs8, uint16_t version, struct span cipher, uint64_t *random,
        uint8_t out[static PREMASTER], enum premaster_fault *fault);

/* What is inside a PKCS #1 v1.5 block, whatever it is; *n is 0 where the block is none. False: no RSA key is there. */
bool keyring_decrypt(struct span pkcs8, struct span cipher, uint8_t *out, size_t room, size_t *n);

/* Modulus and exponent of an RSA key; false: it is none. */
bool keyring_rsa_public(struct span pkcs8, struct wr *modulus, struct wr *exponent);

/* The modulus of a group of RFC 7919; empty: not one of them. */
struct span keyring_prime(uint16_t group);

#endif
