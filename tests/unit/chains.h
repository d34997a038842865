/*
 * Chains made by hand: each is a row of chains.def with what is right or wrong about it, the verdict of each profile, and
 * the clause that demands it. They are made by mint.h in memory.
 */
#ifndef UNIT_CHAINS_H
#define UNIT_CHAINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/mint.h"

enum { CHAIN_ROOM = 512, CHAIN_CRLS = 4 };

struct chain_row;

/* What a row is made into. */
struct chain_made {
	struct span chain[CHAIN_ROOM], roots[CHAIN_ROOM], crls[CHAIN_CRLS];
	size_t chain_n, roots_n, crls_n;
};

struct chain_row {
	const char *id;
	char strict, browser; /* A accept, R reject, L limit */
	const char *word;     /* the strict verdict's reason; NULL: accepted */
	const char *clause;   /* that demands the strict verdict */

	/* the shape; NULL: leaf, intermediate, root, from the three below on top of ordinary ones */
	void (*make)(struct chain_made *, const struct chain_row *);
	struct mint leaf, inter, root;
	const char *host; /* NULL: www.example.com; "" none */
	bool client, revocation;
	struct mint_crl root_crl, inter_crl; /* made when revocation is asked; `by` is filled in */
	bool no_root_crl, no_inter_crl;
	int at_seconds; /* after MINT_NOW */
	int depth;	/* --max-depth plus one */
	size_t count;	/* for the shape */
	/* How `openssl verify -x509_strict` decides otherwise than the strict profile does, where it does. */
	const char *openssl;
};

extern const struct chain_row chain_rows[];
extern const size_t chain_rows_n;

void chain_make(const struct chain_row *, struct chain_made *); /* until mint_close() */
const char *chain_host(const struct chain_row *);		/* NULL: none is asked for */

#endif
