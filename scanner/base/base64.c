#include "scanner/base/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int digit_of(uint8_t c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Four characters; `padding` of them, at the end, stand for nothing. */
static bool read_group(struct rd *r, struct wr *out, size_t padding)
{
	uint32_t value = 0;

	for (size_t i = 0; i < 4; i++) {
		uint8_t c = rd_u8(r);
		int d = i >= 4 - padding ? (c == '=' ? 0 : -1) : digit_of(c);

		if (d < 0)
			return false;
		value = value << 6 | (uint32_t)d;
	}
	/* What padding leaves over is zero: each value has one form. */
	if (value & ((1u << (8 * padding)) - 1))
		return false;
	wr_uint(out, value >> (8 * padding), 3 - padding);
	return !out->bad;
}

static size_t padding_of(struct span text)
{
	if (text.n < 4 || text.p[text.n - 1] != '=')
		return 0;
	return text.p[text.n - 2] == '=' ? 2 : 1;
}

bool base64_read(struct span text, struct wr *out)
{
	struct rd r = rd_span(text);

	if (text.n % 4)
		out->bad = true;
	while (rd_left(&r) && !out->bad)
		if (!read_group(&r, out, rd_left(&r) == 4 ? padding_of(text) : 0))
			out->bad = true;
	return !out->bad;
}

void base64_group(struct wr *w, struct rd *r)
{
	size_t n = rd_left(r) < 3 ? rd_left(r) : 3;
	uint32_t v = (uint32_t)rd_uint(r, n) << (8 * (3 - n));

	for (size_t i = 0; i < 4; i++)
		wr_u8(w, (uint8_t)(i <= n ? digits[v >> (18 - 6 * i) & 63] : '='));
}

void base64_write(struct wr *w, struct span s)
{
	struct rd r = rd_span(s);

	while (rd_left(&r) && !w->bad)
		base64_group(w, &r);
}
