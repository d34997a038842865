#include "scanner/base/die.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void (*die_hook)(void);

static void say(const char *s)
{
	/* Nothing sensible can be done when stderr is gone. */
	if (write(STDERR_FILENO, s, strlen(s)) < 0)
		return;
}

_Noreturn static void leave(const char *what)
{
	say("tlsassay: internal error: ");
	say(what);
	say("\n");
	_exit(EXIT_INTERNAL);
}

_Noreturn void die(const char *what)
{
	void (*hook)(void) = die_hook;

	die_hook = NULL; /* a hook that dies itself ends here */
	if (hook)
		hook();
	leave(what);
}

/* libuv aborts where a thread cannot be made. What state the process is in is not known: nothing is flushed. */
static void on_abort(int number)
{
	(void)number;
	leave("a library gave up");
}

void die_on_abort(void)
{
	signal(SIGABRT, on_abort);
}

_Noreturn void die_memory(void)
{
	die("out of memory");
}

void die_if_memory(void)
{
	if (errno == ENOMEM)
		die_memory();
}

void *mem_new(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		die_memory();
	return p;
}

void *mem_grow(void *old, size_t count, size_t size)
{
	void *p;

	if (size && count > SIZE_MAX / size)
		die_memory();
	p = realloc(old, count && size ? count * size : 1);
	if (!p)
		die_memory();
	return p;
}

char *mem_text(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_new(n, 1), s, n);
}
