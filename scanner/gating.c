#include "scanner/gating.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/cli.h"
#include "scanner/compare/compare.h"
#include "scanner/compare/rules.h"
#include "scanner/facts/records.h"

enum { DAYS_MAX = 36500, FILE_BYTES_MAX = 16 << 20, PART = 1 << 16 };

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static FILE *open_file(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f) {
		die_if_memory();
		complain(path, strerror(errno));
	}
	return f;
}

/* ---- words -------------------------------------------------------------------------------------------------------- */

/* T and M are no grades to demand: they are about trust. */
static bool take_min_grade(struct gate_options *o, const char *word)
{
	if (!word || (letter_parse(word, &o->min_grade) && o->min_grade <= LETTER_F))
		return true;
	return complain("--min-grade", "A+, A, A-, B, C, D, E or F is wanted");
}

static bool take_fail_on(struct gate_options *o, const char *word)
{
	o->has_fail_on = word;
	return !word || severity_parse(word, &o->fail_on) ||
	       complain("--fail-on", "info, low, medium, high or critical is wanted");
}

/* A number of days; what follows it in *rest. */
static bool take_days(const char *text, int64_t *days, const char **rest)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 10);

	*rest = end;
	*days = (int64_t)n;
	return *text >= '0' && *text <= '9' && n >= 1 && n <= DAYS_MAX;
}

static bool take_expires(struct gate_options *o, const char *text)
{
	const char *rest;
	bool well;

	o->has_expires = text;
	if (!text)
		return true;
	well = take_days(text, &o->warn_days, &rest);
	if (well && *rest == ',')
		well = take_days(rest + 1, &o->crit_days, &rest) && o->crit_days <= o->warn_days;
	return (well && !*rest) || complain("--expires-within", "days are wanted, and fewer of them for critical: 30 or 30,7");
}

/* ---- files -------------------------------------------------------------------------------------------------------- */

/* A finding of a group, as it is named over two reports. */
static const char *group_key(struct arena *a, const struct group_record *g, const struct finding *f)
{
	return arena_printf(a, "%s %s", group_title(a, g), f->id);
}

static void keep_group(void *owner, struct group_record *group)
{
	struct gating *g = owner;

	for (size_t i = 0; i < group->findings_n; i++) {
		if (group->findings[i].state != FINDING_FAIL)
			continue;
		g->old_groups = arena_push(&g->arena, g->old_groups, g->old_groups_n, sizeof *g->old_groups);
		g->old_groups[g->old_groups_n++] = group_key(&g->arena, group, &group->findings[i]);
	}
}

static void read_baseline(struct gating *g, struct records *in)
{
	struct compare *c = compare_new(keep_group, g);
	struct record *r;

	while ((r = records_next(in))) {
		struct judgement *j = judge(r);

		judgement_policies(j, r, g->policies.list, g->policies.count);
		baseline_add(&g->baseline, r, j);
		compare_endpoint(c, r, j);
		judgement_free(j);
		record_free(r);
	}
	compare_end(c);
	baseline_end(&g->baseline);
}

static bool open_baseline(struct gating *g, const char *path)
{
	struct records in;
	FILE *f = path ? open_file(path) : NULL;
	bool well;

	if (!f)
		return !path;
	records_open(&in, f);
	read_baseline(g, &in);
	well = !in.why || complain(path, in.why);
	records_close(&in);
	fclose(f);
	g->options.baseline = &g->baseline;
	return well;
}

static bool read_file(struct text *t, const char *path)
{
	static char part[PART];
	FILE *f = open_file(path);
	bool bad;
	size_t n;

	if (!f)
		return false;
	while (t->n <= FILE_BYTES_MAX && (n = fread(part, 1, sizeof part, f)) > 0)
		text_addn(t, part, n);
	bad = ferror(f);
	fclose(f);
	if (t->n > FILE_BYTES_MAX)
		return complain(path, "larger than 16 megabytes");
	return !bad || complain(path, "cannot be read");
}

static bool open_waivers(struct gating *g, const char *path)
{
	struct text t = { 0 };
	char *why = NULL;
	bool well = !path || (read_file(&t, path) && (waivers_parse(&g->waivers, text_str(&t), t.n, &why) || complain(path, why)));

	g->options.waivers = path ? &g->waivers : NULL;
	free(why);
	text_free(&t);
	return well;
}

/* Ids of groups are known here only. */
static bool know_waivers(const struct gating *g, const char *path)
{
	for (size_t i = 0; i < g->waivers.count; i++)
		if (waives_group(&g->waivers.list[i]) && !group_rule_find(g->waivers.list[i].id))
			return complain(path, "no finding of a group has this id (see: tlsassay list rules)");
	return true;
}

bool gating_open(struct gating *g, const struct cli *c)
{
	*g = (struct gating){ 0 };
	if (take_min_grade(&g->options, c->min_grade) && take_fail_on(&g->options, c->fail_on) &&
	        take_expires(&g->options, c->expires_within) && policies_open(&g->policies, c->policies) &&
	        open_baseline(g, c->baseline) && open_waivers(g, c->waive) && know_waivers(g, c->waive))
		return true;
	gating_close(g);
	return false;
}

bool gating_asked(const struct gating *g)
{
	const struct gate_options *o = &g->options;

	return o->min_grade != LETTER_NONE || o->has_fail_on || o->has_expires || o->baseline || o->waivers || g->policies.count;
}

void gating_close(struct gating *g)
{
	baseline_free(&g->baseline);
	waivers_free(&g->waivers);
	policies_close(&g->policies);
	arena_free(&g->arena);
}

/* ---- what came of it ------------------------------------------------------------------------------------------------ */

static void say(const struct record *r, const struct gate_result *g)
{
	struct arena a = { 0 };
	struct text t = { 0 };
	const char *ip = show_address(r);

	text_visible(&t, arena_printf(&a, "%s%s%s: gate %s (%s) %s: %s", show_target(&a, r), ip ? "  " : "", ip ? ip : "", g->gate,
		g->wants, g->state == GATE_FAIL ? "failed" : "could not be decided", g->because));
	fprintf(stderr, "tlsassay: %s\n", text_str(&t));
	text_free(&t);
	arena_free(&a);
}

void gating_hold(const struct gating *g, const struct record *r, struct judgement *j)
{
	judgement_policies(j, r, g->policies.list, g->policies.count);
	gates_hold(&g->options, r, j);
	for (size_t i = 0; i < j->gates_count; i++)
		if (j->gates[i].state == GATE_FAIL || j->gates[i].state == GATE_UNKNOWN)
			say(r, &j->gates[i]);
}

/* ---- groups --------------------------------------------------------------------------------------------------------- */

/* Beside other gates the older report only says what is new of what they look at. */
static bool looks_at_groups(const struct gating *g, enum severity *least)
{
	const struct gate_options *o = &g->options;

	*least = o->has_fail_on ? o->fail_on : SEV_LOW;
	return o->has_fail_on || (o->baseline && o->min_grade == LETTER_NONE && !g->policies.count);
}

static bool is_old(const struct gating *g, const struct group_record *group, const struct finding *f)
{
	struct arena a = { 0 };
	const char *key = group_key(&a, group, f);
	bool old = false;

	for (size_t i = 0; i < g->old_groups_n && !old; i++)
		old = !strcmp(g->old_groups[i], key);
	arena_free(&a);
	return old;
}

static bool is_waived(const struct gating *g, const struct group_record *group, const struct finding *f, int64_t at)
{
	const struct record about = { .input = "", .host = group->host ? group->host : "", .port = group->port, .started = at };
	const struct waiver *w = waivers_find(g->options.waivers, &about, f->id);

	return w && !waiver_ended(w, &about);
}

/* What one finding of a group comes to. That an address was not heard is told by a finding, and a status, of its own. */
static enum gate_state hold_one(const struct gating *g, const struct group_record *group, const struct finding *f, int64_t at)
{
	if (f->state != FINDING_FAIL && (f->state != FINDING_UNKNOWN || f->unasked))
		return GATE_PASS;
	if (is_waived(g, group, f, at))
		return GATE_WAIVED;
	if (f->state == FINDING_UNKNOWN)
		return GATE_UNKNOWN;
	return g->options.baseline && is_old(g, group, f) ? GATE_PASS : GATE_FAIL;
}

static void say_group(const struct group_record *group, const struct finding *f, const char *gate, enum gate_state state)
{
	struct arena a = { 0 };
	struct text t = { 0 };

	text_visible(&t, arena_printf(&a, "%s: gate %s %s: %s (%s)%s%s", group_title(&a, group), gate,
		state == GATE_FAIL ? "failed" : "could not be decided", f->id, severity_name(f->severity), f->because ? ": " : "",
		f->because ? f->because : ""));
	fprintf(stderr, "tlsassay: %s\n", text_str(&t));
	text_free(&t);
	arena_free(&a);
}

static void list_id(struct text *t, const struct finding *f)
{
	text_fmt(t, "%s%s (%s)", t->n ? ", " : "", f->id, severity_name(f->severity));
}

/* The worst of what its findings came to, and which of them did; as the gate of an endpoint says it. */
static enum gate_state keep_gate(struct group_record *group, const struct gate_options *o, const struct text ids[static GATE_NA])
{
	static const enum gate_state worst_first[] = { GATE_FAIL, GATE_UNKNOWN, GATE_WAIVED, GATE_PASS };
	struct gate_result *r = arena_new(&group->arena, 1, sizeof *r);
	size_t i = 0;

	while (worst_first[i] != GATE_PASS && !ids[worst_first[i]].n)
		i++;
	*r = (struct gate_result){ .gate = o->has_fail_on ? "fail-on" : "baseline",
		.wants = o->has_fail_on ? severity_name(o->fail_on) : "nothing new", .state = worst_first[i] };
	if (r->state != GATE_PASS)
		r->because = arena_text(&group->arena, text_str(&ids[r->state]));
	group->gate = r;
	return r->state;
}

enum gate_state gating_hold_group(const struct gating *g, struct group_record *group, int64_t at)
{
	struct text ids[GATE_NA] = { { 0 } };
	enum gate_state worst;
	enum severity least;

	if (!looks_at_groups(g, &least) || !group_is_news(group))
		return GATE_NA;
	for (size_t i = 0; i < group->findings_n; i++) {
		const struct finding *f = &group->findings[i];
		enum gate_state state = f->severity < least ? GATE_PASS : hold_one(g, group, f, at);

		list_id(&ids[state], f);
		if (state == GATE_FAIL || state == GATE_UNKNOWN)
			say_group(group, f, g->options.has_fail_on ? "fail-on" : "baseline", state);
	}
	worst = keep_gate(group, &g->options, ids);
	for (size_t i = 0; i < GATE_NA; i++)
		text_free(&ids[i]);
	return worst;
}
