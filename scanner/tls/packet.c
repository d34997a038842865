#include "scanner/tls/packet.h"

enum { IPV4 = 0x0800, IPV6 = 0x86DD, PROTOCOL_TCP = 6, ADDRESS = 16, SYN = 0x02 };

static void copy(struct wr *to, struct rd *from, size_t n)
{
	const uint8_t *p = rd_take(from, n);

	wr_bytes(to, p, p ? n : 0);
}

/* ---- link layers: skip to the packet; false: something else than IP is in the frame ---------------------------------------- */

static bool is_ip(uint16_t ethertype)
{
	return ethertype == IPV4 || ethertype == IPV6;
}

static bool skip_ethernet(struct rd *r)
{
	enum { ADDRESSES = 12, VLAN = 0x8100, QINQ = 0x88A8, TAGS_MAX = 4 };
	uint16_t type;

	rd_take(r, ADDRESSES);
	type = rd_u16(r);
	for (int i = 0; i < TAGS_MAX && (type == VLAN || type == QINQ); i++) {
		rd_u16(r);
		type = rd_u16(r);
	}
	return is_ip(type);
}

/* An address family in the byte order of some machine: the packet tells its version anyway. */
static bool skip_loopback(struct rd *r)
{
	return rd_take(r, 4) != NULL;
}

static bool skip_nothing(struct rd *r)
{
	return !r->bad;
}

static bool skip_cooked(struct rd *r)
{
	rd_take(r, 14);
	return is_ip(rd_u16(r));
}

static bool skip_cooked2(struct rd *r)
{
	uint16_t type = rd_u16(r);

	rd_take(r, 18);
	return is_ip(type);
}

/* https://www.tcpdump.org/linktypes.html */
static const struct {
	uint32_t link;
	bool (*skip)(struct rd *);
} links[] = {
	{ 0, skip_loopback },    /* NULL: BSD loopback */
	{ 1, skip_ethernet },
	{ 12, skip_nothing },    /* raw IP, as some systems number it */
	{ 14, skip_nothing },
	{ 101, skip_nothing },   /* RAW */
	{ 108, skip_loopback },  /* LOOP: OpenBSD loopback */
	{ 113, skip_cooked },    /* LINUX_SLL */
	{ 228, skip_nothing },   /* IPV4 */
	{ 229, skip_nothing },   /* IPV6 */
	{ 276, skip_cooked2 },   /* LINUX_SLL2 */
};

static bool skip_link(uint32_t link, struct rd *r)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (links[i].link == link)
			return links[i].skip(r) && !r->bad;
	return false;
}

bool packet_link_known(uint32_t link)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (links[i].link == link)
			return true;
	return false;
}

/* ---- IP: what is behind the headers is TCP, and its addresses are in the flow --------------------------------------------- */

/* The rest of a packet of this length: frames may be padded, and may be cut. A length of 0 was left to the network card. */
static struct rd cut_to(struct rd r, size_t length)
{
	return length && rd_left(&r) > length ? rd_of(r.p, length) : r;
}

static bool read_ipv4(struct rd *r, struct wr *flow) /* RFC 791 section 3.1 */
{
	enum { FIXED = 20, FRAGMENTS = 0x3FFF };
	uint8_t words = rd_u8(r) & 15, protocol;
	size_t length, header = 4u * words;
	uint16_t fragment;

	rd_u8(r);
	length = rd_u16(r);
	rd_u16(r);
	fragment = rd_u16(r);
	rd_u8(r);
	protocol = rd_u8(r);
	rd_u16(r);
	if (header < FIXED || (length && length < header) || protocol != PROTOCOL_TCP || fragment & FRAGMENTS)
		return false;
	copy(flow, r, 8);
	wr_zero(flow, 2 * (ADDRESS - 4));
	rd_take(r, header - FIXED);
	*r = cut_to(*r, length ? length - header : 0);
	return true;
}

/* Headers between IPv6 and TCP (RFC 8200 section 4): hop-by-hop, routing, destination options. */
static bool skip_options(struct rd *r, uint8_t next)
{
	enum { HOP_BY_HOP = 0, ROUTING = 43, DESTINATION = 60, HEADERS_MAX = 8 };

	for (int i = 0; i < HEADERS_MAX && (next == HOP_BY_HOP || next == ROUTING || next == DESTINATION); i++) {
		next = rd_u8(r);
		rd_take(r, 6 + 8u * rd_u8(r));
	}
	return next == PROTOCOL_TCP && !r->bad;
}

static bool read_ipv6(struct rd *r, struct wr *flow) /* RFC 8200 section 3 */
{
	size_t length;
	uint8_t next;

	rd_u32(r);
	length = rd_u16(r);
	next = rd_u8(r);
	rd_u8(r);
	copy(flow, r, 2 * ADDRESS);
	*r = cut_to(*r, length);
	return skip_options(r, next);
}

static bool read_ip(struct rd *r, struct wr *flow)
{
	uint8_t version = rd_left(r) ? *r->p >> 4 : 0;

	return version == 4 ? read_ipv4(r, flow) : version == 6 && read_ipv6(r, flow);
}

static bool read_tcp(struct rd *r, struct wr *flow, struct segment *s) /* RFC 9293 section 3.1 */
{
	enum { FIXED = 20 };
	size_t header;
	uint8_t flags;

	copy(flow, r, 4);
	s->sequence = rd_u32(r);
	rd_u32(r);
	header = 4u * (rd_u8(r) >> 4);
	flags = rd_u8(r);
	rd_take(r, 6);
	if (header < FIXED)
		return false;
	rd_take(r, header - FIXED);
	s->sequence += (flags & SYN) != 0; /* data in the first segment: RFC 7413 */
	s->data = rd_rest(r);
	return !r->bad && !flow->bad;
}

bool packet_read(uint32_t link, struct span frame, struct segment *s)
{
	struct rd r = rd_span(frame);
	struct wr flow = wr_of(s->flow, sizeof s->flow);

	return skip_link(link, &r) && read_ip(&r, &flow) && read_tcp(&r, &flow, s);
}
