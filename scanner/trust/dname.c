#include "scanner/trust/dname.h"

#include "scanner/base/text.h"
#include "scanner/trust/der.h"

enum { ATTRIBUTES_SHOWN = 64, VALUE_SHOWN = 1024, HEX_SHOWN = 64 };

struct dname_walk dname_walk(struct span name)
{
	return (struct dname_walk){ .names = rd_span(name) };
}

bool dname_bad(const struct dname_walk *w)
{
	return w->names.bad || w->attributes.bad;
}

bool dname_next(struct dname_walk *w, struct dname_attribute *a)
{
	struct rd pair;
	struct der value = { 0 };

	a->first = !rd_left(&w->attributes);
	if (a->first) {
		if (dname_bad(w) || !rd_left(&w->names))
			return false;
		w->attributes = der_enter(&w->names, DER_SET);
	}
	pair = der_enter(&w->attributes, DER_SEQUENCE);
	a->oid = der_take(&pair, DER_OID);
	der_next(&pair, &value);
	if (!rd_end(&pair))
		w->attributes.bad = true;
	a->value = value.body;
	a->tag = value.tag;
	return !dname_bad(w);
}

/* ---- strings as UTF-8 ------------------------------------------------------------------------ */

static size_t character_width(uint8_t tag)
{
	switch (tag) {
	case DER_UTF8:
	case DER_PRINTABLE:
	case DER_IA5:
	case DER_VISIBLE:
	case 0x12:    /* NumericString */
	case DER_T61: /* taken as Latin-1, as everybody does */
		return 1;
	case DER_BMP:
		return 2;
	case DER_UNIVERSAL:
		return 4;
	default:
		return 0; /* no string */
	}
}

static void write_utf8(struct wr *w, uint32_t c)
{
	if (c < 0x80) {
		wr_u8(w, (uint8_t)c);
		return;
	}
	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		c = 0xFFFD;
	if (c < 0x800) {
		wr_u8(w, (uint8_t)(0xC0 | c >> 6));
	} else {
		if (c < 0x10000) {
			wr_u8(w, (uint8_t)(0xE0 | c >> 12));
		} else {
			wr_u8(w, (uint8_t)(0xF0 | c >> 18));
			wr_u8(w, (uint8_t)(0x80 | (c >> 12 & 0x3F)));
		}
		wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3F)));
	}
	wr_u8(w, (uint8_t)(0x80 | (c & 0x3F)));
}

/* UTF8String is taken byte by byte, as it is. */
static void write_character(struct wr *w, uint8_t tag, uint32_t c)
{
	if (tag == DER_UTF8)
		wr_u8(w, (uint8_t)c);
	else
		write_utf8(w, c);
}

/* ---- the form to compare --------------------------------------------------------------------- */

static uint32_t lower(uint32_t c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static void canon_string(struct wr *w, uint8_t tag, struct span value)
{
	struct rd r = rd_span(value);
	size_t width = character_width(tag), start = w->len;
	bool gap = false;

	while (rd_left(&r) >= width) {
		uint32_t c = (uint32_t)rd_uint(&r, width);

		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			gap = w->len > start;
			continue;
		}
		if (gap)
			wr_u8(w, ' ');
		gap = false;
		write_character(w, tag, lower(c));
	}
}

static void canon_attribute(struct wr *w, const struct dname_attribute *a)
{
	bool string = character_width(a->tag);
	struct wr_mark mark;

	wr_u8(w, a->first);
	mark = wr_open(w, 3);
	wr_bytes(w, a->oid.p, a->oid.n);
	wr_close(w, mark);
	wr_u8(w, string ? DER_UTF8 : a->tag);
	mark = wr_open(w, 3);
	if (string)
		canon_string(w, a->tag, a->value);
	else
		wr_bytes(w, a->value.p, a->value.n);
	wr_close(w, mark);
}

bool dname_canon(struct span name, struct wr *out)
{
	struct dname_walk w = dname_walk(name);
	struct dname_attribute a;

	while (dname_next(&w, &a))
		canon_attribute(out, &a);
	return !dname_bad(&w) && !out->bad;
}

/* ---- the form to read ------------------------------------------------------------------------ */

static const struct short_name {
	const char *oid, *name;
} short_names[] = {
	{ "2.5.4.3", "CN" },
	{ "2.5.4.4", "SN" },
	{ "2.5.4.5", "serialNumber" },
	{ "2.5.4.6", "C" },
	{ "2.5.4.7", "L" },
	{ "2.5.4.8", "ST" },
	{ "2.5.4.9", "street" },
	{ "2.5.4.10", "O" },
	{ "2.5.4.11", "OU" },
	{ "2.5.4.12", "title" },
	{ "2.5.4.13", "description" },
	{ "2.5.4.15", "businessCategory" },
	{ "2.5.4.17", "postalCode" },
	{ "2.5.4.20", "telephoneNumber" },
	{ "2.5.4.41", "name" },
	{ "2.5.4.42", "GN" },
	{ "2.5.4.43", "initials" },
	{ "2.5.4.46", "dnQualifier" },
	{ "2.5.4.65", "pseudonym" },
	{ "2.5.4.97", "organizationIdentifier" },
	{ "0.9.2342.19200300.100.1.1", "UID" },
	{ "0.9.2342.19200300.100.1.25", "DC" },
	{ "1.2.840.113549.1.9.1", "emailAddress" },
	{ "1.2.840.113549.1.9.2", "unstructuredName" },
	{ "1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL" },
	{ "1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST" },
	{ "1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC" },
};

static void add_attribute_name(struct text *t, struct span oid)
{
	char dotted[DER_OID_TEXT];

	if (!der_oid_text(oid, dotted)) {
		text_fmt(t, "oid(%zu bytes)", oid.n);
		return;
	}
	for (size_t i = 0; i < sizeof short_names / sizeof *short_names; i++)
		if (!strcmp(short_names[i].oid, dotted)) {
			text_add(t, short_names[i].name);
			return;
		}
	text_add(t, dotted);
}

static struct span cut(struct span s, size_t max)
{
	return (struct span){ s.p, s.n < max ? s.n : max };
}

/* RFC 4514 section 2.4. */
static void add_escaped(struct text *t, const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++) {
		bool edge = s[i] == ' ' && (i == 0 || i == n - 1);

		if (edge || (s[i] == '#' && i == 0) || strchr(",+\"\\<>;", s[i]))
			text_char(t, '\\');
		text_char(t, s[i]);
	}
}

static void add_string(struct text *t, struct arena *a, uint8_t tag, struct span value)
{
	size_t width = character_width(tag);
	struct span shown = cut(value, VALUE_SHOWN * width);
	struct wr w = wr_of(arena_new(a, shown.n, 2), 2 * shown.n);
	struct rd r = rd_span(shown);

	while (rd_left(&r) >= width)
		write_character(&w, tag, (uint32_t)rd_uint(&r, width));
	add_escaped(t, text_clean(a, w.buf, w.len, w.len));
	if (shown.n < value.n)
		text_add(t, "\xe2\x80\xa6");
}

static void add_value(struct text *t, struct arena *a, const struct dname_attribute *d)
{
	struct span shown = cut(d->value, HEX_SHOWN);

	if (character_width(d->tag))
		add_string(t, a, d->tag, d->value);
	else
		text_fmt(t, "#%s%s", text_hex(a, shown.p, shown.n),
		        shown.n < d->value.n ? "\xe2\x80\xa6" : "");
}

static size_t walk_all(struct span name, struct dname_attribute *all, size_t max)
{
	struct dname_walk w = dname_walk(name);
	struct dname_attribute a;
	size_t n = 0;

	while (dname_next(&w, &a)) {
		if (n < max)
			all[n] = a;
		n++;
	}
	return n;
}

/* First attribute of the relative name that ends before number `end`. */
static size_t relative_start(const struct dname_attribute *all, size_t end)
{
	size_t i = end - 1;

	while (i && !all[i].first)
		i--;
	return i;
}

static void add_relative(struct text *t, struct arena *a, const struct dname_attribute *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (t->n)
			text_char(t, i ? '+' : ',');
		add_attribute_name(t, all[i].oid);
		text_char(t, '=');
		add_value(t, a, &all[i]);
	}
}

char *dname_text(struct arena *a, struct span name)
{
	struct dname_attribute all[ATTRIBUTES_SHOWN];
	struct arena scratch = { 0 };
	struct text t = { 0 };
	size_t n = walk_all(name, all, ATTRIBUTES_SHOWN), known = n < ATTRIBUTES_SHOWN ? n : ATTRIBUTES_SHOWN;
	char *copy;

	for (size_t at = known, start; at; at = start) {
		start = relative_start(all, at);
		add_relative(&t, &scratch, all + start, at - start);
	}
	if (n > known)
		text_fmt(&t, ",\xe2\x80\xa6(%zu more)", n - known);
	copy = arena_text(a, text_str(&t));
	text_free(&t);
	arena_free(&scratch);
	return copy;
}
