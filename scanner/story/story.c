#include "scanner/story/story.h"

#include <string.h>

#include "scanner/story/said_core.h"

enum { ALERT = 21, HANDSHAKE = 22, CLIENT_HELLO = 1, TICKET = 4, END_OF_EARLY_DATA = 5,
	SERVER_HELLO = 2, CERTIFICATE = 11, KEY_EXCHANGE = 12, VERIFY = 15, FINISHED = 20, KEY_UPDATE = 24, COMPRESSED_CERTIFICATE = 25,
	RECORD_HEADER = 5 };

const char *story_keys_name(enum story_keys k)
{
	static const char *const names[] = { [KEYS_NONE] = "none", [KEYS_EARLY] = "early", [KEYS_HANDSHAKE] = "handshake",
		[KEYS_APPLICATION] = "application", [KEYS_SESSION] = "session" };

	return names[k];
}

static bool is_handshake(const struct hs_event *e, uint8_t message)
{
	return e->content == HANDSHAKE && e->message == message;
}

/* ---- keys: which a side writes under follows from what was said before ----------------------------------------------------- */

struct side {
	enum story_keys keys;
	bool finished, updated, announced;
};

struct walk {
	struct side sides[2]; /* server, client */
	bool answered;        /* the server spoke */
};

static enum story_keys keys_of(const struct walk *w, const struct hs_event *e, uint16_t version)
{
	if (!e->sealed)
		return KEYS_NONE;
	if (e->ours && (!w->answered || is_handshake(e, END_OF_EARLY_DATA)))
		return KEYS_EARLY;
	if (version < VER_TLS13)
		return KEYS_SESSION;
	return w->sides[e->ours].finished ? KEYS_APPLICATION : KEYS_HANDSHAKE;
}

/* In TLS 1.3 a side writes under application keys right behind its Finished (RFC 8446 section 2). */
static enum story_keys keys_behind(const struct hs_event *e, uint16_t version, bool finished_right)
{
	bool moves = version >= VER_TLS13 && is_handshake(e, FINISHED) && (e->ours || finished_right);

	return moves ? KEYS_APPLICATION : KEYS_NONE;
}

static void tell_keys(struct walk *w, const struct hs_event *e, uint16_t version, bool finished_right, struct told *t)
{
	struct side *side = &w->sides[e->ours];

	t->sealed = e->sealed;
	t->keys = keys_of(w, e, version);
	t->keys_changed = t->keys != KEYS_NONE && (t->keys != side->keys || side->updated);
	t->keys_told = t->keys_changed && side->announced;
	t->keys_next = keys_behind(e, version, finished_right);
	side->announced = t->keys_next != KEYS_NONE || (side->announced && !t->keys_changed);
	if (t->keys != KEYS_NONE)
		side->keys = t->keys;
	side->updated = is_handshake(e, KEY_UPDATE);
	side->finished |= is_handshake(e, FINISHED);
	w->answered |= !e->ours;
}

/* ---- sums --------------------------------------------------------------------------------------------------------------------- */

static void count_server(struct story *s, const struct hs_event *e)
{
	if (e->message == SERVER_HELLO && said_is_retry(e->body))
		s->retry_bytes += RECORD_HEADER + e->bytes;
	if (e->message == CERTIFICATE || e->message == COMPRESSED_CERTIFICATE)
		s->chain_bytes = e->bytes;
	if (e->message == VERIFY || (e->message == KEY_EXCHANGE && s->result->scheme))
		s->signature_bytes = e->bytes;
	if (e->message != TICKET)
		return;
	s->tickets++;
	s->ticket_bytes += e->bytes;
	if (e->bytes > s->ticket_largest)
		s->ticket_largest = e->bytes;
}

static void count_hello(struct story *s, const struct hs_event *e)
{
	if (s->hello_bytes)
		s->retry_bytes += RECORD_HEADER + e->bytes;
	else
		s->first_hello_bytes = e->bytes;
	s->hello_bytes += e->bytes;
}

static void count(struct story *s, const struct hs_event *e)
{
	if (e->content != HANDSHAKE)
		return;
	if (!e->ours)
		count_server(s, e);
	else if (e->message == CLIENT_HELLO)
		count_hello(s, e);
}

static unsigned round_trips(const struct hs_result *r)
{
	if (r->early_accepted)
		return 0;
	if (r->version >= VER_TLS13)
		return 1 + r->retried;
	return r->resumed ? 1 : 2;
}

static uint64_t between_ms(uint64_t from_us, uint64_t to_us)
{
	return to_us > from_us ? (to_us - from_us) / 1000 : 0;
}

/* ---- trouble -------------------------------------------------------------------------------------------------------------------- */

struct story_error story_dns_error(void)
{
	return (struct story_error){ .code = reason_name(REASON_DNS_NOT_FOUND),
		.message = reason_sentence(REASON_DNS_NOT_FOUND), .stage = "dns" };
}

static const struct told *last_named(const struct story *s, size_t before, const char *name)
{
	while (before-- > 0)
		if (!name || !strcmp(s->messages[before].name, name))
			return &s->messages[before];
	return NULL;
}

/* The message that the trouble is in or behind. A wrong signature is found when all of a flight is there. */
static const struct told *trouble_after(const struct story *s)
{
	const struct hs_result *r = s->result;
	size_t n = r->trouble_at;

	if (r->reason == REASON_CRYPTO_SIGNATURE)
		return last_named(s, n, r->version >= VER_TLS13 ? "CertificateVerify" : "ServerKeyExchange");
	if (r->reason == REASON_ALERT && n && r->events[n - 1].content == ALERT)
		n--;
	return last_named(s, n, NULL);
}

static const char *trouble_stage(const struct story *s, const struct told *after)
{
	const struct told *hello = last_named(s, s->messages_n, "ServerHello");
	size_t n = after ? (size_t)(after - s->messages) + 1 : 0, finished = 0;

	for (size_t i = 0; i < n; i++)
		finished += !strcmp(s->messages[i].name, "Finished");
	if (s->complete && finished == 2)
		return "afterwards";
	return !hello || hello >= after ? "hello" : "handshake";
}

static void tell_error(struct story *s, const struct talk *t)
{
	enum reason why = t->not_connected ? t->not_connected : s->result->reason;
	const struct hs_result *r = s->result;
	const struct told *after = trouble_after(s);

	if (!why)
		return;
	s->error = (struct story_error){
		.code = reason_name(why), .message = reason_sentence(why),
		.stage = t->not_connected ? "connect" : trouble_stage(s, after),
		.after = after ? after->name : NULL,
		.alert = r->alerted ? alert_text(r->alert) : NULL,
	};
}

/* ---- all of it -------------------------------------------------------------------------------------------------------------------- */

static void tell_messages(struct story *s, const struct talk *t)
{
	const struct hs_result *r = s->result;
	struct said said = { .arena = s->arena, .result = r, .shares = "none" };
	struct walk w = { 0 };

	s->messages = arena_new(s->arena, r->events_count + 1, sizeof *s->messages);
	for (size_t i = 0; i < r->events_count; i++) {
		const struct hs_event *e = &r->events[i];
		struct told *m = &s->messages[s->messages_n++];

		*m = (struct told){ .ours = e->ours, .bytes = e->bytes, .name = said_name(&said, e),
			.at_ms = between_ms(t->connected_us, e->at_us), .fields = { .arena = s->arena } };
		said_fields(&said, e, &m->fields);
		m->meaning = said_meaning(&said, e);
		tell_keys(&w, e, said.version, r->finished_right, m);
		count(s, e);
	}
}

void story_of(struct story *s, const struct talk *t, struct arena *a)
{
	*s = (struct story){ .arena = a, .result = hs_result(t->hs), .hello = t->config.hello, .connected = !t->not_connected };
	s->complete = s->connected && s->result->complete;
	s->resumed = s->result->resumed;
	tell_messages(s, t);
	tell_error(s, t);
	s->round_trips = s->complete ? round_trips(s->result) : 0;
	s->connect_ms = between_ms(t->started_us, t->connected_us);
	if (s->connected) /* else connected_us is no time */
		s->handshake_ms = between_ms(t->connected_us, s->complete ? t->done_us : t->ended_us);
}
