#include "scanner/run/target.h"

#include <stdlib.h>
#include <string.h>

/*
 * Schemes a target may start with, and the ports where each is at home. A dialect is spoken before TLS; without one TLS
 * comes at once. The first row of a dialect has its usual port.
 */
static const struct scheme_row {
	const char *name;
	uint16_t port;
	const char *starttls;
} scheme_rows[] = {
	{ "https", 443, NULL }, { "tls", 443, NULL }, { "smtps", 465, NULL }, { "imaps", 993, NULL },
	{ "pop3s", 995, NULL }, { "ldaps", 636, NULL }, { "ftps", 990, NULL }, { "mqtts", 8883, NULL },
	{ "smtp", 25, "smtp" }, { "submission", 587, "smtp" }, { "lmtp", 24, "lmtp" }, { "imap", 143, "imap" },
	{ "pop3", 110, "pop3" }, { "sieve", 4190, "sieve" }, { "ftp", 21, "ftp" }, { "ldap", 389, "ldap" },
	{ "nntp", 119, "nntp" }, { "xmpp", 5222, "xmpp" }, { "xmpp-server", 5269, "xmpp-server" },
	{ "postgres", 5432, "postgres" }, { "mysql", 3306, "mysql" }, { "irc", 6667, "irc" }, { "rdp", 3389, "rdp" },
	{ "vnc", 5900, "vnc" }, { "telnet", 23, "telnet" },
};

enum { DEFAULT_PORT = 443, NAME_MAX_BYTES = 253 };

static const struct scheme_row *take_scheme(const char **text)
{
	const char *colon = strstr(*text, "://");

	if (!colon)
		return NULL;
	for (size_t i = 0; i < sizeof scheme_rows / sizeof *scheme_rows; i++) {
		size_t n = strlen(scheme_rows[i].name);

		if ((size_t)(colon - *text) == n && !strncmp(*text, scheme_rows[i].name, n)) {
			*text = colon + 3;
			return &scheme_rows[i];
		}
	}
	return NULL;
}

static bool parse_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n == 0 || n > 65535)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* The zone behind an address is the name of an interface, and keeps its case. */
static char *lower(char *s)
{
	for (char *p = s; *p && *p != '%'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return s;
}

/* Letters, digits, hyphens, underscores and dots: what a name on the wire may hold (RFC 1123, RFC 2782). */
bool target_is_name(const char *s)
{
	size_t n = strlen(s), label = 0;

	if (!n || n > NAME_MAX_BYTES)
		return false;
	for (; *s; s++) {
		bool plain = (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '-' || *s == '_';

		if (!plain && (*s != '.' || !label))
			return false;
		label = *s == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

/* "[v6]:port", "host:port", "host", "v6" -> host and port text; cuts the text in place. */
static bool split_port(char *text, char **host, char **port)
{
	char *colon = strrchr(text, ':'), *bracket = strchr(text, ']');

	*port = NULL;
	if (*text == '[') {
		if (!bracket || (bracket[1] && bracket[1] != ':'))
			return false;
		*host = text + 1;
		*port = bracket[1] ? bracket + 2 : NULL;
		*bracket = 0;
		return true;
	}
	*host = text;
	if (colon && strchr(text, ':') == colon) {
		*colon = 0;
		*port = colon + 1;
	}
	return true;
}

static struct target *refuse(const char **why, const char *what)
{
	*why = what;
	return NULL;
}

/* host@address: the name for SNI and certificate, the address to dial. */
static bool take_address(char *text, char **host, char **port, struct target *t)
{
	char *at = strchr(text, '@'), *address;

	if (!at)
		return split_port(text, host, port);
	*at = 0;
	*host = text;
	if (!split_port(at + 1, &address, port) || !net_addr_parse(address, &t->address))
		return false;
	t->has_address = true;
	return true;
}

static void settle_host(struct target *t, char *host)
{
	size_t n = strlen(host);

	if (n > 1 && host[n - 1] == '.')
		host[n - 1] = 0;
	t->host = lower(host);
	if (!t->has_address && net_addr_parse(host, &t->address)) {
		t->has_address = true;
		return;
	}
	t->sni = t->host;
}

static const struct scheme_row *row_of_port(uint16_t port)
{
	for (size_t i = 0; i < sizeof scheme_rows / sizeof *scheme_rows; i++)
		if (scheme_rows[i].starttls && scheme_rows[i].port == port)
			return &scheme_rows[i];
	return NULL;
}

static const struct scheme_row *row_of_dialect(const char *word)
{
	for (size_t i = 0; i < sizeof scheme_rows / sizeof *scheme_rows; i++)
		if (scheme_rows[i].starttls && !strcmp(scheme_rows[i].name, word))
			return &scheme_rows[i];
	return NULL;
}

static void set_port(struct target *t, uint16_t port)
{
	t->port = t->address.port = port;
}

/* What the port says, where neither a scheme nor a word did. */
static void guess_dialect(struct target *t)
{
	const struct scheme_row *row = row_of_port(t->port);

	t->starttls = row ? row->starttls : NULL;
}

bool target_starttls(struct target *t, const char *word)
{
	const struct scheme_row *row = row_of_dialect(word);

	if (!strcmp(word, "auto")) {
		guess_dialect(t);
		return true;
	}
	if (!row && strcmp(word, "no"))
		return false;
	t->starttls = row ? row->starttls : NULL;
	if (row && !t->has_port)
		set_port(t, row->port);
	return true;
}

struct target *target_parse(struct arena *a, const char *text, const char **why)
{
	struct target *t = arena_new(a, 1, sizeof *t);
	const struct scheme_row *scheme;
	struct net_addr literal;
	char *rest, *host, *port;

	t->input = arena_text(a, text);
	scheme = take_scheme(&text);
	if (!scheme && strstr(text, "://"))
		return refuse(why, "unknown scheme");
	rest = arena_text(a, text);
	rest[strcspn(rest, "/?#")] = 0;
	if (!take_address(rest, &host, &port, t))
		return refuse(why, "not a host, host:port, [address]:port or host@address");
	t->port = scheme ? scheme->port : DEFAULT_PORT;
	t->starttls = scheme ? scheme->starttls : NULL;
	t->has_port = scheme || port;
	if (port && !parse_port(port, &t->port))
		return refuse(why, "the port is not a number from 1 to 65535");
	settle_host(t, host);
	if (!target_is_name(t->host) && !net_addr_parse(t->host, &literal))
		return refuse(why, "not a host name (international names in their xn-- form) or address");
	t->address.port = t->port;
	if (!scheme)
		guess_dialect(t);
	return t;
}

void target_free(const struct target *t)
{
	struct arena a = t->arena; /* the target lies in it */

	arena_free(&a);
}
