/*
 * PEM (RFC 7468): certificates and CRLs out of text, and DER back into text. Pure functions of bytes, linear in their
 * number.
 */
#ifndef TRUST_PEM_H
#define TRUST_PEM_H

#include "scanner/base/arena.h"

/* Reads the blocks of one kind in a text one after the other; those of other kinds are passed over. */
struct pem {
	struct span left;	  /* of the text */
	uint8_t values[256];	  /* of each character in base64 */
	size_t bad;		  /* blocks of the kind that were not base64, or had no end */
	const char *const *kinds; /* labels; ends with NULL */
};

struct pem pem_of(struct span text); /* certificates */
struct pem pem_of_crls(struct span text);

/*
 * The next block, decoded into `out`, which has room for 3/4 of what is left of the text. False at the
 * end. "TRUSTED CERTIFICATE" is passed over: what follows the certificate there may say that it is not
 * trusted.
 */
bool pem_next(struct pem *, struct wr *out, struct span *der);

/* One CERTIFICATE block, lines of 64, in the arena. */
char *pem_text(struct arena *, struct span der);

#endif
