/*
 * The URLs that a certificate names: its responder, its issuer's certificate, its CRLs (RFC 5280 sections 4.2.2.1 and
 * 4.2.1.13). Spans point into the certificate. Points that are named in another way than by URLs, and those of CRLs
 * that another authority issues, are left out.
 */
#ifndef TRUST_PLACES_H
#define TRUST_PLACES_H

#include <stddef.h>

#include "scanner/base/wire.h"

struct cert;

enum place { PLACE_OCSP, PLACE_ISSUER, PLACE_CRL };

/* In their order, at most `max`; how many there are. */
size_t places_of(const struct cert *, enum place, struct span urls[], size_t max);

#endif
