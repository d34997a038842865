#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <strings.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys_lib.h"

enum { BLOCK_MAX = 128 };

static const struct row {
	const char *name; /* of the tables */
	const char *evp;
	uint8_t size, block;
} rows[] = {
	[DIGEST_NONE] = { "", "", 0, 0 },
	[DIGEST_MD5] = { "MD5", "MD5", 16, 64 },
	[DIGEST_SHA1] = { "SHA1", "SHA1", 20, 64 },
	[DIGEST_MD5_SHA1] = { "MD5-SHA1", "MD5-SHA1", 36, 64 },
	[DIGEST_SHA224] = { "SHA224", "SHA2-224", 28, 64 },
	[DIGEST_SHA256] = { "SHA256", "SHA2-256", 32, 64 },
	[DIGEST_SHA384] = { "SHA384", "SHA2-384", 48, 128 },
	[DIGEST_SHA512] = { "SHA512", "SHA2-512", 64, 128 },
	[DIGEST_SM3] = { "SM3", "SM3", 32, 64 },
};

enum { ROWS = sizeof rows / sizeof *rows };

static void *fetch_md(OSSL_LIB_CTX *library, const char *name, const char *properties)
{
	return EVP_MD_fetch(library, name, properties);
}

static void drop_md(void *md)
{
	EVP_MD_free(md);
}

/* An implicit fetch costs more than a digest. */
const EVP_MD *keys_md(enum digest d)
{
	static const struct keys_kind kind = { fetch_md, drop_md };
	static struct keys_slot slots[ROWS];
	const EVP_MD *md;

	require((size_t)d < ROWS && rows[d].evp);
	md = keys_fetch(&slots[d], &kind, rows[d].evp);
	require(md);
	return md;
}

enum digest crypt_digest_named(const char *name)
{
	for (size_t i = DIGEST_MD5; i < ROWS; i++)
		if (name && !strcasecmp(rows[i].name, name))
			return (enum digest)i;
	return DIGEST_NONE;
}

size_t crypt_digest_size(enum digest d)
{
	return rows[d].size;
}

size_t crypt_digest_block(enum digest d)
{
	return rows[d].block;
}

/* Over `first`, if it has bytes, and then the parts. */
static void run(EVP_MD_CTX *ctx, enum digest d, struct span first, const struct span *parts, size_t count,
        uint8_t *out)
{
	require(EVP_DigestInit_ex2(ctx, keys_md(d), NULL));
	require(!first.n || EVP_DigestUpdate(ctx, first.p, first.n));
	for (size_t i = 0; i < count; i++)
		require(!parts[i].n || EVP_DigestUpdate(ctx, parts[i].p, parts[i].n));
	require(EVP_DigestFinal_ex(ctx, out, NULL));
}

void crypt_digest(enum digest d, const struct span *parts, size_t count, uint8_t out[static DIGEST_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	require(ctx);
	run(ctx, d, (struct span){ NULL, 0 }, parts, count, out);
	EVP_MD_CTX_free(ctx);
}

/* Composed (RFC 2104): libcrypto's HMAC objects cost more to set up than these two digests. */
void crypt_hmac(enum digest d, struct span key, const struct span *parts, size_t count,
        uint8_t out[static DIGEST_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t pad[BLOCK_MAX] = { 0 }, inner[DIGEST_MAX];
	size_t block = rows[d].block;
	struct span middle = { inner, rows[d].size };

	require(ctx);
	if (key.n > block)
		run(ctx, d, key, NULL, 0, pad);
	else if (key.n)
		memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36;
	run(ctx, d, (struct span){ pad, block }, parts, count, inner);
	for (size_t i = 0; i < block; i++)
		pad[i] ^= 0x36 ^ 0x5C;
	run(ctx, d, (struct span){ pad, block }, &middle, 1, out);
	EVP_MD_CTX_free(ctx);
}
