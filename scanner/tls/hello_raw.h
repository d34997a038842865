/*
 * A hello that is not made from lists but is sent as somebody's client sent it: `raw` of struct hello, a whole message
 * that client_read() has taken. Only what belongs to that one connection is another: random, session id, the server's
 * name; and what only its own server knows, tickets, pre-shared keys and cookies, is left out.
 */
#ifndef TLS_HELLO_RAW_H
#define TLS_HELLO_RAW_H

#include "scanner/tls/hello.h"

/* The body of the message. */
void hello_raw_write(struct wr *, const struct hello *, const struct entropy *);
bool hello_raw_offers(const struct hello *, uint16_t extension);
/* The body of server_name: RFC 6066 section 3. */
void hello_name_write(struct wr *, const char *name);

#endif
