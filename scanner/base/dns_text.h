/*
 * Bytes of DNS records as text; for dns.c and svcb.c. Nothing fails.
 */
#ifndef BASE_DNS_TEXT_H
#define BASE_DNS_TEXT_H

#include "scanner/base/text.h"

/* Printable ASCII as it is, but each of `special` behind a backslash; all else as \DDD (RFC 1035 section 5.1). */
static inline void dns_text_add(struct text *t, struct span s, const char *special)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = (char)s.p[i];

		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			text_fmt(t, "\\%03u", s.p[i]);
		else
			text_fmt(t, "%s%c", strchr(special, c) ? "\\" : "", c);
	}
}

/* Into the arena, and the growing text is freed. */
static inline char *dns_text_keep(struct arena *a, struct text *t)
{
	char *s = arena_text(a, text_str(t));

	text_free(t);
	return s;
}

#endif
