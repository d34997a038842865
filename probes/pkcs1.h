/*
 * ROBOT: does a server let it be seen whether an RSA premaster secret was padded as PKCS #1 has it? (Bleichenbacher 1998;
 * Klima, Pokorny, Rosa 2003; Boeck, Somorovsky, Young 2018; RFC 5246 section 7.4.7.1.)
 *
 * Each vector is one form of the block under RSA, the right one among them; the secret inside is never ours, so that
 * the Finished is wrong for every one of them.
 */
#ifndef PROBES_PKCS1_H
#define PROBES_PKCS1_H

#include "probes/oracle.h"

/* One suite and the published forms; and every suite and form. */
extern const struct oracle pkcs1_few, pkcs1_all;

bool pkcs1_when(const struct facts *);

#endif
