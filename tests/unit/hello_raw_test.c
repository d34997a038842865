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

enum { RANDOM_AT = SAMPLE_RECORD + SAMPLE_HEADER + 2, ID_AT = RANDOM_AT + 33 };

static struct client sample(struct arena *a)
{
	struct client c;
	const char *why;

	assert_true(client_read(sample_record, a, &c, &why));
	return c;
}

static size_t written(const struct hello *h, const struct entropy *e, uint8_t *out)
{
	struct wr w = wr_of(out, HELLO_MAX);

	assert_true(hello_write(&w, h, e));
	return w.len;
}

static void only_random_and_session_id_are_another(void **state)
{
	static uint8_t out[HELLO_MAX];
	struct entropy e;
	struct arena a = { 0 };
	struct client c = sample(&a);
	struct hello h = client_hello(&c, "test.example", &a);
	uint8_t want[sizeof sample_hello];

	(void)state;
	memset(&e, 0x55, sizeof e);
	memcpy(want, sample_hello, sizeof want);
	memset(want + RANDOM_AT, 0x55, 32);
	memset(want + ID_AT, 0x55, 32);
	assert_int_equal(written(&h, &e, out), sizeof want);
	assert_memory_equal(out, want, sizeof want);
	arena_free(&a);
}

static void the_name_is_that_of_the_server_that_is_asked(void **state)
{
	static uint8_t out[HELLO_MAX];
	struct arena a = { 0 };
	struct client c = sample(&a), again;
	struct hello named = client_hello(&c, "another.test.example", &a), nameless = client_hello(&c, NULL, &a);
	const char *why;
	size_t n = written(&named, NULL, out);

	(void)state;
	assert_int_equal(n, sizeof sample_hello + 8);
	assert_non_null(memmem(out, n, "another.test.example", 20));
	n = written(&nameless, NULL, out);
	assert_true(client_read((struct span){ out, n }, &a, &again, &why));
	assert_false(again.sni);
	assert_int_equal(again.extensions.n, c.extensions.n - 1);
	assert_false(hello_offers_extension(&nameless, EXT_SERVER_NAME));
	arena_free(&a);
}

/* Extensions with a byte of body each. */
static size_t hello_with(uint8_t *out, size_t cap, const uint16_t *codes, size_t n)
{
	struct wr w = wr_of(out, cap);

	wr_u16(&w, VER_TLS12);
	wr_zero(&w, 33);
	wr_bytes(&w, "\x00\x02\x13\x01\x01\x00", 6);
	wr_u16(&w, (uint16_t)(5 * n));
	for (size_t i = 0; i < n; i++) {
		wr_u16(&w, codes[i]);
		wr_bytes(&w, "\x00\x01\x7E", 3);
	}
	assert_false(w.bad);
	return w.len;
}

static void what_only_its_own_server_knows_is_left_out(void **state)
{
	static const uint16_t codes[] = { EXT_SESSION_TICKET, EXT_EARLY_DATA, EXT_COOKIE, 0x0A0A, EXT_PRE_SHARED_KEY };
	static uint8_t bytes[256], out[HELLO_MAX];
	struct arena a = { 0 };
	struct client c, again;
	struct hello h;
	const char *why;
	size_t n = hello_with(bytes, sizeof bytes, codes, sizeof codes / sizeof *codes);

	(void)state;
	assert_true(client_read((struct span){ bytes, n }, &a, &c, &why));
	h = client_hello(&c, "test.example", &a);
	n = written(&h, NULL, out);
	assert_true(client_read((struct span){ out, n }, &a, &again, &why));
	assert_int_equal(again.extensions.n, 1); /* GREASE is sent, and not in the list */
	assert_int_equal(again.extensions.v[0], EXT_SESSION_TICKET);
	assert_non_null(memmem(out, n, "\x00\x23\x00\x00\x0A\x0A\x00\x01\x7E", 9));
	for (size_t i = 1; i < sizeof codes / sizeof *codes; i++)
		assert_int_equal(hello_offers_extension(&h, codes[i]), codes[i] == 0x0A0A);
	arena_free(&a);
}

static void a_hello_without_extensions_has_none_added(void **state)
{
	static const uint8_t rest[] = { 0x00, 0x04, 0x00, 0x2F, 0x00, 0xFF, 0x01, 0x00 };
	uint8_t bytes[35 + sizeof rest] = { 3, 1 };
	static uint8_t out[HELLO_MAX];
	struct arena a = { 0 };
	struct client c;
	struct hello h;
	const char *why;

	(void)state;
	memcpy(bytes + 35, rest, sizeof rest);
	assert_true(client_read((struct span){ bytes, sizeof bytes }, &a, &c, &why));
	h = client_hello(&c, "test.example", &a);
	assert_int_equal(written(&h, NULL, out), SAMPLE_RECORD + SAMPLE_HEADER + sizeof bytes);
	assert_true(hello_offers_extension(&h, EXT_RENEGOTIATION_INFO)); /* by its suite */
	assert_false(hello_offers_extension(&h, EXT_ALPN));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_random_and_session_id_are_another),
		cmocka_unit_test(the_name_is_that_of_the_server_that_is_asked),
		cmocka_unit_test(what_only_its_own_server_knows_is_left_out),
		cmocka_unit_test(a_hello_without_extensions_has_none_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
