/*
 * Certificates of issuers: out of what an issuer's URL gives (RFC 5280 section 4.2.2.1: DER, or PKCS #7 with
 * certificates alone; PEM is read too, for many serve it), and out of a store.
 */
#ifndef TRUST_ISSUERS_H
#define TRUST_ISSUERS_H

#include "scanner/base/arena.h"

struct cert;
struct store;

enum { ISSUERS_MAX = 16 };

/* DER of at most ISSUERS_MAX certificates, in `bytes` or in the arena; 0: there is none to be read. */
size_t issuers_read(struct arena *, struct span bytes, struct span out[static ISSUERS_MAX]);

/* The anchor whose key signed `child`; NULL: none. The caller frees it. */
struct cert *issuer_in_store(const struct store *, const struct cert *child);

#endif
