#include "scanner/trust/keycheck.h"

#include <openssl/bn.h>

#include "scanner/base/die.h"
#include "scanner/trust/cert.h"

enum { SMALL_FACTOR_END = 752, ROCA_PRIME_MAX = 167, CURVE_BITS_MIN = 224, ROCA_GENERATOR = 65537 };

static unsigned remainder_of(struct span n, unsigned divisor)
{
	unsigned r = 0;

	for (size_t i = 0; i < n.n; i++)
		r = (r << 8 | n.p[i]) % divisor;
	return r;
}

static bool is_prime(unsigned n)
{
	for (unsigned d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n > 1;
}

bool modulus_has_small_factor(struct span n)
{
	for (unsigned p = 3; n.n > 2 && p < SMALL_FACTOR_END; p += 2)
		if (is_prime(p) && !remainder_of(n, p))
			return true;
	return false;
}

/* ---- ROCA ------------------------------------------------------------------------------------ */

/* Is r a power of 65537 modulo the prime p? */
static bool is_power(unsigned r, unsigned p)
{
	unsigned power = 1, step = ROCA_GENERATOR % p;

	for (unsigned i = 0; i < p; i++) {
		if (power == r)
			return true;
		power = power * step % p;
	}
	return false;
}

/*
 * The library made primes of the form k * M + (65537 ^ a mod M), M the product of the first primes; so the modulus,
 * too, is a power of 65537 modulo each of them (Nemec and others, "The Return of Coppersmith's Attack", section 2).
 * For the smallest size M goes up to 167. Another modulus passes all of them once in about 2 ^ 27.
 */
bool modulus_is_roca(struct span n)
{
	for (unsigned p = 3; p <= ROCA_PRIME_MAX; p += 2)
		if (is_prime(p) && !is_power(remainder_of(n, p), p))
			return false;
	return n.n > 0;
}

/* ---- Fermat ---------------------------------------------------------------------------------- */

/* The largest whole number whose square is not above n (Newton, from above). */
static void square_root(BIGNUM *root, const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *next = BN_new();

	BN_set_word(root, 1);
	BN_lshift(root, root, (BN_num_bits(n) + 1) / 2);
	for (;;) {
		BN_div(next, NULL, n, root, ctx);
		BN_add(next, next, root);
		BN_rshift1(next, next);
		if (BN_cmp(next, root) >= 0)
			break;
		BN_copy(root, next);
	}
	BN_free(next);
}

static bool is_square_modulo(BN_ULONG rest, BN_ULONG modulus)
{
	for (BN_ULONG x = 0; 2 * x <= modulus; x++)
		if (x * x % modulus == rest)
			return true;
	return false;
}

/* Squares end, modulo 64, in one of twelve ways; with the others 1 number in 120 that is none comes through. */
static bool may_be_square(const BIGNUM *n)
{
	static const uint64_t ends = UINT64_C(0x0202021202030213);
	BN_ULONG rest;

	if (!(ends >> BN_mod_word(n, 64) & 1))
		return false;
	rest = BN_mod_word(n, 63 * 65 * 11);
	return is_square_modulo(rest % 63, 63) && is_square_modulo(rest % 65, 65) && is_square_modulo(rest % 11, 11);
}

static bool is_square(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *root, *square;
	bool same;

	if (!may_be_square(n))
		return false;
	root = BN_new();
	square = BN_new();
	square_root(root, n, ctx);
	BN_sqr(square, root, ctx);
	same = !BN_cmp(square, n);
	BN_free(root);
	BN_free(square);
	return same;
}

/* Is a * a - n a square for one of the first whole numbers a that are not below the root of n? */
static bool fermat(const BIGNUM *n, BN_CTX *ctx)
{
	BIGNUM *a = BN_new(), *rest = BN_new();
	bool found = false;

	square_root(a, n, ctx);
	BN_sqr(rest, a, ctx);
	found = !BN_cmp(rest, n);
	for (unsigned i = 0; i < KEYCHECK_FERMAT_ROUNDS && !found; i++) {
		BN_add_word(a, 1);
		BN_sqr(rest, a, ctx);
		BN_sub(rest, rest, n);
		found = is_square(rest, ctx);
	}
	BN_free(a);
	BN_free(rest);
	return found;
}

bool modulus_has_close_primes(struct span bytes)
{
	BIGNUM *n;
	BN_CTX *ctx;
	bool found;

	if (!bytes.n || bytes.n > KEYCHECK_BITS_MAX / 8)
		return false;
	n = BN_bin2bn(bytes.p, (int)bytes.n, NULL);
	ctx = BN_CTX_new();
	found = fermat(n, ctx);
	BN_CTX_free(ctx);
	BN_free(n);
	return found;
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool computable(const struct cert *c)
{
	return c->rsa_n.n && c->key_bits <= KEYCHECK_BITS_MAX;
}

static bool exponent_is_1(const struct cert *c)
{
	return c->rsa_e.n == 1 && c->rsa_e.p[0] == 1;
}

static bool exponent_is_even(const struct cert *c)
{
	return c->rsa_n.n && (!c->rsa_e.n || !(c->rsa_e.p[c->rsa_e.n - 1] & 1));
}

static bool modulus_is_even(const struct cert *c)
{
	return c->rsa_n.n && !(c->rsa_n.p[c->rsa_n.n - 1] & 1);
}

static bool has_small_factor(const struct cert *c)
{
	return computable(c) && modulus_has_small_factor(c->rsa_n);
}

static bool has_close_primes(const struct cert *c)
{
	return computable(c) && !modulus_is_even(c) && modulus_has_close_primes(c->rsa_n);
}

static bool is_roca(const struct cert *c)
{
	return computable(c) && modulus_is_roca(c->rsa_n);
}

bool modulus_is_broken(const struct cert *c)
{
	return modulus_is_even(c) || has_small_factor(c) || has_close_primes(c) || is_roca(c);
}

static bool curve_is_not_named(const struct cert *c)
{
	return c->key == KEY_ECDSA && !c->curve;
}

static bool curve_is_small(const struct cert *c)
{
	return c->key == KEY_ECDSA && c->key_bits < CURVE_BITS_MIN;
}

static const struct {
	const char *word;
	bool (*holds)(const struct cert *);
} flaws[KEY_FLAWS_MAX] = {
	{ "exponent_1", exponent_is_1 },
	{ "exponent_even", exponent_is_even },
	{ "modulus_even", modulus_is_even },
	{ "small_factor", has_small_factor },
	{ "close_primes", has_close_primes },
	{ "roca", is_roca },
	{ "curve_not_named", curve_is_not_named },
	{ "curve_small", curve_is_small },
};

size_t key_flaws(const struct cert *c, const char *words[static KEY_FLAWS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < KEY_FLAWS_MAX && !c->malformed; i++)
		if (flaws[i].holds(c))
			words[n++] = flaws[i].word;
	return n;
}
