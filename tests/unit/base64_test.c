#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/base64.h"

static bool reads(const char *text, const char *wanted)
{
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof room);

	return base64_read((struct span){ (const uint8_t *)text, strlen(text) }, &w) && w.len == strlen(wanted) &&
	       !memcmp(room, wanted, w.len);
}

/* RFC 4648 section 10. */
static void the_vectors_of_the_rfc_are_read(void **state)
{
	(void)state;
	assert_true(reads("", ""));
	assert_true(reads("Zg==", "f"));
	assert_true(reads("Zm8=", "fo"));
	assert_true(reads("Zm9v", "foo"));
	assert_true(reads("Zm9vYg==", "foob"));
	assert_true(reads("Zm9vYmE=", "fooba"));
	assert_true(reads("Zm9vYmFy", "foobar"));
	assert_true(reads("+/+/", "\xfb\xff\xbf"));
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zg=a", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zh==",
		"Zm9=", "Zm 9", "-_-_", "Zm9v=" };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(reads(bad[i], "f") || reads(bad[i], "fo") || reads(bad[i], "foo") || reads(bad[i], "") ||
		             reads(bad[i], "ff"));
}

static void what_does_not_fit_is_bad(void **state)
{
	uint8_t room[2];
	struct wr w = wr_of(room, sizeof room);

	(void)state;
	assert_false(base64_read((struct span){ (const uint8_t *)"Zm9v", 4 }, &w));
	assert_true(w.bad);
}

static void what_is_written_is_what_was_read(void **state)
{
	static const char *const texts[] = { "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "+/+/" };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		uint8_t bytes[16], text[16];
		struct wr in = wr_of(bytes, sizeof bytes), out = wr_of(text, sizeof text);

		assert_true(base64_read((struct span){ (const uint8_t *)texts[i], strlen(texts[i]) }, &in));
		base64_write(&out, (struct span){ bytes, in.len });
		assert_false(out.bad);
		assert_int_equal(out.len, BASE64_LENGTH(in.len));
		assert_memory_equal(text, texts[i], out.len);
	}
}

static void what_does_not_fit_is_not_written(void **state)
{
	uint8_t text[7];
	struct wr out = wr_of(text, sizeof text);

	(void)state;
	base64_write(&out, (struct span){ (const uint8_t *)"foob", 4 });
	assert_true(out.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(what_does_not_fit_is_bad),
		cmocka_unit_test(what_is_written_is_what_was_read),
		cmocka_unit_test(what_does_not_fit_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
