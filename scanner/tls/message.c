#include "scanner/tls/message.h"

#include "scanner/tls/tables.h"

enum {
	HELLO_REQUEST = 0,
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	NEW_SESSION_TICKET = 4,
	CERTIFICATE = 11,
	SERVER_KEY_EXCHANGE = 12,
	CERTIFICATE_REQUEST = 13,
	SERVER_HELLO_DONE = 14,
	CERTIFICATE_STATUS = 22,
	HEADER = 4,
};

static const struct message_verdict ok = { .kind = MESSAGE_OK }, last = { .kind = MESSAGE_LAST };

static struct message_verdict bad(enum reason reason, const uint8_t *start, const struct rd *r)
{
	return (struct message_verdict){ MESSAGE_BAD, reason, r->bad || !r->p ? 0 : (size_t)(r->p - start) };
}

bool message_breaks_hello(enum reason reason)
{
	switch (reason) {
	case REASON_PROTOCOL_UNOFFERED_SUITE:
	case REASON_PROTOCOL_UNOFFERED_GROUP:
	case REASON_PROTOCOL_UNOFFERED_COMPRESSION:
	case REASON_PROTOCOL_VERSION:
		return true;
	default:
		return false;
	}
}

static struct slice slice_of(const struct answer *a, const struct rd *r)
{
	struct span s = rd_rest(r);

	return s.n ? (struct slice){ (uint32_t)(s.p - a->flight.v), (uint32_t)s.n } : (struct slice){ 0, 0 };
}

/* ---- ServerHello ---------------------------------------------------------------------------------------------------- */

/* SHA-256 of "HelloRetryRequest": RFC 8446 section 4.1.3. */
static const uint8_t retry_random[32] = {
	0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
	0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
};

static bool read_key_share(struct answer *a, struct rd r)
{
	struct rd share;

	a->group = rd_u16(&r);
	if (a->kind == ANS_RETRY || rd_end(&r))
		return rd_end(&r);
	share = rd_vec(&r, 2);
	a->share = slice_of(a, &share);
	return rd_end(&r);
}

static bool read_versions(struct answer *a, struct rd r)
{
	a->version = rd_u16(&r);
	return rd_end(&r);
}

static bool read_alpn(struct answer *a, struct rd r) /* RFC 7301 section 3.1: exactly one name */
{
	struct rd list = rd_vec(&r, 2), name = rd_vec(&list, 1);

	a->alpn = slice_of(a, &name);
	return rd_end(&r) && rd_end(&list) && a->alpn.n > 0;
}

static bool read_scts(struct answer *a, struct rd r)
{
	struct rd list = rd_vec(&r, 2);

	a->scts = slice_of(a, &list);
	return rd_end(&r);
}

static bool read_renegotiation(struct answer *a, struct rd r)
{
	struct rd verify = rd_vec(&r, 1);

	a->renegotiated = slice_of(a, &verify);
	return rd_end(&r);
}

static bool read_npn(struct answer *a, struct rd r) /* draft-agl-tls-nextprotoneg-04 section 3 */
{
	a->npn = slice_of(a, &r);
	while (rd_left(&r))
		rd_vec(&r, 1);
	return rd_end(&r);
}

static const struct {
	uint16_t code;
	bool (*read)(struct answer *, struct rd);
} extension_readers[] = {
	{ EXT_KEY_SHARE, read_key_share },
	{ EXT_SUPPORTED_VERSIONS, read_versions },
	{ EXT_ALPN, read_alpn },
	{ EXT_SCT, read_scts },
	{ EXT_RENEGOTIATION_INFO, read_renegotiation },
	{ EXT_NPN, read_npn },
};

/* An odd value is noted, and the pick stands. */
static bool read_granted(struct answer *a, uint16_t code, struct rd data)
{
	enum reason wrong = granted_read(&a->granted, code, data);

	if (wrong == REASON_PROTOCOL_EXTENSION_VALUE) {
		a->reason = wrong;
		a->offset = code;
	}
	return wrong != REASON_MALFORMED;
}

static bool read_extension(struct answer *a, uint16_t code, struct rd data)
{
	for (size_t i = 0; i < sizeof extension_readers / sizeof *extension_readers; i++)
		if (extension_readers[i].code == code)
			return extension_readers[i].read(a, data);
	return read_granted(a, code, data);
}

static struct message_verdict read_extensions(struct answer *a, struct rd r, const uint8_t *start)
{
	while (rd_left(&r)) {
		const uint8_t *at = r.p;
		uint16_t code = rd_u16(&r);
		struct rd data = rd_vec(&r, 2);

		if (r.bad)
			return (struct message_verdict){ MESSAGE_BAD, REASON_MALFORMED, (size_t)(at - start) };
		if (answer_has_extension(a, code))
			return bad(REASON_PROTOCOL_DUPLICATE_EXTENSION, start, &r);
		if (a->exts_count == ANSWER_EXTS_MAX)
			return bad(REASON_LIMIT_MESSAGES, start, &r);
		a->exts[a->exts_count++] = code;
		if (!read_extension(a, code, data))
			return (struct message_verdict){ MESSAGE_BAD, REASON_MALFORMED, (size_t)(at - start) };
	}
	return r.bad ? bad(REASON_MALFORMED, start, &r) : ok;
}

/* What a server may never do with what we offered (RFC 5246 section 7.4.1.3, RFC 8446 section 4.1.3). */
static enum reason broken_rule(const struct answer *a)
{
	const struct hello *h = a->hello;

	if (!hello_offers_version(h, a->version))
		return REASON_PROTOCOL_VERSION;
	if (!codes_has(h->suites, a->suite) || !suite_pickable(a->suite))
		return REASON_PROTOCOL_UNOFFERED_SUITE;
	if (a->compression > 1 || (a->compression == 1 && !(h->offer & OFFER_DEFLATE)))
		return REASON_PROTOCOL_UNOFFERED_COMPRESSION;
	if (a->group && !codes_has(h->groups, a->group))
		return REASON_PROTOCOL_UNOFFERED_GROUP;
	return REASON_NONE;
}

/* An answer to an extension that was not asked is broken manners; the pick stands, and the reason is kept. */
static void note_unoffered_extension(struct answer *a)
{
	for (size_t i = 0; i < a->exts_count; i++) {
		bool cookie = a->kind == ANS_RETRY && a->exts[i] == EXT_COOKIE;

		if (!cookie && !hello_offers_extension(a->hello, a->exts[i])) {
			a->reason = REASON_PROTOCOL_UNOFFERED_EXTENSION;
			a->offset = a->exts[i];
		}
	}
}

static struct message_verdict server_hello(struct answer *a, struct rd r) /* RFC 8446 section 4.1.3 */
{
	const uint8_t *start = r.p, *random;
	struct message_verdict v = ok;
	struct rd id;
	enum reason broken;

	a->legacy_version = a->version = rd_u16(&r);
	random = rd_take(&r, sizeof a->random);
	if (random)
		memcpy(a->random, random, sizeof a->random);
	id = rd_vec(&r, 1);
	a->suite = rd_u16(&r);
	a->compression = rd_u8(&r);
	if (r.bad)
		return bad(REASON_MALFORMED, start, &r);
	a->session_id = slice_of(a, &id);
	a->kind = !memcmp(a->random, retry_random, sizeof retry_random) ? ANS_RETRY : ANS_SERVER_HELLO;
	if (!rd_end(&r)) {
		struct rd list = rd_vec(&r, 2);
		v = rd_end(&r) ? read_extensions(a, list, start) : bad(REASON_MALFORMED, start, &r);
	}
	if (v.kind == MESSAGE_BAD) {
		a->kind = ANS_NONE;
		return v;
	}
	broken = broken_rule(a);
	if (broken)
		return bad(broken, start, &r);
	note_unoffered_extension(a);
	a->ticket_promised = answer_has_extension(a, EXT_SESSION_TICKET);
	return a->until == UNTIL_HELLO || a->version >= VER_TLS13 || a->kind == ANS_RETRY ? last : ok;
}

/* ---- the rest of the flight up to TLS 1.2 ----------------------------------------------------------------------------- */

static struct message_verdict certificate(struct answer *a, struct rd r) /* RFC 5246 section 7.4.2 */
{
	const uint8_t *start = r.p;
	struct rd list = rd_vec(&r, 3);

	if (!rd_end(&r))
		return bad(REASON_MALFORMED, start, &r);
	a->has_certificate = true;
	if (a->granted.server_cert_type == CERT_TYPE_RAW_KEY && hello_offers_extension(a->hello, EXT_SERVER_CERTIFICATE_TYPE)) {
		a->raw_key = slice_of(a, &list);
		return ok;
	}
	while (rd_left(&list)) {
		struct rd cert = rd_vec(&list, 3);

		if (list.bad)
			return bad(REASON_MALFORMED, start, &list);
		if (a->certs_count == ANSWER_CHAIN_MAX)
			return bad(REASON_LIMIT_CHAIN, start, &list);
		a->certs[a->certs_count++] = slice_of(a, &cert);
	}
	return ok;
}

/* One for each certificate, in their order; an empty one: none. */
static bool several_statuses(struct answer *a, struct rd *r)
{
	struct rd list = rd_vec(r, 3);

	for (size_t i = 0; rd_left(&list); i++) {
		struct rd response = rd_vec(&list, 3);

		if (!i)
			a->staple = slice_of(a, &response);
		else if (i <= STAPLES_ABOVE_MAX)
			a->staples_above[i - 1] = slice_of(a, &response);
	}
	return !list.bad;
}

static struct message_verdict certificate_status(struct answer *a, struct rd r) /* RFC 6066 section 8, RFC 6961 */
{
	const uint8_t *start = r.p;
	uint8_t type = rd_u8(&r);
	struct rd response;

	if (type == 2 && hello_offers_extension(a->hello, EXT_STATUS_REQUEST_V2))
		return several_statuses(a, &r) && rd_end(&r) ? ok : bad(REASON_MALFORMED, start, &r);
	if (type != 1 || !(a->hello->offer & OFFER_STATUS_REQUEST))
		return bad(REASON_PROTOCOL_UNEXPECTED_MESSAGE, start, &r);
	response = rd_vec(&r, 3);
	if (!rd_end(&r))
		return bad(REASON_MALFORMED, start, &r);
	a->staple = slice_of(a, &response);
	return ok;
}

/* `start`: where the parameters begin; all up to here is what the signature covers (RFC 5246 section 7.4.3). */
static bool read_signature(struct answer *a, struct rd *r, const uint8_t *start)
{
	struct rd params = rd_of(start, r->bad ? 0 : (size_t)(r->p - start)), signature;

	a->kx.params = slice_of(a, &params);
	if (a->version == VER_TLS12)
		a->kx.scheme = rd_u16(r);
	signature = rd_vec(r, 2);
	a->kx.signature = slice_of(a, &signature);
	return rd_end(r);
}

static bool read_ecdh(struct answer *a, struct rd *r) /* RFC 8422 section 5.4 */
{
	enum { NAMED_CURVE = 3 };
	struct rd point;

	if (rd_u8(r) != NAMED_CURVE) {
		a->kx.explicit_curve = !r->bad;
		rd_take(r, rd_left(r)); /* its parameters are not for us */
		return a->kx.explicit_curve;
	}
	a->kx.group = a->group = rd_u16(r);
	point = rd_vec(r, 1);
	a->kx.point = slice_of(a, &point);
	return !r->bad;
}

static bool read_numbers(struct answer *a, struct rd *r, struct slice *const *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct rd number = rd_vec(r, 2);
		*numbers[i] = slice_of(a, &number);
	}
	return !r->bad;
}

static bool read_dh(struct answer *a, struct rd *r) /* RFC 5246 section 7.4.3 */
{
	return read_numbers(a, r, (struct slice *const[]){ &a->kx.dh_p, &a->kx.dh_g, &a->kx.dh_y }, 3);
}

static bool read_rsa(struct answer *a, struct rd *r) /* RFC 2246 section 7.4.3 */
{
	return read_numbers(a, r, (struct slice *const[]){ &a->kx.rsa_modulus, &a->kx.rsa_exponent }, 2);
}

static bool read_nothing(struct answer *a, struct rd *r)
{
	(void)a;
	rd_take(r, rd_left(r));
	return true;
}

static bool read_psk_hint(struct answer *a, struct rd *r) /* RFC 4279 section 2, RFC 5489 section 2 */
{
	struct rd hint = rd_vec(r, 2);

	a->kx.psk_hint = slice_of(a, &hint);
	return !r->bad;
}

/* What a ServerKeyExchange holds, by the suite's key exchange. */
static const struct {
	bool (*hint)(struct answer *, struct rd *), (*params)(struct answer *, struct rd *);
} exchanges[] = {
	[KX_RSA] = { NULL, read_rsa },
	[KX_DHE] = { NULL, read_dh },
	[KX_ECDHE] = { NULL, read_ecdh },
	[KX_PSK] = { read_psk_hint, NULL },
	[KX_RSA_PSK] = { read_psk_hint, NULL },
	[KX_DHE_PSK] = { read_psk_hint, read_dh },
	[KX_ECDHE_PSK] = { read_psk_hint, read_ecdh },
	[KX_OTHER] = { NULL, read_nothing },
};

/* With a pre-shared key nothing is, RSA_PSK included (RFC 4279 section 4). */
static bool is_signed(const struct suite *s)
{
	return s && s->auth != AUTH_NULL && (s->kx == KX_RSA || s->kx == KX_DHE || s->kx == KX_ECDHE);
}

static struct message_verdict read_key_exchange(struct answer *a, struct rd r)
{
	const uint8_t *start = r.p;
	const struct suite *s = suite_find(a->suite);
	size_t kx = s ? (size_t)s->kx : KX_OTHER;
	bool well = true;

	a->has_key_exchange = true;
	if (kx >= sizeof exchanges / sizeof *exchanges || (!exchanges[kx].hint && !exchanges[kx].params))
		return ok; /* nothing we know how to read, and nothing we need */
	if (exchanges[kx].hint)
		well = exchanges[kx].hint(a, &r);
	if (well && exchanges[kx].params)
		well = exchanges[kx].params(a, &r);
	if (!well)
		return bad(REASON_MALFORMED, start, &r);
	if (a->kx.explicit_curve || (a->kx.group && !codes_has(a->hello->groups, a->kx.group) && a->hello->groups.n))
		return bad(REASON_PROTOCOL_UNOFFERED_GROUP, start, &r);
	if (is_signed(s) ? !read_signature(a, &r, start) : !rd_end(&r))
		return bad(REASON_MALFORMED, start, &r);
	if (a->kx.scheme && a->hello->schemes.n && !codes_has(a->hello->schemes, a->kx.scheme)) {
		a->reason = REASON_PROTOCOL_UNOFFERED_SCHEME;
		a->offset = a->kx.scheme;
	}
	return ok;
}

/* What stands in a broken message was never picked. */
static struct message_verdict server_key_exchange(struct answer *a, struct rd r)
{
	struct message_verdict v = read_key_exchange(a, r);

	if (v.kind == MESSAGE_BAD) {
		a->kx = (struct key_exchange){ 0 };
		a->group = 0;
	}
	return v;
}

static struct message_verdict certificate_request(struct answer *a, struct rd r) /* RFC 5246 section 7.4.4 */
{
	const uint8_t *start = r.p;
	struct rd types = rd_vec(&r, 1), names, schemes_ = { 0 };

	if (a->version == VER_TLS12)
		schemes_ = rd_vec(&r, 2);
	names = rd_vec(&r, 2);
	if (!rd_end(&r))
		return bad(REASON_MALFORMED, start, &r);
	a->certificate_request = true;
	a->request_types = slice_of(a, &types);
	a->request_schemes = slice_of(a, &schemes_);
	a->request_names = slice_of(a, &names);
	return ok;
}

static struct message_verdict server_hello_done(struct answer *a, struct rd r)
{
	if (!rd_end(&r))
		return bad(REASON_MALFORMED, r.p, &r);
	a->hello_done = true;
	return last;
}

/* ---- order of messages -------------------------------------------------------------------------------------------------- */

/* Each message may stand only once, and only behind one of a lower row: RFC 5246 section 7.3. */
static const struct row {
	uint8_t type;
	struct message_verdict (*read)(struct answer *, struct rd);
	size_t max;        /* bytes */
	enum reason limit; /* when the header announces more */
} rows[] = {
	{ SERVER_HELLO, server_hello, 64 * 1024, REASON_LIMIT_FLIGHT },
	{ CERTIFICATE, certificate, ANSWER_CERT_MAX, REASON_LIMIT_CERT },
	{ CERTIFICATE_STATUS, certificate_status, ANSWER_STAPLE_MAX, REASON_LIMIT_STAPLE },
	{ SERVER_KEY_EXCHANGE, server_key_exchange, 64 * 1024, REASON_LIMIT_FLIGHT },
	{ CERTIFICATE_REQUEST, certificate_request, 64 * 1024, REASON_LIMIT_FLIGHT },
	{ SERVER_HELLO_DONE, server_hello_done, 64 * 1024, REASON_LIMIT_FLIGHT },
};

static const struct row *row_find(uint8_t type)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

static size_t rank(const struct answer *a)
{
	return a->certificate_request ? 5
	       : a->has_key_exchange  ? 4
	       : a->staple.n	      ? 3
	       : a->has_certificate   ? 2
	       : a->kind != ANS_NONE  ? 1
				      : 0;
}

static struct message_verdict hello_request(struct answer *a)
{
	if (++a->hello_requests > ANSWER_HELLO_REQUESTS_MAX)
		return (struct message_verdict){ MESSAGE_BAD, REASON_LIMIT_MESSAGES, a->flight.parsed };
	return ok;
}

static struct message_verdict read_message(struct answer *a, const struct row *row, struct rd body)
{
	size_t place = (size_t)(row - rows), at = rank(a);

	if (place < at || (place > 0 && at == 0))
		return (struct message_verdict){ MESSAGE_BAD, REASON_PROTOCOL_UNEXPECTED_MESSAGE, a->flight.parsed };
	return row->read(a, body);
}

struct message_verdict message_next(struct answer *a)
{
	size_t left = a->flight.n - a->flight.parsed, n;
	struct rd r, body;
	const struct row *row;
	struct message_verdict v;
	uint8_t type;

	if (left < HEADER)
		return (struct message_verdict){ .kind = MESSAGE_INCOMPLETE };
	r = rd_of(a->flight.v + a->flight.parsed, left);
	type = rd_u8(&r);
	n = rd_u24(&r);
	row = row_find(type);
	if (!row && type != HELLO_REQUEST)
		return (struct message_verdict){ MESSAGE_BAD, REASON_PROTOCOL_UNEXPECTED_MESSAGE, a->flight.parsed };
	if (row && n > row->max)
		return (struct message_verdict){ MESSAGE_BAD, row->limit, n };
	if (rd_left(&r) < n)
		return (struct message_verdict){ .kind = MESSAGE_INCOMPLETE };
	body = rd_sub(&r, n);
	v = row ? read_message(a, row, body) : hello_request(a);
	a->flight.parsed += HEADER + n;
	return v;
}

/* ---- SSL 2 -------------------------------------------------------------------------------------------------------------- */

static struct message_verdict ssl2_error(struct answer *a, struct rd r)
{
	a->ssl2_error = rd_u16(&r);
	if (!rd_end(&r))
		return bad(REASON_MALFORMED, r.p, &r);
	a->kind = ANS_ALERT;
	a->reason = REASON_ALERT;
	return last;
}

static struct message_verdict ssl2_server_hello(struct answer *a, struct rd r) /* SSL 2.0 draft section 2.6 */
{
	const uint8_t *start = r.p;
	uint16_t cert_n, kinds_n, id_n;
	struct rd kinds, cert, id;

	rd_u8(&r); /* session id hit */
	rd_u8(&r); /* certificate type */
	a->version = a->legacy_version = rd_u16(&r);
	cert_n = rd_u16(&r);
	kinds_n = rd_u16(&r);
	id_n = rd_u16(&r);
	cert = rd_sub(&r, cert_n);
	kinds = rd_sub(&r, kinds_n);
	id = rd_sub(&r, id_n);
	if (!rd_end(&r) || kinds_n % 3)
		return bad(REASON_MALFORMED, start, &r);
	a->certs[0] = slice_of(a, &cert);
	a->certs_count = cert_n > 0;
	a->connection_id = slice_of(a, &id);
	if (a->version != VER_SSL2)
		return bad(REASON_PROTOCOL_VERSION, start, &r);
	while (rd_left(&kinds) && a->kinds_count < ANSWER_KINDS_MAX)
		a->kinds[a->kinds_count++] = rd_u24(&kinds);
	a->kind = ANS_SSL2_HELLO;
	return last;
}

struct message_verdict message_ssl2(struct answer *a, struct rd body)
{
	enum { SSL2_ERROR = 0, SSL2_SERVER_HELLO = 4 };
	uint8_t type = rd_u8(&body);

	if (type == SSL2_ERROR)
		return ssl2_error(a, body);
	if (type == SSL2_SERVER_HELLO)
		return ssl2_server_hello(a, body);
	return (struct message_verdict){ MESSAGE_BAD, REASON_PROTOCOL_UNEXPECTED_MESSAGE, 0 };
}
