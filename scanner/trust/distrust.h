/*
 * Authorities that browsers no longer trust: the rows of distrust.def, found by key or by name.
 */
#ifndef TRUST_DISTRUST_H
#define TRUST_DISTRUST_H

#include <stdint.h>

struct cert;

struct distrust {
	const char *whose, *why;
	int64_t after; /* what was issued later than this second is not trusted; INT64_MIN: nothing is */
};

/* NULL: nothing is known against it. A name counts only in an authority: DigiNotar's own web server did no harm. */
const struct distrust *distrust_of_key(const struct cert *);
const struct distrust *distrust_of_authority(const struct cert *); /* by key or name */

#endif
