/* The token bucket, with time as a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_goes_at_once_and_then_the_rate_holds),
		cmocka_unit_test(the_time_named_is_the_right_one),
		cmocka_unit_test(a_pause_fills_it_up_to_the_burst_and_no_more),
		cmocka_unit_test(time_that_stands_still_or_goes_back_gives_nothing),
		cmocka_unit_test(a_bucket_of_zeros_still_gives_one_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
