#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/capture.h"
#include "scanner/tls/client_read.h"
#include "tests/unit/sample_capture.h"
#include "tests/unit/sample_hello.h"

enum { RAW_IP = 101 };

/* ---- capture files ------------------------------------------------------------------------------------------------------ */

enum kind { PCAP_BIG, PCAP_LITTLE, PCAP_NANO, NG_BIG, NG_LITTLE, NG_OLD, NG_SIMPLE, KINDS };

static uint8_t bytes[1 << 20];
static struct wr file;
static enum kind kind;

static bool is_little(void)
{
	return kind == PCAP_LITTLE || kind == NG_LITTLE;
}

static void number(uint32_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		wr_u8(&file, (uint8_t)(v >> 8 * (is_little() ? i : width - 1 - i)));
}

static void block(uint32_t type, struct span body)
{
	size_t padding = (4 - body.n % 4) % 4;
	uint32_t n = (uint32_t)(12 + body.n + padding);

	number(type, 4);
	number(n, 4);
	wr_bytes(&file, body.p, body.n);
	wr_zero(&file, padding);
	number(n, 4);
}

static void open_pcap(uint32_t link)
{
	number(kind == PCAP_NANO ? 0xA1B23C4D : 0xA1B2C3D4, 4);
	number(2, 2);
	number(4, 2);
	number(0, 4);
	number(0, 4);
	number(65535, 4);
	number(link, 4);
}

static void open_ng(uint32_t link)
{
	number(0x0A0D0D0A, 4);
	number(28, 4);
	number(0x1A2B3C4D, 4);
	number(1, 2);
	number(0, 2);
	number(UINT32_MAX, 4);
	number(UINT32_MAX, 4);
	number(28, 4);
	block(0x0BAD, (struct span){ NULL, 0 }); /* of a kind that nobody knows */
	number(1, 4);
	number(20, 4);
	number(link, 2);
	number(0, 2);
	number(0, 4);
	number(20, 4);
}

static void open_file(enum kind k, uint32_t link)
{
	kind = k;
	file = wr_of(bytes, sizeof bytes);
	if (k < NG_BIG)
		open_pcap(link);
	else
		open_ng(link);
}

static void add_pcap(struct span frame)
{
	number(1, 4);
	number(2, 4);
	number((uint32_t)frame.n, 4);
	number((uint32_t)frame.n, 4);
	wr_bytes(&file, frame.p, frame.n);
}

static void add_ng(struct span frame)
{
	size_t padding = (4 - frame.n % 4) % 4, head = kind == NG_SIMPLE ? 4 : 20;
	uint32_t n = (uint32_t)(12 + head + frame.n + padding);

	number(kind == NG_SIMPLE ? 3 : kind == NG_OLD ? 2 : 6, 4);
	number(n, 4);
	if (kind == NG_SIMPLE) {
		number((uint32_t)frame.n, 4);
	} else {
		number(0, kind == NG_OLD ? 2 : 4);
		if (kind == NG_OLD)
			number(0, 2);
		number(1, 4);
		number(2, 4);
		number((uint32_t)frame.n, 4);
		number((uint32_t)frame.n, 4);
	}
	wr_bytes(&file, frame.p, frame.n);
	wr_zero(&file, padding);
	number(n, 4);
}

static void add(uint16_t port, uint32_t sequence, const void *p, size_t n)
{
	uint8_t frame[1024];
	struct wr w = wr_of(frame, sizeof frame);

	frame_ipv4(&w, port, sequence, (struct span){ p, n });
	assert_false(w.bad);
	if (kind < NG_BIG)
		add_pcap((struct span){ frame, w.len });
	else
		add_ng((struct span){ frame, w.len });
	assert_false(file.bad);
}

/* A part of the sample, in a stream that begins at `sequence`. */
static void add_part(uint32_t sequence, size_t from, size_t to)
{
	add(443, sequence + (uint32_t)from, sample_hello + from, to - from);
}

static const char *result(struct span whole, struct arena *a)
{
	const char *why;
	struct span got;

	assert_true(capture_is(whole));
	got = capture_hello(whole, a, &why);
	if (why) {
		assert_int_equal(got.n, 0);
		return why;
	}
	assert_true(got.n >= sizeof sample_hello);
	assert_memory_equal(got.p, sample_hello, sizeof sample_hello);
	return NULL;
}

static struct span written(void)
{
	return (struct span){ file.buf, file.len };
}

static void expect_found(void)
{
	struct arena a = { 0 };

	assert_null(result(written(), &a));
	arena_free(&a);
}

static void expect_none(const char *part)
{
	struct arena a = { 0 };
	const char *why = result(written(), &a);

	assert_non_null(why);
	assert_non_null(strstr(why, part));
	arena_free(&a);
}

/* ---- files ---------------------------------------------------------------------------------------------------------------- */

static void every_kind_of_file_is_read(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KINDS; k++) {
		open_file(k, RAW_IP);
		add(80, 1, "GET / HTTP/1.1\r\n", 16);
		add_part(9, 0, sizeof sample_hello);
		expect_found();
	}
}

static void a_file_that_is_cut_anywhere_has_none(void **state)
{
	(void)state;
	for (enum kind k = 0; k < KINDS; k++) {
		size_t before;

		open_file(k, RAW_IP);
		before = file.len;
		add_part(9, 0, 100);
		add_part(9, 100, sizeof sample_hello);
		for (size_t n = 4; n + 8 < file.len; n++) { /* padding and the length again may be gone */
			struct arena a = { 0 };
			struct span cut = { bytes, n };
			const char *why = result(cut, &a);

			assert_non_null(why);
			assert_true(n > before || !strstr(why, "not whole"));
			arena_free(&a);
		}
		expect_found();
	}
}

static void what_is_no_capture_does_not_begin_as_one(void **state)
{
	(void)state;
	assert_false(capture_is((struct span){ (const uint8_t *)"\xA1\xB2\xC3", 3 }));
	assert_false(capture_is((struct span){ (const uint8_t *)"1603010200", 10 }));
	assert_false(capture_is((struct span){ NULL, 0 }));
}

static void a_link_that_is_not_read_is_said(void **state)
{
	(void)state;
	for (enum kind k = PCAP_BIG; k <= NG_BIG; k += NG_BIG) {
		open_file(k, 105); /* IEEE 802.11 */
		add_part(9, 0, sizeof sample_hello);
		expect_none("links of a type");
		open_file(k, RAW_IP);
		add(80, 1, "GET /", 5);
		expect_none("no ClientHello over TCP");
	}
}

static void a_block_of_no_length_ends_the_file(void **state)
{
	(void)state;
	open_file(NG_BIG, RAW_IP);
	number(6, 4);
	number(8, 4);
	add_part(9, 0, sizeof sample_hello);
	expect_none("no ClientHello");
}

/* ---- streams ------------------------------------------------------------------------------------------------------------ */

static void a_hello_in_two_segments_is_put_together_wherever_it_is_cut(void **state)
{
	(void)state;
	for (size_t at = 1; at < sizeof sample_hello; at++)
		for (int swapped = 0; swapped < 2; swapped++) {
			open_file(PCAP_LITTLE, RAW_IP);
			add_part(UINT32_MAX - 20, swapped ? at : 0, swapped ? sizeof sample_hello : at);
			add_part(UINT32_MAX - 20, swapped ? 0 : at, swapped ? at : sizeof sample_hello);
			expect_found();
		}
}

static void a_hello_in_single_bytes_is_put_together(void **state)
{
	(void)state;
	open_file(PCAP_BIG, RAW_IP);
	for (size_t i = 0; i < sizeof sample_hello; i++)
		add_part(5, i, i + 1);
	expect_found();
}

static void what_was_sent_again_changes_nothing(void **state)
{
	static const uint8_t other[80] = { 0 };

	(void)state;
	open_file(PCAP_BIG, RAW_IP);
	add_part(5, 0, 100);
	add(443, 5 + 20, other, sizeof other); /* overlaps, and says something else */
	add_part(5, 0, 100);
	add_part(5, 90, sizeof sample_hello);
	expect_found();
}

static void streams_that_only_begin_alike_are_passed_over(void **state)
{
	(void)state;
	open_file(PCAP_BIG, RAW_IP);
	add(444, 1, "\x16", 1);
	add(444, 2, "nothing of TLS", 14);
	add(445, 1, "\x16\x03\x03\x00\x50\x02\x00\x00", 8); /* a ServerHello */
	add(446, 1, sample_hello, 100);                       /* the rest is not there */
	add_part(7, 0, sizeof sample_hello);
	expect_found();
}

static void a_hello_that_is_not_whole_is_said(void **state)
{
	(void)state;
	open_file(NG_LITTLE, RAW_IP);
	add_part(7, 0, 100);
	add_part(7, 101, sizeof sample_hello);
	expect_none("not whole");
}

static void a_hello_may_stand_behind_other_words(void **state)
{
	(void)state;
	open_file(PCAP_BIG, RAW_IP);
	add(443, 100, "STARTTLS\r\n", 10);
	add_part(110, 0, 50);
	add_part(110, 50, sizeof sample_hello);
	expect_found();
}

static void so_many_beginnings_and_no_more_are_followed(void **state)
{
	(void)state;
	open_file(PCAP_BIG, RAW_IP);
	for (uint32_t i = 0; i < 64; i++)
		add((uint16_t)(1000 + i), 1, "\x16\x03\x01\x02\x00\x01", 6);
	add_part(110, 0, sizeof sample_hello);
	expect_none("not whole");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_file_is_read),
		cmocka_unit_test(a_file_that_is_cut_anywhere_has_none),
		cmocka_unit_test(what_is_no_capture_does_not_begin_as_one),
		cmocka_unit_test(a_link_that_is_not_read_is_said),
		cmocka_unit_test(a_block_of_no_length_ends_the_file),
		cmocka_unit_test(a_hello_in_two_segments_is_put_together_wherever_it_is_cut),
		cmocka_unit_test(a_hello_in_single_bytes_is_put_together),
		cmocka_unit_test(what_was_sent_again_changes_nothing),
		cmocka_unit_test(streams_that_only_begin_alike_are_passed_over),
		cmocka_unit_test(a_hello_that_is_not_whole_is_said),
		cmocka_unit_test(a_hello_may_stand_behind_other_words),
		cmocka_unit_test(so_many_beginnings_and_no_more_are_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
