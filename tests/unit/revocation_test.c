/* What fetched OCSP responses and CRLs say of a certificate, and what keeps them from saying it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/revocation.h"
#include "tests/unit/mint.h"
#include "tests/unit/ocsp_mint.h"

static const struct minted *ca, *twin, *mute, *leaf;
static struct cert *ca_cert, *leaf_cert;
static struct arena arena;

/* onlySomeReasons keyCompromise, and the point that the leaf names. */
#define SOME_REASONS "2.5.29.28=critical,DER:301CA016A0148612687474703A2F2F632E746573742F6D696E6583020640"

static int set_up(void **state)
{
	(void)state;
	ca = MINT(.name = "CA", .ca = true);
	twin = MINT(.name = "CA", .ca = true);
	mute = MINT(.name = "CA", .ca = true, .key_of = ca, .usage = "keyCertSign");
	leaf = MINT(.name = "leaf", .by = ca, .serial = "1234", .crl_points = "URI:http://c.test/mine");
	ca_cert = cert_parse(ca->der.p, ca->der.n);
	leaf_cert = cert_parse(leaf->der.p, leaf->der.n);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cert_free(ca_cert);
	cert_free(leaf_cert);
	arena_free(&arena);
	mint_close();
	return 0;
}

static void expect(struct revocation r, const char *state, const char *reason)
{
	assert_string_equal(r.state, state);
	if (reason)
		assert_string_equal(r.reason, reason);
	else
		assert_null(r.reason);
}

#define OCSP(...) \
	revocation_by_ocsp(OCSP_MINT(&arena, .about = leaf, .issuer = ca, __VA_ARGS__), leaf_cert, ca_cert, MINT_NOW)

static void an_ocsp_response_says_its_state_or_why_not(void **state)
{
	const struct minted *delegate = MINT(.name = "d", .by = ca, .purposes = "OCSPSigning");
	struct revocation r = OCSP(.status = V_OCSP_CERTSTATUS_REVOKED, .reason = 1);

	(void)state;
	expect(r, "revoked", NULL);
	assert_int_equal(r.crl_reason, 1);
	assert_int_equal(r.revoked_at, MINT_NOW - 48 * 3600);
	r = OCSP(.signer = delegate);
	expect(r, "good", NULL);
	assert_string_equal(r.signed_by, "delegate");
	expect(OCSP(.status = V_OCSP_CERTSTATUS_UNKNOWN), "unknown", "not_known");
	expect(OCSP(.from_hour = -48, .to_hour = -24), "unknown", "stale");
	expect(OCSP(.from_hour = 24, .to_hour = 48), "unknown", "not_yet_valid");
	expect(OCSP(.signer = MINT(.name = "x", .ca = true)), "unknown", "wrong_signer");
	expect(revocation_by_ocsp((struct span){ (const uint8_t *)"x", 1 }, leaf_cert, ca_cert, MINT_NOW), "unknown", "malformed");
}

#define CRL(...) revocation_by_crl(mint_crl(&(struct mint_crl){ __VA_ARGS__ }), leaf_cert, ca_cert, MINT_NOW)

static void a_crl_says_its_state_or_why_not(void **state)
{
	struct revocation r = CRL(.by = ca, .revoked = "55,1234,66");
	struct span list = mint_crl(&(struct mint_crl){ .by = ca });

	(void)state;
	expect(r, "revoked", NULL);
	assert_int_equal(r.crl_reason, -1);
	assert_true(r.revoked_at && r.revoked_at < MINT_NOW);
	r = CRL(.by = ca, .revoked = "1234", .entry_ext = "2.5.29.21=DER:0a0101");
	expect(r, "revoked", NULL);
	assert_int_equal(r.crl_reason, 1);
	expect(CRL(.by = ca), "good", NULL);
	expect(CRL(.by = ca, .revoked = "12,34"), "good", NULL);
	expect(CRL(.by = ca, .from_day = -9, .to_day = -2), "unknown", "stale");
	expect(CRL(.by = ca, .from_day = -9, .to_day = -2, .revoked = "1234"), "revoked", NULL);
	expect(CRL(.by = ca, .from_day = 2, .to_day = 9), "unknown", "not_yet_valid");
	expect(CRL(.by = MINT(.name = "x", .ca = true)), "unknown", "wrong_signer");
	expect(CRL(.by = twin), "unknown", "bad_signature");
	expect(CRL(.by = ca, .digest = "SHA1"), "unknown", "weak_signature");
	expect(CRL(.by = ca, .exts = "2.5.29.27=critical,DER:020101"), "unknown", "unsupported_crl");
	expect(CRL(.by = ca, .exts = SOME_REASONS), "unknown", "unsupported_crl");
	expect(CRL(.by = ca, .exts = SOME_REASONS, .revoked = "1234"), "revoked", NULL); /* RFC 5280 section 6.3.3 */
	expect(revocation_by_crl((struct span){ list.p, list.n - 1 }, leaf_cert, ca_cert, MINT_NOW), "unknown", "malformed");
	expect(revocation_by_crl((struct span){ NULL, 0 }, leaf_cert, ca_cert, MINT_NOW), "unknown", "malformed");
	expect(revocation_by_crl(list, leaf_cert, NULL, MINT_NOW), "unknown", "no_issuer");
}

/* RFC 5280 section 6.3.3 (f): the key usage of the issuer is to have cRLSign. */
static void an_issuer_that_may_not_sign_crls_is_the_wrong_signer(void **state)
{
	struct cert *c = cert_parse(mute->der.p, mute->der.n);

	(void)state;
	expect(revocation_by_crl(mint_crl(&(struct mint_crl){ .by = ca }), leaf_cert, c, MINT_NOW), "unknown", "wrong_signer");
	cert_free(c);
}

static void a_crl_in_pem_is_read_too(void **state)
{
	char *text = arena_text(&arena, pem_text(&arena, mint_crl(&(struct mint_crl){ .by = ca, .revoked = "1234" })));
	struct text crl = { 0 };

	(void)state;
	for (char *p = text, *at; *p; p = at + strlen("CERTIFICATE")) {
		at = strstr(p, "CERTIFICATE");
		text_addn(&crl, p, at ? (size_t)(at - p) : strlen(p));
		if (!at)
			break;
		text_add(&crl, "X509 CRL");
	}
	expect(revocation_by_crl((struct span){ (const uint8_t *)crl.s, crl.n }, leaf_cert, ca_cert, MINT_NOW), "revoked", NULL);
	text_free(&crl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ocsp_response_says_its_state_or_why_not),
		cmocka_unit_test(a_crl_says_its_state_or_why_not),
		cmocka_unit_test(an_issuer_that_may_not_sign_crls_is_the_wrong_signer),
		cmocka_unit_test(a_crl_in_pem_is_read_too),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
