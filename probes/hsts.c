#include "probes/hsts.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "scanner/facts/record.h"

/* One directive: name [ "=" ( token | quoted-string ) ]; the value without its quotes. */
struct directive {
	const char *name, *value; /* value NULL: none */
	size_t name_n, value_n;
};

struct seen {
	unsigned max_age, include_subdomains;
};

static const char *skip_blank(const char *s)
{
	return s + strspn(s, " \t");
}

static size_t token(const char *s)
{
	return strspn(s, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

/* A quoted string; NULL when it does not end. Nothing that we look for has a quoted pair in it. */
static const char *take_quoted(const char *s, struct directive *d)
{
	d->value = s + 1;
	for (s++; *s && *s != '"'; s++)
		if (*s == '\\' && s[1])
			s++;
	d->value_n = (size_t)(s - d->value);
	return *s ? s + 1 : NULL;
}

static const char *take_value(const char *s, struct directive *d)
{
	s = skip_blank(s);
	if (*s == '"')
		return take_quoted(s, d);
	d->value = s;
	d->value_n = token(s);
	return d->value_n ? s + d->value_n : NULL;
}

/* What stands behind it, or NULL where the grammar breaks. */
static const char *take_directive(const char *s, struct directive *d)
{
	*d = (struct directive){ .name = s, .name_n = token(s) };
	s = skip_blank(s + d->name_n);
	if (*s == '=')
		s = d->name_n ? take_value(s + 1, d) : NULL;
	return s ? skip_blank(s) : NULL;
}

static bool is_named(const struct directive *d, const char *name)
{
	return d->name_n == strlen(name) && !strncasecmp(d->name, name, d->name_n);
}

/* delta-seconds; what is longer than any clock counts as much as that (RFC 9111 section 1.2.2). */
static bool read_age(const struct directive *d, int64_t *age)
{
	*age = 0;
	for (size_t i = 0; i < d->value_n; i++) {
		if (d->value[i] < '0' || d->value[i] > '9')
			return false;
		if (*age < OBS_NUMBER_MAX)
			*age = *age * 10 + (d->value[i] - '0');
	}
	if (*age > OBS_NUMBER_MAX)
		*age = OBS_NUMBER_MAX;
	return d->value_n > 0;
}

/* False: the directive is one of those that RFC 6797 knows, and wrong. Those it does not know are passed over. */
static bool learn(const struct directive *d, struct hsts *h, struct seen *seen)
{
	if (is_named(d, "max-age"))
		return !seen->max_age++ && d->value && read_age(d, &h->max_age_s);
	if (is_named(d, "includeSubDomains")) {
		h->include_subdomains = true;
		return !seen->include_subdomains++ && !d->value;
	}
	h->preload |= is_named(d, "preload") && !d->value;
	return true;
}

struct hsts hsts_read(const char *value)
{
	struct hsts h = { 0 }, none = { 0 };
	struct seen seen = { 0 };
	const char *s = value;

	for (;;) {
		struct directive d;

		s = take_directive(skip_blank(s), &d);
		if (!s || (*s && *s != ';') || !learn(&d, &h, &seen))
			return none;
		if (!*s)
			break;
		s++;
	}
	h.valid = seen.max_age == 1;
	return h.valid ? h : none;
}

bool hsts_preloadable(const struct hsts *h)
{
	return h->valid && h->max_age_s >= HSTS_PRELOAD_AGE_S && h->include_subdomains && h->preload;
}
