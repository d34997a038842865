#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "tests/unit/written.h"

static const struct output plain = { .width = 0 };

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("not there: %s", part);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	for (const char *s = text; *s;) {
		size_t n = strcspn(s, "\n");
		char *line = strndup(s, n);

		if (text_width(line) > longest)
			longest = text_width(line);
		free(line);
		s += n + (s[n] == '\n');
	}
	return longest;
}

/* No control character but the end of a line, neither as C0 nor as C1, and nothing that turns the writing. */
static void assert_harmless(const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
		if ((*s < 0x20 && *s != '\n') || *s == 0x7F)
			fail_msg("raw control byte %02x", *s);
		if (*s == 0xC2 && s[1] >= 0x80 && s[1] < 0xA0)
			fail_msg("raw C1 control %02x", s[1]);
	}
	assert_null(strstr(text, "\xe2\x80\xae"));
}

static void the_grade_stands_before_everything_else(void **state)
{
	struct record *r = sample_good();
	char *text;

	(void)state;
	sample_tri(r, OBS_KEY_HEARTBLEED, VER_TLS12, TRI_UNKNOWN);
	text = WRITTEN("text", plain, r);
	assert_true(!strncmp(text, "example.org:443  192.0.2.1\n\n  Grade", 35));
	has(text, "A+  at best: 1 rule that could make it F was not tested");
	assert_true(strstr(text, "Grade") < strstr(text, "Protocols"));
	has(text, "protocol 100, key exchange 90, cipher strength 90, total 93");
	free(text);
}

static void every_section_is_there(void **state)
{
	static const char *const titles[] = { "\nProtocols\n", "\nCipher suites\n", "\nKey exchange groups\n",
		"\nSignature schemes\n", "\nExtensions\n", "\nFeatures\n", "\nCertificates\n", "\nFindings\n",
		"\nWhat would lift the grade\n", "47 connections, 9.1 kB sent, 60.2 kB received, 412 ms\n" };
	char *text = WRITTEN("text", plain, sample_legacy()), *at = text;

	(void)state;
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
		at = strstr(at, titles[i]);
		if (!at)
			fail_msg("not there, or not in its place: %s", titles[i]);
	}
	free(text);
}

static void suites_stand_in_the_servers_order_and_say_whose_it_is(void **state)
{
	char *text = WRITTEN("text", plain, sample_legacy());

	(void)state;
	has(text, "TLSv1.2, 7, in the server's order");
	has(text, "TLSv1.0, 2, the client's order decides");
	assert_true(
	        strstr(text, "0xC030    TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384") < strstr(text, "0x009F "));
	has(text, "0xABCD    not in the table");
	free(text);
}

static void failures_stand_first_the_worst_one_on_top(void **state)
{
	char *text = WRITTEN("text", plain, sample_legacy());
	const char *critical, *medium, *unknown;

	(void)state;
	critical = strstr(text, "critical  Export cipher suites");
	medium = strstr(text, "medium    TLS 1.0 is offered");
	unknown = strstr(text, "unknown   SSL 2.0 is offered");
	assert_true(critical && medium && unknown && critical < medium && medium < unknown);
	free(text);
}

static void lines_are_folded_to_the_width(void **state)
{
	static const unsigned widths[] = { 60, 66, 72, 79, 80, 97, 100, 112, 120 };

	(void)state;
	for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
		char *text = WRITTEN("text", ((struct output){ .width = widths[i], .verbose = widths[i] >= 72 }), sample_legacy());

		if (longest_line(text) > widths[i])
			fail_msg("%zu columns in a terminal of %u", longest_line(text), widths[i]);
		free(text);
	}
}

/* The good server with an ECDSA certificate beside the RSA one, whose groups have this order. */
static struct record *sample_two_certs(const char *order)
{
	static const enum obs_key keys[] = { OBS_KEY_GROUPS_LIST, OBS_KEY_GROUPS_ORDER };
	struct record *r = sample_good();

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct obs *rsa = sample_obs(r, keys[i], VER_TLS12), ecdsa;

		rsa->cert = KEY_RSA;
		ecdsa = *rsa;
		ecdsa.cert = KEY_ECDSA;
		if (keys[i] == OBS_KEY_GROUPS_ORDER)
			ecdsa.text = order;
		record_add(r, &ecdsa);
	}
	record_sort(r);
	return r;
}

static void lists_that_are_the_same_for_two_certificates_are_told_once(void **state)
{
	char *same = WRITTEN("text", plain, sample_two_certs("server"));
	char *other = WRITTEN("text", plain, sample_two_certs("client"));

	(void)state;
	has(same, "  TLSv1.2, RSA and ECDSA certificates, 2, in the server's order\n    x25519, secp256r1\n");
	assert_null(strstr(same, "ECDSA certificate,"));
	has(other, "  TLSv1.2, RSA certificate, 2, in the server's order\n");
	has(other, "  TLSv1.2, ECDSA certificate, 2, the client's order decides\n");
	free(same);
	free(other);
}

static void extensions_of_versions_that_answer_alike_are_told_once(void **state)
{
	struct record *r = sample_good();
	char *text;

	(void)state;
	CODES(r, EXTENSIONS_LIST, VER_TLS11, 0x0017, 0xFF01, 0x0023);
	text = WRITTEN("text", plain, r);
	has(text, "\nExtensions\n  TLSv1.2, TLSv1.1\n    extended_master_secret, renegotiation_info, "
	          "session_ticket\n\n");
	free(text);
}

static void features_have_names_and_versions(void **state)
{
	struct record *r = sample_good();
	char *text;

	(void)state;
	sample_tri(r, OBS_KEY_EMS, VER_TLS11, TRI_YES);
	sample_tri(r, OBS_KEY_EMS, VER_SSL3, TRI_NO);
	text = WRITTEN("text", plain, r);
	has(text, "\n  Extended master secret     yes  TLSv1.2, TLSv1.1\n"
	          "                             no   SSLv3\n");
	has(text, "\n  Application protocols      h2, http/1.1\n");
	has(text, "\nHTTP\n  HTTP without TLS         to_https_same_host\n");
	assert_null(strstr(text, "ext.ems  "));
	free(text);
}

static void a_chain_served_in_two_ways_is_told_once(void **state)
{
	static const char *const served[] = { LEAF_SHA, CA_SHA };
	struct record *r = sample_good();
	char *text;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_SERVED,
	                      .protocol = VER_TLS11,
	                      .cert = KEY_RSA,
	                      .sni = TRI_NO,
	                      .chain = "c1",
	                      .names = served,
	                      .count = 2,
	                      .probe = "sample" });
	text = WRITTEN("text", plain, r);
	has(text, "\n  TLSv1.2, with a server name; TLSv1.1, without a server name\n    1  CN=example.org\n");
	assert_null(strstr(strstr(text, "1  CN=example.org") + 1, "1  CN=example.org"));
	free(text);
}

/* Every word of the report in a narrow terminal is one of the report that is not folded. */
static void each_trust_store_has_its_verdict(void **state)
{
	char *text = WRITTEN("text", plain, sample_two_stores());

	(void)state;
	has(text, "store system: trusted by 2 paths\n");
	has(text, "store mine: not trusted, unknown_issuer\n");
	free(text);
}

static void no_name_is_broken_by_folding(void **state)
{
	char *narrow = WRITTEN("text", ((struct output){ .width = 60 }), sample_legacy());
	char *wide = WRITTEN("text", plain, sample_legacy());

	(void)state;
	for (char *rest = narrow, *w; (w = strtok_r(rest, " \n", &rest));)
		if (!strstr(wide, w))
			fail_msg("broken: %s", w);
	free(narrow);
	free(wide);
}

static void each_part_of_a_reason_has_a_line(void **state)
{
	char *text = WRITTEN("text", plain, sample_legacy());

	(void)state;
	has(text, "Cipher suites without forward secrecy [suite.no_forward_secrecy]\n            TLSv1.2: ");
	has(text, "\n            TLSv1.0: TLS_RSA_WITH_3DES_EDE_CBC_SHA\n");
	free(text);
}

static void each_fix_names_the_clients_that_it_would_lose(void **state)
{
	char *text = WRITTEN("text", plain, sample_legacy());

	(void)state;
	has(text, "Switch TLSv1.0 off.\n                 would lose Android 4.0.4, Android 4.1.1, ");
	has(text, " and 27 more\n");
	has(text, "Remove: TLS_RSA_WITH_RC4_128_SHA\n                 would lose Chrome 30 Win 7, ");
	has(text, "Remove: TLS_RSA_EXPORT_WITH_DES40_CBC_SHA\n                 no known client would be lost\n");
	has(text, "or a Diffie-Hellman group of 2048 bits or more (RFC 7919).\n  cap B "); /* takes nothing away */
	free(text);
}

static void colour_is_there_only_when_it_was_asked_for(void **state)
{
	char *without = WRITTEN("text", plain, sample_legacy());
	char *with = WRITTEN("text", ((struct output){ .colour = true }), sample_legacy());

	(void)state;
	assert_null(strchr(without, '\x1b'));
	has(with, "\x1b[");
	free(without);
	free(with);
}

static void an_error_is_one_line(void **state)
{
	char *text = WRITTEN("text", plain, sample_refused());

	(void)state;
	assert_string_equal(
	        text, "example.org:443  192.0.2.1  unreachable: the connection was refused (REFUSED)\n");
	free(text);
}

static void an_endpoint_of_which_nothing_is_known_is_an_error_too(void **state)
{
	struct record *r = sample_refused();
	char *text;

	(void)state;
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_UNKNOWN);
	text = WRITTEN("text", plain, r);
	assert_string_equal(
	        text, "example.org:443  192.0.2.1  unreachable: the connection was refused (REFUSED)\n");
	free(text);
}

static void quiet_is_one_line_for_each_endpoint(void **state)
{
	char *text = WRITTEN(
	        "text", ((struct output){ .quiet = true }), sample_good(), sample_refused(), sample_legacy());

	(void)state;
	assert_string_equal(text, "A+  example.org:443  192.0.2.1\n"
	                          "-   example.org:443  unreachable: the connection was refused (REFUSED)\n"
	                          "F   example.org:443  192.0.2.1\n");
	free(text);
}

static void quiet_says_that_a_scan_is_partial(void **state)
{
	struct record *r = sample_good();
	char *text;

	(void)state;
	r->status = STATUS_PARTIAL;
	r->error_code = "LIMIT_BUDGET";
	r->error_message = "ext.alpn stayed open";
	sample_tri(r, OBS_KEY_HEARTBLEED, VER_TLS12, TRI_UNKNOWN);
	text = WRITTEN("text", ((struct output){ .quiet = true }), r);
	assert_string_equal(text,
	        "A+  example.org:443  192.0.2.1  at best  partial: ext.alpn stayed open (LIMIT_BUDGET)\n");
	free(text);
}

static void verbose_lists_what_passed(void **state)
{
	char *brief = WRITTEN("text", plain, sample_good());
	char *verbose = WRITTEN("text", ((struct output){ .verbose = true }), sample_good());

	(void)state;
	assert_null(strstr(brief, "[protocol.sslv3]"));
	has(verbose, "SSL 3.0 is offered [protocol.sslv3]");
	has(verbose, "sha256 " LEAF_SHA);
	free(brief);
	free(verbose);
}

static void an_ipv6_target_is_written_in_brackets(void **state)
{
	struct record *r = sample_refused();
	char *text;

	(void)state;
	r->host = r->ip = "2001:db8::1";
	text = WRITTEN("text", plain, r);
	assert_true(!strncmp(text, "[2001:db8::1]:443  unreachable", 30));
	free(text);
}

static void hostile_text_is_shown_and_does_nothing(void **state)
{
	static const struct output outputs[] = { { .width = 0 }, { .width = 40 }, { .verbose = true },
		{ .quiet = true } };

	(void)state;
	for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
		char *text = WRITTEN("text", outputs[i], sample_hostile(), sample_hostile());

		assert_harmless(text);
		has(text, "\\x1b");
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_grade_stands_before_everything_else),
		cmocka_unit_test(every_section_is_there),
		cmocka_unit_test(suites_stand_in_the_servers_order_and_say_whose_it_is),
		cmocka_unit_test(failures_stand_first_the_worst_one_on_top),
		cmocka_unit_test(lines_are_folded_to_the_width),
		cmocka_unit_test(lists_that_are_the_same_for_two_certificates_are_told_once),
		cmocka_unit_test(extensions_of_versions_that_answer_alike_are_told_once),
		cmocka_unit_test(features_have_names_and_versions),
		cmocka_unit_test(a_chain_served_in_two_ways_is_told_once),
		cmocka_unit_test(each_trust_store_has_its_verdict),
		cmocka_unit_test(no_name_is_broken_by_folding),
		cmocka_unit_test(each_part_of_a_reason_has_a_line),
		cmocka_unit_test(each_fix_names_the_clients_that_it_would_lose),
		cmocka_unit_test(colour_is_there_only_when_it_was_asked_for),
		cmocka_unit_test(an_error_is_one_line),
		cmocka_unit_test(an_endpoint_of_which_nothing_is_known_is_an_error_too),
		cmocka_unit_test(quiet_is_one_line_for_each_endpoint),
		cmocka_unit_test(quiet_says_that_a_scan_is_partial),
		cmocka_unit_test(verbose_lists_what_passed),
		cmocka_unit_test(an_ipv6_target_is_written_in_brackets),
		cmocka_unit_test(hostile_text_is_shown_and_does_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
