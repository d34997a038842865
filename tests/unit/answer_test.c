/* The answer reader: sound flights, every way to break one, and the property that splitting changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "tests/unit/flights.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { NEVER = -1 };

/* Feeds pieces of at most `step` bytes (0: whole), then ends in this way. */
static void feed(struct answer *a, const struct hello *h, enum until until, const uint8_t *p, size_t n,
        size_t step, int end)
{
	size_t at = 0;

	answer_init(a, h, until);
	while (at < n) {
		size_t take = step && step < n - at ? step : n - at;

		if (answer_feed(a, p + at, take))
			break;
		at += take;
	}
	if (end != NEVER)
		answer_end(a, (enum ending)end);
	assert_true(answer_is_sane(a));
}

static void read_row(struct answer *a, struct flight_bytes *f, const struct flight_row *row)
{
	flight_build(f, row);
	feed(a, row->hello, UNTIL_FLIGHT, f->v, f->w.len, 0, NEVER);
}

static const struct flight_row *row_named(const char *name)
{
	for (size_t i = 0; i < FLIGHT_ROWS; i++)
		if (!strcmp(flight_rows[i].name, name))
			return &flight_rows[i];
	fail_msg("no flight %s", name);
	return NULL;
}

/* ---- sound flights ---------------------------------------------------------------------------- */

static void every_sound_flight_is_read_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < FLIGHT_ROWS; i++) {
		const struct flight_row *row = &flight_rows[i];
		struct flight_bytes f;
		struct answer a;

		read_row(&a, &f, row);
		if (a.kind != row->kind || !a.done || (a.reason && a.reason != REASON_ALERT))
			fail_msg("%s: kind %d, %s at %u", row->name, a.kind, reason_name(a.reason), a.offset);
		if (row->version) {
			assert_int_equal(a.version, row->version);
			assert_int_equal(a.suite, row->suite);
			assert_int_equal(a.certs_count, row->certificate ? 2 : 0);
			assert_int_equal(a.certificate_request, row->request);
			assert_int_equal(a.staple.n, row->status ? 20 : 0);
			assert_true(a.hello_done);
		}
		answer_free(&a);
	}
}

static void the_fields_of_a_hello_are_told(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	read_row(&a, &f, row_named("tls12 ecdhe"));
	assert_int_equal(a.record_version, VER_TLS12);
	assert_int_equal(a.random[31], 0x11);
	assert_int_equal(a.session_id.n, 32);
	assert_int_equal(answer_bytes(&a, a.session_id).p[0], 0x22);
	assert_int_equal(a.exts_count, 4);
	assert_true(answer_has_extension(&a, EXT_EXTENDED_MASTER_SECRET));
	assert_false(answer_has_extension(&a, EXT_HEARTBEAT));
	assert_memory_equal(answer_bytes(&a, a.alpn).p, "h2", 2);
	assert_memory_equal(answer_bytes(&a, a.scts).p, "abc", 3);
	assert_int_equal(answer_bytes(&a, a.certs[1]).n, 50);
	assert_int_equal(answer_bytes(&a, a.certs[1]).p[49], 0x31);
	assert_int_equal(a.kx.group, 0x001D);
	assert_int_equal(a.group, 0x001D);
	assert_int_equal(a.kx.scheme, 0x0401);
	assert_int_equal(a.kx.point.n, 32);
	answer_free(&a);
}

static void moduli_of_dhe_and_export_rsa_are_told(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	read_row(&a, &f, row_named("tls12 dhe"));
	assert_int_equal(a.kx.dh_p.n, 128);
	assert_int_equal(a.kx.dh_g.n, 1);
	assert_int_equal(a.kx.dh_y.n, 128);
	assert_int_equal(answer_bytes(&a, a.kx.dh_p).p[127], 0xF1);
	answer_free(&a);
	read_row(&a, &f, row_named("tls10 export rsa"));
	assert_int_equal(a.kx.rsa_modulus.n, 64);
	assert_int_equal(a.kx.rsa_exponent.n, 1);
	assert_int_equal(a.kx.scheme, 0); /* before TLS 1.2 none is named */
	answer_free(&a);
}

static void a_retry_and_a_hello_of_tls_13_name_suite_and_group(void **state)
{
	static const char *const names[] = { "tls13", "tls13 retry" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct flight_bytes f;
		struct answer a;

		read_row(&a, &f, row_named(names[i]));
		assert_int_equal(a.version, VER_TLS13);
		assert_int_equal(a.legacy_version, VER_TLS12);
		assert_int_equal(a.suite, 0x1302);
		assert_int_equal(a.group, 0x001D);
		assert_true(answer_picked(&a, VER_TLS13));
		assert_false(answer_refused(&a));
		answer_free(&a);
	}
}

static void ssl2_lists_its_kinds(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	read_row(&a, &f, row_named("ssl2"));
	assert_int_equal(a.kinds_count, 2);
	assert_int_equal(a.kinds[0], 0x010080);
	assert_int_equal(a.kinds[1], 0x0700C0);
	answer_free(&a);
	read_row(&a, &f, row_named("ssl2 error"));
	assert_int_equal(a.ssl2_error, 1);
	assert_true(answer_refused(&a));
	answer_free(&a);
}

static void until_hello_stops_at_the_hello(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	flight_build(&f, row_named("tls12 ecdhe"));
	feed(&a, &hello_12, UNTIL_HELLO, f.v, f.w.len, 0, NEVER);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	assert_true(a.done);
	assert_false(a.has_certificate);
	answer_free(&a);
}

/* ---- splitting -------------------------------------------------------------------------------- */

static void how_bytes_are_split_changes_nothing(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 5, 7, 64, 1000 };

	(void)state;
	for (size_t i = 0; i < FLIGHT_ROWS; i++) {
		const struct flight_row *row = &flight_rows[i];
		struct flight_bytes f;
		struct answer whole, split;

		read_row(&whole, &f, row);
		for (size_t k = 0; k < COUNT(steps); k++) {
			feed(&split, row->hello, UNTIL_FLIGHT, f.v, f.w.len, steps[k], NEVER);
			if (!answers_same(&whole, &split))
				fail_msg("%s differs in steps of %zu", row->name, steps[k]);
			answer_free(&split);
		}
		answer_free(&whole);
	}
}

static void check_altered(
        const char *name, const struct hello *h, const uint8_t *v, size_t n, const char *what, size_t at)
{
	static const int ends[] = { ENDING_CLOSED, ENDING_RESET, ENDING_TIMEOUT };
	struct answer whole, split;

	for (size_t e = 0; e < COUNT(ends); e++) {
		feed(&whole, h, UNTIL_FLIGHT, v, n, 0, ends[e]);
		feed(&split, h, UNTIL_FLIGHT, v, n, 1, ends[e]);
		if (!answers_same(&whole, &split))
			fail_msg("%s, %s %zu: split differs: %s at %u, %s at %u", name, what, at,
			        reason_name(whole.reason), whole.offset, reason_name(split.reason),
			        split.offset);
		assert_true(whole.done && whole.kind != ANS_NONE);
		answer_free(&whole);
		answer_free(&split);
	}
}

/* ---- ends and lies ---------------------------------------------------------------------------- */

static void an_end_at_every_byte_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < FLIGHT_ROWS; i++) {
		const struct flight_row *row = &flight_rows[i];
		struct flight_bytes f;
		struct answer a;

		flight_build(&f, row);
		for (size_t n = 0; n < f.clear_n; n++) {
			feed(&a, row->hello, UNTIL_FLIGHT, f.v, n, 0, ENDING_CLOSED);
			if (!n) {
				assert_int_equal(a.kind, ANS_CLOSED);
				assert_int_equal(a.reason, REASON_CLOSED);
			} else if (a.kind != ANS_ALERT && a.reason != REASON_TRUNCATED) {
				fail_msg("%s cut at %zu: %s", row->name, n, reason_name(a.reason));
			}
			answer_free(&a);
			feed(&a, row->hello, UNTIL_FLIGHT, f.v, n, 0, ENDING_RESET);
			assert_int_equal(a.reason, REASON_RESET);
			answer_free(&a);
			feed(&a, row->hello, UNTIL_FLIGHT, f.v, n, 0, ENDING_TIMEOUT);
			assert_int_equal(a.reason, n ? REASON_TIMEOUT_HANDSHAKE : REASON_TIMEOUT_FIRST_BYTE);
			answer_free(&a);
			check_altered(row->name, row->hello, f.v, n, "cut at", n);
		}
	}
}

/* A lie makes the message malformed, or longer than what comes, or something that has no place; never a sound
 * answer. */
static void a_lie_in_every_length_is_noticed(void **state)
{
	static const int lies[] = { 1, -1, 17, 200, -200, 5000 };

	(void)state;
	for (size_t i = 0; i < FLIGHT_ROWS; i++) {
		const struct flight_row *row = &flight_rows[i];
		struct flight_bytes good, f;
		struct answer a;

		flight_build(&good, row);
		for (size_t m = 0; m < good.marks_n; m++)
			for (size_t k = 0; k < COUNT(lies); k++) {
				struct rd r = rd_of(good.v + good.marks[m].at, good.marks[m].width);
				uint64_t was = rd_uint(&r, good.marks[m].width);
				uint64_t now = was + (uint64_t)(int64_t)lies[k];
				struct wr w;

				if (now >> 8 * good.marks[m].width)
					continue;
				f = good;
				w = wr_of(f.v + good.marks[m].at, good.marks[m].width);
				wr_uint(&w, now, good.marks[m].width);
				feed(&a, row->hello, UNTIL_FLIGHT, f.v, good.clear_n, 0, ENDING_CLOSED);
				if (!a.reason)
					fail_msg("%s: length %zu of %llu said %llu and was believed",
					        row->name, m, (unsigned long long)was,
					        (unsigned long long)now);
				answer_free(&a);
				check_altered(row->name, row->hello, f.v, good.w.len, "lie in length", m);
			}
	}
}

static void a_flipped_bit_breaks_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < FLIGHT_ROWS; i++) {
		const struct flight_row *row = &flight_rows[i];
		struct flight_bytes f;

		flight_build(&f, row);
		for (size_t bit = 0; bit < 8 * f.w.len; bit++) {
			f.v[bit / 8] ^= (uint8_t)(1 << bit % 8);
			check_altered(row->name, row->hello, f.v, f.w.len, "bit", bit);
			f.v[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

/* ---- reasons, one by one ---------------------------------------------------------------------- */

struct piece {
	const void *p;
	size_t n;
	unsigned times;
};
#define PIECE(text, times)                                                                                   \
	{                                                                                                    \
		text, sizeof(text) - 1, times                                                                \
	}

static const struct reason_row {
	const char *what;
	const struct hello *hello;
	struct piece piece;
	int end;
	enum answer_kind kind;
	enum reason reason;
} reason_rows[] = {
	{ "nothing, closed", &hello_12, PIECE("", 0), ENDING_CLOSED, ANS_CLOSED, REASON_CLOSED },
	{ "nothing, reset", &hello_12, PIECE("", 0), ENDING_RESET, ANS_RESET, REASON_RESET },
	{ "silence", &hello_12, PIECE("", 0), ENDING_TIMEOUT, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE },
	{ "half a record, silence", &hello_12, PIECE("\x16\3\3", 1), ENDING_TIMEOUT, ANS_TIMEOUT,
	        REASON_TIMEOUT_HANDSHAKE },
	{ "half a record, closed", &hello_12, PIECE("\x16\3\3", 1), ENDING_CLOSED, ANS_MALFORMED,
	        REASON_TRUNCATED },
	{ "HTTP", &hello_12, PIECE("HTTP/1.1 400 Bad Request\r\n\r\n", 1), NEVER, ANS_NOT_TLS,
	        REASON_NOT_TLS },
	{ "SSH", &hello_12, PIECE("SSH-2.0-x\r\n", 1), NEVER, ANS_NOT_TLS, REASON_NOT_TLS },
	{ "a short banner", &hello_12, PIECE("no\r\n", 1), ENDING_CLOSED, ANS_NOT_TLS, REASON_NOT_TLS },
	{ "a prompt", &hello_12, PIECE("> ", 1), ENDING_TIMEOUT, ANS_NOT_TLS, REASON_NOT_TLS },
	{ "one letter", &hello_12, PIECE("x", 1), ENDING_RESET, ANS_NOT_TLS, REASON_NOT_TLS },
	{ "zeros", &hello_12, PIECE("\0\0\0\0\0\0", 1), NEVER, ANS_NOT_TLS, REASON_NOT_TLS },
	{ "fatal alert", &hello_12, PIECE("\x15\3\1\0\2\2\x28", 1), NEVER, ANS_ALERT, REASON_ALERT },
	{ "close_notify", &hello_12, PIECE("\x15\3\1\0\2\1\0", 1), NEVER, ANS_ALERT, REASON_ALERT },
	{ "warning, closed", &hello_12, PIECE("\x15\3\1\0\2\1\x70", 1), ENDING_CLOSED, ANS_ALERT,
	        REASON_ALERT },
	{ "warning, reset", &hello_12, PIECE("\x15\3\1\0\2\1\x70", 1), ENDING_RESET, ANS_RESET,
	        REASON_RESET },
	{ "five warnings, closed", &hello_12, PIECE("\x15\3\1\0\2\1\x70", 5), ENDING_CLOSED, ANS_ALERT,
	        REASON_ALERT },
	{ "six warnings", &hello_12, PIECE("\x15\3\1\0\2\1\x70", 6), NEVER, ANS_LIMIT, REASON_LIMIT_ALERTS },
	{ "an alert of three bytes", &hello_12, PIECE("\x15\3\1\0\3\2\x28\0", 1), NEVER, ANS_MALFORMED,
	        REASON_MALFORMED },
	{ "an alert of one byte", &hello_12, PIECE("\x15\3\1\0\1\2", 1), NEVER, ANS_MALFORMED,
	        REASON_MALFORMED },
	{ "32 empty records, silence", &hello_12, PIECE("\x16\3\1\0\0", 32), ENDING_TIMEOUT, ANS_TIMEOUT,
	        REASON_TIMEOUT_HANDSHAKE },
	{ "33 empty records", &hello_12, PIECE("\x16\3\1\0\0", 33), NEVER, ANS_LIMIT, REASON_LIMIT_RECORDS },
	{ "33 empty alerts", &hello_12, PIECE("\x15\3\1\0\0", 33), NEVER, ANS_LIMIT, REASON_LIMIT_RECORDS },
	{ "4 hello requests, silence", &hello_12, PIECE("\x16\3\1\0\4\0\0\0\0", 4), ENDING_TIMEOUT,
	        ANS_TIMEOUT, REASON_TIMEOUT_HANDSHAKE },
	{ "5 hello requests", &hello_12, PIECE("\x16\3\1\0\4\0\0\0\0", 5), NEVER, ANS_LIMIT,
	        REASON_LIMIT_MESSAGES },
	{ "a ClientHello", &hello_12, PIECE("\x16\3\1\0\4\1\0\0\0", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_UNEXPECTED_MESSAGE },
	{ "a ticket", &hello_12, PIECE("\x16\3\1\0\4\4\0\0\0", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_UNEXPECTED_MESSAGE },
	{ "ServerHelloDone first", &hello_12, PIECE("\x16\3\1\0\4\x0e\0\0\0", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_UNEXPECTED_MESSAGE },
	{ "change cipher spec", &hello_12, PIECE("\x14\3\3\0\1\1", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_UNEXPECTED_MESSAGE },
	{ "application data", &hello_12, PIECE("\x17\3\3\0\1\1", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_UNEXPECTED_MESSAGE },
	{ "a record of 16,385 bytes", &hello_12, PIECE("\x16\3\3\x40\1", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_RECORD_OVERFLOW },
	{ "an alert of 16,385 bytes", &hello_12, PIECE("\x15\3\3\x40\1", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_RECORD_OVERFLOW },
	{ "a certificate of 16 MB announced before any hello", &hello_12,
	        PIECE("\x16\3\3\0\4\x0b\xff\xff\xff", 1), NEVER, ANS_LIMIT, REASON_LIMIT_CERT },
	{ "a ServerHello of 16 MB announced", &hello_12, PIECE("\x16\3\3\0\4\2\xff\xff\xff", 1), NEVER,
	        ANS_LIMIT, REASON_LIMIT_FLIGHT },
	{ "SSL 2 to TLS", &hello_12, PIECE("\x80\3\0\0\1", 1), NEVER, ANS_MALFORMED,
	        REASON_PROTOCOL_VERSION },
	{ "an SSL 2 message of no kind", &hello_ssl2, PIECE("\x80\3\4\0\1", 1), NEVER, ANS_MALFORMED,
	        REASON_MALFORMED },
	{ "TLS to SSL 2", &hello_ssl2, PIECE("\x15\3\1\0\2\2\x46", 1), NEVER, ANS_ALERT, REASON_ALERT },
};

static void each_kind_of_trouble_has_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(reason_rows); i++) {
		const struct reason_row *row = &reason_rows[i];
		uint8_t v[1024];
		size_t n = 0;
		struct answer a;

		for (unsigned k = 0; k < row->piece.times; k++, n += row->piece.n)
			memcpy(v + n, row->piece.p, row->piece.n);
		for (size_t step = 0; step < 2; step++) {
			feed(&a, row->hello, UNTIL_FLIGHT, v, n, step, row->end);
			if (a.kind != row->kind || a.reason != row->reason)
				fail_msg("%s: kind %d, %s", row->what, a.kind, reason_name(a.reason));
			answer_free(&a);
		}
	}
}

/* ---- breaches in good form -------------------------------------------------------------------- */

/* Offsets in a ServerHello without extensions: 5 record, 4 message, then version, random, 33 session id,
 * suite. */
enum { AT_VERSION = 9, AT_SUITE = 76, AT_COMPRESSION = 78 };

static const struct breach {
	const char *what;
	const char *flight;
	size_t at;
	uint16_t value;
	size_t width;
	enum reason reason;
} breaches[] = {
	{ "version 0x03ff", "tls12 rsa", AT_VERSION, 0x03FF, 2, REASON_PROTOCOL_VERSION },
	{ "version 0", "tls12 rsa", AT_VERSION, 0, 2, REASON_PROTOCOL_VERSION },
	{ "TLS 1.3 as legacy version", "tls12 rsa", AT_VERSION, 0x0304, 2, REASON_PROTOCOL_VERSION },
	{ "a version above", "tls10 ecdhe", AT_VERSION, 0x0303, 2, REASON_PROTOCOL_VERSION },
	{ "suite never offered", "tls12 rsa", AT_SUITE, 0xC030, 2, REASON_PROTOCOL_UNOFFERED_SUITE },
	{ "suite 0", "tls12 rsa", AT_SUITE, 0, 2, REASON_PROTOCOL_UNOFFERED_SUITE },
	{ "the renegotiation signal", "ssl3 rsa", AT_SUITE, 0x00FF, 2, REASON_PROTOCOL_UNOFFERED_SUITE },
	{ "compression 2", "tls12 rsa", AT_COMPRESSION, 2, 1, REASON_PROTOCOL_UNOFFERED_COMPRESSION },
	{ "DEFLATE unasked", "ssl3 rsa", AT_COMPRESSION, 1, 1, REASON_PROTOCOL_UNOFFERED_COMPRESSION },
};

static void a_pick_that_was_not_offered_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(breaches); i++) {
		const struct breach *b = &breaches[i];
		const struct flight_row *row = row_named(b->flight);
		struct flight_bytes f;
		struct answer a;
		struct wr w;

		flight_build(&f, row);
		w = wr_of(f.v + b->at, b->width);
		wr_uint(&w, b->value, b->width);
		feed(&a, row->hello, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
		if (a.reason != b->reason || a.kind != ANS_MALFORMED || answer_picked(&a, row->version))
			fail_msg("%s: kind %d, %s", b->what, a.kind, reason_name(a.reason));
		answer_free(&a);
	}
}

/* A ServerHello with these extensions, in TLS 1.2. */
static void read_with_extensions(struct answer *a, const struct hello *h, const void *p, size_t n)
{
	struct flight_bytes f = { 0 };
	struct open_message m;
	struct wr_mark list;

	f.w = wr_of(f.v, sizeof(f.v));
	m = message_open(&f, VER_TLS12, 2);
	hello_start(&f, VER_TLS12, h == &hello_13 ? 0x1301 : 0x002F);
	list = wr_open(&f.w, 2);
	wr_bytes(&f.w, p, n);
	wr_close(&f.w, list);
	message_close(&f, m);
	feed(a, h, UNTIL_HELLO, f.v, f.w.len, 0, NEVER);
}

static const struct extension_row {
	const char *what;
	const struct hello *hello;
	struct piece piece;
	enum reason reason;
	bool stands;
} extension_rows[] = {
	{ "none", &hello_12, PIECE("", 1), REASON_NONE, true },
	{ "one twice", &hello_12, PIECE("\0\x17\0\0\0\x17\0\0", 1), REASON_PROTOCOL_DUPLICATE_EXTENSION,
	        false },
	{ "one unoffered", &hello_12, PIECE("\xbe\xef\0\0", 1), REASON_PROTOCOL_UNOFFERED_EXTENSION, true },
	{ "one longer than the block", &hello_12, PIECE("\0\x17\0\1", 1), REASON_MALFORMED, false },
	{ "half a header", &hello_12, PIECE("\0\x17\0", 1), REASON_MALFORMED, false },
	{ "two protocols", &hello_12, PIECE("\0\x10\0\7\0\5\1h\2h2", 1), REASON_MALFORMED, false },
	{ "a protocol of no bytes", &hello_12, PIECE("\0\x10\0\3\0\1\0", 1), REASON_MALFORMED, false },
	{ "renegotiation info cut", &hello_12, PIECE("\xff\1\0\1\5", 1), REASON_MALFORMED, false },
	{ "timestamps cut", &hello_12, PIECE("\0\x12\0\2\0\1", 1), REASON_MALFORMED, false },
	{ "supported_versions of TLS 1.3 unasked", &hello_12, PIECE("\0\x2b\0\2\3\4", 1),
	        REASON_PROTOCOL_VERSION, false },
	{ "supported_versions cut", &hello_13, PIECE("\0\x2b\0\1\3", 1), REASON_MALFORMED, false },
	{ "TLS 1.2 to TLS 1.3 alone", &hello_13, PIECE("", 1), REASON_PROTOCOL_VERSION, false },
	{ "a share of another group", &hello_13, PIECE("\0\x2b\0\2\3\4\0\x33\0\5\0\x19\0\1x", 1),
	        REASON_PROTOCOL_UNOFFERED_GROUP, false },
	{ "a share cut", &hello_13, PIECE("\0\x2b\0\2\3\4\0\x33\0\4\0\x1d\0\1", 1), REASON_MALFORMED, false },
	{ "a cookie in a ServerHello", &hello_13, PIECE("\0\x2b\0\2\3\4\0\x2c\0\3\0\1c", 1),
	        REASON_PROTOCOL_UNOFFERED_EXTENSION, true },
};

static void extensions_are_held_to_their_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(extension_rows); i++) {
		const struct extension_row *row = &extension_rows[i];
		struct answer a;

		read_with_extensions(&a, row->hello, row->piece.p, row->piece.n);
		if (a.reason != row->reason || (a.kind == ANS_SERVER_HELLO) != row->stands)
			fail_msg("%s: kind %d, %s", row->what, a.kind, reason_name(a.reason));
		answer_free(&a);
	}
}

static void more_extensions_than_fit_are_a_limit(void **state)
{
	uint8_t v[4 * (ANSWER_EXTS_MAX + 1)];
	struct wr w = wr_of(v, sizeof(v));
	struct answer a;

	(void)state;
	for (uint16_t i = 0; i <= ANSWER_EXTS_MAX; i++) {
		wr_u16(&w, (uint16_t)(0xE000 + i));
		wr_u16(&w, 0);
	}
	read_with_extensions(&a, &hello_12, v, w.len);
	assert_int_equal(a.kind, ANS_LIMIT);
	assert_int_equal(a.reason, REASON_LIMIT_MESSAGES);
	answer_free(&a);
}

/* ---- ServerKeyExchange ------------------------------------------------------------------------ */

/* The code of two bytes behind the 0x03 of a named curve, or the scheme: the last place where it stands. */
static void put_after(struct flight_bytes *f, const void *mark, size_t n, size_t ahead, uint16_t value)
{
	for (size_t at = f->w.len - n;; at--) {
		struct wr w;

		assert_true(at > 0);
		if (memcmp(f->v + at, mark, n))
			continue;
		w = wr_of(f->v + at + ahead, 2);
		wr_u16(&w, value);
		return;
	}
}

static void a_curve_that_was_not_offered_takes_the_pick_back(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	flight_build(&f, row_named("tls12 ecdhe"));
	put_after(&f, "\3\0\x1d\x20", 4, 1, 0x0018);
	feed(&a, &hello_12, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
	assert_int_equal(a.reason, REASON_PROTOCOL_UNOFFERED_GROUP);
	assert_int_equal(a.kind, ANS_MALFORMED);
	assert_int_equal(a.group, 0);
	answer_free(&a);
}

static void a_scheme_that_was_not_offered_is_told_and_the_pick_stands(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	flight_build(&f, row_named("tls12 ecdhe"));
	put_after(&f, "\4\1\0\x40\x55", 5, 0, 0x0601);
	feed(&a, &hello_12, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
	assert_int_equal(a.reason, REASON_PROTOCOL_UNOFFERED_SCHEME);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	assert_true(a.hello_done);
	answer_free(&a);
}

static void a_staple_that_was_not_asked_for_has_no_place(void **state)
{
	struct hello h = hello_12;
	struct flight_bytes f;
	struct answer a;

	(void)state;
	h.offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	flight_build(&f, row_named("tls12 ecdhe"));
	feed(&a, &h, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
	assert_int_equal(a.reason, REASON_PROTOCOL_UNEXPECTED_MESSAGE);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	assert_int_equal(a.certs_count, 2);
	answer_free(&a);
}

/* RFC 6961: a response for each certificate, the second empty here; only for who asked so. */
static void write_statuses(struct flight_bytes *f, size_t listed)
{
	struct open_message m = message_open(f, VER_TLS12, 22);

	wr_u8(&f->w, 2);
	wr_u24(&f->w, (uint32_t)(3 + 2 + 3 + 3 + listed));
	flight_vec(f, 3, 0x33, 2);
	flight_vec(f, 3, 0x34, 0);
	flight_vec(f, 3, 0x35, listed);
	message_close(f, m);
}

static void each_certificate_may_have_a_staple_of_its_own(void **state)
{
	static const struct extra v2 = { .code = EXT_STATUS_REQUEST_V2 };

	(void)state;
	for (int asked = 0; asked < 2; asked++) {
		struct flight_bytes f = { 0 };
		struct hello h = hello_12;
		struct answer a;

		f.w = wr_of(f.v, sizeof(f.v));
		h.extra = &v2;
		h.extra_n = (size_t)asked;
		write_server_hello(&f, VER_TLS12, 0xC02F, true);
		write_certificate(&f, VER_TLS12);
		write_statuses(&f, 7);
		write_exchange(&f, VER_TLS12, EX_EC);
		write_done(&f, VER_TLS12);
		feed(&a, &h, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
		assert_int_equal(a.hello_done, asked);
		assert_int_equal(a.staple.n, asked ? 2 : 0);
		assert_int_equal(a.staples_above[0].n, 0);
		assert_int_equal(a.staples_above[1].n, asked ? 7 : 0);
		if (!asked)
			assert_int_equal(a.reason, REASON_PROTOCOL_UNEXPECTED_MESSAGE);
		answer_free(&a);
	}
}

/* ---- order of messages ------------------------------------------------------------------------ */

static void put_message(struct flight_bytes *f, char which)
{
	switch (which) {
	case 'H':
		write_server_hello(f, VER_TLS12, 0xC02F, true);
		break;
	case 'C':
		write_certificate(f, VER_TLS12);
		break;
	case 'S':
		write_status(f, VER_TLS12);
		break;
	case 'K':
		write_exchange(f, VER_TLS12, EX_EC);
		break;
	case 'R':
		write_request(f, VER_TLS12);
		break;
	case 'D':
		write_done(f, VER_TLS12);
		break;
	default:
		message_close(f, message_open(f, VER_TLS12, 0));
	}
}

static const struct {
	const char *messages;
	bool good;
} orders[] = {
	{ "HCSKRD", true },
	{ "HCKD", true },
	{ "HKD", true },
	{ "HD", true },
	{ "HCD", true },
	{ "HCKRD", true },
	{ "HCRD", true },
	{ "qHqCKD", true },
	{ "HHCKD", false },
	{ "HCCKD", false },
	{ "HKCD", false },
	{ "HCKKD", false },
	{ "HCKSD", false },
	{ "HCSSKD", false },
	{ "HCRKD", false },
	{ "HCRRD", false },
	{ "CHKD", false },
	{ "KHCD", false },
	{ "DHCK", false },
	{ "HCKH", false },
};

static void messages_out_of_order_have_no_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(orders); i++) {
		struct flight_bytes f = { 0 };
		struct answer a;

		f.w = wr_of(f.v, sizeof(f.v));
		for (const char *m = orders[i].messages; *m; m++)
			put_message(&f, *m);
		assert_false(f.w.bad);
		feed(&a, &hello_12, UNTIL_FLIGHT, f.v, f.w.len, 0, ENDING_TIMEOUT);
		if (a.reason != (orders[i].good ? REASON_NONE : REASON_PROTOCOL_UNEXPECTED_MESSAGE))
			fail_msg("%s: %s", orders[i].messages, reason_name(a.reason));
		answer_free(&a);
	}
}

/* ---- messages across records ------------------------------------------------------------------ */

/* The handshake bytes of a flight, in records of so many bytes. */
static size_t refragment(const struct flight_bytes *f, size_t most, uint8_t *out, size_t cap)
{
	uint8_t messages[FLIGHT_ROOM];
	struct wr m = wr_of(messages, sizeof(messages)), w = wr_of(out, cap);
	struct rd r = rd_of(f->v, f->w.len);

	while (rd_left(&r)) {
		struct rd body;

		rd_take(&r, 3);
		body = rd_vec(&r, 2);
		wr_bytes(&m, rd_rest(&body).p, rd_left(&body));
	}
	for (size_t at = 0; at < m.len; at += most) {
		size_t n = m.len - at < most ? m.len - at : most;

		wr_bytes(&w, "\x16\3\3", 3);
		wr_u16(&w, (uint16_t)n);
		wr_bytes(&w, messages + at, n);
	}
	require(!w.bad && !m.bad);
	return w.len;
}

static void records_need_not_follow_messages(void **state)
{
	static uint8_t out[8 * FLIGHT_ROOM];
	static const size_t sizes[] = { 1, 2, 3, 4, 5, 100, 4000 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct flight_bytes f;
		struct answer a, b;
		size_t n;

		read_row(&a, &f, row_named("tls12 ecdhe"));
		n = refragment(&f, sizes[i], out, sizeof(out));
		feed(&b, &hello_12, UNTIL_FLIGHT, out, n, 0, NEVER);
		assert_true(answers_same(&a, &b));
		answer_free(&a);
		answer_free(&b);
	}
}

/* ---- limits ----------------------------------------------------------------------------------- */

/* A sound ServerHello, then this message type of so many announced bytes. */
static void read_announced(struct answer *a, uint8_t type, uint32_t n)
{
	struct flight_bytes f = { 0 };

	f.w = wr_of(f.v, sizeof(f.v));
	write_server_hello(&f, VER_TLS12, 0xC02F, true);
	wr_bytes(&f.w, "\x16\3\3\0\4", 5);
	wr_u8(&f.w, type);
	wr_u24(&f.w, n);
	feed(a, &hello_12, UNTIL_FLIGHT, f.v, f.w.len, 0, NEVER);
}

static const struct {
	const char *what;
	uint8_t type;
	uint32_t n;
	enum reason reason;
} announced[] = {
	{ "16 MB of certificates", 11, 0xFFFFFF, REASON_LIMIT_CERT },
	{ "one byte of certificates too many", 11, ANSWER_CERT_MAX + 1, REASON_LIMIT_CERT },
	{ "a staple of 15 MB", 22, 15 << 20, REASON_LIMIT_STAPLE },
	{ "a key exchange of 16 MB", 12, 0xFFFFFF, REASON_LIMIT_FLIGHT },
};

static void what_is_too_large_is_told_from_its_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(announced); i++) {
		struct answer a;

		read_announced(&a, announced[i].type, announced[i].n);
		if (a.reason != announced[i].reason || a.kind != ANS_SERVER_HELLO || !a.done)
			fail_msg("%s: %s", announced[i].what, reason_name(a.reason));
		assert_int_equal(a.offset, announced[i].n);
		assert_true(a.flight.cap < 4096 && a.pending.cap < 4096);
		answer_free(&a);
	}
}

static void a_chain_of_15000_is_cut_and_its_leaf_kept(void **state)
{
	enum { MANY = 15000, ONE = 3 + 10 };
	static uint8_t v[FLIGHT_ROOM + MANY * (ONE + 5)];
	struct flight_bytes f = { 0 };
	struct answer a;
	struct wr w = wr_of(v, sizeof(v));
	uint32_t body = MANY * ONE;

	(void)state;
	f.w = wr_of(f.v, sizeof(f.v));
	write_server_hello(&f, VER_TLS12, 0xC02F, true);
	wr_bytes(&w, f.v, f.w.len);
	wr_bytes(&w, "\x16\3\3\0\7\x0b", 6);
	wr_u24(&w, body + 3);
	wr_u24(&w, body);
	for (uint32_t i = 0; i < MANY; i++) {
		wr_bytes(&w, "\x16\3\3\0\x0d\0\0\x0a", 8);
		wr_bytes(&w, i ? "0123456789" : "leafleafle", 10);
	}
	require(!w.bad);
	feed(&a, &hello_12, UNTIL_FLIGHT, v, w.len, 0, NEVER);
	assert_int_equal(a.reason, REASON_LIMIT_CHAIN);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	assert_int_equal(a.certs_count, ANSWER_CHAIN_MAX);
	assert_memory_equal(answer_bytes(&a, a.certs[0]).p, "leafleafle", 10);
	answer_free(&a);
}

static void records_of_one_byte_work_up_to_a_limit(void **state)
{
	static const uint8_t one[] = { 22, 3, 3, 0, 1, 2 };
	struct answer a;
	size_t n = 0;

	(void)state;
	answer_init(&a, &hello_12, UNTIL_FLIGHT);
	/* a ServerHello of 40,000 bytes, drop by drop */
	answer_feed(&a, "\x16\3\3\0\4\2\0\x9c\x40", 9);
	while (!answer_feed(&a, one, sizeof(one)))
		assert_true(++n <= ANSWER_RECORDS_MAX);
	assert_int_equal(a.reason, REASON_LIMIT_RECORDS);
	assert_int_equal(n + 2, ANSWER_RECORDS_MAX + 1);
	answer_free(&a);
}

static void no_more_is_kept_than_the_flight_may_have(void **state)
{
	static uint8_t record[5 + (1 << 14)] = { 22, 3, 3, 0x40, 0 };
	struct flight_bytes f = { 0 };
	struct answer a;
	size_t fed = 0;

	(void)state;
	f.w = wr_of(f.v, sizeof(f.v));
	write_server_hello(&f, VER_TLS12, 0xC02F, true);
	wr_bytes(&f.w, "\x16\3\3\0\4\x0b", 6);
	wr_u24(&f.w, ANSWER_CERT_MAX);
	answer_init(&a, &hello_12, UNTIL_FLIGHT);
	assert_false(answer_feed(&a, f.v, f.w.len));
	while (!answer_feed(&a, record, sizeof(record)))
		fed += sizeof(record);
	assert_int_equal(a.reason, REASON_LIMIT_FLIGHT);
	assert_true(fed <= ANSWER_FLIGHT_MAX + 16 * 5);
	assert_true(a.flight.cap <= 2 * ANSWER_FLIGHT_MAX);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	answer_free(&a);
}

/* ---- small promises --------------------------------------------------------------------------- */

static void what_comes_behind_the_end_is_ignored(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	read_row(&a, &f, row_named("tls12 rsa"));
	assert_true(answer_feed(&a, "garbage", 7));
	answer_end(&a, ENDING_RESET);
	assert_int_equal(a.reason, REASON_NONE);
	assert_int_equal(a.kind, ANS_SERVER_HELLO);
	answer_free(&a);
}

static void a_banner_is_kept_for_whoever_shows_it(void **state)
{
	struct answer a;

	(void)state;
	feed(&a, &hello_12, UNTIL_FLIGHT, (const uint8_t *)"HTTP/1.1 400", 12, 0, NEVER);
	assert_int_equal(a.pending.n, 12);
	assert_memory_equal(a.pending.v, "HTTP/1.1 400", 12);
	answer_free(&a);
	assert_null(a.pending.v);
}

static void another_version_is_a_refusal(void **state)
{
	struct flight_bytes f;
	struct answer a;

	(void)state;
	read_row(&a, &f, row_named("ssl3 answer to tls12"));
	assert_true(answer_refused(&a));
	assert_false(answer_picked(&a, VER_TLS12));
	assert_true(answer_picked(&a, VER_SSL3));
	answer_free(&a);
}

/* With ANSWER_CORPUS=directory: writes the flights as seeds for the fuzz target (its first bytes choose the
 * hello). */
static void seeds_can_be_written(void **state)
{
	static const struct hello *const hellos[] = { &hello_12, &hello_10, &hello_ssl3, &hello_13,
		&hello_ssl2 };
	const char *directory = getenv("ANSWER_CORPUS");

	(void)state;
	for (size_t i = 0; directory && i < FLIGHT_ROWS; i++) {
		struct flight_bytes f;
		char path[512];
		FILE *out;
		size_t h = 0;

		while (hellos[h] != flight_rows[i].hello)
			h++;
		flight_build(&f, &flight_rows[i]);
		snprintf(path, sizeof(path), "%s/%02zu", directory, i);
		out = fopen(path, "wb");
		assert_non_null(out);
		fputc((int)h, out);
		fputc(1, out);
		fputc(0, out);
		fwrite(f.v, 1, f.w.len, out);
		fclose(out);
	}
}

/* What people read names the size that the code holds. */
static void a_limit_is_told_with_its_size(void **state)
{
	char kib[32], staple[32], certificates[32];

	(void)state;
	snprintf(kib, sizeof kib, "limit of %d KiB", (ANSWER_CERT_MAX + 4) / 1024);
	snprintf(staple, sizeof staple, "limit of %d KiB", ANSWER_STAPLE_MAX / 1024);
	snprintf(certificates, sizeof certificates, "limit of %d", ANSWER_CHAIN_MAX);
	assert_non_null(strstr(reason_sentence(REASON_LIMIT_CERT), kib));
	assert_non_null(strstr(reason_sentence(REASON_LIMIT_STAPLE), staple));
	assert_non_null(strstr(reason_sentence(REASON_LIMIT_CHAIN), certificates));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_told_with_its_size),
		cmocka_unit_test(every_sound_flight_is_read_whole),
		cmocka_unit_test(the_fields_of_a_hello_are_told),
		cmocka_unit_test(moduli_of_dhe_and_export_rsa_are_told),
		cmocka_unit_test(a_retry_and_a_hello_of_tls_13_name_suite_and_group),
		cmocka_unit_test(ssl2_lists_its_kinds),
		cmocka_unit_test(until_hello_stops_at_the_hello),
		cmocka_unit_test(how_bytes_are_split_changes_nothing),
		cmocka_unit_test(an_end_at_every_byte_is_told),
		cmocka_unit_test(a_lie_in_every_length_is_noticed),
		cmocka_unit_test(a_flipped_bit_breaks_nothing),
		cmocka_unit_test(each_kind_of_trouble_has_its_reason),
		cmocka_unit_test(a_pick_that_was_not_offered_is_none),
		cmocka_unit_test(extensions_are_held_to_their_rules),
		cmocka_unit_test(more_extensions_than_fit_are_a_limit),
		cmocka_unit_test(a_curve_that_was_not_offered_takes_the_pick_back),
		cmocka_unit_test(a_scheme_that_was_not_offered_is_told_and_the_pick_stands),
		cmocka_unit_test(a_staple_that_was_not_asked_for_has_no_place),
		cmocka_unit_test(each_certificate_may_have_a_staple_of_its_own),
		cmocka_unit_test(messages_out_of_order_have_no_place),
		cmocka_unit_test(records_need_not_follow_messages),
		cmocka_unit_test(what_is_too_large_is_told_from_its_header),
		cmocka_unit_test(a_chain_of_15000_is_cut_and_its_leaf_kept),
		cmocka_unit_test(records_of_one_byte_work_up_to_a_limit),
		cmocka_unit_test(no_more_is_kept_than_the_flight_may_have),
		cmocka_unit_test(what_comes_behind_the_end_is_ignored),
		cmocka_unit_test(a_banner_is_kept_for_whoever_shows_it),
		cmocka_unit_test(another_version_is_a_refusal),
		cmocka_unit_test(seeds_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
