/*
 * "Does it do what it must not?" -- a vulnerability that shows itself by what the server does, not by what it offers.
 *
 * Only the behaviour itself counts as yes, and only when fresh connections show it twice. A server that does anything
 * else about it says no; one that goes silent, or that we never came to ask, says nothing.
 */
#ifndef PROBES_PROOF_H
#define PROBES_PROOF_H

#include "probes/probe.h"

enum shown { SHOWN_YES, SHOWN_NO, SHOWN_NOTHING };

struct proof {
	enum obs_key key;
	bool (*applies)(const struct facts *); /* false: not applicable; NULL: always */
	/* False: it cannot be asked; *why says so. */
	bool (*ask)(struct run *, struct hello *, struct plan *, const char **why);
	enum shown (*look)(const struct answer *);
	/* One line that is the same at each scan: no randoms, and nothing of what leaked. */
	const char *(*evidence)(struct run *, const struct answer *);
};

struct proof_state {
	uint16_t version;
	bool again;
};

enum { PROOF_TAG = 100 };

/* The step of a probe whose declaration is a struct proof, and whose state begins with a struct proof_state. */
probe_step proof_step;

/* What the server did about our deviation: silence, or that we were not heard out, is nothing. */
enum shown proof_reaction(const struct answer *, bool shows);
const char *proof_reaction_text(struct run *, const struct answer *);

#endif
