#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/tls/client_spec.h"
#include "tests/unit/sample_capture.h"
#include "tests/unit/sample_hello.h"

/* The sample in hex, with what stands between the pairs. */
static struct span hex_of(struct text *t, const char *before, const char *between)
{
	text_add(t, before);
	for (size_t i = 0; i < sizeof sample_hello; i++)
		text_fmt(t, "%s%02X", i ? between : "", sample_hello[i]);
	return (struct span){ (const uint8_t *)text_str(t), t->n };
}

static void expect(struct span given, const char *source)
{
	struct arena a = { 0 };
	struct client c;
	const char *why;

	assert_true(client_spec_read(given, &a, &c, &why));
	assert_string_equal(c.source, source);
	assert_true(c.suites.n > 0);
	arena_free(&a);
}

static void hex_may_have_what_people_put_between(void **state)
{
	static const char *const between[] = { "", " ", ":", "\n", ", 0x" };

	(void)state;
	for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
		struct text t = { 0 };
		struct span hex = hex_of(&t, i == 4 ? " 0x" : "\t", between[i]);

		assert_true(client_spec_inline(hex));
		expect(hex, "hello");
		text_free(&t);
	}
}

static void bytes_and_ja4_tell_themselves(void **state)
{
	static const char ja4[] = " t13d0203h2_1301,1303_000a_0403\n";
	struct span text = { (const uint8_t *)ja4, sizeof ja4 - 1 };

	(void)state;
	for (size_t skip = 0; skip <= SAMPLE_RECORD + SAMPLE_HEADER; skip += skip ? SAMPLE_HEADER : SAMPLE_RECORD)
		expect((struct span){ sample_hello + skip, sizeof sample_hello - skip }, "hello");
	assert_true(client_spec_inline(text));
	expect(text, "ja4");
}

static void a_capture_tells_itself(void **state)
{
	uint8_t file[1024];
	struct wr w = wr_of(file, sizeof file);
	size_t n = FRAME_IPV4 + FRAME_TCP + sizeof sample_hello;

	(void)state;
	wr_bytes(&w, "\xA1\xB2\xC3\xD4\0\2\0\4\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\0\x65\0\0\0\0\0\0\0\0", 32);
	wr_uint(&w, n, 4);
	wr_uint(&w, n, 4);
	frame_ipv4(&w, 443, 1, sample_record);
	assert_false(w.bad);
	expect((struct span){ file, w.len }, "capture");
	for (size_t cut = 4; cut < w.len; cut++) {
		struct arena a = { 0 };
		struct client c;
		const char *why = NULL;

		assert_false(client_spec_read((struct span){ file, cut }, &a, &c, &why));
		assert_non_null(why);
		arena_free(&a);
	}
}

static void what_is_none_of_these_is_refused(void **state)
{
	static const char *const none[] = { "", "\n", "hello.hex", "160301020", "16 03 01", "16030g", "0x", "deadbeef", "t13d" };

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct span given = { (const uint8_t *)none[i], strlen(none[i]) };
		struct arena a = { 0 };
		struct client c;
		const char *why = NULL;

		assert_false(client_spec_inline(given));
		assert_false(client_spec_read(given, &a, &c, &why));
		assert_non_null(why);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_may_have_what_people_put_between),
		cmocka_unit_test(bytes_and_ja4_tell_themselves),
		cmocka_unit_test(a_capture_tells_itself),
		cmocka_unit_test(what_is_none_of_these_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
