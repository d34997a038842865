/*
 * What a server should make anew for each connection, and whether it does: key shares, randoms, session ids. It costs no
 * question: every answer has them. And the clock that many servers put at the front of the random.
 *
 * "Yes, it repeats" wants two connections with the same value; "no" wants two that could have had the same.
 */
#ifndef RUN_FRESH_H
#define RUN_FRESH_H

#include "scanner/facts/facts.h"
#include "scanner/run/endpoint.h"

/* What of an answer with a pick is to be compared with other answers; hashes, no bytes of the wire. */
struct fresh fresh_of(const struct answer *);

/* Adds the observations. Only the offset of the clock differs from scan to scan: it goes to the volatile evidence. */
void fresh_conclude(struct record *, const struct facts *, const struct scan_options *);

#endif
