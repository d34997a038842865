#include "scanner/net/net_record.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/net/tape.h"

struct net_record {
	struct net net; /* first */
	struct net *inner;
	FILE *tape;
	uint64_t now_us, ahead_us; /* how far the other's clock is before ours */
	uint64_t conns, timers, lookups, queries; /* so many so far */
};

/* The types are those of net.h, and so are the other network's: `inner` is its own, and never looked into. */
struct net_conn {
	struct net_record *net;
	struct net_conn *inner;
	uint64_t id;
	const struct net_events *events;
	void *owner;
};

struct net_timer {
	struct net_record *net;
	struct net_timer *inner;
	uint64_t id;
	void (*fire)(void *owner);
	void *owner;
};

struct lookup {
	struct net_record *net;
	uint64_t id;
	net_resolved *done;
	void *owner;
};

struct net_query {
	struct net_record *net;
	struct net_query *inner;
	uint64_t id;
	net_answered *done;
	void *owner;
};

static struct net_record *record_of(struct net *net)
{
	return (struct net_record *)net;
}

static void did(struct net_record *n, struct tape_line line)
{
	tape_write(n->tape, &line);
}

/* Something came: the clock goes on. */
static void came(struct net_record *n, struct tape_line line)
{
	n->now_us = net_now_us(n->inner) - n->ahead_us;
	line.at_us = n->now_us;
	tape_write(n->tape, &line);
}

/* ---- connections ----------------------------------------------------------------------------------------------------- */

static void connected(void *owner)
{
	struct net_conn *c = owner;

	came(c->net, (struct tape_line){ .verb = TAPE_CONNECTED, .number = { c->id } });
	c->events->connected(c->owner);
}

static void received(void *owner, const uint8_t *p, size_t n)
{
	struct net_conn *c = owner;

	require(n <= TAPE_BYTES_MAX);
	came(c->net, (struct tape_line){ .verb = TAPE_RECEIVED, .number = { c->id }, .bytes = { p, n } });
	c->events->received(c->owner, p, n);
}

static void ended(void *owner, enum net_end end)
{
	struct net_conn *c = owner;

	came(c->net, (struct tape_line){ .verb = TAPE_ENDED, .number = { c->id }, .word = { tape_end_word(end) } });
	c->events->ended(c->owner, end);
}

static struct net_conn *dial(
	struct net *net, const struct net_addr *to, const struct net_events *events, void *owner)
{
	static const struct net_events ours = { connected, received, ended };
	struct net_record *n = record_of(net);
	struct net_conn *c = mem_new(1, sizeof *c);

	*c = (struct net_conn){ .net = n, .id = n->conns++, .events = events, .owner = owner };
	did(n, (struct tape_line){ .verb = TAPE_DIAL, .number = { c->id }, .addr = *to });
	c->inner = n->inner->ops->dial(n->inner, to, &ours, c);
	return c;
}

static void conn_send(struct net_conn *c, const void *p, size_t n)
{
	require(n <= TAPE_BYTES_MAX);
	did(c->net, (struct tape_line){ .verb = TAPE_SEND, .number = { c->id }, .bytes = { p, n } });
	c->net->inner->ops->send(c->inner, p, n);
}

static void conn_close(struct net_conn *c)
{
	did(c->net, (struct tape_line){ .verb = TAPE_CLOSE, .number = { c->id } });
	c->net->inner->ops->close(c->inner);
	free(c);
}

/* ---- timers ---------------------------------------------------------------------------------------------------------- */

static void fired(void *owner)
{
	struct net_timer *t = owner;

	came(t->net, (struct tape_line){ .verb = TAPE_FIRED, .number = { t->id } });
	t->fire(t->owner);
}

static struct net_timer *timer_new(struct net *net, void (*fire)(void *owner), void *owner)
{
	struct net_record *n = record_of(net);
	struct net_timer *t = mem_new(1, sizeof *t);

	*t = (struct net_timer){ .net = n, .id = n->timers++, .fire = fire, .owner = owner };
	t->inner = n->inner->ops->timer_new(n->inner, fired, t);
	return t;
}

static void timer_set(struct net_timer *t, uint64_t at_us)
{
	t->net->inner->ops->timer_set(t->inner, at_us == UINT64_MAX ? at_us : at_us + t->net->ahead_us);
}

static void timer_free(struct net_timer *t)
{
	t->net->inner->ops->timer_free(t->inner);
	free(t);
}

/* ---- names and records ----------------------------------------------------------------------------------------------- */

static void resolved(void *owner, const char *error, const struct net_addr *list, size_t n, bool cut)
{
	struct lookup *l = owner;
	struct text addrs = { 0 };

	tape_addrs_write(&addrs, list, n);
	if (error)
		came(l->net, (struct tape_line){ .verb = TAPE_UNFOUND, .number = { l->id }, .word = { error } });
	else
		came(l->net, (struct tape_line){ .verb = TAPE_FOUND, .number = { l->id, cut }, .word = { text_str(&addrs) } });
	text_free(&addrs);
	l->done(l->owner, error, list, n, cut);
	free(l);
}

static void resolve(struct net *net, const char *host, int family, net_resolved *done, void *owner)
{
	struct net_record *n = record_of(net);
	struct lookup *l = mem_new(1, sizeof *l);

	*l = (struct lookup){ .net = n, .id = n->lookups++, .done = done, .owner = owner };
	did(n, (struct tape_line){ .verb = TAPE_LOOKUP, .number = { l->id, (uint64_t)family }, .word = { host } });
	n->inner->ops->resolve(n->inner, host, family, resolved, l);
}

/* Each with two bytes of length before it: a record of the DNS is no longer (RFC 1035 section 3.2.1). */
static void pack(struct text *out, const struct dns_reply *reply)
{
	for (size_t i = 0; i < reply->n; i++) {
		struct span s = reply->records[i];
		uint8_t length[2];
		struct wr w = wr_of(length, sizeof length);

		require(s.n <= UINT16_MAX);
		wr_u16(&w, (uint16_t)s.n);
		text_addn(out, (const char *)length, sizeof length);
		text_addn(out, (const char *)s.p, s.n);
	}
}

static void replied(void *owner, const struct dns_reply *reply)
{
	struct net_query *q = owner;
	struct text records = { 0 };

	pack(&records, reply);
	if (reply->failed)
		came(q->net, (struct tape_line){ .verb = TAPE_UNREPLIED, .number = { q->id } });
	else
		came(q->net, (struct tape_line){ .verb = TAPE_REPLIED, .number = { q->id, (uint64_t)reply->state, reply->cut },
			.bytes = { (const uint8_t *)records.s, records.n } });
	text_free(&records);
	q->done(q->owner, reply);
	free(q);
}

static struct net_query *query(struct net *net, const char *name, uint16_t type, net_answered *done, void *owner)
{
	struct net_record *n = record_of(net);
	struct net_query *q = mem_new(1, sizeof *q);

	*q = (struct net_query){ .net = n, .id = n->queries++, .done = done, .owner = owner };
	did(n, (struct tape_line){ .verb = TAPE_QUERY, .number = { q->id, type }, .word = { name } });
	q->inner = n->inner->ops->query(n->inner, name, type, replied, q);
	return q;
}

static void query_drop(struct net_query *q)
{
	did(q->net, (struct tape_line){ .verb = TAPE_DROP, .number = { q->id } });
	q->net->inner->ops->query_drop(q->inner);
	free(q);
}

/* ---- the net --------------------------------------------------------------------------------------------------------- */

static uint64_t now_us(struct net *net)
{
	return record_of(net)->now_us;
}

static void run(struct net *net)
{
	struct net_record *n = record_of(net);

	n->inner->ops->run(n->inner);
}

static void free_net(struct net *net)
{
	struct net_record *n = record_of(net);

	n->inner->ops->free(n->inner);
	free(n);
}

static const struct net_ops ops = {
	.now_us = now_us,
	.dial = dial,
	.send = conn_send,
	.close = conn_close,
	.timer_new = timer_new,
	.timer_set = timer_set,
	.timer_free = timer_free,
	.resolve = resolve,
	.query = query,
	.query_drop = query_drop,
	.run = run,
	.free = free_net,
};

struct net *net_record_new(struct net *inner, FILE *tape)
{
	struct net_record *n = mem_new(1, sizeof *n);

	n->net.ops = &ops;
	n->inner = inner;
	n->tape = tape;
	n->now_us = NET_TAPE_START_US;
	n->ahead_us = net_now_us(inner) - NET_TAPE_START_US; /* modulo 2^64: its clock may begin before ours */
	return &n->net;
}
