/* Where a certificate says that more about it is to be found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/places.h"
#include "tests/unit/mint.h"

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	return 0;
}

static void expect(const struct minted *m, enum place place, size_t n, const char *const wanted[])
{
	struct cert *c = cert_parse(m->der.p, m->der.n);
	struct span urls[4];

	assert_int_equal(places_of(c, place, urls, 4), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(urls[i].n, strlen(wanted[i]));
		assert_memory_equal(urls[i].p, wanted[i], urls[i].n);
	}
	cert_free(c);
}

#define EXPECT(m, place, n, ...) expect(m, place, n, (const char *const[]){ __VA_ARGS__ })

static void each_kind_of_url_is_found_in_its_order(void **state)
{
	const struct minted *m = MINT(.name = "c",
	        .authority_info = "OCSP;URI:http://o.test/1,caIssuers;URI:http://i.test/,OCSP;URI:http://o.test/2",
	        .crl_points = "URI:ldap://l.test/,URI:http://c.test/");

	(void)state;
	EXPECT(m, PLACE_OCSP, 2, "http://o.test/1", "http://o.test/2");
	EXPECT(m, PLACE_ISSUER, 1, "http://i.test/");
	EXPECT(m, PLACE_CRL, 2, "ldap://l.test/", "http://c.test/");
}

static void no_url_is_none(void **state)
{
	const struct minted *none = MINT(.name = "c");
	const struct minted *others = MINT(.name = "c", .authority_info = "OCSP;DNS:o.test,1.2.3;URI:http://x.test/");

	(void)state;
	expect(none, PLACE_OCSP, 0, NULL);
	expect(none, PLACE_CRL, 0, NULL);
	expect(others, PLACE_OCSP, 0, NULL);
	expect(others, PLACE_ISSUER, 0, NULL);
}

static void only_so_many_are_taken(void **state)
{
	const struct minted *m = MINT(.name = "c",
	        .crl_points = "URI:http://c/1,URI:http://c/2,URI:http://c/3,URI:http://c/4,URI:http://c/5");

	(void)state;
	EXPECT(m, PLACE_CRL, 4, "http://c/1", "http://c/2", "http://c/3", "http://c/4");
}

/* RFC 5280 section 4.2.1.13: reasons [1] and cRLIssuer [2] of a point. */
static void points_for_some_reasons_or_of_others_are_left_out(void **state)
{
	/* SEQUENCE { { [0] { [0] { URI "http://a" } }, [1] 0x40 }, { [0] { [0] { URI "http://b" } } } } */
	static const char points[] = "2.5.29.31=DER:3026" "3012a00ca00a8608687474703a2f2f61" "81020640"
	                             "3010" "a00ea00c860a687474703a2f2f622f63";
	const struct minted *m = MINT(.name = "c", .exts = points);

	(void)state;
	EXPECT(m, PLACE_CRL, 1, "http://b/c");
}

static void what_is_no_certificate_names_nothing(void **state)
{
	struct cert *c = cert_parse((const uint8_t *)"x", 1);
	struct span urls[1];

	(void)state;
	assert_int_equal(places_of(c, PLACE_OCSP, urls, 1), 0);
	cert_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_url_is_found_in_its_order),
		cmocka_unit_test(no_url_is_none),
		cmocka_unit_test(only_so_many_are_taken),
		cmocka_unit_test(points_for_some_reasons_or_of_others_are_left_out),
		cmocka_unit_test(what_is_no_certificate_names_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
