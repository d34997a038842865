#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "probes/hsts.h"

static const struct {
	const char *value;
	struct hsts is;
	bool preloadable;
} rows[] = {
	/* the examples of RFC 6797 section 6.2 */
	{ "max-age=31536000", { true, 31536000, false, false }, false },
	{ "max-age=15768000 ; includeSubDomains", { true, 15768000, true, false }, false },
	{ "max-age=\"31536000\"", { true, 31536000, false, false }, false },
	{ "max-age=0", { true, 0, false, false }, false },
	{ "max-age=0; includeSubDomains", { true, 0, true, false }, false },
	/* names in any case, in any order; blanks; empty directives; what nobody knows */
	{ "PRELOAD;includesubdomains;MAX-AGE=63072000", { true, 63072000, true, true }, true },
	{ "\t max-age = 31536000 ; ; includeSubDomains;preload; ", { true, 31536000, true, true }, true },
	{ "max-age=31535999; includeSubDomains; preload", { true, 31535999, true, true }, false },
	{ "max-age=31536000; preload", { true, 31536000, false, true }, false },
	{ "unknown; other=token; third=\"quoted; max-age=1\"; max-age=5", { true, 5, false, false }, false },
	{ "max-age=5; preload=yes", { true, 5, false, false }, false },
	{ "x=\"a\\\"b\"; max-age=5", { true, 5, false, false }, false },
	{ "max-age-not=1; max-age=2", { true, 2, false, false }, false },
	{ "max-age=00000000000000000000000000007", { true, 7, false, false }, false },
	{ "max-age=1234567890123456", { true, INT64_C(1234567890123456), false, false }, false },
	{ "max-age=9007199254740990", { true, INT64_C(9007199254740990), false, false }, false },
	{ "max-age=9007199254740992", { true, INT64_C(9007199254740991), false, false }, false },
	/* broken */
	{ "", { 0 }, false },
	{ ";", { 0 }, false },
	{ "includeSubDomains", { 0 }, false },
	{ "max-age", { 0 }, false },
	{ "max-age=", { 0 }, false },
	{ "max-age=\"\"", { 0 }, false },
	{ "max-age=-1", { 0 }, false },
	{ "max-age=1e3", { 0 }, false },
	{ "max-age=1 2", { 0 }, false },
	{ "max-age=1, max-age=1", { 0 }, false },
	{ "max-age=1; max-age=1", { 0 }, false },
	{ "max-age=1; includeSubDomains; includeSubDomains", { 0 }, false },
	{ "max-age=1; includeSubDomains=1", { 0 }, false },
	{ "max-age=1 includeSubDomains", { 0 }, false },
	{ "max-age=\"1", { 0 }, false },
	{ "max-age=\"1\\", { 0 }, false },
	{ "=1; max-age=1", { 0 }, false },
	{ "max-age=1; other=", { 0 }, false },
	{ "\"max-age\"=1", { 0 }, false },
	{ "max-age:1", { 0 }, false },
	{ "max-age=1\x1b[31m", { 0 }, false },
};

static void a_value_is_read_as_a_browser_reads_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct hsts h = hsts_read(rows[i].value);

		if (h.valid != rows[i].is.valid || h.max_age_s != rows[i].is.max_age_s ||
			h.include_subdomains != rows[i].is.include_subdomains || h.preload != rows[i].is.preload)
			fail_msg("'%s': valid %d, max-age %lld", rows[i].value, h.valid, (long long)h.max_age_s);
		assert_int_equal(hsts_preloadable(&h), rows[i].preloadable);
	}
}

static void an_age_beyond_all_clocks_stays_a_number(void **state)
{
	struct hsts h = hsts_read("max-age=99999999999999999999999999999999999999");

	(void)state;
	assert_true(h.valid);
	assert_true(h.max_age_s == INT64_C(9007199254740991));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_read_as_a_browser_reads_it),
		cmocka_unit_test(an_age_beyond_all_clocks_stays_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
