/*
 * The parts of cert_parse(), for cert*.c, ocsp.c and crl.c.
 */
#ifndef TRUST_CERT_PARTS_H
#define TRUST_CERT_PARTS_H

#include "scanner/trust/cert.h"

/* Reads c->spki into the fields of the key. False when it is malformed. */
bool cert_parse_key(struct cert *c);

/* Reads the list of extensions; false when it is malformed. One that is, inside, sets bad_ext. */
bool cert_parse_extensions(struct cert *c, struct rd *list);

/* Reads an AlgorithmIdentifier into the algorithm and its parameters; alg is NULL when it is unknown. */
void cert_read_seal(struct span alg, struct seal_claim *);

#endif
