#include "scanner/tls/capture.h"

#include "scanner/tls/client_read.h"
#include "scanner/tls/packet.h"

enum { INTERFACES_MAX = 256, TRIES_MAX = 64 };

/* ---- the files: pcap and pcapng (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng) ------------------------------------------ */

static const uint32_t pcap_micro = 0xA1B2C3D4, pcap_nano = 0xA1B23C4D, no_link = UINT32_MAX;

/* Blocks of pcapng; SECTION reads the same in either byte order. */
enum { SECTION = 0x0A0D0D0A, SECTION_ORDER = 0x1A2B3C4D, INTERFACE = 1, OLD_PACKET = 2, SIMPLE_PACKET = 3, PACKET = 6 };

struct capture {
	struct rd r;
	bool little, blocks; /* its numbers' byte order; pcapng */
	uint32_t links[INTERFACES_MAX]; /* of pcap the first */
	size_t links_n;
	bool strange; /* a link that packet.h cannot read */
};

struct frame {
	uint32_t link;
	struct span data;
};

static uint32_t swapped(uint32_t v)
{
	return v >> 24 | (v >> 8 & 0xFF00) | (v << 8 & 0xFF0000) | v << 24;
}

static uint32_t u32(const struct capture *c, struct rd *r)
{
	uint32_t v = rd_u32(r);

	return c->little ? swapped(v) : v;
}

static uint16_t u16(const struct capture *c, struct rd *r)
{
	uint16_t v = rd_u16(r);

	return c->little ? (uint16_t)(swapped(v) >> 16) : v;
}

static void add_link(struct capture *c, uint32_t link)
{
	c->strange = c->strange || !packet_link_known(link);
	if (c->links_n < INTERFACES_MAX)
		c->links[c->links_n++] = link;
}

static bool is_pcap(uint32_t magic)
{
	return magic == pcap_micro || magic == pcap_nano;
}

static bool open_capture(struct capture *c, struct span file)
{
	uint32_t magic;

	*c = (struct capture){ .r = rd_span(file) };
	magic = rd_u32(&c->r);
	if (magic == SECTION) {
		c->blocks = true;
		c->r = rd_span(file);
		return true;
	}
	c->little = is_pcap(swapped(magic));
	if (!is_pcap(magic) && !c->little)
		return false;
	rd_take(&c->r, 16); /* version, zone, accuracy, longest frame */
	add_link(c, u32(c, &c->r) & 0xFFFF);
	return true;
}

static bool next_pcap(struct capture *c, struct frame *f)
{
	uint32_t n;

	rd_take(&c->r, 8); /* time */
	n = u32(c, &c->r);
	rd_u32(&c->r);
	f->link = c->links[0];
	f->data = (struct span){ rd_take(&c->r, n), n };
	return !c->r.bad;
}

static uint32_t link_of(const struct capture *c, uint32_t interface)
{
	return interface < c->links_n ? c->links[interface] : no_link;
}

/* The frame of a block, where it holds one. */
static bool read_packet(struct capture *c, uint32_t type, struct rd *body, struct frame *f)
{
	uint32_t interface = 0, n;

	if (type == PACKET)
		interface = u32(c, body);
	else if (type == OLD_PACKET)
		interface = u16(c, body);
	if (type == OLD_PACKET)
		rd_u16(body); /* drops */
	if (type != SIMPLE_PACKET)
		rd_take(body, 8); /* time */
	n = u32(c, body);
	if (type != SIMPLE_PACKET)
		rd_u32(body); /* how long it was on the wire */
	if (type == SIMPLE_PACKET && n > rd_left(body))
		n = (uint32_t)rd_left(body);
	f->link = link_of(c, interface);
	f->data = (struct span){ rd_take(body, n), n };
	return !body->bad;
}

/* One block; its type, 0 at the end. A section has its own byte order, which stands behind its length. */
static uint32_t next_block(struct capture *c, struct rd *body)
{
	struct rd ahead = c->r;
	uint32_t type = rd_u32(&c->r), n;

	rd_take(&ahead, 8);
	if (type == SECTION) {
		c->little = rd_u32(&ahead) != SECTION_ORDER;
		c->links_n = 0;
	} else if (c->little) {
		type = swapped(type);
	}
	n = u32(c, &c->r);
	if (n < 12 || n % 4)
		c->r.bad = true;
	*body = rd_sub(&c->r, n - 12);
	rd_u32(&c->r); /* the length again */
	return c->r.bad ? 0 : type;
}

static bool next_ng(struct capture *c, struct frame *f)
{
	struct rd body;

	for (uint32_t type; (type = next_block(c, &body));) {
		if (type == INTERFACE)
			add_link(c, u16(c, &body));
		else if ((type == PACKET || type == OLD_PACKET || type == SIMPLE_PACKET) && read_packet(c, type, &body, f))
			return true;
	}
	return false;
}

static bool next_segment(struct capture *c, struct segment *s)
{
	struct frame f;

	while (c->blocks ? next_ng(c, &f) : next_pcap(c, &f))
		if (packet_read(f.link, f.data, s) && s->data.n)
			return true;
	return false;
}

/* ---- streams --------------------------------------------------------------------------------------------------------------- */

/* A whole hello in records of one byte each would take this; more of a stream is not looked at. */
enum { STREAM_MAX = 6 * CLIENT_HELLO_MAX };

struct stream {
	uint8_t *bytes, *there; /* of each byte: did it come? */
	size_t n;               /* so many have come without a gap */
};

/* Record header and type of the message, as far as they are there; small first segments are seen too. */
static bool begins_hello(struct span data)
{
	return data.p[0] == 22 && (data.n < 2 || data.p[1] == 3) && (data.n < 3 || data.p[2] <= 4) &&
	       (data.n < 6 || data.p[5] == 1);
}

/* Where two segments overlap, what came first counts. */
static void add_segment(struct stream *t, uint32_t first, const struct segment *s)
{
	uint32_t at = s->sequence - first; /* wraps, as sequence numbers do */

	for (size_t i = 0; i < s->data.n; i++, at++) {
		if (at >= STREAM_MAX || t->there[at])
			continue;
		t->there[at] = 1;
		t->bytes[at] = s->data.p[i];
	}
	while (t->n < STREAM_MAX && t->there[t->n])
		t->n++;
}

static bool same_flow(const struct segment *a, const struct segment *b)
{
	return !memcmp(a->flow, b->flow, sizeof a->flow);
}

/* The stream that begins with this segment, until its hello is whole or cannot become one. */
static enum unwrapped follow(struct span file, const struct segment *start, struct arena *a, struct span *found)
{
	struct stream t = { arena_new(a, STREAM_MAX, 1), arena_new(a, STREAM_MAX, 1), 0 };
	enum unwrapped got = UNWRAP_SHORT;
	struct capture c;
	struct segment s;

	open_capture(&c, file);
	while (got == UNWRAP_SHORT && next_segment(&c, &s)) {
		struct arena scratch = { 0 };
		size_t before = t.n;
		struct span message;

		if (!same_flow(&s, start))
			continue;
		add_segment(&t, start->sequence, &s);
		if (t.n > before)
			got = hello_unwrap((struct span){ t.bytes, t.n }, &scratch, &message);
		arena_free(&scratch);
	}
	*found = (struct span){ t.bytes, t.n };
	return got;
}

bool capture_is(struct span file)
{
	struct capture c;

	return file.n >= 4 && open_capture(&c, file);
}

static const char *why_none(const struct capture *c, bool cut)
{
	if (cut)
		return "a ClientHello begins in the capture, and is not whole in it";
	return c->strange ? "no ClientHello over TCP in it; it has links of a type that is not read"
	                  : "no ClientHello over TCP in it";
}

struct span capture_hello(struct span file, struct arena *a, const char **why)
{
	struct span found = { NULL, 0 };
	struct capture c;
	struct segment s;
	bool cut = false;

	*why = NULL;
	open_capture(&c, file);
	for (unsigned tries = 0; tries < TRIES_MAX && next_segment(&c, &s);) {
		enum unwrapped got;

		if (!begins_hello(s.data))
			continue;
		got = follow(file, &s, a, &found);
		if (got == UNWRAPPED)
			return found;
		cut = cut || got == UNWRAP_SHORT;
		tries++;
	}
	*why = why_none(&c, cut);
	return (struct span){ NULL, 0 };
}
