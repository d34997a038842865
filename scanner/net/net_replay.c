#include "scanner/net/net_replay.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "scanner/base/die.h"
#include "scanner/net/net_record.h"

struct net_conn {
	struct net_replay *net;
	LIST_ENTRY(net_conn) link;
	uint64_t id;
	const struct net_events *events;
	void *owner;
	bool connected, ended;
};

struct net_timer {
	struct net_replay *net;
	LIST_ENTRY(net_timer) link;
	uint64_t id, at_us; /* UINT64_MAX: not set */
	void (*fire)(void *owner);
	void *owner;
};

struct lookup {
	LIST_ENTRY(lookup) link;
	uint64_t id;
	net_resolved *done;
	void *owner;
};

struct net_query {
	struct net_replay *net;
	LIST_ENTRY(net_query) link;
	uint64_t id;
	net_answered *done;
	void *owner;
};

struct net_replay {
	struct net net; /* first */
	struct tape *tape;
	struct text taken; /* what the line taken last points to */
	const char *why;
	uint64_t now_us;
	uint64_t conns_n, timers_n, lookups_n, queries_n; /* so many so far */
	LIST_HEAD(, net_conn) conns; /* what is open, the newest first */
	LIST_HEAD(, net_timer) timers;
	LIST_HEAD(, lookup) lookups;
	LIST_HEAD(, net_query) queries;
};

static const char differs[] = "here the scan does something else than was recorded: other options or files, or another version?";
static const char senseless[] = "this cannot come here: no recording of this program";

static struct net_replay *replay_of(const struct net *net)
{
	return (struct net_replay *)(uintptr_t)net;
}

static void fail(struct net_replay *n, const char *why)
{
	if (!n->why)
		n->why = why;
}

/* ---- the tape -------------------------------------------------------------------------------------------------------- */

static void look_ahead(struct net_replay *n)
{
	if (!n->why && !tape_next(n->tape))
		fail(n, n->tape->why);
}

/* The next line, and what it points to, which the line after it would take away. */
static void take(struct net_replay *n, struct tape_line *line)
{
	*line = n->tape->line;
	text_free(&n->taken);
	n->taken = n->tape->text;
	n->tape->text = (struct text){ 0 };
	if (line->verb != TAPE_END)
		look_ahead(n);
}

static bool same_addr(const struct tape_line *a, const struct tape_line *b)
{
	return !a->addr.family ? !b->addr.family : b->addr.family && net_addr_equal(&a->addr, &b->addr);
}

static bool same_word(const char *a, const char *b)
{
	return !a ? !b : b && !strcmp(a, b);
}

static bool same_line(const struct tape_line *a, const struct tape_line *b)
{
	return a->verb == b->verb && !memcmp(a->number, b->number, sizeof a->number) && same_addr(a, b) &&
	       same_word(a->word[0], b->word[0]) && a->bytes.n == b->bytes.n &&
	       (!a->bytes.n || !memcmp(a->bytes.p, b->bytes.p, a->bytes.n));
}

/* The caller does this; was it done then? */
static void does(struct net_replay *n, struct tape_line line)
{
	if (n->why)
		return;
	if (same_line(&n->tape->line, &line))
		look_ahead(n);
	else
		fail(n, differs);
}

enum tape_verb net_replay_peek(struct net *net)
{
	return replay_of(net)->why ? TAPE_VERBS : replay_of(net)->tape->line.verb;
}

bool net_replay_take(struct net *net, enum tape_verb verb, struct tape_line *line)
{
	struct net_replay *n = replay_of(net);

	if (net_replay_peek(net) != verb) {
		fail(n, differs);
		return false;
	}
	take(n, line);
	return true;
}

const char *net_replay_why(const struct net *net)
{
	return replay_of(net)->why;
}

/* ---- what the caller does -------------------------------------------------------------------------------------------- */

static struct net_conn *dial(
	struct net *net, const struct net_addr *to, const struct net_events *events, void *owner)
{
	struct net_replay *n = replay_of(net);
	struct net_conn *c = mem_new(1, sizeof *c);

	*c = (struct net_conn){ .net = n, .id = n->conns_n++, .events = events, .owner = owner };
	LIST_INSERT_HEAD(&n->conns, c, link);
	does(n, (struct tape_line){ .verb = TAPE_DIAL, .number = { c->id }, .addr = *to });
	return c;
}

static void conn_send(struct net_conn *c, const void *p, size_t n)
{
	does(c->net, (struct tape_line){ .verb = TAPE_SEND, .number = { c->id }, .bytes = { p, n } });
}

static void conn_close(struct net_conn *c)
{
	does(c->net, (struct tape_line){ .verb = TAPE_CLOSE, .number = { c->id } });
	LIST_REMOVE(c, link);
	free(c);
}

static struct net_timer *timer_new(struct net *net, void (*fire)(void *owner), void *owner)
{
	struct net_replay *n = replay_of(net);
	struct net_timer *t = mem_new(1, sizeof *t);

	*t = (struct net_timer){ .net = n, .id = n->timers_n++, .at_us = UINT64_MAX, .fire = fire, .owner = owner };
	LIST_INSERT_HEAD(&n->timers, t, link);
	return t;
}

static void timer_set(struct net_timer *t, uint64_t at_us)
{
	t->at_us = at_us;
}

static void timer_free(struct net_timer *t)
{
	LIST_REMOVE(t, link);
	free(t);
}

static void resolve(struct net *net, const char *host, int family, net_resolved *done, void *owner)
{
	struct net_replay *n = replay_of(net);
	struct lookup *l = mem_new(1, sizeof *l);

	*l = (struct lookup){ .id = n->lookups_n++, .done = done, .owner = owner };
	LIST_INSERT_HEAD(&n->lookups, l, link);
	does(n, (struct tape_line){ .verb = TAPE_LOOKUP, .number = { l->id, (uint64_t)family }, .word = { host } });
}

static struct net_query *query(struct net *net, const char *name, uint16_t type, net_answered *done, void *owner)
{
	struct net_replay *n = replay_of(net);
	struct net_query *q = mem_new(1, sizeof *q);

	*q = (struct net_query){ .net = n, .id = n->queries_n++, .done = done, .owner = owner };
	LIST_INSERT_HEAD(&n->queries, q, link);
	does(n, (struct tape_line){ .verb = TAPE_QUERY, .number = { q->id, type }, .word = { name } });
	return q;
}

static void query_drop(struct net_query *q)
{
	does(q->net, (struct tape_line){ .verb = TAPE_DROP, .number = { q->id } });
	LIST_REMOVE(q, link);
	free(q);
}

/* ---- what comes ------------------------------------------------------------------------------------------------------ */

static struct net_conn *conn_find(struct net_replay *n, uint64_t id)
{
	struct net_conn *c;

	LIST_FOREACH(c, &n->conns, link)
	if (c->id == id)
		return c;
	return NULL;
}

static bool connected(struct net_replay *n, const struct tape_line *l)
{
	struct net_conn *c = conn_find(n, l->number[0]);

	if (!c || c->connected || c->ended)
		return false;
	c->connected = true;
	c->events->connected(c->owner);
	return true;
}

static bool received(struct net_replay *n, const struct tape_line *l)
{
	struct net_conn *c = conn_find(n, l->number[0]);
	struct text held = n->taken; /* until the callback is through, whatever it takes */

	if (!c || !c->connected || c->ended || !l->bytes.n)
		return false;
	n->taken = (struct text){ 0 };
	c->events->received(c->owner, l->bytes.p, l->bytes.n);
	text_free(&held);
	return true;
}

static bool is_midway(enum net_end end)
{
	return end == NET_EOF || end == NET_RESET;
}

static bool ended(struct net_replay *n, const struct tape_line *l)
{
	struct net_conn *c = conn_find(n, l->number[0]);
	enum net_end end;

	if (!c || c->ended || !tape_end_parse(l->word[0], &end) || (is_midway(end) && !c->connected))
		return false;
	c->ended = true;
	c->events->ended(c->owner, end);
	return true;
}

static bool fired(struct net_replay *n, const struct tape_line *l)
{
	struct net_timer *t;

	LIST_FOREACH(t, &n->timers, link)
	if (t->id == l->number[0])
		break;
	if (!t || t->at_us > n->now_us)
		return false;
	t->at_us = UINT64_MAX;
	t->fire(t->owner);
	return true;
}

static struct lookup *lookup_take(struct net_replay *n, uint64_t id)
{
	struct lookup *l;

	LIST_FOREACH(l, &n->lookups, link)
	if (l->id == id) {
		LIST_REMOVE(l, link);
		return l;
	}
	return NULL;
}

static bool found(struct net_replay *n, const struct tape_line *line)
{
	struct net_addr list[NET_ADDRS_MAX];
	size_t count = 0;
	struct lookup *l;

	if (!tape_addrs_parse(line->word[0], list, &count) || line->number[1] > 1)
		return false;
	l = lookup_take(n, line->number[0]);
	if (!l)
		return false;
	l->done(l->owner, NULL, list, count, line->number[1]);
	free(l);
	return true;
}

static bool unfound(struct net_replay *n, const struct tape_line *line)
{
	static const char *const words[] = { "not_found", "try_again", "failed" };
	const char *error = NULL;
	struct lookup *l;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i], line->word[0]))
			error = words[i];
	l = error ? lookup_take(n, line->number[0]) : NULL;
	if (!l)
		return false;
	l->done(l->owner, error, NULL, 0, false);
	free(l);
	return true;
}

static struct net_query *query_find(struct net_replay *n, uint64_t id)
{
	struct net_query *q;

	LIST_FOREACH(q, &n->queries, link)
	if (q->id == id)
		return q;
	return NULL;
}

/* The reply ends the query. */
static void reply(struct net_query *q, const struct dns_reply *r)
{
	net_answered *done = q->done;
	void *owner = q->owner;

	LIST_REMOVE(q, link);
	free(q);
	done(owner, r);
}

static bool unpack(struct span bytes, struct span *records, size_t *n)
{
	struct rd r = rd_span(bytes);

	for (*n = 0; rd_left(&r) && *n < DNS_RECORDS_MAX;) {
		struct rd one = rd_vec(&r, 2);

		records[(*n)++] = rd_rest(&one);
	}
	return rd_end(&r);
}

static bool replied(struct net_replay *n, const struct tape_line *l)
{
	struct net_query *q = query_find(n, l->number[0]);
	struct span records[DNS_RECORDS_MAX];
	struct dns_reply r = { .records = records, .cut = l->number[2] };
	struct text held = n->taken;

	if (!q || l->number[1] > DNS_BOGUS || l->number[2] > 1 || !unpack(l->bytes, records, &r.n))
		return false;
	r.state = (enum dns_state)l->number[1];
	n->taken = (struct text){ 0 };
	reply(q, &r);
	text_free(&held);
	return true;
}

static bool unreplied(struct net_replay *n, const struct tape_line *l)
{
	struct net_query *q = query_find(n, l->number[0]);

	if (q)
		reply(q, &(struct dns_reply){ .failed = true });
	return q != NULL;
}

static bool (*const players[TAPE_VERBS])(struct net_replay *, const struct tape_line *) = {
	[TAPE_CONNECTED] = connected, [TAPE_RECEIVED] = received, [TAPE_ENDED] = ended, [TAPE_FIRED] = fired,
	[TAPE_FOUND] = found, [TAPE_UNFOUND] = unfound, [TAPE_REPLIED] = replied, [TAPE_UNREPLIED] = unreplied,
};

/* One event; false when the recording has something else next. */
static bool play(struct net_replay *n)
{
	struct tape_line line;
	uint64_t at = n->tape->at;

	if (n->why || !tape_is_event(n->tape->line.verb))
		return false;
	if (n->tape->line.at_us < n->now_us || n->tape->line.at_us > INT64_MAX / 2) {
		fail(n, senseless);
		return false;
	}
	n->now_us = n->tape->line.at_us;
	take(n, &line);
	if (!players[line.verb](n, &line)) {
		fail(n, senseless);
		n->tape->at = at;
	}
	return true;
}

/* ---- when nobody answers any more ------------------------------------------------------------------------------------ */

static struct net_timer *first_timer(struct net_replay *n)
{
	struct net_timer *first = NULL, *t;

	LIST_FOREACH(t, &n->timers, link)
	if (t->at_us != UINT64_MAX && (!first || t->at_us < first->at_us))
		first = t;
	return first;
}

static struct net_conn *open_conn(struct net_replay *n)
{
	struct net_conn *c;

	LIST_FOREACH(c, &n->conns, link)
	if (!c->ended)
		return c;
	return NULL;
}

static bool end_conn(struct net_replay *n)
{
	struct net_conn *c = open_conn(n);

	if (!c)
		return false;
	c->ended = true;
	c->events->ended(c->owner, c->connected ? NET_RESET : NET_UNREACHABLE);
	return true;
}

static bool end_lookup(struct net_replay *n)
{
	struct lookup *l = LIST_FIRST(&n->lookups);

	if (!l)
		return false;
	LIST_REMOVE(l, link);
	l->done(l->owner, "failed", NULL, 0, false);
	free(l);
	return true;
}

static bool end_query(struct net_replay *n)
{
	struct net_query *q = LIST_FIRST(&n->queries);

	if (q)
		reply(q, &(struct dns_reply){ .failed = true });
	return q != NULL;
}

static bool fire_next(struct net_replay *n)
{
	struct net_timer *t = first_timer(n);

	if (!t)
		return false;
	n->now_us = t->at_us > n->now_us ? t->at_us : n->now_us;
	t->at_us = UINT64_MAX;
	t->fire(t->owner);
	return true;
}

static bool is_idle(struct net_replay *n)
{
	return !open_conn(n) && LIST_EMPTY(&n->lookups) && LIST_EMPTY(&n->queries) && !first_timer(n);
}

/* ---- the net --------------------------------------------------------------------------------------------------------- */

static uint64_t now_us(struct net *net)
{
	return replay_of(net)->now_us;
}

static void run(struct net *net)
{
	struct net_replay *n = replay_of(net);

	while (play(n))
		continue;
	if (!is_idle(n))
		fail(n, differs);
	while (end_conn(n) || end_lookup(n) || end_query(n) || fire_next(n))
		continue;
}

static void free_net(struct net *net)
{
	struct net_replay *n = replay_of(net);

	while (!LIST_EMPTY(&n->conns)) {
		struct net_conn *c = LIST_FIRST(&n->conns);

		LIST_REMOVE(c, link);
		free(c);
	}
	while (!LIST_EMPTY(&n->timers))
		timer_free(LIST_FIRST(&n->timers));
	while (!LIST_EMPTY(&n->lookups)) {
		struct lookup *l = LIST_FIRST(&n->lookups);

		LIST_REMOVE(l, link);
		free(l);
	}
	while (!LIST_EMPTY(&n->queries)) {
		struct net_query *q = LIST_FIRST(&n->queries);

		LIST_REMOVE(q, link);
		free(q);
	}
	text_free(&n->taken);
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

struct net *net_replay_new(struct tape *tape)
{
	struct net_replay *n = mem_new(1, sizeof *n);

	n->net.ops = &ops;
	n->tape = tape;
	n->now_us = NET_TAPE_START_US;
	LIST_INIT(&n->conns);
	LIST_INIT(&n->timers);
	LIST_INIT(&n->lookups);
	LIST_INIT(&n->queries);
	look_ahead(n);
	return &n->net;
}
