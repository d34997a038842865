/*
 * The client core against the traces of RFC 8448: what it is told are the recorded bytes of the server, and what it
 * says must be the recorded bytes of the client, keys, Finished, tickets, early data and all.
 *
 * Three things are given instead of made, for they cannot be had from a seed: the bytes of the hellos (ours are laid
 * out otherwise), the private keys of the shares, and the client's randomized signature.
 */
#include "scanner/tls/hs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/keys.h"
#include "tests/unit/hex.h"
#include "tests/unit/rfc8448.h"

enum { HEADER = 5, BINDER = 32, RECORD_SIZE_LIMIT = 28, BYTE_BY_BYTE = 1, WHOLE = 1 << 20 };

/* ---- what is given ------------------------------------------------------------------------------------------ */

static struct {
	const char *hellos[2], *keys[2], *signature; /* in the order in which they are asked for */
	size_t hellos_n, keys_n;
} given;

bool __wrap_hello_message(struct wr *w, const struct hello *h, const struct entropy *e);
bool __wrap_hello_message(struct wr *w, const struct hello *h, const struct entropy *e)
{
	struct span record = hex(given.hellos[given.hellos_n++]);
	size_t binder = h->psk ? BINDER : 0; /* the core has to work it out */

	(void)e;
	wr_bytes(w, record.p + HEADER, record.n - HEADER - binder);
	wr_zero(w, binder);
	return !w->bad;
}

void __real_keys_derive(const uint8_t *seed, struct span label, uint64_t number, void *out, size_t n);
void __wrap_keys_derive(const uint8_t *seed, struct span label, uint64_t number, void *out, size_t n);
void __wrap_keys_derive(const uint8_t *seed, struct span label, uint64_t number, void *out, size_t n)
{
	struct span key;

	if (label.n < 5 || memcmp(label.p + label.n - 5, "share", 5)) {
		__real_keys_derive(seed, label, number, out, n);
		return;
	}
	key = hex(given.keys[given.keys_n]);
	assert_int_equal(key.n, n);
	memcpy(out, key.p, n);
}

enum cert_key __wrap_private_key_kind(const struct private_key *key);
enum cert_key __wrap_private_key_kind(const struct private_key *key)
{
	(void)key;
	return KEY_RSA;
}

bool __wrap_private_key_can(const struct private_key *key, uint16_t scheme, bool tls13);
bool __wrap_private_key_can(const struct private_key *key, uint16_t scheme, bool tls13)
{
	(void)key;
	return tls13 && scheme == 0x0804;
}

bool __wrap_private_key_sign(
        const struct private_key *key, uint16_t scheme, const struct span *parts, size_t n, struct wr *out);
bool __wrap_private_key_sign(
        const struct private_key *key, uint16_t scheme, const struct span *parts, size_t n, struct wr *out)
{
	struct span signature = hex(given.signature);

	(void)key;
	(void)parts;
	assert_int_equal(n, 1);
	assert_int_equal(scheme, 0x0804);
	wr_bytes(out, signature.p, signature.n);
	return true;
}

/* ---- a trace ------------------------------------------------------------------------------------------------ */

struct trace {
	struct arena arena;
	struct hello hello;
	struct entropy entropy;
	struct hs_config config;
	struct hs *hs;
	struct text said;
	size_t chunk;
};

static const struct extra limit_and_modes[] = {
	{ RECORD_SIZE_LIMIT, { (const uint8_t *)"\x40\x01", 2 } },
	{ EXT_PSK_KEY_EXCHANGE_MODES, { (const uint8_t *)"\x01\x01", 2 } },
	{ EXT_EARLY_DATA, { NULL, 0 } },
};

static const struct hook no_ccs = { .point = HOOK_CCS, .verb = HOOK_DROP };
static const struct deviation without_ccs = { .hooks = &no_ccs, .hooks_n = 1 };

static void trace_init(struct trace *t, const char *random, size_t chunk)
{
	static const uint32_t three[] = { 0x1301, 0x1303, 0x1302 }, x25519[] = { 0x001D },
	                      nine[] = { 0x1D, 0x17, 0x18, 0x19, 0x100, 0x101, 0x102, 0x103, 0x104 },
	                      fifteen[] = { 0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401,
		                      0x0501, 0x0601, 0x0201, 0x0402, 0x0502, 0x0602, 0x0202 };

	*t = (struct trace){ .chunk = chunk };
	t->hello = (struct hello){ .version = VER_TLS13,
		.suites = { three, 3 },
		.groups = { nine, 9 },
		.schemes = { fifteen, 15 },
		.shares = { x25519, 1 },
		.sni = "server",
		.offer = OFFER_RENEGOTIATION | OFFER_SESSION_TICKET,
		.extra = limit_and_modes,
		.extra_n = 2 };
	memcpy(t->entropy.random, hex(random).p, 32);
	t->config = (struct hs_config){ .hello = &t->hello, .entropy = &t->entropy, .arena = &t->arena,
		.deviation = &without_ccs };
	memset(&given, 0, sizeof(given));
}

/* All that was said since the last time is what the client of the trace said. */
static void expect_said(struct trace *t, const char *const *records, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct span s = hex(records[i]);

		assert_true(t->said.n - at >= s.n);
		assert_memory_equal(t->said.s + at, s.p, s.n);
		at += s.n;
	}
	assert_int_equal(t->said.n, at);
	text_free(&t->said);
}

#define EXPECT_SAID(t, ...)                                                                                  \
	expect_said(t, (const char *const[]){ __VA_ARGS__ },                                                 \
	        sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void start(struct trace *t)
{
	t->hs = hs_new(&t->config);
	hs_start(t->hs, &t->said);
}

static enum hs_phase hear(struct trace *t, const char *record)
{
	struct span s = hex(record);
	enum hs_phase phase = hs_phase(t->hs);

	for (size_t at = 0, n; at < s.n; at += n) {
		n = s.n - at < t->chunk ? s.n - at : t->chunk;
		phase = hs_feed(t->hs, s.p + at, n, 0, &t->said);
	}
	if (hs_result(t->hs)->reason)
		fail_msg("%s at %u", reason_name(hs_result(t->hs)->reason), (unsigned)hs_result(t->hs)->offset);
	return phase;
}

static void send_data(struct trace *t)
{
	uint8_t data[50];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	assert_true(hs_send(t->hs, data, sizeof(data), &t->said));
}

static void expect_data(const struct trace *t)
{
	struct span s = hs_data(t->hs);

	assert_int_equal(s.n, 50);
	for (size_t i = 0; i < s.n; i++)
		assert_int_equal(s.p[i], i);
}

static void say_goodbye(struct trace *t, const char *ours, const char *theirs)
{
	assert_true(hs_send_record(t->hs, 21, "\1", 2, &t->said));
	expect_said(t, &ours, 1);
	hear(t, theirs);
	assert_true(hs_result(t->hs)->close_notified);
	assert_int_equal(hs_phase(t->hs), HS_DONE);
}

static void expect_authentic(const struct trace *t, uint16_t scheme)
{
	const struct hs_result *r = hs_result(t->hs);

	assert_true(r->complete && r->finished_right && !r->resumed);
	assert_true(r->signature_checked && r->signature_right);
	assert_int_equal(r->scheme, scheme);
	assert_int_equal(r->certs_count, 1);
	assert_int_equal(r->suite, 0x1301);
}

static void trace_end(struct trace *t)
{
	hs_free(t->hs);
	text_free(&t->said);
	arena_free(&t->arena);
}

/* Section 3, up to the ticket. */
static void simple(struct trace *t, size_t chunk)
{
	trace_init(t, simple_random, chunk);
	given.hellos[0] = simple_hello;
	given.keys[0] = simple_key;
	start(t);
	EXPECT_SAID(t, simple_hello);
	assert_int_equal(hear(t, simple_server_hello), HS_RUNNING);
	assert_int_equal(hear(t, simple_flight), HS_DONE);
	EXPECT_SAID(t, simple_finished);
	expect_authentic(t, 0x0804);
	hear(t, simple_ticket);
}

static void a_simple_handshake_is_that_of_section_3(void **state)
{
	static const size_t chunks[] = { WHOLE, BYTE_BY_BYTE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct session *s;
		struct trace t;

		simple(&t, chunks[i]);
		s = &hs_result(t.hs)->session;
		assert_int_equal(s->secret_n, 32);
		assert_hex(s->secret, simple_resumption);
		assert_int_equal(s->ticket.n, hex(simple_identity).n);
		assert_hex(s->ticket.p, simple_identity);
		assert_int_equal(s->lifetime_s, 30);
		assert_int_equal(s->age_add, 0xFAD6AAC5);
		assert_int_equal(s->early_data_max, 1024);
		send_data(&t);
		EXPECT_SAID(&t, simple_client_data);
		hear(&t, simple_server_data);
		expect_data(&t);
		say_goodbye(&t, simple_client_close, simple_server_close);
		trace_end(&t);
	}
}

static void early_data_goes_as_in_section_4(void **state)
{
	struct trace first, t;
	struct session session;
	struct psk_offer psk;

	(void)state;
	simple(&first, WHOLE);
	session = hs_result(first.hs)->session;
	psk = (struct psk_offer){ .identity = session.ticket, .binder_n = BINDER };
	trace_init(&t, early_random, WHOLE);
	given.hellos[0] = early_hello;
	given.keys[0] = early_key;
	t.hello.psk = &psk;
	t.hello.extra_n = 3;
	t.hello.offer = OFFER_RENEGOTIATION;
	t.config.resume = &session;
	t.config.early = (struct span){ (const uint8_t *)"ABCDEF", 6 };
	start(&t);
	EXPECT_SAID(&t, early_hello, early_data); /* the binder in it is the core's own */
	hear(&t, early_server_hello);
	assert_int_equal(hear(&t, early_flight), HS_DONE);
	EXPECT_SAID(&t, early_finished);
	assert_true(hs_result(t.hs)->resumed && hs_result(t.hs)->early_accepted);
	assert_int_equal(hs_result(t.hs)->certs_count, 0);
	send_data(&t);
	EXPECT_SAID(&t, early_client_data);
	hear(&t, early_server_data);
	expect_data(&t);
	say_goodbye(&t, early_client_close, early_server_close);
	trace_end(&t);
	trace_end(&first);
}

static void a_retry_goes_as_in_section_5(void **state)
{
	static const uint32_t three[] = { 0x1D, 0x17, 0x18 };
	struct trace t;

	(void)state;
	trace_init(&t, retry_random, BYTE_BY_BYTE);
	given.hellos[0] = retry_hello;
	given.hellos[1] = retry_hello2;
	given.keys[0] = retry_key2; /* only the second share is used */
	t.hello.groups = (struct codes){ three, 3 };
	start(&t);
	EXPECT_SAID(&t, retry_hello);
	assert_int_equal(hear(&t, retry_retry), HS_RUNNING);
	EXPECT_SAID(&t, retry_hello2);
	hear(&t, retry_server_hello);
	assert_int_equal(hear(&t, retry_flight), HS_DONE);
	EXPECT_SAID(&t, retry_finished);
	expect_authentic(&t, 0x0804);
	assert_true(hs_result(t.hs)->retried);
	assert_int_equal(hs_result(t.hs)->group, 0x17);
	say_goodbye(&t, retry_client_close, retry_server_close);
	trace_end(&t);
}

/* The messages inside sealed records, one behind the other. */
static size_t unsealed(struct span records, uint8_t *out, size_t cap)
{
	const struct seal_keys keys = { .key = hex(client_write_key), .iv = hex(client_write_iv) };
	struct seal *seal = seal_new(VER_TLS13, suite_find(0x1301), false, false, &keys, false);
	struct rd r = rd_span(records);
	struct wr w = wr_of(out, cap);

	while (rd_left(&r)) {
		uint8_t type = rd_u8(&r), copy[1024];
		uint16_t version = rd_u16(&r);
		struct rd body = rd_vec(&r, 2);
		struct span bytes = rd_rest(&body), content;

		assert_true(!r.bad && bytes.n <= sizeof(copy));
		memcpy(copy, bytes.p, bytes.n);
		assert_true(seal_open(seal, &type, version, copy, bytes.n, &content));
		assert_int_equal(type, 22);
		wr_bytes(&w, content.p, content.n);
	}
	assert_false(w.bad);
	seal_free(seal);
	return w.len;
}

/* The trace has Certificate, CertificateVerify and Finished in one record, we have one for each. */
static void a_client_certificate_goes_as_in_section_6(void **state)
{
	static const int some_key;
	uint8_t ours[1024], theirs[1024];
	struct span chain = hex(client_cert);
	struct trace t;
	size_t n;

	(void)state;
	trace_init(&t, client_random, WHOLE);
	given.hellos[0] = client_hello;
	given.keys[0] = client_key;
	given.signature = client_signature;
	t.config.client_chain = &chain;
	t.config.client_chain_n = 1;
	t.config.client_key = (const struct private_key *)(const void *)&some_key;
	start(&t);
	EXPECT_SAID(&t, client_hello);
	hear(&t, client_server_hello);
	assert_int_equal(hear(&t, client_flight), HS_DONE);
	n = unsealed((struct span){ (const uint8_t *)t.said.s, t.said.n }, ours, sizeof(ours));
	assert_int_equal(n, unsealed(hex(client_finished), theirs, sizeof(theirs)));
	assert_memory_equal(ours, theirs, n);
	text_free(&t.said);
	expect_authentic(&t, 0x0403);
	assert_true(hs_result(t.hs)->request.asked);
	assert_int_equal(hs_result(t.hs)->request.schemes.n, 30);
	say_goodbye(&t, client_client_close, client_server_close);
	trace_end(&t);
}

static void compatibility_mode_goes_as_in_section_7(void **state)
{
	static const size_t chunks[] = { WHOLE, BYTE_BY_BYTE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trace t;

		trace_init(&t, compat_random, chunks[i]);
		memcpy(t.entropy.session_id, hex(compat_session).p, 32);
		given.hellos[0] = compat_hello;
		given.keys[0] = compat_key;
		t.config.deviation = NULL; /* with the change of cipher that means nothing */
		start(&t);
		EXPECT_SAID(&t, compat_hello);
		hear(&t, compat_server_hello);
		assert_int_equal(hear(&t, compat_flight), HS_DONE);
		EXPECT_SAID(&t, compat_finished);
		expect_authentic(&t, 0x0804);
		say_goodbye(&t, compat_client_close, compat_server_close);
		trace_end(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simple_handshake_is_that_of_section_3),
		cmocka_unit_test(early_data_goes_as_in_section_4),
		cmocka_unit_test(a_retry_goes_as_in_section_5),
		cmocka_unit_test(a_client_certificate_goes_as_in_section_6),
		cmocka_unit_test(compatibility_mode_goes_as_in_section_7),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
