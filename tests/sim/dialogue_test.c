/*
 * The table of the client core's dialogue, walked: handshakes of every kind are brought to each of their states, and
 * there every message is put in, with and without a body. It is read or refused as the table has it, and whatever
 * follows, the handshake has an end with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/tls/hs_core.h"
#include "tests/servers/handshake.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { RECORDS_MAX = 64, HEADER = 5, COMPRESS_CERTIFICATE = 27, ODD_BODY = 40 };

static const struct kind {
	const char *config, *row;
	uint16_t version;
	uint32_t suite;
	bool resumes;
	bool offers_late; /* to answer a CertificateRequest behind the handshake */
} kinds[] = {
	{ "versions=SSLv3", NULL, VER_SSL3, 0x0035, false, false },
	{ "versions=TLSv1.2\nchains=ecdsa", NULL, VER_TLS12, 0xC02C, false, false },
	{ "versions=TLSv1.2\nchains=ecdsa", NULL, VER_TLS12, 0xC02C, true, false },
	{ "versions=TLSv1.3\nchains=ecdsa", NULL, VER_TLS13, 0x1301, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa", NULL, VER_TLS13, 0x1301, true, false },
	{ "versions=TLSv1.3\nchains=ecdsa\nclient_auth=ask", NULL, VER_TLS13, 0x1301, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa\ncompress=yes", NULL, VER_TLS13, 0x1301, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa\ncompress=yes\nclient_auth=ask", NULL, VER_TLS13, 0x1301, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa\ngroups=secp256r1", "updates_endless", VER_TLS13, 0x1301, false, false },
};

/* ---- as far as the n-th record of the server ---------------------------------------------------------------- */

struct walk {
	struct meeting first, m;
	struct psk_offer psk;
	struct extra extra[3];
	struct text said, wire;
	size_t at; /* of the wire, heard */
	unsigned heard;
};

static void prepare(struct walk *w, const struct kind *k, struct meeting *m)
{
	static const uint8_t zlib[] = { 2, 0, 1 };

	meeting_init(m, k->row, k->config);
	set_codes(m, &m->hello.suites, k->suite);
	m->hello.version = k->version;
	if (k->version == VER_SSL3)
		m->hello.offer = OFFER_NO_EXTENSIONS;
	if (k->version < VER_TLS13)
		return;
	set_13(m, k->suite, 0x001D);
	w->extra[0] = (struct extra){ COMPRESS_CERTIFICATE, { zlib, sizeof(zlib) } };
	w->extra[1] = (struct extra){ EXT_PSK_KEY_EXCHANGE_MODES, { (const uint8_t *)"\1\1", 2 } };
	m->hello.extra = w->extra;
	w->extra[2] = (struct extra){ .code = EXT_POST_HANDSHAKE_AUTH };
	m->hello.extra_n = k->offers_late ? 3 : 2;
}

static void resume(struct walk *w, const struct kind *k)
{
	static const uint8_t made_up[32] = { 9, 8, 7 };
	const struct session *s;

	prepare(w, k, &w->first);
	meet(&w->first);
	s = &w->first.result->session;
	assert_true(s->ticket.n > 0);
	w->m.client.resume = s;
	w->psk = (struct psk_offer){ .identity = s->ticket, .binder_n = s->secret_n };
	if (k->version == VER_TLS13) {
		w->m.hello.psk = &w->psk;
		return;
	}
	w->m.hello.ticket = s->ticket;
	w->m.hello.session_id = (struct span){ made_up, sizeof(made_up) };
}

static void hand_over(struct walk *w)
{
	peer_out_clear(&w->m.out);
	if (w->said.n && !w->m.ended)
		server_peer.received(w->m.server, (const uint8_t *)w->said.s, w->said.n, &w->m.out);
	w->m.ended |= w->m.out.end != PEER_STAYS;
	text_addn(&w->wire, (const char *)w->m.out.bytes, w->m.out.n);
	text_free(&w->said);
}

/* False: the server has no more to say. */
static bool hear_one(struct walk *w)
{
	struct rd r, body;

	hand_over(w);
	r = rd_of((const uint8_t *)w->wire.s + w->at, w->wire.n - w->at);
	rd_take(&r, 3);
	body = rd_vec(&r, 2);
	if (r.bad)
		return false;
	hs_feed(w->m.hs, w->wire.s + w->at, HEADER + rd_left(&body), 0, &w->said);
	w->at += HEADER + rd_left(&body);
	w->heard++;
	return true;
}

static void walk_to(struct walk *w, const struct kind *k, unsigned records)
{
	*w = (struct walk){ 0 };
	prepare(w, k, &w->m);
	if (k->resumes)
		resume(w, k);
	meeting_begin(&w->m, &w->said);
	while (w->heard < records && hear_one(w))
		;
}

static void walk_end(struct walk *w)
{
	if (w->first.hs)
		part(&w->first);
	part(&w->m);
	text_free(&w->said);
	text_free(&w->wire);
}

/* ---- the sound way: every state and every row --------------------------------------------------------------- */

static bool reached[HS_STATES], taken[64];

static void note_rows(const struct hs *h, enum hs_state before, size_t events)
{
	const struct hs_result *r = &h->result;

	for (; events < r->events_count; events++) {
		const struct hs_event *e = &r->events[events];
		uint8_t message = e->content == TYPE_CCS ? HS_ROW_CCS : e->message;

		for (size_t i = 0; i < hs_rows_count; i++)
			taken[i] |= !e->ours && (e->content == TYPE_CCS || e->content == TYPE_HANDSHAKE) &&
			            hs_rows[i].state == before && hs_rows[i].message == message &&
			            hs_rows[i].next == h->state;
	}
}

static unsigned walk_soundly(const struct kind *k)
{
	struct walk w;
	const struct hs *h;
	unsigned records;
	bool more = true;

	walk_to(&w, k, 0);
	h = w.m.hs;
	while (more) {
		enum hs_state before = h->state;
		size_t events = h->result.events_count;

		reached[before] = true;
		more = hear_one(&w);
		note_rows(h, before, events);
	}
	records = w.heard;
	if (h->phase != HS_DONE)
		fail_msg("%s: %s at %u", k->config, reason_name(h->result.reason), (unsigned)h->result.offset);
	assert_int_equal(h->result.resumed, k->resumes);
	hs_send_record(w.m.hs, TYPE_ALERT, "\1", 2, &w.said);
	while (hear_one(&w))
		;
	reached[h->state] = true;
	walk_end(&w);
	return records;
}

static const struct kind open_13 = { "versions=TLSv1.3\nchains=ecdsa", NULL, VER_TLS13, 0x1301, false, true };

/* The content of a record that has been opened. */
static void put_request(struct walk *w)
{
	static const uint8_t request[] = { MSG_CERTIFICATE_REQUEST, 0, 0, 12, 1, 42, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3 };
	struct hs *h = w->m.hs;

	text_addn(&h->messages, (const char *)request, sizeof(request));
	hs_feed(h, request, 0, 0, &w->said);
}

/* What a client says of its own, message by message, in the last `n` events. */
static bool said_last(const struct hs *h, const uint8_t *messages, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct hs_event *e = &h->result.events[h->result.events_count - n + i];

		if (!e->ours || e->content != TYPE_HANDSHAKE || e->message != messages[i])
			return false;
	}
	return true;
}

/* RFC 8446 section 4.6.2: answered each time, with the same transcript before it, and never an end by itself. */
static void a_request_behind_the_handshake_is_answered_where_that_was_offered(void **state)
{
	static const uint8_t answer[] = { MSG_CERTIFICATE, MSG_FINISHED };
	struct kind not_offered = open_13;
	struct walk w;
	size_t transcript;

	(void)state;
	walk_to(&w, &open_13, RECORDS_MAX);
	transcript = w.m.hs->transcript.n;
	for (int i = 0; i < 3; i++) {
		put_request(&w);
		assert_true(w.m.hs->phase == HS_DONE && w.m.hs->state == HS_OPEN && w.m.result->late.asked);
		assert_true(w.said.n > 0 && !w.m.result->client_sent && !w.m.result->request.asked);
		assert_true(said_last(w.m.hs, answer, COUNT(answer)));
		assert_int_equal(w.m.hs->transcript.n, transcript);
		assert_int_equal(w.m.result->late.schemes.n, 2);
	}
	walk_end(&w);
	not_offered.offers_late = false;
	walk_to(&w, &not_offered, RECORDS_MAX);
	put_request(&w);
	assert_int_equal(w.m.result->reason, REASON_PROTOCOL_UNEXPECTED_MESSAGE);
	walk_end(&w);
}

/* The server of our own asks for nothing behind the handshake. */
static void take_the_late_request(void)
{
	struct walk w;
	size_t events;

	walk_to(&w, &open_13, RECORDS_MAX);
	events = w.m.result->events_count;
	put_request(&w);
	note_rows(w.m.hs, HS_OPEN, events);
	walk_end(&w);
}

static void every_state_is_reached_and_every_row_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_in_range(walk_soundly(&kinds[i]), 3, RECORDS_MAX);
	take_the_late_request();
	for (size_t i = 0; i < HS_STATES; i++)
		if (!reached[i])
			fail_msg("state %zu is never reached", i);
	for (size_t i = 0; i < hs_rows_count; i++)
		if (!taken[i])
			fail_msg("row %zu, %s, is never taken", i, hs_message_name(hs_rows[i].message));
}

/* ---- every message in every state --------------------------------------------------------------------------- */

static const struct hs_row *row_of(const struct hs *h, enum hs_state state, uint8_t message)
{
	for (size_t i = 0; i < hs_rows_count; i++)
		if (hs_rows[i].state == state && hs_rows[i].message == message &&
		        (state != HS_OPEN || h->result.version >= VER_TLS13))
			return &hs_rows[i];
	return NULL;
}

/* In clear as a record; later as content of one that has been opened. */
static void put_in(struct walk *w, uint8_t message, size_t body)
{
	uint8_t bytes[HEADER + 4 + ODD_BODY] = { TYPE_HANDSHAKE, 3, 3, 0, (uint8_t)(4 + body), message, 0, 0,
		(uint8_t)body };
	static const uint8_t ccs[] = { TYPE_CCS, 3, 3, 0, 1, 1 };
	struct hs *h = w->m.hs;

	if (message == HS_ROW_CCS) {
		hs_feed(h, ccs, sizeof(ccs), 0, &w->said);
	} else if (h->state == HS_CLEAR) {
		hs_feed(h, bytes, HEADER + 4 + body, 0, &w->said);
	} else {
		text_addn(&h->messages, (const char *)bytes + HEADER, 4 + body);
		hs_feed(h, bytes, 0, 0, &w->said);
	}
}

/* What the table does not speak of. */
static bool is_let_pass(const struct hs *h, enum hs_state state, uint8_t message)
{
	if (message == HS_ROW_CCS)
		return h->result.version >= VER_TLS13 && state != HS_OPEN;
	return message == MSG_HELLO_REQUEST && h->result.version < VER_TLS13;
}

static void look_at(const struct hs *h, enum hs_state state, uint8_t message, enum hs_phase before)
{
	const struct hs_row *row = row_of(h, state, message);
	bool failed = h->phase == HS_FAILED;

	if (failed)
		assert_int_not_equal(h->result.reason, REASON_NONE);
	if (state == HS_CLEAR)
		return;
	if (is_let_pass(h, state, message))
		assert_true(h->state == state && h->phase == before);
	else if (row)
		assert_true(failed || h->state == row->next);
	else if (!failed || h->result.reason != REASON_PROTOCOL_UNEXPECTED_MESSAGE)
		fail_msg("%s in state %d: %s", hs_message_name(message), (int)state, reason_name(h->result.reason));
}

static void try_message(const struct kind *k, unsigned records, uint8_t message, size_t body)
{
	static const enum ending endings[] = { ENDING_CLOSED, ENDING_RESET, ENDING_TIMEOUT };
	enum hs_phase before;
	enum hs_state state;
	struct walk w;

	walk_to(&w, k, records);
	state = w.m.hs->state;
	before = w.m.hs->phase;
	put_in(&w, message, body);
	look_at(w.m.hs, state, message, before);
	hs_end(w.m.hs, endings[message % 3]);
	assert_int_not_equal(w.m.hs->phase, HS_RUNNING);
	assert_true(w.m.hs->phase == HS_DONE || w.m.hs->result.reason != REASON_NONE);
	assert_true(w.m.hs->phase == HS_FAILED || w.m.hs->result.complete);
	walk_end(&w);
}

static void try_all(const struct kind *k, unsigned records)
{
	for (unsigned message = 0; message <= 32; message++)
		for (size_t body = 0; body <= ODD_BODY; body += ODD_BODY)
			try_message(k, records, (uint8_t)message, body);
	try_message(k, records, 254, 0);
	try_message(k, records, HS_ROW_CCS, 0);
}

/* The first time that this kind of handshake is in each state. */
static void every_message_in_every_state_is_read_or_refused_and_all_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		unsigned total = walk_soundly(&kinds[i]);
		bool seen[HS_STATES] = { false };

		for (unsigned n = 0; n <= total; n++) {
			enum hs_state at;
			struct walk w;

			walk_to(&w, &kinds[i], n);
			at = w.m.hs->state;
			walk_end(&w);
			if (!seen[at])
				try_all(&kinds[i], n);
			seen[at] = true;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_reached_and_every_row_taken),
		cmocka_unit_test(a_request_behind_the_handshake_is_answered_where_that_was_offered),
		cmocka_unit_test(every_message_in_every_state_is_read_or_refused_and_all_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
