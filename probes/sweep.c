#include "probes/sweep.h"

#include <string.h>

#include "scanner/tls/keys.h"

static const struct sweep *declared(const struct run *r)
{
	return r->probe->declaration;
}

static struct axis *axis_of(struct run *r, enum dimension d)
{
	struct sweep_state *s = r->state;

	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		if (s->axes[i].dimension == d)
			return &s->axes[i];
	return NULL;
}

/* ---- the hello of the moment ---------------------------------------------------------------------------------------- */

static struct codes as_declared(struct run *r, struct codes c)
{
	return declared(r)->reversed ? codes_reversed(r->arena, c) : c;
}

/* An axis that is exhausted, or held still for one question, offers what is known to work. */
static struct codes axis_offer(struct run *r, const struct axis *a, bool held)
{
	struct sweep_state *s = r->state;
	struct list l = list_copy(r->arena, list_codes(a->done || held ? &a->seen : &a->left));

	if (a->dimension == DIM_GROUPS && s->anchor && !list_has(&l, s->anchor))
		list_add(r->arena, &l, s->anchor);
	return list_codes(&l);
}

static void put_axis(struct hello *h, enum dimension d, struct codes c)
{
	if (d == DIM_SUITES)
		h->suites = c;
	else if (d == DIM_GROUPS)
		h->groups = c;
	else
		h->schemes = c;
}

/* Shares for every group we can make one for; the large ones only when nothing else is left to offer. */
static struct codes shares_for(struct run *r, struct codes groups_)
{
	enum { SMALL = 200 };
	struct list small = { 0 }, large = { 0 };

	for (size_t i = 0; i < groups_.n; i++) {
		size_t n = keys_share_size((uint16_t)groups_.v[i]);

		if (n)
			list_add(r->arena, n <= SMALL ? &small : &large, groups_.v[i]);
	}
	return list_codes(small.n ? &small : &large);
}

static void word(struct run *r, struct hello *h, enum sweep_form form)
{
	if (form == FORM_BARE) {
		h->offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
		h->groups = h->schemes = (struct codes){ 0 };
	}
	if (form == FORM_SHARES)
		h->shares = shares_for(r, h->groups);
}

static struct hello base_hello(struct run *r)
{
	const struct sweep *d = declared(r);
	struct hello h = offer_everything(r->arena, r->facts, d->version);

	if (d->suites)
		h.suites = offer_taken(r->arena, r->facts, d->version, d->suites);
	if (d->groups)
		h.groups = d->groups(r->arena);
	h.groups = as_declared(r, h.groups);
	h.schemes = as_declared(r, h.schemes);
	return h;
}

static bool anything_seen(struct run *r)
{
	struct sweep_state *s = r->state;

	return s->axes[0].seen.n > 0;
}

static enum next ask_on(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r), second;
	enum sweep_form other = declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;

	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		put_axis(&h, s->axes[i].dimension, axis_offer(r, &s->axes[i], s->stage == SWEEP_SPLIT && i == 0));
	second = h;
	if (!anything_seen(r) && s->form == FORM_WHOLE)
		word(r, &second, other);
	word(r, &h, s->form);
	if (s->form != FORM_WHOLE)
		second = h;
	verdict_begin(r, &s->verdict, &h, &second, UNTIL_FLIGHT, NULL);
	return NEXT_WAIT;
}

/* ---- the end: what was asked for is noted; the lists themselves are computed from the choices ----------------------- */

static void note_list(struct run *r, enum dimension d)
{
	static const enum obs_key keys[] = {
		[DIM_SUITES] = OBS_KEY_SUITES_LIST,
		[DIM_GROUPS] = OBS_KEY_GROUPS_LIST,
		[DIM_SCHEMES] = OBS_KEY_SCHEMES_LIST,
	};

	note(r, &(struct obs){ .key = keys[d], .protocol = declared(r)->version, .cert = declared(r)->cert,
			  .reason = r->trouble ? reason_name(r->trouble) : NULL });
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
	enum tri value = anything_seen(r) || s->found.n ? TRI_YES : r->trouble ? TRI_UNKNOWN : TRI_NO;
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "refusal", refusal_text(r, &s->verdict) };
	note(r, &(struct obs){ .key = OBS_KEY_PROTOCOL_OFFERED, .protocol = declared(r)->version, .tri = value,
			  .reason = value == TRI_UNKNOWN ? reason_name(r->trouble) : NULL,
			  .evidence = value == TRI_NO ? e : NULL, .evidence_count = value == TRI_NO });
}

static enum next finish(struct run *r)
{
	struct sweep_state *s = r->state;

	if (axis_of(r, DIM_SUITES))
		note_version(r);
	if (anything_seen(r) || s->found.n)
		for (unsigned i = 0; i < declared(r)->axes_n; i++)
			note_list(r, s->axes[i].dimension);
	return NEXT_DONE;
}

/* ---- ranking: two questions more, to learn whose order decides ----------------------------------------------------- */

static enum next ask_ranked(struct run *r, enum sweep_stage stage, struct codes suites_)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r);

	s->stage = stage;
	h.suites = suites_;
	h.groups = codes_reversed(r->arena, h.groups);
	word(r, &h, s->form);
	ask(r, (uint16_t)stage, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT });
	return NEXT_WAIT;
}

static bool is_chacha(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && !strncmp(s->enc, "CHACHA20", 8);
}

static struct codes chacha_first(struct run *r, const struct list *seen, bool *any)
{
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < seen->n; i++)
			if (is_chacha(seen->v[i]) == (pass == 0))
				list_add(r->arena, &l, seen->v[i]);
	*any = l.n && is_chacha(l.v[0]);
	return list_codes(&l);
}

static enum next rank(struct run *r)
{
	const struct axis *a = axis_of(r, DIM_SUITES);

	if (!declared(r)->ranks || !a || a->seen.n < 2)
		return finish(r);
	return ask_ranked(r, SWEEP_RANK, codes_reversed(r->arena, list_codes(&a->seen)));
}

/* Asked only of a server that has an order of its own and does not put ChaCha20 first in it. */
static enum next ranked(struct run *r, const struct answer *a)
{
	const struct list *seen = &axis_of(r, DIM_SUITES)->seen;
	bool own_order = answer_picked(a, declared(r)->version) && a->suite != seen->v[seen->n - 1], any;
	struct codes list = chacha_first(r, seen, &any);

	if (!own_order || !any || is_chacha(seen->v[0]))
		return finish(r);
	return ask_ranked(r, SWEEP_RANK_CHACHA, list);
}

/* ---- chunks ---------------------------------------------------------------------------------------------------------- */

static bool code_is_ecc(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && suite_is_ecc(s);
}

static enum next chunk(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = &s->axes[0];
	bool ecc = s->rest.n && code_is_ecc(s->rest.v[0]);

	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	a->seen.n = a->left.n = 0;
	a->done = false;
	for (size_t i = 0; i < s->rest.n && a->left.n < SWEEP_CHUNK; i++)
		if (code_is_ecc(s->rest.v[i]) == ecc)
			list_add(r->arena, &a->left, s->rest.v[i]);
	for (size_t i = 0; i < a->left.n; i++)
		list_remove(&s->rest, a->left.v[i]);
	return ask_on(r);
}

/* Found in several chunks: one more peel over the found ones puts them in order. */
static enum next chunks_end(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = &s->axes[0];

	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	if (s->reranking || s->found.n < 2 || s->found.n > SWEEP_CHUNK) {
		a->seen = s->found;
		return rank(r);
	}
	s->reranking = true;
	a->left = list_copy(r->arena, list_codes(&s->found));
	a->seen.n = s->found.n = 0;
	a->done = false;
	return ask_on(r);
}

static bool minds_the_version(const struct verdict *v)
{
	return v->reason != REASON_ALERT ? v->reason == REASON_NONE : v->alert == ALERT_PROTOCOL_VERSION;
}

static enum next nothing_found(struct run *r)
{
	struct sweep_state *s = r->state;
	bool chunkable = s->axes[0].dimension == DIM_SUITES && declared(r)->version <= VER_TLS12;

	if (s->form != FORM_WHOLE || !chunkable || minds_the_version(&s->verdict))
		return finish(r);
	s->form = FORM_CHUNKS;
	s->rest = s->axes[0].left;
	s->axes[0].left = (struct list){ 0 };
	return chunk(r);
}

/* ---- peeling ----------------------------------------------------------------------------------------------------------- */

static bool all_done(struct run *r)
{
	struct sweep_state *s = r->state;

	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		if (!s->axes[i].done)
			return false;
	return true;
}

static enum next peeled(struct run *r)
{
	struct sweep_state *s = r->state;

	if (s->form == FORM_CHUNKS)
		return s->rest.n ? chunk(r) : chunks_end(r);
	return rank(r);
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

static enum next picked(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;

	if (s->verdict.in_second && !anything_seen(r) && s->form == FORM_WHOLE)
		s->form = declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;
	if (s->stage == SWEEP_SPLIT)
		s->axes[0].done = true; /* refused with what is left of it, granted with what is known */
	s->stage = SWEEP_PEEL;
	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		if (!s->axes[i].done)
			take(r, &s->axes[i], answer_pick(a, s->axes[i].dimension));
	return all_done(r) ? peeled(r) : ask_on(r);
}

/* The curve of the server's ECDSA certificate must stay on offer, or its suites are gone (RFC 8422 section 5.1). */
static uint16_t certificate_curve(const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], version) && f->choices[i].cert_curve)
			return f->choices[i].cert_curve;
	return 0;
}

static bool try_anchor(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = axis_of(r, DIM_GROUPS);
	uint16_t curve = certificate_curve(r->facts, declared(r)->version);

	if (!a || a->done || s->anchor || !curve || list_has(&a->left, curve) || declared(r)->version >= VER_TLS13)
		return false;
	s->anchor = curve;
	return true;
}

static enum next refused(struct run *r)
{
	struct sweep_state *s = r->state;
	bool both = declared(r)->axes_n == 2 && !s->axes[0].done && !s->axes[1].done;

	if (!anything_seen(r))
		return s->form == FORM_CHUNKS ? peeled(r) : nothing_found(r);
	if (s->stage == SWEEP_SPLIT) {
		s->axes[1].done = true;
		s->stage = SWEEP_PEEL;
		return ask_on(r);
	}
	if (try_anchor(r))
		return ask_on(r);
	if (both) {
		s->stage = SWEEP_SPLIT;
		return ask_on(r);
	}
	s->axes[0].done = s->axes[1].done = true;
	return peeled(r);
}

static enum next open_sweep(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r);

	for (unsigned i = 0; i < declared(r)->axes_n; i++) {
		enum dimension d = declared(r)->axes[i];

		s->axes[i] = (struct axis){ .dimension = d, .left = list_copy(r->arena, dimension_offered(&h, d)) };
		s->axes[i].done = s->axes[i].left.n == 0;
	}
	return all_done(r) ? finish(r) : ask_on(r);
}

enum next sweep_step(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;

	if (!a)
		return open_sweep(r);
	if (s->stage == SWEEP_RANK)
		return ranked(r, a);
	if (s->stage == SWEEP_RANK_CHACHA)
		return finish(r);
	switch (verdict_feed(r, &s->verdict, a)) {
	case DECISION_WAIT:
		return NEXT_WAIT;
	case DECISION_PICKED:
		return picked(r, a);
	case DECISION_REFUSED:
		return refused(r);
	default:
		r->trouble = s->verdict.reason;
		return finish(r);
	}
}
