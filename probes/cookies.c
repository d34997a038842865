#include "probes/cookies.h"

#include <string.h>
#include <strings.h>

#include "scanner/base/text.h"

enum { NAME_MAX_BYTES = 64 };

/* name=value, both without blanks around them; name_n 0: none. */
struct pair {
	const char *name, *value;
	size_t name_n, value_n;
};

struct attributes {
	bool secure, http_only, domain, path_is_root, same_site, none;
	bool aged, gone, expired; /* Max-Age is there, and is over; else Expires counts (RFC 6265 section 5.3) */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void trim(const char **s, size_t *n)
{
	while (*n && is_blank(**s)) {
		(*s)++;
		(*n)--;
	}
	while (*n && is_blank((*s)[*n - 1]))
		(*n)--;
}

/* One piece between semicolons; what stands behind its semicolon, NULL at the end. */
static const char *take_pair(const char *s, struct pair *p)
{
	size_t n = strcspn(s, ";");
	const char *equals = memchr(s, '=', n);

	p->name = s;
	p->name_n = equals ? (size_t)(equals - s) : n;
	p->value = equals ? equals + 1 : s + n;
	p->value_n = equals ? n - p->name_n - 1 : 0;
	trim(&p->name, &p->name_n);
	trim(&p->value, &p->value_n);
	return s[n] ? s + n + 1 : NULL;
}

static bool is(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && !strncasecmp(s, word, n);
}

static bool has_year_1970(const char *s, size_t n)
{
	return n >= 4 && memmem(s, n, "1970", 4);
}

static void note_age(struct attributes *a, const struct pair *p)
{
	a->aged = p->value_n > 0;
	a->gone = p->value_n && (*p->value == '-' || is(p->value, p->value_n, "0"));
}

/* RFC 6265 section 5.2: of an attribute that stands twice the last counts. */
static void note_attribute(struct attributes *a, const struct pair *p)
{
	if (is(p->name, p->name_n, "Secure"))
		a->secure = true;
	else if (is(p->name, p->name_n, "HttpOnly"))
		a->http_only = true;
	else if (is(p->name, p->name_n, "Domain"))
		a->domain = p->value_n > 0;
	else if (is(p->name, p->name_n, "Path"))
		a->path_is_root = is(p->value, p->value_n, "/");
	else if (is(p->name, p->name_n, "Max-Age"))
		note_age(a, p);
	else if (is(p->name, p->name_n, "Expires"))
		a->expired = has_year_1970(p->value, p->value_n);
	else if (is(p->name, p->name_n, "SameSite")) {
		a->none = is(p->value, p->value_n, "None");
		a->same_site = a->none || is(p->value, p->value_n, "Lax") || is(p->value, p->value_n, "Strict");
	}
}

static bool begins(const struct pair *p, const char *prefix)
{
	return p->name_n >= strlen(prefix) && !strncasecmp(p->name, prefix, strlen(prefix));
}

static unsigned faults_of(const struct pair *p, const struct attributes *a)
{
	unsigned faults = 0;

	faults |= a->secure ? 0 : COOKIE_NO_SECURE;
	faults |= a->http_only ? 0 : COOKIE_NO_HTTPONLY;
	faults |= a->same_site ? 0 : COOKIE_NO_SAMESITE;
	faults |= a->none && !a->secure ? COOKIE_NONE_WITHOUT_SECURE : 0;
	faults |= begins(p, "__Host-") && (!a->secure || a->domain || !a->path_is_root) ? COOKIE_HOST_PREFIX : 0;
	faults |= begins(p, "__Secure-") && !a->secure ? COOKIE_SECURE_PREFIX : 0;
	return faults;
}

void cookie_read(struct arena *arena, const char *value, struct cookie *c)
{
	struct attributes a = { 0 };
	struct pair cookie, p;
	const char *rest = take_pair(value, &cookie);

	while (rest) {
		rest = take_pair(rest, &p);
		note_attribute(&a, &p);
	}
	if (!memchr(value, '=', strcspn(value, ";")))
		cookie.name_n = 0; /* all of it is the value */
	c->name = cookie.name_n ? text_clean(arena, cookie.name, cookie.name_n, NAME_MAX_BYTES)
				: arena_text(arena, "(nameless)");
	c->faults = faults_of(&cookie, &a);
	c->deleted = a.aged ? a.gone : a.expired;
}

size_t cookie_words(unsigned faults, const char *words[static COOKIE_FAULTS])
{
	static const struct { unsigned fault; const char *word; } table[COOKIE_FAULTS] = {
		{ COOKIE_NO_SECURE, "no_secure" },
		{ COOKIE_NO_HTTPONLY, "no_httponly" },
		{ COOKIE_NO_SAMESITE, "no_samesite" },
		{ COOKIE_NONE_WITHOUT_SECURE, "none_without_secure" },
		{ COOKIE_HOST_PREFIX, "host_prefix_misused" },
		{ COOKIE_SECURE_PREFIX, "secure_prefix_misused" },
	};
	size_t n = 0;

	for (size_t i = 0; i < COOKIE_FAULTS; i++)
		if (faults & table[i].fault)
			words[n++] = table[i].word;
	return n;
}
