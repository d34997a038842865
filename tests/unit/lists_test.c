#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "scanner/cli.h"
#include "scanner/lists.h"

static char path[] = "/tmp/lists_test.XXXXXX";

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	fclose(f);
}

static bool opens(const struct cli *c, const char *text)
{
	struct lists l = { 0 };
	bool good;

	write_file(text);
	good = lists_open(&l, c);
	lists_close(&l);
	return good;
}

static void nothing_given_leaves_the_built_in_keys(void **state)
{
	struct lists l = { 0 };
	struct cli c = { .file = NULL };

	(void)state;
	assert_true(lists_open(&l, &c));
	assert_false(l.has_logs);
	assert_non_null(l.keys);
	assert_false(known_keys_have_debian(l.keys));
	lists_close(&l);
}

static void a_list_of_logs_is_read(void **state)
{
	static const char json[] = "{\"operators\":[{\"name\":\"One\",\"logs\":[{\"description\":\"One 2026\","
		"\"log_id\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\",\"key\":\"AQID\"}]}]}";
	struct lists l = { 0 };
	struct cli c = { .ct_logs = path };

	(void)state;
	write_file(json);
	assert_true(lists_open(&l, &c));
	assert_true(l.has_logs);
	lists_close(&l);
	assert_false(opens(&c, "{"));
	assert_false(opens(&c, ""));
	assert_false(opens(&c, "[]"));
}

static void a_list_of_keys_is_read_by_lines(void **state)
{
	struct cli c = { .known_keys = path };

	(void)state;
	assert_true(opens(&c, ""));
	assert_true(opens(&c, "# none\n"));
	assert_true(opens(&c, "26be8791d8fcde93fbd2bfd2751ef576d65e391e3f7b9d559f3a75998183c044 mine\n"));
	assert_false(opens(&c, "# none\n26be mine\n"));
}

static void a_list_of_distrusted_keys_is_apart(void **state)
{
	struct cli c = { .distrust = path };
	struct lists l = { 0 };

	(void)state;
	write_file("26be8791d8fcde93fbd2bfd2751ef576d65e391e3f7b9d559f3a75998183c044 mine\n");
	assert_true(lists_open(&l, &c));
	assert_non_null(l.distrusted);
	assert_ptr_not_equal(l.distrusted, l.keys);
	lists_close(&l);
	assert_false(opens(&c, "mine\n"));
}

static void what_is_not_there_or_no_file_is_refused(void **state)
{
	struct cli logs = { .ct_logs = "/nonexistent/list" }, keys = { .known_keys = "/nonexistent/list" };
	struct cli folder = { .known_keys = "/" };
	struct lists l = { 0 };

	(void)state;
	assert_false(lists_open(&l, &logs));
	lists_close(&l);
	l = (struct lists){ 0 };
	assert_false(lists_open(&l, &keys));
	lists_close(&l);
	l = (struct lists){ 0 };
	assert_false(lists_open(&l, &folder));
	lists_close(&l);
}

static void what_is_too_large_is_refused(void **state)
{
	struct cli c = { .known_keys = path };
	struct lists l = { 0 };

	(void)state;
	write_file("");
	assert_int_equal(truncate(path, (64 << 20) + 1), 0);
	assert_false(lists_open(&l, &c));
	lists_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_leaves_the_built_in_keys),
		cmocka_unit_test(a_list_of_logs_is_read),
		cmocka_unit_test(a_list_of_keys_is_read_by_lines),
		cmocka_unit_test(a_list_of_distrusted_keys_is_apart),
		cmocka_unit_test(what_is_not_there_or_no_file_is_refused),
		cmocka_unit_test(what_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
