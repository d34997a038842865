#include "probes/sweep_parts.h"

#include <string.h>

static bool is_open_order(struct run *r, enum dimension d, enum cert_key cert)
{
	struct sweep_state *s = r->state;
	struct ranking k = facts_rank(&s->known, d, sweep_declared(r)->version, cert);

	return d != DIM_SUITES && ranking_is_open(&k);
}

static bool any_order_open(struct run *r)
{
	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		for (enum cert_key k = KEY_NONE; k <= KEY_OTHER; k++)
			if ((k == KEY_NONE) == (sweep_declared(r)->cert == KEY_NONE) && is_open_order(r, sweep_declared(r)->axes[i], k))
				return true;
	return false;
}

/* All that was found once more, in reverse: by the client's order the last one found is picked now, by the server's the first. */
enum next sweep_settle(struct run *r)
{
	struct sweep_state *s = r->state;
	struct hello h = sweep_base_hello(r);

	if (s->stage == SWEEP_SETTLE || !any_order_open(r))
		return sweep_finish(r);
	s->stage = SWEEP_SETTLE;
	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		sweep_put_axis(&h, s->axes[i].dimension, codes_reversed(r->arena, sweep_axis_offer(r, &s->axes[i], true)));
	sweep_word(r, &h, s->form);
	ask(r, SWEEP_SETTLE, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT });
	return NEXT_WAIT;
}

static enum next ask_ranked(struct run *r, enum sweep_stage stage, struct codes suites_)
{
	struct sweep_state *s = r->state;
	struct hello h = sweep_base_hello(r);

	s->stage = stage;
	h.suites = suites_;
	h.groups = sweep_reversed(r, DIM_GROUPS, h.groups);
	sweep_word(r, &h, s->form);
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
enum next sweep_rank(struct run *r)
{
	const struct axis *a = sweep_axis(r, DIM_SUITES);
	struct list l = { 0 }, found;

	if (!sweep_declared(r)->ranks || !a || a->seen.n < 2)
		return sweep_settle(r);
	for (size_t i = 0; i < a->left.n; i++)
		list_add(r->arena, &l, a->left.v[i]);
	found = chacha_behind(r, &a->seen);
	for (size_t i = 0; i < found.n; i++)
		list_add(r->arena, &l, found.v[i]);
	return ask_ranked(r, SWEEP_RANK, list_codes(&l));
}

static bool is_aes_gcm(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && !strncmp(s->enc, "AES", 3) && strstr(s->enc, "GCM");
}

/* AES-GCM first, without those that were given for it already. */
static struct codes gcm_first(struct run *r, const struct list *seen, const struct list *given)
{
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < seen->n; i++)
			if (is_aes_gcm(seen->v[i]) == (pass == 0) && !list_has(given, seen->v[i]))
				list_add(r->arena, &l, seen->v[i]);
	return list_codes(&l);
}

/*
 * ChaCha20 leads the server's own order; does AES-GCM when the client puts that first (Go's servers)? Asked until ChaCha20
 * comes, so that its place behind them is known.
 */
static enum next rank_gcm(struct run *r)
{
	struct sweep_state *s = r->state;
	struct codes list = gcm_first(r, &sweep_axis(r, DIM_SUITES)->seen, &s->given);

	return list.n > 1 && is_aes_gcm(list.v[0]) ? ask_ranked(r, SWEEP_RANK_GCM, list) : sweep_settle(r);
}

enum next sweep_ranked_gcm(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;

	if (!answer_picked(a, sweep_declared(r)->version) || !is_aes_gcm(a->suite) || list_has(&s->given, a->suite))
		return sweep_settle(r);
	list_add(r->arena, &s->given, a->suite);
	return rank_gcm(r);
}

/* Asked only of a server that has an order of its own. */
enum next sweep_rank_chacha(struct run *r)
{
	const struct list *seen = &sweep_axis(r, DIM_SUITES)->seen;
	bool any;
	struct codes list = chacha_first(r, seen, &any);

	if (!any)
		return sweep_settle(r);
	return is_chacha(seen->v[0]) ? rank_gcm(r) : ask_ranked(r, SWEEP_RANK_CHACHA, list);
}

/* Refused in one hello, they are ranked by the larger half: with elliptic curves, or without. */
static enum next rank_apart(struct run *r)
{
	struct sweep_state *s = r->state;
	const struct list *seen = &sweep_axis(r, DIM_SUITES)->seen;
	struct list half[2] = { { 0 }, { 0 } }, *l;

	s->ranked_apart = true;
	for (size_t i = seen->n; i-- > 0;)
		list_add(r->arena, &half[sweep_is_not_ecc(seen->v[i])], seen->v[i]);
	l = &half[half[1].n > half[0].n];
	return l->n < 2 ? sweep_settle(r) : ask_ranked(r, SWEEP_RANK, list_codes(l));
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
enum next sweep_ranked(struct run *r, const struct answer *a)
{
	struct sweep_state *s = r->state;
	const struct axis *suites_ = sweep_axis(r, DIM_SUITES);

	if (s->form == FORM_CHUNKS && !s->ranked_apart && !answer_picked(a, sweep_declared(r)->version))
		return rank_apart(r);
	if (answer_picked(a, sweep_declared(r)->version) && a->suite == first_ranked(a->hello, &suites_->seen))
		return sweep_settle(r);
	if (s->doubted || !suites_->left.n)
		return sweep_rank_chacha(r);
	s->stage = SWEEP_TAIL;
	s->doubted = true;
	s->axes[0].done = false;
	return sweep_ask_on(r);
}
