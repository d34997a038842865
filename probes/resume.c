#include "probes/resume.h"

#include "probes/renegotiation.h"

enum { TRIES = 2, TRIES_MIXED = 6, TRIES_NAMED = 8 };

static bool offer_psk(struct run *r, const struct session *s, struct hello *h)
{
	struct psk_offer *psk = arena_new(r->arena, 1, sizeof *psk);

	*psk = (struct psk_offer){ .identity = s->ticket, .obfuscated_age = s->age_add, .binder_n = s->secret_n };
	h->psk = psk;
	return s->ticket.n > 0;
}

/* With a ticket the id is ours to make up; the server says it again when it takes the ticket (RFC 5077 section 3.4).
 * Half as long as an id can be: a server that says back more than that has the bug of ticketbleed.c. */
static struct span made_up_id(struct run *r, struct span ticket)
{
	uint8_t *id = arena_new(r->arena, RESUME_ID, 1);

	for (size_t i = 0; i < RESUME_ID && i < ticket.n; i++)
		id[i] = ticket.p[i];
	return (struct span){ id, RESUME_ID };
}

bool resume_hello(struct run *r, const struct session *s, struct hello *h, struct plan *p)
{
	*p = (struct plan){ .resume = s };
	if (s->version >= VER_TLS13)
		return offer_psk(r, s, h);
	h->ticket = s->ticket;
	h->session_id = s->ticket.n ? made_up_id(r, s->ticket) : s->id;
	return h->session_id.n > 0;
}

bool resume_opening(struct run *r, const struct session *s, uint32_t leave_out, bool renegotiates, struct opening *o)
{
	if (!shake_opening(r, s->version, o))
		return false;
	shake_plainly(o);
	o->hello.offer &= ~leave_out;
	if (!resume_hello(r, s, &o->hello, &o->plan))
		return false;
	if (renegotiates)
		renegotiation_add(r->facts, s->version, &o->plan);
	return true;
}

bool resume_is_whole(const struct answer *a)
{
	return a->hs && a->hs->complete && !a->hs->alerted;
}

bool resume_went_on(const struct answer *a)
{
	return resume_is_whole(a) && a->hs->resumed;
}

enum reason resume_trouble(const struct answer *a)
{
	enum reason why = a->hs && a->hs->reason ? a->hs->reason : a->reason;

	return why ? why : REASON_UNSTABLE;
}

enum tri resume_ticket_given(const struct answer *a)
{
	return a->hs->session.ticket.n || a->hs->ticket_cut ? TRI_YES : TRI_NO;
}

void tries_count(struct tries *t, const struct answer *a)
{
	if (resume_is_whole(a)) {
		t->uncertified |= a->hs->request.asked && !a->hs->client_sent;
		t->made++;
		t->resumed += a->hs->resumed;
	} else if (!t->reason) {
		t->reason = resume_trouble(a);
	}
}

static bool is_mixed(const struct tries *t)
{
	return t->resumed && t->resumed < t->made;
}

unsigned tries_wanted(const struct run *r, const struct tries *t)
{
	unsigned least = t->resumed || !t->asked ? 1 : TRIES;
	unsigned wanted = r->named ? TRIES_NAMED : is_mixed(t) ? TRIES_MIXED : least;

	return t->reason || t->asked >= wanted ? 0 : wanted - t->asked;
}

enum tri tries_verdict(const struct tries *t)
{
	if (t->resumed)
		return TRI_YES;
	if (t->uncertified)
		return TRI_UNKNOWN;
	return t->made >= TRIES ? TRI_NO : TRI_UNKNOWN;
}

static void note_given(struct run *r, uint16_t version, const char *name, enum tri given, enum reason why)
{
	note(r, &(struct obs){ .key = OBS_KEY_SESSION_GIVEN, .protocol = version, .name = name, .tri = given,
			  .reason = given == TRI_UNKNOWN ? reason_name(why) : NULL });
}

/* What was not given cannot be taken up. */
static void note_resumed(struct run *r, uint16_t version, const char *name, enum tri given, const struct tries *t)
{
	struct obs o = { .key = OBS_KEY_RESUMPTION, .protocol = version, .name = name,
		.tri = given == TRI_YES ? tries_verdict(t) : given };
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	if (o.tri == TRI_UNKNOWN)
		o.reason = reason_name(t->reason      ? t->reason
				       : t->uncertified ? REASON_NO_CLIENT_CERTIFICATE
				                        : REASON_UNSTABLE);
	else if (is_mixed(t))
		o.reason = reason_name(REASON_UNSTABLE);
	if (t->made) {
		*e = (struct evidence){ "attempts", arena_printf(r->arena, "%u of %u", t->resumed, t->made) };
		o.evidence = e;
		o.evidence_count = 1;
	}
	note(r, &o);
}

void resume_note(struct run *r, uint16_t version, const char *name, enum tri given, const struct tries *t)
{
	note_given(r, version, name, given, t->reason);
	note_resumed(r, version, name, given, t);
}
