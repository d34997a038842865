#include "scanner/tls/ja4.h"

#include "scanner/tls/tables.h"

enum { COUNT_MAX = 99 }; /* two digits: so many, or more */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int hex_digit(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* ---- the head: transport, version, server name, how many suites and extensions, first and last of ALPN --------------------- */

static uint16_t version_of(const uint8_t *two)
{
	static const struct {
		char word[2];
		uint16_t version;
	} words[] = { { { '1', '3' }, VER_TLS13 }, { { '1', '2' }, VER_TLS12 }, { { '1', '1' }, VER_TLS11 },
		{ { '1', '0' }, VER_TLS10 }, { { 's', '3' }, VER_SSL3 } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].word[0] == two[0] && words[i].word[1] == two[1])
			return words[i].version;
	return 0;
}

static size_t count_of(const uint8_t *two)
{
	return 10u * (size_t)(two[0] - '0') + (size_t)(two[1] - '0');
}

bool ja4_is(struct span t)
{
	return t.n > JA4_HEAD && (t.p[0] == 't' || t.p[0] == 'q' || t.p[0] == 'd') && (is_digit(t.p[1]) || t.p[1] == 's' ||
	       t.p[1] == 'd') && is_digit(t.p[2]) && (t.p[3] == 'd' || t.p[3] == 'i') && is_digit(t.p[4]) && is_digit(t.p[5]) &&
	       is_digit(t.p[6]) && is_digit(t.p[7]) && is_word(t.p[8]) && is_word(t.p[9]) && t.p[JA4_HEAD] == '_';
}

/* ---- the lists --------------------------------------------------------------------------------------------------------- */

/* Four hexadecimal digits each, with commas between; up to an underscore or the end. */
static bool read_list(struct rd *r, struct arena *a, struct codes *out)
{
	uint32_t *v = NULL;

	*out = (struct codes){ NULL, 0 };
	if (!rd_left(r) || *r->p == '_')
		return true;
	do {
		uint32_t code = 0;

		for (int i = 0; i < 4; i++) {
			int digit = hex_digit(rd_u8(r));

			if (digit < 0)
				return false;
			code = code << 4 | (uint32_t)digit;
		}
		v = arena_push(a, v, out->n, sizeof *v);
		v[out->n++] = code;
		out->v = v;
	} while (rd_left(r) && *r->p == ',' && rd_u8(r));
	return !r->bad && (!rd_left(r) || *r->p == '_');
}

static bool behind_underscore(struct rd *r)
{
	return rd_left(r) && rd_u8(r) == '_';
}

static bool is_sorted(struct codes c)
{
	for (size_t i = 1; i < c.n; i++)
		if (c.v[i - 1] > c.v[i])
			return false;
	return true;
}

static bool counts(size_t said, size_t n)
{
	return said == n || (said == COUNT_MAX && n > said);
}

/* Of JA4_r, server_name and ALPN are left out of the list, and of the head they are not. */
static bool extensions_fit(const struct client *c, size_t said, bool alpn)
{
	bool whole = codes_has(c->extensions, EXT_SERVER_NAME) || codes_has(c->extensions, EXT_ALPN);

	if (whole)
		return counts(said, c->extensions.n) && codes_has(c->extensions, EXT_SERVER_NAME) == c->sni;
	return counts(said, c->extensions.n + c->sni + alpn) || (!alpn && counts(said, c->extensions.n + c->sni + 1));
}

static void settle_hides(struct client *c)
{
	bool whole = codes_has(c->extensions, EXT_SERVER_NAME) || codes_has(c->extensions, EXT_ALPN);

	c->hides = HIDES_OLDER;
	if (codes_has(c->extensions, EXT_SUPPORTED_GROUPS))
		c->hides |= HIDES_GROUPS;
	if (!whole && c->suites.n > 1 && is_sorted(c->suites))
		c->hides |= HIDES_ORDER;
}

/* Two hashes of twelve digits in place of the lists. */
static bool is_hashed(struct span t)
{
	enum { HASH = 12 };

	return t.n == JA4_HEAD + 2 * (1 + HASH) && t.p[JA4_HEAD + 1 + HASH] == '_' && t.p[JA4_HEAD + 1 + 4] != ',' &&
	       t.p[JA4_HEAD + 1 + 4] != '_';
}

static const char *read_head(struct span t, struct client *c)
{
	c->newest = c->oldest = version_of(t.p + 1);
	c->sni = t.p[3] == 'd';
	if (t.p[0] != 't')
		return "a JA4 of TLS over TCP (t...) is wanted, not of QUIC or DTLS";
	if (!c->newest)
		return "its version is none of SSL 3.0 to TLS 1.3";
	return is_hashed(t) ? "a JA4 of hashes cannot be read back: give the raw one, JA4_r or JA4_ro" : NULL;
}

static const char *read_lists(struct span t, struct arena *a, struct client *c)
{
	struct rd r = rd_of(t.p + JA4_HEAD, t.n - JA4_HEAD);
	bool alpn = t.p[8] != '0' || t.p[9] != '0';

	if (!behind_underscore(&r) || !read_list(&r, a, &c->suites) || !behind_underscore(&r) ||
	        !read_list(&r, a, &c->extensions) || (behind_underscore(&r) && !read_list(&r, a, &c->schemes)) || rd_left(&r))
		return "lists of four hexadecimal digits, with commas between and '_' behind each, are wanted";
	if (!c->suites.n || !counts(count_of(t.p + 4), c->suites.n))
		return "its head says another number of cipher suites than there are";
	if (!extensions_fit(c, count_of(t.p + 6), alpn))
		return "its head says another number of extensions than there are";
	return NULL;
}

bool ja4_read(struct span text, struct arena *a, struct client *c, const char **why)
{
	*c = (struct client){ .source = "ja4" };
	*why = !ja4_is(text) ? "is no JA4" : read_head(text, c);
	if (!*why)
		*why = read_lists(text, a, c);
	if (!*why)
		settle_hides(c);
	return !*why;
}
