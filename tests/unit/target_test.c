/* What a user may type, and what comes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "scanner/run/prelude.h"
#include "scanner/run/target.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const struct good {
	const char *text, *host, *sni, *starttls, *address;
	uint16_t port;
} good[] = {
	{ "example.org", "example.org", "example.org", NULL, NULL, 443 },
	{ "example.org:8443", "example.org", "example.org", NULL, NULL, 8443 },
	{ "Example.ORG", "example.org", "example.org", NULL, NULL, 443 },
	{ "example.org.", "example.org", "example.org", NULL, NULL, 443 },
	{ "example.org.:1", "example.org", "example.org", NULL, NULL, 1 },
	{ "localhost", "localhost", "localhost", NULL, NULL, 443 },
	{ "a_b.example", "a_b.example", "a_b.example", NULL, NULL, 443 },
	{ "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example", NULL, NULL, 443 },
	{ "https://example.org/path?query#part", "example.org", "example.org", NULL, NULL, 443 },
	{ "https://example.org:8443/", "example.org", "example.org", NULL, NULL, 8443 },
	{ "https://example.org?x", "example.org", "example.org", NULL, NULL, 443 },
	{ "example.org/", "example.org", "example.org", NULL, NULL, 443 },
	{ "smtp://mx.example.org", "mx.example.org", "mx.example.org", "smtp", NULL, 25 },
	{ "smtp://mx.example.org:587", "mx.example.org", "mx.example.org", "smtp", NULL, 587 },
	{ "smtps://mx.example.org", "mx.example.org", "mx.example.org", NULL, NULL, 465 },
	{ "imap://i", "i", "i", "imap", NULL, 143 },
	{ "postgres://db", "db", "db", "postgres", NULL, 5432 },
	{ "192.0.2.1", "192.0.2.1", NULL, NULL, "192.0.2.1", 443 },
	{ "192.0.2.1:65535", "192.0.2.1", NULL, NULL, "192.0.2.1", 65535 },
	{ "[2001:db8::1]", "2001:db8::1", NULL, NULL, "2001:db8::1", 443 },
	{ "[2001:DB8::1]:8443", "2001:db8::1", NULL, NULL, "2001:db8::1", 8443 },
	{ "2001:db8::1", "2001:db8::1", NULL, NULL, "2001:db8::1", 443 },
	{ "::1", "::1", NULL, NULL, "::1", 443 },
	{ "https://[::1]:1/x", "::1", NULL, NULL, "::1", 1 },
	{ "example.org@192.0.2.1", "example.org", "example.org", NULL, "192.0.2.1", 443 },
	{ "example.org@192.0.2.1:8443", "example.org", "example.org", NULL, "192.0.2.1", 8443 },
	{ "example.org@[::1]:8443", "example.org", "example.org", NULL, "::1", 8443 },
	{ "smtp://mx@192.0.2.1", "mx", "mx", "smtp", "192.0.2.1", 25 },
	{ "submission://mx", "mx", "mx", "smtp", NULL, 587 },
	{ "xmpp-server://x", "x", "x", "xmpp-server", NULL, 5269 },
	{ "mx:25", "mx", "mx", "smtp", NULL, 25 },
	{ "mx:587", "mx", "mx", "smtp", NULL, 587 },
	{ "tls://mx:25", "mx", "mx", NULL, NULL, 25 },
	{ "smtps://mx:25", "mx", "mx", NULL, NULL, 25 },
	{ "[::1]:389", "::1", NULL, "ldap", "::1", 389 },
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void compare(const struct good *g, const struct target *t)
{
	char address[64] = "";

	if (t->has_address)
		net_addr_text(&t->address, address);
	if (!same_text(t->host, g->host) || !same_text(t->sni, g->sni) ||
	        !same_text(t->starttls, g->starttls) || t->port != g->port ||
	        t->has_address != (g->address != NULL) || strcmp(address, g->address ? g->address : ""))
		fail_msg("%s: %s, sni %s, starttls %s, port %u, address %s", g->text, t->host,
		        t->sni ? t->sni : "none", t->starttls ? t->starttls : "none", t->port, address);
	assert_string_equal(t->input, g->text);
	assert_int_equal(t->address.port, g->port);
}

static void what_users_type_is_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct arena a = { 0 };
		const char *why = NULL;
		struct target *t = target_parse(&a, good[i].text, &why);

		if (!t)
			fail_msg("%s: %s", good[i].text, why);
		compare(&good[i], t);
		assert_null(why);
		arena_free(&a);
	}
}

static const char *const bad[] = {
	"",
	" ",
	".",
	"..",
	"a..b",
	".a",
	"a..",
	"http://example.org",
	"gopher://x",
	"https://",
	"https:///x",
	":443",
	"host:",
	"host:0",
	"host:65536",
	"host:-1",
	"host:+1",
	"host:1x",
	"host: 1",
	"host:443:1",
	"[::1",
	"[::1]x",
	"[::1]:",
	"[]",
	"[]:1",
	"::1]",
	"@192.0.2.1",
	"host@",
	"host@name",
	"host@192.0.2.1:0",
	"host@192.0.2.999",
	"ex ample.org",
	"exa\tmple",
	"ex\nample",
	"b\xC3\xBC"
	"cher.example",
	"a%b",
	"a,b",
	"$(id)",
	"a;b",
	"-f@",
	"host@[::1",
	"1.2.3.4.5:x",
};

static void what_is_no_target_is_refused_with_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct arena a = { 0 };
		const char *why = NULL;

		if (target_parse(&a, bad[i], &why))
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(why);
		assert_null(strchr(why, '\n'));
		arena_free(&a);
	}
}

static void names_have_the_lengths_that_dns_allows(void **state)
{
	static const struct {
		size_t label, labels;
		bool good;
	} rows[] = { { 63, 1, true }, { 64, 1, false }, { 63, 3, true }, { 62, 4, true }, { 63, 4, false },
		{ 1, 127, true }, { 1, 128, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		const char *why = NULL;
		char name[512] = "";
		size_t n = 0;

		for (size_t k = 0; k < rows[i].labels; k++) {
			memset(name + n, 'a', rows[i].label);
			n += rows[i].label;
			name[n++] = '.';
		}
		name[n - 1] = 0;
		if ((target_parse(&a, name, &why) != NULL) != rows[i].good)
			fail_msg("%zu labels of %zu", rows[i].labels, rows[i].label);
		arena_free(&a);
	}
}

static void the_zone_of_an_address_keeps_its_case(void **state)
{
	struct arena a = { 0 };
	const char *why = NULL;
	struct target *t = target_parse(&a, "[FE80::1%lo]:443", &why);

	(void)state;
	assert_non_null(t);
	assert_string_equal(t->host, "fe80::1%lo");
	assert_true(t->address.zone > 0);
	assert_null(target_parse(&a, "[fe80::1%no-such-interface]", &why));
	assert_null(target_parse(&a, "[fe80::1%lo:alias]", &why));
	arena_free(&a);
}

static void an_option_sets_dialect_and_port(void **state)
{
	static const struct {
		const char *text, *word, *starttls;
		uint16_t port;
	} rows[] = {
		{ "mx", "smtp", "smtp", 25 }, { "mx:2525", "smtp", "smtp", 2525 }, { "mx", "submission", "smtp", 587 },
		{ "imap://mx", "smtp", "smtp", 143 }, { "mx:25", "no", NULL, 25 }, { "smtp://mx", "no", NULL, 25 },
		{ "tls://mx:143", "auto", "imap", 143 }, { "mx", "auto", NULL, 443 }, { "10.0.0.1", "ldap", "ldap", 389 },
	};
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct target *t = target_parse(&a, rows[i].text, &why);

		assert_true(target_starttls(t, rows[i].word));
		if (!same_text(t->starttls, rows[i].starttls) || t->port != rows[i].port || t->address.port != rows[i].port)
			fail_msg("%s %s: %s, port %u", rows[i].text, rows[i].word, t->starttls ? t->starttls : "none", t->port);
		assert_false(target_starttls(t, "gopher") || target_starttls(t, "") || target_starttls(t, "https"));
		arena_free(&a);
	}
}

/* Whatever a scheme or a port stands for is spoken. */
static void every_dialect_of_a_target_is_known(void **state)
{
	const struct dialect *d;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(!good[i].starttls || dialect_find(good[i].starttls));
	for (size_t i = 0; (d = dialect_at(i)); i++) {
		struct target t = { 0 };

		assert_true(target_starttls(&t, dialect_name(d)));
		assert_string_equal(t.starttls, dialect_name(d));
		assert_true(t.port && t.port != 443);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_users_type_is_taken_apart),
		cmocka_unit_test(what_is_no_target_is_refused_with_a_sentence),
		cmocka_unit_test(names_have_the_lengths_that_dns_allows),
		cmocka_unit_test(the_zone_of_an_address_keeps_its_case),
		cmocka_unit_test(an_option_sets_dialect_and_port),
		cmocka_unit_test(every_dialect_of_a_target_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
