/* URLs that certificates and redirects name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/base/url.h"

static struct span of(const char *s)
{
	return (struct span){ (const uint8_t *)s, strlen(s) };
}

static const struct {
	const char *text, *means; /* NULL: bad; "": another scheme */
} urls[] = {
	{ "http://ocsp.test", "http://ocsp.test/" },
	{ "HTTP://OCSP.Test/A%2Fb", "http://ocsp.test/A%2Fb" },
	{ "http://ocsp.test:80/x", "http://ocsp.test/x" },
	{ "http://ocsp.test:8080?q=/1#part", "http://ocsp.test:8080/?q=/1" },
	{ "http://ocsp.test:/", "http://ocsp.test/" },
	{ "http://[2001:DB8::1]:81/crl", "http://[2001:db8::1]:81/crl" },
	{ "http://192.0.2.1/", "http://192.0.2.1/" },
	{ "https://ocsp.test/", "" },
	{ "ldap:///cn=ca?certificateRevocationList", "" },
	{ "file:///etc/passwd", "" },
	{ "", NULL },
	{ "ocsp.test/x", NULL },
	{ "http:/ocsp.test", NULL },
	{ "http://", NULL },
	{ "http:///x", NULL },
	{ "http://user@ocsp.test/", NULL },
	{ "http://user:pass@ocsp.test/", NULL },
	{ "http://ocsp.test:0/", NULL },
	{ "http://ocsp.test:65536/", NULL },
	{ "http://ocsp.test:8o/", NULL },
	{ "http://[::1", NULL },
	{ "http://[::1]x/", NULL },
	{ "http://[]/", NULL },
	{ "http://[fe80::1%25eth0]/", NULL },
	{ "http://a b/", NULL },
	{ "http://ocsp.test/x HTTP/1.1", NULL },
	{ "http://ocsp.test/\r\nX: y", NULL },
	{ "http://ocsp.test/\xc3\xa9", NULL },
	{ "1http://x/", NULL },
};

static void a_url_is_taken_apart_or_refused(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct url u;
		enum url_kind kind = url_parse(of(urls[i].text), &u);
		enum url_kind wanted = !urls[i].means ? URL_BAD : *urls[i].means ? URL_HTTP : URL_OTHER;

		if (kind != wanted)
			fail_msg("%s: %d", urls[i].text, (int)kind);
		if (kind == URL_HTTP)
			assert_string_equal(url_text(&a, &u), urls[i].means);
	}
	arena_free(&a);
}

static const struct {
	const char *location, *means;
} redirects[] = {
	{ "http://b.test/y", "http://b.test/y" },
	{ "https://b.test/y", "" },
	{ "//b.test:81/y", "http://b.test:81/y" },
	{ "/y?z", "http://a.test:8080/y?z" },
	{ "y", "http://a.test:8080/dir/y" },
	{ "../y", "http://a.test:8080/dir/../y" },
	{ "?z", "http://a.test:8080/dir/x?z" },
	{ "#part", "http://a.test:8080/dir/x?q/1" },
	{ "", NULL },
	{ "/y z", NULL },
	{ "//user@b.test/", NULL },
};

static void a_redirect_is_read_from_where_it_stands(void **state)
{
	struct arena a = { 0 };
	struct url from, to;

	(void)state;
	assert_int_equal(url_parse(of("http://a.test:8080/dir/x?q/1"), &from), URL_HTTP);
	for (size_t i = 0; i < sizeof redirects / sizeof *redirects; i++) {
		enum url_kind kind = url_follow(&from, of(redirects[i].location), &to);
		enum url_kind wanted = !redirects[i].means ? URL_BAD : *redirects[i].means ? URL_HTTP : URL_OTHER;

		if (kind != wanted)
			fail_msg("%s: %d", redirects[i].location, (int)kind);
		if (kind == URL_HTTP)
			assert_string_equal(url_text(&a, &to), redirects[i].means);
	}
	assert_true(url_same(&from, &from));
	assert_int_equal(url_follow(&from, of("/"), &to), URL_HTTP);
	assert_false(url_same(&from, &to));
	arena_free(&a);
}

static void a_url_has_a_limit(void **state)
{
	char text[2 * URL_BYTES_MAX];
	struct url u, to;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "http://h/", 9);
	assert_int_equal(url_parse((struct span){ (uint8_t *)text, URL_BYTES_MAX }, &u), URL_HTTP);
	assert_int_equal(url_parse((struct span){ (uint8_t *)text, URL_BYTES_MAX + 1 }, &to), URL_BAD);
	/* Piece by piece it grows no further either. */
	memset(u.path + 1, '/', 900);
	assert_int_equal(url_follow(&u, (struct span){ (uint8_t *)text + 9, 900 }, &to), URL_BAD);
	memset(text + 7, 'a', URL_HOST_MAX + 1);
	text[8 + URL_HOST_MAX] = 0;
	assert_int_equal(url_parse(of(text), &u), URL_BAD);
	text[7 + URL_HOST_MAX] = 0;
	assert_int_equal(url_parse(of(text), &u), URL_HTTP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_url_is_taken_apart_or_refused),
		cmocka_unit_test(a_redirect_is_read_from_where_it_stands),
		cmocka_unit_test(a_url_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
