#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys_lib.h"

enum {
	CERT_MAX = 256 * 1024,
	SIGNATURE_MAX = 64 * 1024,
	RSA_BITS_MIN = 384,
	RSA_BITS_MAX = 16384,
	EXPONENT_MAX = 8
};
enum { FIELD_BYTES_MAX = 10000 / 8, RSA_BYTES_MAX = RSA_BITS_MAX / 8 };

struct public_key {
	enum cert_key kind;
	EVP_PKEY *key;     /* NULL: Diffie-Hellman */
	int curve;         /* NID; 0: no curve */
	size_t bytes;      /* of an RSA modulus */
	uint8_t *copy;     /* of the certificate, where the spans point */
	struct span share; /* EC: the point; DH: the public value */
	struct span p, g;  /* DH */
};

struct private_key {
	EVP_PKEY *key; /* of a stand-in the public one */
	enum cert_key kind;
	struct signatures signatures; /* either of its functions may be NULL */
};

/* ---- DER, as much of it as a certificate's key takes
 * ------------------------------------------------------------------- */

enum { DER_INTEGER = 2, DER_BIT_STRING = 3, DER_OID = 6, DER_SEQUENCE = 0x30, DER_VERSION = 0xA0 };

static size_t der_length(struct rd *r)
{
	uint8_t first = rd_u8(r);

	if (first < 0x80)
		return first;
	if (first == 0x80 || first > 0x83) {
		r->bad = true;
		return 0;
	}
	return (size_t)rd_uint(r, first & 0x7F);
}

/* The next element, whose contents are the reader that comes back; bad when its tag is another. */
static struct rd der_take(struct rd *r, uint8_t tag)
{
	r->bad = r->bad || rd_u8(r) != tag;
	return rd_sub(r, der_length(r));
}

static void der_skip(struct rd *r)
{
	rd_u8(r);
	rd_sub(r, der_length(r));
}

/* A positive number without leading zeros; empty when it is none. */
static struct span der_number(struct rd *r)
{
	struct rd n = der_take(r, DER_INTEGER);

	if (rd_left(&n) && *n.p & 0x80)
		return (struct span){ NULL, 0 };
	while (rd_left(&n) && !*n.p)
		rd_u8(&n);
	return rd_rest(&n);
}

static struct span der_bits(struct rd *r)
{
	struct rd bits = der_take(r, DER_BIT_STRING);

	bits.bad = bits.bad || rd_u8(&bits) != 0;
	return rd_rest(&bits);
}

/* subjectPublicKeyInfo of a certificate, RFC 5280 section 4.1. */
static struct rd der_spki(struct span der)
{
	struct rd all = rd_span(der), cert = der_take(&all, DER_SEQUENCE),
	          tbs = der_take(&cert, DER_SEQUENCE);

	if (rd_left(&tbs) && *tbs.p == DER_VERSION)
		der_skip(&tbs);
	for (unsigned before = 0; before < 5; before++) /* serial, algorithm, issuer, validity, subject */
		der_skip(&tbs);
	return der_take(&tbs, DER_SEQUENCE);
}

/* ---- keys of each algorithm
 * --------------------------------------------------------------------------------------------- */

/* What the certificate says of its key: parameters behind the OID, and the bits. */
struct spki {
	const struct algorithm *algorithm;
	struct rd params;
	struct span bits;
};

struct algorithm {
	const char *oid; /* contents */
	size_t oid_size;
	enum cert_key kind;
	const char *name; /* libcrypto's */
	bool (*make)(struct public_key *, const struct spki *);
};

static size_t bit_count(struct span n)
{
	size_t bits = 8 * n.n;

	for (unsigned top = n.n ? n.p[0] : 0x80; !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

static bool rsa_bounded(struct span n, struct span e)
{
	size_t bits = n.n <= RSA_BYTES_MAX ? bit_count(n) : 0;

	return bits >= RSA_BITS_MIN && n.p[n.n - 1] & 1 && e.n && e.n <= EXPONENT_MAX && e.p[e.n - 1] & 1 &&
	       !(e.n == 1 && e.p[0] == 1);
}

static void push_number(OSSL_PARAM_BLD *build, const char *name, BIGNUM *number)
{
	require(OSSL_PARAM_BLD_push_BN(build, name, number));
}

static bool rsa_build(struct public_key *k, const char *name, struct span modulus, struct span exponent)
{
	OSSL_PARAM_BLD *build;
	BIGNUM *n, *e;

	if (!rsa_bounded(modulus, exponent))
		return false;
	build = OSSL_PARAM_BLD_new();
	require(build);
	n = keys_number(modulus);
	e = keys_number(exponent);
	push_number(build, OSSL_PKEY_PARAM_RSA_N, n);
	push_number(build, OSSL_PKEY_PARAM_RSA_E, e);
	k->key = keys_from(name, EVP_PKEY_PUBLIC_KEY, build);
	k->bytes = modulus.n;
	BN_free(n);
	BN_free(e);
	return k->key;
}

static bool rsa_make(struct public_key *k, const struct spki *spki)
{
	struct rd bits = rd_span(spki->bits), list = der_take(&bits, DER_SEQUENCE);
	struct span n = der_number(&list), e = der_number(&list);

	return rd_end(&list) && rsa_build(k, spki->algorithm->name, n, e);
}

static bool dsa_make(struct public_key *k, const struct spki *spki)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q,
		OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY };
	struct rd params = spki->params, list = der_take(&params, DER_SEQUENCE), bits = rd_span(spki->bits);
	struct span numbers[4];
	BIGNUM *values[4];
	OSSL_PARAM_BLD *build;

	for (size_t i = 0; i < 4; i++) {
		numbers[i] = der_number(i < 3 ? &list : &bits);
		if (!numbers[i].n || numbers[i].n > FIELD_BYTES_MAX)
			return false;
	}
	build = OSSL_PARAM_BLD_new();
	require(build);
	for (size_t i = 0; i < 4; i++)
		push_number(build, names[i], values[i] = keys_number(numbers[i]));
	k->key = keys_from("DSA", EVP_PKEY_PUBLIC_KEY, build);
	for (size_t i = 0; i < 4; i++)
		BN_free(values[i]);
	return k->key;
}

/* The curve that a whole OID element names; NID_undef: none that libcrypto knows. */
static int curve_of(const struct rd *params)
{
	const unsigned char *p = params->p;
	ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &p, (long)rd_left(params));
	int nid = OBJ_obj2nid(object);

	ASN1_OBJECT_free(object);
	return nid;
}

/* Named curves only: explicit parameters are a SEQUENCE, and no OID. */
static bool ec_make(struct public_key *k, const struct spki *spki)
{
	OSSL_PARAM_BLD *build;
	EC_GROUP *group;

	k->curve = rd_left(&spki->params) && *spki->params.p == DER_OID ? curve_of(&spki->params) : NID_undef;
	group = k->curve == NID_undef ? NULL : EC_GROUP_new_by_curve_name_ex(keys_library(), NULL, k->curve);
	EC_GROUP_free(group);
	if (!group || spki->bits.n > 2 * 72 + 1)
		return false;
	build = OSSL_PARAM_BLD_new();
	require(build &&
	        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(k->curve), 0) &&
	        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, spki->bits.p, spki->bits.n));
	k->key = keys_from("EC", EVP_PKEY_PUBLIC_KEY, build);
	k->share = spki->bits;
	return k->key;
}

static bool raw_make(struct public_key *k, const struct spki *spki)
{
	k->key = EVP_PKEY_new_raw_public_key_ex(
	        keys_library(), spki->algorithm->name, NULL, spki->bits.p, spki->bits.n);
	return k->key;
}

/* PKCS #3 and X9.42 begin alike; the numbers are used by key_pair_dh(), which has its own bounds. */
static bool dh_make(struct public_key *k, const struct spki *spki)
{
	struct rd params = spki->params, list = der_take(&params, DER_SEQUENCE), bits = rd_span(spki->bits);

	k->p = der_number(&list);
	k->g = der_number(&list);
	k->share = der_number(&bits);
	return k->p.n && k->g.n && k->share.n && k->p.n <= FIELD_BYTES_MAX;
}

#define OID(bytes) bytes, sizeof(bytes) - 1

static const struct algorithm algorithms[] = {
	{ OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), KEY_RSA, "RSA", rsa_make },
	{ OID("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"), KEY_RSA_PSS, "RSA-PSS", rsa_make },
	{ OID("\x2A\x86\x48\xCE\x38\x04\x01"), KEY_DSA, "DSA", dsa_make },
	{ OID("\x2A\x86\x48\xCE\x3D\x02\x01"), KEY_ECDSA, "EC", ec_make },
	{ OID("\x2B\x65\x70"), KEY_ED25519, "ED25519", raw_make },
	{ OID("\x2B\x65\x71"), KEY_ED448, "ED448", raw_make },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x11"), KEY_ML_DSA, "ML-DSA-44", raw_make },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x12"), KEY_ML_DSA, "ML-DSA-65", raw_make },
	{ OID("\x60\x86\x48\x01\x65\x03\x04\x03\x13"), KEY_ML_DSA, "ML-DSA-87", raw_make },
	{ OID("\x2A\x86\x48\xCE\x3E\x02\x01"), KEY_OTHER, "DHX", dh_make },
	{ OID("\x2A\x86\x48\x86\xF7\x0D\x01\x03\x01"), KEY_OTHER, "DH", dh_make },
};

static const struct algorithm *algorithm_of(struct span oid)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (algorithms[i].oid_size == oid.n && !memcmp(algorithms[i].oid, oid.p, oid.n))
			return &algorithms[i];
	return NULL;
}

static bool spki_read(struct rd spki, struct spki *out)
{
	struct rd id = der_take(&spki, DER_SEQUENCE), oid = der_take(&id, DER_OID);

	if (spki.bad || id.bad || oid.bad)
		return false;
	out->algorithm = algorithm_of(rd_rest(&oid));
	out->params = id;
	out->bits = der_bits(&spki);
	return out->algorithm && out->bits.n;
}

/* The SubjectPublicKeyInfo that stands alone. */
static struct rd der_alone(struct span der)
{
	struct rd all = rd_span(der);

	return der_take(&all, DER_SEQUENCE);
}

static struct public_key *public_key_from(struct span der, struct rd (*find)(struct span))
{
	struct public_key *k;
	struct spki spki;
	bool ok;

	if (!der.n || der.n > CERT_MAX)
		return NULL;
	k = mem_new(1, sizeof *k);
	k->copy = mem_new(der.n, 1);
	memcpy(k->copy, der.p, der.n);
	ok = spki_read(find((struct span){ k->copy, der.n }), &spki) && spki.algorithm->make(k, &spki);
	ERR_clear_error();
	if (!ok) {
		public_key_free(k);
		return NULL;
	}
	k->kind = spki.algorithm->kind;
	return k;
}

struct public_key *public_key_of_cert(struct span der)
{
	return public_key_from(der, der_spki);
}

struct public_key *public_key_of_spki(struct span der)
{
	return public_key_from(der, der_alone);
}

static struct span trimmed(struct span s)
{
	struct rd r = rd_span(s);

	while (rd_left(&r) && !*r.p)
		rd_u8(&r);
	return rd_rest(&r);
}

struct public_key *public_key_rsa(struct span modulus, struct span exponent)
{
	struct public_key *k = mem_new(1, sizeof *k);

	k->kind = KEY_RSA;
	if (rsa_build(k, "RSA", trimmed(modulus), trimmed(exponent)))
		return k;
	public_key_free(k);
	return NULL;
}

void public_key_free(struct public_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k->copy);
	free(k);
}

enum cert_key public_key_kind(const struct public_key *k)
{
	return k->kind;
}

size_t public_key_bytes(const struct public_key *k)
{
	return k->bytes;
}

bool public_key_share(
        const struct public_key *k, uint16_t *group, struct wr *share, struct span *p, struct span *g)
{
	*group = keys_group_of_nid(k->curve);
	*p = k->p;
	*g = k->g;
	if (!*group && !k->p.n)
		return false;
	wr_bytes(share, k->share.p, k->share.n);
	return !share->bad;
}

/* RSA over a whole block, with either half of a key. */
typedef int rsa_operation(
        EVP_PKEY_CTX *, unsigned char *out, size_t *n, const unsigned char *in, size_t in_n);

static bool rsa_raw(
        EVP_PKEY *key, int (*init)(EVP_PKEY_CTX *), rsa_operation *operate, struct span block, struct wr *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(keys_library(), key, NULL);
	uint8_t result[RSA_BYTES_MAX];
	size_t n = sizeof result;
	bool ok;

	ok = ctx && init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
	     operate(ctx, result, &n, block.p, block.n) > 0;
	if (ok)
		wr_bytes(out, result, n);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ok && !out->bad;
}

bool public_key_encrypt_raw(const struct public_key *k, struct span block, struct wr *out)
{
	return k->kind == KEY_RSA && block.n == k->bytes &&
	       rsa_raw(k->key, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, block, out);
}

/* ---- what a scheme signs
 * --------------------------------------------------------------------------------------------------- */

/* A scheme for one key: how, over which hash. */
struct plan {
	enum { SIGN_NOT, SIGN_PKCS1, SIGN_PSS, SIGN_HASH, SIGN_WHOLE } how;
	enum digest hash;
};

static struct plan plan_before_tls12(enum cert_key kind)
{
	if (kind == KEY_RSA)
		return (struct plan){ SIGN_PKCS1, DIGEST_MD5_SHA1 };
	if (kind == KEY_DSA || kind == KEY_ECDSA)
		return (struct plan){ SIGN_HASH, DIGEST_SHA1 };
	return (struct plan){ SIGN_NOT, DIGEST_NONE };
}

static struct plan plan_of(uint16_t scheme, enum cert_key kind)
{
	const struct scheme *row = scheme_find(scheme);
	enum digest hash = row ? crypt_digest_named(row->hash) : DIGEST_NONE;

	if (!scheme)
		return plan_before_tls12(kind);
	if (!row || row->key != kind)
		return (struct plan){ SIGN_NOT, DIGEST_NONE };
	if (kind == KEY_ED25519 || kind == KEY_ED448 || kind == KEY_ML_DSA)
		return (struct plan){ SIGN_WHOLE, DIGEST_NONE };
	if (kind == KEY_DSA || kind == KEY_ECDSA)
		return (struct plan){ SIGN_HASH, hash };
	return (struct plan){ scheme >> 8 == 0x08 ? SIGN_PSS : SIGN_PKCS1, hash };
}

/* RFC 8017 section 9.2: what stands before the hash. MD5+SHA-1 has nothing. */
static struct span digest_info(enum digest d)
{
	static const struct {
		enum digest digest;
		const char *bytes;
		size_t n;
	} rows[] = {
		{ DIGEST_MD5,
		        OID("\x30\x20\x30\x0C\x06\x08\x2A\x86\x48\x86\xF7\x0D\x02\x05\x05\x00\x04\x10") },
		{ DIGEST_SHA1, OID("\x30\x21\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00\x04\x14") },
		{ DIGEST_SHA224,
		        OID("\x30\x2D\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x04\x05\x00\x04\x1C") },
		{ DIGEST_SHA256,
		        OID("\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20") },
		{ DIGEST_SHA384,
		        OID("\x30\x41\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x30") },
		{ DIGEST_SHA512,
		        OID("\x30\x51\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40") },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].digest == d)
			return (struct span){ (const uint8_t *)rows[i].bytes, rows[i].n };
	return (struct span){ NULL, 0 };
}

/* EMSA-PKCS1-v1_5: 00 01 FF ... FF 00 and the hash, as wide as the modulus. */
static bool pkcs1_block(enum digest d, struct span hash, size_t width, struct wr *out)
{
	struct span info = digest_info(d);

	if (width < info.n + hash.n + 11)
		return false;
	wr_u16(out, 0x0001);
	for (size_t i = 3 + info.n + hash.n; i < width; i++)
		wr_u8(out, 0xFF);
	wr_u8(out, 0);
	wr_bytes(out, info.p, info.n);
	wr_bytes(out, hash.p, hash.n);
	return !out->bad;
}

static const EVP_MD *pss_hash(enum digest d)
{
	if (d == DIGEST_SHA256)
		return EVP_sha256();
	return d == DIGEST_SHA384 ? EVP_sha384() : EVP_sha512();
}

/* Salt as long as the hash (RFC 8446 section 4.2.3). */
static bool pss_set(EVP_PKEY_CTX *ctx, enum digest d)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_signature_md(ctx, pss_hash(d)) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
}

/* The three sizes of ML-DSA are one kind of key, but a scheme each. */
static bool size_fits(EVP_PKEY *key, uint16_t scheme)
{
	static const char *const names[] = { "ML-DSA-44", "ML-DSA-65", "ML-DSA-87" };
	unsigned i = scheme - 0x0904U;

	return i >= sizeof names / sizeof *names || EVP_PKEY_is_a(key, names[i]);
}

/* The parts as one, for algorithms that want to see all; freed by the caller. */
static struct span joined(const struct span *parts, size_t count)
{
	size_t n = 0;
	uint8_t *all;
	struct wr w;

	for (size_t i = 0; i < count; i++)
		n += parts[i].n;
	all = mem_new(n + 1, 1);
	w = wr_of(all, n);
	for (size_t i = 0; i < count; i++)
		wr_bytes(&w, parts[i].p, parts[i].n);
	return (struct span){ all, n };
}

/* ---- verifying
 * ------------------------------------------------------------------------------------------------------------
 */

/* Not by libcrypto's own check, which a system's policy may have closed for SHA-1. */
static bool verify_pkcs1(const struct public_key *k, enum digest d, struct span hash, struct span signature)
{
	uint8_t expected[RSA_BYTES_MAX], found[RSA_BYTES_MAX];
	struct wr e = wr_of(expected, sizeof expected), f = wr_of(found, sizeof found);

	return pkcs1_block(d, hash, k->bytes, &e) && public_key_encrypt_raw(k, signature, &f) &&
	       e.len == f.len && !memcmp(expected, found, e.len);
}

static bool verify_hash(const struct public_key *k, struct plan plan, struct span hash, struct span signature)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(keys_library(), k->key, NULL);
	bool ok;

	ok = ctx && EVP_PKEY_verify_init(ctx) > 0 && (plan.how != SIGN_PSS || pss_set(ctx, plan.hash)) &&
	     EVP_PKEY_verify(ctx, signature.p, signature.n, hash.p, hash.n) > 0;
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool verify_whole(
        const struct public_key *k, const struct span *parts, size_t count, struct span signature)
{
	struct span all = joined(parts, count);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, keys_library(), NULL, k->key, NULL) > 0 &&
	     EVP_DigestVerify(ctx, signature.p, signature.n, all.p, all.n) > 0;
	EVP_MD_CTX_free(ctx);
	free((void *)(uintptr_t)all.p);
	return ok;
}

/* RFC 8446 section 4.2.3: the curve is part of an ECDSA scheme. */
static bool curve_fits(int curve, uint16_t scheme)
{
	static const struct {
		uint16_t scheme;
		int nid;
	} rows[] = {
		{ 0x0403, NID_X9_62_prime256v1 },
		{ 0x0503, NID_secp384r1 },
		{ 0x0603, NID_secp521r1 },
		{ 0x081A, NID_brainpoolP256r1 },
		{ 0x081B, NID_brainpoolP384r1 },
		{ 0x081C, NID_brainpoolP512r1 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].scheme == scheme)
			return rows[i].nid == curve;
	return false;
}

/* Is the scheme one of this version? Scheme 0 is none of TLS 1.3. */
static bool version_fits(const struct public_key *k, uint16_t scheme, bool tls13)
{
	const struct scheme *row = scheme_find(scheme);

	if (!row)
		return !scheme && !tls13;
	if (tls13)
		return row->tls13 && (k->kind != KEY_ECDSA || curve_fits(k->curve, scheme));
	return row->tls12;
}

static bool verify_digest(const struct public_key *k, struct plan plan, struct span hash, struct span signature)
{
	return plan.how == SIGN_PKCS1 ? verify_pkcs1(k, plan.hash, hash, signature)
	                              : verify_hash(k, plan, hash, signature);
}

static bool verify(const struct public_key *k, struct plan plan, const struct span *parts, size_t count,
        struct span signature)
{
	uint8_t digest[DIGEST_MAX];
	struct span hash = { digest, crypt_digest_size(plan.hash) };

	if (plan.how == SIGN_WHOLE)
		return verify_whole(k, parts, count, signature);
	crypt_digest(plan.hash, parts, count, digest);
	return verify_digest(k, plan, hash, signature);
}

/* Signatures of kinds that nothing here can check. */
static bool kind_is_foreign(const struct public_key *k, uint16_t scheme)
{
	const struct scheme *row = scheme_find(scheme);

	return !k->key ||
	       (scheme && (!row || row->key == KEY_GOST || row->key == KEY_SM2 || row->key == KEY_OTHER));
}

bool public_key_verify(const struct public_key *k, uint16_t scheme, bool tls13, const struct span *parts,
        size_t count, struct span signature, bool *possible)
{
	struct plan plan = plan_of(scheme, k->kind);
	bool ok = false;

	*possible = !kind_is_foreign(k, scheme);
	if (!*possible || plan.how == SIGN_NOT || signature.n > SIGNATURE_MAX)
		return false;
	if (!version_fits(k, scheme, tls13) || !size_fits(k->key, scheme))
		return false;
	ok = verify(k, plan, parts, count, signature);
	ERR_clear_error();
	return ok;
}

/* ---- private keys
 * ---------------------------------------------------------------------------------------------------------
 */

struct passphrase {
	const char *text;
	bool asked;
};

/* Never the terminal: without a passphrase the key cannot be read. */
static int give_pass(char *buf, int size, int writing, void *owner)
{
	struct passphrase *pass = owner;
	size_t n = pass->text ? strlen(pass->text) : 0;

	(void)writing;
	pass->asked = true;
	if (!pass->text || n > (size_t)size)
		return -1;
	memcpy(buf, pass->text, n);
	return (int)n;
}

static enum cert_key kind_of(EVP_PKEY *key)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
		if (EVP_PKEY_is_a(key, algorithms[i].name))
			return algorithms[i].kind;
	return KEY_OTHER;
}

static const char *why_not(const struct passphrase *pass)
{
	if (!pass->asked)
		return "no private key in PEM form that libcrypto can read";
	return pass->text ? "the private key does not open with this passphrase"
	                  : "the private key needs a passphrase";
}

struct private_key *private_key_pem(struct span pem, const char *pass, const char **why)
{
	BIO *bio = BIO_new_mem_buf(pem.n ? (const void *)pem.p : "", (int)pem.n);
	struct passphrase answer = { .text = pass };
	struct private_key *k;
	EVP_PKEY *key;

	require(bio);
	keys_library_legacy(); /* old files are encrypted with DES or RC2 */
	key = PEM_read_bio_PrivateKey_ex(bio, NULL, give_pass, &answer, keys_library(), NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (!key) {
		*why = why_not(&answer);
		return NULL;
	}
	*why = NULL;
	k = mem_new(1, sizeof *k);
	*k = (struct private_key){ .key = key, .kind = kind_of(key) };
	return k;
}

struct private_key *private_key_stand_in(struct span cert_der)
{
	struct public_key *of_cert = public_key_of_cert(cert_der);
	struct private_key *k = NULL;

	if (of_cert && of_cert->key && EVP_PKEY_up_ref(of_cert->key)) {
		k = mem_new(1, sizeof *k);
		*k = (struct private_key){ .key = of_cert->key, .kind = of_cert->kind };
	}
	public_key_free(of_cert);
	return k;
}

void private_key_signatures(struct private_key *k, const struct signatures *s)
{
	k->signatures = *s;
}

void private_key_free(struct private_key *k)
{
	if (!k)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

enum cert_key private_key_kind(const struct private_key *k)
{
	return k->kind;
}

static int private_curve(const struct private_key *k)
{
	char name[64] = "";

	EVP_PKEY_get_utf8_string_param(k->key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, NULL);
	ERR_clear_error();
	return OBJ_txt2nid(name);
}

/* A salt as long as the hash, and the hash, must fit into an RSA-PSS block (RFC 8017 section 9.1.1). */
static bool pss_has_room(const struct private_key *k, struct plan plan)
{
	return plan.how != SIGN_PSS || (size_t)EVP_PKEY_get_size(k->key) >= 2 * crypt_digest_size(plan.hash) + 2;
}

bool private_key_can(const struct private_key *k, uint16_t scheme, bool tls13)
{
	const struct scheme *row = scheme_find(scheme);
	struct plan plan = plan_of(scheme, k->kind);

	if (!row || !(tls13 ? row->tls13 : row->tls12) || row->key != k->kind || plan.how == SIGN_NOT)
		return false;
	if (tls13 && k->kind == KEY_ECDSA && !curve_fits(private_curve(k), scheme))
		return false;
	return size_fits(k->key, scheme) && pss_has_room(k, plan);
}

/* The type of an RSA key in a certificate may be the narrower one (RSASSA-PSS) or not: its numbers tell. */
static bool rsa_equal(EVP_PKEY *a, EVP_PKEY *b)
{
	BIGNUM *x = NULL, *y = NULL;
	bool same;

	same = EVP_PKEY_get_bn_param(a, OSSL_PKEY_PARAM_RSA_N, &x) &&
	       EVP_PKEY_get_bn_param(b, OSSL_PKEY_PARAM_RSA_N, &y) && !BN_cmp(x, y);
	BN_free(x);
	BN_free(y);
	return same;
}

static bool is_rsa(enum cert_key kind)
{
	return kind == KEY_RSA || kind == KEY_RSA_PSS;
}

bool private_key_fits(const struct private_key *k, struct span cert_der)
{
	struct public_key *of_cert = public_key_of_cert(cert_der);
	bool fits = false;

	if (of_cert && of_cert->key && is_rsa(k->kind) && is_rsa(of_cert->kind))
		fits = rsa_equal(k->key, of_cert->key);
	else if (of_cert && of_cert->key)
		fits = EVP_PKEY_eq(k->key, of_cert->key) == 1;
	public_key_free(of_cert);
	ERR_clear_error();
	return fits;
}

static bool sign_pkcs1(EVP_PKEY *key, enum digest d, struct span hash, struct wr *out)
{
	uint8_t block[RSA_BYTES_MAX];
	struct wr w = wr_of(block, sizeof block);

	return pkcs1_block(d, hash, (size_t)EVP_PKEY_get_size(key), &w) &&
	       rsa_raw(key, EVP_PKEY_sign_init, EVP_PKEY_sign, (struct span){ block, w.len }, out);
}

static bool sign_hash(EVP_PKEY *key, struct plan plan, struct span hash, struct wr *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(keys_library(), key, NULL);
	uint8_t signature[RSA_BYTES_MAX];
	size_t n = sizeof signature;
	bool ok;

	ok = ctx && EVP_PKEY_sign_init(ctx) > 0 && (plan.how != SIGN_PSS || pss_set(ctx, plan.hash)) &&
	     EVP_PKEY_sign(ctx, signature, &n, hash.p, hash.n) > 0;
	if (ok)
		wr_bytes(out, signature, n);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool sign_whole(EVP_PKEY *key, const struct span *parts, size_t count, struct wr *out)
{
	struct span all = joined(parts, count);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[8192]; /* ML-DSA-87: 4627 */
	size_t n = sizeof signature;
	bool ok;

	ok = ctx && EVP_DigestSignInit_ex(ctx, NULL, NULL, keys_library(), NULL, key, NULL) > 0 &&
	     EVP_DigestSign(ctx, signature, &n, all.p, all.n) > 0;
	if (ok)
		wr_bytes(out, signature, n);
	EVP_MD_CTX_free(ctx);
	free((void *)(uintptr_t)all.p);
	return ok;
}

static bool sign_digest(EVP_PKEY *key, struct plan plan, struct span hash, struct wr *out)
{
	return plan.how == SIGN_PKCS1 ? sign_pkcs1(key, plan.hash, hash, out)
	                              : sign_hash(key, plan, hash, out);
}

static bool sign(EVP_PKEY *key, struct plan plan, const struct span *parts, size_t count, struct wr *out)
{
	uint8_t digest[DIGEST_MAX];
	struct span hash = { digest, crypt_digest_size(plan.hash) };

	if (plan.how == SIGN_WHOLE)
		return sign_whole(key, parts, count, out);
	crypt_digest(plan.hash, parts, count, digest);
	return sign_digest(key, plan, hash, out);
}

/* A signature was made, or not: whoever keeps them is told. */
static bool signed_now(const struct private_key *k, bool made, size_t from, const struct wr *out)
{
	const struct signatures *s = &k->signatures;

	ERR_clear_error();
	made = made && !out->bad;
	if (s->keep)
		s->keep(s->owner, made ? (struct span){ out->buf + from, out->len - from } : (struct span){ NULL, 0 });
	return made;
}

bool private_key_sign(
        const struct private_key *k, uint16_t scheme, const struct span *parts, size_t count, struct wr *out)
{
	struct plan plan = plan_of(scheme, k->kind);
	size_t from = out->len;
	bool ok;

	if (k->signatures.recall)
		return k->signatures.recall(k->signatures.owner, out);
	ok = plan.how != SIGN_NOT && size_fits(k->key, scheme) && sign(k->key, plan, parts, count, out);
	return signed_now(k, ok, from, out);
}

/* ---- SSL 3.0 ----------------------------------------------------------------------------------------------- */

/* The part of the two hashes that a key of this plan signs. */
static struct span part_of(struct plan plan, const uint8_t *md5_sha1)
{
	size_t n = crypt_digest_size(plan.hash);

	return (struct span){ md5_sha1 + crypt_digest_size(DIGEST_MD5_SHA1) - n, n };
}

bool private_key_sign_digest(
        const struct private_key *k, const uint8_t md5_sha1[static 36], struct wr *out)
{
	struct plan plan = plan_before_tls12(k->kind);
	size_t from = out->len;

	if (k->signatures.recall)
		return k->signatures.recall(k->signatures.owner, out);
	return signed_now(k, plan.how != SIGN_NOT && sign_digest(k->key, plan, part_of(plan, md5_sha1), out), from, out);
}

bool public_key_verify_digest(
        const struct public_key *k, const uint8_t md5_sha1[static 36], struct span signature)
{
	struct plan plan = plan_before_tls12(k->kind);
	bool ok = plan.how != SIGN_NOT && !kind_is_foreign(k, 0) && signature.n <= SIGNATURE_MAX &&
	          verify_digest(k, plan, part_of(plan, md5_sha1), signature);

	ERR_clear_error();
	return ok;
}
