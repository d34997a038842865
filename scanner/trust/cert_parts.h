/*
 * The parts of cert_parse(), for cert.c alone.
 */
#ifndef TRUST_CERT_PARTS_H
#define TRUST_CERT_PARTS_H

#include "scanner/trust/cert.h"

/* Reads c->spki into the fields of the key. False when it is malformed. */
bool cert_parse_key(struct cert *c);

/* Reads the list of extensions; false when it is malformed. One that is, inside, sets bad_ext. */
bool cert_parse_extensions(struct cert *c, struct rd *list);

#endif
