/*
 * A whole handshake in the newest version up to TLS 1.2: the signature over the key exchange and both Finished messages
 * are right, or not; a client certificate is asked for, or needed.
 */
#include "probes/http.h"
#include "probes/resume.h"
#include "probes/shake.h"

struct state {
	const struct session *session; /* of the first handshake, while it is being taken up again */
};

/* What this program cannot carry through is no trouble of the server's. */
static void tell_not_here(struct run *r, uint16_t version)
{
	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = version, .tri = TRI_UNKNOWN,
			  .reason = shake_why_not(r, version) });
}

static enum next begin(struct run *r, uint16_t version)
{
	struct plan plan;
	struct hello h;

	if (!shake_hello(r, version, &h)) {
		tell_not_here(r, version);
		return NEXT_DONE;
	}
	plan = facts_offers(r->facts, VER_TLS13) ? (struct plan){ 0 } : http_plan(r);
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT, .plan = &plan });
	return NEXT_WAIT;
}

static enum next resume(struct run *r, uint16_t version, const struct session *session)
{
	struct state *s = r->state;
	struct plan plan;
	struct hello h;

	if (!session->version || !shake_hello(r, version, &h) || !resume_hello(r, session, &h, &plan))
		return NEXT_DONE;
	s->session = session;
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT, .plan = &plan });
	return NEXT_WAIT;
}

static void tell(struct run *r, uint16_t version, const struct answer *a)
{
	shake_note_client(r, version, a->hs);
	if (!facts_offers(r->facts, VER_TLS13))
		http_note(r, a); /* else TLS 1.3 carried the request */
	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = version,
			  .tri = shake_went_through(a->hs),
			  .reason = a->hs->reason ? reason_name(a->hs->reason) : NULL });
}

static enum next step(struct run *r, const struct answer *a)
{
	uint16_t version = facts_newest_clear(r->facts);
	struct state *s = r->state;

	if (!a)
		return begin(r, version);
	if (s->session) {
		resume_note(r, s->session, a);
		return NEXT_DONE;
	}
	if (!a->hs || a->hs->version != version) {
		r->trouble = a->reason ? a->reason : REASON_UNSTABLE;
		return NEXT_DONE;
	}
	tell(r, version, a);
	return resume(r, version, &a->hs->session);
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
