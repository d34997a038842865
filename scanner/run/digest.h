/*
 * From an answer to a choice: what of it is kept. Certificates are looked at once for each distinct chain.
 *
 * The digest lives in the facts' arena; the answer can be freed afterwards. When a DHE answer brought one of the
 * groups of RFC 7919, the answer's `group` says so from then on.
 */
#ifndef RUN_DIGEST_H
#define RUN_DIGEST_H

#include "scanner/facts/facts.h"

/* A chain as served, once. */
struct chain {
	struct span *certs;
	size_t n;
	bool cut;
	enum cert_key key;
	uint16_t curve;
};

struct chains {
	struct chain *v;
	size_t n;
};

struct choice *digest(struct facts *, struct chains *, struct answer *);

#endif
