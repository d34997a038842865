#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "report/issue.h"
#include "tests/unit/sample_record.h"

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void a_source_names_its_ids(void **state)
{
	(void)state;
	assert_string_equal(issue_ids(&arena, "CVE-2015-0204 (FREAK), CVE-2015-4000 (Logjam), RFC 9325", "CVE-"),
	        "CVE-2015-0204 CVE-2015-4000");
	assert_string_equal(issue_ids(&arena, "RFC 9325, CWE-327", "CWE-"), "CWE-327");
	assert_string_equal(issue_ids(&arena, "RFC 9325", "CVE-"), "");
	assert_string_equal(issue_ids(&arena, NULL, "CVE-"), "");
	assert_string_equal(issue_ids(&arena, "CVE-2015-1-", "CVE-"), "CVE-2015-1");
}

static void what_did_not_fail_begins_with_its_state(void **state)
{
	struct finding f = { .id = "suite.rc4", .title = "RC4", .because = "TLSv1.2: X", .state = FINDING_FAIL };

	(void)state;
	assert_string_equal(issue_text(&arena, &f), "RC4: TLSv1.2: X");
	f.state = FINDING_PASS;
	assert_string_equal(issue_text(&arena, &f), "pass: TLSv1.2: X");
	f.because = NULL;
	assert_string_equal(issue_text(&arena, &f), "pass: RC4");
}

static void a_key_tells_endpoints_and_server_names_apart(void **state)
{
	struct record *r = sample_good();
	const struct finding f = { .id = "suite.rc4", .title = "RC4" };
	const struct judgement j = { .findings = NULL };
	struct subject s = issue_of_endpoint(&arena, r, &j);

	(void)state;
	assert_string_equal(issue_key(&arena, &s, &f), "suite.rc4@example.org:443/192.0.2.1");
	r->sni = "other.example";
	s = issue_of_endpoint(&arena, r, &j);
	assert_string_equal(issue_key(&arena, &s, &f), "suite.rc4@example.org:443/192.0.2.1/other.example");
	r->ip = r->sni = NULL;
	s = issue_of_endpoint(&arena, r, &j);
	assert_string_equal(issue_key(&arena, &s, &f), "suite.rc4@example.org:443/");
	record_free(r);
}

static void a_place_is_the_line_of_the_list_before_the_anchor(void **state)
{
	struct record *r = sample_good();
	struct output o = { .anchor_file = "infra.txt", .anchor_line = 7 }, bare = { .anchor_file = NULL };
	struct place at;

	(void)state;
	assert_true(issue_place(&o, r, &at));
	assert_string_equal(at.file, "infra.txt");
	assert_false(issue_place(&bare, r, &at));
	r->source_file = "-"; /* standard input is no file of a repository */
	r->source_line = 3;
	assert_false(issue_place(&bare, r, &at));
	r->source_file = "targets.txt";
	assert_true(issue_place(&o, r, &at));
	assert_string_equal(at.file, "targets.txt");
	assert_int_equal(at.line, 3);
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_source_names_its_ids, forget),
		cmocka_unit_test_teardown(what_did_not_fail_begins_with_its_state, forget),
		cmocka_unit_test_teardown(a_key_tells_endpoints_and_server_names_apart, forget),
		cmocka_unit_test_teardown(a_place_is_the_line_of_the_list_before_the_anchor, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
