/*
 * How many connections, and how fast. A quota is a number of connections at once and a token bucket for new ones; there is
 * one for everything, one for each network (/24 of IPv4, /48 of IPv6) and one for each address, shared by all endpoints
 * that are there. Who gets no connection stands in the queue of the quota that has none left, and is woken when it is his
 * turn: with ten thousand endpoints nobody polls. Time is a parameter, in microseconds. One thread.
 */
#ifndef RUN_LIMIT_H
#define RUN_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "scanner/net/net.h"

/* At most `rate` a second, `burst` at once. */
struct bucket {
	uint32_t rate, burst;
	uint64_t level_us; /* how much of the burst is used, as time it takes to flow off */
	uint64_t last_us;
};

/* Takes one; or returns false and the time when one will be there. */
bool bucket_take(struct bucket *, uint64_t now_us, uint64_t *ready_us);
/* When one will be there: `now_us` or later. */
uint64_t bucket_ready(const struct bucket *, uint64_t now_us);

struct seat;

struct quota {
	struct bucket rate;      /* .rate 0: any */
	unsigned open, max_open; /* max_open 0: any number */
	unsigned seats;         /* endpoints that it holds for */
	TAILQ_HEAD(, seat) queue;
	struct quota *next; /* in the table */
	struct net_addr key;
};

struct quota_rule {
	uint32_t rate, burst;
	unsigned max_open;
};

struct fetcher;

/* What all endpoints of a run share; all zero but for what is to hold. limits_free() when the last seat is left. */
struct limits {
	struct quota all;
	struct quota_rule network; /* for each; all zero: no such limit */
	struct fetcher *fetcher;   /* scan_run() makes it; NULL: nothing is fetched */
	struct quota **table;      /* of networks and addresses, by hash */
	size_t room, held;
};

void limits_free(struct limits *);

/* One more, or one less, without a seat: what is no endpoint's. */
bool limits_take(struct limits *, uint64_t now_us);
void limits_give(struct limits *, uint64_t now_us);

enum { SEAT_ADDRESS, SEAT_NETWORK, SEAT_ALL, SEAT_QUOTAS };

/* Where the connections of one endpoint count. */
struct seat {
	struct limits *limits;
	struct quota *in[SEAT_QUOTAS];
	struct quota *waits; /* in whose queue it stands; NULL: in none */
	bool blocked;        /* since seat_look() */
	TAILQ_ENTRY(seat) link;
	void (*wake)(void *owner, uint64_t at_us); /* look again then; never to be done within the call */
	void *owner;
};

void seat_enter(struct seat *, struct limits *, const struct net_addr *, struct quota_rule address,
	uint64_t now_us);
void seat_leave(struct seat *, uint64_t now_us); /* no connection of it is open */

/* Between the two, seat_take() for each connection that is wanted: false when there is none, and then wake() comes. */
void seat_look(struct seat *);
bool seat_take(struct seat *, uint64_t now_us);
void seat_looked(struct seat *, uint64_t now_us);
void seat_give(struct seat *, uint64_t now_us);

#endif
