#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/tls/client_hello.h"
#include "scanner/tls/client_read.h"
#include "scanner/tls/tables.h"
#include "tests/unit/sample_hello.h"

static void expect_sample(const struct client *c)
{
	assert_int_equal(c->newest, VER_TLS13);
	assert_int_equal(c->oldest, VER_TLS10);
	assert_int_equal(c->suites.n, SAMPLE_SUITES);
	assert_int_equal(c->suites.v[0], 0x1302);
	assert_int_equal(c->groups.n, 10);
	assert_int_equal(c->groups.v[0], 0x001D);
	assert_int_equal(c->shares.n, 1);
	assert_int_equal(c->schemes.n, 20);
	assert_int_equal(c->versions.n, 4);
	assert_true(c->sni);
	assert_false(c->deflate);
	assert_int_equal(c->hides, 0);
	assert_int_equal(c->hello.n, sizeof sample_hello - SAMPLE_RECORD);
}

static void a_hello_is_read_with_any_of_its_headers(void **state)
{
	static const size_t skip[] = { 0, SAMPLE_RECORD, SAMPLE_RECORD + SAMPLE_HEADER };

	(void)state;
	for (size_t i = 0; i < sizeof skip / sizeof *skip; i++) {
		struct arena a = { 0 };
		struct client c;
		const char *why;

		assert_true(client_read((struct span){ sample_hello + skip[i], sizeof sample_hello - skip[i] }, &a, &c, &why));
		assert_null(why);
		expect_sample(&c);
		arena_free(&a);
	}
}

static void a_hello_that_is_cut_anywhere_says_why(void **state)
{
	(void)state;
	for (size_t skip = 0; skip <= SAMPLE_RECORD; skip += SAMPLE_RECORD)
		for (size_t n = 0; n < sizeof sample_hello - skip; n++) {
			struct arena a = { 0 };
			struct client c;
			const char *why = NULL;

			assert_false(client_read((struct span){ sample_hello + skip, n }, &a, &c, &why));
			assert_non_null(why);
			arena_free(&a);
		}
}

/* The same bytes in records of this size. */
static size_t in_records(uint8_t *out, size_t cap, size_t size)
{
	struct wr w = wr_of(out, cap);

	for (size_t at = SAMPLE_RECORD; at < sizeof sample_hello; at += size) {
		size_t n = sizeof sample_hello - at < size ? sizeof sample_hello - at : size;

		wr_bytes(&w, sample_hello, 3);
		wr_u16(&w, (uint16_t)n);
		wr_bytes(&w, sample_hello + at, n);
	}
	assert_false(w.bad);
	return w.len;
}

static void records_of_any_size_are_put_together(void **state)
{
	uint8_t bytes[6 * sizeof sample_hello];

	(void)state;
	for (size_t size = 1; size < sizeof sample_hello; size++) {
		struct span all = { bytes, in_records(bytes, sizeof bytes, size) }, message;
		struct arena a = { 0 };
		struct client c;
		const char *why;

		assert_true(client_read(all, &a, &c, &why));
		expect_sample(&c);
		assert_int_equal(hello_unwrap((struct span){ bytes, all.n - 1 }, &a, &message), UNWRAP_SHORT);
		arena_free(&a);
	}
}

static void what_cannot_be_a_hello_is_told_from_what_is_short(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		enum unwrapped got;
	} rows[] = {
		{ "", 0, UNWRAP_SHORT },
		{ "\x16", 1, UNWRAP_SHORT },
		{ "\x17", 1, UNWRAP_NO_HELLO },
		{ "\x16\x02", 2, UNWRAP_NO_HELLO },
		{ "\x16\x03\x01\x00\x00", 5, UNWRAP_NO_HELLO },             /* an empty record */
		{ "\x16\x03\x01\x40\x01", 5, UNWRAP_NO_HELLO },             /* one that is too long */
		{ "\x16\x03\x01\x00\x05\x01", 6, UNWRAP_SHORT },
		{ "\x16\x03\x01\x00\x05\x02", 6, UNWRAP_NO_HELLO },         /* a ServerHello */
		{ "\x16\x03\x01\x00\x05\x01\x00\x40\x00\x03", 10, UNWRAP_NO_HELLO }, /* a message that is too long */
		{ "\x16\x03\x01\x00\x02\x01\x00\x17", 8, UNWRAP_NO_HELLO }, /* another record between */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct span message;

		assert_int_equal(hello_unwrap((struct span){ (const uint8_t *)rows[i].bytes, rows[i].n }, &a, &message),
			rows[i].got);
		arena_free(&a);
	}
}

/* A bare hello: version, random, no session id, these suites, compression methods, and extensions. */
static bool read_bare(struct arena *a, struct client *c, uint16_t version, const char *rest, size_t n, const char **why)
{
	uint8_t bytes[256];
	struct wr w = wr_of(bytes, sizeof bytes);

	wr_u16(&w, version);
	wr_zero(&w, 33);
	wr_bytes(&w, rest, n);
	return client_read((struct span){ bytes, w.len }, a, c, why);
}

#define BODY(text) text, sizeof text - 1
#define SUITES "\x00\x04\x0A\x0A\x00\x2F"

static void what_is_wrong_in_a_hello_has_a_sentence(void **state)
{
	static const struct {
		uint16_t version;
		const char *rest;
		size_t n;
		const char *why; /* part of it; NULL: nothing is wrong */
	} rows[] = {
		{ VER_TLS12, BODY(SUITES "\x01\x00"), NULL },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x00"), NULL },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x04\x00\x10\x00\x00"), NULL },
		{ 0x0400, BODY(SUITES "\x01\x00"), "no ClientHello" },
		{ VER_TLS12, BODY("\x00\x00\x01\x00"), "suites" },
		{ VER_TLS12, BODY("\x00\x02\x0A\x0A\x01\x00"), "suites" },
		{ VER_TLS12, BODY("\x00\x03\x00\x2F\x00\x01\x00"), "suites" },
		{ VER_TLS12, BODY(SUITES), "compression" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00"), "extensions" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x00\x00"), "extensions" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x05\x00\x10\x00\x02\x00"), "extensions" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x08\x00\x10\x00\x00\x00\x10\x00\x00"), "twice" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x07\x00\x0A\x00\x03\x00\x02\x00"), "supported_groups" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x06\x00\x0D\x00\x02\x00\x02"), "signature_algorithms" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x05\x00\x2B\x00\x01\x02"), "supported_versions" },
		{ VER_TLS12, BODY(SUITES "\x01\x00\x00\x08\x00\x33\x00\x04\x00\x02\x00\x1D"), "key_share" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct client c;
		const char *why = NULL;

		assert_int_equal(read_bare(&a, &c, rows[i].version, rows[i].rest, rows[i].n, &why), !rows[i].why);
		assert_true(rows[i].why ? why && strstr(why, rows[i].why) : !why);
		arena_free(&a);
	}
}

static void more_behind_a_bare_message_is_refused(void **state)
{
	uint8_t bytes[sizeof sample_hello - SAMPLE_RECORD + 1] = { 0 };
	struct arena a = { 0 };
	struct client c;
	const char *why;

	(void)state;
	memcpy(bytes, sample_hello + SAMPLE_RECORD, sizeof bytes - 1);
	assert_false(client_read((struct span){ bytes, sizeof bytes }, &a, &c, &why));
	assert_string_equal(why, "has more bytes behind it");
	arena_free(&a);
}

static void without_a_list_of_versions_the_oldest_is_not_told(void **state)
{
	struct arena a = { 0 };
	struct client c;
	const char *why;

	(void)state;
	assert_true(read_bare(&a, &c, VER_TLS11, BODY("\x00\x02\x00\x2F\x02\x01\x00"), &why));
	assert_int_equal(c.newest, VER_TLS11);
	assert_int_equal(c.hides, HIDES_OLDER);
	assert_true(c.deflate);
	assert_true(client_offers(&c, VER_TLS11));
	assert_false(client_offers(&c, VER_TLS10));
	arena_free(&a);
}

static void drafts_alone_stand_beside_the_version_field(void **state)
{
	struct arena a = { 0 };
	struct client c;
	const char *why;

	(void)state;
	assert_true(read_bare(&a, &c, VER_TLS12, BODY(SUITES "\x01\x00\x00\x09\x00\x2B\x00\x05\x04\x7F\x1C\x03\x03"), &why));
	assert_int_equal(c.newest, VER_TLS12);
	assert_true(client_offers(&c, 0x7F1C));
	assert_true(client_offers(&c, VER_TLS12));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_is_read_with_any_of_its_headers),
		cmocka_unit_test(a_hello_that_is_cut_anywhere_says_why),
		cmocka_unit_test(records_of_any_size_are_put_together),
		cmocka_unit_test(what_cannot_be_a_hello_is_told_from_what_is_short),
		cmocka_unit_test(what_is_wrong_in_a_hello_has_a_sentence),
		cmocka_unit_test(more_behind_a_bare_message_is_refused),
		cmocka_unit_test(without_a_list_of_versions_the_oldest_is_not_told),
		cmocka_unit_test(drafts_alone_stand_beside_the_version_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
