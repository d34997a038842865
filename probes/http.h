/*
 * One HTTP request over a whole handshake, and what the head of the response says (RFC 9110, RFC 9112, RFC 6797). Only
 * the first response counts: a redirect is told, not followed, and no body is read.
 */
#ifndef PROBES_HTTP_H
#define PROBES_HTTP_H

#include "probes/probe.h"
#include "scanner/base/http.h"
#include "scanner/tls/hs.h"

/* Says one request and hears out the head of the response; on a port where no HTTP is expected it says goodbye. */
struct plan http_plan(struct run *);
/* The same without TLS, to the port of the facts. */
struct plan http_clear_plan(struct run *);

/* Notes what came of http_plan(). Nothing where the handshake did not go through. */
void http_note(struct run *, const struct answer *);

/* The status code of the response; 0: it has none (yet). */
unsigned http_status(struct span heard);
/* Why there is no whole head; REASON_NONE: there is one, and it was read into *head. */
enum reason http_trouble(const struct answer *, struct http_head *);
/* The target of a redirect as it may stand in a report: a query or a fragment, which change, cut to "?...". NULL: no redirect. */
char *http_location(struct arena *, const struct http_head *);

#endif
