#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/cookies.h"

enum { BARE = COOKIE_NO_SECURE | COOKIE_NO_HTTPONLY | COOKIE_NO_SAMESITE };

static const struct {
	const char *value, *name;
	unsigned faults;
	bool deleted;
} rows[] = {
	{ "sid=31d4d96e407aad42; Path=/; Secure; HttpOnly; SameSite=Lax", "sid", 0, false },
	{ "sid=1;secure;HTTPONLY;samesite=strict", "sid", 0, false },
	{ "sid=1", "sid", BARE, false },
	{ "sid = a b ; Secure ", "sid", COOKIE_NO_HTTPONLY | COOKIE_NO_SAMESITE, false },
	{ "sid=1; Secure; HttpOnly; SameSite=None", "sid", 0, false },
	{ "sid=1; HttpOnly; SameSite=None", "sid", COOKIE_NO_SECURE | COOKIE_NONE_WITHOUT_SECURE, false },
	{ "sid=1; Secure; HttpOnly; SameSite", "sid", COOKIE_NO_SAMESITE, false },
	{ "sid=1; Secure; HttpOnly; SameSite=Sometimes", "sid", COOKIE_NO_SAMESITE, false },
	{ "sid=1; Secured; HttpOnly2; SameSite=Lax", "sid", COOKIE_NO_SECURE | COOKIE_NO_HTTPONLY, false },
	{ "sid=Secure; HttpOnly", "sid", COOKIE_NO_SECURE | COOKIE_NO_SAMESITE, false },
	{ "__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/", "__Host-a", 0, false },
	{ "__Host-a=1; Secure; HttpOnly; SameSite=Lax", "__Host-a", COOKIE_HOST_PREFIX, false },
	{ "__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/x", "__Host-a", COOKIE_HOST_PREFIX, false },
	{ "__Host-a=1; Secure; HttpOnly; SameSite=Lax; Path=/; Domain=x.test", "__Host-a", COOKIE_HOST_PREFIX, false },
	{ "__host-a=1; HttpOnly; SameSite=Lax; Path=/", "__host-a", COOKIE_NO_SECURE | COOKIE_HOST_PREFIX, false },
	{ "__Secure-a=1; HttpOnly; SameSite=Lax", "__Secure-a", COOKIE_NO_SECURE | COOKIE_SECURE_PREFIX, false },
	{ "__Secure-a=1; Secure; HttpOnly; SameSite=Lax", "__Secure-a", 0, false },
	{ "sid=; Max-Age=0", "sid", BARE, true },
	{ "sid=; Max-Age=-1", "sid", BARE, true },
	{ "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "sid", BARE, true },
	{ "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", "sid", BARE, false },
	{ "sid=; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "sid", BARE, false },
	{ "sid=1970; Max-Age=0600", "sid", BARE, false },
	{ "", "(nameless)", BARE, false },
	{ ";;;", "(nameless)", BARE, false },
	{ "=value; Secure", "(nameless)", COOKIE_NO_HTTPONLY | COOKIE_NO_SAMESITE, false },
	{ "value alone", "(nameless)", BARE, false },
	{ "value alone; Path=/", "(nameless)", BARE, false },
};

static void a_cookie_is_its_name_and_what_is_wrong_with_it(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cookie c;

		cookie_read(&a, rows[i].value, &c);
		if (c.faults != rows[i].faults || c.deleted != rows[i].deleted)
			fail_msg("'%s': faults %#x, deleted %d", rows[i].value, c.faults, c.deleted);
		assert_string_equal(c.name, rows[i].name);
	}
	arena_free(&a);
}

static void each_fault_has_a_word(void **state)
{
	const char *words[COOKIE_FAULTS];

	(void)state;
	assert_int_equal(cookie_words(0, words), 0);
	assert_int_equal(cookie_words((1u << COOKIE_FAULTS) - 1, words), COOKIE_FAULTS);
	assert_string_equal(words[0], "no_secure");
	assert_string_equal(words[COOKIE_FAULTS - 1], "secure_prefix_misused");
	assert_int_equal(cookie_words(COOKIE_NO_SAMESITE, words), 1);
	assert_string_equal(words[0], "no_samesite");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cookie_is_its_name_and_what_is_wrong_with_it),
		cmocka_unit_test(each_fault_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
