#include "report/rules.h"

#include <string.h>

#include "report/advice.h"
#include "report/rules/when.h"

const struct rule rules[] = {
#define RULE(id_, severity_, title_, reference_, advice_, ...)                                               \
	{ .id = id_,                                                                                         \
		.severity = SEV_##severity_,                                                                 \
		.title = title_,                                                                             \
		.reference = reference_,                                                                     \
		.advice = advice_,                                                                           \
		.cond = __VA_ARGS__ },
#include "report/rules/findings.def"
#undef RULE
};

const size_t rules_count = sizeof rules / sizeof *rules;

const struct rule *rule_find(const char *id)
{
	for (size_t i = 0; i < rules_count; i++)
		if (!strcmp(rules[i].id, id))
			return &rules[i];
	return NULL;
}

static enum finding_state state_of(enum tri holds)
{
	static const enum finding_state states[] = {
		[TRI_ABSENT] = FINDING_UNKNOWN,
		[TRI_NO] = FINDING_PASS,
		[TRI_YES] = FINDING_FAIL,
		[TRI_UNKNOWN] = FINDING_UNKNOWN,
		[TRI_NA] = FINDING_NA,
	};

	return states[holds];
}

static const struct snippet *mend(const char *id, enum tri holds, const char *server)
{
	const struct recipe *r = holds == TRI_YES ? recipe_for(id) : NULL;

	return r ? snippet_for(r, server) : NULL;
}

static struct finding ask_rule(const struct view *v, const struct rule *r, const char *server)
{
	struct verdict d = cond_ask(v, &r->cond);

	return (struct finding){ .id = r->id,
		.title = r->title,
		.reference = r->reference,
		.advice = r->advice,
		.severity = r->severity,
		.state = state_of(d.holds),
		.unasked = d.unasked,
		.optional = d.optional,
		.snippet = mend(r->id, d.holds, server),
		.because = d.because,
		.evidence = d.evidence,
		.evidence_count = d.evidence_count };
}

struct finding *rules_judge(const struct view *v, size_t *count)
{
	struct finding *list = arena_new(v->arena, rules_count, sizeof *list);
	const char *server = advice_server(v->record);

	*count = rules_count;
	for (size_t i = 0; i < rules_count; i++)
		list[i] = ask_rule(v, &rules[i], server);
	return list;
}
