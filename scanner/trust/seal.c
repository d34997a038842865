#include "scanner/trust/seal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys_lib.h"
#include "scanner/trust/cert.h"

enum { EXPONENT_BYTES_MAX = 8, SIGNATURE_BYTES_MAX = 64 * 1024, RSA_BITS_MIN = 512 };

/* ---- keys ------------------------------------------------------------------------------------ */

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(keys_library(), type, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static bool exponent_usable(struct span e)
{
	return e.n && e.n <= EXPONENT_BYTES_MAX && e.p[e.n - 1] & 1 && !(e.n == 1 && e.p[0] == 1);
}

static EVP_PKEY *rsa_key(const struct cert *c)
{
	OSSL_PARAM_BLD *build;
	BIGNUM *n, *e;
	EVP_PKEY *key;

	if (c->key_bits < RSA_BITS_MIN || c->key_bits > SEAL_RSA_BITS_MAX || !exponent_usable(c->rsa_e))
		return NULL;
	build = OSSL_PARAM_BLD_new();
	n = BN_bin2bn(c->rsa_n.p, (int)c->rsa_n.n, NULL);
	e = BN_bin2bn(c->rsa_e.p, (int)c->rsa_e.n, NULL);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	key = key_from("RSA", build);
	BN_free(n);
	BN_free(e);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* libcrypto's name, where it does not know the registry's. */
static const char *curve_name(const char *name)
{
	static const struct {
		const char *registry, *libcrypto;
	} names[] = { { "secp256r1", "prime256v1" }, { "secp192r1", "prime192v1" } };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i].registry, name))
			return names[i].libcrypto;
	return name;
}

static EVP_PKEY *ec_key(const struct cert *c)
{
	OSSL_PARAM_BLD *build;
	EVP_PKEY *key;

	if (!c->curve || c->point.n > 2 * (c->key_bits / 8 + 1) + 1)
		return NULL;
	build = OSSL_PARAM_BLD_new();
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve_name(c->curve), 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, c->point.p, c->point.n);
	key = key_from("EC", build);
	OSSL_PARAM_BLD_free(build);
	return key;
}

/* Keys that are their bytes; the algorithm has the key's name. libcrypto says whether it knows it. */
static EVP_PKEY *raw_key(const struct cert *c, const struct seal_alg *alg)
{
	return EVP_PKEY_new_raw_public_key_ex(keys_library(), alg->name, NULL, c->point.p, c->point.n);
}

static bool key_fits(const struct cert *issuer, const struct seal_alg *alg)
{
	bool plain_rsa = alg->key == KEY_RSA_PSS && issuer->key == KEY_RSA;

	/* A raw key's algorithm and its signature's are one. */
	if (alg->key != KEY_RSA && alg->key != KEY_RSA_PSS && alg->key != KEY_ECDSA)
		return !strcmp(issuer->key_oid, alg->oid);
	return issuer->key == alg->key || plain_rsa;
}

static EVP_PKEY *key_of(const struct cert *issuer, const struct seal_alg *alg)
{
	switch (alg->key) {
	case KEY_RSA:
	case KEY_RSA_PSS:
		return rsa_key(issuer);
	case KEY_ECDSA:
		return ec_key(issuer);
	case KEY_ED25519:
	case KEY_ED448:
	case KEY_ML_DSA:
	case KEY_OTHER:
		return raw_key(issuer, alg);
	default:
		return NULL;
	}
}

/* ---- RSASSA-PSS (RFC 4055 section 3.1) ------------------------------------------------------- */

static const struct pss_hash {
	const char *oid, *name;
	int bytes;
} pss_hashes[] = {
	{ "2.16.840.1.101.3.4.2.1", "SHA256", 32 },
	{ "2.16.840.1.101.3.4.2.2", "SHA384", 48 },
	{ "2.16.840.1.101.3.4.2.3", "SHA512", 64 },
};

static const struct pss_hash *take_hash(struct rd *r)
{
	struct rd alg = der_enter(r, DER_SEQUENCE);
	char dotted[DER_OID_TEXT];

	der_oid_text(der_take(&alg, DER_OID), dotted);
	for (size_t i = 0; i < sizeof pss_hashes / sizeof *pss_hashes; i++)
		if (!strcmp(pss_hashes[i].oid, dotted))
			return &pss_hashes[i];
	return NULL;
}

static const struct pss_hash *take_mask(struct rd *r)
{
	struct rd alg = der_enter(r, DER_SEQUENCE);
	char dotted[DER_OID_TEXT];

	der_oid_text(der_take(&alg, DER_OID), dotted);
	return strcmp(dotted, "1.2.840.113549.1.1.8") ? NULL : take_hash(&alg);
}

/* One of the three ways that TLS has (RFC 8446 section 4.2.3): the same hash twice, and salt of its length.
 */
static const struct pss_hash *pss_hash_of(struct span params)
{
	struct rd all = rd_span(params), list = der_enter(&all, DER_SEQUENCE);
	struct rd hash = der_enter(&list, DER_CONSTRUCTED(0)), mask = der_enter(&list, DER_CONSTRUCTED(1));
	struct rd salt = der_enter(&list, DER_CONSTRUCTED(2));
	const struct pss_hash *h = take_hash(&hash);

	if (!h || h != take_mask(&mask) || der_small(der_take(&salt, DER_INTEGER)) != h->bytes)
		return NULL;
	return h;
}

/* ---- checking -------------------------------------------------------------------------------- */

static bool set_pss(EVP_PKEY_CTX *ctx, const struct pss_hash *h)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, h->bytes) > 0;
}

static enum seal_verdict check_with(const struct seal_claim *s, EVP_PKEY *key)
{
	const struct pss_hash *pss = s->alg->key == KEY_RSA_PSS ? pss_hash_of(s->params) : NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	enum seal_verdict v = SEAL_UNSUPPORTED;

	if (EVP_DigestVerifyInit_ex(ctx, &options, pss ? pss->name : s->alg->digest, keys_library(), NULL, key, NULL) >
	                0 &&
	        (!pss || set_pss(options, pss)))
		v = EVP_DigestVerify(ctx, s->signature.p, s->signature.n, s->tbs.p, s->tbs.n) > 0
		            ? SEAL_HOLDS
		            : SEAL_FAILS;
	EVP_MD_CTX_free(ctx);
	return v;
}

static bool checkable(const struct seal_claim *s)
{
	const struct seal_alg *alg = s->alg;

	if (!alg || alg->key == KEY_DSA || s->signature.n > SIGNATURE_BYTES_MAX)
		return false;
	if ((alg->key == KEY_RSA || alg->key == KEY_ECDSA) && !alg->digest)
		return false;
	return alg->key != KEY_RSA_PSS || pss_hash_of(s->params);
}

enum seal_verdict seal_check_claim(const struct seal_claim *s, const struct cert *issuer)
{
	enum seal_verdict v = SEAL_UNSUPPORTED;
	EVP_PKEY *key;

	if (issuer->malformed)
		return SEAL_FAILS;
	if (!checkable(s))
		return SEAL_UNSUPPORTED;
	if (!key_fits(issuer, s->alg))
		return SEAL_FAILS;
	key = key_of(issuer, s->alg);
	if (key)
		v = check_with(s, key);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return v;
}

enum seal_verdict seal_check(const struct cert *child, const struct cert *issuer)
{
	struct seal_claim s = {
		.alg = child->seal, .params = child->seal_params, .signature = child->signature, .tbs = child->tbs
	};

	if (child->malformed || child->seal_mismatch)
		return SEAL_FAILS;
	return seal_check_claim(&s, issuer);
}

bool seal_takes_key(const struct cert *c)
{
	EVP_PKEY *key = c->key == KEY_ECDSA ? ec_key(c) : rsa_key(c);
	bool takes = key != NULL;

	EVP_PKEY_free(key);
	ERR_clear_error();
	return takes;
}

bool seal_on_itself(const struct cert *c)
{
	bool other_key =
	        c->key_id.n && c->issuer_key_id.n &&
	        (c->key_id.n != c->issuer_key_id.n || memcmp(c->key_id.p, c->issuer_key_id.p, c->key_id.n));

	return cert_self_issued(c) && !other_key && seal_check(c, c) == SEAL_HOLDS;
}
