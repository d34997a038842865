/*
 * The end of the process for what can only be our own bug, or no memory: one line on stderr, exit status 4.
 * What a peer does is never a reason to die: it is data. `die_hook`, when set, runs first (to flush finished records).
 */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#include <stddef.h>

enum { EXIT_INTERNAL = 4 };

extern void (*die_hook)(void);

/* A library that aborts ends the process in the same way, without the hook; for the program, not for tests of parts. */
void die_on_abort(void);

_Noreturn void die(const char *what);
_Noreturn void die_memory(void);
/* After a failed call of libc: when errno says that it found no memory, that is no fault of a file or a name. */
void die_if_memory(void);

/* Checked in every build: a broken promise of our own code. */
#define require(condition)                                                                                           \
	do {                                                                                                         \
		if (!(condition))                                                                                    \
			die(__FILE__ ": " #condition);                                                               \
	} while (0)

/* Memory that is there or the process is not. Freed with free(). */
void *mem_new(size_t count, size_t size); /* zeroed */
void *mem_grow(void *old, size_t count, size_t size);
char *mem_text(const char *s);

#endif
