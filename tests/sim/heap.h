/*
 * What happens next: events in order of time. An event is embedded in whatever it belongs to; the heap only
 * points at it and keeps its place in it, so that it can be taken out again in O(log n).
 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event {
	uint64_t at_us, tie, nth; /* the order: time, then the draw, then first come */
	size_t place;             /* in the heap, from 1; 0: not in it */
	void (*fire)(void *owner);
	void *owner;
};

struct heap {
	struct event **v;
	size_t n, cap;
	uint64_t added;
};

void heap_add(struct heap *, struct event *); /* at_us and tie are set; moves it when it is in already */
void heap_drop(struct heap *, struct event *);
struct event *heap_first(const struct heap *); /* NULL: empty */
void heap_free(struct heap *);

#endif
