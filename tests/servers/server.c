#include "tests/servers/server.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/flight.h"
#include "tests/servers/lax.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/serve.h"

enum { SPARE = 4096 }; /* room for what a row puts in */
enum { RECORD_MAX = 1 << 14, SEALED_MAX = RECORD_MAX + 2048, HEADER = 5, INPUT_MAX = 256 * 1024, FATAL = 2 };
enum { NO_CERTIFICATE = 41, CCS = 255 };

static const struct misbehaviour sound = { .name = "sound" };

static const struct misbehaviour *row_of(const struct server *s)
{
	return s->config->row ? s->config->row : &sound;
}

void server_record(struct peer_out *out, uint8_t type, uint16_t version, const void *body, size_t n)
{
	const uint8_t header[HEADER] = { type, (uint8_t)(version >> 8), (uint8_t)version, (uint8_t)(n >> 8),
		(uint8_t)n };

	peer_send(out, header, sizeof(header));
	peer_send(out, body, n);
}

static size_t most_in_record(const struct server *s)
{
	if (row_of(s)->fragment)
		return row_of(s)->fragment;
	return s->config->fragment ? s->config->fragment : RECORD_MAX;
}

bool server_spoils(const struct server *s, unsigned what)
{
	return row_of(s)->spoils & what;
}

bool server_forgets(const struct server *s)
{
	return s->config->forgets && s->nth % s->config->forgets == 0;
}

/* The one bit that a row turns in what is sealed. */
static void spoil_sealed(struct server *s, struct wr *body)
{
	if (!server_spoils(s, SPOIL_SEALED_BIT) || s->bit_flipped || !body->len)
		return;
	body->buf[body->len - 1] ^= 1;
	s->bit_flipped = true;
}

static void send_one(struct server *s, uint8_t type, struct span piece, struct peer_out *out)
{
	uint16_t version = record_version(s->choice.version);
	uint8_t plain[RECORD_MAX + 256], room[SEALED_MAX], iv[16];
	struct wr w = wr_of(room, sizeof(room)), random = wr_of(iv, sizeof(iv)), bent = wr_of(plain, sizeof(plain));
	struct span content = { plain, 0 };

	wr_bytes(&bent, piece.p, piece.n);
	misbehaviour_content(s, &type, &bent);
	content.n = bent.len;

	if (!s->write) {
		server_record(out, type, version, content.p, content.n);
		return;
	}
	filler_bytes(&random, sizeof(iv), &s->random);
	require(seal_protect(s->write, type, version, content, iv, NULL, &w));
	spoil_sealed(s, &w);
	server_record(out, s->choice.version == VER_TLS13 ? REC_DATA : type, version, w.buf, w.len);
}

void server_send(struct server *s, uint8_t type, const void *body, size_t n, struct peer_out *out)
{
	size_t most = type == REC_HANDSHAKE ? most_in_record(s) : RECORD_MAX, step;
	const uint8_t *p = body;

	for (size_t at = 0; at < n || !at; at += step) {
		step = n - at < most ? n - at : most;
		send_one(s, type, (struct span){ p + at, step }, out);
		if (!n)
			return; /* one empty record */
	}
}

void server_message(struct server *s, uint8_t type, struct span body, struct peer_out *out)
{
	size_t room = body.n + SPARE;
	struct wr w = wr_of(mem_grow(NULL, room, 1), room);

	wr_u8(&w, type);
	wr_u24(&w, (uint32_t)body.n);
	wr_bytes(&w, body.p, body.n);
	misbehaviour_message(s, &w, 0);
	require(!w.bad);
	text_addn(&s->transcript, (const char *)w.buf, w.len);
	server_send(s, REC_HANDSHAKE, w.buf, w.len, out);
	free(w.buf);
}

/* ---- saying it ------------------------------------------------------------------------------- */

static void drip(struct server *s, struct peer_out *out)
{
	if (s->late_at < s->late.n)
		peer_send(out, s->late.bytes + s->late_at++, 1);
	if (s->late_at < s->late.n)
		peer_wait(out, row_of(s)->drip_us);
	else
		peer_end(out, s->late.end);
}

static void run_stream(struct server *s, struct peer_out *out)
{
	size_t before = out->n;
	bool more = s->stream(s, out);

	s->streamed += out->n - before;
	if (more)
		peer_wait(out, row_of(s)->pace_us);
	else if (!out->end)
		peer_end(out, row_of(s)->end);
}

void server_start_stream(struct server *s, server_stream *stream, struct peer_out *out)
{
	s->stream = stream;
	s->stage = STAGE_OVER;
	run_stream(s, out);
}

/* Everything said in answer to a hello goes through here, where rows act on the bytes themselves. */
static void say(struct server *s, struct peer_out *answer, struct peer_out *out)
{
	const struct misbehaviour *row = row_of(s);

	if (row->end && !row->after)
		answer->end = row->end;
	if (row->bytes)
		row->bytes(answer, s->config, s->nth);
	if (answer->end)
		s->stage = STAGE_OVER;
	if (row->drip_us) {
		peer_out_free(&s->late);
		s->late = *answer;
		s->late_at = 0;
		*answer = (struct peer_out){ 0 };
		drip(s, out);
		return;
	}
	peer_send(out, answer->bytes, answer->n);
	peer_end(out, answer->end);
	if (row->after && !answer->end)
		server_start_stream(s, row->after, out);
}

static void say_alert(struct server *s, uint16_t version, uint8_t alert, struct peer_out *out)
{
	const uint8_t body[] = { FATAL, alert };
	struct peer_out answer = { .end = PEER_FIN };

	if (s->write)
		server_send(s, REC_ALERT, body, sizeof(body), &answer);
	else
		server_record(&answer, REC_ALERT, version, body, sizeof(body));
	say(s, &answer, out);
	peer_out_free(&answer);
}

static uint8_t alert_of(struct server *s, uint8_t fits)
{
	const struct server_config *c = s->config;
	uint8_t random;
	struct wr w = wr_of(&random, 1);

	if (c->alert_random) {
		filler_bytes(&w, 1, &s->random);
		return random;
	}
	if (c->alerts.n)
		return (uint8_t)c->alerts.v[s->nth % c->alerts.n];
	return c->alert ? c->alert : fits;
}

static void say_no_so(struct server *s, enum refusal how, uint16_t version, uint8_t alert, struct peer_out *out)
{
	s->stage = STAGE_OVER;
	switch (how) {
	case REFUSE_ALERT:
		say_alert(s, version, alert_of(s, alert), out);
		break;
	case REFUSE_FIN:
		peer_end(out, PEER_FIN);
		break;
	case REFUSE_RESET:
		peer_end(out, PEER_RESET);
		break;
	case REFUSE_SILENCE:
		break;
	}
}

/* To a hello. */
static void say_no(struct server *s, const struct heard *h, uint8_t alert, struct peer_out *out)
{
	uint16_t version = h->version >= VER_TLS10 && h->version <= VER_TLS12 ? h->version : VER_SSL3;

	say_no_so(s, s->config->refusal, version, alert, out);
}

void server_fail(struct server *s, uint8_t alert, struct peer_out *out)
{
	const struct server_config *c = s->config;
	uint16_t version = record_version(s->choice.version);

	say_no_so(s, c->later_refusal ? c->later_refusal : c->refusal, version >= VER_TLS10 ? version : VER_SSL3, alert, out);
}

/* A record that nobody can open: the rest of a handshake whose arithmetic is not here. */
static void add_noise(struct server *s, struct peer_out *answer)
{
	uint8_t noise[600];
	struct wr w = wr_of(noise, sizeof(noise));

	filler_bytes(&w, sizeof(noise), &s->random);
	server_record(answer, REC_CCS, VER_TLS12, "\x01", 1); /* RFC 8446 appendix D.4 */
	server_record(answer, REC_DATA, VER_TLS12, noise, sizeof(noise));
}

/* One record, or more, for each message. */
static void add_messages(struct server *s, const struct flight *f, struct peer_out *answer)
{
	for (size_t i = 0; i < f->starts_n; i++) {
		size_t end = i + 1 < f->starts_n ? f->starts[i + 1] : f->w.len;

		if (i && i == f->sealed_from) {
			server_record(answer, REC_CCS, VER_TLS12, "\x01", 1);
			serve13_seal_flight(s);
		}
		server_send(s, REC_HANDSHAKE, f->w.buf + f->starts[i], end - f->starts[i], answer);
	}
}

static void say_yes(struct server *s, const struct heard *h, struct peer_out *out)
{
	struct flight f = { .config = s->config, .heard = h, .choice = &s->choice, .server = s };
	struct peer_out answer = { 0 };

	flight_write(&f);
	misbehaviour_patch(&f);
	add_messages(s, &f, &answer);
	if (version_is_13(s->choice.version) && !s->choice.retry && !flight_is_whole_13(&f))
		add_noise(s, &answer);
	serve_answered(s, &f, &answer);
	say(s, &answer, out);
	flight_free(&f);
	peer_out_free(&answer);
}

/* True when the row has something else to say than an answer. */
static bool say_otherwise(struct server *s, struct peer_out *out)
{
	const struct misbehaviour *row = row_of(s);

	if (row->text) {
		peer_send(out, row->text, strlen(row->text));
		peer_end(out, row->end);
	}
	if (row->instead)
		server_start_stream(s, row->instead, out);
	if (row->text || row->instead || row->silent)
		s->stage = STAGE_OVER;
	return s->stage == STAGE_OVER;
}

static void answer_hello(struct server *s, const struct heard *h, struct peer_out *out)
{
	const struct misbehaviour *row = row_of(s);
	struct choice c;
	uint8_t alert;

	if (say_otherwise(s, out))
		return;
	choose(&c, s->config, h);
	if (row->choice)
		row->choice(&c, s->config, h, s->nth);
	if (c.ignored) {
		s->stage = STAGE_OVER;
		return;
	}
	text_addn(&s->transcript, (const char *)s->hello.p, s->hello.n);
	alert = c.refused ? c.alert : serve_begin(s, h, &c);
	if (c.refused || alert)
		say_no(s, h, alert, out);
	else
		say_yes(s, h, out);
}

/* ---- hearing --------------------------------------------------------------------------------- */

void server_take_hello(struct server *s, struct rd body, struct peer_out *out)
{
	struct span all = rd_rest(&body);
	struct heard h;

	s->hello = (struct span){ all.p - 4, all.n + 4 };
	if (heard_parse(&h, all.p, all.n)) {
		h.record_version = s->hello_record;
		answer_hello(s, &h, out);
	} else {
		say_no(s, &h, ALERT_DECODE_ERROR, out);
	}
	s->hello = (struct span){ NULL, 0 };
}

static const struct stage_row {
	enum server_stage stage;
	uint8_t type;
	serve_handler *handle;
} stages[] = {
	{ STAGE_HELLO, MSG_CLIENT_HELLO, server_take_hello },
	{ STAGE_RETRIED, MSG_CLIENT_HELLO, server_take_hello },
	{ STAGE_12_CERTIFICATE, MSG_CERTIFICATE, serve12_certificate },
	{ STAGE_12_EXCHANGE, MSG_CLIENT_KEY_EXCHANGE, serve12_exchange },
	{ STAGE_12_CERTIFICATE, CCS, serve12_early_ccs },
	{ STAGE_12_EXCHANGE, CCS, serve12_early_ccs },
	{ STAGE_12_VERIFY, MSG_CERTIFICATE_VERIFY, serve12_verify },
	{ STAGE_12_CCS, CCS, serve12_ccs },
	{ STAGE_12_FINISHED, MSG_FINISHED, serve12_finished },
	{ STAGE_13_EARLY, MSG_END_OF_EARLY_DATA, serve13_early_end },
	{ STAGE_13_CERTIFICATE, MSG_CERTIFICATE, serve13_client_certificate },
	{ STAGE_13_VERIFY, MSG_CERTIFICATE_VERIFY, serve13_client_verify },
	{ STAGE_13_FINISHED, MSG_FINISHED, serve13_client_finished },
	{ STAGE_OPEN, MSG_CLIENT_HELLO, serve12_hello },
	{ STAGE_OPEN, MSG_KEY_UPDATE, serve13_key_update },
};

static void on_message(struct server *s, uint8_t type, struct rd body, struct peer_out *out)
{
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
		if (stages[i].stage != s->stage || stages[i].type != type)
			continue;
		stages[i].handle(s, body, out);
		return;
	}
	server_fail(s, ALERT_UNEXPECTED, out);
}

static void drop_front(uint8_t *p, size_t *n, size_t gone)
{
	*n -= gone;
	memmove(p, p + gone, *n);
}

/* More of the hello is to come, and the server does not wait for it. */
static void miss_the_rest(struct server *s, enum server_quirk quirk, struct peer_out *out)
{
	if (s->stage == STAGE_HELLO && s->config->quirks[quirk])
		say_no(s, &(struct heard){ .version = VER_TLS10 }, ALERT_DECODE_ERROR, out);
}

static void on_handshake_bytes(struct server *s, const uint8_t *p, size_t n, struct peer_out *out)
{
	struct rd r, body;
	uint8_t type;
	size_t whole;

	s->messages = mem_grow(s->messages, s->messages_n + n, 1);
	memcpy(s->messages + s->messages_n, p, n);
	s->messages_n += n;
	while (s->messages_n && s->stage != STAGE_OVER) {
		r = rd_of(s->messages, s->messages_n);
		type = rd_u8(&r);
		body = rd_vec(&r, 3);
		if (r.bad) {
			miss_the_rest(s, QUIRK_ONE_RECORD, out);
			return;
		}
		s->before = s->transcript.n;
		whole = (size_t)(r.p - s->messages);
		if (s->stage != STAGE_HELLO && s->stage != STAGE_RETRIED)
			text_addn(&s->transcript, (const char *)s->messages, whole);
		on_message(s, type, body, out);
		drop_front(s->messages, &s->messages_n, whole);
	}
}

static void on_alert(struct server *s, struct span p, struct peer_out *out)
{
	bool warning = p.n == 2 && p.p[0] != FATAL && p.p[1] != ALERT_CLOSE_NOTIFY;

	if (warning && p.p[1] == NO_CERTIFICATE && s->stage == STAGE_12_CERTIFICATE)
		serve12_no_certificate(s, out);
	if (warning)
		return;
	if (s->stage == STAGE_OPEN && p.n == 2 && p.p[1] == ALERT_CLOSE_NOTIFY &&
	        !server_spoils(s, SPOIL_MUTE)) {
		serve_goodbye(s, out);
		return;
	}
	s->stage = STAGE_OVER;
	peer_end(out, PEER_FIN);
}

/* For middleboxes from TLS 1.3 on: RFC 8446 section 5. */
static void on_ccs(struct server *s, struct span p, struct peer_out *out)
{
	if (s->choice.version != VER_TLS13 && s->stage != STAGE_HELLO)
		on_message(s, CCS, rd_span(p), out);
}

static void on_content(struct server *s, uint8_t type, struct span p, struct peer_out *out)
{
	if (type == REC_CCS)
		on_ccs(s, p, out);
	else if (type == REC_HANDSHAKE && p.n)
		on_handshake_bytes(s, p.p, p.n, out);
	else if (type == REC_ALERT)
		on_alert(s, p, out);
	else if (type == REC_DATA && s->read)
		serve_data(s, p, out);
	else if (type == REC_HEARTBEAT && s->heartbeats)
		serve_heartbeat(s, p, out);
}

/* What a record that does not open is met with, by servers that look at what is wrong. 0: no alert. */
static uint8_t tell_fault(struct server *s, enum lax_fault fault, struct peer_out *out)
{
	bool padding = fault == LAX_PADDING || fault == LAX_PADDING_AND_MAC;

	if (padding && server_has_bug(s, BUG_CBC_VAUDENAY))
		return ALERT_DECRYPTION_FAILED;
	if (fault == LAX_NO_ROOM && server_has_bug(s, BUG_CBC_NO_ROOM))
		return ALERT_RECORD_OVERFLOW;
	if ((fault == LAX_PADDING && server_has_bug(s, BUG_CBC_ZOMBIE)) || (fault == LAX_MAC && server_has_bug(s, BUG_CBC_GOLDEN)))
		peer_end(out, PEER_FIN);
	if (fault == LAX_MAC_OF_NOTHING && server_has_bug(s, BUG_CBC_NO_CONTENT))
		peer_end(out, PEER_RESET);
	if (out->end || (padding && server_has_bug(s, BUG_CBC_SLEEPING)))
		return 0;
	return ALERT_BAD_RECORD;
}

static void on_lax_record(struct server *s, uint8_t type, uint16_t version, uint8_t *p, size_t n, struct peer_out *out)
{
	struct span content;
	enum lax_fault fault = lax_open(s->lax, type, version, p, n, &content);
	uint8_t alert = fault ? tell_fault(s, fault, out) : 0;

	if (fault)
		s->stage = STAGE_OVER;
	if (alert)
		server_fail(s, alert, out);
	else if (!fault)
		on_content(s, type, content, out);
}

static void on_record(
        struct server *s, uint8_t type, uint16_t version, uint8_t *p, size_t n, struct peer_out *out)
{
	struct span content = { p, n };

	if (type == REC_CCS && (!s->read || s->choice.version == VER_TLS13)) {
		on_ccs(s, content, out);
		return;
	}
	if (s->lax) {
		on_lax_record(s, type, version, p, n, out);
		return;
	}
	if (s->read && !seal_open(s->read, &type, version, p, n, &content)) {
		if (s->skips)
			serve13_skip(s);
		else
			server_fail(s, ALERT_BAD_RECORD, out);
		return;
	}
	s->skips = s->skips && !s->read;
	on_content(s, type, content, out);
}

static bool in_ssl2(const struct server *s)
{
	return code_list_has(&s->config->versions, VER_SSL2);
}

/* A hello that asks for SSL 2 and nothing better is answered in SSL 2, one that asks for more as any other
 * hello. */
static void on_ssl2_hello(struct server *s, const uint8_t *p, size_t n, struct peer_out *out)
{
	uint8_t room[8192];
	struct wr w = wr_of(room, sizeof(room));
	struct peer_out answer = { 0 };
	struct heard h;

	s->hello = (struct span){ p, n };
	if (!heard_parse_ssl2(&h, p, n)) {
		say_no(s, &h, ALERT_DECODE_ERROR, out);
		return;
	}
	if (h.version != VER_SSL2 || !in_ssl2(s)) {
		answer_hello(s, &h, out);
		return;
	}
	if (say_otherwise(s, out))
		return;
	flight_ssl2(&w, s->config, &h, &s->random);
	require(!w.bad);
	serve2_answered(s, h.random, (struct span){ w.buf, w.len });
	peer_send(&answer, w.buf, w.len);
	say(s, &answer, out);
	peer_out_free(&answer);
}

static void on_ssl2_record(struct server *s, const uint8_t *p, size_t n, struct peer_out *out)
{
	if (s->stage == STAGE_2_KEY)
		serve2_key(s, rd_of(p, n), out);
	else
		on_ssl2_hello(s, p, n, out);
}

static bool begins_ssl2(const struct server *s)
{
	bool hello = s->stage == STAGE_HELLO && s->in_n >= 3 && s->in[2] == MSG_CLIENT_HELLO;

	return (hello || s->stage == STAGE_2_KEY) && s->in_n && (s->in[0] & 0x80);
}

bool server_has_bug(const struct server *s, enum server_bug bug)
{
	return s->config->bugs[bug];
}

bool server_has_more(const struct server *s)
{
	struct rd r = rd_of(s->in, s->in_n);

	rd_take(&r, 3);
	rd_vec(&r, 2);
	return !r.bad && rd_left(&r);
}

/* Takes one record off what came; false: none is whole yet. */
static bool take_record(struct server *s, struct peer_out *out)
{
	bool ssl2 = begins_ssl2(s);
	struct rd r = rd_of(s->in, s->in_n), body;
	uint16_t version = 0;
	uint8_t type = 0;

	if (ssl2) {
		body = rd_sub(&r, rd_u16(&r) & 0x7FFFu);
	} else {
		type = rd_u8(&r);
		version = rd_u16(&r);
		body = rd_vec(&r, 2);
	}
	if (r.bad) {
		miss_the_rest(s, QUIRK_ONE_READ, out);
		return false;
	}
	s->hello_record = s->hello_record ? s->hello_record : version;
	if (ssl2)
		on_ssl2_record(s, rd_rest(&body).p, rd_left(&body), out);
	else
		on_record(s, type, version, s->in + HEADER, rd_left(&body), out);
	drop_front(s->in, &s->in_n, (size_t)(r.p - s->in));
	return true;
}

/* ---- the peer -------------------------------------------------------------------------------- */

static void accepted(void *state, const void *config, unsigned nth, struct peer_out *out)
{
	struct server *s = state;

	s->config = config;
	s->nth = nth;
	s->random = s->config->seed + (uint64_t)nth * 0x632BE59BD9B4E019;
	if (row_of(s)->greets)
		say_otherwise(s, out);
}

static void received(void *state, const uint8_t *p, size_t n, struct peer_out *out)
{
	struct server *s = state;

	if (row_of(s)->echo)
		peer_send(out, p, n);
	if (row_of(s)->echo || s->stage == STAGE_OVER || s->in_n + n > INPUT_MAX)
		return;
	s->in = mem_grow(s->in, s->in_n + n, 1);
	memcpy(s->in + s->in_n, p, n);
	s->in_n += n;
	while (s->in_n && s->stage != STAGE_OVER && take_record(s, out))
		;
}

static void tick(void *state, struct peer_out *out)
{
	struct server *s = state;

	if (s->stream)
		run_stream(s, out);
	else if (s->late.n)
		drip(s, out);
}

static void closed(void *state)
{
	struct server *s = state;

	free(s->in);
	free(s->messages);
	peer_out_free(&s->late);
	text_free(&s->transcript);
	text_free(&s->request);
	key_pair_free(s->share);
	public_key_free(s->client_key);
	seal_free(s->read);
	lax_free(s->lax);
	seal_free(s->write);
}

const struct peer_kind server_peer = {
	.state_size = sizeof(struct server),
	.accepted = accepted,
	.received = received,
	.tick = tick,
	.closed = closed,
};
