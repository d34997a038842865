#include "scanner/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"

enum { BLOCK_LEAST = 1024, BLOCK_MOST = 16 * 1024 }; /* with the block's head */

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	alignas(max_align_t) uint8_t bytes[];
};

static struct arena_block *block_new(size_t cap)
{
	struct arena_block *b = mem_new(1, sizeof *b + cap);

	b->cap = cap;
	return b;
}

/* As much again as is used: what holds little costs little, and there are thousands of arenas at once. */
static size_t room_for(const struct arena *a, size_t n)
{
	size_t room = a->used < BLOCK_LEAST ? BLOCK_LEAST : a->used < BLOCK_MOST ? a->used : BLOCK_MOST;

	room -= sizeof(struct arena_block);
	return n > room ? n : room;
}

void *arena_new(struct arena *a, size_t count, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->blocks;
	size_t n;
	void *p;

	if (size && count > (SIZE_MAX / 2) / size)
		die_memory();
	n = (count * size + align - 1) / align * align;
	if (!b || b->cap - b->used < n) {
		b = block_new(room_for(a, n));
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->bytes + b->used;
	b->used += n;
	a->used += n;
	return p;
}

void *arena_copy(struct arena *a, const void *p, size_t n)
{
	void *copy = arena_new(a, n, 1);

	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *arena_textn(struct arena *a, const char *s, size_t n)
{
	char *t = arena_new(a, n + 1, 1);

	if (n)
		memcpy(t, s, n);
	return t;
}

char *arena_text(struct arena *a, const char *s)
{
	return arena_textn(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	require(n >= 0);
	s = arena_new(a, (size_t)n + 1, 1);
	vsnprintf(s, (size_t)n + 1, format, again);
	va_end(again);
	return s;
}

struct span arena_span(struct arena *a, struct span s)
{
	return (struct span){ arena_copy(a, s.p, s.n), s.n };
}

void *arena_push(struct arena *a, void *array, size_t n, size_t size)
{
	void *bigger;

	if (n & (n - 1))
		return array;
	bigger = arena_new(a, n ? 2 * n : 1, size);
	if (n)
		memcpy(bigger, array, n * size);
	return bigger;
}

void arena_free(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena){ 0 };
}
