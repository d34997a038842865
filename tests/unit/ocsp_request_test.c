/* Requests for OCSP: the bytes are those of libcrypto's own encoder, which openssl ocsp uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ocsp.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/ocsp_request.h"
#include "tests/unit/mint.h"

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	return 0;
}

static void expect_same(const struct mint *leaf_mint, const struct minted *ca)
{
	const struct minted *leaf = mint(leaf_mint);
	struct cert *c = cert_parse(leaf->der.p, leaf->der.n), *issuer = cert_parse(ca->der.p, ca->der.n);
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	unsigned char *der = NULL;
	uint8_t ours[OCSP_REQUEST_MAX];
	struct wr w = wr_of(ours, sizeof ours);
	int n;

	assert_non_null(OCSP_request_add0_id(request, OCSP_cert_to_id(EVP_sha1(), leaf->x509, ca->x509)));
	n = i2d_OCSP_REQUEST(request, &der);
	assert_true(ocsp_request_write(&w, c, issuer));
	assert_int_equal(w.len, n);
	assert_memory_equal(ours, der, w.len);
	OPENSSL_free(der);
	OCSP_REQUEST_free(request);
	cert_free(c);
	cert_free(issuer);
}

static void a_request_is_what_openssl_writes(void **state)
{
	const struct minted *ca = MINT(.name = "CA", .organisation = "Example", .ca = true);
	const struct minted *rsa = MINT(.name = "RSA CA", .ca = true, .key = "RSA:2048");
	const struct minted *ed = MINT(.name = "Ed CA", .ca = true, .key = "ED25519", .email = "ca@example.org");

	(void)state;
	expect_same(&(struct mint){ .name = "leaf", .by = ca }, ca);
	expect_same(&(struct mint){ .name = "leaf", .by = rsa }, rsa);
	expect_same(&(struct mint){ .name = "leaf", .by = ed, .serial = "7f" }, ed);
	expect_same(&(struct mint){ .name = "leaf", .by = ca, .serial = "80" }, ca); /* a zero byte in front */
	expect_same(&(struct mint){ .name = "leaf", .by = ca, .serial = "7fffffffffffffffffffffffffffffffffffffff" }, ca);
}

static struct url url_of(const char *text)
{
	struct url u;

	assert_int_equal(url_parse((struct span){ (const uint8_t *)text, strlen(text) }, &u), URL_HTTP);
	return u;
}

static void a_short_one_is_asked_by_get(void **state)
{
	static const uint8_t request[] = { 0xfb, 0xff, 0xbf, 0x01 }; /* +/+/AQ== */
	struct span bytes = { request, sizeof request };
	struct url root = url_of("http://o.test"), deep = url_of("http://o.test:81/a/b"), out;

	(void)state;
	assert_true(ocsp_request_url(&root, bytes, &out));
	assert_string_equal(out.path, "/%2B%2F%2B%2FAQ%3D%3D");
	assert_string_equal(out.host, "o.test");
	assert_true(ocsp_request_url(&deep, bytes, &out));
	assert_string_equal(out.path, "/a/b/%2B%2F%2B%2FAQ%3D%3D");
	assert_int_equal(out.port, 81);
}

/* RFC 5019 section 5: at most 255 bytes with scheme and host. */
static void a_long_one_is_not(void **state)
{
	static const uint8_t zeros[OCSP_REQUEST_MAX] = { 0 }; /* "A" for each six bits */
	struct url u = url_of("http://o.test/"), query = url_of("http://o.test/?q"), out;

	(void)state;
	assert_true(ocsp_request_url(&u, (struct span){ zeros, 180 }, &out)); /* 7 + 6 + 1 + 240 = 254 */
	assert_false(ocsp_request_url(&u, (struct span){ zeros, 183 }, &out));
	assert_false(ocsp_request_url(&u, (struct span){ zeros, sizeof zeros }, &out));
	assert_false(ocsp_request_url(&query, (struct span){ zeros, 3 }, &out));
}

static void what_cannot_be_asked_for_is_not(void **state)
{
	const struct minted *ca = MINT(.name = "CA", .ca = true);
	struct cert *issuer = cert_parse(ca->der.p, ca->der.n), *none = cert_parse(NULL, 0);
	uint8_t bytes[OCSP_REQUEST_MAX];
	struct wr w = wr_of(bytes, sizeof bytes), tight = wr_of(bytes, 20);

	(void)state;
	assert_false(ocsp_request_write(&w, none, issuer));
	w = wr_of(bytes, sizeof bytes);
	assert_false(ocsp_request_write(&w, issuer, none));
	assert_false(ocsp_request_write(&tight, issuer, issuer));
	cert_free(issuer);
	cert_free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_what_openssl_writes),
		cmocka_unit_test(a_short_one_is_asked_by_get),
		cmocka_unit_test(a_long_one_is_not),
		cmocka_unit_test(what_cannot_be_asked_for_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
