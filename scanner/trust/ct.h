/*
 * Certificate transparency (RFC 6962): the signed timestamps that came with a certificate, whether the logs signed
 * them, and whether they are enough for browsers.
 *
 * Pure functions of bytes, a list of logs and a time. Without a list nothing is verified, and that is said.
 */
#ifndef TRUST_CT_H
#define TRUST_CT_H

#include "scanner/facts/ct_logs.h"
#include "scanner/facts/record.h"

struct cert;

enum { SCTS_MAX = 64 }; /* of one certificate, from everywhere */

enum sct_source { SCT_CERTIFICATE, SCT_HANDSHAKE, SCT_STAPLE, SCT_SOURCES };
const char *sct_source_name(enum sct_source); /* "certificate" */

enum sct_verdict {
	SCT_NOT_VERIFIED, /* without a list of logs */
	SCT_VALID,
	SCT_BAD_SIGNATURE,
	SCT_UNKNOWN_LOG,
	SCT_IN_FUTURE,
	SCT_NO_ISSUER,   /* the issuer's key is part of what is signed, and is not known */
	SCT_UNSUPPORTED, /* a version or an algorithm that is not checked here */
	SCT_VERDICTS
};
const char *sct_verdict_name(enum sct_verdict); /* "bad_signature" */

struct sct {
	enum sct_source source;
	uint8_t version, log_id[CT_LOG_ID];
	uint64_t timestamp_ms;
	struct span extensions, signature;
	uint8_t hash, algorithm; /* as in TLS 1.2, RFC 5246 section 7.4.1.4.1 */
	enum sct_verdict verdict;
	const struct ct_log *log; /* NULL: not in the list */
};

/* The timestamps of one certificate; those that stand in several lists of one source count once. */
struct scts {
	struct sct v[SCTS_MAX];
	size_t n;
	bool malformed[SCT_SOURCES]; /* a list of this source could not be read to its end */
	bool cut;                    /* there were more */
};

/* Adds those of a SignedCertificateTimestampList (contents: without its length in front). */
void scts_read(struct scts *, enum sct_source, struct span list);
/* The list in the certificate's extension; empty when there is none. False when it is malformed. */
bool scts_of_cert(const struct cert *, struct span *list);

/* Fills verdict and log. `issuer` and `logs` may be NULL: not known, not given. */
void scts_check(struct scts *, const struct cert *leaf, const struct cert *issuer, const struct ct_logs *, int64_t at);

#endif
