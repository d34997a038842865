/*
 * What a server makes anew for each connection, or does not: key shares, randoms, session ids; the clock in its random;
 * and the mark of a downgrade, right, missing and wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_scan.h"

#define NOW "1795251600" /* of sim_scan.c */

static struct record *scan(struct sim_scan *s, struct server_config *c, const char *config)
{
	static const char *const also[] = { "handshake.tls13", NULL }; /* hellos alone get few shares of TLS 1.3 */
	char wrong[128];

	config_sound(c);
	if (!config_read(c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(s, 7);
	s->scan.options.also = also;
	return sim_scan_one(s, c);
}

static void over(struct sim_scan *s, struct server_config *c)
{
	sim_scan_free(s);
	config_free(c);
}

static enum tri named(const struct record *r, enum obs_key key, const char *name)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && !strcmp(r->obs[i].name, name))
			return r->obs[i].tri;
	return TRI_ABSENT;
}

static void expect(const char *config, enum obs_key key, uint16_t version, enum tri wanted)
{
	struct server_config c;
	struct sim_scan s;
	enum tri is = record_tri(scan(&s, &c, config), key, version);

	if (is != wanted)
		fail_msg("%s of %04x is %s, not %s, with\n%s", obs_kinds[key].key, version, tri_name(is),
		        tri_name(wanted), config);
	over(&s, &c);
}

static void expect_shares(const char *config, enum tri dhe, enum tri ecdhe, enum tri tls13)
{
	const struct {
		const char *name;
		enum tri wanted;
	} kinds[] = { { "dhe", dhe }, { "ecdhe", ecdhe }, { "tls13", tls13 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, config);

	for (size_t i = 0; i < 3; i++)
		if (named(r, OBS_KEY_SHARE_REUSED, kinds[i].name) != kinds[i].wanted)
			fail_msg("%s: %s, not %s, with\n%s", kinds[i].name,
			        tri_name(named(r, OBS_KEY_SHARE_REUSED, kinds[i].name)),
			        tri_name(kinds[i].wanted), config);
	over(&s, &c);
}

static void a_key_share_that_comes_twice_is_seen_by_its_kind(void **state)
{
	(void)state;
	expect_shares("", TRI_NO, TRI_NO, TRI_NO);
	expect_shares("reuses_shares=yes", TRI_YES, TRI_YES, TRI_YES);
	expect_shares("versions=TLSv1.0,TLSv1.2\nreuses_shares=yes\nsuites=DHE-RSA-AES256-SHA,AES128-SHA", TRI_YES,
	        TRI_NA, TRI_NA);
	expect_shares("versions=TLSv1.2\nsuites=AES128-SHA\nreuses_shares=yes", TRI_NA, TRI_NA, TRI_NA);
	expect_shares("versions=TLSv1.3\nreuses_shares=yes", TRI_NA, TRI_NA, TRI_YES);
}

static void a_random_that_comes_twice_is_seen(void **state)
{
	(void)state;
	expect("", OBS_KEY_RANDOM_REPEATED, 0, TRI_NO);
	expect("repeats_randoms=yes", OBS_KEY_RANDOM_REPEATED, 0, TRI_YES);
	expect("repeats_randoms=yes\nversions=TLSv1.3", OBS_KEY_RANDOM_REPEATED, 0, TRI_YES);
}

static void a_session_id_that_comes_twice_is_seen(void **state)
{
	(void)state;
	expect("answers=ems", OBS_KEY_SESSION_ID_REPEATED, 0, TRI_NO);
	expect("answers=ems\nrepeats_session_ids=yes", OBS_KEY_SESSION_ID_REPEATED, 0, TRI_YES);
	expect("answers=ems\nsession_ids=no", OBS_KEY_SESSION_ID_REPEATED, 0, TRI_NA);
	/* TLS 1.3 says our own id back, which is the same only when we ask the same. */
	expect("versions=TLSv1.3", OBS_KEY_SESSION_ID_REPEATED, 0, TRI_NA);
}

/* ahead_s: within a minute, which is more than a scan takes. */
static void expect_clock(const char *config, const char *wanted, long ahead_s)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, config);
	const struct obs *o = record_find(r, OBS_KEY_SERVER_CLOCK, 0);

	assert_int_equal(record_tri(r, OBS_KEY_RANDOM_CLOCK, 0), wanted ? TRI_YES : TRI_NO);
	if (!wanted) {
		assert_null(o);
		assert_int_equal(r->volatiles_count, 0);
	} else {
		assert_string_equal(o->text, wanted);
		assert_int_equal(r->volatiles_count, 1);
		assert_string_equal(r->volatiles[0].finding, "server.clock");
		assert_true(labs(strtol(r->volatiles[0].evidence.text, NULL, 10) - ahead_s) < 60);
	}
	over(&s, &c);
}

static void the_clock_in_the_random_is_told_from_chance(void **state)
{
	(void)state;
	expect_clock("", NULL, 0);
	expect_clock("clock=" NOW, "right", 0);
	expect_clock("clock=1795259600", "ahead", 8000);
	expect_clock("clock=1795051600", "behind", -200000);
	expect_clock("clock=3735928559", NULL, 0); /* a constant far away is no clock */
	expect("versions=TLSv1.3\nclock=" NOW, OBS_KEY_RANDOM_CLOCK, 0, TRI_NA);
}

static void a_downgrade_is_marked_where_it_is_one(void **state)
{
	static const char best_12[] = "versions=TLSv1.0,TLSv1.1,TLSv1.2";
	static const char best_11[] = "versions=TLSv1.0,TLSv1.1";

	(void)state;
	expect("", OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_YES);
	expect("", OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS10, TRI_YES);
	expect("", OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS10, TRI_NO);
	expect("no_sentinel=yes", OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_NO);
	expect("no_sentinel=yes", OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS12, TRI_NO);
	expect(best_12, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_NA);
	expect(best_12, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS11, TRI_YES);
	expect(best_12, OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS12, TRI_NO);
	expect(best_11, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS10, TRI_NA);
	expect("versions=TLSv1.3", OBS_KEY_DOWNGRADE_SENTINEL, 0, TRI_ABSENT);
}

static void a_mark_out_of_place_is_wrong(void **state)
{
	(void)state;
	expect("wrong_sentinel=yes\nversions=TLSv1.2", OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS12, TRI_YES);
	expect("wrong_sentinel=yes\nversions=TLSv1.2", OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_NA);
	expect("wrong_sentinel=yes", OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS12, TRI_NO);
	expect("wrong_sentinel=yes", OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS11, TRI_YES);
	expect("wrong_sentinel=yes", OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS11, TRI_NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_share_that_comes_twice_is_seen_by_its_kind),
		cmocka_unit_test(a_random_that_comes_twice_is_seen),
		cmocka_unit_test(a_session_id_that_comes_twice_is_seen),
		cmocka_unit_test(the_clock_in_the_random_is_told_from_chance),
		cmocka_unit_test(a_downgrade_is_marked_where_it_is_one),
		cmocka_unit_test(a_mark_out_of_place_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
