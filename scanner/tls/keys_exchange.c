#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys.h"
#include "scanner/tls/keys_lib.h"

/* ---- the groups
 * ------------------------------------------------------------------------------------------------------- */

enum share_kind { SHARE_RAW, SHARE_POINT, SHARE_FIELD, SHARE_KEM };

/* A share is made of one or two parts, in wire order, and so is the secret. */
struct part {
	uint16_t group;
	enum share_kind kind;
	int nid;           /* curve */
	const char *name;  /* libcrypto's, where there is no curve */
	size_t size, peer; /* bytes of the client's part and of the server's */
};

#define POINT(bits) (1 + 2 * (((bits) + 7) / 8))
#define CURVE(group, nid, bits)                                                                              \
	{                                                                                                    \
		group, SHARE_POINT, nid, NULL, POINT(bits), POINT(bits)                                      \
	}
#define RAW(group, name, bytes)                                                                              \
	{                                                                                                    \
		group, SHARE_RAW, 0, name, bytes, bytes                                                      \
	}
#define FIELD(group, name, bits)                                                                             \
	{                                                                                                    \
		group, SHARE_FIELD, 0, name, (bits) / 8, (bits) / 8                                          \
	}
#define KEM(group, name, key, ct)                                                                            \
	{                                                                                                    \
		group, SHARE_KEM, 0, name, key, ct                                                           \
	}
#define MLKEM_512(group)  KEM(group, "ML-KEM-512", 800, 768)
#define MLKEM_768(group)  KEM(group, "ML-KEM-768", 1184, 1088)
#define MLKEM_1024(group) KEM(group, "ML-KEM-1024", 1568, 1568)

static const struct part parts[] = {
	CURVE(0x0001, NID_sect163k1, 163),
	CURVE(0x0002, NID_sect163r1, 163),
	CURVE(0x0003, NID_sect163r2, 163),
	CURVE(0x0004, NID_sect193r1, 193),
	CURVE(0x0005, NID_sect193r2, 193),
	CURVE(0x0006, NID_sect233k1, 233),
	CURVE(0x0007, NID_sect233r1, 233),
	CURVE(0x0008, NID_sect239k1, 239),
	CURVE(0x0009, NID_sect283k1, 283),
	CURVE(0x000A, NID_sect283r1, 283),
	CURVE(0x000B, NID_sect409k1, 409),
	CURVE(0x000C, NID_sect409r1, 409),
	CURVE(0x000D, NID_sect571k1, 571),
	CURVE(0x000E, NID_sect571r1, 571),
	CURVE(0x000F, NID_secp160k1, 160),
	CURVE(0x0010, NID_secp160r1, 160),
	CURVE(0x0011, NID_secp160r2, 160),
	CURVE(0x0012, NID_secp192k1, 192),
	CURVE(0x0013, NID_X9_62_prime192v1, 192),
	CURVE(0x0014, NID_secp224k1, 224),
	CURVE(0x0015, NID_secp224r1, 224),
	CURVE(0x0016, NID_secp256k1, 256),
	CURVE(0x0017, NID_X9_62_prime256v1, 256),
	CURVE(0x0018, NID_secp384r1, 384),
	CURVE(0x0019, NID_secp521r1, 521),
	CURVE(0x001A, NID_brainpoolP256r1, 256),
	CURVE(0x001B, NID_brainpoolP384r1, 384),
	CURVE(0x001C, NID_brainpoolP512r1, 512),
	RAW(0x001D, "X25519", 32),
	RAW(0x001E, "X448", 56),
	CURVE(0x001F, NID_brainpoolP256r1, 256),
	CURVE(0x0020, NID_brainpoolP384r1, 384),
	CURVE(0x0021, NID_brainpoolP512r1, 512),
	CURVE(0x0029, NID_sm2, 256),
	FIELD(0x0100, "ffdhe2048", 2048),
	FIELD(0x0101, "ffdhe3072", 3072),
	FIELD(0x0102, "ffdhe4096", 4096),
	FIELD(0x0103, "ffdhe6144", 6144),
	FIELD(0x0104, "ffdhe8192", 8192),
	MLKEM_512(0x0200),
	MLKEM_768(0x0201),
	MLKEM_1024(0x0202),
	CURVE(0x11EB, NID_X9_62_prime256v1, 256), /* SecP256r1MLKEM768 */
	MLKEM_768(0x11EB),
	MLKEM_768(0x11EC), /* X25519MLKEM768 */
	RAW(0x11EC, "X25519", 32),
	CURVE(0x11ED, NID_secp384r1, 384), /* SecP384r1MLKEM1024 */
	MLKEM_1024(0x11ED),
	CURVE(0x11EE, NID_sm2, 256), /* curveSM2MLKEM768 */
	MLKEM_768(0x11EE),
};

enum { PARTS = sizeof parts / sizeof *parts, PIECES_MAX = 2, PRIVATE_MAX = 72, KEM_SEED = 64, EXPONENT = 64 };

/* Making a curve takes longer than looking for its name. */
static bool library_has_curve(int nid)
{
	enum { CURVES_MAX = 256 };
	EC_builtin_curve list[CURVES_MAX];
	size_t n = EC_get_builtin_curves(list, CURVES_MAX);

	for (size_t i = 0; i < n && i < CURVES_MAX; i++)
		if (list[i].nid == nid)
			return true;
	return false;
}

/* The first fetch makes ready every kind of key that the library has: that takes half a millisecond. */
static bool library_has_key(const char *type)
{
	EVP_KEYMGMT *management = EVP_KEYMGMT_fetch(keys_library(), type, NULL);

	EVP_KEYMGMT_free(management);
	return management;
}

/* What it was built with need not be asked (X25519 and X448 are part of EC), and ML-KEM came with 3.5. */
static bool library_has_raw(const char *name)
{
#if defined(OPENSSL_NO_EC) || defined(OPENSSL_NO_ECX)
	return library_has_key(name);
#else
	(void)name;
	return true;
#endif
}

static bool library_has_field(void)
{
#ifdef OPENSSL_NO_DH
	return library_has_key("DH");
#else
	return true;
#endif
}

static bool library_has_kem(const char *name)
{
	enum { WITH_KEM = 0x30500000 };

	return OpenSSL_version_num() >= WITH_KEM && library_has_key(name);
}

static bool library_has_part(const struct part *part)
{
	switch (part->kind) {
	case SHARE_POINT:
		return library_has_curve(part->nid);
	case SHARE_FIELD:
		return library_has_field();
	case SHARE_KEM:
		return library_has_kem(part->name);
	default:
		return library_has_raw(part->name);
	}
}

enum { NOT_ASKED, IS_HERE, IS_NOT_HERE };

/* What this libcrypto has, asked once for each: two threads that ask at once are told the same. */
static bool part_is_here(size_t i)
{
	static atomic_int known[PARTS];

	if (known[i] == NOT_ASKED) {
		known[i] = library_has_part(&parts[i]) ? IS_HERE : IS_NOT_HERE;
		ERR_clear_error();
	}
	return known[i] == IS_HERE;
}

bool crypt_has_group(uint16_t group)
{
	bool found = false;

	for (size_t i = 0; i < PARTS; i++) {
		if (parts[i].group == group && !part_is_here(i))
			return false;
		found = found || parts[i].group == group;
	}
	return found;
}

bool keys_has_kem(void)
{
	bool here = library_has_kem("ML-KEM-768");

	ERR_clear_error();
	return here;
}

bool keys_lacks_curve(uint16_t group)
{
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].group == group && parts[i].kind != SHARE_KEM && !part_is_here(i))
			return true;
	return false;
}

uint16_t keys_group_of_nid(int nid)
{
	for (size_t i = 0; i < PARTS; i++)
		if (nid != NID_undef && parts[i].nid == nid)
			return parts[i].group;
	return 0;
}

/* ---- one part of a key pair
 * ------------------------------------------------------------------------------------------- */

struct piece {
	const struct part *part; /* NULL: a custom field, whose p and g stand below */
	EC_GROUP *curve;
	BIGNUM *p, *g;  /* of a finite field */
	BIGNUM *secret; /* of a curve or a field */
	EVP_PKEY *key;  /* of X25519, X448, ML-KEM */
	uint8_t *public;
	size_t size;
};

static void derive(const uint8_t *secret, const char *label, uint16_t group, void *out, size_t n)
{
	keys_derive(secret, (struct span){ (const uint8_t *)label, strlen(label) }, group, out, n);
}

static bool raw_make(struct piece *piece, const uint8_t *secret)
{
	const struct part *part = piece->part;
	uint8_t private[PRIVATE_MAX];
	size_t n = part->size;

	derive(secret, "raw share", part->group, private, n);
	piece->key = EVP_PKEY_new_raw_private_key_ex(keys_library(), part->name, NULL, private, n);
	return piece->key && EVP_PKEY_get_raw_public_key(piece->key, piece->public, &n) && n == part->size;
}

static bool raw_shared(const struct piece *piece, struct span peer, struct wr *out)
{
	EVP_PKEY *other =
	        EVP_PKEY_new_raw_public_key_ex(keys_library(), piece->part->name, NULL, peer.p, peer.n);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(keys_library(), piece->key, NULL);
	uint8_t shared[PRIVATE_MAX];
	size_t n = sizeof shared;
	bool ok;

	ok = other && ctx && EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, other) > 0 &&
	     EVP_PKEY_derive(ctx, shared, &n) > 0;
	if (ok)
		wr_bytes(out, shared, n);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(other);
	return ok;
}

static bool point_make(struct piece *piece, const uint8_t *secret)
{
	const struct part *part = piece->part;
	uint8_t private[PRIVATE_MAX];
	BN_CTX *scratch = BN_CTX_new();
	EC_POINT *point;
	bool ok;

	derive(secret, "point share", part->group, private, part->size / 2);
	piece->curve = EC_GROUP_new_by_curve_name_ex(keys_library(), NULL, part->nid);
	point = piece->curve ? EC_POINT_new(piece->curve) : NULL;
	piece->secret = keys_number((struct span){ private, part->size / 2 });
	ok = scratch && point &&
	     BN_nnmod(piece->secret, piece->secret, EC_GROUP_get0_order(piece->curve), scratch) &&
	     EC_POINT_mul(piece->curve, point, piece->secret, NULL, NULL, scratch) &&
	     EC_POINT_point2oct(piece->curve, point, POINT_CONVERSION_UNCOMPRESSED, piece->public, part->size,
	             scratch) == part->size;
	EC_POINT_free(point);
	BN_CTX_free(scratch);
	return ok;
}

/* The x of secret * point (RFC 8422 section 5.10); oct2point() has seen to it that the point is on the curve.
 */
static bool point_multiply(const struct piece *piece, EC_POINT *point, BIGNUM *x, BN_CTX *scratch)
{
	return EC_POINT_mul(piece->curve, point, NULL, point, piece->secret, scratch) &&
	       EC_POINT_get_affine_coordinates(piece->curve, point, x, NULL, scratch);
}

static bool point_shared(const struct piece *piece, struct span peer, struct wr *out)
{
	EC_POINT *point = EC_POINT_new(piece->curve);
	BN_CTX *scratch = BN_CTX_new();
	BIGNUM *x = BN_new();
	uint8_t shared[PRIVATE_MAX];
	int n = (int)(piece->part->size / 2);
	bool ok;

	ok = point && scratch && x && EC_POINT_oct2point(piece->curve, point, peer.p, peer.n, scratch) &&
	     !EC_POINT_is_at_infinity(piece->curve, point) && point_multiply(piece, point, x, scratch) &&
	     BN_bn2binpad(x, shared, n) == n;
	if (ok)
		wr_bytes(out, shared, (size_t)n);
	BN_free(x);
	BN_CTX_free(scratch);
	EC_POINT_free(point);
	return ok;
}

/* base^secret mod p, as wide as p; false when it is 0, 1 or p-1. */
static bool field_power(const struct piece *piece, const BIGNUM *base, uint8_t *out)
{
	BN_CTX *scratch = BN_CTX_new();
	BIGNUM *power = BN_new(), *last = BN_dup(piece->p);
	bool ok;

	require(scratch && power && last && BN_sub_word(last, 1));
	ok = BN_mod_exp_mont_consttime(power, base, piece->secret, piece->p, scratch, NULL) &&
	     BN_cmp(power, BN_value_one()) > 0 && BN_cmp(power, last) < 0 &&
	     BN_bn2binpad(power, out, (int)piece->size) == (int)piece->size;
	BN_free(last);
	BN_free(power);
	BN_CTX_free(scratch);
	return ok;
}

/* Between 1 and p-1, without either. */
static bool field_inside(const struct piece *piece, const BIGNUM *n)
{
	BIGNUM *last = BN_dup(piece->p);
	bool ok;

	require(last && BN_sub_word(last, 1));
	ok = BN_cmp(n, BN_value_one()) > 0 && BN_cmp(n, last) < 0;
	BN_free(last);
	return ok;
}

/* p and g are there. The exponent has 512 bits, twice the strength of the largest group; of a smaller field,
 * its size. */
static bool field_start(struct piece *piece, uint16_t group, const uint8_t *secret)
{
	uint8_t private[EXPONENT];
	BN_CTX *scratch = BN_CTX_new();

	derive(secret, "field share", group, private, sizeof private);
	piece->secret = keys_number((struct span){ private, sizeof private });
	require(scratch && BN_nnmod(piece->secret, piece->secret, piece->p, scratch));
	BN_CTX_free(scratch);
	return field_inside(piece, piece->g) && field_power(piece, piece->g, piece->public);
}

static bool field_named(struct piece *piece)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY *key;
	bool ok;

	require(build &&
	        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, piece->part->name, 0));
	key = keys_from("DH", EVP_PKEY_KEY_PARAMETERS, build);
	ok = key && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_P, &piece->p) &&
	     EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_FFC_G, &piece->g);
	EVP_PKEY_free(key);
	return ok;
}

static bool field_make(struct piece *piece, const uint8_t *secret)
{
	return field_named(piece) && field_start(piece, piece->part->group, secret);
}

static bool field_shared(const struct piece *piece, struct span peer, struct wr *out)
{
	uint8_t *shared = mem_new(piece->size, 1);
	BIGNUM *y = peer.n <= SHARED_MAX ? keys_number(peer) : NULL;
	bool ok = y && field_inside(piece, y) && field_power(piece, y, shared);

	if (ok)
		wr_bytes(out, shared, piece->size);
	BN_free(y);
	free(shared);
	return ok;
}

/* FIPS 203: the pair is a function of 64 bytes. */
static bool kem_make(struct piece *piece, const uint8_t *secret)
{
	const struct part *part = piece->part;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	uint8_t seed[KEM_SEED];
	size_t n = 0;

	derive(secret, "kem share", part->group, seed, sizeof seed);
	require(build && OSSL_PARAM_BLD_push_octet_string(build, "seed", seed, sizeof seed));
	piece->key = keys_from(part->name, EVP_PKEY_KEYPAIR, build);
	return piece->key &&
	       EVP_PKEY_get_octet_string_param(
	               piece->key, OSSL_PKEY_PARAM_PUB_KEY, piece->public, part->size, &n) &&
	       n == part->size;
}

static bool kem_shared(const struct piece *piece, struct span peer, struct wr *out)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(keys_library(), piece->key, NULL);
	uint8_t shared[PRIVATE_MAX];
	size_t n = sizeof shared;
	bool ok;

	ok = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) > 0 &&
	     EVP_PKEY_decapsulate(ctx, shared, &n, peer.p, peer.n) > 0;
	if (ok)
		wr_bytes(out, shared, n);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static const struct share_ops {
	bool (*make)(struct piece *, const uint8_t *secret);
	bool (*shared)(const struct piece *, struct span peer, struct wr *out);
} ops[] = {
	[SHARE_RAW] = { raw_make, raw_shared },
	[SHARE_POINT] = { point_make, point_shared },
	[SHARE_FIELD] = { field_make, field_shared },
	[SHARE_KEM] = { kem_make, kem_shared },
};

static bool piece_make(struct piece *piece, const struct part *part, const uint8_t *secret)
{
	*piece = (struct piece){ .part = part, .public = mem_new(part->size, 1), .size = part->size };
	return ops[part->kind].make(piece, secret);
}

static void piece_free(struct piece *piece)
{
	EC_GROUP_free(piece->curve);
	BN_free(piece->p);
	BN_free(piece->g);
	BN_clear_free(piece->secret);
	EVP_PKEY_free(piece->key);
	free(piece->public);
}

/* ---- key pairs
 * -------------------------------------------------------------------------------------------------------- */

struct key_pair {
	struct piece pieces[PIECES_MAX];
	size_t count;
};

struct key_pair *key_pair_new(uint16_t group, const uint8_t secret[static 32])
{
	struct key_pair *pair;
	bool ok = true;

	if (!crypt_has_group(group))
		return NULL;
	pair = mem_new(1, sizeof *pair);
	for (size_t i = 0; i < PARTS; i++)
		if (parts[i].group == group)
			ok = piece_make(&pair->pieces[pair->count++], &parts[i], secret) && ok;
	ERR_clear_error();
	if (ok)
		return pair;
	key_pair_free(pair);
	return NULL;
}

enum { FIELD_BITS_MIN = 512, FIELD_BITS_MAX = 10000 };

static struct span without_zeros(struct span s)
{
	struct rd r = rd_span(s);

	while (rd_left(&r) && !*r.p)
		rd_u8(&r);
	return rd_rest(&r);
}

static size_t bits_of(struct span s)
{
	size_t bits = 8 * s.n;

	for (unsigned top = s.n ? s.p[0] : 0x80; !(top & 0x80); top <<= 1)
		bits--;
	return bits;
}

/* An even modulus has no arithmetic here. */
static bool field_bounded(struct span p)
{
	return bits_of(p) >= FIELD_BITS_MIN && bits_of(p) <= FIELD_BITS_MAX && p.p[p.n - 1] & 1;
}

struct key_pair *key_pair_dh(struct span p, struct span g, const uint8_t secret[static 32])
{
	struct key_pair *pair;
	struct piece *piece;

	p = without_zeros(p);
	g = without_zeros(g);
	if (!field_bounded(p) || g.n > p.n)
		return NULL;
	pair = mem_new(1, sizeof *pair);
	piece = &pair->pieces[pair->count++];
	*piece = (struct piece){
		.public = mem_new(p.n, 1), .size = p.n, .p = keys_number(p), .g = keys_number(g)
	};
	if (field_start(piece, 0, secret))
		return pair;
	key_pair_free(pair);
	return NULL;
}

void key_pair_free(struct key_pair *pair)
{
	for (size_t i = 0; pair && i < pair->count; i++)
		piece_free(&pair->pieces[i]);
	free(pair);
}

void key_pair_public(const struct key_pair *pair, struct wr *out)
{
	for (size_t i = 0; i < pair->count; i++)
		wr_bytes(out, pair->pieces[i].public, pair->pieces[i].size);
}

static bool piece_shared(const struct piece *piece, struct span peer, struct wr *out)
{
	return peer.n && (piece->part ? ops[piece->part->kind].shared : field_shared)(piece, peer, out);
}

/* A single part takes what came, for a point may be compressed and a number short; of two each has its size.
 */
static bool pair_shared(const struct key_pair *pair, struct span peer, struct wr *out)
{
	struct rd r = rd_span(peer);
	bool ok = true;

	if (pair->count == 1)
		return piece_shared(&pair->pieces[0], peer, out);
	for (size_t i = 0; ok && i < pair->count; i++) {
		struct rd part = rd_sub(&r, pair->pieces[i].part->peer);

		ok = piece_shared(&pair->pieces[i], rd_rest(&part), out);
	}
	return ok && rd_end(&r);
}

bool key_pair_shared(const struct key_pair *pair, struct span peer, struct wr *out)
{
	bool ok = pair_shared(pair, peer, out);

	ERR_clear_error();
	return ok && !out->bad;
}

/* ---- shares for a hello
 * ----------------------------------------------------------------------------------------------- */

/* Only groups that TLS 1.3 may negotiate have a share; ML-KEM has one even where this libcrypto lacks it. */
size_t keys_share_size(uint16_t group)
{
	const struct group *row = group_find(group);
	size_t n = 0;

	if (!row || !(row->use & GROUP_TLS13) || keys_lacks_curve(group))
		return 0;
	for (size_t i = 0; i < PARTS; i++)
		n += parts[i].group == group ? parts[i].size : 0;
	return n;
}

/*
 * Without ML-KEM its part is the encapsulation key of all-zero coefficients: well-formed (FIPS 203
 * section 7.2), and enough to be answered; nobody needs to know its secret.
 */
static void share_part(struct wr *w, size_t i, const uint8_t *secret)
{
	struct piece piece;

	if (!secret || !part_is_here(i)) {
		wr_zero(w, parts[i].size);
		return;
	}
	require(piece_make(&piece, &parts[i], secret));
	wr_bytes(w, piece.public, piece.size);
	piece_free(&piece);
}

void keys_share_write(struct wr *w, uint16_t group, const uint8_t *secret)
{
	if (!keys_share_size(group))
		w->bad = true;
	for (size_t i = 0; !w->bad && i < PARTS; i++)
		if (parts[i].group == group)
			share_part(w, i, secret);
}
