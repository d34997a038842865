/*
 * An arena: memory that is freed all at once. Each endpoint owns one; what its record points to lives there.
 * Allocation never fails (it dies), is zeroed, and is aligned for any object. Not for sharing between threads.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "scanner/base/wire.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t used;                /* bytes handed out, for the caps that callers keep */
};

void *arena_new(struct arena *, size_t count, size_t size);
void *arena_copy(struct arena *, const void *p, size_t n);
char *arena_text(struct arena *, const char *s);
char *arena_textn(struct arena *, const char *s, size_t n); /* adds the terminating zero */
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct span arena_span(struct arena *, struct span);
void arena_free(struct arena *);

/* Room for one more in an arena-owned array of n: doubles when n is a power of two (or zero). */
void *arena_push(struct arena *, void *array, size_t n, size_t size);

#endif
