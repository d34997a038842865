/*
 * Rules: what is worth telling about a server, one row each in report/rules/findings.def.
 *
 * A row is data; to add one, add a line. rules_judge() asks every row of a record and gives one finding per
 * row, in the order of the rows; the findings live in the arena.
 */
#ifndef REPORT_RULES_H
#define REPORT_RULES_H

#include "report/cond.h"
#include "report/judge.h"

struct rule {
	const char *id;
	enum severity severity;
	const char *title, *reference, *advice;
	struct cond cond;
};

extern const struct rule rules[];
extern const size_t rules_count;
const struct rule *rule_find(const char *id);

struct finding *rules_judge(const struct view *, size_t *count);

#endif
