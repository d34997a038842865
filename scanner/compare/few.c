#include "scanner/compare/few.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

void few_add(struct few *f, const char *text)
{
	size_t at = 0;

	while (at < f->n && strcmp(f->v[at], text) < 0)
		at++;
	if (at < f->n && !strcmp(f->v[at], text))
		return;
	f->cut |= f->n == FEW_MAX;
	if (at == FEW_MAX)
		return;
	if (f->n == FEW_MAX)
		free(f->v[--f->n]);
	memmove(&f->v[at + 1], &f->v[at], (f->n++ - at) * sizeof *f->v);
	f->v[at] = mem_text(text);
}

void few_free(struct few *f)
{
	while (f->n)
		free(f->v[--f->n]);
	f->cut = false;
}

struct group_list few_list(struct arena *a, const struct few *f)
{
	const char **v = arena_new(a, f->n, sizeof *v);

	for (size_t i = 0; i < f->n; i++)
		v[i] = arena_text(a, f->v[i]);
	return (struct group_list){ v, f->n, f->cut };
}
