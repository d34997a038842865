/*
 * A run: from targets to records, several endpoints at a time, records handed over in the order of the targets.
 *
 * The feed gives targets until it returns NULL; each gets its addresses looked up, each address an endpoint, each
 * endpoint a record. The sink takes each record over. At most `window` endpoints are held at once, so memory does not
 * grow with the list.
 */
#ifndef RUN_SCAN_H
#define RUN_SCAN_H

#include "scanner/run/endpoint.h"

struct scan {
	struct net *net;
	struct limits limits;
	struct scan_options options;
	int family;               /* 0: both, 4, 6; one that was asked for is never skipped silently */
	bool one_address;         /* --ip one: the first address only */
	const struct net_addr *address; /* --ip ADDR: instead of looking up; NULL: look up */
	size_t window;
	uint64_t dns_us;
	const struct target *(*feed)(void *owner); /* targets live until the scan ends */
	void (*sink)(void *owner, struct record *);
	void *owner;
};

void scan_run(struct scan *);

#endif
