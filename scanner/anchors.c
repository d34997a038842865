#include "scanner/anchors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/cli.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static bool add(struct anchors *a, const char *name, const char *path)
{
	char *why = NULL;
	struct store *s = store_open(name, path, &why);

	if (!s)
		complain(path, why);
	free(why);
	if (s)
		a->stores[a->n++] = s;
	return s;
}

static void add_system(struct anchors *a)
{
	const char *path = store_system_path();

	if (path)
		add(a, "system", path);
}

/* A file is the user's own list: what cannot be read of it would be missed in silence. */
static bool add_file(struct anchors *a, const char *name, const char *path)
{
	if (!path)
		return true;
	if (!add(a, name, path))
		return false;
	return !store_unread(a->stores[a->n - 1]) || complain(path, "a certificate in it cannot be read");
}

/* What else lies in a directory (keys, CRLs, notes) is no fault. */
static bool add_directory(struct anchors *a, const char *path)
{
	return !path || add(a, "ca-path", path);
}

/* ---- names ------------------------------------------------------------------------------------------------------------- */

static bool is_word(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(name);

	return n && n <= ANCHORS_NAME_MAX && strspn(name, letters) == n;
}

static bool is_taken(const struct cli *c, size_t at)
{
	static const char *const ours[] = { "system", "ca-file", "ca-path" };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!strcmp(ours[i], c->trust[at].name))
			return true;
	for (size_t i = 0; i < at; i++)
		if (!strcmp(c->trust[i].name, c->trust[at].name))
			return true;
	return false;
}

static bool add_named(struct anchors *a, const struct cli *c, size_t at)
{
	const struct cli_named *t = &c->trust[at];

	if (!is_word(t->name))
		return complain(t->name, "a store's name has up to 32 letters, digits, '.', '_' and '-'");
	if (is_taken(c, at))
		return complain(t->name, "another trust store has this name");
	if (a->n == ANCHORS_STORES_MAX)
		return complain(t->name, "more trust stores than 16");
	return add_file(a, t->name, t->file);
}

bool anchors_open(struct anchors *a, const struct cli *c)
{
	add_system(a);
	if (!add_file(a, "ca-file", c->ca_file) || !add_directory(a, c->ca_path))
		return false;
	for (size_t i = 0; i < c->trust_n; i++)
		if (!add_named(a, c, i))
			return false;
	return true;
}

void anchors_close(struct anchors *a)
{
	for (size_t i = 0; i < a->n; i++)
		store_close(a->stores[i]);
}
