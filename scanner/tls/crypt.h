/*
 * The arithmetic of a handshake, as the client core needs it: digests, key exchange, signatures, and record ciphers.
 * Implemented in keys_*.c, the only files of scanner/tls that know libcrypto. What this libcrypto lacks is found at run
 * time: a function that makes something returns NULL (or false) for it, and crypt_has_*() tells beforehand.
 *
 * RC4, RC2, DES, SEED and IDEA come from the legacy provider, loaded once into a library context of our own. Nothing
 * here draws randomness, secrets come in as parameters; the one exception is private_key_sign(), where libcrypto picks
 * the nonce of DSA and ECDSA and the salt of PSS. Peers' numbers are bounded before any arithmetic: RSA moduli of 384 to
 * 16,384 bits, DH of 512 to 10,000 bits, named curves only.
 */
#ifndef TLS_CRYPT_H
#define TLS_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"
#include "scanner/tls/tables.h"

/* ---- digests --------------------------------------------------------------------------------------------------------- */

enum digest { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA1, DIGEST_MD5_SHA1, DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384,
	DIGEST_SHA512, DIGEST_SM3 };
enum { DIGEST_MAX = 64 };

/* As the tables write it, "SHA256" or "sha256", blind to case; DIGEST_NONE: none of these. */
enum digest crypt_digest_named(const char *name);
size_t crypt_digest_size(enum digest); /* MD5_SHA1: 36, one behind the other */
size_t crypt_digest_block(enum digest); /* bytes of a block: 64 or 128 */
/* Over the parts, one behind the other. */
void crypt_digest(enum digest, const struct span *parts, size_t count, uint8_t out[static DIGEST_MAX]);
void crypt_hmac(enum digest, struct span key, const struct span *parts, size_t count, uint8_t out[static DIGEST_MAX]);

/* ---- ephemeral keys ---------------------------------------------------------------------------------------------------- */

struct key_pair; /* one client share: of a curve, X25519/X448, RFC 7919 group, or a hybrid with ML-KEM */

enum { SHARED_MAX = 10000 / 8 + 64 };

bool crypt_has_group(uint16_t group); /* arithmetic is there; hybrids only with ML-KEM in this libcrypto */
struct key_pair *key_pair_new(uint16_t group, const uint8_t secret[static 32]); /* deterministic; NULL: not here */
/* A custom DH group from a ServerKeyExchange; NULL when out of bounds. */
struct key_pair *key_pair_dh(struct span p, struct span g, const uint8_t secret[static 32]);
void key_pair_free(struct key_pair *);
void key_pair_public(const struct key_pair *, struct wr *); /* TLS 1.2: point; DH: number padded to the modulus */
/*
 * The shared secret from the server's share or ciphertext; false when it is not valid (off the curve, 0, 1, p-1 ..).
 * That of a finite field is as wide as the modulus, which is TLS 1.3's form: before it the leading zeros are to be taken
 * off (RFC 5246 section 8.1.2).
 */
bool key_pair_shared(const struct key_pair *, struct span peer, struct wr *out);

/* ---- long-lived keys ----------------------------------------------------------------------------------------------------- */

struct public_key;

struct public_key *public_key_of_cert(struct span der); /* NULL: not to be parsed, or out of bounds */
struct public_key *public_key_of_spki(struct span der); /* the SubjectPublicKeyInfo alone */
struct public_key *public_key_rsa(struct span modulus, struct span exponent);
void public_key_free(struct public_key *);
enum cert_key public_key_kind(const struct public_key *);
/* Static (EC)DH: the certificate's own share, as key_pair_shared() wants it; false when it is no such key. *group is
 * the curve's code, or 0 for a finite field, whose p and g then stand in *p and *g (valid as long as the key). */
bool public_key_share(const struct public_key *, uint16_t *group, struct wr *share, struct span *p, struct span *g);

/* RSA encryption of a whole block as wide as the modulus: the caller did the padding (hooks change it there). */
bool public_key_encrypt_raw(const struct public_key *, struct span block, struct wr *out);
size_t public_key_bytes(const struct public_key *);

/*
 * A signature over the parts. scheme 0: as before TLS 1.2, MD5+SHA-1 for RSA, SHA-1 for DSA and ECDSA. In TLS 1.3
 * (tls13) an ECDSA scheme is bound to its curve, before it is not. False: wrong signature, wrong key, or not possible
 * here; *possible tells which.
 */
bool public_key_verify(const struct public_key *, uint16_t scheme, bool tls13, const struct span *parts, size_t count,
	struct span signature, bool *possible);

struct private_key;
/* From PEM text; pass may be NULL. NULL and a sentence (constant) in *why when it cannot be read. */
struct private_key *private_key_pem(struct span pem, const char *pass, const char **why);
void private_key_free(struct private_key *);
bool private_key_fits(const struct private_key *, struct span cert_der);

/*
 * What libcrypto signs it cannot sign twice. Whoever writes a scan down is told each signature (an empty one: it could
 * not be made), and whoever plays one gives them back in the same order; false: it has none.
 */
struct signatures {
	void (*keep)(void *owner, struct span signature);
	bool (*recall)(void *owner, struct wr *out);
	void *owner;
};
void private_key_signatures(struct private_key *, const struct signatures *);
/* Does for the key of this certificate wherever it is not there: it signs nothing but what is recalled. NULL: none does. */
struct private_key *private_key_stand_in(struct span cert_der);

enum cert_key private_key_kind(const struct private_key *);
/* Could it sign with this scheme, in a version that has it? Before TLS 1.3 an ECDSA scheme does not bind the curve. */
bool private_key_can(const struct private_key *, uint16_t scheme, bool tls13);
bool private_key_sign(const struct private_key *, uint16_t scheme, const struct span *parts, size_t count, struct wr *out);

/* SSL 3.0: over MD5 and SHA-1 made by the caller; RSA signs both, DSA and ECDSA the SHA-1 alone (RFC 6101 section 5.6.8). */
bool private_key_sign_digest(const struct private_key *, const uint8_t md5_sha1[static 36], struct wr *out);
bool public_key_verify_digest(const struct public_key *, const uint8_t md5_sha1[static 36], struct span signature);

/* ---- record ciphers -------------------------------------------------------------------------------------------------------- */

/* What a suite wants of its cipher; the rest of the record format is seal.h's. */
enum cipher_mode { CIPHER_NULL, CIPHER_STREAM, CIPHER_CBC, CIPHER_AEAD };

struct cipher_kind {
	const char *enc; /* the `enc` of struct suite */
	enum cipher_mode mode;
	uint8_t key, block, tag; /* bytes; export ciphers: the final key */
	uint8_t export_key;      /* bytes of secret key of an export cipher; 0: none */
	uint8_t fixed_iv;        /* AEAD: bytes of nonce from the key block */
	bool explicit_nonce;     /* AEAD before TLS 1.3: eight bytes on the wire; ChaCha20 has none */
};

/* NULL: unknown cipher or MAC (GOST, SM4 ...). The draft ChaCha20 of 0xCC13 to 0xCC15 is a kind of its own. */
const struct cipher_kind *cipher_kind_of(const struct suite *);
const struct cipher_kind *cipher_kind_named(const char *enc); /* the same for who has no suite: SSL 2.0 */
bool crypt_has_cipher(const struct cipher_kind *);

struct cipher;
struct cipher *cipher_new(const struct cipher_kind *, struct span key, bool encrypts); /* NULL: not here */
void cipher_free(struct cipher *);
/* NULL, STREAM and CBC, in place. CBC: iv is `block` bytes and is moved on to the last ciphertext block. */
bool cipher_run(struct cipher *, uint8_t *iv, uint8_t *data, size_t n);
/* AEAD, in place; the tag stands behind the n bytes (written when encrypting, checked when decrypting). */
bool cipher_aead(struct cipher *, struct span nonce, struct span ad, uint8_t *data, size_t n);

/* Names of what this libcrypto lacks of all that could be asked ("IDEA-CBC", "ML-KEM"), ends with NULL. */
const char *const *crypt_lacks(void);

#endif
