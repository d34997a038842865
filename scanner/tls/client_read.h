/*
 * A ClientHello as somebody's client sent it, read into a client (clients.h): its lists without GREASE, and the message
 * itself, which can be sent again. RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2.
 *
 * Pure and total: any bytes are a hello or a sentence that says why not. What is read lives in the arena.
 */
#ifndef TLS_CLIENT_READ_H
#define TLS_CLIENT_READ_H

#include "scanner/base/arena.h"
#include "scanner/tls/clients.h"

/* The longest message that is read; with another server name in it, it still fits into HELLO_MAX. */
enum { CLIENT_HELLO_MAX = 15 * 1024 };

enum unwrapped { UNWRAPPED, UNWRAP_SHORT, UNWRAP_NO_HELLO };

/* The handshake message, with its header, out of records: one or several, and whatever is behind it. SHORT: so far it is
 * the beginning of one. */
enum unwrapped hello_unwrap(struct span records, struct arena *, struct span *message);

/* A ClientHello with record headers, with the handshake header alone, or bare. False: *why. Sets all but id and name. */
bool client_read(struct span bytes, struct arena *, struct client *, const char **why);

#endif
