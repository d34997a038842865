#include "scanner/tls/answer.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/message.h"
#include "scanner/tls/tables.h"

enum {
	REC_CCS = 20,
	REC_ALERT = 21,
	REC_HANDSHAKE = 22,
	REC_DATA = 23,
	REC_HEADER = 5,
	PLAIN_MAX = 1 << 14,
	PROTECTED_MAX = (1 << 14) + 256,
};

void answer_init(struct answer *a, const struct hello *hello, enum until until)
{
	*a = (struct answer){ .hello = hello, .until = until };
}

void answer_free(struct answer *a)
{
	free(a->flight.v);
	free(a->pending.v);
	a->flight.v = a->pending.v = NULL;
	a->flight.n = a->flight.cap = a->pending.n = a->pending.cap = 0;
}

struct span answer_bytes(const struct answer *a, struct slice s)
{
	require((size_t)s.at + s.n <= a->flight.n);
	return (struct span){ a->flight.v + s.at, s.n };
}

bool answer_has_extension(const struct answer *a, uint16_t extension)
{
	for (size_t i = 0; i < a->exts_count; i++)
		if (a->exts[i] == extension)
			return true;
	return false;
}

bool answer_picked(const struct answer *a, uint16_t version)
{
	return (a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY) && a->version == version;
}

bool answer_refused(const struct answer *a)
{
	return a->kind == ANS_ALERT || a->kind == ANS_CLOSED ||
	       ((a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY) && a->version != a->hello->version);
}

/* SSL 2 records: two bytes of length with the top bit set. Only asked for by an SSL 2 hello, but TLS hellos are
 * sometimes answered so too. */
static bool looks_like_ssl2(const uint8_t *p, size_t n)
{
	return n >= 3 && (p[0] & 0x80) && (p[2] == 4 || p[2] == 0);
}

static bool looks_like_tls(const uint8_t *p, size_t n)
{
	return p[0] >= REC_CCS && p[0] <= REC_DATA + 1 && (n < 2 || p[1] == 3 || p[1] == 0x7F || p[1] == 1 || p[1] == 0);
}

/* ---- settling ---------------------------------------------------------------------------------------------------- */

/* A hello that was read well stands, whatever follows it; the reason tells what followed. */
static bool settle(struct answer *a, enum answer_kind kind, enum reason reason, size_t offset)
{
	if (a->kind == ANS_NONE || message_breaks_hello(reason))
		a->kind = kind;
	a->reason = reason;
	a->offset = (uint32_t)offset;
	a->done = true;
	return true;
}

void answer_fail(struct answer *a, enum answer_kind kind, enum reason reason)
{
	settle(a, kind, reason, 0);
}

static enum answer_kind kind_of_ending(enum ending e)
{
	static const enum answer_kind kinds[] = {
		[ENDING_CLOSED] = ANS_CLOSED, [ENDING_RESET] = ANS_RESET, [ENDING_TIMEOUT] = ANS_TIMEOUT,
	};

	return kinds[e];
}

static enum reason reason_of_ending(const struct answer *a, enum ending e)
{
	bool midway = a->bytes > 0;

	if (e == ENDING_RESET)
		return REASON_RESET;
	if (e == ENDING_TIMEOUT)
		return midway ? REASON_TIMEOUT_HANDSHAKE : REASON_TIMEOUT_FIRST_BYTE;
	return midway ? REASON_TRUNCATED : REASON_CLOSED;
}

/* Too little for take_record() to be sure, and no more will come: a short banner, a prompt. */
static bool is_banner(const struct answer *a)
{
	const uint8_t *p = a->pending.v;

	return !a->records && a->pending.n && !(p[0] & 0x80) && !looks_like_tls(p, a->pending.n);
}

void answer_end(struct answer *a, enum ending e)
{
	if (a->done)
		return;
	if (is_banner(a)) {
		settle(a, ANS_NOT_TLS, REASON_NOT_TLS, 0);
		return;
	}
	/* A warning and then the end is a refusal as good as any: old servers speak like that. */
	if (a->kind == ANS_NONE && a->warnings && e == ENDING_CLOSED) {
		a->alert = a->warning;
		a->alert_level = 1;
		settle(a, ANS_ALERT, REASON_ALERT, 0);
		return;
	}
	if (a->kind == ANS_NONE && a->bytes && e == ENDING_CLOSED) {
		settle(a, ANS_MALFORMED, REASON_TRUNCATED, a->bytes);
		return;
	}
	settle(a, kind_of_ending(e), reason_of_ending(a, e), a->bytes);
}

/* ---- records ------------------------------------------------------------------------------------------------------ */

static void append(uint8_t **v, size_t *n, size_t *cap, const void *p, size_t more)
{
	if (*cap - *n < more) {
		size_t want = *cap ? *cap : 512;

		while (want - *n < more)
			want *= 2;
		*v = mem_grow(*v, want, 1);
		*cap = want;
	}
	if (more)
		memcpy(*v + *n, p, more);
	*n += more;
}

static bool alert_record(struct answer *a, struct rd r)
{
	enum { WARNING = 1, FATAL = 2 };
	uint8_t level = rd_u8(&r), code = rd_u8(&r);

	if (!rd_end(&r))
		return settle(a, ANS_MALFORMED, REASON_MALFORMED, a->taken);
	if (level == FATAL || code == ALERT_CLOSE_NOTIFY) {
		a->alert_level = level;
		a->alert = code;
		return settle(a, ANS_ALERT, REASON_ALERT, 0);
	}
	a->warning = code;
	if (++a->warnings > ANSWER_WARNINGS_MAX)
		return settle(a, ANS_LIMIT, REASON_LIMIT_ALERTS, 0);
	return false;
}

/* Parses what is whole; true when the answer is. */
static bool drain_messages(struct answer *a)
{
	for (;;) {
		struct message_verdict v = message_next(a);

		if (v.kind == MESSAGE_INCOMPLETE)
			return false;
		if (v.kind == MESSAGE_BAD)
			return settle(a, v.reason >= REASON_LIMIT_ALERTS && v.reason <= REASON_LIMIT_DEADLINE ? ANS_LIMIT
													      : ANS_MALFORMED,
				v.reason, v.offset);
		if (v.kind == MESSAGE_LAST)
			return a->done = true;
	}
}

static bool handshake_record(struct answer *a, struct rd r)
{
	struct span body = rd_rest(&r);

	if (a->flight.n + body.n > ANSWER_FLIGHT_MAX)
		return settle(a, ANS_LIMIT, REASON_LIMIT_FLIGHT, a->flight.n);
	append(&a->flight.v, &a->flight.n, &a->flight.cap, body.p, body.n);
	return drain_messages(a);
}

static bool record(struct answer *a, uint8_t type, struct rd body)
{
	if (!rd_left(&body) && type != REC_DATA && ++a->empty_records > ANSWER_EMPTY_RECORDS_MAX)
		return settle(a, ANS_LIMIT, REASON_LIMIT_RECORDS, a->records);
	if (++a->records > ANSWER_RECORDS_MAX)
		return settle(a, ANS_LIMIT, REASON_LIMIT_RECORDS, a->records);
	if (type == REC_HANDSHAKE)
		return handshake_record(a, body);
	if (!rd_left(&body))
		return false;
	if (type == REC_ALERT)
		return alert_record(a, body);
	/* TLS 1.3 servers send one for the sake of middleboxes: RFC 8446 appendix D.4. */
	if (type == REC_CCS && hello_offers_version(a->hello, VER_TLS13) && ++a->empty_records <= ANSWER_EMPTY_RECORDS_MAX)
		return false;
	return settle(a, ANS_MALFORMED, REASON_PROTOCOL_UNEXPECTED_MESSAGE, a->taken);
}

/* ---- the stream ---------------------------------------------------------------------------------------------------- */

/* Bytes of one whole SSL 2 record at p, or 0 when more is needed. */
static size_t ssl2_record(struct answer *a, const uint8_t *p, size_t n, bool *done)
{
	size_t len = (size_t)(p[0] & 0x7F) << 8 | p[1];
	struct message_verdict v;

	if (n < 2 + len)
		return 0;
	if (a->hello->version != VER_SSL2) {
		*done = settle(a, ANS_MALFORMED, REASON_PROTOCOL_VERSION, 0);
		return 2 + len;
	}
	append(&a->flight.v, &a->flight.n, &a->flight.cap, p + 2, len);
	v = message_ssl2(a, rd_of(a->flight.v, len));
	*done = v.kind == MESSAGE_BAD ? settle(a, ANS_MALFORMED, v.reason, v.offset) : (a->done = true);
	return 2 + len;
}

static size_t record_limit(uint8_t type)
{
	return type == REC_DATA ? PROTECTED_MAX : PLAIN_MAX;
}

static size_t tls_record(struct answer *a, const uint8_t *p, size_t n, bool *done)
{
	struct rd r = rd_of(p, n);
	uint8_t type = rd_u8(&r);
	uint16_t version = rd_u16(&r);
	size_t len = rd_u16(&r);

	if (r.bad)
		return 0;
	a->record_version = version;
	if (len > record_limit(type)) {
		*done = settle(a, ANS_MALFORMED, REASON_PROTOCOL_RECORD_OVERFLOW, 3);
		return n;
	}
	if (rd_left(&r) < len)
		return 0;
	*done = record(a, type, rd_sub(&r, len));
	return REC_HEADER + len;
}

/* Takes one record from the front; 0 when it is not whole. */
static size_t take_record(struct answer *a, const uint8_t *p, size_t n, bool *done)
{
	bool first = a->records == 0;

	if (first && n < 3 && (looks_like_tls(p, n) || (p[0] & 0x80)))
		return 0;
	if (first && looks_like_ssl2(p, n))
		return ssl2_record(a, p, n, done);
	if (looks_like_tls(p, n))
		return tls_record(a, p, n, done);
	/* Wait for five bytes (or the end): a banner is told from noise by more than its first letter. */
	if (first && n < REC_HEADER)
		return 0;
	*done = settle(a, first ? ANS_NOT_TLS : ANS_MALFORMED, first ? REASON_NOT_TLS : REASON_MALFORMED, 0);
	return 0;
}

bool answer_continue(struct answer *a, enum until until)
{
	a->until = until;
	a->done = false;
	return drain_messages(a) || answer_feed(a, NULL, 0);
}

bool answer_feed(struct answer *a, const void *p, size_t n)
{
	size_t used = 0;
	bool done = a->done;

	if (done)
		return true;
	a->bytes += n;
	append(&a->pending.v, &a->pending.n, &a->pending.cap, p, n);
	while (!done && used < a->pending.n) {
		size_t took = take_record(a, a->pending.v + used, a->pending.n - used, &done);

		if (!took)
			break;
		used += took;
		a->taken += took;
	}
	if (a->reason == REASON_NOT_TLS)
		return true; /* the banner stays in `pending` for whoever shows it */
	a->pending.n -= used;
	if (used && a->pending.n)
		memmove(a->pending.v, a->pending.v + used, a->pending.n);
	return done;
}
