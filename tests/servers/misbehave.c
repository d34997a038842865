#include "tests/servers/misbehave.h"

#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/serve.h"

enum { CHUNK = 16 * 1024, MEGABYTE = 1 << 20 };

/* ---- streams --------------------------------------------------------------------------------- */

static bool random_bytes(struct server *s, struct peer_out *out)
{
	uint8_t p[4096];
	struct wr w = wr_of(p, sizeof(p));

	filler_bytes(&w, sizeof(p), &s->random);
	p[0] = 'z'; /* the first of all must not look like a record */
	peer_send(out, p, sizeof(p));
	return true;
}

static bool warning_alerts(struct server *s, struct peer_out *out)
{
	(void)s;
	server_record(out, REC_ALERT, VER_TLS12, "\x01\x5a", 2); /* user_canceled */
	return true;
}

static bool empty_records(struct server *s, struct peer_out *out)
{
	(void)s;
	server_record(out, REC_HANDSHAKE, VER_TLS12, NULL, 0);
	return true;
}

static bool hello_requests(struct server *s, struct peer_out *out)
{
	(void)s;
	server_record(out, REC_HANDSHAKE, VER_TLS12, "\0\0\0", 4);
	return true;
}

static bool smtp_lines(struct server *s, struct peer_out *out)
{
	static const char line[] = "220-mail.test ESMTP, and there is more to say\r\n";

	(void)s;
	peer_send(out, line, sizeof(line) - 1);
	return true;
}

static bool handshake_chunk(struct server *s, struct peer_out *out)
{
	static uint8_t zeros[CHUNK];

	server_send(s, REC_HANDSHAKE, zeros, sizeof(zeros), out);
	return s->streamed < 16 * MEGABYTE;
}

static bool ssl2_reply(struct server *s, struct peer_out *out)
{
	uint8_t room[8192];
	struct wr w = wr_of(room, sizeof(room));

	flight_ssl2(&w, s->config, NULL, &s->random);
	require(!w.bad);
	peer_send(out, w.buf, w.len);
	return false;
}

static bool long_record(struct server *s, struct peer_out *out)
{
	static uint8_t zeros[(1 << 14) + 1] = { MSG_SERVER_HELLO, 0, 0x40 };

	(void)s;
	server_record(out, REC_HANDSHAKE, VER_TLS12, zeros, sizeof(zeros));
	return false;
}

static bool tickets_on_end(struct server *s, struct peer_out *out)
{
	for (int i = 0; i < 8; i++)
		serve13_ticket(s, (uint8_t)i, out);
	return true;
}

static bool updates_on_end(struct server *s, struct peer_out *out)
{
	for (int i = 0; i < 8; i++)
		serve13_update(s, false, out);
	return true;
}

static bool sealed_alerts(struct server *s, struct peer_out *out)
{
	server_send(s, REC_ALERT, "\x01\x5a", 2, out);
	return true;
}

static bool sealed_hello_requests(struct server *s, struct peer_out *out)
{
	server_send(s, REC_HANDSHAKE, "\0\0\0", 4, out);
	return true;
}

static bool sealed_empty_records(struct server *s, struct peer_out *out)
{
	server_send(s, REC_DATA, NULL, 0, out);
	return true;
}

static bool changes_of_cipher(struct server *s, struct peer_out *out)
{
	(void)s;
	server_record(out, REC_CCS, VER_TLS12, "\x01", 1);
	return true;
}

/* The header of a sealed record and its body, which do not fit each other in one of two ways. */
static bool sealed_long_record(struct server *s, struct peer_out *out)
{
	static uint8_t zeros[(1 << 14) + 2048 + 1];
	size_t most = s->choice.version == VER_TLS13 ? 256 : 2048;

	server_record(out, s->choice.version == VER_TLS13 ? REC_DATA : REC_HANDSHAKE, VER_TLS12, zeros,
	        (1 << 14) + most + 1);
	return false;
}

static bool sealed_drip(struct server *s, struct peer_out *out)
{
	static const uint8_t header[] = { REC_DATA, 3, 3, 0x40, 0 };

	peer_send(out, s->streamed < sizeof(header) ? &header[s->streamed] : header, 1);
	return true;
}

static bool headers_on_end(struct server *s, struct peer_out *out)
{
	static const char first[] = "HTTP/1.1 200 OK\r\n", more[] = "X-More: and there is more to come\r\n";

	if (!s->streamed)
		server_send(s, REC_DATA, first, sizeof(first) - 1, out);
	for (int i = 0; i < 32; i++)
		server_send(s, REC_DATA, more, sizeof(more) - 1, out);
	return true;
}

static bool say(struct server *s, const void *p, size_t n, struct peer_out *out)
{
	server_send(s, REC_DATA, p, n, out);
	return false;
}

#define SAYS(name, text)                                                                                     \
	static bool name(struct server *s, struct peer_out *out)                                             \
	{                                                                                                    \
		static const char page[] = text;                                                             \
                                                                                                             \
		return say(s, page, sizeof(page) - 1, out);                                                  \
	}
SAYS(page_of_mail, "220 mail.test ESMTP\r\n")
SAYS(page_of_bytes, "HTTP/1.1 200 OK\r\nServer: \x1b[31mred\x1b[0m\x1b]0;t\x07\xff\0\xc2\x9b\r\n"
                    "Set-Cookie: \x1b[2J=\x07\r\nX-Powered-By: <script>\xe2\x80\xae\r\n"
                    "\x01\x02: \x03\r\nStrict-Transport-Security: max-age=\x1b\r\n"
                    "Location: https://\x1b[31m/\r\n\r\n")

/* A head that is not over: the connection stays. */
SAYS(page_without_end, "HTTP/1.1 200 OK\r\nServer: x\r\n")

static bool page_cut(struct server *s, struct peer_out *out)
{
	page_without_end(s, out);
	peer_end(out, PEER_FIN);
	return false;
}

/* One field of a gigabyte. */
static bool field_on_end(struct server *s, struct peer_out *out)
{
	static char more[8192];

	memset(more, 'x', sizeof(more));
	if (!s->streamed++)
		say(s, "HTTP/1.1 200 OK\r\nX-Long: ", 25, out);
	say(s, more, sizeof(more), out);
	return true;
}

static bool fields_by_the_thousand(struct server *s, struct peer_out *out)
{
	say(s, "HTTP/1.1 200 OK\r\n", 17, out);
	for (int i = 0; i < 1000; i++)
		say(s, "A: b\r\n", 6, out);
	return say(s, "\r\n", 2, out);
}

static bool hints_on_end(struct server *s, struct peer_out *out)
{
	static const char hints[] = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";

	say(s, hints, sizeof(hints) - 1, out);
	return true;
}

/* ---- choices --------------------------------------------------------------------------------- */

/* A choice that can be answered although nothing was common. */
static void make_answer(struct choice *c, const struct server_config *config)
{
	if (!c->refused && !c->ignored)
		return;
	*c = (struct choice){
		.version = VER_TLS12, .suite = 0xC02F, .group = 23, .scheme = 0x0401, .ephemeral = true
	};
	c->chain = config->chains.n ? config->chains.v[0] : builtin_chain("rsa");
}

#define PICKS(name, field, value)                                                                            \
	static void name(                                                                                    \
	        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)        \
	{                                                                                                    \
		(void)h;                                                                                     \
		(void)nth;                                                                                   \
		make_answer(c, s);                                                                           \
		c->field = value;                                                                            \
	}
PICKS(picks_null_suite, suite, 0x0000)
PICKS(picks_renegotiation_scsv, suite, 0x00FF)
PICKS(picks_fallback_scsv, suite, 0x5600)
PICKS(picks_grease, suite, 0x0A0A)
PICKS(picks_always_same, suite, 0xC02F)
PICKS(picks_version_high, version, 0x03FF)
PICKS(picks_version_zero, version, 0x0000)
PICKS(picks_draft, version, 0x7F1C)

static void picks_retry(struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	(void)s;
	(void)h;
	(void)nth;
	c->retry = !c->refused && version_is_13(c->version);
}

/* TLS 1.2 for a client that takes TLS 1.3, from a server that knows both. */
static void picks_12(struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	struct server_config older = *s;

	(void)nth;
	older.versions = (struct code_list){ (const uint32_t[]){ VER_TLS12 }, 1 };
	choose(c, &older, h);
	if (c->refused && heard_suite(h, 0x1301))
		make_answer(c, s);
}

static void picks_compression(
        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	(void)nth;
	make_answer(c, s);
	c->deflate = !offered_has(&h->compressions, 1);
}

/* The first of those that every client knows which this one left out. */
static void picks_unoffered(
        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	static const uint16_t list[] = { 0x0005, 0x0004, 0x0009, 0x000A, 0x002F, 0x0035, 0x009C, 0xC011,
		0xC013, 0xC02F, 0x0033, 0x0016, 0xC01E };

	(void)nth;
	make_answer(c, s);
	c->suite = 0xC0FE;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list) && c->suite == 0xC0FE; i++)
		if (!heard_suite(h, list[i]))
			c->suite = list[i];
	c->ephemeral = false;
}

static void picks_unoffered_group(
        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	static const uint16_t list[] = { 22, 19, 21, 28, 26, 27, 9, 23 };

	(void)nth;
	make_answer(c, s);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list) && c->group; i++) {
		if (offered_has(&h->groups, list[i]))
			continue;
		c->group = list[i];
		return;
	}
}

static void picks_sha1(struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	enum { ECDSA_SHA1 = 0x0203 };

	(void)h;
	(void)nth;
	make_answer(c, s);
	if (c->scheme)
		c->scheme = ECDSA_SHA1;
}

static void picks_unoffered_scheme(
        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	static const uint16_t list[] = { 0x0101, 0x0301, 0x0501, 0x0201, 0x0401 };

	(void)nth;
	make_answer(c, s);
	for (size_t i = 0; i < sizeof(list) / sizeof(*list) && c->scheme; i++) {
		if (offered_has(&h->schemes, list[i]))
			continue;
		c->scheme = list[i];
		return;
	}
}

/* Sound, then an alert, then another suite of those offered, then another alert. */
static void picks_at_random(
        struct choice *c, const struct server_config *s, const struct heard *h, unsigned nth)
{
	uint64_t random = s->seed + nth;

	switch (nth % 4) {
	case 1:
		*c = (struct choice){ .refused = true, .alert = ALERT_HANDSHAKE_FAILURE };
		break;
	case 2:
		make_answer(c, s);
		c->suite = (uint16_t)offered_at(&h->suites, filler_next(&random) % h->suites.n);
		break;
	case 3:
		*c = (struct choice){ .refused = true, .alert = ALERT_PROTOCOL_VERSION };
		break;
	}
}

/* ---- extensions ------------------------------------------------------------------------------ */

static void add_twice(struct flight *f)
{
	uint16_t code = version_is_13(f->choice->version) ? EXT_SUPPORTED_VERSIONS : EXT_RENEGOTIATION_INFO;

	for (int i = 0; i < 2; i++) {
		struct wr_mark m;

		wr_u16(&f->w, code);
		m = wr_open(&f->w, 2);
		if (code == EXT_SUPPORTED_VERSIONS)
			wr_u16(&f->w, f->choice->version);
		else
			wr_u8(&f->w, 0);
		wr_close(&f->w, m);
	}
}

static void add_unknown(struct flight *f)
{
	wr_u16(&f->w, 0xBEEF);
	wr_u16(&f->w, 0);
}

static void add_staple_extension(struct flight *f)
{
	if (heard_extension(f->heard, EXT_STATUS_REQUEST, NULL))
		return;
	wr_u16(&f->w, EXT_STATUS_REQUEST);
	wr_u16(&f->w, 0);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void only_server_hello(struct flight *f)
{
	if (f->starts_n < 2)
		return;
	f->w.len = f->starts[1];
	f->starts_n = 1;
}

/* The header of a message of so many bytes, and nothing of it. */
static void announce(struct flight *f, uint8_t type, uint32_t n)
{
	f->starts[f->starts_n++] = f->w.len;
	wr_u8(&f->w, type);
	wr_u24(&f->w, n);
}

static void announce_certificate(struct flight *f)
{
	if (!flight_cut(f, MSG_CERTIFICATE))
		only_server_hello(f);
	announce(f, MSG_CERTIFICATE, 0xFFFFFF);
	wr_u24(&f->w, 0xFFFFFC);
	wr_u24(&f->w, 0xFFFFF9);
}

static void announce_staple(struct flight *f)
{
	if (!flight_cut(f, MSG_CERTIFICATE_STATUS) && !flight_cut(f, MSG_SERVER_KEY_EXCHANGE))
		flight_cut(f, MSG_SERVER_HELLO_DONE);
	announce(f, MSG_CERTIFICATE_STATUS, 15 * MEGABYTE + 4);
	wr_u8(&f->w, 1);
	wr_u24(&f->w, 15 * MEGABYTE);
}

/* The true leaf, then 15,000 more of one kind. */
static void add_certificate(struct flight *f, const void *der, size_t n)
{
	wr_u24(&f->w, (uint32_t)n);
	wr_bytes(&f->w, der, n);
	if (f->sealed_from)
		wr_u16(&f->w, 0); /* no extensions */
}

static void many_certificates(struct flight *f, const void *der, size_t n)
{
	const struct server_chain *c = f->choice->chain ? f->choice->chain : builtin_chain("rsa");
	struct wr_mark message, list;

	if (!flight_cut(f, MSG_CERTIFICATE))
		only_server_hello(f);
	message = flight_message(f, MSG_CERTIFICATE);
	if (f->sealed_from)
		wr_u8(&f->w, 0); /* no context */
	list = flight_open(f, "certificates", 3);
	add_certificate(f, c->certs[0].p, c->certs[0].n);
	for (int i = 0; i < 15000; i++)
		add_certificate(f, der, n);
	flight_close(f, list);
	flight_close(f, message);
	if (!f->sealed_from)
		flight_close(f, flight_message(f, MSG_SERVER_HELLO_DONE));
}

static void many_small_certificates(struct flight *f)
{
	static const uint8_t der[] = { 0x30, 0x08, 0x30, 0x02, 0x02, 0x00, 0x30, 0x00, 0x03, 0x00 };

	many_certificates(f, der, sizeof(der));
}

static void many_empty_certificates(struct flight *f)
{
	many_certificates(f, NULL, 0);
}

static void no_certificates(struct flight *f)
{
	struct wr_mark message;

	only_server_hello(f);
	message = flight_message(f, MSG_CERTIFICATE);
	wr_u24(&f->w, 0);
	flight_close(f, message);
	flight_close(f, flight_message(f, MSG_SERVER_HELLO_DONE));
}

static void second_server_hello(struct flight *f)
{
	size_t n = f->starts[1];

	if (f->starts_n < 2)
		return;
	only_server_hello(f);
	f->starts[f->starts_n++] = f->w.len;
	wr_bytes(&f->w, f->w.buf, n);
}

/* The parts of one flight in another order: the key exchange before the certificate, the signature before the
 * key. */
static void certificate_last(struct flight *f)
{
	if (flight_cut(f, MSG_CERTIFICATE))
		flight_close(f,
		        flight_message(f, f->sealed_from ? MSG_CERTIFICATE_VERIFY : MSG_SERVER_KEY_EXCHANGE));
}

/* RFC 8879: a few bytes that say to hold 16 MB. */
static void compressed_lie(struct flight *f)
{
	struct wr_mark message, packed;

	if (!f->sealed_from || !flight_cut(f, MSG_CERTIFICATE))
		return;
	message = flight_message(f, MSG_COMPRESSED_CERTIFICATE);
	wr_u16(&f->w, 1); /* zlib */
	wr_u24(&f->w, 0xFFFFFF);
	packed = flight_open(f, "compressed", 3);
	filler_bytes(&f->w, 64, &f->server->random);
	flight_close(f, packed);
	flight_close(f, message);
}

static void without_finished(struct flight *f)
{
	flight_cut(f, MSG_FINISHED);
}

static void only_extensions(struct flight *f)
{
	flight_cut(f, MSG_CERTIFICATE);
}

static void done_before_hello(struct flight *f)
{
	f->w.len = f->starts_n = 0;
	flight_close(f, flight_message(f, MSG_SERVER_HELLO_DONE));
}

static void lie_at(struct flight *f, const struct wr_mark *m, int by)
{
	struct wr w = wr_of(f->w.buf + m->at, m->width);
	struct rd r = rd_of(f->w.buf + m->at, m->width);

	wr_uint(&w, rd_uint(&r, m->width) + (uint64_t)(int64_t)by, m->width);
}

static void lie_about_field(struct flight *f, const char *name, int by)
{
	for (size_t i = 0; i < f->marks_n; i++) {
		if (strcmp(f->marks[i].name, name) || f->marks[i].at.at + f->marks[i].at.width > f->w.len)
			continue;
		lie_at(f, &f->marks[i].at, by);
		return;
	}
}

/* The config's number: four lies for each length field, in the order in which they stand. */
static void lie_by_number(struct flight *f)
{
	static const int lies[] = { 1, -1, 255, -255 };
	size_t field = f->config->at / 4;

	if (field < f->marks_n)
		lie_at(f, &f->marks[field].at, lies[f->config->at % 4]);
}

void misbehaviour_message(struct server *s, struct wr *w, size_t start)
{
	if (s->config->row && s->config->row->message)
		s->config->row->message(s, w, start);
}

void misbehaviour_content(struct server *s, uint8_t *type, struct wr *content)
{
	if (s->config->row && s->config->row->content)
		s->config->row->content(s, type, content);
}

void misbehaviour_patch(struct flight *f)
{
	const struct misbehaviour *row = f->config->row;

	if (row && row->field)
		lie_about_field(f, row->field, row->lie);
	if (row && row->patch)
		row->patch(f);
}

/* ---- content of records ---------------------------------------------------------------------- */

/* 16,385 bytes, which fit into a sealed record and are still too many (RFC 8446 section 5.4). */
static void one_byte_too_many(struct server *s, uint8_t *type, struct wr *content)
{
	if (s->write && *type == REC_HANDSHAKE)
		wr_zero(content, (1 << 14) + 1 - content->len);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void cut_at(struct peer_out *answer, const struct server_config *c, unsigned nth)
{
	(void)nth;
	if (c->at < answer->n)
		answer->n = c->at;
	answer->end = PEER_FIN;
}

static void cut_in_the_middle(struct peer_out *answer, const struct server_config *c, unsigned nth)
{
	(void)c;
	(void)nth;
	answer->n = answer->n * 3 / 5;
	answer->end = PEER_FIN;
}

static void flip_at(struct peer_out *answer, const struct server_config *c, unsigned nth)
{
	(void)nth;
	if (c->at / 8 < answer->n)
		answer->bytes[c->at / 8] ^= (uint8_t)(1 << c->at % 8);
	answer->end = PEER_FIN;
}

/* Another fault each time. */
static void break_somehow(struct peer_out *answer, const struct server_config *c, unsigned nth)
{
	uint64_t random = c->seed + nth;

	switch (nth % 5) {
	case 1:
		answer->n = filler_next(&random) % (answer->n + 1);
		answer->end = PEER_FIN;
		break;
	case 2:
		answer->n = filler_next(&random) % (answer->n + 1);
		answer->end = PEER_RESET;
		break;
	case 3:
		if (answer->n)
			answer->bytes[filler_next(&random) % answer->n] ^= 0x55;
		break;
	case 4:
		answer->n = 0;
		answer->end = PEER_FIN;
		break;
	}
}

/* ---- the table ------------------------------------------------------------------------------- */

#define IN_12  "versions=TLSv1.2"
#define IN_13  "versions=TLSv1.3"
#define RSA_12 "versions=TLSv1.2\nchains=rsa\nschemes=rsa_pss_rsae_sha256,rsa_pkcs1_sha256"

const struct misbehaviour misbehaviours[] = {
	/* opening and silence */
	{ "refused", "refuses every connection", "REFUSED", .opening = OPENING_REFUSE },
	{ "syn_dropped", "does not answer who wants to connect", "CONNECT_TIMEOUT", .opening = OPENING_DROP },
	{ "connect_reset", "resets as soon as it has accepted", "CONNECT_RESET|RESET",
	        .opening = OPENING_RESET },
	{ "silent", "accepts and says nothing", "TIMEOUT_FIRST_BYTE", .silent = true },
	{ "closes", "ends the connection at the hello", "CLOSED", .text = "", .end = PEER_FIN },
	{ "resets", "resets the connection at the hello", "RESET", .text = "", .end = PEER_RESET },
	{ "drip", "a sound answer, one byte a second", "TIMEOUT_HANDSHAKE", IN_12, .drip_us = 1000000 },
	{ "refuses_later", "refuses all but the first 20 connections", "RATE_LIMITED", .refuse_after = 20 },
	{ "tarpits_later", "takes more than 20 connections and stays silent", "RATE_LIMITED",
	        .tarpit_after = 20 },
	/* not TLS */
	{ "random", "random bytes without end", "NOT_TLS", .instead = random_bytes, .pace_us = 100 },
	{ "echo", "says back what it hears", "PROTOCOL_UNEXPECTED_MESSAGE", .echo = true },
	{ "http", "answers in HTTP, with bytes for terminals", "NOT_TLS",
	        .text = "HTTP/1.1 400 Bad Request\r\nServer: \x1b[31mred\x1b[0m\x1b]0;title\x07\r\n\r\n"
	                "<script>alert(1)</script>\r\n",
	        .end = PEER_FIN },
	{ "ssh", "greets as SSH does", "NOT_TLS", .text = "SSH-2.0-test_1.0\r\n", .greets = true },
	{ "smtp", "greets as SMTP does", "NOT_TLS", .text = "220 mail.test ESMTP\r\n", .greets = true },
	{ "smtp_endless", "a greeting of SMTP without end", "NOT_TLS", .instead = smtp_lines, .greets = true,
	        .pace_us = 1000 },
	{ "ssl2_reply", "answers TLS in SSL 2", "PROTOCOL_VERSION", "kinds=0x010080,0x0700C0",
	        .instead = ssl2_reply },
	/* without end */
	{ "alerts", "warning alerts without end", "LIMIT_ALERTS", .instead = warning_alerts,
	        .pace_us = 1000 },
	{ "empty_records", "empty records without end", "LIMIT_RECORDS", .instead = empty_records,
	        .pace_us = 1000 },
	{ "hello_requests", "HelloRequest without end", "LIMIT_MESSAGES", .instead = hello_requests,
	        .pace_us = 1000 },
	{ "retries", "HelloRetryRequest to every hello", "PROTOCOL_UNEXPECTED_MESSAGE", IN_13,
	        .choice = picks_retry },
	{ "tiny_records", "a sound answer in records of one byte", "", IN_12, .fragment = 1 },
	/* too much */
	{ "certificate_announced", "announces a Certificate of 16 MB and waits", "LIMIT_CERT", IN_12,
	        .patch = announce_certificate },
	{ "certificate_huge", "a Certificate of 16 MB", "LIMIT_CERT", IN_12, .patch = announce_certificate,
	        .after = handshake_chunk, .pace_us = 1000 },
	{ "certificates_many", "a chain of 15,001", "LIMIT_CHAIN", IN_12, .patch = many_small_certificates },
	{ "certificates_empty", "a leaf and 15,000 empty ones", "LIMIT_CHAIN", IN_12,
	        .patch = many_empty_certificates },
	{ "staple_huge", "a staple of 15 MB", "LIMIT_STAPLE", IN_12 "\nstaple=30030a0101",
	        .patch = announce_staple, .after = handshake_chunk, .pace_us = 1000 },
	{ "record_long", "a record of 16,385 bytes", "PROTOCOL_RECORD_OVERFLOW", .instead = long_record },
	/* lies about lengths */
	{ "message_longer", "ServerHello says to be longer",
	        "MALFORMED|TRUNCATED|PROTOCOL_UNEXPECTED_MESSAGE", IN_12, .field = "message", .lie = 1,
	        .end = PEER_FIN },
	{ "session_id_longer", "the session id reaches past the message", "MALFORMED", IN_12,
	        .field = "session_id", .lie = 200, .end = PEER_FIN },
	{ "extensions_longer", "the extension block is longer than the message", "MALFORMED", IN_12,
	        .field = "extensions", .lie = 1, .end = PEER_FIN },
	{ "extensions_shorter", "bytes follow the extension block", "MALFORMED", IN_12, .field = "extensions",
	        .lie = -1, .end = PEER_FIN },
	{ "extension_longer", "an extension is longer than the block", "MALFORMED", IN_12,
	        .field = "extension", .lie = 600, .end = PEER_FIN },
	{ "alpn_longer", "the protocol reaches past its list", "MALFORMED", IN_12, .field = "alpn", .lie = 1,
	        .end = PEER_FIN },
	{ "certificates_longer", "the chain is longer than the message", "MALFORMED", IN_12,
	        .field = "certificates", .lie = 1, .end = PEER_FIN },
	{ "certificate_longer", "a certificate is longer than the chain", "MALFORMED", IN_12,
	        .field = "certificate", .lie = 30000, .end = PEER_FIN },
	{ "point_longer", "the point is longer than the message", "MALFORMED",
	        RSA_12 "\nsuites=ECDHE-RSA-AES128-GCM-SHA256", .field = "point", .lie = 190,
	        .end = PEER_FIN },
	{ "signature_longer", "the signature is longer than the message", "MALFORMED", RSA_12,
	        .field = "signature", .lie = 1, .end = PEER_FIN },
	{ "length_lie", "lies in length field at/4, in one of four ways", "*", .patch = lie_by_number,
	        .end = PEER_FIN },
	/* breaches in good form */
	{ "extension_twice", "an extension stands twice", "PROTOCOL_DUPLICATE_EXTENSION", IN_12,
	        .extensions = add_twice },
	{ "extension_twice_13", "the same in TLS 1.3", "PROTOCOL_DUPLICATE_EXTENSION", IN_13,
	        .extensions = add_twice },
	{ "extension_unoffered", "an extension that nobody offers", "PROTOCOL_UNOFFERED_EXTENSION", IN_12,
	        .extensions = add_unknown },
	{ "extension_unoffered_13", "the same in TLS 1.3", "PROTOCOL_UNOFFERED_EXTENSION", IN_13,
	        .extensions = add_unknown },
	{ "staple_unasked", "promises a staple that was not asked for", "PROTOCOL_UNOFFERED_EXTENSION|",
	        IN_12, .extensions = add_staple_extension },
	{ "suite_unoffered", "picks a suite that was not offered", "PROTOCOL_UNOFFERED_SUITE", IN_12,
	        .choice = picks_unoffered },
	{ "suite_same", "picks the same suite whatever is offered",
	        "PROTOCOL_REPEATED_PICK|PROTOCOL_UNOFFERED_SUITE", RSA_12, .choice = picks_always_same },
	{ "suite_null", "picks suite 0x0000", "PROTOCOL_UNOFFERED_SUITE", IN_12, .choice = picks_null_suite },
	{ "suite_renegotiation_scsv", "picks 0x00FF", "PROTOCOL_UNOFFERED_SUITE", IN_12,
	        .choice = picks_renegotiation_scsv },
	{ "suite_fallback_scsv", "picks 0x5600", "PROTOCOL_UNOFFERED_SUITE", IN_12,
	        .choice = picks_fallback_scsv },
	{ "suite_grease", "picks 0x0A0A", "PROTOCOL_UNOFFERED_SUITE", IN_12, .choice = picks_grease },
	{ "group_unoffered", "picks a curve that was not offered", "PROTOCOL_UNOFFERED_GROUP",
	        RSA_12 "\nsuites=ECDHE-RSA-AES128-GCM-SHA256", .choice = picks_unoffered_group },
	{ "scheme_unoffered", "signs with a scheme that was not offered", "PROTOCOL_UNOFFERED_SCHEME", RSA_12,
	        .choice = picks_unoffered_scheme },
	{ "compression_unoffered", "compresses though nobody asked", "PROTOCOL_UNOFFERED_COMPRESSION", IN_12,
	        .choice = picks_compression },
	{ "version_high", "picks version 0x03ff", "PROTOCOL_VERSION", IN_12, .choice = picks_version_high },
	{ "version_zero", "picks version 0x0000", "PROTOCOL_VERSION", IN_12, .choice = picks_version_zero },
	{ "version_draft", "picks draft 28 of TLS 1.3", "PROTOCOL_VERSION", .choice = picks_draft },
	{ "hello_twice", "two ServerHellos", "PROTOCOL_UNEXPECTED_MESSAGE", IN_12,
	        .patch = second_server_hello },
	{ "done_first", "ServerHelloDone before ServerHello", "PROTOCOL_UNEXPECTED_MESSAGE", IN_12,
	        .patch = done_before_hello },
	{ "no_certificates", "a chain of none", "*", IN_12, .patch = no_certificates },
	/* endings */
	{ "cut_in_message", "ends in the middle of a message", "TRUNCATED", IN_12,
	        .bytes = cut_in_the_middle },
	{ "fin_after_hello", "ends after the ServerHello", "TRUNCATED", IN_12, .patch = only_server_hello,
	        .end = PEER_FIN },
	{ "reset_after_hello", "resets after the ServerHello", "RESET", IN_12, .patch = only_server_hello,
	        .end = PEER_RESET },
	{ "cut_at", "ends after so many bytes", "*", .bytes = cut_at },
	{ "flip_at", "one bit of a sound answer is flipped", "*", .bytes = flip_at },
	/* behind the hello */
	{ "finished_wrong", "the Finished is wrong", "CRYPTO_FINISHED", IN_12, .spoils = SPOIL_FINISHED,
	        .later = true },
	{ "finished_wrong_13", "the same in TLS 1.3", "CRYPTO_FINISHED", IN_13, .spoils = SPOIL_FINISHED },
	{ "renegotiation_info_wrong", "renegotiation_info is not empty in a first handshake",
	        "PROTOCOL_RENEGOTIATION", IN_12 "\nwrong_renegotiation=yes", .later = true },
	{ "signature_wrong", "the signature over the key exchange is wrong", "CRYPTO_SIGNATURE", RSA_12,
	        .spoils = SPOIL_SIGNATURE },
	{ "signature_wrong_13", "the CertificateVerify is wrong", "CRYPTO_SIGNATURE", IN_13,
	        .spoils = SPOIL_SIGNATURE },
	{ "scheme_old_13", "a CertificateVerify with SHA-1, offered for certificates only",
	        "PROTOCOL_UNOFFERED_SCHEME", IN_13 "\nchains=ecdsa", .choice = picks_sha1 },
	{ "sealed_bit", "a bit of the sealed Finished is flipped", "CRYPTO_RECORD", IN_12,
	        .spoils = SPOIL_SEALED_BIT, .later = true },
	{ "sealed_bit_13", "a bit of the sealed flight is flipped", "CRYPTO_RECORD", IN_13,
	        .spoils = SPOIL_SEALED_BIT },
	{ "sealed_cut_13", "ends in the middle of the sealed flight", "TRUNCATED", IN_13,
	        .bytes = cut_in_the_middle },
	{ "certificate_last", "the key exchange before the certificate",
	        "PROTOCOL_UNEXPECTED_MESSAGE|MALFORMED", RSA_12, .patch = certificate_last },
	{ "certificate_last_13", "the CertificateVerify before the certificate",
	        "PROTOCOL_UNEXPECTED_MESSAGE", IN_13, .patch = certificate_last },
	{ "sealed_extension_unoffered", "an extension that nobody offers, in EncryptedExtensions",
	        "PROTOCOL_UNOFFERED_EXTENSION", IN_13, .sealed_extensions = add_unknown },
	{ "certificate_compressed", "a compressed certificate that says to be 16 MB long",
	        "LIMIT_CERT|PROTOCOL_UNEXPECTED_MESSAGE", IN_13, .patch = compressed_lie },
	{ "sealed_extension_twice", "an extension stands twice in EncryptedExtensions",
	        "PROTOCOL_DUPLICATE_EXTENSION", IN_13, .sealed_extensions = add_twice },
	{ "leaf_extension_unoffered", "an extension that nobody offers, beside a certificate",
	        "PROTOCOL_UNOFFERED_EXTENSION", IN_13, .leaf_extensions = add_unknown },
	{ "certificate_announced_13", "a sealed Certificate of 16 MB is announced", "LIMIT_CERT", IN_13,
	        .patch = announce_certificate },
	{ "certificate_huge_13", "a Certificate of 16 MB in sealed records", "LIMIT_CERT", IN_13,
	        .patch = announce_certificate, .after = handshake_chunk, .pace_us = 1000 },
	{ "certificates_many_13", "a sealed chain of 15,001", "LIMIT_CHAIN", IN_13,
	        .patch = many_small_certificates },
	{ "certificates_empty_13", "a leaf and 15,000 empty ones, sealed", "LIMIT_CHAIN", IN_13,
	        .patch = many_empty_certificates },
	{ "sealed_record_long", "a sealed record longer than any may be", "PROTOCOL_RECORD_OVERFLOW", IN_13,
	        .patch = without_finished, .after = sealed_long_record },
	{ "sealed_record_long_12", "the same up to TLS 1.2", "PROTOCOL_RECORD_OVERFLOW", IN_12,
	        .opened = sealed_long_record, .later = true },
	{ "sealed_content_long", "a sealed record that fits, with too much in it", "PROTOCOL_RECORD_OVERFLOW",
	        IN_13, .content = one_byte_too_many },
	{ "sealed_drip", "the sealed flight, one byte a second", "TIMEOUT_HANDSHAKE", IN_13,
	        .patch = only_extensions, .after = sealed_drip, .pace_us = 1000000 },
	{ "ccs_endless_13", "changes of cipher for middleboxes without end", "LIMIT_RECORDS", IN_13,
	        .patch = only_extensions, .after = changes_of_cipher, .pace_us = 1000 },
	{ "alerts_sealed", "sealed warning alerts without end", "LIMIT_ALERTS", IN_12,
	        .opened = sealed_alerts, .pace_us = 1000, .later = true },
	{ "hello_requests_sealed", "sealed HelloRequest without end", "LIMIT_MESSAGES", IN_12,
	        .opened = sealed_hello_requests, .pace_us = 1000, .later = true },
	{ "empty_records_sealed", "sealed empty records without end", "LIMIT_RECORDS", IN_12,
	        .opened = sealed_empty_records, .pace_us = 1000, .later = true },
	{ "empty_records_sealed_13", "the same in TLS 1.3", "LIMIT_RECORDS", IN_13,
	        .opened = sealed_empty_records, .pace_us = 1000, .later = true },
	{ "ticket_eternal", "a ticket that says to be good for 136 years", "PROTOCOL_TICKET_LIFETIME",
	        IN_13 "\nticket_lifetime=4294967295", .later = true },
	{ "fin_at_finished", "ends behind its Finished", "", IN_12, .spoils = SPOIL_END_AT_FINISHED,
	        .later = true },
	{ "no_goodbye", "ends without close_notify", "", .spoils = SPOIL_NO_GOODBYE, .later = true },
	{ "canceled", "user_canceled before close_notify, as Java has it", "", .spoils = SPOIL_CANCELED,
	        .later = true },
	{ "mute", "says nothing once the handshake is over", "TIMEOUT_HTTP", .spoils = SPOIL_MUTE, .later = true },
	{ "tickets_endless", "NewSessionTicket without end", "LIMIT_MESSAGES", IN_13,
	        .opened = tickets_on_end, .pace_us = 1000, .later = true },
	{ "updates_endless", "KeyUpdate without end", "LIMIT_MESSAGES", IN_13, .opened = updates_on_end,
	        .pace_us = 1000, .later = true },
	{ "headers_endless", "an HTTP head without end", "LIMIT_HTTP", .page = headers_on_end,
	        .pace_us = 1000, .later = true },
	{ "header_huge", "an HTTP field without end", "LIMIT_HTTP", .page = field_on_end, .pace_us = 1000,
	        .later = true },
	{ "headers_many", "1000 HTTP fields", "LIMIT_HTTP", .page = fields_by_the_thousand, .later = true },
	{ "hints_endless", "interim HTTP responses without end", "LIMIT_HTTP", .page = hints_on_end,
	        .pace_us = 1000, .later = true },
	{ "headers_stop", "an HTTP head that stops midway", "TIMEOUT_HTTP", .page = page_without_end,
	        .later = true },
	{ "headers_cut", "ends in the middle of an HTTP head", "TRUNCATED", .page = page_cut, .later = true },
	{ "headers_hostile", "an HTTP head with bytes for terminals and pages", "", .page = page_of_bytes,
	        .later = true },
	{ "page_of_mail", "answers HTTP with a mail banner", "NOT_HTTP", .page = page_of_mail,
	        .later = true },
	{ "downgrade", "TLS 1.2 for all who take TLS 1.3, and says so", "*", .choice = picks_12 },
	{ "downgrade_silent", "the same without saying so", "*", "no_sentinel=yes", .choice = picks_12 },
	/* inconstancy */
	{ "unstable", "another sound answer each time", "UNSTABLE", .choice = picks_at_random },
	{ "chaos", "another fault each time", "UNSTABLE", .bytes = break_somehow },
};

const size_t misbehaviours_count = sizeof(misbehaviours) / sizeof(*misbehaviours);

const struct misbehaviour *misbehaviour_find(const char *name)
{
	for (size_t i = 0; i < misbehaviours_count; i++)
		if (!strcmp(misbehaviours[i].name, name))
			return &misbehaviours[i];
	return NULL;
}

bool misbehaviour_config(struct server_config *c, const char *name, uint64_t at)
{
	char wrong[128];

	config_sound(c);
	c->row = misbehaviour_find(name);
	if (!c->row)
		return false;
	require(!c->row->config || config_read(c, c->row->config, wrong));
	c->at = at;
	if (c->row->refuse_after)
		c->refuse_after = c->row->refuse_after;
	if (c->row->tarpit_after)
		c->tarpit_after = c->row->tarpit_after;
	return true;
}
