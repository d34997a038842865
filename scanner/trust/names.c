#include "scanner/trust/names.h"

#include <arpa/inet.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/der.h"
#include "scanner/trust/suffix.h"

bool general_name_next(struct rd *r, struct general_name *g)
{
	struct der d;
	struct rd inner;

	if (!rd_left(r) || !der_next(r, &d))
		return false;
	*g = (struct general_name){ .kind = d.tag & 0x1F, .value = d.body };
	if ((d.tag & 0xC0) != 0x80 || g->kind > GN_REGISTERED) {
		r->bad = true;
		return false;
	}
	if (g->kind != GN_DIRECTORY)
		return true;
	inner = rd_span(d.body);
	g->value = der_take(&inner, DER_SEQUENCE);
	if (!rd_end(&inner))
		r->bad = true;
	return !r->bad;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool span_same_word(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

struct span span_skip(struct span s, size_t n)
{
	struct rd r = rd_span(s);

	rd_take(&r, n);
	return rd_rest(&r);
}

bool span_ends_with_word(struct span s, struct span end)
{
	return s.n >= end.n && span_same_word(span_skip(s, s.n - end.n), end);
}

struct span span_of_text(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

const char *name_match_text(enum name_match m)
{
	static const char *const texts[] = { "match", "mismatch", "no_names" };

	return texts[m];
}

/* ---- form ------------------------------------------------------------------------------------ */

enum { DNS_NAME_MAX = 253, DNS_LABEL_MAX = 63 };

static bool is_ldh(uint8_t c)
{
	return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static bool is_label(struct span s)
{
	if (!s.n || s.n > DNS_LABEL_MAX || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_ldh(s.p[i]))
			return false;
	return true;
}

bool name_is_dns(struct span s, bool wildcard)
{
	struct span label;
	const uint8_t *dot;

	if (s.n > DNS_NAME_MAX)
		return false;
	if (wildcard && s.n > 2 && s.p[0] == '*' && s.p[1] == '.')
		s = span_skip(s, 2);
	while ((dot = s.n ? memchr(s.p, '.', s.n) : NULL)) {
		label = (struct span){ s.p, (size_t)(dot - s.p) };
		if (!is_label(label))
			return false;
		s = span_skip(s, label.n + 1);
	}
	return is_label(s);
}

bool name_is_mail(struct span s)
{
	const uint8_t *at = s.n ? memchr(s.p, '@', s.n) : NULL;

	return at && at > s.p && name_is_dns(span_skip(s, (size_t)(at - s.p) + 1), false);
}

/* ---- matching -------------------------------------------------------------------------------- */

/* What is looked for: a DNS name without a dot at the end, or an address of 4 or 16 bytes. */
struct wanted {
	enum general_name_kind kind;
	struct span value;
	uint8_t address[16];
};

static void wanted_of(const char *host, struct wanted *w)
{
	size_t n = strlen(host);

	*w = (struct wanted){ .kind = GN_IP };
	if (inet_pton(AF_INET, host, w->address) == 1) {
		w->value = (struct span){ w->address, 4 };
	} else if (inet_pton(AF_INET6, host, w->address) == 1) {
		w->value = (struct span){ w->address, 16 };
	} else {
		w->kind = GN_DNS;
		w->value = (struct span){ (const uint8_t *)host, n && host[n - 1] == '.' ? n - 1 : n };
	}
}

bool names_can_match(const char *host)
{
	struct wanted w;

	wanted_of(host, &w);
	return w.kind == GN_IP || name_is_dns(w.value, false);
}

/* From the first dot on; empty when there is none. */
static struct span after_label(struct span name)
{
	const uint8_t *dot = name.n ? memchr(name.p, '.', name.n) : NULL;

	return dot ? span_skip(name, (size_t)(dot - name.p)) : (struct span){ NULL, 0 };
}

/* RFC 9525 section 6.3: "*" as the whole leftmost label, for exactly one label; never for all of one
 * top-level name. */
static bool dns_matches(struct span pattern, struct span host)
{
	struct span suffix, rest;

	if (!host.n || host.p[0] == '.')
		return false;
	if (pattern.n < 2 || pattern.p[0] != '*')
		return span_same_word(pattern, host);
	suffix = span_skip(pattern, 1);
	rest = after_label(host);
	if (suffix.p[0] != '.' || !after_label(span_skip(suffix, 1)).n || suffix.p[1] == '.')
		return false;
	return span_same_word(suffix, rest) && !suffix_is_public(span_skip(rest, 1));
}

static bool matches(const struct general_name *g, const struct wanted *w)
{
	if (g->kind != w->kind)
		return false;
	if (g->kind == GN_DNS)
		return dns_matches(g->value, w->value);
	return g->value.n == w->value.n && !memcmp(g->value.p, w->value.p, w->value.n);
}

enum name_match names_match(const struct cert *c, const char *host)
{
	struct rd names = cert_names(c);
	struct general_name g;
	struct wanted w;
	bool any = false;

	wanted_of(host, &w);
	while (general_name_next(&names, &g)) {
		if (matches(&g, &w))
			return NAMES_MATCH;
		any |= g.kind == GN_DNS || g.kind == GN_IP;
	}
	return any ? NAMES_MISMATCH : NAMES_NONE;
}
