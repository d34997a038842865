#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/keycheck.h"
#include "tests/unit/mint.h"

static BN_CTX *ctx;
static uint8_t room[4096];

static int set_up(void **state)
{
	(void)state;
	ctx = BN_CTX_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	BN_CTX_free(ctx);
	mint_close();
	return 0;
}

static struct span bytes_of(const BIGNUM *n)
{
	return (struct span){ room, (size_t)BN_bn2bin(n, room) };
}

/* The product of the first `count` primes. */
static BIGNUM *primorial(unsigned count)
{
	BIGNUM *m = BN_new();
	unsigned found = 0;

	BN_one(m);
	for (unsigned p = 2; found < count; p++) {
		unsigned d = 2;

		while (d * d <= p && p % d)
			d++;
		if (d * d > p) {
			BN_mul_word(m, p);
			found++;
		}
	}
	return m;
}

/* A prime k * M + (65537 ^ a mod M), as the broken library made them: M of 39 primes for 512 bits, of 71 for 1024. */
static BIGNUM *roca_prime(int bits, unsigned primes)
{
	BIGNUM *m = primorial(primes), *g = BN_new(), *a = BN_new(), *k = BN_new(), *p = BN_new(), *base = BN_new();

	BN_set_word(g, 65537);
	do {
		BN_rand(a, 60, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
		BN_mod_exp(base, g, a, m, ctx);
		BN_rand(k, bits - BN_num_bits(m), BN_RAND_TOP_TWO, BN_RAND_BOTTOM_ANY);
		BN_mul(p, k, m, ctx);
		BN_add(p, p, base);
	} while (BN_check_prime(p, ctx, NULL) != 1);
	BN_free(m);
	BN_free(g);
	BN_free(a);
	BN_free(k);
	BN_free(base);
	return p;
}

static BIGNUM *prime(int bits)
{
	BIGNUM *p = BN_new();

	require(BN_generate_prime_ex2(p, bits, 0, NULL, NULL, NULL, ctx) > 0);
	return p;
}

static BIGNUM *product(BIGNUM *p, BIGNUM *q)
{
	BIGNUM *n = BN_new();

	BN_mul(n, p, q, ctx);
	BN_free(p);
	BN_free(q);
	return n;
}

static void keys_of_the_broken_library_are_found(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		BIGNUM *n = i % 2 ? product(roca_prime(256, 39), roca_prime(256, 39))
		                  : product(roca_prime(512, 71), roca_prime(512, 71));

		assert_true(modulus_is_roca(bytes_of(n)));
		assert_false(modulus_has_close_primes(bytes_of(n)));
		assert_false(modulus_has_small_factor(bytes_of(n)));
		BN_free(n);
	}
}

static void one_prime_of_another_make_is_enough_to_be_no_such_key(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		BIGNUM *n = product(roca_prime(256, 39), prime(256));

		assert_false(modulus_is_roca(bytes_of(n)));
		BN_free(n);
	}
}

/* The next prime after p, and the next but some. */
static BIGNUM *prime_after(const BIGNUM *p, unsigned skip)
{
	BIGNUM *q = BN_dup(p);

	do
		do
			BN_add_word(q, 2);
		while (BN_check_prime(q, ctx, NULL) != 1);
	while (skip--);
	return q;
}

static void primes_that_stand_together_are_found(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		BIGNUM *p = prime(512), *q = prime_after(p, i), *n = product(p, q);

		assert_true(modulus_has_close_primes(bytes_of(n)));
		assert_false(modulus_is_roca(bytes_of(n)));
		BN_free(n);
	}
}

static void a_square_is_found_and_random_keys_are_not(void **state)
{
	BIGNUM *p = prime(256), *n = product(p, BN_dup(p));

	(void)state;
	assert_true(modulus_has_close_primes(bytes_of(n)));
	BN_free(n);
	for (int i = 0; i < 5; i++) {
		n = product(prime(512), prime(512));
		assert_false(modulus_has_close_primes(bytes_of(n)));
		assert_false(modulus_has_small_factor(bytes_of(n)));
		assert_false(modulus_is_roca(bytes_of(n)));
		BN_free(n);
	}
}

static void factors_below_752_are_found(void **state)
{
	static const unsigned small[] = { 3, 5, 7, 97, 743, 751 };
	BIGNUM *p = prime(512);

	(void)state;
	for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
		BIGNUM *n = BN_dup(p);

		BN_mul_word(n, small[i]);
		assert_true(modulus_has_small_factor(bytes_of(n)));
		BN_free(n);
	}
	BN_mul_word(p, 757);
	assert_false(modulus_has_small_factor(bytes_of(p)));
	BN_free(p);
}

static void nothing_is_computed_with_what_is_empty_or_too_large(void **state)
{
	static uint8_t large[KEYCHECK_BITS_MAX / 8 + 1];

	(void)state;
	memset(large, 0xFF, sizeof large);
	assert_false(modulus_has_close_primes((struct span){ large, sizeof large }));
	assert_false(modulus_has_close_primes((struct span){ NULL, 0 }));
	assert_false(modulus_is_roca((struct span){ NULL, 0 }));
	assert_false(modulus_has_small_factor((struct span){ NULL, 0 }));
}

static void expect_flaws(struct cert *c, const char *wanted)
{
	const char *words[KEY_FLAWS_MAX];
	size_t n = key_flaws(c, words);
	char joined[200] = "";

	for (size_t i = 0; i < n; i++) {
		strcat(joined, i ? " " : "");
		strcat(joined, words[i]);
	}
	assert_string_equal(joined, wanted);
	cert_free(c);
}

static struct cert *parse(const struct minted *m)
{
	return cert_parse(m->der.p, m->der.n);
}

static struct cert *rsa_with(struct span n, struct span e)
{
	struct cert *c = parse(MINT(.name = "rsa", .key = "RSA:1024"));

	c->rsa_n = n.n ? n : c->rsa_n;
	c->rsa_e = e.n ? e : c->rsa_e;
	return c;
}

static void sound_keys_have_no_flaw(void **state)
{
	static const char *const kinds[] = { "RSA:2048", "EC:P-256", "EC:P-384", "ED25519", "ED448" };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		expect_flaws(parse(MINT(.name = "sound", .key = kinds[i])), "");
}

static void flaws_of_a_certificates_key_are_named(void **state)
{
	static const uint8_t one[] = { 1 }, two[] = { 1, 0, 0 }, even[] = { 0xC4, 0x77, 0x31, 0x12, 0x55, 0xAA };
	struct cert *c = parse(MINT(.name = "ec"));

	(void)state;
	expect_flaws(rsa_with((struct span){ 0 }, (struct span){ one, 1 }), "exponent_1");
	expect_flaws(rsa_with((struct span){ 0 }, (struct span){ two, 3 }), "exponent_even");
	expect_flaws(rsa_with((struct span){ even, 6 }, (struct span){ 0 }), "modulus_even small_factor");
	c->curve = NULL;
	expect_flaws(c, "curve_not_named");
	expect_flaws(parse(MINT(.name = "small", .key = "EC:P-192")), "curve_small");
	expect_flaws(cert_parse((const uint8_t *)"x", 1), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_the_broken_library_are_found),
		cmocka_unit_test(one_prime_of_another_make_is_enough_to_be_no_such_key),
		cmocka_unit_test(primes_that_stand_together_are_found),
		cmocka_unit_test(a_square_is_found_and_random_keys_are_not),
		cmocka_unit_test(factors_below_752_are_found),
		cmocka_unit_test(nothing_is_computed_with_what_is_empty_or_too_large),
		cmocka_unit_test(sound_keys_have_no_flaw),
		cmocka_unit_test(flaws_of_a_certificates_key_are_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
