/*
 * What a handshake costs before data flows, as far as a record tells: round trips, and the bytes of certificates, for a new
 * session and for one that is taken up again. A pure function of the record; what a single handshake weighs in all, message
 * by message, `tlsassay handshake` measures (scanner/story). Text lives in the view's arena or is constant; nothing fails.
 */
#ifndef REPORT_COST_H
#define REPORT_COST_H

#include "report/view.h"

struct cost {
	uint16_t version;
	const char *trips;        /* "1 round trip" */
	const char *certificates; /* "2,310 bytes of certificates (ECDSA), 3,112 (RSA)"; why not */
	const char *resumed;      /* what is spared, or why nothing is */
};

/* TLS 1.3, and the newest version below it; only those that are offered. */
struct cost *costs_of(const struct view *, size_t *count);

/* Bytes of the Certificate message's body in this version (RFC 8446 section 4.4.2, RFC 5246 section 7.4.2); 0: not known. */
size_t cost_of_chain(const struct view *, const struct served *, uint16_t version);

#endif
