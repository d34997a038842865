/*
 * Keys that can be broken, or that no authority should have certified, found from the public key alone.
 *
 * Bounded: moduli of more than KEYCHECK_BITS_MAX bits are not computed with.
 */
#ifndef TRUST_KEYCHECK_H
#define TRUST_KEYCHECK_H

#include "scanner/base/wire.h"

struct cert;

enum {
	KEYCHECK_BITS_MAX = 16384,
	KEYCHECK_FERMAT_ROUNDS = 100,
	KEY_FLAWS_MAX = 8,
};

/*
 * Writes the words of what is wrong with the key, and returns how many: exponent_1, exponent_even, modulus_even,
 * small_factor (below 752, CA/Browser Forum BR 6.1.6), close_primes (Fermat), roca (CVE-2017-15361),
 * curve_not_named (RFC 5480 section 2.1.1), curve_small.
 */
size_t key_flaws(const struct cert *, const char *words[static KEY_FLAWS_MAX]);

/* One of those words that say how to factor it: modulus_even, small_factor, close_primes, roca. */
bool modulus_is_broken(const struct cert *);

/* The parts, of the bytes of a modulus without leading zeros. */
bool modulus_has_small_factor(struct span n);
bool modulus_is_roca(struct span n);
bool modulus_has_close_primes(struct span n);

#endif
