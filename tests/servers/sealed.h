/*
 * Tickets as servers in the wild make them: where the config has a ticket key, the state is encrypted with it as OpenSSL (80
 * bytes of key) or GnuTLS (64) do, by AES-256-CBC and an HMAC over all before it (RFC 5077 section 4). Else it is that of kept.h.
 */
#ifndef SERVERS_SEALED_H
#define SERVERS_SEALED_H

#include "tests/servers/config.h"
#include "tests/servers/kept.h"

void sealed_write(const struct server_config *, const struct kept *, uint64_t *random, struct wr *);
/* False: not a ticket of ours; or not as we made it, unless the config's bugs pass that over. */
bool sealed_read(const struct server_config *, struct kept *, struct span ticket);

#endif
