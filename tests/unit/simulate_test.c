#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/grade.h"
#include "report/simulate.h"
#include "tests/unit/sample_record.h"

/* ---- a server by hand: all versions known, TLS 1.2 with what a test gives it ------------------------------------------ */

static struct obs *list_of(struct record *r, enum obs_key key, uint16_t protocol, enum cert_key cert, const uint32_t *codes,
	size_t count)
{
	return record_add(r, &(struct obs){ .key = key, .protocol = protocol, .cert = cert,
				     .codes = arena_copy(&r->arena, codes, count * sizeof *codes), .count = count,
				     .probe = "sample" });
}

#define LIST(r, key, protocol, cert, ...)                                                            \
	list_of(r, OBS_KEY_##key, protocol, cert, (const uint32_t[]){ __VA_ARGS__ },                 \
		sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void order_of(struct record *r, enum obs_key key, uint16_t protocol, enum cert_key cert, const char *word)
{
	record_add(r, &(struct obs){ .key = key, .protocol = protocol, .cert = cert, .text = word, .probe = "sample" });
}

static struct record *nothing_offered(void)
{
	struct record *r = record_new();

	for (const uint16_t *p = view_versions; *p; p++)
		sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, *p, TRI_NO);
	return r;
}

static void add_rsa(struct record *r)
{
	LIST(r, GROUPS_LIST, VER_TLS12, KEY_RSA, 0x0017, 0x0018, 0x001D);
	order_of(r, OBS_KEY_GROUPS_ORDER, VER_TLS12, KEY_RSA, "client");
	LIST(r, SCHEMES_LIST, VER_TLS12, KEY_RSA, 0x0401, 0x0501, 0x0804);
	order_of(r, OBS_KEY_SCHEMES_ORDER, VER_TLS12, KEY_RSA, "client");
}

static void add_tls13(struct record *r)
{
	VERSION(r, VER_TLS13, 0x1302, 0x1303, 0x1301);
	LIST(r, GROUPS_LIST, VER_TLS13, KEY_NONE, 0x0017, 0x001D);
	order_of(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, KEY_NONE, "client");
	LIST(r, SCHEMES_LIST, VER_TLS13, KEY_RSA, 0x0804, 0x0805);
	order_of(r, OBS_KEY_SCHEMES_ORDER, VER_TLS13, KEY_RSA, "client");
}

static struct record *tls12(void)
{
	struct record *r = nothing_offered();

	VERSION(r, VER_TLS12, 0xC030, 0xC02F, 0x009C);
	add_rsa(r);
	return r;
}

/* The row of one client; the record is the caller's. */
static struct sim got(const struct record *r, const char *client, const struct without *w)
{
	struct arena a = { 0 };
	struct view v;
	struct sim m;

	view_open(&v, r, &a);
	m = simulate(&v, w)[client_find(client) - clients];
	arena_free(&a);
	return m;
}

static void expect(const struct record *r, const char *client, uint16_t version, uint32_t suite, uint16_t group)
{
	struct sim m = got(r, client, NULL);

	assert_string_equal(sim_reason_word(m.reason), "none");
	assert_int_equal(m.state, SIM_CONNECTS);
	assert_int_equal(m.version, version);
	assert_int_equal(m.suite, suite);
	assert_int_equal(m.group, group);
}

static void expect_not(const struct record *r, const char *client, enum sim_state state, enum sim_reason why)
{
	struct sim m = got(r, client, NULL);

	assert_string_equal(sim_reason_word(m.reason), sim_reason_word(why));
	assert_int_equal(m.state, state);
}

/* firefox_62_win7: 1301 1303 1302 C02B C02F ...; ie_11_win7: C028 C027 C014 C013 009F 009E 009D 009C ...; TLS 1.2 */

/* ---- versions --------------------------------------------------------------------------------------------------------------- */

static void the_newest_common_version_is_taken(void **state)
{
	struct record *r = tls12();

	(void)state;
	add_tls13(r);
	expect(r, "firefox_66_win81", VER_TLS13, 0x1302, 0x001D);
	assert_int_equal(got(r, "firefox_66_win81", NULL).cert, KEY_RSA);
	expect(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D); /* it knows a draft of TLS 1.3 alone */
	expect(r, "ie_11_win7", VER_TLS12, 0x009C, 0);
	record_free(r);
}

static void no_common_version_is_a_failure(void **state)
{
	struct record *r = tls12();

	(void)state;
	expect_not(r, "ie_8_win7", SIM_FAILS, SIM_PROTOCOL);
	record_free(r);
}

static void a_version_that_is_not_known_decides_nothing(void **state)
{
	struct record *r = tls12();

	(void)state;
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_UNKNOWN);
	expect_not(r, "firefox_66_win81", SIM_OPEN, SIM_UNKNOWN_PROTOCOL);
	expect(r, "ie_11_win7", VER_TLS12, 0x009C, 0);
	record_free(r);
}

static void a_hello_in_the_old_format_is_left_open(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	expect_not(r, "ie_6_xp", SIM_FAILS, SIM_PROTOCOL);
	VERSION(r, VER_SSL3, 0x000A);
	expect_not(r, "ie_6_xp", SIM_OPEN, SIM_UNKNOWN_FORM);
	record_free(r);
}

/* ---- suites ----------------------------------------------------------------------------------------------------------------- */

static void the_order_says_whose_first_is_taken(void **state)
{
	struct record *r = tls12();

	(void)state;
	expect(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "client");
	expect(r, "firefox_62_win7", VER_TLS12, 0xC02F, 0x001D);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "unknown");
	expect_not(r, "firefox_62_win7", SIM_OPEN, SIM_UNKNOWN_ORDER);
	record_free(r);
}

static void chacha_comes_first_for_whom_it_does(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0xC030, 0xC02F, 0xCCA8);
	add_rsa(r);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "server-chacha");
	expect(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D);
	expect(r, "android_60", VER_TLS12, 0xC030 - 1, 0x0017);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "server");
	CODES(r, SUITES_LIST, VER_TLS12, 0xCCA8, 0xC030);
	expect(r, "firefox_62_win7", VER_TLS12, 0xCCA8, 0x001D);
	record_free(r);
}

/* ie_11_win7 offers DHE behind ECDHE with CBC; firefox_62_win7 has none. */
static void dhe_that_breaks_off_leaves_open_who_gets_there(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0xC030, 0xC028, 0x009C);
	add_rsa(r);
	expect(r, "ie_11_win7", VER_TLS12, 0xC028, 0x0017);
	record_add(r, &(struct obs){ .key = OBS_KEY_DHE_BREAKS, .protocol = VER_TLS12, .tri = TRI_YES,
			      .name = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", .probe = "sample" });
	expect_not(r, "ie_11_win7", SIM_OPEN, SIM_UNKNOWN_DHE);
	expect(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "client");
	expect(r, "ie_11_win7", VER_TLS12, 0xC028, 0x0017);
	CODES(r, SUITES_LIST, VER_TLS12, 0x009C);
	expect_not(r, "ie_11_win7", SIM_OPEN, SIM_UNKNOWN_DHE);
	record_free(r);
}

static void a_list_that_is_not_whole_decides_nothing(void **state)
{
	struct record *r = tls12();

	(void)state;
	sample_obs(r, OBS_KEY_SUITES_LIST, VER_TLS12)->reason = "TIMEOUT_ANSWER";
	expect_not(r, "firefox_62_win7", SIM_OPEN, SIM_UNKNOWN_SUITES);
	record_free(r);
}

static void no_common_suite_is_a_failure(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0xC030);
	add_rsa(r);
	expect_not(r, "ie_11_win7", SIM_FAILS, SIM_SUITE);
	record_free(r);
}

/* ---- groups and signatures ---------------------------------------------------------------------------------------------------- */

static void a_suite_without_a_common_group_is_passed_over(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0xC030, 0x002F);
	LIST(r, GROUPS_LIST, VER_TLS12, KEY_RSA, 0x001E);
	LIST(r, SCHEMES_LIST, VER_TLS12, KEY_RSA, 0x0401);
	expect(r, "firefox_62_win7", VER_TLS12, 0x002F, 0);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030);
	expect_not(r, "firefox_62_win7", SIM_FAILS, SIM_GROUP);
	record_free(r);
}

static void a_suite_without_a_common_scheme_is_passed_over(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0xC030, 0x002F);
	LIST(r, GROUPS_LIST, VER_TLS12, KEY_RSA, 0x0017);
	LIST(r, SCHEMES_LIST, VER_TLS12, KEY_RSA, 0x0809);
	expect(r, "firefox_62_win7", VER_TLS12, 0x002F, 0);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030);
	expect_not(r, "firefox_62_win7", SIM_FAILS, SIM_SCHEME);
	sample_forget(r, OBS_KEY_SCHEMES_LIST);
	expect_not(r, "firefox_62_win7", SIM_OPEN, SIM_UNKNOWN_SCHEMES);
	record_free(r);
}

static void the_group_is_left_open_where_the_order_is(void **state)
{
	struct record *r = tls12();

	(void)state;
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS12, "unknown");
	expect_not(r, "firefox_62_win7", SIM_CONNECTS, SIM_UNKNOWN_GROUP_ORDER);
	assert_int_equal(got(r, "firefox_62_win7", NULL).group, 0);
	assert_int_equal(got(r, "firefox_62_win7", NULL).suite, 0xC030);
	record_free(r);
}

/* chrome_101_win10 shares x25519 alone. */
static void a_preferred_group_without_a_share_is_left_open(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	add_tls13(r);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, "server");
	expect_not(r, "chrome_101_win10", SIM_CONNECTS, SIM_UNKNOWN_SHARE);
	CODES(r, GROUPS_LIST, VER_TLS13, 0x0018);
	expect(r, "chrome_101_win10", VER_TLS13, 0x1302, 0x0018);
	CODES(r, GROUPS_LIST, VER_TLS13, 0x001E);
	expect_not(r, "chrome_101_win10", SIM_FAILS, SIM_GROUP);
	record_free(r);
}

/* chromium_137_win11 has shares of X25519MLKEM768 and x25519, openssl_400 lists SecP256r1MLKEM768 without one. */
static void a_post_quantum_group_without_a_share_is_what_the_server_was_seen_to_do(void **state)
{
	struct record *r = nothing_offered();
	struct obs *retry;

	(void)state;
	add_tls13(r);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, "server");
	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EB, 0x001D);
	expect_not(r, "openssl_400", SIM_CONNECTS, SIM_UNKNOWN_SHARE);
	retry = sample_obs(r, OBS_KEY_PQ_RETRY, VER_TLS13);
	retry->name = "x25519";
	retry->tri = TRI_YES;
	expect(r, "openssl_400", VER_TLS13, 0x1302, 0x11EB);
	retry->tri = TRI_NO;
	expect(r, "openssl_400", VER_TLS13, 0x1302, 0x001D);
	retry->tri = TRI_UNKNOWN;
	expect_not(r, "openssl_400", SIM_CONNECTS, SIM_UNKNOWN_SHARE);
	record_free(r);
}

/* ---- what the client says to it ----------------------------------------------------------------------------------------------- */

static void a_client_turns_away_from_a_small_modulus(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS12, 0x009E);
	LIST(r, SCHEMES_LIST, VER_TLS12, KEY_RSA, 0x0401);
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->number = 2048;
	expect(r, "ie_11_win81", VER_TLS12, 0x009E, 0);
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->number = 512;
	expect_not(r, "ie_11_win81", SIM_FAILS, SIM_DH_SIZE);
	record_free(r);
}

static void a_client_without_a_name_fails_where_one_is_wanted(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	VERSION(r, VER_TLS10, 0x002F);
	expect(r, "android_237", VER_TLS10, 0x002F, 0);
	sample_tri(r, OBS_KEY_SNI_REQUIRED, 0, TRI_YES);
	expect_not(r, "android_237", SIM_FAILS, SIM_SNI);
	expect(r, "ie_8_win7", VER_TLS10, 0x002F, 0);
	record_free(r);
}

/* ---- taken away ------------------------------------------------------------------------------------------------------------------ */

static void what_is_taken_away_is_gone(void **state)
{
	struct record *r = tls12();
	struct without tls12_gone = { .protocol = VER_TLS12 }, no_fs = { .suite = suite_no_fs };

	(void)state;
	assert_int_equal(got(r, "ie_11_win7", NULL).state, SIM_CONNECTS);
	assert_int_equal(got(r, "ie_11_win7", &tls12_gone).reason, SIM_PROTOCOL);
	assert_int_equal(got(r, "ie_11_win7", &no_fs).reason, SIM_SUITE);
	assert_int_equal(got(r, "firefox_62_win7", &no_fs).suite, 0xC030);
	record_free(r);
}

/* ---- measured ------------------------------------------------------------------------------------------------------------------- */

static enum tri agreement(struct record *r, const char *client, uint16_t version, uint32_t suite, uint16_t group)
{
	const uint32_t codes[] = { suite, group };
	struct arena a = { 0 };
	struct obs *o;
	struct view v;
	enum tri t;

	sample_forget(r, OBS_KEY_SIMULATION_MEASURED);
	o = record_add(r, &(struct obs){ .key = OBS_KEY_SIMULATION_MEASURED, .protocol = version, .name = client });
	o->codes = arena_copy(&r->arena, codes, sizeof codes);
	o->count = suite ? group ? 2 : 1 : 0;
	view_open(&v, r, &a);
	t = sim_agrees(&simulated(&v)[client_find(client) - clients]);
	arena_free(&a);
	return t;
}

static void measured_and_computed_agree_or_not(void **state)
{
	struct record *r = tls12();

	(void)state;
	assert_int_equal(agreement(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D), TRI_YES);
	assert_int_equal(agreement(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x0017), TRI_NO);
	assert_int_equal(agreement(r, "firefox_62_win7", VER_TLS12, 0xC02F, 0x001D), TRI_NO);
	assert_int_equal(agreement(r, "firefox_62_win7", 0, 0, 0), TRI_NO);
	assert_int_equal(agreement(r, "ie_8_win7", 0, 0, 0), TRI_YES);
	assert_int_equal(agreement(r, "ie_8_win7", VER_TLS10, 0x002F, 0), TRI_NO);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS12, "unknown");
	assert_int_equal(agreement(r, "firefox_62_win7", VER_TLS12, 0xC030, 0x001D), TRI_UNKNOWN);
	record_free(r);
}

/* A record may come from anybody's file: lists without end, codes of no table, names of nobody. */
static void any_record_gives_a_row_for_every_client(void **state)
{
	struct record *r = tls12();
	struct arena a = { 0 };
	uint32_t all[3000];
	struct view v;
	struct sim *rows;

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		all[i] = (uint32_t)(i * 22 & 0xFFFFFF);
	add_tls13(r);
	list_of(r, OBS_KEY_SUITES_LIST, VER_TLS12, KEY_NONE, all, 3000);
	list_of(r, OBS_KEY_GROUPS_LIST, VER_TLS13, KEY_RSA, all, 3000);
	list_of(r, OBS_KEY_SCHEMES_LIST, VER_TLS13, KEY_ECDSA, all, 3000);
	record_add(r, &(struct obs){ .key = OBS_KEY_SIMULATION_MEASURED, .name = "nobody" });
	record_add(r, &(struct obs){ .key = OBS_KEY_SIMULATION_MEASURED });
	record_add(r, &(struct obs){ .key = OBS_KEY_DH_BITS, .protocol = VER_TLS12, .number = -1, .sha256 = "x" });
	view_open(&v, r, &a);
	rows = simulate(&v, NULL);
	for (size_t i = 0; i < clients_count; i++) {
		assert_ptr_equal(rows[i].client, &clients[i]);
		assert_true(rows[i].state == SIM_CONNECTS ? rows[i].suite && rows[i].version : rows[i].reason != SIM_NONE);
	}
	arena_free(&a);
	record_free(r);
}

/* ---- the rules of the grade ------------------------------------------------------------------------------------------------------ */

static struct judgement *judged;

static const struct ledger_entry *entry(struct record *r, const char *rule)
{
	judgement_free(judged);
	judged = judge(r);
	for (size_t i = 0; i < judged->grade.ledger_count; i++)
		if (!strcmp(judged->grade.ledger[i].rule, rule))
			return &judged->grade.ledger[i];
	fail_msg("no rule %s", rule);
	return NULL;
}

/* One row: TLS 1.2 with these suites, in an order of whom; and TLS 1.0 with RC4 and 3DES, which rules 19 and 21 do not mean. */
static const struct {
	const char *rule, *order;
	enum entry_state state;
	bool in_part;
	uint32_t suites[4];
} negotiated[] = {
	/* 19: a block of 64 bits that some browser gets with TLS 1.1 or newer */
	{ "suite.block64", "server", ENTRY_APPLIED, false, { 0x000A, 0xC030 } },
	{ "suite.block64", "server", ENTRY_NOT_APPLIED, false, { 0xC030, 0xC014, 0xC012 } }, /* kept last */
	{ "suite.block64", "client", ENTRY_NOT_APPLIED, false, { 0x000A, 0xC014, 0xC030 } },
	{ "suite.block64", "server", ENTRY_NOT_APPLIED, false, { 0xC030, 0xC014 } },
	{ "suite.block64", "unknown", ENTRY_NOT_EVALUATED, false, { 0x000A, 0xC014, 0xC030 } },
	{ "suite.block64", "unknown", ENTRY_APPLIED, false, { 0x000A, 0xC012 } }, /* nothing else to get */
	{ "suite.block64", "server", ENTRY_NOT_EVALUATED, true, { 0xC030, 0xC014 } },
	/* 21: RC4 likewise, which no browser of today has: it gets it where there is nothing else that anybody could get */
	{ "suite.rc4_tls11", "server", ENTRY_APPLIED, false, { 0x0005, 0xC011 } },
	{ "suite.rc4_tls11", "unknown", ENTRY_APPLIED, false, { 0x0005 } },
	{ "suite.rc4_tls11", "server", ENTRY_NOT_APPLIED, false, { 0x0005, 0xC030 } },
	{ "suite.rc4_tls11", "server", ENTRY_NOT_APPLIED, false, { 0xC030, 0xC014 } },
	{ "suite.rc4_tls11", "unknown", ENTRY_NOT_APPLIED, false, { 0x0005, 0xC014, 0xC030 } },
	{ "suite.rc4_tls11", "server", ENTRY_NOT_EVALUATED, true, { 0xC030, 0xC014 } },
	/* 25: some browser gets a suite without forward secrecy */
	{ "suite.no_forward_secrecy", "server", ENTRY_APPLIED, false, { 0x009C, 0xC014, 0xC030 } },
	{ "suite.no_forward_secrecy", "server", ENTRY_NOT_APPLIED, false, { 0xC030, 0xC014, 0x009C } },
	{ "suite.no_forward_secrecy", "client", ENTRY_NOT_APPLIED, false, { 0x009C, 0xC014, 0xC030 } },
	{ "suite.no_forward_secrecy", "unknown", ENTRY_NOT_EVALUATED, false, { 0x009C, 0xC014, 0xC030 } },
	{ "suite.no_forward_secrecy", "unknown", ENTRY_APPLIED, false, { 0x009C, 0x002F } },
	{ "suite.no_forward_secrecy", "server", ENTRY_NOT_EVALUATED, true, { 0xC030, 0xC014 } },
	/* 26: no browser gets a suite with AEAD */
	{ "suite.no_aead", "server", ENTRY_APPLIED, false, { 0xC014, 0xC030 } },
	{ "suite.no_aead", "server", ENTRY_NOT_APPLIED, false, { 0xC030, 0xC014 } },
	{ "suite.no_aead", "client", ENTRY_NOT_APPLIED, false, { 0xC014, 0xC030 } },
	{ "suite.no_aead", "unknown", ENTRY_NOT_EVALUATED, false, { 0xC014, 0xC030 } },
	{ "suite.no_aead", "unknown", ENTRY_APPLIED, false, { 0xC014, 0xC013 } },
	{ "suite.no_aead", "server", ENTRY_NOT_EVALUATED, true, { 0xC014, 0xC030 } },
};

static struct record *negotiating(size_t row)
{
	struct record *r = tls12();
	size_t n = 0;

	while (n < 4 && negotiated[row].suites[n])
		n++;
	sample_chain(r);
	VERSION(r, VER_TLS10, 0x0005, 0x000A);
	sample_codes(r, OBS_KEY_SUITES_LIST, VER_TLS12, negotiated[row].suites, n);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, negotiated[row].order);
	if (negotiated[row].in_part)
		sample_obs(r, OBS_KEY_SUITES_LIST, VER_TLS12)->reason = "TIMEOUT_FIRST_BYTE";
	return r;
}

static void what_is_negotiated_is_what_browsers_get(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof negotiated / sizeof *negotiated; i++) {
		struct record *r = negotiating(i);
		const struct ledger_entry *e;

		if (!strcmp(negotiated[i].rule, "suite.no_forward_secrecy") || !strcmp(negotiated[i].rule, "suite.no_aead"))
			sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, TRI_NO);
		e = entry(r, negotiated[i].rule);
		if (e->state != negotiated[i].state)
			fail_msg("row %zu, %s: %s, %s", i, e->rule, entry_state_name(e->state), e->because ? e->because : "");
		record_free(r);
	}
}

/* A server of TLS 1.0 alone has nothing that rules 19 and 21 are about. */
static void what_tls10_alone_has_concerns_rules_19_and_21_not(void **state)
{
	struct record *r = nothing_offered();

	(void)state;
	sample_chain(r);
	VERSION(r, VER_TLS10, 0x0005, 0x000A);
	assert_int_equal(entry(r, "suite.block64")->state, ENTRY_NA);
	assert_int_equal(entry(r, "suite.rc4_tls11")->state, ENTRY_NA);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS11, TRI_UNKNOWN);
	assert_int_equal(entry(r, "suite.block64")->state, ENTRY_NOT_EVALUATED);
	assert_int_equal(entry(r, "suite.rc4_tls11")->state, ENTRY_NOT_EVALUATED);
	record_free(r);
}

static bool is_lost(const struct ledger_entry *e, const char *client)
{
	for (size_t i = 0; i < e->loses_count; i++)
		if (!strcmp(e->loses[i]->id, client))
			return true;
	return false;
}

static void a_fix_names_the_clients_that_it_loses(void **state)
{
	struct record *r = tls12();

	(void)state;
	VERSION(r, VER_TLS10, 0x002F);
	assert_true(entry(r, "protocol.tls10")->removes);
	assert_true(is_lost(entry(r, "protocol.tls10"), "ie_8_win7"));
	assert_false(is_lost(entry(r, "protocol.tls10"), "firefox_62_win7"));
	assert_false(entry(r, "protocol.no_tls13")->removes);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030, 0x0005);
	assert_true(entry(r, "suite.rc4")->removes);
	assert_true(is_lost(entry(r, "suite.rc4"), "ie_11_win7") == false);
	record_free(r);
	judgement_free(judged);
	judged = NULL;
}

/* What a fix names is gone in every version; what only asks for another order, or a new key, takes nothing away. */
static void a_fix_takes_away_what_its_words_say(void **state)
{
	struct record *r = tls12();

	(void)state;
	sample_chain(r);
	CODES(r, SUITES_LIST, VER_TLS12, 0x000A, 0xC030);
	VERSION(r, VER_TLS10, 0x000A);
	assert_true(is_lost(entry(r, "suite.block64"), "ie_8_win7")); /* in TLS 1.0, with the same suite */
	CODES(r, SUITES_LIST, VER_TLS12, 0x000A);
	assert_true(is_lost(entry(r, "suite.block64"), "ie_8_win7"));
	assert_false(is_lost(entry(r, "suite.block64"), "firefox_62_win7")); /* it takes AES-GCM, which is to be offered */
	CODES(r, SUITES_LIST, VER_TLS12, 0x009C, 0xC030);
	assert_int_equal(entry(r, "suite.no_forward_secrecy")->state, ENTRY_APPLIED);
	assert_false(entry(r, "suite.no_forward_secrecy")->removes);
	VERSION(r, VER_SSL3, 0x0005, 0x000A); /* POODLE is about 3DES; the fix takes the whole version */
	assert_true(entry(r, "vuln.poodle")->removes);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, TRI_NO);
	assert_true(entry(r, "vuln.poodle")->loses_count > 0);
	assert_int_equal(entry(r, "vuln.poodle")->loses_count, entry(r, "protocol.sslv3")->loses_count);
	record_free(r);
	judgement_free(judged);
	judged = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_common_version_is_taken),
		cmocka_unit_test(no_common_version_is_a_failure),
		cmocka_unit_test(a_version_that_is_not_known_decides_nothing),
		cmocka_unit_test(a_hello_in_the_old_format_is_left_open),
		cmocka_unit_test(the_order_says_whose_first_is_taken),
		cmocka_unit_test(chacha_comes_first_for_whom_it_does),
		cmocka_unit_test(dhe_that_breaks_off_leaves_open_who_gets_there),
		cmocka_unit_test(a_list_that_is_not_whole_decides_nothing),
		cmocka_unit_test(no_common_suite_is_a_failure),
		cmocka_unit_test(a_suite_without_a_common_group_is_passed_over),
		cmocka_unit_test(a_suite_without_a_common_scheme_is_passed_over),
		cmocka_unit_test(the_group_is_left_open_where_the_order_is),
		cmocka_unit_test(a_preferred_group_without_a_share_is_left_open),
		cmocka_unit_test(a_post_quantum_group_without_a_share_is_what_the_server_was_seen_to_do),
		cmocka_unit_test(a_client_turns_away_from_a_small_modulus),
		cmocka_unit_test(a_client_without_a_name_fails_where_one_is_wanted),
		cmocka_unit_test(what_is_taken_away_is_gone),
		cmocka_unit_test(measured_and_computed_agree_or_not),
		cmocka_unit_test(any_record_gives_a_row_for_every_client),
		cmocka_unit_test(what_is_negotiated_is_what_browsers_get),
		cmocka_unit_test(what_tls10_alone_has_concerns_rules_19_and_21_not),
		cmocka_unit_test(a_fix_names_the_clients_that_it_loses),
		cmocka_unit_test(a_fix_takes_away_what_its_words_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
