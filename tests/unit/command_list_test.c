/* What `explain` says of rules: each has a reason of its own, and no reason is left without a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "report/grade.h"
#include "report/rules.h"
#include "report/why.h"
#include "scanner/compare/rules.h"

static void demand_why(const char *id, const char *advice)
{
	const char *why = why_find(id);

	if (!why || !*why || why[strlen(why) - 1] != '.')
		fail_msg("%s: a row of report/rules/why.def is wanted, sentences", id);
	if (advice && !strcmp(why, advice))
		fail_msg("%s: why it matters is not what to do", id);
}

static void every_rule_says_why_it_matters(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_count; i++)
		demand_why(rules[i].id, rules[i].advice);
	for (size_t i = 0; i < guide_rules_count; i++)
		demand_why(guide_rules[i].id, guide_rules[i].fix);
	for (size_t i = 0; i < group_rules_count; i++)
		demand_why(group_rules[i].id, group_rules[i].advice);
}

static void every_reason_has_one_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < whys_count; i++) {
		const char *id = whys[i].id;

		if (!rule_find(id) && !guide_rule_find(id) && !group_rule_find(id))
			fail_msg("%s: no rule has this id", id);
		if (why_find(id) != whys[i].text)
			fail_msg("%s: two rows", id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_says_why_it_matters),
		cmocka_unit_test(every_reason_has_one_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
