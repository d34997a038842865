#include "tests/sim/heap.h"

#include <stdlib.h>

#include "scanner/base/die.h"

static bool before(const struct event *a, const struct event *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us;
	if (a->tie != b->tie)
		return a->tie < b->tie;
	return a->nth < b->nth;
}

static void put(struct heap *h, size_t place, struct event *e)
{
	h->v[place - 1] = e;
	e->place = place;
}

static void sift_up(struct heap *h, struct event *e, size_t at)
{
	for (; at > 1 && before(e, h->v[at / 2 - 1]); at /= 2)
		put(h, at, h->v[at / 2 - 1]);
	put(h, at, e);
}

static size_t lesser_child(const struct heap *h, size_t at)
{
	size_t left = 2 * at;

	return left < h->n && before(h->v[left], h->v[left - 1]) ? left + 1 : left;
}

static void sift_down(struct heap *h, struct event *e, size_t at)
{
	while (2 * at <= h->n) {
		size_t child = lesser_child(h, at);

		if (!before(h->v[child - 1], e))
			break;
		put(h, at, h->v[child - 1]);
		at = child;
	}
	put(h, at, e);
}

void heap_add(struct heap *h, struct event *e)
{
	heap_drop(h, e);
	if (h->n == h->cap) {
		h->cap = h->cap ? 2 * h->cap : 64;
		h->v = mem_grow(h->v, h->cap, sizeof(struct event *));
	}
	e->nth = h->added++;
	sift_up(h, e, ++h->n);
}

void heap_drop(struct heap *h, struct event *e)
{
	size_t place = e->place;
	struct event *last;

	if (!place)
		return;
	last = h->v[--h->n];
	e->place = 0;
	if (last == e)
		return;
	sift_down(h, last, place);
	sift_up(h, last, last->place);
}

struct event *heap_first(const struct heap *h)
{
	return h->n ? h->v[0] : NULL;
}

void heap_free(struct heap *h)
{
	free(h->v);
	*h = (struct heap){ 0 };
}
