/*
 * Whether a certificate is revoked, as a fetched answer says it: an OCSP response or a CRL, each a pure function of its
 * bytes and a time. What cannot be believed is unknown, with the reason in a word.
 */
#ifndef TRUST_REVOCATION_H
#define TRUST_REVOCATION_H

#include "scanner/base/wire.h"

struct cert;

struct revocation {
	const char *state;     /* "good", "revoked", "unknown" */
	const char *reason;    /* why unknown: "stale", "wrong_signer", "malformed" ...; else NULL */
	const char *signed_by; /* of an OCSP response that is believed: "issuer", "delegate"; else NULL */
	int64_t revoked_at;
	int crl_reason; /* CRLReason; -1: not named */
};

struct revocation revocation_unknown(const char *reason);
struct revocation revocation_by_ocsp(struct span response, const struct cert *, const struct cert *issuer, int64_t at);
/* DER, as it is to be (RFC 5280 section 4.2.1.13), or PEM. */
struct revocation revocation_by_crl(struct span list, const struct cert *, const struct cert *issuer, int64_t at);

#endif
