/*
 * OCSP requests (RFC 6960 section 4.1, RFC 5019 section 2.1): one certificate, hashes by SHA-1, no nonce, not signed.
 * So the same question is the same bytes, and caches on the way can answer it.
 */
#ifndef TRUST_OCSP_REQUEST_H
#define TRUST_OCSP_REQUEST_H

#include "scanner/base/url.h"

struct cert;

enum { OCSP_REQUEST_MAX = 256, OCSP_GET_MAX = 255 };

/* False, and a bad writer, when it does not fit. */
bool ocsp_request_write(struct wr *, const struct cert *, const struct cert *issuer);
/*
 * The URL that asks it by GET (RFC 6960 appendix A.1); false when it is longer than RFC 5019 section 5 allows or the
 * responder's URL has a query of its own: then it is to be asked by POST.
 */
bool ocsp_request_url(const struct url *responder, struct span request, struct url *);

#endif
