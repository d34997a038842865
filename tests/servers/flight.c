#include "tests/servers/flight.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/keyring.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/serve.h"

enum { COMPRESS_CERTIFICATE = 27, ZLIB = 1 }; /* RFC 8879 section 7 */

uint16_t record_version(uint16_t version)
{
	bool plain = version == VER_TLCP || (version >= VER_SSL3 && version <= VER_TLS12);

	return plain ? version : VER_TLS12;
}

struct wr_mark flight_open(struct flight *f, const char *name, size_t width)
{
	struct wr_mark m = wr_open(&f->w, width);

	if (f->marks_n < FLIGHT_MARKS)
		f->marks[f->marks_n++] = (struct flight_mark){ name, m };
	return m;
}

void flight_close(struct flight *f, struct wr_mark m)
{
	wr_close(&f->w, m);
}

struct wr_mark flight_message(struct flight *f, uint8_t type)
{
	require(f->starts_n < FLIGHT_MESSAGES);
	f->starts[f->starts_n++] = f->w.len;
	wr_u8(&f->w, type);
	return flight_open(f, "message", 3);
}

bool flight_cut(struct flight *f, uint8_t type)
{
	for (size_t i = 0; i < f->starts_n; i++) {
		if (f->w.buf[f->starts[i]] != type)
			continue;
		f->w.len = f->starts[i];
		f->starts_n = i;
		return true;
	}
	return false;
}

static const struct suite *suite_of(const struct flight *f)
{
	return suite_find(f->choice->suite);
}

/* ---- extensions of the ServerHello ----------------------------------------------------------- */

static bool offered(const struct flight *f, uint16_t code)
{
	return heard_extension(f->heard, code, NULL);
}

static bool answers(const struct flight *f, uint32_t what, uint16_t code)
{
	return (f->config->answers & what) && offered(f, code);
}

static bool answers_sni(const struct flight *f)
{
	return answers(f, ANSWER_SNI, EXT_SERVER_NAME);
}

/* RFC 5746 section 3.6: the signalling suite asks for the extension too. */
static bool answers_renegotiation(const struct flight *f)
{
	return (f->config->answers & ANSWER_RENEGOTIATION) &&
	       (offered(f, EXT_RENEGOTIATION_INFO) || heard_suite(f->heard, 0x00FF));
}

static bool answers_point_formats(const struct flight *f)
{
	return answers(f, ANSWER_POINT_FORMATS, EXT_EC_POINT_FORMATS) && suite_of(f) &&
	       suite_is_ecc(suite_of(f));
}

static bool answers_ems(const struct flight *f)
{
	return f->server->ems;
}

static bool answers_etm(const struct flight *f)
{
	return f->server->etm;
}

static bool answers_ticket(const struct flight *f)
{
	return f->server->ticket_promised;
}

static bool answers_heartbeat(const struct flight *f)
{
	return answers(f, ANSWER_HEARTBEAT, EXT_HEARTBEAT);
}

static bool answers_staple(const struct flight *f)
{
	return f->config->staple.n && f->choice->chain && offered(f, EXT_STATUS_REQUEST);
}

static bool answers_sct(const struct flight *f)
{
	return f->config->sct.n && f->choice->chain && offered(f, EXT_SCT);
}

static bool answers_alpn(const struct flight *f)
{
	return f->choice->alpn != NULL;
}

/* RFC 5746 section 3.7: both Finished of the handshake before, the client's first. */
static void write_renegotiated(struct flight *f)
{
	const struct server *s = f->server;
	struct wr_mark m = wr_open(&f->w, 1);

	for (int side = 0; s->renegotiates && side < 2; side++)
		wr_bytes(&f->w, s->verify[side], s->verify_n);
	if (f->config->wrong_renegotiation)
		wr_u8(&f->w, 0);
	wr_close(&f->w, m);
}

static void write_nothing(struct flight *f)
{
	(void)f;
}

static void write_one(struct flight *f)
{
	wr_u8(&f->w, 1);
}

static void write_point_formats(struct flight *f)
{
	struct wr_mark m = flight_open(f, "point_formats", 1);

	wr_u8(&f->w, 0);
	flight_close(f, m);
}

static void write_sct(struct flight *f)
{
	wr_bytes(&f->w, f->config->sct.p, f->config->sct.n);
}

static void write_alpn(struct flight *f)
{
	struct wr_mark list = flight_open(f, "alpn_list", 2), name = flight_open(f, "alpn", 1);

	wr_bytes(&f->w, f->choice->alpn, strlen(f->choice->alpn));
	flight_close(f, name);
	flight_close(f, list);
}

static void write_raw_type(struct flight *f)
{
	wr_u8(&f->w, 2);
}

struct extension_row {
	uint16_t code;
	bool (*applies)(const struct flight *);
	void (*write)(struct flight *);
};

static const struct extension_row rows_12[] = {
	{ EXT_SERVER_NAME, answers_sni, write_nothing },
	{ EXT_RENEGOTIATION_INFO, answers_renegotiation, write_renegotiated },
	{ EXT_EC_POINT_FORMATS, answers_point_formats, write_point_formats },
	{ EXT_SESSION_TICKET, answers_ticket, write_nothing },
	{ EXT_STATUS_REQUEST, answers_staple, write_nothing },
	{ EXT_SCT, answers_sct, write_sct },
	{ EXT_HEARTBEAT, answers_heartbeat, write_one },
	{ EXT_ALPN, answers_alpn, write_alpn },
	{ EXT_ENCRYPT_THEN_MAC, answers_etm, write_nothing },
	{ EXT_EXTENDED_MASTER_SECRET, answers_ems, write_nothing },
	{ EXT_SERVER_CERTIFICATE_TYPE, serve_shows_raw_key, write_raw_type },
};

static bool always(const struct flight *f)
{
	(void)f;
	return true;
}

static void write_version(struct flight *f)
{
	wr_u16(&f->w, f->choice->version);
}

/* RFC 8446 section 4.2.8: a retry names the group, a ServerHello brings the share. */
static void write_share(struct flight *f)
{
	struct wr_mark m;

	wr_u16(&f->w, f->choice->group);
	if (f->choice->retry)
		return;
	m = flight_open(f, "key_share", 2);
	serve_share(f->server, f->choice->group, &f->w);
	flight_close(f, m);
}

static bool wants_cookie(const struct flight *f)
{
	return f->choice->retry && f->config->cookie;
}

static void write_cookie(struct flight *f)
{
	struct wr_mark m = flight_open(f, "cookie", 2);

	filler_bytes(&f->w, 16, &f->server->random);
	flight_close(f, m);
}

static bool takes_psk(const struct flight *f)
{
	return f->choice->resumed;
}

static void write_first(struct flight *f)
{
	wr_u16(&f->w, 0);
}

static bool in_new_hello(const struct flight *f);

static bool makes_share(const struct flight *f)
{
	return !f->server->psk_alone;
}

static const struct extension_row rows_13[] = {
	{ EXT_SUPPORTED_VERSIONS, in_new_hello, write_version },
	{ EXT_KEY_SHARE, makes_share, write_share },
	{ EXT_COOKIE, wants_cookie, write_cookie },
	{ EXT_PRE_SHARED_KEY, takes_psk, write_first },
};

static bool takes_early(const struct flight *f)
{
	return f->server->early;
}

static const struct extension_row rows_sealed[] = {
	{ EXT_SERVER_NAME, answers_sni, write_nothing },
	{ EXT_ALPN, answers_alpn, write_alpn },
	{ EXT_EARLY_DATA, takes_early, write_nothing },
	{ EXT_SERVER_CERTIFICATE_TYPE, serve_shows_raw_key, write_raw_type },
};

static void write_status(struct flight *f)
{
	struct wr_mark m;

	wr_u8(&f->w, 1); /* ocsp */
	m = flight_open(f, "staple", 3);
	wr_bytes(&f->w, f->config->staple.p, f->config->staple.n);
	flight_close(f, m);
}

/* From TLS 1.3 on what belongs to the leaf stands beside it: RFC 8446 section 4.4.2.1. */
static const struct extension_row rows_leaf[] = {
	{ EXT_STATUS_REQUEST, answers_staple, write_status },
	{ EXT_SCT, answers_sct, write_sct },
	{ EXT_DELEGATED_CREDENTIAL, serve_delegates, serve_delegated },
};

static bool answers_above(const struct flight *f)
{
	return f->config->staple_above.n && offered(f, EXT_STATUS_REQUEST);
}

static void write_above(struct flight *f)
{
	wr_u8(&f->w, 1); /* ocsp */
	wr_u24(&f->w, (uint32_t)f->config->staple_above.n);
	wr_bytes(&f->w, f->config->staple_above.p, f->config->staple_above.n);
}

static const struct extension_row rows_next[] = { { EXT_STATUS_REQUEST, answers_above, write_above } };

static void write_extension(struct flight *f, const struct extension_row *row)
{
	struct wr_mark m;

	if (!row->applies(f))
		return;
	wr_u16(&f->w, row->code);
	m = flight_open(f, "extension", 2);
	row->write(f);
	flight_close(f, m);
}

/* What the config has it say, word for word; a request and a ticket say it unasked. */
static void write_told(struct flight *f, uint8_t in)
{
	for (size_t i = 0; i < f->config->told_n; i++) {
		const struct told_extension *t = &f->config->told[i];
		struct wr_mark m;

		if (t->in != in || !(in == IN_CR || in == IN_NST || offered(f, t->code)))
			continue;
		wr_u16(&f->w, t->code);
		m = flight_open(f, "extension", 2);
		wr_bytes(&f->w, t->data.p, t->data.n);
		flight_close(f, m);
	}
}

/* Before TLS 1.3 an empty block is left out (RFC 5246 section 7.4.1.3). */
static void write_extensions(struct flight *f, uint8_t in, const struct extension_row *rows, size_t n)
{
	size_t before = f->w.len, marks = f->marks_n;
	struct wr_mark block = flight_open(f, "extensions", 2);

	for (size_t i = 0; i < n; i++)
		write_extension(f, &rows[i]);
	write_told(f, in);
	if (f->config->row && (rows == rows_12 || rows == rows_13) && f->config->row->extensions)
		f->config->row->extensions(f);
	if (f->config->row && rows == rows_sealed && f->config->row->sealed_extensions)
		f->config->row->sealed_extensions(f);
	if (f->config->row && rows == rows_leaf && f->config->row->leaf_extensions)
		f->config->row->leaf_extensions(f);
	flight_close(f, block);
	if (f->w.len - before > 2 || rows != rows_12)
		return;
	f->w.len = before;
	f->marks_n = marks;
}

/* ---- ServerHello ----------------------------------------------------------------------------- */

/* RFC 8446 section 4.1.3 */
static const uint8_t retry_random[32] = { 0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C,
	0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2,
	0xC8, 0xA8, 0x33, 0x9C };

static bool knows_better(const struct flight *f)
{
	uint16_t v = f->choice->version;
	const struct code_list *mine = &f->config->versions;

	return v >= VER_SSL3 && v <= VER_TLS12 && !f->config->no_sentinel &&
	       (code_list_has(mine, VER_TLS13) || (v < VER_TLS12 && code_list_has(mine, VER_TLS12)));
}

static void draw_random(struct flight *f)
{
	bool old = f->choice->version >= VER_SSL3 && f->choice->version <= VER_TLS12;
	bool clock = old && f->config->clock;
	uint64_t always = 1, *random = f->config->repeats_randoms ? &always : &f->server->random;

	if (clock)
		wr_uint(&f->w, f->config->clock, 4);
	filler_bytes(&f->w, clock ? 20 : 24, random);
	if (!knows_better(f) && !(old && f->config->wrong_sentinel)) {
		filler_bytes(&f->w, 8, random);
		return;
	}
	wr_bytes(&f->w, "DOWNGRD", 7);
	wr_u8(&f->w, f->choice->version == VER_TLS12 || f->config->wrong_sentinel);
}

static void write_random(struct flight *f)
{
	if (f->choice->retry) {
		wr_bytes(&f->w, retry_random, RANDOM);
		return;
	}
	draw_random(f);
	memcpy(f->server->server_random, f->w.buf + f->w.len - RANDOM, RANDOM);
}

static void new_session_id(struct flight *f)
{
	uint64_t always = 2;

	filler_bytes(&f->w, KEPT_ID, f->config->repeats_session_ids ? &always : &f->server->random);
	memcpy(f->server->session_id, f->w.buf + f->w.len - KEPT_ID, KEPT_ID);
	f->server->session_id_n = KEPT_ID;
}

static void echo_session_id(struct flight *f)
{
	size_t n = f->heard->session_id.n;

	wr_bytes(&f->w, f->heard->session_id.p, n);
	if (f->server && server_has_bug(f->server, BUG_TICKETBLEED) && n < KEPT_ID)
		filler_bytes(&f->w, KEPT_ID - n, &f->server->random); /* what lay behind it */
}

static void write_session_id(struct flight *f)
{
	struct wr_mark m = flight_open(f, "session_id", 1);

	if (version_is_13(f->choice->version) || f->choice->resumed)
		echo_session_id(f);
	else if (f->config->session_ids && !answers_ticket(f) && !f->heard->ssl2_format)
		new_session_id(f);
	flight_close(f, m);
}

/* Since draft 22 a ServerHello of TLS 1.3 looks like one of TLS 1.2. */
static bool in_new_hello(const struct flight *f)
{
	uint16_t v = f->choice->version;

	return v == VER_TLS13 || v == 0x7E02 || v == 0x7E03 || v >= 0x7F16;
}

static void server_hello(struct flight *f)
{
	bool is_13 = version_is_13(f->choice->version);
	bool disguised = is_13 && in_new_hello(f);

	wr_u16(&f->w, disguised ? VER_TLS12 : f->choice->version);
	write_random(f);
	if (disguised || !is_13)
		write_session_id(f);
	wr_u16(&f->w, f->choice->suite);
	if (disguised || !is_13)
		wr_u8(&f->w, f->choice->deflate);
	if (is_13)
		write_extensions(f, f->choice->retry ? IN_HRR : 0, rows_13, sizeof(rows_13) / sizeof(*rows_13));
	else if (f->heard->has_extensions || answers_renegotiation(f))
		write_extensions(f, IN_SH, rows_12, sizeof(rows_12) / sizeof(*rows_12));
	else if (f->config->row && f->config->row->extensions)
		write_extensions(f, IN_SH, rows_12, 0);
}

/* Drafts 14 to 21: a message of its own. */
static void old_retry_request(struct flight *f)
{
	wr_u16(&f->w, f->choice->version);
	if (f->choice->version >= 0x7F13)
		wr_u16(&f->w, f->choice->suite);
	write_extensions(f, f->choice->retry ? IN_HRR : 0, rows_13, sizeof(rows_13) / sizeof(*rows_13));
}

/* ---- Certificate to ServerHelloDone ---------------------------------------------------------- */

/* RFC 7250 section 3: from TLS 1.3 on the key stands where the leaf would. */
static void raw_key(struct flight *f)
{
	struct wr_mark list, one;

	if (f->choice->version < VER_TLS13) {
		list = flight_open(f, "raw_key", 3);
		keyring_spki(f->choice->chain, &f->w);
		flight_close(f, list);
		return;
	}
	wr_u8(&f->w, 0); /* no context */
	list = flight_open(f, "certificates", 3);
	one = flight_open(f, "raw_key", 3);
	keyring_spki(f->choice->chain, &f->w);
	flight_close(f, one);
	write_extensions(f, 0, rows_leaf, 0);
	flight_close(f, list);
}

static void certificate(struct flight *f)
{
	const struct server_chain *c = f->choice->chain;
	bool in_13 = version_is_13(f->choice->version);
	struct wr_mark list, one;

	if (serve_shows_raw_key(f)) {
		raw_key(f);
		return;
	}

	if (in_13)
		wr_u8(&f->w, 0); /* no context */
	list = flight_open(f, "certificates", 3);
	for (size_t i = 0; i < c->n; i++) {
		one = flight_open(f, "certificate", 3);
		wr_bytes(&f->w, c->certs[i].p, c->certs[i].n);
		flight_close(f, one);
		if (in_13)
			write_extensions(f, i ? 0 : IN_CERT, i == 1 ? rows_next : rows_leaf,
			        i ? i == 1 : sizeof(rows_leaf) / sizeof(*rows_leaf));
	}
	flight_close(f, list);
}

/* RFC 1950 and 1951: blocks that are stored as they are, and the checksum. */
static void write_zlib(struct wr *w, const uint8_t *p, size_t n)
{
	enum { BLOCK_MAX = 65535, ADLER = 65521 };
	uint32_t a = 1, b = 0;

	wr_u16(w, 0x7801);
	for (size_t at = 0; at < n; at += BLOCK_MAX) {
		size_t step = n - at < BLOCK_MAX ? n - at : BLOCK_MAX;
		const uint8_t header[] = { at + step == n, (uint8_t)step, (uint8_t)(step >> 8), (uint8_t)~step,
			(uint8_t)(~step >> 8) };

		wr_bytes(w, header, sizeof(header));
		wr_bytes(w, p + at, step);
	}
	for (size_t i = 0; i < n; i++) {
		a = (a + p[i]) % ADLER;
		b = (b + a) % ADLER;
	}
	wr_uint(w, b << 16 | a, 4);
}

/* RFC 8879 section 4: written plainly first, then packed in its place. */
static void compressed_certificate(struct flight *f)
{
	size_t start = f->w.len, marks = f->marks_n, n;
	struct wr_mark packed;
	uint8_t *plain;

	certificate(f);
	n = f->w.len - start;
	plain = mem_grow(NULL, n, 1);
	memcpy(plain, f->w.buf + start, n);
	f->w.len = start;
	f->marks_n = marks;
	wr_u16(&f->w, ZLIB);
	wr_u24(&f->w, (uint32_t)n);
	packed = flight_open(f, "compressed", 3);
	write_zlib(&f->w, plain, n);
	flight_close(f, packed);
	free(plain);
}

static void ec_params(struct flight *f)
{
	struct wr_mark m;

	wr_u8(&f->w, 3); /* named_curve */
	wr_u16(&f->w, f->choice->group);
	m = flight_open(f, "point", 1);
	serve_share(f->server, f->choice->group, &f->w);
	flight_close(f, m);
}

/* A row may pick a curve for it, or a server without a prime pick DHE: then that of the smallest group. */
static struct span prime_of(const struct flight *f)
{
	enum { FFDHE2048 = 0x0100 };
	struct span named = keyring_prime(f->choice->group);

	if (named.n)
		return named;
	return f->config->dh_prime.n ? f->config->dh_prime : keyring_prime(FFDHE2048);
}

static void dh_params(struct flight *f)
{
	struct span p = prime_of(f);
	struct wr_mark m = flight_open(f, "dh_p", 2);

	wr_bytes(&f->w, p.p, p.n);
	flight_close(f, m);
	m = flight_open(f, "dh_g", 2);
	wr_u8(&f->w, 2);
	flight_close(f, m);
	m = flight_open(f, "dh_public", 2);
	serve_dh(f->server, p, &f->w);
	flight_close(f, m);
}

/* RFC 2246 section 7.4.3: an export suite's short-lived key of 512 bits. */
static void rsa_params(struct flight *f)
{
	uint8_t exponent[8];
	struct wr e = wr_of(exponent, sizeof(exponent));
	struct wr_mark m = flight_open(f, "rsa_modulus", 2);

	keyring_rsa_public(builtin_export_key(), &f->w, &e);
	flight_close(f, m);
	m = flight_open(f, "rsa_exponent", 2);
	wr_bytes(&f->w, exponent, e.len);
	flight_close(f, m);
}

/* Over both randoms and the parameters: RFC 5246 section 7.4.3. */
static void signature(struct flight *f, size_t params)
{
	struct server *s = f->server;
	struct span parts[] = { { s->client_random, RANDOM }, { s->server_random, RANDOM },
		{ f->w.buf + params, f->w.len - params } };
	struct wr_mark m;

	if (!f->choice->chain)
		return;
	if (f->choice->version == VER_TLS12)
		wr_u16(&f->w, f->choice->scheme);
	m = flight_open(f, "signature", 2);
	serve_sign(s, f->choice->version == VER_TLS12 ? f->choice->scheme : 0, parts, 3, &f->w);
	flight_close(f, m);
}

static bool is_psk(enum kx kx)
{
	return kx == KX_PSK || kx == KX_DHE_PSK || kx == KX_ECDHE_PSK || kx == KX_RSA_PSK;
}

static bool is_export_rsa(const struct suite *s)
{
	return s->kx == KX_RSA && (s->flags & SUITE_EXPORT);
}

static void server_key_exchange(struct flight *f)
{
	const struct suite *s = suite_of(f);
	enum kx kx = s ? s->kx : KX_ECDHE;
	size_t params = f->w.len;

	if (is_psk(kx))
		wr_u16(&f->w, 0); /* no hint: RFC 4279 section 2 */
	if (kx == KX_DHE || kx == KX_DHE_PSK)
		dh_params(f);
	else if (kx == KX_ECDHE || kx == KX_ECDHE_PSK)
		ec_params(f);
	else if (s && is_export_rsa(s))
		rsa_params(f);
	if (!is_psk(kx))
		signature(f, params);
}

static void write_schemes(struct flight *f)
{
	struct wr_mark m = flight_open(f, "certificate_schemes", 2);

	for (size_t i = 0; i < f->config->schemes.n; i++)
		wr_u16(&f->w, (uint16_t)f->config->schemes.v[i]);
	flight_close(f, m);
}

static const struct extension_row rows_request[] = {
	{ EXT_SIGNATURE_ALGORITHMS, always, write_schemes },
};

static void certificate_request_13(struct flight *f)
{
	wr_u8(&f->w, 0); /* no context */
	write_extensions(f, IN_CR, rows_request, 1);
}

static void certificate_request(struct flight *f)
{
	struct wr_mark m = flight_open(f, "certificate_types", 1);

	wr_u8(&f->w, 1);
	wr_u8(&f->w, 64);
	flight_close(f, m);
	if (f->choice->version == VER_TLS12)
		write_schemes(f);
	m = flight_open(f, "authorities", 2);
	flight_close(f, m);
}

/* ---- the order of messages ------------------------------------------------------------------- */

static bool is_hello(const struct flight *f)
{
	return !f->choice->retry || in_new_hello(f);
}

static bool is_old_retry(const struct flight *f)
{
	return !is_hello(f);
}

static bool is_12(const struct flight *f)
{
	return !version_is_13(f->choice->version);
}

static bool is_full_12(const struct flight *f)
{
	return is_12(f) && !f->choice->resumed;
}

static bool has_certificate_12(const struct flight *f)
{
	return is_12(f) && f->choice->chain;
}

static bool has_status(const struct flight *f)
{
	return is_12(f) && answers_staple(f);
}

static bool has_key_exchange(const struct flight *f)
{
	const struct suite *s = suite_of(f);

	if (!is_full_12(f))
		return false;
	return f->choice->ephemeral || (s && (is_export_rsa(s) || f->choice->version == VER_TLCP));
}

static bool has_request_12(const struct flight *f)
{
	return has_certificate_12(f) && f->config->client_auth;
}

bool flight_is_whole_13(const struct flight *f)
{
	return f->choice->version == VER_TLS13 && !f->choice->retry && f->server->possible;
}

static bool has_request_13(const struct flight *f)
{
	return flight_is_whole_13(f) && f->config->client_auth && !f->choice->resumed;
}

static bool has_compressed_13(const struct flight *f)
{
	struct rd r, algorithms;

	if (!f->config->compress || !flight_is_whole_13(f) || !f->choice->chain ||
	        !heard_extension(f->heard, COMPRESS_CERTIFICATE, &r))
		return false;
	algorithms = rd_vec(&r, 1);
	while (rd_left(&algorithms))
		if (rd_u16(&algorithms) == ZLIB)
			return true;
	return false;
}

static bool has_verify_13(const struct flight *f)
{
	return flight_is_whole_13(f) && f->choice->chain;
}

static bool has_certificate_13(const struct flight *f)
{
	return has_verify_13(f) && !has_compressed_13(f);
}

static void encrypted_extensions(struct flight *f)
{
	write_extensions(f, IN_EE, rows_sealed, sizeof(rows_sealed) / sizeof(*rows_sealed));
}

static const struct message_row {
	uint8_t type;
	bool (*applies)(const struct flight *);
	void (*write)(struct flight *);
} messages[] = {
	{ MSG_OLD_RETRY_REQUEST, is_old_retry, old_retry_request },
	{ MSG_SERVER_HELLO, is_hello, server_hello },
	{ MSG_CERTIFICATE, has_certificate_12, certificate },
	{ MSG_CERTIFICATE_STATUS, has_status, write_status },
	{ MSG_SERVER_KEY_EXCHANGE, has_key_exchange, server_key_exchange },
	{ MSG_CERTIFICATE_REQUEST, has_request_12, certificate_request },
	{ MSG_SERVER_HELLO_DONE, is_full_12, write_nothing },
	{ MSG_ENCRYPTED_EXTENSIONS, flight_is_whole_13, encrypted_extensions },
	{ MSG_CERTIFICATE_REQUEST, has_request_13, certificate_request_13 },
	{ MSG_CERTIFICATE, has_certificate_13, certificate },
	{ MSG_COMPRESSED_CERTIFICATE, has_compressed_13, compressed_certificate },
	{ MSG_CERTIFICATE_VERIFY, has_verify_13, serve13_verify },
	{ MSG_FINISHED, flight_is_whole_13, serve13_finished },
};

/* Everything behind the ServerHello of TLS 1.3 goes under the keys that it made. */
static void begin_sealed(struct flight *f, uint8_t type)
{
	if (type != MSG_ENCRYPTED_EXTENSIONS)
		return;
	serve13_secrets(f);
	f->sealed_from = f->starts_n;
}

void flight_write(struct flight *f)
{
	f->w = wr_of(mem_grow(NULL, FLIGHT_ROOM, 1), FLIGHT_ROOM);
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct wr_mark m;

		if (!messages[i].applies(f))
			continue;
		begin_sealed(f, messages[i].type);
		m = flight_message(f, messages[i].type);
		messages[i].write(f);
		flight_close(f, m);
		misbehaviour_message(f->server, &f->w, f->starts[f->starts_n - 1]);
	}
	require(!f->w.bad);
}

void flight_free(struct flight *f)
{
	free(f->w.buf);
	f->w = (struct wr){ 0 };
}

/* ---- SSL 2 ----------------------------------------------------------------------------------- */

static size_t write_kinds(struct wr *w, const struct server_config *c, const struct heard *h)
{
	size_t n = 0;

	for (size_t i = 0; i < c->kinds.n; i++) {
		if (h && !offered_has(&h->suites, c->kinds.v[i]))
			continue;
		wr_u24(w, c->kinds.v[i]);
		n += 3;
	}
	return n;
}

void flight_ssl2(struct wr *w, const struct server_config *c, const struct heard *h, uint64_t *random)
{
	const struct server_chain *chain = c->chains.n ? c->chains.v[0] : builtin_chain("rsa");
	struct wr kinds = wr_of((uint8_t[256 * 3]){ 0 }, 256 * 3);
	size_t kinds_n = write_kinds(&kinds, c, h), cert_n = chain->certs[0].n;

	wr_u16(w, (uint16_t)(0x8000 | (11 + cert_n + kinds_n + 16)));
	wr_u8(w, 4); /* SERVER-HELLO */
	wr_u8(w, 0); /* no session hit */
	wr_u8(w, 1); /* X.509 */
	wr_u16(w, VER_SSL2);
	wr_u16(w, (uint16_t)cert_n);
	wr_u16(w, (uint16_t)kinds_n);
	wr_u16(w, 16);
	wr_bytes(w, chain->certs[0].p, cert_n);
	wr_bytes(w, kinds.buf, kinds_n);
	filler_bytes(w, 16, random);
}
