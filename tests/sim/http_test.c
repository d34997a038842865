/* What HTTP says, over TLS and beside it: the real engine, our server with its headers, a plain one on another port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/sim_scan.h"

/* ---- a server without TLS --------------------------------------------------------------------------------- */

struct plain {
	const char *says;
	enum peer_end end;
	bool endless, greets;
};

struct plain_state {
	const struct plain *config;
};

static void plain_accepted(void *state, const void *config, unsigned nth, struct peer_out *out)
{
	struct plain_state *s = state;

	(void)nth;
	s->config = config;
	if (s->config->greets)
		peer_send(out, s->config->says, strlen(s->config->says));
}

static void plain_tick(void *state, struct peer_out *out)
{
	struct plain_state *s = state;

	peer_send(out, s->config->says, strlen(s->config->says));
	peer_wait(out, 1000);
}

/* It answers only to a request as it should be. */
static void plain_received(void *state, const uint8_t *p, size_t n, struct peer_out *out)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: host-1.test\r\n";
	struct plain_state *s = state;

	assert_true(n > sizeof request - 1 && !memcmp(p, request, sizeof request - 1));
	assert_non_null(memmem(p, n, "\r\n\r\n", 4));
	if (s->config->says)
		peer_send(out, s->config->says, strlen(s->config->says));
	if (s->config->endless)
		peer_wait(out, 1000);
	peer_end(out, s->config->end);
}

static const struct peer_kind plain_peer = {
	.state_size = sizeof(struct plain_state),
	.accepted = plain_accepted,
	.received = plain_received,
	.tick = plain_tick,
};

/* ---- HTTP beside TLS ----------------------------------------------------------------------------------------- */

static const char *const redirect_only[] = { "http.redirect", NULL };

static struct sim_host *plain_beside(struct sim_scan *s, const struct plain *p)
{
	struct net_addr at = { .family = NET_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 80 };

	return net_sim_listen(s->net, &at, &plain_peer, p);
}

#define TO(where) "HTTP/1.1 301 Moved\r\nStrict-Transport-Security: max-age=1\r\nLocation: " where "\r\n\r\n"

static const struct {
	struct plain plain;
	const char *value, *reason;
} redirects[] = {
	{ { TO("https://host-1.test/"), PEER_STAYS, false, false }, "to_https_same_host", NULL },
	{ { TO("HTTPS://HOST-1.TEST.:443/x?session=1#y"), PEER_FIN, false, false }, "to_https_same_host", NULL },
	{ { TO("https://host-1.test"), PEER_STAYS, false, false }, "to_https_same_host", NULL },
	{ { TO("https://host-1.test?session=1"), PEER_STAYS, false, false }, "to_https_same_host", NULL },
	{ { TO("https://other.test?@host-1.test/"), PEER_STAYS, false, false }, "to_https_other", NULL },
	{ { TO("https://user@host-1.test:8443/"), PEER_STAYS, false, false }, "to_https_same_host", NULL },
	{ { TO("https://www.host-1.test/"), PEER_STAYS, false, false }, "to_https_other", NULL },
	{ { TO("https://host-1.test@other.test/"), PEER_STAYS, false, false }, "to_https_other", NULL },
	{ { TO("https://[::1]/"), PEER_STAYS, false, false }, "to_https_other", NULL },
	{ { TO("https://"), PEER_STAYS, false, false }, "to_https_other", NULL },
	{ { TO("http://host-1.test/"), PEER_STAYS, false, false }, "to_http", NULL },
	{ { TO("/login"), PEER_STAYS, false, false }, "to_http", NULL },
	{ { TO("//host-1.test/"), PEER_STAYS, false, false }, "to_http", NULL },
	{ { TO("javascript:alert(1)"), PEER_STAYS, false, false }, "to_http", NULL },
	{ { "HTTP/1.1 302 Found\r\n\r\n", PEER_STAYS, false, false }, "none", NULL },
	{ { "HTTP/1.1 200 OK\r\nLocation: https://host-1.test/\r\n\r\n", PEER_STAYS, false, false }, "none", NULL },
	{ { "HTTP/1.1 404 No\r\n\r\n", PEER_RESET, false, false }, "none", NULL },
	{ { NULL, PEER_STAYS, false, false }, "no_answer", "TIMEOUT_HTTP" },
	{ { "HTTP/1.1 301 Moved\r\nLoca", PEER_STAYS, false, false }, "no_answer", "TIMEOUT_HTTP" },
	{ { "HTTP/1.1 301 Moved\r\nLoca", PEER_FIN, false, false }, "no_answer", "TRUNCATED" },
	{ { NULL, PEER_FIN, false, false }, "no_answer", "CLOSED" },
	{ { NULL, PEER_RESET, false, false }, "no_answer", "RESET" },
	{ { "220 mail.test\r\n", PEER_STAYS, false, true }, "no_answer", "NOT_HTTP" },
	{ { "HTTP/1.1 200 OK\r\n", PEER_STAYS, true, false }, "no_answer", "LIMIT_HTTP" },
};

static const struct obs *redirect_of(const struct record *r)
{
	const struct obs *o = record_find(r, OBS_KEY_HTTP_REDIRECT, 0);

	assert_non_null(o);
	assert_null(record_find(r, OBS_KEY_HSTS, 0)); /* that of HTTP without TLS is void */
	return o;
}

static void where_http_leads_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof redirects / sizeof *redirects; i++) {
		const char *reason = redirects[i].reason;
		struct server_config c;
		struct sim_scan s;
		const struct obs *o;

		config_sound(&c);
		sim_scan_init(&s, 1);
		s.scan.options.select = redirect_only;
		plain_beside(&s, &redirects[i].plain);
		o = redirect_of(sim_scan_one(&s, &c));
		if (strcmp(o->text, redirects[i].value) || !o->reason != !reason || (reason && strcmp(o->reason, reason)))
			fail_msg("%s: %s (%s)", redirects[i].plain.says, o->text, o->reason ? o->reason : "");
		assert_int_equal(s.records[0]->status, STATUS_OK);
		assert_int_equal(net_sim_counts(s.net).dialled, s.records[0]->connections);
		assert_true(s.records[0]->bytes_received < 400000);
		sim_scan_free(&s);
		config_free(&c);
	}
}

static void a_session_in_a_url_stays_out_of_the_report(void **state)
{
	static const struct plain plain = { TO("https://host-1.test/x?session=1#y"), PEER_STAYS, false, false };
	struct server_config c;
	struct sim_scan s;
	const struct obs *o;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.select = redirect_only;
	plain_beside(&s, &plain);
	o = redirect_of(sim_scan_one(&s, &c));
	assert_int_equal(o->evidence_count, 2);
	assert_string_equal(o->evidence[0].text, "301");
	assert_string_equal(o->evidence[1].text, "https://host-1.test/x?...");
	sim_scan_free(&s);
	config_free(&c);
}

/* A port that nobody serves says nothing about the TLS server: no retry, no taint, and the scan is whole. */
static void a_closed_port_beside_harms_nothing(void **state)
{
	static const struct plain none = { NULL, PEER_STAYS, false, false };
	static const struct { enum sim_connect connect; const char *value, *reason; } rows[] = {
		{ SIM_REFUSE, "refused", "REFUSED" },
		{ SIM_DROP, "no_answer", "CONNECT_TIMEOUT" },
		{ SIM_RESET, "no_answer", "CONNECT_RESET" },
		{ SIM_UNREACHABLE, "no_answer", "UNREACHABLE" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct server_config c;
		struct sim_scan s;
		const struct obs *o;

		config_sound(&c);
		sim_scan_init(&s, 1);
		plain_beside(&s, &none)->connect = rows[i].connect;
		o = record_find(sim_scan_one(&s, &c), OBS_KEY_HTTP_REDIRECT, 0);
		assert_non_null(o);
		assert_string_equal(o->text, rows[i].value);
		assert_string_equal(o->reason, rows[i].reason);
		assert_int_equal(s.records[0]->status, STATUS_OK);
		assert_false(s.records[0]->tainted);
		for (size_t k = 0; k < s.records[0]->probes_count; k++)
			if (!strcmp(s.records[0]->probes[k].id, "http.redirect"))
				assert_int_equal(s.records[0]->probes[k].connections, 1);
		sim_scan_free(&s);
		config_free(&c);
	}
}

static bool asked_beside(bool given, uint16_t port)
{
	static const struct plain plain = { "HTTP/1.1 200 OK\r\n\r\n", PEER_STAYS, false, false };
	struct server_config c;
	struct sim_scan s;
	struct sim_host *h;
	bool asked;

	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.select = redirect_only;
	s.scan.options.http_port_given = given;
	s.scan.options.http_port = port;
	h = plain_beside(&s, &plain);
	sim_scan_one(&s, &c);
	asked = h->taken == 1;
	assert_true(!asked == !record_find(s.records[0], OBS_KEY_HTTP_REDIRECT, 0));
	sim_scan_free(&s);
	config_free(&c);
	return asked;
}

static void an_option_says_where_to_look(void **state)
{
	(void)state;
	assert_true(asked_beside(false, 0)); /* the target's port is 443 */
	assert_true(asked_beside(true, 80));
	assert_false(asked_beside(true, 0));
}

/* ---- HTTP over TLS --------------------------------------------------------------------------------------------- */

static const char *const handshakes[] = { "handshake", NULL };

static struct record *scan_with(struct sim_scan *s, struct server_config *c, const char *config)
{
	char wrong[128];

	config_sound(c);
	assert_true(config_read(c, config, wrong));
	sim_scan_init(s, 1);
	s->scan.options.select = handshakes;
	return sim_scan_one(s, c);
}

static const struct obs *named(const struct record *r, enum obs_key key, const char *name)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && r->obs[i].name && !strcmp(r->obs[i].name, name))
			return &r->obs[i];
	fail_msg("no %s of %s", obs_kinds[key].key, name);
	return NULL;
}

static const char headers[] =
	"http_header=Server: nginx/1.22.1\n"
	"http_header=Strict-Transport-Security: max-age=63072000; includeSubDomains; preload\n"
	"http_header=Strict-Transport-Security: max-age=0\n"
	"http_header=Content-Security-Policy: script-src 'self' 'nonce-r4nd0m=' 'nonce-b'; object-src 'none'\n"
	"http_header=X-Frame-Options: ALLOW-FROM https://x.test/\n"
	"http_header=X-Content-Type-Options: NoSniff\n"
	"http_header=Referrer-Policy: later, no-referrer\n"
	"http_header=X-XSS-Protection: 1; mode=block\n"
	"http_header=Public-Key-Pins: pin-sha256=\"x\"; max-age=1\n"
	"http_header=Cross-Origin-Opener-Policy: same-origin; report-to=\"x\"\n"
	"http_header=Set-Cookie: sid=s3cr3t; HttpOnly\n"
	"http_header=Set-Cookie: sid=s3cr3t; Secure\n"
	"http_header=Set-Cookie: __Host-a=s3cr3t; Secure; HttpOnly; SameSite=Lax; Path=/\n"
	"http_header=Content-Encoding: gzip\n"
	"http_header=Alt-Svc: h3=\":443\"; ma=86400, h3-29=\"a,b=:443\"\n"
	"http_header=X-Powered-By: PHP/8.2.7\n";

static void expect_header(const struct record *r, const char *name, const char *value)
{
	assert_string_equal(named(r, OBS_KEY_HTTP_HEADER, name)->text, value);
}

static void look_at_headers(const struct record *r)
{
	const struct obs *cookie, *alt = record_find(r, OBS_KEY_HTTP_ALT_SVC, 0);

	assert_int_equal(record_tri(r, OBS_KEY_HTTP_ANSWERED, 0), TRI_YES);
	assert_int_equal(record_find(r, OBS_KEY_HTTP_STATUS, 0)->number, 200);
	assert_string_equal(record_find(r, OBS_KEY_HSTS, 0)->text, "valid");
	assert_int_equal(record_find(r, OBS_KEY_HSTS_MAX_AGE, 0)->number, 63072000);
	assert_int_equal(record_tri(r, OBS_KEY_HSTS_PRELOADABLE, 0), TRI_YES);
	assert_string_equal(record_find(r, OBS_KEY_HTTP_SERVER, 0)->text, "nginx/1.22.1");
	assert_string_equal(named(r, OBS_KEY_HTTP_BANNER, "X-Powered-By")->text, "PHP/8.2.7");
	expect_header(r, "Content-Security-Policy", "set");
	assert_string_equal(named(r, OBS_KEY_HTTP_HEADER, "Content-Security-Policy")->evidence[0].text,
		"script-src 'self' 'nonce-...' 'nonce-...'; object-src 'none'");
	expect_header(r, "X-Frame-Options", "invalid");
	expect_header(r, "X-Content-Type-Options", "set");
	expect_header(r, "Referrer-Policy", "set");
	expect_header(r, "Permissions-Policy", "absent");
	expect_header(r, "Cross-Origin-Opener-Policy", "set");
	expect_header(r, "X-XSS-Protection", "obsolete");
	expect_header(r, "Public-Key-Pins", "obsolete");
	cookie = named(r, OBS_KEY_HTTP_COOKIE, "sid");
	assert_int_equal(cookie->count, 3);
	assert_string_equal(cookie->names[0], "no_secure");
	assert_int_equal(named(r, OBS_KEY_HTTP_COOKIE, "__Host-a")->count, 0);
	assert_string_equal(record_find(r, OBS_KEY_HTTP_COMPRESSION, 0)->text, "gzip");
	assert_int_equal(alt->count, 2);
	assert_string_equal(alt->names[0], "h3");
	assert_string_equal(alt->names[1], "h3-29");
}

static void the_response_over_tls_is_told_field_by_field(void **state)
{
	static const char *const ways[] = { "versions=TLSv1.2,TLSv1.3\n", "versions=TLSv1.2\n", "versions=TLSv1.0\n" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char config[4096];
		struct server_config c;
		struct sim_scan s;
		struct record *r;
		char *json;

		snprintf(config, sizeof config, "%s%s", ways[i], headers);
		r = scan_with(&s, &c, config);
		look_at_headers(r);
		json = sim_scan_json(r);
		assert_null(strstr(json, "s3cr3t"));
		assert_null(strstr(json, "r4nd0m"));
		free(json);
		sim_scan_free(&s);
		config_free(&c);
	}
}

static void a_bare_response_is_told_too(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, "");

	(void)state;
	assert_string_equal(record_find(r, OBS_KEY_HSTS, 0)->text, "absent");
	assert_string_equal(record_find(r, OBS_KEY_HTTP_COMPRESSION, 0)->text, "identity");
	assert_null(record_find(r, OBS_KEY_HTTP_COOKIE, 0));
	assert_null(record_find(r, OBS_KEY_HTTP_SERVER, 0));
	expect_header(r, "Content-Security-Policy", "absent");
	sim_scan_free(&s);
	config_free(&c);
}

/* What is not heard whole says nothing of what may have stood further on. */
static void a_head_cut_short_denies_nothing(void **state)
{
	static const char *const rows[] = { "headers_endless", "headers_stop", "headers_cut", "mute", "page_of_mail" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct server_config c;
		struct sim_scan s;
		struct record *r;

		assert_true(misbehaviour_config(&c, rows[i], 0));
		sim_scan_init(&s, 1);
		s.scan.options.select = handshakes;
		r = sim_scan_one(&s, &c);
		assert_non_null(record_find(r, OBS_KEY_HTTP_ANSWERED, 0));
		assert_int_not_equal(record_tri(r, OBS_KEY_HTTP_ANSWERED, 0), TRI_YES);
		assert_null(record_find(r, OBS_KEY_HSTS, 0));
		assert_null(record_find(r, OBS_KEY_HTTP_HEADER, 0));
		sim_scan_free(&s);
		config_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_http_leads_is_told),
		cmocka_unit_test(a_session_in_a_url_stays_out_of_the_report),
		cmocka_unit_test(a_closed_port_beside_harms_nothing),
		cmocka_unit_test(an_option_says_where_to_look),
		cmocka_unit_test(the_response_over_tls_is_told_field_by_field),
		cmocka_unit_test(a_bare_response_is_told_too),
		cmocka_unit_test(a_head_cut_short_denies_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
