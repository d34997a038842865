/*
 * Loaded in front of libc (LD_PRELOAD): one chosen allocation of the process fails, all others succeed.
 *
 *	FAIL_ALLOC=N          which, counted from the start of main(); 0: none
 *	FAIL_ALLOC_TELL=FILE  "failed" is written there when it did; else, at an orderly end, how many there were
 *
 * What runs before main() (the loader, constructors) is not counted: nothing of ours could answer for it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own names for what it allocates with: there is no looking up, which would allocate. */
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

typedef int main_function(int, char **, char **);
typedef int start_function(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static main_function *real_main;
static atomic_ulong count;
static unsigned long chosen;
static atomic_bool counting;
static const char *file;

static void tell(const char *s)
{
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || write(fd, s, strlen(s)) < 0)
		return;
	close(fd);
}

static bool fails(void)
{
	if (!atomic_load(&counting) || atomic_fetch_add(&count, 1) + 1 != chosen)
		return false;
	tell("failed\n");
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	return fails() ? NULL : __libc_realloc(old, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails() ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	*p = aligned_alloc(align, n);
	return *p ? 0 : ENOMEM;
}

static void tell_count(void)
{
	char text[24];

	atomic_store(&counting, false);
	if (atomic_load(&count) >= chosen && chosen)
		return;
	snprintf(text, sizeof text, "%lu\n", atomic_load(&count));
	tell(text);
}

static int counted_main(int argc, char **argv, char **envp)
{
	const char *number = getenv("FAIL_ALLOC");

	chosen = number ? strtoul(number, NULL, 10) : 0;
	file = getenv("FAIL_ALLOC_TELL");
	atexit(tell_count);
	atomic_store(&counting, true);
	return real_main(argc, argv, envp);
}

int __libc_start_main(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

int __libc_start_main(main_function *program, int argc, char **argv, void (*init)(void), void (*fini)(void),
	void (*rtld_fini)(void), void *stack_end)
{
	start_function *start;

	*(void **)&start = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = program;
	return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
