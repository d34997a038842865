/*
 * STARTTLS: the test server behind another protocol's words. A scan through each dialect is the scan of the same server
 * without it, however the words are cut; and who never comes to TLS is bounded, and named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"
#include "tests/servers/server.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SAYS(s) { s, sizeof(s) - 1 }

/* ---- a server that speaks first in words ---------------------------------------------------------------------------- */

enum { PARTS_MAX = 5, SECOND = 1000000 };

/* says[0] is the greeting, then one part for each thing the client says; behind the last part comes TLS. */
struct worded {
	const struct server_config *tls;
	struct { const char *s; size_t n; } says[PARTS_MAX];
	size_t parts;
	const char *repeats;    /* instead: said again and again */
	uint64_t pace_us;
	bool silent, closes;    /* closes: behind its last part */
	unsigned refuses_after; /* connections; all others get `says[0]` of 421. 0: never */
};

struct worded_state {
	const struct worded *config;
	size_t at;
	unsigned nth;
	bool tls;
	void *inner; /* of server_peer */
};

static void next_part(struct worded_state *s, struct peer_out *out)
{
	const struct worded *c = s->config;

	if (s->at < c->parts && c->says[s->at].n)
		peer_send(out, c->says[s->at].s, c->says[s->at].n);
	s->at++;
	if (s->at < c->parts)
		return;
	if (c->closes) {
		peer_end(out, PEER_FIN);
		return;
	}
	s->tls = true;
	s->inner = calloc(1, server_peer.state_size);
	server_peer.accepted(s->inner, c->tls, s->nth, out);
}

static void worded_accepted(void *state, const void *config, unsigned nth, struct peer_out *out)
{
	static const char busy[] = "421 too many connections\r\n";
	struct worded_state *s = state;

	s->config = config;
	s->nth = nth;
	if (s->config->refuses_after && nth >= s->config->refuses_after) {
		peer_send(out, busy, sizeof busy - 1);
		peer_end(out, PEER_FIN);
	} else if (s->config->repeats) {
		peer_wait(out, 1);
	} else if (!s->config->silent) {
		next_part(s, out);
	}
}

static void worded_received(void *state, const uint8_t *p, size_t n, struct peer_out *out)
{
	struct worded_state *s = state;

	if (s->tls)
		server_peer.received(s->inner, p, n, out);
	else if (!s->config->silent && !s->config->repeats && !s->config->refuses_after)
		next_part(s, out);
	else if (s->config->refuses_after && s->nth < s->config->refuses_after)
		next_part(s, out);
}

static void worded_tick(void *state, struct peer_out *out)
{
	struct worded_state *s = state;

	if (s->tls) {
		if (server_peer.tick)
			server_peer.tick(s->inner, out);
		return;
	}
	peer_send(out, s->config->repeats, strlen(s->config->repeats));
	peer_wait(out, s->config->pace_us);
}

static void worded_closed(void *state)
{
	struct worded_state *s = state;

	if (s->inner && server_peer.closed)
		server_peer.closed(s->inner);
	free(s->inner);
}

static const struct peer_kind worded_peer = {
	.state_size = sizeof(struct worded_state),
	.accepted = worded_accepted,
	.received = worded_received,
	.tick = worded_tick,
	.closed = worded_closed,
};

/* ---- scans ------------------------------------------------------------------------------------------------------------- */

enum { PORT = 2525 };

static struct server_config tls; /* of every server here */

static struct record *scan_words(struct sim_scan *s, const struct worded *c, const char *dialect, unsigned chunk)
{
	struct target t = { .input = "host-1.test", .host = "host-1.test", .sni = "host-1.test", .port = PORT, .has_address = true,
		.address = { .family = NET_IPV4, .bytes = { 10, 9, 9, 9 }, .port = PORT }, .starttls = dialect };

	sim_scan_init(s, 7);
	sim_scan_add(s, &tls);
	net_sim_listen(s->net, &t.address, &worded_peer, c)->chunk = chunk;
	sim_scan_target(s, &t);
	sim_scan_run(s);
	return s->records[0];
}

/* Observations and certificates, as JSON; the dialect itself, times and counts are not in it. */
static char *facts_of(const struct record *r)
{
	struct json_object *tree = record_to_json(r);
	static const char *const outside[] = { "scan", "target", "endpoint" };
	char *text;

	for (size_t i = 0; i < COUNT(outside); i++)
		json_object_object_del(tree, outside[i]);
	text = json_dump(tree, true);
	json_object_put(tree);
	return text;
}

static const struct dialogue {
	const char *dialect;
	struct worded server;
} dialogues[] = {
	{ "smtp", { .says = { SAYS("220-mx\r\n220 hi\r\n"), SAYS("250-mx\r\n250 STARTTLS\r\n"), SAYS("220 go\r\n") }, .parts = 3 } },
	{ "imap", { .says = { SAYS("* OK hi\r\n"), SAYS("* CAPABILITY X\r\nt1 OK go\r\n") }, .parts = 2 } },
	{ "irc", { .says = { SAYS(":x NOTICE * :y\r\n"), SAYS(":x 670 * :go\r\n") }, .parts = 2 } },
	{ "xmpp", { .says = { SAYS(""), SAYS("<stream:stream><stream:features><starttls/></stream:features>"), SAYS("<proceed/>") }, .parts = 3 } },
	{ "ldap", { .says = { SAYS(""), SAYS("\x30\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0") }, .parts = 2 } },
	{ "postgres", { .says = { SAYS(""), SAYS("S") }, .parts = 2 } },
	{ "mysql", { .says = { SAYS("\x2e\0\0\0\x0a" "8.0-test\0" "\1\2\3\4" "saltsalt\0\xff\xff\x21\2\0\xff\xcf\x15" "0123456789" "salt\0"),
		SAYS("") }, .parts = 2 } },
	{ "rdp", { .says = { SAYS(""), SAYS("\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\2\0\x08\0\1\0\0\0") }, .parts = 2 } },
	{ "vnc", { .says = { SAYS("RFB 003.008\n"), SAYS("\1\x13"), SAYS("\0\2"), SAYS("\0\1\0\0\1\4"), SAYS("\1") }, .parts = 5 } },
	{ "telnet", { .says = { SAYS(""), SAYS("\xff\xfd\x2e"), SAYS("\xff\xfa\x2e\1\xff\xf0") }, .parts = 3 } },
};

static void look_at_dialogue(const struct dialogue *d, const char *wanted, unsigned chunk)
{
	struct worded server = d->server;
	struct sim_scan s;
	struct record *r;
	char *got;

	server.tls = &tls;
	r = scan_words(&s, &server, d->dialect, chunk);
	got = facts_of(r);
	if (r->status != STATUS_OK || strcmp(got, wanted))
		fail_msg("%s, pieces of %u: %s\n%s\nbut without it:\n%s", d->dialect, chunk, r->error_code ? r->error_code : "ok", got, wanted);
	assert_string_equal(r->starttls, d->dialect);
	free(got);
	sim_scan_free(&s);
}

/* The same server without words: HTTP is not expected there either, for the words are those of no protocol. */
static char *facts_without(void)
{
	static const struct dialogue at_once = { "none of them", { .parts = 0 } };
	struct worded server = at_once.server;
	struct sim_scan s;
	char *text;

	server.tls = &tls;
	text = facts_of(scan_words(&s, &server, at_once.dialect, 0));
	sim_scan_free(&s);
	return text;
}

static void through_each_dialect_the_facts_are_those_of_the_bare_server(void **state)
{
	char *wanted = facts_without();

	(void)state;
	assert_non_null(strstr(wanted, "suites.list"));
	for (size_t i = 0; i < COUNT(dialogues); i++) {
		look_at_dialogue(&dialogues[i], wanted, 0);
		look_at_dialogue(&dialogues[i], wanted, 3);
	}
	free(wanted);
}

static const struct hostile {
	const char *what, *dialect, *expected;
	struct worded server;
} hostiles[] = {
	{ "endless banner", "smtp", "STARTTLS_FLOOD", { .repeats = "220-more and more of this banner, which has no end at all\r\n", .pace_us = 100 } },
	{ "no newline", "smtp", "STARTTLS_FLOOD", { .repeats = "220 and not a newline anywhere ", .pace_us = 100 } },
	{ "no newline, and then nothing", "imap", "STARTTLS_TIMEOUT", { .says = { SAYS("* OK"), SAYS("") }, .parts = 2 } },
	{ "a reply per second", "smtp", "STARTTLS_TIMEOUT", { .repeats = "220-wait\r\n", .pace_us = SECOND } },
	{ "a notice per second", "irc", "STARTTLS_TIMEOUT", { .repeats = ":x NOTICE * :y\r\n", .pace_us = SECOND } },
	{ "a tag per second", "xmpp", "STARTTLS_TIMEOUT", { .repeats = "<a>", .pace_us = SECOND } },
	{ "an endless tag", "xmpp", "STARTTLS_FLOOD", { .repeats = "<a b='", .pace_us = 100 } },
	{ "endless options", "telnet", "STARTTLS_FLOOD", { .repeats = "\xff\xfd\x01\xff\xfd\x01\xff\xfd\x01\xff\xfd\x01", .pace_us = 100 } },
	{ "a wrong tag", "imap", "STARTTLS_WRONG", { .says = { SAYS("* OK\r\n"), SAYS("t2 OK\r\n"), SAYS("") }, .parts = 3 } },
	{ "another protocol", "smtp", "STARTTLS_WRONG", { .says = { SAYS("SSH-2.0-x\r\n"), SAYS("") }, .parts = 2 } },
	{ "a length without end", "ldap", "STARTTLS_WRONG", { .says = { SAYS(""), SAYS("\x30\x84\xff\xff\xff\xff"), SAYS("") }, .parts = 3 } },
	{ "a packet without end", "mysql", "STARTTLS_WRONG", { .says = { SAYS("\xff\xff\xff\0\x0a"), SAYS("") }, .parts = 2 } },
	{ "TLS at once", "smtp", "STARTTLS_TLS_AT_ONCE", { .says = { SAYS("\x15\3\1\0\2\2\x28"), SAYS("") }, .parts = 2 } },
	{ "silence", "smtp", "STARTTLS_TIMEOUT", { .silent = true } },
	{ "silence where we speak first", "ldap", "STARTTLS_TIMEOUT", { .silent = true } },
	{ "the end behind the greeting", "smtp", "STARTTLS_CLOSED", { .says = { SAYS("220 hi\r\n") }, .parts = 1, .closes = true } },
	{ "not offered", "smtp", "STARTTLS_NOT_OFFERED", { .says = { SAYS("220 x\r\n"), SAYS("250 x\r\n"), SAYS("502 x\r\n"), SAYS("") }, .parts = 4 } },
	{ "later", "smtp", "STARTTLS_TRY_LATER", { .says = { SAYS("220 x\r\n"), SAYS("250 x\r\n"), SAYS("454 x\r\n"), SAYS("") }, .parts = 4 } },
	{ "more behind the refusal", "smtp", "STARTTLS_NOT_OFFERED",
		{ .says = { SAYS("220 x\r\n"), SAYS("250 x\r\n"), SAYS("502 x\r\n221 bye\r\n"), SAYS("") }, .parts = 4 } },
	{ "turned away", "smtp", "STARTTLS_REFUSED", { .says = { SAYS("554 x\r\n"), SAYS("") }, .parts = 2 } },
	{ "not this name", "xmpp", "STARTTLS_NO_SUCH_NAME",
		{ .says = { SAYS(""), SAYS("<stream:stream><stream:error><host-unknown/></stream:error>"), SAYS("") }, .parts = 3 } },
};

static void who_never_comes_to_tls_is_bounded_and_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hostiles); i++) {
			struct worded server = hostiles[i].server;
		struct sim_scan s;
		struct record *r;

		server.tls = &tls;
		r = scan_words(&s, &server, hostiles[i].dialect, 0);
		if (!r->error_code || strcmp(r->error_code, hostiles[i].expected) || strcmp(r->error_stage, "starttls"))
			fail_msg("%s: %s at %s", hostiles[i].what, r->error_code ? r->error_code : "ok", r->error_stage ? r->error_stage : "-");
		assert_true(r->connections <= 10 && r->bytes_received <= r->connections * 66 * 1024);
		assert_true(s.ended_us < 30 * (uint64_t)SECOND);
		assert_int_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12), TRI_UNKNOWN);
		assert_int_equal(net_sim_counts(s.net).open, 0);
		sim_scan_free(&s);
	}
}

/* A mail server that has had enough of us says so before TLS: that is no answer to a hello, and nothing becomes "no" by it. */
static void who_begins_to_refuse_in_the_middle_is_given_time(void **state)
{
	struct worded server = dialogues[0].server;
	struct sim_scan s;
	struct record *r;

	(void)state;
	server.tls = &tls;
	server.refuses_after = 20;
	r = scan_words(&s, &server, "smtp", 0);
	assert_true(r->tainted);
	assert_int_equal(r->status, STATUS_BLOCKED);
	assert_int_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12), TRI_YES);
	for (size_t i = 0; i < tls.versions.n; i++)
		assert_int_not_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, (uint16_t)tls.versions.v[i]), TRI_NO);
	sim_scan_free(&s);
}

static int set_up(void **state)
{
	(void)state;
	config_sound(&tls);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(&tls);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(through_each_dialect_the_facts_are_those_of_the_bare_server),
		cmocka_unit_test(who_never_comes_to_tls_is_bounded_and_named),
		cmocka_unit_test(who_begins_to_refuse_in_the_middle_is_given_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
