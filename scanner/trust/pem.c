#include "scanner/trust/pem.h"

#include "scanner/base/base64.h"

enum { LINE = 64, SKIP = 0x40, STOP = 0x80 };

static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";
static const char *const certificates[] = { "CERTIFICATE-----", "X509 CERTIFICATE-----", NULL };
static const char *const crls[] = { "X509 CRL-----", NULL };
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- reading --------------------------------------------------------------------------------- */

/* Four digits at a time, as long as nothing else stands between them. */
static void decode_quads(struct rd *r, struct wr *w, const uint8_t *values)
{
	uint8_t line[LINE / 4 * 3];
	size_t n;

	do {
		size_t most = rd_left(r) / 4 < LINE / 4 ? rd_left(r) / 4 : LINE / 4;
		const uint8_t *p = r->p;

		for (n = 0; n < most; n++) {
			uint8_t a = values[p[4 * n]], b = values[p[4 * n + 1]], c = values[p[4 * n + 2]], d = values[p[4 * n + 3]];

			if ((a | b | c | d) > 63)
				break;
			line[3 * n] = (uint8_t)(a << 2 | b >> 4);
			line[3 * n + 1] = (uint8_t)(b << 4 | c >> 2);
			line[3 * n + 2] = (uint8_t)(c << 6 | d);
		}
		rd_take(r, 4 * n);
		wr_bytes(w, line, 3 * n);
	} while (n == LINE / 4);
}

/* The digits at the end of a group that white space or padding interrupts. */
struct group {
	uint32_t value;
	unsigned count, padding;
};

static void take_character(struct rd *r, struct wr *w, const uint8_t *values, struct group *g)
{
	uint8_t c = rd_u8(r), v = values[c];

	if (c == '=' && g->count >= 2 && g->count + g->padding < 4) {
		g->padding++;
		return;
	}
	if (v == SKIP)
		return;
	if (v == STOP || g->padding) {
		r->bad = true;
		return;
	}
	g->value = g->value << 6 | v;
	if (++g->count == 4) {
		wr_uint(w, g->value, 3);
		*g = (struct group){ 0 };
	}
}

static bool decode(struct span text, struct wr *w, const uint8_t *values)
{
	struct rd r = rd_span(text);
	struct group g = { 0 };

	while (rd_left(&r)) {
		if (!g.count)
			decode_quads(&r, w, values);
		if (rd_left(&r))
			take_character(&r, w, values, &g);
	}
	if (g.count && g.count + g.padding != 4)
		return false;
	if (g.count)
		wr_uint(w, g.value >> (g.count == 2 ? 4 : 2), g.count - 1);
	return !r.bad && !w->bad;
}

/* 0 to 63: a digit; SKIP: white space; STOP: anything else. */
static struct pem pem_with(struct span text, const char *const *kinds)
{
	struct pem p = { .left = text, .kinds = kinds };

	memset(p.values, STOP, sizeof p.values);
	for (const char *s = " \t\r\n"; *s; s++)
		p.values[(uint8_t)*s] = SKIP;
	for (uint8_t i = 0; i < 64; i++)
		p.values[(uint8_t)digits[i]] = i;
	return p;
}

struct pem pem_of(struct span text)
{
	return pem_with(text, certificates);
}

struct pem pem_of_crls(struct span text)
{
	return pem_with(text, crls);
}

/* What stands before the words; all of it, and false, when they are not there. `left` then starts at the
 * words. */
static bool seek(struct span *left, const char *words, struct span *before)
{
	const uint8_t *at = left->n ? memmem(left->p, left->n, words, strlen(words)) : NULL;
	struct rd r = rd_span(*left);
	size_t n = at ? (size_t)(at - left->p) : left->n;

	*before = (struct span){ rd_take(&r, n), n };
	*left = rd_rest(&r);
	return at;
}

static bool pass(struct span *left, const char *words)
{
	struct rd r = rd_span(*left);
	const uint8_t *p = rd_take(&r, strlen(words));

	if (!p || memcmp(p, words, strlen(words)))
		return false;
	*left = rd_rest(&r);
	return true;
}

/* Passes the label of a BEGIN line; NULL when it is none that is looked for. */
static const char *pass_label(struct pem *p)
{
	for (const char *const *kind = p->kinds; *kind; kind++)
		if (pass(&p->left, *kind))
			return *kind;
	return NULL;
}

static bool next_block(struct pem *p, struct span *body)
{
	struct span skipped;

	while (seek(&p->left, "-----BEGIN ", &skipped)) {
		const char *label;

		pass(&p->left, "-----BEGIN ");
		label = pass_label(p);
		if (!label)
			continue;
		if (seek(&p->left, "-----", body) && pass(&p->left, "-----END ") && pass(&p->left, label))
			return true;
		p->bad++;
	}
	return false;
}

bool pem_next(struct pem *p, struct wr *out, struct span *der)
{
	struct span body;

	while (next_block(p, &body)) {
		size_t start = out->len;

		if (decode(body, out, p->values)) {
			struct rd r = rd_of(out->buf, out->len);

			rd_take(&r, start);
			*der = rd_rest(&r);
			return true;
		}
		out->len = start;
		p->bad++;
	}
	return false;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_words(struct wr *w, const char *words)
{
	wr_bytes(w, words, strlen(words));
	wr_u8(w, '\n');
}

char *pem_text(struct arena *a, struct span der)
{
	size_t base64 = (der.n + 2) / 3 * 4;
	size_t room = sizeof begin + sizeof end + base64 + base64 / LINE + 2;
	struct wr w = wr_of(arena_new(a, room, 1), room - 1);
	struct rd r = rd_span(der);

	write_words(&w, begin);
	for (size_t column = 4; rd_left(&r); column += 4) {
		base64_group(&w, &r);
		if (column % LINE == 0 || !rd_left(&r))
			wr_u8(&w, '\n');
	}
	write_words(&w, end);
	return (char *)w.buf;
}
