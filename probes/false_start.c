/*
 * False start (RFC 7918): does the server take a request that stands right behind our Finished, before it has said its
 * own? A client that does so saves a round trip; a server that refuses it breaks such clients. Asked as the RFC allows it:
 * TLS 1.2, an ephemeral key exchange, an AEAD suite. A refusal counts when it came twice, and when between the two the
 * same hello and the same request, said in their turn, were answered.
 */
#include "probes/http.h"
#include "probes/shake.h"

enum tag { START, IN_TURN, AGAIN };

struct state {
	struct hello hello;
	const char *refusal; /* how the first went; for the evidence */
};

/* ---- what it is asked with (RFC 7918 section 4) -------------------------------------------------------------------- */

static bool is_fit(const struct suite *s)
{
	return (s->kx == KX_ECDHE || s->kx == KX_DHE) && (s->flags & SUITE_AEAD) && (s->flags & SUITE_FS);
}

static bool fits_with_curves(const struct suite *s)
{
	return is_fit(s) && s->kx == KX_ECDHE && shake_can_carry(s);
}

static bool fits_without_curves(const struct suite *s)
{
	return is_fit(s) && s->kx == KX_DHE && shake_can_carry(s);
}

static bool make_hello(struct run *r, struct hello *h)
{
	if (!shake_hello(r, VER_TLS12, h))
		return false;
	h->suites = offer_taken(r->arena, r->facts, VER_TLS12, fits_with_curves);
	if (!h->suites.n)
		h->suites = offer_taken(r->arena, r->facts, VER_TLS12, fits_without_curves);
	return h->suites.n > 0;
}

static enum next put(struct run *r, enum tag tag)
{
	struct state *s = r->state;
	struct plan plan = http_plan(r);

	if (tag != IN_TURN) {
		plan.early = plan.say;
		plan.say = (struct span){ NULL, 0 };
	}
	ask(r, tag, &(struct ask){ .hello = &s->hello, .until = UNTIL_FLIGHT, .plan = &plan, .sample = tag == AGAIN });
	return NEXT_WAIT;
}

/* ---- telling -------------------------------------------------------------------------------------------------------- */

static enum next tell(struct run *r, enum tri value, enum reason why)
{
	const struct state *s = r->state;
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	if (s->refusal)
		*e = (struct evidence){ "with false start", s->refusal };
	note(r, &(struct obs){ .key = OBS_KEY_FALSE_START, .protocol = VER_TLS12, .tri = value,
			  .reason = why ? reason_name(why) : NULL, .evidence = e, .evidence_count = s->refusal != NULL });
	return NEXT_DONE;
}

/* NONE: the handshake is complete, and HTTP was answered. */
static enum reason trouble_of(struct run *r, const struct answer *a)
{
	struct http_head *head = arena_new(r->arena, 1, sizeof *head);

	if (!a->hs)
		return a->reason ? a->reason : REASON_UNSTABLE;
	if (!a->hs->complete)
		return a->hs->reason ? a->hs->reason : REASON_CLOSED;
	return http_trouble(a, head);
}

/* Words, an end or silence behind our Finished; all else says nothing of false start. */
static bool is_refusal(const struct answer *a, enum reason why)
{
	static const enum reason refusals[] = { REASON_ALERT, REASON_CLOSED, REASON_TRUNCATED, REASON_RESET,
		REASON_TIMEOUT_HANDSHAKE, REASON_TIMEOUT_HTTP };

	for (size_t i = 0; a->hs && a->hs->false_started && i < sizeof refusals / sizeof *refusals; i++)
		if (refusals[i] == why)
			return true;
	return false;
}

static const char *in_words(struct run *r, const struct answer *a, enum reason why)
{
	return a->hs->alerted ? arena_printf(r->arena, "alert %u", (unsigned)a->hs->alert) : reason_name(why);
}

/* ---- the conversation ------------------------------------------------------------------------------------------------- */

static enum next begin(struct run *r)
{
	struct state *s = r->state;

	if (!facts_takes(r->facts, VER_TLS12, is_fit))
		return tell(r, TRI_NA, REASON_NONE);
	return make_hello(r, &s->hello) ? put(r, START) : tell(r, TRI_UNKNOWN, REASON_NOT_IN_LIBCRYPTO);
}

static enum next started(struct run *r, const struct answer *a, enum reason why)
{
	struct state *s = r->state;

	if (!why)
		return tell(r, TRI_YES, REASON_NONE);
	if (!is_refusal(a, why))
		return tell(r, TRI_UNKNOWN, why);
	s->refusal = in_words(r, a, why);
	return a->tag == AGAIN ? tell(r, TRI_NO, REASON_NONE) : put(r, IN_TURN);
}

static enum next step(struct run *r, const struct answer *a)
{
	enum reason why;

	if (!a)
		return begin(r);
	why = trouble_of(r, a);
	if (!a->hs)
		r->trouble = why;
	if (a->tag == IN_TURN)
		return why ? tell(r, TRI_UNKNOWN, why) : put(r, AGAIN);
	return started(r, a, why);
}

static bool when(const struct facts *f)
{
	return facts_offers(f, VER_TLS12) && f->http.expected;
}

const struct probe probe_false_start = {
	.id = "false_start",
	.what = "whether a request right behind our Finished is taken, in TLS 1.2 where HTTP is expected (only when --probe names it)",
	.ref = "RFC 7918",
	.after = (const char *const[]){ "suites.tls12", NULL },
	.on_request = true,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
