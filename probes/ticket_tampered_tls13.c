/* A ticket of TLS 1.3 with one bit changed (ticket_tampered.c): the handshake must begin anew. */
#include "probes/ticket_tampered.h"

static bool when_tls13(const struct facts *f)
{
	return facts_offers(f, VER_TLS13);
}

/* One library makes the tickets of all versions: who has been asked in an older one is asked again only by name. */
static enum next step_tls13(struct run *r, const struct answer *a)
{
	return !r->named && ticket_proof_when(r->facts) ? NEXT_DONE : ticket_proof_step(r, a);
}

const struct probe probe_ticket_tampered_tls13 = {
	.id = "ticket_tampered.tls13",
	.what = "whether a ticket of TLS 1.3 with one bit changed is taken (where an older version was asked, only when --probe names it)",
	.ref = "RFC 8446 section 4.6.1, section 4.2.11",
	.topics = (const char *const[]){ "sessions", "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct ticket_proof),
	.when = when_tls13,
	.step = step_tls13,
	.declaration = &ticket_tampered_tls13,
};
