/*
 * Certificate policies along a path (RFC 5280 section 6.1), for a user who wants any policy: they matter when a CA
 * requires one.
 */
#ifndef TRUST_POLICY_H
#define TRUST_POLICY_H

#include <stddef.h>

struct cert;

enum policy_verdict {
	POLICY_VALID,
	POLICY_NONE,    /* one is required, and none is valid */
	POLICY_MAPPING, /* anyPolicy is mapped */
	POLICY_BAD,     /* an extension cannot be read */
	POLICY_LIMIT,
};

/* The n certificates from the leaf to the anchor. Quadratic in the policies of one certificate, of which there is a
 * limit. */
enum policy_verdict policy_check(const struct cert *const *path, size_t n);

#endif
