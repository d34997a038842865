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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_are_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(what_does_not_fit_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
