/*
 * The head of an HTTP/1 response: status line and fields (RFC 9112 sections 2.2, 4 and 5, RFC 9110 section 5).
 *
 * Total: any bytes are one of the four kinds, and more of them never change what was whole. Interim responses (1xx) in
 * front of the final one are passed over (RFC 9110 section 15.2); lines may end in LF alone. A line that is no field is
 * counted and passed over. Spans point into the bytes given; nothing is owned, nothing fails.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/arena.h"

enum { HTTP_HEAD_MAX = 64 * 1024, HTTP_FIELDS_MAX = 256, HTTP_INTERIM_MAX = 8, HTTP_VALUE_MAX = 512 };

enum http_kind {
	HTTP_PART,  /* it may become a head: more is needed */
	HTTP_WHOLE, /* the empty line behind the final head came */
	HTTP_NONE,  /* no HTTP/1 response begins like that */
	HTTP_LIMIT, /* a head of more bytes, fields or interim responses than we take */
};

struct http_field {
	struct span name, value; /* without blanks around it; a folded value still has its folds */
};

struct http_head {
	unsigned status; /* of the final response; 0 while it is not known */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t fields_n;
	size_t odd;      /* lines that are no field */
	size_t bytes;    /* up to and with the empty line, interim responses included */
};

/* Fields are there only when the head is whole. */
enum http_kind http_read(struct span, struct http_head *);

/* The first field of this name (in any case of letters), or the first behind `after`; NULL: there is none. */
const struct http_field *http_field(const struct http_head *, const char *name, const struct http_field *after);

/* The value as text made harmless: each fold one space (RFC 9112 section 5.2), at most `max` bytes of it. */
char *http_value(struct arena *, const struct http_field *, size_t max);
/* All fields of this name as one list (RFC 9110 section 5.3); NULL: there is none. */
char *http_values(struct arena *, const struct http_head *, const char *name, size_t max);

#endif
