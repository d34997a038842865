/*
 * The order of a long list, shuffled in a window: of the targets that were read ahead any is next, so that neighbours in
 * the list, who are often neighbours in the network, are not asked all at once. Draws from a seed. Owns what it holds.
 */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include "scanner/run/target.h"

enum { POOL_TARGETS = 1024 };

struct pool {
	const struct target *held[POOL_TARGETS];
	size_t n;
	uint64_t state; /* of the draw; any to begin with */
};

static inline bool pool_is_full(const struct pool *p)
{
	return p->n == POOL_TARGETS;
}

void pool_put(struct pool *, const struct target *);
const struct target *pool_draw(struct pool *); /* the caller's from here on; NULL when it is empty */
void pool_free(struct pool *);

#endif
