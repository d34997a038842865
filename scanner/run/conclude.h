/*
 * The end of a scan: from choices and notes to the record's observations, certificates, chains and status.
 *
 * What it computes depends on the set of choices only, never on the order in which they came.
 */
#ifndef RUN_CONCLUDE_H
#define RUN_CONCLUDE_H

#include "scanner/facts/facts.h"
#include "scanner/run/endpoint.h"
#include "scanner/run/health.h"

struct inquiry;

/* Sets status and error from a reason. */
void record_trouble(struct record *, enum reason, const char *stage);

/* `inquiry` NULL: nothing was fetched. */
void conclude(struct record *, struct facts *, const struct health *, const struct scan_options *, const struct inquiry *);

#endif
