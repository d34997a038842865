/*
 * Gates: what a user demands of an endpoint, decided from its record and its judgement alone. The rows are gates.def.
 *
 * What is not known never passes: a gate passes, fails, is waived, or is unknown with the reason. Time is that of the
 * scan, so that a report judged again comes to the same.
 */
#ifndef REPORT_GATE_H
#define REPORT_GATE_H

#include "report/judge.h"

struct baseline;
struct waivers;

struct gate_options {
	enum letter min_grade; /* LETTER_NONE: not asked */
	bool has_fail_on;
	enum severity fail_on;
	bool has_expires;
	int64_t warn_days, crit_days; /* crit_days at most warn_days; 0: only what has ended is critical */
	const struct baseline *baseline; /* NULL: none; so is: */
	const struct waivers *waivers;
};

/* Waives findings of the judgement, then fills its gates; all of it lives in its arena. */
void gates_hold(const struct gate_options *, const struct record *, struct judgement *);

bool gate_waivable(const char *name); /* there is such a gate, and a waiver may name it */

#endif
