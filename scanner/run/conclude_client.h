/*
 * What the requests for a client certificate say, as observations: authorities, types and schemes by version, and whether
 * the certificate that was given fits. From choices alone, sorted before; what the server does about it the probes note.
 */
#ifndef RUN_CONCLUDE_CLIENT_H
#define RUN_CONCLUDE_CLIENT_H

#include "scanner/facts/facts.h"
#include "scanner/run/endpoint.h"

void conclude_client(struct record *, const struct facts *, const struct scan_options *);

#endif
