/*
 * OCSP responses (RFC 6960), as they are stapled to a handshake or fetched: what one says about a certificate,
 * and whether that is to be believed.
 *
 * A pure function of bytes and a time. The response is believed when the issuer of the certificate signed it, or
 * a responder that the same issuer certified for this (RFC 6960 section 4.2.2.2). Bounded in entries,
 * certificates and signatures, whatever the response holds.
 */
#ifndef TRUST_OCSP_H
#define TRUST_OCSP_H

#include "scanner/base/wire.h"

struct cert;

enum {
	OCSP_BYTES_MAX = 64 * 1024,
	OCSP_ENTRIES_MAX = 256,   /* entries looked at */
	OCSP_RESPONDERS_MAX = 4,  /* certificates in the response that are tried */
	OCSP_SKEW_SECONDS = 300,  /* between clocks */
	OCSP_LAST_SECONDS = 86400, /* of a response that names no next update */
	/* However far off that is: CA/Browser Forum BR 4.9.10, which browsers hold responses to. */
	OCSP_LEAF_SECONDS = 10 * 86400,
	OCSP_CA_SECONDS = 366 * 86400,
};

enum ocsp_status {
	OCSP_GOOD,
	OCSP_REVOKED,
	OCSP_UNKNOWN, /* the responder does not know the certificate */
	OCSP_EXPIRED,
	OCSP_NOT_YET_VALID,
	OCSP_WRONG_CERTIFICATE, /* it is about others */
	OCSP_BAD_SIGNATURE,
	OCSP_WRONG_SIGNER,  /* signed by one whom the issuer did not certify for it */
	OCSP_UNSUPPORTED,   /* an algorithm that is not checked here */
	OCSP_NO_ISSUER,     /* the issuer's certificate is not known, so nothing was verified */
	OCSP_MALFORMED,
	/* the responder's own words, RFC 6960 section 4.2.1 */
	OCSP_MALFORMED_REQUEST,
	OCSP_INTERNAL_ERROR,
	OCSP_TRY_LATER,
	OCSP_SIGNATURE_REQUIRED,
	OCSP_UNAUTHORIZED,
	OCSP_STATUSES
};
const char *ocsp_status_name(enum ocsp_status); /* "wrong_certificate" */

struct ocsp_result {
	enum ocsp_status status;
	/* of the entry about this certificate, when there is one; not to be believed unless the status says so */
	int64_t this_update, next_update; /* next_update 0: not named */
	int64_t revoked_at;
	int revocation_reason; /* CRLReason of RFC 5280 section 5.3.1; -1: not named */
	bool by_delegate;
	struct span scts; /* the SignedCertificateTimestampList of RFC 6962 section 3.3, contents; or empty */
};

/*
 * What `response` says about `leaf` at the time `at`. `issuer` may be NULL: not known. A revoked certificate
 * stays so when the response has expired.
 */
struct ocsp_result ocsp_check(
        struct span response, const struct cert *leaf, const struct cert *issuer, int64_t at);

const char *ocsp_reason_name(int crl_reason); /* "key_compromise"; "unspecified" for numbers without a name */

#endif
