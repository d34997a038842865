/*
 * How the endpoint bears the scan: has it spoken TLS at all, is it refusing all of a sudden, should probing stop?
 *
 * An address where nothing was answered is given up soon; one that had answered and then refuses to connect is given
 * time (1, 2, 4 seconds, one connection at a time), and what was seen from then on is tainted. A server that falls
 * silent and was never seen to serve two connections at once is asked again alone: some serve one client at a time.
 * One that goes on to be silent, controls included, has stopped serving us: it is left in peace.
 */
#ifndef RUN_HEALTH_H
#define RUN_HEALTH_H

#include "scanner/tls/answer.h"

enum { HEALTH_RETRIES = 3 };

struct health {
	unsigned spoke;       /* answers that were TLS */
	unsigned not_connected, unanswered, not_tls; /* before anything was answered */
	unsigned lost;        /* questions given up after HEALTH_RETRIES */
	unsigned silences;    /* in a row, each asked when the one before was known, since it last spoke */
	uint64_t silent_us;   /* when the last of them was known */
	bool tainted;         /* the server began to refuse connections after it had answered */
	bool narrow;          /* one connection at a time from now on */
	bool side_by_side;    /* two connections were served at once */
	bool alone;           /* a question that was met with silence in company was answered alone */
	enum reason stop;     /* set: no more questions, and why */
	enum reason worst;    /* of all that was not TLS, the last row of reasons.def: what to say when nothing better came */
	char banner[ANSWER_BANNER_MAX + 1]; /* what a peer said that is not TLS; raw */
	size_t banner_n;
};

/* Takes note of one answer; returns 0, or how long to wait before this question is asked again. `tries` so far. */
uint64_t health_note(struct health *, const struct answer *, unsigned tries);
/* Is it an answer in TLS, whatever it says? */
bool health_is_tls(const struct answer *);
/* How many connections may be open at once. */
unsigned health_width(const struct health *, unsigned most);

#endif
