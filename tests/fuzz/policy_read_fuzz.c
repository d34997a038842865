/*
 * Fuzz target of report/policy_read and of judging by what it read: any bytes are a policy, or are told to be none
 * with a place; and a policy judges a record, the same way twice.
 */
#include "report/policy_judge.h"
#include "report/policy_read.h"
#include "scanner/base/die.h"
#include "tests/unit/sample_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judged(const struct policy *p, struct record *r)
{
	struct arena a = { 0 };
	struct policy_result one = policy_judge(r, p, &a), two = policy_judge(r, p, &a);

	require(one.entries_count == p->rules_count && one.state == two.state);
	for (size_t i = 0; i < one.entries_count; i++) {
		require(one.entries[i].state == two.entries[i].state);
		require(one.entries[i].state == FINDING_PASS || one.entries[i].because);
		require(one.entries[i].state != FINDING_FAIL || (one.entries[i].fix && one.entries[i].found_count));
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	const char *where = NULL, *why = NULL;
	struct policy *p = policy_read((struct span){ data, size }, &a, &where, &why);
	struct record *records[] = { sample_good(), sample_legacy(), sample_hostile(), sample_refused() };

	require(p || (where && why));
	for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
		if (p)
			judged(p, records[i]);
		record_free(records[i]);
	}
	policy_free(p);
	arena_free(&a);
	return 0;
}
