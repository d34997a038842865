#include "probes/sweep_parts.h"

#include <string.h>

/* ---- the next question ------------------------------------------------------------------------------------------------ */

static unsigned open_axes(struct run *r)
{
	struct sweep_state *s = r->state;
	unsigned n = 0;

	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		n += !s->axes[i].done;
	return n;
}

/* The ranking question will put what is left a second time. */
static bool is_ranked_later(struct run *r)
{
	struct sweep_state *s = r->state;

	return sweep_declared(r)->ranks && s->form == FORM_WHOLE && s->axes[0].seen.n >= 2;
}

/*
 * The word protocol_version to a hello of a newer version covers this one: a server that has this one would have
 * answered that hello with it (RFC 5246 appendix E.1).
 */
static bool is_covered(struct run *r)
{
	for (size_t i = 0; i < r->facts->count; i++) {
		const struct choice *c = &r->facts->choices[i];

		if (c->kind == ANS_ALERT && c->alert == ALERT_PROTOCOL_VERSION &&
			c->hello->version == sweep_declared(r)->covered_by)
			return true;
	}
	return false;
}

enum next sweep_ask_on(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = sweep_base_hello(r), second;
	enum sweep_form other = sweep_declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;

	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		sweep_put_axis(&h, s->axes[i].dimension, sweep_axis_offer(r, &s->axes[i], s->stage == SWEEP_SPLIT && i == 0));
	sweep_turn_lists(r, &h);
	second = h;
	if (!sweep_seen_any(r) && s->form == FORM_WHOLE)
		sweep_word(r, &second, other);
	sweep_word(r, &h, s->form);
	if (s->form != FORM_WHOLE)
		second = h;
	if (s->form == FORM_CHUNKS && !sweep_seen_any(r))
		second.offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	verdict_begin(r, &s->verdict, &h, &second, UNTIL_FLIGHT, NULL);
	s->verdict.once = is_covered(r) || (sweep_seen_any(r) && (s->doubted || open_axes(r) == 2 || is_ranked_later(r)));
	return NEXT_WAIT;
}

/* ---- the end: what was asked for is noted; the lists themselves are computed from the choices ----------------------- */

static void note_list(struct run *r, enum dimension d, enum cert_key cert)
{
	static const enum obs_key keys[] = {
		[DIM_SUITES] = OBS_KEY_SUITES_LIST,
		[DIM_GROUPS] = OBS_KEY_GROUPS_LIST,
		[DIM_SCHEMES] = OBS_KEY_SCHEMES_LIST,
	};

	note(r, &(struct obs){ .key = keys[d], .protocol = sweep_declared(r)->version, .cert = cert,
			  .name = sweep_declared(r)->groups ? FACTS_FFDHE : NULL,
			  .reason = r->trouble ? reason_name(r->trouble) : NULL });
}

static bool served(struct run *r, enum cert_key cert)
{
	for (size_t i = 0; i < r->facts->count; i++) {
		const struct choice *c = &r->facts->choices[i];
		const struct suite *s = suite_find(c->suite);

		if (choice_picked(c, sweep_declared(r)->version) && c->cert == cert && s && sweep_declared(r)->suites(s))
			return true;
	}
	return false;
}

/* A list by certificate: one for each type of key that signed (ECDSA suites serve Ed25519 as well, RSA ones RSA-PSS). */
static void note_lists(struct run *r, enum dimension d)
{
	if (sweep_declared(r)->cert == KEY_NONE)
		note_list(r, d, KEY_NONE);
	for (enum cert_key k = KEY_NONE + 1; sweep_declared(r)->cert != KEY_NONE && k <= KEY_OTHER; k++)
		if (served(r, k))
			note_list(r, d, k);
}

static const char *refusal_text(struct run *r, const struct verdict *v)
{
	if (v->reason == REASON_ALERT)
		return arena_printf(r->arena, "alert %s", alert_text(v->alert));
	return v->reason ? reason_name(v->reason) : "another version";
}

static void note_version(struct run *r)
{
	struct sweep_state *s = r->state;
	enum tri value = sweep_seen_any(r) || s->found.n ? TRI_YES : r->trouble ? TRI_UNKNOWN : TRI_NO;
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "refusal", refusal_text(r, &s->verdict) };
	note(r, &(struct obs){ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = sweep_declared(r)->version, .tri = value,
			  .reason = value == TRI_UNKNOWN ? reason_name(r->trouble) : NULL,
			  .evidence = value == TRI_NO ? e : NULL, .evidence_count = value == TRI_NO });
}

/* It is only so when something was found without them. */
static void note_dhe(struct run *r)
{
	struct sweep_state *s = r->state;
	const struct list *seen = &s->axes[0].seen;
	const struct suite *behind;

	if (!s->dhe_breaks)
		return;
	behind = s->form == FORM_CHUNKS ? NULL : suite_find((uint16_t)seen->v[s->before_dhe]);
	note(r, &(struct obs){ .key = OBS_KEY_DHE_BREAKS, .protocol = sweep_declared(r)->version, .tri = TRI_YES,
			  .name = behind ? behind->name : NULL });
}

enum next sweep_finish(struct run *r)
{
	struct sweep_state *s = r->state;

	if (sweep_axis(r, DIM_SUITES)) {
		note_version(r);
		note_dhe(r);
	}
	if (sweep_seen_any(r) || s->found.n)
		for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
			note_lists(r, s->axes[i].dimension);
	return NEXT_DONE;
}

/* Only what this sweep may look at: what others ask meanwhile must not decide what it asks. */
static void know(struct run *r, const struct hello *only)
{
	struct sweep_state *s = r->state;

	s->known.arena = r->arena;
	s->known.sni = r->facts->sni;
	for (size_t i = 0; i < r->facts->count; i++) {
		const struct choice *c = &r->facts->choices[i];

		if (choice_picked(c, sweep_declared(r)->version) && (!only || c->hello == only))
			*facts_choice(&s->known) = *c;
	}
}

/* ---- chunks ---------------------------------------------------------------------------------------------------------- */

static enum next chunk(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = &s->axes[0];
	bool plain = s->rest.n && sweep_is_not_ecc(s->rest.v[0]);

	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	a->seen.n = a->left.n = 0;
	a->done = s->dhe_aside = false;
	for (size_t i = 0; i < s->rest.n && a->left.n < SWEEP_CHUNK; i++)
		if (sweep_is_not_ecc(s->rest.v[i]) == plain)
			list_add(r->arena, &a->left, s->rest.v[i]);
	for (size_t i = 0; i < a->left.n; i++)
		list_remove(&s->rest, a->left.v[i]);
	return sweep_ask_on(r);
}

/* Refused when put together: once more in chunks that do not mix, of the found ones alone. */
static enum next order_apart(struct run *r)
{
	struct sweep_state *s = r->state;

	s->ordered_apart = true;
	s->reranking = false;
	s->rest = list_copy(r->arena, list_codes(&s->found));
	s->found.n = 0;
	return chunk(r);
}

/* Found in several chunks: one more peel over the found ones puts them in order. */
static enum next chunks_end(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = &s->axes[0];

	if (s->reranking && !a->seen.n && !s->ordered_apart)
		return order_apart(r);
	/* Refused together, they were still granted apart. */
	for (size_t i = 0; s->reranking && i < s->found.n; i++)
		if (!list_has(&a->seen, s->found.v[i]))
			list_add(r->arena, &a->seen, s->found.v[i]);
	if (s->reranking)
		return sweep_rank(r);
	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	if (s->found.n < 2 || s->found.n > SWEEP_CHUNK || s->ordered_apart) {
		a->seen = s->found;
		return sweep_rank(r);
	}
	s->reranking = true;
	a->left = list_copy(r->arena, list_codes(&s->found));
	a->seen.n = 0;
	a->done = false;
	return sweep_ask_on(r);
}

/* protocol_version says it; so does another version for an answer. Of SSL 3.0 most say handshake_failure today. */
static bool minds_the_version(const struct verdict *v)
{
	if (v->reason != REASON_ALERT)
		return v->reason == REASON_NONE || v->reason == REASON_PROTOCOL_VERSION;
	return v->alert == ALERT_PROTOCOL_VERSION ||
	       (v->alert == ALERT_HANDSHAKE_FAILURE && v->hello.version == VER_SSL3);
}

static enum next nothing_found(struct run *r)
{
	struct sweep_state *s = r->state;
	bool chunkable = s->axes[0].dimension == DIM_SUITES && sweep_declared(r)->version <= VER_TLS12;

	if (s->form != FORM_WHOLE || !chunkable || minds_the_version(&s->verdict))
		return sweep_finish(r);
	s->form = FORM_CHUNKS;
	s->rest = s->axes[0].left;
	s->axes[0].left = (struct list){ 0 };
	return chunk(r);
}

/* ---- peeling ----------------------------------------------------------------------------------------------------------- */

static bool signs_otherwise(const struct suite *s)
{
	return s->auth == AUTH_RSA || s->auth == AUTH_DSS;
}

static bool any_of(const struct list *l, bool (*passes)(const struct suite *))
{
	for (size_t i = 0; i < l->n; i++) {
		const struct suite *s = suite_find((uint16_t)l->v[i]);

		if (s && passes(s))
			return true;
	}
	return false;
}

/* Takes such suites out of what is left. */
static void set_aside(struct run *r, struct list *aside, bool (*such)(const struct suite *))
{
	struct axis *a = sweep_axis(r, DIM_SUITES);

	for (size_t i = 0; i < a->left.n; i++)
		if (suite_find((uint16_t)a->left.v[i]) && such(suite_find((uint16_t)a->left.v[i])))
			list_add(r->arena, aside, a->left.v[i]);
	for (size_t i = 0; i < aside->n; i++)
		list_remove(&a->left, aside->v[i]);
}

/* Takes the ECDSA suites out of what is left, once; false when there is no reason to or nothing left then. */
static bool set_ecdsa_aside(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = sweep_axis(r, DIM_SUITES);

	if (!a || s->set_aside || s->form != FORM_WHOLE || !any_of(&a->left, sweep_is_ecdsa) || !any_of(&a->seen, sweep_is_ecdsa) ||
		any_of(&a->seen, signs_otherwise))
		return false;
	s->set_aside = true;
	set_aside(r, &s->aside, sweep_is_ecdsa);
	return a->left.n > 0;
}

static bool is_dhe(const struct suite *s)
{
	return s->kx == KX_DHE;
}

/* Something went wrong on its side, and what is on offer may be the cause. Before anything was found a close means little. */
static bool breaks_off(const struct verdict *v, bool found)
{
	return v->alert ? v->alert == ALERT_INTERNAL_ERROR : found && v->reason == REASON_CLOSED;
}

static bool breaks_at_dhe(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = sweep_axis(r, DIM_SUITES);

	return a && !s->dhe_aside && breaks_off(&s->verdict, sweep_seen_any(r) || s->found.n) &&
	       any_of(&a->left, is_dhe) && !any_of(&a->seen, is_dhe);
}

static void put_back(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = sweep_axis(r, DIM_SUITES);

	for (size_t i = 0; a && i < s->aside.n; i++)
		list_add(r->arena, &a->left, s->aside.v[i]);
	s->aside.n = 0;
}

static enum next peeled(struct run *r)
{
	struct sweep_state *s = r->state;

	put_back(r);
	if (s->form == FORM_CHUNKS)
		return s->rest.n ? chunk(r) : chunks_end(r);
	return sweep_rank(r);
}

/* The refusal counts when it came twice; then what is left goes on without DHE. */
static enum next set_dhe_aside(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = sweep_axis(r, DIM_SUITES);
	struct list dhe = { 0 };

	if (s->verdict.once) {
		verdict_doubt(r, &s->verdict);
		return NEXT_WAIT;
	}
	s->dhe_aside = true;
	s->before_dhe = s->found.n + a->seen.n;
	set_aside(r, &dhe, is_dhe);
	a->done = !a->left.n;
	s->stage = SWEEP_PEEL;
	return a->done ? peeled(r) : sweep_ask_on(r);
}

static uint32_t answer_pick(const struct answer *a, enum dimension d)
{
	if (d == DIM_SUITES)
		return a->suite;
	return d == DIM_SCHEMES ? a->kx.scheme : a->group;
}

static void take(struct run *r, struct axis *a, uint32_t pick)
{
	if (!list_has(&a->left, pick)) {
		a->done = true; /* nothing of what is left: the anchor, or no such value at all */
		return;
	}
	list_remove(&a->left, pick);
	list_add(r->arena, &a->seen, pick);
	a->done = a->left.n == 0;
}

/* What is left of the groups was refused alone: once more, with the curve that the certificate needs beside it. */
static bool try_anchor(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = sweep_axis(r, DIM_GROUPS);
	uint16_t curve = sweep_needed_curve(r);

	if (!a || a->done || s->anchor || !curve || list_has(&a->left, curve))
		return false;
	s->anchor = curve;
	return true;
}

static enum next picked(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;
	bool held = s->stage == SWEEP_SPLIT;

	know(r, a->hello);
	if (s->verdict.in_second && !sweep_seen_any(r) && s->form == FORM_WHOLE)
		s->form = sweep_declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;
	if (held && !try_anchor(r))
		s->axes[0].done = true; /* refused with what is left of it, granted with what is known */
	s->stage = SWEEP_PEEL;
	s->doubted = false;
	s->dhe_breaks |= s->dhe_aside;
	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		if (!s->axes[i].done && !(held && i == 0))
			take(r, &s->axes[i], answer_pick(a, s->axes[i].dimension));
	return !open_axes(r) ? peeled(r) : sweep_ask_on(r);
}

static enum next refused(struct run *r)
{
	struct sweep_state *s = r->state;
	bool both = open_axes(r) == 2;

	if (breaks_at_dhe(r) && (sweep_seen_any(r) || s->form == FORM_CHUNKS))
		return set_dhe_aside(r);
	if (!sweep_seen_any(r))
		return s->form == FORM_CHUNKS ? peeled(r) : nothing_found(r);
	if (s->stage == SWEEP_TAIL)
		return sweep_rank_chacha(r);
	if (s->stage == SWEEP_SPLIT) {
		s->axes[1].done = true;
		s->stage = SWEEP_PEEL;
		return sweep_ask_on(r);
	}
	if (both) {
		s->stage = SWEEP_SPLIT;
		s->doubted = true;
		return sweep_ask_on(r);
	}
	if (try_anchor(r) || set_ecdsa_aside(r))
		return sweep_ask_on(r);
	s->axes[0].done = s->axes[1].done = true;
	return peeled(r);
}

/* What the suite sweep has shown already need not be asked. */
static void strike_out_known(struct run *r, struct axis *a)
{
	struct ranking known = facts_rank(r->facts, a->dimension, sweep_declared(r)->version, sweep_declared(r)->cert);

	for (size_t i = 0; i < known.list.n; i++)
		if (list_has(&a->left, known.list.v[i])) {
			list_remove(&a->left, known.list.v[i]);
			list_add(r->arena, &a->seen, known.list.v[i]);
		}
}

static enum next open_sweep(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = sweep_base_hello(r);

	know(r, NULL);
	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++) {
		enum dimension d = sweep_declared(r)->axes[i];

		s->axes[i] = (struct axis){ .dimension = d, .left = list_copy(r->arena, dimension_offered(&h, d)) };
		if (sweep_declared(r)->suites)
			strike_out_known(r, &s->axes[i]);
		s->axes[i].done = s->axes[i].left.n == 0;
	}
	return !open_axes(r) ? sweep_finish(r) : sweep_ask_on(r);
}

enum next sweep_step(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;

	if (!a)
		return open_sweep(r);
	if (s->stage == SWEEP_RANK)
		return sweep_ranked(r, a);
	if (s->stage == SWEEP_RANK_GCM)
		return sweep_ranked_gcm(r, a);
	if (s->stage == SWEEP_RANK_CHACHA || s->stage == SWEEP_SETTLE)
		return sweep_settle(r);
	switch (verdict_feed(r, &s->verdict, a)) {
	case DECISION_WAIT:
		return NEXT_WAIT;
	case DECISION_PICKED:
		return picked(r, a);
	case DECISION_REFUSED:
		return refused(r);
	default:
		r->trouble = s->verdict.reason;
		return sweep_finish(r);
	}
}
