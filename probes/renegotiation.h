/* What the two probes of renegotiation share: the first hello, the form that fits the server, and how it answered. */
#ifndef PROBES_RENEGOTIATION_H
#define PROBES_RENEGOTIATION_H

#include "probes/shake.h"

/* Did the server grant RFC 5746 in this version? */
bool renegotiation_is_bound(const struct facts *, uint16_t version);

/* Adds to the plan of a handshake on which nothing is said what the probe wants to know: then it need not connect. */
void renegotiation_add(const struct facts *, uint16_t version, struct plan *);

/* Does the server begin a handshake when asked like this? YES, NO (in words, or by ending the connection), UNKNOWN:
 * silence, a reset, or nothing that could be told. */
enum tri renegotiation_value(const struct hs_again *);

/* In words, for evidence: "accepted", "no_renegotiation", "alert 40" ... */
const char *renegotiation_says(struct arena *, const struct hs_again *);

#endif
