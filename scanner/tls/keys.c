#include "scanner/tls/keys.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rand.h>

#include "scanner/base/die.h"

/* Fetched once: an implicit fetch costs more than the digest. */
static const EVP_MD *sha256(void)
{
	static const EVP_MD *md;

	if (!md)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	require(md);
	return md;
}

void keys_sha256(const void *p, size_t n, uint8_t out[static KEYS_SHA256])
{
	require(EVP_Digest(p, n, out, NULL, sha256(), NULL) == 1);
}

void keys_derive(const uint8_t seed[static KEYS_SEED], struct span label, uint64_t number, void *out, size_t n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *to = out, block[KEYS_SHA256], tail[16];

	require(ctx);
	for (uint64_t counter = 0; n; counter++) {
		size_t take = n < sizeof block ? n : sizeof block;
		struct wr w = wr_of(tail, sizeof tail);

		wr_uint(&w, number, 8);
		wr_uint(&w, counter, 8);
		require(EVP_DigestInit_ex(ctx, sha256(), NULL) && EVP_DigestUpdate(ctx, seed, KEYS_SEED) &&
			EVP_DigestUpdate(ctx, label.p, label.n) && EVP_DigestUpdate(ctx, tail, sizeof tail) &&
			EVP_DigestFinal_ex(ctx, block, NULL));
		memcpy(to, block, take);
		to += take;
		n -= take;
	}
	EVP_MD_CTX_free(ctx);
}

void keys_system_seed(uint8_t seed[static KEYS_SEED])
{
	require(RAND_bytes(seed, KEYS_SEED) == 1);
}

/* ---- key shares ------------------------------------------------------------------------------------------------- */

enum share_kind { SHARE_RAW, SHARE_POINT, SHARE_KEM };

/*
 * A share is made of one or two parts, in wire order. A KEM part is the encapsulation key of all-zero coefficients:
 * well-formed (FIPS 203 section 7.2), and enough to be answered; nobody needs to know its secret.
 */
static const struct part {
	uint16_t group;
	enum share_kind kind;
	int nid;
	size_t size;
} parts[] = {
	{ 0x0017, SHARE_POINT, NID_X9_62_prime256v1, 65 },
	{ 0x0018, SHARE_POINT, NID_secp384r1, 97 },
	{ 0x0019, SHARE_POINT, NID_secp521r1, 133 },
	{ 0x001D, SHARE_RAW, EVP_PKEY_X25519, 32 },
	{ 0x001E, SHARE_RAW, EVP_PKEY_X448, 56 },
	{ 0x11EB, SHARE_POINT, NID_X9_62_prime256v1, 65 }, /* SecP256r1MLKEM768 */
	{ 0x11EB, SHARE_KEM, 0, 1184 },
	{ 0x11EC, SHARE_KEM, 0, 1184 }, /* X25519MLKEM768 */
	{ 0x11EC, SHARE_RAW, EVP_PKEY_X25519, 32 },
	{ 0x11ED, SHARE_POINT, NID_secp384r1, 97 }, /* SecP384r1MLKEM1024 */
	{ 0x11ED, SHARE_KEM, 0, 1568 },
};

static void share_raw(struct wr *w, const struct part *part, const uint8_t *secret)
{
	uint8_t private[64], public[64];
	size_t n = sizeof public;
	EVP_PKEY *key;

	keys_derive(secret, (struct span){ (const uint8_t *)"raw share", 9 }, part->group, private, part->size);
	key = EVP_PKEY_new_raw_private_key(part->nid, NULL, private, part->size);
	require(key && EVP_PKEY_get_raw_public_key(key, public, &n) && n == part->size);
	EVP_PKEY_free(key);
	wr_bytes(w, public, n);
}

static void share_point(struct wr *w, const struct part *part, const uint8_t *secret)
{
	uint8_t private[66], public[133];
	EC_GROUP *group = EC_GROUP_new_by_curve_name(part->nid);
	EC_POINT *point = group ? EC_POINT_new(group) : NULL;
	BIGNUM *scalar;

	keys_derive(secret, (struct span){ (const uint8_t *)"point share", 11 }, part->group, private, part->size / 2);
	scalar = BN_bin2bn(private, (int)(part->size / 2), NULL);
	require(point && scalar && EC_POINT_mul(group, point, scalar, NULL, NULL, NULL));
	require(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, part->size, NULL) == part->size);
	wr_bytes(w, public, part->size);
	BN_free(scalar);
	EC_POINT_free(point);
	EC_GROUP_free(group);
}

static void share_part(struct wr *w, const struct part *part, const uint8_t *secret)
{
	if (!secret || part->kind == SHARE_KEM)
		wr_zero(w, part->size);
	else if (part->kind == SHARE_RAW)
		share_raw(w, part, secret);
	else
		share_point(w, part, secret);
}

size_t keys_share_size(uint16_t group)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].group == group)
			n += parts[i].size;
	return n;
}

void keys_share_write(struct wr *w, uint16_t group, const uint8_t *secret)
{
	if (!keys_share_size(group))
		w->bad = true;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i].group == group)
			share_part(w, &parts[i], secret);
}
