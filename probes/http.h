/*
 * One HTTP request over a whole handshake, and what the header of the answer says (RFC 9112, RFC 6797).
 */
#ifndef PROBES_HTTP_H
#define PROBES_HTTP_H

#include "probes/probe.h"

/* Says one request and hears out the header of the answer; on a port where no HTTP is expected it says goodbye. */
struct plan http_plan(struct run *);

/* Notes what the header says. Nothing when it is no HTTP. */
void http_note(struct run *, struct span heard);

#endif
