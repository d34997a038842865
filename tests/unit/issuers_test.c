/* Certificates out of what an issuer's URL gives: DER, PEM and PKCS #7, whole and broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/issuers.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/store.h"
#include "tests/unit/mint.h"

static const struct minted *ca, *other, *leaf;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	ca = MINT(.name = "CA", .ca = true);
	other = MINT(.name = "Other", .ca = true);
	leaf = MINT(.name = "leaf", .by = ca);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	mint_close();
	return 0;
}

static void expect(struct span bytes, size_t n, const struct minted *const wanted[])
{
	struct span out[ISSUERS_MAX];

	assert_int_equal(issuers_read(&arena, bytes, out), n);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(out[i].n, wanted[i]->der.n);
		assert_memory_equal(out[i].p, wanted[i]->der.p, out[i].n);
	}
}

static struct span bundle(size_t copies)
{
	PKCS7 *p = PKCS7_new();
	unsigned char *der = NULL;
	struct span s;
	int n;

	assert_true(PKCS7_set_type(p, NID_pkcs7_signed) && PKCS7_content_new(p, NID_pkcs7_data));
	for (size_t i = 0; i < copies; i++)
		assert_true(PKCS7_add_certificate(p, ca->x509) && PKCS7_add_certificate(p, other->x509));
	n = i2d_PKCS7(p, &der);
	s = arena_span(&arena, (struct span){ der, (size_t)n });
	OPENSSL_free(der);
	PKCS7_free(p);
	return s;
}

static void every_form_is_read(void **state)
{
	const struct minted *both[] = { ca, other };
	char *text = arena_printf(&arena, "Subject: CA\n%s\n%s", pem_text(&arena, ca->der), pem_text(&arena, other->der));

	(void)state;
	expect(ca->der, 1, both);
	expect((struct span){ (uint8_t *)text, strlen(text) }, 2, both);
	expect(bundle(1), 2, both);
}

static void only_so_many_are_read(void **state)
{
	struct span out[ISSUERS_MAX];

	(void)state;
	assert_int_equal(issuers_read(&arena, bundle(ISSUERS_MAX), out), ISSUERS_MAX);
}

static void what_is_none_of_these_gives_nothing(void **state)
{
	static const char *const texts[] = { "", "<html>Not found</html>", "-----BEGIN CERTIFICATE-----\nZm9v", "0", "0\x82" };
	struct span p7 = bundle(1), out[ISSUERS_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		expect((struct span){ (const uint8_t *)texts[i], strlen(texts[i]) }, 0, NULL);
	for (size_t n = 0; n < p7.n; n++)
		assert_int_equal(issuers_read(&arena, (struct span){ p7.p, n }, out), 0);
	expect(bundle(0), 0, NULL);
}

static void an_anchor_that_signed_is_found(void **state)
{
	char *text = arena_printf(&arena, "%s%s", pem_text(&arena, other->der), pem_text(&arena, ca->der));
	struct store *s = store_of("test", (struct span){ (uint8_t *)text, strlen(text) });
	const struct minted *twin = MINT(.name = "CA", .ca = true), *foreign = MINT(.name = "x", .by = twin);
	struct cert *c = cert_parse(leaf->der.p, leaf->der.n), *f = cert_parse(foreign->der.p, foreign->der.n), *issuer;

	(void)state;
	issuer = issuer_in_store(s, c);
	assert_non_null(issuer);
	assert_int_equal(issuer->der.n, ca->der.n);
	assert_memory_equal(issuer->der.p, ca->der.p, ca->der.n);
	assert_null(issuer_in_store(s, f)); /* the name alone is not enough */
	cert_free(issuer);
	cert_free(c);
	cert_free(f);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(only_so_many_are_read),
		cmocka_unit_test(what_is_none_of_these_gives_nothing),
		cmocka_unit_test(an_anchor_that_signed_is_found),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
