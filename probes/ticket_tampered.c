/*
 * A ticket with one bit changed, the last of its last byte: it must not be taken (RFC 5077 section 5.3), for whoever may
 * change a ticket may in time make one, or read what is in it. The last bytes are those that prove the others in every known
 * form of ticket. The ticket is that of the first whole handshake up to TLS 1.2.
 */
#include "probes/proof.h"
#include "probes/resume.h"
#include "probes/shake.h"

struct state {
	struct proof_state proof;
	struct session session;
};

static struct span changed(struct run *r, struct span ticket)
{
	uint8_t *copy = arena_copy(r->arena, ticket.p, ticket.n);

	copy[ticket.n - 1] ^= 1;
	return (struct span){ copy, ticket.n };
}

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	struct state *s = r->state;
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

static const struct proof question = { .key = OBS_KEY_TICKET_TAMPERED, .ask = make, .look = look, .evidence = evidence };

static enum next tell(struct run *r, enum tri value, const char *why)
{
	note(r, &(struct obs){ .key = OBS_KEY_TICKET_TAMPERED, .protocol = facts_newest_clear(r->facts), .tri = value,
			  .reason = why });
	return NEXT_DONE;
}

static enum next begin(struct run *r)
{
	uint16_t version = facts_newest_clear(r->facts);
	struct opening o;

	if (!shake_opening(r, version, &o))
		return tell(r, TRI_UNKNOWN, shake_why_not(r, version));
	ask(r, 0, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan });
	return NEXT_WAIT;
}

static enum next opened(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!resume_is_whole(a))
		return tell(r, TRI_UNKNOWN, reason_name(resume_trouble(a)));
	if (resume_ticket_given(a) == TRI_NO)
		return tell(r, TRI_NA, NULL);
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

const struct probe probe_ticket_tampered = {
	.id = "ticket_tampered",
	.what = "whether a ticket with one bit changed is taken, up to TLS 1.2",
	.ref = "RFC 5077 section 5.3",
	.topics = (const char *const[]){ "sessions", "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
	.declaration = &question,
};
