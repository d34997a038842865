/*
 * The probes of one endpoint under way: which of them run, which may start, and which answers are still to be handed over.
 *
 * Where questions go to, and what becomes of observations, is the owner's: the endpoint puts them to the server
 * (endpoint.c), the lookahead to what it takes the server for (ahead.c).
 */
#ifndef RUN_LANES_H
#define RUN_LANES_H

#include "probes/probe.h"
#include "scanner/run/endpoint.h"

enum lane_state { LANE_WAITING, LANE_RUNNING, LANE_ENDED };

struct lane {
	struct run run; /* the first member: ask() and note() find the lane by it */
	enum lane_state state;
	struct probe_result result;
};

/* An answer on its way to a probe. It lives until it is handed over. */
struct delivery {
	struct answer *answer;
	uint16_t sample;
	unsigned lane;
	uint16_t tag;
};

struct lanes {
	struct lane *v;
	unsigned n;
	struct delivery *due;
	size_t due_n, delivered;
	struct arena *arena;
	void (*ask)(struct lanes *, unsigned lane, uint16_t tag, const struct ask *);
	struct obs *(*note)(struct lanes *, const struct obs *);
};

/* Fills v and n with every probe that these options select, and with those that a selected one builds on. */
void lanes_make(struct lanes *, const struct scan_options *, const struct facts *);
struct lane *lane_find(const struct lanes *, const char *id);
void lanes_deliver(struct lanes *, struct delivery);
/* Hands over what is due and opens what may start, until neither brings anything new. */
void lanes_run(struct lanes *);
bool lanes_due(const struct lanes *);
/* All probes with these manners or better ones have. */
bool lanes_ended(const struct lanes *, enum manners most);
/* How many probes there are. */
size_t probes_count(void);

#endif
