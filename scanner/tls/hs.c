#include "scanner/tls/hs.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/client_request.h"
#include "scanner/tls/hs_core.h"
#include "scanner/tls/keys.h"

enum {
	RECORD_HEADER = 5,
	BODY_MAX = (1 << 14) + 2048,
	CONTENT_MAX = 1 << 14,
	MESSAGES_MAX = 64,
	TICKETS_MAX = 16,
	UPDATES_MAX = 32,
	MESSAGE_BYTES_MAX = ANSWER_FLIGHT_MAX,
};

/* ---- the dialogue --------------------------------------------------------------------------------------------------- */

const struct hs_row hs_rows[] = {
	{ HS12_TICKET_OR_CCS, MSG_NEW_SESSION_TICKET, hs12_ticket, HS12_TICKET_OR_CCS },
	{ HS12_TICKET_OR_CCS, HS_ROW_CCS, hs12_ccs, HS12_FINISHED },
	{ HS12_FINISHED, MSG_FINISHED, hs12_finished, HS_OPEN },
	{ HS13_EXTENSIONS, MSG_ENCRYPTED_EXTENSIONS, hs13_extensions, HS13_REQUEST_OR_CERTIFICATE },
	{ HS13_REQUEST_OR_CERTIFICATE, MSG_CERTIFICATE_REQUEST, hs13_request, HS13_CERTIFICATE },
	{ HS13_REQUEST_OR_CERTIFICATE, MSG_CERTIFICATE, hs13_certificate, HS13_VERIFY },
	{ HS13_REQUEST_OR_CERTIFICATE, MSG_COMPRESSED_CERTIFICATE, hs13_compressed, HS13_VERIFY },
	{ HS13_REQUEST_OR_CERTIFICATE, MSG_FINISHED, hs13_psk_finished, HS_OPEN },
	{ HS13_CERTIFICATE, MSG_CERTIFICATE, hs13_certificate, HS13_VERIFY },
	{ HS13_CERTIFICATE, MSG_COMPRESSED_CERTIFICATE, hs13_compressed, HS13_VERIFY },
	{ HS13_VERIFY, MSG_CERTIFICATE_VERIFY, hs13_verify, HS13_FINISHED },
	{ HS13_FINISHED, MSG_FINISHED, hs13_finished, HS_OPEN },
	{ HS_OPEN, MSG_NEW_SESSION_TICKET, hs13_ticket, HS_OPEN },
	{ HS_OPEN, MSG_CERTIFICATE_REQUEST, hs13_late_request, HS_OPEN },
	{ HS_OPEN, MSG_KEY_UPDATE, hs13_key_update, HS_OPEN },
};
const size_t hs_rows_count = sizeof hs_rows / sizeof *hs_rows;

static const struct hs_row *row_find(enum hs_state state, uint8_t message)
{
	for (size_t i = 0; i < hs_rows_count; i++)
		if (hs_rows[i].state == state && hs_rows[i].message == message)
			return &hs_rows[i];
	return NULL;
}

const char *hs_message_name(uint8_t message)
{
	static const struct { uint8_t type; const char *name; } names[] = {
		{ MSG_HELLO_REQUEST, "HelloRequest" }, { MSG_CLIENT_HELLO, "ClientHello" },
		{ MSG_SERVER_HELLO, "ServerHello" }, { MSG_NEW_SESSION_TICKET, "NewSessionTicket" },
		{ MSG_END_OF_EARLY_DATA, "EndOfEarlyData" }, { MSG_ENCRYPTED_EXTENSIONS, "EncryptedExtensions" },
		{ MSG_CERTIFICATE, "Certificate" }, { MSG_SERVER_KEY_EXCHANGE, "ServerKeyExchange" },
		{ MSG_CERTIFICATE_REQUEST, "CertificateRequest" }, { MSG_SERVER_HELLO_DONE, "ServerHelloDone" },
		{ MSG_CERTIFICATE_VERIFY, "CertificateVerify" }, { MSG_CLIENT_KEY_EXCHANGE, "ClientKeyExchange" },
		{ MSG_FINISHED, "Finished" }, { MSG_CERTIFICATE_STATUS, "CertificateStatus" },
		{ MSG_KEY_UPDATE, "KeyUpdate" }, { MSG_COMPRESSED_CERTIFICATE, "CompressedCertificate" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].type == message)
			return names[i].name;
	return "unknown message";
}

/* ---- trouble ---------------------------------------------------------------------------------------------------------- */

void hs_note(struct hs *h, enum reason reason, size_t offset)
{
	if (h->result.reason)
		return;
	h->result.reason = reason;
	h->result.offset = (uint32_t)offset;
	h->result.trouble_at = h->result.events_count;
}

bool hs_fail(struct hs *h, enum reason reason, size_t offset)
{
	hs_note(h, reason, offset);
	h->phase = HS_FAILED;
	if (h->renegotiating)
		hs_again_over(h, hs_again_outcome(h));
	return false;
}

/* ---- small things ------------------------------------------------------------------------------------------------------ */

struct span hs_span(const struct text *t)
{
	return (struct span){ (const uint8_t *)t->s, t->n };
}

struct span hs_keep(struct hs *h, struct span s)
{
	return s.n ? arena_span(h->config.arena, s) : (struct span){ NULL, 0 };
}

struct span hs_keep_ticket(struct hs *h, struct span s)
{
	if (s.n <= SESSION_TICKET_MAX)
		return hs_keep(h, s);
	h->result.ticket_cut = true;
	return (struct span){ NULL, 0 };
}

static void add(struct text *t, struct span s)
{
	text_addn(t, (const char *)s.p, s.n);
}

static void drop_front(struct text *t, size_t n)
{
	t->n -= n;
	memmove(t->s, t->s + n, t->n);
}

void hs_transcript_hash(const struct hs *h, uint8_t out[static DIGEST_MAX])
{
	struct span all = hs_span(&h->transcript);

	crypt_digest(h->digest, &all, 1, out);
}

void hs_draw(struct hs *h, const char *use, void *out, size_t n)
{
	keys_derive(h->config.entropy->secret, (struct span){ (const uint8_t *)use, strlen(use) }, h->nonce++, out, n);
}

static void event(struct hs *h, bool ours, uint8_t content, uint8_t message, bool sealed, struct span body)
{
	struct hs_result *r = &h->result;
	struct span kept = h->config.keep_messages ? hs_keep(h, body) : (struct span){ NULL, 0 };

	if (r->events_count >= 4 * MESSAGES_MAX)
		return;
	r->events = arena_push(h->config.arena, r->events, r->events_count, sizeof *r->events);
	r->events[r->events_count++] = (struct hs_event){ ours, content, message, sealed, body.n, kept, h->now_us };
}

void hs_take_certificate(struct hs *h, struct span der)
{
	struct hs_result *r = &h->result;

	if (r->certs_count == ANSWER_CHAIN_MAX) {
		r->chain_cut = true;
		hs_note(h, REASON_LIMIT_CHAIN, r->certs_count);
		return;
	}
	if (!r->certs_count)
		h->server_key = public_key_of_cert(der);
	r->certs[r->certs_count++] = hs_keep(h, der);
}

void hs_take_raw_key(struct hs *h, struct span spki)
{
	if (h->result.raw_key) /* one key, and no chain: RFC 7250 section 3 */
		hs_note(h, REASON_PROTOCOL_EXTENSION_VALUE, EXT_SERVER_CERTIFICATE_TYPE);
	else
		h->server_key = public_key_of_spki(spki);
	h->result.raw_key = true;
}

/* In a CertificateRequest and a NewSessionTicket it is the server that asks: RFC 8446 section 4.2. */
static bool may_answer(const struct hs *h, uint16_t code, uint8_t in)
{
	return in == IN_CR || in == IN_NST || (in == IN_HRR && code == EXT_COOKIE) || hello_offers_extension(&h->hello, code);
}

void hs_take_extension(struct hs *h, uint16_t code, uint8_t in)
{
	struct hs_result *r = &h->result;

	if (!may_answer(h, code, in))
		hs_note(h, REASON_PROTOCOL_UNOFFERED_EXTENSION, code);
	for (size_t i = 0; i < r->exts_count; i++)
		if (r->exts[i] == code && r->exts_in[i] == in)
			return;
	if (r->exts_count == ANSWER_EXTS_MAX)
		return;
	r->exts[r->exts_count] = code;
	r->exts_in[r->exts_count++] = in;
}

void hs_limit_records(struct hs *h)
{
	h->send_max = granted_send_max(&h->result.granted, h->result.version, CONTENT_MAX);
	h->receive_max = granted_receive_max(&h->result.granted, CONTENT_MAX);
}

bool hs_seal(struct hs *h, bool writing, const struct seal_keys *keys)
{
	struct seal **at = writing ? &h->write : &h->read;

	seal_free(*at);
	*at = seal_new(h->result.version, h->suite, h->result.encrypt_then_mac, h->result.truncated_hmac, keys,
		writing);
	return *at ? true : hs_fail(h, REASON_NOT_IN_LIBCRYPTO, 0);
}

/* ---- sending ------------------------------------------------------------------------------------------------------------ */

static void hook_cbc(void *owner, uint8_t *p, size_t n)
{
	hs_hook(owner, HOOK_CBC_BLOCK, p, n);
}

static void hook_body(void *owner, uint8_t *p, size_t n)
{
	hs_hook(owner, HOOK_RECORD, p, n);
}

static uint16_t wire_version(const struct hs *h)
{
	uint16_t v = h->result.version ? h->result.version : h->hello.version;

	return v >= VER_TLS13 ? VER_TLS12 : v;
}

static void put_record(struct hs *h, uint8_t type, struct span body, struct text *out)
{
	uint8_t bytes[BODY_MAX + RECORD_HEADER], iv[16];
	const struct seal_hook hook = { hook_cbc, hook_body, h };
	struct wr w = wr_of(bytes, sizeof bytes);
	bool sealed = h->write && !(type == TYPE_CCS && h->result.version >= VER_TLS13);
	struct wr_mark mark;

	wr_u8(&w, sealed && h->result.version >= VER_TLS13 ? TYPE_DATA : type);
	wr_u16(&w, wire_version(h));
	mark = wr_open(&w, 2);
	if (sealed) {
		hs_draw(h, "record iv", iv, sizeof iv);
		require(seal_protect(h->write, type, wire_version(h), body, iv, hs_hooked(h) ? &hook : NULL, &w));
	} else {
		wr_bytes(&w, body.p, body.n);
	}
	wr_close(&w, mark);
	require(!w.bad);
	if (h->stopped)
		return;
	text_addn(out, (const char *)bytes, w.len);
	h->result.sent += w.len;
}

void hs_record(struct hs *h, uint8_t type, struct span body, struct text *out)
{
	struct span all = body;
	uint8_t last = type == TYPE_ALERT && body.n ? body.p[body.n - 1] : 0;

	do {
		size_t n = body.n < h->send_max ? body.n : h->send_max;

		put_record(h, type, (struct span){ body.p, n }, out);
		body = (struct span){ body.p + n, body.n - n };
	} while (body.n);
	if (type != TYPE_HANDSHAKE)
		event(h, true, type, last, h->write != NULL, all);
}

void hs_message(struct hs *h, uint8_t type, struct span body, struct text *out)
{
	struct text message = { 0 };
	uint8_t header[4];
	struct wr w = wr_of(header, sizeof header);

	wr_u8(&w, type);
	wr_u24(&w, (uint32_t)body.n);
	add(&message, (struct span){ header, sizeof header });
	add(&message, body);
	add(&h->transcript, hs_span(&message));
	event(h, true, TYPE_HANDSHAKE, type, h->write != NULL, hs_span(&message));
	hs_record(h, TYPE_HANDSHAKE, hs_span(&message), out);
	text_free(&message);
}

void hs_alert(struct hs *h, uint8_t code, struct text *out)
{
	uint8_t body[2] = { code == ALERT_CLOSE_NOTIFY ? 1 : 2, code };

	hs_record(h, TYPE_ALERT, (struct span){ body, sizeof body }, out);
}

bool hs_client_fits(const struct hs *h, const struct client_request *q, uint16_t *scheme)
{
	const struct private_key *key = h->config.client_key;

	*scheme = 0;
	if (!h->config.client_chain_n || !key)
		return false;
	if (h->result.version < VER_TLS13 && !client_type_fits(q->types, private_key_kind(key)))
		return false;
	if (h->result.version < VER_TLS12)
		return true;
	*scheme = client_scheme(key, q->schemes, h->result.version >= VER_TLS13);
	return *scheme != 0;
}

void hs_client_certificate(struct hs *h, bool ours, struct span context, struct text *body)
{
	bool tls13 = h->result.version >= VER_TLS13;
	struct text list = { 0 };
	uint8_t n[4];

	for (size_t i = 0; ours && i < h->config.client_chain_n; i++) {
		struct span der = h->config.client_chain[i];
		struct wr w = wr_of(n, sizeof n);

		wr_u24(&w, (uint32_t)der.n);
		add(&list, (struct span){ n, 3 });
		add(&list, der);
		if (tls13)
			text_addn(&list, "\0\0", 2);
	}
	if (tls13) {
		text_char(body, (char)context.n);
		add(body, context);
	}
	struct wr w = wr_of(n, sizeof n);
	wr_u24(&w, (uint32_t)list.n);
	add(body, (struct span){ n, 3 });
	add(body, hs_span(&list));
	text_free(&list);
}

/* ---- opening ------------------------------------------------------------------------------------------------------------- */

struct hs *hs_new(const struct hs_config *c)
{
	struct hs *h = mem_new(1, sizeof *h);

	h->config = *c;
	h->hello = *c->hello;
	h->send_max = h->receive_max = CONTENT_MAX;
	answer_init(&h->answer, &h->hello, UNTIL_HELLO);
	return h;
}

void hs_free(struct hs *h)
{
	if (!h)
		return;
	answer_free(&h->answer);
	answer_free(&h->first);
	text_free(&h->transcript);
	text_free(&h->pending);
	text_free(&h->messages);
	text_free(&h->data);
	text_free(&h->other);
	seal_free(h->read);
	seal_free(h->write);
	public_key_free(h->server_key);
	key_pair_free(h->share);
	free(h);
}

static void send_hello(struct hs *h, struct text *out)
{
	uint8_t message[HELLO_MAX], records[HELLO_MAX + 64];
	struct wr m = wr_of(message, sizeof message), w = wr_of(records, sizeof records);

	if (!hello_message(&m, &h->hello, h->config.entropy)) {
		hs_fail(h, REASON_LIMIT_FLIGHT, m.len); /* the server's ticket or cookie is too long to be said again */
		return;
	}
	if (h->hello.psk)
		hs13_binder(h, message, m.len);
	hello_records(&w, &h->hello, h->result.retried, (struct span){ message, m.len });
	require(!w.bad);
	add(&h->transcript, (struct span){ message, m.len });
	event(h, true, TYPE_HANDSHAKE, MSG_CLIENT_HELLO, false, (struct span){ message, m.len });
	text_addn(out, (const char *)records, w.len);
	h->result.sent += w.len;
	h->result.flights++;
}

void hs_start(struct hs *h, struct text *out)
{
	if (h->hello.version == VER_SSL2) {
		hs2_start(h, out);
		return;
	}
	send_hello(h, out);
	if (h->phase == HS_RUNNING && h->hello.psk && hello_offers_extension(&h->hello, EXT_EARLY_DATA))
		hs13_early(h, out);
}

/* ---- the clear part ------------------------------------------------------------------------------------------------------- */

static void tell_clear(struct hs *h, size_t from)
{
	struct rd r = from < h->answer.flight.parsed ?
		rd_of(h->answer.flight.v + from, h->answer.flight.parsed - from) : rd_of(NULL, 0);

	while (rd_left(&r)) {
		const uint8_t *p = r.p;
		uint8_t type = rd_u8(&r);
		size_t n = rd_u24(&r);

		rd_take(&r, n);
		if (!r.bad)
			event(h, false, TYPE_HANDSHAKE, type, h->read != NULL, (struct span){ p, n + 4 });
	}
}

static void tell_alert(struct hs *h, uint8_t level, uint8_t code)
{
	const uint8_t alert[] = { level, code };

	event(h, false, TYPE_ALERT, code, false, (struct span){ alert, sizeof alert });
}

/* What was whole before the trouble, and the alert when that is what it was. */
static void tell_trouble(struct hs *h)
{
	const struct answer *a = &h->answer;

	tell_clear(h, h->clear_taken);
	h->clear_taken = a->flight.parsed;
	if (a->reason != REASON_ALERT)
		return;
	h->result.alerted = true;
	h->result.alert = a->alert;
	tell_alert(h, a->alert_level, a->alert);
}

/* What was parsed since the last time belongs to the transcript. */
static void take_clear(struct hs *h)
{
	size_t from = h->clear_taken;
	struct span s = { h->answer.flight.v + from, h->answer.flight.parsed - from };

	h->clear_taken = h->answer.flight.parsed;
	add(&h->transcript, s);
	tell_clear(h, from);
}

/* Bytes that were read with the clear part but do not belong to it. */
static void take_rest(struct hs *h)
{
	struct answer *a = &h->answer;

	add(&h->messages, (struct span){ a->flight.v + a->flight.parsed, a->flight.n - a->flight.parsed });
	add(&h->pending, (struct span){ a->pending.v, a->pending.n });
	a->pending.n = 0;
}

static void keep_hello(struct hs *h)
{
	struct hs_result *r = &h->result;
	const struct answer *a = &h->answer;

	r->version = a->version;
	r->suite = a->suite;
	r->group = a->group;
	r->server_random = hs_keep(h, (struct span){ a->random, sizeof a->random });
	r->session_id = hs_keep(h, answer_bytes(a, a->session_id));
	h->suite = suite_find(a->suite);
	h->digest = kdf_digest(a->version, h->suite);
	if (a->reason)
		hs_note(h, a->reason, a->offset);
}

/*
 * A HelloRetryRequest (RFC 8446 section 4.1.4): the first hello is replaced by its hash in the transcript, and the
 * second carries the one share that was asked for.
 */
static bool retry(struct hs *h, struct text *out)
{
	uint8_t hash[DIGEST_MAX], header[4] = { 254, 0, 0, 0 };
	uint32_t *group = arena_new(h->config.arena, 1, sizeof *group);
	size_t n;

	if (h->result.retried) {
		tell_trouble(h);
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, 0);
	}
	h->result.retried = true;
	h->retry_suite = h->result.suite;
	hs_transcript_hash(h, hash);
	n = crypt_digest_size(h->digest);
	header[3] = (uint8_t)n;
	h->transcript.n = 0;
	add(&h->transcript, (struct span){ header, sizeof header });
	add(&h->transcript, (struct span){ hash, n });
	take_clear(h);
	for (size_t i = 0; i < h->answer.exts_count; i++)
		hs_take_extension(h, h->answer.exts[i], IN_HRR);
	*group = h->answer.group;
	if (!hs13_retry(h))
		return false;
	if (*group)
		h->hello.shares = (struct codes){ group, 1 };
	take_rest(h);
	answer_free(&h->answer);
	answer_init(&h->answer, &h->hello, UNTIL_HELLO);
	h->clear_taken = 0;
	send_hello(h, out);
	return true;
}

/* Taken up again up to TLS 1.2: the server echoes the session id that we made up or kept. */
static bool is_resumed12(const struct hs *h)
{
	struct span ours = h->hello.session_id, theirs = h->result.session_id;

	return h->config.resume && h->result.version < VER_TLS13 && ours.n && ours.n == theirs.n &&
	       !memcmp(ours.p, theirs.p, ours.n);
}

static bool clear_done(struct hs *h, struct text *out)
{
	if (h->answer.reason) /* of the flight, and forgiven: clear_broken() */
		hs_note(h, h->answer.reason, h->answer.offset);
	take_clear(h);
	take_rest(h);
	return hs12_server_hello_done(h, out);
}

static bool clear_hello(struct hs *h, struct text *out)
{
	keep_hello(h);
	if (h->answer.warnings)
		tell_alert(h, 1, h->answer.warning);
	if (!h->suite) {
		tell_trouble(h);
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, h->answer.suite);
	}
	if (!hs_again_hello(h))
		return false;
	if (h->answer.kind == ANS_RETRY)
		return retry(h, out);
	take_clear(h);
	if (h->result.retried && h->result.suite != h->retry_suite) /* RFC 8446 section 4.1.4 */
		return hs_fail(h, REASON_PROTOCOL_UNOFFERED_SUITE, h->result.suite);
	if (h->result.version >= VER_TLS13) {
		take_rest(h);
		return hs13_server_hello(h, out);
	}
	h->result.resumed = is_resumed12(h);
	if (!hs12_server_hello(h, out))
		return false;
	if (!h->result.resumed)
		return true;
	take_rest(h);
	return true;
}

static bool clear_trouble(struct hs *h)
{
	const struct answer *a = &h->answer;

	tell_trouble(h);
	return hs_fail(h, a->reason ? a->reason : REASON_PROTOCOL_UNEXPECTED_MESSAGE, a->offset);
}

/* Did the clear part go wrong? An odd extension is noted and forgiven; a broken message or an alert is not. */
static bool clear_broken(const struct answer *a)
{
	bool hello = a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY;

	return !hello || (a->reason && a->reason != REASON_PROTOCOL_UNOFFERED_EXTENSION &&
				 a->reason != REASON_PROTOCOL_EXTENSION_VALUE &&
				 a->reason != REASON_PROTOCOL_UNOFFERED_SCHEME);
}

/* The clear part comes in two: the ServerHello, then (up to TLS 1.2, a full handshake) the rest of the flight. */
static void feed_clear(struct hs *h, const void *p, size_t n, struct text *out)
{
	struct answer *a = &h->answer;
	bool whole = answer_feed(a, p, n);

	while (whole && h->phase == HS_RUNNING && h->state == HS_CLEAR) {
		if (clear_broken(a)) {
			clear_trouble(h);
			return;
		}
		if (a->until == UNTIL_FLIGHT) {
			clear_done(h, out);
			return;
		}
		clear_hello(h, out);
		if (h->phase != HS_RUNNING || h->state != HS_CLEAR)
			return;
		/* After a retry the answer is a new one; else the flight goes on. */
		whole = a->kind == ANS_NONE ? answer_feed(a, NULL, 0) : answer_continue(a, UNTIL_FLIGHT);
	}
}

/* ---- records behind the clear part -------------------------------------------------------------------------------------- */

static void finish(struct hs *h, struct text *out)
{
	bool first = !h->renegotiating;

	if (!first)
		hs_again_over(h, AGAIN_DONE);
	h->result.complete = true;
	h->result.finished_right = true;
	h->phase = HS_DONE;
	if (!first)
		return;
	hs_react_begin(h);
	hs_inject(h, MOMENT_OPEN, out);
}

static bool dispatch(struct hs *h, uint8_t message, struct rd body, struct span whole, struct text *out)
{
	const struct hs_row *row = row_find(h->state, message);

	if (!row || (h->state == HS_OPEN && h->result.version < VER_TLS13))
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, message);
	if (!row->read(h, body, whole, out) || h->phase == HS_FAILED)
		return false;
	h->state = row->next;
	if (row->next == HS_OPEN && h->phase == HS_RUNNING)
		finish(h, out);
	return true;
}

/* Asked to renegotiate: not with us. Within a handshake it is passed over (RFC 5246 section 7.4.1.1); behind it the
 * server is told so, once, and need not wait. */
static bool hello_request(struct hs *h, struct text *out)
{
	static const uint8_t refusal[] = { 1, ALERT_NO_RENEGOTIATION };

	if (h->state == HS_OPEN && !h->result.hello_requests++)
		hs_record(h, TYPE_ALERT, (struct span){ refusal, sizeof refusal }, out);
	return ++h->messages_taken <= ANSWER_HELLO_REQUESTS_MAX || hs_fail(h, REASON_LIMIT_MESSAGES, 0);
}

static bool one_message(struct hs *h, bool *more, struct text *out)
{
	struct rd r = rd_span(hs_span(&h->messages)), body;
	uint8_t type = rd_u8(&r);
	size_t n = rd_u24(&r);
	struct span whole = { (const uint8_t *)h->messages.s, n + 4 };
	bool well;

	*more = false;
	if (r.bad)
		return true;
	if (n > MESSAGE_BYTES_MAX)
		return hs_fail(h, type == MSG_CERTIFICATE ? REASON_LIMIT_CERT : REASON_LIMIT_FLIGHT, n);
	if (rd_left(&r) < n)
		return true;
	body = rd_sub(&r, n);
	event(h, false, TYPE_HANDSHAKE, type, h->read != NULL, whole);
	if (type == MSG_HELLO_REQUEST && h->result.version < VER_TLS13)
		well = hello_request(h, out);
	else
		well = dispatch(h, type, body, whole, out);
	drop_front(&h->messages, whole.n);
	*more = well && h->messages.n > 0;
	return well;
}

static bool take_messages(struct hs *h, struct text *out)
{
	bool more = h->messages.n > 0;

	while (more)
		if (!one_message(h, &more, out))
			return false;
	return true;
}

/* After a request the server may well end the connection by itself. */
static bool ended_by_us(const struct hs *h)
{
	return h->goodbye_said && !h->data_said && !h->config.early.n;
}

static bool take_alert(struct hs *h, struct span content)
{
	struct rd r = rd_span(content);
	uint8_t level = rd_u8(&r), code = rd_u8(&r);

	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, 0);
	event(h, false, TYPE_ALERT, code, h->read != NULL, content);
	if (code == ALERT_CLOSE_NOTIFY) {
		h->result.close_notified = true;
		if (ended_by_us(h))
			h->result.closing = CLOSING_NOTIFIED;
		h->state = HS_OVER;
		return h->phase == HS_DONE || hs_fail(h, REASON_ALERT, code);
	}
	if (h->renegotiating && level == 1 && code == ALERT_NO_RENEGOTIATION) {
		hs_again_over(h, AGAIN_REFUSED);
		h->state = HS_OPEN;
		h->phase = HS_DONE;
		return true;
	}
	/* Up to TLS 1.2 the level counts; in TLS 1.3 only user_canceled is none, a word before goodbye (RFC 8446 section 6.1). */
	if (h->result.version < VER_TLS13 ? level == 1 : code == ALERT_USER_CANCELED)
		return ++h->alerts_taken <= ANSWER_WARNINGS_MAX || hs_fail(h, REASON_LIMIT_ALERTS, 0);
	h->result.alerted = true;
	h->result.alert = code;
	h->state = HS_OVER;
	return hs_fail(h, REASON_ALERT, code);
}

static bool take_ccs(struct hs *h, struct span content, struct text *out)
{
	bool well = content.n == 1 && content.p[0] == 1;

	event(h, false, TYPE_CCS, 0, false, content);
	if (h->result.version >= VER_TLS13) { /* for middleboxes: RFC 8446 section 5 */
		if (!well || h->result.complete)
			return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, TYPE_CCS);
		return ++h->empty_taken <= ANSWER_EMPTY_RECORDS_MAX || hs_fail(h, REASON_LIMIT_RECORDS, h->empty_taken);
	}
	if (!well || h->messages.n)
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, TYPE_CCS);
	return dispatch(h, HS_ROW_CCS, rd_span(content), content, out);
}

/* A handshake record of a renegotiation, up to the ServerHelloDone. */
static bool take_again(struct hs *h, struct span content, struct text *out)
{
	struct text record = { 0 };

	if (hs_again_content(h, content, &record))
		feed_clear(h, record.s, record.n, out);
	text_free(&record);
	if (h->phase == HS_FAILED)
		return false;
	return h->state == HS_CLEAR || take_messages(h, out);
}

static bool take_content(struct hs *h, uint8_t type, struct span content, struct text *out)
{
	if (content.n > h->receive_max)
		hs_note(h, REASON_PROTOCOL_RECORD_OVERFLOW, content.n);
	if (!content.n && ++h->empty_taken > ANSWER_EMPTY_RECORDS_MAX)
		return hs_fail(h, REASON_LIMIT_RECORDS, h->empty_taken);
	switch (type) {
	case TYPE_CCS:
		return take_ccs(h, content, out);
	case TYPE_ALERT:
		return take_alert(h, content);
	case TYPE_HANDSHAKE:
		if (h->state == HS_CLEAR)
			return take_again(h, content, out);
		if (h->messages.n + content.n > MESSAGE_BYTES_MAX)
			return hs_fail(h, REASON_LIMIT_FLIGHT, h->messages.n);
		add(&h->messages, content);
		return take_messages(h, out);
	case TYPE_DATA:
		if (h->phase != HS_DONE && !h->renegotiating)
			return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, type);
		if (h->data.n + content.n <= ANSWER_FLIGHT_MAX)
			add(&h->data, content);
		return true;
	default:
		event(h, false, type, 0, h->read != NULL, content);
		add(&h->other, content);
		return true;
	}
}

static bool take_record(struct hs *h, uint8_t type, uint16_t version, uint8_t *body, size_t n, struct text *out)
{
	struct span content = { body, n };

	if (type == TYPE_CCS && !h->renegotiating) {
		hs_react(h, type, content);
		return take_ccs(h, content, out);
	}
	if (h->read && !seal_open(h->read, &type, version, body, n, &content)) {
		hs_react(h, type, (struct span){ body, n });
		if (type == TYPE_ALERT && n == 2) /* sealed it should be; what it says is worth more than that it is not */
			return take_alert(h, (struct span){ body, n });
		return hs_fail(h, REASON_CRYPTO_RECORD, (size_t)seal_sequence(h->read));
	}
	hs_react(h, type, content);
	if (content.n > CONTENT_MAX)
		return hs_fail(h, REASON_PROTOCOL_RECORD_OVERFLOW, content.n);
	return take_content(h, type, content, out);
}

static bool is_record_type(uint8_t type)
{
	enum { HEARTBEAT = 24 };

	return type >= TYPE_CCS && type <= HEARTBEAT;
}

static bool one_record(struct hs *h, bool *more, struct text *out)
{
	struct rd r = rd_span(hs_span(&h->pending));
	uint8_t type = rd_u8(&r);
	uint16_t version = rd_u16(&r);
	size_t n = rd_u16(&r);
	bool well;

	*more = false;
	if (r.bad)
		return true;
	if (!is_record_type(type))
		return hs_fail(h, REASON_MALFORMED, 0);
	if (n > (h->result.version >= VER_TLS13 ? CONTENT_MAX + 256 : BODY_MAX))
		return hs_fail(h, REASON_PROTOCOL_RECORD_OVERFLOW, n);
	if (rd_left(&r) < n)
		return true;
	if (++h->records_taken > ANSWER_RECORDS_MAX)
		return hs_fail(h, REASON_LIMIT_RECORDS, h->records_taken);
	well = take_record(h, type, version, (uint8_t *)h->pending.s + RECORD_HEADER, n, out);
	drop_front(&h->pending, RECORD_HEADER + n);
	*more = well && h->pending.n > 0;
	return well;
}

static void feed_sealed(struct hs *h, struct text *out)
{
	bool more = true;

	if (h->messages.n && !take_messages(h, out))
		return;
	while (more && h->phase != HS_FAILED)
		if (!one_record(h, &more, out))
			return;
}

enum hs_phase hs_feed(struct hs *h, const void *p, size_t n, uint64_t now_us, struct text *out)
{
	h->now_us = now_us;
	h->result.received += n;
	if (h->hello.version == VER_SSL2)
		return hs2_feed(h, p, n, out);
	if (h->phase == HS_FAILED || h->state == HS_OVER) {
		if (h->config.deviation)
			hs_watch(h, p, n);
		return h->phase;
	}
	if (h->state == HS_CLEAR && !h->renegotiating)
		feed_clear(h, p, n, out);
	else
		text_addn(&h->pending, p, n);
	if ((h->state != HS_CLEAR || h->renegotiating) && h->phase != HS_FAILED)
		feed_sealed(h, out);
	return h->phase;
}

enum hs_phase hs_end(struct hs *h, enum ending e)
{
	static const enum reason reasons[] = {
		[ENDING_CLOSED] = REASON_TRUNCATED, [ENDING_RESET] = REASON_RESET, [ENDING_TIMEOUT] = REASON_TIMEOUT_HANDSHAKE,
	};

	hs_react_end(h, e);
	if (h->phase == HS_DONE && e == ENDING_CLOSED && ended_by_us(h) && !h->result.close_notified)
		h->result.closing = CLOSING_BARE;
	if (h->phase == HS_DONE || h->phase == HS_FAILED)
		return h->phase;
	answer_end(&h->answer, e);
	if (h->state == HS_CLEAR)
		tell_trouble(h);
	hs_fail(h, h->state == HS_CLEAR && h->answer.reason ? h->answer.reason : reasons[e], h->result.received);
	return h->phase;
}

/* ---- afterwards ------------------------------------------------------------------------------------------------------------ */

bool hs_send_record(struct hs *h, uint8_t type, const void *p, size_t n, struct text *out)
{
	const uint8_t *alert = p;

	h->goodbye_said |= type == TYPE_ALERT && n == 2 && alert[1] == ALERT_CLOSE_NOTIFY;
	hs_record(h, type, (struct span){ p, n }, out);
	return !h->stopped;
}

bool hs_send(struct hs *h, const void *p, size_t n, struct text *out)
{
	h->data_said = true;
	return h->phase == HS_DONE && hs_send_record(h, TYPE_DATA, p, n, out);
}

struct span hs_data(const struct hs *h)
{
	return hs_span(&h->data);
}

struct span hs_other(const struct hs *h)
{
	return hs_span(&h->other);
}

void hs_data_taken(struct hs *h)
{
	h->data.n = 0;
}

enum hs_phase hs_phase(const struct hs *h)
{
	return h->phase;
}

const struct hs_result *hs_result(const struct hs *h)
{
	return &h->result;
}

const struct answer *hs_answer(const struct hs *h)
{
	return h->result.again_n || h->renegotiating ? &h->first : &h->answer;
}
