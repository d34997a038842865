/*
 * The rules for certificates on a path, as rows of checks.def: what is looked at, for whom, and by which clause.
 *
 * Two profiles. Strict: RFC 5280 and the CA/Browser Forum's baseline requirements (BR); what either forbids is a
 * breach. Browser: what today's browsers reject. A check of one certificate is a pure function of it, of the time and
 * of the purpose.
 */
#ifndef TRUST_PROFILE_H
#define TRUST_PROFILE_H

#include "scanner/trust/cert.h"

struct known_keys;

enum profile { PROFILE_BROWSER, PROFILE_STRICT };

enum path_reason {
	PATH_OK,
#define PATH_REASON(name, word, sentence) PATH_##name,
#include "scanner/trust/path_reasons.def"
#undef PATH_REASON
};
const char *path_reason_name(enum path_reason); /* "unknown_issuer"; NULL for PATH_OK */

enum check_id {
#define CHECK(name, reason, profile, roles, clause, says) CHECK_##name,
#include "scanner/trust/checks.def"
#undef CHECK
	CHECKS
};

enum check_profile { CHECKED_BOTH, CHECKED_STRICT, CHECKED_BROWSER };

struct check {
	enum path_reason reason;
	enum check_profile profile;
	unsigned roles;
	const char *clause, *says;
};
const struct check *check_row(enum check_id);

/* Checks that failed: a set. */
struct faults {
	uint64_t bits[2];
};
bool faults_has(const struct faults *, enum check_id);
void faults_join(struct faults *, const struct faults *);
enum path_reason faults_worst(const struct faults *);

/* The certificate's place on the path; ROLE_SELF: its issuer is its subject. */
enum { ROLE_LEAF = 1, ROLE_CA = 2, ROLE_ANCHOR = 4, ROLE_SERVER = 8, ROLE_CLIENT = 16, ROLE_SELF = 32, ROLE_WHERE = 64 };

struct rules {
	enum profile profile;
	bool client; /* else for servers */
	int64_t at;  /* seconds since 1970 */
	int64_t issued; /* when the leaf was; the same */
	const struct known_keys *distrusted; /* by the user; NULL: none */
};

/* Adds the check when it is broken and of this profile. */
void faults_hold(struct faults *, const struct rules *, enum check_id, bool broken);
/* All rows about one certificate in the place of `role` (one of LEAF, CA, ANCHOR). */
void profile_check(struct faults *, const struct rules *, const struct cert *, unsigned role);

#endif
