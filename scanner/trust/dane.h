/*
 * What the DNS says about certificates, held against those that were served: TLSA records (DANE: RFC 6698, RFC 7671)
 * and CAA records (RFC 8659). Pure: from the record's observations and certificates to more observations.
 */
#ifndef TRUST_DANE_H
#define TRUST_DANE_H

#include "scanner/facts/record.h"
#include "scanner/trust/store.h"

/*
 * Adds dns.tlsa_match for each chain, where dns.tlsa has records that are known whole, and dns.caa_issuer for each leaf,
 * where dns.caa_issue is there. To be called when the chains and their trust are observed, by these stores; `at`: seconds since 1970.
 */
void dane_observe(struct record *, struct store *const *stores, int64_t at);

#endif
