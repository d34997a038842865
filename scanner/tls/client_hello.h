/*
 * The hello of a client that is known (clients.h): all that decides a server's pick is as the client sends it, versions,
 * lists, key shares, application protocols, and the extensions whose body is the same for everybody. GREASE, tickets and the
 * order of extensions are not. One whose hello is there (client_read.h) sends that.
 */
#ifndef TLS_CLIENT_HELLO_H
#define TLS_CLIENT_HELLO_H

#include "scanner/base/arena.h"
#include "scanner/tls/clients.h"
#include "scanner/tls/hello.h"

/* The same hello for the same client and name (NULL: none); what is not constant lives in the arena. Not for those whose
 * hello has the format of SSL 2.0. */
struct hello client_hello(const struct client *, const char *sni, struct arena *);

#endif
