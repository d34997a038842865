#include "tests/servers/keyring.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/tls/crypt.h"
#include "tests/servers/filler.h"

enum { KEYS_MAX = 16, RSA_MAX = 1024, HASH_MAX = 64 };

static EVP_PKEY *key_parse(struct span pkcs8)
{
	const uint8_t *p = pkcs8.p;

	return d2i_AutoPrivateKey(NULL, &p, (long)pkcs8.n);
}

/* Keys are constant data, so the place is the name. */
static EVP_PKEY *key_of(struct span pkcs8)
{
	static struct {
		const uint8_t *p;
		EVP_PKEY *key;
	} kept[KEYS_MAX];

	for (size_t i = 0; i < KEYS_MAX && pkcs8.n; i++) {
		if (!kept[i].p) {
			kept[i].p = pkcs8.p;
			kept[i].key = key_parse(pkcs8);
		}
		if (kept[i].p == pkcs8.p)
			return kept[i].key;
	}
	return NULL;
}

/* ---- RSA ------------------------------------------------------------------------------------- */

static bool rsa_sign(EVP_PKEY *key, int padding, const EVP_MD *md, struct span block, struct wr *out)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	uint8_t bytes[RSA_MAX];
	size_t n = sizeof(bytes);
	bool good = EVP_PKEY_sign_init(c) > 0 && EVP_PKEY_CTX_set_rsa_padding(c, padding) > 0 &&
	            (!md || EVP_PKEY_CTX_set_signature_md(c, md) > 0) &&
	            EVP_PKEY_sign(c, bytes, &n, block.p, block.n) > 0;

	EVP_PKEY_CTX_free(c);
	if (good)
		wr_bytes(out, bytes, n);
	return good;
}

/* RFC 8017 appendix B.2.1, laid over `p` by exclusive or. */
static void mgf1(enum digest d, struct span seed, uint8_t *p, size_t n)
{
	size_t size = crypt_digest_size(d);

	for (uint8_t round = 0; n; round++) {
		const uint8_t counter[] = { 0, 0, 0, round };
		struct span parts[] = { seed, { counter, sizeof(counter) } };
		uint8_t mask[DIGEST_MAX];
		size_t step = n < size ? n : size;

		crypt_digest(d, parts, 2, mask);
		for (size_t i = 0; i < step; i++)
			*p++ ^= mask[i];
		n -= step;
	}
}

/* EMSA-PSS of RFC 8017 section 9.1.1 with a salt as long as the hash. */
static bool pss_block(
        enum digest d, const uint8_t *hash, uint64_t *random, uint8_t *block, size_t n, size_t bits)
{
	static const uint8_t zeros[8];
	size_t size = crypt_digest_size(d), head = n - size - 1;
	uint8_t salt[HASH_MAX];
	struct wr w = wr_of(salt, size);
	struct span parts[] = { { zeros, sizeof(zeros) }, { hash, size }, { salt, size } };

	if (n < 2 * size + 2)
		return false;
	filler_bytes(&w, size, random);
	memset(block, 0, n);
	crypt_digest(d, parts, 3, block + head);
	block[head - size - 1] = 1;
	memcpy(block + head - size, salt, size);
	mgf1(d, (struct span){ block + head, size }, block, head);
	block[0] &= (uint8_t)(0xFF >> (8 * n - (bits - 1)));
	block[n - 1] = 0xBC;
	return true;
}

static bool is_pss(uint16_t scheme)
{
	return (scheme >= 0x0804 && scheme <= 0x0806) || (scheme >= 0x0809 && scheme <= 0x080B);
}

static bool sign_rsa(EVP_PKEY *key, uint16_t scheme, enum digest d, const char *name, const uint8_t *hash,
        uint64_t *random, struct wr *out)
{
	size_t n = (size_t)EVP_PKEY_get_size(key);
	uint8_t block[RSA_MAX];

	if (!is_pss(scheme))
		return rsa_sign(key, RSA_PKCS1_PADDING, EVP_get_digestbyname(name),
		        (struct span){ hash, crypt_digest_size(d) }, out);
	return n <= sizeof(block) && pss_block(d, hash, random, block, n, (size_t)EVP_PKEY_get_bits(key)) &&
	       rsa_sign(key, RSA_NO_PADDING, NULL, (struct span){ block, n }, out);
}

/* ---- ECDSA and EdDSA ------------------------------------------------------------------------- */

static BIGNUM *some_number(const BIGNUM *below, uint64_t *random)
{
	uint8_t bytes[80];
	struct wr w = wr_of(bytes, sizeof(bytes));
	BIGNUM *number;
	BN_CTX *c = BN_CTX_new();

	filler_bytes(&w, sizeof(bytes), random);
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	BN_mod(number, number, below, c);
	BN_CTX_free(c);
	return number;
}

/* FIPS 186-5 section 6.4.1, with the secret number k given. */
static bool ecdsa_numbers(
        const EC_GROUP *g, const BIGNUM *d, const BIGNUM *k, struct span hash, BIGNUM *r, BIGNUM *s)
{
	const BIGNUM *order = EC_GROUP_get0_order(g);
	size_t most = ((size_t)BN_num_bits(order) + 7) / 8;
	BN_CTX *c = BN_CTX_new();
	EC_POINT *p = EC_POINT_new(g);
	BIGNUM *e = BN_bin2bn(hash.p, (int)(hash.n < most ? hash.n : most), NULL), *inverse = BN_new();
	bool good = EC_POINT_mul(g, p, k, NULL, NULL, c) &&
	            EC_POINT_get_affine_coordinates(g, p, r, NULL, c) && BN_nnmod(r, r, order, c) &&
	            BN_mod_inverse(inverse, k, order, c) && BN_mod_mul(s, r, d, order, c) &&
	            BN_mod_add(s, s, e, order, c) && BN_mod_mul(s, s, inverse, order, c);

	BN_free(inverse);
	BN_free(e);
	EC_POINT_free(p);
	BN_CTX_free(c);
	return good;
}

static EC_GROUP *curve_of(EVP_PKEY *key)
{
	char name[64];
	size_t n;

	if (EVP_PKEY_get_group_name(key, name, sizeof(name), &n) <= 0)
		return NULL;
	return EC_GROUP_new_by_curve_name(OBJ_sn2nid(name));
}

/* Numbers that need no leading zero, so that all signatures of a curve have one length. */
static bool has_usual_length(const BIGNUM *order, const BIGNUM *r, const BIGNUM *s)
{
	int bits = BN_num_bits(order);

	return BN_num_bits(r) == bits - 1 && BN_num_bits(s) == bits - 1;
}

static ECDSA_SIG *ecdsa(const EC_GROUP *g, const BIGNUM *d, struct span hash, uint64_t *random)
{
	const BIGNUM *order = EC_GROUP_get0_order(g);
	BIGNUM *r = BN_new(), *s = BN_new();
	ECDSA_SIG *signature = ECDSA_SIG_new();

	for (bool found = false; !found; found = has_usual_length(order, r, s)) {
		BIGNUM *k = some_number(order, random);

		require(ecdsa_numbers(g, d, k, hash, r, s));
		BN_free(k);
	}
	ECDSA_SIG_set0(signature, r, s);
	return signature;
}

static bool sign_ecdsa(EVP_PKEY *key, struct span hash, uint64_t *random, struct wr *out)
{
	EC_GROUP *g = curve_of(key);
	BIGNUM *d = NULL;
	ECDSA_SIG *signature;
	uint8_t bytes[160], *p = bytes;

	if (!g || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) <= 0) {
		EC_GROUP_free(g);
		return false;
	}
	signature = ecdsa(g, d, hash, random);
	wr_bytes(out, bytes, (size_t)i2d_ECDSA_SIG(signature, &p));
	ECDSA_SIG_free(signature);
	BN_free(d);
	EC_GROUP_free(g);
	return true;
}

static bool sign_eddsa(EVP_PKEY *key, const struct span *parts, size_t count, struct wr *out)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	struct text all = { 0 };
	uint8_t bytes[128];
	size_t n = sizeof(bytes);
	bool good;

	for (size_t i = 0; i < count; i++)
		text_addn(&all, (const char *)parts[i].p, parts[i].n);
	good = EVP_DigestSignInit(c, NULL, NULL, NULL, key) > 0 &&
	       EVP_DigestSign(c, bytes, &n, (const uint8_t *)all.s, all.n) > 0;
	EVP_MD_CTX_free(c);
	text_free(&all);
	if (good)
		wr_bytes(out, bytes, n);
	return good;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static const char *hash_of(enum cert_key kind, uint16_t scheme)
{
	const struct scheme *s = scheme_find(scheme);

	if (!scheme)
		return kind == KEY_RSA ? "MD5-SHA1" : "SHA1";
	return s ? s->hash : NULL;
}

static enum digest digest_of(const char *hash)
{
	if (!hash)
		return DIGEST_NONE;
	return strcmp(hash, "MD5-SHA1") ? crypt_digest_named(hash) : DIGEST_MD5_SHA1;
}

bool keyring_sign(const struct server_chain *chain, uint16_t scheme, const struct span *parts, size_t count,
        uint64_t *random, struct wr *out)
{
	EVP_PKEY *key = chain ? key_of(chain->key) : NULL;
	const char *name = chain ? hash_of(chain->kind, scheme) : NULL;
	enum digest d = digest_of(name);
	uint8_t hash[DIGEST_MAX];

	if (!key)
		return false;
	if (chain->kind == KEY_ED25519 || chain->kind == KEY_ED448)
		return sign_eddsa(key, parts, count, out);
	if (d == DIGEST_NONE)
		return false;
	crypt_digest(d, parts, count, hash);
	if (chain->kind == KEY_ECDSA)
		return sign_ecdsa(key, (struct span){ hash, crypt_digest_size(d) }, random, out);
	return chain->kind == KEY_RSA && sign_rsa(key, scheme, d, name, hash, random, out);
}

static bool decrypt_raw(EVP_PKEY *key, struct span cipher, uint8_t *block, size_t n)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(key, NULL);
	bool good = cipher.n == n && EVP_PKEY_decrypt_init(c) > 0 &&
	            EVP_PKEY_CTX_set_rsa_padding(c, RSA_NO_PADDING) > 0 &&
	            EVP_PKEY_decrypt(c, block, &n, cipher.p, cipher.n) > 0;

	EVP_PKEY_CTX_free(c);
	return good;
}

/* PKCS #1 v1.5 type 2 around exactly 48 bytes that begin with the version of the hello. */
static enum premaster_fault fault_of(const uint8_t *block, size_t n, uint16_t version)
{
	size_t end = n - PREMASTER - 1;
	uint8_t wrong = block[0] | (block[1] ^ 2) | block[end];

	for (size_t i = 2; i < end; i++)
		wrong |= block[i] == 0;
	if (wrong)
		return PREMASTER_PADDING;
	wrong |= block[end + 1] ^ (uint8_t)(version >> 8);
	wrong |= block[end + 2] ^ (uint8_t)version;
	return wrong ? PREMASTER_VERSION : PREMASTER_SOUND;
}

bool keyring_premaster(struct span pkcs8, uint16_t version, struct span cipher, uint64_t *random,
        uint8_t out[static PREMASTER], enum premaster_fault *fault)
{
	EVP_PKEY *key = key_of(pkcs8);
	size_t n = key ? (size_t)EVP_PKEY_get_size(key) : 0;
	uint8_t block[RSA_MAX] = { 0 }, nobodys[PREMASTER];
	struct wr w = wr_of(nobodys, sizeof(nobodys));

	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || n < PREMASTER + 11 || n > sizeof(block))
		return false;
	filler_bytes(&w, sizeof(nobodys), random);
	*fault = decrypt_raw(key, cipher, block, n) ? fault_of(block, n, version) : PREMASTER_PADDING;
	for (size_t i = 0; i < PREMASTER; i++)
		out[i] = *fault ? nobodys[i] : block[n - PREMASTER + i];
	return true;
}

bool keyring_decrypt(struct span pkcs8, struct span cipher, uint8_t *out, size_t room, size_t *n)
{
	enum { FRONT = 10 }; /* 0, 2, and eight bytes of padding */
	EVP_PKEY *key = key_of(pkcs8);
	size_t size = key ? (size_t)EVP_PKEY_get_size(key) : 0, zero = FRONT;
	uint8_t block[RSA_MAX] = { 0 };

	*n = 0;
	if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || size <= FRONT || size > sizeof(block))
		return false;
	if (!decrypt_raw(key, cipher, block, size) || block[0] || block[1] != 2)
		return true;
	while (zero < size && block[zero])
		zero++;
	if (zero == size || size - zero - 1 > room)
		return true;
	*n = size - zero - 1;
	memcpy(out, block + zero + 1, *n);
	return true;
}

static bool write_number(EVP_PKEY *key, const char *name, struct wr *w)
{
	BIGNUM *number = NULL;
	uint8_t bytes[RSA_MAX];
	bool good = EVP_PKEY_get_bn_param(key, name, &number) > 0;

	if (good)
		wr_bytes(w, bytes, (size_t)BN_bn2bin(number, bytes));
	BN_free(number);
	return good;
}

bool keyring_rsa_public(struct span pkcs8, struct wr *modulus, struct wr *exponent)
{
	EVP_PKEY *key = key_of(pkcs8);

	return key && write_number(key, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	       write_number(key, OSSL_PKEY_PARAM_RSA_E, exponent);
}

/* ---- primes ---------------------------------------------------------------------------------- */

static size_t prime_write(const char *group, uint8_t *p, size_t n)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;
	struct wr w = wr_of(p, n);

	if (EVP_PKEY_fromdata_init(c) > 0 && EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEY_PARAMETERS, params) > 0)
		write_number(key, OSSL_PKEY_PARAM_FFC_P, &w);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(c);
	return w.len;
}

struct span keyring_prime(uint16_t group)
{
	enum { FIRST = 0x0100, GROUPS = 5 };
	static const char *const names[GROUPS] = { "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144",
		"ffdhe8192" };
	static uint8_t bytes[GROUPS][RSA_MAX];
	static size_t sizes[GROUPS];
	size_t i = (size_t)group - FIRST;

	if (group < FIRST || i >= GROUPS)
		return (struct span){ NULL, 0 };
	if (!sizes[i])
		sizes[i] = prime_write(names[i], bytes[i], sizeof(bytes[i]));
	return (struct span){ bytes[i], sizes[i] };
}

void keyring_spki(const struct server_chain *chain, struct wr *out)
{
	EVP_PKEY *key = key_of(chain->key);
	unsigned char *der = NULL;
	int n = key ? i2d_PUBKEY(key, &der) : 0;

	if (n > 0)
		wr_bytes(out, der, (size_t)n);
	OPENSSL_free(der);
}
