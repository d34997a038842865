#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/feature.h"
#include "tests/unit/sample_record.h"

/* What other parts of the report show. */
static const enum obs_key elsewhere[] = { OBS_KEY_PROTOCOL_OFFERED, OBS_KEY_PROTOCOL_DRAFTS,
	OBS_KEY_SUITES_LIST, OBS_KEY_SUITES_ORDER, OBS_KEY_SUITES_UNREGISTERED, OBS_KEY_GROUPS_LIST,
	OBS_KEY_GROUPS_ORDER, OBS_KEY_DH_BITS, OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER,
	OBS_KEY_EXTENSIONS_LIST, OBS_KEY_CHAIN_SERVED, OBS_KEY_CHAIN_HOSTNAME, OBS_KEY_CHAIN_ISSUES,
	OBS_KEY_CHAIN_TRUST, OBS_KEY_SIMULATION_MEASURED, OBS_KEY_PQ_RETRY };

static bool shown_elsewhere(enum obs_key key)
{
	for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		if (elsewhere[i] == key)
			return true;
	return false;
}

static void every_observation_is_shown_by_its_name_or_elsewhere(void **state)
{
	(void)state;
	for (int key = 0; key < OBS_KEYS; key++)
		if (!feature_title((enum obs_key)key) == !shown_elsewhere((enum obs_key)key))
			fail_msg("%s: no title in feature.c, or one too many", obs_kinds[key].key);
}

/* The feature with this title, of the only record that a test has. */
static const struct feature *feature(const struct record *r, struct arena *a, const char *title)
{
	for (int part = FEATURES_TLS; part <= FEATURES_HTTP; part++) {
		size_t count;
		const struct feature *list = features_of(a, r, (enum feature_part)part, &count);

		for (size_t i = 0; i < count; i++)
			if (!strcmp(list[i].title, title))
				return &list[i];
	}
	return NULL;
}

static void versions_with_one_answer_are_told_together(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };
	const struct feature *f;

	(void)state;
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_EMS, VER_TLS11, TRI_YES);
	sample_tri(r, OBS_KEY_EMS, VER_SSL3, TRI_NO);
	sample_tri(r, OBS_KEY_EMS, VER_TLS10, TRI_YES);
	record_sort(r);
	f = feature(r, &a, "Extended master secret");
	assert_non_null(f);
	assert_int_equal(f->answers_count, 2);
	assert_string_equal(f->answers[0].says, "yes");
	assert_string_equal(f->answers[0].where, "TLSv1.2, TLSv1.1, TLSv1.0");
	assert_int_equal(f->answers[0].mark, MARK_GOOD);
	assert_string_equal(f->answers[1].says, "no");
	assert_string_equal(f->answers[1].where, "SSLv3");
	assert_int_equal(f->answers[1].mark, MARK_WEAK);
	arena_free(&a);
	record_free(r);
}

static void answers_for_different_reasons_are_told_apart(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };
	const struct feature *f;

	(void)state;
	sample_tri(r, OBS_KEY_SRP, VER_TLS12, TRI_UNKNOWN);
	sample_obs(r, OBS_KEY_SRP, VER_TLS12)->reason = "TIMEOUT_FIRST_BYTE";
	sample_tri(r, OBS_KEY_SRP, VER_TLS11, TRI_UNKNOWN);
	f = feature(r, &a, "SRP");
	assert_int_equal(f->answers_count, 2);
	assert_string_equal(f->answers[0].says, "not known");
	assert_string_equal(f->answers[0].where, "TLSv1.2 (TIMEOUT_FIRST_BYTE)");
	assert_string_equal(f->answers[1].where, "TLSv1.1");
	arena_free(&a);
	record_free(r);
}

static void compression_is_bad_and_its_absence_good(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };

	(void)state;
	sample_tri(r, OBS_KEY_COMPRESSION, VER_TLS12, TRI_YES);
	assert_int_equal(feature(r, &a, "TLS compression")->answers[0].mark, MARK_BAD);
	sample_tri(r, OBS_KEY_COMPRESSION, VER_TLS12, TRI_NO);
	assert_int_equal(feature(r, &a, "TLS compression")->answers[0].mark, MARK_GOOD);
	sample_tri(r, OBS_KEY_COMPRESSION, VER_TLS12, TRI_NA);
	assert_int_equal(feature(r, &a, "TLS compression")->answers[0].mark, MARK_NONE);
	arena_free(&a);
	record_free(r);
}

static void lists_numbers_and_texts_are_answers_too(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	const struct answer *alpn = &feature(r, &a, "Application protocols")->answers[0];

	(void)state;
	assert_string_equal(alpn->says, "h2, http/1.1");
	assert_string_equal(alpn->where, "");
	assert_false(alpn->word);
	assert_string_equal(feature(r, &a, "HSTS max-age, seconds")->answers[0].says, "63072000");
	assert_int_equal(feature(r, &a, "Strict transport (HSTS)")->answers[0].mark, MARK_GOOD);
	arena_free(&a);
	record_free(r);
}

/* What was cut short before a word was heard is no "none", and no "any". */
static void an_empty_list_with_a_reason_is_not_known(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_ALPN, .protocol = VER_TLS12, .reason = "LIMIT_BUDGET" });
	record_add(r, &(struct obs){ .key = OBS_KEY_EXTENSIONS_REFUSED, .protocol = VER_TLS12, .reason = "LIMIT_BUDGET" });
	record_add(r, &(struct obs){ .key = OBS_KEY_NPN, .protocol = VER_TLS12 });
	assert_string_equal(feature(r, &a, "Application protocols")->answers[0].says, "not known");
	assert_string_equal(feature(r, &a, "Application protocols")->answers[0].where, "TLSv1.2 (LIMIT_BUDGET)");
	assert_string_equal(feature(r, &a, "Refused extensions")->answers[0].says, "not known");
	assert_false(feature(r, &a, "Refused extensions")->plain);
	assert_string_equal(feature(r, &a, "Protocols by NPN")->answers[0].says, "none");
	arena_free(&a);
	record_free(r);
}

/* RFC 5077 section 3.3: up to TLS 1.2, 0 leaves it open; in TLS 1.3 it is a time (RFC 8446 section 4.6.1). */
static void a_ticket_lifetime_of_zero_is_not_specified_before_tls13(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };
	const struct feature *f;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = VER_TLS13, .number = 0 });
	record_add(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = VER_TLS12, .number = 0 });
	record_add(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = VER_TLS11, .number = 300 });
	record_sort(r);
	f = feature(r, &a, "Ticket lifetime, seconds");
	assert_int_equal(f->answers_count, 3);
	assert_string_equal(f->answers[0].says, "0");
	assert_string_equal(f->answers[1].says, "not specified");
	assert_string_equal(f->answers[1].where, "TLSv1.2");
	assert_string_equal(f->answers[2].says, "300");
	arena_free(&a);
	record_free(r);
}

static void a_number_past_what_a_record_holds_is_that_or_more(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };

	(void)state;
	sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = OBS_NUMBER_MAX;
	assert_string_equal(feature(r, &a, "HSTS max-age, seconds")->answers[0].says, "9007199254740991 or more");
	arena_free(&a);
	record_free(r);
}

static void each_header_and_cookie_is_a_feature_of_its_own(void **state)
{
	static const struct evidence value[] = { { "value", "DENY" } };
	static const char *const faults[] = { "no_secure", "no_samesite" };
	struct record *r = sample_bare();
	struct arena a = { 0 };
	const struct answer *header, *cookie;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_HTTP_HEADER, .name = "X-Frame-Options", .text = "set",
	                      .evidence = value, .evidence_count = 1 });
	record_add(r, &(struct obs){ .key = OBS_KEY_HTTP_HEADER, .name = "Referrer-Policy", .text = "absent" });
	record_add(r, &(struct obs){ .key = OBS_KEY_HTTP_COOKIE, .name = "a%s", .names = faults, .count = 2 });
	record_add(r, &(struct obs){ .key = OBS_KEY_HTTP_COOKIE, .name = "b" });
	record_sort(r);
	header = &feature(r, &a, "X-Frame-Options")->answers[0];
	assert_string_equal(header->says, "set");
	assert_string_equal(header->where, "DENY");
	assert_int_equal(header->mark, MARK_GOOD);
	assert_string_equal(feature(r, &a, "Referrer-Policy")->answers[0].says, "absent");
	cookie = &feature(r, &a, "Faults of cookie a%s")->answers[0];
	assert_string_equal(cookie->says, "no_secure, no_samesite");
	assert_string_equal(feature(r, &a, "Faults of cookie b")->answers[0].says, "none");
	arena_free(&a);
	record_free(r);
}

static void a_client_certificate_has_a_part_of_its_own_where_it_is_wanted(void **state)
{
	static const char *const authorities[] = { "CN=One,O=Test", "CN=Two" }, *const misfits[] = { "issuer", "purpose" };
	struct record *r = sample_bare();
	struct arena a = { 0 };
	const struct feature *list;
	size_t count;

	(void)state;
	sample_text(r, OBS_KEY_CLIENT_CERTIFICATE, VER_TLS13, "no");
	assert_string_equal(feature(r, &a, "Client certificate")->answers[0].says, "not asked for");
	features_of(&a, r, FEATURES_CLIENT, &count);
	assert_int_equal(count, 0);
	sample_text(r, OBS_KEY_CLIENT_CERTIFICATE, VER_TLS12, "required");
	sample_obs(r, OBS_KEY_CLIENT_CERTIFICATE, VER_TLS12)->name = "handshake_failure";
	record_add(r, &(struct obs){ .key = OBS_KEY_CLIENT_AUTHORITIES, .protocol = VER_TLS12, .names = authorities,
	                      .count = 2, .reason = "3 more", .probe = "sample" });
	CODES(r, CLIENT_SCHEMES, VER_TLS12, 0x0403, 0x0804);
	record_add(r, &(struct obs){ .key = OBS_KEY_CLIENT_MISFITS, .protocol = VER_TLS12, .names = misfits, .count = 2,
	                      .probe = "sample" });
	record_sort(r);
	assert_null(feature(r, &a, "Client certificate")); /* not among the others */
	list = features_of(&a, r, FEATURES_CLIENT, &count);
	assert_int_equal(count, 4);
	assert_string_equal(list[0].answers[1].says, "required");
	assert_string_equal(list[0].answers[1].where, "TLSv1.2 (handshake_failure)");
	assert_string_equal(list[1].answers[0].says, "CN=One,O=Test; CN=Two");
	assert_string_equal(list[1].answers[0].where, "TLSv1.2 (3 more)");
	assert_string_equal(list[2].answers[0].says, "ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256");
	assert_string_equal(list[3].answers[0].says,
	        "no accepted authority stands above it; its extended key usage lacks client authentication");
	arena_free(&a);
	record_free(r);
}

static void what_was_not_asked_is_not_there(void **state)
{
	struct record *r = sample_bare();
	struct arena a = { 0 };
	size_t count;

	(void)state;
	features_of(&a, r, FEATURES_TLS, &count);
	assert_int_equal(count, 0);
	features_of(&a, r, FEATURES_HTTP, &count);
	assert_int_equal(count, 0);
	arena_free(&a);
	record_free(r);
}

static void what_the_dns_says_has_a_part_of_its_own(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	const struct feature *list;
	size_t count;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_DNS_CAA_ISSUER, .name = "CN=X", .text = "not_named" });
	record_sort(r);
	list = features_of(&a, r, FEATURES_DNS, &count);
	assert_int_equal(count, 11);
	assert_string_equal(list[0].title, "DNSSEC, caa");
	assert_string_equal(list[0].answers[0].says, "secure");
	assert_string_equal(list[5].title, "Issuer in CAA today");
	assert_string_equal(list[5].answers[0].says, "not named");
	arena_free(&a);
	record_free(r);
}

/* What nearly every server answers is plain; one answer that is not, and the feature is told. */
static void the_usual_answers_are_plain(void **state)
{
	static const struct {
		enum tri first, then;
		bool plain;
	} rows[] = {
		{ TRI_NO, TRI_NO, true },
		{ TRI_NO, TRI_NA, true },
		{ TRI_NO, TRI_YES, false },
		{ TRI_UNKNOWN, TRI_NO, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *r = record_new();
		struct feature *list;
		size_t n;

		record_add(r, &(struct obs){ .key = OBS_KEY_HEARTBEAT, .protocol = VER_TLS13, .tri = rows[i].first });
		record_add(r, &(struct obs){ .key = OBS_KEY_HEARTBEAT, .protocol = VER_TLS12, .tri = rows[i].then });
		list = features_of(&r->arena, r, FEATURES_TLS, &n);
		assert_int_equal(n, 1);
		assert_int_equal(list[0].plain, rows[i].plain);
		record_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_usual_answers_are_plain),
		cmocka_unit_test(what_the_dns_says_has_a_part_of_its_own),
		cmocka_unit_test(every_observation_is_shown_by_its_name_or_elsewhere),
		cmocka_unit_test(versions_with_one_answer_are_told_together),
		cmocka_unit_test(answers_for_different_reasons_are_told_apart),
		cmocka_unit_test(compression_is_bad_and_its_absence_good),
		cmocka_unit_test(lists_numbers_and_texts_are_answers_too),
		cmocka_unit_test(an_empty_list_with_a_reason_is_not_known),
		cmocka_unit_test(a_ticket_lifetime_of_zero_is_not_specified_before_tls13),
		cmocka_unit_test(a_number_past_what_a_record_holds_is_that_or_more),
		cmocka_unit_test(each_header_and_cookie_is_a_feature_of_its_own),
		cmocka_unit_test(a_client_certificate_has_a_part_of_its_own_where_it_is_wanted),
		cmocka_unit_test(what_was_not_asked_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
