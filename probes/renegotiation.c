/*
 * Renegotiation that the client begins, up to TLS 1.2: after a whole handshake another hello under the keys. In the form
 * that is bound to the connection (RFC 5746) it costs the server work; in the plain form, bound to nothing, an attacker
 * can put words before those of a victim (CVE-2009-3555).
 *
 * No connection in most cases: resumption.clear asks behind the session that it takes up again. A server that grants
 * RFC 5746 is asked in the bound form, and behind it, where the connection lives, in the plain one. Only one that takes
 * the bound form and refuses the plain one may still take the plain one from a client that never spoke of RFC 5746: a
 * second connection asks that. A server that begins no handshake in the bound form has none to offer in the plain one
 * either: the plain form is the older and the worse of the two, and no implementation has a switch that leaves it alone.
 */
#include "probes/renegotiation.h"

enum { BOUND, LEGACY };

/* The renegotiations of one connection. */
struct rounds {
	const struct hs_again *v;
	size_t n;
};

struct state {
	uint16_t tries;             /* silence and resets are asked once more */
	const struct hs_again *bound; /* how the bound form went; NULL: not asked */
};

static const enum hs_form bound_then_plain[] = { AGAIN_SECURE, AGAIN_PLAIN };
static const enum hs_form only_plain[] = { AGAIN_PLAIN };

bool renegotiation_is_bound(const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], version) && choice_has_extension(&f->choices[i], EXT_RENEGOTIATION_INFO))
			return true;
	return false;
}

void renegotiation_add(const struct facts *f, uint16_t version, struct plan *plan)
{
	bool bound = renegotiation_is_bound(f, version);

	plan->again = bound ? bound_then_plain : only_plain;
	plan->again_n = bound ? 2 : 1;
}

enum tri renegotiation_value(const struct hs_again *a)
{
	if (a->outcome == AGAIN_DONE)
		return TRI_YES;
	if (a->outcome == AGAIN_REFUSED || (!a->answered && (a->outcome == AGAIN_ALERT || a->outcome == AGAIN_CLOSED)))
		return TRI_NO;
	return a->answered && a->outcome != AGAIN_ALERT ? TRI_YES : TRI_UNKNOWN;
}

const char *renegotiation_says(struct arena *arena, const struct hs_again *a)
{
	static const char *const words[] = {
		[AGAIN_OPEN] = "not ended", [AGAIN_DONE] = "accepted", [AGAIN_REFUSED] = "no_renegotiation",
		[AGAIN_CLOSED] = "closed", [AGAIN_RESET] = "reset", [AGAIN_IGNORED] = "ignored", [AGAIN_BROKEN] = "broken",
	};

	if (a->outcome == AGAIN_ALERT)
		return arena_printf(arena, "alert %u", (unsigned)a->alert);
	return a->answered && a->outcome != AGAIN_DONE ? "begun, not ended" : words[a->outcome];
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

static enum next put(struct run *r, uint16_t version, int tag)
{
	struct state *s = r->state;
	struct plan plan = { .again = only_plain, .again_n = 1 };
	struct hello h;

	if (tag == BOUND)
		renegotiation_add(r->facts, version, &plan);
	if (!shake_hello(r, version, &h))
		return NEXT_DONE;
	if (tag == LEGACY)
		h.offer &= (uint32_t) ~(OFFER_RENEGOTIATION | OFFER_RENEGOTIATION_SCSV);
	ask(r, (uint16_t)tag, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT, .plan = &plan, .sample = s->tries });
	return NEXT_WAIT;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static void tell(struct run *r, enum obs_key key, uint16_t version, enum tri value, const struct hs_again *a)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	if (a)
		*e = (struct evidence){ a->form == AGAIN_SECURE ? "with RFC 5746" : "without RFC 5746",
			renegotiation_says(r->arena, a) };
	note(r, &(struct obs){ .key = key, .protocol = version, .tri = value, .evidence = e, .evidence_count = a != NULL,
			  .reason = value != TRI_UNKNOWN ? NULL
				    : a && a->reason       ? reason_name(a->reason)
							   : reason_name(REASON_NOT_ASKED_PREREQUISITE) });
}

static void tell_unknown(struct run *r, uint16_t version, const char *why)
{
	static const enum obs_key keys[] = { OBS_KEY_RENEGOTIATION_CLIENT, OBS_KEY_RENEGOTIATION_INSECURE };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		note(r, &(struct obs){ .key = keys[i], .protocol = version, .tri = TRI_UNKNOWN,
				  .reason = why });
}

static const struct hs_again *asked(const struct rounds *all, enum hs_form form)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].form == form)
			return &all->v[i];
	return NULL;
}

/* Silence and resets count when they come twice: the handshake before them shows that the server lives. */
static enum tri settled(const struct state *s, const struct hs_again *a)
{
	bool silent = a && !a->answered && (a->outcome == AGAIN_RESET || a->outcome == AGAIN_IGNORED);

	if (!a)
		return TRI_UNKNOWN;
	return silent && s->tries ? TRI_NO : renegotiation_value(a);
}

/* A server that knows no RFC 5746, or a client that does not: the plain form alone. */
static enum next after_plain(struct run *r, uint16_t version, const struct rounds *all)
{
	const struct state *s = r->state;
	const struct hs_again *plain = asked(all, AGAIN_PLAIN);
	enum tri value = settled(s, plain);

	if (!s->bound)
		tell(r, OBS_KEY_RENEGOTIATION_CLIENT, version, value, plain);
	tell(r, OBS_KEY_RENEGOTIATION_INSECURE, version, value, plain);
	return NEXT_DONE;
}

static enum next after_bound(struct run *r, uint16_t version, const struct rounds *all)
{
	struct state *s = r->state;
	const struct hs_again *bound = asked(all, AGAIN_SECURE), *plain = asked(all, AGAIN_PLAIN);
	enum tri taken = settled(s, bound), insecure = plain ? renegotiation_value(plain) : TRI_NO;

	tell(r, OBS_KEY_RENEGOTIATION_CLIENT, version, insecure == TRI_YES ? TRI_YES : taken, bound);
	if (insecure == TRI_YES || taken == TRI_NO) {
		tell(r, OBS_KEY_RENEGOTIATION_INSECURE, version, insecure == TRI_YES ? TRI_YES : TRI_NO, plain ? plain : bound);
		return NEXT_DONE;
	}
	if (taken == TRI_UNKNOWN) {
		tell(r, OBS_KEY_RENEGOTIATION_INSECURE, version, TRI_UNKNOWN, bound);
		return NEXT_DONE;
	}
	s->bound = bound;
	s->tries = 0;
	return put(r, version, LEGACY);
}

/* ---- the conversation --------------------------------------------------------------------------------------------------- */

static bool is_silent(const struct rounds *all)
{
	return !all->v[0].answered && (all->v[0].outcome == AGAIN_RESET || all->v[0].outcome == AGAIN_IGNORED);
}

static enum next weigh(struct run *r, uint16_t version, int tag, const struct rounds *all)
{
	struct state *s = r->state;

	if (is_silent(all) && !s->tries) {
		s->tries = 1;
		return put(r, version, tag);
	}
	return asked(all, AGAIN_SECURE) ? after_bound(r, version, all) : after_plain(r, version, all);
}

static enum reason why_not_asked(const struct answer *a)
{
	if (!a->hs)
		return a->reason ? a->reason : REASON_UNSTABLE;
	return a->hs->reason ? a->hs->reason : REASON_CLOSED;
}

/* Nothing could be asked: the first handshake did not go through, or the server closed behind its Finished. A server that wants RFC 5746 of every client
 * is as safe as one that refuses. */
static enum next not_through(struct run *r, uint16_t version, const struct answer *a)
{
	const struct state *s = r->state;

	if (s->bound && a->kind == ANS_ALERT)
		tell(r, OBS_KEY_RENEGOTIATION_INSECURE, version, TRI_NO, NULL);
	else if (s->bound)
		note(r, &(struct obs){ .key = OBS_KEY_RENEGOTIATION_INSECURE, .protocol = version, .tri = TRI_UNKNOWN,
				  .reason = reason_name(why_not_asked(a)) });
	else
		tell_unknown(r, version, reason_name(why_not_asked(a)));
	if (!a->hs)
		r->trouble = a->reason;
	return NEXT_DONE;
}

/* What another probe's handshake has told already. */
static struct rounds known(const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (choice_picked(c, version) && c->complete && c->again_n)
			return (struct rounds){ c->again, c->again_n };
	}
	return (struct rounds){ NULL, 0 };
}

static enum next begin(struct run *r, uint16_t version)
{
	struct rounds before = known(r->facts, version);

	if (before.n)
		return weigh(r, version, BOUND, &before);
	if (put(r, version, BOUND) == NEXT_WAIT)
		return NEXT_WAIT;
	tell_unknown(r, version, shake_why_not(r, version));
	return NEXT_DONE;
}

static enum next step(struct run *r, const struct answer *a)
{
	uint16_t version = facts_newest_clear(r->facts);
	struct rounds all;

	if (!a)
		return begin(r, version);
	if (!a->hs || !a->hs->complete || !a->hs->again_n)
		return not_through(r, version, a);
	all = (struct rounds){ a->hs->again, a->hs->again_n };
	return weigh(r, version, a->tag, &all);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_renegotiation = {
	.id = "renegotiation",
	.what = "whether the client may begin another handshake up to TLS 1.2, and one that is bound to nothing",
	.ref = "RFC 5746, CVE-2009-3555",
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3",
		"resumption.clear", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
