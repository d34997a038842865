/* Names, and the contents of CAA, TLSA and HTTPS records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/dns.h"

static struct arena arena;

/* The bytes in memory of their own size, so that a read past them shows. */
static struct span exact(const void *p, size_t n)
{
	return arena_span(&arena, (struct span){ p, n });
}

#define BYTES(text) exact(text, sizeof text - 1)

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	arena = (struct arena){ 0 };
	return 0;
}

/* ---- names --------------------------------------------------------------------------------------------------------- */

static void names_of_special_use_are_not_public(void **state)
{
	static const char *const public[] = { "example.org", "www.example.com", "a.b.c.d.e", "_x.org", "xn--nxasmq6b.xn--jxalpdlp",
		"contest.org", "test.org", "latest", "mytest.de" };
	static const char *const others[] = { "test.example", "x.test", "a.b.invalid", "x.localhost", "printer.local", "a.onion",
		"router.home.arpa", "x.alt", "db.internal", "a.EXAMPLE", "localhost", "host", "192.0.2.1", "1.2", "::1", "a..b", ".a.b",
		"a.b.", "a b.org", "", "a/b.org" };

	(void)state;
	for (size_t i = 0; i < sizeof public / sizeof *public; i++)
		if (dns_is_public(public[i]) != (strchr(public[i], '.') != NULL))
			fail_msg("%s", public[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (dns_is_public(others[i]))
			fail_msg("%s", others[i]);
}

static void a_name_has_labels_and_a_length(void **state)
{
	char name[DNS_NAME_MAX + 3];

	(void)state;
	memset(name, 'a', 64);
	name[64] = 0;
	assert_false(dns_is_name(name));
	name[63] = 0;
	assert_true(dns_is_name(name));
	for (size_t i = 0; i < DNS_NAME_MAX; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[DNS_NAME_MAX] = 0;
	assert_true(dns_is_name(name));
	strcpy(name + DNS_NAME_MAX, "a");
	assert_false(dns_is_name(name));
	assert_string_equal(dns_parent("a.b.c"), "b.c");
	assert_null(dns_parent("org"));
	assert_string_equal(dns_first_owner(&arena, "; a key\n\nexample.org. IN DS 1 13 2 00\n"), "example.org");
	assert_string_equal(dns_first_owner(&arena, ".\tIN DS 1 13 2 00"), ".");
	assert_null(dns_first_owner(&arena, "; nothing"));
	assert_null(dns_first_owner(&arena, ""));
	assert_null(dns_first_owner(&arena, " \n IN DS"));
	assert_null(dns_parent("org."));
}

/* ---- CAA ----------------------------------------------------------------------------------------------------------- */

static const char *caa_text(struct span s)
{
	struct dns_caa c;

	return dns_caa_read(s, &c) ? dns_caa_text(&arena, &c) : NULL;
}

static const char *caa_issuer(struct span s)
{
	struct dns_caa c;

	assert_true(dns_caa_read(s, &c));
	return dns_caa_issuer(&arena, &c);
}

static void a_caa_record_is_flags_tag_and_value(void **state)
{
	struct dns_caa c;

	(void)state;
	assert_string_equal(caa_text(BYTES("\0\5issueca.example")), "0 issue \"ca.example\"");
	assert_string_equal(caa_text(BYTES("\x80\3tbsx\"\\\x1b[31m\0\xff")), "128 tbs \"x\\\"\\\\\\027[31m\\000\\255\"");
	assert_string_equal(caa_text(BYTES("\x01\5issue")), "0 issue \"\"");
	assert_true(dns_caa_read(BYTES("\0\5ISSUEx"), &c) && dns_caa_is(&c, "issue") && !dns_caa_is(&c, "issuewild"));
	assert_null(caa_text(BYTES("")));
	assert_null(caa_text(BYTES("\0")));
	assert_null(caa_text(BYTES("\0\0value")));
	assert_null(caa_text(BYTES("\0\6issue")));
	assert_null(caa_text(BYTES("\0\3a.bx")));
}

static void the_issuer_stands_before_the_parameters(void **state)
{
	(void)state;
	assert_string_equal(caa_issuer(BYTES("\0\5issueca.example")), "ca.example");
	assert_string_equal(caa_issuer(BYTES("\0\5issue \tCA.Example \t; a=b; c=d")), "ca.example");
	assert_string_equal(caa_issuer(BYTES("\0\5issue;")), "");
	assert_string_equal(caa_issuer(BYTES("\0\5issue ; policy=ev")), "");
	assert_string_equal(caa_issuer(BYTES("\0\5issue")), "");
	assert_string_equal(caa_issuer(BYTES("\0\5issue\0\n")), "\\000\\010");
}

/* ---- TLSA ---------------------------------------------------------------------------------------------------------- */

static void a_tlsa_record_goes_to_text_and_back(void **state)
{
	struct dns_tlsa t, again;
	const char *text;

	(void)state;
	assert_true(dns_tlsa_read(BYTES("\3\1\2\x0f\xa0"), &t));
	text = dns_tlsa_text(&arena, &t);
	assert_string_equal(text, "3 1 2 0fa0");
	assert_true(dns_tlsa_parse(&arena, text, &again));
	assert_int_equal(again.usage, 3);
	assert_int_equal(again.matching, 2);
	assert_int_equal(again.data.n, 2);
	assert_memory_equal(again.data.p, t.data.p, 2);
	assert_false(dns_tlsa_read(BYTES("\3\1\2"), &t));
	assert_false(dns_tlsa_read(BYTES("\3"), &t));
}

static void what_is_no_tlsa_text_is_refused(void **state)
{
	static const char *const texts[] = { "", "3", "3 1 1", "3 1 1 ", "3 1 1 0", "3 1 1 0g", "256 1 1 00", "3  1 1 00", "a 1 1 00",
		"3 1 1 00 ", "-1 1 1 00", "99999999999999999999 1 1 00" };
	struct dns_tlsa t;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (dns_tlsa_parse(&arena, texts[i], &t))
			fail_msg("\"%s\"", texts[i]);
	assert_true(dns_tlsa_parse(&arena, "0 0 0 FF", &t));
}

static void a_record_beyond_the_limit_is_none(void **state)
{
	static uint8_t large[DNS_RDATA_MAX + 1] = { 1, 1, 'a' };
	struct dns_tlsa t;
	struct dns_caa c;
	struct dns_https h;

	(void)state;
	assert_true(dns_tlsa_read(exact(large, DNS_RDATA_MAX), &t));
	assert_false(dns_tlsa_read(exact(large, sizeof large), &t));
	assert_true(dns_caa_read(exact(large, DNS_RDATA_MAX), &c));
	assert_false(dns_caa_read(exact(large, sizeof large), &c));
	large[1] = large[2] = 0;
	assert_false(dns_https_read(&arena, exact(large, sizeof large), &h));
}

/* ---- HTTPS --------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *bytes;
	size_t n;
	const char *text; /* NULL: malformed */
} https_rows[] = {
#define ROW(bytes, text) { bytes, sizeof bytes - 1, text }
	ROW("\0\1\0", "1 ."),
	ROW("\0\0\3cdn\7example\0", "0 cdn.example"),
	ROW("\0\0\3cdn\7example\0rubbish behind an alias", "0 cdn.example"),
	ROW("\0\1\4a.\\\0\0", "1 a\\.\\\\\\000"),
	ROW("\0\1\0\0\1\0\3\2h2", "1 . alpn=h2"),
	ROW("\0\1\0\0\1\0\6\2h3\2h2\0\2\0\0\0\3\0\2\x20\xfb", "1 . alpn=h3,h2 no-default-alpn port=8443"),
	ROW("\0\1\0\0\4\0\10\300\0\2\1\300\0\2\2", "1 . ipv4hint=192.0.2.1,192.0.2.2"),
	ROW("\0\1\0\0\6\0\20\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", "1 . ipv6hint=2001:db8:0:0:0:0:0:1"),
	ROW("\0\1\0\0\5\0\3abc", "1 . ech=(3 bytes)"),
	ROW("\0\1\0\0\0\0\2\0\1\0\1\0\3\2h2", "1 . mandatory=key1 alpn=h2"),
	ROW("\0\1\0\0\0\0\2\xff\0\xff\0\0\1x", "1 . mandatory=key65280 key65280=(1 bytes)"),
	ROW("\0\1\0\0\x20\0\0", "1 . key32=(0 bytes)"),
	ROW("", NULL),
	ROW("\0", NULL),
	ROW("\0\1", NULL),
	ROW("\0\1\3cd", NULL),
	ROW("\0\1\100a\0", NULL),		   /* a compression pointer, or a label of 64 */
	ROW("\0\1\0\0", NULL),
	ROW("\0\1\0\0\1\0\0", NULL),		   /* alpn without protocols */
	ROW("\0\1\0\0\1\0\1\0", NULL),		   /* an empty one */
	ROW("\0\1\0\0\1\0\2\2h", NULL),
	ROW("\0\1\0\0\2\0\0", NULL),		   /* no default, and none named */
	ROW("\0\1\0\0\1\0\3\2h2\0\2\0\1x", NULL),
	ROW("\0\1\0\0\3\0\1\1", NULL),
	ROW("\0\1\0\0\3\0\3\1\1\1", NULL),
	ROW("\0\1\0\0\4\0\0", NULL),
	ROW("\0\1\0\0\4\0\3abc", NULL),
	ROW("\0\1\0\0\5\0\0", NULL),
	ROW("\0\1\0\0\6\0\4abcd", NULL),
	ROW("\0\1\0\0\3\0\2\1\1\0\1\0\3\2h2", NULL), /* not ascending */
	ROW("\0\1\0\0\3\0\2\1\1\0\3\0\2\1\1", NULL), /* twice */
	ROW("\0\1\0\0\0\0\2\0\1", NULL),	   /* mandatory, and not there */
	ROW("\0\1\0\0\0\0\2\0\0", NULL),	   /* itself */
	ROW("\0\1\0\0\0\0\4\0\3\0\1\0\1\0\3\2h2\0\3\0\2\1\1", NULL),
	ROW("\0\1\0\0\0\0\0", NULL),
	ROW("\0\1\0\0\0\0\1\0", NULL),
};

static void an_https_record_is_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof https_rows / sizeof *https_rows; i++) {
		struct dns_https h;
		bool well = dns_https_read(&arena, exact(https_rows[i].bytes, https_rows[i].n), &h);

		if (well != (https_rows[i].text != NULL) || (well && strcmp(h.text, https_rows[i].text)))
			fail_msg("row %zu: %s", i, well ? h.text : "malformed");
	}
}

static void an_https_record_tells_its_parts(void **state)
{
	struct dns_https h;

	(void)state;
	assert_true(dns_https_read(&arena, BYTES("\0\2\1x\0\0\1\0\3\2h2\0\3\0\2\1\xbb\0\5\0\1e"), &h));
	assert_int_equal(h.priority, 2);
	assert_string_equal(h.target, "x");
	assert_int_equal(h.alpn_n, 1);
	assert_string_equal(h.alpn[0], "h2");
	assert_int_equal(h.port, 443);
	assert_true(h.ech && !h.no_default_alpn && !h.unknown_mandatory);
	assert_true(dns_https_read(&arena, BYTES("\0\1\0\0\0\0\2\xff\0\xff\0\0\0"), &h));
	assert_true(h.unknown_mandatory);
	assert_false(dns_https_read(&arena, exact("\0\1\0\0\1\0\377", 7), &h));
}

static void a_name_of_256_bytes_is_none(void **state)
{
	uint8_t bytes[2 + 5 * 64 + 1] = { 0, 1 };
	struct dns_https h;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		bytes[2 + i * 64] = 63;
	memset(bytes + 2 + 3 * 64, 0, 64); /* three labels of 63, then the root */
	assert_false(dns_https_read(&arena, exact(bytes, sizeof bytes), &h)); /* what follows is no parameter */
	assert_true(dns_https_read(&arena, exact(bytes, 2 + 3 * 64 + 1), &h));
	for (size_t i = 3; i < 5; i++)
		bytes[2 + i * 64] = 63;
	assert_false(dns_https_read(&arena, exact(bytes, sizeof bytes), &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_special_use_are_not_public),
		cmocka_unit_test(a_name_has_labels_and_a_length),
		cmocka_unit_test(a_caa_record_is_flags_tag_and_value),
		cmocka_unit_test(the_issuer_stands_before_the_parameters),
		cmocka_unit_test(a_tlsa_record_goes_to_text_and_back),
		cmocka_unit_test(what_is_no_tlsa_text_is_refused),
		cmocka_unit_test(a_record_beyond_the_limit_is_none),
		cmocka_unit_test(an_https_record_is_read_or_refused),
		cmocka_unit_test(an_https_record_tells_its_parts),
		cmocka_unit_test(a_name_of_256_bytes_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
