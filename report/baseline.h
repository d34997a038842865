/*
 * What an older report says of each endpoint, as far as a gate needs it: the letter, which findings failed, and
 * which rules of policies were broken. An
 * address that it does not know is compared with the others of its target, and nothing of a target that it does not
 * know is old.
 */
#ifndef REPORT_BASELINE_H
#define REPORT_BASELINE_H

#include "report/judge.h"

struct baseline_endpoint {
	const char *target, *ip;
	enum letter letter;
	const bool *failed; /* by the index of the rule in findings.def */
	const char *const *broken; /* rules of policies, by policy_rule_id(); count of them */
	size_t broken_count;
};

struct baseline {
	struct arena arena;
	struct baseline_endpoint *list;
	size_t count;
};

void baseline_add(struct baseline *, const struct record *, const struct judgement *);
void baseline_end(struct baseline *); /* behind the last one */
void baseline_free(struct baseline *);

bool baseline_knows(const struct baseline *, const struct record *);
/* Did this finding fail there? */
bool baseline_failed(const struct baseline *, const struct record *, const char *finding);
/* Was this rule of a policy broken there? By policy_rule_id(). */
bool baseline_broken(const struct baseline *, const struct record *, const char *rule);
/* The worst letter there; LETTER_NONE when there was none. */
enum letter baseline_letter(const struct baseline *, const struct record *);

#endif
