/*
 * The network as the engine sees it: connections, a clock, timers and names. Implementations: net_uv.c over libuv,
 * tests/sim/net_sim.c in virtual time, net_record.c before another one, and net_replay.c from what that wrote down. Nothing above this header names libuv, a socket or a descriptor.
 *
 * One struct net is one loop on one thread. Callbacks run from net_run() only, never from inside another call here
 * (a dial that fails at once reports it later). Time is in microseconds of a monotonic clock.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/dns.h"

enum net_family { NET_IPV4 = 4, NET_IPV6 = 6 };

struct net_addr {
	enum net_family family;
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
	uint32_t zone;     /* IPv6 scope id, 0 for none */
	uint16_t port;
};

/* "127.0.0.1", "fe80::1%eth0"; false when the text is no literal. The port is left alone. */
bool net_addr_parse(const char *text, struct net_addr *);
/* The address without its port, into 64 bytes or more. */
void net_addr_text(const struct net_addr *, char out[static 64]);
bool net_addr_fits(const struct net_addr *, int family); /* 4, 6, or 0 for both */
bool net_addr_equal(const struct net_addr *, const struct net_addr *); /* the port counts */

/* How a connection came to its end, other than by net_close(). */
enum net_end {
	NET_EOF,         /* the peer closed in good order */
	NET_RESET,       /* the peer reset an established connection */
	NET_REFUSED,     /* the peer refused to connect */
	NET_CONNECT_RESET,
	NET_UNREACHABLE, /* no route, host or network unreachable */
	NET_TIMED_OUT,   /* the system gave up connecting */
	NET_LOCAL,       /* no descriptor, port or memory here: try again later */
};

struct net;
struct net_conn;
struct net_timer;

struct net_events {
	void (*connected)(void *owner);
	void (*received)(void *owner, const uint8_t *p, size_t n); /* bytes are the loop's: copy what is needed */
	void (*ended)(void *owner, enum net_end); /* the last one; net_close() is still owed */
};

/* `error` NULL and count addresses (at most NET_ADDRS_MAX, in the resolver's order), or a word: "not_found", "try_again",
 * "failed". `cut`: there were more. */
enum { NET_ADDRS_MAX = 16 };
typedef void net_resolved(void *owner, const char *error, const struct net_addr *, size_t count, bool cut);

/* A DNS question under way. The reply ends it, and lives as long as the call. */
struct net_query;
typedef void net_answered(void *owner, const struct dns_reply *);

struct net_ops {
	uint64_t (*now_us)(struct net *);
	struct net_conn *(*dial)(struct net *, const struct net_addr *, const struct net_events *, void *owner);
	void (*send)(struct net_conn *, const void *p, size_t n); /* copies; errors come as `ended` */
	void (*close)(struct net_conn *); /* abortive (RST); no callback follows */
	struct net_timer *(*timer_new)(struct net *, void (*fire)(void *owner), void *owner);
	void (*timer_set)(struct net_timer *, uint64_t at_us); /* one shot; replaces the former time; UINT64_MAX: stop */
	void (*timer_free)(struct net_timer *);
	/* Looks a name up off the loop; 4, 6 or 0 for both. Cannot be cancelled: the owner must live until the answer. */
	void (*resolve)(struct net *, const char *host, int family, net_resolved *done, void *owner);
	/* Asks for the records of one type, validated by DNSSEC; no deadline of its own. */
	struct net_query *(*query)(struct net *, const char *name, uint16_t type, net_answered *done, void *owner);
	void (*query_drop)(struct net_query *); /* no reply follows */
	void (*run)(struct net *);  /* until nothing is open, armed or pending */
	void (*free)(struct net *);
};

struct net {
	const struct net_ops *ops;
};

struct net *net_uv_new(void);

/*
 * Whom net_uv asks: `via` NULL: who stands in resolv.conf; `anchors`, a file of DS or DNSKEY records, NULL: the root's keys.
 * To be called before the first query, or not at all. NULL, or one line that says why these cannot be used.
 */
const char *net_uv_resolver(struct net *, const struct net_addr *via, const char *anchors);
bool net_uv_resolves(void); /* libunbound is built in */

static inline uint64_t net_now_us(struct net *n)
{
	return n->ops->now_us(n);
}

#endif
