/* Renegotiation up to TLS 1.2 (RFC 5246 section 7.4.1.2, RFC 5746): a second handshake under the keys of the first. */
#include "scanner/base/die.h"
#include "scanner/tls/hs_core.h"

enum { VERIFY_MAX = 36 };

/* ---- the hello ---------------------------------------------------------------------------------------------------------- */

/* renegotiated_connection of the client: its own Finished. */
static void add_info(struct hs *h)
{
	struct arena *a = h->config.arena;
	struct extra *all = arena_new(a, h->hello.extra_n + 1, sizeof *all);
	uint8_t body[1 + VERIFY_MAX] = { (uint8_t)h->verify_n };
	size_t n = 0;

	memcpy(body + 1, h->ours, h->verify_n);
	for (size_t i = 0; i < h->hello.extra_n; i++)
		if (h->hello.extra[i].code != EXT_RENEGOTIATION_INFO)
			all[n++] = h->hello.extra[i];
	all[n++] = (struct extra){ EXT_RENEGOTIATION_INFO, { arena_copy(a, body, 1 + h->verify_n), 1 + h->verify_n } };
	h->hello.extra = all;
	h->hello.extra_n = n;
}

/* A server that wants hellos without extensions gets the one that RFC 5746 section 4.5 wants of SSL 3.0 too. */
static void strip_extensions(struct hello *h)
{
	if (!(h->offer & OFFER_NO_EXTENSIONS))
		return;
	h->offer &= (uint32_t)~OFFER_NO_EXTENSIONS;
	h->offer &= OFFER_DEFLATE | OFFER_FALLBACK_SCSV;
	h->groups = h->schemes = (struct codes){ 0 };
	h->sni = NULL;
	h->alpn = NULL;
	h->extra_n = 0;
}

static void new_hello(struct hs *h, enum hs_form form)
{
	h->hello = *h->config.hello;
	h->hello.version = h->before.version;
	h->hello.versions = h->hello.shares = (struct codes){ 0 };
	h->hello.psk = NULL;
	h->hello.session_id = h->hello.ticket = (struct span){ NULL, 0 };
	h->hello.offer &= (uint32_t) ~(OFFER_RENEGOTIATION | OFFER_RENEGOTIATION_SCSV);
	if (form == AGAIN_PLAIN)
		return;
	strip_extensions(&h->hello);
	add_info(h);
}

static void say_hello(struct hs *h, struct text *out)
{
	enum { HEADER = 4 };
	uint8_t message[HELLO_MAX];
	struct wr w = wr_of(message, sizeof message);

	require(hello_message(&w, &h->hello, &h->entropy));
	h->result.flights++;
	hs_message(h, MSG_CLIENT_HELLO, (struct span){ message + HEADER, w.len - HEADER }, out);
}

/* ---- beginning ------------------------------------------------------------------------------------------------------------ */

/* The running result starts anew, but for what counts the whole connection. */
static void begin(struct hs *h, enum hs_form form)
{
	h->before = h->result;
	h->before.again[h->before.again_n++] = (struct hs_again){ .form = form };
	h->result = (struct hs_result){
		.version = h->before.version, .events = h->before.events, .events_count = h->before.events_count,
		.sent = h->before.sent, .received = h->before.received, .flights = h->before.flights,
	};
	h->renegotiating = true;
	h->phase = HS_RUNNING;
	h->state = HS_CLEAR;
}

static void fresh_answer(struct hs *h)
{
	if (h->before.again_n == 1) {
		h->first = h->answer;
		h->first.hello = h->config.hello;
	} else {
		answer_free(&h->answer);
	}
	answer_init(&h->answer, &h->hello, UNTIL_HELLO);
	h->clear_taken = 0;
	h->transcript.n = 0;
	public_key_free(h->server_key);
	h->server_key = NULL;
	h->config.resume = NULL;
}

static void fresh_random(struct hs *h)
{
	uint8_t random[sizeof h->entropy.random];

	hs_draw(h, "random again", random, sizeof random);
	h->entropy = *h->config.entropy;
	memcpy(h->entropy.random, random, sizeof random);
	h->config.entropy = &h->entropy;
}

bool hs_renegotiate(struct hs *h, enum hs_form form, struct text *out)
{
	bool open = h->phase == HS_DONE && h->state == HS_OPEN && h->result.version < VER_TLS13;

	if (!open || h->result.again_n == HS_AGAIN_MAX)
		return false;
	begin(h, form);
	new_hello(h, form);
	fresh_answer(h);
	fresh_random(h);
	say_hello(h, out);
	return true;
}

/* ---- on the way -------------------------------------------------------------------------------------------------------------- */

/* answer.c reads records in clear: what came out of a sealed one is put into such a record again. */
bool hs_again_content(struct hs *h, struct span content, struct text *record)
{
	const uint16_t version = h->before.version;
	const uint8_t header[] = { TYPE_HANDSHAKE, (uint8_t)(version >> 8), (uint8_t)version, (uint8_t)(content.n >> 8),
		(uint8_t)content.n };

	text_addn(record, (const char *)header, sizeof header);
	text_addn(record, (const char *)content.p, content.n);
	return content.n > 0;
}

bool hs_again_hello(struct hs *h)
{
	if (!h->renegotiating)
		return true;
	h->before.again[h->before.again_n - 1].answered = true;
	return h->result.version == h->before.version || hs_fail(h, REASON_PROTOCOL_VERSION, h->result.version);
}

/* ---- the end ---------------------------------------------------------------------------------------------------------------- */

enum hs_outcome hs_again_outcome(const struct hs *h)
{
	if (h->result.alerted)
		return AGAIN_ALERT;
	if (h->result.close_notified)
		return AGAIN_CLOSED;
	switch (h->result.reason) {
	case REASON_CLOSED:
	case REASON_TRUNCATED:
		return AGAIN_CLOSED;
	case REASON_RESET:
		return AGAIN_RESET;
	case REASON_TIMEOUT_FIRST_BYTE:
	case REASON_TIMEOUT_HANDSHAKE:
		return AGAIN_IGNORED;
	default:
		return AGAIN_BROKEN;
	}
}

void hs_again_over(struct hs *h, enum hs_outcome outcome)
{
	const struct hs_result now = h->result;
	struct hs_again *last;

	h->result = h->before;
	h->result.events = now.events;
	h->result.events_count = now.events_count;
	h->result.sent = now.sent;
	h->result.received = now.received;
	h->result.flights = now.flights;
	h->result.close_notified = now.close_notified;
	last = &h->result.again[h->result.again_n - 1];
	last->outcome = outcome;
	last->alert = now.alert;
	last->reason = now.reason;
	h->renegotiating = false;
}
