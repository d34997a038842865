/*
 * ECDH on P-256 as libraries did it that take any point for one of the curve (CVE-2015-7940): the formulas for sums do not
 * hold the last number of the curve's equation, so they work on points of other curves too.
 */
#ifndef SERVERS_UNCHECKED_H
#define SERVERS_UNCHECKED_H

#include "scanner/base/wire.h"

enum { UNCHECKED_GROUP = 0x0017, UNCHECKED_BYTES = 32 };

void unchecked_public(const uint8_t secret[static UNCHECKED_BYTES], struct wr *out);
/* The x of secret * peer, whatever curve `peer` is on; false: it is no uncompressed point, or the product is at infinity. */
bool unchecked_shared(const uint8_t secret[static UNCHECKED_BYTES], struct span peer, struct wr *out);

#endif
