/*
 * Sessions up to TLS 1.2 taken up again, by ticket (RFC 5077) and by id (RFC 5246 section 7.3). A server that gives a
 * ticket gives most often no id that it would know again, so its ids are asked in a hello without tickets.
 */
#include "probes/resume.h"
#include "probes/shake.h"

enum tag { FIRST, BY_TICKET, WITHOUT_TICKET, BY_ID, WITHOUT_EMS };

/* A session, and how it went to take it up. */
struct way {
	const char *name;
	enum tri given; /* ABSENT: no handshake could be asked for */
	const struct session *session;
	struct tries tries;
};

struct state {
	struct way ticket, id;
	unsigned open;         /* questions */
	bool asks_for_tickets; /* not in SSL 3.0, nor without extensions */
};

/* The first session that goes on serves that probe too: nothing else is said on it. Not where more tries follow: a server
 * may forget a session whose connection ended in an alert (RFC 5246 section 7.2). */
static bool asks_to_renegotiate(const struct run *r, enum tag tag, unsigned sample)
{
	const struct state *s = r->state;
	bool first = tag == BY_TICKET || (tag == BY_ID && !s->ticket.tries.asked);

	return first && !sample && !r->named;
}

static bool put(struct run *r, enum tag tag, const struct session *session, uint32_t leave_out, unsigned sample)
{
	struct state *s = r->state;
	struct opening o;

	if (session ? !resume_opening(r, session, leave_out, asks_to_renegotiate(r, tag, sample), &o)
	            : !shake_opening(r, facts_newest_clear(r->facts), &o))
		return false;
	if (tag == FIRST)
		s->asks_for_tickets = hello_offers_extension(&o.hello, EXT_SESSION_TICKET);
	else if (!session)
		shake_plainly(&o);
	o.hello.offer &= ~leave_out;
	ask(r, tag, &(struct ask){ .hello = &o.hello, .until = o.until, .sample = (uint16_t)sample, .plan = &o.plan });
	s->open++;
	return true;
}

static void try_way(struct run *r, enum tag tag, struct way *w)
{
	uint32_t leave_out = tag == BY_ID ? OFFER_SESSION_TICKET : 0;
	unsigned n = tries_wanted(r, &w->tries);

	for (unsigned i = 0; i < n && put(r, tag, w->session, leave_out, w->tries.asked); i++) {
		w->tries.asked++;
		w->tries.open++;
	}
}

static void tried(struct run *r, const struct answer *a, struct way *w)
{
	tries_count(&w->tries, a);
	if (!--w->tries.open)
		try_way(r, (enum tag)a->tag, w);
}

static void begin_ids(struct run *r, const struct session *session)
{
	struct state *s = r->state;

	s->id.given = session->id.n ? TRI_YES : TRI_NO;
	s->id.session = session;
	if (session->id.n)
		try_way(r, BY_ID, &s->id);
}

/* RFC 7627 section 5.3: a session made with the extended master secret must not go on without it. */
static void ask_without_ems(struct run *r, const struct session *session)
{
	if (r->named && session->ems)
		put(r, WITHOUT_EMS, session, OFFER_EMS, 0);
}

static void note_ems(struct run *r, const struct answer *a)
{
	bool said = resume_is_whole(a) || a->kind == ANS_ALERT;

	note(r, &(struct obs){ .key = OBS_KEY_EMS_DROPPED, .protocol = facts_newest_clear(r->facts),
			  .tri = resume_went_on(a) ? TRI_YES : said ? TRI_NO : TRI_UNKNOWN,
			  .reason = said ? NULL : reason_name(resume_trouble(a)) });
}

/* The first handshake is the one that other probes look at, too. */
static void opened(struct run *r, const struct answer *a)
{
	const struct session *session = &a->hs->session;
	struct state *s = r->state;

	s->ticket.given = resume_ticket_given(a);
	s->ticket.session = session;
	if (s->ticket.given == TRI_YES)
		note(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = session->version,
				  .number = session->lifetime_s });
	if (session->ticket.n)
		try_way(r, BY_TICKET, &s->ticket);
	else
		s->ticket.tries.reason = REASON_LIMIT_FLIGHT; /* too long to be said again; matters only where one came */
	if (s->ticket.given == TRI_YES)
		put(r, WITHOUT_TICKET, NULL, OFFER_SESSION_TICKET, 0);
	else
		begin_ids(r, session);
	ask_without_ems(r, session);
}

static void stays_open(struct run *r, enum reason why)
{
	struct state *s = r->state;

	s->ticket.given = s->ticket.given ? s->ticket.given : TRI_UNKNOWN;
	s->id.given = TRI_UNKNOWN;
	s->id.tries.reason = why;
	if (s->ticket.given == TRI_UNKNOWN)
		s->ticket.tries.reason = why;
}

static void take(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	switch ((enum tag)a->tag) {
	case FIRST:
	case WITHOUT_TICKET:
		if (!resume_is_whole(a))
			stays_open(r, resume_trouble(a));
		else if (a->tag == FIRST)
			opened(r, a);
		else
			begin_ids(r, &a->hs->session);
		break;
	case BY_TICKET:
		tried(r, a, &s->ticket);
		break;
	case BY_ID:
		tried(r, a, &s->id);
		break;
	case WITHOUT_EMS:
		note_ems(r, a);
		break;
	}
}

static enum next finish(struct run *r)
{
	uint16_t version = facts_newest_clear(r->facts);
	struct state *s = r->state;

	if (s->ticket.given && s->asks_for_tickets)
		resume_note(r, version, "ticket", s->ticket.given, &s->ticket.tries);
	if (s->id.given)
		resume_note(r, version, "id", s->id.given, &s->id.tries);
	return NEXT_DONE;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (a) {
		s->open--;
		take(r, a);
	} else {
		put(r, FIRST, NULL, 0, 0);
	}
	return s->open ? NEXT_WAIT : finish(r);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_resumption_clear = {
	.id = "resumption.clear",
	.what = "whether sessions up to TLS 1.2 are taken up again, by ticket and by id (often when --probe names it)",
	.ref = "RFC 5077, RFC 5246",
	.topics = (const char *const[]){ "sessions", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
