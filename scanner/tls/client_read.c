#include "scanner/tls/client_read.h"

#include "scanner/tls/tables.h"

enum { RECORD_HANDSHAKE = 22, RECORD_MAX = 1 << 14, CLIENT_HELLO = 1, HEADER = 4, SESSION_ID_MAX = 32, RANDOM = 32 };

/* ---- records ----------------------------------------------------------------------------------------------------------- */

/* How long the message is that begins here, its header included; 0: it is no ClientHello. */
static size_t message_size(const struct wr *so_far)
{
	struct rd r = rd_of(so_far->buf, so_far->len);
	uint8_t type = rd_u8(&r);
	size_t n = rd_u24(&r);

	if (so_far->len && type != CLIENT_HELLO)
		return 0;
	return r.bad ? HEADER : n > CLIENT_HELLO_MAX - HEADER ? 0 : n + HEADER;
}

/* The next record's part of the message. A record may hold a single byte (RFC 8446 section 5.1), but not none. */
static enum unwrapped take_record(struct rd *r, struct wr *message)
{
	bool begun = rd_left(r) > 0;
	uint8_t type = rd_u8(r), major = rd_u8(r);
	size_t n, want;

	if (begun && (type != RECORD_HANDSHAKE || (!r->bad && major != 3)))
		return UNWRAP_NO_HELLO;
	rd_u8(r);
	n = rd_u16(r);
	if (r->bad)
		return UNWRAP_SHORT;
	if (!n || n > RECORD_MAX)
		return UNWRAP_NO_HELLO;
	for (; n && rd_left(r); n--) {
		wr_u8(message, rd_u8(r));
		want = message_size(message);
		if (want <= message->len)
			return want ? UNWRAPPED : UNWRAP_NO_HELLO;
	}
	return n || !rd_left(r) ? UNWRAP_SHORT : UNWRAPPED;
}

enum unwrapped hello_unwrap(struct span records, struct arena *a, struct span *message)
{
	struct rd r = rd_span(records);
	struct wr w = wr_of(arena_new(a, CLIENT_HELLO_MAX, 1), CLIENT_HELLO_MAX);
	enum unwrapped got;

	do
		got = take_record(&r, &w);
	while (got == UNWRAPPED && message_size(&w) > w.len);
	*message = (struct span){ w.buf, w.len };
	return got;
}

/* ---- the message ------------------------------------------------------------------------------------------------------- */

struct reading {
	struct arena *arena;
	struct client *client;
	struct codes all; /* extensions, GREASE among them */
};

static void push(struct arena *a, struct codes *c, uint32_t code)
{
	uint32_t *v = arena_push(a, (void *)(uintptr_t)c->v, c->n, sizeof *v);

	v[c->n++] = code;
	c->v = v;
}

static void push_known(struct reading *g, struct codes *c, uint16_t code)
{
	if (!code_is_grease(code))
		push(g->arena, c, code);
}

/* A vector of codes, and nothing behind it. */
static bool read_codes(struct reading *g, struct rd *r, size_t prefix, struct codes *out)
{
	struct rd list = rd_vec(r, prefix);

	while (rd_left(&list))
		push_known(g, out, rd_u16(&list));
	return rd_end(&list) && rd_end(r);
}

static bool read_name(struct reading *g, struct rd *r)
{
	(void)r; /* it is written anew, for the server that is asked */
	return g->client->sni = true;
}

static bool read_groups(struct reading *g, struct rd *r)
{
	return read_codes(g, r, 2, &g->client->groups);
}

static bool read_schemes(struct reading *g, struct rd *r)
{
	return read_codes(g, r, 2, &g->client->schemes);
}

static bool read_versions(struct reading *g, struct rd *r)
{
	return read_codes(g, r, 1, &g->client->versions);
}

static bool read_shares(struct reading *g, struct rd *r)
{
	struct rd list = rd_vec(r, 2);

	while (rd_left(&list)) {
		push_known(g, &g->client->shares, rd_u16(&list));
		rd_vec(&list, 2);
	}
	return rd_end(&list) && rd_end(r);
}

static const struct {
	uint16_t code;
	bool (*read)(struct reading *, struct rd *);
	const char *why;
} readers[] = {
	{ EXT_SERVER_NAME, read_name, "" },
	{ EXT_SUPPORTED_GROUPS, read_groups, "its supported_groups cannot be read" },
	{ EXT_SIGNATURE_ALGORITHMS, read_schemes, "its signature_algorithms cannot be read" },
	{ EXT_SUPPORTED_VERSIONS, read_versions, "its supported_versions cannot be read" },
	{ EXT_KEY_SHARE, read_shares, "its key_share cannot be read" },
};

static const char *read_body(struct reading *g, uint16_t code, struct rd body)
{
	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
		if (readers[i].code == code)
			return readers[i].read(g, &body) ? NULL : readers[i].why;
	return NULL;
}

static const char *read_extensions(struct reading *g, struct rd *r)
{
	struct rd list = rd_vec(r, 2);

	while (rd_left(&list)) {
		uint16_t code = rd_u16(&list);
		struct rd body = rd_vec(&list, 2);
		const char *why = body.bad ? NULL : read_body(g, code, body);

		if (why)
			return why;
		if (codes_has(g->all, code))
			return "an extension stands in it twice";
		push(g->arena, &g->all, code);
		push_known(g, &g->client->extensions, code);
	}
	return rd_end(&list) && rd_end(r) ? NULL : "its extensions cannot be read";
}

static bool read_compressions(struct client *c, struct rd *r)
{
	enum { DEFLATE = 1 };
	struct rd list = rd_vec(r, 1);

	while (rd_left(&list))
		c->deflate = rd_u8(&list) == DEFLATE || c->deflate;
	return rd_end(&list);
}

/* Of RFC versions the newest; drafts stand beside TLS 1.2, which the version field then says. */
static void settle_versions(struct client *c, uint16_t legacy)
{
	c->newest = legacy < VER_TLS12 ? legacy : VER_TLS12;
	c->oldest = c->newest;
	c->hides = c->versions.n ? 0 : HIDES_OLDER;
	if (c->versions.n)
		c->newest = VER_SSL3;
	for (size_t i = 0; i < c->versions.n; i++) {
		uint16_t v = (uint16_t)c->versions.v[i];

		if (v <= VER_TLS13 && v > c->newest)
			c->newest = v;
		if (v >= VER_SSL3 && v < c->oldest)
			c->oldest = v;
	}
	if (c->newest < c->oldest)
		c->newest = c->oldest;
}

static const char *read_message(struct reading *g, struct rd *r)
{
	uint16_t legacy = rd_u16(r);
	struct rd list, id;
	struct client *c = g->client;

	rd_take(r, RANDOM);
	id = rd_vec(r, 1);
	list = rd_vec(r, 2);
	while (rd_left(&list))
		push_known(g, &c->suites, rd_u16(&list));
	if (legacy >> 8 != 3 || rd_left(&id) > SESSION_ID_MAX)
		return "is no ClientHello of SSL 3.0 to TLS 1.3";
	if (!rd_end(&list) || !c->suites.n || !read_compressions(c, r))
		return "its cipher suites or compression methods cannot be read";
	if (rd_left(r)) {
		const char *why = read_extensions(g, r);

		if (why)
			return why;
	}
	settle_versions(c, legacy);
	return rd_end(r) ? NULL : "ends too soon";
}

/* ---- what was given ---------------------------------------------------------------------------------------------------- */

static bool find_message(struct span in, struct arena *a, struct span *message, const char **why)
{
	enum unwrapped got;

	if (in.n && in.p[0] == RECORD_HANDSHAKE) {
		got = hello_unwrap(in, a, message);
		*why = got == UNWRAP_SHORT ? "ends too soon" : "is no ClientHello, or a longer one than 15 KiB";
		return got == UNWRAPPED;
	}
	*why = "is no ClientHello, or a longer one than 15 KiB";
	if (!in.n || in.n > CLIENT_HELLO_MAX - HEADER)
		return false;
	if (in.p[0] == CLIENT_HELLO) {
		*message = arena_span(a, in);
		return true;
	}
	if (in.p[0] == 3) { /* bare: it begins with its version */
		struct wr w = wr_of(arena_new(a, in.n + HEADER, 1), in.n + HEADER);

		wr_u8(&w, CLIENT_HELLO);
		wr_u24(&w, (uint32_t)in.n);
		wr_bytes(&w, in.p, in.n);
		*message = (struct span){ w.buf, w.len };
	}
	return in.p[0] == 3;
}

bool client_read(struct span bytes, struct arena *a, struct client *c, const char **why)
{
	struct reading g = { .arena = a, .client = c };
	struct span message;
	struct rd r, body;

	*c = (struct client){ .source = "hello" };
	if (!find_message(bytes, a, &message, why))
		return false;
	r = rd_span(message);
	rd_u8(&r);
	body = rd_vec(&r, 3);
	*why = body.bad ? "ends too soon" : !rd_end(&r) ? "has more bytes behind it" : read_message(&g, &body);
	c->hello = message;
	return !*why;
}
