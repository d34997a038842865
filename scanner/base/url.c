#include "scanner/base/url.h"

#include <strings.h>

enum { HTTP_PORT = 80, PORT_MAX = 65535 };

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Bytes that may stand in a request line. */
static bool is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

static struct span cut_at(struct span s, const char *ends)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] && strchr(ends, s.p[i]))
			return (struct span){ s.p, i };
	return s;
}

static struct span rest_of(struct span s, size_t n)
{
	struct rd r = rd_span(s);

	rd_take(&r, n);
	return rd_rest(&r);
}

/* "http:" and the like (RFC 3986 section 3.1): the length with the colon, 0 when there is none. */
static size_t scheme_of(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (c == ':')
			return i ? i + 1 : 0;
		if (!is_letter(c) && !(i && (is_digit(c) || c == '+' || c == '-' || c == '.')))
			return 0;
	}
	return 0;
}

static bool read_port(struct span s, uint16_t *port)
{
	unsigned long n = 0;

	*port = HTTP_PORT;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]) || n > PORT_MAX)
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	if (s.n)
		*port = (uint16_t)n;
	return !s.n || (n && n <= PORT_MAX); /* nothing behind the colon is the usual one (RFC 3986 section 3.2.3) */
}

static bool copy_host(struct span s, const char *others, char *out)
{
	if (!s.n || s.n > URL_HOST_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = s.p[i];

		if (!is_letter(c) && !is_digit(c) && !strchr(others, c))
			return false;
		out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	out[s.n] = 0;
	return true;
}

/* host, host:port, [v6], [v6]:port */
static bool read_authority(struct span s, struct url *u)
{
	bool bracket = s.n && s.p[0] == '[';
	struct span host = cut_at(bracket ? rest_of(s, 1) : s, bracket ? "]" : ":");
	struct span port = rest_of(s, bracket ? host.n + 2 : host.n);

	if (bracket && host.n + 2 > s.n)
		return false;
	if (port.n && port.p[0] != ':')
		return false;
	return copy_host(host, bracket ? ":." : "-_.", u->host) && read_port(rest_of(port, port.n > 0), &u->port);
}

/* A path that begins with "/", or a query behind nothing. */
static bool set_path(struct url *u, struct span start, struct span more)
{
	struct wr w = wr_of(u->path, sizeof u->path - 1);

	more = cut_at(more, "#");
	wr_bytes(&w, start.p, start.n);
	if (!start.n && (!more.n || more.p[0] != '/'))
		wr_u8(&w, '/');
	wr_bytes(&w, more.p, more.n);
	u->path[w.len] = 0;
	return !w.bad;
}

/* What stands behind "//". */
static enum url_kind read_rest(struct span s, struct url *u)
{
	struct span authority = cut_at(s, "/?#");

	*u = (struct url){ 0 };
	if (!read_authority(authority, u) || !set_path(u, (struct span){ 0 }, rest_of(s, authority.n)))
		return URL_BAD;
	return URL_HTTP;
}

static bool starts(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && !strncasecmp((const char *)s.p, with, n);
}

enum url_kind url_parse(struct span s, struct url *u)
{
	size_t scheme = scheme_of(s);

	if (!scheme || s.n > URL_BYTES_MAX || !is_printable(s))
		return URL_BAD;
	if (!starts(s, "http:"))
		return URL_OTHER;
	return starts(s, "http://") ? read_rest(rest_of(s, strlen("http://")), u) : URL_BAD;
}

/* The path up to its last "/", without the query: what a relative one goes on from. */
static struct span folder_of(const struct url *u)
{
	struct span path = cut_at((struct span){ (const uint8_t *)u->path, strlen(u->path) }, "?");

	while (path.n && path.p[path.n - 1] != '/')
		path.n--;
	return path;
}

enum url_kind url_follow(const struct url *from, struct span s, struct url *to)
{
	struct span start = { 0 };

	if (scheme_of(s))
		return url_parse(s, to);
	if (!s.n || s.n > URL_BYTES_MAX || !is_printable(s))
		return URL_BAD;
	if (starts(s, "//"))
		return read_rest(rest_of(s, 2), to);
	*to = *from;
	if (s.p[0] == '?' || s.p[0] == '#')
		start = cut_at((struct span){ (const uint8_t *)from->path, strlen(from->path) }, s.p[0] == '?' ? "?" : "");
	else if (s.p[0] != '/')
		start = folder_of(from);
	return set_path(to, start, s) ? URL_HTTP : URL_BAD;
}

bool url_same(const struct url *a, const struct url *b)
{
	return a->port == b->port && !strcmp(a->host, b->host) && !strcmp(a->path, b->path);
}

char *url_authority(struct arena *a, const struct url *u)
{
	bool v6 = strchr(u->host, ':');
	const char *open = v6 ? "[" : "", *close = v6 ? "]" : "";

	if (u->port == HTTP_PORT)
		return arena_printf(a, "%s%s%s", open, u->host, close);
	return arena_printf(a, "%s%s%s:%u", open, u->host, close, (unsigned)u->port);
}

char *url_text(struct arena *a, const struct url *u)
{
	return arena_printf(a, "http://%s%s", url_authority(a, u), u->path);
}
