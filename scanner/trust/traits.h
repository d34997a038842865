/*
 * What a certificate says of itself beside names and dates, and what its key is worth, as observations of a record:
 * how its owner was looked into, where a revocation would stand, must-staple, flaws of the key.
 */
#ifndef TRUST_TRAITS_H
#define TRUST_TRAITS_H

#include "scanner/facts/record.h"

struct cert;
struct known_keys;

/*
 * `keys` may be NULL: none are looked up. `leaf`: a server's own, of which more is asked. A certificate that was told
 * before is told again only by what is asked of leaves; malformed ones not at all.
 */
void traits_observe(struct record *, const struct cert *, const char *sha256, bool leaf, const struct known_keys *keys,
        const char *probe);

/* "domain", "organization", "individual", "extended"; "none" without one of the four policies of the CA/Browser Forum. */
const char *cert_validation(const struct cert *);
/* TLS feature status_request (RFC 7633). */
bool cert_must_staple(const struct cert *);
/* Does it name a responder (RFC 5280 section 4.2.2.1)? */
bool cert_names_ocsp(const struct cert *);
/* Does it say where its issuer's certificate is? The same. */
bool cert_names_issuer(const struct cert *);
/* So short that no revocation is asked of it (CA/Browser Forum BR 1.6.1, short-lived subscriber certificate). */
bool cert_short_lived(const struct cert *);

#endif
