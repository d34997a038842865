#include "scanner/tls/hello.h"

#include "scanner/tls/hello_raw.h"
#include "scanner/tls/keys.h"
#include "scanner/tls/tables.h"

enum { RECORD_HANDSHAKE = 22, RECORD_MAX = 1 << 14, CLIENT_HELLO = 1, SCSV_RENEGOTIATION = 0x00FF, SCSV_FALLBACK = 0x5600 };

static const struct entropy no_entropy;
static const struct shape plain;

static const struct shape *shape_of(const struct hello *h)
{
	return h->shape ? h->shape : &plain;
}

bool hello_offers_version(const struct hello *h, uint16_t version)
{
	if (h->versions.n)
		return codes_has(h->versions, version);
	if (h->version == VER_TLS13 || h->version == VER_TLCP || h->version == VER_SSL2)
		return version == h->version;
	return version >= VER_SSL3 && version <= h->version;
}

/* ---- extensions: a writer and a condition each, in the order they are sent -------------------------------------- */

struct context {
	const struct hello *hello;
	const struct entropy *entropy;
};

static void codes_vec(struct wr *w, struct codes c, size_t prefix)
{
	struct wr_mark m = wr_open(w, prefix);

	for (size_t i = 0; i < c.n; i++)
		wr_u16(w, (uint16_t)c.v[i]);
	wr_close(w, m);
}

static bool sends_sni(const struct hello *h)
{
	return h->sni != NULL;
}

static void write_sni(struct wr *w, const struct context *c)
{
	hello_name_write(w, c->hello->sni);
}

static bool sends_groups(const struct hello *h)
{
	return h->groups.n > 0;
}

static void write_groups(struct wr *w, const struct context *c) /* RFC 8446 section 4.2.7 */
{
	codes_vec(w, c->hello->groups, 2);
}

static void write_point_formats(struct wr *w, const struct context *c) /* RFC 8422 section 5.1.2 */
{
	(void)c;
	wr_u8(w, 1);
	wr_u8(w, 0);
}

static bool sends_schemes(const struct hello *h)
{
	return h->schemes.n > 0;
}

static void write_schemes(struct wr *w, const struct context *c) /* RFC 8446 section 4.2.3 */
{
	codes_vec(w, c->hello->schemes, 2);
}

static void write_empty(struct wr *w, const struct context *c)
{
	(void)w;
	(void)c;
}

static void write_ticket(struct wr *w, const struct context *c) /* RFC 5077 section 3.2 */
{
	wr_bytes(w, c->hello->ticket.p, c->hello->ticket.n);
}

static void write_status_request(struct wr *w, const struct context *c) /* RFC 6066 section 8 */
{
	(void)c;
	wr_u8(w, 1); /* ocsp */
	wr_zero(w, 4); /* no responders named, no extensions */
}

static void write_renegotiation(struct wr *w, const struct context *c) /* RFC 5746 section 3.4 */
{
	(void)c;
	wr_u8(w, 0);
}

static void write_srp(struct wr *w, const struct context *c) /* RFC 5054 section 2.8.1 */
{
	static const char nobody[] = "tlsassay-nobody";
	struct wr_mark m = wr_open(w, 1);

	(void)c;
	wr_bytes(w, nobody, sizeof nobody - 1);
	wr_close(w, m);
}

static bool sends_alpn(const struct hello *h)
{
	return h->alpn && h->alpn[0];
}

static void write_alpn(struct wr *w, const struct context *c) /* RFC 7301 section 3.1 */
{
	struct wr_mark list = wr_open(w, 2);

	for (const char *const *p = c->hello->alpn; *p; p++) {
		struct wr_mark name = wr_open(w, 1);
		wr_bytes(w, *p, strlen(*p));
		wr_close(w, name);
	}
	wr_close(w, list);
}

static bool sends_versions(const struct hello *h)
{
	return h->version == VER_TLS13 || h->versions.n > 0;
}

static void write_versions(struct wr *w, const struct context *c) /* RFC 8446 section 4.2.1 */
{
	const uint32_t only[] = { c->hello->version };
	struct codes asked = c->hello->versions;

	if (!asked.n)
		asked = (struct codes){ only, 1 };
	codes_vec(w, asked, 1);
}

static bool sends_shares(const struct hello *h)
{
	return sends_versions(h);
}

static void write_shares(struct wr *w, const struct context *c) /* RFC 8446 section 4.2.8 */
{
	struct wr_mark list = wr_open(w, 2);

	for (size_t i = 0; i < c->hello->shares.n; i++) {
		uint16_t group = (uint16_t)c->hello->shares.v[i];
		struct wr_mark share;

		wr_u16(w, group);
		share = wr_open(w, 2);
		if (code_is_grease(group)) /* RFC 8701 section 3.1: anything of one byte or more */
			wr_u8(w, 0);
		else if (!i && c->hello->share.n)
			wr_bytes(w, c->hello->share.p, c->hello->share.n);
		else
			keys_share_write(w, group, c->entropy == &no_entropy ? NULL : c->entropy->secret);
		wr_close(w, share);
	}
	wr_close(w, list);
}

static void write_psk_modes(struct wr *w, const struct context *c) /* RFC 8446 section 4.2.9 */
{
	enum { PSK_KE, PSK_DHE_KE };
	struct span more = shape_of(c->hello)->psk_modes;

	wr_u8(w, (uint8_t)(more.n + 1));
	wr_bytes(w, more.p, more.n);
	wr_u8(w, c->hello->offer & OFFER_PSK_KE ? PSK_KE : PSK_DHE_KE);
}

static const struct row {
	uint16_t code;
	uint32_t offer;                        /* sent when one of these is offered ... */
	bool (*sends)(const struct hello *);   /* ... or when this says so */
	void (*write)(struct wr *, const struct context *);
} rows[] = {
	{ EXT_SERVER_NAME, 0, sends_sni, write_sni },
	{ EXT_EXTENDED_MASTER_SECRET, OFFER_EMS, NULL, write_empty },
	{ EXT_RENEGOTIATION_INFO, OFFER_RENEGOTIATION, NULL, write_renegotiation },
	{ EXT_SUPPORTED_GROUPS, 0, sends_groups, write_groups },
	{ EXT_EC_POINT_FORMATS, OFFER_POINT_FORMATS, NULL, write_point_formats },
	{ EXT_SESSION_TICKET, OFFER_SESSION_TICKET, NULL, write_ticket },
	{ EXT_ALPN, 0, sends_alpn, write_alpn },
	{ EXT_STATUS_REQUEST, OFFER_STATUS_REQUEST, NULL, write_status_request },
	{ EXT_SRP, OFFER_SRP, NULL, write_srp },
	{ EXT_SIGNATURE_ALGORITHMS, 0, sends_schemes, write_schemes },
	{ EXT_SCT, OFFER_SCT, NULL, write_empty },
	{ EXT_ENCRYPT_THEN_MAC, OFFER_ENCRYPT_THEN_MAC, NULL, write_empty },
	{ EXT_KEY_SHARE, 0, sends_shares, write_shares },
	{ EXT_PSK_KEY_EXCHANGE_MODES, 0, sends_versions, write_psk_modes },
	{ EXT_SUPPORTED_VERSIONS, 0, sends_versions, write_versions },
};

static bool row_applies(const struct row *row, const struct hello *h)
{
	if (h->offer & OFFER_NO_EXTENSIONS)
		return false;
	return (h->offer & row->offer) || (row->sends && row->sends(h));
}

static bool row_offers(const struct hello *h, uint16_t extension)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].code == extension)
			return row_applies(&rows[i], h);
	return false;
}

bool hello_offers_extension(const struct hello *h, uint16_t extension)
{
	if (h->raw.n)
		return hello_raw_offers(h, extension);
	if (extension == EXT_RENEGOTIATION_INFO &&
	        ((h->offer & OFFER_RENEGOTIATION_SCSV) || codes_has(h->suites, SCSV_RENEGOTIATION)))
		return true; /* the signalling suite asks for the same (RFC 5746 section 3.4) */
	for (size_t i = 0; i < h->extra_n; i++)
		if (h->extra[i].code == extension)
			return true;
	return (extension == EXT_PRE_SHARED_KEY && h->psk) || row_offers(h, extension);
}

/* The body must not be 256 to 511 bytes long (RFC 7685 section 4), unless this is what is asked about. */
static void write_padding(struct wr *w, size_t body_start, size_t size)
{
	enum { UGLY_FROM = 256, UGLY_TO = 511, OVERHEAD = 4 };
	size_t n = w->len - body_start, wanted = size ? size : UGLY_TO + 1, fill;

	if (size ? n >= size : n < UGLY_FROM - OVERHEAD || n > UGLY_TO)
		return;
	fill = n + OVERHEAD >= wanted ? 0 : wanted - n - OVERHEAD;
	wr_u16(w, EXT_PADDING);
	wr_u16(w, (uint16_t)fill);
	wr_zero(w, fill);
}

static void write_extra(struct wr *w, const struct hello *h)
{
	for (size_t i = 0; i < h->extra_n; i++) {
		struct wr_mark data;

		wr_u16(w, h->extra[i].code);
		data = wr_open(w, 2);
		wr_bytes(w, h->extra[i].data.p, h->extra[i].data.n);
		wr_close(w, data);
	}
}

static void write_psk(struct wr *w, const struct psk_offer *psk) /* RFC 8446 section 4.2.11 */
{
	struct wr_mark data, list, identity;

	wr_u16(w, EXT_PRE_SHARED_KEY);
	data = wr_open(w, 2);
	list = wr_open(w, 2);
	identity = wr_open(w, 2);
	wr_bytes(w, psk->identity.p, psk->identity.n);
	wr_close(w, identity);
	wr_uint(w, psk->obfuscated_age, 4);
	wr_close(w, list);
	wr_u16(w, (uint16_t)(psk->binder_n + 1));
	wr_u8(w, (uint8_t)psk->binder_n);
	wr_zero(w, psk->binder_n);
	wr_close(w, data);
}

static void write_extensions(struct wr *w, const struct context *c, size_t body_start)
{
	struct wr_mark list = wr_open(w, 2);

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wr_mark data;

		if (!row_applies(&rows[i], c->hello))
			continue;
		wr_u16(w, rows[i].code);
		data = wr_open(w, 2);
		rows[i].write(w, c);
		wr_close(w, data);
	}
	write_extra(w, c->hello);
	write_padding(w, body_start, shape_of(c->hello)->size);
	if (c->hello->psk)
		write_psk(w, c->hello->psk);
	wr_close(w, list);
}

static void write_suites(struct wr *w, const struct hello *h)
{
	struct wr_mark m = wr_open(w, 2);

	for (size_t i = 0; i < h->suites.n; i++)
		wr_u16(w, (uint16_t)h->suites.v[i]);
	if (h->offer & OFFER_RENEGOTIATION_SCSV)
		wr_u16(w, SCSV_RENEGOTIATION);
	if (h->offer & OFFER_FALLBACK_SCSV)
		wr_u16(w, SCSV_FALLBACK);
	wr_close(w, m);
}

/* The version field of a hello never says more than TLS 1.2 (RFC 8446 section 4.1.2). */
static uint16_t legacy_version(const struct hello *h)
{
	if (shape_of(h)->version)
		return shape_of(h)->version;
	return h->version > VER_TLS12 ? VER_TLS12 : h->version;
}

/* From TLS 1.3 on a session id is sent, as middleboxes expect (RFC 8446 appendix D.4). */
static void write_session_id(struct wr *w, const struct context *c)
{
	struct span id = c->hello->session_id;

	if (!id.n && sends_versions(c->hello) && !shape_of(c->hello)->no_session_id)
		id = (struct span){ c->entropy->session_id, sizeof c->entropy->session_id };
	wr_u8(w, (uint8_t)id.n);
	wr_bytes(w, id.p, id.n);
}

static void write_compressions(struct wr *w, const struct hello *h)
{
	static const uint8_t null[] = { 0 }, deflate[] = { 1, 0 };
	struct span list = h->offer & OFFER_DEFLATE ? (struct span){ deflate, sizeof deflate } : (struct span){ null, sizeof null };

	if (shape_of(h)->compressions.n)
		list = shape_of(h)->compressions;
	wr_u8(w, (uint8_t)list.n);
	wr_bytes(w, list.p, list.n);
}

static void write_body(struct wr *w, const struct context *c)
{
	size_t start = w->len;

	wr_u16(w, legacy_version(c->hello));
	wr_bytes(w, c->entropy->random, sizeof c->entropy->random);
	write_session_id(w, c);
	write_suites(w, c->hello);
	write_compressions(w, c->hello);
	if (!(c->hello->offer & OFFER_NO_EXTENSIONS))
		write_extensions(w, c, start);
}

/* A hello larger than one record is split: RFC 8446 section 5.1. */
static void write_records(struct wr *w, uint16_t version, size_t most, struct span message)
{
	while (message.n && !w->bad) {
		size_t n = message.n < most ? message.n : most;

		wr_u8(w, RECORD_HANDSHAKE);
		wr_u16(w, version);
		wr_u16(w, (uint16_t)n);
		wr_bytes(w, message.p, n);
		message = (struct span){ message.p + n, message.n - n };
	}
}

bool hello_message(struct wr *w, const struct hello *h, const struct entropy *e)
{
	struct context c = { h, e ? e : &no_entropy };
	struct wr_mark body;

	wr_u8(w, CLIENT_HELLO);
	body = wr_open(w, 3);
	if (h->raw.n)
		hello_raw_write(w, h, c.entropy);
	else
		write_body(w, &c);
	wr_close(w, body);
	return !w->bad;
}

void hello_records(struct wr *w, const struct hello *h, bool retried, struct span message)
{
	const struct shape *s = shape_of(h);
	uint16_t legacy = legacy_version(h), usual = legacy > VER_TLS10 && !retried ? VER_TLS10 : legacy;

	write_records(w, s->record_version ? s->record_version : usual, s->record_max ? s->record_max : RECORD_MAX, message);
}

static bool write_tls(struct wr *w, const struct hello *h, const struct entropy *e)
{
	uint8_t message[HELLO_MAX];
	struct wr m = wr_of(message, sizeof message);

	if (!hello_message(&m, h, e))
		return false;
	hello_records(w, h, false, (struct span){ message, m.len });
	return !w->bad;
}

/* SSL 2.0 CLIENT-HELLO: a two-byte record header, then lengths first, fields after. */
static bool write_ssl2(struct wr *w, const struct context *c)
{
	enum { CHALLENGE = 16, FIXED = 9 };
	size_t kinds = 3 * c->hello->suites.n;

	wr_u16(w, (uint16_t)(0x8000 | (FIXED + kinds + CHALLENGE)));
	wr_u8(w, CLIENT_HELLO);
	wr_u16(w, VER_SSL2);
	wr_u16(w, (uint16_t)kinds);
	wr_u16(w, 0); /* session id */
	wr_u16(w, CHALLENGE);
	for (size_t i = 0; i < c->hello->suites.n; i++)
		wr_u24(w, c->hello->suites.v[i]);
	wr_bytes(w, c->entropy->random, CHALLENGE);
	return !w->bad;
}

bool hello_write(struct wr *w, const struct hello *h, const struct entropy *e)
{
	struct context c = { h, e ? e : &no_entropy };

	return h->version == VER_SSL2 ? write_ssl2(w, &c) : write_tls(w, h, e);
}
