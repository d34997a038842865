/*
 * What the certificates of one endpoint name, asked for on request (--fetch): missing issuers, then whether each
 * certificate below an anchor is revoked.
 *
 * It begins when the probes have ended, from the chains that they saw. Issuers are fetched in rounds, each round as a
 * whole, and then everything about revocation at once; so what is asked, and what comes of it, does not depend on the
 * order in which answers arrive. Bounded in certificates, signatures, rounds and fetches.
 */
#ifndef RUN_INQUIRY_H
#define RUN_INQUIRY_H

#include "scanner/facts/facts.h"
#include "scanner/run/fetch.h"

enum {
	INQUIRY_CERTS_MAX = 64,
	INQUIRY_SIGNATURES_MAX = 200,
	INQUIRY_ROUNDS_MAX = 4, /* of issuers */
	INQUIRY_ASKS_MAX = 16,  /* about revocation */
	INQUIRY_URLS_MAX = 2,   /* tried for one of them */
};

struct inquiry;
struct store;
struct chain_input;

/* `over` is called once, from the loop or from inside inquiry_new(). */
struct inquiry_input {
	struct fetcher *fetcher;
	const struct facts *facts;
	struct store *const *stores;
	int64_t at; /* seconds since 1970 */
	void (*over)(void *owner);
	void *owner;
};
struct inquiry *inquiry_new(const struct inquiry_input *);
/* The time is over: what is still open stays unknown. over() is not called. */
void inquiry_stop(struct inquiry *);
void inquiry_free(struct inquiry *); /* NULL is fine */

/* What was fetched for a chain, into its input; alive as long as the inquiry. */
void inquiry_chain(const struct inquiry *, struct chain_input *);
/* cert.revocation_status of each certificate that was asked about. */
void inquiry_observe(const struct inquiry *, struct record *);

#endif
