/*
 * Name constraints (RFC 5280 section 4.2.1.10): which names a CA may vouch for.
 */
#ifndef TRUST_CONSTRAINT_H
#define TRUST_CONSTRAINT_H

#include <stdbool.h>
#include <stddef.h>

struct cert;

enum constraint_verdict {
	CONSTRAINT_KEPT,
	CONSTRAINT_BROKEN, /* a name is outside, or of a kind that is constrained and not understood here */
	CONSTRAINT_BAD,    /* the extension cannot be read */
	CONSTRAINT_LIMIT,  /* the budget is spent */
};

/*
 * Are all names of `below` (subject and subject alternative name) allowed by the constraints of `ca`?
 * Understood: DNS, IP, e-mail, URI and directory names. `budget` counts comparisons, longer ones more than
 * once, down to nothing.
 */
enum constraint_verdict constraint_check(const struct cert *ca, const struct cert *below, size_t *budget);

/* The form of the extension itself; false without one. Nothing in it, or in one of its lists: */
bool constraint_is_empty(const struct cert *ca);
/* a DNS subtree with a dot in front, a wildcard or no LDH label; a mask with holes; a mail subtree with two @. */
bool constraint_is_odd(const struct cert *ca);

#endif
