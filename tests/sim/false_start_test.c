/* False start (RFC 7918): a request right behind our Finished, in the client core, and as a scan tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "tests/servers/handshake.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the core ------------------------------------------------------------------------------------------------------- */

static void begin(struct meeting *m, const char *config, uint32_t suite)
{
	meeting_init(m, NULL, config);
	set_codes(m, &m->hello.suites, suite);
	m->client.early = (struct span){ (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18 };
}

static bool has_page(const struct meeting *m)
{
	struct span data = hs_data(m->hs);

	return data.n && memmem(data.p, data.n, "hello\n", 6);
}

static void the_request_is_answered_behind_the_finished(void **state)
{
	static const uint32_t kinds[] = { 0xC02F, 0xCCA8, 0x009F, 0xC014 };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct meeting m;

		begin(&m, "versions=TLSv1.2\nchains=rsa", kinds[i]);
		m.chunk = i ? WHOLE : 1;
		meet(&m);
		assert_true(m.result->complete && m.result->false_started && has_page(&m));
		assert_int_equal(m.result->reason, REASON_NONE);
		part(&m);
	}
}

static void a_server_that_refuses_it_never_says_finished(void **state)
{
	struct meeting m;

	(void)state;
	begin(&m, "versions=TLSv1.2\nchains=rsa\nno_false_start=yes", 0xC02F);
	meet(&m);
	assert_true(m.result->false_started && m.result->alerted && !m.result->complete);
	assert_int_equal(m.result->alert, 10);
	part(&m);
}

/* Our Finished comes last there, so nothing stands before the server's. */
static void a_session_that_goes_on_starts_in_its_turn(void **state)
{
	static const uint8_t made_up[32] = { 9, 8, 7 };
	struct meeting first, second;

	(void)state;
	begin(&first, "versions=TLSv1.2\nchains=rsa", 0xC02F);
	first.client.early.n = 0;
	meet(&first);
	assert_false(first.result->false_started);
	begin(&second, "versions=TLSv1.2\nchains=rsa", 0xC02F);
	second.hello.ticket = first.result->session.ticket;
	second.hello.session_id = (struct span){ made_up, sizeof(made_up) };
	second.client.resume = &first.result->session;
	meet(&second);
	assert_true(second.result->complete && second.result->resumed && !second.result->false_started);
	assert_false(has_page(&second));
	part(&second);
	part(&first);
}

static void it_is_not_said_again_when_the_handshake_is(void **state)
{
	struct text said = { 0 };
	struct meeting m;

	(void)state;
	begin(&m, "versions=TLSv1.2\nchains=rsa\nrenegotiation=accept", 0xC02F);
	m.client.early = (struct span){ (const uint8_t *)"GET /", 5 }; /* no whole request: the server waits */
	meet(&m);
	assert_true(hs_renegotiate(m.hs, AGAIN_SECURE, &said));
	converse(&m, &said);
	assert_int_equal(m.result->again[0].outcome, AGAIN_DONE);
	assert_true(hs_send(m.hs, " HTTP/1.1\r\n\r\n", 13, &said));
	converse(&m, &said);
	assert_true(has_page(&m));
	part(&m);
}

/* ---- the probe ------------------------------------------------------------------------------------------------------- */

static const char *const only_this[] = { "false_start", NULL };

static const struct row {
	const char *config;
	enum tri wanted;
	const char *reason;
	unsigned connections;
} rows[] = {
	{ "versions=TLSv1.2", TRI_YES, NULL, 1 },
	{ "versions=TLSv1.2,TLSv1.3", TRI_YES, NULL, 1 },
	{ "versions=TLSv1.2\nsuites=DHE-RSA-AES256-GCM-SHA384,AES128-SHA", TRI_YES, NULL, 1 },
	{ "versions=TLSv1.2\nno_false_start=yes", TRI_NO, NULL, 3 },
	{ "versions=TLSv1.2\nsuites=ECDHE-RSA-AES256-SHA,AES128-GCM-SHA256", TRI_NA, NULL, 0 },
	{ "versions=TLSv1.2\nrow=mute", TRI_UNKNOWN, "TIMEOUT_HTTP", 2 },
	{ "versions=TLSv1.2\nrow=page_of_mail", TRI_UNKNOWN, "NOT_HTTP", 1 },
	{ "versions=TLSv1.2\nclient_auth=require", TRI_UNKNOWN, "ALERT", 2 },
};

static struct record *scan(struct sim_scan *s, struct server_config *c, const char *config)
{
	char wrong[128];

	config_sound(c);
	if (!config_read(c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(s, 5);
	s->scan.options.select = only_this;
	return sim_scan_one(s, c);
}

static unsigned connections_of(const struct record *r)
{
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strcmp(r->probes[i].id, "false_start"))
			return r->probes[i].connections;
	return 0;
}

static void expect_row(const struct row *row)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan(&s, &c, row->config);
	const struct obs *o = record_find(r, OBS_KEY_FALSE_START, VER_TLS12);

	if (!o || o->tri != row->wanted || connections_of(r) != row->connections ||
	        !o->reason != !row->reason || (o->reason && strcmp(o->reason, row->reason)))
		fail_msg("%s, %s, after %u connections, with\n%s", o ? tri_name(o->tri) : "nothing",
		        o && o->reason ? o->reason : "no reason", connections_of(r), row->config);
	if (row->wanted == TRI_NO)
		assert_string_equal(o->evidence[0].text, "alert 10");
	sim_scan_free(&s);
	config_free(&c);
}

static void the_probe_tells_what_the_server_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_row(&rows[i]);
}

static void it_is_not_asked_where_it_cannot_be(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	assert_null(record_find(scan(&s, &c, "versions=TLSv1.3"), OBS_KEY_FALSE_START, 0));
	sim_scan_free(&s);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_request_is_answered_behind_the_finished),
		cmocka_unit_test(a_server_that_refuses_it_never_says_finished),
		cmocka_unit_test(a_session_that_goes_on_starts_in_its_turn),
		cmocka_unit_test(it_is_not_said_again_when_the_handshake_is),
		cmocka_unit_test(the_probe_tells_what_the_server_does),
		cmocka_unit_test(it_is_not_asked_where_it_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
