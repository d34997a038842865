/* What a whole handshake says of the wish for a client certificate: a table of endings. ask() and note() are this file's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/client_cert.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define NO_CERT "HTTP/1.1 400 Bad Request\r\nContent-Length: 44\r\n\r\n<title>400 No required SSL certificate was sent"
#define OK "HTTP/1.1 200 OK\r\n\r\n"
#define FORBIDDEN "HTTP/1.1 403 Forbidden\r\n\r\n"

static struct obs noted;
static struct plan asked;
static unsigned notes, asks;

struct obs *note(struct run *r, const struct obs *o)
{
	(void)r;
	noted = *o;
	notes++;
	return &noted;
}

void ask(struct run *r, uint16_t tag, const struct ask *what)
{
	(void)r;
	(void)tag;
	asked = *what->plan;
	asks++;
}

static struct run *world(void)
{
	static struct arena arena;
	static struct facts facts;
	static struct run run;

	arena_free(&arena);
	facts = (struct facts){ .arena = &arena, .http = { .expected = true, .tls_authority = "server.test" } };
	run = (struct run){ .facts = &facts, .arena = &arena };
	notes = asks = 0;
	return &run;
}

static struct answer answer(const struct hs_result *hs, const char *heard)
{
	return (struct answer){ .kind = ANS_SERVER_HELLO, .version = hs->version, .hs = hs,
		.heard = { (const uint8_t *)heard, heard ? strlen(heard) : 0 } };
}

#define ASKED .request = { .asked = true }
#define DONE .complete = true, .finished_right = true
#define ALERTED(code) .alerted = true, .alert = code, .reason = REASON_ALERT

static const struct {
	struct hs_result hs;
	const char *heard, *says, *name;
} endings[] = {
	{ { .version = VER_TLS12, DONE }, OK, "no", NULL },
	{ { .version = VER_TLS12, ASKED, DONE }, NULL, "asked", NULL },
	{ { .version = VER_TLS12, ASKED, DONE }, OK, "asked", NULL },
	{ { .version = VER_TLS12, ASKED, DONE }, FORBIDDEN, "asked", "HTTP 403" },
	{ { .version = VER_TLS12, ASKED, DONE }, NO_CERT, "required_http", "HTTP 400" },
	{ { .version = VER_TLS12, ASKED, DONE }, "HTTP/1.1 400 Bad Request\r\n\r\nno host", "asked", "HTTP 400" },
	{ { .version = VER_TLS12, ASKED, DONE }, "HTTP/1.1 496 No\r\n\r\n", "required_http", "HTTP 496" },
	{ { .version = VER_TLS12, ASKED, ALERTED(40) }, NULL, "required", "handshake_failure" },
	{ { .version = VER_TLS12, ASKED, .reason = REASON_TRUNCATED }, NULL, "required", "closed" },
	{ { .version = VER_TLS12, ASKED, .reason = REASON_RESET }, NULL, "required", "reset" },
	{ { .version = VER_TLS12, ASKED, .reason = REASON_TIMEOUT_HANDSHAKE }, NULL, "unknown", NULL },
	{ { .version = VER_TLS12, ASKED, ALERTED(20) }, NULL, "unknown", NULL },
	{ { .version = VER_TLS12, ASKED, .reason = REASON_NOT_IN_LIBCRYPTO }, NULL, "unknown", NULL },
	{ { .version = VER_TLS12, .reason = REASON_RESET }, NULL, "unknown", NULL },
	{ { .version = VER_TLS12, DONE, .hello_requests = 1, ALERTED(40) }, NULL, "later", "renegotiation" },
	{ { .version = VER_TLS13, DONE, .late = { .asked = true } }, FORBIDDEN, "later", "post_handshake_auth, HTTP 403" },
	{ { .version = VER_TLS13, ASKED, DONE, ALERTED(116) }, NULL, "required", "certificate_required" },
	{ { .version = VER_TLS13, ASKED, DONE, .tickets = 2, ALERTED(116) }, NULL, "required", "certificate_required" },
	{ { .version = VER_TLS13, ASKED, DONE, .tickets = 2 }, NULL, "asked", NULL },
	{ { .version = VER_TLS13, ASKED, DONE, .close_notified = true }, NULL, "asked", NULL },
	{ { .version = VER_TLS13, ASKED, DONE }, OK, "asked", NULL },
	{ { .version = VER_TLS13, ASKED, DONE }, NULL, "unknown", NULL }, /* closed without a word: it may be either */
	{ { .version = VER_TLS13, ASKED, ALERTED(40) }, NULL, "unknown", NULL }, /* before our certificate was due */
};

static void expect(size_t i, const char *says, const char *name)
{
	if (strcmp(noted.text, says))
		fail_msg("ending %zu: %s, expected %s", i, noted.text, says);
	if (name && (!noted.name || strcmp(noted.name, name)))
		fail_msg("ending %zu: by %s, expected %s", i, noted.name ? noted.name : "nothing", name);
	assert_int_equal(!strcmp(says, "unknown"), noted.reason != NULL);
}

static void each_ending_has_its_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(endings); i++) {
		struct answer a = answer(&endings[i].hs, endings[i].heard);
		struct client_cert c = { 0 };
		struct run *r = world();

		client_cert_note(r, &c, endings[i].hs.version, &a);
		assert_int_equal(notes, 1);
		assert_int_equal(noted.key, OBS_KEY_CLIENT_CERTIFICATE);
		expect(i, endings[i].says, endings[i].name);
		assert_false(client_cert_ask(r, &c, 1, &(struct hello){ 0 }, UNTIL_HELLO));
	}
}

static const struct {
	struct hs_result hs;
	const char *heard;
	enum tri accepted;
	const char *name;
} given[] = {
	{ { .version = VER_TLS12, ASKED, DONE, .client_sent = true }, OK, TRI_YES, "HTTP 200" },
	{ { .version = VER_TLS12, ASKED, DONE, .client_sent = true }, NO_CERT, TRI_NO, "HTTP 400" },
	{ { .version = VER_TLS12, ASKED, ALERTED(48), .client_sent = true }, NULL, TRI_NO, "unknown_ca" },
	{ { .version = VER_TLS13, ASKED, DONE, ALERTED(48), .client_sent = true }, NULL, TRI_NO, "unknown_ca" },
	{ { .version = VER_TLS13, ASKED, DONE, .tickets = 1, .client_sent = true }, NULL, TRI_YES, NULL },
	{ { .version = VER_TLS13, ASKED, DONE, .client_sent = true }, NULL, TRI_UNKNOWN, NULL },
	{ { .version = VER_TLS12, ASKED, .reason = REASON_TIMEOUT_HANDSHAKE, .client_sent = true }, NULL, TRI_UNKNOWN, NULL },
};

static void a_given_certificate_is_accepted_or_not_and_the_same_is_asked_without_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(given); i++) {
		struct answer a = answer(&given[i].hs, given[i].heard);
		struct client_cert c = { 0 };
		struct run *r = world();

		client_cert_note(r, &c, given[i].hs.version, &a);
		assert_int_equal(noted.key, OBS_KEY_CLIENT_ACCEPTED);
		assert_int_equal(noted.tri, given[i].accepted);
		assert_int_equal(noted.tri == TRI_UNKNOWN, noted.reason != NULL);
		if (given[i].name)
			assert_string_equal(noted.name, given[i].name);
		assert_true(client_cert_ask(r, &c, 7, &(struct hello){ 0 }, UNTIL_HELLO));
		assert_true(asks == 1 && asked.nameless);
		assert_false(client_cert_ask(r, &c, 7, &(struct hello){ 0 }, UNTIL_HELLO));
	}
}

static void a_page_that_only_a_certificate_opens_is_a_refusal_by_http(void **state)
{
	struct hs_result with = { .version = VER_TLS12, ASKED, DONE, .client_sent = true };
	struct hs_result without = { .version = VER_TLS12, ASKED, DONE };
	struct answer a = answer(&with, OK), b = answer(&without, FORBIDDEN), lost = { .reason = REASON_RESET };
	struct client_cert c = { 0 };
	struct run *r = world();

	(void)state;
	client_cert_note(r, &c, VER_TLS12, &a);
	client_cert_note_without(r, &c, VER_TLS12, &b);
	expect(0, "required_http", "HTTP 403");
	client_cert_note_without(r, &c, VER_TLS12, &lost);
	expect(1, "unknown", NULL);
}

static void a_refusal_is_heard_to_its_end_and_a_page_only_up_to_its_header(void **state)
{
	static const struct {
		const char *heard;
		bool enough;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\n", false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true },
		{ "HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\n", false },
		{ "HTTP/1.1 400 No\r\ncontent-length:9\r\n\r\n12345678", false },
		{ "HTTP/1.1 400 No\r\nContent-Length: 9\r\n\r\n123456789", true },
		{ "HTTP/1.1 400 No\r\n\r\n", true },
		{ "no HTTP\r\n\r\n", true },
		{ "", false },
	};
	struct plan p = client_cert_plan(world());

	(void)state;
	assert_true(p.say.n > 0 && !p.nameless);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (p.heard((struct span){ (const uint8_t *)rows[i].heard, strlen(rows[i].heard) }) != rows[i].enough)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ending_has_its_word),
		cmocka_unit_test(a_given_certificate_is_accepted_or_not_and_the_same_is_asked_without_it),
		cmocka_unit_test(a_page_that_only_a_certificate_opens_is_a_refusal_by_http),
		cmocka_unit_test(a_refusal_is_heard_to_its_end_and_a_page_only_up_to_its_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
