#include "tests/servers/flight.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/misbehave.h"

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
	return answers(f, ANSWER_EMS, EXT_EXTENDED_MASTER_SECRET);
}

/* RFC 7366 section 3: not with a stream or AEAD cipher. */
static bool answers_etm(const struct flight *f)
{
	return answers(f, ANSWER_ETM, EXT_ENCRYPT_THEN_MAC) && suite_of(f) &&
	       (suite_of(f)->flags & SUITE_CBC);
}

static bool answers_ticket(const struct flight *f)
{
	return answers(f, ANSWER_TICKET, EXT_SESSION_TICKET);
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

static void write_nothing(struct flight *f)
{
	(void)f;
}

static void write_zero(struct flight *f)
{
	wr_u8(&f->w, 0);
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

struct extension_row {
	uint16_t code;
	bool (*applies)(const struct flight *);
	void (*write)(struct flight *);
};

static const struct extension_row rows_12[] = {
	{ EXT_SERVER_NAME, answers_sni, write_nothing },
	{ EXT_RENEGOTIATION_INFO, answers_renegotiation, write_zero },
	{ EXT_EC_POINT_FORMATS, answers_point_formats, write_point_formats },
	{ EXT_SESSION_TICKET, answers_ticket, write_nothing },
	{ EXT_STATUS_REQUEST, answers_staple, write_nothing },
	{ EXT_SCT, answers_sct, write_sct },
	{ EXT_HEARTBEAT, answers_heartbeat, write_one },
	{ EXT_ALPN, answers_alpn, write_alpn },
	{ EXT_ENCRYPT_THEN_MAC, answers_etm, write_nothing },
	{ EXT_EXTENDED_MASTER_SECRET, answers_ems, write_nothing },
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
	filler_share(&f->w, f->choice->group, f->random);
	flight_close(f, m);
}

static bool in_new_hello(const struct flight *f);

static const struct extension_row rows_13[] = {
	{ EXT_SUPPORTED_VERSIONS, in_new_hello, write_version },
	{ EXT_KEY_SHARE, always, write_share },
};

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

/* Before TLS 1.3 an empty block is left out (RFC 5246 section 7.4.1.3). */
static void write_extensions(struct flight *f, const struct extension_row *rows, size_t n)
{
	size_t before = f->w.len, marks = f->marks_n;
	struct wr_mark block = flight_open(f, "extensions", 2);

	for (size_t i = 0; i < n; i++)
		write_extension(f, &rows[i]);
	if (f->config->row && f->config->row->extensions)
		f->config->row->extensions(f);
	flight_close(f, block);
	if (f->w.len - before > 2)
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

static void write_random(struct flight *f)
{
	if (f->choice->retry) {
		wr_bytes(&f->w, retry_random, 32);
		return;
	}
	filler_bytes(&f->w, 24, f->random);
	if (!knows_better(f)) {
		filler_bytes(&f->w, 8, f->random);
		return;
	}
	wr_bytes(&f->w, "DOWNGRD", 7);
	wr_u8(&f->w, f->choice->version == VER_TLS12);
}

static void write_session_id(struct flight *f)
{
	struct wr_mark m = flight_open(f, "session_id", 1);
	bool resumable = !answers_ticket(f) && !f->heard->ssl2_format;

	if (version_is_13(f->choice->version))
		wr_bytes(&f->w, f->heard->session_id.p, f->heard->session_id.n);
	else if (resumable)
		filler_bytes(&f->w, 32, f->random);
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
		write_extensions(f, rows_13, sizeof(rows_13) / sizeof(*rows_13));
	else if (f->heard->has_extensions || answers_renegotiation(f))
		write_extensions(f, rows_12, sizeof(rows_12) / sizeof(*rows_12));
	else if (f->config->row && f->config->row->extensions)
		write_extensions(f, rows_12, 0);
}

/* Drafts 14 to 21: a message of its own. */
static void old_retry_request(struct flight *f)
{
	wr_u16(&f->w, f->choice->version);
	if (f->choice->version >= 0x7F13)
		wr_u16(&f->w, f->choice->suite);
	write_extensions(f, rows_13, sizeof(rows_13) / sizeof(*rows_13));
}

/* ---- Certificate to ServerHelloDone ---------------------------------------------------------- */

static void certificate(struct flight *f)
{
	const struct server_chain *c = f->choice->chain;
	struct wr_mark list = flight_open(f, "certificates", 3), one;

	for (size_t i = 0; i < c->n; i++) {
		one = flight_open(f, "certificate", 3);
		wr_bytes(&f->w, c->certs[i].p, c->certs[i].n);
		flight_close(f, one);
	}
	flight_close(f, list);
}

static void certificate_status(struct flight *f)
{
	struct wr_mark m;

	wr_u8(&f->w, 1); /* ocsp */
	m = flight_open(f, "staple", 3);
	wr_bytes(&f->w, f->config->staple.p, f->config->staple.n);
	flight_close(f, m);
}

static void ec_params(struct flight *f)
{
	struct wr_mark m;

	wr_u8(&f->w, 3); /* named_curve */
	wr_u16(&f->w, f->choice->group);
	m = flight_open(f, "point", 1);
	filler_share(&f->w, f->choice->group, f->random);
	flight_close(f, m);
}

/* The first and last words of every RFC 7919 prime; between them filler, until real groups are needed. */
static void named_prime(struct flight *f)
{
	static const uint8_t first[24] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xAD, 0xF8, 0x54,
		0x58, 0xA2, 0xBB, 0x4A, 0x9A, 0xAF, 0xDC, 0x56, 0x20, 0x27, 0x3D, 0x3C, 0xF1 };

	wr_bytes(&f->w, first, sizeof(first));
	filler_bytes(&f->w, filler_share_size(f->choice->group) - sizeof(first) - 8, f->random);
	wr_bytes(&f->w, first, 8);
}

static void dh_params(struct flight *f)
{
	struct wr_mark m = flight_open(f, "dh_p", 2);
	size_t n;

	if (f->choice->group)
		named_prime(f);
	else
		wr_bytes(&f->w, f->config->dh_prime.p, f->config->dh_prime.n);
	n = f->w.len - m.at - m.width;
	flight_close(f, m);
	m = flight_open(f, "dh_g", 2);
	wr_u8(&f->w, 2);
	flight_close(f, m);
	m = flight_open(f, "dh_public", 2);
	wr_u8(&f->w, 0x7F);
	filler_bytes(&f->w, n - 1, f->random);
	flight_close(f, m);
}

/* RFC 2246 section 7.4.3: an export suite's short-lived key of 512 bits. */
static void rsa_params(struct flight *f)
{
	struct wr_mark m = flight_open(f, "rsa_modulus", 2);

	wr_u8(&f->w, 0xC1);
	filler_bytes(&f->w, 62, f->random);
	wr_u8(&f->w, 0x01);
	flight_close(f, m);
	m = flight_open(f, "rsa_exponent", 2);
	wr_u24(&f->w, 65537);
	flight_close(f, m);
}

static void signature(struct flight *f)
{
	struct wr_mark m;

	if (!f->choice->chain)
		return;
	if (f->choice->version == VER_TLS12)
		wr_u16(&f->w, f->choice->scheme);
	m = flight_open(f, "signature", 2);
	filler_signature(&f->w, f->choice->chain->kind, f->random);
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

	if (is_psk(kx))
		wr_u16(&f->w, 0); /* no hint: RFC 4279 section 2 */
	if (kx == KX_DHE || kx == KX_DHE_PSK)
		dh_params(f);
	else if (kx == KX_ECDHE || kx == KX_ECDHE_PSK)
		ec_params(f);
	else if (s && is_export_rsa(s))
		rsa_params(f);
	if (!is_psk(kx))
		signature(f);
}

static void certificate_request(struct flight *f)
{
	struct wr_mark m = flight_open(f, "certificate_types", 1);

	wr_u8(&f->w, 1);
	wr_u8(&f->w, 64);
	flight_close(f, m);
	if (f->choice->version == VER_TLS12) {
		m = flight_open(f, "certificate_schemes", 2);
		for (size_t i = 0; i < f->config->schemes.n; i++)
			wr_u16(&f->w, (uint16_t)f->config->schemes.v[i]);
		flight_close(f, m);
	}
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

static bool has_certificate(const struct flight *f)
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

	if (!is_12(f))
		return false;
	return f->choice->ephemeral || (s && (is_export_rsa(s) || f->choice->version == VER_TLCP));
}

static bool has_request(const struct flight *f)
{
	return has_certificate(f) && f->config->client_cert;
}

static const struct message_row {
	uint8_t type;
	bool (*applies)(const struct flight *);
	void (*write)(struct flight *);
} messages[] = {
	{ MSG_OLD_RETRY_REQUEST, is_old_retry, old_retry_request },
	{ MSG_SERVER_HELLO, is_hello, server_hello },
	{ MSG_CERTIFICATE, has_certificate, certificate },
	{ MSG_CERTIFICATE_STATUS, has_status, certificate_status },
	{ MSG_SERVER_KEY_EXCHANGE, has_key_exchange, server_key_exchange },
	{ MSG_CERTIFICATE_REQUEST, has_request, certificate_request },
	{ MSG_SERVER_HELLO_DONE, is_12, write_nothing },
};

void flight_write(struct flight *f)
{
	f->w = wr_of(mem_grow(NULL, FLIGHT_ROOM, 1), FLIGHT_ROOM);
	for (size_t i = 0; i < sizeof(messages) / sizeof(*messages); i++) {
		struct wr_mark m;

		if (!messages[i].applies(f))
			continue;
		m = flight_message(f, messages[i].type);
		messages[i].write(f);
		flight_close(f, m);
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
