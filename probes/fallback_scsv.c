/*
 * TLS_FALLBACK_SCSV: a hello for less than the server's best, marked as a fallback, must be refused with
 * inappropriate_fallback (RFC 7507 section 3). Without two versions the question has no meaning.
 */
#include "probes/offer.h"
#include "probes/verdict.h"

/* The newest version below the best. */
static uint16_t second_best(const struct facts *f)
{
	bool above = facts_offers(f, VER_TLS13);

	for (uint16_t v = VER_TLS12; v >= VER_SSL3; v--) {
		if (facts_offers(f, v) && above)
			return v;
		above |= facts_offers(f, v);
	}
	return 0;
}

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	*h = offer_found(a, f, second_best(f));
	h->offer |= OFFER_FALLBACK_SCSV;
}

static bool picks(const struct answer *a)
{
	return a->kind == ANS_SERVER_HELLO || (a->kind == ANS_ALERT && a->alert == ALERT_INAPPROPRIATE_FALLBACK);
}

/* The mark is all that sets this hello apart from one that was granted: refused in any words, it was heeded. */
static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	bool heeded = d == DECISION_REFUSED || v->alert == ALERT_INAPPROPRIATE_FALLBACK;

	note(r, &(struct obs){ .key = OBS_KEY_FALLBACK_SCSV, .protocol = v->hello.version,
			  .tri = d == DECISION_UNKNOWN ? TRI_UNKNOWN : heeded ? TRI_YES : TRI_NO,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
}

static const struct confirmed question = { .hello = hello, .picks = picks, .until = UNTIL_HELLO, .decided = decided };

static bool when(const struct facts *f)
{
	return second_best(f) != 0;
}

const struct probe probe_fallback_scsv = {
	.id = "fallback_scsv",
	.what = "whether a marked fallback is refused",
	.ref = "RFC 7507",
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct confirmed_state),
	.when = when,
	.step = confirmed_step,
	.declaration = &question,
};
