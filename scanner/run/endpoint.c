#include "scanner/run/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/dns.h"
#include "scanner/base/text.h"
#include "scanner/run/ahead.h"
#include "scanner/run/conclude.h"
#include "scanner/run/digest.h"
#include "scanner/run/health.h"
#include "scanner/run/inquiry.h"
#include "scanner/run/lanes.h"
#include "scanner/run/question.h"
#include "scanner/tls/keys.h"

struct endpoint {
	struct lanes lanes; /* the first member: see endpoint_of() */
	struct net *net;
	struct net_timer *timer;
	struct limits *limits;
	const struct scan_options *options;
	struct net_addr address;
	struct starttls starttls;
	struct record *record;
	struct facts facts;
	struct chains chains;
	struct questions questions;
	struct seat seat;
	uint64_t wake_us, again_us; /* when a quota may have room again; when else to look */
	struct health health;
	unsigned open;
	uint64_t dns_by_us; /* when the resolver has to have answered; 0: it was not asked yet */
	uint64_t started_us, connections, bytes_sent;
	bool turning, over;
	struct inquiry *inquiry; /* NULL: not begun, or nothing is to be fetched */
	bool inquired;           /* it is over */
	struct guess *guess;     /* what the server is taken for; NULL: nothing is asked ahead */
	unsigned look;           /* how often it was looked ahead */
	bool look_due;           /* something came that was not foreseen */
	unsigned answers;        /* since the last look */
	endpoint_done *done;
	void *owner;
};

static void turn(struct endpoint *);

static struct endpoint *endpoint_of(struct lanes *l)
{
	return (struct endpoint *)l;
}

/* ---- questions ------------------------------------------------------------------------------------------------------- */

static struct obs *take_note(struct lanes *l, const struct obs *o)
{
	return record_add(endpoint_of(l)->record, o);
}

static void deliver(struct endpoint *e, struct question *q, struct waiter to)
{
	lanes_deliver(&e->lanes, (struct delivery){ &q->answer, q->sample, to.probe, to.tag });
}

/* What was asked ahead becomes a fact when the first probe asks it: so nothing depends on what was asked ahead. */
static void become_fact(struct endpoint *e, struct question *q)
{
	if (!q->aside)
		return;
	*facts_choice(&e->facts) = *q->aside;
	q->choice = e->facts.count;
	q->aside = NULL;
}

static void put(struct lanes *l, unsigned index, uint16_t tag, const struct ask *what)
{
	struct endpoint *e = endpoint_of(l);
	bool fresh;
	struct question *q = question_for(&e->questions, what, &fresh);

	if (fresh)
		q->endpoint = e;
	if (fresh || index < q->asker)
		q->asker = index;
	if (q->phase == QUESTION_ANSWERED) {
		become_fact(e, q);
		deliver(e, q, (struct waiter){ index, tag });
	} else {
		question_wait(&e->questions, q, index, tag);
	}
}

static bool is_asked(const struct question *q)
{
	return q->asker != ASKED_BY_NONE;
}

/* Long values are shared with the facts that have them already; what was asked ahead then leaves these again. */
static void keep_choice(struct endpoint *e, struct question *q)
{
	struct choice *c = digest(&e->facts, &e->chains, &q->answer);

	c->description = q->description.p;
	c->description_n = q->description.n;
	if (is_asked(q)) {
		q->choice = e->facts.count;
		return;
	}
	q->aside = arena_copy(&e->record->arena, c, sizeof *c);
	e->facts.count--;
}

/* Something came that was not foreseen: then it is time to look again. */
static void compare_to_guess(struct endpoint *e, const struct question *q)
{
	const struct choice *c = question_choice(q, &e->facts);

	e->answers++;
	e->look_due |= !q->look || !c || !q->expected || !guess_holds(q->expected, c);
}

static void answered(struct endpoint *e, struct question *q)
{
	q->phase = QUESTION_ANSWERED;
	if (q->answer.kind != ANS_NOT_ASKED && !question_is_clear(q) && !question_is_dns(q))
		keep_choice(e, q);
	if (e->guess)
		compare_to_guess(e, q);
	answer_free(&q->answer);
	for (size_t i = 0; i < q->waiters_n; i++)
		deliver(e, q, q->waiters[i]);
}

static void not_asked(struct endpoint *e, struct question *q, enum reason why)
{
	answer_init(&q->answer, &q->hello, q->until);
	answer_fail(&q->answer, ANS_NOT_ASKED, why);
	answered(e, q);
}

/* ---- connections ----------------------------------------------------------------------------------------------------- */

/* A later connection answered while an earlier one waits: the server serves more than one at a time. */
static void note_side_by_side(struct endpoint *e, const struct question *q)
{
	if (!q->answer.bytes || e->health.side_by_side)
		return;
	for (size_t i = 0; i < e->questions.n; i++) {
		const struct question *other = e->questions.v[i];

		if (other->phase == QUESTION_OPEN && other != q && !other->plan && other->exchange.connected && !other->answer.bytes &&
			other->answer.asked_us < q->answer.asked_us)
			e->health.side_by_side = true;
	}
}

static void connection_over(struct endpoint *e)
{
	e->open--;
	seat_give(&e->seat, net_now_us(e->net));
}

/* Asked ahead, and nothing came of it: it waits until a probe asks it. */
static void forgo(struct question *q)
{
	q->phase = QUESTION_QUEUED;
	q->look = 0;
	q->dials = 0;
	answer_free(&q->answer);
}

/* The connection of this question is over and its answer settled: asked again later, or handed on. */
static void settled(struct endpoint *e, struct question *q)
{
	uint64_t wait_us;

	connection_over(e);
	e->record->bytes_received += q->answer.bytes;
	if (question_is_clear(q) && q->answer.reason != REASON_LOCAL_LIMIT) {
		wait_us = 0;
	} else {
		note_side_by_side(e, q);
		wait_us = health_note(&e->health, &q->answer, q->tries);
	}
	if (!is_asked(q) && !health_is_tls(&q->answer) && q->answer.kind != ANS_CLOSED) {
		forgo(q);
	} else if (wait_us) {
		q->phase = QUESTION_QUEUED;
		q->tries++;
		q->not_before_us = net_now_us(e->net) + wait_us;
		answer_free(&q->answer);
	} else {
		answered(e, q);
	}
	turn(e);
}

static void count_prelude(struct endpoint *e, const struct prelude *p)
{
	e->bytes_sent += prelude_sent(p);
	e->record->bytes_received += prelude_received(p);
}

static void exchanged(struct exchange *x, void *owner)
{
	struct question *q = owner;

	if (x->begun)
		q->endpoint->bytes_sent += x->bytes_n;
	count_prelude(q->endpoint, x->prelude);
	if (x->heard.n)
		q->answer.heard = arena_span(
			&q->endpoint->record->arena, (struct span){ (const uint8_t *)x->heard.s, x->heard.n });
	exchange_free(x);
	settled(q->endpoint, q);
}

/* The handshake's clear part is the answer, as for any hello; what came behind it stands beside. */
static void talked(struct talk *t, void *owner)
{
	struct question *q = owner;
	struct arena *a = &q->endpoint->record->arena;

	if (t->not_connected) {
		answer_fail(&q->answer, ANS_REFUSED, t->not_connected);
	} else {
		q->answer = *hs_answer(t->hs);
		q->answer.flight.v = mem_new(hs_answer(t->hs)->flight.n, 1);
		if (q->answer.flight.n)
			memcpy(q->answer.flight.v, hs_answer(t->hs)->flight.v, q->answer.flight.n);
		q->answer.pending.v = NULL;
		q->answer.pending.n = q->answer.pending.cap = 0;
		q->answer.hello = &q->hello;
		q->answer.hs = arena_copy(a, hs_result(t->hs), sizeof *hs_result(t->hs));
		q->answer.heard = arena_span(a, hs_data(t->hs));
		q->answer.heard_why = t->heard_why;
		q->answer.bytes = q->answer.hs->received;
		q->endpoint->bytes_sent += q->answer.hs->sent;
	}
	q->answer.asked_us = t->started_us;
	count_prelude(q->endpoint, t->prelude);
	talk_free(t);
	settled(q->endpoint, q);
}

/* Random bytes from the seed, the endpoint and the question alone: never from the order of asking. */
static void draw_entropy(struct endpoint *e, const struct question *q, struct entropy *out)
{
	struct text label = { 0 };
	char ip[64];
	uint8_t bytes[sizeof *out];

	net_addr_text(&e->address, ip);
	text_fmt(&label, "%s %s %u ", e->record->host, ip, (unsigned)e->address.port);
	text_addn(&label, (const char *)q->description.p, q->description.n);
	keys_derive(e->options->seed, (struct span){ (const uint8_t *)text_str(&label), label.n }, q->sample, bytes,
		sizeof bytes);
	memcpy(out, bytes, sizeof *out);
	text_free(&label);
}

static void start_exchange(struct endpoint *e, struct question *q)
{
	uint8_t bytes[HELLO_MAX + 64];
	struct wr w = wr_of(bytes, sizeof bytes);

	require(hello_write(&w, &q->hello, &q->entropy));
	q->exchange = (struct exchange){
		.net = e->net, .answer = &q->answer, .done = exchanged, .owner = q, .starttls = e->starttls,
		.bytes = arena_copy(&e->record->arena, bytes, w.len), .bytes_n = w.len,
		.cut = q->hello.shape ? q->hello.shape->cut : 0,
		.connect_by_us = e->options->connect_us, .answer_in_us = e->options->answer_us,
	};
	exchange_start(&q->exchange, &e->address);
}

/* No TLS: to another port of the same address. */
static void start_clear(struct endpoint *e, struct question *q)
{
	struct net_addr to = e->address;

	to.port = q->plan->clear_port;
	q->exchange = (struct exchange){
		.net = e->net, .answer = &q->answer, .done = exchanged, .owner = q, .clear = q->plan,
		.bytes = q->plan->say.p, .bytes_n = q->plan->say.n,
		.connect_by_us = e->options->connect_us, .answer_in_us = e->options->answer_us,
	};
	exchange_start(&q->exchange, &to);
}

static void start_talk(struct endpoint *e, struct question *q)
{
	const struct plan *p = q->plan;

	q->talk = (struct talk){
		.net = e->net, .done = talked, .owner = q, .say = p->say, .listen_max = p->listen_max, .heard = p->heard,
		.again = p->again, .again_n = p->again_n, .starttls = e->starttls,
		.connect_by_us = e->options->connect_us, .answer_in_us = e->options->answer_us,
		.config = { .hello = &q->hello, .entropy = &q->entropy, .arena = &e->record->arena, .resume = p->resume,
			.early = p->early, .deviation = p->deviation, .client_chain = e->options->client_chain,
			.client_chain_n = p->nameless ? 0 : e->options->client_chain_n,
			.client_key = e->options->client_key,
			.psk = e->options->psk, .psk_identity = e->options->psk_identity },
	};
	talk_start(&q->talk, &e->address);
}

static void connect_for(struct endpoint *e, struct question *q)
{
	draw_entropy(e, q, &q->entropy);
	q->phase = QUESTION_OPEN;
	answer_init(&q->answer, &q->hello, q->until);
	e->open++;
	if (!e->connections++)
		e->started_us = net_now_us(e->net); /* what it waited for its turn is not the server's time */
	q->dials++;
	if (question_is_talk(q))
		start_talk(e, q);
	else if (question_is_clear(q))
		start_clear(e, q);
	else
		start_exchange(e, q);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* May one more connection be opened now? If not, a running one ends first, or wake() tells when to look again. */
static bool has_room(struct endpoint *e, uint64_t now)
{
	return e->open < health_width(&e->health, e->options->max_per_host) && seat_take(&e->seat, now);
}

/* Its own deadline, or the run's. */
static uint64_t ends_at(const struct endpoint *e)
{
	uint64_t own = e->started_us + e->options->deadline_us, all = e->options->end_by_us;

	return all ? earlier(own, all) : own;
}

static enum reason refusal(struct endpoint *e, uint64_t now)
{
	if (e->health.stop)
		return e->health.stop;
	if (now >= ends_at(e))
		return REASON_LIMIT_DEADLINE;
	if (e->options->budget && e->connections >= e->options->budget)
		return REASON_LIMIT_BUDGET;
	return REASON_NONE;
}

/* ---- the resolver ------------------------------------------------------------------------------------------------------ */

/* Canonical order (RFC 4034 section 6.3), so that the resolver's own means nothing. */
static int compare_records(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t n = x->n < y->n ? x->n : y->n;
	int order = n ? memcmp(x->p, y->p, n) : 0;

	return order ? order : (x->n > y->n) - (x->n < y->n);
}

static const struct dns_reply *keep_reply(struct arena *a, const struct dns_reply *reply)
{
	struct dns_reply *kept = arena_copy(a, reply, sizeof *reply);
	struct span *records = arena_new(a, reply->n, sizeof *records);

	for (size_t i = 0; i < reply->n; i++)
		records[i] = reply->records[i].n > DNS_RDATA_MAX ? (struct span){ NULL, 0 } : arena_span(a, reply->records[i]);
	if (reply->n)
		qsort(records, reply->n, sizeof *records, compare_records);
	kept->records = records;
	return kept;
}

static void replied(void *owner, const struct dns_reply *reply)
{
	struct question *q = owner;
	struct endpoint *e = q->endpoint;

	q->query = NULL;
	answer_fail(&q->answer, reply->failed ? ANS_REFUSED : ANS_CLEAR, reply->failed ? REASON_DNS_FAILED : REASON_NONE);
	if (!reply->failed)
		q->answer.dns = keep_reply(&e->record->arena, reply);
	answered(e, q);
	turn(e);
}

/* It costs the host nothing, so none of its limits holds; but all of them together have a time of their own. */
static void ask_resolver(struct endpoint *e, struct question *q)
{
	uint64_t now = net_now_us(e->net);

	if (now >= ends_at(e)) {
		not_asked(e, q, REASON_LIMIT_DEADLINE);
		return;
	}
	if (!e->dns_by_us)
		e->dns_by_us = now + e->options->dns_us;
	q->phase = QUESTION_OPEN;
	answer_init(&q->answer, &q->hello, q->until);
	q->query = e->net->ops->query(e->net, q->plan->dns_name, q->plan->dns_type, replied, q);
}

static void ask_resolver_all(struct endpoint *e)
{
	for (size_t i = 0; i < e->questions.n; i++)
		if (e->questions.v[i]->phase == QUESTION_QUEUED && question_is_dns(e->questions.v[i]))
			ask_resolver(e, e->questions.v[i]);
}

static void drop_query(struct endpoint *e, struct question *q)
{
	e->net->ops->query_drop(q->query);
	q->query = NULL;
}

/* Opens a connection for a queued question, if it may; false when there is no room for more. */
static bool dispatch_one(struct endpoint *e, struct question *q, uint64_t now, uint64_t *again)
{
	enum reason why = refusal(e, now);

	if (why) {
		if (is_asked(q))
			not_asked(e, q, why);
		return true;
	}
	if (q->not_before_us > now) {
		*again = earlier(*again, q->not_before_us);
		return true;
	}
	if (!has_room(e, now))
		return false;
	connect_for(e, q);
	return true;
}

/* In which turn a question comes: what probes wait for; then, of what was foreseen, whole handshakes, for they take longest. */
enum turn { TURN_ASKED, TURN_TALKS_AHEAD, TURN_AHEAD, TURNS, TURN_NEVER = TURNS };

static enum turn turn_of(const struct endpoint *e, const struct question *q)
{
	if (is_asked(q))
		return TURN_ASKED;
	if (!q->look || q->look != e->look || e->health.narrow)
		return TURN_NEVER;
	return question_is_talk(q) ? TURN_TALKS_AHEAD : TURN_AHEAD;
}

/* Opens connections for queued questions, turn by turn up to the last; returns when to try again. */
static uint64_t dispatch(struct endpoint *e, enum turn last)
{
	uint64_t now = net_now_us(e->net), again = UINT64_MAX;
	bool room = true;

	ask_resolver_all(e);
	for (unsigned turn_at = 0; room && turn_at <= last; turn_at++)
		for (size_t i = 0; room && i < e->questions.n; i++) {
			struct question *q = e->questions.v[i];

			if (q->phase == QUESTION_QUEUED && turn_of(e, q) == turn_at)
				room = dispatch_one(e, q, now, &again);
		}
	return again;
}

static void abort_question(struct endpoint *e, struct question *q)
{
	if (question_is_dns(q)) {
		drop_query(e, q);
		return;
	}
	connection_over(e);
	if (!question_is_talk(q)) {
		exchange_abort(&q->exchange);
		exchange_free(&q->exchange);
		return;
	}
	talk_abort(&q->talk);
	talk_free(&q->talk);
}

static uint64_t deadline_of(const struct question *q)
{
	if (question_is_dns(q))
		return q->endpoint->dns_by_us;
	return question_is_talk(q) ? q->talk.deadline_us : q->exchange.deadline_us;
}

static void expire_query(struct question *q)
{
	drop_query(q->endpoint, q);
	answer_fail(&q->answer, ANS_TIMEOUT, REASON_DNS_TIMEOUT);
	answered(q->endpoint, q);
}

static void expire(struct question *q)
{
	if (question_is_dns(q))
		expire_query(q);
	else if (question_is_talk(q))
		talk_expire(&q->talk);
	else
		exchange_expire(&q->exchange);
}

static void drop_open(struct endpoint *e, enum reason why)
{
	for (size_t i = 0; i < e->questions.n; i++) {
		struct question *q = e->questions.v[i];

		/* What the host does is nothing to the resolver. */
		if (q->phase != QUESTION_OPEN || (question_is_dns(q) && why != REASON_LIMIT_DEADLINE))
			continue;
		abort_question(e, q);
		answer_free(&q->answer);
		not_asked(e, q, why);
	}
}

/* ---- asking ahead ------------------------------------------------------------------------------------------------------ */

/* Everything that was answered, whoever asked. */
static struct facts all_seen(struct endpoint *e, struct arena *scratch)
{
	struct facts f = e->facts;

	f.arena = scratch;
	f.choices = NULL;
	f.count = 0;
	for (size_t i = 0; i < e->questions.n; i++) {
		const struct choice *c = question_choice(e->questions.v[i], &e->facts);

		if (c)
			*facts_choice(&f) = *c;
	}
	return f;
}

static void foreseen(void *owner, const struct ask *what, const struct choice *expected)
{
	struct endpoint *e = owner;
	struct question *q;
	bool fresh;

	if (!question_can_be_kept(what))
		return;
	q = question_for(&e->questions, what, &fresh);
	if (fresh) {
		q->endpoint = e;
		q->asker = ASKED_BY_NONE;
	}
	q->look = e->look;
	if (!expected)
		return;
	if (!q->expected)
		q->expected = arena_new(&e->record->arena, 1, sizeof *q->expected);
	*q->expected = *expected;
	q->expected->hello = &q->hello;
}

/*
 * One answer alone says little of the others: at first half of what was asked has to be answered, later a fourth of what is
 * open. And where no connection is free, looking helps nobody.
 */
static bool is_too_soon(const struct endpoint *e)
{
	enum { FIRST = 1, LATER = 4 };

	return e->open >= e->options->max_per_host || e->answers * (e->look ? LATER : FIRST) < e->open;
}

static void look_ahead(struct endpoint *e)
{
	struct arena scratch = { 0 };
	struct facts seen;

	if (!e->guess || !e->look_due || !e->health.spoke || e->health.narrow || e->health.stop || lanes_ended(&e->lanes, PROBE_POLITE) ||
		is_too_soon(e))
		return;
	e->look_due = false;
	e->answers = 0;
	e->look++;
	seen = all_seen(e, &scratch);
	guess_fit(e->guess, &seen);
	ahead_look(&(struct ahead){ .options = e->options, .facts = &e->facts, .asked = &e->questions, .guess = e->guess,
		.foreseen = foreseen, .owner = e });
	arena_free(&scratch);
}

/* No probe will ask it any more. */
static void drop_ahead(struct endpoint *e)
{
	for (size_t i = 0; e->guess && i < e->questions.n; i++)
		if (e->questions.v[i]->phase == QUESTION_OPEN && !is_asked(e->questions.v[i])) {
			abort_question(e, e->questions.v[i]);
			forgo(e->questions.v[i]);
		}
}

/* ---- the loop of one endpoint ------------------------------------------------------------------------------------------ */

/* A question belongs to the first probe, in the order of probes.def, of all that asked it: not to the quickest. */
static void credit_askers(struct endpoint *e)
{
	for (size_t i = 0; i < e->questions.n; i++) {
		const struct question *q = e->questions.v[i];
		struct lane *lane;

		if (!is_asked(q))
			continue;
		lane = &e->lanes.v[q->asker];
		lane->result.connections += q->dials;
		if (q->choice) {
			e->facts.choices[q->choice - 1].probe = lane->run.probe->id;
			e->facts.choices[q->choice - 1].asker = q->asker;
		}
	}
}

/* What runs only on request and was not requested is told as skipped: that it was left out is a fact, too. */
static void list_unasked(struct endpoint *e)
{
	struct record *r = e->record;

	for (size_t i = 0; !e->options->select && probes[i]; i++)
		if (probes[i]->on_request && !lane_find(&e->lanes, probes[i]->id))
			r->probes[r->probes_count++] = (struct probe_result){
				.id = probes[i]->id, .state = PROBE_SKIPPED, .reason = reason_name(REASON_NOT_REQUESTED),
			};
}

static void finish(struct endpoint *e)
{
	struct record *r = e->record;

	e->over = true;
	e->net->ops->timer_free(e->timer);
	seat_leave(&e->seat, net_now_us(e->net));
	r->connections = e->connections;
	r->bytes_sent = e->bytes_sent;
	r->duration_ms = (net_now_us(e->net) - e->started_us) / 1000;
	credit_askers(e);
	r->probes = arena_new(&r->arena, e->lanes.n + probes_count(), sizeof *r->probes);
	for (unsigned i = 0; i < e->lanes.n; i++)
		r->probes[r->probes_count++] = e->lanes.v[i].result;
	list_unasked(e);
	conclude(r, &e->facts, &e->health, e->options, e->inquiry);
	inquiry_free(e->inquiry);
	questions_free(&e->questions);
	e->done(e->owner, r);
	free(e);
}

/* ---- what the certificates name ---------------------------------------------------------------------------------------- */

static void inquired(void *owner)
{
	struct endpoint *e = owner;

	e->inquired = true;
	turn(e);
}

/* The probes have ended; true when nothing more is to be waited for. */
static bool inquire(struct endpoint *e)
{
	if (!e->limits->fetcher || e->inquired)
		return true;
	if (!e->inquiry) {
		e->turning = true;
		e->inquiry = inquiry_new(&(struct inquiry_input){ .fetcher = e->limits->fetcher, .facts = &e->facts,
			.stores = e->options->stores, .at = e->options->now, .over = inquired, .owner = e });
		e->turning = false;
	}
	if (!e->inquired && net_now_us(e->net) >= ends_at(e)) {
		inquiry_stop(e->inquiry);
		e->inquired = true;
	}
	return e->inquired;
}

static uint64_t next_deadline(const struct endpoint *e)
{
	uint64_t at = ends_at(e);

	for (size_t i = 0; i < e->questions.n; i++)
		if (e->questions.v[i]->phase == QUESTION_OPEN)
			at = earlier(at, deadline_of(e->questions.v[i]));
	return at;
}

static void set_timer(struct endpoint *e, uint64_t again_us)
{
	e->again_us = again_us;
	e->net->ops->timer_set(e->timer, earlier(earlier(again_us, e->wake_us), next_deadline(e)));
}

static uint64_t dispatch_all(struct endpoint *e)
{
	uint64_t asked, ahead;

	e->wake_us = UINT64_MAX;
	seat_look(&e->seat);
	asked = dispatch(e, TURN_ASKED);
	look_ahead(e);
	ahead = e->guess ? dispatch(e, TURN_AHEAD) : UINT64_MAX;
	seat_looked(&e->seat, net_now_us(e->net));
	return earlier(asked, ahead);
}

/* Everything that can happen without waiting, happens here; then the timer is set for what cannot. */
static void turn(struct endpoint *e)
{
	uint64_t again = UINT64_MAX;

	if (e->turning || e->over)
		return;
	e->turning = true;
	do {
		lanes_run(&e->lanes);
		if (e->health.stop)
			drop_open(e, e->health.stop);
		again = dispatch_all(e);
	} while (lanes_due(&e->lanes));
	e->turning = false;
	if (lanes_ended(&e->lanes, PROBE_INTRUSIVE))
		drop_ahead(e);
	if (lanes_ended(&e->lanes, PROBE_INTRUSIVE) && !e->open && inquire(e))
		finish(e);
	else
		set_timer(e, again);
}

/* A quota has room, or will have. */
static void wake(void *owner, uint64_t at_us)
{
	struct endpoint *e = owner;

	if (at_us >= e->wake_us)
		return;
	e->wake_us = at_us;
	if (!e->turning)
		set_timer(e, e->again_us);
}

static void fired(void *owner)
{
	struct endpoint *e = owner;
	uint64_t now = net_now_us(e->net);

	e->turning = true; /* several may end: one turn for all */
	if (now >= ends_at(e))
		drop_open(e, REASON_LIMIT_DEADLINE);
	for (size_t i = 0; i < e->questions.n; i++)
		if (e->questions.v[i]->phase == QUESTION_OPEN && deadline_of(e->questions.v[i]) <= now)
			expire(e->questions.v[i]);
	e->turning = false;
	turn(e);
}

struct record *record_for(const struct scan_options *o, const struct target *t)
{
	struct record *r = record_new();
	struct arena *a = &r->arena;

	r->version = o->version;
	r->started = o->now;
	r->seed = text_hex(a, o->seed, sizeof o->seed);
	r->input = arena_text(a, t->input);
	r->host = arena_text(a, t->host);
	r->sni = t->sni ? arena_text(a, t->sni) : NULL;
	r->starttls = t->starttls ? arena_text(a, t->starttls) : NULL;
	r->port = t->port;
	r->source_file = t->file ? arena_text(a, t->file) : NULL;
	r->source_line = t->line;
	r->ref = t->ref ? arena_text(a, t->ref) : NULL;
	r->ref_is_number = t->ref_is_number;
	return r;
}

/* Ports where something else than HTTP speaks TLS from the first byte; all others may well be HTTP. */
static bool expects_http(uint16_t port)
{
	static const uint16_t others[] = { 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2083, 3269, 4460, 5061, 5223,
		5269, 5671, 6514, 6697, 8883 };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i] == port)
			return false;
	return true;
}

/* Asked for other protocols, the server expects one of those to be spoken. */
static bool names_http(const char *const *alpn)
{
	for (; *alpn; alpn++)
		if (!strncmp(*alpn, "http/1", 6))
			return true;
	return false;
}

/* A port in clear is asked beside 443, or where an option names it. */
static struct http_facts http_facts(struct record *r, const struct scan_options *o)
{
	enum { HTTP = 80, HTTPS = 443 };
	const char *host = r->sni ? r->sni : r->host, *open, *close;
	struct net_addr literal = { 0 };
	struct http_facts f = { .host = host,
		.expected = !r->starttls && expects_http(r->port) && (!o->alpn || names_http(o->alpn)) };

	f.is_address = net_addr_parse(host, &literal);
	open = f.is_address && literal.family == NET_IPV6 ? "[" : "";
	close = *open ? "]" : "";
	f.authority = arena_printf(&r->arena, "%s%.*s%s", open, (int)strcspn(host, "%"), host, close); /* no zone: RFC 6874 */
	f.tls_authority = r->port == HTTPS ? f.authority : arena_printf(&r->arena, "%s:%u", f.authority, (unsigned)r->port);
	f.clear_port = !f.expected ? 0 : o->http_port_given ? o->http_port : r->port == HTTPS ? HTTP : 0;
	f.clear_authority = f.clear_port == HTTP ? f.authority
						 : arena_printf(&r->arena, "%s:%u", f.authority, (unsigned)f.clear_port);
	return f;
}

/* The host's own name, whatever server name is asked for: it is where clients look. */
static struct dns_facts dns_facts(const struct record *r, const struct scan_options *o)
{
	struct dns_facts f = { .host = r->host, .port = r->port, .anchor = o->dns_anchor ? o->dns_anchor : "." };
	struct net_addr literal = { 0 };
	bool is_name = dns_is_name(r->host) && dns_parent(r->host) && !net_addr_parse(r->host, &literal);

	if (!o->dns)
		f.why_not = REASON_NOT_BUILT_IN;
	else if (!is_name || (!o->dns_any && !dns_is_public(r->host)))
		f.why_not = REASON_NO_PUBLIC_NAME;
	return f;
}

void endpoint_start(struct net *net, struct limits *limits, const struct scan_options *o, const struct target *t,
	const struct net_addr *to, endpoint_done *done, void *owner)
{
	struct endpoint *e = mem_new(1, sizeof *e);
	char ip[64];

	e->net = net;
	e->limits = limits;
	e->options = o;
	e->address = *to;
	e->done = done;
	e->owner = owner;
	e->record = record_for(o, t);
	net_addr_text(to, ip);
	e->record->ip = arena_text(&e->record->arena, ip);
	e->record->family = to->family == NET_IPV4 ? "ipv4" : "ipv6";
	e->facts = (struct facts){ .arena = &e->record->arena, .sni = e->record->sni, .psk = o->psk.n > 0, .alpn = o->alpn,
		.own = o->own,
		.http = http_facts(e->record, o), .dns = dns_facts(e->record, o) };
	e->starttls = (struct starttls){ .dialect = e->record->starttls ? dialect_find(e->record->starttls) : NULL,
		.name = e->record->sni ? e->record->sni : e->record->host };
	e->questions.arena = &e->record->arena;
	e->guess = o->ahead && !o->budget ? arena_new(&e->record->arena, 1, sizeof *e->guess) : NULL;
	e->started_us = net_now_us(net);
	e->wake_us = e->again_us = UINT64_MAX;
	e->seat = (struct seat){ .wake = wake, .owner = e };
	seat_enter(&e->seat, limits, to, (struct quota_rule){ o->rate_per_host, o->burst_per_host, o->max_per_host }, e->started_us);
	e->timer = net->ops->timer_new(net, fired, e);
	e->lanes = (struct lanes){ .arena = &e->record->arena, .ask = put, .note = take_note };
	lanes_make(&e->lanes, o, &e->facts);
	turn(e);
}
