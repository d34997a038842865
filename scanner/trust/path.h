/*
 * The search for paths from a server's certificate to an anchor (RFC 5280 section 6, RFC 4158).
 *
 * Every certificate that was served and every anchor of the store is tried wherever its subject fits, so a
 * path that fails never hides one that holds: any valid path counts. Issuers that the key identifiers name are
 * followed to the end first, short paths before long ones, and others only then. The search is
 * bounded in signatures, steps, name comparisons and length; where a bound ends it, the answer is unknown and
 * never no.
 *
 * The rules are the rows of checks.def, by the profile that is asked for; the browsers' is the default. Host
 * names are judged apart, and so is revocation unless CRLs are given.
 */
#ifndef TRUST_PATH_H
#define TRUST_PATH_H

#include "scanner/base/arena.h"
#include "scanner/facts/record.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/crl.h"
#include "scanner/trust/profile.h"
#include "scanner/trust/store.h"

enum {
	PATH_CERTS_MAX = 32, /* in one path, the leaf and the anchor counted */
	PATH_SIGNATURES_MAX = 400, /* by keys of a common size; larger ones count more */
	PATH_STEPS_MAX = 20000,
	PATH_COMPARISONS_MAX = 250000,
	PATH_FOUND_MAX = 8, /* paths reported */
};

struct known_keys;
struct path_search;

/* `served` starts with the leaf, stays the caller's and must live as long as the search does. */
struct path_search *path_search_new(struct cert *const *served, size_t count, int64_t at);
void path_search_free(struct path_search *);

/* Other rules than the browsers' for a server. Before the first path_find(). */
struct path_rules {
	enum profile profile;
	bool client;
	size_t intermediates; /* at most so many that are not self-issued; SIZE_MAX: no such rule */
	struct crl *const *crls;
	size_t crls_count;
	bool revocation; /* each certificate but the anchor needs a CRL that does not list it */
};
void path_search_rules(struct path_search *, const struct path_rules *);

/* Keys that the user distrusts, for servers and clients, in the browsers' profile; they stay the caller's. The same. */
void path_search_distrust(struct path_search *, const struct known_keys *);

/* A check that failed, and the certificate at which it did. */
struct path_fault {
	const struct check *check;
	const char *sha256;
};

struct path_result {
	enum tri trusted;
	enum path_reason reason;
	const char *const *paths; /* usable ones: SHA-256 of each certificate from the leaf to the anchor, a
	                             space between */
	size_t count;
	const char *closest; /* without a usable one: the path that failed most mildly; NULL: there is none */
	const struct path_fault *faults; /* of that path, in the order of checks.def */
	size_t faults_count;
	const char *distrust; /* whose key or authority of that path is distrusted, and why; NULL: none */
};

/* The verdict of one store. Signatures that were checked for one store are known for the next. */
struct path_result path_find(struct path_search *, const struct store *, struct arena *);

/* The key of `issuer`, which has the right name, verifies `child`. Counts against the same bound; false when
 * it is reached. */
bool path_signed(struct path_search *, const struct cert *child, const struct cert *issuer);
/* The bound was reached: what path_signed() denies is not known to be so. */
bool path_signatures_spent(const struct path_search *);

#endif
