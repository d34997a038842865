/* Whether a server asks for a post-quantum group that has no share, or takes the share that is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_scan.h"

struct told {
	enum tri is;
	const char *first, *order; /* of the groups */
};

static struct told told(const char *config)
{
	static const char *const select[] = { "pq_retry", NULL };
	const struct record *r;
	const struct obs *groups_, *order;
	struct server_config c;
	struct sim_scan s;
	struct told t;
	char wrong[128];

	config_sound(&c);
	if (!config_read(&c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(&s, 7);
	s.scan.options.select = select;
	r = sim_scan_one(&s, &c);
	groups_ = record_find(r, OBS_KEY_GROUPS_LIST, VER_TLS13);
	order = record_find(r, OBS_KEY_GROUPS_ORDER, VER_TLS13);
	t = (struct told){ .is = record_tri(r, OBS_KEY_PQ_RETRY, VER_TLS13) };
	t.first = groups_ && groups_->count ? group_find((uint16_t)groups_->codes[0])->name : "none";
	t.order = order && !strcmp(order->text, "server") ? "server" : "another";
	sim_scan_free(&s);
	config_free(&c);
	return t;
}

static void a_server_that_insists_asks_for_it(void **state)
{
	struct told t = told("versions=TLSv1.3\ngroups=X25519MLKEM768,x25519,secp256r1\nretry_for_best=yes\n");

	(void)state;
	assert_int_equal(t.is, TRI_YES);
	assert_string_equal(t.first, "X25519MLKEM768");
}

static void one_that_saves_the_round_trip_does_not_and_keeps_its_order(void **state)
{
	struct told t = told("versions=TLSv1.3\ngroups=X25519MLKEM768,x25519,secp256r1\n");

	(void)state;
	assert_int_equal(t.is, TRI_NO);
	assert_string_equal(t.first, "X25519MLKEM768");
	assert_string_equal(t.order, "server");
}

static void one_that_likes_a_curve_better_takes_its_share(void **state)
{
	struct told t = told("versions=TLSv1.3\ngroups=x25519,X25519MLKEM768\nretry_for_best=yes\n");

	(void)state;
	assert_int_equal(t.is, TRI_NO);
	assert_string_equal(t.first, "x25519");
}

static void by_the_clients_order_the_group_comes_first(void **state)
{
	(void)state;
	assert_int_equal(told("versions=TLSv1.3\ngroups=x25519,X25519MLKEM768\ngroups_order=client\nretry_for_best=yes\n").is, TRI_YES);
}

static void where_only_one_kind_is_there_nothing_is_asked(void **state)
{
	(void)state;
	assert_int_equal(told("versions=TLSv1.3\ngroups=x25519,secp256r1\n").is, TRI_ABSENT);
	assert_int_equal(told("versions=TLSv1.3\ngroups=X25519MLKEM768\n").is, TRI_ABSENT);
	assert_int_equal(told("versions=TLSv1.2\n").is, TRI_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_insists_asks_for_it),
		cmocka_unit_test(one_that_saves_the_round_trip_does_not_and_keeps_its_order),
		cmocka_unit_test(one_that_likes_a_curve_better_takes_its_share),
		cmocka_unit_test(by_the_clients_order_the_group_comes_first),
		cmocka_unit_test(where_only_one_kind_is_there_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
