/*
 * DER, as far as certificates need it (X.690): the wire cursor over tags and lengths.
 *
 * Lengths are definite and minimal, tags one byte; anything else makes the reader bad, as a short read does.
 * Nothing is copied and nothing is allocated; each step costs the same however long the value is.
 */
#ifndef TRUST_DER_H
#define TRUST_DER_H

#include "scanner/base/wire.h"

enum {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_ENUMERATED = 0x0A,
	DER_UTF8 = 0x0C,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE = 0x1A,
	DER_UNIVERSAL = 0x1C,
	DER_BMP = 0x1E,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_OID_MAX = 32,   /* bytes of an object identifier that are looked at */
	DER_OID_TEXT = 160, /* room for its dotted form */
};

/* [n] of a context, primitive and constructed. */
#define DER_CONTEXT(n)     (0x80 | (n))
#define DER_CONSTRUCTED(n) (0xA0 | (n))

struct der {
	uint8_t tag;
	struct span body;
	struct span all; /* with tag and length */
};

/* Takes the next value; false, and a bad reader, when there is none. */
bool der_next(struct rd *, struct der *);
/* Takes a value with this tag; a bad reader, and a bad inner one, when the next is another. */
struct rd der_enter(struct rd *, uint8_t tag);
struct span der_take(struct rd *, uint8_t tag);     /* its contents */
struct span der_take_all(struct rd *, uint8_t tag); /* with tag and length */
/* The same when the next value has this tag; false, and nothing taken, when it has not or there is none. */
bool der_maybe(struct rd *, uint8_t tag, struct rd *body);
bool der_is_next(const struct rd *, uint8_t tag);

/* A BIT STRING of whole bytes, without the count of unused bits. */
struct span der_take_bits(struct rd *);
/* BOOLEAN DEFAULT FALSE. */
bool der_maybe_true(struct rd *);
/* The contents of an INTEGER from 0 to 2^31 - 1; -1 for any other. */
int64_t der_small(struct span integer);
/* The contents of an INTEGER without the zero byte in front. */
struct span der_magnitude(struct span integer);

/* "2.5.29.17"; false, and an empty text, when it is longer than DER_OID_MAX or malformed. */
bool der_oid_text(struct span oid, char out[static DER_OID_TEXT]);

/* The tag and the length of a value of n bytes, at most DER_HEADER_MAX bytes. */
enum { DER_HEADER_MAX = 6 };
void der_put_header(struct wr *, uint8_t tag, size_t n);

/* UTCTime or GeneralizedTime in the forms of RFC 5280 section 4.1.2.5, as seconds since 1970. */
bool der_time(const struct der *, int64_t *seconds);

#endif
