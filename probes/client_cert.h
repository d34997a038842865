/*
 * Does the server want a certificate of the client, and must there be one? And what does it say to the one of --cert?
 *
 * Told from whole handshakes without a certificate of ours, in words of the observation client.certificate. Where one
 * was sent, the same is asked once more without it (RFC 5246 section 7.4.6, RFC 8446 sections 4.4.2.4 and 4.6.2). What
 * the request lists (authorities, types, schemes) is told by scanner/run/conclude_client.c.
 */
#ifndef PROBES_CLIENT_CERT_H
#define PROBES_CLIENT_CERT_H

#include "probes/http.h"
#include "scanner/tls/hs.h"

/* Part of the state of a probe; zeroed at first. */
struct client_cert {
	const struct hs_result *given; /* the handshake with our certificate; NULL: none was sent */
	unsigned given_status;         /* of HTTP over it; 0: none was heard */
	bool asked;                    /* for the handshake without it */
};

/* TLS 1.3: says that a request may come behind the handshake too. */
void client_cert_offer(struct hello *);

/* The request of http.h; where HTTP refuses, the page that says why is heard as well. */
struct plan client_cert_plan(struct run *);

/* The first handshake of this version is told; notes what it shows. */
void client_cert_note(struct run *, struct client_cert *, uint16_t version, const struct answer *);
/* Is what HTTP said to the first handshake all there will be? Where nothing was heard the one without may hear more. */
bool client_cert_is_last(const struct client_cert *);
/* Asks the same without our certificate, if one was sent and it was not asked yet. */
bool client_cert_ask(struct run *, struct client_cert *, uint16_t tag, const struct hello *, enum until);
/* Its answer. */
void client_cert_note_without(struct run *, struct client_cert *, uint16_t version, const struct answer *);

/* What was wrong with a handshake; that a server ends it over our answer to a request behind it is not. */
enum reason client_cert_aside(const struct hs_result *);

#endif
