/* Jobs: a line of JSON each, and what is none is told with its ref. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "scanner/run/jobs.h"

static void a_job_is_a_target_with_what_stands_beside(void **state)
{
	struct target *t = job_parse("{\"target\":\"mx.example.org:587\",\"sni\":\"a.example\",\"starttls\":\"smtp\",\"ref\":\"x-1\"}");

	(void)state;
	assert_null(t->why);
	assert_string_equal(t->host, "mx.example.org");
	assert_string_equal(t->sni, "a.example");
	assert_string_equal(t->starttls, "smtp");
	assert_int_equal(t->port, 587);
	assert_string_equal(t->ref, "x-1");
	assert_false(t->ref_is_number);
	target_free(t);
	t = job_parse("  {\"ref\": -12, \"target\": \"10.0.0.1\", \"sni\": \"\"}\r");
	assert_null(t->why);
	assert_string_equal(t->ref, "-12");
	assert_true(t->ref_is_number);
	assert_null(t->sni);
	target_free(t);
}

static void what_is_no_job_says_why_and_keeps_its_ref(void **state)
{
	static const struct { const char *line, *ref; } rows[] = {
		{ "not json", NULL }, { "[]", NULL }, { "null", NULL }, { "{}", NULL }, { "{\"target\":7,\"ref\":\"r\"}", "r" },
		{ "{\"ref\":\"r\",\"target\":\"a b\"}", "r" }, { "{\"target\":\"a.example\",\"ref\":1.5}", NULL },
		{ "{\"target\":\"a.example\",\"sni\":\"a b\",\"ref\":3}", "3" }, { "{\"target\":\"a.example\",\"starttls\":\"gopher\"}", NULL },
		{ "{\"target\":\"a.example\",\"prot\":443}", NULL }, { "{\"target\":\"a\\u0000b\"}", NULL },
		{ "{\"target\":\"a.example\"} {\"target\":\"b.example\"}", NULL }, { "\xff\xfe{", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct target *t = job_parse(rows[i].line);

		assert_non_null(t->why);
		assert_non_null(t->input);
		assert_string_equal(t->host, "");
		assert_true(!rows[i].ref == !t->ref && (!t->ref || !strcmp(t->ref, rows[i].ref)));
		target_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_a_target_with_what_stands_beside),
		cmocka_unit_test(what_is_no_job_says_why_and_keeps_its_ref),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
