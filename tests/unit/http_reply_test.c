/* Whole HTTP responses: every way to tell where the body ends, every breach, and every split of the bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "scanner/base/http_reply.h"

enum { MAX = 20 };

#define OK "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

static const struct row {
	const char *bytes;
	enum reply_state state;
	unsigned status;
	const char *body;
} rows[] = {
	{ OK "Content-Length: 5\r\n\r\nhello", REPLY_WHOLE, 200, "hello" },
	{ OK "Content-Length: 5\r\n\r\nhello and more", REPLY_WHOLE, 200, "hello" },
	{ OK "Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello", REPLY_WHOLE, 200, "hello" },
	{ OK "Content-Length: 0\r\n\r\n", REPLY_WHOLE, 200, "" },
	{ OK "\r\nhello", REPLY_WHOLE, 200, "hello" },
	{ OK "\r\n", REPLY_WHOLE, 200, "" },
	{ "HTTP/1.0 200 OK\nContent-Length: 5\n\nhello", REPLY_WHOLE, 200, "hello" },
	{ "HTTP/1.1 100 Go on\r\n\r\n" OK "Content-Length: 2\r\n\r\nhi", REPLY_WHOLE, 200, "hi" },
	{ CHUNKED "5\r\nhello\r\n0\r\n\r\n", REPLY_WHOLE, 200, "hello" },
	{ CHUNKED "2;x=y\r\nhe\r\n3 \r\nllo\r\n00\r\nX: y\r\n\r\n", REPLY_WHOLE, 200, "hello" },
	{ CHUNKED "A\n0123456789\n0\n\n", REPLY_WHOLE, 200, "0123456789" },
	/* RFC 9112 section 6.3: the coding counts, not the length. */
	{ OK "Content-Length: 9\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", REPLY_WHOLE, 200, "x" },
	{ "HTTP/1.1 404 No\r\nContent-Length: 99999999\r\n\r\n", REPLY_WHOLE, 404, "" },
	{ "HTTP/1.1 304 Same\r\n\r\n", REPLY_WHOLE, 304, "" },
	{ OK "Content-Length: 20\r\n\r\n01234567890123456789", REPLY_WHOLE, 200, "01234567890123456789" },
	{ OK "Content-Length: 21\r\n\r\n", REPLY_TOO_LARGE, 200, "" },
	{ OK "Content-Length: 99999999999999999999999999\r\n\r\n", REPLY_TOO_LARGE, 200, "" },
	{ CHUNKED "15\r\n", REPLY_TOO_LARGE, 200, "" },
	{ CHUNKED "ffffffffffffff\r\n", REPLY_TOO_LARGE, 200, "" },
	{ CHUNKED "12\r\n012345678901234567\r\n3\r\n", REPLY_TOO_LARGE, 200, "012345678901234567" },
	{ OK "Content-Length: 5\r\n\r\nhell", REPLY_TRUNCATED, 200, "hell" },
	{ CHUNKED "5\r\nhel", REPLY_TRUNCATED, 200, "hel" },
	{ CHUNKED "5\r\nhello\r\n", REPLY_TRUNCATED, 200, "hello" },
	{ CHUNKED "5\r\nhello\r\n0\r\n", REPLY_TRUNCATED, 200, "hello" },
	{ "HTTP/1.1 200 OK\r\nX: y\r\n", REPLY_TRUNCATED, 0, "" },
	{ "HTTP/1.1", REPLY_TRUNCATED, 0, "" },
	{ "", REPLY_TRUNCATED, 0, "" },
	{ "SSH-2.0-x\r\n", REPLY_MALFORMED, 0, "" },
	{ OK "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", REPLY_MALFORMED, 200, "" },
	{ OK "Content-Length: -5\r\n\r\nhello", REPLY_MALFORMED, 200, "" },
	{ OK "Content-Length:\r\n\r\nhello", REPLY_MALFORMED, 200, "" },
	{ OK "Transfer-Encoding: gzip, chunked\r\n\r\n", REPLY_MALFORMED, 200, "" },
	{ OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", REPLY_MALFORMED, 200, "" },
	{ CHUNKED "\r\n", REPLY_MALFORMED, 200, "" },
	{ CHUNKED "x\r\n", REPLY_MALFORMED, 200, "" },
	{ CHUNKED "5x\r\n", REPLY_MALFORMED, 200, "" },
	{ CHUNKED "0000000000000000000001\r\n", REPLY_MALFORMED, 200, "" },
	{ CHUNKED "2\r\nhello\r\n", REPLY_MALFORMED, 200, "he" },
};

static void hold(const struct row *row, const struct http_reply *r, size_t split)
{
	if (r->state != row->state || r->status != row->status || strcmp(text_str(&r->body), row->body))
		fail_msg("split at %zu: %s: state %d, status %u, body \"%s\"", split, row->bytes, (int)r->state, r->status,
		        text_str(&r->body));
}

static void how_it_is_split_changes_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t n = strlen(rows[i].bytes);

		for (size_t split = 0; split <= n; split++) {
			struct http_reply r = { .max = MAX };

			http_reply_feed(&r, (const uint8_t *)rows[i].bytes, split);
			http_reply_feed(&r, (const uint8_t *)rows[i].bytes + split, n - split);
			http_reply_close(&r);
			hold(&rows[i], &r, split);
			http_reply_free(&r);
		}
	}
}

static void byte_by_byte_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct http_reply r = { .max = MAX };

		for (const char *p = rows[i].bytes; *p; p++)
			http_reply_feed(&r, (const uint8_t *)p, 1);
		http_reply_close(&r);
		hold(&rows[i], &r, 1);
		http_reply_free(&r);
	}
}

static void a_redirect_says_where_to(void **state)
{
	static const char bytes[] = "HTTP/1.1 302 Found\r\nLocation:  /x?y \r\n\r\n";
	struct http_reply r = { .max = MAX };

	(void)state;
	assert_true(http_reply_feed(&r, (const uint8_t *)bytes, sizeof bytes - 1));
	assert_int_equal(r.status, 302);
	assert_true(r.has_location);
	assert_int_equal(r.location_n, 4);
	assert_memory_equal(r.location, "/x?y", 4);
	http_reply_free(&r);
}

/* Without an end: fields, interim responses, bytes without a line, trailers, a body. */
static void nothing_endless_is_read_for_ever(void **state)
{
	static const struct {
		const char *begin, *again;
		enum reply_state state;
	} endless[] = {
		{ OK, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n", REPLY_TOO_LARGE },
		{ OK, "X:\r\n", REPLY_TOO_LARGE },
		{ OK, "\x01\r\n", REPLY_TOO_LARGE },
		{ OK "X: ", "y", REPLY_TOO_LARGE },
		{ "", "HTTP/1.1 100 Go on\r\n\r\n", REPLY_TOO_LARGE },
		{ OK "\r\n", "hello", REPLY_TOO_LARGE },
		{ CHUNKED, "1\r\nx\r\n", REPLY_TOO_LARGE },
		{ CHUNKED "1;", "x", REPLY_MALFORMED },
		{ CHUNKED "1\r\nx", "y", REPLY_MALFORMED },
		{ CHUNKED "0\r\n", "X: y\r\n", REPLY_TOO_LARGE },
		{ CHUNKED "0\r\n", "y", REPLY_TOO_LARGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
		struct http_reply r = { .max = MAX };
		size_t turns = 0;

		http_reply_feed(&r, (const uint8_t *)endless[i].begin, strlen(endless[i].begin));
		while (!http_reply_feed(&r, (const uint8_t *)endless[i].again, strlen(endless[i].again)))
			assert_true(turns++ < 2 * REPLY_HEAD_MAX);
		if (r.state != endless[i].state)
			fail_msg("row %zu: state %d", i, (int)r.state);
		http_reply_free(&r);
	}
}

static void a_head_at_its_limit_is_the_same_however_it_came(void **state)
{
	static char bytes[REPLY_HEAD_MAX + 64];
	size_t n;

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct http_reply once = { .max = MAX }, twice = { .max = MAX };

		memset(bytes, 'y', sizeof bytes);
		memcpy(bytes, OK "X: ", sizeof OK + 2);
		n = REPLY_HEAD_MAX + over;
		memcpy(bytes + n - 4, "\r\n\r\n", 4);
		http_reply_feed(&once, (uint8_t *)bytes, n);
		http_reply_feed(&twice, (uint8_t *)bytes, 1000);
		http_reply_feed(&twice, (uint8_t *)bytes + 1000, n - 1000);
		assert_int_equal(once.state, over ? REPLY_TOO_LARGE : REPLY_PART);
		assert_int_equal(twice.state, once.state);
		http_reply_free(&once);
		http_reply_free(&twice);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_it_is_split_changes_nothing),
		cmocka_unit_test(byte_by_byte_is_the_same),
		cmocka_unit_test(a_redirect_says_where_to),
		cmocka_unit_test(nothing_endless_is_read_for_ever),
		cmocka_unit_test(a_head_at_its_limit_is_the_same_however_it_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
