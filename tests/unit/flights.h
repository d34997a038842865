/*
 * Sound answers of servers, made byte by byte, and the hellos they answer: for the tests and the fuzz target
 * of the answer reader. Every length field is noted, so that a test can lie in each.
 */
#ifndef UNIT_FLIGHTS_H
#define UNIT_FLIGHTS_H

#include "scanner/tls/answer.h"
#include "scanner/tls/tables.h"

enum { FLIGHT_ROOM = 8192, FLIGHT_MARKS_MAX = 64 };

struct flight_bytes {
	uint8_t v[FLIGHT_ROOM];
	struct wr w;
	struct wr_mark marks[FLIGHT_MARKS_MAX]; /* every length field, as it was opened */
	size_t marks_n;
	size_t clear_n; /* how many bytes the reader needs; what follows is beyond the end */
};

/* ---- the hellos ------------------------------------------------------------------------------- */

static const uint32_t hello_suites[] = { 0xC02F, 0xC02B, 0x009E, 0x002F, 0x0034, 0xC018, 0x008C, 0x00A9,
	0x0093, 0x00AD, 0x00B2, 0xC035, 0x0003, 0x0008, 0xC01A };
static const uint32_t hello_groups[] = { 0x001D, 0x0017, 0x0100 };
static const uint32_t hello_schemes[] = { 0x0403, 0x0804, 0x0401, 0x0201 };
static const uint32_t suites_13[] = { 0x1301, 0x1302 };
static const uint32_t kinds_ssl2[] = { 0x010080, 0x0700C0 };
static const char *const hello_alpn[] = { "h2", "http/1.1", NULL };

#define LIST(a)                                                                                              \
	{                                                                                                    \
		a, sizeof(a) / sizeof(*(a))                                                                  \
	}
enum {
	OFFER_ALL = OFFER_EMS | OFFER_ENCRYPT_THEN_MAC | OFFER_SESSION_TICKET | OFFER_RENEGOTIATION |
	            OFFER_STATUS_REQUEST | OFFER_SCT | OFFER_POINT_FORMATS | OFFER_DEFLATE
};

static const struct hello hello_12 = { .version = VER_TLS12,
	.suites = LIST(hello_suites),
	.groups = LIST(hello_groups),
	.schemes = LIST(hello_schemes),
	.sni = "server.test",
	.alpn = hello_alpn,
	.offer = OFFER_ALL };
static const struct hello hello_10 = {
	.version = VER_TLS10, .suites = LIST(hello_suites), .groups = LIST(hello_groups), .offer = OFFER_ALL
};
static const struct hello hello_ssl3 = { .version = VER_SSL3,
	.suites = LIST(hello_suites),
	.offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV };
static const struct hello hello_13 = { .version = VER_TLS13,
	.suites = LIST(suites_13),
	.groups = LIST(hello_groups),
	.schemes = LIST(hello_schemes),
	.sni = "server.test",
	.offer = OFFER_ALL };
static const struct hello hello_ssl2 = { .version = VER_SSL2, .suites = LIST(kinds_ssl2) };

/* ---- writing ---------------------------------------------------------------------------------- */

static struct wr_mark flight_len(struct flight_bytes *f, size_t width)
{
	struct wr_mark m = wr_open(&f->w, width);

	if (f->marks_n < FLIGHT_MARKS_MAX)
		f->marks[f->marks_n++] = m;
	return m;
}

static void flight_fill(struct flight_bytes *f, uint8_t byte, size_t n)
{
	while (n--)
		wr_u8(&f->w, byte);
}

static void flight_vec(struct flight_bytes *f, size_t width, uint8_t byte, size_t n)
{
	struct wr_mark m = flight_len(f, width);

	flight_fill(f, byte, n);
	wr_close(&f->w, m);
}

struct open_message {
	struct wr_mark record, message;
};

static struct open_message message_open(struct flight_bytes *f, uint16_t version, uint8_t type)
{
	struct open_message m;

	wr_u8(&f->w, 22);
	wr_u16(&f->w, version);
	m.record = flight_len(f, 2);
	wr_u8(&f->w, type);
	m.message = flight_len(f, 3);
	return m;
}

static void message_close(struct flight_bytes *f, struct open_message m)
{
	wr_close(&f->w, m.message);
	wr_close(&f->w, m.record);
}

static void write_extension(struct flight_bytes *f, uint16_t code, const void *p, size_t n)
{
	struct wr_mark m;

	wr_u16(&f->w, code);
	m = flight_len(f, 2);
	wr_bytes(&f->w, p, n);
	wr_close(&f->w, m);
}

static void write_alpn_answer(struct flight_bytes *f)
{
	struct wr_mark data, list, name;

	wr_u16(&f->w, EXT_ALPN);
	data = flight_len(f, 2);
	list = flight_len(f, 2);
	name = flight_len(f, 1);
	wr_bytes(&f->w, "h2", 2);
	wr_close(&f->w, name);
	wr_close(&f->w, list);
	wr_close(&f->w, data);
}

static void hello_start(struct flight_bytes *f, uint16_t version, uint16_t suite)
{
	wr_u16(&f->w, version);
	flight_fill(f, 0x11, 32);
	flight_vec(f, 1, 0x22, 32);
	wr_u16(&f->w, suite);
	wr_u8(&f->w, 0);
}

static void write_server_hello(struct flight_bytes *f, uint16_t version, uint16_t suite, bool extensions_too)
{
	struct open_message m = message_open(f, version, 2);
	struct wr_mark list;

	hello_start(f, version, suite);
	if (extensions_too) {
		list = flight_len(f, 2);
		write_extension(f, EXT_RENEGOTIATION_INFO, "\0", 1);
		write_extension(f, EXT_EXTENDED_MASTER_SECRET, NULL, 0);
		if (version == VER_TLS12)
			write_alpn_answer(f);
		write_extension(f, EXT_SCT, "\0\3abc", 5);
		wr_close(&f->w, list);
	}
	message_close(f, m);
}

static void write_certificate(struct flight_bytes *f, uint16_t version)
{
	struct open_message m = message_open(f, version, 11);
	struct wr_mark list = flight_len(f, 3);

	flight_vec(f, 3, 0x30, 70);
	flight_vec(f, 3, 0x31, 50);
	wr_close(&f->w, list);
	message_close(f, m);
}

static void write_status(struct flight_bytes *f, uint16_t version)
{
	struct open_message m = message_open(f, version, 22);

	wr_u8(&f->w, 1);
	flight_vec(f, 3, 0x33, 20);
	message_close(f, m);
}

static void write_request(struct flight_bytes *f, uint16_t version)
{
	struct open_message m = message_open(f, version, 13);

	wr_bytes(&f->w, "\1\1", 2);
	if (version == VER_TLS12)
		wr_bytes(&f->w, "\0\2\4\1", 4);
	wr_u16(&f->w, 0);
	message_close(f, m);
}

static void write_done(struct flight_bytes *f, uint16_t version)
{
	message_close(f, message_open(f, version, 14));
}

static void write_signature(struct flight_bytes *f, uint16_t version, uint16_t scheme)
{
	if (version == VER_TLS12)
		wr_u16(&f->w, scheme);
	flight_vec(f, 2, 0x55, 64);
}

static void write_ec_params(struct flight_bytes *f)
{
	wr_u8(&f->w, 3);
	wr_u16(&f->w, 0x001D);
	flight_vec(f, 1, 0x44, 32);
}

static void write_dh_params(struct flight_bytes *f)
{
	flight_vec(f, 2, 0xF1, 128);
	flight_vec(f, 2, 0x02, 1);
	flight_vec(f, 2, 0x43, 128);
}

/* What stands in the ServerKeyExchange. */
enum exchange_kind { EX_NONE, EX_EC, EX_DH, EX_EC_ANON, EX_DH_ANON, EX_HINT, EX_DH_HINT, EX_EC_HINT, EX_RSA };

static void write_exchange(struct flight_bytes *f, uint16_t version, enum exchange_kind kind)
{
	struct open_message m;

	if (kind == EX_NONE)
		return;
	m = message_open(f, version, 12);
	if (kind == EX_HINT || kind == EX_DH_HINT || kind == EX_EC_HINT)
		flight_vec(f, 2, 'h', 4);
	if (kind == EX_EC || kind == EX_EC_ANON || kind == EX_EC_HINT)
		write_ec_params(f);
	if (kind == EX_DH || kind == EX_DH_ANON || kind == EX_DH_HINT)
		write_dh_params(f);
	if (kind == EX_RSA) {
		flight_vec(f, 2, 0xC1, 64);
		flight_vec(f, 2, 0x03, 1);
	}
	if (kind == EX_EC || kind == EX_DH || kind == EX_RSA)
		write_signature(f, version, 0x0401);
	message_close(f, m);
}

/* ---- the flights ------------------------------------------------------------------------------ */

struct flight_row {
	const char *name;
	const struct hello *hello;
	uint16_t version, suite;
	enum exchange_kind exchange;
	bool certificate, status, request, extensions;
	void (*write)(struct flight_bytes *); /* instead of all that */
	enum answer_kind kind;
};

static const uint8_t retry_random_bytes[32] = {
	0xCF,
	0x21,
	0xAD,
	0x74,
	0xE5,
	0x9A,
	0x61,
	0x11,
	0xBE,
	0x1D,
	0x8C,
	0x02,
	0x1E,
	0x65,
	0xB8,
	0x91,
	0xC2,
	0xA2,
	0x11,
	0x16,
	0x7A,
	0xBB,
	0x8C,
	0x5E,
	0x07,
	0x9E,
	0x09,
	0xE2,
	0xC8,
	0xA8,
	0x33,
	0x9C,
};

static void write_hello_13(struct flight_bytes *f, bool retry)
{
	struct open_message m = message_open(f, VER_TLS12, 2);
	struct wr_mark list, data;

	wr_u16(&f->w, VER_TLS12);
	if (retry)
		wr_bytes(&f->w, retry_random_bytes, 32);
	else
		flight_fill(f, 0x11, 32);
	flight_vec(f, 1, 0x22, 32);
	wr_u16(&f->w, 0x1302);
	wr_u8(&f->w, 0);
	list = flight_len(f, 2);
	write_extension(f, EXT_SUPPORTED_VERSIONS, "\3\4", 2);
	wr_u16(&f->w, EXT_KEY_SHARE);
	data = flight_len(f, 2);
	wr_u16(&f->w, 0x001D);
	if (!retry)
		flight_vec(f, 2, 0x44, 32);
	wr_close(&f->w, data);
	wr_close(&f->w, list);
	message_close(f, m);
}

static void flight_retry(struct flight_bytes *f)
{
	write_hello_13(f, true);
}

static void flight_13(struct flight_bytes *f)
{
	write_hello_13(f, false);
	f->clear_n = f->w.len;
	wr_bytes(&f->w, "\x14\3\3\0\1\1", 6);
	wr_bytes(&f->w, "\x17\3\3\0\x20", 5);
	flight_fill(f, 0x99, 32);
}

static void flight_alert(struct flight_bytes *f)
{
	wr_bytes(&f->w, "\x15\3\3\0\2\2\x28", 7);
}

static void flight_warned(struct flight_bytes *f)
{
	wr_bytes(&f->w, "\x15\3\3\0\2\1\x70", 7);
	write_server_hello(f, VER_TLS12, 0x002F, true);
	write_certificate(f, VER_TLS12);
	write_done(f, VER_TLS12);
}

static void flight_asked_to_ask(struct flight_bytes *f)
{
	for (int i = 0; i < 2; i++)
		message_close(f, message_open(f, VER_TLS12, 0));
	flight_warned(f);
}

static void flight_ssl2_hello(struct flight_bytes *f)
{
	struct wr_mark body = wr_open(&f->w, 2);

	wr_bytes(&f->w, "\4\0\1\0\2", 5);
	wr_u16(&f->w, 40);
	wr_u16(&f->w, 6);
	wr_u16(&f->w, 16);
	flight_fill(f, 0x30, 40);
	wr_bytes(&f->w, "\1\0\x80\7\0\xC0", 6);
	flight_fill(f, 0x66, 16);
	wr_close(&f->w, body);
	f->v[0] |= 0x80;
}

static void flight_ssl2_error(struct flight_bytes *f)
{
	wr_bytes(&f->w, "\x80\3\0\0\1", 5);
}

#define SOUND ANS_SERVER_HELLO
static const struct flight_row flight_rows[] = {
	{ "tls12 ecdhe", &hello_12, VER_TLS12, 0xC02F, EX_EC, true, true, true, true, NULL, SOUND },
	{ "tls12 dhe", &hello_12, VER_TLS12, 0x009E, EX_DH, true, false, false, true, NULL, SOUND },
	{ "tls12 rsa", &hello_12, VER_TLS12, 0x002F, EX_NONE, true, false, false, true, NULL, SOUND },
	{ "tls12 anonymous dh", &hello_12, VER_TLS12, 0x0034, EX_DH_ANON, false, false, false, false, NULL,
	        SOUND },
	{ "tls12 anonymous ecdh", &hello_12, VER_TLS12, 0xC018, EX_EC_ANON, false, false, false, false, NULL,
	        SOUND },
	{ "tls12 psk with a hint", &hello_12, VER_TLS12, 0x008C, EX_HINT, false, false, false, true, NULL,
	        SOUND },
	{ "tls12 psk without", &hello_12, VER_TLS12, 0x00A9, EX_NONE, false, false, false, true, NULL,
	        SOUND },
	{ "tls12 rsa_psk", &hello_12, VER_TLS12, 0x00AD, EX_HINT, true, false, false, true, NULL, SOUND },
	{ "tls12 dhe_psk", &hello_12, VER_TLS12, 0x00B2, EX_DH_HINT, false, false, false, true, NULL, SOUND },
	{ "tls12 ecdhe_psk", &hello_12, VER_TLS12, 0xC035, EX_EC_HINT, false, false, false, true, NULL,
	        SOUND },
	{ "tls10 ecdhe", &hello_10, VER_TLS10, 0xC02F, EX_EC, true, false, true, true, NULL, SOUND },
	{ "tls10 export rsa", &hello_10, VER_TLS10, 0x0003, EX_RSA, true, false, false, false, NULL, SOUND },
	{ "ssl3 rsa", &hello_ssl3, VER_SSL3, 0x002F, EX_NONE, true, false, false, false, NULL, SOUND },
	{ "ssl3 answer to tls12", &hello_12, VER_SSL3, 0x002F, EX_NONE, true, false, false, false, NULL,
	        SOUND },
	{ .name = "tls13", .hello = &hello_13, .write = flight_13, .kind = SOUND },
	{ .name = "tls13 retry", .hello = &hello_13, .write = flight_retry, .kind = ANS_RETRY },
	{ .name = "alert", .hello = &hello_12, .write = flight_alert, .kind = ANS_ALERT },
	{ .name = "warning first", .hello = &hello_12, .write = flight_warned, .kind = SOUND },
	{ .name = "hello requests first", .hello = &hello_12, .write = flight_asked_to_ask, .kind = SOUND },
	{ .name = "ssl2", .hello = &hello_ssl2, .write = flight_ssl2_hello, .kind = ANS_SSL2_HELLO },
	{ .name = "ssl2 error", .hello = &hello_ssl2, .write = flight_ssl2_error, .kind = ANS_ALERT },
};

enum { FLIGHT_ROWS = sizeof(flight_rows) / sizeof(*flight_rows) };

static inline void flight_build(struct flight_bytes *f, const struct flight_row *row)
{
	f->marks_n = f->clear_n = 0;
	f->w = wr_of(f->v, sizeof(f->v));
	if (row->write) {
		row->write(f);
	} else {
		write_server_hello(f, row->version, row->suite, row->extensions);
		if (row->certificate)
			write_certificate(f, row->version);
		if (row->status)
			write_status(f, row->version);
		write_exchange(f, row->version, row->exchange);
		if (row->request)
			write_request(f, row->version);
		write_done(f, row->version);
	}
	if (!f->clear_n)
		f->clear_n = f->w.len;
}

/* ---- comparing -------------------------------------------------------------------------------- */

static bool slices_same(const struct answer *a, struct slice s, const struct answer *b, struct slice t)
{
	return s.n == t.n && (!s.n || !memcmp(answer_bytes(a, s).p, answer_bytes(b, t).p, s.n));
}

static bool certs_same(const struct answer *a, const struct answer *b)
{
	if (a->certs_count != b->certs_count)
		return false;
	for (size_t i = 0; i < a->certs_count; i++)
		if (!slices_same(a, a->certs[i], b, b->certs[i]))
			return false;
	return true;
}

static bool exchanges_same(const struct answer *a, const struct answer *b)
{
	const struct key_exchange *x = &a->kx, *y = &b->kx;

	return x->group == y->group && x->scheme == y->scheme && x->explicit_curve == y->explicit_curve &&
	       slices_same(a, x->dh_p, b, y->dh_p) && slices_same(a, x->dh_g, b, y->dh_g) &&
	       slices_same(a, x->dh_y, b, y->dh_y) && slices_same(a, x->point, b, y->point) &&
	       slices_same(a, x->rsa_modulus, b, y->rsa_modulus) &&
	       slices_same(a, x->rsa_exponent, b, y->rsa_exponent);
}

/* All that two answers tell; not what was received beyond the end, nor times. */
static bool answers_same(const struct answer *a, const struct answer *b)
{
	return a->kind == b->kind && a->reason == b->reason && a->offset == b->offset &&
	       a->version == b->version && a->legacy_version == b->legacy_version &&
	       a->record_version == b->record_version && a->suite == b->suite &&
	       a->compression == b->compression && a->group == b->group &&
	       !memcmp(a->random, b->random, sizeof(a->random)) &&
	       slices_same(a, a->session_id, b, b->session_id) && a->exts_count == b->exts_count &&
	       !memcmp(a->exts, b->exts, a->exts_count * sizeof(*a->exts)) &&
	       slices_same(a, a->alpn, b, b->alpn) && slices_same(a, a->staple, b, b->staple) &&
	       slices_same(a, a->scts, b, b->scts) && certs_same(a, b) && exchanges_same(a, b) &&
	       a->has_certificate == b->has_certificate && a->has_key_exchange == b->has_key_exchange &&
	       a->certificate_request == b->certificate_request && a->hello_done == b->hello_done &&
	       a->alert == b->alert && a->alert_level == b->alert_level && a->warnings == b->warnings &&
	       a->kinds_count == b->kinds_count &&
	       !memcmp(a->kinds, b->kinds, a->kinds_count * sizeof(*a->kinds)) &&
	       a->ssl2_error == b->ssl2_error;
}

/* What every answer promises, whatever was fed. False: a promise is broken. */
static bool answer_is_sane(const struct answer *a)
{
	bool picked = a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY;

	if ((unsigned)a->kind >= ANS_KINDS || a->reason >= REASONS)
		return false;
	if (a->done && a->kind == ANS_NONE)
		return false;
	if (a->exts_count > ANSWER_EXTS_MAX || a->certs_count > ANSWER_CHAIN_MAX ||
	        a->kinds_count > ANSWER_KINDS_MAX)
		return false;
	if (a->flight.n > ANSWER_FLIGHT_MAX || a->staple.n > ANSWER_STAPLE_MAX)
		return false;
	if (picked && (!codes_has(a->hello->suites, a->suite) || !hello_offers_version(a->hello, a->version)))
		return false;
	if (picked && a->group && a->hello->groups.n && !codes_has(a->hello->groups, a->group))
		return false;
	return !picked || suite_pickable(a->suite);
}

#endif
