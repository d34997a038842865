/*
 * A raw JA4 string (JA4_r, sorted, or JA4_ro, in the order of the hello), read into a client: newest version, suites,
 * extensions, signature schemes, and whether it names the server. What such a string does not tell is in `hides`:
 * groups and key shares, older versions, and of JA4_r the order of suites.
 *
 * Pure and total.
 */
#ifndef TLS_JA4_H
#define TLS_JA4_H

#include "scanner/base/arena.h"
#include "scanner/tls/clients.h"

enum { JA4_HEAD = 10 }; /* "t13d1516h2" */

/* Does it begin as a JA4 of any form? */
bool ja4_is(struct span text);
/* False: *why. Sets all but id and name. */
bool ja4_read(struct span text, struct arena *, struct client *, const char **why);

#endif
