/*
 * A ticket beside a session id of 16 bytes (CVE-2016-9244): the server says the id again when it takes the ticket (RFC 5077
 * section 3.4). One with the bug says back 32 bytes: ours, and 16 of its memory. The ticket is that of the first whole
 * handshake, and the question is that of the probe of resumption: no connection in most scans.
 */
#include <string.h>

#include "probes/proof.h"
#include "probes/resume.h"
#include "probes/shake.h"

enum { LEAKED_ID = 32 };

struct state {
	struct proof_state proof;
	struct session session;
};

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	struct state *s = r->state;
	bool shared = !s->proof.again && !r->named; /* with the probe of resumption */
	struct opening o;

	*why = reason_name(REASON_LIMIT_FLIGHT); /* too long to be said again */
	if (!s->session.ticket.n || !resume_opening(r, &s->session, 0, shared, &o))
		return false;
	*h = o.hello;
	*p = o.plan;
	return true;
}

static bool leaks(const struct answer *a)
{
	struct span ours = a->hello->session_id, said = a->hs ? a->hs->session_id : ours;

	return said.n == LEAKED_ID && ours.n == RESUME_ID && !memcmp(said.p, ours.p, ours.n);
}

static enum shown look(const struct answer *a)
{
	if (a->kind != ANS_SERVER_HELLO)
		return answer_refused(a) ? SHOWN_NO : SHOWN_NOTHING;
	return leaks(a) ? SHOWN_YES : SHOWN_NO;
}

static const char *evidence(struct run *r, const struct answer *a)
{
	if (leaks(a))
		return arena_printf(r->arena, "a session id of %u bytes came back with %u more", (unsigned)RESUME_ID,
			(unsigned)(LEAKED_ID - RESUME_ID));
	return a->kind == ANS_SERVER_HELLO ? "no more came back than was said" : "refused";
}

static const struct proof question = { .key = OBS_KEY_TICKETBLEED, .ask = make, .look = look, .evidence = evidence };

static enum next tell(struct run *r, enum tri value, enum reason why)
{
	note(r, &(struct obs){ .key = OBS_KEY_TICKETBLEED, .protocol = facts_newest_clear(r->facts), .tri = value,
			  .reason = why ? reason_name(why) : NULL });
	return NEXT_DONE;
}

static enum next begin(struct run *r)
{
	uint16_t version = facts_newest_clear(r->facts);
	struct opening o;

	if (!shake_opening(r, version, &o)) {
		note(r, &(struct obs){ .key = OBS_KEY_TICKETBLEED, .protocol = version, .tri = TRI_UNKNOWN,
				  .reason = shake_why_not(r, version) });
		return NEXT_DONE;
	}
	ask(r, 0, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan });
	return NEXT_WAIT;
}

static enum next opened(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!resume_is_whole(a))
		return tell(r, TRI_UNKNOWN, resume_trouble(a));
	if (resume_ticket_given(a) == TRI_NO)
		return tell(r, TRI_NA, REASON_NONE);
	s->session = a->hs->session;
	return proof_step(r, NULL);
}

static enum next step(struct run *r, const struct answer *a)
{
	if (!a)
		return begin(r);
	return a->tag == PROOF_TAG ? proof_step(r, a) : opened(r, a);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_ticketbleed = {
	.id = "ticketbleed",
	.what = "whether the server says back a longer session id than it got",
	.ref = "CVE-2016-9244",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
	.declaration = &question,
};
