#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "scanner/tls/granted.h"

enum { MOST = 1 << 14 };

static enum reason read_it(struct granted *g, uint16_t code, const char *bytes, size_t n)
{
	return granted_read(g, code, rd_of((const uint8_t *)bytes, n));
}

static void values_are_taken_over_when_they_may_be_said(void **state)
{
	static const struct {
		uint16_t code;
		const char *bytes;
		size_t n;
		enum reason reason;
	} cases[] = {
		{ EXT_RECORD_SIZE_LIMIT, "\x00\x40", 2, REASON_NONE },
		{ EXT_RECORD_SIZE_LIMIT, "\x00\x3f", 2, REASON_PROTOCOL_EXTENSION_VALUE },
		{ EXT_RECORD_SIZE_LIMIT, "\x00", 1, REASON_MALFORMED },
		{ EXT_RECORD_SIZE_LIMIT, "\x40\x00\x00", 3, REASON_MALFORMED },
		{ EXT_MAX_FRAGMENT_LENGTH, "\x01", 1, REASON_NONE },
		{ EXT_MAX_FRAGMENT_LENGTH, "\x00", 1, REASON_PROTOCOL_EXTENSION_VALUE },
		{ EXT_MAX_FRAGMENT_LENGTH, "\x05", 1, REASON_PROTOCOL_EXTENSION_VALUE },
		{ EXT_MAX_FRAGMENT_LENGTH, "", 0, REASON_MALFORMED },
		{ EXT_HEARTBEAT, "\x02", 1, REASON_NONE },
		{ EXT_HEARTBEAT, "\x03", 1, REASON_PROTOCOL_EXTENSION_VALUE },
		{ EXT_SERVER_CERTIFICATE_TYPE, "\x02", 1, REASON_NONE },
		{ EXT_SERVER_CERTIFICATE_TYPE, "\x03", 1, REASON_PROTOCOL_EXTENSION_VALUE },
		{ EXT_CLIENT_CERTIFICATE_TYPE, "\x02\x00", 2, REASON_MALFORMED },
		{ EXT_TRUNCATED_HMAC, "anything", 8, REASON_NONE },
	};
	static const struct granted nothing;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct granted g = { 0 };

		assert_int_equal(read_it(&g, cases[i].code, cases[i].bytes, cases[i].n), cases[i].reason);
		if (cases[i].reason)
			assert_memory_equal(&g, &nothing, sizeof(g));
	}
}

static void records_are_as_small_as_the_server_wants_them(void **state)
{
	struct granted none = { 0 }, limit = { .record_size_limit = 64 }, wide = { .record_size_limit = 0x4001 },
	               fragment = { .max_fragment = 1 };

	(void)state;
	assert_int_equal(granted_send_max(&none, VER_TLS12, MOST), MOST);
	assert_int_equal(granted_send_max(&limit, VER_TLS12, MOST), 64);
	assert_int_equal(granted_send_max(&limit, VER_TLS13, MOST), 63);
	assert_int_equal(granted_send_max(&wide, VER_TLS13, MOST), MOST);
	assert_int_equal(granted_send_max(&fragment, VER_TLS12, MOST), 512);
	assert_int_equal(granted_receive_max(&fragment, MOST), 512);
	assert_int_equal(granted_receive_max(&limit, MOST), MOST);
}

static void some_answers_stand_before_others(void **state)
{
	struct granted none = { 0 }, limit = { .record_size_limit = 64 }, key = { .server_cert_type = CERT_TYPE_RAW_KEY };

	(void)state;
	assert_false(granted_hides(&none, EXT_MAX_FRAGMENT_LENGTH));
	assert_true(granted_hides(&limit, EXT_MAX_FRAGMENT_LENGTH));
	assert_false(granted_hides(&limit, EXT_DELEGATED_CREDENTIAL));
	assert_true(granted_hides(&key, EXT_DELEGATED_CREDENTIAL));
	assert_false(granted_hides(&key, EXT_HEARTBEAT));
}

static void a_delegated_credential_is_read_to_its_last_byte(void **state)
{
	static const uint8_t sound[] = { 0, 0, 0, 9, 4, 3, 0, 0, 2, 0xAA, 0xBB, 8, 4, 0, 3, 1, 2, 3 };
	struct delegated d;

	(void)state;
	assert_true(delegated_read(&d, rd_of(sound, sizeof(sound))));
	assert_int_equal(d.valid_s, 9);
	assert_int_equal(d.scheme, 0x0403);
	assert_int_equal(d.signed_with, 0x0804);
	assert_int_equal(d.key.n, 2);
	assert_int_equal(d.covered.n, 13);
	assert_int_equal(d.signature.n, 3);
	for (size_t n = 0; n < sizeof(sound); n++)
		assert_false(delegated_read(&d, rd_of(sound, n)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_taken_over_when_they_may_be_said),
		cmocka_unit_test(records_are_as_small_as_the_server_wants_them),
		cmocka_unit_test(some_answers_stand_before_others),
		cmocka_unit_test(a_delegated_credential_is_read_to_its_last_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
