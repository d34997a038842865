#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/escape.h"

static const struct escape rows[] = { { "<<", "2" }, { "<", "1" }, { "\\", "\\\\" }, { "\xc3\xa9", "e" }, { NULL, NULL } };

static void assert_escaped(const char *from, const char *to)
{
	struct arena a = { 0 };

	assert_string_equal(escape_in(&a, rows, from), to);
	arena_free(&a);
}

static void the_first_row_that_fits_stands_for_the_text(void **state)
{
	(void)state;
	assert_escaped("a<<<b", "a21b");
	assert_escaped("caf\xc3\xa9", "cafe");
	assert_escaped("", "");
}

/* What shows a control character is text of the peer like the rest. */
static void control_characters_are_shown_before_the_rows_are_asked(void **state)
{
	(void)state;
	assert_escaped("a\nb\x7f", "a\\\\x0ab\\\\x7f");
	assert_escaped("\xe2\x80\xae", "\\\\u202e");
}

static void what_stands_for_a_text_is_not_escaped_again(void **state)
{
	(void)state;
	assert_escaped("\\<", "\\\\1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_row_that_fits_stands_for_the_text),
		cmocka_unit_test(control_characters_are_shown_before_the_rows_are_asked),
		cmocka_unit_test(what_stands_for_a_text_is_not_escaped_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
