#include "scanner/base/http.h"

#include <strings.h>

#include "scanner/base/text.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110 section 5.6.2. */
static bool is_token_char(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* One line with its end, LF or CRLF, taken off; false when its end is not there. */
static bool take_line(struct rd *r, struct span *line)
{
	const uint8_t *start = r->p, *lf = rd_left(r) ? memchr(start, '\n', rd_left(r)) : NULL;

	if (!lf)
		return false;
	line->p = rd_take(r, (size_t)(lf - start) + 1);
	line->n = (size_t)(lf - start);
	if (line->n && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* "HTTP/1.1 200", as far as it came: `n` 12 is whole. */
static bool is_status_line(const uint8_t *p, size_t n)
{
	static const char form[] = "HTTP/d.d ddd";

	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? !is_digit(p[i]) : p[i] != (uint8_t)form[i])
			return false;
	return true;
}

enum { STATUS_LINE = 12 };

static enum http_kind read_status(struct rd *r, unsigned *status)
{
	size_t n = rd_left(r) < STATUS_LINE ? rd_left(r) : STATUS_LINE;
	struct span line;

	if (!is_status_line(r->p, n))
		return HTTP_NONE;
	if (n < STATUS_LINE || !take_line(r, &line))
		return HTTP_PART;
	if (line.n > STATUS_LINE && !is_blank(line.p[STATUS_LINE]))
		return HTTP_NONE;
	*status = (unsigned)(line.p[9] - '0') * 100 + (unsigned)(line.p[10] - '0') * 10 + (unsigned)(line.p[11] - '0');
	return *status < 100 ? HTTP_NONE : HTTP_WHOLE;
}

static struct span trim(const uint8_t *p, size_t n)
{
	while (n && is_blank(*p)) {
		p++;
		n--;
	}
	while (n && (is_blank(p[n - 1]) || p[n - 1] == '\r' || p[n - 1] == '\n'))
		n--;
	return (struct span){ p, n };
}

/* No blank may stand before the colon (RFC 9112 section 5.1): such a line is none of ours to guess at. */
static bool split_field(struct span line, struct http_field *f)
{
	size_t n = 0;

	while (n < line.n && is_token_char(line.p[n]))
		n++;
	if (!n || n == line.n || line.p[n] != ':')
		return false;
	*f = (struct http_field){ { line.p, n }, trim(line.p + n + 1, line.n - n - 1) };
	return true;
}

/* A line that begins with a blank goes on with the value before it; the span then covers both. */
static bool fold(struct http_head *h, bool last_was_field, struct span line)
{
	struct span *v;

	if (!last_was_field || !is_blank(line.p[0]))
		return false;
	v = &h->fields[h->fields_n - 1].value;
	*v = trim(v->p, (size_t)(line.p + line.n - v->p));
	return true;
}

static enum http_kind read_fields(struct rd *r, struct http_head *h)
{
	bool last_was_field = false;
	struct span line;

	h->fields_n = h->odd = 0;
	while (take_line(r, &line)) {
		if (!line.n)
			return HTTP_WHOLE;
		if (fold(h, last_was_field, line))
			continue;
		if (h->fields_n == HTTP_FIELDS_MAX)
			return HTTP_LIMIT;
		last_was_field = split_field(line, &h->fields[h->fields_n]);
		h->fields_n += last_was_field;
		h->odd += !last_was_field;
	}
	return HTTP_PART;
}

static bool is_interim(unsigned status)
{
	return status < 200 && status != 101; /* 101 is final: another protocol follows */
}

static enum http_kind read_heads(struct rd *r, struct http_head *h)
{
	for (unsigned i = 0; i <= HTTP_INTERIM_MAX; i++) {
		unsigned status = 0;
		enum http_kind kind = read_status(r, &status);

		if (kind == HTTP_WHOLE)
			kind = read_fields(r, h);
		if (kind != HTTP_WHOLE)
			return kind;
		h->status = is_interim(status) ? 0 : status;
		if (h->status)
			return HTTP_WHOLE;
	}
	return HTTP_LIMIT;
}

enum http_kind http_read(struct span s, struct http_head *h)
{
	bool cut = s.n > HTTP_HEAD_MAX;
	struct rd r = rd_of(s.p, cut ? HTTP_HEAD_MAX : s.n);
	enum http_kind kind;

	h->status = 0;
	h->fields_n = h->odd = h->bytes = 0;
	kind = read_heads(&r, h);
	if (kind == HTTP_WHOLE)
		h->bytes = (size_t)(r.p - s.p);
	else
		h->fields_n = 0;
	return kind == HTTP_PART && s.n >= HTTP_HEAD_MAX ? HTTP_LIMIT : kind;
}

static bool has_name(const struct http_field *f, const char *name)
{
	return f->name.n == strlen(name) && !strncasecmp((const char *)f->name.p, name, f->name.n);
}

const struct http_field *http_field(const struct http_head *h, const char *name, const struct http_field *after)
{
	const struct http_field *f = after ? after + 1 : h->fields;

	for (; f < h->fields + h->fields_n; f++)
		if (has_name(f, name))
			return f;
	return NULL;
}

static void add_unfolded(struct text *t, struct span v)
{
	bool folded = false;

	for (size_t i = 0; i < v.n; i++) {
		uint8_t c = v.p[i];

		/* CR counts only before LF: alone it is the peer's own, for text_clean() and the writers. */
		if (c == '\n' || (c == '\r' && i + 1 < v.n && v.p[i + 1] == '\n')) {
			folded = true;
			while (t->n && is_blank((uint8_t)t->s[t->n - 1]))
				t->n--;
		} else if (!folded || !is_blank(c)) {
			if (folded)
				text_char(t, ' ');
			folded = false;
			text_addn(t, (const char *)&v.p[i], 1);
		}
	}
}

char *http_value(struct arena *a, const struct http_field *f, size_t max)
{
	struct text t = { 0 };
	char *clean;

	add_unfolded(&t, f->value);
	clean = text_clean(a, text_str(&t), t.n, max);
	text_free(&t);
	return clean;
}

char *http_values(struct arena *a, const struct http_head *h, const char *name, size_t max)
{
	const struct http_field *f = http_field(h, name, NULL);
	struct text t = { 0 };
	char *clean;

	if (!f)
		return NULL;
	for (; f; f = http_field(h, name, f)) {
		if (t.n)
			text_add(&t, ", ");
		add_unfolded(&t, f->value);
	}
	clean = text_clean(a, text_str(&t), t.n, max);
	text_free(&t);
	return clean;
}
