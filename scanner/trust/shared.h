/*
 * The keys of a run beside one another: what a certificate's key is known by, and RSA moduli that share a prime.
 *
 * Two moduli with one prime in common give both away to whoever computes their greatest common divisor (Heninger and
 * others, "Mining Your Ps and Qs", 2012). All pairs are looked at by products (Bernstein, "How to find smooth parts of
 * integers"). Bounded: the caller gives at most SHARED_MODULI_MAX moduli, each of at most SHARED_BITS_MAX bits; of the
 * factors that are found the first SHARED_FACTORS_MAX are told apart.
 */
#ifndef TRUST_SHARED_H
#define TRUST_SHARED_H

#include "scanner/base/arena.h"

enum { SHARED_MODULI_MAX = 2048, SHARED_BITS_MAX = 4096, SHARED_FACTORS_MAX = 32 };

struct shared_key {
	const char *sha256;  /* of the SubjectPublicKeyInfo, hex */
	struct span modulus; /* RSA, without leading zeros; empty for other keys */
};

/* The key of a certificate in PEM, in the arena; false when there is none to be read. */
bool shared_key_of(struct arena *, const char *pem, struct shared_key *);
bool shared_comparable(struct span modulus); /* not empty, not too large */

struct shared_factor {
	unsigned bits;
	const size_t *who; /* indices of the moduli that it divides, ascending */
	size_t who_n;
};

/*
 * The factors that two or more of the moduli, all different, have in common, in the arena; their number in *found. *cut:
 * moduli with further shared factors are left.
 */
const struct shared_factor *shared_factors(
        struct arena *, const struct span *moduli, size_t n, size_t *found, bool *cut);

#endif
