/* Tickets of known keys: one made by hand with other arithmetic, and what is nearly one. */
#include "scanner/tls/ticket_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/hex.h"

/* By Python and the openssl command: AES-256-CBC and HMAC, with SHA-256 (OpenSSL) and SHA-1 (GnuTLS); the last by random keys. */
static const char secret[] =
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f";
static const char openssl[] =
        "000000000000000000000000000000000102030405060708090a0b0c0d0e0f10dd66477d0a7668d4601d58cdbdf3f53a"
        "77dd1ac4c88aa2adeb61803ff19a2efdccd36ab5d561281dbe8ce14dc99640996c3baa248552f033422824b8b431496c"
        "fbc130d9f3c898458fc5c374b4fbdc15b72d399c9140cfa4a2cb1ddb37d6eca2";
static const char gnutls[] =
        "000000000000000000000000000000000102030405060708090a0b0c0d0e0f100040dd66477d0a7668d4601d58cdbdf3"
        "f53a77dd1ac4c88aa2adeb61803ff19a2efdccd36ab5d561281dbe8ce14dc99640996c3baa248552f033422824b8b431"
        "496cd5c904ee1b7452923a3b3768af8d257e4f4a8890";
static const char random_key[] =
        "000000000000000000000000000000000102030405060708090a0b0c0d0e0f10e0a03a74bb410e4c994ada99e5e90c8e"
        "ad9ed845745fe20377c55f866e41f01a23fff514d21757434aee008fa1eeb1246d01168bb12e0bbaa05ef269a7db8a5d"
        "07e8d75ac47829ecbb3e35d60b55f5ecc5e70168c13fd070abba0880a75d35e6";

static void a_key_of_zeros_is_known_in_each_form(void **state)
{
	struct ticket_key k;

	(void)state;
	assert_true(ticket_key_find(hex(openssl), hex(secret), &k));
	assert_string_equal(k.key, "zeros");
	assert_true(k.opened && strstr(k.form, "OpenSSL"));
	assert_true(ticket_key_find(hex(gnutls), hex(secret), &k));
	assert_string_equal(k.key, "zeros");
	assert_true(k.opened && strstr(k.form, "GnuTLS"));
	assert_true(ticket_key_find(hex(openssl), hex("00"), &k)); /* the MAC decides */
}

static void every_bit_of_it_counts(void **state)
{
	uint8_t copy[256];
	struct span all = hex(openssl);
	struct ticket_key k;

	(void)state;
	memcpy(copy, all.p, all.n);
	for (size_t i = 0; i < 8 * all.n; i++) {
		copy[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(ticket_key_find((struct span){ copy, all.n }, hex(secret), &k));
		copy[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	for (size_t n = 0; n < all.n; n++)
		assert_false(ticket_key_find((struct span){ copy, n }, hex(secret), &k));
}

static void a_key_that_is_not_in_the_table_is_not_known(void **state)
{
	struct ticket_key k;

	(void)state;
	assert_false(ticket_key_find(hex(random_key), hex(secret), &k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_zeros_is_known_in_each_form),
		cmocka_unit_test(every_bit_of_it_counts),
		cmocka_unit_test(a_key_that_is_not_in_the_table_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
