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

/* What differs between these two, the first served with the server's name; "-": nothing is told. */
static void expect(const struct minted *a, const struct minted *b, enum tri sni, const char *wanted)
{
	struct record *r = record_new();
	struct text t = { 0 };
	const struct obs *o;

	add(r, a, KEY_RSA, TRI_YES);
	add(r, b, KEY_ECDSA, sni);
	differ_observe(r);
	o = record_find(r, OBS_KEY_CERT_DIFFERENCES, 0);
	for (size_t i = 0; o && i < o->count; i++)
		text_fmt(&t, "%s%s", i ? " " : "", o->names[i]);
	assert_string_equal(o ? text_str(&t) : "-", wanted);
	text_free(&t);
	record_free(r);
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

/* Without a name a server may show what it likes; a key in two certificates is told all the same. */
static void only_what_the_name_gets_is_compared(void **state)
{
	const struct minted *named = MINT(.name = "a", .by = ca, .names = "DNS:a.example");
	const struct minted *other = MINT(.name = "b", .by = other_ca, .names = "DNS:b.example");
	const struct minted *same_key = MINT(.name = "b", .by = other_ca, .key_of = named);

	(void)state;
	expect(named, other, TRI_NO, "-");
	expect(named, same_key, TRI_NO, "same_key");
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
		cmocka_unit_test(only_what_the_name_gets_is_compared),
		cmocka_unit_test(an_issuer_without_an_organisation_is_compared_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
