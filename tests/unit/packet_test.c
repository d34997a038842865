#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/packet.h"
#include "tests/unit/sample_capture.h"

static const struct span data = { (const uint8_t *)"hello", 5 };

#define ETHERNET "\0\0\0\0\0\0\0\0\0\0\0\0"

/* What stands before the packet on each link. */
static const struct link {
	uint32_t link;
	const char *head;
	size_t n;
	bool v6;
} links[] = {
	{ 0, "\x02\0\0\0", 4, false },
	{ 0, "\0\0\0\x1E", 4, true },
	{ 1, ETHERNET "\x08\x00", 14, false },
	{ 1, ETHERNET "\x86\xDD", 14, true },
	{ 1, ETHERNET "\x81\x00\x00\x07\x08\x00", 18, false },
	{ 1, ETHERNET "\x88\xA8\x00\x07\x81\x00\x00\x07\x86\xDD", 22, true },
	{ 12, "", 0, false },
	{ 14, "", 0, true },
	{ 101, "", 0, false },
	{ 108, "\0\0\0\x02", 4, false },
	{ 113, "\0\0\0\1\0\6\0\0\0\0\0\0\0\0\x08\x00", 16, false },
	{ 228, "", 0, false },
	{ 229, "", 0, true },
	{ 276, "\x86\xDD\0\0\0\0\0\0\0\1\0\6\0\0\0\0\0\0\0\0", 20, true },
};

static size_t frame_of(uint8_t *out, size_t cap, const struct link *l, uint32_t sequence)
{
	struct wr w = wr_of(out, cap);

	wr_bytes(&w, l->head, l->n);
	if (l->v6)
		frame_ipv6(&w, 443, sequence, data);
	else
		frame_ipv4(&w, 443, sequence, data);
	assert_false(w.bad);
	return w.len;
}

static void every_link_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		uint8_t frame[256];
		size_t n = frame_of(frame, sizeof frame, &links[i], 77);
		struct segment s;

		memset(frame + n, 0xEE, 10); /* padding behind the packet */
		assert_true(packet_link_known(links[i].link));
		assert_true(packet_read(links[i].link, (struct span){ frame, n + 10 }, &s));
		assert_int_equal(s.sequence, 77);
		assert_int_equal(s.data.n, data.n);
		assert_memory_equal(s.data.p, data.p, data.n);
	}
	assert_false(packet_link_known(105));
}

static void a_cut_frame_gives_what_is_there_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		uint8_t frame[256];
		size_t n = frame_of(frame, sizeof frame, &links[i], 1);

		for (size_t cut = 0; cut < n; cut++) {
			struct segment s;
			bool there = packet_read(links[i].link, (struct span){ frame, cut }, &s);

			assert_int_equal(there, cut >= n - data.n);
			assert_true(!there || s.data.n == cut - (n - data.n));
		}
	}
}

static void both_directions_and_ports_are_other_flows(void **state)
{
	uint8_t one[256], two[256];
	struct wr a = wr_of(one, sizeof one), b = wr_of(two, sizeof two);
	struct segment first, second;

	(void)state;
	frame_ipv4(&a, 443, 1, data);
	frame_ipv4(&b, 444, 1, data);
	assert_true(packet_read(101, (struct span){ one, a.len }, &first));
	assert_true(packet_read(101, (struct span){ two, b.len }, &second));
	assert_memory_not_equal(first.flow, second.flow, sizeof first.flow);
}

/* One byte of a good packet over IPv4 is another. */
static void what_is_not_tcp_is_not_read(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} rows[] = {
		{ 0, 0x55 },   /* neither IPv4 nor IPv6 */
		{ 0, 0x44 },   /* a header that is too short */
		{ 3, 19 },     /* a packet that is shorter than its header */
		{ 6, 0x20 },   /* more fragments */
		{ 7, 0x01 },   /* a later fragment */
		{ 9, 17 },     /* UDP */
		{ 32, 0x40 },  /* a TCP header that is too short */
		{ 32, 0xF0 },  /* and one that is longer than the packet */
	};
	uint8_t frame[256];
	struct segment s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct wr w = wr_of(frame, sizeof frame);

		frame_ipv4(&w, 443, 1, data);
		frame[rows[i].at] = rows[i].byte;
		assert_false(packet_read(101, (struct span){ frame, w.len }, &s));
	}
	assert_false(packet_read(1, (struct span){ (const uint8_t *)ETHERNET "\x08\x06", 14 }, &s)); /* ARP */
	assert_false(packet_read(4711, (struct span){ frame, 100 }, &s));
}

static void a_length_of_none_is_that_of_the_frame(void **state)
{
	uint8_t frame[256];
	struct wr w = wr_of(frame, sizeof frame);
	struct segment s;

	(void)state;
	frame_ipv4(&w, 443, 1, data);
	frame[2] = frame[3] = 0;
	assert_true(packet_read(101, (struct span){ frame, w.len }, &s));
	assert_int_equal(s.data.n, data.n);
}

static void data_behind_a_syn_begins_one_later(void **state)
{
	uint8_t frame[256];
	struct wr w = wr_of(frame, sizeof frame);
	struct segment s;

	(void)state;
	frame_ipv4(&w, 443, 41, data);
	frame[33] |= 2;
	assert_true(packet_read(101, (struct span){ frame, w.len }, &s));
	assert_int_equal(s.sequence, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_link_is_read),
		cmocka_unit_test(a_cut_frame_gives_what_is_there_or_nothing),
		cmocka_unit_test(both_directions_and_ports_are_other_flows),
		cmocka_unit_test(what_is_not_tcp_is_not_read),
		cmocka_unit_test(a_length_of_none_is_that_of_the_frame),
		cmocka_unit_test(data_behind_a_syn_begins_one_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
