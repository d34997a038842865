/*
 * A whole handshake in the newest version up to TLS 1.2: the signature over the key exchange and both Finished messages
 * are right, or not; a client certificate is asked for, or needed.
 */
#include "probes/client_cert.h"
#include "probes/shake.h"

enum { TAG_WHOLE, TAG_NAMELESS };

struct state {
	struct hello hello;            /* of the first handshake */
	struct client_cert client;
	const struct hs_result *best;  /* of those without and with a certificate of ours */
};

/* What this program cannot carry through is no trouble of the server's. */
static void tell_not_here(struct run *r, uint16_t version)
{
	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = version, .tri = TRI_UNKNOWN,
			  .reason = shake_why_not(r, version) });
}

/* What HTTP says is told once, by TLS 1.3 where that is spoken. */
static bool heard_elsewhere(const struct run *r)
{
	return facts_offers(r->facts, VER_TLS13);
}

static enum next begin(struct run *r, uint16_t version)
{
	struct state *s = r->state;
	struct opening o;

	if (!shake_opening(r, version, &o)) {
		tell_not_here(r, version);
		return NEXT_DONE;
	}
	s->hello = o.hello;
	ask(r, TAG_WHOLE, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan });
	return NEXT_WAIT;
}

static enum next finish(struct run *r, uint16_t version)
{
	struct state *s = r->state;
	enum tri through = shake_went_through(s->best);
	enum reason why = client_cert_aside(s->best);

	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = version, .tri = through,
			  .reason = why ? reason_name(why) : NULL });
	return NEXT_DONE;
}

static enum next whole(struct run *r, uint16_t version, const struct answer *a)
{
	struct state *s = r->state;

	if (!a->hs || a->hs->version != version) {
		r->trouble = a->reason ? a->reason : REASON_UNSTABLE;
		return NEXT_DONE;
	}
	s->best = a->hs;
	client_cert_note(r, &s->client, version, a);
	if (!heard_elsewhere(r) && client_cert_is_last(&s->client))
		http_note(r, a);
	return client_cert_ask(r, &s->client, TAG_NAMELESS, &s->hello, UNTIL_FLIGHT) ? NEXT_WAIT : finish(r, version);
}

static enum next nameless(struct run *r, uint16_t version, const struct answer *a)
{
	struct state *s = r->state;

	client_cert_note_without(r, &s->client, version, a);
	if (!heard_elsewhere(r) && !client_cert_is_last(&s->client))
		http_note(r, a);
	if (a->hs && shake_went_through(s->best) != TRI_YES && shake_went_through(a->hs) == TRI_YES)
		s->best = a->hs;
	return finish(r, version);
}

static enum next step(struct run *r, const struct answer *a)
{
	uint16_t version = facts_newest_clear(r->facts);

	if (!a)
		return begin(r, version);
	if (a->tag == TAG_WHOLE)
		return whole(r, version, a);
	return nameless(r, version, a);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_handshake_clear = {
	.id = "handshake.clear",
	.what = "whether a whole handshake up to TLS 1.2 goes through, and whether it wants a client certificate",
	.ref = "RFC 5246",
	.topics = (const char *const[]){ "http", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
