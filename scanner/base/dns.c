#include "scanner/base/dns.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "scanner/base/dns_text.h"
#include "scanner/base/text.h"

/* ---- names --------------------------------------------------------------------------------------------------------- */

static bool is_label_char(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

bool dns_is_name(const char *name)
{
	size_t n = strlen(name), label = 0;

	if (!n || n > DNS_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (name[i] == '.' ? !label : !is_label_char(name[i]))
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && name[n - m - 1] == '.' && !strcasecmp(name + n - m, end);
}

/* Of special use: RFC 6761, 6762, 7686, 8375, 9476, and the reserved `internal`. example.com and its like are in the DNS. */
static bool is_special(const char *name)
{
	static const char *const ends[] = { "test", "example", "invalid", "localhost", "local", "onion", "home.arpa", "alt",
		"internal", "localdomain" };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends_in(name, ends[i]))
			return true;
	return false;
}

bool dns_is_public(const char *name)
{
	const char *last = strrchr(name, '.');

	/* No top-level domain is a number (RFC 3696 section 2): that would be an address. */
	return dns_is_name(name) && last && !isdigit((unsigned char)last[1]) && !is_special(name);
}

const char *dns_first_owner(struct arena *a, const char *text)
{
	const char *p = text;
	size_t n;

	while (p && (*p == ';' || *p == '\n' || *p == '\r'))
		p = (p = strchr(p, '\n')) ? p + 1 : NULL;
	n = p ? strcspn(p, " \t\r\n;") : 0;
	if (!n || n > DNS_NAME_MAX + 1)
		return NULL;
	return arena_printf(a, "%.*s", (int)(n > 1 && p[n - 1] == '.' ? n - 1 : n), p);
}

const char *dns_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot[1] ? dot + 1 : NULL;
}

/* ---- CAA ----------------------------------------------------------------------------------------------------------- */

bool dns_caa_read(struct span s, struct dns_caa *c)
{
	struct rd r = rd_span(s), tag;
	uint8_t flags = rd_u8(&r);

	tag = rd_vec(&r, 1);
	*c = (struct dns_caa){ .critical = flags & 0x80, .tag = rd_rest(&tag), .value = rd_rest(&r) };
	if (r.bad || !c->tag.n || s.n > DNS_RDATA_MAX)
		return false;
	for (size_t i = 0; i < c->tag.n; i++)
		if (!isalnum(c->tag.p[i]))
			return false;
	return true;
}

bool dns_caa_is(const struct dns_caa *c, const char *tag)
{
	return strlen(tag) == c->tag.n && !strncasecmp(tag, (const char *)c->tag.p, c->tag.n);
}

const char *dns_caa_text(struct arena *a, const struct dns_caa *c)
{
	struct text t = { 0 };

	text_fmt(&t, "%u %.*s \"", c->critical ? 128 : 0, (int)c->tag.n, (const char *)c->tag.p);
	dns_text_add(&t, c->value, "\"\\");
	text_char(&t, '"');
	return dns_text_keep(a, &t);
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

const char *dns_caa_issuer(struct arena *a, const struct dns_caa *c)
{
	const uint8_t *semicolon = c->value.n ? memchr(c->value.p, ';', c->value.n) : NULL;
	struct span s = { c->value.p, semicolon ? (size_t)(semicolon - c->value.p) : c->value.n };
	struct text t = { 0 };
	struct rd r = rd_span(s);
	uint8_t *lower;

	while (rd_left(&r) && is_blank(*r.p))
		rd_u8(&r);
	s = rd_rest(&r);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	lower = arena_copy(a, s.p, s.n);
	for (size_t i = 0; i < s.n; i++)
		lower[i] = (uint8_t)tolower(lower[i]);
	dns_text_add(&t, (struct span){ lower, s.n }, "\\");
	return dns_text_keep(a, &t);
}

/* ---- TLSA ---------------------------------------------------------------------------------------------------------- */

bool dns_tlsa_read(struct span s, struct dns_tlsa *t)
{
	struct rd r = rd_span(s);

	t->usage = rd_u8(&r);
	t->selector = rd_u8(&r);
	t->matching = rd_u8(&r);
	t->data = rd_rest(&r);
	return !r.bad && t->data.n && s.n <= DNS_RDATA_MAX;
}

const char *dns_tlsa_text(struct arena *a, const struct dns_tlsa *t)
{
	return arena_printf(a, "%u %u %u %s", t->usage, t->selector, t->matching, text_hex(a, t->data.p, t->data.n));
}

static bool take_number(const char **s, uint8_t *out)
{
	unsigned n = 0;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++)
		if ((n = n * 10 + (unsigned)(**s - '0')) > UINT8_MAX)
			return false;
	*out = (uint8_t)n;
	return *(*s)++ == ' ';
}

static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool dns_tlsa_parse(struct arena *a, const char *text, struct dns_tlsa *t)
{
	uint8_t *data;
	size_t n;

	if (!take_number(&text, &t->usage) || !take_number(&text, &t->selector) || !take_number(&text, &t->matching))
		return false;
	n = strlen(text);
	if (!n || n % 2 || n > 2 * DNS_RDATA_MAX)
		return false;
	data = arena_new(a, n / 2, 1);
	for (size_t i = 0; i < n; i += 2) {
		if (digit_of(text[i]) < 0 || digit_of(text[i + 1]) < 0)
			return false;
		data[i / 2] = (uint8_t)(digit_of(text[i]) << 4 | digit_of(text[i + 1]));
	}
	t->data = (struct span){ data, n / 2 };
	return true;
}
