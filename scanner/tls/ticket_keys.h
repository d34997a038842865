/*
 * Session tickets sealed with a key that everybody knows (ticket_keys.def): who watches opens what they stand for, as with
 * GnuTLS in 2020 (CVE-2020-13777), whose key was all zeros until it was first changed.
 *
 * Tickets of the form that RFC 5077 section 4 recommends, as OpenSSL, nginx and GnuTLS have it: a name of the key, an IV, the
 * state in AES-CBC, and an HMAC over all of that. Only the MAC decides: it is right by no chance. A pure function.
 */
#ifndef TLS_TICKET_KEYS_H
#define TLS_TICKET_KEYS_H

#include <stdbool.h>

#include "scanner/base/wire.h"

struct ticket_key {
	const char *key, *form; /* constant */
	bool opened;            /* the secret of the session stands in what it decrypts to */
};

/* Whether one of them made this ticket; the name of the key in the ticket counts for nothing. */
bool ticket_key_find(struct span ticket, struct span secret, struct ticket_key *);

#endif
