/*
 * The wire cursor: the only code that adds to a byte pointer.
 *
 * A reader is a value {p, end, bad}; a writer is a value over the caller's memory. Neither owns anything.
 * Errors are sticky: after the first short read every field reads as zero and `bad` stays set, so a parser is a
 * straight list of fields that ends in `return rd_end(&r)`. Sub-readers are values of their own, so an inner grammar
 * cannot overrun the outer one. All numbers are big-endian, as TLS has them (RFC 8446 section 3.3).
 */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of bytes owned by somebody else. */
struct span {
	const uint8_t *p;
	size_t n;
};

struct rd {
	const uint8_t *p, *end;
	bool bad;
};

static inline struct rd rd_of(const void *p, size_t n)
{
	const uint8_t *b = p;
	return (struct rd){ .p = b, .end = b ? b + n : b };
}

static inline struct rd rd_span(struct span s)
{
	return rd_of(s.p, s.n);
}

static inline size_t rd_left(const struct rd *r)
{
	return r->bad ? 0 : (size_t)(r->end - r->p);
}

/* True when nothing was read past the end and nothing is left over. */
static inline bool rd_end(const struct rd *r)
{
	return !r->bad && r->p == r->end;
}

/* Takes n bytes; NULL (and bad) when there are fewer. */
static inline const uint8_t *rd_take(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || (size_t)(r->end - r->p) < n) {
		r->bad = true;
		return NULL;
	}
	if (n)
		r->p += n;
	return p;
}

static inline uint64_t rd_uint(struct rd *r, size_t width)
{
	const uint8_t *p = rd_take(r, width);
	uint64_t v = 0;

	for (size_t i = 0; p && i < width; i++)
		v = v << 8 | p[i];
	return v;
}

static inline uint8_t rd_u8(struct rd *r)
{
	return (uint8_t)rd_uint(r, 1);
}

static inline uint16_t rd_u16(struct rd *r)
{
	return (uint16_t)rd_uint(r, 2);
}

static inline uint32_t rd_u24(struct rd *r)
{
	return (uint32_t)rd_uint(r, 3);
}

static inline uint32_t rd_u32(struct rd *r)
{
	return (uint32_t)rd_uint(r, 4);
}

/* n bytes as a reader of their own; a short outer reader gives an inner one that is bad too. */
static inline struct rd rd_sub(struct rd *r, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	return r->bad ? (struct rd){ .bad = true } : rd_of(p, n);
}

/* A vector with a length prefix of `width` bytes. */
static inline struct rd rd_vec(struct rd *r, size_t width)
{
	return rd_sub(r, (size_t)rd_uint(r, width));
}

/* What is left of a reader, as a view; empty when the reader is bad. */
static inline struct span rd_rest(const struct rd *r)
{
	return r->bad ? (struct span){ NULL, 0 } : (struct span){ r->p, (size_t)(r->end - r->p) };
}

struct wr {
	uint8_t *buf;
	size_t len, cap;
	bool bad; /* something did not fit; what was written is useless */
};

static inline struct wr wr_of(void *buf, size_t cap)
{
	return (struct wr){ .buf = buf, .cap = cap };
}

static inline void wr_bytes(struct wr *w, const void *p, size_t n)
{
	if (w->bad || w->cap - w->len < n) {
		w->bad = true;
		return;
	}
	if (n)
		memcpy(w->buf + w->len, p, n);
	w->len += n;
}

static inline void wr_uint(struct wr *w, uint64_t v, size_t width)
{
	uint8_t b[8];

	for (size_t i = 0; i < width; i++)
		b[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
	wr_bytes(w, b, width);
}

static inline void wr_u8(struct wr *w, uint8_t v)
{
	wr_uint(w, v, 1);
}

static inline void wr_u16(struct wr *w, uint16_t v)
{
	wr_uint(w, v, 2);
}

static inline void wr_u24(struct wr *w, uint32_t v)
{
	wr_uint(w, v, 3);
}

static inline void wr_zero(struct wr *w, size_t n)
{
	while (n-- && !w->bad)
		wr_u8(w, 0);
}

/* Reserves a length prefix of `width` bytes; wr_close() fills it with the number of bytes written since. */
struct wr_mark {
	size_t at, width;
};

static inline struct wr_mark wr_open(struct wr *w, size_t width)
{
	struct wr_mark m = { w->len, width };

	wr_uint(w, 0, width);
	return m;
}

static inline void wr_close(struct wr *w, struct wr_mark m)
{
	size_t n = w->len - m.at - m.width;

	if (w->bad || (m.width < 8 && n >> (8 * m.width))) {
		w->bad = true;
		return;
	}
	for (size_t i = 0; i < m.width; i++)
		w->buf[m.at + i] = (uint8_t)(n >> (8 * (m.width - 1 - i)));
}

#endif
