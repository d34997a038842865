/*
 * What there is to say about a chain as it was served: its certificates, the host name, its faults, and the
 * verdict of each trust store, as observations of a record.
 */
#ifndef TRUST_CHAIN_H
#define TRUST_CHAIN_H

#include "scanner/facts/record.h"
#include "scanner/trust/attest.h"
#include "scanner/trust/known_keys.h"
#include "scanner/trust/store.h"

enum { CHAIN_CERTS_MAX = 32 };

struct chain_input {
	uint16_t protocol;        /* VER_* */
	enum cert_key key;        /* of the leaf */
	enum tri sni;             /* asked with a server name, or without */
	const struct span *certs; /* DER, as served */
	size_t count;
	bool cut;                    /* more were sent than are here */
	const char *host;            /* NULL: no name to compare with */
	int64_t at;                  /* seconds since 1970 */
	struct store *const *stores; /* ends with NULL; NULL: none */
	const struct attached *with; /* what came with it; NULL: nothing was asked for */
	const struct ct_logs *logs;  /* NULL: none given */
	const struct known_keys *known_keys; /* NULL: none are looked up */
	const struct known_keys *distrusted; /* NULL: none but those that browsers distrust */
	const char *probe;
};

/*
 * Adds each new certificate, chain.served once for (protocol, key, sni), and the rest once for (chain, sni).
 * A chain's id is the start of the SHA-256 of its certificates' SHA-256s. Without a store nothing says that a
 * chain is incomplete.
 */
void chain_observe(struct record *, const struct chain_input *);

#endif
