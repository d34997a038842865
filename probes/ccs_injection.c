/*
 * A change of cipher before there is a key (CVE-2014-0224): a server that takes it makes its keys of an empty master
 * secret, which everybody knows. So do we, and say the rest of the handshake under them: only such a server ends it with a
 * Finished that is right. A server that refuses, in words or by hanging up, does not have the bug.
 */
#include "probes/proof.h"
#include "probes/shake.h"

static const struct deviation early = { .ccs_first = true };

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	uint16_t version = facts_newest_clear(r->facts);

	p->deviation = &early;
	*why = shake_why_not(r, version);
	return shake_hello(r, version, h);
}

/* Without the certificate that it wants, it may refuse for that. */
static bool is_for_a_certificate(const struct hs_result *hs)
{
	enum { UNEXPECTED_MESSAGE = 10 };

	return hs->request.asked && !hs->client_sent && !(hs->alerted && hs->alert == UNEXPECTED_MESSAGE);
}

static enum shown look(const struct answer *a)
{
	enum shown s = proof_reaction(a, a->hs && a->hs->reaction.complete);

	return s == SHOWN_NO && is_for_a_certificate(a->hs) ? SHOWN_NOTHING : s;
}

static const char *evidence(struct run *r, const struct answer *a)
{
	return a->hs->reaction.complete ? "the server's Finished is right under keys of an empty master secret" :
	                                  proof_reaction_text(r, a);
}

static const struct proof question = { .key = OBS_KEY_CCS_INJECTION, .ask = make, .look = look, .evidence = evidence };

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_ccs_injection = {
	.id = "ccs_injection",
	.what = "whether the server changes ciphers before there is a key",
	.ref = "CVE-2014-0224",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct proof_state),
	.when = when,
	.step = proof_step,
	.declaration = &question,
};
