#include "scanner/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define ELLIPSIS    "\xe2\x80\xa6"

/* Room for `more` bytes and the terminating zero. */
static void text_room(struct text *t, size_t more)
{
	size_t need, cap = t->cap ? t->cap : 32;

	if (more > SIZE_MAX / 4 - t->n)
		die_memory();
	need = t->n + more + 1;
	if (need <= t->cap)
		return;
	while (cap < need)
		cap *= 2;
	t->s = mem_grow(t->s, cap, 1);
	t->cap = cap;
}

void text_addn(struct text *t, const char *s, size_t n)
{
	text_room(t, n);
	if (n)
		memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

void text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void text_char(struct text *t, char c)
{
	text_addn(t, &c, 1);
}

void text_fmt(struct text *t, const char *format, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	require(n >= 0);
	text_room(t, (size_t)n);
	vsnprintf(t->s + t->n, (size_t)n + 1, format, again);
	va_end(again);
	t->n += (size_t)n;
}

const char *text_str(const struct text *t)
{
	return t->s ? t->s : "";
}

void text_free(struct text *t)
{
	free(t->s);
	*t = (struct text){ 0 };
}

char *text_hex(struct arena *a, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = p;
	char *s = arena_new(a, 2 * n + 1, 1);

	for (size_t i = 0; i < n; i++) {
		s[2 * i] = digits[b[i] >> 4];
		s[2 * i + 1] = digits[b[i] & 15];
	}
	return s;
}

/*
 * Well-formed sequences by their first byte: how long, and what the second byte may be (Unicode, table 3-7:
 * that is where overlong forms, surrogates and what lies past U+10FFFF are shut out). Further bytes
 * are 80..BF.
 */
static const struct lead {
	uint8_t first, last, length, low, high;
} leads[] = {
	{ 0x00, 0x7F, 1, 0x00, 0x00 },
	{ 0xC2, 0xDF, 2, 0x80, 0xBF },
	{ 0xE0, 0xE0, 3, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 3, 0x80, 0xBF },
	{ 0xED, 0xED, 3, 0x80, 0x9F },
	{ 0xEE, 0xEF, 3, 0x80, 0xBF },
	{ 0xF0, 0xF0, 4, 0x90, 0xBF },
	{ 0xF1, 0xF3, 4, 0x80, 0xBF },
	{ 0xF4, 0xF4, 4, 0x80, 0x8F },
};

static const struct lead *lead_find(uint8_t b)
{
	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
		if (b >= leads[i].first && b <= leads[i].last)
			return &leads[i];
	return NULL;
}

/* Bytes of the well-formed sequence that n bytes at p begin with; 0 for none. */
static size_t sequence_length(const uint8_t *p, size_t n)
{
	const struct lead *l = n ? lead_find(p[0]) : NULL;

	if (!l || n < l->length)
		return 0;
	if (l->length > 1 && (p[1] < l->low || p[1] > l->high))
		return 0;
	for (size_t i = 2; i < l->length; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return l->length;
}

char *text_clean(struct arena *a, const void *p, size_t n, size_t max)
{
	const uint8_t *b = p;
	size_t i = 0, end = n < max ? n : max, length;
	struct text t = { 0 };
	char *s;

	while (i < end) {
		length = sequence_length(b + i, n - i);
		if (i + length > end)
			break; /* the cut falls inside a character: it goes as a whole */
		if (!length || !b[i])
			text_add(&t, REPLACEMENT);
		else
			text_addn(&t, (const char *)b + i, length);
		i += length ? length : 1;
	}
	if (i < n)
		text_add(&t, ELLIPSIS);
	s = arena_textn(a, text_str(&t), t.n);
	text_free(&t);
	return s;
}

uint32_t text_next(const char **utf8)
{
	static const uint8_t first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	const uint8_t *p = (const uint8_t *)*utf8;
	size_t length = sequence_length(p, strnlen(*utf8, 4));
	uint32_t c;

	if (!*p)
		return 0;
	*utf8 += length ? length : 1;
	if (!length)
		return 0xFFFD;
	c = p[0] & first_bits[length];
	for (size_t i = 1; i < length; i++)
		c = c << 6 | (p[i] & 0x3F);
	return c;
}

bool text_hidden(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{ 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x00AD, 0x00AD },     /* C0; DEL, C1; soft hyphen */
		{ 0x034F, 0x034F }, { 0x061C, 0x061C }, { 0x115F, 0x1160 },     /* joiner; Arabic mark; Hangul fillers */
		{ 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F },     /* Khmer; Mongolian; joiners, marks */
		{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 },     /* separators, embeddings; isolates; filler */
		{ 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 },     /* variations; byte order; filler */
		{ 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, /* annotations; shorthand; music */
		{ 0xE0000, 0xE0FFF },                                           /* tags, variations */
	};

	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

/* Nearly all of it: printable ASCII. */
static const char *pass_printable(const char *s)
{
	while (*s >= ' ' && *s < 0x7F)
		s++;
	return s;
}

void text_visible(struct text *t, const char *utf8)
{
	for (const char *from = utf8; *utf8; from = utf8) {
		const char *plain = pass_printable(utf8);
		uint32_t c;

		if (plain > from) {
			text_addn(t, from, (size_t)(plain - from));
			utf8 = plain;
			continue;
		}
		c = text_next(&utf8);
		if (text_hidden(c))
			text_fmt(t, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)c);
		else if (c == 0xFFFD)
			text_add(t, REPLACEMENT); /* also what was not UTF-8 in spite of the promise */
		else
			text_addn(t, from, (size_t)(utf8 - from));
	}
}

const char *text_cut(struct arena *a, const char *utf8, size_t most)
{
	const char *end = utf8;

	for (size_t n = 0; n < most && text_next(&end); n++)
		;
	return *end ? arena_printf(a, "%.*s" ELLIPSIS, (int)(end - utf8), utf8) : utf8;
}

size_t text_width(const char *utf8)
{
	size_t n = 0;

	while (text_next(&utf8))
		n++;
	return n;
}
