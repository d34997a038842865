/*
 * The driver behind the probes that offer every extension (bodies.h): all of them in one hello for each version.
 *
 * A server that does not answer this hello is asked again with half of them, and so on, within a bound; the extension
 * whose mere offer is refused in words is named, and what stays open is unknown with its reason, never "not supported".
 * What was granted hides some others (granted.h), which are then offered once more without it; and where certificates
 * came compressed, the remaining ways are offered until none is taken.
 */
#ifndef PROBES_EXTEND_H
#define PROBES_EXTEND_H

#include "probes/probe.h"

enum { EXTEND_VERSIONS_MAX = 3 };

/* The declaration of such a probe: its versions, of which those are asked that were offered. */
struct extend {
	uint16_t versions[EXTEND_VERSIONS_MAX]; /* 0: no more */
};

struct extend_track;
struct extend_state {
	struct extend_track *tracks;
	unsigned tracks_n, open;
};

probe_step extend_step;

#endif
