#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/near.h"
#include "report/waive.h"

#define GOOD "{\"id\":\"suite.rc4\",\"target\":\"*\",\"until\":\"2027-01-31\",\"why\":\"w\"}"

static void a_list_is_read(void **state)
{
	static const char text[] = "[" GOOD ",{\"why\":\"x\",\"until\":\"2027-01-31T10:00:00+01:00\",\"target\":\"a\",\"id\":\"min-grade\"}]";
	struct waivers ws;
	char *why = NULL;

	(void)state;
	assert_true(waivers_parse(&ws, text, sizeof text - 1, &why));
	assert_null(why);
	assert_int_equal(ws.count, 2);
	assert_string_equal(ws.list[0].id, "suite.rc4");
	assert_int_equal(ws.list[0].ends, 1801440000); /* 2027-02-01T00:00:00Z */
	assert_string_equal(ws.list[1].target, "a");
	assert_int_equal(ws.list[1].ends, 1801386000);
	waivers_free(&ws);
}

static void an_empty_list_is_one(void **state)
{
	struct waivers ws;
	char *why = NULL;

	(void)state;
	assert_true(waivers_parse(&ws, "[]", 2, &why));
	assert_int_equal(ws.count, 0);
	waivers_free(&ws);
}

static void what_is_no_list_is_refused_by_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "the document ends too early" },
		{ "{}", "not a list of at most 10000 waivers" },
		{ "[7]", "/0: is not a map" },
		{ "[" GOOD ",null]", "/1: is not a map" },
		{ "[{}]", "/0/id: is missing" },
		{ "[{\"id\":\"suite.rc4\",\"target\":\"*\",\"why\":\"w\"}]", "/0/until: is missing" },
		{ "[{\"id\":7}]", "/0/id: is not a text of 1 to 1024 bytes" },
		{ "[{\"id\":\"\"}]", "/0/id: is not a text of 1 to 1024 bytes" },
		{ "[{\"untill\":\"x\"}]", "/0: has another member than id, target, until and why" },
		{ "[{\"id\":\"suite.rc4\",\"target\":\"*\",\"until\":\"soon\",\"why\":\"w\"}]",
			"/0/until: is neither a day, 2027-01-31, nor a time of RFC 3339" },
		{ "[{\"id\":\"suite.rc4\",\"target\":\"*\",\"until\":\"2027-02-30\",\"why\":\"w\"}]",
			"/0/until: is neither a day, 2027-01-31, nor a time of RFC 3339" },
		{ "[{\"id\":\"suite.rc5\",\"target\":\"*\",\"until\":\"2027-02-01\",\"why\":\"w\"}]",
			"/0/id: no finding or gate has this id; is suite.rc4 meant?" },
		{ "[{\"id\":\"xyzzyxyzzyxyzzyxyzzy\",\"target\":\"*\",\"until\":\"2027-02-01\",\"why\":\"w\"}]",
			"/0/id: no finding or gate has this id (see: tlsassay list rules)" },
		{ "[{\"id\":\"waive\",\"target\":\"*\",\"until\":\"2027-02-01\",\"why\":\"w\"}]",
			"/0/id: no finding or gate has this id (see: tlsassay list rules)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct waivers ws;
		char *why = NULL;

		assert_false(waivers_parse(&ws, bad[i].text, strlen(bad[i].text), &why));
		assert_string_equal(why, bad[i].why);
		assert_int_equal(ws.count, 0);
		free(why);
	}
}

static void the_number_of_waivers_is_bounded(void **state)
{
	char *text = NULL, *why = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct waivers ws;

	(void)state;
	fputs("[" GOOD, f);
	for (size_t i = 0; i < WAIVERS_MAX; i++)
		fputs("," GOOD, f);
	fputs("]", f);
	fclose(f);
	assert_false(waivers_parse(&ws, text, n, &why));
	assert_string_equal(why, "not a list of at most 10000 waivers");
	free(why);
	free(text);
}

static void stars_and_question_marks(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
		{ "", "", true }, { "*", "", true }, { "", "a", false }, { "?", "", false }, { "a", "A", true }, { "a*", "abc", true },
		{ "*c", "abc", true }, { "a*c", "abcbc", true }, { "a*b*c", "aXbYbZc", true }, { "a*b*c", "aXcYb", false },
		{ "**a", "bba", true }, { "*a?", "aaab", true }, { "[a]", "a", false }, { "*.b.c", "a.b.c", true }, { "*.b.c", "b.c", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (waiver_matches(rows[i].pattern, rows[i].text) != rows[i].matches)
			fail_msg("%s over %s", rows[i].pattern, rows[i].text);
}

/* The work is bounded by the product of both lengths, whatever the pattern. */
static void many_stars_take_no_time(void **state)
{
	char pattern[1025], text[1025];

	(void)state;
	for (size_t i = 0; i < 1024; i++) {
		pattern[i] = i % 2 ? 'a' : '*';
		text[i] = 'a';
	}
	pattern[1023] = 'b';
	pattern[1024] = text[1024] = 0;
	assert_false(waiver_matches(pattern, text));
}

static void the_nearest_id_is_named(void **state)
{
	(void)state;
	assert_string_equal(near_id("suite.rc5"), "suite.rc4");
	assert_string_equal(near_id("vuln.hartbleed"), "vuln.heartbleed");
	assert_string_equal(near_id("heartbleed"), "vuln.heartbleed");
	assert_null(near_id("nothing like any of them"));
	assert_null(near_id("x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_is_read),
		cmocka_unit_test(an_empty_list_is_one),
		cmocka_unit_test(what_is_no_list_is_refused_by_its_place),
		cmocka_unit_test(the_number_of_waivers_is_bounded),
		cmocka_unit_test(stars_and_question_marks),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(the_nearest_id_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
