/*
 * A ticket beside a session id of 16 bytes (CVE-2016-9244): the server says the id again when it takes the ticket (RFC 5077
 * section 3.4). One with the bug says back 32 bytes: ours, and 16 of its memory. The ticket is that of the first whole
 * handshake, and the question is that of the probe of resumption: no connection in most scans.
 */
#include <string.h>

#include "probes/shake.h"
#include "probes/ticket_proof.h"

enum { LEAKED_ID = 32 };

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	struct ticket_proof *s = r->state;
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

static const struct ticket_question question = { { .key = OBS_KEY_TICKETBLEED, .ask = make, .look = look, .evidence = evidence }, 0 };

const struct probe probe_ticketbleed = {
	.id = "ticketbleed",
	.what = "whether the server says back a longer session id than it got",
	.ref = "CVE-2016-9244",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct ticket_proof),
	.when = ticket_proof_when,
	.step = ticket_proof_step,
	.declaration = &question,
};
