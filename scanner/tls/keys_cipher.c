#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys_lib.h"

enum { BLOCK = 16, TAG_MAX = 16, POLY_KEY = 32, DRAFT_NONCE = 8 };

/* How a cipher is run: by libcrypto as it is, or composed here of its parts. */
enum how { HOW_NULL, HOW_PLAIN, HOW_AEAD, HOW_CCM, HOW_GHASH, HOW_DRAFT_CHACHA };

static const struct row {
	struct cipher_kind kind; /* first: a kind is its row */
	enum how how;
	const char *evp;
} rows[] = {
#define STREAM(enc, key, export, evp)                                                                        \
	{                                                                                                    \
		{ enc, CIPHER_STREAM, key, 0, 0, export, 0, false }, HOW_PLAIN, evp                          \
	}
#define CBC(enc, key, block, export, evp)                                                                    \
	{                                                                                                    \
		{ enc, CIPHER_CBC, key, block, 0, export, 0, false }, HOW_PLAIN, evp                         \
	}
#define SEALED(enc, key, tag, how, evp)                                                                      \
	{                                                                                                    \
		{ enc, CIPHER_AEAD, key, 0, tag, 0, 4, true }, how, evp                                      \
	}
	{ { "NULL", CIPHER_NULL, 0, 0, 0, 0, 0, false }, HOW_NULL, NULL },
	STREAM("RC4", 16, 0, "RC4"),
	STREAM("RC4-40", 16, 5, "RC4"),
	STREAM("RC4-56", 16, 7, "RC4"),
	CBC("RC2-40-CBC", 16, 8, 5, "RC2-CBC"),
	CBC("RC2-56-CBC", 16, 8, 7, "RC2-CBC"),
	CBC("RC2-128-CBC", 16, 8, 0, "RC2-CBC"),
	CBC("DES40-CBC", 8, 8, 5, "DES-CBC"),
	CBC("DES-CBC", 8, 8, 0, "DES-CBC"),
	CBC("DES-CBC", 8, 8, 8,
	        "DES-CBC"), /* of the 1024-bit export suites: the keys are derived as an export cipher's */
	CBC("3DES-CBC", 24, 8, 0, "DES-EDE3-CBC"),
	CBC("IDEA-CBC", 16, 8, 0, "IDEA-CBC"),
	CBC("SEED-CBC", 16, 16, 0, "SEED-CBC"),
	CBC("AES-128-CBC", 16, 16, 0, "AES-128-CBC"),
	CBC("AES-256-CBC", 32, 16, 0, "AES-256-CBC"),
	CBC("CAMELLIA-128-CBC", 16, 16, 0, "CAMELLIA-128-CBC"),
	CBC("CAMELLIA-256-CBC", 32, 16, 0, "CAMELLIA-256-CBC"),
	CBC("ARIA-128-CBC", 16, 16, 0, "ARIA-128-CBC"),
	CBC("ARIA-256-CBC", 32, 16, 0, "ARIA-256-CBC"),
	SEALED("AES-128-GCM", 16, 16, HOW_AEAD, "AES-128-GCM"),
	SEALED("AES-256-GCM", 32, 16, HOW_AEAD, "AES-256-GCM"),
	SEALED("ARIA-128-GCM", 16, 16, HOW_AEAD, "ARIA-128-GCM"),
	SEALED("ARIA-256-GCM", 32, 16, HOW_AEAD, "ARIA-256-GCM"),
	SEALED("CAMELLIA-128-GCM", 16, 16, HOW_GHASH, "CAMELLIA-128-CTR"),
	SEALED("CAMELLIA-256-GCM", 32, 16, HOW_GHASH, "CAMELLIA-256-CTR"),
	SEALED("AES-128-CCM", 16, 16, HOW_CCM, "AES-128-CCM"),
	SEALED("AES-256-CCM", 32, 16, HOW_CCM, "AES-256-CCM"),
	SEALED("AES-128-CCM-8", 16, 8, HOW_CCM, "AES-128-CCM"),
	SEALED("AES-256-CCM-8", 32, 8, HOW_CCM, "AES-256-CCM"),
	{ { "CHACHA20-POLY1305", CIPHER_AEAD, 32, 0, 16, 0, 12, false }, HOW_AEAD, "ChaCha20-Poly1305" },
	{ { "CHACHA20-POLY1305", CIPHER_AEAD, 32, 0, 16, 0, 0, false }, HOW_DRAFT_CHACHA, "ChaCha20" },
};

enum { ROWS = sizeof rows / sizeof *rows };

static void *fetch_cipher(OSSL_LIB_CTX *library, const char *name, const char *properties)
{
	return EVP_CIPHER_fetch(library, name, properties);
}

static void drop_cipher(void *cipher)
{
	EVP_CIPHER_free(cipher);
}

static const EVP_CIPHER *evp_of(size_t i)
{
	static const struct keys_kind kind = { fetch_cipher, drop_cipher };
	static struct keys_slot slots[ROWS];

	return rows[i].evp ? keys_fetch(&slots[i], &kind, rows[i].evp) : NULL;
}

static void *fetch_mac(OSSL_LIB_CTX *library, const char *name, const char *properties)
{
	return EVP_MAC_fetch(library, name, properties);
}

static void drop_mac(void *mac)
{
	EVP_MAC_free(mac);
}

static EVP_MAC *poly1305(void)
{
	static const struct keys_kind kind = { fetch_mac, drop_mac };
	static struct keys_slot slot;

	return keys_fetch(&slot, &kind, "POLY1305");
}

static const struct row *row_of(const struct cipher_kind *kind)
{
	return (const struct row *)(const void *)kind;
}

static bool row_is_here(size_t i)
{
	const EVP_CIPHER *cipher = evp_of(i);

	return rows[i].how == HOW_NULL || (cipher && (rows[i].how != HOW_DRAFT_CHACHA || poly1305()));
}

/* No libcrypto can be built without AES, and what this one was built with need not be asked: the first fetch makes
 * ready every cipher that it has, and that takes half a millisecond. */
static bool is_everywhere(const struct row *row)
{
#if !defined(OPENSSL_NO_CHACHA) && !defined(OPENSSL_NO_POLY1305)
	if (row->how == HOW_AEAD && !strcmp(row->kind.enc, "CHACHA20-POLY1305"))
		return true;
#endif
	return !strncmp(row->kind.enc, "AES-", 4);
}

bool crypt_has_cipher(const struct cipher_kind *kind)
{
	return is_everywhere(row_of(kind)) || row_is_here((size_t)(row_of(kind) - rows));
}

/* draft-agl-tls-chacha20poly1305; the registered codes are others. */
static bool is_draft_chacha(const struct suite *suite)
{
	return suite->code >= 0xCC13 && suite->code <= 0xCC15;
}

static bool row_suits(const struct row *row, const struct suite *suite)
{
	return !strcmp(row->kind.enc, suite->enc) &&
	       !row->kind.export_key == !(suite->flags & SUITE_EXPORT) &&
	       (row->how == HOW_DRAFT_CHACHA) == is_draft_chacha(suite);
}

/* The suites of TLS 1.3 without a cipher (RFC 9150) have a record format of their own, which is not here. */
const struct cipher_kind *cipher_kind_of(const struct suite *suite)
{
	bool mac_known = !strcmp(suite->mac, "AEAD") || !strcmp(suite->mac, "NULL") ||
	                 crypt_digest_named(suite->mac) != DIGEST_NONE;

	if (!mac_known || (suite_is_tls13(suite) && !(suite->flags & SUITE_AEAD)) ||
	        suite->flags & SUITE_SCSV)
		return NULL;
	for (size_t i = 0; i < ROWS; i++)
		if (row_suits(&rows[i], suite))
			return &rows[i].kind;
	return NULL;
}

const struct cipher_kind *cipher_kind_named(const char *enc)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!strcmp(rows[i].kind.enc, enc))
			return &rows[i].kind;
	return NULL;
}

/* ---- one cipher
 * ------------------------------------------------------------------------------------------------------- */

struct cipher {
	const struct row *row;
	EVP_CIPHER_CTX *ctx;
	EVP_MAC_CTX *mac; /* Poly1305 */
	bool encrypts;
	uint64_t h[2]; /* the hash key of GHASH */
};

static bool ctx_start(struct cipher *c, const EVP_CIPHER *cipher, struct span key)
{
	/* A counter mode encrypts in both directions. */
	int encrypts = c->encrypts || c->row->how == HOW_GHASH || c->row->how == HOW_DRAFT_CHACHA;

	if (!EVP_CipherInit_ex2(c->ctx, cipher, NULL, NULL, encrypts, NULL))
		return false;
	if (c->row->how == HOW_CCM &&
	        (EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) <= 0 ||
	                EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, c->row->kind.tag, NULL) <= 0))
		return false;
	return EVP_CIPHER_CTX_get_key_length(c->ctx) == (int)key.n &&
	       EVP_CipherInit_ex2(c->ctx, NULL, key.p, NULL, -1, NULL) &&
	       EVP_CIPHER_CTX_set_padding(c->ctx, 0);
}

static bool update(EVP_CIPHER_CTX *ctx, uint8_t *out, const uint8_t *in, size_t n)
{
	int done;

	return !n || (EVP_CipherUpdate(ctx, out, &done, in, (int)n) > 0);
}

static bool rekey_iv(struct cipher *c, const uint8_t *iv)
{
	return EVP_CipherInit_ex2(c->ctx, NULL, NULL, iv, -1, NULL) > 0;
}

static uint64_t load(const uint8_t *p)
{
	struct rd r = rd_of(p, 8);

	return rd_uint(&r, 8);
}

/* H is the encryption of the zero block, which counter mode gives for a counter of zero. */
static bool ghash_key(struct cipher *c)
{
	uint8_t zero[BLOCK] = { 0 }, h[BLOCK];

	if (!rekey_iv(c, zero) || !update(c->ctx, h, zero, BLOCK))
		return false;
	c->h[0] = load(h);
	c->h[1] = load(h + 8);
	return true;
}

static bool cipher_start(struct cipher *c, struct span key)
{
	if (c->row->how == HOW_NULL)
		return true;
	c->ctx = EVP_CIPHER_CTX_new();
	if (c->row->how == HOW_DRAFT_CHACHA)
		c->mac = EVP_MAC_CTX_new(poly1305());
	return ctx_start(c, evp_of((size_t)(c->row - rows)), key) &&
	       (c->row->how != HOW_GHASH || ghash_key(c));
}

struct cipher *cipher_new(const struct cipher_kind *kind, struct span key, bool encrypts)
{
	struct cipher *c;

	if (!crypt_has_cipher(kind))
		return NULL;
	require(key.n == kind->key);
	c = mem_new(1, sizeof *c);
	c->row = row_of(kind);
	c->encrypts = encrypts;
	if (cipher_start(c, key))
		return c;
	ERR_clear_error();
	cipher_free(c);
	return NULL;
}

void cipher_free(struct cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->ctx);
	EVP_MAC_CTX_free(c->mac);
	free(c);
}

bool cipher_run(struct cipher *c, uint8_t *iv, uint8_t *data, size_t n)
{
	size_t block = c->row->kind.block;
	uint8_t last[BLOCK];

	if (c->row->kind.mode == CIPHER_NULL || !n)
		return true;
	if (c->row->kind.mode == CIPHER_STREAM)
		return update(c->ctx, data, data, n);
	if (n % block)
		return false;
	memcpy(last, data + n - block, block);
	if (!rekey_iv(c, iv) || !update(c->ctx, data, data, n))
		return false;
	memcpy(iv, c->encrypts ? data + n - block : last, block);
	return true;
}

/* ---- AEAD as libcrypto has it
 * ----------------------------------------------------------------------------------------- */

static bool aead_plain(struct cipher *c, struct span nonce, struct span ad, uint8_t *data, size_t n)
{
	int tag = c->row->kind.tag, done;
	uint8_t rest[BLOCK];

	if (!rekey_iv(c, nonce.p))
		return false;
	if (!c->encrypts && EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, tag, data + n) <= 0)
		return false;
	if (!update(c->ctx, NULL, ad.p, ad.n) || !update(c->ctx, data, data, n) ||
	        EVP_CipherFinal_ex(c->ctx, rest, &done) <= 0)
		return false;
	return !c->encrypts || EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, tag, data + n) > 0;
}

/* CCM wants the length first, and checks the tag with the data, which it wants to see even when there is
 * none. */
static bool aead_ccm(struct cipher *c, struct span nonce, struct span ad, uint8_t *data, size_t n)
{
	int tag = c->row->kind.tag, done;
	uint8_t none;

	if (!c->encrypts && EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, tag, data + n) <= 0)
		return false;
	if (!rekey_iv(c, nonce.p) || EVP_CipherUpdate(c->ctx, NULL, &done, NULL, (int)n) <= 0 ||
	        !update(c->ctx, NULL, ad.p, ad.n) ||
	        EVP_CipherUpdate(c->ctx, n ? data : &none, &done, n ? data : &none, (int)n) <= 0)
		return false;
	return !c->encrypts || EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_GET_TAG, tag, data + n) > 0;
}

/* ---- GCM of counter mode and a GHASH of our own (NIST SP 800-38D)
 * ----------------------------------------------------- */

/* y * h in GF(2^128), a bit at a time, without branches on secrets. */
static void ghash_multiply(uint64_t y[2], const uint64_t h[2])
{
	uint64_t z[2] = { 0, 0 }, v[2] = { h[0], h[1] };

	for (unsigned i = 0; i < 128; i++) {
		uint64_t bit = 0 - (y[i / 64] >> (63 - i % 64) & 1), low = 0 - (v[1] & 1);

		z[0] ^= v[0] & bit;
		z[1] ^= v[1] & bit;
		v[1] = v[1] >> 1 | v[0] << 63;
		v[0] = v[0] >> 1 ^ (UINT64_C(0xE100000000000000) & low);
	}
	y[0] = z[0];
	y[1] = z[1];
}

static void ghash_add(uint64_t y[2], const uint64_t h[2], struct span s)
{
	for (struct rd r = rd_span(s); rd_left(&r);) {
		size_t n = rd_left(&r) < BLOCK ? rd_left(&r) : BLOCK;
		uint8_t block[BLOCK] = { 0 };

		memcpy(block, rd_take(&r, n), n);
		y[0] ^= load(block);
		y[1] ^= load(block + 8);
		ghash_multiply(y, h);
	}
}

static void ghash_tag(const struct cipher *c, struct span ad, struct span ct,
        const uint8_t mask[static BLOCK], uint8_t tag[static TAG_MAX])
{
	uint64_t y[2] = { 0, 0 };
	struct wr w = wr_of(tag, TAG_MAX);

	ghash_add(y, c->h, ad);
	ghash_add(y, c->h, ct);
	y[0] ^= 8 * (uint64_t)ad.n;
	y[1] ^= 8 * (uint64_t)ct.n;
	ghash_multiply(y, c->h);
	wr_uint(&w, y[0] ^ load(mask), 8);
	wr_uint(&w, y[1] ^ load(mask + 8), 8);
}

/* Writes the tag, or checks it. */
static bool tag_settle(const struct cipher *c, const uint8_t *tag, uint8_t *at)
{
	if (!c->encrypts)
		return !CRYPTO_memcmp(tag, at, c->row->kind.tag);
	memcpy(at, tag, c->row->kind.tag);
	return true;
}

static bool aead_ghash(struct cipher *c, struct span nonce, struct span ad, uint8_t *data, size_t n)
{
	uint8_t counter[BLOCK] = { [BLOCK - 1] = 1 }, mask[BLOCK] = { 0 }, tag[TAG_MAX];

	memcpy(counter, nonce.p, 12);
	if (!rekey_iv(c, counter) || !update(c->ctx, mask, mask, BLOCK))
		return false;
	if (c->encrypts && !update(c->ctx, data, data, n))
		return false;
	ghash_tag(c, ad, (struct span){ data, n }, mask, tag);
	return tag_settle(c, tag, data + n) && (c->encrypts || update(c->ctx, data, data, n));
}

/* ---- ChaCha20-Poly1305 of draft-agl-tls-chacha20poly1305-04
 * ----------------------------------------------------------- */

static bool poly_add(EVP_MAC_CTX *mac, struct span s)
{
	uint8_t length[8];

	for (unsigned i = 0; i < 8; i++)
		length[i] = (uint8_t)((uint64_t)s.n >> 8 * i);
	return (!s.n || EVP_MAC_update(mac, s.p, s.n)) && EVP_MAC_update(mac, length, sizeof length);
}

static bool poly_tag(const struct cipher *c, const uint8_t *key, struct span ad, struct span ct, uint8_t *tag)
{
	size_t n = TAG_MAX;

	return EVP_MAC_init(c->mac, key, POLY_KEY, NULL) && poly_add(c->mac, ad) && poly_add(c->mac, ct) &&
	       EVP_MAC_final(c->mac, tag, &n, TAG_MAX);
}

/* The counter has 64 bits, the nonce as many; block 0 makes Poly1305's key, the text begins with block 1. */
static bool aead_draft_chacha(struct cipher *c, struct span nonce, struct span ad, uint8_t *data, size_t n)
{
	uint8_t iv[BLOCK] = { 0 }, first[64] = { 0 }, tag[TAG_MAX];

	memcpy(iv + 8, nonce.p, DRAFT_NONCE);
	if (!rekey_iv(c, iv) || !update(c->ctx, first, first, sizeof first))
		return false;
	if (c->encrypts && !update(c->ctx, data, data, n))
		return false;
	return poly_tag(c, first, ad, (struct span){ data, n }, tag) && tag_settle(c, tag, data + n) &&
	       (c->encrypts || update(c->ctx, data, data, n));
}

bool cipher_aead(struct cipher *c, struct span nonce, struct span ad, uint8_t *data, size_t n)
{
	static bool (*const by_how[])(struct cipher *, struct span, struct span, uint8_t *, size_t) = {
		[HOW_AEAD] = aead_plain,
		[HOW_CCM] = aead_ccm,
		[HOW_GHASH] = aead_ghash,
		[HOW_DRAFT_CHACHA] = aead_draft_chacha,
	};
	bool ok;

	require(c->row->kind.mode == CIPHER_AEAD &&
	        nonce.n == (c->row->how == HOW_DRAFT_CHACHA ? DRAFT_NONCE : 12));
	ok = by_how[c->row->how](c, nonce, ad, data, n);
	if (!ok)
		ERR_clear_error();
	return ok;
}

/* ---- what is missing
 * -------------------------------------------------------------------------------------------------- */

enum { LACKS_MAX = 128 };

static const char *lacks[LACKS_MAX + 1];

static void lacks_add(const char *name)
{
	size_t n = 0;

	for (; lacks[n]; n++)
		if (!strcmp(lacks[n], name))
			return;
	if (n < LACKS_MAX)
		lacks[n] = name;
}

static void list_lacks(void)
{
	for (size_t i = 0; i < ROWS; i++)
		if (!row_is_here(i))
			lacks_add(rows[i].kind.enc);
	if (!keys_has_kem())
		lacks_add("ML-KEM");
	for (size_t i = 0; i < groups_count; i++)
		if (keys_lacks_curve(groups[i].code))
			lacks_add(groups[i].name);
}

const char *const *crypt_lacks(void)
{
	static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

	require(CRYPTO_THREAD_run_once(&once, list_lacks));
	return lacks;
}
