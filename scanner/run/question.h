/*
 * Questions of one endpoint: what was asked, who waits for it, and what came back. The same question is asked once.
 */
#ifndef RUN_QUESTION_H
#define RUN_QUESTION_H

#include <limits.h>

#include "probes/probe.h"
#include "scanner/run/exchange.h"
#include "scanner/run/talk.h"

struct waiter {
	unsigned probe; /* index in the endpoint's list */
	uint16_t tag;
};

enum question_phase { QUESTION_QUEUED, QUESTION_OPEN, QUESTION_ANSWERED };

struct question {
	struct hello hello; /* lists interned in the arena */
	enum until until;
	uint16_t sample;
	struct span description; /* bytes of the hello without entropy, then the plan, `until` and the sample */
	uint64_t hash;
	enum question_phase phase;
	struct waiter *waiters;
	size_t waiters_n;
	unsigned asker;          /* of all probes that asked it, the first in probes.def; or ASKED_BY_NONE */
	unsigned dials;          /* connections it took */
	size_t choice;           /* 1 + index of what came of it in the facts; 0: nothing, or no probe has asked it yet */
	struct choice *aside;    /* what came of it while no probe has asked it yet; NULL: nothing, or it is a fact */
	struct choice *expected; /* asked ahead: what the guess was; NULL: there was none */
	unsigned look;           /* asked ahead: the look that foresaw it last; 0: none did */
	unsigned tries;          /* connections that failed to open after the server had lived */
	uint64_t not_before_us;
	struct answer answer;
	const struct plan *plan; /* NULL: a hello; else a talk, or an exchange in clear: see question_is_talk() */
	struct exchange exchange;
	struct talk talk;
	struct net_query *query; /* under way; NULL: none */
	struct entropy entropy;
	struct endpoint *endpoint;
};

struct questions {
	struct arena *arena;
	struct question **v;
	size_t n;
	struct codes *lists; /* interned */
	size_t lists_n;
};

/* What came of it, be it a fact of these or still aside; NULL: nothing. Valid until the next fact. */
const struct choice *question_choice(const struct question *, const struct facts *);
/* The same question in another store; NULL: it is not there. */
struct question *question_like(const struct questions *, const struct question *);
/* No probe has asked it yet. */
enum { ASKED_BY_NONE = INT_MAX };

/* May what it says be kept beyond the moment: does it point to nothing that another answer brought? */
bool question_can_be_kept(const struct ask *);
/* Finds the question or makes a new one; *fresh tells which. */
struct question *question_for(struct questions *, const struct ask *, bool *fresh);
/* A whole handshake is wanted. */
bool question_is_talk(const struct question *);
/* No TLS is to be spoken: what comes of it says nothing about the TLS server. */
bool question_is_clear(const struct question *);
/* The resolver is asked, and no host. */
bool question_is_dns(const struct question *);
void question_wait(struct questions *, struct question *, unsigned probe, uint16_t tag);
void questions_free(struct questions *); /* what the arena does not own */

#endif
