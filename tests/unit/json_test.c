#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/facts/json.h"

static void assert_dumped(struct json_object *j, bool pretty, const char *expected)
{
	char *s = json_dump(j, pretty);

	assert_string_equal(s, expected);
	free(s);
	json_object_put(j);
}

/* Parsed, it is written again as expected. */
static void assert_rewritten(const char *document, const char *expected)
{
	const char *why;
	struct json_object *j = json_parse(document, strlen(document), &why);

	assert_null(why);
	assert_dumped(j, false, expected);
}

static void values_are_written_as_they_are(void **state)
{
	(void)state;
	assert_dumped(NULL, false, "null");
	assert_dumped(json_flag(true), false, "true");
	assert_dumped(json_flag(false), false, "false");
	assert_dumped(json_int(INT64_MIN), false, "-9223372036854775808");
	assert_dumped(json_int(0), false, "0");
	assert_dumped(json_count(UINT64_MAX), false, "18446744073709551615");
	assert_dumped(json_text(""), false, "\"\"");
	assert_dumped(json_text("a/b</script>"), false, "\"a/b</script>\"");
}

static void text_that_could_steer_is_escaped_and_only_that(void **state)
{
	(void)state;
	assert_dumped(json_text("\b\f\n\r\t\"\\"), false, "\"\\b\\f\\n\\r\\t\\\"\\\\\"");
	assert_dumped(json_text("\x1b[31m\x01\x7f"), false, "\"\\u001b[31m\\u0001\\u007f\"");
	assert_dumped(json_text("\xc2\x9b \xe2\x80\xae"), false, "\"\\u009b \\u202e\"");
	assert_dumped(json_text("\xf3\xa0\x81\x81\xef\xbb\xbf"), false, "\"\\udb40\\udc41\\ufeff\"");
	assert_rewritten("\"\\udb40\\udc41\"", "\"\\udb40\\udc41\"");
	assert_dumped(json_text("gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x92"), false, "\"gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x92\"");
	assert_rewritten("\"a\\u0000b\"", "\"a\\u0000b\"");
	assert_rewritten("{\"a\\n\": 1}", "{\"a\\n\":1}");
}

static void plain_is_one_line_and_pretty_is_folded(void **state)
{
	static const char document[] = "{\"a\": [1, [ ], null], \"b\": { }, \"c\": {\"d\": true}}";

	(void)state;
	assert_rewritten(document, "{\"a\":[1,[],null],\"b\":{},\"c\":{\"d\":true}}");
	assert_dumped(json_parse(document, strlen(document), &(const char *){ NULL }), true,
		"{\n  \"a\":[\n    1,\n    [],\n    null\n  ],\n  \"b\":{},\n  \"c\":{\n    \"d\":true\n  }\n}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_written_as_they_are),
		cmocka_unit_test(text_that_could_steer_is_escaped_and_only_that),
		cmocka_unit_test(plain_is_one_line_and_pretty_is_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
