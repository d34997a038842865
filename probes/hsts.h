/*
 * Strict-Transport-Security, as RFC 6797 section 6.1 has it: one value of the header field, read as a browser would.
 * A value that breaks the grammar is invalid as a whole, and a browser forgets nothing and learns nothing from it.
 */
#ifndef PROBES_HSTS_H
#define PROBES_HSTS_H

#include <stdbool.h>
#include <stdint.h>

enum { HSTS_PRELOAD_AGE_S = 31536000 }; /* a year: what the browsers' preload list asks for */

struct hsts {
	bool valid;
	int64_t max_age_s; /* 0: the host is to be forgotten; OBS_NUMBER_MAX: that, or more */
	bool include_subdomains, preload;
};

struct hsts hsts_read(const char *value);
/* The header, as it stands, would get the host onto the preload list. */
bool hsts_preloadable(const struct hsts *);

#endif
