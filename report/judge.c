#include "report/judge.h"

#include <stdlib.h>
#include <string.h>

#include "report/grade.h"
#include "report/rules.h"
#include "report/simulate.h"
#include "scanner/base/die.h"

static const char *const severities[] = {
	[SEV_INFO] = "info",
	[SEV_LOW] = "low",
	[SEV_MEDIUM] = "medium",
	[SEV_HIGH] = "high",
	[SEV_CRITICAL] = "critical",
};

static const char *const letters[] = {
	[LETTER_NONE] = NULL,
	[LETTER_A_PLUS] = "A+",
	[LETTER_A] = "A",
	[LETTER_A_MINUS] = "A-",
	[LETTER_B] = "B",
	[LETTER_C] = "C",
	[LETTER_D] = "D",
	[LETTER_E] = "E",
	[LETTER_F] = "F",
	[LETTER_T] = "T",
	[LETTER_M] = "M",
};

/* The index of a name in a list; -1 when it is not there. */
static int index_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] && !strcmp(names[i], name))
			return (int)i;
	return -1;
}

const char *severity_name(enum severity s)
{
	return severities[s];
}

bool severity_parse(const char *name, enum severity *s)
{
	int i = index_of(name, severities, sizeof severities / sizeof *severities);

	if (i >= 0)
		*s = (enum severity)i;
	return i >= 0;
}

const char *letter_name(enum letter l)
{
	return letters[l];
}

bool letter_parse(const char *name, enum letter *l)
{
	int i = index_of(name, letters, sizeof letters / sizeof *letters);

	if (i >= 0)
		*l = (enum letter)i;
	return i >= 0;
}

const char *finding_state_name(enum finding_state s)
{
	static const char *const names[] = {
		[FINDING_FAIL] = "fail",
		[FINDING_PASS] = "pass",
		[FINDING_UNKNOWN] = "unknown",
		[FINDING_NA] = "not_applicable",
		[FINDING_WAIVED] = "waived",
	};

	return names[s];
}

const char *entry_state_name(enum entry_state s)
{
	static const char *const names[] = {
		[ENTRY_APPLIED] = "applied",
		[ENTRY_NOT_APPLIED] = "not_applied",
		[ENTRY_NOT_EVALUATED] = "not_evaluated",
		[ENTRY_NA] = "not_applicable",
	};

	return names[s];
}

const char *gate_state_name(enum gate_state s)
{
	static const char *const names[] = {
		[GATE_PASS] = "pass",
		[GATE_FAIL] = "fail",
		[GATE_UNKNOWN] = "unknown",
		[GATE_WAIVED] = "waived",
		[GATE_NA] = "not_applicable",
	};

	return names[s];
}

/* Of an endpoint that gave nothing there is nothing to say: no finding, no ledger, no letter. */
static void judge_nothing(struct judgement *j)
{
	j->grade = (struct grade){ .guide = "ssllabs-2009r",
		.trust = "unknown",
		.protocol = -1,
		.key_exchange = -1,
		.cipher = -1,
		.total = -1 };
}

struct judgement *judge(const struct record *r)
{
	return judge_for(r, NULL);
}

struct judgement *judge_for(const struct record *r, const struct own_clients *own)
{
	struct judgement *j = mem_new(1, sizeof *j);
	struct view v;

	if (!r->obs_count) {
		judge_nothing(j);
		return j;
	}
	view_open(&v, r, &j->arena);
	v.own = own;
	j->sims = simulated(&v);
	j->own_sims = v.own_sims;
	j->own_sims_count = own ? own->n : 0;
	j->findings = rules_judge(&v, &j->findings_count);
	j->grade = grade_of(&v);
	return j;
}

void judgement_free(struct judgement *j)
{
	if (!j)
		return;
	arena_free(&j->arena);
	free(j);
}
