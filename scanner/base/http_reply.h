/*
 * A whole HTTP/1 response to a request of ours, from the bytes of one connection (RFC 9112 sections 6 and 7).
 *
 * Bytes are fed as they come; how they were split changes nothing. Bounded by REPLY_HEAD_MAX and by the most that the
 * caller wants of the body. Of a response that is not 200 nothing but the status and where it leads is read.
 */
#ifndef BASE_HTTP_REPLY_H
#define BASE_HTTP_REPLY_H

#include "scanner/base/text.h"
#include "scanner/base/url.h"

enum { REPLY_HEAD_MAX = 16 * 1024, REPLY_LINE_MAX = 256, REPLY_TRAILERS_MAX = 4 * 1024 };

enum reply_state {
	REPLY_PART,
	REPLY_WHOLE,
	REPLY_MALFORMED,
	REPLY_TRUNCATED, /* the connection ended before it */
	REPLY_TOO_LARGE,
};

/* Where in the response the next byte belongs. */
enum reply_part {
	PART_HEAD,
	PART_LENGTH,
	PART_CHUNK_SIZE,
	PART_CHUNK,
	PART_CHUNK_END,
	PART_TRAILERS,
	PART_CLOSE, /* up to the end of the connection */
};

struct http_reply {
	size_t max; /* set by the caller: bytes of the body */
	enum reply_state state;
	unsigned status;
	struct text body;
	bool has_location; /* there is one, of at most URL_BYTES_MAX bytes */
	char location[URL_BYTES_MAX];
	size_t location_n;

	/* its own */
	enum reply_part place;
	struct text head;
	uint64_t left; /* of the body or the chunk */
	char line[REPLY_LINE_MAX];
	size_t line_n, trailers;
};

/* True when it is over: no more is wanted. */
bool http_reply_feed(struct http_reply *, const uint8_t *p, size_t n);
/* The connection was closed in good order. */
void http_reply_close(struct http_reply *);
void http_reply_free(struct http_reply *);

#endif
