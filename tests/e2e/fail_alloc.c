/*
 * Loaded in front of libc (LD_PRELOAD): one chosen allocation of the process fails, all others succeed.
 *
 *	FAIL_ALLOC=N          which, counted from the start of main(); 0: none
 *	FAIL_ALLOC_TELL=FILE  when it failed, who asked is written there at once; else, at an orderly end, who asked each
 *	                      time, a letter for each: p the program itself, l a library, t a thread
 *
 * What runs before main() (the loader, constructors) is not counted: nothing of ours could answer for it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
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

enum { KINDS = 1 << 20 };

static main_function *real_main;
static atomic_ulong count;
static unsigned long chosen;
static atomic_bool counting;
static const char *file;
static uintptr_t text_from, text_to; /* of the program */
static char kinds[KINDS];

static void tell(const char *s, size_t n)
{
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

	if (fd < 0 || write(fd, s, n) < 0)
		return;
	close(fd);
}

static char kind(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (gettid() != getpid())
		return 't';
	return at >= text_from && at < text_to ? 'p' : 'l';
}

static bool fails(const void *caller)
{
	unsigned long at;
	char *who;

	if (!atomic_load(&counting) || (at = atomic_fetch_add(&count, 1)) >= KINDS)
		return false;
	who = &kinds[at];
	*who = kind(caller);
	if (at + 1 != chosen)
		return false;
	tell(who, 1);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
	*p = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(align, n);
	return *p ? 0 : ENOMEM;
}

static void tell_all(void)
{
	atomic_store(&counting, false);
	if (!chosen || atomic_load(&count) < chosen)
		tell(kinds, atomic_load(&count));
}

/* The first object is the program. */
static int find_text(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		text_from = info->dlpi_addr + p->p_vaddr;
		text_to = text_from + p->p_memsz;
	}
	return 1;
}

static int counted_main(int argc, char **argv, char **envp)
{
	const char *number = getenv("FAIL_ALLOC");

	chosen = number ? strtoul(number, NULL, 10) : 0;
	file = getenv("FAIL_ALLOC_TELL");
	dl_iterate_phdr(find_text, NULL);
	atexit(tell_all);
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
