/* The shuffled window of a long list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/run/pool.h"

static void each_comes_out_once_and_not_in_order(void **state)
{
	static struct target targets[POOL_TARGETS];
	static bool seen[POOL_TARGETS];
	struct pool p = { .state = 7 };
	size_t moved = 0;

	(void)state;
	for (size_t i = 0; i < POOL_TARGETS; i++)
		pool_put(&p, &targets[i]);
	assert_true(pool_is_full(&p));
	for (size_t i = 0; i < POOL_TARGETS; i++) {
		size_t at = (size_t)(pool_draw(&p) - targets);

		assert_false(seen[at]);
		seen[at] = true;
		moved += at != i;
	}
	assert_null(pool_draw(&p));
	assert_true(moved > POOL_TARGETS * 9 / 10);
}

static void the_same_seed_gives_the_same_order(void **state)
{
	static struct target targets[100];
	struct pool a = { .state = 1 }, b = { .state = 1 }, c = { .state = 2 };
	bool differs = false;

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		pool_put(&a, &targets[i]);
		pool_put(&b, &targets[i]);
		pool_put(&c, &targets[i]);
	}
	for (size_t i = 0; i < 100; i++) {
		const struct target *t = pool_draw(&a);

		assert_ptr_equal(t, pool_draw(&b));
		differs |= t != pool_draw(&c);
	}
	assert_true(differs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_comes_out_once_and_not_in_order),
		cmocka_unit_test(the_same_seed_gives_the_same_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
