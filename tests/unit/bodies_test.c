#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "probes/bodies.h"
#include "probes/offer.h"

static const struct body *body_of(uint16_t code, uint8_t version)
{
	for (size_t i = 0; i < bodies_count; i++)
		if (bodies[i].code == code && (bodies[i].versions & version))
			return &bodies[i];
	return NULL;
}

static const struct withheld *withheld_of(uint16_t code)
{
	for (size_t i = 0; i < withheld_count; i++)
		if (withheld[i].code == code)
			return &withheld[i];
	return NULL;
}

/* Those that hello.c writes for a version from the lists and flags of a common hello. */
static bool written_by_hello(uint16_t code, uint16_t version)
{
	static const uint32_t some[] = { 0x001D };
	struct hello h = { .version = version, .groups = { some, 1 }, .schemes = { some, 1 }, .shares = { some, 1 },
		.sni = "server.test", .offer = OFFER_COMMON };

	return hello_offers_extension(&h, code);
}

static void every_extension_of_the_table_is_sent_or_withheld_for_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < extensions_count; i++) {
		uint16_t code = extensions[i].code;
		bool sent = body_of(code, BODY_CLEAR) || body_of(code, BODY_TLS13) ||
		            written_by_hello(code, VER_TLS13) || written_by_hello(code, VER_TLS12);

		if (code_is_grease(code))
			assert_true(!sent && !withheld_of(code));
		else if (sent == (withheld_of(code) != NULL))
			fail_msg("%s: %s", extensions[i].name, sent ? "sent, and withheld too" : "neither sent nor withheld");
	}
}

static void nothing_is_sent_twice_in_one_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < bodies_count; i++) {
		assert_non_null(extension_find(bodies[i].code));
		assert_true(*bodies[i].source);
		assert_ptr_equal(body_of(bodies[i].code, bodies[i].versions & BODY_CLEAR ? BODY_CLEAR : BODY_TLS13),
			&bodies[i]);
		assert_false((bodies[i].versions & BODY_CLEAR) && written_by_hello(bodies[i].code, VER_TLS12));
		assert_false((bodies[i].versions & BODY_TLS13) && written_by_hello(bodies[i].code, VER_TLS13));
	}
}

/* RFC 8446 section 4.2: what no message of TLS 1.3 may answer is of no use there. */
static void what_goes_into_tls13_is_known_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < bodies_count; i++)
		if (bodies[i].versions & BODY_TLS13)
			assert_true(extension_find(bodies[i].code)->tls13_messages & IN_CH);
}

static void withheld_ones_are_in_the_table_and_say_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < withheld_count; i++) {
		assert_non_null(extension_find(withheld[i].code));
		assert_true(strlen(withheld[i].why) > 10);
		assert_ptr_equal(withheld_of(withheld[i].code), &withheld[i]);
	}
}

/* Bodies that are one list behind its length, by their width; the rest are numbers. */
static void lists_are_as_long_as_they_say(void **state)
{
	static const struct {
		uint16_t code;
		size_t width;
	} lists[] = { { EXT_TRUSTED_CA_KEYS, 2 }, { 6, 1 }, { 7, 1 }, { 8, 1 }, { 9, 1 }, { EXT_STATUS_REQUEST_V2, 2 },
		{ EXT_CLIENT_CERTIFICATE_TYPE, 1 }, { EXT_SERVER_CERTIFICATE_TYPE, 1 }, { EXT_COMPRESS_CERTIFICATE, 1 },
		{ EXT_DELEGATED_CREDENTIAL, 2 }, { 50, 2 }, { 0xCA34, 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		const struct body *b = body_of(lists[i].code, BODY_BOTH);
		struct rd r = rd_span(b->data);

		rd_vec(&r, lists[i].width);
		assert_true(rd_end(&r));
	}
}

/* RFC 9849 section 5: type, kdf, aead, config id, enc, payload. */
static void the_encrypted_hello_has_its_form(void **state)
{
	struct rd r = rd_span(body_of(EXT_ECH, BODY_TLS13)->data), enc, payload;

	(void)state;
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_u16(&r), 1);
	assert_int_equal(rd_u16(&r), 1);
	rd_u8(&r);
	enc = rd_vec(&r, 2);
	payload = rd_vec(&r, 2);
	assert_true(rd_end(&r));
	assert_int_equal(rd_left(&enc), 32);
	assert_int_equal(rd_left(&payload), 192);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_extension_of_the_table_is_sent_or_withheld_for_a_reason),
		cmocka_unit_test(nothing_is_sent_twice_in_one_version),
		cmocka_unit_test(what_goes_into_tls13_is_known_there),
		cmocka_unit_test(withheld_ones_are_in_the_table_and_say_why),
		cmocka_unit_test(lists_are_as_long_as_they_say),
		cmocka_unit_test(the_encrypted_hello_has_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
