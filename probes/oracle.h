/*
 * "Does the reaction depend on what must not be seen?" -- a padding oracle, as a small problem of statistics.
 *
 * A trial is one way to talk (a hello, and what is said) and a table of vectors: ways to say one thing wrong, which a sound
 * server answers all alike. Every vector is asked once, on a connection of its own. Where the two reactions of a pair
 * are the same, the answer is no, and that was all. Where they differ, both vectors are asked again, FRESH times each and
 * in an order that no balancer's turn can follow; only these fresh reactions count. The hypothesis was fixed by the first
 * round: "this one is answered as then more often than the other one is". Fisher's exact test, one-sided, for each of the two
 * reactions, doubled, gives the chance that a server that does not look would show it.
 *
 * Error rates: 12 and 12 perfectly apart have a chance of 7.4e-7, which is the only way to a yes at once; what is
 * neither clear nor chance (below 10 %) is asked again, 48 and 48 times, and is a yes below 2.5e-7 and a no from 0.1 % on.
 * So a server that is sound, however randomly it answers, is called vulnerable less often than once in a million pairs
 * that differed, and left unknown less often than once in ten thousand; one that answers the vectors apart each time is
 * found always, one that does so every other time in 8 of 10 cases in which the first round saw it. Reactions are compared by their words (records, alerts); by how the connection
 * ended only where the words are the same, because an end may be a matter of timing.
 *
 * A connection that failed before our words were said is made again, twice; then the pair is unknown.
 */
#ifndef PROBES_ORACLE_H
#define PROBES_ORACLE_H

#include "probes/probe.h"

struct oracle_vector {
	const char *name; /* "the padding is wrong" */
	struct deviation deviation;
};

/* Two vectors of a trial that a sound server does not tell apart, and what it came to. */
struct oracle_pair {
	uint8_t a, b;
	enum tri differ;
	enum reason why;     /* unknown: why */
	unsigned asked;      /* fresh connections for each; 0: the first round was enough */
	unsigned like_a, like_b; /* of them: a answered as a did at first, b as b did */
	/* the driver's own */
	unsigned waiting, stage;
	bool ends;           /* what is compared is the end */
};

struct oracle_trial {
	struct hello hello;
	struct plan plan;    /* without a deviation */
	const char *what;    /* "TLS_RSA_WITH_AES_128_CBC_SHA" */
	const struct oracle_vector *vectors;
	size_t vectors_n;
	struct oracle_pair *pairs;
	size_t pairs_n;
	bool most;           /* of the pairs that differ only the one that differs most is asked again */
	bool open;           /* the vectors are said behind a handshake that has to go through */
	/* the driver's own */
	const struct reaction **first; /* one for each vector; NULL: not heard */
	enum reason trouble;
	unsigned waiting;
};

struct oracle {
	/* Fills *trials; 0: there is nothing to ask, and it was noted why. */
	size_t (*make)(struct run *, struct oracle_trial **trials);
	/* All is known: notes it. */
	void (*tell)(struct run *, const struct oracle_trial *, size_t n);
};

struct oracle_slot;
struct oracle_state {
	struct oracle_trial *trials;
	size_t trials_n;
	struct oracle_slot *slots;
	size_t slots_n;
	unsigned open;
};

/* The step of a probe whose declaration is a struct oracle, and whose state is a struct oracle_state. */
probe_step oracle_step;

enum { ORACLE_FRESH = 12, ORACLE_MORE = 48 };

/* Twice the smaller one-sided chance: of n and n, hits_a and hits_b were of one kind. For tests. */
double oracle_chance(unsigned n, unsigned hits_a, unsigned hits_b);

/* What shows a pair that differs: both vectors, their reactions, how many. There is room for one line more. */
size_t oracle_evidence(struct run *, const struct oracle_trial *, const struct oracle_pair *, struct evidence **);

#endif
