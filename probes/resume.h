/*
 * Taking a session up again: by id or ticket up to TLS 1.2 (RFC 5246, RFC 5077), by a PSK in TLS 1.3 (RFC 8446 2.2).
 */
#ifndef PROBES_RESUME_H
#define PROBES_RESUME_H

#include "probes/probe.h"
#include "scanner/tls/hs.h"

/* Makes the hello of the first handshake one that takes this session up; in TLS 1.3 with early data where the ticket
 * allows it. False: the session cannot be taken up. */
bool resume_hello(struct run *, const struct session *, struct hello *, struct plan *);

/* Notes how it went: session.resumed, the ticket's lifetime, early data. */
void resume_note(struct run *, const struct session *, const struct answer *);

#endif
