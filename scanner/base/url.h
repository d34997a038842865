/*
 * URLs of plain HTTP, as certificates and redirects name them (RFC 3986, RFC 9110 section 4.2.1).
 *
 * Pure and strict: printable ASCII without blanks, a host of letters, digits, hyphens, underscores and dots, or an
 * address in brackets, no user name. What is in a struct url can stand in a request as it is.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include <stdbool.h>

#include "scanner/base/arena.h"

enum { URL_BYTES_MAX = 1024, URL_HOST_MAX = 253 };

struct url {
	char host[URL_HOST_MAX + 1]; /* in lower case; an address of IPv6 without its brackets */
	uint16_t port;
	char path[URL_BYTES_MAX + 2]; /* from the "/" on, with the query, without the fragment */
};

/* URL_OTHER: another scheme (https, ldap ...). */
enum url_kind { URL_HTTP, URL_OTHER, URL_BAD };

enum url_kind url_parse(struct span, struct url *);
/* What a Location field in the answer to `from` means (RFC 3986 section 5.2); dots in a path are left as they are. */
enum url_kind url_follow(const struct url *from, struct span location, struct url *to);

bool url_same(const struct url *, const struct url *);
/* The Host field: the port only where it is not 80. */
char *url_authority(struct arena *, const struct url *);
char *url_text(struct arena *, const struct url *);

#endif
