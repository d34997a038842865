/* What a long run says of itself, with time as a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/facts/record.h"
#include "scanner/progress.h"

enum { SECOND = 1000000 };

struct said {
	FILE *file;
	char *text;
	size_t n;
};

static void listen(struct said *s)
{
	*s = (struct said){ 0 };
	s->file = open_memstream(&s->text, &s->n);
	assert_non_null(s->file);
}

static void forget(struct said *s)
{
	fclose(s->file);
	free(s->text);
}

static void a_short_run_says_nothing(void **state)
{
	struct record r = { 0 };
	struct progress p;
	struct said s;

	(void)state;
	listen(&s);
	progress_open(&p, s.file, false, 5);
	for (uint64_t i = 0; i < 20; i++)
		progress_record(&p, &r, 5 + i * SECOND, i, 20);
	progress_close(&p, 25 * SECOND);
	fflush(s.file);
	assert_int_equal(s.n, 0);
	forget(&s);
}

static void a_long_run_tells_rate_errors_and_the_time_left(void **state)
{
	struct record good = { 0 }, bad = { .error_code = "REFUSED" };
	struct progress p;
	struct said s;

	(void)state;
	listen(&s);
	progress_open(&p, s.file, false, 0);
	for (uint64_t i = 1; i <= 40; i++)
		progress_record(&p, i % 10 ? &good : &bad, i * SECOND, i * 10, 1600);
	fflush(s.file);
	assert_string_equal(s.text, "tlsassay: 30 endpoints in 30 s, 1 a second; 3 REFUSED; 18 % of the list, 2 min left\n");
	progress_close(&p, 40 * SECOND);
	fflush(s.file);
	assert_non_null(strstr(s.text, "tlsassay: 40 endpoints in 40 s, 1 a second; 4 REFUSED\n"));
	forget(&s);
}

/* More kinds than there is room for: the rest is counted together. */
static void many_kinds_of_errors_are_cut(void **state)
{
	struct record r = { 0 };
	struct progress p;
	struct said s;

	(void)state;
	listen(&s);
	progress_open(&p, s.file, true, 0);
	for (unsigned i = 0; i < 30; i++) {
		static char codes[30][8];

		snprintf(codes[i], sizeof codes[i], "K%u", i);
		r.error_code = codes[i];
		progress_record(&p, &r, i + 1, 0, 0);
	}
	assert_string_equal(p.kinds[PROGRESS_KINDS - 1].code, "others");
	assert_int_equal(p.kinds[PROGRESS_KINDS - 1].n, 30 - (PROGRESS_KINDS - 1));
	for (unsigned i = 0; i < PROGRESS_KINDS - 1; i++)
		assert_int_equal(p.kinds[i].n, 1);
	forget(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_run_says_nothing),
		cmocka_unit_test(a_long_run_tells_rate_errors_and_the_time_left),
		cmocka_unit_test(many_kinds_of_errors_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
