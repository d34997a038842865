/*
 * The network in virtual time: no socket, no real clock, no thread. The same seed and the same calls give the
 * same run.
 *
 * A test makes one, adds hosts and names, hands it to the code under test as any other struct net, and calls
 * run(), which ends when nothing is left to happen, or at the stop time. Everything here is owned by the net
 * and freed by its free().
 */
#ifndef SIM_NET_SIM_H
#define SIM_NET_SIM_H

#include "scanner/net/net.h"
#include "tests/servers/peer.h"

/* What becomes of a connection that is being opened. */
enum sim_connect {
	SIM_ACCEPT,
	SIM_REFUSE,
	SIM_DROP,  /* no answer; the system gives up after 127 s */
	SIM_RESET, /* accepted and reset before the caller hears of it */
	SIM_UNREACHABLE,
	SIM_LOCAL, /* no descriptor or port here */
};

enum { SIM_CHUNK_RANDOM = 1 << 30 }; /* added to a chunk size: chunks of 1 to that many bytes */

/* A host; the test sets what it wants between net_sim_listen() and run(), or while running. */
struct sim_host {
	enum sim_connect connect;
	uint64_t latency_us, jitter_us; /* one way; each piece takes latency plus 0 to jitter */
	unsigned loss_percent;          /* each lost piece comes 200 ms later, a lost first one 1 s */
	unsigned at_once;      /* served side by side; others wait connected and unanswered. 0: all */
	unsigned refuse_after; /* connections taken before it refuses all others. 0: never */
	unsigned tarpit_after; /* the same, but it takes them and stays silent */
	unsigned chunk;        /* what the peer sends comes in pieces of so many bytes. 0: as sent */
	/* read only */
	unsigned taken, open, peak_open; /* connections: ever, now, most at once */
};

struct sim_counts {
	unsigned dialled, open, peak_open; /* as the caller's own descriptors */
	uint64_t sent_bytes, received_bytes;
	uint64_t events;
	unsigned queries; /* put to the resolver: ever */
};

struct net *net_sim_new(uint64_t seed);

/* `config` is the peer's and must outlive the net. */
struct sim_host *net_sim_listen(
        struct net *, const struct net_addr *, const struct peer_kind *, const void *config);
/* One more address for a name. */
void net_sim_name(struct net *, const char *host, const struct net_addr *);
/* A name that fails with this word ("try_again" ...), after so long. With NULL only the time is set. */
void net_sim_name_slow(struct net *, const char *host, const char *error, uint64_t after_us);

/* What the resolver says of a name and a type: `reply` is the caller's and must outlive the net. Else: no records, secure. */
struct sim_zone_row {
	const char *name;
	uint16_t type;
	struct dns_reply reply;
	uint64_t after_us; /* 0: as names. UINT64_MAX: never */
};
/* The rows of one resolver; ends with a row without a name. Must outlive the net. Without one every query fails. */
void net_sim_zone(struct net *, const struct sim_zone_row *rows);

/* Events of the same instant come in an order drawn from the seed, not as they arose. */
void net_sim_shuffle(struct net *);
/* Dials fail with NET_LOCAL while so many connections are open. 0: no limit. */
void net_sim_descriptors(struct net *, unsigned limit);
/* run() returns at this time even if something is left. Default: an hour after the beginning. */
void net_sim_stop_at(struct net *, uint64_t at_us);

struct sim_counts net_sim_counts(const struct net *);

/* A random number of the net's own sequence. */
uint64_t net_sim_random(struct net *);

#endif
