/*
 * SRP in a hello of its own, and no user named: a server that knows SRP asks for one (RFC 5054 section 2.5.1.2). Of a name that
 * it does not know GnuTLS only says internal_error.
 */
#include "probes/offer.h"
#include "probes/verdict.h"

/* A server that knows nothing else has shown no version. */
static uint16_t version_of(const struct facts *f)
{
	uint16_t newest = facts_newest_clear(f);

	return newest || facts_offers(f, VER_TLS13) ? newest : VER_TLS12;
}

static void hello(const struct facts *f, struct arena *a, struct hello *h)
{
	struct list l = { 0 };

	*h = offer_everything(a, f, version_of(f));
	for (size_t i = 0; i < suites_count; i++)
		if (suites[i].kx == KX_SRP)
			list_add(a, &l, suites[i].code);
	h->suites = list_codes(&l);
}

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

static const struct confirmed question = { .hello = hello, .picks = picks, .until = UNTIL_HELLO, .decided = decided, .once = true };

static bool when(const struct facts *f)
{
	return version_of(f) > VER_SSL3;
}

const struct probe probe_srp = {
	.id = "srp",
	.what = "whether the server knows SRP",
	.ref = "RFC 5054",
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct confirmed_state),
	.when = when,
	.step = confirmed_step,
	.declaration = &question,
};
