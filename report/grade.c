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

static const char *fix_of(const struct view *v, const struct guide_rule *r, const struct verdict *d)
{
	size_t n = strlen(r->fix);

	if (d->holds != TRI_YES)
		return NULL;
	if (n && r->fix[n - 1] == ':' && d->what)
		return arena_printf(v->arena, "%s %s", r->fix, d->what);
	return r->fix;
}

/* What the fix of such a rule takes away from the server; false: nothing that clients could miss. */
static bool taken_by_fix(const struct cond *c, struct without *w)
{
	*w = (struct without){ .protocol = c->from, .suite = c->suite, .from = c->from, .to = c->to };
	if (c->op == cond_offered)
		return c->from != VER_SSL2;
	return c->suite && (c->op == cond_any_suite || c->op == cond_only_suite || c->op == cond_some_client ||
	                           c->op == cond_every_client);
}

static void add_lost(const struct view *v, struct ledger_entry *e, const struct sim *now, const struct sim *then, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (now[i].state != SIM_CONNECTS || then[i].state != SIM_FAILS)
			continue;
		e->loses = arena_push(v->arena, e->loses, e->loses_count, sizeof(struct client *));
		e->loses[e->loses_count++] = now[i].client;
	}
}

static void add_losses(const struct view *v, const struct cond *c, struct ledger_entry *e)
{
	struct sims now = { 0 }, then;
	struct without w;

	if (e->state != ENTRY_APPLIED || !taken_by_fix(c, &w))
		return;
	if (!v->sims)
		now = simulate_all(v, NULL);
	then = simulate_all(v, &w);
	e->removes = true;
	add_lost(v, e, v->sims ? v->own_sims : now.own, then.own, then.own_n);
	add_lost(v, e, v->sims ? v->sims : now.known, then.known, clients_count);
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
		add_losses(v, &r->cond, &g->ledger[i]);
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
