/*
 * What of TCP is in one captured frame: link layer, IPv4 or IPv6, TCP. Pure and total: other frames, fragments of IP and
 * frames that are cut before their TCP header are not taken.
 */
#ifndef TLS_PACKET_H
#define TLS_PACKET_H

#include "scanner/base/wire.h"

enum { FLOW_BYTES = 36 };

struct segment {
	uint8_t flow[FLOW_BYTES]; /* addresses and ports, in this direction */
	uint32_t sequence;        /* of the first byte of data */
	struct span data;
};

/* link: LINKTYPE_* of the capture. Can frames of such links be read at all? */
bool packet_link_known(uint32_t link);
/* False: not TCP, or none that can be read. */
bool packet_read(uint32_t link, struct span frame, struct segment *);

#endif
