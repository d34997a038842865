/*
 * What is wrong with a chain as it was served, each fault by a word of its own. The words stand in reports and never
 * change:
 *
 *	incomplete      no store has what it leads to, though it does not end in a root of its own
 *	wrong_order     a certificate stands before one that it certifies
 *	unneeded        a certificate that the server's own does not lead to
 *	duplicate       a certificate stands twice
 *	root_sent       a root behind the server's certificate
 *	self_signed     the server's certificate is signed by itself
 *	cross_signed    one name and key, certified by two issuers: here, or here and in a store
 *	expired         too late for a certificate of it
 *	expired_beside  too late for a certificate above the server's, but a path without it is trusted
 *	not_yet_valid   too early for one
 *	malformed       one cannot be read
 *	cut             more were sent than are looked at
 */
#ifndef TRUST_ISSUES_H
#define TRUST_ISSUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cert;
struct path_search;
struct store;

enum { ISSUES_MAX = 12, ISSUES_CERTS_MAX = 256 };

struct issues_input {
	struct cert *const *certs; /* as served; one at least, ISSUES_CERTS_MAX at most */
	const bool *self_signed;
	size_t n;
	struct path_search *search;  /* of this chain: signatures are checked once */
	struct store *const *stores; /* ends with NULL; NULL: none */
	int64_t at;                  /* seconds since 1970 */
	bool trusted;                /* by one store at least */
	bool cut;
};

/*
 * Puts the words of the faults, in a fixed order, and returns how many. *end: of an incomplete chain the certificate whose
 * issuer is missing, one that says where that is before others; else NULL. When the search has no signatures left
 * to check (path_signatures_spent()), nothing is said that rests on one that was not.
 */
size_t issues_find(const struct issues_input *, const char *words[static ISSUES_MAX], const struct cert **end);

#endif
