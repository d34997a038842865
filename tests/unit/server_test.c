/* The test server, called directly: hellos made by hand go in, records are looked at as bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/server.h"

/* ---- a client made by hand ------------------------------------------------------------------- */

struct offer {
	uint16_t version;
	const char *suites, *groups, *schemes, *versions, *shares; /* hex; NULL: not sent */
	const char *sni;
	const char *alpn; /* one name */
	const char *more; /* hex of further extensions, whole */
	bool deflate;
};

static const struct offer plain_12 = {
	.version = 0x0303,
	.suites = "c030c02fc02b009e009c0035002f",
	.groups = "001d00170018",
	.schemes = "0403080404010201",
	.sni = "server.test",
};

static const struct offer plain_13 = {
	.version = 0x0303,
	.suites = "130113021303",
	.groups = "001d0017",
	.schemes = "04030804",
	.versions = "0304",
	.shares = "001d",
	.sni = "server.test",
};

static void hex(struct wr *w, const char *s)
{
	unsigned byte;

	for (; s && *s; s += 2) {
		assert_int_equal(sscanf(s, "%2x", &byte), 1);
		wr_u8(w, (uint8_t)byte);
	}
}

static void hex_list(struct wr *w, uint16_t code, size_t prefix, const char *s)
{
	struct wr_mark body, list;

	if (!s)
		return;
	wr_u16(w, code);
	body = wr_open(w, 2);
	list = wr_open(w, prefix);
	hex(w, s);
	wr_close(w, list);
	wr_close(w, body);
}

static void write_sni(struct wr *w, const char *name)
{
	struct wr_mark body, list, host;

	if (!name)
		return;
	wr_u16(w, 0);
	body = wr_open(w, 2);
	list = wr_open(w, 2);
	wr_u8(w, 0);
	host = wr_open(w, 2);
	wr_bytes(w, name, strlen(name));
	wr_close(w, host);
	wr_close(w, list);
	wr_close(w, body);
}

static void write_alpn(struct wr *w, const char *name)
{
	struct wr_mark body, list, one;

	if (!name)
		return;
	wr_u16(w, 16);
	body = wr_open(w, 2);
	list = wr_open(w, 2);
	one = wr_open(w, 1);
	wr_bytes(w, name, strlen(name));
	wr_close(w, one);
	wr_close(w, list);
	wr_close(w, body);
}

/* A share that is valid where there is arithmetic for the group, else 32 zeros. */
static void write_share(struct wr *w, uint16_t group)
{
	static const uint8_t secret[32] = { 1 };
	struct key_pair *pair = key_pair_new(group, secret);
	struct wr_mark m = wr_open(w, 2);

	if (pair)
		key_pair_public(pair, w);
	else
		wr_zero(w, 32);
	wr_close(w, m);
	key_pair_free(pair);
}

static void write_shares(struct wr *w, const char *groups_)
{
	struct wr_mark body, list;

	if (!groups_)
		return;
	wr_u16(w, 51);
	body = wr_open(w, 2);
	list = wr_open(w, 2);
	for (; *groups_; groups_ += 4) {
		char code[5] = "";

		memcpy(code, groups_, 4);
		hex(w, code);
		write_share(w, (uint16_t)strtoul(code, NULL, 16));
	}
	wr_close(w, list);
	wr_close(w, body);
}

static size_t write_hello(uint8_t *p, size_t cap, const struct offer *o)
{
	struct wr w = wr_of(p, cap);
	struct wr_mark record, message, m;

	wr_u8(&w, 22);
	wr_u16(&w, 0x0301);
	record = wr_open(&w, 2);
	wr_u8(&w, 1);
	message = wr_open(&w, 3);
	wr_u16(&w, o->version);
	wr_zero(&w, 32);
	wr_u8(&w, 0);
	m = wr_open(&w, 2);
	hex(&w, o->suites);
	wr_close(&w, m);
	hex(&w, o->deflate ? "020100" : "0100");
	m = wr_open(&w, 2);
	write_sni(&w, o->sni);
	hex_list(&w, 10, 2, o->groups);
	hex_list(&w, 13, 2, o->schemes);
	hex_list(&w, 43, 1, o->versions);
	write_alpn(&w, o->alpn);
	write_shares(&w, o->shares);
	hex(&w, o->more);
	wr_close(&w, m);
	if (w.len == m.at + 2)
		w.len -= 2;
	wr_close(&w, message);
	wr_close(&w, record);
	assert_false(w.bad);
	return w.len;
}

/* ---- a conversation -------------------------------------------------------------------------- */

struct talk {
	struct server_config config;
	void *state;
	struct peer_out out;
	struct span messages; /* of the handshake, out of their records */
	int alert;            /* -1: none */
	unsigned records;
	uint8_t *flat;
};

static void talk_open(struct talk *t, const char *row, uint64_t at, const char *config)
{
	char wrong[128];

	*t = (struct talk){ .alert = -1 };
	if (row)
		assert_true(misbehaviour_config(&t->config, row, at));
	else
		config_sound(&t->config);
	if (config && !config_read(&t->config, config, wrong))
		fail_msg("%s", wrong);
	t->state = mem_new(1, server_peer.state_size);
	server_peer.accepted(t->state, &t->config, 0, &t->out);
}

/* Takes the records of the answer apart. */
static void talk_flatten(struct talk *t)
{
	struct rd r = rd_of(t->out.bytes, t->out.n);

	t->flat = mem_grow(t->flat, t->out.n + 1, 1);
	t->messages = (struct span){ t->flat, 0 };
	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r);
		struct rd body;
		struct span s;

		rd_u16(&r);
		body = rd_vec(&r, 2);
		s = rd_rest(&body);
		t->records++;
		if (type == 22 && s.n)
			memcpy(t->flat + t->messages.n, s.p, s.n);
		if (type == 22)
			t->messages.n += s.n;
		if (type == 21)
			t->alert = s.p[1];
	}
}

static void talk_say(struct talk *t, const struct offer *o)
{
	uint8_t p[4096];
	size_t n = write_hello(p, sizeof(p), o);

	server_peer.received(t->state, p, n, &t->out);
	talk_flatten(t);
}

static void talk_close(struct talk *t)
{
	server_peer.closed(t->state);
	free(t->state);
	free(t->flat);
	peer_out_free(&t->out);
	config_free(&t->config);
}

/* The body of the first message of a type; bad when there is none. */
static struct rd message_of(const struct talk *t, uint8_t type)
{
	struct rd r = rd_span(t->messages);

	while (rd_left(&r)) {
		uint8_t found = rd_u8(&r);
		struct rd body = rd_vec(&r, 3);

		if (found == type)
			return body;
	}
	return (struct rd){ .bad = true };
}

struct hello_seen {
	uint16_t version, suite;
	uint8_t compression, random[32];
	struct span extensions;
};

static struct hello_seen hello_of(const struct talk *t)
{
	struct rd r = message_of(t, MSG_SERVER_HELLO), block;
	struct hello_seen h;

	h.version = rd_u16(&r);
	memcpy(h.random, rd_take(&r, 32), 32);
	rd_vec(&r, 1);
	h.suite = rd_u16(&r);
	h.compression = rd_u8(&r);
	block = rd_vec(&r, 2);
	h.extensions = rd_rest(&block);
	return h;
}

static struct rd extension_of(const struct talk *t, uint16_t code)
{
	struct rd r = rd_span(hello_of(t).extensions);

	while (rd_left(&r)) {
		uint16_t found = rd_u16(&r);
		struct rd body = rd_vec(&r, 2);

		if (found == code)
			return body;
	}
	return (struct rd){ .bad = true };
}

static bool answered_extension(const struct talk *t, uint16_t code)
{
	return !extension_of(t, code).bad;
}

static uint16_t suite_for(const char *config, const struct offer *o)
{
	struct talk t;
	uint16_t suite = 0;

	talk_open(&t, NULL, 0, config);
	talk_say(&t, o);
	if (!message_of(&t, MSG_SERVER_HELLO).bad)
		suite = hello_of(&t).suite;
	talk_close(&t);
	return suite;
}

static int alert_for(const char *config, const struct offer *o)
{
	struct talk t;
	int alert;

	talk_open(&t, NULL, 0, config);
	talk_say(&t, o);
	alert = t.alert;
	if (alert >= 0)
		assert_int_equal(t.out.end, PEER_FIN);
	talk_close(&t);
	return alert;
}

static uint16_t version_for(const char *config, const struct offer *o)
{
	struct talk t;
	uint16_t version = 0;

	talk_open(&t, NULL, 0, config);
	talk_say(&t, o);
	if (!message_of(&t, MSG_SERVER_HELLO).bad)
		version = hello_of(&t).version;
	talk_close(&t);
	return version;
}

/* The group named in ServerKeyExchange. */
static uint16_t curve_for(const char *config, const struct offer *o)
{
	struct talk t;
	struct rd r;
	uint16_t group;

	talk_open(&t, NULL, 0, config);
	talk_say(&t, o);
	r = message_of(&t, MSG_SERVER_KEY_EXCHANGE);
	rd_u8(&r);
	group = rd_u16(&r);
	talk_close(&t);
	return group;
}

/* ---- a sound server -------------------------------------------------------------------------- */

static void a_whole_flight_of_1_2_is_said(void **state)
{
	struct talk t;
	struct rd r, list, one;

	(void)state;
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &plain_12);
	assert_int_equal(hello_of(&t).version, 0x0303);
	r = message_of(&t, MSG_CERTIFICATE);
	list = rd_vec(&r, 3);
	one = rd_vec(&list, 3);
	assert_true(rd_end(&r) && rd_left(&one) == builtin_chain("rsa")->certs[0].n);
	r = message_of(&t, MSG_SERVER_KEY_EXCHANGE);
	assert_int_equal(rd_u8(&r), 3);
	assert_int_equal(rd_u16(&r), 0x001d);
	one = rd_vec(&r, 1);
	assert_int_equal(rd_left(&one), 32);
	assert_int_equal(rd_u16(&r), 0x0804);
	rd_vec(&r, 2);
	assert_true(rd_end(&r));
	r = message_of(&t, MSG_SERVER_HELLO_DONE);
	assert_true(rd_end(&r));
	assert_int_equal(t.out.end, PEER_STAYS);
	talk_close(&t);
}

static void hello_in_pieces_gets_the_same_answer(void **state)
{
	struct talk whole, split;
	uint8_t p[4096];
	size_t n = write_hello(p, sizeof(p), &plain_12);

	(void)state;
	talk_open(&whole, NULL, 0, NULL);
	talk_open(&split, NULL, 0, NULL);
	server_peer.received(whole.state, p, n, &whole.out);
	for (size_t i = 0; i < n; i++)
		server_peer.received(split.state, p + i, 1, &split.out);
	assert_int_equal(whole.out.n, split.out.n);
	assert_memory_equal(whole.out.bytes, split.out.bytes, whole.out.n);
	talk_close(&whole);
	talk_close(&split);
}

static void the_order_of_suites_is_the_servers_or_the_clients(void **state)
{
	struct offer o = plain_12;

	(void)state;
	o.suites = "002f009c0035";
	assert_int_equal(suite_for("suites=AES256-SHA,AES128-SHA", &o), 0x0035);
	assert_int_equal(suite_for("suites=AES256-SHA,AES128-SHA\norder=client", &o), 0x002f);
}

static void a_client_that_puts_chacha_first_gets_it(void **state)
{
	static const char config[] =
	        "suites=ECDHE-RSA-AES128-GCM-SHA256,ECDHE-RSA-CHACHA20-POLY1305\norder=server-chacha";
	struct offer o = plain_12;

	(void)state;
	o.suites = "0a0acca8c02f";
	assert_int_equal(suite_for(config, &o), 0xcca8);
	o.suites = "c02fcca8";
	assert_int_equal(suite_for(config, &o), 0xc02f);
}

static void a_suite_needs_its_key_its_curve_its_prime_and_its_version(void **state)
{
	struct offer o = plain_12;

	(void)state;
	assert_int_equal(
	        suite_for("chains=rsa\nsuites=ECDHE-ECDSA-AES128-GCM-SHA256,AES128-SHA", &o), 0x002f);
	assert_int_equal(
	        suite_for("groups=secp521r1\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA", &o), 0x002f);
	assert_int_equal(suite_for("dh_prime=none\nsuites=DHE-RSA-AES128-GCM-SHA256,AES128-SHA", &o), 0x002f);
	assert_int_equal(
	        suite_for("schemes=rsa_pkcs1_sha512\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA", &o),
	        0x002f);
	o.version = 0x0302;
	assert_int_equal(suite_for("suites=AES128-GCM-SHA256,AES128-SHA", &o), 0x002f);
	assert_int_equal(suite_for("suites=AES128-GCM-SHA256\nsuites.TLSv1.1=AES256-SHA", &o), 0x0035);
}

/* The scheme in the ServerKeyExchange of an elliptic curve. */
static uint16_t scheme_for(const char *config, const struct offer *o)
{
	struct talk t;
	struct rd r;
	uint16_t scheme;

	talk_open(&t, NULL, 0, config);
	talk_say(&t, o);
	r = message_of(&t, MSG_SERVER_KEY_EXCHANGE);
	rd_take(&r, 3);
	rd_vec(&r, 1);
	scheme = rd_u16(&r);
	talk_close(&t);
	return scheme;
}

static void groups_and_schemes_have_an_order_too(void **state)
{
	struct offer o = plain_12;

	(void)state;
	o.suites = "c02f";
	assert_int_equal(curve_for("groups=secp384r1,secp256r1", &o), 24);
	assert_int_equal(curve_for("groups=secp384r1,secp256r1\ngroups_order=client", &o), 23);
	assert_int_equal(scheme_for("schemes=rsa_pkcs1_sha256,rsa_pss_rsae_sha256", &o), 0x0401);
	assert_int_equal(
	        scheme_for("schemes=rsa_pkcs1_sha256,rsa_pss_rsae_sha256\nschemes_order=client", &o), 0x0804);
	o.schemes = NULL;
	assert_int_equal(scheme_for("schemes=rsa_pkcs1_sha256", &o), 0x0201);
	o.groups = NULL;
	assert_int_equal(curve_for("groups=secp384r1,secp256r1", &o), 24);
}

static void the_prime_is_the_servers(void **state)
{
	struct offer o = plain_12;
	struct talk t;
	struct rd r, p;

	(void)state;
	o.suites = "009e";
	talk_open(&t, NULL, 0, "dh_prime=modp1024\nsuites=DHE-RSA-AES128-GCM-SHA256");
	talk_say(&t, &o);
	r = message_of(&t, MSG_SERVER_KEY_EXCHANGE);
	p = rd_vec(&r, 2);
	assert_int_equal(rd_left(&p), 128);
	p = rd_vec(&r, 2);
	assert_int_equal(rd_u8(&p), 2);
	p = rd_vec(&r, 2);
	assert_int_equal(rd_left(&p), 128);
	assert_int_equal(rd_u16(&r), 0x0804);
	talk_close(&t);
}

static void versions_are_negotiated_down_to_what_both_have(void **state)
{
	static const char all[] = "versions=SSLv3,TLSv1.0,TLSv1.1,TLSv1.2\nsuites=AES128-SHA";
	struct offer o = plain_12;

	(void)state;
	for (uint16_t v = 0x0300; v <= 0x0303; v++) {
		o.version = v;
		assert_int_equal(version_for(all, &o), v);
	}
	o.version = 0x0399;
	assert_int_equal(version_for(all, &o), 0x0303);
	assert_int_equal(version_for("versions=TLSv1.0,TLSv1.2\nintolerant_above=TLSv1.2", &o), 0);
	o.version = 0x0302;
	assert_int_equal(version_for("versions=TLSv1.0,TLSv1.2", &o), 0x0301);
	o.version = 0x0300;
	assert_int_equal(alert_for("versions=TLSv1.2", &o), 70);
}

static void a_version_without_a_common_suite_is_refused_or_lowered(void **state)
{
	static const char config[] = "suites.TLSv1.2=AES256-GCM-SHA384\nsuites=AES128-SHA";
	struct offer o = plain_12;
	char lower[128];

	(void)state;
	o.suites = "002f";
	assert_int_equal(alert_for(config, &o), 40);
	snprintf(lower, sizeof(lower), "%s\nlower_version=yes", config);
	assert_int_equal(version_for(lower, &o), 0x0302);
}

static void a_share_that_fits_gets_a_server_hello_of_1_3(void **state)
{
	struct talk t;
	struct rd r, share;

	(void)state;
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &plain_13);
	assert_int_equal(hello_of(&t).version, 0x0303);
	assert_int_equal(hello_of(&t).suite, 0x1302);
	r = extension_of(&t, 43);
	assert_int_equal(rd_u16(&r), 0x0304);
	r = extension_of(&t, 51);
	assert_int_equal(rd_u16(&r), 0x001d);
	share = rd_vec(&r, 2);
	assert_int_equal(rd_left(&share), 32);
	assert_int_equal(t.records, 6); /* ServerHello, ChangeCipherSpec, and four sealed messages */
	talk_close(&t);
}

static void without_a_share_a_retry_is_asked_for_and_then_answered(void **state)
{
	struct offer o = plain_13;
	struct talk t;
	struct rd r;

	(void)state;
	o.shares = "";
	talk_open(&t, NULL, 0, "groups=secp256r1,x25519");
	talk_say(&t, &o);
	assert_int_equal(hello_of(&t).random[0], 0xCF);
	r = extension_of(&t, 51);
	assert_int_equal(rd_u16(&r), 0x0017);
	assert_true(rd_end(&r));
	peer_out_clear(&t.out);
	o.shares = "0017";
	talk_say(&t, &o);
	assert_int_not_equal(hello_of(&t).random[0], 0xCF);
	talk_close(&t);
	o.shares = "";
	assert_int_equal(alert_for("needs_share=40", &o), 40);
	assert_int_equal(alert_for("needs_share=47", &o), 47);
}

static void a_better_group_may_be_worth_a_retry(void **state)
{
	struct talk t;
	struct rd r;

	(void)state;
	talk_open(&t, NULL, 0, "groups=secp256r1,x25519\nretry_for_best=yes");
	talk_say(&t, &plain_13);
	r = extension_of(&t, 51);
	assert_int_equal(rd_u16(&r), 0x0017);
	assert_true(rd_end(&r));
	talk_close(&t);
}

static void drafts_are_answered_as_their_time_had_it(void **state)
{
	struct offer o = plain_13;
	struct talk t;
	struct rd r;

	(void)state;
	o.versions = "7f1c7f12";
	talk_open(&t, NULL, 0, "versions=0x7f1c,TLSv1.2");
	talk_say(&t, &o);
	r = extension_of(&t, 43);
	assert_int_equal(rd_u16(&r), 0x7f1c);
	talk_close(&t);
	talk_open(&t, NULL, 0, "versions=0x7f12");
	talk_say(&t, &o);
	r = message_of(&t, MSG_SERVER_HELLO);
	assert_int_equal(rd_u16(&r), 0x7f12);
	rd_take(&r, 32);
	assert_int_equal(rd_u16(&r), 0x1302);
	rd_vec(&r, 2);
	assert_true(rd_end(&r));
	talk_close(&t);
	o.shares = "";
	talk_open(&t, NULL, 0, "versions=0x7f12");
	talk_say(&t, &o);
	assert_false(message_of(&t, MSG_OLD_RETRY_REQUEST).bad);
	talk_close(&t);
}

static void a_lower_version_carries_the_sentinel(void **state)
{
	struct talk t;
	struct offer o = plain_12;

	(void)state;
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	assert_memory_equal(hello_of(&t).random + 24, "DOWNGRD\x01", 8);
	talk_close(&t);
	o.version = 0x0301;
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	assert_memory_equal(hello_of(&t).random + 24, "DOWNGRD\x00", 8);
	talk_close(&t);
	talk_open(&t, NULL, 0, "versions=TLSv1.0");
	talk_say(&t, &o);
	assert_memory_not_equal(hello_of(&t).random + 24, "DOWNGRD", 7);
	talk_close(&t);
}

static void only_what_was_offered_is_answered(void **state)
{
	struct offer o = plain_12;
	struct talk t;

	(void)state;
	o.suites = "002f";
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	assert_true(answered_extension(&t, 0));
	assert_false(
	        answered_extension(&t, 22) || answered_extension(&t, 23) || answered_extension(&t, 0xff01));
	talk_close(&t);
	o.more = "0016000000170000ff01000100";
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	assert_true(
	        answered_extension(&t, 22) && answered_extension(&t, 23) && answered_extension(&t, 0xff01));
	talk_close(&t);
	o.suites = "009c";
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	assert_false(answered_extension(&t, 22));
	talk_close(&t);
}

static void a_staple_and_timestamps_come_when_asked_for(void **state)
{
	static const char config[] = "staple=30030a0106\nsct=0000\nclient_auth=ask";
	struct offer o = plain_12;
	struct talk t;
	struct rd r, staple;

	(void)state;
	o.more = "00050005010000000000120000";
	talk_open(&t, NULL, 0, config);
	talk_say(&t, &o);
	assert_true(answered_extension(&t, 5) && answered_extension(&t, 18));
	r = message_of(&t, MSG_CERTIFICATE_STATUS);
	assert_int_equal(rd_u8(&r), 1);
	staple = rd_vec(&r, 3);
	assert_int_equal(rd_left(&staple), 5);
	assert_false(message_of(&t, MSG_CERTIFICATE_REQUEST).bad);
	talk_close(&t);
	talk_open(&t, NULL, 0, config);
	talk_say(&t, &plain_12);
	assert_true(message_of(&t, MSG_CERTIFICATE_STATUS).bad);
	talk_close(&t);
}

static void protocols_are_picked_or_strictly_refused(void **state)
{
	struct offer o = plain_12;
	struct talk t;
	struct rd r, list, one;

	(void)state;
	o.alpn = "http/1.1";
	talk_open(&t, NULL, 0, NULL);
	talk_say(&t, &o);
	r = extension_of(&t, 16);
	list = rd_vec(&r, 2);
	one = rd_vec(&list, 1);
	assert_memory_equal(rd_rest(&one).p, "http/1.1", 8);
	talk_close(&t);
	o.alpn = "acme-tls/1";
	assert_int_equal(alert_for(NULL, &o), -1);
	assert_int_equal(alert_for("alpn_strict=yes", &o), 120);
}

static void the_chain_follows_the_name(void **state)
{
	static const char config[] = "chains=rsa\nchains_without_sni=other\nsuites=AES128-SHA";
	struct offer o = plain_12;

	(void)state;
	for (int named = 0; named < 2; named++) {
		struct talk t;
		struct rd r, list, one;
		const struct server_chain *expected = builtin_chain(named ? "rsa" : "other");

		o.sni = named ? "server.test" : NULL;
		talk_open(&t, NULL, 0, config);
		talk_say(&t, &o);
		r = message_of(&t, MSG_CERTIFICATE);
		list = rd_vec(&r, 3);
		one = rd_vec(&list, 3);
		assert_int_equal(rd_left(&one), expected->certs[0].n);
		assert_memory_equal(rd_rest(&one).p, expected->certs[0].p, expected->certs[0].n);
		talk_close(&t);
	}
}

static void refusals_have_reasons(void **state)
{
	static const struct {
		const char *config;
		struct offer offer;
		int alert;
	} rows[] = {
		{ "max_suites=2", { .version = 0x0303, .suites = "002f00350033" }, 40 },
		{ "max_suites=3", { .version = 0x0303, .suites = "002f00350033" }, -1 },
		{ "refuse_extensions=yes", { .version = 0x0303, .suites = "002f", .sni = "a" }, 40 },
		{ "refuse_extensions=yes", { .version = 0x0303, .suites = "002f" }, -1 },
		{ "refuse_ecc_mix=yes", { .version = 0x0303, .suites = "002fc013" }, 40 },
		{ "refuse_ecc_mix=yes", { .version = 0x0303, .suites = "002f0035" }, -1 },
		{ "sni=needed", { .version = 0x0303, .suites = "002f" }, 112 },
		{ "sni=refused", { .version = 0x0303, .suites = "002f", .sni = "a" }, 112 },
		{ "sni=known\nsni_name=b", { .version = 0x0303, .suites = "002f", .sni = "a" }, 112 },
		{ "sni=known\nsni_name=a", { .version = 0x0303, .suites = "002f", .sni = "a" }, -1 },
		{ NULL, { .version = 0x0302, .suites = "002f5600" }, 86 },
		{ "fallback_scsv=no", { .version = 0x0302, .suites = "002f5600" }, -1 },
		{ "versions=TLSv1.0,TLSv1.1", { .version = 0x0302, .suites = "002f5600" }, -1 },
		{ "suites=TLS_SRP_SHA_WITH_AES_128_CBC_SHA\nsrp_unknown=yes",
		        { .version = 0x0303, .suites = "c01d" }, 115 },
		{ "suites=TLS_SRP_SHA_WITH_AES_128_CBC_SHA", { .version = 0x0303, .suites = "c01d" }, 40 },
		{ "alert=71", { .version = 0x0303, .suites = "0004" }, 71 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(alert_for(rows[i].config, &rows[i].offer), rows[i].alert);
}

static void a_refusal_may_be_an_end_a_reset_or_nothing(void **state)
{
	static const struct {
		const char *config;
		enum peer_end end;
	} rows[] = { { "refuse=fin", PEER_FIN }, { "refuse=reset", PEER_RESET },
		{ "refuse=silence", PEER_STAYS } };
	struct offer o = { .version = 0x0303, .suites = "0004" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct talk t;

		talk_open(&t, NULL, 0, rows[i].config);
		talk_say(&t, &o);
		assert_int_equal(t.out.n, 0);
		assert_int_equal(t.out.end, rows[i].end);
		talk_close(&t);
	}
}

static void hellos_of_256_to_511_bytes_can_be_dropped(void **state)
{
	char more[2 * 300 + 1];
	struct offer o = plain_12;
	struct talk t;

	(void)state;
	memset(more, '0', sizeof(more) - 1);
	memcpy(more, "00150128", 8); /* padding of 296 */
	more[sizeof(more) - 1] = 0;
	o.more = more;
	talk_open(&t, NULL, 0, "drop_256_511=yes");
	talk_say(&t, &o);
	assert_int_equal(t.out.n, 0);
	talk_close(&t);
	assert_int_not_equal(suite_for("drop_256_511=yes", &plain_12), 0);
}

static void a_malformed_hello_is_a_decode_error(void **state)
{
	uint8_t p[4096];
	size_t n = write_hello(p, sizeof(p), &plain_12);
	struct talk t;

	(void)state;
	p[n - 12] ^= 0x40;                   /* inside the last extension's length */
	for (size_t i = 43; i < n; i += 7) { /* no byte makes it fall over */
		talk_open(&t, NULL, 0, NULL);
		p[i] ^= 0xFF;
		server_peer.received(t.state, p, n, &t.out);
		p[i] ^= 0xFF;
		talk_close(&t);
	}
	talk_open(&t, NULL, 0, NULL);
	server_peer.received(
	        t.state, (const uint8_t *)"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", 11, &t.out);
	talk_flatten(&t);
	assert_int_equal(t.alert, 50);
	talk_close(&t);
}

static void ssl_2_is_answered_with_the_common_kinds(void **state)
{
	static const uint8_t hello[] = { 0x80, 0x1f, 1, 0, 2, 0, 6, 0, 0, 0, 16, 0x01, 0, 0x80, 0x07, 0, 0xC0,
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct talk t;
	struct rd r;
	size_t cert_n;

	(void)state;
	talk_open(&t, NULL, 0, "versions=SSLv2,TLSv1.0\nkinds=SSL_CK_DES_192_EDE3_CBC_WITH_MD5,0x020080");
	server_peer.received(t.state, hello, sizeof(hello), &t.out);
	r = rd_of(t.out.bytes, t.out.n);
	assert_int_equal(rd_u16(&r), 0x8000 | (t.out.n - 2));
	assert_int_equal(rd_u8(&r), 4);
	rd_u16(&r);
	assert_int_equal(rd_u16(&r), 2);
	cert_n = rd_u16(&r);
	assert_int_equal(rd_u16(&r), 3);
	assert_int_equal(rd_u16(&r), 16);
	rd_take(&r, cert_n);
	assert_int_equal(rd_u24(&r), 0x0700C0);
	rd_take(&r, 16);
	assert_true(rd_end(&r));
	talk_close(&t);
}

static void a_hello_in_ssl_2_format_can_ask_for_tls(void **state)
{
	static const uint8_t hello[] = { 0x80, 0x1c, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f, 1, 2, 3, 4, 5, 6,
		7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
	struct talk t;

	(void)state;
	talk_open(&t, NULL, 0, NULL);
	server_peer.received(t.state, hello, sizeof(hello), &t.out);
	talk_flatten(&t);
	assert_int_equal(hello_of(&t).version, 0x0301);
	assert_int_equal(hello_of(&t).suite, 0x002f);
	talk_close(&t);
}

static void tlcp_has_a_version_of_its_own(void **state)
{
	struct offer o = { .version = 0x0101, .suites = "e013" };

	(void)state;
	assert_int_equal(version_for("versions=TLCPv1.1,TLSv1.2\nsuites=0xe013,0x002f", &o), 0x0101);
	o.version = 0x0303;
	o.suites = "e013002f";
	assert_int_equal(version_for("versions=TLCPv1.1,TLSv1.2\nsuites=0xe013,0x002f", &o), 0x0303);
}

static void compression_is_taken_when_both_can(void **state)
{
	struct offer o = plain_12;

	(void)state;
	for (int both = 0; both < 2; both++) {
		struct talk t;

		o.deflate = both;
		talk_open(&t, NULL, 0, "deflate=yes");
		talk_say(&t, &o);
		assert_int_equal(hello_of(&t).compression, both);
		talk_close(&t);
	}
}

static void a_config_that_makes_no_sense_names_the_line(void **state)
{
	static const char *const bad[] = { "version=TLSv1.2", "versions=TLSv9", "suites=NOPE", "order=mine",
		"alert=300", "chains=none", "row=none", "nothing", "suites.TLSv9=AES128-SHA", "staple=3",
		"dh_prime=xy", "chains=rsa:/none" };
	struct server_config c;
	char wrong[128];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		config_sound(&c);
		assert_false(config_read(&c, bad[i], wrong));
		assert_string_equal(wrong, bad[i]);
		config_free(&c);
	}
}

/* ---- misbehaviours --------------------------------------------------------------------------- */

/* Says a hello to a row and lets it go on for some ticks; gives what came in all. */
static size_t provoke(const struct misbehaviour *row, uint64_t at, const struct offer *o, unsigned nth)
{
	struct server_config c;
	void *state = mem_new(1, server_peer.state_size);
	struct peer_out out = { 0 };
	uint8_t p[4096];
	size_t n = write_hello(p, sizeof(p), o), total;

	assert_true(misbehaviour_config(&c, row->name, at));
	server_peer.accepted(state, &c, nth, &out);
	server_peer.received(state, p, n, &out);
	total = out.n;
	for (int i = 0; i < 2000 && out.wait_us && !out.end; i++) {
		peer_out_clear(&out);
		server_peer.tick(state, &out);
		total += out.n;
	}
	server_peer.closed(state);
	free(state);
	peer_out_free(&out);
	config_free(&c);
	return total;
}

static void every_row_bears_every_hello(void **state)
{
	struct offer bare = { .version = 0x0301, .suites = "002f" },
	             none = { .version = 0x0303, .suites = "00ff" };
	struct offer empty_share = plain_13;
	const struct offer *hellos[] = { &plain_12, &plain_13, &bare, &none, &empty_share };

	(void)state;
	empty_share.shares = "";
	for (size_t i = 0; i < misbehaviours_count; i++)
		for (size_t k = 0; k < sizeof(hellos) / sizeof(*hellos); k++)
			for (unsigned nth = 0; nth < 5; nth++)
				provoke(&misbehaviours[i], 7, hellos[k], nth);
}

static void every_row_is_named_once_and_says_what_to_expect(void **state)
{
	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		assert_ptr_equal(misbehaviour_find(misbehaviours[i].name), &misbehaviours[i]);
		assert_non_null(misbehaviours[i].what);
		assert_non_null(misbehaviours[i].expected);
		assert_true(!misbehaviours[i].instead || misbehaviours[i].pace_us ||
		            !strcmp(misbehaviours[i].name, "ssl2_reply") ||
		            !strcmp(misbehaviours[i].name, "record_long"));
	}
}

static void every_expected_reason_is_one_of_the_scanners(void **state)
{
	static const char *const reasons[] = {
		"",
		"*",
#define REASON(name, class, sentence) #name,
#include "scanner/tls/reasons.def"
#undef REASON
	};

	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		char *all = mem_text(misbehaviours[i].expected), *rest = all, *one;

		while ((one = strsep(&rest, "|"))) {
			size_t k = 0, n = sizeof(reasons) / sizeof(*reasons);

			while (k < n && strcmp(reasons[k], one))
				k++;
			if (k == n)
				fail_msg("%s expects %s", misbehaviours[i].name, one);
		}
		free(all);
	}
}

/* A row that does nothing to its hello proves nothing. */
static void every_bent_answer_differs_from_the_sound_one(void **state)
{
	uint8_t p[4096];

	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		const struct misbehaviour *row = &misbehaviours[i];
		bool in_13 = row->config && strstr(row->config, "versions=TLSv1.3");
		struct offer o = in_13 ? plain_13 : plain_12;
		struct talk bent, straight;
		size_t n;

		if (row->later || row->opening || row->refuse_after || row->tarpit_after ||
		        row->expected[0] == '*' || !strcmp(row->expected, "UNSTABLE"))
			continue;
		o.alpn = "h2";
		n = write_hello(p, sizeof(p), &o);
		talk_open(&bent, row->name, 0, NULL);
		talk_open(&straight, NULL, 0, row->config);
		server_peer.received(bent.state, p, n, &bent.out);
		server_peer.received(straight.state, p, n, &straight.out);
		if (bent.out.n == straight.out.n && bent.out.end == straight.out.end &&
		        !memcmp(bent.out.bytes, straight.out.bytes, bent.out.n))
			fail_msg("%s does nothing", row->name);
		talk_close(&bent);
		talk_close(&straight);
	}
}

static void what_is_sent_without_end_goes_on(void **state)
{
	static const struct {
		const char *name;
		size_t least, most;
	} rows[] = {
		{ "random", 4096 * 2000, SIZE_MAX },
		{ "alerts", 7 * 2000, SIZE_MAX },
		{ "empty_records", 5 * 2000, SIZE_MAX },
		{ "certificate_huge", 16 << 20, (16 << 20) + 100000 },
		{ "staple_huge", 16 << 20, (16 << 20) + 100000 },
		{ "drip", 1000, 2001 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = provoke(misbehaviour_find(rows[i].name), 0, &plain_12, 0);

		assert_in_range(n, rows[i].least, rows[i].most);
	}
}

static void a_cut_or_a_flip_can_stand_anywhere(void **state)
{
	struct talk sound;
	size_t n;

	(void)state;
	talk_open(&sound, NULL, 0, NULL);
	talk_say(&sound, &plain_12);
	n = sound.out.n;
	for (size_t at = 0; at < n; at += 97) {
		struct talk t;
		uint8_t p[4096];

		talk_open(&t, "flip_at", 8 * at + at % 8, NULL);
		server_peer.received(t.state, p, write_hello(p, sizeof(p), &plain_12), &t.out);
		assert_int_equal(t.out.n, n);
		assert_int_equal(t.out.bytes[at] ^ sound.out.bytes[at], 1 << at % 8);
		talk_close(&t);
		assert_int_equal(provoke(misbehaviour_find("cut_at"), at, &plain_12, 0), at);
	}
	talk_close(&sound);
}

static void lies_reach_every_length_of_an_answer(void **state)
{
	struct talk sound;
	unsigned changed = 0;

	(void)state;
	talk_open(&sound, NULL, 0, NULL);
	talk_say(&sound, &plain_12);
	for (uint64_t at = 0; at < 4 * 64; at++) {
		struct talk t;
		uint8_t p[4096];

		talk_open(&t, "length_lie", at, NULL);
		server_peer.received(t.state, p, write_hello(p, sizeof(p), &plain_12), &t.out);
		assert_int_equal(t.out.n, sound.out.n);
		changed += memcmp(t.out.bytes, sound.out.bytes, t.out.n) != 0;
		talk_close(&t);
	}
	assert_in_range(changed, 4 * 12, 4 * 63);
	talk_close(&sound);
}

static void tiny_records_hold_the_same_messages(void **state)
{
	struct talk tiny, sound;

	(void)state;
	talk_open(&tiny, "tiny_records", 0, NULL);
	talk_open(&sound, NULL, 0, "versions=TLSv1.2");
	talk_say(&tiny, &plain_12);
	talk_say(&sound, &plain_12);
	assert_int_equal(tiny.records, tiny.messages.n);
	assert_int_equal(tiny.messages.n, sound.messages.n);
	assert_memory_equal(tiny.messages.p, sound.messages.p, sound.messages.n);
	talk_close(&tiny);
	talk_close(&sound);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_flight_of_1_2_is_said),
		cmocka_unit_test(hello_in_pieces_gets_the_same_answer),
		cmocka_unit_test(the_order_of_suites_is_the_servers_or_the_clients),
		cmocka_unit_test(a_client_that_puts_chacha_first_gets_it),
		cmocka_unit_test(a_suite_needs_its_key_its_curve_its_prime_and_its_version),
		cmocka_unit_test(groups_and_schemes_have_an_order_too),
		cmocka_unit_test(the_prime_is_the_servers),
		cmocka_unit_test(versions_are_negotiated_down_to_what_both_have),
		cmocka_unit_test(a_version_without_a_common_suite_is_refused_or_lowered),
		cmocka_unit_test(a_share_that_fits_gets_a_server_hello_of_1_3),
		cmocka_unit_test(without_a_share_a_retry_is_asked_for_and_then_answered),
		cmocka_unit_test(a_better_group_may_be_worth_a_retry),
		cmocka_unit_test(drafts_are_answered_as_their_time_had_it),
		cmocka_unit_test(a_lower_version_carries_the_sentinel),
		cmocka_unit_test(only_what_was_offered_is_answered),
		cmocka_unit_test(a_staple_and_timestamps_come_when_asked_for),
		cmocka_unit_test(protocols_are_picked_or_strictly_refused),
		cmocka_unit_test(the_chain_follows_the_name),
		cmocka_unit_test(refusals_have_reasons),
		cmocka_unit_test(a_refusal_may_be_an_end_a_reset_or_nothing),
		cmocka_unit_test(hellos_of_256_to_511_bytes_can_be_dropped),
		cmocka_unit_test(a_malformed_hello_is_a_decode_error),
		cmocka_unit_test(ssl_2_is_answered_with_the_common_kinds),
		cmocka_unit_test(a_hello_in_ssl_2_format_can_ask_for_tls),
		cmocka_unit_test(tlcp_has_a_version_of_its_own),
		cmocka_unit_test(compression_is_taken_when_both_can),
		cmocka_unit_test(a_config_that_makes_no_sense_names_the_line),
		cmocka_unit_test(every_row_bears_every_hello),
		cmocka_unit_test(every_row_is_named_once_and_says_what_to_expect),
		cmocka_unit_test(every_expected_reason_is_one_of_the_scanners),
		cmocka_unit_test(every_bent_answer_differs_from_the_sound_one),
		cmocka_unit_test(what_is_sent_without_end_goes_on),
		cmocka_unit_test(a_cut_or_a_flip_can_stand_anywhere),
		cmocka_unit_test(lies_reach_every_length_of_an_answer),
		cmocka_unit_test(tiny_records_hold_the_same_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
