/*
 * A Set-Cookie field: the cookie's name, and what is missing or wrong about it (RFC 6265, and its revision for SameSite
 * and the prefixes). The value is never kept.
 */
#ifndef PROBES_COOKIES_H
#define PROBES_COOKIES_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/arena.h"

enum cookie_fault {
	COOKIE_NO_SECURE = 1 << 0,
	COOKIE_NO_HTTPONLY = 1 << 1,
	COOKIE_NO_SAMESITE = 1 << 2,
	COOKIE_NONE_WITHOUT_SECURE = 1 << 3, /* SameSite=None needs Secure: browsers drop it otherwise */
	COOKIE_HOST_PREFIX = 1 << 4,         /* __Host- without Secure, with Domain, or with another path than / */
	COOKIE_SECURE_PREFIX = 1 << 5,       /* __Secure- without Secure */
};

struct cookie {
	char *name; /* made harmless, in the arena; "(nameless)" for a cookie without */
	unsigned faults;
	bool deleted; /* Max-Age of 0 or less, or an expiry in 1970: it is taken away, not set */
};

void cookie_read(struct arena *, const char *value, struct cookie *);
/* The words of the report for these faults, in a fixed order: at most COOKIE_FAULTS. */
enum { COOKIE_FAULTS = 6 };
size_t cookie_words(unsigned faults, const char *words[static COOKIE_FAULTS]);

#endif
