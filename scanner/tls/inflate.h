/*
 * Certificate decompression (RFC 8879), as far as decoders were found when the program was built. Capped: the output is
 * exactly n bytes or it is refused, and no decoder is given more room than that.
 */
#ifndef TLS_INFLATE_H
#define TLS_INFLATE_H

#include "scanner/tls/hello.h"

enum { INFLATE_ZLIB = 1, INFLATE_BROTLI = 2, INFLATE_ZSTD = 3 };

/* The algorithms this build can undo, in the order to offer them; empty when there are none. */
struct codes inflate_algorithms(void);
bool inflate_certificate(uint16_t algorithm, struct span packed, uint8_t *plain, size_t n);

/* Bytes that this takes when it is packed, by really packing it; 0: this build has no packer for the algorithm. */
size_t inflate_packed_size(uint16_t algorithm, struct span plain);

#endif
