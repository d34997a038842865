/*
 * A ticket with one bit changed, the last of its last byte: it must not be taken (RFC 5077 section 5.3), for whoever may
 * change a ticket may in time make one, or read what is in it. The last bytes are those that prove the others in every known
 * form of ticket. The ticket is that of the first whole handshake of a version.
 */
#include "probes/shake.h"
#include "probes/ticket_tampered.h"

static struct span changed(struct run *r, struct span ticket)
{
	uint8_t *copy = arena_copy(r->arena, ticket.p, ticket.n);

	copy[ticket.n - 1] ^= 1;
	return (struct span){ copy, ticket.n };
}

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	struct ticket_proof *s = r->state;
	struct session *spoilt = arena_copy(r->arena, &s->session, sizeof s->session);
	struct opening o;

	*why = reason_name(REASON_LIMIT_FLIGHT); /* too long to be said again */
	if (!spoilt->ticket.n)
		return false;
	spoilt->ticket = changed(r, spoilt->ticket);
	if (!resume_opening(r, spoilt, 0, false, &o))
		return false;
	*h = o.hello;
	*p = o.plan;
	return true;
}

static enum shown look(const struct answer *a)
{
	if (resume_went_on(a))
		return SHOWN_YES;
	if (resume_is_whole(a) || answer_refused(a) || (a->hs && a->hs->alerted))
		return SHOWN_NO;
	return SHOWN_NOTHING;
}

static const char *evidence(struct run *r, const struct answer *a)
{
	(void)r;
	if (resume_went_on(a))
		return "a session went on with the last bit of its ticket changed";
	return resume_is_whole(a) ? "a new session was made instead" : "refused";
}

#define PROOF { .key = OBS_KEY_TICKET_TAMPERED, .ask = make, .look = look, .evidence = evidence }

static const struct ticket_question question = { PROOF, 0 };
const struct ticket_question ticket_tampered_tls13 = { PROOF, VER_TLS13 };

const struct probe probe_ticket_tampered = {
	.id = "ticket_tampered",
	.what = "whether a ticket with one bit changed is taken, up to TLS 1.2",
	.ref = "RFC 5077 section 5.3",
	.topics = (const char *const[]){ "sessions", "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct ticket_proof),
	.when = ticket_proof_when,
	.step = ticket_proof_step,
	.declaration = &question,
};
