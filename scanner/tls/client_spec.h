/*
 * What a user gives to name a client of his own, read into one: a capture, a ClientHello in hex or in bytes, or a raw JA4
 * string; which of these it is, it tells itself.
 *
 * Pure and total. What is read lives in the arena; nothing of the input is kept.
 */
#ifndef TLS_CLIENT_SPEC_H
#define TLS_CLIENT_SPEC_H

#include "scanner/base/arena.h"
#include "scanner/tls/clients.h"

/* Is it a JA4 or hex as it stands, and not the name of a file? */
bool client_spec_inline(struct span text);
/* False: *why. Sets all but id and name; `source` says which kind it was: "capture", "hello", "ja4". */
bool client_spec_read(struct span, struct arena *, struct client *, const char **why);

#endif
