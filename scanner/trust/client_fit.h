/*
 * Does the client's certificate fit what a server asks for? A pure function of the chain and key that were given, the
 * request, and the time; nothing is fetched, and no signature is checked (RFC 5246 section 7.4.6, RFC 8446 section
 * 4.4.2.3, RFC 5280 sections 4.2.1.3 and 4.2.1.12).
 */
#ifndef TRUST_CLIENT_FIT_H
#define TRUST_CLIENT_FIT_H

#include "scanner/facts/record.h"
#include "scanner/tls/answer.h"
#include "scanner/tls/crypt.h"

enum { CLIENT_CHAIN_MAX = 16, CLIENT_MISFITS_MAX = 9 };

struct client_fit_input {
	const struct span *chain; /* DER, leaf first; what is behind CLIENT_CHAIN_MAX is not looked at */
	size_t chain_n;
	const struct private_key *key;
	const struct client_request *request;
	uint16_t version; /* VER_* */
	int64_t at;       /* seconds since 1970 */
};

/* What does not fit, in words: "issuer", "scheme" ... */
struct client_misfits {
	const char *v[CLIENT_MISFITS_MAX];
	size_t n;
	bool names_broken; /* the list of authorities cannot be read to its end: whether the issuer fits is not known */
};

enum tri client_fit(const struct client_fit_input *, struct client_misfits *);

/*
 * The authorities of a request in words, at most `max` of them; *total counts all. False when the list is malformed:
 * then those before the bad one.
 */
bool client_authorities(struct arena *, struct span names, const char **words, size_t max, size_t *count, size_t *total);

#endif
