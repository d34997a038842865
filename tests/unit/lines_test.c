/* Lines from a pipe, in every way of cutting them up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "scanner/run/lines.h"

static void write_all(int fd, const char *s, size_t n)
{
	assert_int_equal(write(fd, s, n), n);
}

static void what_has_no_end_yet_is_not_waited_for(void **state)
{
	static const char text[] = "one\n\ntwo words\r\nlast";
	static const char *const lines[] = { "one", "", "two words\r", "last" };
	struct lines l = { 0 };
	const char *line;
	size_t at = 0;
	int ends[2];

	(void)state;
	assert_false(pipe(ends));
	l.fd = ends[0];
	assert_int_equal(lines_next(&l, &line), LINES_LATER);
	for (size_t i = 0; i < sizeof text - 1; i++) {
		write_all(ends[1], text + i, 1);
		assert_int_equal(lines_next(&l, &line), text[i] == '\n' ? LINES_ONE : LINES_LATER);
		if (text[i] == '\n')
			assert_string_equal(line, lines[at++]);
	}
	close(ends[1]);
	assert_int_equal(lines_next(&l, &line), LINES_ONE);
	assert_string_equal(line, lines[at]);
	assert_int_equal(lines_next(&l, &line), LINES_END);
	assert_int_equal(lines_next(&l, &line), LINES_END);
	assert_int_equal(l.bytes, sizeof text - 1);
	lines_free(&l);
	close(ends[0]);
}

static void a_line_that_is_too_long_is_cut_once(void **state)
{
	static char part[1024];
	struct lines l = { 0 };
	const char *line;
	int ends[2];
	size_t cut = 0, next = 0;

	(void)state;
	memset(part, 'x', sizeof part);
	assert_false(pipe(ends));
	l.fd = ends[0];
	for (size_t i = 0; i < 4 * LINES_BYTES_MAX / sizeof part; i++) {
		write_all(ends[1], part, sizeof part);
		if (lines_next(&l, &line) == LINES_ONE) {
			cut++;
			assert_true(strlen(line) > LINES_BYTES_MAX && strlen(line) <= LINES_BYTES_MAX + sizeof part);
		}
	}
	write_all(ends[1], "\nnext\n", 6);
	close(ends[1]);
	while (lines_next(&l, &line) == LINES_ONE)
		next += !strcmp(line, "next");
	assert_int_equal(cut, 1);
	assert_int_equal(next, 1);
	lines_free(&l);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_end_yet_is_not_waited_for),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
