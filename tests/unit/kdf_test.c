/* Key derivation, by published answers: RFC 8448, RFC 5869, and the vectors that the PRFs of TLS 1.0 and 1.2
 * have. */
#include "scanner/tls/kdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/hex.h"

static const struct span nothing = { NULL, 0 };

static void prf(uint16_t version, enum digest d, struct span secret, const char *label, struct span seed,
        void *out, size_t n)
{
	kdf_prf(version, d, secret, label, &seed, 1, out, n);
}

static void the_prf_of_tls_1_2_gives_the_published_answer_for_sha256(void **state)
{
	uint8_t out[100];

	(void)state;
	prf(VER_TLS12, DIGEST_SHA256, hex("9bbe436ba940f017b17652849a71db35"), "test label",
	        hex("a0ba9f936cda311827a6f796ffd5198c"), out, sizeof out);
	assert_hex(out, "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a4"
	                "6b4e14baf9af"
	                "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e"
	                "5a5110fff701"
	                "87347b66");
}

static void the_prf_of_tls_1_2_gives_the_published_answer_for_sha384(void **state)
{
	uint8_t out[148];

	(void)state;
	prf(VER_TLS12, DIGEST_SHA384, hex("b80b733d6ceefcdc71566ea48e5567df"), "test label",
	        hex("cd665cf6a8447dd6ff8b27555edb7465"), out, sizeof out);
	assert_hex(out, "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82"
	                "b1233c9146a0"
	                "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abf"
	                "dad05d918425"
	                "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa"
	                "3be85e099070"
	                "3d73e56f");
}

static void the_prf_of_tls_1_0_gives_the_published_answer(void **state)
{
	uint8_t secret[48], seed[64], out[104];

	(void)state;
	memset(secret, 0xAB, sizeof secret);
	memset(seed, 0xCD, sizeof seed);
	prf(VER_TLS10, DIGEST_MD5_SHA1, (struct span){ secret, 48 }, "PRF Testvector",
	        (struct span){ seed, 64 }, out, sizeof out);
	assert_hex(out, "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754443bcf9a296519bc289a"
	                "bcbc1187e4eb"
	                "d31e602353776c408aafb74cbc85eff69255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de98"
	                "10454b8b2d8f"
	                "1afbc655a8c9a013");
}

static void the_halves_of_an_odd_secret_share_its_middle_byte(void **state)
{
	uint8_t odd[16], even[16];
	struct span seed = hex("0102030405060708");

	(void)state;
	/* 'abc' is halved to 'ab' and 'bc', as 'abbc' is. */
	prf(VER_TLS11, DIGEST_MD5_SHA1, hex("616263"), "odd", seed, odd, sizeof odd);
	prf(VER_TLS11, DIGEST_MD5_SHA1, hex("61626263"), "odd", seed, even, sizeof even);
	assert_memory_equal(odd, even, sizeof odd);
	prf(VER_TLS11, DIGEST_MD5_SHA1, nothing, "none", seed, odd, sizeof odd);
}

static void the_seed_may_come_in_parts(void **state)
{
	struct span whole = hex("0102030405060708"),
	            parts[] = { { whole.p, 3 }, { whole.p + 3, 0 }, { whole.p + 3, 5 } };
	static const uint16_t each[] = { VER_SSL3, VER_TLS10, VER_TLS12 };

	(void)state;
	for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
		uint8_t a[60], b[60];

		kdf_prf(each[i], DIGEST_SHA256, hex("aabbcc"), "label", &whole, 1, a, sizeof a);
		kdf_prf(each[i], DIGEST_SHA256, hex("aabbcc"), "label", parts, 3, b, sizeof b);
		assert_memory_equal(a, b, sizeof a);
	}
}

/* RFC 6101 section 6.1, spelt out for two rounds. */
static void the_prf_of_ssl_3_is_md5_over_sha1_over_letters(void **state)
{
	struct span secret = hex("00112233"), seed = hex("4455");
	uint8_t out[32], sha[DIGEST_MAX], md5[DIGEST_MAX];
	const char *letters[] = { "A", "BB" };

	(void)state;
	prf(VER_SSL3, DIGEST_MD5_SHA1, secret, "not looked at", seed, out, sizeof out);
	for (size_t i = 0; i < 2; i++) {
		struct span inner[] = { { (const uint8_t *)letters[i], i + 1 }, secret, seed };
		struct span outer[] = { secret, { sha, 20 } };

		crypt_digest(DIGEST_SHA1, inner, 3, sha);
		crypt_digest(DIGEST_MD5, outer, 2, md5);
		assert_memory_equal(out + 16 * i, md5, 16);
	}
}

static void the_hash_of_the_prf_is_the_suites_from_tls_1_2_on(void **state)
{
	const struct suite *cbc = suite_by_name("TLS_RSA_WITH_AES_128_CBC_SHA");
	const struct suite *gcm = suite_by_name("TLS_RSA_WITH_AES_256_GCM_SHA384");
	const struct suite *ccm = suite_by_name("TLS_RSA_WITH_AES_256_CCM_8");
	const struct suite *sm = suite_by_name("TLS_SM4_GCM_SM3");

	(void)state;
	assert_int_equal(kdf_digest(VER_TLS11, cbc), DIGEST_MD5_SHA1);
	assert_int_equal(kdf_digest(VER_TLS12, cbc), DIGEST_SHA256);
	assert_int_equal(kdf_digest(VER_TLS12, ccm), DIGEST_SHA256);
	assert_int_equal(kdf_digest(VER_TLS12, gcm), DIGEST_SHA384);
	assert_int_equal(kdf_digest(VER_TLS13, suite_find(0x1302)), DIGEST_SHA384);
	assert_int_equal(kdf_digest(VER_TLS13, suite_find(0x1303)), DIGEST_SHA256);
	assert_int_equal(kdf_digest(VER_TLS13, sm), DIGEST_SM3);
}

static void finished_has_twelve_bytes_and_in_ssl_3_thirty_six(void **state)
{
	struct span master = hex("0123456789abcdef"), transcript = hex("deadbeef");
	uint8_t client[36], server[36], expected[12], hash[DIGEST_MAX];

	(void)state;
	assert_int_equal(kdf_finished(VER_TLS12, DIGEST_SHA256, master, true, transcript, client), 12);
	crypt_digest(DIGEST_SHA256, &transcript, 1, hash);
	prf(VER_TLS12, DIGEST_SHA256, master, "client finished", (struct span){ hash, 32 }, expected, 12);
	assert_memory_equal(client, expected, 12);

	assert_int_equal(kdf_finished(VER_TLS10, DIGEST_MD5_SHA1, master, false, transcript, server), 12);
	crypt_digest(DIGEST_MD5_SHA1, &transcript, 1, hash);
	prf(VER_TLS10, DIGEST_MD5_SHA1, master, "server finished", (struct span){ hash, 36 }, expected, 12);
	assert_memory_equal(server, expected, 12);

	assert_int_equal(kdf_finished(VER_SSL3, DIGEST_MD5_SHA1, master, true, transcript, client), 36);
	assert_int_equal(kdf_finished(VER_SSL3, DIGEST_MD5_SHA1, master, false, transcript, server), 36);
	assert_memory_not_equal(client, server, 36);
}

static void hkdf_extracts_as_rfc_5869_has_it(void **state)
{
	uint8_t ikm[22], out[DIGEST_MAX];

	(void)state;
	memset(ikm, 0x0B, sizeof ikm);
	kdf_extract(DIGEST_SHA256, hex("000102030405060708090a0b0c"), (struct span){ ikm, 22 }, out);
	assert_hex(out, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
	kdf_extract(DIGEST_SHA256, nothing, (struct span){ ikm, 22 }, out);
	assert_hex(out, "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
}

/* ---- RFC 8448 section 3
 * ---------------------------------------------------------------------------------------------- */

#define EMPTY     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define HELLOS    "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"
#define HANDSHAKE "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
#define MASTER    "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"
#define CLIENT_HS "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21"
#define SERVER_HS "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38"
#define ALL       "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"

static void expands_to(const char *secret, const char *label, const char *context, const char *expected)
{
	uint8_t out[64];

	kdf_expand_label(DIGEST_SHA256, hex(secret), label, hex(context), out, strlen(expected) / 2);
	assert_hex(out, expected);
}

static void the_key_schedule_is_that_of_rfc_8448(void **state)
{
	uint8_t zeros[32] = { 0 }, out[DIGEST_MAX];

	(void)state;
	kdf_extract(DIGEST_SHA256, nothing, (struct span){ zeros, 32 }, out);
	assert_hex(out, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
	expands_to("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a", "derived", EMPTY,
	        "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba");
	kdf_extract(DIGEST_SHA256, hex("6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"),
	        hex("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d"), out);
	assert_hex(out, HANDSHAKE);
	expands_to(HANDSHAKE, "derived", EMPTY,
	        "43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4");
	kdf_extract(DIGEST_SHA256, hex("43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4"),
	        (struct span){ zeros, 32 }, out);
	assert_hex(out, MASTER);
}

static void the_traffic_secrets_are_those_of_rfc_8448(void **state)
{
	(void)state;
	expands_to(HANDSHAKE, "c hs traffic", HELLOS, CLIENT_HS);
	expands_to(HANDSHAKE, "s hs traffic", HELLOS, SERVER_HS);
	expands_to(MASTER, "c ap traffic", ALL,
	        "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5");
	expands_to(MASTER, "s ap traffic", ALL,
	        "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643");
}

static void the_keys_are_those_of_rfc_8448(void **state)
{
	(void)state;
	expands_to(SERVER_HS, "key", "", "3fce516009c21727d0f2e4e86ee403bc");
	expands_to(SERVER_HS, "iv", "", "5d313eb2671276ee13000b30");
	expands_to(CLIENT_HS, "key", "", "dbfaa693d1762c5b666af5d950258d01");
	expands_to(CLIENT_HS, "iv", "", "5bd3c71b836e0b76bb73265f");
	expands_to(SERVER_HS, "finished", "",
	        "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_prf_of_tls_1_2_gives_the_published_answer_for_sha256),
		cmocka_unit_test(the_prf_of_tls_1_2_gives_the_published_answer_for_sha384),
		cmocka_unit_test(the_prf_of_tls_1_0_gives_the_published_answer),
		cmocka_unit_test(the_halves_of_an_odd_secret_share_its_middle_byte),
		cmocka_unit_test(the_seed_may_come_in_parts),
		cmocka_unit_test(the_prf_of_ssl_3_is_md5_over_sha1_over_letters),
		cmocka_unit_test(the_hash_of_the_prf_is_the_suites_from_tls_1_2_on),
		cmocka_unit_test(finished_has_twelve_bytes_and_in_ssl_3_thirty_six),
		cmocka_unit_test(hkdf_extracts_as_rfc_5869_has_it),
		cmocka_unit_test(the_key_schedule_is_that_of_rfc_8448),
		cmocka_unit_test(the_traffic_secrets_are_those_of_rfc_8448),
		cmocka_unit_test(the_keys_are_those_of_rfc_8448),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
