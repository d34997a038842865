#include "scanner/lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/cli.h"

enum { FILE_MAX = 64 << 20, PART = 1 << 16 };

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static bool read_file(struct text *t, const char *path)
{
	FILE *f = fopen(path, "rb");
	static char part[PART];
	size_t n;
	bool bad;

	if (!f) {
		die_if_memory();
		return complain(path, strerror(errno));
	}
	while (t->n <= FILE_MAX && (n = fread(part, 1, sizeof part, f)) > 0)
		text_addn(t, part, n);
	bad = ferror(f);
	fclose(f);
	if (t->n > FILE_MAX)
		return complain(path, "larger than 64 megabytes");
	return !bad || complain(path, "cannot be read");
}

static struct span span_of(const struct text *t)
{
	return (struct span){ (const uint8_t *)text_str(t), t->n };
}

static bool open_logs(struct lists *l, const char *path)
{
	struct text t = { 0 };
	const char *why = NULL;
	bool good = read_file(&t, path);

	if (good) {
		good = l->has_logs = ct_logs_parse(&l->arena, span_of(&t), &l->logs, &why);
		if (!good)
			complain(path, why);
	}
	text_free(&t);
	return good;
}

static bool read_keys(struct known_keys **keys, struct known_keys *read(struct span, size_t *), const char *path)
{
	struct text t = { 0 };
	bool good = !path || read_file(&t, path);
	size_t line;

	if (good) {
		*keys = read(span_of(&t), &line);
		if (!*keys)
			fprintf(stderr, "tlsassay: %s:%zu: a SHA-256 in 64 hex digits is wanted, and a word behind it\n", path, line);
	}
	text_free(&t);
	return *keys != NULL;
}

bool lists_open(struct lists *l, const struct cli *c)
{
	return (!c->ct_logs || open_logs(l, c->ct_logs)) && read_keys(&l->keys, known_keys_new, c->known_keys) &&
	       (!c->distrust || read_keys(&l->distrusted, known_keys_of, c->distrust));
}

void lists_close(struct lists *l)
{
	known_keys_free(l->keys);
	known_keys_free(l->distrusted);
	arena_free(&l->arena);
}
