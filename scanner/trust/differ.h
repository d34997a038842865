/*
 * The certificates that one endpoint shows, compared: a server with an RSA and an ECDSA certificate should be the same
 * server with both, and who names no server gets another one often, for nobody or for the same service.
 */
#ifndef TRUST_DIFFER_H
#define TRUST_DIFFER_H

#include "scanner/facts/record.h"

/*
 * Adds cert.differences, by the record's chain.served and certificates alone: names, expiry (more than
 * DIFFER_EXPIRY_DAYS apart), issuer (by organisation), same_key (two of them, or one and a CA's, have one key). It stands
 * where a client that sends the server's name gets more than one certificate (of a target without a name: where any
 * does); and once more, with sni no, where one that sends none gets another: between that and those of the name, expiry
 * and issuer only where both have a name in common.
 */
enum { DIFFER_EXPIRY_DAYS = 7 };
void differ_observe(struct record *);

/* The same questions of two certificates, wherever they are from. */
bool differ_in_names(const struct cert_info *, const struct cert_info *);
bool differ_in_expiry(const struct cert_info *, const struct cert_info *);
bool differ_in_issuer(const struct cert_info *, const struct cert_info *);

#endif
