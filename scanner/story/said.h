/*
 * One message of a handshake, read for those who want to know what it says: its bytes become fields. Total: a message
 * that breaks its grammar gives the fields before the break and `malformed`. What a message means depends on those
 * before it (a ServerKeyExchange on the suite), so they are given in order, with one struct said for all.
 *
 * Sources: RFC 8446 section 4, RFC 5246 section 7, RFC 8422 section 5, RFC 5077, RFC 8879, RFC 6101.
 */
#ifndef STORY_SAID_H
#define STORY_SAID_H

#include "scanner/story/fields.h"
#include "scanner/tls/hs.h"

struct said {
	struct arena *arena;
	const struct hs_result *result;
	bool retry;                /* the ServerHello at hand is a HelloRetryRequest */
	uint16_t version, suite;   /* as picked so far; 0: not yet */
	uint16_t offered_top;      /* the newest version of the hello */
	const char *shares;        /* groups of the last hello's key shares, "none" */
	struct span session_id;    /* of the last hello */
};

/* By what the server shows who it is. NOBODY: an anonymous suite; KEY: a pre-shared key alone. */
enum said_proof { PROOF_CERTIFICATE, PROOF_KEY, PROOF_NOBODY, PROOF_SESSION };
enum said_proof said_proof(const struct hs_result *);

/* The name as a book has it: "HelloRetryRequest" for a ServerHello that is one. */
const char *said_name(struct said *, const struct hs_event *);
/* What a message of this kind is for, in a sentence without a subject; NULL: nothing to say. */
const char *said_meaning(const struct said *, const struct hs_event *);
void said_fields(struct said *, const struct hs_event *, struct fields *);

#endif
