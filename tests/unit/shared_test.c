#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>

#include "scanner/trust/pem.h"
#include "scanner/trust/shared.h"
#include "tests/unit/mint.h"

enum { PRIMES = 40, MODULI = 64, PRIME_BITS = 96 };

static struct arena arena;
static BN_CTX *ctx;
static BIGNUM *primes[PRIMES];

static int set_up(void **state)
{
	(void)state;
	ctx = BN_CTX_new();
	for (size_t i = 0; i < PRIMES; i++) {
		primes[i] = BN_new();
		do
			BN_generate_prime_ex(primes[i], PRIME_BITS, 0, NULL, NULL, NULL);
		while (i && !BN_cmp(primes[i], primes[i - 1]));
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < PRIMES; i++)
		BN_free(primes[i]);
	BN_CTX_free(ctx);
	arena_free(&arena);
	mint_close();
	return 0;
}

/* The product of two primes, by their numbers. */
static struct span modulus(size_t p, size_t q)
{
	BIGNUM *n = BN_new();
	struct span s;

	BN_mul(n, primes[p], primes[q], ctx);
	s.n = (size_t)BN_num_bytes(n);
	s.p = arena_new(&arena, s.n, 1);
	BN_bn2bin(n, (uint8_t *)(uintptr_t)s.p);
	BN_free(n);
	return s;
}

static const struct shared_factor *look(const struct span *moduli, size_t n, size_t *found)
{
	bool cut;
	const struct shared_factor *f = shared_factors(&arena, moduli, n, found, &cut);

	assert_false(cut);
	return f;
}

static void moduli_without_a_common_prime_share_nothing(void **state)
{
	struct span m[PRIMES / 2];
	size_t found;

	(void)state;
	for (size_t i = 0; i < PRIMES / 2; i++)
		m[i] = modulus(2 * i, 2 * i + 1);
	for (size_t n = 1; n <= PRIMES / 2; n++) {
		look(m, n, &found);
		assert_int_equal(found, 0);
	}
}

/* Wherever the two stand, and however many others there are. */
static void two_that_share_a_prime_are_found_wherever_they_stand(void **state)
{
	(void)state;
	for (size_t n = 2; n <= 9; n++)
		for (size_t i = 0; i < n; i++)
			for (size_t k = i + 1; k < n; k++) {
				struct span m[9];
				size_t found;
				const struct shared_factor *f;

				for (size_t x = 0; x < n; x++)
					m[x] = modulus(2 * x, 2 * x + 1);
				m[k] = modulus(2 * i, 2 * k + 1);
				f = look(m, n, &found);
				assert_int_equal(found, 1);
				assert_in_range(f->bits, PRIME_BITS - 1, PRIME_BITS);
				assert_int_equal(f->who_n, 2);
				assert_int_equal(f->who[0], i);
				assert_int_equal(f->who[1], k);
			}
}

/* A modulus both of whose primes are shared, with different others: its residue is no sign of either. */
static void both_primes_of_one_modulus_are_told_apart(void **state)
{
	struct span m[] = { modulus(0, 2), modulus(1, 3), modulus(0, 1), modulus(4, 5) };
	size_t found;
	const struct shared_factor *f = look(m, 4, &found);

	(void)state;
	assert_int_equal(found, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(f[i].who_n, 2);
		assert_int_equal(f[i].who[1], 2);
	}
	assert_int_not_equal(f[0].who[0], f[1].who[0]);
}

static void all_that_have_one_prime_are_one_factor(void **state)
{
	struct span m[MODULI / 2];
	size_t found;
	const struct shared_factor *f;

	(void)state;
	for (size_t i = 0; i < MODULI / 2; i++)
		m[i] = modulus(0, i + 1);
	f = look(m, MODULI / 2, &found);
	assert_int_equal(found, 1);
	assert_int_equal(f->who_n, MODULI / 2);
}

/* Hostile moduli share more factors than anyone wants to read. */
static void too_many_factors_are_cut_and_said(void **state)
{
	struct span m[MODULI + 6];
	size_t found, n = 0;
	bool cut;

	(void)state;
	for (size_t i = 0; i < 35; i++) {
		m[n++] = modulus(i, 38);
		m[n++] = modulus(i, 39);
	}
	shared_factors(&arena, m, n, &found, &cut);
	assert_int_equal(found, SHARED_FACTORS_MAX);
	assert_true(cut);
}

static void small_and_even_numbers_do_no_harm(void **state)
{
	static const uint8_t bytes[] = { 2, 6, 35, 143, 77 };
	struct span m[sizeof bytes];
	size_t found;

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		m[i] = (struct span){ &bytes[i], 1 };
	look(m, sizeof bytes, &found); /* 2: 2, 6; 7: 35, 77; 11: 143, 77 */
	assert_int_equal(found, 3);
	assert_false(shared_comparable((struct span){ NULL, 0 }));
	assert_false(shared_comparable((struct span){ (const uint8_t *)"\1", 1 }));
	assert_false(shared_comparable((struct span){ m[0].p, SHARED_BITS_MAX / 8 + 1 }));
	assert_true(shared_comparable(m[0]));
}

static void a_key_is_known_by_its_hash_whatever_the_certificate(void **state)
{
	const struct minted *one = MINT(.name = "one", .key = "RSA:1024"), *two = MINT(.name = "two", .key_of = one);
	const struct minted *ec = MINT(.name = "ec");
	struct shared_key a, b, c;

	(void)state;
	assert_true(shared_key_of(&arena, pem_text(&arena, one->der), &a));
	assert_true(shared_key_of(&arena, pem_text(&arena, two->der), &b));
	assert_true(shared_key_of(&arena, pem_text(&arena, ec->der), &c));
	assert_string_equal(a.sha256, b.sha256);
	assert_int_equal(a.modulus.n, 128);
	assert_string_not_equal(a.sha256, c.sha256);
	assert_int_equal(c.modulus.n, 0);
}

static void what_is_no_certificate_has_no_key(void **state)
{
	struct shared_key k;

	(void)state;
	assert_false(shared_key_of(&arena, NULL, &k));
	assert_false(shared_key_of(&arena, "", &k));
	assert_false(shared_key_of(&arena, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moduli_without_a_common_prime_share_nothing),
		cmocka_unit_test(two_that_share_a_prime_are_found_wherever_they_stand),
		cmocka_unit_test(both_primes_of_one_modulus_are_told_apart),
		cmocka_unit_test(all_that_have_one_prime_are_one_factor),
		cmocka_unit_test(too_many_factors_are_cut_and_said),
		cmocka_unit_test(small_and_even_numbers_do_no_harm),
		cmocka_unit_test(a_key_is_known_by_its_hash_whatever_the_certificate),
		cmocka_unit_test(what_is_no_certificate_has_no_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
