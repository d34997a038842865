/*
 * A proof (proof.h) that needs a ticket: that of the first whole handshake of a version, which other probes look at as
 * well. Where none is given it is not applicable.
 */
#ifndef PROBES_TICKET_PROOF_H
#define PROBES_TICKET_PROOF_H

#include "probes/proof.h"
#include "probes/resume.h"

struct ticket_proof {
	struct proof_state proof;
	struct session session; /* when the proof asks; its ticket is empty where it was too long to be kept */
};

struct ticket_question {
	struct proof proof;
	uint16_t version; /* 0: the newest up to TLS 1.2 */
};

/* The state is a struct ticket_proof, the declaration a struct ticket_question. */
probe_step ticket_proof_step;
bool ticket_proof_when(const struct facts *);

#endif
