/*
 * What probes share that need a whole handshake: the hello for it, and what its result says of the server.
 */
#ifndef PROBES_SHAKE_H
#define PROBES_SHAKE_H

#include "probes/offer.h"
#include "scanner/tls/hs.h"
#include "scanner/tls/keys.h"

/* Can this program carry a handshake with this suite through? PSK kinds, which want a key, are apart. */
bool shake_can_carry(const struct suite *);
bool shake_can_carry_psk(const struct suite *);

/* A hello of this version over what the sweeps found and this program can carry through; TLS 1.3 with one share.
 * False: there is nothing that could be carried through, and shake_why_not() says why. */
bool shake_hello(struct run *, uint16_t version, struct hello *);
const char *shake_why_not(struct run *, uint16_t version);

/* Did it go through, with nothing wrong? What broke off for want of a client certificate or of arithmetic is no "no". */
enum tri shake_went_through(const struct hs_result *);

#endif
