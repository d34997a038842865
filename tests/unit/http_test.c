#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/http.h"
#include "scanner/base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SPAN(s) ((struct span){ (const uint8_t *)(s), sizeof(s) - 1 })

static struct http_head head;

static enum http_kind read_text(const char *s)
{
	return http_read((struct span){ (const uint8_t *)s, strlen(s) }, &head);
}

static void a_head_is_its_status_and_its_fields(void **state)
{
	static const char response[] = "HTTP/1.1 301 Moved\r\nServer:  a b \t\r\nX-Empty:\r\nserver: second\r\n\r\nbody: x\r\n\r\n";
	struct arena a = { 0 };
	const struct http_field *f;

	(void)state;
	assert_int_equal(read_text(response), HTTP_WHOLE);
	assert_int_equal(head.status, 301);
	assert_int_equal(head.fields_n, 3);
	assert_int_equal(head.bytes, strlen(response) - strlen("body: x\r\n\r\n"));
	f = http_field(&head, "SERVER", NULL);
	assert_string_equal(http_value(&a, f, 100), "a b");
	f = http_field(&head, "Server", f);
	assert_string_equal(http_value(&a, f, 100), "second");
	assert_null(http_field(&head, "Server", f));
	assert_string_equal(http_value(&a, http_field(&head, "x-empty", NULL), 100), "");
	assert_null(http_field(&head, "body", NULL));
	assert_null(http_field(&head, "Serve", NULL));
	assert_string_equal(http_values(&a, &head, "server", 100), "a b, second");
	assert_null(http_values(&a, &head, "via", 100));
	arena_free(&a);
}

static const struct {
	const char *bytes;
	enum http_kind kind;
	unsigned status;
} kinds[] = {
	{ "", HTTP_PART, 0 },
	{ "H", HTTP_PART, 0 },
	{ "HTTP/1.1 20", HTTP_PART, 0 },
	{ "HTTP/1.1 200 OK\r\nA: b\r\n\r", HTTP_PART, 0 },
	{ "HTTP/1.1 200 OK\r\n\r\n", HTTP_WHOLE, 200 },
	{ "HTTP/1.0 200\r\n\r\n", HTTP_WHOLE, 200 },
	{ "HTTP/1.1 200 \n\n", HTTP_WHOLE, 200 },
	{ "HTTP/1.1 999 Request denied\r\n\r\n", HTTP_WHOLE, 999 },
	{ "HTTP/1.1 2000 OK\r\n\r\n", HTTP_NONE, 0 },
	{ "HTTP/1.1 099 OK\r\n\r\n", HTTP_NONE, 0 },
	{ "HTTP/1.1 OK\r\n\r\n", HTTP_NONE, 0 },
	{ "http/1.1 200 OK\r\n\r\n", HTTP_NONE, 0 },
	{ "220 mail ESMTP\r\n", HTTP_NONE, 0 },
	{ "\r\nHTTP/1.1 200 OK\r\n\r\n", HTTP_NONE, 0 },
	{ "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", HTTP_PART, 0 },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nA: b\r\n\r\n", HTTP_WHOLE, 404 },
	{ "HTTP/1.1 100 Continue\r\n\r\nSSH-2.0", HTTP_NONE, 0 },
	{ "HTTP/1.1 101 Switching Protocols\r\n\r\n", HTTP_WHOLE, 101 },
};

static void bytes_are_one_of_four_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (read_text(kinds[i].bytes) != kinds[i].kind || head.status != kinds[i].status)
			fail_msg("row %zu: kind %d, status %u", i, read_text(kinds[i].bytes), head.status);
}

/* Fields of an interim response are not those of the response. */
static void hints_before_the_response_are_not_its_fields(void **state)
{
	(void)state;
	assert_int_equal(read_text("HTTP/1.1 103 Hints\r\nA: 1\r\nB: 2\r\n\r\nHTTP/1.1 200 OK\r\nC: 3\r\n\r\n"), HTTP_WHOLE);
	assert_int_equal(head.fields_n, 1);
	assert_null(http_field(&head, "A", NULL));
	assert_non_null(http_field(&head, "C", NULL));
}

static void a_folded_value_is_one_line(void **state)
{
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(read_text("HTTP/1.1 200 OK\r\n folded into nothing\r\nA: one \r\n\t two\r\n   \r\n three\r\nB: c\r\n\r\n"),
		HTTP_WHOLE);
	assert_int_equal(head.fields_n, 2);
	assert_int_equal(head.odd, 1);
	assert_string_equal(http_value(&a, http_field(&head, "A", NULL), 100), "one two three");
	assert_string_equal(http_value(&a, http_field(&head, "B", NULL), 100), "c");
	arena_free(&a);
}

static void lines_that_are_no_field_are_counted_and_passed_over(void **state)
{
	(void)state;
	assert_int_equal(read_text("HTTP/1.1 200 OK\r\nno colon\r\n: no name\r\nA : blank before\r\nB\x01: c\r\n  fold of none\r\n"
				   "Good: yes\r\n\r\n"), HTTP_WHOLE);
	assert_int_equal(head.fields_n, 1);
	assert_int_equal(head.odd, 5);
	assert_non_null(http_field(&head, "good", NULL));
}

static void what_a_peer_puts_into_a_value_becomes_valid_text(void **state)
{
	static const char response[] = "HTTP/1.1 200 OK\r\nA: a\0b\xFF\x1b[31m\rc\r\n\r\n";
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(http_read(SPAN(response), &head), HTTP_WHOLE);
	assert_string_equal(http_value(&a, &head.fields[0], 100), "a\xef\xbf\xbd" "b\xef\xbf\xbd\x1b[31m\rc");
	assert_int_equal(strlen(http_value(&a, &head.fields[0], 2)), 1 + 3 + 3); /* a, U+FFFD, an ellipsis */
	arena_free(&a);
}

static void fill(struct text *t, size_t fields, size_t value)
{
	text_add(t, "HTTP/1.1 200 OK\r\n");
	for (size_t i = 0; i < fields; i++) {
		text_add(t, "A: ");
		for (size_t k = 0; k < value; k++)
			text_char(t, 'x');
		text_add(t, "\r\n");
	}
	text_add(t, "\r\n");
}

static enum http_kind read_filled(size_t fields, size_t value)
{
	struct text t = { 0 };
	enum http_kind kind;

	fill(&t, fields, value);
	kind = read_text(t.s);
	text_free(&t);
	return kind;
}

static void a_head_has_its_limits(void **state)
{
	struct text t = { 0 };

	(void)state;
	assert_int_equal(read_filled(HTTP_FIELDS_MAX, 1), HTTP_WHOLE);
	assert_int_equal(read_filled(HTTP_FIELDS_MAX + 1, 1), HTTP_LIMIT);
	assert_int_equal(head.fields_n, 0);
	assert_int_equal(read_filled(1, HTTP_HEAD_MAX - 24), HTTP_WHOLE); /* to the byte */
	assert_int_equal(head.bytes, HTTP_HEAD_MAX);
	assert_int_equal(read_filled(1, HTTP_HEAD_MAX - 23), HTTP_LIMIT);
	for (int i = 0; i <= HTTP_INTERIM_MAX; i++)
		text_add(&t, "HTTP/1.1 100 Continue\r\n\r\n");
	text_add(&t, "HTTP/1.1 200 OK\r\n\r\n");
	assert_int_equal(read_text(t.s), HTTP_LIMIT);
	assert_int_equal(read_text(t.s + strlen("HTTP/1.1 100 Continue\r\n\r\n")), HTTP_WHOLE);
	text_free(&t);
}

/* However it is cut, what came so far is a part; and what follows the head changes nothing. */
static void more_bytes_never_change_what_was_whole(void **state)
{
	static const char response[] = "HTTP/1.1 103 Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\nA: 1\r\n 2\r\nB: 3\r\n\r\n"
				       "HTTP/1.1 500 body\r\nC: 4\r\n\r\n";
	size_t whole = (size_t)(strstr(response, "B: 3") + 8 - response);

	(void)state;
	for (size_t n = 0; n < sizeof response; n++) {
		enum http_kind kind = http_read((struct span){ (const uint8_t *)response, n }, &head);

		if (kind != (n < whole ? HTTP_PART : HTTP_WHOLE))
			fail_msg("%zu bytes: kind %d", n, kind);
		assert_int_equal(head.status, n < whole ? head.status : 200);
		assert_int_equal(head.fields_n, n < whole ? 0 : 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_its_status_and_its_fields),
		cmocka_unit_test(bytes_are_one_of_four_kinds),
		cmocka_unit_test(hints_before_the_response_are_not_its_fields),
		cmocka_unit_test(a_folded_value_is_one_line),
		cmocka_unit_test(lines_that_are_no_field_are_counted_and_passed_over),
		cmocka_unit_test(what_a_peer_puts_into_a_value_becomes_valid_text),
		cmocka_unit_test(a_head_has_its_limits),
		cmocka_unit_test(more_bytes_never_change_what_was_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
