/* The token bucket, with time as a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "scanner/run/limit.h"

static void a_burst_goes_at_once_and_then_the_rate_holds(void **state)
{
	struct bucket b = { .rate = 10, .burst = 3 };
	uint64_t ready = 0;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(bucket_take(&b, 1000, &ready));
	assert_false(bucket_take(&b, 1000, &ready));
	assert_int_equal(ready, 1000 + 100000);
	assert_false(bucket_take(&b, ready - 1, &ready));
	assert_true(bucket_take(&b, 1000 + 100000, &ready));
}

/* Whoever waits until the time that was named gets one, each time. */
static void the_time_named_is_the_right_one(void **state)
{
	struct bucket b = { .rate = 7, .burst = 2 };
	uint64_t now = 5, ready = 0;
	unsigned taken = 0;

	(void)state;
	while (taken < 100) {
		if (bucket_take(&b, now, &ready)) {
			taken++;
			continue;
		}
		assert_true(ready > now);
		now = ready;
		assert_true(bucket_take(&b, now, &ready));
		taken++;
	}
	assert_true(now >= (100 - 2) * (1000000 / 7));
	assert_true(now <= 100 * (1000000 / 7) + 5);
}

static void a_pause_fills_it_up_to_the_burst_and_no_more(void **state)
{
	struct bucket b = { .rate = 10, .burst = 3 };
	uint64_t ready;
	int n = 0;

	(void)state;
	while (bucket_take(&b, 0, &ready))
		n++;
	assert_int_equal(n, 3);
	for (n = 0; bucket_take(&b, 3600 * UINT64_C(1000000), &ready); n++)
		;
	assert_int_equal(n, 3);
}

static void time_that_stands_still_or_goes_back_gives_nothing(void **state)
{
	struct bucket b = { .rate = 1, .burst = 1 };
	uint64_t ready;

	(void)state;
	assert_true(bucket_take(&b, 5000000, &ready));
	assert_false(bucket_take(&b, 5000000, &ready));
	assert_false(bucket_take(&b, 1000000, &ready));
}

static void a_bucket_of_zeros_still_gives_one_a_second(void **state)
{
	struct bucket b = { 0 };
	uint64_t ready;

	(void)state;
	assert_true(bucket_take(&b, 0, &ready));
	assert_false(bucket_take(&b, 0, &ready));
	assert_true(bucket_take(&b, 1000000, &ready));
}

/* ---- quotas ------------------------------------------------------------------------------------------------------------ */

struct caller {
	struct seat seat;
	uint64_t woken_at; /* UINT64_MAX: not */
};

static void woken(void *owner, uint64_t at_us)
{
	((struct caller *)owner)->woken_at = at_us;
}

static struct net_addr address(const char *text, uint16_t port)
{
	struct net_addr a = { .port = port };

	assert_true(net_addr_parse(text, &a));
	a.port = port;
	return a;
}

static void sit(struct caller *c, struct limits *l, const char *text, uint16_t port, struct quota_rule rule)
{
	struct net_addr a = address(text, port);

	*c = (struct caller){ .seat = { .wake = woken, .owner = c }, .woken_at = UINT64_MAX };
	seat_enter(&c->seat, l, &a, rule, 0);
}

static bool take_one(struct caller *c, uint64_t now)
{
	bool got;

	c->woken_at = UINT64_MAX;
	seat_look(&c->seat);
	got = seat_take(&c->seat, now);
	seat_looked(&c->seat, now);
	return got;
}

static void two_ports_of_an_address_share_its_quota(void **state)
{
	struct limits l = { 0 };
	struct quota_rule two = { .max_open = 2 };
	struct caller a, b;

	(void)state;
	sit(&a, &l, "192.0.2.1", 443, two);
	sit(&b, &l, "192.0.2.1", 8443, two);
	assert_true(take_one(&a, 1));
	assert_true(take_one(&b, 1));
	assert_false(take_one(&b, 1));
	seat_give(&a.seat, 2);
	assert_int_equal(b.woken_at, 2);
	assert_true(take_one(&b, 2));
	seat_give(&b.seat, 3);
	seat_give(&b.seat, 3);
	seat_leave(&a.seat, 4);
	seat_leave(&b.seat, 4);
	limits_free(&l);
}

static void a_network_has_a_quota_of_its_own(void **state)
{
	static const struct { const char *one, *other; bool same; } rows[] = {
		{ "192.0.2.1", "192.0.2.200", true },
		{ "192.0.2.1", "192.0.3.1", false },
		{ "2001:db8:1::1", "2001:db8:1:ffff::1", true },
		{ "2001:db8:1::1", "2001:db8:2::1", false },
		{ "192.0.2.1", "c000:200::", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct limits l = { .network = { .max_open = 1 } };
		struct caller a, b;

		sit(&a, &l, rows[i].one, 443, (struct quota_rule){ 0 });
		sit(&b, &l, rows[i].other, 443, (struct quota_rule){ 0 });
		assert_true(take_one(&a, 1));
		assert_int_equal(take_one(&b, 1), !rows[i].same);
		seat_give(&a.seat, 1);
		if (!rows[i].same)
			seat_give(&b.seat, 1);
		seat_leave(&a.seat, 1);
		seat_leave(&b.seat, 1);
		limits_free(&l);
	}
}

/* Who waits is called in turn, each at the moment when there is one for him, and nobody before his turn. */
static void who_waits_is_called_in_turn(void **state)
{
	enum { CALLERS = 50 };
	struct limits l = { .all = { .rate = { .rate = 1000, .burst = 1 } } };
	struct caller c[CALLERS];
	uint64_t now = 0;

	(void)state;
	for (size_t i = 0; i < CALLERS; i++) {
		char text[32];

		snprintf(text, sizeof text, "10.0.%zu.1", i);
		sit(&c[i], &l, text, 443, (struct quota_rule){ 0 });
		assert_int_equal(take_one(&c[i], now), i == 0);
	}
	for (size_t i = 1; i < CALLERS; i++) {
		assert_int_equal(c[i].woken_at, i * 1000);
		for (size_t k = i + 1; k < CALLERS; k++)
			assert_true(c[k].woken_at == UINT64_MAX);
		now = c[i].woken_at;
		assert_false(take_one(&c[CALLERS - 1], now) && i < CALLERS - 1); /* no jumping the queue */
		assert_true(i == CALLERS - 1 || take_one(&c[i], now));
	}
	for (size_t i = 0; i < CALLERS; i++) {
		seat_give(&c[i].seat, now);
		seat_leave(&c[i].seat, now);
	}
	limits_free(&l);
}

/* Who is called and has no use for it any more, or goes, holds nobody up. */
static void who_does_not_come_is_passed_over(void **state)
{
	struct limits l = { .all = { .max_open = 1 } };
	struct caller a, b, d;

	(void)state;
	sit(&a, &l, "10.0.0.1", 443, (struct quota_rule){ 0 });
	sit(&b, &l, "10.0.1.1", 443, (struct quota_rule){ 0 });
	sit(&d, &l, "10.0.2.1", 443, (struct quota_rule){ 0 });
	assert_true(take_one(&a, 1));
	assert_false(take_one(&b, 1));
	assert_false(take_one(&d, 1));
	seat_give(&a.seat, 2);
	assert_int_equal(b.woken_at, 2);
	seat_look(&b.seat); /* and wants none */
	seat_looked(&b.seat, 3);
	assert_int_equal(d.woken_at, 3);
	assert_false(take_one(&b, 3));
	d.woken_at = UINT64_MAX;
	seat_leave(&d.seat, 4);
	assert_int_equal(b.woken_at, 4);
	assert_true(take_one(&b, 4));
	seat_give(&b.seat, 5);
	seat_leave(&a.seat, 5);
	seat_leave(&b.seat, 5);
	limits_free(&l);
}

/* A million addresses, one behind the other: the table keeps none of them. */
static void the_table_does_not_grow_with_the_list(void **state)
{
	struct limits l = { .network = { .rate = 2000, .burst = 100 } };

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		struct net_addr a = { .family = NET_IPV4, .bytes = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i } };
		struct caller c = { .seat = { .wake = woken, .owner = &c } };

		seat_enter(&c.seat, &l, &a, (struct quota_rule){ .rate = 200, .burst = 50 }, i * 1000);
		assert_true(seat_take(&c.seat, i * 1000));
		seat_give(&c.seat, i * 1000);
		seat_leave(&c.seat, i * 1000);
	}
	assert_true(l.room <= 256);
	limits_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_goes_at_once_and_then_the_rate_holds),
		cmocka_unit_test(the_time_named_is_the_right_one),
		cmocka_unit_test(a_pause_fills_it_up_to_the_burst_and_no_more),
		cmocka_unit_test(time_that_stands_still_or_goes_back_gives_nothing),
		cmocka_unit_test(a_bucket_of_zeros_still_gives_one_a_second),
		cmocka_unit_test(two_ports_of_an_address_share_its_quota),
		cmocka_unit_test(a_network_has_a_quota_of_its_own),
		cmocka_unit_test(who_waits_is_called_in_turn),
		cmocka_unit_test(who_does_not_come_is_passed_over),
		cmocka_unit_test(the_table_does_not_grow_with_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
