#include "report/issue.h"

#include <ctype.h>
#include <string.h>

#include "report/escape.h"
#include "report/policy_judge.h"
#include "report/show.h"
#include "scanner/base/text.h"

const char *issue_endpoint(struct arena *a, const struct record *r)
{
	const char *address = show_address(r);

	return address ? arena_printf(a, "%s (%s)", show_target(a, r), address) : show_target(a, r);
}

const char *issue_text(struct arena *a, const struct finding *f)
{
	if (f->state != FINDING_FAIL)
		return arena_printf(a, "%s: %s", finding_state_name(f->state), f->because ? f->because : f->title);
	return f->because ? arena_printf(a, "%s: %s", f->title, f->because) : f->title;
}

/* How much a broken demand weighs: what must be makes a policy fail, the rest is told beside it. */
static const enum severity of_level[] = { [LEVEL_MUST] = SEV_HIGH, [LEVEL_SHOULD] = SEV_LOW, [LEVEL_MAY] = SEV_INFO };

static struct finding of_policy(struct arena *a, const struct policy *p, const struct policy_entry *e)
{
	return (struct finding){ .id = policy_rule_id(a, p, e->rule),
		.title = arena_printf(a, "%s %s, %s: %s", p->name, p->edition, policy_level_name(e->rule->level),
		        e->rule->clause),
		.reference = p->source,
		.advice = e->fix,
		.severity = of_level[e->rule->level],
		.state = e->state,
		.waiver = e->waiver,
		.because = e->because };
}

/* The findings, and the demands of policies as if they were some. */
static void add_policies(struct arena *a, struct subject *s, const struct judgement *j)
{
	struct finding *all;
	size_t n = j->findings_count;

	for (size_t i = 0; i < j->policies_count; i++)
		n += j->policies[i].entries_count;
	all = arena_new(a, n + 1, sizeof *all);
	for (n = 0; n < j->findings_count; n++)
		all[n] = j->findings[n];
	for (size_t i = 0; i < j->policies_count; i++)
		for (size_t k = 0; k < j->policies[i].entries_count; k++)
			all[n++] = of_policy(a, j->policies[i].policy, &j->policies[i].entries[k]);
	s->findings = all;
	s->findings_count = n;
}

struct subject issue_of_endpoint(struct arena *a, const struct record *r, const struct judgement *j)
{
	bool other = r->sni && r->host && strcmp(r->sni, r->host);

	struct subject s = { .title = escape_in(a, escape_none, issue_endpoint(a, r)),
		.key = escape_in(a, escape_none, arena_printf(a, "%s/%s%s%s", show_target(a, r), r->ip ? r->ip : "",
		        other ? "/" : "", other ? r->sni : "")),
		.host = r->host && *r->host ? r->host : r->input ? r->input : "",
		.port = r->port,
		.findings = j->findings,
		.findings_count = j->findings_count };

	if (j->policies_count)
		add_policies(a, &s, j);
	return s;
}

struct subject issue_of_group(struct arena *a, const struct group_record *g)
{
	bool other = g->sni && g->host && strcmp(g->sni, g->host);

	return (struct subject){ .title = escape_in(a, escape_none, group_title(a, g)),
		.key = escape_in(a, escape_none,
		        arena_printf(a, "%s%s%s", group_title(a, g), other ? "/" : "", other ? g->sni : "")),
		.host = g->scope == GROUP_RUN ? NULL : g->host,
		.port = g->port,
		.findings = g->findings,
		.findings_count = g->findings_n };
}

const char *issue_key(struct arena *a, const struct subject *s, const struct finding *f)
{
	return arena_printf(a, "%s@%s", f->id, s->key);
}

const char *issue_advice(struct arena *a, const struct finding *f)
{
	if (!f->advice || !f->reference)
		return f->advice ? f->advice : f->reference ? f->reference : f->title;
	return arena_printf(a, "%s (%s)", f->advice, f->reference);
}

const char *issue_ids(struct arena *a, const char *reference, const char *kind)
{
	struct text t = { 0 };
	const char *s = reference ? reference : "", *ids;
	size_t n;

	for (; (s = strstr(s, kind)); s += n) {
		n = strlen(kind);
		while (isdigit((unsigned char)s[n]) || (s[n] == '-' && isdigit((unsigned char)s[n + 1])))
			n++;
		text_add(&t, t.n ? " " : "");
		text_addn(&t, s, n);
	}
	ids = arena_text(a, text_str(&t));
	text_free(&t);
	return ids;
}

bool issue_scanned(const struct record *r)
{
	return (r->status == STATUS_OK && !show_nobody_met(r)) || r->status == STATUS_SKIPPED;
}

bool issue_place(const struct output *o, const struct record *r, struct place *p)
{
	*p = (struct place){ o->anchor_file, o->anchor_line };
	if (r->source_file && r->source_line && strcmp(r->source_file, "-"))
		*p = (struct place){ r->source_file, r->source_line };
	return p->file && p->line;
}

bool issue_group_place(const struct output *o, const struct group_record *g, struct place *p)
{
	*p = (struct place){ o->anchor_file, o->anchor_line };
	if (o->last_file && o->last_line && strcmp(o->last_file, "-"))
		*p = (struct place){ o->last_file, g->scope == GROUP_RUN ? 1 : o->last_line };
	return p->file && p->line;
}
