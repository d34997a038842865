/* Frames and captures, written by hand: what the tests of packet.c and capture.c read. */
#ifndef TESTS_SAMPLE_CAPTURE_H
#define TESTS_SAMPLE_CAPTURE_H

#include "scanner/base/wire.h"

/* A TCP segment from port 40000 to `port`. */
static inline void frame_tcp(struct wr *w, uint16_t port, uint32_t sequence, struct span data)
{
	wr_u16(w, 40000);
	wr_u16(w, port);
	wr_uint(w, sequence, 4);
	wr_uint(w, 1, 4);
	wr_bytes(w, "\x60\x18\x01\x00\x00\x00\x00\x00\x01\x01\x01\x01", 12); /* with four bytes of options */
	wr_bytes(w, data.p, data.n);
}

enum { FRAME_TCP = 24, FRAME_IPV4 = 20, FRAME_IPV6 = 40 };

static inline void frame_ipv4(struct wr *w, uint16_t port, uint32_t sequence, struct span data)
{
	wr_u16(w, 0x4500);
	wr_u16(w, (uint16_t)(FRAME_IPV4 + FRAME_TCP + data.n));
	wr_bytes(w, "\x00\x01\x40\x00\x40\x06\x00\x00\xC0\x00\x02\x01\xC0\x00\x02\x02", 16);
	frame_tcp(w, port, sequence, data);
}

/* With a header of options before TCP. */
static inline void frame_ipv6(struct wr *w, uint16_t port, uint32_t sequence, struct span data)
{
	wr_uint(w, 0x60000000, 4);
	wr_u16(w, (uint16_t)(8 + FRAME_TCP + data.n));
	wr_u16(w, 0x0040);
	wr_zero(w, 31);
	wr_u8(w, 1);
	wr_bytes(w, "\x06\x00\x01\x04\x00\x00\x00\x00", 8);
	frame_tcp(w, port, sequence, data);
}

#endif
