/* The arithmetic: published answers where there are any, both ends of an exchange, and signatures made and
 * broken. */
#include "scanner/tls/crypt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "scanner/tls/keys.h"
#include "tests/unit/hex.h"

static const uint8_t secret_a[32] = "the secret of one side, of Alice",
                     secret_b[32] = "the secret of another, of Bobby ";

static struct span text(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

/* ---- digests
 * ----------------------------------------------------------------------------------------------------------
 */

static void digests_are_over_all_parts(void **state)
{
	static const struct {
		enum digest digest;
		const char *expected;
	} rows[] = {
		{ DIGEST_MD5, "900150983cd24fb0d6963f7d28e17f72" },
		{ DIGEST_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ DIGEST_MD5_SHA1,
		        "900150983cd24fb0d6963f7d28e17f72a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ DIGEST_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
		{ DIGEST_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ DIGEST_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
		                 "8086072ba1e7cc2358baeca134c825a7" },
		{ DIGEST_SM3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
	};
	struct span parts[] = { text("a"), { NULL, 0 }, text("bc") };
	uint8_t out[DIGEST_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		crypt_digest(rows[i].digest, parts, 3, out);
		assert_int_equal(crypt_digest_size(rows[i].digest), strlen(rows[i].expected) / 2);
		assert_hex(out, rows[i].expected);
	}
}

static void digests_have_the_names_of_the_tables(void **state)
{
	(void)state;
	assert_int_equal(crypt_digest_named("SHA256"), DIGEST_SHA256);
	assert_int_equal(crypt_digest_named("sha384"), DIGEST_SHA384);
	assert_int_equal(crypt_digest_named("AEAD"), DIGEST_NONE);
	assert_int_equal(crypt_digest_named(NULL), DIGEST_NONE);
	assert_int_equal(crypt_digest_block(DIGEST_SHA384), 128);
}

/* RFC 2202 and RFC 4231. */
static void hmac_gives_the_published_answers(void **state)
{
	uint8_t long_key[131], out[DIGEST_MAX];
	struct span what = text("what do ya want for nothing?");
	struct span large = text("Test Using Larger Than Block-Size Key - Hash Key First");

	(void)state;
	memset(long_key, 0xAA, sizeof long_key);
	crypt_hmac(DIGEST_MD5, text("Jefe"), &what, 1, out);
	assert_hex(out, "750c783e6ab0b503eaa86e310a5db738");
	crypt_hmac(DIGEST_SHA1, text("Jefe"), &what, 1, out);
	assert_hex(out, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	crypt_hmac(DIGEST_SHA256, text("Jefe"), &what, 1, out);
	assert_hex(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	crypt_hmac(DIGEST_SHA384, (struct span){ long_key, 131 }, &large, 1, out);
	assert_hex(out, "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe829624"
	                "8df163f44952");
}

/* ---- key exchange
 * ----------------------------------------------------------------------------------------------------- */

static struct wr public_of(const struct key_pair *k, uint8_t *buf, size_t n)
{
	struct wr w = wr_of(buf, n);

	key_pair_public(k, &w);
	assert_false(w.bad);
	return w;
}

static struct span written(const struct wr *w)
{
	return (struct span){ w->buf, w->len };
}

static void agree(const struct key_pair *a, const struct key_pair *b)
{
	static uint8_t pa[4096], pb[4096], sa[SHARED_MAX], sb[SHARED_MAX];
	struct wr public_a = public_of(a, pa, sizeof pa), public_b = public_of(b, pb, sizeof pb);
	struct wr shared_a = wr_of(sa, sizeof sa), shared_b = wr_of(sb, sizeof sb);

	assert_true(key_pair_shared(a, written(&public_b), &shared_a));
	assert_true(key_pair_shared(b, written(&public_a), &shared_b));
	assert_true(shared_a.len && shared_a.len == shared_b.len);
	assert_memory_equal(sa, sb, shared_a.len);
}

static void both_sides_agree_in_every_group_that_is_here(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		struct key_pair *a = key_pair_new(groups[i].code, secret_a),
		                *b = key_pair_new(groups[i].code, secret_b);

		assert_int_equal(a != NULL, crypt_has_group(groups[i].code));
		if (a && groups[i].kind != GROUP_KEM && groups[i].kind != GROUP_HYBRID) {
			agree(a, b);
			tried++;
		}
		key_pair_free(a);
		key_pair_free(b);
	}
	assert_true(tried >= 10);
	assert_true(crypt_has_group(0x0017) && crypt_has_group(0x001D) && crypt_has_group(0x0100));
	assert_false(crypt_has_group(0x0A0A) || crypt_has_group(0xFF01) || crypt_has_group(0x6399));
}

static void a_hello_has_the_public_half_of_its_key_pair(void **state)
{
	static uint8_t share[4096], public[4096];

	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		uint16_t code = groups[i].code;
		struct key_pair *k = key_pair_new(code, secret_a);
		struct wr s = wr_of(share, sizeof share), p = wr_of(public, sizeof public);

		keys_share_write(&s, code, secret_a);
		assert_int_equal(!s.bad, keys_share_size(code) != 0);
		if (k)
			key_pair_public(k, &p);
		if (k && !s.bad) {
			assert_int_equal(s.len, p.len);
			assert_int_equal(s.len, keys_share_size(code));
			assert_memory_equal(share, public, p.len);
		}
		key_pair_free(k);
	}
	assert_int_equal(keys_share_size(0x11EC), 1216);
	assert_int_equal(keys_share_size(0x0100), 256);
	assert_int_equal(keys_share_size(0x0001), 0);
}

static bool takes(const struct key_pair *k, struct span peer)
{
	uint8_t out[SHARED_MAX];
	struct wr w = wr_of(out, sizeof out);

	return key_pair_shared(k, peer, &w);
}

static void a_point_off_the_curve_is_refused(void **state)
{
	struct key_pair *k = key_pair_new(0x0017, secret_a);
	uint8_t bytes[65];
	struct wr w = public_of(k, bytes, sizeof bytes);

	(void)state;
	assert_true(takes(k, written(&w)));
	bytes[64] ^= 1;
	assert_false(takes(k, written(&w)));
	assert_false(takes(k, (struct span){ bytes, 64 }));
	assert_false(takes(k, (struct span){ bytes, 0 }));
	assert_false(takes(k, hex("00"))); /* the point at infinity */
	key_pair_free(k);
}

static void a_point_of_small_order_is_refused(void **state)
{
	uint8_t zeros[56] = { 0 };
	struct key_pair *x25519 = key_pair_new(0x001D, secret_a), *x448 = key_pair_new(0x001E, secret_a);

	(void)state;
	assert_false(takes(x25519, (struct span){ zeros, 32 }));
	assert_false(takes(x25519, (struct span){ zeros, 31 }));
	assert_false(takes(x448, (struct span){ zeros, 56 }));
	key_pair_free(x25519);
	key_pair_free(x448);
}

/* RFC 2409's 768-bit prime; 2 generates. */
#define OAKLEY_1                                                                                             \
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"   \
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A63A3620FFFFFFFFFFFFFFFF"

static void both_sides_agree_in_a_field_that_the_server_names(void **state)
{
	struct key_pair *a = key_pair_dh(hex(OAKLEY_1), hex("02"), secret_a);
	struct key_pair *b = key_pair_dh(hex("00" OAKLEY_1), hex("0002"), secret_b);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	agree(a, b);
	key_pair_free(a);
	key_pair_free(b);
}

static void trivial_numbers_of_a_field_are_refused(void **state)
{
	struct span p = hex(OAKLEY_1);
	struct key_pair *k = key_pair_dh(p, hex("02"), secret_a);
	uint8_t last[96];

	(void)state;
	memcpy(last, p.p, sizeof last);
	assert_false(takes(k, p));
	last[95]--;
	assert_false(takes(k, (struct span){ last, 96 }));
	last[95]--;
	assert_true(takes(k, (struct span){ last, 96 }));
	assert_false(takes(k, hex("00")));
	assert_false(takes(k, hex("01")));
	assert_true(takes(k, hex("04")));
	key_pair_free(k);
}

static void fields_out_of_bounds_are_refused(void **state)
{
	uint8_t large[1251];

	(void)state;
	memset(large, 0xFF, sizeof large);
	assert_null(key_pair_dh((struct span){ large, 1251 }, hex("02"), secret_a));
	assert_null(key_pair_dh((struct span){ large, 63 }, hex("02"), secret_a));
	assert_null(key_pair_dh((struct span){ large, 0 }, hex("02"), secret_a));
	assert_null(key_pair_dh(hex(OAKLEY_1), hex("01"), secret_a));
	assert_null(key_pair_dh(hex(OAKLEY_1), hex("00"), secret_a));
	assert_null(key_pair_dh(hex(OAKLEY_1), hex("FF" OAKLEY_1), secret_a));
	large[127] = 0xFE;
	assert_null(key_pair_dh((struct span){ large, 128 }, hex("02"), secret_a)); /* even */
}

static EVP_PKEY *generated_dh(const char *type, const char *group)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_true(EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_CTX_set_group_name(ctx, group) > 0);
	assert_true(EVP_PKEY_generate(ctx, &key) > 0);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void check_field(const struct dh_prime *row)
{
	EVP_PKEY *key = generated_dh("DH", group_find(row->group)->openssl);
	struct key_pair *named = key_pair_new(row->group, secret_a), *custom;
	uint8_t p[1024], sha256[KEYS_SHA256];
	BIGNUM *prime = NULL;
	int n;

	assert_true(EVP_PKEY_get_bn_param(key, "p", &prime));
	n = BN_bn2bin(prime, p);
	keys_sha256(p, (size_t)n, sha256);
	assert_memory_equal(sha256, row->sha256, sizeof sha256);
	custom = key_pair_dh((struct span){ p, (size_t)n }, hex("02"), secret_b);
	agree(named, custom);
	key_pair_free(custom);
	key_pair_free(named);
	BN_free(prime);
	EVP_PKEY_free(key);
}

/* What is agreed with the prime that the table knows by its hash is the group. */
static void the_fields_of_rfc_7919_are_those_of_the_table(void **state)
{
	unsigned found = 0;

	(void)state;
	for (size_t i = 0; i < dh_primes_count; i++)
		if (dh_primes[i].group) {
			check_field(&dh_primes[i]);
			found++;
		}
	assert_int_equal(found, 5);
}

/* ---- ML-KEM
 * -----------------------------------------------------------------------------------------------------------
 */

/* The server's side of a hybrid: libcrypto's own encapsulation, to our share. */
static size_t encapsulate(const char *name, struct span key, uint8_t *ct, uint8_t shared[static 32])
{
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key_ex(NULL, name, NULL, key.p, key.n);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(peer, NULL);
	size_t n = 2048, shared_n = 32;

	assert_non_null(peer);
	assert_true(EVP_PKEY_encapsulate_init(ctx, NULL) > 0);
	assert_true(EVP_PKEY_encapsulate(ctx, ct, &n, shared, &shared_n) > 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return n;
}

static void x25519_mlkem_768_agrees_with_its_parts(void **state)
{
	uint8_t share[1216], reply[1088 + 32], shared[64], kem[32];
	struct key_pair *mine, *other;
	struct wr w = wr_of(reply, sizeof reply), out = wr_of(shared, sizeof shared),
	          s = wr_of(share, sizeof share);

	(void)state;
	if (!crypt_has_group(0x11EC)) {
		print_message("this libcrypto has no ML-KEM\n");
		skip();
	}
	mine = key_pair_new(0x11EC, secret_a);
	other = key_pair_new(0x001D, secret_b);
	key_pair_public(mine, &s);
	assert_int_equal(encapsulate("ML-KEM-768", (struct span){ share, 1184 }, reply, kem), 1088);
	w.len = 1088;
	key_pair_public(other, &w);
	assert_true(key_pair_shared(mine, written(&w), &out));
	assert_int_equal(out.len, 64);
	assert_memory_equal(shared, kem, 32);
	out = wr_of(kem, sizeof kem);
	assert_true(key_pair_shared(other, (struct span){ share + 1184, 32 }, &out));
	assert_memory_equal(shared + 32, kem, 32);
	assert_false(takes(mine, (struct span){ reply, w.len - 1 }));
	key_pair_free(mine);
	key_pair_free(other);
}

struct point_first {
	uint16_t group, curve;
	const char *kem;
	size_t point, key, ct; /* bytes on the wire */
};

static void agree_with_parts(const struct point_first *row)
{
	uint8_t share[97 + 1568], reply[97 + 1568], shared[48 + 32], kem[32], x[48];
	struct key_pair *mine = key_pair_new(row->group, secret_a), *other = key_pair_new(row->curve, secret_b);
	struct wr w = wr_of(reply, sizeof reply), out = wr_of(shared, sizeof shared),
	          s = wr_of(share, sizeof share);
	size_t half = row->point / 2;

	key_pair_public(mine, &s);
	key_pair_public(other, &w);
	assert_int_equal(s.len, row->point + row->key);
	assert_int_equal(encapsulate(row->kem, (struct span){ share + row->point, row->key }, reply + row->point, kem),
	        row->ct);
	assert_true(key_pair_shared(mine, (struct span){ reply, row->point + row->ct }, &out));
	assert_int_equal(out.len, half + 32);
	assert_memory_equal(shared + half, kem, 32);
	out = wr_of(x, sizeof x);
	assert_true(key_pair_shared(other, (struct span){ share, row->point }, &out));
	assert_memory_equal(shared, x, half);
	key_pair_free(mine);
	key_pair_free(other);
}

static void hybrids_of_curves_have_their_point_first(void **state)
{
	static const struct point_first rows[] = {
		{ 0x11EB, 0x0017, "ML-KEM-768", 65, 1184, 1088 },
		{ 0x11ED, 0x0018, "ML-KEM-1024", 97, 1568, 1568 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!crypt_has_group(rows[i].group)) {
			print_message("this libcrypto has no ML-KEM: %s\n", OpenSSL_version(OPENSSL_VERSION));
			skip();
		}
		agree_with_parts(&rows[i]);
		print_message("%s: done with %s\n", group_find(rows[i].group)->name, OpenSSL_version(OPENSSL_VERSION));
	}
}

static void ml_kem_alone_agrees(void **state)
{
	static const struct { uint16_t group; const char *kem; size_t key, ct; } rows[] = {
		{ 0x0200, "ML-KEM-512", 800, 768 },
		{ 0x0201, "ML-KEM-768", 1184, 1088 },
		{ 0x0202, "ML-KEM-1024", 1568, 1568 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint8_t share[1568], reply[1568], kem[32], shared[32];
		struct wr s = wr_of(share, sizeof share), out = wr_of(shared, sizeof shared);
		struct key_pair *mine;

		if (!crypt_has_group(rows[i].group))
			skip();
		mine = key_pair_new(rows[i].group, secret_a);
		key_pair_public(mine, &s);
		assert_int_equal(s.len, rows[i].key);
		assert_int_equal(encapsulate(rows[i].kem, written(&s), reply, kem), rows[i].ct);
		assert_true(key_pair_shared(mine, (struct span){ reply, rows[i].ct }, &out));
		assert_memory_equal(shared, kem, 32);
		key_pair_free(mine);
		print_message("%s: done with %s\n", rows[i].kem, OpenSSL_version(OPENSSL_VERSION));
	}
}

/* ---- keys made by libcrypto, for signatures
 * ----------------------------------------------------------------------------- */

struct signer {
	EVP_PKEY *key;
	struct public_key *public;
	struct private_key *private;
	uint8_t der[8192], pem[16384];
	size_t der_n, pem_n;
};

static EVP_PKEY *generated(const char *type, int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_true(EVP_PKEY_keygen_init(ctx) > 0);
	assert_true(!bits || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) > 0);
	assert_true(EVP_PKEY_generate(ctx, &key) > 0);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *generated_from(EVP_PKEY *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(params, NULL);
	EVP_PKEY *key = NULL;

	assert_true(EVP_PKEY_keygen_init(ctx) > 0 && EVP_PKEY_generate(ctx, &key) > 0);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(params);
	return key;
}

static EVP_PKEY *generated_dsa(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
	EVP_PKEY *params = NULL;

	assert_true(EVP_PKEY_paramgen_init(ctx) > 0 && EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 1024) > 0);
	assert_true(EVP_PKEY_paramgen(ctx, &params) > 0);
	EVP_PKEY_CTX_free(ctx);
	return generated_from(params);
}

/* "RSA:2048", "EC:P-256", "ED25519", "DSA", "DH:ffdhe2048" ... */
static EVP_PKEY *key_made(const char *what)
{
	const char *argument = strchr(what, ':');

	if (!strncmp(what, "RSA", 3)) {
		char type[16];

		snprintf(type, sizeof type, "%.*s", (int)(argument - what), what);
		return generated(type, atoi(argument + 1));
	}
	if (!strncmp(what, "EC:", 3))
		return EVP_EC_gen(argument + 1);
	if (!strcmp(what, "DSA"))
		return generated_dsa();
	if (!strncmp(what, "DHX:", 4))
		return generated_dh("DHX", argument + 1);
	if (!strncmp(what, "DH:", 3))
		return generated_dh("DH", argument + 1);
	return generated(what, 0);
}

/* A certificate with this key, signed by another: the seal is not looked at here. */
static void certify(struct signer *s)
{
	EVP_PKEY *issuer = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	uint8_t *to = s->der;

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 1000);
	assert_true(X509_set_pubkey(x, s->key));
	assert_true(X509_sign(x, issuer, EVP_sha256()) > 0);
	assert_true(i2d_X509(x, NULL) <= (int)sizeof s->der);
	s->der_n = (size_t)i2d_X509(x, &to);
	X509_free(x);
	EVP_PKEY_free(issuer);
}

static void to_pem(struct signer *s, const char *pass)
{
	BIO *bio = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_PKCS8PrivateKey(bio, s->key, pass ? EVP_aes_128_cbc() : NULL, pass,
	        pass ? (int)strlen(pass) : 0, NULL, NULL));
	s->pem_n = (size_t)BIO_read(bio, s->pem, sizeof s->pem);
	BIO_free(bio);
}

static struct signer signer_of(const char *what)
{
	struct signer s = { .key = key_made(what) };
	const char *why = "unset";

	assert_non_null(s.key);
	certify(&s);
	s.public = public_key_of_cert((struct span){ s.der, s.der_n });
	assert_non_null(s.public);
	if (strncmp(what, "DH", 2) != 0) {
		to_pem(&s, NULL);
		s.private = private_key_pem((struct span){ s.pem, s.pem_n }, NULL, &why);
		assert_non_null(s.private);
		assert_null(why);
	}
	return s;
}

static void signer_end(struct signer *s)
{
	EVP_PKEY_free(s->key);
	public_key_free(s->public);
	private_key_free(s->private);
}

/* ---- signatures
 * ------------------------------------------------------------------------------------------------------- */

static bool verifies(
        const struct signer *s, uint16_t scheme, bool tls13, const char *message, struct span signature)
{
	size_t half = strlen(message) / 2;
	struct span parts[] = { { (const uint8_t *)message, half }, text(message + half) };
	bool possible = false,
	     ok = public_key_verify(s->public, scheme, tls13, parts, 2, signature, &possible);

	assert_true(possible);
	return ok;
}

static void check_scheme(const struct signer *s, uint16_t scheme, bool tls13)
{
	uint8_t signature[8192];
	struct wr w = wr_of(signature, sizeof signature);
	struct span parts[] = { text("what is "), text("signed") };

	assert_true(private_key_sign(s->private, scheme, parts, 2, &w));
	assert_true(verifies(s, scheme, tls13, "what is signed", written(&w)));
	assert_false(verifies(s, scheme, tls13, "what is sighed", written(&w)));
	assert_false(verifies(s, scheme, tls13, "what is signed", (struct span){ signature, w.len - 1 }));
	assert_false(verifies(s, scheme, tls13, "what is signed", (struct span){ NULL, 0 }));
	signature[w.len / 2] ^= 0x10;
	assert_false(verifies(s, scheme, tls13, "what is signed", written(&w)));
}

static void signatures_of_each_scheme_verify_and_broken_ones_do_not(void **state)
{
	static const struct {
		const char *key;
		enum cert_key kind;
		uint16_t schemes[10]; /* ends with 1; 0: before TLS 1.2 */
	} rows[] = {
		{ "RSA:2048", KEY_RSA,
		        { 0, 0x0101, 0x0201, 0x0301, 0x0401, 0x0501, 0x0601, 0x0804, 0x0806, 1 } },
		{ "RSA:1024", KEY_RSA, { 0, 0x0804, 0x0805, 1 } },
		{ "RSA-PSS:2048", KEY_RSA_PSS, { 0x0809, 0x080A, 0x080B, 1 } },
		{ "DSA", KEY_DSA, { 0, 0x0202, 0x0402, 1 } },
		{ "EC:P-256", KEY_ECDSA, { 0, 0x0203, 0x0403, 0x0503, 0x0603, 1 } },
		{ "EC:P-521", KEY_ECDSA, { 0, 0x0403, 0x0603, 1 } },
		{ "EC:brainpoolP256r1", KEY_ECDSA, { 0x0403, 1 } },
		{ "ED25519", KEY_ED25519, { 0x0807, 1 } },
		{ "ED448", KEY_ED448, { 0x0808, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct signer s = signer_of(rows[i].key);

		assert_int_equal(public_key_kind(s.public), rows[i].kind);
		assert_int_equal(private_key_kind(s.private), rows[i].kind);
		for (const uint16_t *scheme = rows[i].schemes; *scheme != 1; scheme++)
			check_scheme(&s, *scheme, false);
		signer_end(&s);
	}
}

struct kept {
	uint8_t bytes[2048];
	size_t n, lines;
};

static void keep(void *owner, struct span signature)
{
	struct kept *k = owner;

	k->lines++;
	k->n = signature.n;
	if (signature.n)
		memcpy(k->bytes, signature.p, signature.n);
}

static bool recall(void *owner, struct wr *out)
{
	struct kept *k = owner;

	wr_bytes(out, k->bytes, k->n);
	return k->n > 0;
}

static void a_stand_in_signs_what_was_kept_of_the_key(void **state)
{
	static const struct {
		const char *key;
		uint16_t scheme;
	} rows[] = { { "EC:P-256", 0x0403 }, { "RSA:2048", 0x0804 }, { "ED25519", 0x0807 } };
	struct span message = text("transcript"), nothing = { NULL, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct signer s = signer_of(rows[i].key);
		struct private_key *other = private_key_stand_in((struct span){ s.der, s.der_n });
		struct kept kept = { .n = 0 };
		uint8_t first[2048] = "before", again[2048];
		struct wr w = wr_of(first, sizeof first), v = wr_of(again, sizeof again);

		assert_non_null(other);
		assert_int_equal(private_key_kind(other), private_key_kind(s.private));
		assert_true(private_key_can(other, rows[i].scheme, true));
		assert_false(private_key_can(other, 0x0809, true));
		wr_zero(&w, 6);
		private_key_signatures(s.private, &(struct signatures){ .keep = keep, .owner = &kept });
		private_key_signatures(other, &(struct signatures){ .recall = recall, .owner = &kept });
		assert_true(private_key_sign(s.private, rows[i].scheme, &message, 1, &w));
		assert_true(private_key_sign(other, rows[i].scheme, &nothing, 1, &v));
		assert_int_equal(v.len, w.len - 6);
		assert_memory_equal(again, first + 6, v.len);
		assert_false(private_key_sign(s.private, 0x0809, &message, 1, &w)); /* no scheme of these keys */
		assert_int_equal(kept.lines, 2);
		assert_false(private_key_sign(other, 0x0809, &message, 1, &v));
		private_key_free(other);
		signer_end(&s);
	}
	assert_null(private_key_stand_in(nothing));
}

/* SSL 3.0: the caller has hashed; RSA signs both hashes, the others SHA-1 alone. */
static void ready_made_hashes_are_signed(void **state)
{
	static const char *const keys[] = { "RSA:2048", "DSA", "EC:P-256" };

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct signer s = signer_of(keys[i]);
		uint8_t hashes[36] = "0123456789abcdef0123456789012345678", signature[2048];
		struct wr w = wr_of(signature, sizeof signature);

		assert_true(private_key_sign_digest(s.private, hashes, &w));
		assert_true(public_key_verify_digest(s.public, hashes, written(&w)));
		hashes[0] ^= 1;
		assert_int_equal(public_key_verify_digest(s.public, hashes, written(&w)), i > 0);
		hashes[35] ^= 1;
		assert_false(public_key_verify_digest(s.public, hashes, written(&w)));
		signer_end(&s);
	}
	struct signer s = signer_of("ED25519");
	uint8_t hashes[36] = { 0 }, room[64];
	struct wr w = wr_of(room, sizeof room);

	assert_false(private_key_sign_digest(s.private, hashes, &w));
	assert_false(public_key_verify_digest(s.public, hashes, (struct span){ room, 64 }));
	signer_end(&s);
}

static bool signs_for(const struct signer *s, uint16_t scheme, bool tls13)
{
	uint8_t signature[8192];
	struct wr w = wr_of(signature, sizeof signature);
	struct span message = text("message");

	assert_true(private_key_sign(s->private, scheme, &message, 1, &w));
	return verifies(s, scheme, tls13, "message", written(&w));
}

static void in_tls_1_3_an_ecdsa_scheme_is_bound_to_its_curve(void **state)
{
	struct signer p256 = signer_of("EC:P-256"), p384 = signer_of("EC:P-384"),
	              brainpool = signer_of("EC:brainpoolP384r1");

	(void)state;
	assert_true(signs_for(&p256, 0x0403, true));
	assert_false(signs_for(&p256, 0x0503, true));
	assert_true(signs_for(&p256, 0x0503, false));
	assert_true(signs_for(&p384, 0x0503, true));
	assert_true(signs_for(&brainpool, 0x081B, true));
	assert_false(signs_for(&brainpool, 0x081B, false));
	signer_end(&p256);
	signer_end(&p384);
	signer_end(&brainpool);
}

static void a_scheme_of_another_version_or_key_is_refused(void **state)
{
	struct signer rsa = signer_of("RSA:2048");
	struct span message = text("message");
	uint8_t signature[512];
	struct wr w = wr_of(signature, sizeof signature);
	bool possible;

	(void)state;
	assert_true(signs_for(&rsa, 0x0804, true));
	assert_false(signs_for(&rsa, 0x0401, true));
	assert_false(signs_for(&rsa, 0, true));
	assert_false(private_key_sign(rsa.private, 0x0403, &message, 1, &w));
	assert_false(private_key_sign(rsa.private, 0x0809, &message, 1, &w));
	assert_false(public_key_verify(rsa.public, 0x0403, false, &message, 1, hex("00"), &possible));
	assert_true(possible);
	assert_false(public_key_verify(rsa.public, 0x0708, true, &message, 1, hex("00"), &possible));
	assert_false(possible); /* SM2 */
	assert_false(public_key_verify(rsa.public, 0xFEED, true, &message, 1, hex("00"), &possible));
	assert_false(possible);
	signer_end(&rsa);
}

static void ml_dsa_verifies_where_libcrypto_has_it(void **state)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "ML-DSA-65", NULL);
	struct signer s;

	(void)state;
	if (!ctx)
		skip();
	EVP_PKEY_CTX_free(ctx);
	s = signer_of("ML-DSA-65");
	assert_int_equal(public_key_kind(s.public), KEY_ML_DSA);
	check_scheme(&s, 0x0905, true);
	assert_false(verifies(&s, 0x0904, true, "what is signed", hex("00")));
	signer_end(&s);
}

/* ---- long-lived keys
 * -------------------------------------------------------------------------------------------------- */

static void rsa_encrypts_a_whole_block(void **state)
{
	struct signer s = signer_of("RSA:512"); /* as the temporary key of an export suite */
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(s.key, NULL);
	uint8_t block[64] = { 0, 2, 1, 1, 1 }, out[64], back[64];
	struct wr w = wr_of(out, sizeof out);
	size_t n = sizeof back;

	(void)state;
	assert_int_equal(public_key_bytes(s.public), 64);
	assert_true(public_key_encrypt_raw(s.public, (struct span){ block, 64 }, &w));
	assert_true(EVP_PKEY_decrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0);
	assert_true(EVP_PKEY_decrypt(ctx, back, &n, out, w.len) > 0);
	assert_memory_equal(back, block, 64);
	assert_false(public_key_encrypt_raw(s.public, (struct span){ block, 63 }, &w));
	EVP_PKEY_CTX_free(ctx);
	signer_end(&s);
}

static void rsa_numbers_out_of_bounds_are_no_key(void **state)
{
	static uint8_t large[2049];
	struct public_key *k;

	(void)state;
	memset(large, 0xFF, sizeof large);
	assert_null(public_key_rsa((struct span){ large, 2049 }, hex("010001")));
	assert_null(public_key_rsa((struct span){ large, 47 }, hex("010001")));
	assert_null(public_key_rsa((struct span){ large, 64 }, hex("01")));
	assert_null(public_key_rsa((struct span){ large, 64 }, hex("02")));
	assert_null(public_key_rsa((struct span){ large, 64 }, hex("")));
	assert_null(public_key_rsa((struct span){ large, 64 }, hex("010000000000000001")));
	assert_null(public_key_rsa((struct span){ large, 0 }, hex("03")));
	k = public_key_rsa((struct span){ large, 64 }, hex("00010001"));
	assert_non_null(k);
	assert_int_equal(public_key_kind(k), KEY_RSA);
	public_key_free(k);
}

static void a_certificate_that_is_cut_or_bent_is_no_key(void **state)
{
	struct signer s = signer_of("EC:P-256");

	(void)state;
	for (size_t n = 0; n < s.der_n; n++) {
		struct public_key *k = public_key_of_cert((struct span){ s.der, n });

		assert_null(k);
	}
	for (size_t i = 0; i < s.der_n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			s.der[i] ^= (uint8_t)(1 << bit);
			public_key_free(public_key_of_cert((struct span){ s.der, s.der_n }));
			s.der[i] ^= (uint8_t)(1 << bit);
		}
	signer_end(&s);
}

static void check_static(const char *what, uint16_t expected_group)
{
	struct signer s = signer_of(what);
	uint8_t share[1250], mine[1250], ours[SHARED_MAX], theirs[SHARED_MAX];
	struct wr w = wr_of(share, sizeof share), out = wr_of(ours, sizeof ours),
	          m = wr_of(mine, sizeof mine);
	struct key_pair *pair;
	struct span p, g;
	uint16_t group;
	EVP_PKEY *peer;
	EVP_PKEY_CTX *ctx;
	size_t n = sizeof theirs;

	assert_true(public_key_share(s.public, &group, &w, &p, &g));
	assert_int_equal(group, expected_group);
	pair = group ? key_pair_new(group, secret_a) : key_pair_dh(p, g, secret_a);
	assert_non_null(pair);
	assert_true(key_pair_shared(pair, written(&w), &out));
	key_pair_public(pair, &m);
	/* The server's side, by libcrypto. */
	peer = EVP_PKEY_new();
	assert_true(
	        EVP_PKEY_copy_parameters(peer, s.key) && EVP_PKEY_set1_encoded_public_key(peer, mine, m.len));
	ctx = EVP_PKEY_CTX_new(s.key, NULL);
	assert_true(EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, peer) > 0);
	if (!group)
		assert_true(EVP_PKEY_CTX_set_dh_pad(ctx, 1) > 0);
	assert_true(EVP_PKEY_derive(ctx, theirs, &n) > 0);
	assert_int_equal(n, out.len);
	assert_memory_equal(ours, theirs, n);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	key_pair_free(pair);
	signer_end(&s);
}

static void a_certificate_may_hold_a_share(void **state)
{
	struct signer rsa = signer_of("RSA:1024");
	uint8_t none[8];
	struct wr w = wr_of(none, sizeof none);
	struct span p, g;
	uint16_t group;

	(void)state;
	check_static("EC:P-384", 0x0018);
	check_static("EC:sect283k1", 0x0009);
	check_static("DH:ffdhe2048", 0);
	check_static("DHX:dh_2048_256", 0);
	assert_false(public_key_share(rsa.public, &group, &w, &p, &g));
	signer_end(&rsa);
}

static void a_private_key_fits_its_own_certificate_only(void **state)
{
	static const char *const kinds[] = { "RSA:1024", "RSA-PSS:1024", "EC:P-256", "ED25519", "DSA" };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct signer a = signer_of(kinds[i]), b = signer_of(i == 4 ? "RSA:1024" : kinds[i]);

		assert_true(private_key_fits(a.private, (struct span){ a.der, a.der_n }));
		assert_false(private_key_fits(a.private, (struct span){ b.der, b.der_n }));
		assert_false(private_key_fits(a.private, hex("3000")));
		signer_end(&a);
		signer_end(&b);
	}
}

static void a_passphrase_is_never_asked_for(void **state)
{
	struct signer s = signer_of("EC:P-256");
	struct private_key *k;
	const char *why = NULL;

	(void)state;
	to_pem(&s, "open sesame");
	assert_null(private_key_pem((struct span){ s.pem, s.pem_n }, NULL, &why));
	assert_non_null(strstr(why, "needs a passphrase"));
	assert_null(private_key_pem((struct span){ s.pem, s.pem_n }, "wrong", &why));
	assert_non_null(strstr(why, "does not open"));
	assert_null(private_key_pem(text("no PEM"), NULL, &why));
	assert_non_null(strstr(why, "no private key"));
	assert_null(private_key_pem((struct span){ NULL, 0 }, NULL, &why));
	k = private_key_pem((struct span){ s.pem, s.pem_n }, "open sesame", &why);
	assert_non_null(k);
	private_key_free(k);
	signer_end(&s);
}

/* ---- ciphers
 * ----------------------------------------------------------------------------------------------------------
 */

#define PLAIN60                                                                                              \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b1" \
	"6aedf5"                                                                                             \
	"aa0de657ba637b39"

/* GCM of AES: NIST's test cases 4 and 16; of Camellia: the same cases by its authors; ARIA: RFC 8269 has CTR
 * only, so libcrypto's is taken as it is. CCM: RFC 6655 has no vectors; NIST SP 800-38C example 3 has a nonce
 * of 12 bytes. ChaCha20-Poly1305: RFC 8439 section 2.8.2, and draft-agl-tls-chacha20poly1305-04. */
static const struct aead_row {
	uint16_t suite;
	const char *key, *nonce, *ad, *plain, *sealed;
} aead_rows[] = {
	{ 0x009C, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	        "feedfacedeadbeeffeedfacedeadbeefabaddad2", PLAIN60,
	        "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84"
	        "aa051ba30b39"
	        "6a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47" },
	{ 0x009D, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	        "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", PLAIN60,
	        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
	        "8838c5f61e63"
	        "93ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b" },
	{ 0xC07A, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
	        "feedfacedeadbeeffeedfacedeadbeefabaddad2", PLAIN60,
	        "d0d94a13b632f337a0cc9955b94fa020c815f903aab12f1efaf2fe9d90f729a6cccbfa986ef2ff2c33de418d9a25"
	        "29091cf18fe6"
	        "52c1cfde13f826069f458869431576ea6a095456ec6b8101" },
	{ 0xC07A, "00000000000000000000000000000000", "000000000000000000000000", "", "",
	        "f5574acc3148dfcb9015200631024df9" },
	{ 0xC07B, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	        "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", PLAIN60,
	        "ad142c11579dd95e41f3c1f324dabc255864d920f1b65759d8f560d4948d447758dfdcf77aa9f62581c7ff572a03"
	        "7f810cb1a9c4"
	        "b3ca6ed638179b774e4b178d8fe26fdc95e2e7246dd94bec" },
	{ 0xC0A0, "404142434445464748494a4b4c4d4e4f", "101112131415161718191a1b",
	        "000102030405060708090a0b0c0d0e0f10111213",
	        "202122232425262728292a2b2c2d2e2f3031323334353637",
	        "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951" },
	{ 0xCCA8, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	        "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	        "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a2049662049"
	        "20636f756c6420"
	        "6f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265"
	        "656e20776f756c"
	        "642062652069742e",
	        "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
	        "728b1a71de0a9e"
	        "060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4de"
	        "f08e4b7a9de576"
	        "d26586cec64b61161ae10b594f09e26a7e902ecbd0600691" },
	{ 0xCC13, "4290bcb154173531f314af57f3be3b5006da371ece272afa1b5dbdd1100a1007", "cd7cf67be39c794a",
	        "87e229d4500845a079c0", "86d09974840bded2a5ca",
	        "e3e446f7ede9a19b62a4677dabf4e3d24b876bb284753896e1d6" },
};

static void check_aead(const struct aead_row *row)
{
	const struct cipher_kind *kind = cipher_kind_of(suite_find(row->suite));
	struct cipher *seals = cipher_new(kind, hex(row->key), true),
	              *opens = cipher_new(kind, hex(row->key), false);
	struct span plain = hex(row->plain), nonce = hex(row->nonce), ad = hex(row->ad);
	uint8_t data[512];

	assert_non_null(seals);
	assert_non_null(opens);
	for (unsigned again = 0; again < 2;
	        again++) { /* what a record leaves behind does not change the next */
		memcpy(data, plain.p, plain.n);
		assert_true(cipher_aead(seals, nonce, ad, data, plain.n));
		assert_hex(data, row->sealed);
		assert_true(cipher_aead(opens, nonce, ad, data, plain.n));
		assert_memory_equal(data, plain.p, plain.n);
		data[plain.n] ^= 1;
		assert_false(cipher_aead(opens, nonce, ad, data, plain.n));
	}
	cipher_free(seals);
	cipher_free(opens);
}

static void aead_ciphers_give_the_published_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof aead_rows / sizeof *aead_rows; i++)
		check_aead(&aead_rows[i]);
}

/* RFC 6229, RFC 2268, FIPS 81, NIST SP 800-38A F.2.1, RFC 3713, RFC 4269, RFC 5794. */
static const struct run_row {
	uint16_t suite;
	const char *key, *iv, *plain, *expected;
} run_rows[] = {
	{ 0x0005, "0102030405060708090a0b0c0d0e0f10", "", "00000000000000000000000000000000",
	        "9ac7cc9a609d1ef7b2932899cde41b97" },
	{ 0x0006, "88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "0000000000000000",
	        "2269552ab0f85ca6" },
	{ 0x0009, "0123456789abcdef", "1234567890abcdef", "4e6f77206973207468652074696d6520666f7220616c6c20",
	        "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	{ 0x002F, "2b7e151628aed2a6abf7158809cf4f3c", "000102030405060708090a0b0c0d0e0f",
	        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
	        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" },
	{ 0x0041, "0123456789abcdeffedcba9876543210", "00000000000000000000000000000000",
	        "0123456789abcdeffedcba9876543210", "67673138549669730857065648eabe43" },
	{ 0x0096, "00000000000000000000000000000000", "00000000000000000000000000000000",
	        "000102030405060708090a0b0c0d0e0f", "5ebac6e0054e166819aff1cc6d346cdb" },
	{ 0xC03C, "000102030405060708090a0b0c0d0e0f", "00000000000000000000000000000000",
	        "00112233445566778899aabbccddeeff", "d718fbd6ab644c739da95f3be6451778" },
};

static void check_run(const struct run_row *row)
{
	const struct cipher_kind *kind = cipher_kind_of(suite_find(row->suite));
	struct cipher *there = cipher_new(kind, hex(row->key), true),
	              *back = cipher_new(kind, hex(row->key), false);
	struct span plain = hex(row->plain);
	uint8_t data[64], iv_there[16] = { 0 }, iv_back[16] = { 0 };

	if (!crypt_has_cipher(kind)) {
		print_message("not in this libcrypto: %s\n", kind->enc);
		assert_null(there);
		return;
	}
	assert_non_null(there);
	memcpy(iv_there, hex(row->iv).p, strlen(row->iv) / 2);
	memcpy(iv_back, iv_there, 16);
	memcpy(data, plain.p, plain.n);
	/* Block by block is all at once: the IV moves on. */
	assert_true(cipher_run(there, iv_there, data, kind->block));
	assert_true(cipher_run(there, iv_there, data + kind->block, plain.n - kind->block));
	assert_hex(data, row->expected);
	assert_true(cipher_run(back, iv_back, data, plain.n));
	assert_memory_equal(data, plain.p, plain.n);
	assert_memory_equal(iv_there, iv_back, 16);
	assert_false(kind->mode == CIPHER_CBC && cipher_run(back, iv_back, data, plain.n - 1));
	cipher_free(there);
	cipher_free(back);
}

static void block_and_stream_ciphers_give_the_published_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof run_rows / sizeof *run_rows; i++)
		check_run(&run_rows[i]);
}

static void what_is_missing_is_named(void **state)
{
	bool kem = false;

	(void)state;
	for (const char *const *name = crypt_lacks(); *name; name++) {
		print_message("not in this libcrypto: %s\n", *name);
		kem = kem || !strcmp(*name, "ML-KEM");
	}
	assert_int_equal(kem, !crypt_has_group(0x11EC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_are_over_all_parts),
		cmocka_unit_test(digests_have_the_names_of_the_tables),
		cmocka_unit_test(hmac_gives_the_published_answers),
		cmocka_unit_test(both_sides_agree_in_every_group_that_is_here),
		cmocka_unit_test(a_hello_has_the_public_half_of_its_key_pair),
		cmocka_unit_test(a_point_off_the_curve_is_refused),
		cmocka_unit_test(a_point_of_small_order_is_refused),
		cmocka_unit_test(both_sides_agree_in_a_field_that_the_server_names),
		cmocka_unit_test(trivial_numbers_of_a_field_are_refused),
		cmocka_unit_test(fields_out_of_bounds_are_refused),
		cmocka_unit_test(the_fields_of_rfc_7919_are_those_of_the_table),
		cmocka_unit_test(x25519_mlkem_768_agrees_with_its_parts),
		cmocka_unit_test(hybrids_of_curves_have_their_point_first),
		cmocka_unit_test(ml_kem_alone_agrees),
		cmocka_unit_test(signatures_of_each_scheme_verify_and_broken_ones_do_not),
		cmocka_unit_test(a_stand_in_signs_what_was_kept_of_the_key),
		cmocka_unit_test(ready_made_hashes_are_signed),
		cmocka_unit_test(in_tls_1_3_an_ecdsa_scheme_is_bound_to_its_curve),
		cmocka_unit_test(a_scheme_of_another_version_or_key_is_refused),
		cmocka_unit_test(ml_dsa_verifies_where_libcrypto_has_it),
		cmocka_unit_test(rsa_encrypts_a_whole_block),
		cmocka_unit_test(rsa_numbers_out_of_bounds_are_no_key),
		cmocka_unit_test(a_certificate_that_is_cut_or_bent_is_no_key),
		cmocka_unit_test(a_certificate_may_hold_a_share),
		cmocka_unit_test(a_private_key_fits_its_own_certificate_only),
		cmocka_unit_test(a_passphrase_is_never_asked_for),
		cmocka_unit_test(aead_ciphers_give_the_published_answers),
		cmocka_unit_test(block_and_stream_ciphers_give_the_published_answers),
		cmocka_unit_test(what_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
