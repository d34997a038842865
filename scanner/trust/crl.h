/*
 * Certificate revocation lists (RFC 5280 section 5), parsed once from DER by the project's own cursor.
 *
 * Complete CRLs of the certificate's own issuer are understood, also those cut into parts by an issuing distribution
 * point. Delta and indirect CRLs, and those for some reasons alone, are told and prove nothing. Bytes that are no CRL
 * give a struct crl that says so. A struct crl owns a copy of its DER and never changes.
 */
#ifndef TRUST_CRL_H
#define TRUST_CRL_H

#include "scanner/trust/cert.h"
#include "scanner/trust/profile.h"

enum { CRL_BYTES_MAX = 16 * 1024 * 1024 }; /* larger ones cannot be read */

struct crl {
	bool malformed; /* nothing below can be relied on */
	struct seal_claim seal;
	bool seal_mismatch;
	struct span issuer_canon;
	uint64_t issuer_hash;
	int64_t this_update, next_update;
	bool odd;   /* breaks RFC 5280 section 5 or BR 7.2 in form */
	bool other; /* delta, indirect, or with a critical extension that is not known */
	bool some_reasons; /* who is not on it may be revoked for another reason: RFC 5280 section 6.3.3 */
	bool only_users, only_cas, only_attributes;
	bool has_point, odd_point;
	struct span point_names; /* general names of its distribution point */
	struct span revoked;     /* entries; empty when there are none */

	uint8_t *bytes, *canon;
};

struct crl *crl_parse(const uint8_t *der, size_t n);
void crl_free(struct crl *); /* NULL is fine */

bool crl_is_of_issuer(const struct crl *, const struct cert *child); /* by name */
/* The certificate whose key may sign it; the signature itself is checked by seal_check_claim(). */
bool crl_may_be_signed_by(const struct crl *, const struct cert *);
/* What keeps it from telling about `child`, its signature apart; nothing: it tells. */
void crl_check(struct faults *, const struct rules *, const struct crl *, const struct cert *child);
/* Is this certificate on it? */
bool crl_revokes(const struct crl *, const struct cert *child);
/* The same, and what its entry says; reason: CRLReason of section 5.3.1, -1 when not named. */
struct crl_entry {
	int64_t revoked_at;
	int reason;
};
bool crl_find(const struct crl *, const struct cert *child, struct crl_entry *);

#endif
