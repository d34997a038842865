#include "scanner/policies.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/policy_read.h"
#include "report/policy_shelf.h"
#include "scanner/base/die.h"
#include "scanner/base/file.h"
#include "scanner/base/text.h"

/* The name of a file has a slash or ends in .json; the names of policies do neither. */
static bool is_file(const char *word)
{
	size_t n = strlen(word);

	return strchr(word, '/') || (n > 5 && !strcmp(word + n - 5, ".json"));
}

/* A place in lines is written FILE:LINE:COLUMN, one in the tree FILE#/rules/0: for an editor, and as a JSON pointer. */
static void complain(const char *file, const char *where, const char *why)
{
	struct text t = { 0 };

	text_visible(&t, where);
	fprintf(stderr, "tlsassay: %s%s%s: %s\n", file, *where && *where != '/' ? ":" : "#", text_str(&t), why);
	text_free(&t);
}

static struct policy *from_file(const char *path)
{
	struct text t = { 0 };
	struct arena a = { 0 };
	struct policy *p = NULL;
	const char *where, *why;

	if (!file_read(AT_FDCWD, path, POLICY_BYTES_MAX, &t)) {
		die_if_memory();
		fprintf(stderr, "tlsassay: %s: %s\n", path, errno == EFBIG ? "larger than a megabyte" : strerror(errno));
	} else {
		p = policy_read((struct span){ (const uint8_t *)text_str(&t), t.n }, &a, &where, &why);
		if (!p)
			complain(path, where, why);
	}
	arena_free(&a);
	text_free(&t);
	return p;
}

static struct policy *from_shelf(const char *name)
{
	struct policy *p = policy_shelf_find(name);

	if (!p)
		fprintf(stderr, "tlsassay: %s: no policy has this name (see: tlsassay list policies; a file's has a slash, or "
			"ends in .json)\n", name);
	return p;
}

bool policies_open(struct policies *p, const char *const *words)
{
	for (; words && *words; words++) {
		struct policy *one = is_file(*words) ? from_file(*words) : from_shelf(*words);

		if (!one)
			return false;
		p->list = mem_grow(p->list, p->count + 1, sizeof *p->list);
		p->list[p->count++] = one;
	}
	return true;
}

void policies_close(struct policies *p)
{
	for (size_t i = 0; i < p->count; i++)
		policy_free(p->list[i]);
	free(p->list);
	*p = (struct policies){ 0 };
}
