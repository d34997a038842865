/*
 * Key derivation of every version, over crypt_hmac(): SSL 3.0 (RFC 6101 section 6.1), TLS 1.0/1.1 PRF (RFC 2246
 * section 5), TLS 1.2 PRF (RFC 5246 section 5), HKDF and HKDF-Expand-Label (RFC 5869, RFC 8446 section 7.1).
 */
#ifndef TLS_KDF_H
#define TLS_KDF_H

#include "scanner/tls/crypt.h"

/* The PRF's hash for a suite in this version: TLS 1.2 and 1.3 the suite's, before MD5_SHA1. */
enum digest kdf_digest(uint16_t version, const struct suite *);

/* PRF(secret, label, seed parts); in SSL 3.0 the label is not used and the seed is the two randoms in the order given. */
void kdf_prf(uint16_t version, enum digest, struct span secret, const char *label, const struct span *seed, size_t count,
	void *out, size_t n);

/* verify_data of a Finished before TLS 1.3: 12 bytes, SSL 3.0 36. `transcript`: all handshake messages so far. Returns the size. */
size_t kdf_finished(uint16_t version, enum digest, struct span master, bool client, struct span transcript,
	uint8_t out[static 36]);

/* What the CertificateVerify of SSL 3.0 signs (RFC 6101 section 5.6.8): its Finished without a sender. */
void kdf_ssl3_verify(struct span master, struct span transcript, uint8_t out[static 36]);

void kdf_extract(enum digest, struct span salt, struct span ikm, uint8_t out[static DIGEST_MAX]);
/* HKDF-Expand-Label with the "tls13 " prefix. */
void kdf_expand_label(enum digest, struct span secret, const char *label, struct span context, void *out, size_t n);

#endif
