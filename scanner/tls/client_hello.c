#include "scanner/tls/client_hello.h"

#include "scanner/tls/keys.h"
#include "scanner/tls/tables.h"

/* Extensions that a hello has a word for. */
static const struct {
	uint16_t code;
	uint32_t offer;
} offers[] = {
	{ EXT_EXTENDED_MASTER_SECRET, OFFER_EMS },
	{ EXT_ENCRYPT_THEN_MAC, OFFER_ENCRYPT_THEN_MAC },
	{ EXT_SESSION_TICKET, OFFER_SESSION_TICKET },
	{ EXT_RENEGOTIATION_INFO, OFFER_RENEGOTIATION },
	{ EXT_STATUS_REQUEST, OFFER_STATUS_REQUEST },
	{ EXT_SCT, OFFER_SCT },
	{ EXT_EC_POINT_FORMATS, OFFER_POINT_FORMATS },
};

/* Others, with the body that every client gives them. */
static const struct extra bodies[] = {
	{ EXT_NPN, { (const uint8_t *)"", 0 } },
	{ EXT_HEARTBEAT, { (const uint8_t *)"\x01", 1 } },                 /* RFC 6520: the peer may send */
	{ EXT_RECORD_SIZE_LIMIT, { (const uint8_t *)"\x40\x01", 2 } },      /* RFC 8449 */
	{ EXT_POST_HANDSHAKE_AUTH, { (const uint8_t *)"", 0 } },
};

static uint32_t offers_of(const struct client *c)
{
	uint32_t offer = c->extensions.n ? 0 : OFFER_NO_EXTENSIONS;

	for (size_t i = 0; i < sizeof offers / sizeof *offers; i++)
		if (codes_has(c->extensions, offers[i].code))
			offer |= offers[i].offer;
	return offer | (c->deflate ? OFFER_DEFLATE : 0);
}

static void add_bodies(const struct client *c, struct hello *h, struct arena *a)
{
	struct extra *extra = NULL;

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		if (!codes_has(c->extensions, bodies[i].code))
			continue;
		extra = arena_push(a, extra, h->extra_n, sizeof *extra);
		extra[h->extra_n++] = bodies[i];
	}
	h->extra = extra;
}

/* A share can be sent only where its arithmetic is at hand; the group stays on offer, and a server may ask for it. */
static struct codes shares_of(const struct client *c, struct arena *a)
{
	uint32_t *v = arena_new(a, c->shares.n + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < c->shares.n; i++)
		if (keys_share_size((uint16_t)c->shares.v[i]))
			v[n++] = c->shares.v[i];
	return (struct codes){ v, n };
}

/* Draft versions of TLS 1.3 stand in a hello whose own version is that of TLS 1.2. */
static uint16_t version_of(const struct client *c)
{
	return c->newest == VER_TLS13 && !codes_has(c->versions, VER_TLS13) ? VER_TLS12 : c->newest;
}

struct hello client_hello(const struct client *c, const char *sni, struct arena *a)
{
	struct hello h = {
		.version = version_of(c),
		.versions = c->versions,
		.suites = c->suites,
		.groups = c->groups,
		.schemes = c->schemes,
		.shares = shares_of(c, a),
		.sni = c->sni ? sni : NULL,
		.alpn = c->alpn,
		.offer = offers_of(c),
		.raw = c->hello,
		.mimics = true,
	};

	if (c->hello.n)
		h.shares = c->shares; /* they are sent as they are */
	add_bodies(c, &h, a);
	return h;
}
