/* The wire cursor: errors stick, inner readers stay inside, lengths are filled in or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/base/wire.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

static void numbers_are_big_endian(void **state)
{
	struct rd r = rd_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_u16(&r), 0x0203);
	assert_int_equal(rd_u24(&r), 0x040506);
	assert_int_equal(rd_u32(&r), 0x0708090A);
	assert_true(rd_end(&r));
}

static void a_number_of_eight_bytes_is_read_whole(void **state)
{
	static const uint8_t ones[8] = { 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0xFA, 0xF9, 0xF8 };
	struct rd r = rd_of(ones, 8);

	(void)state;
	assert_true(rd_uint(&r, 8) == UINT64_C(0xFFFEFDFCFBFAF9F8));
}

static void a_short_read_gives_zero_and_sticks(void **state)
{
	struct rd r = rd_of(bytes, 1);

	(void)state;
	assert_int_equal(rd_u16(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0); /* though one byte is there */
	assert_int_equal(rd_left(&r), 0);
	assert_null(rd_take(&r, 0));
	assert_false(rd_end(&r));
	assert_null(rd_rest(&r).p);
}

static void what_is_left_over_is_no_end(void **state)
{
	struct rd r = rd_of(bytes, 2);

	(void)state;
	rd_u8(&r);
	assert_false(rd_end(&r));
	assert_int_equal(rd_left(&r), 1);
	assert_ptr_equal(rd_rest(&r).p, bytes + 1);
}

static void an_empty_reader_is_at_its_end(void **state)
{
	struct rd none = rd_of(NULL, 0), span = rd_span((struct span){ NULL, 0 });

	(void)state;
	assert_true(rd_end(&none));
	assert_true(rd_end(&span));
	rd_take(&none, 0);
	assert_false(none.bad);
	assert_int_equal(rd_u8(&none), 0);
	assert_true(none.bad);
}

static void an_inner_reader_cannot_overrun_the_outer(void **state)
{
	static const uint8_t v[] = { 0, 2, 0xAA, 0xBB, 0xCC };
	struct rd r = rd_of(v, sizeof(v)), inner = rd_vec(&r, 2);

	(void)state;
	assert_int_equal(rd_left(&inner), 2);
	rd_take(&inner, 3);
	assert_true(inner.bad);
	assert_false(r.bad);
	assert_int_equal(rd_u8(&r), 0xCC);
}

static void a_vector_longer_than_its_reader_is_bad_on_both_sides(void **state)
{
	static const uint8_t v[] = { 0, 9, 1 };
	struct rd r = rd_of(v, sizeof(v)), inner = rd_vec(&r, 2);

	(void)state;
	assert_true(r.bad);
	assert_true(inner.bad);
	assert_false(rd_end(&inner));
}

static void a_failed_read_of_any_width_moves_nothing(void **state)
{
	(void)state;
	for (size_t n = 0; n < 8; n++)
		for (size_t width = n + 1; width <= 8; width++) {
			struct rd r = rd_of(bytes, n);

			assert_int_equal(rd_uint(&r, width), 0);
			assert_true(r.bad);
			assert_ptr_equal(r.p, bytes);
		}
}

static void a_length_is_filled_in_when_closed(void **state)
{
	uint8_t v[16];
	struct wr w = wr_of(v, sizeof(v));
	struct wr_mark outer, inner;

	(void)state;
	outer = wr_open(&w, 3);
	wr_u8(&w, 0xAA);
	inner = wr_open(&w, 2);
	wr_bytes(&w, "xyz", 3);
	wr_close(&w, inner);
	wr_close(&w, outer);
	assert_false(w.bad);
	assert_int_equal(w.len, 9);
	assert_memory_equal(v, "\0\0\6\xAA\0\3xyz", 9);
}

static void a_length_that_does_not_fit_its_prefix_is_bad(void **state)
{
	uint8_t v[400];
	struct wr w = wr_of(v, sizeof(v));
	struct wr_mark m = wr_open(&w, 1);

	(void)state;
	wr_zero(&w, 255);
	wr_close(&w, m);
	assert_false(w.bad);
	assert_int_equal(v[0], 255);
	w = wr_of(v, sizeof(v));
	m = wr_open(&w, 1);
	wr_zero(&w, 256);
	wr_close(&w, m);
	assert_true(w.bad);
}

static void what_does_not_fit_is_not_written_and_sticks(void **state)
{
	uint8_t v[4] = { 9, 9, 9, 9 };
	struct wr w = wr_of(v, 3);

	(void)state;
	wr_u16(&w, 0x0102);
	wr_u16(&w, 0x0304);
	assert_true(w.bad);
	wr_u8(&w, 5); /* though it would fit */
	assert_int_equal(w.len, 2);
	assert_int_equal(v[2], 9);
	assert_int_equal(v[3], 9);
	wr_close(&w, (struct wr_mark){ 0, 2 });
	assert_int_equal(v[0], 1);
}

static void writing_and_reading_back_gives_the_same(void **state)
{
	uint8_t v[64];

	(void)state;
	for (size_t width = 1; width <= 8; width++) {
		uint64_t value = UINT64_C(0x1122334455667788) >> 8 * (8 - width);
		struct wr w = wr_of(v, sizeof(v));
		struct rd r;

		wr_uint(&w, value, width);
		r = rd_of(v, w.len);
		assert_int_equal(w.len, width);
		assert_true(rd_uint(&r, width) == value);
		assert_true(rd_end(&r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_number_of_eight_bytes_is_read_whole),
		cmocka_unit_test(a_short_read_gives_zero_and_sticks),
		cmocka_unit_test(what_is_left_over_is_no_end),
		cmocka_unit_test(an_empty_reader_is_at_its_end),
		cmocka_unit_test(an_inner_reader_cannot_overrun_the_outer),
		cmocka_unit_test(a_vector_longer_than_its_reader_is_bad_on_both_sides),
		cmocka_unit_test(a_failed_read_of_any_width_moves_nothing),
		cmocka_unit_test(a_length_is_filled_in_when_closed),
		cmocka_unit_test(a_length_that_does_not_fit_its_prefix_is_bad),
		cmocka_unit_test(what_does_not_fit_is_not_written_and_sticks),
		cmocka_unit_test(writing_and_reading_back_gives_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
