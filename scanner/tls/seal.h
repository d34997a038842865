/*
 * Protection of records, one direction of one connection: from fragment to record body and back, for every version and
 * every kind of cipher: NULL and stream with MAC, CBC with MAC-then-encrypt or encrypt-then-MAC (RFC 7366), implicit or
 * explicit IV, AEAD before TLS 1.3 (RFC 5288, 6655, 7905) and in it (RFC 8446 section 5.2), SSL 3.0's own MAC.
 *
 * A seal owns its keys; the sequence number moves on with each record. Opening is total: a record that is too short,
 * badly padded or wrongly sealed gives false, and which of them it was is not told apart in time by us nor needed.
 */
#ifndef TLS_SEAL_H
#define TLS_SEAL_H

#include "scanner/tls/crypt.h"

struct seal;

struct seal_keys {
	struct span mac, key, iv; /* iv: CBC of TLS 1.0 and SSL 3, fixed nonce part of AEAD; else not looked at */
};

/*
 * Sizes that one direction takes of the key block (RFC 5246 section 6.3); in TLS 1.3, of its key and IV. An export cipher
 * takes its short key and no IV: both are then made of it (RFC 2246 section 6.3.1).
 */
struct seal_sizes {
	size_t mac, key, iv;
};
struct seal_sizes seal_sizes_of(uint16_t version, const struct suite *);

/* NULL when this libcrypto has not got the cipher. */
struct seal *seal_new(uint16_t version, const struct suite *, bool encrypt_then_mac, bool truncated_hmac,
	const struct seal_keys *, bool protects);
void seal_free(struct seal *);

/* What a hook may change of a CBC record: after padding, before encryption; and the whole body after sealing. */
struct seal_hook {
	void (*block)(void *owner, uint8_t *block, size_t n);  /* content + MAC + padding */
	void (*body)(void *owner, uint8_t *body, size_t n);
	void *owner;
};

/*
 * Writes the body of one record (without its header) for this content. `type` and `version` are the header's; in
 * TLS 1.3 the real type goes inside. explicit_iv: `block` bytes for CBC from TLS 1.1 on (or a nonce of 8 bytes), from
 * the caller's entropy; the sequence number is used where it may be.
 */
bool seal_protect(struct seal *, uint8_t type, uint16_t version, struct span content, const uint8_t explicit_iv[static 16],
	const struct seal_hook *, struct wr *out);

/* Opens a record body in place: *content is a view into it, *type its real type. False: not sealed by these keys. */
bool seal_open(struct seal *, uint8_t *type, uint16_t version, uint8_t *body, size_t n, struct span *content);

uint64_t seal_sequence(const struct seal *);

#endif
