#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/differ.h"
#include "tests/unit/mint.h"

static const struct minted *ca, *other_ca;

static int set_up(void **state)
{
	(void)state;
	ca = MINT(.name = "R1", .organisation = "Example", .ca = true);
	other_ca = MINT(.name = "R1", .organisation = "Other", .ca = true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	return 0;
}

static void add(struct record *r, const struct minted *leaf, enum cert_key key, enum tri sni)
{
	chain_observe(r, &(struct chain_input){
	                         .protocol = VER_TLS12, .key = key, .sni = sni, .certs = &leaf->der, .count = 1, .probe = "t" });
}

static const struct obs *told(const struct record *r, enum tri without)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CERT_DIFFERENCES && r->obs[i].sni == without)
			return &r->obs[i];
	return NULL;
}

/* "-": nothing is told. */
static void expect_words(const struct obs *o, const char *wanted)
{
	struct text t = { 0 };

	for (size_t i = 0; o && i < o->count; i++)
		text_fmt(&t, "%s%s", i ? " " : "", o->names[i]);
	assert_string_equal(o ? text_str(&t) : "-", wanted);
	text_free(&t);
}

/* What differs between these two, the first served with the server's name; and what without it. */
static void expect_both(const struct minted *a, const struct minted *b, enum tri sni, const char *named, const char *without)
{
	struct record *r = record_new();

	add(r, a, KEY_RSA, TRI_YES);
	add(r, b, KEY_ECDSA, sni);
	differ_observe(r);
	expect_words(told(r, TRI_ABSENT), named);
	expect_words(told(r, TRI_NO), without);
	record_free(r);
}

static void expect(const struct minted *a, const struct minted *b, enum tri sni, const char *wanted)
{
	expect_both(a, b, sni, wanted, "-");
}

static void certificates_of_one_server_are_compared(void **state)
{
	const struct minted *first = MINT(.name = "a", .by = ca, .names = "DNS:a.example,DNS:b.example");
	const struct minted *same = MINT(.name = "a", .by = ca, .names = "DNS:b.example,DNS:a.example", .from_day = -30, .to_day = 66);
	const struct minted *fewer = MINT(.name = "a", .by = ca, .names = "DNS:a.example");
	const struct minted *later = MINT(.name = "a", .by = ca, .names = "DNS:a.example,DNS:b.example", .from_day = -30, .to_day = 80);
	const struct minted *foreign = MINT(.name = "a", .by = other_ca, .names = "DNS:a.example,DNS:b.example");
	const struct minted *again =
	        MINT(.name = "a", .by = ca, .names = "DNS:a.example,DNS:b.example", .key_of = first);

	(void)state;
	expect(first, same, TRI_YES, "");
	expect(first, fewer, TRI_YES, "names");
	expect(fewer, first, TRI_YES, "names");
	expect(first, later, TRI_YES, "expiry");
	expect(first, foreign, TRI_YES, "issuer");
	expect(first, again, TRI_YES, "same_key");
	expect(first, first, TRI_YES, "-");
}

/* Without a name a server may show a certificate for others; one for the same service is compared in all. */
static void what_no_name_gets_is_compared_apart(void **state)
{
	const struct minted *named = MINT(.name = "a", .by = ca, .names = "DNS:a.example");
	const struct minted *other = MINT(.name = "b", .by = other_ca, .names = "DNS:b.example", .from_day = -30, .to_day = 9);
	const struct minted *same_key = MINT(.name = "b", .by = other_ca, .names = "DNS:a.example", .key_of = named);
	const struct minted *ends = MINT(.name = "a", .by = ca, .names = "DNS:a.example", .from_day = -30, .to_day = 9);
	const struct minted *alike = MINT(.name = "a", .by = ca, .names = "DNS:a.example");

	(void)state;
	expect_both(named, other, TRI_NO, "-", "names");
	expect_both(named, same_key, TRI_NO, "same_key", "issuer");
	expect_both(named, ends, TRI_NO, "-", "expiry");
	expect_both(named, alike, TRI_NO, "-", "");
	expect_both(named, named, TRI_NO, "-", "-");
}

static void of_a_target_without_a_name_all_are_compared(void **state)
{
	struct record *r = record_new();

	(void)state;
	add(r, MINT(.name = "a", .by = ca, .names = "DNS:a.example"), KEY_RSA, TRI_NO);
	add(r, MINT(.name = "b", .by = ca, .names = "DNS:b.example"), KEY_ECDSA, TRI_NO);
	differ_observe(r);
	expect_words(told(r, TRI_ABSENT), "names");
	expect_words(told(r, TRI_NO), "-");
	record_free(r);
}

static void an_issuer_without_an_organisation_is_compared_whole(void **state)
{
	const struct minted *x = MINT(.name = "X", .ca = true), *y = MINT(.name = "Y", .ca = true);
	const struct minted *a = MINT(.name = "a", .by = x), *b = MINT(.name = "a", .by = y);

	(void)state;
	expect(a, b, TRI_YES, "issuer");
	expect(a, MINT(.name = "a", .by = x), TRI_YES, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_of_one_server_are_compared),
		cmocka_unit_test(what_no_name_gets_is_compared_apart),
		cmocka_unit_test(of_a_target_without_a_name_all_are_compared),
		cmocka_unit_test(an_issuer_without_an_organisation_is_compared_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
