/* Fuzz target of tape_next(): any file is lines, each of which is written as it can be read again, and an end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/net/tape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *written(const struct tape_line *l)
{
	char *s = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&s, &n);

	require(f);
	tape_write(f, l);
	fclose(f);
	return s;
}

static void check_again(const struct tape_line *l)
{
	char *first = written(l), *copy = mem_text(first), *again;
	struct tape_line back;

	require(strlen(copy) && copy[strlen(copy) - 1] == '\n');
	copy[strlen(copy) - 1] = 0;
	require(tape_parse(copy, &back) && back.verb == l->verb && back.bytes.n == l->bytes.n);
	again = written(&back);
	require(!strcmp(first, again));
	free(first);
	free(copy);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char nothing[1] = "";
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fmemopen(nothing, 1, "r");
	struct tape t = { .file = f };

	require(f);
	while (tape_next(&t))
		check_again(&t.line);
	require(t.why);
	tape_free(&t);
	fclose(f);
	return 0;
}
