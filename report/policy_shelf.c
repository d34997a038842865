#include "report/policy_shelf.h"

#include <string.h>

#include "report/policy_read.h"
#include "scanner/base/die.h"

struct policy *policy_shelf_read(const struct policy_text *t)
{
	struct arena a = { 0 };
	const char *where, *why;
	struct policy *p = policy_read((struct span){ (const uint8_t *)t->json, t->length }, &a, &where, &why);

	require(p); /* the tests read them all */
	arena_free(&a);
	return p;
}

static bool is_named(const struct policy_text *t, const char *name)
{
	size_t n = strlen(t->name);

	return !strncmp(name, t->name, n) && (!name[n] || (name[n] == '@' && !strcmp(name + n + 1, t->edition)));
}

/* By date; of two from one day the one with the higher edition. */
static bool newer(const struct policy *a, const struct policy *b)
{
	int by_date = strcmp(a->date, b->date);

	return by_date ? by_date > 0 : strverscmp(a->edition, b->edition) > 0;
}

struct policy *policy_shelf_find(const char *name)
{
	struct policy *best = NULL;

	for (const struct policy_text *t = policy_texts; t->name; t++) {
		struct policy *p = is_named(t, name) ? policy_shelf_read(t) : NULL, *other = p;

		if (p && (!best || newer(p, best))) {
			other = best;
			best = p;
		}
		policy_free(other);
	}
	return best;
}
