/* How connections end: whether our close_notify is answered with one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/sim/sim_scan.h"

static enum tri told(const char *config, uint16_t version)
{
	struct server_config c;
	struct sim_scan s;
	char wrong[128];
	enum tri is;

	config_sound(&c);
	if (!config_read(&c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(&s, 7);
	is = record_tri(sim_scan_one(&s, &c), OBS_KEY_CLOSE_NOTIFY, version);
	sim_scan_free(&s);
	config_free(&c);
	return is;
}

static void a_goodbye_that_is_answered_is_told(void **state)
{
	(void)state;
	assert_int_equal(told("versions=TLSv1.2,TLSv1.3\n", VER_TLS13), TRI_YES);
	assert_int_equal(told("versions=TLSv1.2,TLSv1.3\n", VER_TLS12), TRI_YES);
}

static void one_that_is_not_too(void **state)
{
	(void)state;
	assert_int_equal(told("versions=TLSv1.2,TLSv1.3\nrow=no_goodbye\n", VER_TLS13), TRI_NO);
	assert_int_equal(told("versions=TLSv1.2\nrow=no_goodbye\n", VER_TLS12), TRI_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_goodbye_that_is_answered_is_told),
		cmocka_unit_test(one_that_is_not_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
