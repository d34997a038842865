/*
 * Distinguished names (RFC 5280 sections 4.1.2.4 and 7.1): one form to compare, one to read.
 */
#ifndef TRUST_DNAME_H
#define TRUST_DNAME_H

#include "scanner/base/arena.h"

/*
 * Writes the form in which equal names have equal bytes: strings as UTF-8, ASCII letters small, white space
 * trimmed and single. A name is within a subtree exactly when the subtree's form starts its own. `name` is
 * the contents of the SEQUENCE. DNAME_ROOM(n) bytes are always enough for a name of n. False when it is
 * malformed.
 */
#define DNAME_ROOM(n) (4 * (n) + 16)
bool dname_canon(struct span name, struct wr *out);

/* "CN=example.org,O=Example", last first (RFC 2253, as OpenSSL's oneline form), UTF-8, long values cut. */
char *dname_text(struct arena *, struct span name);

/* One attribute after the other; false at the end. */
struct dname_attribute {
	struct span oid, value; /* value: contents */
	uint8_t tag;            /* of the value */
	bool first;             /* of its relative name */
};

struct dname_walk {
	struct rd names, attributes;
};

struct dname_walk dname_walk(struct span name);
/* false at the end; then the readers are bad when the name was malformed. */
bool dname_next(struct dname_walk *, struct dname_attribute *);
bool dname_bad(const struct dname_walk *);

#endif
