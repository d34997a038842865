#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/show.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static struct arena arena;

static int clear(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void what_is_left_is_told_beside_a_short_life(void **state)
{
	static const struct {
		int64_t from, to; /* relative to now */
		const char *says;
	} rows[] = {
		{ -30 * DAY, 60 * DAY, "60 days left" },
		{ -1 * DAY, 5 * DAY, "5 of 6 days left" },
		{ -6 * DAY, DAY - HOUR, "0 of 7 days left" },
		{ -30 * DAY, -DAY, "expired" },
		{ DAY, 2 * DAY, "not valid yet" },
	};
	const int64_t now = INT64_C(1795000000);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cert_info c = { .not_before = now + rows[i].from, .not_after = now + rows[i].to };
		const char *shown = show_validity(&arena, &c, now), *comma = strstr(shown, ", ");

		assert_non_null(comma);
		assert_string_equal(comma + 2, rows[i].says);
	}
}

/* However many and however long: a report has an end. */
static void names_are_cut_and_counted(void **state)
{
	static char endless[5000];
	const char *names[] = { "a.example", endless, "c.example" };
	struct cert_info c = { .dns_names = names, .dns_names_count = 3 };

	(void)state;
	memset(endless, 'b', sizeof endless - 1);
	assert_string_equal(show_names(&arena, &c, 1), "a.example and 2 more");
	assert_true(strlen(show_names(&arena, &c, 9)) < 400);
	c.names_cut = true;
	c.names_count = 10000;
	assert_string_equal(show_names(&arena, &c, 1), "a.example and 9999 more");
	assert_true(strlen(show_name(&arena, endless, "none")) < 300);
	assert_string_equal(show_name(&arena, "", "none"), "none");
	assert_string_equal(show_name(&arena, NULL, "none"), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_left_is_told_beside_a_short_life, clear),
		cmocka_unit_test_teardown(names_are_cut_and_counted, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
