#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/facts/ct_logs.h"

#define ID_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define ID_B "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
#define ID_C "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="

static struct arena arena;
static const char *why;

static bool parse(const char *json, struct ct_logs *logs)
{
	return ct_logs_parse(&arena, (struct span){ (const uint8_t *)json, strlen(json) }, logs, &why);
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char list[] =
        "{\"version\":\"80.1\",\"log_list_timestamp\":\"2026-11-01T00:00:00Z\",\"operators\":["
        "{\"name\":\"One\",\"email\":[\"a@example.org\"],\"logs\":["
        "{\"description\":\"One 2026\",\"log_id\":\"" ID_A "\",\"key\":\"AQID\",\"mmd\":86400,"
        "\"state\":{\"usable\":{\"timestamp\":\"2025-01-01T00:00:00Z\"}}},"
        "{\"description\":\"no key\",\"log_id\":\"" ID_A "\"},"
        "{\"description\":\"short id\",\"log_id\":\"AAAA\",\"key\":\"AQID\"},"
        "7]},"
        "{\"name\":\"Two\",\"logs\":[{\"log_id\":\"" ID_B "\",\"key\":\"BAUG\","
        "\"state\":{\"retired\":{\"timestamp\":\"2024-06-01T00:00:00Z\"}}}],"
        "\"tiled_logs\":[{\"description\":\"Two tiles\\u001b\",\"log_id\":\"" ID_C "\",\"key\":\"Bwg=\"}]}]}";

static void logs_of_both_kinds_are_read_with_their_operator_and_state(void **state)
{
	struct ct_logs logs;
	uint8_t id[CT_LOG_ID];

	(void)state;
	assert_true(parse(list, &logs));
	assert_int_equal(logs.n, 3);
	assert_int_equal(logs.unreadable, 3);
	assert_int_equal(logs.published, 1793491200);
	assert_string_equal(logs.v[0].name, "One 2026");
	assert_string_equal(logs.v[0].operator, "One");
	assert_int_equal(logs.v[0].state, CT_LOG_USABLE);
	assert_int_equal(logs.v[0].since, 1735689600);
	assert_memory_equal(logs.v[0].key.p, "\1\2\3", 3);
	assert_string_equal(logs.v[1].name, "(no name)");
	assert_int_equal(logs.v[1].state, CT_LOG_RETIRED);
	assert_string_equal(logs.v[2].operator, "Two");
	assert_int_equal(logs.v[2].state, CT_LOG_PENDING);
	memset(id, 1, sizeof id);
	assert_ptr_equal(ct_logs_find(&logs, id), &logs.v[1]);
	memset(id, 9, sizeof id);
	assert_null(ct_logs_find(&logs, id));
}

static void what_is_no_list_is_refused_with_a_reason(void **state)
{
	static const char *const bad[] = { "", "{", "null", "[]", "7", "{}", "{\"operators\":{}}", "{\"operators\":[]}",
		"{\"operators\":[{\"logs\":[]}]}", "{\"operators\":[7,null]}",
		"{\"operators\":[{\"logs\":[{\"log_id\":\"!\",\"key\":\"AQID\"}]}]}" };
	struct ct_logs logs;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		why = NULL;
		assert_false(parse(bad[i], &logs));
		assert_non_null(why);
	}
}

#define DAY 86400

static void a_state_holds_from_its_time_on(void **state)
{
	static const struct {
		enum ct_log_state state;
		bool before, after;
	} rows[] = {
		{ CT_LOG_PENDING, false, false }, { CT_LOG_QUALIFIED, false, true }, { CT_LOG_USABLE, true, true },
		{ CT_LOG_READONLY, true, true }, { CT_LOG_RETIRED, true, false }, { CT_LOG_REJECTED, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct ct_log l = { .state = rows[i].state, .since = 10 * DAY };

		assert_int_equal(ct_log_accepted(&l, 10 * DAY - 1), rows[i].before);
		assert_int_equal(ct_log_accepted(&l, 10 * DAY), rows[i].after);
	}
}

static const char moved[] =
        "{\"operators\":[{\"name\":\"Now\",\"logs\":["
        "{\"log_id\":\"" ID_A "\",\"key\":\"AQID\",\"log_type\":\"prod\",\"state\":{\"usable\":{\"timestamp\":\"2024-01-01T00:00:00Z\"}},"
        "\"temporal_interval\":{\"start_inclusive\":\"2026-01-01T00:00:00Z\",\"end_exclusive\":\"2027-01-01T00:00:00Z\"},"
        "\"previous_operators\":[{\"name\":\"Second\",\"end_time\":\"2025-06-01T00:00:00Z\"},"
        "{\"name\":\"First\",\"end_time\":\"2025-01-01T00:00:00Z\"},7]}],"
        "\"tiled_logs\":[{\"log_id\":\"" ID_B "\",\"key\":\"BAUG\",\"log_type\":\"test\",\"state\":{\"usable\":{}}}]}]}";

static void operators_shards_and_kinds_are_read(void **state)
{
	struct ct_logs logs;
	const struct ct_log *l;

	(void)state;
	assert_true(parse(moved, &logs));
	l = &logs.v[0];
	assert_string_equal(ct_log_operator(l, 1735689599), "First"); /* the last second of 2024 */
	assert_string_equal(ct_log_operator(l, 1735689600), "Second");
	assert_string_equal(ct_log_operator(l, 1748736000), "Now");
	assert_true(ct_log_takes(l, 1767225600) && ct_log_takes(l, 1798761599));
	assert_false(ct_log_takes(l, 1767225599) || ct_log_takes(l, 1798761600));
	assert_int_equal(l->state, CT_LOG_USABLE);
	assert_false(l->tiled);
	assert_true(logs.v[1].tiled);
	assert_int_equal(logs.v[1].state, CT_LOG_PENDING);
	assert_true(ct_log_takes(&logs.v[1], 0));
	assert_string_equal(ct_log_operator(&logs.v[1], 0), "Now");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_of_both_kinds_are_read_with_their_operator_and_state),
		cmocka_unit_test(a_state_holds_from_its_time_on),
		cmocka_unit_test(operators_shards_and_kinds_are_read),
		cmocka_unit_test(what_is_no_list_is_refused_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
