/*
 * The search for paths from a server's certificate to an anchor (RFC 5280 section 6, RFC 4158).
 *
 * Every certificate that was served and every anchor of the store is tried wherever its subject fits, so a
 * path that fails never hides one that holds: any valid path counts. Short paths come first. The search is
 * bounded in signatures, steps and name comparisons; where a bound ends it, the answer is unknown and never
 * no.
 *
 * The profile is that of the web: each certificate is within its dates, the anchor too; issuers are CAs by
 * basic constraints and key usage (an anchor of version 1 is one by being there); path lengths; server
 * authentication where purposes are named; name constraints; no unknown critical extension; no MD5 or older
 * and no SHA-1 below the anchor; RSA of at least 1024 bits, curves of at least 224. Host names and revocation
 * are judged apart.
 */
#ifndef TRUST_PATH_H
#define TRUST_PATH_H

#include "scanner/base/arena.h"
#include "scanner/facts/record.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/store.h"

enum {
	PATH_CERTS_MAX = 11, /* in one path, the leaf and the anchor counted */
	PATH_SIGNATURES_MAX = 100,
	PATH_STEPS_MAX = 20000,
	PATH_COMPARISONS_MAX = 250000,
	PATH_FOUND_MAX = 8, /* paths reported */
};

/* Why there is no path: of all failures of one path the worst, of all paths the best. The order is from mild
 * to bad. */
enum path_reason {
	PATH_OK,
	PATH_EXPIRED,
	PATH_NOT_YET_VALID,
	PATH_PURPOSE,
	PATH_WEAK_SIGNATURE,
	PATH_WEAK_KEY,
	PATH_LENGTH,
	PATH_NAME_CONSTRAINT,
	PATH_CRITICAL_EXTENSION,
	PATH_NOT_CA,
	PATH_MALFORMED,
	PATH_BAD_SIGNATURE,
	PATH_SELF_SIGNED,
	PATH_UNKNOWN_ISSUER,
	PATH_UNSUPPORTED_SIGNATURE, /* unknown, not untrusted: this libcrypto lacks it */
	PATH_LIMIT,                 /* unknown as well */
};
const char *path_reason_name(enum path_reason); /* "unknown_issuer"; NULL for PATH_OK */

struct path_search;

/* `served` starts with the leaf, stays the caller's and must live as long as the search does. */
struct path_search *path_search_new(struct cert *const *served, size_t count, int64_t at);
void path_search_free(struct path_search *);

struct path_result {
	enum tri trusted;
	enum path_reason reason;
	const char *const *paths; /* usable ones: SHA-256 of each certificate from the leaf to the anchor, a
	                             space between */
	size_t count;
};

/* The verdict of one store. Signatures that were checked for one store are known for the next. */
struct path_result path_find(struct path_search *, const struct store *, struct arena *);

/* The key of `issuer`, which has the right name, verifies `child`. Counts against the same bound; false when
 * it is reached. */
bool path_signed(struct path_search *, const struct cert *child, const struct cert *issuer);

#endif
