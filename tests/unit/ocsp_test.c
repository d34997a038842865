#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/ocsp.h"
#include "tests/unit/mint.h"
#include "tests/unit/ocsp_mint.h"

static const struct minted *ca, *other_ca, *leaf, *second, *third;
static struct cert *ca_cert, *leaf_cert;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	ca = MINT(.name = "CA", .organisation = "Example", .ca = true);
	other_ca = MINT(.name = "Other CA", .ca = true);
	leaf = MINT(.name = "leaf", .by = ca);
	second = MINT(.name = "second", .by = ca);
	third = MINT(.name = "third", .by = ca);
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

static const char *word(struct span response)
{
	return ocsp_status_name(ocsp_check(response, leaf_cert, ca_cert, MINT_NOW).status);
}

#define WORD(...)            word(OCSP_MINT(&arena, .about = leaf, .issuer = ca, __VA_ARGS__))
#define EXPECT(wanted, ...)  assert_string_equal(WORD(__VA_ARGS__), wanted)

static void what_the_issuer_says_is_believed(void **state)
{
	(void)state;
	EXPECT("good", .status = V_OCSP_CERTSTATUS_GOOD);
	EXPECT("good", .id_hash = EVP_sha256());
	EXPECT("good", .id_hash = EVP_sha384());
	EXPECT("good", .id_hash = EVP_sha512());
	EXPECT("good", .digest = EVP_sha384(), .no_certs = true);
	EXPECT("good", .others = { second, third });
	EXPECT("unknown", .status = V_OCSP_CERTSTATUS_UNKNOWN);
	EXPECT("revoked", .status = V_OCSP_CERTSTATUS_REVOKED);
}

static void a_revocation_tells_when_and_why(void **state)
{
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .status = V_OCSP_CERTSTATUS_REVOKED,
	        .reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE);
	struct ocsp_result r = ocsp_check(der, leaf_cert, ca_cert, MINT_NOW);

	(void)state;
	assert_int_equal(r.status, OCSP_REVOKED);
	assert_int_equal(r.revoked_at, MINT_NOW - 48 * 3600);
	assert_string_equal(ocsp_reason_name(r.revocation_reason), "key_compromise");
	assert_int_equal(r.this_update, MINT_NOW - 3600);
	assert_int_equal(r.next_update, MINT_NOW + 24 * 3600);
	der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .status = V_OCSP_CERTSTATUS_REVOKED);
	assert_int_equal(ocsp_check(der, leaf_cert, ca_cert, MINT_NOW).revocation_reason, -1);
	assert_string_equal(ocsp_reason_name(-1), "unspecified");
	assert_string_equal(ocsp_reason_name(7), "unspecified");
	assert_string_equal(ocsp_reason_name(99), "unspecified");
	assert_string_equal(ocsp_reason_name(10), "aa_compromise");
}

static void the_window_is_kept_with_a_little_skew(void **state)
{
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .from_hour = -48, .to_hour = -24);
	int64_t end = MINT_NOW - 24 * 3600, start = MINT_NOW - 48 * 3600;

	(void)state;
	assert_string_equal(word(der), "expired");
	assert_int_equal(ocsp_check(der, leaf_cert, ca_cert, end + OCSP_SKEW_SECONDS).status, OCSP_GOOD);
	assert_int_equal(ocsp_check(der, leaf_cert, ca_cert, end + OCSP_SKEW_SECONDS + 1).status, OCSP_EXPIRED);
	assert_int_equal(ocsp_check(der, leaf_cert, ca_cert, start - OCSP_SKEW_SECONDS).status, OCSP_GOOD);
	assert_int_equal(
	        ocsp_check(der, leaf_cert, ca_cert, start - OCSP_SKEW_SECONDS - 1).status, OCSP_NOT_YET_VALID);
	EXPECT("not_yet_valid", .from_hour = 1, .to_hour = 24);
}

static void without_a_next_update_a_response_lasts_a_day(void **state)
{
	(void)state;
	EXPECT("good", .from_hour = -23, .to_hour = 9999);
	EXPECT("expired", .from_hour = -25, .to_hour = 9999);
}

/* CA/Browser Forum BR 4.9.10: ten days about a leaf, twelve months about an authority. */
static void a_response_ages_whatever_it_says(void **state)
{
	const struct minted *inter = MINT(.name = "Intermediate", .by = ca, .ca = true);
	struct cert *inter_cert = cert_parse(inter->der.p, inter->der.n);
	struct span der = OCSP_MINT(&arena, .about = inter, .issuer = ca, .from_hour = -11 * 24, .to_hour = 400 * 24);
	struct span old = OCSP_MINT(&arena, .about = inter, .issuer = ca, .from_hour = -367 * 24, .to_hour = 400 * 24);

	(void)state;
	EXPECT("good", .from_hour = -239, .to_hour = 400 * 24);
	EXPECT("expired", .from_hour = -241, .to_hour = 400 * 24);
	assert_int_equal(ocsp_check(der, inter_cert, ca_cert, MINT_NOW).status, OCSP_GOOD);
	assert_int_equal(ocsp_check(old, inter_cert, ca_cert, MINT_NOW).status, OCSP_EXPIRED);
	cert_free(inter_cert);
}

static void a_revocation_outlives_its_response_unless_it_was_a_hold(void **state)
{
	(void)state;
	EXPECT("revoked", .status = V_OCSP_CERTSTATUS_REVOKED, .from_hour = -48, .to_hour = -24);
	EXPECT("expired", .status = V_OCSP_CERTSTATUS_REVOKED, .from_hour = -48, .to_hour = -24,
	        .reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD);
	EXPECT("revoked", .status = V_OCSP_CERTSTATUS_REVOKED, .reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD);
}

static void a_response_about_another_is_told(void **state)
{
	const struct minted *twin = MINT(.name = "leaf", .by = other_ca);
	struct span der = OCSP_MINT(&arena, .about = second, .issuer = ca);

	(void)state;
	assert_string_equal(word(der), "wrong_certificate");
	der = OCSP_MINT(&arena, .about = twin, .issuer = other_ca);
	assert_string_equal(word(der), "wrong_certificate");
}

/* The same names and serial, and another key: the hash of the issuer's key tells them apart. */
static void a_response_of_another_issuer_of_that_name_is_told(void **state)
{
	const struct minted *false_ca = MINT(.name = "CA", .organisation = "Example", .ca = true);
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = false_ca);

	(void)state;
	assert_string_equal(word(der), "wrong_certificate");
}

static void a_delegate_signs_when_the_issuer_made_it_one(void **state)
{
	const struct minted *good = MINT(.name = "ocsp", .by = ca, .purposes = "OCSPSigning");
	const struct minted *plain = MINT(.name = "ocsp", .by = ca);
	const struct minted *server = MINT(.name = "ocsp", .by = ca, .purposes = "serverAuth");
	const struct minted *foreign = MINT(.name = "ocsp", .by = other_ca, .purposes = "OCSPSigning");
	const struct minted *late =
	        MINT(.name = "ocsp", .by = ca, .purposes = "OCSPSigning", .from_day = -9, .to_day = -1);
	const struct minted *unable =
	        MINT(.name = "ocsp", .by = ca, .purposes = "OCSPSigning", .usage = "keyEncipherment");
	const struct minted *forged = MINT(
	        .name = "ocsp", .by = ca, .purposes = "OCSPSigning", .signed_with = other_ca);
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .signer = good);

	(void)state;
	assert_true(ocsp_check(der, leaf_cert, ca_cert, MINT_NOW).by_delegate);
	EXPECT("good", .signer = good);
	EXPECT("bad_signature", .signer = good, .no_certs = true);
	EXPECT("wrong_signer", .signer = plain);
	EXPECT("wrong_signer", .signer = server);
	EXPECT("wrong_signer", .signer = foreign);
	EXPECT("wrong_signer", .signer = late);
	EXPECT("wrong_signer", .signer = unable);
	EXPECT("wrong_signer", .signer = forged);
	EXPECT("wrong_signer", .signer = other_ca);
}

static void a_changed_response_is_not_believed(void **state)
{
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .no_certs = true);

	(void)state;
	assert_string_equal(word(mint_copy(der, der.n - 5, 0x40)), "bad_signature");
	assert_string_equal(ocsp_status_name(ocsp_check(der, leaf_cert, NULL, MINT_NOW).status), "no_issuer");
}

static void an_rsa_issuer_signs_too(void **state)
{
	const struct minted *rsa = MINT(.name = "RSA CA", .key = "RSA:1024", .ca = true);
	const struct minted *child = MINT(.name = "child", .by = rsa);
	struct cert *i = cert_parse(rsa->der.p, rsa->der.n), *c = cert_parse(child->der.p, child->der.n);
	struct span sha256 = OCSP_MINT(&arena, .about = child, .issuer = rsa);
	struct span md5 = OCSP_MINT(&arena, .about = child, .issuer = rsa, .digest = EVP_md5());

	(void)state;
	assert_int_equal(ocsp_check(sha256, c, i, MINT_NOW).status, OCSP_GOOD);
	assert_int_equal(ocsp_check(md5, c, i, MINT_NOW).status, OCSP_UNSUPPORTED);
	cert_free(i);
	cert_free(c);
}

static void a_responders_refusal_is_its_own_word(void **state)
{
	static const struct {
		int status;
		const char *word;
	} rows[] = {
		{ OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, "malformed_request" },
		{ OCSP_RESPONSE_STATUS_INTERNALERROR, "internal_error" },
		{ OCSP_RESPONSE_STATUS_TRYLATER, "try_later" },
		{ 4, "malformed" },
		{ OCSP_RESPONSE_STATUS_SIGREQUIRED, "signature_required" },
		{ OCSP_RESPONSE_STATUS_UNAUTHORIZED, "unauthorized" },
		{ 7, "malformed" },
		{ OCSP_RESPONSE_STATUS_SUCCESSFUL, "malformed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(word(ocsp_mint_der(&arena, rows[i].status, NULL)), rows[i].word);
}

static void every_start_and_every_flipped_bit_is_some_answer(void **state)
{
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .status = V_OCSP_CERTSTATUS_REVOKED,
	        .reason = 1, .scts = { (const uint8_t *)"\0\3abc", 5 });

	(void)state;
	for (size_t n = 0; n < der.n; n++)
		assert_string_equal(word((struct span){ der.p, n }), "malformed");
	for (size_t at = 0; at < der.n; at++)
		assert_int_not_equal(ocsp_check(mint_copy(der, at, 0x01), leaf_cert, ca_cert, MINT_NOW).status, OCSP_GOOD);
}

static void what_is_too_large_or_about_no_certificate_is_malformed(void **state)
{
	uint8_t *large = calloc(1, OCSP_BYTES_MAX + 1);
	struct cert *none = cert_parse((const uint8_t *)"x", 1);
	struct span der = OCSP_MINT(&arena, .about = leaf, .issuer = ca);

	(void)state;
	assert_string_equal(word((struct span){ large, OCSP_BYTES_MAX + 1 }), "malformed");
	assert_int_equal(ocsp_check(der, none, ca_cert, MINT_NOW).status, OCSP_MALFORMED);
	cert_free(none);
	free(large);
}

static void timestamps_in_the_entry_are_found(void **state)
{
	struct span der =
	        OCSP_MINT(&arena, .about = leaf, .issuer = ca, .scts = { (const uint8_t *)"\0\3abc", 5 });
	struct ocsp_result r = ocsp_check(der, leaf_cert, ca_cert, MINT_NOW);

	(void)state;
	assert_int_equal(r.scts.n, 3);
	assert_memory_equal(r.scts.p, "abc", 3);
	der = OCSP_MINT(&arena, .about = leaf, .issuer = ca, .scts = { (const uint8_t *)"\0\4abc", 5 });
	assert_int_equal(ocsp_check(der, leaf_cert, ca_cert, MINT_NOW).scts.n, 0);
}

static void every_status_has_a_word(void **state)
{
	(void)state;
	for (int i = 0; i < OCSP_STATUSES; i++)
		assert_non_null(ocsp_status_name((enum ocsp_status)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_issuer_says_is_believed),
		cmocka_unit_test(a_revocation_tells_when_and_why),
		cmocka_unit_test(the_window_is_kept_with_a_little_skew),
		cmocka_unit_test(without_a_next_update_a_response_lasts_a_day),
		cmocka_unit_test(a_response_ages_whatever_it_says),
		cmocka_unit_test(a_revocation_outlives_its_response_unless_it_was_a_hold),
		cmocka_unit_test(a_response_about_another_is_told),
		cmocka_unit_test(a_response_of_another_issuer_of_that_name_is_told),
		cmocka_unit_test(a_delegate_signs_when_the_issuer_made_it_one),
		cmocka_unit_test(a_changed_response_is_not_believed),
		cmocka_unit_test(an_rsa_issuer_signs_too),
		cmocka_unit_test(a_responders_refusal_is_its_own_word),
		cmocka_unit_test(every_start_and_every_flipped_bit_is_some_answer),
		cmocka_unit_test(what_is_too_large_or_about_no_certificate_is_malformed),
		cmocka_unit_test(timestamps_in_the_entry_are_found),
		cmocka_unit_test(every_status_has_a_word),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
