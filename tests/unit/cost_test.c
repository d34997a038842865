/* What a handshake costs, from records with known certificates and sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/cost.h"
#include "tests/unit/sample_record.h"

static struct cost *costs(const struct record *r, struct arena *a, size_t *n)
{
	struct view *v = arena_new(a, 1, sizeof *v);

	view_open(v, r, a);
	return costs_of(v, n);
}

static size_t chain_bytes(const char *first, const char *second, uint16_t version)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	struct view v;
	size_t n;

	r->certs[0].pem = first;
	r->certs[1].pem = second;
	view_open(&v, r, &a);
	n = cost_of_chain(&v, &v.chains[0], version);
	arena_free(&a);
	record_free(r);
	return n;
}

#define PEM(body) "-----BEGIN CERTIFICATE-----\n" body "-----END CERTIFICATE-----\n"

/* A length of three bytes before the list and before each; in TLS 1.3 a context, and extensions behind each. */
static void a_chain_weighs_what_its_message_does(void **state)
{
	(void)state;
	assert_int_equal(chain_bytes(PEM("MAA=\n"), PEM("AAAA\nAAAA\n"), VER_TLS12), 3 + 3 + 2 + 3 + 6);
	assert_int_equal(chain_bytes(PEM("MAA=\n"), PEM("AAAA\nAAAA\n"), VER_TLS13), 1 + 3 + 3 + 2 + 2 + 3 + 6 + 2);
	assert_int_equal(chain_bytes(PEM("AA==\n"), PEM("AAAA\n"), VER_TLS12), 3 + 3 + 1 + 3 + 3);
}

static void one_that_is_not_whole_in_the_record_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(chain_bytes(PEM("MAA=\n"), NULL, VER_TLS12), 0);
	assert_int_equal(chain_bytes("", "no lines", VER_TLS12), 0);
}

static void each_version_has_its_round_trips(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	size_t n;
	const struct cost *list = costs(r, &a, &n);

	(void)state;
	assert_int_equal(n, 2);
	assert_int_equal(list[0].version, VER_TLS13);
	assert_memory_equal(list[0].trips, "1 round trip,", 13);
	assert_string_equal(list[0].resumed, "1 round trip, no certificates");
	assert_int_equal(list[1].version, VER_TLS12);
	assert_string_equal(list[1].trips, "2 round trips");
	assert_string_equal(list[1].certificates, "13 bytes of certificates (RSA)");
	sample_tri(r, OBS_KEY_EARLY_DATA, VER_TLS13, TRI_YES);
	assert_memory_equal(costs(r, &a, &n)[0].resumed, "no round trip for early data", 28);
	arena_free(&a);
	record_free(r);
}

static void what_was_not_seen_is_not_known(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	size_t n;

	(void)state;
	sample_tri(r, OBS_KEY_RESUMPTION, VER_TLS12, TRI_NO);
	assert_memory_equal(costs(r, &a, &n)[1].resumed, "not taken up", 12);
	sample_tri(r, OBS_KEY_RESUMPTION, VER_TLS12, TRI_UNKNOWN);
	assert_non_null(strstr(costs(r, &a, &n)[1].resumed, "not known"));
	sample_forget(r, OBS_KEY_RESUMPTION);
	sample_forget(r, OBS_KEY_CHAIN_SERVED);
	assert_non_null(strstr(costs(r, &a, &n)[0].resumed, "not known"));
	assert_non_null(strstr(costs(r, &a, &n)[1].certificates, "not known"));
	record_free(r);
	r = sample_refused();
	assert_null(costs(r, &a, &n));
	assert_int_equal(n, 0);
	arena_free(&a);
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_weighs_what_its_message_does),
		cmocka_unit_test(one_that_is_not_whole_in_the_record_is_not_known),
		cmocka_unit_test(each_version_has_its_round_trips),
		cmocka_unit_test(what_was_not_seen_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
