/*
 * The engine: one endpoint (host name + address + port) from its first probe to its record.
 *
 * It starts probes as what they build on ends, turns their questions into connections within the limits, and bytes
 * into answers. A question that was put before is answered from what is known. Whatever the peer does, the endpoint
 * ends: each connection has absolute deadlines, and so has the whole. At the end done() is called once with the
 * record, which is the callee's (record_free()).
 */
#ifndef RUN_ENDPOINT_H
#define RUN_ENDPOINT_H

#include "scanner/facts/record.h"
#include "scanner/net/net.h"
#include "scanner/run/limit.h"
#include "scanner/run/target.h"

struct store;
struct ct_logs;
struct known_keys;
struct private_key;

struct scan_options {
	uint8_t seed[32];
	uint64_t connect_us, answer_us, deadline_us;
	uint64_t end_by_us;          /* the net's clock: no endpoint goes on behind it; 0: it may */
	unsigned max_per_host;
	uint32_t rate_per_host, burst_per_host;
	bool ahead;                  /* ask what will probably be asked, before it is (ahead.h); not with a budget */
	uint64_t budget;             /* connections for one endpoint; 0: no such limit */
	const char *const *select, *const *skip; /* words of --probe, --skip; end with NULL; NULL: none given */
	const char *const *also;     /* probes that only run on request and were requested by another option; or NULL */
	bool intrusive;
	bool http_port_given;        /* else 80 beside 443, and none beside others */
	uint16_t http_port;          /* where to ask for HTTP without TLS; 0: nowhere */
	const char *version;         /* of this program */
	int64_t now;                 /* wall clock at the start, seconds since 1970 */
	uint64_t now_us;             /* the net's clock at the same moment; scan_run() sets it */
	struct store *const *stores; /* ends with NULL */
	const struct ct_logs *ct_logs; /* NULL: none given */
	const struct known_keys *known_keys; /* NULL: none are looked up */
	const struct known_keys *distrusted; /* NULL: none but those that browsers distrust */
	const struct span *client_chain; /* for servers that ask for a certificate; DER, leaf first */
	size_t client_chain_n;
	const struct private_key *client_key;
	struct span psk, psk_identity; /* of the PSK suites; psk.n 0: none */
	const char *const *alpn;     /* what whole handshakes ask for; NULL: nothing */
	const struct own_clients *own; /* clients to simulate, beside the known ones; NULL: none */
	bool dns;                    /* a resolver that validates is built in */
	bool dns_any;                /* and the user gave his own: names of special use are asked for, too */
	const char *dns_anchor;      /* the zone whose keys it trusts; NULL: the root */
	uint64_t dns_us;             /* for all of an endpoint's questions to it */
	bool fetch;                  /* what certificates name: issuers, OCSP responses, CRLs */
	bool fetch_private;          /* from private addresses and other ports too */
};

struct endpoint;

typedef void endpoint_done(void *owner, struct record *);

/* A record for a target that got no endpoint: unknown host, no route. */
struct record *record_for(const struct scan_options *, const struct target *);

/* `target` and `options` must live until done(). */
void endpoint_start(struct net *, struct limits *, const struct scan_options *, const struct target *,
	const struct net_addr *, endpoint_done *done, void *owner);

#endif
