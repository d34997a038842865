#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/known_keys.h"
#include "tests/unit/mint.h"

static struct cert *cert;
static char hex[2 * SHA256_DIGEST_LENGTH + 1];
static size_t wrong;

static int set_up(void **state)
{
	const struct minted *m = MINT(.name = "published");
	uint8_t hash[SHA256_DIGEST_LENGTH];

	(void)state;
	cert = cert_parse(m->der.p, m->der.n);
	SHA256(cert->spki.p, cert->spki.n, hash);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(hex + 2 * i, 3, "%02X", hash[i]);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cert_free(cert);
	mint_close();
	return 0;
}

static struct known_keys *keys_of(const char *text)
{
	return known_keys_new((struct span){ (const uint8_t *)text, strlen(text) }, &wrong);
}

static void expect_whose(const char *before, const char *after, const char *whose)
{
	char text[400];
	struct known_keys *k;

	snprintf(text, sizeof text, "%s%s%s", before, hex, after);
	k = keys_of(text);
	assert_non_null(k);
	assert_string_equal(known_keys_find(k, cert), whose);
	assert_int_equal(known_keys_have_debian(k), known_keys_is_debian(whose));
	known_keys_free(k);
}

static void a_key_of_the_file_is_found_with_its_word(void **state)
{
	(void)state;
	expect_whose("", "", "known");
	expect_whose("# mine\n\n \t", "\n", "known");
	expect_whose("", " router\n", "router");
	expect_whose("", "\tdebian-rsa-2048  # and so on\r\n", "debian-rsa-2048");
	expect_whose("", " # nobody\n", "known");
	expect_whose("", " Evil CA \t\r\n", "Evil CA");
	expect_whose("", " Evil CA#2 # of two\n", "Evil CA#2");
	expect_whose("", " debian", "debian");
	expect_whose("", " debianish", "debianish");
}

static void without_a_file_only_the_built_in_ones_are_known(void **state)
{
	struct known_keys *k = keys_of("");

	(void)state;
	assert_null(known_keys_find(k, cert));
	assert_false(known_keys_have_debian(k));
	known_keys_free(k);
}

/* The key of the server that every Go program can start for its tests, net/http/internal/testcert. */
static const uint8_t go_key[] = {
#include "tests/unit/go_testcert_key.h"
};

static void a_built_in_one_is_found(void **state)
{
	struct known_keys *k = keys_of("");
	struct cert *c = cert_of_key((struct span){ go_key, sizeof go_key });

	(void)state;
	assert_false(c->malformed);
	assert_string_equal(known_keys_find(k, c), "go-httptest");
	cert_free(c);
	known_keys_free(k);
}

static void a_wrong_line_is_named(void **state)
{
	static const char *const bad[] = { "x\n", "00\n", "# fine\nzz\n" };
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_null(keys_of(bad[i]));
		assert_int_equal(wrong, i == 2 ? 2 : 1);
	}
	snprintf(text, sizeof text, "%s\n%sx\n", hex, hex);
	assert_null(keys_of(text));
	assert_int_equal(wrong, 2);
}


static void those_of_the_text_alone_leave_out_the_built_in_ones(void **state)
{
	struct known_keys *none = known_keys_of((struct span){ NULL, 0 }, &wrong), *one;

	(void)state;
	assert_non_null(none);
	assert_null(known_keys_find(none, cert));
	known_keys_free(none);
	one = known_keys_of((struct span){ (const uint8_t *)hex, strlen(hex) }, &wrong);
	assert_string_equal(known_keys_find(one, cert), "known");
	known_keys_free(one);
	assert_null(known_keys_of((struct span){ (const uint8_t *)"x", 1 }, &wrong));
}

/* The key of OpenSSL's apps/server.pem, as its public half stands in a certificate. */
static void a_sample_key_that_is_copied_is_known(void **state)
{
	static const uint8_t spki[] = {
		0x30, 0x5C, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01,
		0x01, 0x05, 0x00, 0x03, 0x4B, 0x00, 0x30, 0x48, 0x02, 0x41, 0x00, 0x9F, 0xB3, 0xC3,
		0x84, 0x27, 0x95, 0xFF, 0x12, 0x31, 0x52, 0x0F, 0x15, 0xEF, 0x46, 0x11, 0xC4, 0xAD,
		0x80, 0xE6, 0x36, 0x5B, 0x0F, 0xDD, 0x80, 0xD7, 0x61, 0x8D, 0xE0, 0xFC, 0x72, 0x45,
		0x09, 0x34, 0xFE, 0x55, 0x66, 0x45, 0x43, 0x4C, 0x68, 0x97, 0x6A, 0xFE, 0xA8, 0xA0,
		0xA5, 0xDF, 0x5F, 0x78, 0xFF, 0xEE, 0xD7, 0x64, 0xB8, 0x3F, 0x04, 0xCB, 0x6F, 0xFF,
		0x2A, 0xFE, 0xFE, 0xB9, 0xED, 0x02, 0x03, 0x01, 0x00, 0x01,
	};
	struct cert *c = cert_of_key((struct span){ spki, sizeof spki });
	struct known_keys *k = keys_of("");

	(void)state;
	assert_false(c->malformed);
	assert_string_equal(known_keys_find(k, c), "openssl-samples");
	assert_null(known_keys_find(k, cert));
	known_keys_free(k);
	cert_free(c);
}

static void no_built_in_key_stands_twice(void **state)
{
	static const char *const hashes[] = {
#define KNOWN_KEY(hash, whose) hash,
#include "scanner/trust/known_keys.def"
#undef KNOWN_KEY
	};
	size_t n = sizeof hashes / sizeof *hashes;

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hashes[i], hashes[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sample_key_that_is_copied_is_known),
		cmocka_unit_test(no_built_in_key_stands_twice),
		cmocka_unit_test(a_key_of_the_file_is_found_with_its_word),
		cmocka_unit_test(without_a_file_only_the_built_in_ones_are_known),
		cmocka_unit_test(a_built_in_one_is_found),
		cmocka_unit_test(a_wrong_line_is_named),
		cmocka_unit_test(those_of_the_text_alone_leave_out_the_built_in_ones),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
