#include "scanner/trust/der.h"

static size_t read_length(struct rd *r)
{
	uint8_t first = rd_u8(r);
	size_t width = first & 0x7F, n;

	if (first < 0x80)
		return first;
	if (width == 0 || width > 4) {
		r->bad = true;
		return 0;
	}
	n = (size_t)rd_uint(r, width);
	if (n < 0x80 || !(n >> (8 * (width - 1))))
		r->bad = true;
	return n;
}

bool der_next(struct rd *r, struct der *d)
{
	const uint8_t *start = r->p;
	struct rd body;

	*d = (struct der){ .tag = rd_u8(r) };
	if ((d->tag & 0x1F) == 0x1F)
		r->bad = true;
	body = rd_sub(r, read_length(r));
	if (r->bad)
		return false;
	d->body = rd_rest(&body);
	d->all = (struct span){ start, (size_t)(r->p - start) };
	return true;
}

static bool next_is(struct rd *r, uint8_t tag, struct der *d)
{
	if (der_next(r, d) && d->tag == tag)
		return true;
	r->bad = true;
	return false;
}

struct rd der_enter(struct rd *r, uint8_t tag)
{
	struct der d;

	return next_is(r, tag, &d) ? rd_span(d.body) : (struct rd){ .bad = true };
}

struct span der_take(struct rd *r, uint8_t tag)
{
	struct der d;

	return next_is(r, tag, &d) ? d.body : (struct span){ NULL, 0 };
}

struct span der_take_all(struct rd *r, uint8_t tag)
{
	struct der d;

	return next_is(r, tag, &d) ? d.all : (struct span){ NULL, 0 };
}

bool der_is_next(const struct rd *r, uint8_t tag)
{
	return rd_left(r) && *r->p == tag;
}

bool der_maybe(struct rd *r, uint8_t tag, struct rd *body)
{
	if (!der_is_next(r, tag))
		return false;
	*body = der_enter(r, tag);
	return !r->bad;
}

struct span der_take_bits(struct rd *r)
{
	struct rd body = der_enter(r, DER_BIT_STRING);

	if (rd_u8(&body) != 0 || body.bad)
		r->bad = true;
	return rd_rest(&body);
}

bool der_maybe_true(struct rd *r)
{
	struct rd body;

	if (!der_maybe(r, DER_BOOLEAN, &body))
		return false;
	return rd_u8(&body) != 0 && rd_end(&body);
}

int64_t der_small(struct span integer)
{
	struct rd r = rd_span(integer);

	if (integer.n == 0 || integer.n > 4 || integer.p[0] & 0x80)
		return -1;
	return (int64_t)rd_uint(&r, integer.n);
}

struct span der_magnitude(struct span integer)
{
	struct rd r = rd_span(integer);

	while (der_is_next(&r, 0))
		rd_u8(&r);
	return rd_rest(&r);
}

static void write_decimal(struct wr *w, uint64_t v)
{
	char digits[20];
	size_t n = sizeof digits;

	do
		digits[--n] = (char)('0' + v % 10);
	while (v /= 10);
	wr_bytes(w, digits + n, sizeof digits - n);
}

static bool read_arc(struct rd *r, uint64_t *arc)
{
	uint8_t b;

	*arc = 0;
	do {
		b = rd_u8(r);
		if (*arc >> 57)
			return false;
		*arc = *arc << 7 | (b & 0x7F);
	} while (!r->bad && b & 0x80);
	return !r->bad;
}

bool der_oid_text(struct span oid, char out[static DER_OID_TEXT])
{
	struct rd r = rd_span(oid);
	struct wr w = wr_of(out, DER_OID_TEXT - 1);
	uint64_t arc, top;

	out[0] = 0;
	if (oid.n > DER_OID_MAX || !read_arc(&r, &arc))
		return false;
	top = arc < 80 ? arc / 40 : 2;
	write_decimal(&w, top);
	wr_u8(&w, '.');
	write_decimal(&w, arc - 40 * top);
	while (rd_left(&r)) {
		if (!read_arc(&r, &arc))
			w.bad = true;
		wr_u8(&w, '.');
		write_decimal(&w, arc);
	}
	out[w.bad ? 0 : w.len] = 0;
	return !w.bad;
}

void der_put_header(struct wr *w, uint8_t tag, size_t n)
{
	size_t width = 1;

	wr_u8(w, tag);
	if (n < 0x80) {
		wr_u8(w, (uint8_t)n);
		return;
	}
	while (width < 4 && n >> (8 * width))
		width++;
	wr_u8(w, (uint8_t)(0x80 | width));
	wr_uint(w, n, width);
}

/* ---- time ------------------------------------------------------------------------------------ */

static int64_t take_digits(struct rd *r, size_t n)
{
	int64_t v = 0;

	while (n--) {
		uint8_t c = rd_u8(r);

		if (c < '0' || c > '9')
			r->bad = true;
		v = 10 * v + (c - '0');
	}
	return v;
}

static int64_t take_year(struct rd *r, uint8_t tag)
{
	int64_t year;

	if (tag == DER_GENERALIZED_TIME)
		return take_digits(r, 4);
	year = take_digits(r, 2);
	return year < 50 ? 2000 + year : 1900 + year;
}

/* Days from 1970-01-01; the year counts from March, so that leap days end it. */
static int64_t days_from_date(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2) + 400, era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return (era - 1) * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
	int64_t next = month == 12 ? days_from_date(year + 1, 1, 1) : days_from_date(year, month + 1, 1);

	return next - days_from_date(year, month, 1);
}

bool der_time(const struct der *d, int64_t *seconds)
{
	struct rd r = rd_span(d->body);
	int64_t year, month, day, hour, minute, second;

	if (d->tag != DER_UTC_TIME && d->tag != DER_GENERALIZED_TIME)
		return false;
	year = take_year(&r, d->tag);
	month = take_digits(&r, 2);
	day = take_digits(&r, 2);
	hour = take_digits(&r, 2);
	minute = take_digits(&r, 2);
	second = take_digits(&r, 2);
	if (rd_u8(&r) != 'Z' || !rd_end(&r) || month < 1 || month > 12 || day < 1 || hour > 23 ||
	        minute > 59 || second > 59 || day > days_in_month(year, month))
		return false;
	*seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}
