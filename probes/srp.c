/* SRP in a hello of its own: a server that knows it asks for another user name (RFC 5054 section 2.5.1.3). */
#include "probes/offer.h"
#include "probes/verdict.h"

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	struct list l = { 0 };

	*h = offer_everything(a, f, facts_newest_clear(f));
	for (size_t i = 0; i < suites_count; i++)
		if (suites[i].kx == KX_SRP)
			list_add(a, &l, suites[i].code);
	h->suites = list_codes(&l);
	h->offer |= OFFER_SRP;
}

/* unknown_psk_identity, or a server so polite that it plays on with a user it does not know. */
static bool picks(const struct answer *a)
{
	return (a->kind == ANS_ALERT && a->alert == ALERT_UNKNOWN_PSK_IDENTITY) || a->kind == ANS_SERVER_HELLO;
}

static void decided(struct run *r, const struct verdict *v, enum decision d)
{
	note(r, &(struct obs){ .key = OBS_KEY_SRP,
			  .tri = d == DECISION_PICKED ? TRI_YES : d == DECISION_REFUSED ? TRI_NO : TRI_UNKNOWN,
			  .reason = d == DECISION_UNKNOWN ? reason_name(v->reason) : NULL });
}

static const struct question question = { .hello = hello, .picks = picks, .until = UNTIL_HELLO, .decided = decided };

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_srp = {
	.id = "srp",
	.what = "whether the server knows SRP",
	.ref = "RFC 5054",
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", NULL },
	.state_size = sizeof(struct question_state),
	.when = when,
	.step = question_step,
	.declaration = &question,
};
