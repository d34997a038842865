/*
 * Fuzz target of net_replay.c: any file plays to an end, whatever comes out of place, and nothing stays open. The caller
 * is a small one that does a little of everything.
 */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/net/net_replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CALLS = 2, DEADLINE_US = 5000000 };

struct caller {
	struct net *net;
	struct net_conn *conn[CALLS];
	struct net_timer *timer;
	struct net_query *query;
	unsigned dialled, open;
	bool resolved, bounded;
};

static void dial(struct caller *);

static void connected(void *owner)
{
	struct caller *c = owner;

	c->net->ops->send(c->conn[c->dialled - 1], "hello", 5);
}

static void hang_up(struct caller *c)
{
	c->net->ops->close(c->conn[c->dialled - 1]);
	c->open--;
	if (c->dialled < CALLS)
		dial(c);
	else if (c->query) {
		c->net->ops->query_drop(c->query);
		c->query = NULL;
	}
}

static void received(void *owner, const uint8_t *p, size_t n)
{
	require(n && p);
	hang_up(owner);
}

static void ended(void *owner, enum net_end end)
{
	require(end <= NET_LOCAL);
	hang_up(owner);
}

static void dial(struct caller *c)
{
	static const struct net_events events = { connected, received, ended };
	struct net_addr to = { .family = NET_IPV4, .bytes = { 127, 0, 0, 1 }, .port = 443 };

	c->open++;
	c->dialled++;
	c->conn[c->dialled - 1] = c->net->ops->dial(c->net, &to, &events, c);
}

static void resolved(void *owner, const char *error, const struct net_addr *list, size_t n, bool cut)
{
	struct caller *c = owner;

	(void)cut;
	require(!c->resolved && (error ? !n : n && n <= NET_ADDRS_MAX && list[0].family));
	c->resolved = true;
	dial(c);
}

static void answered(void *owner, const struct dns_reply *reply)
{
	struct caller *c = owner;

	require(reply->n <= DNS_RECORDS_MAX);
	c->query = NULL;
}

static void fired(void *owner)
{
	struct caller *c = owner;

	require(net_now_us(c->net) >= DEADLINE_US);
	c->bounded = true;
}

static void play(struct tape *t)
{
	struct caller c = { .net = net_replay_new(t) };

	c.timer = c.net->ops->timer_new(c.net, fired, &c);
	c.net->ops->timer_set(c.timer, DEADLINE_US);
	c.net->ops->resolve(c.net, "host.test", 0, resolved, &c);
	c.query = c.net->ops->query(c.net, "host.test", 257, answered, &c);
	c.net->ops->run(c.net);
	require(c.resolved && c.bounded && c.dialled == CALLS && !c.open && !c.query);
	c.net->ops->timer_free(c.timer);
	c.net->ops->free(c.net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char nothing[1] = "";
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fmemopen(nothing, 1, "r");
	struct tape t = { .file = f };

	require(f);
	play(&t);
	tape_free(&t);
	fclose(f);
	return 0;
}
