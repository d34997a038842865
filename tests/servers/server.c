#include "tests/servers/server.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/flight.h"
#include "tests/servers/misbehave.h"

enum { REC_CCS = 20, REC_ALERT = 21, REC_HANDSHAKE = 22, REC_DATA = 23 };
enum { RECORD_MAX = 1 << 14, HEADER = 5, INPUT_MAX = 256 * 1024, FATAL = 2 };
enum { ALERT_UNEXPECTED = 10, ALERT_DECODE_ERROR = 50 };

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

static void add_records(struct peer_out *out, uint16_t version, const uint8_t *p, size_t n, size_t most)
{
	size_t step;

	for (size_t at = 0; at < n; at += step) {
		step = n - at < most ? n - at : most;
		server_record(out, REC_HANDSHAKE, version, p + at, step);
	}
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
	else
		peer_end(out, row_of(s)->end);
}

static void start_stream(struct server *s, server_stream *stream, struct peer_out *out)
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
		start_stream(s, row->after, out);
}

static void say_alert(struct server *s, uint16_t version, uint8_t alert, struct peer_out *out)
{
	const uint8_t body[] = { FATAL, alert };
	struct peer_out answer = { .end = PEER_FIN };

	server_record(&answer, REC_ALERT, version, body, sizeof(body));
	say(s, &answer, out);
	peer_out_free(&answer);
}

static void say_no(struct server *s, const struct heard *h, uint8_t alert, struct peer_out *out)
{
	uint16_t version = h->version >= VER_TLS10 && h->version <= VER_TLS12 ? h->version : VER_SSL3;

	s->stage = STAGE_OVER;
	switch (s->config->refusal) {
	case REFUSE_ALERT:
		say_alert(s, version, s->config->alert ? s->config->alert : alert, out);
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

/* RFC 8446 appendix D.4, and a record that nobody can open: the rest of a handshake still to be learnt. */
static void add_noise(struct server *s, struct peer_out *answer)
{
	uint8_t noise[600];
	struct wr w = wr_of(noise, sizeof(noise));

	filler_bytes(&w, sizeof(noise), &s->random);
	server_record(answer, REC_CCS, VER_TLS12, "\x01", 1);
	server_record(answer, REC_DATA, VER_TLS12, noise, sizeof(noise));
}

static size_t most_in_record(const struct server *s)
{
	if (row_of(s)->fragment)
		return row_of(s)->fragment;
	return s->config->fragment ? s->config->fragment : RECORD_MAX;
}

/* One record, or more, for each message. */
static void add_messages(struct server *s, const struct flight *f, struct peer_out *answer)
{
	uint16_t version = record_version(f->choice->version);

	for (size_t i = 0; i < f->starts_n; i++) {
		size_t end = i + 1 < f->starts_n ? f->starts[i + 1] : f->w.len;

		add_records(answer, version, f->w.buf + f->starts[i], end - f->starts[i], most_in_record(s));
	}
}

static void say_yes(struct server *s, const struct heard *h, const struct choice *c, struct peer_out *out)
{
	struct flight f = { .config = s->config, .heard = h, .choice = c, .random = &s->random };
	struct peer_out answer = { 0 };

	s->stage = c->retry ? STAGE_RETRIED : STAGE_ANSWERED;
	flight_write(&f);
	misbehaviour_patch(&f);
	add_messages(s, &f, &answer);
	if (version_is_13(c->version) && !c->retry)
		add_noise(s, &answer);
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
		start_stream(s, row->instead, out);
	if (row->text || row->instead || row->silent)
		s->stage = STAGE_OVER;
	return s->stage == STAGE_OVER;
}

static void answer_hello(struct server *s, const struct heard *h, struct peer_out *out)
{
	const struct misbehaviour *row = row_of(s);
	struct choice c;

	if (say_otherwise(s, out))
		return;
	choose(&c, s->config, h);
	if (row->choice)
		row->choice(&c, s->config, h, s->nth);
	if (c.ignored)
		s->stage = STAGE_OVER;
	else if (c.refused)
		say_no(s, h, c.alert, out);
	else
		say_yes(s, h, &c, out);
}

/* ---- hearing --------------------------------------------------------------------------------- */

static void on_hello(struct server *s, const uint8_t *body, size_t n, struct peer_out *out)
{
	struct heard h;

	if (heard_parse(&h, body, n))
		answer_hello(s, &h, out);
	else
		say_no(s, &h, ALERT_DECODE_ERROR, out);
}

/* The client goes on, and this server cannot yet. */
static void on_key_exchange(struct server *s, const uint8_t *body, size_t n, struct peer_out *out)
{
	(void)body;
	(void)n;
	say_no(s, &(struct heard){ .version = VER_TLS12 }, ALERT_HANDSHAKE_FAILURE, out);
}

static const struct stage_row {
	enum server_stage stage;
	uint8_t type;
	void (*handle)(struct server *, const uint8_t *body, size_t n, struct peer_out *);
} stages[] = {
	{ STAGE_HELLO, MSG_CLIENT_HELLO, on_hello },
	{ STAGE_RETRIED, MSG_CLIENT_HELLO, on_hello },
	{ STAGE_ANSWERED, MSG_CLIENT_KEY_EXCHANGE, on_key_exchange },
	{ STAGE_ANSWERED, MSG_CERTIFICATE, on_key_exchange },
};

static void on_message(struct server *s, uint8_t type, const uint8_t *body, size_t n, struct peer_out *out)
{
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++) {
		if (stages[i].stage != s->stage || stages[i].type != type)
			continue;
		stages[i].handle(s, body, n, out);
		return;
	}
	say_no(s, &(struct heard){ 0 }, ALERT_UNEXPECTED, out);
}

static void drop_front(uint8_t *p, size_t *n, size_t gone)
{
	*n -= gone;
	memmove(p, p + gone, *n);
}

static void on_handshake_bytes(struct server *s, const uint8_t *p, size_t n, struct peer_out *out)
{
	struct rd r, body;
	uint8_t type;

	s->messages = mem_grow(s->messages, s->messages_n + n, 1);
	memcpy(s->messages + s->messages_n, p, n);
	s->messages_n += n;
	while (s->messages_n && s->stage != STAGE_OVER) {
		r = rd_of(s->messages, s->messages_n);
		type = rd_u8(&r);
		body = rd_vec(&r, 3);
		if (r.bad)
			return;
		on_message(s, type, rd_rest(&body).p, rd_left(&body), out);
		drop_front(s->messages, &s->messages_n, (size_t)(r.p - s->messages));
	}
}

static void on_record(struct server *s, uint8_t type, const uint8_t *p, size_t n, struct peer_out *out)
{
	if (type == REC_HANDSHAKE && n) {
		on_handshake_bytes(s, p, n, out);
	} else if (type == REC_ALERT && n == 2 && (p[0] == FATAL || p[1] == 0)) {
		s->stage = STAGE_OVER;
		peer_end(out, PEER_FIN);
	}
}

static bool in_ssl2(const struct server *s)
{
	return code_list_has(&s->config->versions, VER_SSL2);
}

/* A hello that asks for SSL 2 and nothing better is answered in SSL 2, one that asks for more as any other
 * hello. */
static void on_ssl2_record(struct server *s, const uint8_t *p, size_t n, struct peer_out *out)
{
	uint8_t room[8192];
	struct wr w = wr_of(room, sizeof(room));
	struct peer_out answer = { 0 };
	struct heard h;

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
	s->stage = STAGE_ANSWERED;
	flight_ssl2(&w, s->config, &h, &s->random);
	require(!w.bad);
	peer_send(&answer, w.buf, w.len);
	say(s, &answer, out);
	peer_out_free(&answer);
}

static bool begins_ssl2(const struct server *s)
{
	return s->stage == STAGE_HELLO && s->in_n >= 3 && (s->in[0] & 0x80) && s->in[2] == MSG_CLIENT_HELLO;
}

/* Takes one record off what came; false: none is whole yet. */
static bool take_record(struct server *s, struct peer_out *out)
{
	bool ssl2 = begins_ssl2(s);
	struct rd r = rd_of(s->in, s->in_n), body;
	uint8_t type = 0;

	if (ssl2) {
		body = rd_sub(&r, rd_u16(&r) & 0x7FFFu);
	} else {
		type = rd_u8(&r);
		rd_u16(&r);
		body = rd_vec(&r, 2);
	}
	if (r.bad)
		return false;
	if (ssl2)
		on_ssl2_record(s, rd_rest(&body).p, rd_left(&body), out);
	else
		on_record(s, type, rd_rest(&body).p, rd_left(&body), out);
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
}

const struct peer_kind server_peer = {
	.state_size = sizeof(struct server),
	.accepted = accepted,
	.received = received,
	.tick = tick,
	.closed = closed,
};
