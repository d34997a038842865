/*
 * Every registered probe against every kind of answer, two deep, without an engine: ask() and note() are this
 * file's. And the registry: what each row must have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/dns.h"
#include "probes/offer.h"
#include "probes/shake.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* More than the longest honest sweep asks, by far: a probe that reaches it does not end. */
enum { MOST_QUESTIONS = 1200, MOST_NOTES = 256 };

/* ---- the world -------------------------------------------------------------------------------- */

struct pending {
	struct pending *next;
	struct hello hello;
	struct ask ask;
	uint16_t tag;
};

struct script;

struct world {
	struct arena arena;
	struct facts facts;
	struct run run;
	struct pending *first, *last;
	unsigned questions, answered;
	struct obs notes[MOST_NOTES];
	size_t notes_n;
	const struct script *script;
	bool wants_certificate; /* of the client, who has one */
};

static struct codes keep(struct world *w, struct codes c)
{
	return (struct codes){ arena_copy(&w->arena, c.v, c.n * sizeof(*c.v)), c.n };
}

void ask(struct run *r, uint16_t tag, const struct ask *what)
{
	struct world *w = r->engine;
	struct pending *p = arena_new(&w->arena, 1, sizeof(*p));

	assert_true(!what->hello == (what->plan && (what->plan->clear_port || what->plan->dns_name)));
	if (what->hello)
		p->hello = *what->hello;
	p->hello.versions = keep(w, p->hello.versions);
	p->hello.suites = keep(w, p->hello.suites);
	p->hello.groups = keep(w, p->hello.groups);
	p->hello.schemes = keep(w, p->hello.schemes);
	p->hello.shares = keep(w, p->hello.shares);
	p->ask = *what;
	if (what->plan)
		p->ask.plan = arena_copy(&w->arena, what->plan, sizeof(*what->plan));
	p->tag = tag;
	if (w->last)
		w->last->next = p;
	else
		w->first = p;
	w->last = p;
	w->questions++;
}

struct obs *note(struct run *r, const struct obs *o)
{
	struct world *w = r->engine;

	assert_true(w->notes_n < MOST_NOTES);
	w->notes[w->notes_n] = *o;
	return &w->notes[w->notes_n++];
}

static bool picks(const struct answer *a)
{
	return a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY;
}

/* What the engine keeps of an answer. */
static void digest(struct world *w, const struct answer *a)
{
	struct choice *c = facts_choice(&w->facts);

	c->hello = a->hello;
	c->kind = a->kind;
	c->reason = a->reason;
	c->alert = a->alert;
	if (a->kind == ANS_SSL2_HELLO) {
		c->version = VER_SSL2;
		c->kinds = arena_copy(&w->arena, a->kinds, a->kinds_count * sizeof(*a->kinds));
		c->kinds_count = a->kinds_count;
	}
	if (!picks(a))
		return;
	c->version = a->version;
	c->suite = a->suite;
	c->group = a->group;
	c->scheme = a->kx.scheme;
	c->compression = a->compression;
}

/* ---- a sound server --------------------------------------------------------------------------- */

static const uint32_t its_suites[] = { 0x1301, 0x1303, 0xC02F, 0xC02B, 0x009E, 0x002F, 0x000A };
static const uint32_t its_groups[] = { 0x001D, 0x0017, 0x0100 };
static const uint32_t its_schemes[] = { 0x0804, 0x0401, 0x0403, 0x0201, 0x0203 };

static uint16_t common(struct codes offered, const uint32_t *mine, size_t n)
{
	for (size_t i = 0; i < offered.n; i++)
		for (size_t k = 0; k < n; k++)
			if (offered.v[i] == mine[k])
				return (uint16_t)mine[k];
	return 0;
}

static void refuse(struct answer *a, uint8_t alert)
{
	a->kind = ANS_ALERT;
	a->reason = REASON_ALERT;
	a->alert_level = 2;
	a->alert = alert;
}

static void sound(struct answer *a)
{
	const struct hello *h = a->hello;
	const struct suite *s;

	a->suite = common(h->suites, its_suites, COUNT(its_suites));
	s = suite_find(a->suite);
	if (!a->suite || h->version < VER_SSL3 || (h->versions.n && !codes_has(h->versions, h->version)) ||
	        suite_is_tls13(s) != (h->version == VER_TLS13)) {
		refuse(a, ALERT_HANDSHAKE_FAILURE);
		return;
	}
	a->kind = h->version == VER_TLS13 && !h->shares.n ? ANS_RETRY : ANS_SERVER_HELLO;
	a->version = h->version;
	if (s->kx == KX_ECDHE || s->kx == KX_ANY)
		a->group = a->kx.group = common(h->groups, its_groups, COUNT(its_groups));
	if (s->kx == KX_ECDHE || s->kx == KX_DHE)
		a->kx.scheme = common(h->schemes, its_schemes, COUNT(its_schemes));
	if (h->groups.n && (s->kx == KX_ECDHE || s->kx == KX_ANY) && !a->group)
		refuse(a, ALERT_HANDSHAKE_FAILURE);
	a->alpn_name = h->alpn && h->alpn[0] ? h->alpn[0] : NULL;
}

/* ---- kinds of answers ------------------------------------------------------------------------- */

static void pick_first(struct answer *a)
{
	const struct hello *h = a->hello;

	a->version = h->version;
	a->suite = h->suites.n ? (uint16_t)h->suites.v[0] : 0x002F;
	a->group = h->groups.n ? (uint16_t)h->groups.v[0] : 0;
	a->kx.scheme = h->schemes.n ? (uint16_t)h->schemes.v[0] : 0;
	a->alpn_name = h->alpn && h->alpn[0] ? h->alpn[0] : NULL;
}

static void pick_last(struct answer *a)
{
	const struct hello *h = a->hello;

	pick_first(a);
	a->suite = h->suites.n ? (uint16_t)h->suites.v[h->suites.n - 1] : 0x002F;
	a->group = h->groups.n ? (uint16_t)h->groups.v[h->groups.n - 1] : 0;
	a->kx.scheme = h->schemes.n ? (uint16_t)h->schemes.v[h->schemes.n - 1] : 0;
}

static void pick_same(struct answer *a)
{
	pick_first(a);
	a->suite = 0xC02F;
	a->group = 0x0017;
	a->kx.scheme = 0x0401;
	a->alpn_name = "h2";
}

static void pick_lower(struct answer *a)
{
	pick_first(a);
	a->version = a->version > VER_SSL3 ? (uint16_t)(a->version - 1) : VER_SSL3;
}

static void pick_draft(struct answer *a)
{
	pick_first(a);
	a->version = a->hello->versions.n ? (uint16_t)a->hello->versions.v[0] : 0x7F1C;
}

static void pick_nothing_else(struct answer *a)
{
	pick_first(a);
	a->group = a->kx.scheme = 0;
	a->alpn_name = NULL;
}

static void pick_deflate(struct answer *a)
{
	pick_first(a);
	a->compression = 1;
}

static void list_kinds(struct answer *a)
{
	a->version = VER_SSL2;
	a->kinds[0] = 0x010080;
	a->kinds_count = 1;
}

static void alert_40(struct answer *a)
{
	refuse(a, ALERT_HANDSHAKE_FAILURE);
}

static void alert_70(struct answer *a)
{
	refuse(a, ALERT_PROTOCOL_VERSION);
}

static void alert_86(struct answer *a)
{
	refuse(a, ALERT_INAPPROPRIATE_FALLBACK);
}

static void alert_112(struct answer *a)
{
	refuse(a, ALERT_UNRECOGNIZED_NAME);
}

static void alert_115(struct answer *a)
{
	refuse(a, ALERT_UNKNOWN_PSK_IDENTITY);
}

static void alert_120(struct answer *a)
{
	refuse(a, ALERT_NO_APPLICATION_PROTOCOL);
}

static const struct kind_row {
	const char *name;
	enum answer_kind kind;
	enum reason reason;
	void (*fill)(struct answer *);
	bool mute; /* says nothing of what was asked: neither yes nor no may come of it */
} kind_rows[] = {
	{ "first", ANS_SERVER_HELLO, REASON_NONE, pick_first, false },
	{ "last", ANS_SERVER_HELLO, REASON_NONE, pick_last, false },
	{ "same", ANS_SERVER_HELLO, REASON_NONE, pick_same, false },
	{ "lower", ANS_SERVER_HELLO, REASON_NONE, pick_lower, false },
	{ "draft", ANS_SERVER_HELLO, REASON_NONE, pick_draft, false },
	{ "no group", ANS_SERVER_HELLO, REASON_NONE, pick_nothing_else, false },
	{ "deflate", ANS_SERVER_HELLO, REASON_NONE, pick_deflate, false },
	{ "hello, reset", ANS_SERVER_HELLO, REASON_RESET, pick_first, false },
	{ "hello, cut", ANS_SERVER_HELLO, REASON_TRUNCATED, pick_first, false },
	{ "hello, huge chain", ANS_SERVER_HELLO, REASON_LIMIT_CERT, pick_first, false },
	{ "hello, odd scheme", ANS_SERVER_HELLO, REASON_PROTOCOL_UNOFFERED_SCHEME, pick_same, false },
	{ "retry", ANS_RETRY, REASON_NONE, pick_first, false },
	{ "retry, last", ANS_RETRY, REASON_NONE, pick_last, false },
	{ "ssl2", ANS_SSL2_HELLO, REASON_NONE, list_kinds, false },
	{ "alert 40", ANS_ALERT, REASON_ALERT, alert_40, false },
	{ "alert 70", ANS_ALERT, REASON_ALERT, alert_70, false },
	{ "alert 86", ANS_ALERT, REASON_ALERT, alert_86, false },
	{ "alert 112", ANS_ALERT, REASON_ALERT, alert_112, false },
	{ "alert 115", ANS_ALERT, REASON_ALERT, alert_115, false },
	{ "alert 120", ANS_ALERT, REASON_ALERT, alert_120, false },
	{ "closed", ANS_CLOSED, REASON_CLOSED, NULL, false },
	{ "reset", ANS_RESET, REASON_RESET, NULL, true },
	{ "refused", ANS_REFUSED, REASON_REFUSED, NULL, true },
	{ "connect timeout", ANS_REFUSED, REASON_CONNECT_TIMEOUT, NULL, true },
	{ "no descriptor", ANS_REFUSED, REASON_LOCAL_LIMIT, NULL, true },
	{ "silence", ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, NULL, true },
	{ "drip", ANS_TIMEOUT, REASON_TIMEOUT_HANDSHAKE, NULL, true },
	{ "not tls", ANS_NOT_TLS, REASON_NOT_TLS, NULL, true },
	{ "malformed", ANS_MALFORMED, REASON_MALFORMED, NULL, true },
	{ "cut", ANS_MALFORMED, REASON_TRUNCATED, NULL, true },
	{ "odd suite", ANS_MALFORMED, REASON_PROTOCOL_UNOFFERED_SUITE, NULL, true },
	{ "odd version", ANS_MALFORMED, REASON_PROTOCOL_VERSION, NULL, false },
	{ "alerts", ANS_LIMIT, REASON_LIMIT_ALERTS, NULL, true },
	{ "budget", ANS_NOT_ASKED, REASON_LIMIT_BUDGET, NULL, true },
	{ "stopped", ANS_NOT_ASKED, REASON_STOPPED, NULL, true },
	{ "blocked", ANS_NOT_ASKED, REASON_RATE_LIMITED, NULL, true },
};

/* Answers in turn: the first, then the second for ever, or both by turns. NULL: the sound server. */
struct script {
	const struct kind_row *first, *then;
	bool by_turns, controls_live;
};

static bool is_control(const struct hello *h)
{
	return h->versions.n == 4;
}

static void take_back(struct answer *a, enum reason reason)
{
	a->kind = ANS_MALFORMED;
	a->reason = reason;
}

/* The answer reader lets no pick through that was not offered; so probes never see one. */
static void hold_to_the_offer(struct answer *a)
{
	const struct hello *h = a->hello;

	if (!picks(a))
		return;
	if (!hello_offers_version(h, a->version))
		take_back(a, REASON_PROTOCOL_VERSION);
	else if (!codes_has(h->suites, a->suite))
		take_back(a, REASON_PROTOCOL_UNOFFERED_SUITE);
	else if (a->group && h->groups.n && !codes_has(h->groups, a->group))
		take_back(a, REASON_PROTOCOL_UNOFFERED_GROUP);
}

static void fill(struct answer *a, const struct kind_row *row)
{
	if (!row) {
		sound(a);
		return;
	}
	a->kind = row->kind;
	a->reason = row->reason;
	if (row->fill)
		row->fill(a);
	hold_to_the_offer(a);
}

static const struct kind_row *row_for(const struct world *w, const struct hello *h)
{
	const struct script *s = w->script;
	unsigned n = w->answered;

	if (!s)
		return NULL;
	if (s->controls_live && is_control(h))
		return &kind_rows[0];
	return s->by_turns ? (n % 2 ? s->then : s->first) : n ? s->then : s->first;
}

#define PAGE(s)                                                                                              \
	{                                                                                                    \
		(const uint8_t *)(s), sizeof(s) - 1                                                          \
	}

static const struct span page = PAGE("HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: a=b\r\n"
                                     "Strict-Transport-Security: max-age=1\r\nAlt-Svc: h3=\":443\"\r\n\r\n");
static const struct span redirect = PAGE("HTTP/1.1 301 Moved\r\nLocation: https://server.test/\r\n\r\n");

/* A session that can be taken up again; the scripted server takes up two of three. */
static void fill_session(struct world *w, const struct plan *plan, struct hs_result *hs)
{
	static const uint8_t bytes[40] = { 1, 2, 3 };

	hs->resumed = plan->resume && (!w->script || w->answered % 3);
	hs->early_accepted = plan->resume && w->answered % 2;
	hs->tickets = 1;
	hs->session = (struct session){ .version = hs->version, .suite = hs->suite, .id = { bytes, 32 },
		.ticket = { bytes, sizeof(bytes) }, .secret_n = 32, .ems = true, .lifetime_s = 7200, .early_data_max = 16384 };
}

/* A handshake that went through as far as the hello says. */
static void fill_handshake(struct world *w, const struct plan *plan, struct answer *a)
{
	struct hs_result *hs = arena_new(&w->arena, 1, sizeof(*hs));

	hs->reason = a->reason;
	if (picks(a) && !a->reason)
		a->heard = page;
	if (picks(a)) {
		hs->version = a->version;
		hs->suite = a->suite;
		hs->scheme = a->hello->schemes.n ? (uint16_t)a->hello->schemes.v[0] : 0;
		hs->complete = hs->finished_right = !a->reason;
		hs->request.asked = w->wants_certificate;
		hs->client_sent = w->wants_certificate && !plan->nameless;
		hs->signature_checked = hs->signature_right = w->wants_certificate;
		fill_session(w, plan, hs);
	}
	a->hs = hs;
}

static const struct dns_reply no_records = { .state = DNS_SECURE };

static enum next answer_next(struct world *w)
{
	struct pending *p = w->first;
	struct answer a;
	enum next next;

	w->first = p->next;
	if (!w->first)
		w->last = NULL;
	answer_init(&a, &p->hello, p->ask.until);
	a.tag = p->tag;
	a.sample = p->ask.sample;
	if (!p->ask.hello && !row_for(w, &p->hello)) {
		a.kind = ANS_CLEAR;
		a.heard = redirect;
		a.dns = p->ask.plan->dns_name ? &no_records : NULL;
	} else {
		fill(&a, row_for(w, &p->hello));
	}
	if (p->ask.plan && p->ask.hello)
		fill_handshake(w, p->ask.plan, &a);
	w->answered++;
	if (a.kind == ANS_NOT_ASKED)
		w->run.trouble = a.reason;
	else
		digest(w, &a);
	next = w->run.probe->step(&w->run, &a);
	answer_free(&a);
	return next;
}

/* False: it asks and asks. */
static bool run_probe(struct world *w, const struct probe *p, const struct script *script)
{
	enum next next;

	w->script = script;
	w->questions = w->answered = 0;
	w->notes_n = 0;
	w->first = w->last = NULL;
	w->run = (struct run){ .probe = p, .facts = &w->facts, .arena = &w->arena, .engine = w };
	w->run.state = arena_new(&w->arena, 1, p->state_size ? p->state_size : 1);
	next = p->step(&w->run, NULL);
	while (next == NEXT_WAIT && w->first && w->questions < MOST_QUESTIONS)
		next = answer_next(w);
	return next == NEXT_DONE;
}

static void world_init(struct world *w)
{
	*w = (struct world){ 0 };
	w->facts = (struct facts){ .arena = &w->arena,
		.sni = "server.test",
		.dns = { .host = "server.test", .port = 443 },
		.http = { .expected = true,
		        .clear_port = 80,
		        .host = "server.test",
		        .authority = "server.test",
		        .tls_authority = "server.test",
		        .clear_authority = "server.test" } };
}

/* What the probe builds on, found at a sound server. */
static void run_what_is_before(struct world *w, const struct probe *p)
{
	for (const char *const *id = p->after; id && *id; id++) {
		run_what_is_before(w, probe_find(*id));
		assert_true(run_probe(w, probe_find(*id), NULL));
	}
}

/* ---- the loop --------------------------------------------------------------------------------- */

static bool denies(const struct world *w)
{
	for (size_t i = 0; i < w->notes_n; i++)
		if (w->notes[i].tri == TRI_NO || w->notes[i].tri == TRI_YES)
			return true;
	return false;
}

static bool leaves_open(const struct world *w)
{
	for (size_t i = 0; i < w->notes_n; i++)
		if ((w->notes[i].tri == TRI_UNKNOWN || obs_kinds[w->notes[i].key].type == OBS_TEXT) &&
		        w->notes[i].reason)
			return true;
	return w->run.trouble != REASON_NONE;
}

static void try_script(const struct world *before, const struct probe *p, const struct script *s)
{
	struct world w;

	world_init(&w);
	for (size_t i = 0; i < before->facts.count; i++)
		*facts_choice(&w.facts) = before->facts.choices[i];
	if (!run_probe(&w, p, s))
		fail_msg("%s: %s, then %s%s: does not end", p->id, s->first->name, s->then->name,
		        s->by_turns ? ", by turns" : "");
	if (s->first->mute && s->then->mute && !s->controls_live && w.questions) {
		if (denies(&w))
			fail_msg("%s: %s, then %s: was made an answer", p->id, s->first->name, s->then->name);
		if (!leaves_open(&w))
			fail_msg("%s: %s, then %s: is not said to be open", p->id, s->first->name,
			        s->then->name);
	}
	arena_free(&w.arena);
}

static bool is_pick(const struct kind_row *row)
{
	return row->kind == ANS_SERVER_HELLO || row->kind == ANS_RETRY;
}

static bool is_first_of_kind(const struct kind_row *row)
{
	for (const struct kind_row *r = kind_rows; r < row; r++)
		if (r->kind == row->kind)
			return false;
	return true;
}

/* A server that goes on picking is asked for hundreds of suites: few such rows meet one of each kind, not
 * all. */
static bool is_worth_it(const struct kind_row *a, const struct kind_row *b)
{
	return !is_pick(b) || a == b || (is_first_of_kind(a) && b < kind_rows + 2);
}

static void try_pair(
        const struct world *before, const struct probe *p, const struct kind_row *a, const struct kind_row *b)
{
	if (is_worth_it(a, b))
		try_script(before, p, &(struct script){ a, b, false, false });
	if (a != b && is_worth_it(a, b) && is_worth_it(b, a))
		try_script(before, p, &(struct script){ a, b, true, false });
}

static void every_probe_ends_with_every_answer_two_deep(void **state)
{
	(void)state;
	for (size_t p = 0; probes[p]; p++) {
		struct world before;

		world_init(&before);
		run_what_is_before(&before, probes[p]);
		for (size_t i = 0; i < COUNT(kind_rows); i++)
			for (size_t k = 0; k < COUNT(kind_rows); k++)
				try_pair(&before, probes[p], &kind_rows[i], &kind_rows[k]);
		arena_free(&before.arena);
	}
}

static bool noted(const struct world *w, enum obs_key key)
{
	for (size_t i = 0; i < w->notes_n; i++)
		if (w->notes[i].key == key)
			return true;
	return false;
}

/* Asked with a certificate and without: whatever comes back, both handshakes end, and what was wanted is told. */
static void handshakes_end_where_a_certificate_is_wanted_and_given(void **state)
{
	static const char *const ids[] = { "handshake.tls13", "handshake.clear" };

	(void)state;
	for (size_t p = 0; p < COUNT(ids); p++)
		for (size_t i = 0; i < COUNT(kind_rows); i++) {
			struct script s = { &kind_rows[0], &kind_rows[i], false, true };
			struct world w;

			world_init(&w);
			run_what_is_before(&w, probe_find(ids[p]));
			w.wants_certificate = true;
			assert_true(run_probe(&w, probe_find(ids[p]), &s));
			assert_true(noted(&w, OBS_KEY_CLIENT_ACCEPTED));
			assert_true(noted(&w, OBS_KEY_CLIENT_CERTIFICATE) || w.run.trouble);
			arena_free(&w.arena);
		}
}

static void every_probe_ends_at_a_sound_server(void **state)
{
	enum { MOST = 100, MOST_INTRUSIVE = 2000 };

	(void)state;
	for (size_t p = 0; probes[p]; p++) {
		unsigned most = probes[p]->manners == PROBE_INTRUSIVE ? MOST_INTRUSIVE : MOST;
		struct world w;

		world_init(&w);
		run_what_is_before(&w, probes[p]);
		if (!run_probe(&w, probes[p], NULL))
			fail_msg("%s does not end", probes[p]->id);
		if (w.questions > most && !probes[p]->on_request)
			fail_msg("%s asks %u questions", probes[p]->id, (unsigned)w.questions);
		arena_free(&w.arena);
	}
}

/* With what it builds on not found, a probe is not started, or comes through all the same. */
static void every_probe_bears_empty_facts(void **state)
{
	(void)state;
	for (size_t p = 0; probes[p]; p++) {
		struct world w;

		world_init(&w);
		if (!probes[p]->when || probes[p]->when(&w.facts))
			if (!run_probe(&w, probes[p], NULL))
				fail_msg("%s does not end", probes[p]->id);
		arena_free(&w.arena);
	}
}

static const struct kind_row *row_named(const char *name)
{
	for (size_t i = 0; i < COUNT(kind_rows); i++)
		if (!strcmp(kind_rows[i].name, name))
			return &kind_rows[i];
	fail_msg("no kind %s", name);
	return NULL;
}

static enum tri offered(const struct world *w)
{
	for (size_t i = 0; i < w->notes_n; i++)
		if (w->notes[i].key == OBS_KEY_PROTOCOL_OFFERED)
			return w->notes[i].tri;
	return TRI_ABSENT;
}

static const struct {
	const char *first, *then;
	bool controls_live;
	enum tri tls11;
} verdicts[] = {
	{ "alert 70", "alert 70", false, TRI_NO },
	{ "alert 40", "reset", false, TRI_UNKNOWN },
	{ "alert 40", "reset", true, TRI_NO },
	{ "closed", "closed", false, TRI_NO },
	{ "lower", "lower", false, TRI_NO },
	{ "silence", "silence", false, TRI_UNKNOWN },
	{ "silence", "silence", true, TRI_NO },
	{ "reset", "reset", false, TRI_UNKNOWN },
	{ "reset", "reset", true, TRI_NO },
	{ "malformed", "malformed", true, TRI_UNKNOWN },
	{ "refused", "refused", true, TRI_UNKNOWN },
	{ "alert 40", "first", false, TRI_YES },
	{ "alert 70", "first", false, TRI_NO },
	{ "first", "reset", false, TRI_YES },
};

static void silence_is_a_no_only_between_controls_that_live(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		struct script s = { row_named(verdicts[i].first), row_named(verdicts[i].then), false,
			verdicts[i].controls_live };
		struct world w;

		world_init(&w);
		assert_true(run_probe(&w, probe_find("suites.tls11"), &s));
		if (offered(&w) != verdicts[i].tls11)
			fail_msg("%s, then %s, controls %s: %s", verdicts[i].first, verdicts[i].then,
			        verdicts[i].controls_live ? "live" : "alike", tri_name(offered(&w)));
		arena_free(&w.arena);
	}
}

static bool asked_twice(const struct pending *list, const struct pending *p)
{
	for (; list && list != p; list = list->next)
		if (is_control(&list->hello) && list->ask.sample == p->ask.sample)
			return true;
	return false;
}

/* A control tells of its moment: two of them must never be one connection. */
static void no_two_controls_are_the_same_question(void **state)
{
	uint16_t seen[64];
	size_t n = 0;

	(void)state;
	for (size_t p = 0; probes[p]; p++) {
		struct script s = { row_named("silence"), row_named("silence"), false, true };
		struct world w;

		world_init(&w);
		w.script = &s;
		if (strncmp(probes[p]->id, "suites.tls", 10))
			continue;
		w.run = (struct run){
			.probe = probes[p], .facts = &w.facts, .arena = &w.arena, .engine = &w
		};
		w.run.state = arena_new(&w.arena, 1, probes[p]->state_size);
		assert_int_equal(probes[p]->step(&w.run, NULL), NEXT_WAIT);
		for (int i = 0; i < 4 && w.first; i++) {
			if (is_control(&w.first->hello)) {
				assert_false(asked_twice(w.first, w.last));
				for (size_t k = 0; k < n; k++)
					assert_int_not_equal(seen[k], w.first->ask.sample);
				seen[n++] = w.first->ask.sample;
			}
			answer_next(&w);
		}
		arena_free(&w.arena);
	}
	assert_true(n >= 8);
}

/* ---- the registry ----------------------------------------------------------------------------- */

static void every_row_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; probes[i]; i++) {
		const struct probe *p = probes[i];

		assert_true(
		        p->id && *p->id && p->what && strlen(p->what) > 10 && p->ref && *p->ref && p->step);
		assert_null(strchr(p->id, ','));
		assert_null(strchr(p->id, ' '));
		assert_ptr_equal(probe_find(p->id), p);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(p->id, probes[k]->id);
	}
	assert_null(probe_find("no such probe"));
}

static void every_probe_builds_on_probes_that_stand_before_it(void **state)
{
	(void)state;
	for (size_t i = 0; probes[i]; i++)
		for (const char *const *id = probes[i]->after; id && *id; id++) {
			size_t k = 0;

			while (k < i && strcmp(probes[k]->id, *id))
				k++;
			if (k == i)
				fail_msg("%s builds on %s, which is not before it", probes[i]->id, *id);
			/* what is needed runs also when it was not asked for: it must not be one that only
			 * runs on request */
			assert_true(!probes[k]->on_request || probes[i]->on_request);
		}
}

static void a_word_means_an_id_a_front_of_it_or_a_topic(void **state)
{
	const struct probe *p = probe_find("suites.tls12");

	(void)state;
	assert_true(probe_matches(p, "suites.tls12"));
	assert_true(probe_matches(p, "suites"));
	assert_true(probe_matches(p, "ciphers"));
	assert_true(probe_matches(p, "versions"));
	assert_false(probe_matches(p, "suites.tls1"));
	assert_false(probe_matches(p, "suites."));
	assert_false(probe_matches(p, "suit"));
	assert_false(probe_matches(p, "cipher"));
	assert_false(probe_matches(p, "suites.tls12.x"));
}

static void an_empty_word_means_no_probe(void **state)
{
	(void)state;
	for (size_t i = 0; probes[i]; i++)
		assert_false(probe_matches(probes[i], ""));
}

/* ---- what is offered -------------------------------------------------------------------------- */

static void only_what_may_be_picked_is_offered(void **state)
{
	static const uint16_t all[] = { VER_SSL3, VER_TLS10, VER_TLS11, VER_TLS12, VER_TLS13 };
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct codes s = offer_suites(&arena, all[i]), g = offer_groups(&arena, all[i]);

		assert_true(s.n > 0 && g.n > 0);
		for (size_t k = 0; k < s.n; k++) {
			assert_true(suite_pickable((uint16_t)s.v[k]));
			assert_int_equal(suite_is_tls13(suite_find((uint16_t)s.v[k])), all[i] == VER_TLS13);
		}
		for (size_t k = 0; k < g.n; k++)
			assert_true(group_pickable(group_find((uint16_t)g.v[k])));
		assert_int_equal(offer_schemes(&arena, all[i]).n > 0, all[i] >= VER_TLS12);
	}
	arena_free(&arena);
}

static void every_hello_of_a_sweep_fits(void **state)
{
	static const uint16_t all[] = { VER_SSL3, VER_TLS10, VER_TLS11, VER_TLS12, VER_TLS13 };
	static uint8_t v[HELLO_MAX + 64];
	struct arena arena = { 0 };
	struct facts f = { .arena = &arena, .sni = "server.test" };

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct hello h = offer_everything(&arena, &f, all[i]);
		struct wr w = wr_of(v, sizeof(v));

		assert_true(hello_write(&w, &h, NULL));
		assert_true(w.len < 4096);
	}
	arena_free(&arena);
}

static void lists_add_remove_and_keep_their_order(void **state)
{
	struct arena arena = { 0 };
	struct list l = { 0 };
	struct codes c;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		list_add(&arena, &l, i);
	list_remove(&l, 0);
	list_remove(&l, 50);
	list_remove(&l, 1000);
	assert_int_equal(l.n, 98);
	assert_false(list_has(&l, 50));
	assert_true(list_has(&l, 99));
	c = codes_reversed(&arena, list_codes(&l));
	assert_int_equal(c.v[0], 99);
	assert_int_equal(c.v[97], 1);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_probe_ends_with_every_answer_two_deep),
		cmocka_unit_test(every_probe_ends_at_a_sound_server),
		cmocka_unit_test(handshakes_end_where_a_certificate_is_wanted_and_given),
		cmocka_unit_test(every_probe_bears_empty_facts),
		cmocka_unit_test(silence_is_a_no_only_between_controls_that_live),
		cmocka_unit_test(no_two_controls_are_the_same_question),
		cmocka_unit_test(every_row_says_what_it_is),
		cmocka_unit_test(every_probe_builds_on_probes_that_stand_before_it),
		cmocka_unit_test(a_word_means_an_id_a_front_of_it_or_a_topic),
		cmocka_unit_test(an_empty_word_means_no_probe),
		cmocka_unit_test(only_what_may_be_picked_is_offered),
		cmocka_unit_test(every_hello_of_a_sweep_fits),
		cmocka_unit_test(lists_add_remove_and_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
