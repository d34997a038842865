#include "scanner/base/http_reply.h"

#include <strings.h>

#include "scanner/base/http.h"

enum { STATUS_OK = 200, HEX_DIGITS_MAX = 15 };

static void end(struct http_reply *r, enum reply_state state)
{
	r->state = state;
}

static bool is_word(struct span s, const char *word)
{
	return s.n == strlen(word) && !strncasecmp((const char *)s.p, word, s.n);
}

/* ---- the head -------------------------------------------------------------------------------------------- */

/* Digits alone; of several fields all must say the same (RFC 9110 section 8.6). */
static bool read_length(const struct http_head *h, bool *there, uint64_t *length)
{
	const struct http_field *f = http_field(h, "Content-Length", NULL), *first = f;

	*there = f != NULL;
	*length = 0;
	for (; f; f = http_field(h, "Content-Length", f))
		if (f->value.n != first->value.n || memcmp(f->value.p, first->value.p, f->value.n))
			return false;
	for (size_t i = 0; first && i < first->value.n; i++) {
		uint8_t c = first->value.p[i];

		if (c < '0' || c > '9')
			return false;
		if (*length <= UINT32_MAX)
			*length = *length * 10 + (c - '0');
	}
	return !first || first->value.n;
}

static void keep_location(struct http_reply *r, const struct http_head *h)
{
	const struct http_field *f = http_field(h, "Location", NULL);

	if (!f || f->value.n > sizeof r->location)
		return;
	r->has_location = true;
	r->location_n = f->value.n;
	if (f->value.n)
		memcpy(r->location, f->value.p, f->value.n);
}

/* How the body is to be told from what follows (RFC 9112 section 6.3). */
static void begin_body(struct http_reply *r, const struct http_head *h)
{
	const struct http_field *coding = http_field(h, "Transfer-Encoding", NULL);
	bool has_length;

	if (!read_length(h, &has_length, &r->left)) {
		end(r, REPLY_MALFORMED);
	} else if (coding) {
		r->place = PART_CHUNK_SIZE;
		if (!is_word(coding->value, "chunked") || http_field(h, "Transfer-Encoding", coding))
			end(r, REPLY_MALFORMED);
	} else if (has_length) {
		r->place = PART_LENGTH;
		if (r->left > r->max)
			end(r, REPLY_TOO_LARGE);
		else if (!r->left)
			end(r, REPLY_WHOLE);
	} else {
		r->place = PART_CLOSE;
	}
}

static void take_head(struct http_reply *r, const struct http_head *h)
{
	r->status = h->status;
	keep_location(r, h);
	if (h->bytes > REPLY_HEAD_MAX)
		end(r, REPLY_TOO_LARGE);
	else if (h->status == STATUS_OK)
		begin_body(r, h);
	else
		end(r, REPLY_WHOLE);
}

/* Only the first line and an empty one can decide: so a head is not read anew for each of its lines. */
static bool decides(const struct text *head, size_t line)
{
	size_t before = head->n - line;

	return !before || (line <= 2 && head->s[head->n - 1] == '\n' && (line == 1 || head->s[before] == '\r'));
}

/* Takes one line, or what is there of it. */
static size_t feed_head(struct http_reply *r, const uint8_t *p, size_t n)
{
	const uint8_t *lf = memchr(p, '\n', n);
	size_t taken = lf ? (size_t)(lf - p) + 1 : n;
	struct http_head h;
	enum http_kind kind;

	if (r->head.n + taken > REPLY_HEAD_MAX) {
		end(r, REPLY_TOO_LARGE);
		return taken;
	}
	text_addn(&r->head, (const char *)p, taken);
	r->line_n += taken;
	if (!lf || !decides(&r->head, r->line_n)) {
		r->line_n = lf ? 0 : r->line_n;
		return taken;
	}
	r->line_n = 0;
	kind = http_read((struct span){ (const uint8_t *)r->head.s, r->head.n }, &h);
	if (kind == HTTP_WHOLE)
		take_head(r, &h);
	else if (kind != HTTP_PART)
		end(r, kind == HTTP_LIMIT ? REPLY_TOO_LARGE : REPLY_MALFORMED);
	return taken;
}

/* ---- the body -------------------------------------------------------------------------------------------- */

static size_t add_body(struct http_reply *r, const uint8_t *p, size_t n)
{
	if (n > r->max - r->body.n) {
		end(r, REPLY_TOO_LARGE);
		return n;
	}
	text_addn(&r->body, (const char *)p, n);
	return n;
}

static size_t feed_counted(struct http_reply *r, const uint8_t *p, size_t n)
{
	size_t taken = add_body(r, p, n < r->left ? n : (size_t)r->left);

	r->left -= taken;
	return taken;
}

static size_t feed_length(struct http_reply *r, const uint8_t *p, size_t n)
{
	size_t taken = feed_counted(r, p, n);

	if (r->state == REPLY_PART && !r->left)
		end(r, REPLY_WHOLE);
	return taken;
}

static size_t feed_chunk(struct http_reply *r, const uint8_t *p, size_t n)
{
	size_t taken = feed_counted(r, p, n);

	if (!r->left)
		r->place = PART_CHUNK_END;
	return taken;
}

/* One byte of a line; true when the line has its end, which is taken off. */
static bool add_to_line(struct http_reply *r, uint8_t c)
{
	if (c == '\n') {
		r->line_n -= r->line_n && r->line[r->line_n - 1] == '\r';
		return true;
	}
	if (r->line_n == sizeof r->line)
		end(r, REPLY_MALFORMED);
	else
		r->line[r->line_n++] = (char)c;
	return false;
}

static int hex_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The size in hex; what stands behind a semicolon or blanks is nothing to us (RFC 9112 section 7.1.1). */
static bool read_size(const struct http_reply *r, uint64_t *size)
{
	size_t i = 0;

	*size = 0;
	for (; i < r->line_n && hex_of(r->line[i]) >= 0; i++) {
		if (i == HEX_DIGITS_MAX)
			return false;
		*size = *size << 4 | (uint64_t)hex_of(r->line[i]);
	}
	return i && (i == r->line_n || strchr("; \t", r->line[i]));
}

static size_t feed_size(struct http_reply *r, const uint8_t *p, size_t n)
{
	(void)n;
	if (!add_to_line(r, *p))
		return 1;
	if (!read_size(r, &r->left))
		end(r, REPLY_MALFORMED);
	else if (r->left > r->max - r->body.n)
		end(r, REPLY_TOO_LARGE);
	r->place = r->left ? PART_CHUNK : PART_TRAILERS;
	r->line_n = 0;
	return 1;
}

static size_t feed_chunk_end(struct http_reply *r, const uint8_t *p, size_t n)
{
	(void)n;
	if (!add_to_line(r, *p))
		return 1;
	if (r->line_n)
		end(r, REPLY_MALFORMED);
	r->place = PART_CHUNK_SIZE;
	r->line_n = 0;
	return 1;
}

/* Fields behind the last chunk say nothing that we want; an empty line ends them. */
static size_t feed_trailers(struct http_reply *r, const uint8_t *p, size_t n)
{
	(void)n;
	if (++r->trailers > REPLY_TRAILERS_MAX)
		end(r, REPLY_TOO_LARGE);
	if (*p != '\n') {
		r->line_n += *p != '\r';
		return 1;
	}
	if (!r->line_n && r->state == REPLY_PART)
		end(r, REPLY_WHOLE);
	r->line_n = 0;
	return 1;
}

bool http_reply_feed(struct http_reply *r, const uint8_t *p, size_t n)
{
	static size_t (*const feeders[])(struct http_reply *, const uint8_t *, size_t) = {
		[PART_HEAD] = feed_head, [PART_LENGTH] = feed_length, [PART_CHUNK_SIZE] = feed_size,
		[PART_CHUNK] = feed_chunk, [PART_CHUNK_END] = feed_chunk_end, [PART_TRAILERS] = feed_trailers,
		[PART_CLOSE] = add_body,
	};
	struct rd left = rd_of(p, n);

	while (r->state == REPLY_PART && rd_left(&left))
		rd_take(&left, feeders[r->place](r, left.p, rd_left(&left)));
	return r->state != REPLY_PART;
}

void http_reply_close(struct http_reply *r)
{
	if (r->state == REPLY_PART)
		end(r, r->place == PART_CLOSE ? REPLY_WHOLE : REPLY_TRUNCATED);
}

void http_reply_free(struct http_reply *r)
{
	text_free(&r->body);
	text_free(&r->head);
}
