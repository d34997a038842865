/*
 * The story of a handshake, over servers of the simulated network: each message with its fields, keys, proofs, price;
 * the same facts as text and as JSON; and of every misbehaviour a story that says where it broke off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/story/story.h"
#include "tests/servers/misbehave.h"
#include "tests/sim/sim_server.h"

enum { LATENCY_US = 10000, PATIENCE_US = 5000000, WIDTH = 80 };

struct telling {
	struct server_config config;
	struct arena arena;
	struct net *net;
	struct hello hello;
	bool psk; /* we have the server's */
	struct talk talks[2];
	struct story stories[2];
	size_t n;
	char *text;
	struct json_object *json;
};

static const struct net_addr address = { .family = NET_IPV4, .bytes = { 192, 0, 2, 1 }, .port = 443 };

static void over(struct talk *t, void *owner)
{
	t->net->ops->timer_free(owner);
}

static void late(void *owner)
{
	talk_expire(owner);
}

static void talk_to(struct telling *t, struct talk *talk, const struct session *resume, const struct hello *h)
{
	struct net_timer *timer = t->net->ops->timer_new(t->net, late, talk);
	struct entropy *entropy = arena_new(&t->arena, 1, sizeof *entropy);

	memset(entropy, 7, sizeof *entropy);
	*talk = (struct talk){ .net = t->net, .done = over, .owner = timer, .connect_by_us = PATIENCE_US,
		.answer_in_us = PATIENCE_US,
		.config = { .hello = h, .entropy = entropy, .arena = &t->arena, .resume = resume, .keep_messages = true } };
	if (t->psk) {
		talk->config.psk = t->config.psk;
		talk->config.psk_identity = (struct span){ (const uint8_t *)"me", 2 };
	}
	talk_start(talk, &address);
	t->net->ops->timer_set(timer, net_now_us(t->net) + 2 * PATIENCE_US);
	t->net->ops->run(t->net);
}

static void tell_one(struct telling *t, const struct session *resume, const struct hello *h)
{
	struct talk *talk = &t->talks[t->n];

	talk_to(t, talk, resume, h);
	story_of(&t->stories[t->n++], talk, &t->arena);
}

static const uint32_t schemes_all[] = { 0x0403, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203 };
static const uint32_t groups_all[] = { 0x001D, 0x0017, 0x0018 };
static const uint32_t suites_few[] = { 0x1301, 0xC02F, 0x0033, 0x002F };

static void take_up(struct telling *t)
{
	const struct session *s = &hs_result(t->talks[0].hs)->session;
	struct hello *h = arena_copy(&t->arena, &t->hello, sizeof *h);
	struct psk_offer *psk = arena_new(&t->arena, 1, sizeof *psk);

	if (s->version >= VER_TLS13) {
		*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = s->secret_n };
		h->psk = psk;
	} else {
		h->ticket = s->ticket;
		h->session_id = (struct span){ (const uint8_t *)"an id that the client has made up", 32 };
	}
	tell_one(t, s, h);
}

static void write_out(struct telling *t, bool verbose)
{
	size_t n;
	FILE *f = open_memstream(&t->text, &n);

	story_text(f, &t->stories[0], WIDTH, verbose);
	if (t->stories[0].complete)
		story_price_text(f, &t->stories[0], t->n > 1 ? &t->stories[1] : NULL, WIDTH);
	fclose(f);
	t->json = story_json(&t->stories[0]);
}

static void open_telling(struct telling *t, const char *row, const char *config)
{
	char wrong[128];

	*t = (struct telling){ 0 };
	if (row)
		assert_true(misbehaviour_config(&t->config, row, 3));
	else
		config_sound(&t->config);
	if (config && !config_read(&t->config, config, wrong))
		fail_msg("config: %s", wrong);
	t->net = net_sim_new(1);
	sim_serve(t->net, &address, &t->config)->latency_us = LATENCY_US;
	t->hello = (struct hello){ .version = VER_TLS13, .suites = { suites_few, 4 },
		.groups = { groups_all, 3 }, .schemes = { schemes_all, 10 }, .shares = { groups_all, 1 }, .sni = "server.test",
		.offer = OFFER_EMS | OFFER_SESSION_TICKET | OFFER_RENEGOTIATION | OFFER_POINT_FORMATS };
}

static void close_telling(struct telling *t)
{
	for (size_t i = 0; i < t->n; i++)
		talk_free(&t->talks[i]);
	json_object_put(t->json);
	free(t->text);
	t->net->ops->free(t->net);
	config_free(&t->config);
	arena_free(&t->arena);
}

static void tell(struct telling *t, const char *row, const char *config, uint32_t suite)
{
	open_telling(t, row, config);
	if (suite) {
		t->hello.suites = (struct codes){ arena_copy(&t->arena, &suite, sizeof suite), 1 };
		t->hello.version = suite >> 8 == 0x13 ? VER_TLS13 : VER_TLS12;
		t->hello.shares.n = suite >> 8 == 0x13;
	}
	t->psk = t->config.psk.n > 0;
	tell_one(t, NULL, &t->hello);
	if (t->stories[0].complete && hs_result(t->talks[0].hs)->session.version)
		take_up(t);
	write_out(t, false);
}

/* ---- looking ---------------------------------------------------------------------------------------------------------- */

/* Each line stands in the text, behind the one before. */
static void stands_in_order(const char *text, const char *const *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(text, lines[i]);

		if (!at)
			fail_msg("not there, or not in its place: %s\n%s", lines[i], text);
		text = at + strlen(lines[i]);
	}
}

#define STANDS(t, ...)                                                                                                       \
	do {                                                                                                                 \
		static const char *const lines_[] = { __VA_ARGS__ };                                                         \
		stands_in_order((t)->text, lines_, sizeof lines_ / sizeof *lines_);                                          \
	} while (0)

static void fits(const char *text)
{
	const char *end;

	for (; *text; text = end + 1) {
		char line[400];
		const char *bare;

		end = strchr(text, '\n');
		assert_non_null(end);
		assert_true((size_t)(end - text) < sizeof line);
		snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
		bare = line + strspn(line, " ");
		for (const char *c = line; *c; c++)
			assert_true((unsigned char)*c >= 0x20 && *c != 0x7F);
		if (text_width(line) > WIDTH && strchr(bare, ' ') && text_width(line) - text_width(strrchr(bare, ' ')) > WIDTH)
			fail_msg("too wide: %s", line);
	}
}

static const char *json_at(const struct telling *t, const char *key)
{
	struct json_object *v = json_object_object_get(t->json, key);

	return v ? json_object_get_string(v) : NULL;
}

static struct json_object *json_message(const struct telling *t, const char *name)
{
	struct json_object *all = json_object_object_get(t->json, "messages");

	for (size_t i = 0; i < json_object_array_length(all); i++) {
		struct json_object *m = json_object_array_get_idx(all, i);

		if (!strcmp(json_object_get_string(json_object_object_get(m, "message")), name))
			return m;
	}
	return NULL;
}

static const char *json_field(const struct telling *t, const char *message, const char *key)
{
	struct json_object *m = json_message(t, message);
	struct json_object *v = m ? json_object_object_get(json_object_object_get(m, "fields"), key) : NULL;

	return v ? json_object_get_string(v) : "";
}

static const struct saving *saving_of(const struct telling *t, const char *id)
{
	struct savings all = story_savings(&t->stories[0], t->n > 1 ? &t->stories[1] : NULL);

	for (size_t i = 0; i < all.n; i++)
		if (!strcmp(all.v[i].id, id))
			return &all.v[i];
	return NULL;
}

/* ---- sound handshakes --------------------------------------------------------------------------------------------------- */

static void tls13_is_told(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, NULL, 0x1301);
	fits(t.text);
	STANDS(&t, "    0 ms client -> ClientHello, ", "in clear", "suites              TLS_AES_128_GCM_SHA256\n",
		"server name         server.test\n", "key shares          x25519\n", "versions            TLSv1.3",
		"   20 ms server <- ServerHello, ", "version             TLSv1.3\n", "cipher              AES-128-GCM\n",
		"echoed, for middleboxes", "group               x25519\n", "== server changes keys: handshake keys",
		"EncryptedExtensions", "sealed", "Certificate, ", "certificates        ", "subject  ", "key  ",
		"CertificateVerify", "verified            right", "Finished", "mac                 32 bytes\n",
		"verified            right", "== client changes keys: handshake keys", "client -> Finished",
		"== client changes keys: application keys", "client -> Alert", "Both Finished messages were right",
		"What it costs", "  full  ", "  resumed  ");
	close_telling(&t);
}

static void tls12_is_told(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, NULL, 0xC02F);
	fits(t.text);
	STANDS(&t, "ClientHello", "ServerHello", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n", "key exchange        ECDHE\n",
		"authentication      RSA\n", "forward secret      yes\n", "DOWNGRD 01: this server knows TLSv1.3\n", "Certificate, ",
		"ServerKeyExchange, ", "group               x25519\n", "signature scheme    ", "verified            right\n",
		"ServerHelloDone", "ClientKeyExchange", "the client's public value\n", "ChangeCipherSpec",
		"== client changes keys: the session's keys", "client -> Finished", "mac                 12 bytes\n",
		"  - TLS 1.3: its full handshake");
	assert_string_equal(json_at(&t, "protocol"), "TLSv1.2");
	assert_string_equal(json_at(&t, "signature"), "right");
	assert_string_equal(json_at(&t, "round_trips"), "2");
	assert_string_equal(json_field(&t, "ServerKeyExchange", "group"), "x25519");
	close_telling(&t);
}

static void rsa_and_dhe_are_told(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, NULL, 0x002F);
	STANDS(&t, "key exchange        RSA\n", "forward secret      no\n", "ServerHelloDone", "a secret of the client, encrypted to");
	assert_null(json_message(&t, "ServerKeyExchange"));
	close_telling(&t);
	tell(&t, NULL, "suites=DHE-RSA-AES128-SHA\n", 0x0033);
	STANDS(&t, "key exchange        DHE\n", "modulus             2048 bits\n", "modulus name        ", "verified            right\n");
	close_telling(&t);
}

/* Nobody signs: no word of a certificate, nor that nobody between changed a message. */
static void an_anonymous_server_is_called_so(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "suites=ADH-AES128-SHA\n", 0x0034);
	fits(t.text);
	assert_true(t.stories[0].complete);
	STANDS(&t, "ServerHello", "authentication      none, anonymous: a man", "forward secret      yes\n", "ServerKeyExchange",
		"signed by nobody", "server <- Finished", "whoever is at the other", "a man in the middle passes unseen");
	assert_null(strstr(t.text, "nobody between"));
	assert_null(strstr(t.text, "signed by the certificate"));
	assert_null(strstr(t.text, "certificate is to be trusted"));
	close_telling(&t);
}

static void a_shared_key_is_no_certificate(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "suites=PSK-AES128-CBC-SHA\npsk=00112233445566778899aabbccddeeff\n", 0x008C);
	fits(t.text);
	assert_true(t.stories[0].complete);
	STANDS(&t, "ServerHello", "ClientKeyExchange", "names the shared key: both", "pre-shared", "certificate.");
	assert_null(strstr(t.text, "signed by the certificate"));
	assert_null(strstr(t.text, "certificate is to be trusted"));
	close_telling(&t);
}

static void a_resumption_that_takes_more_spares_no_bytes(void **state)
{
	struct telling t;
	const struct saving *s;

	(void)state;
	tell(&t, NULL, "suites=PSK-AES128-CBC-SHA\npsk=00112233445566778899aabbccddeeff\n", 0x008C);
	assert_int_equal(t.n, 2);
	assert_true(t.stories[1].resumed);
	assert_true(t.stories[1].result->sent + t.stories[1].result->received > t.stories[0].result->sent +
		t.stories[0].result->received);
	s = saving_of(&t, "resumption");
	assert_int_equal(s->bytes, 0);
	assert_int_equal(s->round_trips, 1);
	assert_non_null(strstr(s->text, " bytes more"));
	close_telling(&t);
}

static void an_rsa_pss_key_is_an_rsa_key(void **state)
{
	struct telling t;
	struct hs_result r;
	uint64_t plain;

	(void)state;
	tell(&t, NULL, NULL, 0x1301);
	plain = saving_of(&t, "ecdsa_chain")->bytes;
	r = *t.stories[0].result;
	r.scheme = 0x0809; /* rsa_pss_pss_sha256 */
	t.stories[0].result = &r;
	assert_int_equal(saving_of(&t, "ecdsa_chain")->bytes, plain);
	close_telling(&t);
}

static void a_ticket_less_is_a_record_less(void **state)
{
	enum { HEADER_TYPE_TAG = 5 + 1 + 16 };
	struct telling one, two;

	(void)state;
	tell(&one, NULL, "tickets=1\n", 0x1301);
	tell(&two, NULL, "tickets=2\n", 0x1301);
	assert_null(saving_of(&one, "one_ticket"));
	assert_int_equal(saving_of(&two, "one_ticket")->bytes,
		two.stories[0].ticket_bytes - two.stories[0].ticket_largest + HEADER_TYPE_TAG);
	assert_int_equal(saving_of(&two, "one_ticket")->bytes,
		two.stories[0].result->received - one.stories[0].result->received);
	close_telling(&one);
	close_telling(&two);
}

static void a_saving_is_counted_once(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "groups=secp384r1\n", 0x1301);
	assert_true(saving_of(&t, "first_share")->bytes > t.stories[0].hello_bytes - t.stories[0].first_hello_bytes);
	assert_int_equal(t.stories[1].round_trips, 2); /* this test's client sends the wrong share again */
	close_telling(&t);
	tell(&t, NULL, NULL, 0x1301);
	t.stories[0].first_hello_bytes = 1000;
	assert_int_equal(saving_of(&t, "lean_hello")->bytes, 800);
	assert_non_null(strstr(saving_of(&t, "lean_hello")->text, "1 suite and 3 groups"));
	t.hello.groups.n = 1;
	assert_null(saving_of(&t, "lean_hello"));
	close_telling(&t);
}

static void the_servers_keys_change_behind_its_finished(void **state)
{
	struct telling t;
	const char *again;

	(void)state;
	tell(&t, NULL, NULL, 0x1301);
	STANDS(&t, "server <- Finished", "verified            right\n         == server changes keys: application keys", "client -> Finished",
		"NewSessionTicket");
	again = strstr(strstr(t.text, "server changes keys: application") + 1, "server changes keys");
	assert_null(again);
	close_telling(&t);
}

static void a_result_is_one_line(void **state)
{
	struct telling t;
	char *line;
	size_t n;
	FILE *f = open_memstream(&line, &n);

	(void)state;
	tell(&t, NULL, NULL, 0x1301);
	story_result_text(f, &t.stories[0]);
	fclose(f);
	assert_int_equal(strncmp(line, "Both Finished messages were right", 33), 0);
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	free(line);
	close_telling(&t);
}

static void a_retry_costs_a_round_trip_and_says_which_share_spares_it(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "groups=secp384r1\n", 0x1301);
	fits(t.text);
	STANDS(&t, "ClientHello", "HelloRetryRequest", "asks for another hello", "group               secp384r1",
		"why                 the hello brought a key share for x25519", "ClientHello", "ServerHello");
	assert_string_equal(json_at(&t, "round_trips"), "2");
	assert_non_null(saving_of(&t, "first_share"));
	assert_int_equal(saving_of(&t, "first_share")->round_trips, 1);
	assert_non_null(strstr(saving_of(&t, "first_share")->text, "secp384r1"));
	close_telling(&t);
}

static void what_a_resumed_one_spares_is_the_difference(void **state)
{
	struct telling t;
	const struct saving *s;

	(void)state;
	tell(&t, NULL, NULL, 0xC02F);
	assert_int_equal(t.n, 2);
	assert_true(t.stories[1].complete && t.stories[1].resumed);
	assert_int_equal(t.stories[1].round_trips, 1);
	assert_int_equal(t.stories[1].chain_bytes, 0);
	s = saving_of(&t, "resumption");
	assert_non_null(s);
	assert_false(s->estimated);
	assert_int_equal(s->round_trips, 1);
	assert_int_equal(s->bytes, t.stories[0].result->sent + t.stories[0].result->received - t.stories[1].result->sent -
		t.stories[1].result->received);
	close_telling(&t);
}

static void without_sessions_that_is_the_advice(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "tickets=0\n", 0x1301);
	assert_int_equal(t.n, 1);
	assert_non_null(saving_of(&t, "resumption"));
	assert_true(saving_of(&t, "resumption")->estimated);
	assert_null(saving_of(&t, "one_ticket"));
	close_telling(&t);
}

static void sizes_of_the_chain_are_real(void **state)
{
	struct telling t;
	const struct saving *s;

	(void)state;
	tell(&t, NULL, NULL, 0xC02F);
	s = saving_of(&t, "ecdsa_chain");
	assert_non_null(s);
	/* an RSA key of 2048 bits takes 294 bytes and a signature 256; P-256 takes 91 and at most 72 */
	assert_true(s->estimated && s->bytes >= 294 - 91);
	assert_true(s->bytes < t.stories[0].chain_bytes + t.stories[0].signature_bytes);
	close_telling(&t);
}

/* ---- trouble -------------------------------------------------------------------------------------------------------------- */

static void a_wrong_finished_is_told_where_it_stands(void **state)
{
	static const char *const rows[] = { "finished_wrong", "finished_wrong_13" };
	struct telling t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tell(&t, rows[i], NULL, i ? 0x1301 : 0xC02F);
		fits(t.text);
		STANDS(&t, "server <- Finished", "verified            WRONG\n", "CRYPTO_FINISHED: ", "nothing is proven");
		assert_null(strstr(t.text, "What it costs"));
		assert_string_equal(t.stories[0].error.code, "CRYPTO_FINISHED");
		assert_string_equal(t.stories[0].error.stage, "handshake");
		assert_string_equal(t.stories[0].error.after, "Finished");
		close_telling(&t);
	}
}

static void a_wrong_signature_proves_nobody(void **state)
{
	static const struct { const char *row, *message; } rows[] = {
		{ "signature_wrong", "ServerKeyExchange" }, { "signature_wrong_13", "CertificateVerify" },
	};
	struct telling t;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		tell(&t, rows[i].row, NULL, i ? 0x1301 : 0xC02F);
		fits(t.text);
		STANDS(&t, "verified            WRONG\n", "CRYPTO_SIGNATURE: ", "but the server's signature was not");
		assert_string_equal(t.stories[0].error.after, rows[i].message);
		assert_string_equal(t.stories[0].error.stage, "handshake");
		assert_string_equal(json_at(&t, "signature"), "wrong");
		close_telling(&t);
	}
}

static void an_alert_is_named(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, NULL, "versions=TLSv1.3\n", 0xC02F);
	fits(t.text);
	STANDS(&t, "client -> ClientHello", "server <- Alert", "breaks off", "level               fatal\n", "ALERT: ");
	assert_string_equal(t.stories[0].error.stage, "hello");
	assert_string_equal(t.stories[0].error.after, "ClientHello");
	assert_non_null(t.stories[0].error.alert);
	close_telling(&t);
}

static void no_connection_is_an_error_too(void **state)
{
	struct telling t;

	(void)state;
	tell(&t, "refused", NULL, 0);
	assert_false(t.stories[0].connected);
	assert_string_equal(t.stories[0].error.code, "REFUSED");
	assert_string_equal(t.stories[0].error.stage, "connect");
	assert_int_equal(t.stories[0].messages_n, 0);
	assert_int_equal(t.stories[0].handshake_ms, 0);
	close_telling(&t);
}

/* Whatever the server does: a story within the width, and an error where it was not completed. */
static void every_misbehaviour_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++)
		for (uint32_t suite = 0; suite <= 0xC02F; suite += 0xC02F) {
			struct telling t;
			char *json;

			tell(&t, misbehaviours[i].name, NULL, suite);
			fits(t.text);
			if (!t.stories[0].complete && !t.stories[0].error.code)
				fail_msg("%s: no error", misbehaviours[i].name);
			json = json_dump(t.json, true);
			assert_non_null(json);
			free(json);
			close_telling(&t);
		}
}

static void the_same_answers_give_the_same_story(void **state)
{
	struct telling a, b;

	(void)state;
	tell(&a, NULL, NULL, 0x1301);
	tell(&b, NULL, NULL, 0x1301);
	assert_string_equal(a.text, b.text);
	close_telling(&a);
	close_telling(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls13_is_told),
		cmocka_unit_test(tls12_is_told),
		cmocka_unit_test(rsa_and_dhe_are_told),
		cmocka_unit_test(an_anonymous_server_is_called_so),
		cmocka_unit_test(a_shared_key_is_no_certificate),
		cmocka_unit_test(a_resumption_that_takes_more_spares_no_bytes),
		cmocka_unit_test(an_rsa_pss_key_is_an_rsa_key),
		cmocka_unit_test(a_ticket_less_is_a_record_less),
		cmocka_unit_test(a_saving_is_counted_once),
		cmocka_unit_test(the_servers_keys_change_behind_its_finished),
		cmocka_unit_test(a_result_is_one_line),
		cmocka_unit_test(a_retry_costs_a_round_trip_and_says_which_share_spares_it),
		cmocka_unit_test(what_a_resumed_one_spares_is_the_difference),
		cmocka_unit_test(without_sessions_that_is_the_advice),
		cmocka_unit_test(sizes_of_the_chain_are_real),
		cmocka_unit_test(a_wrong_finished_is_told_where_it_stands),
		cmocka_unit_test(a_wrong_signature_proves_nobody),
		cmocka_unit_test(an_alert_is_named),
		cmocka_unit_test(no_connection_is_an_error_too),
		cmocka_unit_test(every_misbehaviour_is_told),
		cmocka_unit_test(the_same_answers_give_the_same_story),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
