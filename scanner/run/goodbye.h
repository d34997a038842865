/*
 * How connections end: whether the server answers a close_notify with its own (RFC 8446 section 6.1).
 */
#ifndef RUN_GOODBYE_H
#define RUN_GOODBYE_H

#include "scanner/facts/facts.h"

void goodbye_conclude(struct record *, const struct facts *);

#endif
