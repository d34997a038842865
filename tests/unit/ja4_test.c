#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/ja4.h"
#include "scanner/tls/tables.h"

#define ORDERED "t13d0306h2_1303,1301,c02f_0000,0010,000a,002b,000d,0033_0403,0804"
#define SORTED "t13d0306h2_1301,1303,c02f_000a,000d,002b,0033_0403,0804"

static struct span span_of(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static void the_lists_are_read_as_they_stand(void **state)
{
	struct arena a = { 0 };
	struct client c;
	const char *why;

	(void)state;
	assert_true(ja4_read(span_of(ORDERED), &a, &c, &why));
	assert_int_equal(c.newest, VER_TLS13);
	assert_true(c.sni);
	assert_int_equal(c.suites.n, 3);
	assert_int_equal(c.suites.v[0], 0x1303);
	assert_int_equal(c.extensions.n, 6);
	assert_int_equal(c.schemes.n, 2);
	assert_int_equal(c.schemes.v[1], 0x0804);
	assert_int_equal(c.groups.n + c.shares.n + c.hello.n, 0);
	arena_free(&a);
}

static void what_it_does_not_tell_is_said(void **state)
{
	static const struct {
		const char *text;
		unsigned hides;
	} rows[] = {
		{ ORDERED, HIDES_OLDER | HIDES_GROUPS },
		{ SORTED, HIDES_OLDER | HIDES_GROUPS | HIDES_ORDER },
		{ "t12i020100_0035,002f_000d_0401", HIDES_OLDER },            /* not sorted, so as it was sent */
		{ "t12i020100_002f,0035_000d_0401", HIDES_OLDER | HIDES_ORDER },
		{ "t10i010000_002f_", HIDES_OLDER },                          /* one suite, no extensions */
		{ "ts3i010000_002F__", HIDES_OLDER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct client c;
		const char *why;

		assert_true(ja4_read(span_of(rows[i].text), &a, &c, &why));
		assert_int_equal(c.hides, rows[i].hides);
		arena_free(&a);
	}
}

static void what_is_wrong_has_a_sentence(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "t13d0306h2", "no JA4" },
		{ "T13d0306h2_1301", "no JA4" },
		{ "t13x0306h2_1301", "no JA4" },
		{ "q13d0306h2_1301,1303,c02f_000a,000d,002b,0033_0403", "QUIC" },
		{ "d12d0306h2_1301,1303,c02f_000a,000d,002b,0033_0403", "DTLS" },
		{ "td2d0306h2_1301,1303,c02f_000a,000d,002b,0033_0403", "version" },
		{ "t13d1516h2_8daaf6152771_b186095e22b6", "hashes" },
		{ "t13d0306h2_1301,1303_000a,000d,002b,0033_0403", "cipher suites" },
		{ "t13d0306h2__000a,000d,002b,0033_0403", "cipher suites" },
		{ "t13d0306h2_1301,1303,c02f_000a,000d,002b_0403", "extensions" },
		{ "t13i0306h2_1303,1301,c02f_0000,0010,000a,002b,000d,0033_0403", "extensions" }, /* it names nobody, and does */
		{ "t13d0306h2_1301,1303,c02f", "lists" },
		{ "t13d0306h2_1301,1303,c02_000a", "lists" },
		{ "t13d0306h2_1301,1303,c02f_000a,_0403", "lists" },
		{ SORTED "_0403", "lists" },
		{ SORTED ",", "lists" },
		{ SORTED "x", "lists" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct client c;
		const char *why = NULL;

		assert_false(ja4_read(span_of(rows[i].text), &a, &c, &why));
		assert_non_null(strstr(why, rows[i].why));
		arena_free(&a);
	}
}

/* Where the list of schemes is shorter, nothing tells. */
static void cut_anywhere_before_the_schemes_it_is_refused(void **state)
{
	size_t before = (size_t)(strrchr(SORTED, '_') - SORTED);

	(void)state;
	for (size_t n = 0; n < before; n++) {
		struct arena a = { 0 };
		struct client c;
		const char *why = NULL;

		assert_false(ja4_read((struct span){ (const uint8_t *)SORTED, n }, &a, &c, &why));
		assert_non_null(why);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_are_read_as_they_stand),
		cmocka_unit_test(what_it_does_not_tell_is_said),
		cmocka_unit_test(what_is_wrong_has_a_sentence),
		cmocka_unit_test(cut_anywhere_before_the_schemes_it_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
