#include "scanner/story.h"

#include <string.h>

#include "scanner/facts/json.h"
#include "scanner/base/text.h"

/* What each message is for, as a teacher would say it. `how` adds what this one said. */
struct line {
	uint8_t content, message;
	bool ours;
	const char *meaning;
	void (*how)(struct text *, const struct hs_result *);
};

static const char *suite_name(uint16_t code)
{
	const struct suite *s = suite_find(code);

	return s ? s->name : "an unknown suite";
}

static const char *group_name(uint16_t code)
{
	const struct group *g = group_find(code);

	return g ? g->name : "no group";
}

static void how_server_hello(struct text *t, const struct hs_result *r)
{
	const struct version *v = version_find(r->version);

	text_fmt(t, "%s, %s", v ? v->name : "?", suite_name(r->suite));
	if (r->group)
		text_fmt(t, ", %s", group_name(r->group));
	if (r->resumed)
		text_add(t, ", takes the session up again");
}

static void how_certificate(struct text *t, const struct hs_result *r)
{
	text_fmt(t, "%zu certificate%s, %zu bytes", r->certs_count, r->certs_count == 1 ? "" : "s", r->chain_bytes);
}

static void how_signature(struct text *t, const struct hs_result *r)
{
	const struct scheme *s = scheme_find(r->scheme);

	if (!r->signature_checked && !r->signature_right)
		return;
	text_fmt(t, "%s, %s", s ? s->name : "the old MD5 and SHA-1 form", r->signature_right ? "right" : "WRONG");
}

static void how_request(struct text *t, const struct hs_result *r)
{
	text_add(t, r->request.names.n ? "and names the authorities it accepts" : "of any authority");
}

static void how_ticket(struct text *t, const struct hs_result *r)
{
	text_fmt(t, "good for %u seconds", r->session.lifetime_s);
}

static const struct line lines[] = {
	{ 22, 1, true, "says which versions, suites and groups it can do", NULL },
	{ 22, 2, false, "picks one of each", how_server_hello },
	{ 22, 8, false, "answers the extensions, the first message under keys", NULL },
	{ 22, 13, false, "asks for a client certificate", how_request },
	{ 22, 11, false, "shows who the server is", how_certificate },
	{ 22, 25, false, "shows who the server is, compressed", how_certificate },
	{ 22, 22, false, "staples an OCSP response", NULL },
	{ 22, 12, false, "sends its part of the key exchange, signed", how_signature },
	{ 22, 15, false, "signs all that was said so far: it holds the key", how_signature },
	{ 22, 14, false, "has nothing more to say for now", NULL },
	{ 22, 16, true, "sends its part of the key exchange: both now have the secret", NULL },
	{ 22, 11, true, "answers with its certificate, or with none", NULL },
	{ 22, 15, true, "signs all that was said so far with the client's key", NULL },
	{ 22, 20, false, "proves that the server has the keys and heard the same words", NULL },
	{ 22, 20, true, "proves that the client has the keys and heard the same words", NULL },
	{ 22, 4, false, "gives a ticket to take the session up again", how_ticket },
	{ 22, 5, true, "ends the early data", NULL },
	{ 22, 24, false, "changes its keys", NULL },
	{ 22, 24, true, "changes its keys, as asked", NULL },
	{ 20, 0, true, "from here on under keys", NULL },
	{ 20, 0, false, "from here on under keys", NULL },
	{ 23, 0, true, "data", NULL },
	{ 21, 0, true, "says goodbye", NULL },
};

static const struct line *line_of(const struct hs_event *e)
{
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (lines[i].content == e->content && lines[i].ours == e->ours &&
			(e->content != 22 || lines[i].message == e->message))
			return &lines[i];
	return NULL;
}

static const char *event_name(const struct hs_event *e)
{
	switch (e->content) {
	case 20:
		return "ChangeCipherSpec";
	case 21:
		return "Alert";
	case 23:
		return "data";
	default:
		return hs_message_name(e->message);
	}
}

/* Milliseconds since the connection stood. */
static uint64_t since(const struct talk *t, const struct hs_event *e)
{
	return e->at_us > t->connected_us ? (e->at_us - t->connected_us) / 1000 : 0;
}

static void words(struct text *t, const struct hs_event *e, const struct hs_result *r)
{
	const struct line *l = line_of(e);

	if (e->content == 21 && !e->ours) {
		text_fmt(t, "alert %s", alert_text(e->message));
		return;
	}
	if (!l)
		return;
	text_add(t, l->meaning);
	if (l->how) {
		struct text how = { 0 };

		l->how(&how, r);
		if (how.n)
			text_fmt(t, ": %s", text_str(&how));
		text_free(&how);
	}
}

void story_text(FILE *f, const struct talk *t)
{
	const struct hs_result *r = hs_result(t->hs);

	for (size_t i = 0; i < r->events_count; i++) {
		const struct hs_event *e = &r->events[i];
		struct text said = { 0 };

		words(&said, e, r);
		fprintf(f, "%5llu ms  %s %-20s %6zu bytes %s  %s\n", (unsigned long long)since(t, e),
			e->ours ? "client ->" : "server <-", event_name(e), e->bytes, e->sealed ? "sealed" : "clear ",
			text_str(&said));
		text_free(&said);
	}
	if (r->reason)
		fprintf(f, "\n%s: %s\n", reason_name(r->reason), reason_sentence(r->reason));
	fprintf(f, "\n%s\n", r->complete ? "Both Finished messages were right: the handshake is complete."
				       : "The handshake was not completed.");
}

/* ---- the price ------------------------------------------------------------------------------------------------------------ */

/* Round trips until the client may send data, the one of TCP apart. */
static unsigned round_trips(const struct hs_result *r)
{
	if (r->early_accepted)
		return 0;
	if (r->version >= VER_TLS13)
		return 1 + r->retried;
	return r->resumed ? 1 : 2;
}

static void price_row(FILE *f, const char *name, const struct talk *t)
{
	const struct hs_result *r = hs_result(t->hs);

	fprintf(f, "  %-8s %7llu bytes out %7llu in, chain %6zu, %u round trip%s before data, %llu ms\n", name,
		(unsigned long long)r->sent, (unsigned long long)r->received, r->chain_bytes, round_trips(r),
		round_trips(r) == 1 ? "" : "s",
		(unsigned long long)(t->done_us > t->connected_us ? (t->done_us - t->connected_us) / 1000 : 0));
}

static void advise(FILE *f, const struct talk *full, const struct talk *resumed)
{
	const struct hs_result *r = hs_result(full->hs);
	const struct suite *s = suite_find(r->suite);
	const struct scheme *scheme = scheme_find(r->scheme);
	bool rsa = scheme ? scheme->key == KEY_RSA : s && s->auth == AUTH_RSA;

	if (!resumed || !hs_result(resumed->hs)->resumed)
		fputs("  shrink it: let sessions be resumed; this one could not be\n", f);
	if (rsa)
		fputs("  shrink it: an ECDSA chain takes about a third of the bytes of an RSA one\n", f);
	if (r->version >= VER_TLS13 && !r->compressed_chain && r->chain_bytes > 2000)
		fputs("  shrink it: certificate compression (RFC 8879) saves a third and more of the chain\n", f);
	if (r->version < VER_TLS13)
		fputs("  shrink it: TLS 1.3 saves a round trip\n", f);
}

void story_price(FILE *f, const struct talk *full, const struct talk *resumed)
{
	fputs("\nWhat it costs\n", f);
	price_row(f, "full", full);
	if (resumed)
		price_row(f, hs_result(resumed->hs)->resumed ? "resumed" : "again", resumed);
	advise(f, full, resumed);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------------------- */

static struct json_object *event_json(const struct talk *t, const struct hs_event *e)
{
	struct json_object *o = json_map();
	struct text said = { 0 };

	words(&said, e, hs_result(t->hs));
	json_set(o, "from", json_text(e->ours ? "client" : "server"));
	json_set(o, "message", json_text(event_name(e)));
	json_set(o, "sealed", json_flag(e->sealed));
	json_set(o, "size_bytes", json_count(e->bytes));
	json_set(o, "at_ms", json_count(since(t, e)));
	json_set(o, "says", json_text(text_str(&said)));
	text_free(&said);
	return o;
}

struct json_object *story_json(const struct talk *t)
{
	const struct hs_result *r = hs_result(t->hs);
	const struct version *v = version_find(r->version);
	struct json_object *o = json_map(), *messages = json_list();

	for (size_t i = 0; i < r->events_count; i++)
		json_push(messages, event_json(t, &r->events[i]));
	json_set(o, "complete", json_flag(r->complete));
	json_set(o, "resumed", json_flag(r->resumed));
	json_set(o, "error", r->reason ? json_text(reason_name(r->reason)) : NULL);
	json_set(o, "protocol", json_text(v ? v->name : NULL));
	json_set(o, "suite", json_text(r->suite ? suite_name(r->suite) : NULL));
	json_set(o, "group", json_text(r->group ? group_name(r->group) : NULL));
	json_set(o, "scheme", json_text(scheme_find(r->scheme) ? scheme_find(r->scheme)->name : NULL));
	json_set(o, "bytes_sent", json_count(r->sent));
	json_set(o, "bytes_received", json_count(r->received));
	json_set(o, "chain_bytes", json_count(r->chain_bytes));
	json_set(o, "round_trips", json_count(round_trips(r)));
	json_set(o, "messages", messages);
	return o;
}
