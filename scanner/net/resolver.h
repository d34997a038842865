/*
 * A resolver that validates (DNSSEC), for net_uv.c alone: libunbound with a thread of its own, and the only file that
 * knows it. Where it was not built in, resolver_built() says so and nothing else is called.
 *
 * Replies come from resolver_work() only, which is to be called when the descriptor can be read. Memory is bounded:
 * caches have sizes, and what a question takes goes with its reply or with resolver_drop().
 */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

#include "scanner/base/dns.h"
#include "scanner/net/net.h"

struct resolver;

bool resolver_built(void);
/*
 * `via` NULL: who stands in resolv.conf; `anchors` NULL: the root's keys. NULL, and one line in *why (constant), when
 * the file of anchors cannot be used, or the machine has no resolver.
 */
struct resolver *resolver_new(const struct net_addr *via, const char *anchors, const char **why);
void resolver_free(struct resolver *); /* no reply follows; NULL is fine */

int resolver_fd(struct resolver *);
void resolver_work(struct resolver *);

/* A question under way: the caller's, and to be kept in place until its reply or resolver_drop(). */
struct resolver_question {
	void (*done)(struct resolver_question *, const struct dns_reply *); /* the reply lives as long as the call */
	int id;
};

/* False: it could not be asked, and no reply comes. */
bool resolver_ask(struct resolver *, const char *name, uint16_t type, struct resolver_question *);
void resolver_drop(struct resolver *, struct resolver_question *);

#endif
