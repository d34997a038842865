#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/own_clients.h"

#define JA4 "t12i020100_0035,002f_000d_0401"
#define HELLO "0303000000000000000000000000000000000000000000000000000000000000000000" "0002002f" "0100"

static void names_are_given_or_made(void **state)
{
	const char *specs[] = { "Old-App=" JA4, JA4, HELLO, "b.1=" HELLO };
	static const char *const want[] = { "Old-App", "t12i020100", "hello", "b.1" };
	static const char *const ids[] = { "own.old-app", "own.t12i020100", "own.hello", "own.b.1" };
	struct cli c = { .clients = specs, .clients_n = 4 };
	struct own_clients own;

	(void)state;
	assert_true(own_clients_open(&own, &c));
	assert_int_equal(own.n, 4);
	for (size_t i = 0; i < own.n; i++) {
		assert_string_equal(own.v[i].name, want[i]);
		assert_string_equal(own.v[i].id, ids[i]);
		assert_string_equal(own.v[i].family, CLIENT_FAMILY_OWN);
		assert_int_equal(own.v[i].digest != NULL, i >= 2);
		assert_null(client_find(own.v[i].id));
	}
	arena_free(&c.arena);
}

static void what_cannot_be_used_is_refused(void **state)
{
	static const char *const rows[][2] = {
		{ "a=" JA4, "A=" HELLO }, /* one name twice */
		{ JA4, JA4 },
		{ JA4, "t13d0306h2_1301,1303_000a" },
		{ JA4, "x=0303" HELLO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *specs[] = { rows[i][0], rows[i][1] };
		struct cli c = { .clients = specs, .clients_n = 2 };
		struct own_clients own;

		assert_false(own_clients_open(&own, &c));
		arena_free(&c.arena);
	}
}

static void without_the_option_there_are_none(void **state)
{
	struct cli c = { 0 };
	struct own_clients own;

	(void)state;
	assert_true(own_clients_open(&own, &c));
	assert_int_equal(own.n, 0);
	arena_free(&c.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_given_or_made),
		cmocka_unit_test(what_cannot_be_used_is_refused),
		cmocka_unit_test(without_the_option_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
