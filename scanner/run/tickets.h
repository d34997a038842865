/* What the tickets say that whole handshakes brought anyway: whether a key that everybody knows made them. */
#ifndef RUN_TICKETS_H
#define RUN_TICKETS_H

#include "scanner/facts/facts.h"
#include "scanner/facts/record.h"
#include "scanner/tls/hs.h"

/* Of the ticket of one handshake; into the choice. */
void tickets_digest(const struct hs_result *, struct choice *);
void tickets_conclude(struct record *, const struct facts *);

#endif
