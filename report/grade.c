#include "report/grade.h"

#include <string.h>

#include "report/rules/when.h"
#include "report/score.h"
#include "report/simulate.h"

const struct guide_rule guide_rules[] = {
#define GUIDE(number_, id_, effect_, since_, fix_, ...)                                                      \
	{ .number = number_,                                                                                 \
		.id = id_,                                                                                   \
		.effect = EFFECT_##effect_,                                                                  \
		.since = since_,                                                                             \
		.fix = fix_,                                                                                 \
		.cond = __VA_ARGS__ },
#include "report/rules/ssllabs_2009r.def"
#undef GUIDE
};

const size_t guide_rules_count = sizeof guide_rules / sizeof *guide_rules;

/* What an effect does to a letter: nothing better than `cap`; */
static const struct {
	const char *name;
	enum letter cap;
} effects[] = {
	[EFFECT_NONE] = { "none", LETTER_NONE },
	[EFFECT_CAP_B] = { "cap B", LETTER_B },
	[EFFECT_CAP_C] = { "cap C", LETTER_C },
	[EFFECT_F] = { "F", LETTER_F },
	[EFFECT_WARNING] = { "warning", LETTER_NONE },
	[EFFECT_NO_A_PLUS] = { "no A+", LETTER_NONE },
	[EFFECT_T] = { "T", LETTER_NONE },
	[EFFECT_M] = { "M", LETTER_NONE },
};

const struct guide_rule *guide_rule_find(const char *id)
{
	for (size_t i = 0; i < guide_rules_count; i++)
		if (!strcmp(guide_rules[i].id, id))
			return &guide_rules[i];
	return NULL;
}

const char *effect_name(enum effect e)
{
	return effects[e].name;
}

/* ---- the ledger
 * ---------------------------------------------------------------------------------------------- */

static enum entry_state state_of(enum tri holds)
{
	static const enum entry_state states[] = {
		[TRI_ABSENT] = ENTRY_NOT_EVALUATED,
		[TRI_NO] = ENTRY_NOT_APPLIED,
		[TRI_YES] = ENTRY_APPLIED,
		[TRI_UNKNOWN] = ENTRY_NOT_EVALUATED,
		[TRI_NA] = ENTRY_NA,
	};

	return states[holds];
}

/* Does what to remove follow behind the fix? */
static bool names_more(const struct guide_rule *r)
{
	size_t n = strlen(r->fix);

	return n && r->fix[n - 1] == ':';
}

static const char *fix_of(const struct view *v, const struct guide_rule *r, const struct verdict *d)
{
	if (d->holds != TRI_YES)
		return NULL;
	if (names_more(r) && d->what)
		return arena_printf(v->arena, "%s %s", r->fix, d->what);
	return r->fix;
}

static bool every_suite(const struct cipher *c)
{
	(void)c;
	return true;
}

/*
 * What the fix of such a rule takes away from the server; false: nothing that clients could miss. What it names behind
 * its colon it removes, in every version; else one about any suite of some versions switches those off, and one about
 * what clients get only asks for another order.
 */
static bool taken_by_fix(const struct guide_rule *r, struct without *w)
{
	const struct cond *c = &r->cond;

	*w = (struct without){ .protocol = c->from, .suite = c->suite };
	if (c->op == cond_offered)
		return c->from != VER_SSL2;
	if (!c->suite || names_more(r))
		return c->suite != NULL;
	*w = (struct without){ .suite = every_suite, .from = c->from, .to = c->to };
	return c->op == cond_any_suite;
}

static bool has_aead(const struct client *c)
{
	for (size_t i = 0; i < c->suites.n; i++) {
		const struct suite *s = suite_find((uint16_t)c->suites.v[i]);

		if (s && s->flags & SUITE_AEAD)
			return true;
	}
	return false;
}

/* Who can take what the fix offers instead is not lost. */
static bool is_kept(const struct guide_rule *r, const struct client *c)
{
	return !strncmp(r->fix, "Offer AES-GCM", strlen("Offer AES-GCM")) && has_aead(c);
}

/* One list of clients: before the fix, and then. */
struct change {
	const struct sim *now, *then;
	size_t n;
};

static void add_lost(const struct view *v, const struct guide_rule *r, struct ledger_entry *e, struct change all)
{
	for (size_t i = 0; i < all.n; i++) {
		const struct sim *now = &all.now[i];

		if (now->state != SIM_CONNECTS || all.then[i].state != SIM_FAILS || is_kept(r, now->client))
			continue;
		e->loses = arena_push(v->arena, e->loses, e->loses_count, sizeof(struct client *));
		e->loses[e->loses_count++] = now->client;
	}
}

static void add_losses(const struct view *v, const struct guide_rule *r, struct ledger_entry *e)
{
	struct sims now = { 0 }, then;
	struct without w;

	if (e->state != ENTRY_APPLIED || !taken_by_fix(r, &w))
		return;
	if (!v->sims)
		now = simulate_all(v, NULL);
	then = simulate_all(v, &w);
	e->removes = true;
	add_lost(v, r, e, (struct change){ v->sims ? v->own_sims : now.own, then.own, then.own_n });
	add_lost(v, r, e, (struct change){ v->sims ? v->sims : now.known, then.known, clients_count });
}

static void fill_ledger(const struct view *v, struct grade *g)
{
	g->ledger = arena_new(v->arena, guide_rules_count, sizeof *g->ledger);
	g->ledger_count = guide_rules_count;
	for (size_t i = 0; i < guide_rules_count; i++) {
		const struct guide_rule *r = &guide_rules[i];
		struct verdict d = cond_ask(v, &r->cond);

		g->ledger[i] = (struct ledger_entry){ .rule = r->id,
			.effect = effect_name(r->effect),
			.state = state_of(d.holds),
			.because = d.because,
			.fix = fix_of(v, r, &d) };
		add_losses(v, r, &g->ledger[i]);
	}
}

/* Is there an entry with this effect in this state? */
static bool any(const struct grade *g, enum effect effect, enum entry_state state)
{
	for (size_t i = 0; i < g->ledger_count; i++)
		if (guide_rules[i].effect == effect && g->ledger[i].state == state)
			return true;
	return false;
}

/* ---- the letter
 * ---------------------------------------------------------------------------------------------- */

static enum letter worst_cap(const struct grade *g, enum letter letter)
{
	for (size_t i = 0; i < g->ledger_count; i++) {
		enum letter cap = effects[guide_rules[i].effect].cap;

		if (g->ledger[i].state == ENTRY_APPLIED && cap > letter)
			letter = cap;
	}
	return letter;
}

static bool a_plus_earned(const struct grade *g)
{
	return !any(g, EFFECT_NO_A_PLUS, ENTRY_APPLIED) && !any(g, EFFECT_NO_A_PLUS, ENTRY_NOT_EVALUATED) &&
	       !any(g, EFFECT_WARNING, ENTRY_NOT_EVALUATED);
}

static enum letter config_letter(const struct grade *g, int total)
{
	enum letter letter = worst_cap(g, score_letter(total));

	if (letter != LETTER_A)
		return letter;
	if (any(g, EFFECT_WARNING, ENTRY_APPLIED))
		return LETTER_A_MINUS;
	return a_plus_earned(g) ? LETTER_A_PLUS : LETTER_A;
}

static bool trust_unknown(const struct grade *g)
{
	for (size_t i = 0; i < g->ledger_count; i++) {
		const struct guide_rule *r = &guide_rules[i];

		if ((r->effect == EFFECT_T || r->effect == EFFECT_M) && g->ledger[i].state == ENTRY_NOT_EVALUATED)
			return true;
	}
	return false;
}

static const char *trust_of(const struct grade *g)
{
	if (any(g, EFFECT_M, ENTRY_APPLIED))
		return "mismatch";
	if (any(g, EFFECT_T, ENTRY_APPLIED))
		return "untrusted";
	return trust_unknown(g) ? "unknown" : "ok";
}

static enum letter letter_with_trust(const struct grade *g)
{
	if (g->config_letter == LETTER_NONE)
		return LETTER_NONE;
	if (any(g, EFFECT_M, ENTRY_APPLIED))
		return LETTER_M;
	return any(g, EFFECT_T, ENTRY_APPLIED) ? LETTER_T : g->config_letter;
}

static bool certificate_seen(const struct view *v)
{
	for (size_t i = 0; i < v->chains_count; i++)
		if (v->chains[i].judged)
			return true;
	return false;
}

static int shown(struct score s)
{
	return score_known(s) ? s.best : -1;
}

/*
 * Where a score is a range the letter is that of its best end, and the grade is complete only when the worst
 * end gives the same: what is printed as "at best" is never better than what the facts allow.
 */
struct grade grade_of(const struct view *v)
{
	struct score protocol = score_protocol(v), keys = score_key_exchange(v), cipher = score_cipher(v);
	struct score total = score_total(protocol, keys, cipher);
	struct grade g = { .guide = "ssllabs-2009r",
		.protocol = shown(protocol),
		.key_exchange = shown(keys),
		.cipher = shown(cipher),
		.total = shown(total) };

	fill_ledger(v, &g);
	g.trust = trust_of(&g);
	g.config_letter =
	        certificate_seen(v) && total.best >= 0 ? config_letter(&g, total.best) : LETTER_NONE;
	g.letter = letter_with_trust(&g);
	g.complete = g.config_letter != LETTER_NONE && !v->record->unstable &&
	             !any(&g, EFFECT_F, ENTRY_NOT_EVALUATED) &&
	             g.config_letter == config_letter(&g, total.worst);
	return g;
}
