#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/names.h"
#include "tests/unit/mint.h"

static enum name_match ask(const struct minted *m, const char *host)
{
	struct cert *c = cert_parse(m->der.p, m->der.n);
	enum name_match r = names_match(c, host);

	cert_free(c);
	return r;
}

static void hosts_match_by_the_rules_of_rfc_9525(void **state)
{
	static const struct {
		const char *names, *host;
		enum name_match result;
	} rows[] = {
		{ "DNS:example.org", "example.org", NAMES_MATCH },
		{ "DNS:example.org", "EXAMPLE.Org", NAMES_MATCH },
		{ "DNS:Example.ORG", "example.org.", NAMES_MATCH },
		{ "DNS:example.org", "www.example.org", NAMES_MISMATCH },
		{ "DNS:www.example.org", "example.org", NAMES_MISMATCH },
		{ "DNS:a.test,DNS:b.test", "b.test", NAMES_MATCH },
		{ "DNS:xn--bcher-kva.example", "XN--BCHER-KVA.example", NAMES_MATCH },
		{ "DNS:*.example.org", "www.example.org", NAMES_MATCH },
		{ "DNS:*.EXAMPLE.org", "www.example.ORG.", NAMES_MATCH },
		{ "DNS:*.example.org", "example.org", NAMES_MISMATCH },
		{ "DNS:*.example.org", "a.b.example.org", NAMES_MISMATCH },
		{ "DNS:*.example.org", ".example.org", NAMES_MISMATCH },
		{ "DNS:*.example.org", "*.example.org", NAMES_MATCH },
		{ "DNS:*.org", "example.org", NAMES_MISMATCH },
		{ "DNS:*", "example", NAMES_MISMATCH },
		{ "DNS:*.", "example.", NAMES_MISMATCH },
		{ "DNS:*..org", "a..org", NAMES_MISMATCH },
		{ "DNS:w*.example.org", "www.example.org", NAMES_MISMATCH },
		{ "DNS:*w.example.org", "www.example.org", NAMES_MISMATCH },
		{ "DNS:www.*.org", "www.example.org", NAMES_MISMATCH },
		{ "DNS:*.*.org", "www.example.org", NAMES_MISMATCH },
		{ "DNS:example.org.", "example.org", NAMES_MISMATCH },
		{ "IP:10.0.0.1", "10.0.0.1", NAMES_MATCH },
		{ "IP:10.0.0.1", "10.0.0.2", NAMES_MISMATCH },
		{ "IP:2001:db8::1", "2001:DB8:0:0::1", NAMES_MATCH },
		{ "IP:::ffff:10.0.0.1", "10.0.0.1", NAMES_MISMATCH },
		{ "DNS:10.0.0.1", "10.0.0.1", NAMES_MISMATCH },
		{ "DNS:*.0.0.1", "10.0.0.1", NAMES_MISMATCH },
		{ "IP:10.0.0.1", "example.org", NAMES_MISMATCH },
		{ "email:a@example.org,URI:https://example.org/", "example.org", NAMES_NONE },
		{ NULL, "common.name", NAMES_NONE },
		{ "DNS:other.org", "common.name", NAMES_MISMATCH },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct minted *m = MINT(.name = "common.name", .names = rows[i].names);

		if (ask(m, rows[i].host) != rows[i].result)
			fail_msg("%s for %s", rows[i].names ? rows[i].names : "no names", rows[i].host);
	}
	mint_close();
}

static void a_nul_in_a_name_ends_nothing(void **state)
{
	const struct minted *m = MINT(.name = "x", .names = "DNS:example.org_.evil.test");
	const uint8_t *at = memmem(m->der.p, m->der.n, "org_", 4);
	struct span der;
	struct cert *c;

	(void)state;
	assert_non_null(at);
	der = mint_copy(m->der, (size_t)(at - m->der.p) + 3, '_');
	c = cert_parse(der.p, der.n);
	assert_false(c->malformed);
	assert_int_equal(names_match(c, "example.org"), NAMES_MISMATCH);
	cert_free(c);
	mint_close();
}

static void results_have_the_reports_words(void **state)
{
	(void)state;
	assert_string_equal(name_match_text(NAMES_MATCH), "match");
	assert_string_equal(name_match_text(NAMES_MISMATCH), "mismatch");
	assert_string_equal(name_match_text(NAMES_NONE), "no_names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_match_by_the_rules_of_rfc_9525),
		cmocka_unit_test(a_nul_in_a_name_ends_nothing),
		cmocka_unit_test(results_have_the_reports_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
