/*
 * The first ClientHello of a capture: pcap (either byte order, microseconds or nanoseconds) or pcapng, over the links of
 * packet.h. The stream of TCP is put together from its segments, whatever their order; other streams, also such as only
 * begin like a hello, are passed over.
 *
 * Pure and total. Work is bounded: TRIES_MAX beginnings are looked at.
 */
#ifndef TLS_CAPTURE_H
#define TLS_CAPTURE_H

#include "scanner/base/arena.h"

/* Does it begin as a capture? */
bool capture_is(struct span file);
/* The bytes from the hello's first record on, at least to its end, in the arena; n 0: *why. */
struct span capture_hello(struct span file, struct arena *, const char **why);

#endif
