/*
 * What probes share that need a whole handshake: the hello for it, the request that goes over it, and the header of
 * the answer (RFC 9112, RFC 6797).
 */
#ifndef PROBES_SHAKE_H
#define PROBES_SHAKE_H

#include "probes/offer.h"
#include "scanner/tls/hs.h"
#include "scanner/tls/keys.h"

/* Can this program carry a handshake with this suite through? PSK kinds need a key and are left out. */
bool shake_can_carry(const struct suite *);

/* A hello of this version over what the sweeps found and this program can carry through; TLS 1.3 with one share.
 * False: there is nothing that could be carried through. */
bool shake_hello(struct run *, uint16_t version, struct hello *);

/* Says one request and hears out the header of the answer; on a port where no HTTP is expected it says goodbye. */
struct plan shake_plan(struct run *);

/*
 * The same hello again, taking this session up; in TLS 1.3 with early data where the ticket allows it. False: the
 * session cannot be taken up. shake_note_resumed() notes how it went.
 */
bool shake_resume(struct run *, const struct session *, struct hello *, struct plan *);
void shake_note_resumed(struct run *, const struct session *, const struct answer *);

/* Notes what the header says: http.hsts, http.server. Nothing when it is no HTTP. */
void shake_note_http(struct run *, struct span heard);

/* Did it go through, with nothing wrong? What broke off for want of a client certificate or of arithmetic is no "no". */
enum tri shake_went_through(const struct hs_result *);

/* Notes whether a client certificate was asked for: the handshake went through without one. */
void shake_note_client(struct run *, uint16_t version, const struct hs_result *);

#endif
