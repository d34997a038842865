#include "scanner/run/pool.h"

#include "scanner/base/die.h"

/* splitmix64: good enough to spread load, and nothing secret hangs on it. */
static uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

void pool_put(struct pool *p, const struct target *t)
{
	require(!pool_is_full(p));
	p->held[p->n++] = t;
}

const struct target *pool_draw(struct pool *p)
{
	const struct target *t;
	size_t at;

	if (!p->n)
		return NULL;
	at = (size_t)(draw(&p->state) % p->n);
	t = p->held[at];
	p->held[at] = p->held[--p->n];
	return t;
}

void pool_free(struct pool *p)
{
	while (p->n)
		target_free(p->held[--p->n]);
}
