/*
 * A run: from targets to records, several endpoints at a time, records handed over in the order of the targets, or as
 * they come.
 *
 * The feed gives targets until there are no more; each gets its addresses looked up, each address an endpoint, each
 * endpoint a record. The sink takes each record over; those of one target come one behind the other. At most `window`
 * targets are held at once, so memory does not grow with the list.
 */
#ifndef RUN_SCAN_H
#define RUN_SCAN_H

#include "scanner/run/endpoint.h"

enum fed {
	FED_TARGET,
	FED_LATER, /* none is there now: scan_more() when there is; something of the net's must be open until then */
	FED_END,
};

struct runner;

struct scan {
	struct net *net;
	struct limits limits;
	struct scan_options options;
	int family;               /* 0: both, 4, 6; one that was asked for is never skipped silently */
	bool one_address;         /* --ip one: the first address only */
	const struct net_addr *address; /* --ip ADDR: instead of looking up; NULL: look up */
	size_t window;
	uint64_t dns_us;
	bool unordered;           /* records leave as they come */
	enum fed (*feed)(void *owner, const struct target **);
	void (*drop)(void *owner, const struct target *); /* the target was used the last time; or NULL */
	void (*sink)(void *owner, struct record *);
	void *owner;
	struct runner *runner; /* while it runs */
};

void scan_run(struct scan *);
void scan_more(struct scan *); /* the feed has something to give */
/* No more targets; endpoints that have not ended by then (the net's clock) end without the rest. */
void scan_stop(struct scan *, uint64_t by_us);

#endif
