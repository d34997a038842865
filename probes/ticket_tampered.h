/* What the probes of changed tickets share: the question, for TLS 1.3. */
#ifndef PROBES_TICKET_TAMPERED_H
#define PROBES_TICKET_TAMPERED_H

#include "probes/ticket_proof.h"

extern const struct ticket_question ticket_tampered_tls13;

#endif
