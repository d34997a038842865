/*
 * Sessions of TLS 1.3 taken up again by the PSK of a ticket (RFC 8446 section 2.2), with early data where the ticket
 * allows it. Each try uses the newest ticket; the first is used a second time, since many servers take one only once.
 */
#include "probes/http.h"
#include "probes/resume.h"
#include "probes/shake.h"

enum tag { FIRST, FRESH, AGAIN, ALONE };

struct state {
	const struct session *first, *newest;
	enum tri given; /* ABSENT: no handshake could be asked for */
	struct tries tries;
	unsigned samples, open;
	enum tri reused; /* the first ticket, the second time */
	unsigned early_sent, early_taken;
	bool asked_alone;
	enum tri too_early;
};

/* A request where HTTP is to be expected and the ticket allows so much; else the extension alone. */
static void offer_early(struct run *r, const struct session *session, struct opening *o)
{
	struct extra *early = arena_new(r->arena, 1, sizeof *early);
	struct plan request = http_plan(r);

	*early = (struct extra){ .code = EXT_EARLY_DATA };
	o->hello.extra = early;
	o->hello.extra_n = 1;
	if (!request.say.n || request.say.n > session->early_data_max)
		return;
	o->plan.early = request.say;
	o->plan.listen_max = request.listen_max;
	o->plan.heard = request.heard;
}

static bool put(struct run *r, enum tag tag, const struct session *session)
{
	struct state *s = r->state;
	struct opening o;

	if (!shake_opening(r, VER_TLS13, &o))
		return false;
	if (tag != FIRST)
		shake_plainly(&o);
	if (session && !resume_hello(r, session, &o.hello, &o.plan))
		return false;
	if (tag == ALONE)
		o.hello.offer |= OFFER_PSK_KE;
	else if (session && session->early_data_max)
		offer_early(r, session, &o);
	ask(r, tag, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan,
			   .sample = (uint16_t)(session ? s->samples++ : 0) });
	s->open++;
	return true;
}

static void try_fresh(struct run *r)
{
	struct state *s = r->state;

	if (put(r, FRESH, s->newest))
		s->tries.asked++;
	else
		s->tries.reason = REASON_LIMIT_FLIGHT; /* the ticket is too long to be said again */
}

static void remember_session(struct state *s, const struct answer *a)
{
	if (resume_is_whole(a) && a->hs->session.ticket.n)
		s->newest = &a->hs->session;
}

/* ---- early data ------------------------------------------------------------------------------------------------------ */

/* RFC 8470 section 5.2: 425 says that the request came too early for this server's taste. */
static void hear_status(struct state *s, struct span heard)
{
	enum { STATUS_TOO_EARLY = 425 };
	unsigned status = http_status(heard);

	if (status == STATUS_TOO_EARLY)
		s->too_early = TRI_YES;
	else if (status && !s->too_early)
		s->too_early = TRI_NO;
}

static void look_at_early(struct state *s, const struct answer *a)
{
	if (!resume_went_on(a) || !hello_offers_extension(a->hello, EXT_EARLY_DATA))
		return;
	s->early_sent++;
	if (!a->hs->early_accepted)
		return;
	s->early_taken++;
	hear_status(s, a->heard);
}

static enum tri early_verdict(const struct state *s)
{
	if (s->early_taken)
		return TRI_YES;
	return s->early_sent > 1 || !s->first->early_data_max || tries_verdict(&s->tries) == TRI_NO ? TRI_NO : TRI_UNKNOWN;
}

static void note_early(struct run *r)
{
	struct state *s = r->state;
	enum tri taken = early_verdict(s);

	note(r, &(struct obs){ .key = OBS_KEY_EARLY_DATA_MAX, .protocol = VER_TLS13,
			  .number = s->first->early_data_max });
	note(r, &(struct obs){ .key = OBS_KEY_EARLY_DATA, .protocol = VER_TLS13, .tri = taken,
			  .reason = taken == TRI_UNKNOWN ? reason_name(s->tries.reason ? s->tries.reason : REASON_UNSTABLE) : NULL });
	if (s->too_early)
		note(r, &(struct obs){ .key = OBS_KEY_TOO_EARLY, .protocol = VER_TLS13, .tri = s->too_early });
}

/* ---- what comes back ---------------------------------------------------------------------------------------------------- */

static void ask_alone(struct run *r)
{
	struct state *s = r->state;

	if (r->named && !s->asked_alone && !s->tries.reason)
		s->asked_alone = put(r, ALONE, s->newest);
}

/* What the first full handshake gave. */
static void opened(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	s->given = resume_ticket_given(a);
	if (s->given == TRI_NO)
		return;
	s->first = s->newest = &a->hs->session;
	note(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = VER_TLS13, .number = s->first->lifetime_s });
	try_fresh(r);
}

/* Where early data is offered it matters to everyone; else it is for who asks about sessions by name. */
static bool asks_again(const struct run *r)
{
	const struct state *s = r->state;

	return r->named || s->early_sent;
}

/* The first that goes on is followed by its ticket a second time; what comes after that, by the newest. */
static void tried(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	tries_count(&s->tries, a);
	if (s->tries.made == 1 && s->tries.resumed && asks_again(r) && put(r, AGAIN, s->first))
		ask_alone(r);
	else if (tries_wanted(r, &s->tries))
		try_fresh(r);
	else
		ask_alone(r);
}

/* Refused the second time a ticket tells of the ticket only; granted, it is a session that went on like any other. */
static void tried_again(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	s->reused = resume_went_on(a) ? TRI_YES : resume_is_whole(a) ? TRI_NO : TRI_UNKNOWN;
	if (s->reused != TRI_NO) {
		tries_count(&s->tries, a);
		s->tries.asked++;
	}
	note(r, &(struct obs){ .key = OBS_KEY_TICKET_REUSED, .protocol = VER_TLS13, .tri = s->reused,
			  .reason = s->reused == TRI_UNKNOWN ? reason_name(resume_trouble(a)) : NULL });
	if (tries_wanted(r, &s->tries))
		try_fresh(r);
}

/* RFC 8446 section 4.2.9: the key alone, or a key exchange that was not asked for, or a handshake from the start. */
static void tried_alone(struct run *r, const struct answer *a)
{
	bool whole = resume_is_whole(a), alone = resume_went_on(a) && !a->hs->server_share.n;

	note(r, &(struct obs){ .key = OBS_KEY_PSK_ALONE, .protocol = VER_TLS13,
			  .tri = alone ? TRI_YES : whole || a->kind == ANS_ALERT ? TRI_NO : TRI_UNKNOWN,
			  .reason = whole || a->kind == ANS_ALERT ? NULL : reason_name(resume_trouble(a)) });
}

static void stays_open(struct state *s, enum reason why)
{
	s->given = TRI_UNKNOWN;
	s->tries.reason = why;
}

static void take(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (a->tag == FIRST && !resume_is_whole(a)) {
		stays_open(s, resume_trouble(a));
		return;
	}
	if (a->tag == FRESH || a->tag == AGAIN) {
		look_at_early(s, a);
		remember_session(s, a);
	}
	switch ((enum tag)a->tag) {
	case FIRST:
		opened(r, a);
		break;
	case FRESH:
		tried(r, a);
		break;
	case AGAIN:
		tried_again(r, a);
		break;
	case ALONE:
		tried_alone(r, a);
		break;
	}
}

static enum next finish(struct run *r)
{
	struct state *s = r->state;

	if (s->given)
		resume_note(r, VER_TLS13, "psk", s->given, &s->tries);
	if (s->first)
		note_early(r);
	return NEXT_DONE;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (a) {
		s->open--;
		take(r, a);
	} else {
		put(r, FIRST, NULL);
	}
	return s->open ? NEXT_WAIT : finish(r);
}

static bool when(const struct facts *f)
{
	return facts_offers(f, VER_TLS13);
}

const struct probe probe_resumption_tls13 = {
	.id = "resumption.tls13",
	.what = "whether sessions of TLS 1.3 are taken up again, and early data (often, and without a key exchange, when --probe names it)",
	.ref = "RFC 8446, RFC 8470",
	.topics = (const char *const[]){ "sessions", NULL },
	.after = (const char *const[]){ "suites.tls13", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
