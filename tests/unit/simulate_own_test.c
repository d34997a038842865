#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/grade.h"
#include "report/simulate_json.h"
#include "report/simulate_show.h"
#include "scanner/facts/json.h"
#include "tests/unit/sample_record.h"

#define LIST(...) { (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t) }

/* ---- a server with TLS 1.3 and 1.2, ECDHE and RSA ------------------------------------------------------------------------- */

static void add_codes(struct record *r, enum obs_key key, uint16_t protocol, enum cert_key cert, struct codes c)
{
	record_add(r, &(struct obs){ .key = key, .protocol = protocol, .cert = cert, .probe = "sample", .count = c.n,
			      .codes = arena_copy(&r->arena, c.v, c.n * sizeof *c.v) });
}

static void add_order(struct record *r, enum obs_key key, uint16_t protocol, enum cert_key cert, const char *who)
{
	record_add(r, &(struct obs){ .key = key, .protocol = protocol, .cert = cert, .text = who, .probe = "sample" });
}

static struct record *server(const char *order)
{
	struct record *r = record_new();

	for (const uint16_t *p = view_versions; *p; p++)
		sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, *p, TRI_NO);
	VERSION(r, VER_TLS13, 0x1302, 0x1303, 0x1301);
	VERSION(r, VER_TLS12, 0xC030, 0xCCA8, 0x009C);
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++) {
		enum cert_key k = v == VER_TLS13 ? KEY_NONE : KEY_RSA;

		sample_text(r, OBS_KEY_SUITES_ORDER, v, order);
		add_codes(r, OBS_KEY_GROUPS_LIST, v, k, (struct codes)LIST(0x11EC, 0x001D));
		add_order(r, OBS_KEY_GROUPS_ORDER, v, k, "client");
		add_codes(r, OBS_KEY_SCHEMES_LIST, v, KEY_RSA, (struct codes)LIST(0x0804, 0x0401));
		add_order(r, OBS_KEY_SCHEMES_ORDER, v, KEY_RSA, "client");
	}
	return r;
}

/* ---- clients ---------------------------------------------------------------------------------------------------------------- */

static const struct client mine = {
	.id = "own.mine", .name = "Mine", .family = CLIENT_FAMILY_OWN, .source = "hello", .sni = true,
	.oldest = VER_TLS12, .newest = VER_TLS13, .versions = LIST(0x0304, 0x0303),
	.suites = LIST(0x1301, 0x1302, 0x1303, 0xC030, 0xCCA8, 0x009C), .groups = LIST(0x11EC, 0x001D),
	.shares = LIST(0x11EC), .schemes = LIST(0x0804, 0x0401), .hello = { (const uint8_t *)"", 1 }, .digest = "0badcafe",
};

static struct client from_ja4(unsigned hides)
{
	struct client c = mine;

	c.source = "ja4";
	c.hides = hides;
	c.versions = (struct codes){ NULL, 0 };
	c.oldest = c.newest;
	c.hello.n = 0;
	c.digest = NULL;
	if (hides & HIDES_GROUPS)
		c.groups = c.shares = (struct codes){ NULL, 0 };
	return c;
}

static struct arena arena;

static struct sim got(struct record *r, const struct client *c)
{
	struct own_clients own = { c, 1 };
	struct view v;

	view_open(&v, r, &arena);
	v.own = &own;
	assert_non_null(simulated(&v));
	return v.own_sims[0];
}

static int done(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------------- */

static void what_is_told_whole_is_computed_as_for_any_client(void **state)
{
	struct record *r = server("client");
	struct client c = mine;
	struct sim m = got(r, &c);

	(void)state;
	assert_int_equal(m.state, SIM_CONNECTS);
	assert_int_equal(m.reason, SIM_NONE);
	assert_int_equal(m.suite, 0x1301);
	assert_int_equal(m.group, 0x11EC);
	record_free(r);
}

static void groups_that_are_not_told_leave_it_open_with_what_it_would_get(void **state)
{
	struct record *r = server("server");
	struct client c = from_ja4(HIDES_GROUPS | HIDES_OLDER);
	struct sim m = got(r, &c);

	(void)state;
	assert_int_equal(m.state, SIM_OPEN);
	assert_int_equal(m.reason, SIM_UNKNOWN_CLIENT_GROUPS);
	assert_int_equal(m.version, VER_TLS13);
	assert_int_equal(m.suite, 0x1302);
	assert_int_equal(m.group, 0);
	assert_non_null(strstr(sim_show_own(&arena, &m, false), "with one of the server's it gets TLSv1.3  TLS_AES_256"));
	assert_non_null(strstr(sim_show_own(&arena, &m, true), "a JA4 cannot be sent"));
	record_free(r);
}

/* A key exchange without groups needs none. */
static void rsa_key_exchange_asks_for_no_group(void **state)
{
	struct record *r = server("server");
	struct client c = from_ja4(HIDES_GROUPS);

	(void)state;
	c.newest = c.oldest = VER_TLS12;
	c.suites = (struct codes)LIST(0x009C);
	assert_int_equal(got(r, &c).state, SIM_CONNECTS);
	assert_int_equal(got(r, &c).suite, 0x009C);
	record_free(r);
}

static void an_order_that_is_not_told_matters_where_the_clients_decides(void **state)
{
	static const struct {
		const char *order;
		enum sim_reason reason;
	} rows[] = {
		{ "client", SIM_UNKNOWN_CLIENT_ORDER },
		{ "server-chacha", SIM_UNKNOWN_CLIENT_ORDER },
		{ "server", SIM_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *r = server(rows[i].order);
		struct client c = from_ja4(HIDES_ORDER);

		assert_int_equal(got(r, &c).reason, rows[i].reason);
		c.suites = (struct codes)LIST(0x1303);
		assert_int_equal(got(r, &c).suite, 0x1303); /* a single one has no order */
		record_free(r);
	}
}

static void an_older_version_that_is_not_told_is_left_open(void **state)
{
	struct record *r = server("server");
	struct client c = from_ja4(HIDES_OLDER), older = from_ja4(HIDES_OLDER);

	(void)state;
	sample_forget(r, OBS_KEY_PROTOCOL_OFFERED);
	for (const uint16_t *p = view_versions; *p; p++)
		sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, *p, *p == VER_TLS12 ? TRI_YES : TRI_NO);
	older.newest = older.oldest = VER_TLS11;
	assert_int_equal(got(r, &c).reason, SIM_UNKNOWN_CLIENT_VERSIONS);
	assert_int_equal(got(r, &older).reason, SIM_PROTOCOL); /* there is none below */
	record_free(r);
}

/* ---- measured ------------------------------------------------------------------------------------------------------------ */

static void add_measured(struct record *r, const char *digest, uint32_t suite)
{
	struct evidence *e = arena_new(&r->arena, 1, sizeof *e);
	uint32_t *codes = arena_new(&r->arena, 2, sizeof *codes);

	*e = (struct evidence){ SIM_HELLO_EVIDENCE, digest };
	codes[0] = suite;
	codes[1] = 0x11EC;
	sample_forget(r, OBS_KEY_SIMULATION_MEASURED);
	record_add(r, &(struct obs){ .key = OBS_KEY_SIMULATION_MEASURED, .name = "own.mine", .protocol = VER_TLS13,
			      .codes = codes, .count = 2, .evidence = e, .evidence_count = 1 });
}

static void what_was_measured_counts_for_the_same_hello_only(void **state)
{
	struct record *r = server("client");
	struct client c = mine;
	struct sim m;

	(void)state;
	add_measured(r, "0badcafe", 0x1301);
	m = got(r, &c);
	assert_int_equal(sim_agrees(&m), TRI_YES);
	assert_non_null(strstr(sim_show_own(&arena, &m, true), "(measured: the same)"));
	add_measured(r, "0badcafe", 0x1302);
	m = got(r, &c);
	assert_int_equal(sim_agrees(&m), TRI_NO);
	assert_non_null(strstr(sim_show_own(&arena, &m, true), "(measured: TLSv1.3 TLS_AES_256_GCM_SHA384, X25519MLKEM768)"));
	add_measured(r, "another", 0x1301);
	assert_null(got(r, &c).measured);
	c.digest = NULL;
	assert_null(got(r, &c).measured);
	record_free(r);
}

static void a_refusal_and_silence_are_told(void **state)
{
	struct record *r = server("client");
	struct client c = mine;
	struct sim m = got(r, &c);
	struct obs refused = { .key = OBS_KEY_SIMULATION_MEASURED }, silent = { .reason = "timeout" };

	(void)state;
	m.measured = &refused;
	assert_non_null(strstr(sim_show_own(&arena, &m, true), "refused its hello"));
	m.measured = &silent;
	assert_non_null(strstr(sim_show_own(&arena, &m, true), "no clear answer"));
	record_free(r);
}

/* ---- the report ---------------------------------------------------------------------------------------------------------------- */

static void the_users_own_stand_first_and_say_what_they_are(void **state)
{
	struct record *r = server("client");
	struct client list[] = { mine, from_ja4(HIDES_GROUPS | HIDES_ORDER | HIDES_OLDER) };
	struct own_clients own = { list, 2 };
	struct judgement *j;
	struct json_object *rows;
	char *text;

	(void)state;
	list[1].id = "own.ja4";
	j = judge_for(r, &own);
	assert_int_equal(j->own_sims_count, 2);
	rows = simulation_json(j);
	assert_int_equal(json_object_array_length(rows), clients_count + 2);
	text = json_dump(json_object_array_get_idx(rows, 0), false);
	assert_non_null(strstr(text, "\"client\":\"own.mine\",\"own\":{\"name\":\"Mine\",\"from\":\"hello\",\"untold\":[]}"));
	free(text);
	text = json_dump(json_object_array_get_idx(rows, 1), false);
	assert_non_null(strstr(text, "\"untold\":[\"older_versions\",\"suite_order\",\"groups\",\"key_shares\"]"));
	free(text);
	text = json_dump(json_object_array_get_idx(rows, 2), false);
	assert_null(strstr(text, "\"own\""));
	free(text);
	json_object_put(rows);
	judgement_free(j);
	record_free(r);
}

static void a_fix_names_them_among_those_that_it_loses(void **state)
{
	struct record *r = server("client");
	struct client c = mine;
	struct own_clients own = { &c, 1 };
	struct judgement *j;
	size_t lost = 0;

	(void)state;
	c.versions = (struct codes)LIST(0x0303);
	c.suites = (struct codes)LIST(0x0005);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030, 0x0005);
	j = judge_for(r, &own);
	for (size_t i = 0; i < j->grade.ledger_count; i++) {
		const struct ledger_entry *e = &j->grade.ledger[i];

		if (e->loses_count && e->loses[0] == &c)
			lost++;
	}
	assert_true(lost > 0);
	judgement_free(j);
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_told_whole_is_computed_as_for_any_client, done),
		cmocka_unit_test_teardown(groups_that_are_not_told_leave_it_open_with_what_it_would_get, done),
		cmocka_unit_test_teardown(rsa_key_exchange_asks_for_no_group, done),
		cmocka_unit_test_teardown(an_order_that_is_not_told_matters_where_the_clients_decides, done),
		cmocka_unit_test_teardown(an_older_version_that_is_not_told_is_left_open, done),
		cmocka_unit_test_teardown(what_was_measured_counts_for_the_same_hello_only, done),
		cmocka_unit_test_teardown(a_refusal_and_silence_are_told, done),
		cmocka_unit_test(the_users_own_stand_first_and_say_what_they_are),
		cmocka_unit_test(a_fix_names_them_among_those_that_it_loses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
