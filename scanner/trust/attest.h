/*
 * What vouches for a server's certificate beside the signatures of its chain: the OCSP response and the timestamps
 * that came with it, as observations of a record (RFC 6066 section 8, RFC 6962).
 */
#ifndef TRUST_ATTEST_H
#define TRUST_ATTEST_H

#include "scanner/facts/ct_logs.h"
#include "scanner/facts/record.h"

struct cert;

enum { ATTEST_STAPLES_MAX = 8, ATTEST_LISTS_MAX = 8 };

/* What came with one chain, in all answers together, each once. */
struct attached {
	bool staple_asked; /* by one question at least */
	struct span staples[ATTEST_STAPLES_MAX], sct_lists[ATTEST_LISTS_MAX];
	size_t staples_n, sct_lists_n;
	struct span above[STAPLES_ABOVE_MAX]; /* about the certificates above, the first that came of each */
};

/* Keeps it when it is new and there is room; empty ones are none. */
void attached_staple(struct attached *, struct span);
void attached_scts(struct attached *, struct span);
void attached_above(struct attached *, const struct span above[static STAPLES_ABOVE_MAX]);

struct attest_input {
	const struct cert *leaf, *issuer; /* issuer NULL: not known */
	const struct attached *with;
	const struct ct_logs *logs; /* NULL: none given */
	int64_t at;
	const char *chain, *probe;
};

void attest_observe(struct record *, const struct attest_input *);
/* The staple of a certificate above the server's own, told by its SHA-256; in->leaf is that certificate. */
void attest_above(struct record *, const struct attest_input *, struct span staple, const char *sha256);

#endif
