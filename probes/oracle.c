#include "probes/oracle.h"

#include <string.h>

#include "scanner/base/text.h"

enum { TRIES = 3, FIRST_ROUND = 255, STAGES = 2, SAMPLES_OF_STAGE = 2 * ORACLE_MORE, TRY_SHIFT = 14 };

/* By the stage: below the one it is a yes, from the other on it may well be chance. */
static const struct {
	double certain, chance;
} limits[] = { { 0, 0 }, { 1e-6, 0.1 }, { 2.5e-7, 0.001 } };

/* One connection that is to show one reaction. */
struct oracle_slot {
	uint16_t trial;
	uint8_t vector, pair; /* FIRST_ROUND: of no pair yet */
	uint8_t stage, tries;
	uint16_t sample;
	const struct reaction *reaction;
};

/* ---- the test ---------------------------------------------------------------------------------------------------------- */

static double choose(unsigned n, unsigned k)
{
	double c = 1;

	for (unsigned i = 1; i <= k; i++)
		c = c * (n - k + i) / i;
	return c;
}

/* Fisher: of n and n, `total` are of one kind; the chance that at least `hits` of these are among the first n. */
static double tail(unsigned n, unsigned hits, unsigned total)
{
	double sum = 0;

	for (unsigned i = hits; i <= n && i <= total; i++)
		if (total - i <= n)
			sum += choose(n, i) * choose(n, total - i);
	return sum / choose(2 * n, total);
}

double oracle_chance(unsigned n, unsigned hits_a, unsigned hits_b)
{
	return 2 * tail(n, hits_a, hits_a + hits_b);
}

/* ---- reactions --------------------------------------------------------------------------------------------------------- */

static bool same_words(const struct reaction *a, const struct reaction *b)
{
	struct reaction x = *a, y = *b;

	x.end = y.end = REACTION_OPEN;
	return reaction_same(&x, &y);
}

static bool same(const struct oracle_pair *p, const struct reaction *a, const struct reaction *b)
{
	return p->ends ? reaction_same(a, b) : same_words(a, b);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------ */

static void put(struct run *r, size_t index)
{
	struct oracle_state *s = r->state;
	struct oracle_slot *slot = &s->slots[index];
	struct oracle_trial *t = &s->trials[slot->trial];
	struct plan plan = t->plan;

	plan.deviation = &t->vectors[slot->vector].deviation;
	s->open++;
	ask(r, (uint16_t)index, &(struct ask){ .hello = &t->hello, .until = UNTIL_FLIGHT, .plan = &plan,
					.sample = (uint16_t)(slot->sample + (slot->tries++ << TRY_SHIFT)) });
}

static void slot_add(struct run *r, struct oracle_slot slot)
{
	struct oracle_state *s = r->state;

	s->slots = arena_push(r->arena, s->slots, s->slots_n, sizeof *s->slots);
	s->slots[s->slots_n++] = slot;
}

static void first_round(struct run *r)
{
	struct oracle_state *s = r->state;

	for (size_t t = 0; t < s->trials_n; t++) {
		struct oracle_trial *trial = &s->trials[t];

		trial->first = arena_new(r->arena, trial->vectors_n, sizeof *trial->first);
		trial->waiting = (unsigned)trial->vectors_n;
		for (size_t v = 0; v < trial->vectors_n; v++)
			slot_add(r, (struct oracle_slot){ .trial = (uint16_t)t, .vector = (uint8_t)v, .pair = FIRST_ROUND });
	}
	for (size_t i = 0, n = s->slots_n; i < n; i++)
		put(r, i);
}

/* An order without a period, the same in each scan: which of two servers takes a connection never goes with it. */
static void shuffle(uint8_t *v, size_t n, unsigned seed)
{
	uint32_t x = 2463534242u + seed * 2654435761u;

	for (size_t i = n; i-- > 1;) {
		size_t j;
		uint8_t swap = v[i];

		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		j = x % (i + 1);
		v[i] = v[j];
		v[j] = swap;
	}
}

static void fresh_round(struct run *r, size_t trial, size_t pair)
{
	struct oracle_state *s = r->state;
	struct oracle_pair *p = &s->trials[trial].pairs[pair];
	uint8_t order[2 * ORACLE_MORE];
	size_t from = s->slots_n;

	p->asked = p->stage++ ? ORACLE_MORE : ORACLE_FRESH;
	p->waiting = 2 * p->asked;
	for (size_t i = 0; i < p->waiting; i++)
		order[i] = i % 2 ? p->b : p->a;
	shuffle(order, p->waiting, (unsigned)(trial * 16 + pair + p->stage));
	for (size_t i = 0; i < p->waiting; i++)
		slot_add(r, (struct oracle_slot){ .trial = (uint16_t)trial, .vector = order[i], .pair = (uint8_t)pair,
					    .stage = (uint8_t)p->stage,
					    .sample = (uint16_t)(1 + (pair * STAGES + p->stage - 1) * SAMPLES_OF_STAGE + i) });
	for (size_t i = from; i < from + p->waiting; i++)
		put(r, i);
}

/* ---- what came of it ----------------------------------------------------------------------------------------------------- */

static void open_question(const struct oracle_trial *t, struct oracle_pair *p)
{
	p->differ = TRI_UNKNOWN;
	p->why = t->trouble ? t->trouble : REASON_UNSTABLE;
}

/* The first round: true where the pair has to be asked again. */
static bool differs(const struct oracle_trial *t, struct oracle_pair *p)
{
	const struct reaction *a = t->first[p->a], *b = t->first[p->b];

	if (!a || !b) {
		open_question(t, p);
		return false;
	}
	p->ends = same_words(a, b);
	p->differ = same(p, a, b) ? TRI_NO : TRI_UNKNOWN;
	return p->differ != TRI_NO;
}

/* Of the pairs that differ the first whose words do, else the first. */
static size_t most_different(const struct oracle_trial *t)
{
	size_t best = t->pairs_n;

	for (size_t i = 0; i < t->pairs_n; i++)
		if (t->pairs[i].differ == TRI_UNKNOWN && !t->pairs[i].why &&
			(best == t->pairs_n || (t->pairs[best].ends && !t->pairs[i].ends)))
			best = i;
	return best;
}

static void heard_all(struct run *r, size_t trial)
{
	struct oracle_state *s = r->state;
	struct oracle_trial *t = &s->trials[trial];
	bool *again = arena_new(r->arena, t->pairs_n, sizeof *again);
	size_t best;

	for (size_t i = 0; i < t->pairs_n; i++)
		again[i] = differs(t, &t->pairs[i]);
	best = t->most ? most_different(t) : t->pairs_n;
	for (size_t i = 0; i < t->pairs_n; i++) {
		if (!again[i])
			continue;
		if (!t->most || i == best)
			fresh_round(r, trial, i);
		else
			t->pairs[i].differ = TRI_ABSENT;
	}
}

struct hits {
	unsigned a_as_a, b_as_a, b_as_b, a_as_b, lost;
};

static struct hits count(const struct oracle_state *s, size_t trial, size_t pair)
{
	const struct oracle_trial *t = &s->trials[trial];
	const struct oracle_pair *p = &t->pairs[pair];
	struct hits h = { 0 };

	for (size_t i = 0; i < s->slots_n; i++) {
		const struct oracle_slot *slot = &s->slots[i];
		bool of_a = slot->vector == p->a;

		if (slot->trial != trial || slot->pair != pair || slot->stage != p->stage)
			continue;
		if (!slot->reaction) {
			h.lost++;
			continue;
		}
		if (same(p, slot->reaction, t->first[p->a]))
			*(of_a ? &h.a_as_a : &h.b_as_a) += 1;
		if (same(p, slot->reaction, t->first[p->b]))
			*(of_a ? &h.a_as_b : &h.b_as_b) += 1;
	}
	return h;
}

static void weigh(struct run *r, size_t trial, size_t pair)
{
	struct oracle_state *s = r->state;
	struct oracle_pair *p = &s->trials[trial].pairs[pair];
	struct hits h = count(s, trial, pair);
	double a = oracle_chance(p->asked, h.a_as_a, h.b_as_a), b = oracle_chance(p->asked, h.b_as_b, h.a_as_b);
	double chance = a < b ? a : b;

	p->like_a = h.a_as_a;
	p->like_b = h.b_as_b;
	if (h.lost)
		open_question(&s->trials[trial], p);
	else if (chance < limits[p->stage].certain)
		p->differ = TRI_YES;
	else if (chance >= limits[p->stage].chance)
		p->differ = TRI_NO;
	else if (p->stage == 1)
		fresh_round(r, trial, pair);
	else
		open_question(&s->trials[trial], p);
}

/* ---- the driver ---------------------------------------------------------------------------------------------------------- */

/* Without the certificate that it wants, it may refuse for that: with an alert that tells nothing of our records. */
static bool wants_a_certificate(const struct hs_result *hs)
{
	enum { UNEXPECTED_MESSAGE = 10, BAD_RECORD_MAC = 20, RECORD_OVERFLOW = 22, DECRYPT_ERROR = 51 };
	bool of_record = hs->alert >= BAD_RECORD_MAC && hs->alert <= RECORD_OVERFLOW;

	return hs->request.asked && !hs->client_sent && hs->alerted && !of_record && hs->alert != UNEXPECTED_MESSAGE &&
	       hs->alert != DECRYPT_ERROR;
}

static const struct reaction *heard(const struct oracle_trial *t, const struct answer *a)
{
	const struct reaction *x = a->hs ? &a->hs->reaction : NULL;

	if (!x || !x->begun || (t->open ? !x->complete : wants_a_certificate(a->hs)))
		return NULL;
	return x;
}

static enum reason reason_of(const struct answer *a)
{
	return a->hs && a->hs->reason ? a->hs->reason : a->reason ? a->reason : REASON_UNSTABLE;
}

/* Asked once more; false: it was often enough. */
static bool again(struct run *r, size_t index, const struct answer *a)
{
	struct oracle_state *s = r->state;

	if (s->slots[index].tries >= TRIES || a->kind == ANS_NOT_ASKED)
		return false;
	put(r, index);
	return true;
}

static void take(struct run *r, size_t index, const struct answer *a)
{
	struct oracle_state *s = r->state;
	struct oracle_slot *slot = &s->slots[index];
	struct oracle_trial *t = &s->trials[slot->trial];
	uint16_t trial = slot->trial;
	uint8_t pair = slot->pair;

	slot->reaction = heard(t, a);
	if (!slot->reaction && again(r, index, a))
		return;
	if (!slot->reaction && !t->trouble)
		t->trouble = reason_of(a);
	if (pair != FIRST_ROUND) {
		if (!--t->pairs[pair].waiting)
			weigh(r, trial, pair);
		return;
	}
	t->first[slot->vector] = slot->reaction;
	if (!--t->waiting)
		heard_all(r, trial);
}

enum next oracle_step(struct run *r, const struct answer *a)
{
	const struct oracle *o = r->probe->declaration;
	struct oracle_state *s = r->state;

	if (!a) {
		s->trials_n = o->make(r, &s->trials);
		first_round(r);
		return s->trials_n ? NEXT_WAIT : NEXT_DONE;
	}
	s->open--;
	take(r, a->tag, a);
	if (s->open)
		return NEXT_WAIT;
	o->tell(r, s->trials, s->trials_n);
	return NEXT_DONE;
}

/* ---- in words ------------------------------------------------------------------------------------------------------------ */

static const char *said(struct run *r, const struct oracle_trial *t, unsigned vector, unsigned like, unsigned of)
{
	struct text x = { 0 };
	const char *kept;

	reaction_tell(t->first[vector], &x);
	kept = arena_printf(r->arena, "%s: %s; %u of %u", t->vectors[vector].name, text_str(&x), like, of);
	text_free(&x);
	return kept;
}

size_t oracle_evidence(struct run *r, const struct oracle_trial *t, const struct oracle_pair *p, struct evidence **out)
{
	enum { LINES = 3, ROOM = 4 };
	struct evidence *e = arena_new(r->arena, ROOM, sizeof *e);

	e[0] = (struct evidence){ "suite", t->what };
	e[1] = (struct evidence){ "one", said(r, t, p->a, p->like_a, p->asked) };
	e[2] = (struct evidence){ "other", said(r, t, p->b, p->like_b, p->asked) };
	*out = e;
	return LINES;
}
