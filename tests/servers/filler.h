/*
 * What stands where keys and signatures belong: pseudo-random bytes of the right size. The server's own
 * sequence, so the same seed gives the same bytes.
 */
#ifndef SERVERS_FILLER_H
#define SERVERS_FILLER_H

#include "scanner/base/wire.h"
#include "scanner/tls/tables.h"

uint64_t filler_next(uint64_t *random);
void filler_bytes(struct wr *, size_t n, uint64_t *random);
/* The public value of a group, without length prefix. */
void filler_share(struct wr *, uint16_t group, uint64_t *random);
size_t filler_share_size(uint16_t group);
/* A signature by such a key, without length prefix. */
void filler_signature(struct wr *, enum cert_key, uint64_t *random);

#endif
