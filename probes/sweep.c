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

static struct codes reversed(struct run *r, enum dimension d, struct codes c)
{
	return codes_common_first(r->arena, d, codes_reversed(r->arena, c));
}

static struct codes as_declared(struct run *r, enum dimension d, struct codes c)
{
	return declared(r)->reversed ? reversed(r, d, c) : c;
}

static bool is_ecdsa(const struct suite *s)
{
	return s->auth == AUTH_ECDSA;
}

/* The curve of the server's ECDSA certificate: without it on offer its suites are gone (RFC 8422 section 5.1). 0: none
 * is needed here. */
static uint16_t needed_curve(struct run *r)
{
	const struct sweep *d = declared(r);

	if (!d->suites || d->version >= VER_TLS13 || !facts_takes(r->facts, d->version, is_ecdsa) ||
		(d->cert != KEY_NONE && d->cert != KEY_ECDSA))
		return 0;
	for (size_t i = 0; i < r->facts->count; i++)
		if (choice_picked(&r->facts->choices[i], d->version) && r->facts->choices[i].cert_curve)
			return r->facts->choices[i].cert_curve;
	return 0;
}

/* An axis that is exhausted, or held still for one question, offers what is known to work. */
static struct codes axis_offer(struct run *r, const struct axis *a, bool held)
{
	struct sweep_state *s = r->state;
	struct list l = list_copy(r->arena, list_codes(a->done || held ? &a->seen : &a->left));

	uint16_t curve = a->done || held ? needed_curve(r) : s->anchor;

	if (a->dimension == DIM_GROUPS && curve && !list_has(&l, curve))
		list_add(r->arena, &l, curve);
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

/* Groups that a stack without retries may have, and whose share costs little: the curves in wide use, and hybrids. */
static bool is_shared(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && keys_share_size((uint16_t)code) && (g->use & GROUP_TLS12 || g->kind == GROUP_HYBRID) &&
	       (g->kind == GROUP_EC_PRIME || g->kind == GROUP_MONTGOMERY || g->kind == GROUP_HYBRID);
}

/* Shares for those; the large ones only when nothing else is left to offer. */
static struct codes shares_for(struct run *r, struct codes groups_)
{
	enum { SMALL = 200 };
	struct list small = { 0 }, large = { 0 };

	for (size_t i = 0; i < groups_.n; i++) {
		if (is_shared(groups_.v[i]))
			list_add(r->arena, keys_share_size((uint16_t)groups_.v[i]) <= SMALL ? &small : &large,
				groups_.v[i]);
	}
	return list_codes(small.n ? &small : &large);
}

static bool is_not_ecc(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return !s || !suite_is_ecc(s);
}

/* Some servers do not forgive SSL 3.0 a suite that it cannot have (Java's). */
static void without_ecc(struct run *r, struct hello *h)
{
	struct list l = { 0 };

	for (size_t i = 0; i < h->suites.n; i++)
		if (is_not_ecc(h->suites.v[i]))
			list_add(r->arena, &l, h->suites.v[i]);
	h->suites = list_codes(&l);
}

static void word(struct run *r, struct hello *h, enum sweep_form form)
{
	if (form == FORM_BARE && h->version == VER_SSL3)
		without_ecc(r, h);
	if (form == FORM_BARE) {
		h->offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
		h->groups = h->schemes = (struct codes){ 0 };
	}
	if (form == FORM_SHARES) {
		h->shares = shares_for(r, h->groups);
		h->offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	}
}

static struct hello base_hello(struct run *r)
{
	const struct sweep *d = declared(r);
	struct hello h = offer_everything(r->arena, r->facts, d->version);

	if (d->suites)
		h.suites = offer_taken(r->arena, r->facts, d->version, d->suites);
	if (d->groups)
		h.groups = d->groups(r->arena);
	h.groups = as_declared(r, DIM_GROUPS, h.groups);
	h.schemes = as_declared(r, DIM_SCHEMES, h.schemes);
	return h;
}

static bool anything_seen(struct run *r)
{
	struct sweep_state *s = r->state;

	return s->axes[0].seen.n > 0;
}

static unsigned open_axes(struct run *r)
{
	struct sweep_state *s = r->state;
	unsigned n = 0;

	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		n += !s->axes[i].done;
	return n;
}

/*
 * While suites are swept up to TLS 1.2, what has not been seen of the other lists is moved to their front. Nothing is
 * taken away, so the server's choice of suite is not disturbed; one that heeds the client's order tells more each time.
 */
static struct codes unseen_first(struct run *r, enum dimension d, struct codes all)
{
	struct codes seen = facts_taken(r->facts, d, declared(r)->version, KEY_NONE);
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.n; i++)
			if (codes_has(seen, all.v[i]) == (pass == 1))
				list_add(r->arena, &l, all.v[i]);
	return codes_common_first(r->arena, d, list_codes(&l));
}

static void turn_lists(struct run *r, struct hello *h)
{
	if (declared(r)->axes[0] != DIM_SUITES || declared(r)->version >= VER_TLS13 || !anything_seen(r))
		return;
	h->groups = unseen_first(r, DIM_GROUPS, h->groups);
	h->schemes = unseen_first(r, DIM_SCHEMES, h->schemes);
}

/* The ranking question will put what is left a second time. */
static bool is_ranked_later(struct run *r)
{
	struct sweep_state *s = r->state;

	return declared(r)->ranks && s->form == FORM_WHOLE && s->axes[0].seen.n >= 2;
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
			c->hello->version == declared(r)->covered_by)
			return true;
	}
	return false;
}

static enum next ask_on(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r), second;
	enum sweep_form other = declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;

	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		put_axis(&h, s->axes[i].dimension, axis_offer(r, &s->axes[i], s->stage == SWEEP_SPLIT && i == 0));
	turn_lists(r, &h);
	second = h;
	if (!anything_seen(r) && s->form == FORM_WHOLE)
		word(r, &second, other);
	word(r, &h, s->form);
	if (s->form != FORM_WHOLE)
		second = h;
	if (s->form == FORM_CHUNKS && !anything_seen(r))
		second.offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	verdict_begin(r, &s->verdict, &h, &second, UNTIL_FLIGHT, NULL);
	s->verdict.once = is_covered(r) || (anything_seen(r) && (s->doubted || open_axes(r) == 2 || is_ranked_later(r)));
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

	note(r, &(struct obs){ .key = keys[d], .protocol = declared(r)->version, .cert = cert,
			  .name = declared(r)->groups ? FACTS_FFDHE : NULL,
			  .reason = r->trouble ? reason_name(r->trouble) : NULL });
}

static bool served(struct run *r, enum cert_key cert)
{
	for (size_t i = 0; i < r->facts->count; i++) {
		const struct choice *c = &r->facts->choices[i];
		const struct suite *s = suite_find(c->suite);

		if (choice_picked(c, declared(r)->version) && c->cert == cert && s && declared(r)->suites(s))
			return true;
	}
	return false;
}

/* A list by certificate: one for each type of key that signed (ECDSA suites serve Ed25519 as well, RSA ones RSA-PSS). */
static void note_lists(struct run *r, enum dimension d)
{
	if (declared(r)->cert == KEY_NONE)
		note_list(r, d, KEY_NONE);
	for (enum cert_key k = KEY_NONE + 1; declared(r)->cert != KEY_NONE && k <= KEY_OTHER; k++)
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
			note_lists(r, s->axes[i].dimension);
	return NEXT_DONE;
}

/* ---- whose order decides among groups and schemes -------------------------------------------------------------------- */

/* Only what this sweep may look at: what others ask meanwhile must not decide what it asks. */
static void know(struct run *r, const struct hello *only)
{
	struct sweep_state *s = r->state;

	s->known.arena = r->arena;
	s->known.sni = r->facts->sni;
	for (size_t i = 0; i < r->facts->count; i++) {
		const struct choice *c = &r->facts->choices[i];

		if (choice_picked(c, declared(r)->version) && (!only || c->hello == only))
			*facts_choice(&s->known) = *c;
	}
}

static bool is_open_order(struct run *r, enum dimension d, enum cert_key cert)
{
	struct sweep_state *s = r->state;
	struct ranking k = facts_rank(&s->known, d, declared(r)->version, cert);

	return d != DIM_SUITES && ranking_is_open(&k);
}

static bool any_order_open(struct run *r)
{
	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		for (enum cert_key k = KEY_NONE; k <= KEY_OTHER; k++)
			if ((k == KEY_NONE) == (declared(r)->cert == KEY_NONE) && is_open_order(r, declared(r)->axes[i], k))
				return true;
	return false;
}

/* All that was found once more, in reverse: by the client's order the last one found is picked now, by the server's the first. */
static enum next settle(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r);

	if (s->stage == SWEEP_SETTLE || !any_order_open(r))
		return finish(r);
	s->stage = SWEEP_SETTLE;
	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		put_axis(&h, s->axes[i].dimension, codes_reversed(r->arena, axis_offer(r, &s->axes[i], true)));
	word(r, &h, s->form);
	ask(r, SWEEP_SETTLE, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT });
	return NEXT_WAIT;
}

/* ---- ranking: two questions more, to learn whose order decides ----------------------------------------------------- */

static enum next ask_ranked(struct run *r, enum sweep_stage stage, struct codes suites_)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r);

	s->stage = stage;
	h.suites = suites_;
	h.groups = reversed(r, DIM_GROUPS, h.groups);
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

/* In reverse, but with another one than ChaCha20 in front, where that still is not the server's first. */
static struct list chacha_behind(struct run *r, const struct list *seen)
{
	struct list l = { 0 };
	size_t first = seen->n - 1;

	while (seen->n > 2 && first > 1 && is_chacha(seen->v[first]))
		first--;
	list_add(r->arena, &l, seen->v[first]);
	for (size_t i = seen->n; i-- > 0;)
		if (i != first)
			list_add(r->arena, &l, seen->v[i]);
	return l;
}

/*
 * What was left goes to the front, the found ones follow in reverse: a server that heeds the client's order passes over
 * what was left a second time, and so says no to it again. ChaCha20 does not lead the found ones: some servers heed a wish for
 * it and no other (Go's), and would seem to heed every wish.
 */
static enum next rank(struct run *r)
{
	const struct axis *a = axis_of(r, DIM_SUITES);
	struct list l = { 0 }, found;

	if (!declared(r)->ranks || !a || a->seen.n < 2)
		return settle(r);
	for (size_t i = 0; i < a->left.n; i++)
		list_add(r->arena, &l, a->left.v[i]);
	found = chacha_behind(r, &a->seen);
	for (size_t i = 0; i < found.n; i++)
		list_add(r->arena, &l, found.v[i]);
	return ask_ranked(r, SWEEP_RANK, list_codes(&l));
}

/* Asked only of a server that has an order of its own and does not put ChaCha20 first in it. */
static enum next rank_chacha(struct run *r)
{
	const struct list *seen = &axis_of(r, DIM_SUITES)->seen;
	bool any;
	struct codes list = chacha_first(r, seen, &any);

	if (!any || is_chacha(seen->v[0]))
		return settle(r);
	return ask_ranked(r, SWEEP_RANK_CHACHA, list);
}

/* Refused in one hello, they are ranked by the larger half: with elliptic curves, or without. */
static enum next rank_apart(struct run *r)
{
	struct sweep_state *s = r->state;
	const struct list *seen = &axis_of(r, DIM_SUITES)->seen;
	struct list half[2] = { { 0 }, { 0 } }, *l;

	s->ranked_apart = true;
	for (size_t i = seen->n; i-- > 0;)
		list_add(r->arena, &half[is_not_ecc(seen->v[i])], seen->v[i]);
	l = &half[half[1].n > half[0].n];
	return l->n < 2 ? settle(r) : ask_ranked(r, SWEEP_RANK, list_codes(l));
}

/* The first of the found ones as the ranking question had them. */
static uint32_t first_ranked(const struct hello *asked, const struct list *seen)
{
	for (size_t i = 0; i < asked->suites.n; i++)
		if (list_has(seen, asked->suites.v[i]))
			return asked->suites.v[i];
	return 0;
}

/* The server has an order of its own: its one refusal of what was left still lacks the second. */
static enum next ranked(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;
	const struct axis *suites_ = axis_of(r, DIM_SUITES);

	if (s->form == FORM_CHUNKS && !s->ranked_apart && !answer_picked(a, declared(r)->version))
		return rank_apart(r);
	if (answer_picked(a, declared(r)->version) && a->suite == first_ranked(a->hello, &suites_->seen))
		return settle(r);
	if (s->doubted || !suites_->left.n)
		return rank_chacha(r);
	s->stage = SWEEP_TAIL;
	s->doubted = true;
	s->axes[0].done = false;
	return ask_on(r);
}

/* ---- chunks ---------------------------------------------------------------------------------------------------------- */

static enum next chunk(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = &s->axes[0];
	bool plain = s->rest.n && is_not_ecc(s->rest.v[0]);

	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	a->seen.n = a->left.n = 0;
	a->done = false;
	for (size_t i = 0; i < s->rest.n && a->left.n < SWEEP_CHUNK; i++)
		if (is_not_ecc(s->rest.v[i]) == plain)
			list_add(r->arena, &a->left, s->rest.v[i]);
	for (size_t i = 0; i < a->left.n; i++)
		list_remove(&s->rest, a->left.v[i]);
	return ask_on(r);
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
		return rank(r);
	for (size_t i = 0; i < a->seen.n; i++)
		list_add(r->arena, &s->found, a->seen.v[i]);
	if (s->found.n < 2 || s->found.n > SWEEP_CHUNK || s->ordered_apart) {
		a->seen = s->found;
		return rank(r);
	}
	s->reranking = true;
	a->left = list_copy(r->arena, list_codes(&s->found));
	a->seen.n = 0;
	a->done = false;
	return ask_on(r);
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
	bool chunkable = s->axes[0].dimension == DIM_SUITES && declared(r)->version <= VER_TLS12;

	if (s->form != FORM_WHOLE || !chunkable || minds_the_version(&s->verdict))
		return finish(r);
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

/* Takes the ECDSA suites out of what is left, once; false when there is no reason to or nothing left then. */
static bool set_ecdsa_aside(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = axis_of(r, DIM_SUITES);

	if (!a || s->set_aside || s->form != FORM_WHOLE || !any_of(&a->left, is_ecdsa) || !any_of(&a->seen, is_ecdsa) ||
		any_of(&a->seen, signs_otherwise))
		return false;
	s->set_aside = true;
	for (size_t i = 0; i < a->left.n; i++)
		if (suite_find((uint16_t)a->left.v[i]) && is_ecdsa(suite_find((uint16_t)a->left.v[i])))
			list_add(r->arena, &s->aside, a->left.v[i]);
	for (size_t i = 0; i < s->aside.n; i++)
		list_remove(&a->left, s->aside.v[i]);
	return a->left.n > 0;
}

static void put_back(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = axis_of(r, DIM_SUITES);

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

/* What is left of the groups was refused alone: once more, with the curve that the certificate needs beside it. */
static bool try_anchor(struct run *r)
{
	struct sweep_state *s = r->state;
	struct axis *a = axis_of(r, DIM_GROUPS);
	uint16_t curve = needed_curve(r);

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
	if (s->verdict.in_second && !anything_seen(r) && s->form == FORM_WHOLE)
		s->form = declared(r)->version >= VER_TLS13 ? FORM_SHARES : FORM_BARE;
	if (held && !try_anchor(r))
		s->axes[0].done = true; /* refused with what is left of it, granted with what is known */
	s->stage = SWEEP_PEEL;
	s->doubted = false;
	for (unsigned i = 0; i < declared(r)->axes_n; i++)
		if (!s->axes[i].done && !(held && i == 0))
			take(r, &s->axes[i], answer_pick(a, s->axes[i].dimension));
	return !open_axes(r) ? peeled(r) : ask_on(r);
}

static enum next refused(struct run *r)
{
	struct sweep_state *s = r->state;
	bool both = open_axes(r) == 2;

	if (!anything_seen(r))
		return s->form == FORM_CHUNKS ? peeled(r) : nothing_found(r);
	if (s->stage == SWEEP_TAIL)
		return rank_chacha(r);
	if (s->stage == SWEEP_SPLIT) {
		s->axes[1].done = true;
		s->stage = SWEEP_PEEL;
		return ask_on(r);
	}
	if (both) {
		s->stage = SWEEP_SPLIT;
		s->doubted = true;
		return ask_on(r);
	}
	if (try_anchor(r) || set_ecdsa_aside(r))
		return ask_on(r);
	s->axes[0].done = s->axes[1].done = true;
	return peeled(r);
}

/* What the suite sweep has shown already need not be asked. */
static void strike_out_known(struct run *r, struct axis *a)
{
	struct ranking known = facts_rank(r->facts, a->dimension, declared(r)->version, declared(r)->cert);

	for (size_t i = 0; i < known.list.n; i++)
		if (list_has(&a->left, known.list.v[i])) {
			list_remove(&a->left, known.list.v[i]);
			list_add(r->arena, &a->seen, known.list.v[i]);
		}
}

static enum next open_sweep(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = base_hello(r);

	know(r, NULL);
	for (unsigned i = 0; i < declared(r)->axes_n; i++) {
		enum dimension d = declared(r)->axes[i];

		s->axes[i] = (struct axis){ .dimension = d, .left = list_copy(r->arena, dimension_offered(&h, d)) };
		if (declared(r)->suites)
			strike_out_known(r, &s->axes[i]);
		s->axes[i].done = s->axes[i].left.n == 0;
	}
	return !open_axes(r) ? finish(r) : ask_on(r);
}

enum next sweep_step(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;

	if (!a)
		return open_sweep(r);
	if (s->stage == SWEEP_RANK)
		return ranked(r, a);
	if (s->stage == SWEEP_RANK_CHACHA || s->stage == SWEEP_SETTLE)
		return settle(r);
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
