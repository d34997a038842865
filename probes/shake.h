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

/* In TLS 1.3: these to sign the handshake, and those that sign only certificates (RFC 8446 section 4.2.3). */
struct codes shake_schemes(struct run *, struct codes signing);
struct list shake_signing(struct run *);

/* A whole handshake and a goodbye: nothing is said over it. */
extern const struct plan shake_alone;

/* The first whole handshake of a version: one question, whoever looks at a fresh connection. False: as above. */
struct opening {
	struct hello hello;
	struct plan plan;
	enum until until;
};

bool shake_opening(struct run *, uint16_t version, struct opening *);
/* Without what only the first of them asks: HTTP, and a request for a client certificate behind the handshake. */
void shake_plainly(struct opening *);

/* Did it go through, with nothing wrong? What broke off for want of a client certificate or of arithmetic is no "no". */
enum tri shake_went_through(const struct hs_result *);

#endif
