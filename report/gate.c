#include "report/gate.h"

#include <string.h>

#include "report/baseline.h"
#include "report/escape.h"
#include "report/policy_judge.h"
#include "report/show.h"
#include "report/waive.h"
#include "scanner/base/text.h"
#include "scanner/facts/time.h"

enum { DAY_SECONDS = 86400, IDS_SHOWN = 6 };

struct input {
	const struct gate_options *o;
	const struct record *r;
	struct judgement *j;
	struct arena *arena; /* of the judgement */
};

/* What a gate came to. */
static void comes_to(struct gate_result *g, enum gate_state state, const char *because)
{
	g->state = state;
	g->because = because;
}

/* ---- lists of findings in a sentence ------------------------------------------------------------------------------ */

struct ids {
	struct text text;
	size_t count;
};

static void ids_put(struct ids *l, const char *id, const char *note)
{
	if (l->count < IDS_SHOWN)
		text_fmt(&l->text, "%s%s%s", l->count ? ", " : "", id, note);
	l->count++;
}

static void ids_add(struct ids *l, struct arena *a, const struct finding *f)
{
	ids_put(l, f->id, arena_printf(a, " (%s)", severity_name(f->severity)));
}

/* "2 findings failed: a (high), b (low)"; frees the list. */
static const char *ids_say(struct ids *l, struct arena *a, const char *noun, const char *what)
{
	const char *s = arena_printf(a, "%zu %s%s %s: %s", l->count, noun, l->count == 1 ? "" : "s", what, text_str(&l->text));

	if (l->count > IDS_SHOWN)
		s = arena_printf(a, "%s and %zu more", s, l->count - IDS_SHOWN);
	text_free(&l->text);
	return s;
}

/* What was looked at one by one, as far as it did not pass. */
struct looked {
	struct ids failed, unknown, waived;
};

static void looked_comes_to(struct looked *l, const struct input *in, const char *noun, struct gate_result *g)
{
	if (l->failed.count)
		comes_to(g, GATE_FAIL, ids_say(&l->failed, in->arena, noun, in->o->baseline ? "new" : "failed"));
	else if (l->unknown.count)
		comes_to(g, GATE_UNKNOWN, ids_say(&l->unknown, in->arena, noun, "not known"));
	else if (l->waived.count)
		comes_to(g, GATE_WAIVED, ids_say(&l->waived, in->arena, noun, "waived"));
	text_free(&l->failed.text);
	text_free(&l->unknown.text);
	text_free(&l->waived.text);
}

/* ---- the grade ------------------------------------------------------------------------------------------------------ */

static const char *min_grade_wants(const struct input *in)
{
	return letter_name(in->o->min_grade); /* NULL: not asked */
}

static enum letter old_letter(const struct input *in)
{
	return in->o->baseline ? baseline_letter(in->o->baseline, in->r) : LETTER_NONE;
}

static void min_grade_hold(const struct input *in, struct gate_result *g)
{
	const struct grade *grade = &in->j->grade;
	enum letter old = old_letter(in);

	if (grade->letter == LETTER_NONE)
		comes_to(g, GATE_UNKNOWN, show_caveat(in->arena, in->r, grade));
	else if (grade->letter > in->o->min_grade && grade->letter > old)
		comes_to(g, GATE_FAIL, arena_printf(in->arena, "the grade is %s", letter_name(grade->letter)));
	else if (!grade->complete)
		comes_to(g, GATE_UNKNOWN, arena_printf(in->arena, "the grade is %s, %s", letter_name(grade->config_letter),
			show_caveat(in->arena, in->r, grade) ? show_caveat(in->arena, in->r, grade) : "and not known in full"));
	else if (grade->letter > in->o->min_grade)
		comes_to(g, GATE_PASS, arena_printf(in->arena, "the grade is %s, no worse than in the older report",
			letter_name(grade->letter)));
}

/* ---- findings ------------------------------------------------------------------------------------------------------- */

static bool is_old(const struct input *in, const struct finding *f)
{
	return in->o->baseline && baseline_failed(in->o->baseline, in->r, f->id);
}

/* Of the findings from `least` on: what fails and is new, and what is not known. */
static void hold_findings(const struct input *in, enum severity least, struct gate_result *g)
{
	struct looked l = { 0 };

	for (size_t i = 0; i < in->j->findings_count; i++) {
		const struct finding *f = &in->j->findings[i];

		if (f->severity < least)
			continue;
		if (f->state == FINDING_FAIL && !is_old(in, f))
			ids_add(&l.failed, in->arena, f);
		else if (f->state == FINDING_UNKNOWN && !f->optional)
			ids_add(&l.unknown, in->arena, f);
		else if (f->state == FINDING_WAIVED)
			ids_add(&l.waived, in->arena, f);
	}
	looked_comes_to(&l, in, "finding", g);
}

static const char *fail_on_wants(const struct input *in)
{
	return in->o->has_fail_on ? severity_name(in->o->fail_on) : NULL;
}

static void fail_on_hold(const struct input *in, struct gate_result *g)
{
	hold_findings(in, in->o->fail_on, g);
}

/* ---- an older report --------------------------------------------------------------------------------------------------- */

/* Beside another gate the older report only says what of it is new. */
static const char *baseline_wants(const struct input *in)
{
	return in->o->baseline && !min_grade_wants(in) && !fail_on_wants(in) && !in->j->policies_count ? "nothing new" : NULL;
}

static void baseline_hold(const struct input *in, struct gate_result *g)
{
	enum letter old = old_letter(in), letter = in->j->grade.letter;

	hold_findings(in, SEV_LOW, g);
	if (g->state != GATE_FAIL && old != LETTER_NONE && letter > old)
		comes_to(g, GATE_FAIL, arena_printf(in->arena, "the grade is %s, and was %s", letter_name(letter), letter_name(old)));
	else if (g->state != GATE_FAIL && old != LETTER_NONE && letter == LETTER_NONE)
		comes_to(g, GATE_UNKNOWN, show_caveat(in->arena, in->r, &in->j->grade));
}

/* ---- policies ----------------------------------------------------------------------------------------------------- */

static const char *policy_wants(const struct input *in)
{
	const char *names = NULL;

	for (size_t i = 0; i < in->j->policies_count; i++) {
		const char *name = in->j->policies[i].policy->name;

		names = names ? arena_printf(in->arena, "%s, %s", names, name) : name;
	}
	return names;
}

static void look_at(const struct input *in, const struct policy_result *p, const struct policy_entry *e, struct looked *l)
{
	const char *id = policy_rule_id(in->arena, p->policy, e->rule);

	if (e->rule->level != LEVEL_MUST)
		return;
	if (e->state == FINDING_WAIVED)
		ids_put(&l->waived, id, "");
	else if (e->state == FINDING_UNKNOWN)
		ids_put(&l->unknown, id, "");
	else if (e->state == FINDING_FAIL && (!in->o->baseline || !baseline_broken(in->o->baseline, in->r, id)))
		ids_put(&l->failed, id, "");
}

static void policy_hold(const struct input *in, struct gate_result *g)
{
	struct looked l = { 0 };

	for (size_t i = 0; i < in->j->policies_count; i++)
		for (size_t k = 0; k < in->j->policies[i].entries_count; k++)
			look_at(in, &in->j->policies[i], &in->j->policies[i].entries[k], &l);
	looked_comes_to(&l, in, "rule", g);
}

/* ---- what ends ------------------------------------------------------------------------------------------------------------ */

struct end {
	const char *what; /* NULL: nothing that ends was seen */
	int64_t at;
	bool unreadable; /* a certificate cannot be read */
};

static void sooner(struct end *e, const char *what, int64_t at)
{
	if (!e->what || at < e->at) {
		e->what = what;
		e->at = at;
	}
}

/* The times of staples stand with the evidence that may differ from scan to scan. */
static void staple_ends(const struct record *r, struct end *e)
{
	static const char name[] = "next_update";

	for (size_t i = 0; i < r->volatiles_count; i++) {
		const struct volatile_evidence *v = &r->volatiles[i];
		int64_t at;

		if (!strcmp(v->finding, STAPLE_TIMES) && !strncmp(v->evidence.name, name, sizeof name - 1) &&
		        time_parse(v->evidence.text, &at))
			sooner(e, "the OCSP staple", at);
	}
}

static struct end first_end(const struct input *in)
{
	struct end e = { 0 };

	for (size_t i = 0; i < in->r->certs_count; i++) {
		const struct cert_info *c = &in->r->certs[i];

		if (c->malformed)
			e.unreadable = true;
		else
			sooner(&e, c->subject && *c->subject ? c->subject : c->sha256, c->not_after);
	}
	staple_ends(in->r, &e);
	return e;
}

static const char *expires_wants(const struct input *in)
{
	const struct gate_options *o = in->o;

	if (!o->has_expires)
		return NULL;
	return o->crit_days ? arena_printf(in->arena, "%lld,%lld", (long long)o->warn_days, (long long)o->crit_days)
	                    : arena_printf(in->arena, "%lld", (long long)o->warn_days);
}

static bool within(const struct record *r, const struct end *e, int64_t days)
{
	return e->at - r->started < days * DAY_SECONDS;
}

/* What asks each version for every type of certificate: up to TLS 1.2 the suite says which it is. That of SSL 2.0 keeps none. */
static const struct {
	uint16_t version;
	const char *probe;
} shows[] = {
	{ VER_TLS13, "handshake.tls13" }, { VER_TLS12, "suites.tls12" }, { VER_TLS11, "suites.tls11" },
	{ VER_TLS10, "suites.tls10" }, { VER_SSL3, "suites.ssl3" },
};

static bool probe_done(const struct record *r, const char *id)
{
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strcmp(r->probes[i].id, id))
			return r->probes[i].state == PROBE_DONE;
	return false;
}

/* Why a certificate may be there that was not seen; NULL: there is none. */
static const char *unseen(const struct input *in)
{
	for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
		if (record_tri(in->r, OBS_KEY_PROTOCOL_OFFERED, shows[i].version) != TRI_NO && !probe_done(in->r, shows[i].probe))
			return arena_printf(in->arena, "there may be certificates that were not seen: %s was not run to its end",
				shows[i].probe);
	return NULL;
}

static void expires_hold(const struct input *in, struct gate_result *g)
{
	const struct gate_options *o = in->o;
	struct end e = first_end(in);
	char when[24];

	time_text(e.at, when);
	if (e.what && within(in->r, &e, o->warn_days)) {
		g->critical = within(in->r, &e, o->crit_days);
		comes_to(g, GATE_FAIL, within(in->r, &e, 0)
			? arena_printf(in->arena, "%s ended %s", e.what, when)
			: arena_printf(in->arena, "%s ends %s, within %lld days", e.what, when,
				(long long)(g->critical ? o->crit_days : o->warn_days)));
	} else if (!e.what) {
		comes_to(g, GATE_UNKNOWN, "no certificate was seen");
	} else if (e.unreadable) {
		comes_to(g, GATE_UNKNOWN, "a certificate cannot be read");
	} else if (unseen(in)) {
		comes_to(g, GATE_UNKNOWN, unseen(in));
	}
}

/* ---- waivers --------------------------------------------------------------------------------------------------------------- */

static bool is_open(enum finding_state s)
{
	return s == FINDING_FAIL || s == FINDING_UNKNOWN;
}

static enum gate_state of_finding(enum finding_state s)
{
	return s == FINDING_FAIL ? GATE_FAIL : s == FINDING_UNKNOWN ? GATE_UNKNOWN : GATE_PASS;
}

static enum gate_state policy_needs(const struct input *in, const char *id)
{
	for (size_t i = 0; i < in->j->policies_count; i++)
		for (size_t k = 0; k < in->j->policies[i].entries_count; k++) {
			const struct policy_entry *e = &in->j->policies[i].entries[k];

			if (is_open(e->state) && !strcmp(id, policy_rule_id(in->arena, in->j->policies[i].policy, e->rule)))
				return of_finding(e->state);
		}
	return GATE_PASS;
}

/* Whether what was waived still fails: fail, or unknown; pass where a waiver is not needed any more. */
static enum gate_state needs(const struct input *in, const char *id)
{
	for (size_t i = 0; i < in->j->findings_count; i++)
		if (!strcmp(in->j->findings[i].id, id))
			return of_finding(in->j->findings[i].state);
	for (size_t i = 0; i < in->j->gates_count; i++)
		if (!strcmp(in->j->gates[i].gate, id))
			return in->j->gates[i].state == GATE_FAIL || in->j->gates[i].state == GATE_UNKNOWN ? in->j->gates[i].state : GATE_PASS;
	return policy_needs(in, id);
}

static const char *waive_wants(const struct input *in)
{
	return in->o->waivers ? "none has ended" : NULL;
}

static void waive_hold(const struct input *in, struct gate_result *g)
{
	const struct waivers *ws = in->o->waivers;

	for (size_t i = 0; i < ws->count && g->state != GATE_FAIL; i++) {
		const struct waiver *w = waivers_find(ws, in->r, ws->list[i].id);
		enum gate_state state = w && waiver_ended(w, in->r) ? needs(in, w->id) : GATE_PASS;

		if (state == GATE_FAIL || (state == GATE_UNKNOWN && g->state == GATE_PASS))
			comes_to(g, state, arena_printf(in->arena, "the waiver of %s ended: until %s, %s%s", w->id, w->until, w->why,
				state == GATE_FAIL ? "" : "; whether it is still needed is not known"));
	}
}

static void waive_findings(const struct input *in)
{
	for (size_t i = 0; i < in->j->findings_count; i++) {
		struct finding *f = &in->j->findings[i];

		if (f->state != FINDING_FAIL && (f->state != FINDING_UNKNOWN || f->optional))
			continue;
		f->waiver = waivers_find(in->o->waivers, in->r, f->id);
		if (f->waiver && !waiver_ended(f->waiver, in->r))
			f->state = FINDING_WAIVED;
	}
}

static void waive_policies(const struct input *in)
{
	for (size_t i = 0; i < in->j->policies_count; i++)
		for (size_t k = 0; k < in->j->policies[i].entries_count; k++) {
			struct policy_entry *e = &in->j->policies[i].entries[k];
			const struct waiver *w = !is_open(e->state) ? NULL
				: waivers_find(in->o->waivers, in->r, policy_rule_id(in->arena, in->j->policies[i].policy, e->rule));

			if (w && !waiver_ended(w, in->r)) {
				e->state = FINDING_WAIVED;
				e->waiver = w;
			}
		}
}

static void waive_gate(const struct input *in, struct gate_result *g)
{
	const struct waiver *w = waivers_find(in->o->waivers, in->r, g->gate);

	if ((g->state == GATE_FAIL || g->state == GATE_UNKNOWN) && w && !waiver_ended(w, in->r))
		comes_to(g, GATE_WAIVED, arena_printf(in->arena, "%s; waived until %s: %s", g->because, w->until, w->why));
}

/* ---- all of them ------------------------------------------------------------------------------------------------------------- */

static const struct gate {
	const char *name;
	const char *(*wants)(const struct input *);
	void (*hold)(const struct input *, struct gate_result *);
} gates[] = {
#define GATE(name_, option_, what_) { .name = option_, .wants = name_##_wants, .hold = name_##_hold },
#include "report/gates.def"
#undef GATE
};

enum { GATES = sizeof gates / sizeof *gates };

bool gate_waivable(const char *name)
{
	for (size_t i = 0; i < GATES; i++)
		if (!strcmp(gates[i].name, name))
			return gates[i].hold != waive_hold;
	return false;
}

/* Nothing passes of an endpoint that was not scanned, and of one that was scanned in part only what fails is certain. */
static void decide(const struct input *in, const struct gate *gate, struct gate_result *g)
{
	if (in->r->status == STATUS_SKIPPED) {
		comes_to(g, GATE_NA, "not scanned: this machine has no way to the address");
		return;
	}
	if (in->j->findings_count)
		gate->hold(in, g);
	if (g->state == GATE_PASS && (in->r->status != STATUS_OK || !in->j->findings_count || show_nobody_met(in->r)))
		comes_to(g, GATE_UNKNOWN, show_error(in->arena, in->r));
	waive_gate(in, g);
}

/* What is composed to be read is made harmless here, once for every format. */
static void hold(const struct input *in, const struct gate *gate, struct gate_result *g)
{
	decide(in, gate, g);
	g->because = g->because ? escape_in(in->arena, escape_none, g->because) : NULL;
}

void gates_hold(const struct gate_options *o, const struct record *r, struct judgement *j)
{
	struct input in = { .o = o, .r = r, .j = j, .arena = &j->arena };

	waive_findings(&in);
	waive_policies(&in);
	j->gates = arena_new(&j->arena, GATES, sizeof *j->gates);
	j->gates_count = 0;
	for (size_t i = 0; i < GATES; i++) {
		struct gate_result g = { .gate = gates[i].name, .wants = gates[i].wants(&in) };

		if (!g.wants)
			continue;
		hold(&in, &gates[i], &g);
		j->gates[j->gates_count++] = g;
	}
}
