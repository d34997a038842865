#include "probes/http.h"

#include <string.h>
#include <strings.h>

#include "scanner/base/text.h"

enum { HEADER_MAX = 64 * 1024 };

static bool header_heard(struct span s)
{
	return s.n >= 4 && memmem(s.p, s.n, "\r\n\r\n", 4);
}

struct plan http_plan(struct run *r)
{
	char *request;

	if (!r->facts->http)
		return (struct plan){ .listen_max = 0 };
	request = arena_printf(r->arena,
		"GET / HTTP/1.1\r\nHost: %s\r\nUser-Agent: tlsassay\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		r->facts->host);
	return (struct plan){
		.say = { (const uint8_t *)request, strlen(request) }, .listen_max = HEADER_MAX, .heard = header_heard,
	};
}

/* The value of a header field, of its first occurrence (RFC 6797 section 8.1), in the arena; NULL: there is none. */
static char *field(struct run *r, struct span head, const char *name)
{
	const char *p = (const char *)head.p, *end = p + head.n;
	size_t n = strlen(name);

	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		size_t len = line_end ? (size_t)(line_end - p) : (size_t)(end - p);

		if (len > n && !strncasecmp(p, name, n) && p[n] == ':') {
			size_t skip = n + 1;

			while (skip < len && (p[skip] == ' ' || p[skip] == '\t'))
				skip++;
			while (len > skip && (p[len - 1] == '\r' || p[len - 1] == ' ' || p[len - 1] == '\t'))
				len--;
			return text_clean(r->arena, p + skip, len - skip, 1024);
		}
		p = line_end ? line_end + 1 : end;
	}
	return NULL;
}

static const char *skip_blank(const char *s)
{
	return s + strspn(s, " \t");
}

/* A number, perhaps in quotes (RFC 6797 section 6.1); false when it is none. */
static bool read_age(const char *s, int64_t *age)
{
	bool quoted = *s == '"';
	size_t digits;

	s += quoted;
	digits = strspn(s, "0123456789");
	if (!digits || digits > 15)
		return false;
	*age = 0;
	for (size_t i = 0; i < digits; i++)
		*age = *age * 10 + (s[i] - '0');
	s += digits + (quoted && s[digits] == '"');
	s = skip_blank(s);
	return *s == 0 || *s == ';';
}

/* RFC 6797 section 6.1: directives by semicolons; max-age is needed, and no directive may stand twice. */
static const char *judge_hsts(const char *value, int64_t *age)
{
	unsigned ages = 0, subdomains = 0;

	for (const char *d = value; d; d = strchr(d, ';') ? strchr(d, ';') + 1 : NULL) {
		const char *s = skip_blank(d);

		if (!strncasecmp(s, "max-age", 7)) {
			s = skip_blank(s + 7);
			if (*s != '=' || !read_age(skip_blank(s + 1), age))
				return "invalid";
			ages++;
		}
		subdomains += !strncasecmp(s, "includeSubDomains", 17);
	}
	if (ages != 1 || subdomains > 1)
		return "invalid";
	return *age ? "valid" : "disabled";
}

static bool is_http(struct span s)
{
	return s.n >= 8 && !memcmp(s.p, "HTTP/", 5);
}

void http_note(struct run *r, struct span heard)
{
	const char *value, *state = "absent";
	int64_t age = 0;

	if (!is_http(heard))
		return;
	value = field(r, heard, "Server");
	if (value)
		note(r, &(struct obs){ .key = OBS_KEY_HTTP_SERVER, .text = value });
	value = field(r, heard, "Strict-Transport-Security");
	if (value)
		state = judge_hsts(value, &age);
	note(r, &(struct obs){ .key = OBS_KEY_HSTS, .text = state });
	if (!strcmp(state, "valid"))
		note(r, &(struct obs){ .key = OBS_KEY_HSTS_MAX_AGE, .number = age });
}
