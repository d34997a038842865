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

enum { CHAIN_CERTS_MAX = 256 };

/* A certificate that was fetched from the URL of one below it. */
struct brought {
	struct span der;
	const char *url;
};

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
	bool fetched; /* what is missing was asked for */
	const struct brought *brought;
	size_t brought_n;
	const char *brought_why; /* it was not brought; NULL: nobody knows why */
	const char *probe;
};

/*
 * Adds each new certificate, chain.served once for (protocol, key, sni), and the rest once for (chain, sni).
 * A chain's id is the start of the SHA-256 of its certificates' SHA-256s. Without a store nothing says that a
 * chain is incomplete. One that is, is judged anew with what was fetched for it, as browsers do: it stays
 * "incomplete", chain.completed says whether that helped, and chain.trust is the trust it then has.
 */
void chain_observe(struct record *, const struct chain_input *);

#endif
