/*
 * The mark of a downgrade (RFC 8446 section 4.1.3), which stands in clear at the end of every random below TLS 1.3: a
 * server that speaks TLS 1.3 must set it in all older answers, one whose best is TLS 1.2 should in those below 1.2, and
 * nobody else may.
 */
#ifndef RUN_SENTINEL_H
#define RUN_SENTINEL_H

#include "scanner/facts/facts.h"

/* Needs the observations of the versions offered. */
void sentinel_conclude(struct record *, const struct facts *);

#endif
