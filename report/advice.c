#include "report/advice.h"

#include <string.h>

enum { BEGINNINGS = 4 };

#define SERVER(name, called, ...) static const char called_##name[] = called;
#include "report/rules/servers.def"
#undef SERVER

/* What stands behind the name in a row is how its header begins. */
static const struct program {
	const char *name, *begins[BEGINNINGS];
} programs[] = {
#define SERVER(name, called, ...) { called_##name, { __VA_ARGS__ } },
#include "report/rules/servers.def"
#undef SERVER
};

enum recipe_number {
#define RECIPE(name, ...) RECIPE_##name,
#define LINES(...)
#include "report/rules/recipes.def"
#undef RECIPE
#undef LINES
};

const struct recipe recipes[] = {
#define RECIPE(name, ...) { __VA_ARGS__ },
#define LINES(...)
#include "report/rules/recipes.def"
#undef RECIPE
#undef LINES
	{ 0 },
};

const struct snippet snippets[] = {
#define RECIPE(...)
#define LINES(recipe, program, ...) { &recipes[RECIPE_##recipe], called_##program, __VA_ARGS__ },
#include "report/rules/recipes.def"
#undef RECIPE
#undef LINES
	{ 0 },
};

const struct recipe *recipe_find(const char *id)
{
	for (const struct recipe *r = recipes; r->id; r++)
		if (!strcmp(r->id, id))
			return r;
	return NULL;
}

bool recipe_mends(const struct recipe *r, const char *id)
{
	size_t n = strlen(id);

	for (const char *s = r->mends; *s; s += *s == ' ') {
		size_t word = strcspn(s, " ");

		if (word == n && !memcmp(s, id, n))
			return true;
		s += word;
	}
	return false;
}

const struct recipe *recipe_for(const char *id)
{
	for (const struct recipe *r = recipes; r->id; r++)
		if (recipe_mends(r, id))
			return r;
	return NULL;
}

const struct snippet *recipe_snippets(const struct recipe *r)
{
	const struct snippet *s = snippets;

	while (s->recipe && s->recipe != r)
		s++;
	return s;
}

static size_t begins_with(const struct program *p, const char *header)
{
	size_t longest = 0;

	for (size_t i = 0; i < BEGINNINGS && p->begins[i]; i++) {
		size_t n = strlen(p->begins[i]);

		if (n > longest && !strncmp(header, p->begins[i], n))
			longest = n;
	}
	return longest;
}

const char *advice_server(const struct record *r)
{
	const struct obs *o = record_find(r, OBS_KEY_HTTP_SERVER, 0);
	const char *name = NULL;
	size_t longest = 0, n;

	for (size_t i = 0; o && o->text && i < sizeof programs / sizeof *programs; i++)
		if ((n = begins_with(&programs[i], o->text)) > longest) {
			longest = n;
			name = programs[i].name;
		}
	return name;
}

const char *advice_usual(const struct record *r)
{
	static const struct {
		const char *dialect, *program;
	} usual[] = { { "smtp", "Postfix" }, { "lmtp", "Postfix" }, { "imap", "Dovecot" }, { "pop3", "Dovecot" }, { "sieve", "Dovecot" } };

	for (size_t i = 0; r->starttls && i < sizeof usual / sizeof *usual; i++)
		if (!strcmp(usual[i].dialect, r->starttls))
			return usual[i].program;
	return NULL;
}

const struct snippet *snippet_for(const struct recipe *r, const char *server)
{
	for (const struct snippet *s = recipe_snippets(r); server && s->recipe == r; s++)
		if (!strcmp(s->server, server))
			return s;
	return NULL;
}
