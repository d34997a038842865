#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/known_keys.h"
#include "scanner/trust/traits.h"
#include "tests/unit/mint.h"

#define SHA "1111111111111111111111111111111111111111111111111111111111111111"

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	return 0;
}

static struct cert *parse(const struct minted *m)
{
	return cert_parse(m->der.p, m->der.n);
}

static void expect_validation(const char *policies, const char *wanted)
{
	struct cert *c = parse(MINT(.name = "c", .policies = policies));

	assert_string_equal(cert_validation(c), wanted);
	cert_free(c);
}

static void policies_of_the_forum_say_how_the_owner_was_looked_into(void **state)
{
	(void)state;
	expect_validation(NULL, "none");
	expect_validation("1.2.3.4", "none");
	expect_validation("2.23.140.1.2.1", "domain");
	expect_validation("1.2.3.4,2.23.140.1.2.2", "organization");
	expect_validation("2.23.140.1.2.3", "individual");
	expect_validation("2.23.140.1.1", "extended");
}

static void a_staple_is_demanded_by_feature_5_alone(void **state)
{
	struct cert *none = parse(MINT(.name = "c")), *v2 = parse(MINT(.name = "c", .features = "status_request_v2"));
	struct cert *both = parse(MINT(.name = "c", .features = "status_request_v2,status_request"));

	(void)state;
	assert_false(cert_must_staple(none));
	assert_false(cert_must_staple(v2));
	assert_true(cert_must_staple(both));
	cert_free(none);
	cert_free(v2);
	cert_free(both);
}

static void a_responder_is_one_of_the_ways_to_authority_information(void **state)
{
	struct cert *issuers = parse(MINT(.name = "c", .authority_info = "caIssuers;URI:http://example.org/ca"));
	struct cert *none = parse(MINT(.name = "c")), *ocsp = parse(
	        MINT(.name = "c", .authority_info = "caIssuers;URI:http://example.org/ca,OCSP;URI:http://example.org/"));

	(void)state;
	assert_false(cert_names_ocsp(issuers));
	assert_true(cert_names_issuer(issuers));
	assert_true(cert_names_issuer(ocsp));
	assert_true(cert_names_ocsp(ocsp));
	assert_false(cert_names_issuer(none));
	cert_free(none);
	cert_free(issuers);
	cert_free(ocsp);
}

static bool short_lived(int from_day, int to_day)
{
	struct cert *c = parse(MINT(.name = "c", .from_day = from_day, .to_day = to_day));
	bool is = cert_short_lived(c);

	cert_free(c);
	return is;
}

static void short_lived_is_less_than_seven_days_and_was_ten(void **state)
{
	(void)state;
	assert_true(short_lived(-1, 5));
	assert_false(short_lived(-1, 6));
	assert_true(short_lived(-400, -391));
	assert_false(short_lived(-400, -390));
}

static size_t count(const struct record *r, enum obs_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->obs_count; i++)
		n += r->obs[i].key == key;
	return n;
}

static void a_leaf_is_told_whole_and_once(void **state)
{
	struct known_keys *keys = known_keys_new((struct span){ NULL, 0 }, &(size_t){ 0 });
	struct cert *c = parse(MINT(.name = "c", .policies = "2.23.140.1.2.1", .features = "status_request", .key = "EC:P-192",
	        .authority_info = "OCSP;URI:http://example.org/", .crl_points = "URI:http://example.org/crl", .from_day = -1,
	        .to_day = 2));
	struct record *r = record_new();
	const struct obs *o;

	(void)state;
	traits_observe(r, c, SHA, false, keys, "test");
	assert_int_equal(r->obs_count, 2);
	traits_observe(r, c, SHA, true, keys, "test");
	traits_observe(r, c, SHA, true, keys, "test");
	assert_int_equal(r->obs_count, 5);
	assert_string_equal(record_find(r, OBS_KEY_CERT_VALIDATION, 0)->text, "domain");
	assert_int_equal(record_tri(r, OBS_KEY_CERT_MUST_STAPLE, 0), TRI_YES);
	assert_int_equal(record_tri(r, OBS_KEY_CERT_KNOWN_KEY, 0), TRI_NO);
	o = record_find(r, OBS_KEY_CERT_REVOCATION, 0);
	assert_int_equal(o->count, 3);
	assert_string_equal(o->names[0], "ocsp");
	assert_string_equal(o->names[1], "crl");
	assert_string_equal(o->names[2], "short_lived");
	o = record_find(r, OBS_KEY_CERT_KEY_FLAWS, 0);
	assert_string_equal(o->names[0], "curve_small");
	assert_string_equal(o->sha256, SHA);
	record_free(r);
	cert_free(c);
	known_keys_free(keys);
}

static void debian_keys_are_told_where_the_list_has_some(void **state)
{
	static const char list[] = SHA " debian\n";
	struct known_keys *keys = known_keys_new((struct span){ (const uint8_t *)list, sizeof list - 1 }, &(size_t){ 0 });
	struct cert *c = parse(MINT(.name = "c")), *none = cert_parse((const uint8_t *)"x", 1);
	struct record *r = record_new();

	(void)state;
	traits_observe(r, none, SHA, true, keys, "test");
	assert_int_equal(r->obs_count, 0);
	traits_observe(r, c, SHA, false, keys, "test");
	assert_int_equal(record_tri(r, OBS_KEY_CERT_DEBIAN_KEY, 0), TRI_NO);
	assert_int_equal(count(r, OBS_KEY_CERT_KNOWN_KEY), 1);
	record_free(r);
	cert_free(c);
	cert_free(none);
	known_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_of_the_forum_say_how_the_owner_was_looked_into),
		cmocka_unit_test(a_staple_is_demanded_by_feature_5_alone),
		cmocka_unit_test(a_responder_is_one_of_the_ways_to_authority_information),
		cmocka_unit_test(short_lived_is_less_than_seven_days_and_was_ten),
		cmocka_unit_test(a_leaf_is_told_whole_and_once),
		cmocka_unit_test(debian_keys_are_told_where_the_list_has_some),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
