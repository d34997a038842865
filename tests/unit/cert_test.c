#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/der.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/seal.h"
#include "tests/unit/mint.h"

static struct arena arena;

static int clear(void **state)
{
	(void)state;
	arena_free(&arena);
	mint_close();
	return 0;
}

static struct cert_info info_of(struct span der)
{
	struct cert *c = cert_parse(der.p, der.n);
	struct cert_info i;

	cert_info_fill(&arena, c, &i);
	cert_free(c);
	return i;
}

/* ---- DER ------------------------------------------------------------------------------------- */

static void lengths_are_definite_and_minimal(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		bool good;
	} rows[] = {
		{ "\x04\x00", 2, true },
		{ "\x04\x01x", 3, true },
		{ "\x04\x80x\0\0", 5, false },
		{ "\x04\x81\x01x", 4, false },
		{ "\x04\x82\x00\x80", 4, false },
		{ "\x04\x02x", 3, false },
		{ "\x1f\x81\x01\x00", 4, false },
		{ "\x04", 1, false },
		{ "", 0, false },
		{ "\x04\x84\xff\xff\xff\xff", 6, false },
		{ "\x04\x85\x01\x00\x00\x00\x00", 7, false },
	};
	struct der d;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rd r = rd_of(rows[i].bytes, rows[i].n);

		assert_int_equal(der_next(&r, &d), rows[i].good);
	}
}

static void object_identifiers_are_dotted(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *text;
	} rows[] = {
		{ "\x55\x1d\x11", 3, "2.5.29.17" },
		{ "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 9, "1.2.840.113549.1.1.11" },
		{ "\x88\x37\x03", 3, "2.999.3" },
		{ "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", 10, "0.9.2342.19200300.100.1.25" },
		{ "", 0, "" },
		{ "\x55\x81", 2, "" },
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "" },
	};
	uint8_t longest[DER_OID_MAX + 1];
	char text[DER_OID_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(
		        der_oid_text((struct span){ (const uint8_t *)rows[i].bytes, rows[i].n }, text),
		        rows[i].text[0] != 0);
		assert_string_equal(text, rows[i].text);
	}
	memset(longest, 0x7f, sizeof longest);
	assert_true(der_oid_text((struct span){ longest, DER_OID_MAX }, text));
	assert_false(der_oid_text((struct span){ longest, DER_OID_MAX + 1 }, text));
}

static void times_are_read_or_refused(void **state)
{
	static const struct {
		uint8_t tag;
		const char *text;
		bool good;
		int64_t seconds;
	} rows[] = {
		{ DER_UTC_TIME, "700101000000Z", true, 0 },
		{ DER_UTC_TIME, "491231235959Z", true, INT64_C(2524607999) },
		{ DER_UTC_TIME, "500101000000Z", true, INT64_C(-631152000) },
		{ DER_GENERALIZED_TIME, "99991231235959Z", true, INT64_C(253402300799) },
		{ DER_GENERALIZED_TIME, "20240229120000Z", true, INT64_C(1709208000) },
		{ DER_GENERALIZED_TIME, "00000101000000Z", true, INT64_C(-62167219200) },
		{ DER_GENERALIZED_TIME, "20230229120000Z", false, 0 },
		{ DER_UTC_TIME, "7001010000Z", false, 0 },
		{ DER_UTC_TIME, "700101000000+0000", false, 0 },
		{ DER_UTC_TIME, "701301000000Z", false, 0 },
		{ DER_UTC_TIME, "700100000000Z", false, 0 },
		{ DER_UTC_TIME, "700101240000Z", false, 0 },
		{ DER_UTC_TIME, "700101006000Z", false, 0 },
		{ DER_UTC_TIME, "70010100000aZ", false, 0 },
		{ DER_GENERALIZED_TIME, "20240101000000.5Z", false, 0 },
		{ DER_IA5, "700101000000Z", false, 0 },
		{ DER_UTC_TIME, "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct der d = { .tag = rows[i].tag,
			.body = { (const uint8_t *)rows[i].text, strlen(rows[i].text) } };
		int64_t seconds = -1;

		assert_int_equal(der_time(&d, &seconds), rows[i].good);
		if (rows[i].good)
			assert_int_equal(seconds, rows[i].seconds);
	}
}

/* ---- PEM ------------------------------------------------------------------------------------- */

static void pem_comes_back_as_it_was(void **state)
{
	uint8_t bytes[200], out[200];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 37);
	for (size_t n = 0; n < sizeof bytes; n++) {
		const char *text = pem_text(&arena, (struct span){ bytes, n });
		struct wr w = wr_of(out, sizeof out);
		struct pem p = pem_of((struct span){ (const uint8_t *)text, strlen(text) });
		struct span der;

		assert_true(pem_next(&p, &w, &der));
		assert_int_equal(der.n, n);
		if (n)
			assert_memory_equal(der.p, bytes, n);
		assert_false(pem_next(&p, &w, &der));
	}
}

static void pem_passes_over_what_is_no_certificate(void **state)
{
	static const char text[] =
	        "words -----BEGIN CERTIFICATE-----\r\n YWJj\r\nZA = = \r\n-----END CERTIFICATE-----\r\n"
	        "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY-----\n"
	        "-----BEGIN TRUSTED CERTIFICATE-----\nYWJj\n-----END TRUSTED CERTIFICATE-----\n"
	        "-----BEGIN CERTIFICATE-----\nYW!j\n-----END CERTIFICATE-----\n"
	        "-----BEGIN CERTIFICATE-----\nYWJ\n-----END CERTIFICATE-----\n"
	        "-----BEGIN CERTIFICATE-----\nYWJj\n"
	        "-----BEGIN X509 CERTIFICATE-----\neHl6\n-----END X509 CERTIFICATE-----\n"
	        "-----BEGIN CERTIFICATE-----\nYWJj";
	struct pem p = pem_of((struct span){ (const uint8_t *)text, sizeof text - 1 });
	uint8_t out[sizeof text];
	struct wr w = wr_of(out, sizeof out);
	struct span der;

	(void)state;
	assert_true(pem_next(&p, &w, &der));
	assert_int_equal(der.n, 4);
	assert_memory_equal(der.p, "abcd", 4);
	assert_true(pem_next(&p, &w, &der));
	assert_memory_equal(der.p, "xyz", 3);
	assert_false(pem_next(&p, &w, &der));
	assert_int_equal(p.bad, 4);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* A name of one attribute for each row: CN with this tag. */
static struct span name_of(uint8_t *out, size_t cap, uint8_t tag, const char *value, size_t n)
{
	struct wr w = wr_of(out, cap);
	struct wr_mark set, pair, string;

	wr_u8(&w, DER_SET);
	set = wr_open(&w, 1);
	wr_u8(&w, DER_SEQUENCE);
	pair = wr_open(&w, 1);
	wr_bytes(&w, "\x06\x03\x55\x04\x03", 5);
	wr_u8(&w, tag);
	string = wr_open(&w, 1);
	wr_bytes(&w, value, n);
	wr_close(&w, string);
	wr_close(&w, pair);
	wr_close(&w, set);
	return (struct span){ out, w.len };
}

static void names_are_shown_as_text_of_any_kind(void **state)
{
	static const struct {
		uint8_t tag;
		const char *value;
		size_t n;
		const char *text;
	} rows[] = {
		{ DER_UTF8, "caf\xc3\xa9", 5, "CN=caf\xc3\xa9" },
		{ DER_T61, "caf\xe9", 4, "CN=caf\xc3\xa9" },
		{ DER_BMP, "\0c\x20\xac", 4, "CN=c\xe2\x82\xac" },
		{ DER_BMP, "\xd8\0\0c", 4,
		        "CN=\xef\xbf\xbd"
		        "c" },
		{ DER_UNIVERSAL, "\0\1\xf6\0", 4, "CN=\xf0\x9f\x98\x80" },
		{ DER_PRINTABLE, "#a,b+c\"d\\e<f>g;h ", 17, "CN=\\#a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\ " },
		{ DER_UTF8, "a\0b", 3,
		        "CN=a\xef\xbf\xbd"
		        "b" },
		{ DER_UTF8, "\x1b[2J", 4, "CN=\x1b[2J" },
		{ DER_OCTET_STRING, "\x01\xff", 2, "CN=#01ff" },
		{ DER_UTF8, "", 0, "CN=" },
	};
	uint8_t bytes[100];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(dname_text(&arena, name_of(bytes, sizeof bytes, rows[i].tag,
		                                               rows[i].value, rows[i].n)),
		        rows[i].text);
	assert_string_equal(dname_text(&arena, (struct span){ NULL, 0 }), "");
}

static bool same_name(uint8_t a_tag, const char *a, size_t a_n, uint8_t b_tag, const char *b, size_t b_n)
{
	uint8_t bytes[100], a_canon[400], b_canon[400];
	struct wr wa = wr_of(a_canon, sizeof a_canon), wb = wr_of(b_canon, sizeof b_canon);

	assert_true(dname_canon(name_of(bytes, sizeof bytes, a_tag, a, a_n), &wa));
	assert_true(dname_canon(name_of(bytes, sizeof bytes, b_tag, b, b_n), &wb));
	return wa.len == wb.len && !memcmp(a_canon, b_canon, wa.len);
}

static void names_are_equal_whatever_their_kind_case_and_space(void **state)
{
	(void)state;
	assert_true(same_name(DER_UTF8, "Ab c", 4, DER_PRINTABLE, "  aB  \t C ", 10));
	assert_true(same_name(DER_BMP, "\0A\0\xe9", 4, DER_UTF8, "a\xc3\xa9", 3));
	assert_true(same_name(DER_T61, "\xe9", 1, DER_UTF8, "\xc3\xa9", 2));
	assert_false(same_name(DER_UTF8, "ab", 2, DER_UTF8, "a b", 3));
	assert_false(same_name(DER_UTF8, "ab", 2, DER_OCTET_STRING, "ab", 2));
	assert_false(same_name(DER_UTF8, "a", 1, DER_UTF8, "a\0", 2));
}

/* ---- certificates ---------------------------------------------------------------------------- */

static void a_certificate_is_told(void **state)
{
	const struct minted *ca = MINT(.name = "CA", .organisation = "Ex, Inc", .ca = true);
	const struct minted *m = MINT(.name = "leaf", .by = ca,
	        .names = "DNS:example.org,email:x@y.z,IP:10.0.0.1,IP:2001:db8::1,DNS:*.example.org");
	struct cert_info i = info_of(m->der);

	(void)state;
	assert_string_equal(i.subject, "CN=leaf");
	assert_string_equal(i.issuer, "CN=CA,O=Ex\\, Inc");
	assert_int_equal(i.not_before, MINT_NOW - 30 * 86400);
	assert_int_equal(i.not_after, MINT_NOW + 60 * 86400);
	assert_int_equal(i.key, KEY_ECDSA);
	assert_int_equal(i.key_bits, 256);
	assert_string_equal(i.curve, "secp256r1");
	assert_null(i.exponent);
	assert_string_equal(i.signature, "ecdsa-with-SHA256");
	assert_false(i.self_signed || i.malformed || i.names_cut);
	assert_int_equal(i.dns_names_count, 4);
	assert_string_equal(i.dns_names[0], "example.org");
	assert_string_equal(i.dns_names[1], "10.0.0.1");
	assert_string_equal(i.dns_names[2], "2001:db8::1");
	assert_string_equal(i.dns_names[3], "*.example.org");
	assert_int_equal(strlen(i.sha256), 64);
	assert_memory_equal(i.pem, "-----BEGIN CERTIFICATE-----\n", 28);
	assert_true(info_of(ca->der).self_signed);
}

/* Where a text shows a sign for what it cannot show, the bytes stand beside it. */
static void what_a_text_cannot_show_stands_beside_it_in_hex(void **state)
{
	static const struct {
		const char *name;
		bool beside;
	} rows[] = {
		{ "plain, gr\xc3\xbc\xc3\x9f <b>", false },
		{ "\x1b[2J", true },
		{ "\xc2\x9b", true },
		{ "\xe2\x80\xae", true },
		{ "\xf3\xa0\x81\x81", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cert_info c = info_of(MINT(.name = rows[i].name)->der);
		char *hex = text_hex(&arena, rows[i].name, strlen(rows[i].name));

		assert_int_equal(c.subject_hex != NULL, rows[i].beside);
		assert_int_equal(c.issuer_hex != NULL, rows[i].beside);
		if (rows[i].beside)
			assert_non_null(strstr(c.subject_hex, hex));
	}
	assert_int_equal(info_of(MINT(.name = "x", .names = "DNS:a.example")->der).dns_names_hex_count, 0);
}

static void every_kind_of_key_is_named(void **state)
{
	static const struct {
		const char *key;
		enum cert_key kind;
		unsigned bits;
		const char *curve, *exponent, *signature;
	} rows[] = {
		{ "RSA:1024", KEY_RSA, 1024, NULL, "65537", "sha256WithRSAEncryption" },
		{ "EC:P-384", KEY_ECDSA, 384, "secp384r1", NULL, "ecdsa-with-SHA256" },
		{ "EC:P-521", KEY_ECDSA, 521, "secp521r1", NULL, "ecdsa-with-SHA256" },
		{ "EC:brainpoolP256r1", KEY_ECDSA, 256, "brainpoolP256r1", NULL, "ecdsa-with-SHA256" },
		{ "ED25519", KEY_ED25519, 256, NULL, NULL, "ED25519" },
		{ "ED448", KEY_ED448, 456, NULL, NULL, "ED448" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cert_info c = info_of(MINT(.name = "x", .key = rows[i].key)->der);

		assert_int_equal(c.key, rows[i].kind);
		assert_int_equal(c.key_bits, rows[i].bits);
		assert_string_equal(c.signature, rows[i].signature);
		assert_string_equal(c.curve ? c.curve : "", rows[i].curve ? rows[i].curve : "");
		assert_string_equal(c.exponent ? c.exponent : "", rows[i].exponent ? rows[i].exponent : "");
		assert_true(c.self_signed);
	}
}

static void what_is_no_certificate_has_a_fingerprint_only(void **state)
{
	const struct minted *m = MINT(.name = "x");
	struct cert_info i;
	uint8_t *big = mem_new(5, 1024 * 1024);

	(void)state;
	for (size_t n = 0; n < m->der.n; n++) {
		i = info_of((struct span){ m->der.p, n });
		assert_true(i.malformed);
		assert_int_equal(strlen(i.sha256), 64);
		assert_non_null(i.pem);
		assert_null(i.subject);
	}
	assert_true(info_of((struct span){ big, 5 * 1024 * 1024 }).malformed);
	free(big);
}

static void any_changed_bit_is_met(void **state)
{
	const struct minted *ca = MINT(.name = "CA", .ca = true);
	const struct minted *m =
	        MINT(.name = "x", .by = ca, .names = "DNS:a,IP:10.0.0.1", .purposes = "serverAuth");
	struct cert *issuer = cert_parse(ca->der.p, ca->der.n);
	uint8_t *bytes = mem_new(m->der.n, 1);

	(void)state;
	memcpy(bytes, m->der.p, m->der.n);
	for (size_t i = 0; i < 8 * m->der.n; i++) {
		struct cert *c;
		struct cert_info info;

		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		c = cert_parse(bytes, m->der.n);
		cert_info_fill(&arena, c, &info);
		assert_false(seal_check(c, issuer) == SEAL_HOLDS);
		cert_free(c);
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		if (i % 512 == 0)
			arena_free(&arena);
	}
	free(bytes);
	cert_free(issuer);
}

/* Writes TLV around what the mark encloses: three bytes of length. */
static struct wr_mark open_tlv(struct wr *w, uint8_t tag)
{
	wr_u8(w, tag);
	wr_u8(w, 0x83);
	return wr_open(w, 3);
}

/* A certificate with an unchecked signature and a subject alternative name of `n` names. */
static struct span many_names(size_t n)
{
	struct wr w = wr_of(arena_new(&arena, CERT_BYTES_MAX, 1), CERT_BYTES_MAX);
	const struct minted *m = MINT(.name = "x");
	struct rd all = rd_span(m->der), cert = der_enter(&all, DER_SEQUENCE),
	          tbs = der_enter(&cert, DER_SEQUENCE);
	struct wr_mark outer = open_tlv(&w, DER_SEQUENCE), inner = open_tlv(&w, DER_SEQUENCE), exts;
	struct wr_mark list, ext, value, names, filler;
	struct der d;

	while (der_next(&tbs, &d) && d.tag != DER_CONSTRUCTED(3))
		wr_bytes(&w, d.all.p, d.all.n);
	exts = open_tlv(&w, DER_CONSTRUCTED(3));
	list = open_tlv(&w, DER_SEQUENCE);
	ext = open_tlv(&w, DER_SEQUENCE);
	wr_bytes(&w, "\x06\x03\x55\x1d\x11", 5);
	value = open_tlv(&w, DER_OCTET_STRING);
	names = open_tlv(&w, DER_SEQUENCE);
	for (size_t i = 0; i < n; i++)
		wr_bytes(&w,
		        "\x82\x05"
		        "a.b.c",
		        7);
	filler = open_tlv(&w, DER_CONTEXT(1)); /* so that every length takes three bytes */
	wr_zero(&w, 65536);
	wr_close(&w, filler);
	wr_close(&w, names);
	wr_close(&w, value);
	wr_close(&w, ext);
	wr_close(&w, list);
	wr_close(&w, exts);
	wr_close(&w, inner);
	while (der_next(&cert, &d))
		wr_bytes(&w, d.all.p, d.all.n);
	wr_close(&w, outer);
	assert_false(w.bad);
	return (struct span){ w.buf, w.len };
}

static void twenty_seven_thousand_names_are_listed_cut_and_soon(void **state)
{
	struct cert_info i;
	clock_t start;

	(void)state;
	i = info_of(many_names(27000));
	assert_false(i.malformed);
	assert_true(i.names_cut);
	assert_int_equal(i.names_count, 27000);
	assert_int_equal(i.dns_names_count, CERT_NAMES_MAX);
	start = clock();
	for (int n = 0; n < 10; n++)
		info_of(many_names(27000));
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
	i = info_of(many_names(CERT_NAMES_MAX));
	assert_false(i.names_cut);
	assert_int_equal(i.dns_names_count, CERT_NAMES_MAX);
}

static void four_thousand_extensions_are_looked_at_in_part(void **state)
{
	const struct minted *m = MINT(.name = "x", .more_exts = 4000);
	struct cert *c = cert_parse(m->der.p, m->der.n);

	(void)state;
	assert_false(c->malformed);
	assert_true(c->exts_cut);
	assert_int_equal(c->exts_count, CERT_EXTS_MAX);
	cert_free(c);
}

static struct cert *cert_with_rsa(struct span n, struct span e)
{
	const struct minted *m = MINT(.name = "x", .key = "RSA:1024");
	struct cert *c = cert_parse(m->der.p, m->der.n);

	c->rsa_n = n;
	c->rsa_e = e;
	c->key_bits = (unsigned)n.n * 8;
	return c;
}

static void keys_outside_the_limits_are_not_operated_with(void **state)
{
	static uint8_t modulus[8192];
	static const struct {
		size_t bytes;
		const char *e;
		size_t e_n;
	} rows[] = {
		{ 8192, "\x01\x00\x01", 3 },
		{ 2049, "\x01\x00\x01", 3 },
		{ 128, "\x01", 1 },
		{ 128, "\x04", 1 },
		{ 128, "", 0 },
		{ 128, "\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9 },
		{ 32, "\x01\x00\x01", 3 },
	};

	(void)state;
	memset(modulus, 0xff, sizeof modulus);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cert *c = cert_with_rsa((struct span){ modulus, rows[i].bytes },
		        (struct span){ (const uint8_t *)rows[i].e, rows[i].e_n });

		assert_int_equal(seal_check(c, c), SEAL_UNSUPPORTED);
		cert_free(c);
	}
}

static void a_seal_that_names_two_algorithms_does_not_hold(void **state)
{
	const struct minted *m = MINT(.name = "x");
	const uint8_t *oid = memmem(m->der.p, m->der.n, "\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
	struct span der = mint_copy(m->der, (size_t)(oid - m->der.p) + 7, 1);
	struct cert *c = cert_parse(der.p, der.n);

	(void)state;
	assert_true(c->seal_mismatch);
	assert_int_equal(seal_check(c, c), SEAL_FAILS);
	cert_free(c);
}

static void the_subject_is_found_without_the_rest(void **state)
{
	const struct minted *m = MINT(.name = "x", .organisation = "y"),
	                    *old = MINT(.name = "z", .version_1 = true);

	(void)state;
	assert_string_equal(dname_text(&arena, cert_subject_of(m->der)), "CN=x,O=y");
	assert_string_equal(dname_text(&arena, cert_subject_of(old->der)), "CN=z");
	assert_int_equal(cert_subject_of((struct span){ (const uint8_t *)"0", 1 }).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_definite_and_minimal),
		cmocka_unit_test(object_identifiers_are_dotted),
		cmocka_unit_test(times_are_read_or_refused),
		cmocka_unit_test_teardown(pem_comes_back_as_it_was, clear),
		cmocka_unit_test(pem_passes_over_what_is_no_certificate),
		cmocka_unit_test_teardown(names_are_shown_as_text_of_any_kind, clear),
		cmocka_unit_test(names_are_equal_whatever_their_kind_case_and_space),
		cmocka_unit_test_teardown(a_certificate_is_told, clear),
		cmocka_unit_test_teardown(what_a_text_cannot_show_stands_beside_it_in_hex, clear),
		cmocka_unit_test_teardown(every_kind_of_key_is_named, clear),
		cmocka_unit_test_teardown(what_is_no_certificate_has_a_fingerprint_only, clear),
		cmocka_unit_test_teardown(any_changed_bit_is_met, clear),
		cmocka_unit_test_teardown(twenty_seven_thousand_names_are_listed_cut_and_soon, clear),
		cmocka_unit_test_teardown(four_thousand_extensions_are_looked_at_in_part, clear),
		cmocka_unit_test_teardown(keys_outside_the_limits_are_not_operated_with, clear),
		cmocka_unit_test_teardown(a_seal_that_names_two_algorithms_does_not_hold, clear),
		cmocka_unit_test_teardown(the_subject_is_found_without_the_rest, clear),
	};

	trust_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
