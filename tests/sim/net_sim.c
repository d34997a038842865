#include "tests/sim/net_sim.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "scanner/base/die.h"
#include "tests/sim/heap.h"

static const uint64_t start_us = 1000000, hour_us = 3600000000, give_up_us = 127000000;
static const uint64_t nowhere_latency_us = 100, resolve_us = 1000, lost_us = 200000, lost_syn_us = 1000000;

enum { MOST_TRIES = 6 };

/* What travels on a connection, in one direction. */
enum piece_kind { PIECE_OPEN, PIECE_BYTES, PIECE_END };

struct piece {
	STAILQ_ENTRY(piece) link;
	uint64_t at_us;
	enum piece_kind kind;
	enum net_end end;
	size_t n;
	uint8_t bytes[];
};

/* One direction: pieces arrive in the order they were sent, whatever each of them met on the way. */
struct way {
	STAILQ_HEAD(, piece) pieces;
	struct event event; /* when the first of them arrives */
	uint64_t last_us;
};

struct host {
	struct sim_host face; /* first */
	LIST_ENTRY(host) link;
	struct net_addr addr;
	const struct peer_kind *kind;
	const void *config;
	unsigned serving;
	TAILQ_HEAD(, net_conn) waiting;
};

struct net_conn {
	struct net_sim *net;
	struct host *host; /* NULL: nobody listens there */
	const struct net_events *events;
	void *owner;
	LIST_ENTRY(net_conn) link;
	TAILQ_ENTRY(net_conn) wait_link;
	struct way to_server, to_client;
	struct event tick;
	void *state;   /* the peer's; NULL before it is accepted and after its end */
	uint8_t *held; /* what arrived before it was accepted */
	size_t held_n;
	bool at_host; /* counted as open there */
	bool waiting, silent;
	bool counted; /* holds a descriptor of the caller's */
	bool client_gone, client_ended, server_gone;
};

struct net_timer {
	struct net_sim *net;
	struct event event;
};

struct name {
	LIST_ENTRY(name) link;
	char *host;
	const char *error;
	uint64_t after_us;
	struct net_addr *list;
	size_t n;
};

struct lookup {
	struct net_sim *net;
	LIST_ENTRY(lookup) link;
	struct event event;
	char *host;
	int family;
	net_resolved *done;
	void *owner;
};

struct net_query {
	struct net_sim *net;
	LIST_ENTRY(net_query) link;
	struct event event;
	const struct dns_reply *reply;
	net_answered *done;
	void *owner;
};

struct net_sim {
	struct net net; /* first */
	struct heap heap;
	uint64_t now_us, stop_us, random;
	bool shuffle;
	unsigned descriptors;
	struct sim_counts counts;
	struct peer_out out;
	LIST_HEAD(, host) hosts;
	LIST_HEAD(, net_conn) conns;
	LIST_HEAD(, name) names;
	LIST_HEAD(, lookup) lookups;
	LIST_HEAD(, net_query) queries;
	const struct sim_zone_row *zone;
};

static struct net_sim *sim_of(const struct net *net)
{
	return (struct net_sim *)(uintptr_t)net;
}

/* splitmix64 */
uint64_t net_sim_random(struct net *net)
{
	uint64_t z = sim_of(net)->random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

static uint64_t below(struct net_sim *s, uint64_t n)
{
	return n ? net_sim_random(&s->net) % n : 0;
}

static void event_at(struct net_sim *s, struct event *e, uint64_t at_us)
{
	e->at_us = at_us > s->now_us ? at_us : s->now_us;
	e->tie = s->shuffle ? net_sim_random(&s->net) : 0;
	heap_add(&s->heap, e);
}

/* ---- pieces on their way --------------------------------------------------------------------- */

static void way_init(struct way *w, void (*fire)(void *owner), struct net_conn *c)
{
	STAILQ_INIT(&w->pieces);
	w->event = (struct event){ .fire = fire, .owner = c };
}

static void way_arm(struct net_sim *s, struct way *w)
{
	struct piece *first = STAILQ_FIRST(&w->pieces);

	if (first)
		event_at(s, &w->event, first->at_us);
}

static void way_clear(struct net_sim *s, struct way *w)
{
	struct piece *p;

	while ((p = STAILQ_FIRST(&w->pieces))) {
		STAILQ_REMOVE_HEAD(&w->pieces, link);
		free(p);
	}
	heap_drop(&s->heap, &w->event);
}

static struct piece *way_take(struct way *w)
{
	struct piece *p = STAILQ_FIRST(&w->pieces);

	STAILQ_REMOVE_HEAD(&w->pieces, link);
	return p;
}

static uint64_t travel_us(struct net_sim *s, const struct host *h, uint64_t again_us)
{
	uint64_t t = h ? h->face.latency_us + below(s, h->face.jitter_us + 1) : nowhere_latency_us;

	for (int tries = 0; h && h->face.loss_percent && tries < MOST_TRIES; tries++) {
		if (below(s, 100) >= h->face.loss_percent)
			break;
		t += again_us;
	}
	return t;
}

static struct piece *way_send(
        struct net_conn *c, struct way *w, enum piece_kind kind, const void *p, size_t n)
{
	struct piece *piece = mem_new(1, sizeof(*piece) + n);
	uint64_t at = c->net->now_us + travel_us(c->net, c->host, kind == PIECE_OPEN ? lost_syn_us : lost_us);

	piece->kind = kind;
	piece->n = n;
	if (n)
		memcpy(piece->bytes, p, n);
	w->last_us = piece->at_us = at > w->last_us ? at : w->last_us;
	STAILQ_INSERT_TAIL(&w->pieces, piece, link);
	if (STAILQ_FIRST(&w->pieces) == piece)
		way_arm(c->net, w);
	return piece;
}

static void end_at_client(struct net_conn *c, enum net_end end)
{
	if (!c->client_gone)
		way_send(c, &c->to_client, PIECE_END, NULL, 0)->end = end;
}

/* ---- the peer's side ------------------------------------------------------------------------- */

static void conn_free_if_done(struct net_conn *c)
{
	if (!c->client_gone || !c->server_gone)
		return;
	way_clear(c->net, &c->to_client);
	way_clear(c->net, &c->to_server);
	LIST_REMOVE(c, link);
	free(c->held);
	free(c);
}

static void accept_next(struct host *h);

/* The host is rid of the connection; the one that waited longest is served. The caller frees the connection.
 */
static void server_leaves(struct net_conn *c)
{
	struct host *h = c->host;

	if (c->server_gone)
		return;
	c->server_gone = true;
	heap_drop(&c->net->heap, &c->tick);
	way_clear(c->net, &c->to_server);
	if (c->waiting)
		TAILQ_REMOVE(&h->waiting, c, wait_link);
	if (c->at_host)
		h->face.open--;
	if (!c->state)
		return;
	if (h->kind->closed)
		h->kind->closed(c->state);
	free(c->state);
	c->state = NULL;
	h->serving--;
	accept_next(h);
}

static size_t piece_size(struct net_sim *s, const struct host *h, size_t left)
{
	size_t most = h->face.chunk & ~(unsigned)SIM_CHUNK_RANDOM, n;

	if (!most)
		return left;
	n = h->face.chunk & SIM_CHUNK_RANDOM ? 1 + (size_t)below(s, most) : most;
	return n < left ? n : left;
}

static void server_sends(struct net_conn *c, const uint8_t *p, size_t n)
{
	size_t step;

	for (size_t at = 0; at < n && !c->client_gone; at += step) {
		step = piece_size(c->net, c->host, n - at);
		way_send(c, &c->to_client, PIECE_BYTES, p + at, step);
	}
}

/* Does what the peer left in `out`. */
static void server_obey(struct net_conn *c)
{
	struct peer_out *out = &c->net->out;

	server_sends(c, out->bytes, out->n);
	if (out->end == PEER_STAYS) {
		if (out->wait_us)
			event_at(c->net, &c->tick, c->net->now_us + out->wait_us);
		return;
	}
	end_at_client(c, out->end == PEER_FIN ? NET_EOF : NET_RESET);
	server_leaves(c);
	conn_free_if_done(c);
}

static void on_tick(void *owner)
{
	struct net_conn *c = owner;

	if (!c->host->kind->tick)
		return;
	peer_out_clear(&c->net->out);
	c->host->kind->tick(c->state, &c->net->out);
	server_obey(c);
}

static void server_hears(struct net_conn *c, const uint8_t *p, size_t n)
{
	if (c->silent || !c->host->kind->received)
		return;
	peer_out_clear(&c->net->out);
	c->host->kind->received(c->state, p, n, &c->net->out);
	server_obey(c);
}

static void server_accepts(struct net_conn *c)
{
	struct host *h = c->host;
	uint8_t *held = c->held;
	size_t n = c->held_n;

	c->held = NULL;
	c->held_n = 0;
	c->waiting = false;
	h->serving++;
	c->state = mem_new(1, h->kind->state_size);
	peer_out_clear(&c->net->out);
	h->kind->accepted(c->state, h->config, h->face.taken - 1, &c->net->out);
	/* The connection is gone after this when the peer ended it and the caller had closed: nothing is held
	 * then. */
	if (n && c->net->out.end == PEER_STAYS) {
		server_obey(c);
		server_hears(c, held, n);
	} else {
		server_obey(c);
	}
	free(held);
}

static bool host_is_full(const struct host *h)
{
	return h->face.at_once && h->serving >= h->face.at_once;
}

static void accept_next(struct host *h)
{
	struct net_conn *c = TAILQ_FIRST(&h->waiting);

	if (!c || host_is_full(h))
		return;
	TAILQ_REMOVE(&h->waiting, c, wait_link);
	server_accepts(c);
}

static void host_takes(struct net_conn *c)
{
	struct host *h = c->host;

	h->face.taken++;
	h->face.open++;
	if (h->face.open > h->face.peak_open)
		h->face.peak_open = h->face.open;
	c->at_host = true;
	c->silent = h->face.tarpit_after && h->face.taken > h->face.tarpit_after;
	if (!c->client_gone)
		way_send(c, &c->to_client, PIECE_OPEN, NULL, 0);
	if (c->silent)
		return;
	if (!host_is_full(h)) {
		server_accepts(c);
		return;
	}
	c->waiting = true;
	TAILQ_INSERT_TAIL(&h->waiting, c, wait_link);
}

static enum sim_connect host_answer(const struct host *h)
{
	if (!h)
		return SIM_REFUSE;
	if (h->face.refuse_after && h->face.taken >= h->face.refuse_after)
		return SIM_REFUSE;
	return h->face.connect;
}

static void syn_arrives(struct net_conn *c)
{
	static const enum net_end ends[] = {
		[SIM_REFUSE] = NET_REFUSED,
		[SIM_DROP] = NET_TIMED_OUT,
		[SIM_RESET] = NET_CONNECT_RESET,
		[SIM_UNREACHABLE] = NET_UNREACHABLE,
		[SIM_LOCAL] = NET_LOCAL,
	};
	enum sim_connect answer = host_answer(c->host);

	if (answer == SIM_ACCEPT) {
		host_takes(c);
		return;
	}
	if (answer == SIM_DROP)
		c->to_client.last_us = c->net->now_us + give_up_us;
	end_at_client(c, ends[answer]);
	server_leaves(c);
	conn_free_if_done(c);
}

static void hold(struct net_conn *c, const uint8_t *p, size_t n)
{
	c->held = mem_grow(c->held, c->held_n + n, 1);
	memcpy(c->held + c->held_n, p, n);
	c->held_n += n;
}

static void on_server_piece(void *owner)
{
	struct net_conn *c = owner;
	struct piece *p = way_take(&c->to_server);

	way_arm(c->net, &c->to_server);
	if (p->kind == PIECE_OPEN) {
		syn_arrives(c);
	} else if (p->kind == PIECE_END) {
		server_leaves(c);
		conn_free_if_done(c);
	} else if (c->waiting) {
		hold(c, p->bytes, p->n);
	} else {
		server_hears(c, p->bytes, p->n);
	}
	free(p);
}

/* ---- the caller's side ----------------------------------------------------------------------- */

static void on_client_piece(void *owner)
{
	struct net_conn *c = owner;
	struct piece *p = way_take(&c->to_client);

	way_arm(c->net, &c->to_client);
	if (p->kind == PIECE_OPEN) {
		c->events->connected(c->owner);
	} else if (p->kind == PIECE_BYTES) {
		c->net->counts.received_bytes += p->n;
		c->events->received(c->owner, p->bytes, p->n);
	} else {
		c->client_ended = true;
		way_clear(c->net, &c->to_client);
		c->events->ended(c->owner, p->end);
	}
	free(p);
}

static struct host *host_find(struct net_sim *s, const struct net_addr *a)
{
	struct host *h;

	LIST_FOREACH(h, &s->hosts, link)
	if (net_addr_equal(&h->addr, a))
		return h;
	return NULL;
}

static bool out_of_descriptors(const struct net_sim *s)
{
	return s->descriptors && s->counts.open >= s->descriptors;
}

static void count_dial(struct sim_counts *n)
{
	n->dialled++;
	n->open++;
	if (n->open > n->peak_open)
		n->peak_open = n->open;
}

static struct net_conn *dial(
        struct net *net, const struct net_addr *to, const struct net_events *events, void *owner)
{
	struct net_sim *s = sim_of(net);
	struct net_conn *c = mem_new(1, sizeof(*c));
	bool fails_here = out_of_descriptors(s);

	c->net = s;
	c->events = events;
	c->owner = owner;
	c->host = host_find(s, to);
	way_init(&c->to_server, on_server_piece, c);
	way_init(&c->to_client, on_client_piece, c);
	c->tick = (struct event){ .fire = on_tick, .owner = c };
	LIST_INSERT_HEAD(&s->conns, c, link);
	if (!fails_here && !(c->host && c->host->face.connect == SIM_LOCAL)) {
		count_dial(&s->counts);
		c->counted = true;
		way_send(c, &c->to_server, PIECE_OPEN, NULL, 0);
		return c;
	}
	c->host = NULL;
	end_at_client(c, NET_LOCAL);
	c->server_gone = true;
	return c;
}

static void conn_send(struct net_conn *c, const void *p, size_t n)
{
	if (c->client_gone || c->client_ended || !n)
		return;
	c->net->counts.sent_bytes += n;
	if (!c->server_gone)
		way_send(c, &c->to_server, PIECE_BYTES, p, n);
}

static void conn_close(struct net_conn *c)
{
	if (c->client_gone)
		return;
	c->client_gone = true;
	c->net->counts.open -= c->counted;
	way_clear(c->net, &c->to_client);
	if (!c->server_gone)
		way_send(c, &c->to_server, PIECE_END, NULL, 0);
	conn_free_if_done(c);
}

static struct net_timer *timer_new(struct net *net, void (*fire)(void *owner), void *owner)
{
	struct net_timer *t = mem_new(1, sizeof(*t));

	t->net = sim_of(net);
	t->event = (struct event){ .fire = fire, .owner = owner };
	return t;
}

static void timer_set(struct net_timer *t, uint64_t at_us)
{
	heap_drop(&t->net->heap, &t->event);
	if (at_us != UINT64_MAX)
		event_at(t->net, &t->event, at_us);
}

static void timer_free(struct net_timer *t)
{
	heap_drop(&t->net->heap, &t->event);
	free(t);
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct name *name_find(struct net_sim *s, const char *host)
{
	struct name *n;

	LIST_FOREACH(n, &s->names, link)
	if (!strcmp(n->host, host))
		return n;
	return NULL;
}

static struct name *name_get(struct net_sim *s, const char *host)
{
	struct name *n = name_find(s, host);

	if (n)
		return n;
	n = mem_new(1, sizeof(*n));
	n->host = mem_text(host);
	n->after_us = resolve_us;
	LIST_INSERT_HEAD(&s->names, n, link);
	return n;
}

void net_sim_name(struct net *net, const char *host, const struct net_addr *addr)
{
	struct name *n = name_get(sim_of(net), host);

	n->list = mem_grow(n->list, n->n + 1, sizeof(*n->list));
	n->list[n->n] = *addr;
	n->list[n->n++].port = 0;
}

void net_sim_name_slow(struct net *net, const char *host, const char *error, uint64_t after_us)
{
	struct name *n = name_get(sim_of(net), host);

	n->error = error;
	n->after_us = after_us;
}

static void lookup_free(struct lookup *l)
{
	LIST_REMOVE(l, link);
	heap_drop(&l->net->heap, &l->event);
	free(l->host);
	free(l);
}

static void answer(const struct lookup *l, const struct net_addr *from, size_t from_n)
{
	struct net_addr list[NET_ADDRS_MAX];
	size_t n = 0;
	bool cut = false;

	for (size_t i = 0; i < from_n && !cut; i++) {
		if (l->family && (int)from[i].family != l->family)
			continue;
		cut = n == NET_ADDRS_MAX;
		if (!cut)
			list[n++] = from[i];
	}
	l->done(l->owner, n ? NULL : "not_found", list, n, cut);
}

static void on_lookup(void *owner)
{
	struct lookup *l = owner;
	const struct name *name = name_find(l->net, l->host);
	struct net_addr literal = { 0 };

	if (net_addr_parse(l->host, &literal))
		answer(l, &literal, 1);
	else if (name && name->error)
		l->done(l->owner, name->error, NULL, 0, false);
	else
		answer(l, name ? name->list : NULL, name ? name->n : 0);
	lookup_free(l);
}

static void resolve(struct net *net, const char *host, int family, net_resolved *done, void *owner)
{
	struct net_sim *s = sim_of(net);
	struct lookup *l = mem_new(1, sizeof(*l));
	const struct name *name = name_find(s, host);

	l->net = s;
	l->host = mem_text(host);
	l->family = family;
	l->done = done;
	l->owner = owner;
	l->event = (struct event){ .fire = on_lookup, .owner = l };
	LIST_INSERT_HEAD(&s->lookups, l, link);
	event_at(s, &l->event, s->now_us + (name ? name->after_us : resolve_us));
}

/* ---- records --------------------------------------------------------------------------------- */

void net_sim_zone(struct net *net, const struct sim_zone_row *rows)
{
	sim_of(net)->zone = rows;
}

static void query_drop(struct net_query *q)
{
	LIST_REMOVE(q, link);
	heap_drop(&q->net->heap, &q->event);
	free(q);
}

static void on_query(void *owner)
{
	struct net_query *q = owner;
	const struct dns_reply *reply = q->reply;
	net_answered *done = q->done;
	void *to = q->owner;

	query_drop(q);
	done(to, reply);
}

static struct net_query *query(
        struct net *net, const char *name, uint16_t type, net_answered *done, void *owner)
{
	static const struct dns_reply failed = { .failed = true }, none = { .state = DNS_SECURE };
	struct net_sim *s = sim_of(net);
	struct net_query *q = mem_new(1, sizeof(*q));
	const struct sim_zone_row *row = s->zone;
	uint64_t after_us = resolve_us;

	while (row && row->name && (strcmp(row->name, name) || row->type != type))
		row++;
	q->net = s;
	q->reply = !row ? &failed : row->name ? &row->reply : &none;
	q->done = done;
	q->owner = owner;
	q->event = (struct event){ .fire = on_query, .owner = q };
	LIST_INSERT_HEAD(&s->queries, q, link);
	s->counts.queries++;
	if (row && row->name && row->after_us)
		after_us = row->after_us;
	if (after_us != UINT64_MAX)
		event_at(s, &q->event, s->now_us + after_us);
	return q;
}

/* ---- the net --------------------------------------------------------------------------------- */

static uint64_t now_us(struct net *net)
{
	return sim_of(net)->now_us;
}

static void run(struct net *net)
{
	struct net_sim *s = sim_of(net);
	struct event *e;

	while ((e = heap_first(&s->heap)) && e->at_us <= s->stop_us) {
		heap_drop(&s->heap, e);
		s->now_us = e->at_us;
		s->counts.events++;
		e->fire(e->owner);
	}
}

static void free_conn(struct net_conn *c)
{
	if (c->state && c->host->kind->closed)
		c->host->kind->closed(c->state);
	free(c->state);
	c->state = NULL;
	heap_drop(&c->net->heap, &c->tick);
	c->client_gone = c->server_gone = true;
	conn_free_if_done(c);
}

static void free_name(struct name *n)
{
	LIST_REMOVE(n, link);
	free(n->host);
	free(n->list);
	free(n);
}

static void free_net(struct net *net)
{
	struct net_sim *s = sim_of(net);
	struct host *h;

	while (!LIST_EMPTY(&s->conns))
		free_conn(LIST_FIRST(&s->conns));
	while (!LIST_EMPTY(&s->lookups))
		lookup_free(LIST_FIRST(&s->lookups));
	while (!LIST_EMPTY(&s->queries))
		query_drop(LIST_FIRST(&s->queries));
	while (!LIST_EMPTY(&s->names))
		free_name(LIST_FIRST(&s->names));
	while ((h = LIST_FIRST(&s->hosts))) {
		LIST_REMOVE(h, link);
		free(h);
	}
	heap_free(&s->heap);
	peer_out_free(&s->out);
	free(s);
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

struct net *net_sim_new(uint64_t seed)
{
	struct net_sim *s = mem_new(1, sizeof(*s));

	s->net.ops = &ops;
	s->random = seed;
	s->now_us = start_us;
	s->stop_us = start_us + hour_us;
	LIST_INIT(&s->hosts);
	LIST_INIT(&s->conns);
	LIST_INIT(&s->names);
	LIST_INIT(&s->lookups);
	LIST_INIT(&s->queries);
	return &s->net;
}

struct sim_host *net_sim_listen(
        struct net *net, const struct net_addr *addr, const struct peer_kind *kind, const void *config)
{
	struct net_sim *s = sim_of(net);
	struct host *h = mem_new(1, sizeof(*h));

	h->addr = *addr;
	h->kind = kind;
	h->config = config;
	h->face.latency_us = 1000;
	TAILQ_INIT(&h->waiting);
	LIST_INSERT_HEAD(&s->hosts, h, link);
	return &h->face;
}

void net_sim_shuffle(struct net *net)
{
	sim_of(net)->shuffle = true;
}

void net_sim_descriptors(struct net *net, unsigned limit)
{
	sim_of(net)->descriptors = limit;
}

void net_sim_stop_at(struct net *net, uint64_t at_us)
{
	sim_of(net)->stop_us = at_us;
}

struct sim_counts net_sim_counts(const struct net *net)
{
	return sim_of(net)->counts;
}
