/*
 * Sessions taken up again, as a scan tells it: by ticket, id and PSK, given or not, with early data; and a cluster whose
 * servers do not know each other's sessions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const sessions[] = { "sessions", NULL };

static const struct obs *named(const struct record *r, enum obs_key key, const char *name)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && (!name || (r->obs[i].name && !strcmp(r->obs[i].name, name))))
			return &r->obs[i];
	return NULL;
}

/* With --probe sessions, or as one of the probes of the default scan. */
static struct record *scan(struct sim_scan *s, struct server_config *c, const char *config, bool often)
{
	char wrong[128];

	config_sound(c);
	if (!config_read(c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(s, 7);
	if (often)
		s->scan.options.select = sessions;
	return sim_scan_one(s, c);
}

static void over(struct sim_scan *s, struct server_config *c)
{
	sim_scan_free(s);
	config_free(c);
}

static const struct row {
	const char *config;
	enum obs_key key;
	const char *name;
	enum tri wanted;
} rows[] = {
	{ "versions=TLSv1.2", OBS_KEY_RESUMPTION, "ticket", TRI_YES },
	{ "versions=TLSv1.2", OBS_KEY_RESUMPTION, "id", TRI_YES },
	{ "versions=TLSv1.2", OBS_KEY_EMS_DROPPED, NULL, TRI_NO },
	{ "versions=TLSv1.2\nsession_ids=no", OBS_KEY_RESUMPTION, "ticket", TRI_YES },
	{ "versions=TLSv1.2\nsession_ids=no", OBS_KEY_SESSION_GIVEN, "id", TRI_NO },
	{ "versions=TLSv1.2\nanswers=ems", OBS_KEY_SESSION_GIVEN, "ticket", TRI_NO },
	{ "versions=TLSv1.2\nanswers=ems", OBS_KEY_RESUMPTION, "ticket", TRI_NO },
	{ "versions=TLSv1.2\nanswers=ems", OBS_KEY_RESUMPTION, "id", TRI_YES },
	{ "versions=TLSv1.2\nforgets=1", OBS_KEY_SESSION_GIVEN, "ticket", TRI_YES },
	{ "versions=TLSv1.2\nforgets=1", OBS_KEY_RESUMPTION, "ticket", TRI_NO },
	{ "versions=TLSv1.2\nforgets=1", OBS_KEY_RESUMPTION, "id", TRI_NO },
	{ "versions=TLSv1.2\nclient_auth=require", OBS_KEY_RESUMPTION, "ticket", TRI_UNKNOWN },
	{ "versions=SSLv3", OBS_KEY_RESUMPTION, "id", TRI_YES },
	{ "versions=SSLv3", OBS_KEY_RESUMPTION, "ticket", TRI_ABSENT },
	{ "versions=TLSv1.3", OBS_KEY_RESUMPTION, "psk", TRI_YES },
	{ "versions=TLSv1.3", OBS_KEY_TICKET_REUSED, NULL, TRI_YES },
	{ "versions=TLSv1.3", OBS_KEY_PSK_ALONE, NULL, TRI_NO },
	{ "versions=TLSv1.3", OBS_KEY_EARLY_DATA, NULL, TRI_NO },
	{ "versions=TLSv1.3", OBS_KEY_TOO_EARLY, NULL, TRI_ABSENT },
	{ "versions=TLSv1.3\npsk_ke=yes", OBS_KEY_PSK_ALONE, NULL, TRI_YES },
	{ "versions=TLSv1.3\nearly_data=16384", OBS_KEY_EARLY_DATA, NULL, TRI_YES },
	{ "versions=TLSv1.3\nearly_data=16384", OBS_KEY_TOO_EARLY, NULL, TRI_NO },
	{ "versions=TLSv1.3\nearly_data=3", OBS_KEY_EARLY_DATA, NULL, TRI_YES }, /* no room for a request */
	{ "versions=TLSv1.3\nearly_data=3", OBS_KEY_TOO_EARLY, NULL, TRI_ABSENT },
	{ "versions=TLSv1.3\ntickets=0", OBS_KEY_SESSION_GIVEN, "psk", TRI_NO },
	{ "versions=TLSv1.3\ntickets=0", OBS_KEY_RESUMPTION, "psk", TRI_NO },
	{ "versions=TLSv1.3\nforgets=1", OBS_KEY_RESUMPTION, "psk", TRI_NO },
	{ "versions=TLSv1.3\nforgets=1\nearly_data=16384", OBS_KEY_EARLY_DATA, NULL, TRI_NO },
};

static void what_a_server_does_with_sessions_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct server_config c;
		struct sim_scan s;
		const struct obs *o = named(scan(&s, &c, rows[i].config, true), rows[i].key, rows[i].name);
		enum tri is = o ? o->tri : TRI_ABSENT;

		if (is != rows[i].wanted)
			fail_msg("%s %s is %s, not %s, with\n%s", obs_kinds[rows[i].key].key, rows[i].name ? rows[i].name : "",
				tri_name(is), tri_name(rows[i].wanted), rows[i].config);
		if (is == TRI_UNKNOWN)
			assert_non_null(o->reason);
		over(&s, &c);
	}
}

static void numbers_of_tickets_are_told(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, "ticket_lifetime=864000\nearly_data=16384", true);

	(void)state;
	assert_int_equal(record_find(r, OBS_KEY_TICKET_LIFETIME, VER_TLS12)->number, 864000);
	assert_int_equal(record_find(r, OBS_KEY_TICKET_LIFETIME, VER_TLS13)->number, 864000);
	assert_int_equal(record_find(r, OBS_KEY_EARLY_DATA_MAX, VER_TLS13)->number, 16384);
	over(&s, &c);
}

/* However many servers of the cluster know the session: no attempt at all is a no, and one of them is a yes. */
static void a_cluster_is_told_as_one(void **state)
{
	static const char *const configs[] = { "versions=TLSv1.2\nforgets=2", "versions=TLSv1.2\nforgets=3",
		"versions=TLSv1.3\nforgets=2", "versions=TLSv1.3\nforgets=3" };

	(void)state;
	for (size_t i = 0; i < COUNT(configs); i++) {
		struct server_config c;
		struct sim_scan s;
		struct record *r = scan(&s, &c, configs[i], true);
		const struct obs *o = named(r, OBS_KEY_RESUMPTION, i < 2 ? "ticket" : "psk");

		assert_int_equal(o->tri, TRI_YES);
		assert_string_equal(o->reason, "UNSTABLE");
		assert_string_equal(o->evidence[0].name, "attempts");
		assert_non_null(strstr(o->evidence[0].text, " of 8"));
		assert_true(r->unstable);
		over(&s, &c);
	}
}

static void two_attempts_that_differ_are_followed_by_more(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, "versions=TLSv1.2\nforgets=2", false);
	const struct obs *o = named(r, OBS_KEY_RESUMPTION, "ticket");

	(void)state;
	assert_int_equal(o->tri, TRI_YES);
	assert_string_equal(o->evidence[0].text, "3 of 6");
	over(&s, &c);
}

static void a_sound_server_is_not_asked_more_than_needed(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, "", false);
	unsigned n = 0;

	(void)state;
	assert_string_equal(named(r, OBS_KEY_RESUMPTION, "ticket")->evidence[0].text, "1 of 1");
	assert_string_equal(named(r, OBS_KEY_RESUMPTION, "psk")->evidence[0].text, "1 of 1");
	assert_false(r->unstable);
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strncmp(r->probes[i].id, "resumption.", 11))
			n += r->probes[i].connections;
	print_message("%u connections\n", n);
	assert_true(n <= 4);
	over(&s, &c);
}

/* The first handshake is one question, whoever asks: the probe of handshakes pays for it. */
static void the_first_handshake_is_shared(void **state)
{
	static const char *const both[] = { "handshake", "sessions", NULL };
	struct server_config c;
	struct sim_scan s;
	struct record *r;
	unsigned n = 0;
	char wrong[128];

	(void)state;
	config_sound(&c);
	assert_true(config_read(&c, "versions=TLSv1.3\ntickets=0", wrong));
	sim_scan_init(&s, 7);
	s.scan.options.select = both;
	r = sim_scan_one(&s, &c);
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strcmp(r->probes[i].id, "resumption.tls13"))
			n = r->probes[i].connections + 1;
	assert_int_equal(n, 1);
	over(&s, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_does_with_sessions_is_told),
		cmocka_unit_test(numbers_of_tickets_are_told),
		cmocka_unit_test(a_cluster_is_told_as_one),
		cmocka_unit_test(two_attempts_that_differ_are_followed_by_more),
		cmocka_unit_test(a_sound_server_is_not_asked_more_than_needed),
		cmocka_unit_test(the_first_handshake_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
