#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"

#define R "\xef\xbf\xbd"

static void a_text_grows_and_is_always_terminated(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_string_equal(text_str(&t), "");
	for (int i = 0; i < 1000; i++) {
		text_char(&t, 'x');
		assert_int_equal(strlen(text_str(&t)), i + 1);
	}
	text_free(&t);
	text_add(&t, "");
	text_addn(&t, NULL, 0);
	text_fmt(&t, "%s=%d", "n", 42);
	text_add(&t, ";");
	assert_string_equal(text_str(&t), "n=42;");
	assert_int_equal(t.n, 5);
	text_free(&t);
	assert_string_equal(text_str(&t), "");
}

static void hex_is_lower_case_and_whole(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(text_hex(&a, "\x00\xAB\xff", 3), "00abff");
	assert_string_equal(text_hex(&a, NULL, 0), "");
	arena_free(&a);
}

static void bytes_of_a_peer_become_valid_text(void **state)
{
	static const struct {
		const char *bytes;
		size_t n, max;
		const char *text;
	} rows[] = {
		{ "plain", 5, 99, "plain" },
		{ "a\0b", 3, 99, "a" R "b" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, 99, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xff\x80", 2, 99, R R },
		{ "\xc0\xaf", 2, 99, R R },             /* overlong */
		{ "\xe0\x80\xaf", 3, 99, R R R },       /* overlong */
		{ "\xed\xa0\x80", 3, 99, R R R },       /* a surrogate */
		{ "\xf4\x90\x80\x80", 4, 99, R R R R }, /* past U+10FFFF */
		{ "\xe2\x82", 2, 99, R R },             /* ends too early */
		{ "abcdef", 6, 3, "abc\xe2\x80\xa6" },
		{ "ab\xc3\xa9", 4, 3, "ab\xe2\x80\xa6" }, /* no half character */
		{ "abc", 3, 3, "abc" },
		{ "abc", 3, 0, "\xe2\x80\xa6" },
		{ "\x1b[31m", 5, 99, "\x1b[31m" }, /* escaping is for whoever writes it out */
		{ NULL, 0, 99, "" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(text_clean(&a, rows[i].bytes, rows[i].n, rows[i].max), rows[i].text);
	arena_free(&a);
}

static void cleaned_text_stays_as_it_is_when_cleaned_again(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t b[4] = { (uint8_t)(i >> 8), (uint8_t)i, 0x80, 0xBF };
		const char *once = text_clean(&a, b, sizeof b, sizeof b);

		assert_string_equal(text_clean(&a, once, strlen(once), 99), once);
		arena_free(&a);
	}
}

static void what_would_steer_a_terminal_is_shown_instead(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac" },
		{ "\x1b[2J\r\n\t\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x7f" },
		{ "\xc2\x9b", "\\x9b" },
		{ "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xae\xe2\x81\xa6\xd8\x9c",
		        "\\u2028\\u2029\\u202e\\u2066\\u061c" },
		{ "a\xc2\xad\xe1\xa0\x8e\xe2\x80\x8b\xe2\x81\xa0\xef\xbb\xbf\xef\xbf\xb9", "a\\xad\\u180e\\u200b\\u2060\\ufeff\\ufff9" },
		{ "\xf3\xa0\x81\x81\xf0\x9f\x98\x80", "\\U000e0041\xf0\x9f\x98\x80" },
		{ "\xe2\x80\x8c\xe2\x80\x8d", "\\u200c\\u200d" },
		{ "\xcd\x8f\xe1\x85\x9f\xe3\x85\xa4\xef\xb8\x8f\xef\xbe\xa0", "\\u034f\\u115f\\u3164\\ufe0f\\uffa0" },
		{ "\xf3\xa0\x84\x80\xf0\x9d\x85\xb3", "\\U000e0100\\U0001d173" },
		{ "\xff", R },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text t = { 0 };

		text_visible(&t, rows[i].in);
		assert_string_equal(text_str(&t), rows[i].out);
		text_free(&t);
	}
}

static void code_points_are_taken_one_by_one(void **state)
{
	static const uint32_t expected[] = { 'a', 0xE9, 0x20AC, 0x1F600, 0xFFFD, 'z', 0, 0 };
	const char *s = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf0z";

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
		assert_int_equal(text_next(&s), expected[i]);
}

static void a_long_text_is_cut_between_characters(void **state)
{
	const char *whole = "a\xc3\xa9\xe2\x82\xac";
	struct arena a = { 0 };

	(void)state;
	assert_ptr_equal(text_cut(&a, whole, 3), whole);
	assert_string_equal(text_cut(&a, whole, 2), "a\xc3\xa9\xe2\x80\xa6");
	assert_string_equal(text_cut(&a, whole, 0), "\xe2\x80\xa6");
	assert_string_equal(text_cut(&a, "", 0), "");
	arena_free(&a);
}

static void width_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_grows_and_is_always_terminated),
		cmocka_unit_test(hex_is_lower_case_and_whole),
		cmocka_unit_test(bytes_of_a_peer_become_valid_text),
		cmocka_unit_test(cleaned_text_stays_as_it_is_when_cleaned_again),
		cmocka_unit_test(what_would_steer_a_terminal_is_shown_instead),
		cmocka_unit_test(code_points_are_taken_one_by_one),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(width_counts_code_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
