#include "scanner/compare/rules.h"

#include <string.h>

#include "report/escape.h"

const struct group_rule group_rules[] = {
#define NAME_RULE(id_, severity_, title_, reference_, advice_, cond_, about_)                                        \
	{ .id = id_, .title = title_, .reference = reference_, .advice = advice_, .severity = SEV_##severity_,       \
		.scope = GROUP_NAME, .name = cond_, .about = about_ },
#define RUN_RULE(id_, severity_, title_, reference_, advice_, cond_)                                                 \
	{ .id = id_, .title = title_, .reference = reference_, .advice = advice_, .severity = SEV_##severity_,       \
		.scope = GROUP_RUN, .run = cond_ },
#include "scanner/compare/rules.def"
#undef NAME_RULE
#undef RUN_RULE
};

const size_t group_rules_count = sizeof group_rules / sizeof *group_rules;

const struct group_rule *group_rule_find(const char *id)
{
	for (size_t i = 0; i < group_rules_count; i++)
		if (!strcmp(group_rules[i].id, id))
			return &group_rules[i];
	return NULL;
}

static enum finding_state state_of(enum tri holds)
{
	switch (holds) {
	case TRI_YES:
		return FINDING_FAIL;
	case TRI_NO:
		return FINDING_PASS;
	case TRI_NA:
		return FINDING_NA;
	default:
		return FINDING_UNKNOWN;
	}
}

static struct finding finding_of(struct arena *a, const struct group_rule *r, struct outcome o)
{
	return (struct finding){ .id = r->id,
		.title = r->title,
		.reference = r->reference,
		.advice = r->advice,
		.severity = r->severity,
		.state = state_of(o.holds),
		.unasked = o.unasked,
		.because = o.because ? escape_in(a, escape_none, o.because) : NULL,
		.evidence = o.evidence,
		.evidence_count = o.evidence_n };
}

void group_judge(struct group_record *g, const struct name_view *v)
{
	struct finding *list = arena_new(&g->arena, group_rules_count, sizeof *list);

	for (size_t i = 0; i < group_rules_count; i++) {
		const struct group_rule *r = &group_rules[i];

		if (r->scope == g->scope)
			list[g->findings_n++] = finding_of(&g->arena, r, r->name ? r->name(v, r->about) : r->run(g));
	}
	g->findings = list;
}
