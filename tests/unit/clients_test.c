#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/client_hello.h"
#include "scanner/tls/tables.h"

static void ids_are_sorted_and_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < clients_count; i++) {
		assert_true(i == 0 || strcmp(clients[i - 1].id, clients[i].id) < 0);
		assert_ptr_equal(client_find(clients[i].id), &clients[i]);
	}
	assert_null(client_find("nobody"));
}

static bool any_grease(struct codes c)
{
	for (size_t i = 0; i < c.n; i++)
		if (code_is_grease((uint16_t)c.v[i]))
			return true;
	return false;
}

static void a_client_has_suites_and_no_grease(void **state)
{
	(void)state;
	for (size_t i = 0; i < clients_count; i++) {
		const struct client *c = &clients[i];

		assert_true(c->suites.n > 0);
		assert_true(c->oldest <= c->newest);
		assert_false(any_grease(c->suites) || any_grease(c->groups) || any_grease(c->shares) || any_grease(c->versions));
	}
}

static void a_share_is_of_a_group_that_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < clients_count; i++)
		for (size_t k = 0; k < clients[i].shares.n; k++)
			assert_true(codes_has(clients[i].groups, clients[i].shares.v[k]));
}

static void versions_are_those_it_lists_or_a_range(void **state)
{
	(void)state;
	assert_true(client_offers(client_find("firefox_137_win11"), VER_TLS13));
	assert_false(client_offers(client_find("firefox_137_win11"), VER_TLS11));
	assert_true(client_offers(client_find("ie_8_win7"), VER_TLS10));
	assert_false(client_offers(client_find("ie_8_win7"), VER_TLS12));
}

static void every_hello_can_be_written_twice_alike(void **state)
{
	static uint8_t first[HELLO_MAX], second[HELLO_MAX];
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < clients_count; i++) {
		struct wr x = wr_of(first, sizeof first), y = wr_of(second, sizeof second);
		struct hello h = client_hello(&clients[i], "server.test", &a), again = client_hello(&clients[i], "server.test", &a);

		if (clients[i].ssl2_form)
			continue;
		assert_true(hello_write(&x, &h, NULL));
		assert_true(hello_write(&y, &again, NULL));
		assert_int_equal(x.len, y.len);
		assert_memory_equal(first, second, x.len);
	}
	arena_free(&a);
}

static void a_hello_says_what_the_client_says(void **state)
{
	struct arena a = { 0 };
	struct hello modern = client_hello(client_find("firefox_137_win11"), "server.test", &a);
	struct hello old = client_hello(client_find("android_237"), "server.test", &a);

	(void)state;
	assert_int_equal(modern.version, VER_TLS13);
	assert_string_equal(modern.sni, "server.test");
	assert_true(hello_offers_extension(&modern, EXT_ALPN));
	assert_true(hello_offers_extension(&modern, EXT_RECORD_SIZE_LIMIT));
	assert_true(modern.mimics);
	assert_int_equal(old.version, VER_TLS10);
	assert_null(old.sni);
	assert_false(hello_offers_extension(&old, EXT_SUPPORTED_GROUPS));
	arena_free(&a);
}

/* RFC 5746 section 3.4: a server answers the signalling suite as it would the extension, and breaks no rule by that. */
static void a_client_that_signals_by_a_suite_may_be_answered(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < clients_count; i++) {
		const struct client *c = &clients[i];
		struct arena a = { 0 };
		struct hello h = client_hello(c, "server.test", &a);
		bool signals = codes_has(c->suites, 0x00FF), asks = codes_has(c->extensions, EXT_RENEGOTIATION_INFO);

		assert_int_equal(hello_offers_extension(&h, EXT_RENEGOTIATION_INFO), signals || asks);
		n += signals && !asks;
		arena_free(&a);
	}
	assert_true(n > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_sorted_and_found),
		cmocka_unit_test(a_client_has_suites_and_no_grease),
		cmocka_unit_test(a_share_is_of_a_group_that_is_named),
		cmocka_unit_test(versions_are_those_it_lists_or_a_range),
		cmocka_unit_test(every_hello_can_be_written_twice_alike),
		cmocka_unit_test(a_hello_says_what_the_client_says),
		cmocka_unit_test(a_client_that_signals_by_a_suite_may_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
