/*
 * The grade of one record by a rating guide: scores, caps, warnings, trust, and the ledger that says which
 * rule did what and why. The guide's rules are rows in report/rules/ssllabs_2009r.def; the grade lives in the
 * view's arena.
 */
#ifndef REPORT_GRADE_H
#define REPORT_GRADE_H

#include "report/cond.h"
#include "report/judge.h"

enum effect {
	EFFECT_NONE,
	EFFECT_CAP_B,
	EFFECT_CAP_C,
	EFFECT_F,
	EFFECT_WARNING,
	EFFECT_NO_A_PLUS,
	EFFECT_T,
	EFFECT_M
};

struct guide_rule {
	unsigned number; /* of the guide; 0: not of it */
	const char *id;
	enum effect effect;
	const char *since, *fix;
	struct cond cond;
};

extern const struct guide_rule guide_rules[];
extern const size_t guide_rules_count;
const struct guide_rule *guide_rule_find(const char *id);
const char *effect_name(enum effect); /* "cap B", "F", "warning", "no A+", "T", "M", "none" */

struct grade grade_of(const struct view *);

#endif
