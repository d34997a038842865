/*
 * Renegotiation: the client core against the test server, and the probes over the whole engine. Another handshake under
 * the keys of the first goes through in every version and kind of cipher, and leaves the first one's result alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/tls/hs.h"
#include "tests/servers/handshake.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the core ------------------------------------------------------------------------------------------------------- */

static void begin(struct meeting *m, const char *config, uint16_t version, uint32_t suite, size_t chunk)
{
	meeting_init(m, NULL, config);
	m->chunk = chunk;
	m->hello.version = version;
	if (version == VER_SSL3)
		m->hello.offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
	set_codes(m, &m->hello.suites, suite);
	meet(m);
}

static void again(struct meeting *m, enum hs_form form)
{
	struct text said = { 0 };

	assert_true(hs_renegotiate(m->hs, form, &said));
	converse(m, &said);
	if (m->ended)
		hs_end(m->hs, m->out.end == PEER_RESET ? ENDING_RESET : ENDING_CLOSED);
}

static void expect_page(struct meeting *m)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	struct text said = { 0 };

	assert_true(hs_send(m->hs, request, sizeof(request) - 1, &said));
	converse(m, &said);
	assert_non_null(memmem(hs_data(m->hs).p, hs_data(m->hs).n, "hello\n", 6));
}

static const struct {
	uint16_t version;
	uint32_t suite;
} kinds[] = {
	{ VER_SSL3, 0x0005 }, { VER_SSL3, 0x000A }, { VER_TLS10, 0xC014 }, { VER_TLS11, 0x002F }, { VER_TLS12, 0x0039 },
	{ VER_TLS12, 0xC02F }, { VER_TLS12, 0xCCA8 }, { VER_TLS12, 0xC027 }, { VER_TLS12, 0x009C },
};

/* Twice more, in the form that the server wants, then data; whatever the splits of the stream. */
static void try_kind(size_t i, const char *policy, enum hs_form form, size_t chunk)
{
	const struct hs_result *r;
	const struct answer *first;
	struct span random;
	struct meeting m;
	char config[256];

	snprintf(config, sizeof(config), "versions=%s\nsuites=0x%04x\nrenegotiation=%s",
	        version_find(kinds[i].version)->name, (unsigned)kinds[i].suite, policy);
	begin(&m, config, kinds[i].version, kinds[i].suite, chunk);
	r = hs_result(m.hs);
	assert_true(r->complete);
	random = r->server_random;
	for (size_t n = 1; n <= 2; n++) {
		again(&m, form);
		if (r->again_n != n || r->again[n - 1].outcome != AGAIN_DONE || r->again[n - 1].reason)
			fail_msg("%s: number %zu ended as %d, %s", config, n, (int)r->again[n - 1].outcome,
			        reason_name(r->again[n - 1].reason));
	}
	first = hs_answer(m.hs);
	assert_true(r->complete && r->finished_right && !r->reason && hs_phase(m.hs) == HS_DONE);
	assert_memory_equal(random.p, r->server_random.p, 32);
	assert_memory_equal(random.p, first->random, 32);
	assert_int_equal(r->certs_count, first->certs_count);
	expect_page(&m);
	part(&m);
}

static void another_handshake_goes_through_in_every_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		try_kind(i, "accept", AGAIN_SECURE, WHOLE);
		try_kind(i, "insecure", AGAIN_PLAIN, WHOLE);
	}
	try_kind(5, "accept", AGAIN_SECURE, 1);
}

static void expect_outcome(const char *policy, enum hs_form form, enum hs_outcome wanted, enum hs_phase phase)
{
	const struct hs_result *r;
	struct meeting m;
	char config[128];

	snprintf(config, sizeof(config), "versions=TLSv1.2\n%s", policy);
	begin(&m, config, VER_TLS12, 0xC02F, WHOLE);
	again(&m, form);
	r = hs_result(m.hs);
	if (r->again_n != 1 || r->again[0].outcome != wanted || hs_phase(m.hs) != phase || !r->complete || r->reason)
		fail_msg("%s: ended as %d in phase %d, %s", policy, (int)r->again[0].outcome, (int)hs_phase(m.hs),
		        reason_name(r->again[0].reason));
	if (phase == HS_DONE)
		expect_page(&m);
	part(&m);
}

static void each_way_to_refuse_is_told_from_the_others(void **state)
{
	(void)state;
	expect_outcome("renegotiation=refuse", AGAIN_SECURE, AGAIN_REFUSED, HS_DONE);
	expect_outcome("renegotiation=alert", AGAIN_SECURE, AGAIN_ALERT, HS_FAILED);
	expect_outcome("renegotiation=close", AGAIN_SECURE, AGAIN_CLOSED, HS_FAILED);
	expect_outcome("renegotiation=reset", AGAIN_SECURE, AGAIN_RESET, HS_FAILED);
	expect_outcome("renegotiation=accept", AGAIN_PLAIN, AGAIN_ALERT, HS_FAILED);
}

static void silence_is_told_when_time_is_up(void **state)
{
	struct meeting m;

	(void)state;
	begin(&m, "versions=TLSv1.2\nrenegotiation=ignore", VER_TLS12, 0xC02F, WHOLE);
	again(&m, AGAIN_SECURE);
	assert_int_equal(hs_phase(m.hs), HS_RUNNING);
	hs_end(m.hs, ENDING_TIMEOUT);
	assert_int_equal(hs_result(m.hs)->again[0].outcome, AGAIN_IGNORED);
	assert_false(hs_result(m.hs)->again[0].answered);
	assert_int_equal(hs_result(m.hs)->reason, REASON_NONE);
	part(&m);
}

static void ten_are_enough(void **state)
{
	struct text said = { 0 };
	struct meeting m;

	(void)state;
	begin(&m, "versions=TLSv1.2\nrenegotiation=accept", VER_TLS12, 0xC02F, WHOLE);
	for (int i = 0; i < HS_AGAIN_MAX; i++)
		again(&m, AGAIN_SECURE);
	assert_false(hs_renegotiate(m.hs, AGAIN_SECURE, &said));
	for (int i = 0; i < HS_AGAIN_MAX; i++)
		assert_int_equal(hs_result(m.hs)->again[i].outcome, AGAIN_DONE);
	part(&m);
	assert_int_equal(said.n, 0);
}

static void a_wrong_renegotiation_info_is_called_so(void **state)
{
	struct meeting m;

	(void)state;
	begin(&m, "versions=TLSv1.2\nwrong_renegotiation=yes", VER_TLS12, 0xC02F, WHOLE);
	assert_int_equal(hs_result(m.hs)->reason, REASON_PROTOCOL_RENEGOTIATION);
	assert_false(hs_result(m.hs)->complete);
	part(&m);
	begin(&m, "versions=TLSv1.2\nanswers=ems\nrenegotiation=insecure", VER_TLS12, 0xC02F, WHOLE);
	again(&m, AGAIN_SECURE); /* answered without the extension */
	assert_int_equal(hs_result(m.hs)->again[0].outcome, AGAIN_BROKEN);
	assert_int_equal(hs_result(m.hs)->again[0].reason, REASON_PROTOCOL_RENEGOTIATION);
	part(&m);
}

/* Each bit of what the server says in a second handshake: never DONE with a lie in it, and never a crash. */
static void each_flipped_bit_of_a_second_handshake_is_felt(void **state)
{
	(void)state;
	for (size_t at = 0; at < 4000; at += 37) {
		struct text said = { 0 }, answer = { 0 };
		struct meeting m;

		begin(&m, "versions=TLSv1.2\nrenegotiation=accept", VER_TLS12, 0xC02F, WHOLE);
		assert_true(hs_renegotiate(m.hs, AGAIN_SECURE, &said));
		peer_out_clear(&m.out);
		server_peer.received(m.server, (const uint8_t *)said.s, said.n, &m.out);
		if (at < m.out.n) {
			m.out.bytes[at] ^= 1;
			hs_feed(m.hs, m.out.bytes, m.out.n, 0, &answer);
			hs_end(m.hs, ENDING_CLOSED);
			assert_int_not_equal(hs_result(m.hs)->again[0].outcome, AGAIN_DONE);
			assert_true(hs_result(m.hs)->complete);
		}
		text_free(&said);
		text_free(&answer);
		part(&m);
	}
}

/* ---- the probes ------------------------------------------------------------------------------------------------------- */

static void expect(const char *config, enum tri client, enum tri insecure, int64_t accepted)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;
	char wrong[128];
	uint16_t v;

	config_sound(&c);
	if (!config_read(&c, config, wrong))
		fail_msg("config: %s", wrong);
	sim_scan_init(&s, 3);
	s.scan.options.intrusive = accepted >= 0;
	r = sim_scan_one(&s, &c);
	v = record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12) == TRI_YES ? VER_TLS12 : VER_TLS13;
	if (record_tri(r, OBS_KEY_RENEGOTIATION_CLIENT, v) != client ||
	        record_tri(r, OBS_KEY_RENEGOTIATION_INSECURE, v) != insecure)
		fail_msg("client %s, insecure %s, with\n%s", tri_name(record_tri(r, OBS_KEY_RENEGOTIATION_CLIENT, v)),
		        tri_name(record_tri(r, OBS_KEY_RENEGOTIATION_INSECURE, v)), config);
	if (accepted >= 0)
		assert_int_equal(record_find(r, OBS_KEY_RENEGOTIATION_COUNT, v)->number, accepted);
	else
		assert_null(record_find(r, OBS_KEY_RENEGOTIATION_COUNT, 0));
	sim_scan_free(&s);
	config_free(&c);
}

#define WITHOUT_5746 "\nanswers=ems,ticket"

static void the_probe_tells_what_the_server_does(void **state)
{
	(void)state;
	expect("renegotiation=refuse", TRI_NO, TRI_NO, -1);
	expect("renegotiation=close", TRI_NO, TRI_NO, -1);
	expect("renegotiation=alert", TRI_NO, TRI_NO, -1);
	expect("renegotiation=reset", TRI_NO, TRI_NO, -1);
	expect("renegotiation=ignore", TRI_NO, TRI_NO, -1);
	expect("renegotiation=accept", TRI_YES, TRI_NO, -1);
	expect("renegotiation=insecure", TRI_YES, TRI_YES, -1);
	expect("renegotiation=insecure" WITHOUT_5746, TRI_YES, TRI_YES, -1);
	expect("renegotiation=refuse" WITHOUT_5746, TRI_NO, TRI_NO, -1);
	expect("renegotiation=ignore" WITHOUT_5746, TRI_NO, TRI_NO, -1);
	expect("versions=TLSv1.3\nrenegotiation=insecure", TRI_NA, TRI_NA, -1);
	expect("client_auth=require", TRI_UNKNOWN, TRI_UNKNOWN, -1);
}

static void how_many_are_taken_is_counted_when_that_is_allowed(void **state)
{
	(void)state;
	expect("renegotiation=accept", TRI_YES, TRI_NO, 10);
	expect("renegotiation=refuse", TRI_NO, TRI_NO, 0);
	expect("renegotiation=insecure" WITHOUT_5746, TRI_YES, TRI_YES, 10);
}

static unsigned connections_of(const struct record *r, const char *id)
{
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strcmp(r->probes[i].id, id))
			return r->probes[i].connections;
	return 0;
}

/* The session that is taken up again is asked to renegotiate: most often the probe needs no connection of its own. */
static void a_resumed_session_serves_the_probe(void **state)
{
	static const struct {
		const char *config;
		unsigned connections;
	} costs[] = { { "renegotiation=refuse", 0 }, { "renegotiation=alert", 0 }, { "renegotiation=accept", 1 },
		{ "renegotiation=alert\nanswers=ems,renegotiation", 0 },
		{ "renegotiation=refuse\nanswers=ems,renegotiation\nsession_ids=no", 1 } };

	(void)state;
	for (size_t i = 0; i < COUNT(costs); i++) {
		struct server_config c;
		struct sim_scan s;
		struct record *r;
		char wrong[128];

		config_sound(&c);
		assert_true(config_read(&c, costs[i].config, wrong));
		sim_scan_init(&s, 3);
		r = sim_scan_one(&s, &c);
		if (connections_of(r, "renegotiation") != costs[i].connections)
			fail_msg("%s: %u connections", costs[i].config, connections_of(r, "renegotiation"));
		assert_int_equal(record_tri(r, OBS_KEY_RENEGOTIATION_INSECURE, VER_TLS12), TRI_NO);
		sim_scan_free(&s);
		config_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_handshake_goes_through_in_every_version),
		cmocka_unit_test(each_way_to_refuse_is_told_from_the_others),
		cmocka_unit_test(silence_is_told_when_time_is_up),
		cmocka_unit_test(ten_are_enough),
		cmocka_unit_test(a_wrong_renegotiation_info_is_called_so),
		cmocka_unit_test(each_flipped_bit_of_a_second_handshake_is_felt),
		cmocka_unit_test(the_probe_tells_what_the_server_does),
		cmocka_unit_test(a_resumed_session_serves_the_probe),
		cmocka_unit_test(how_many_are_taken_is_counted_when_that_is_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
