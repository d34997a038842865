/* TLSA and CAA records against chains made here: which usage, selector and matching fits what, and what then still fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/dane.h"
#include "scanner/trust/pem.h"
#include "tests/unit/mint.h"

static const struct minted *root, *inter, *leaf, *other, *expired, *stranger;
static struct store *store;
static struct arena arena;

static int set_up(void **state)
{
	const char *pem;

	(void)state;
	root = MINT(.name = "Root", .ca = true);
	inter = MINT(.name = "Inter", .organisation = "Let's Encrypt", .by = root, .ca = true);
	leaf = MINT(.name = "leaf", .by = inter, .names = "DNS:example.org");
	other = MINT(.name = "leaf", .by = inter, .names = "DNS:other.example");
	expired = MINT(.name = "leaf", .by = inter, .names = "DNS:example.org", .from_day = -90, .to_day = -1);
	stranger = MINT(.name = "Stranger", .ca = true);
	pem = pem_text(&arena, root->der);
	store = store_of("test", (struct span){ (const uint8_t *)pem, strlen(pem) });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	mint_close();
	arena_free(&arena);
	return 0;
}

/* "3 1 1 .." of this certificate. */
static const char *tlsa(int usage, int selector, int matching, const struct minted *of)
{
	struct cert *c = cert_parse(of->der.p, of->der.n);
	struct span s = selector ? c->spki : c->der;
	uint8_t hash[SHA512_DIGEST_LENGTH];
	const char *hex;

	if (matching == 0)
		hex = text_hex(&arena, s.p, s.n);
	else if (matching == 1)
		hex = text_hex(&arena, SHA256(s.p, s.n, hash), SHA256_DIGEST_LENGTH);
	else
		hex = text_hex(&arena, SHA512(s.p, s.n, hash), SHA512_DIGEST_LENGTH);
	cert_free(c);
	return arena_printf(&arena, "%d %d %d %s", usage, selector, matching, hex);
}

enum { SENT_MAX = 4 };

static struct record *served(const struct minted *const *sent, bool stored)
{
	static struct store *stores[2];
	struct record *r = record_new();
	struct span spans[SENT_MAX];
	size_t n = 0;

	stores[0] = stored ? store : NULL;
	for (; n < SENT_MAX && sent[n]; n++)
		spans[n] = sent[n]->der;
	chain_observe(r, &(struct chain_input){ .protocol = VER_TLS13, .key = KEY_ECDSA, .sni = TRI_YES, .certs = spans, .count = n,
				 .host = "example.org", .at = MINT_NOW, .stores = stores, .probe = "test" });
	return r;
}

static void add_names(struct record *r, enum obs_key key, const char *const *names, size_t n)
{
	record_add(r, &(struct obs){ .key = key, .names = names, .count = n, .probe = "dns.test" });
}

/* What these records and this chain come to; the first of `more` that is NULL ends them. */
static enum tri match(const struct minted *const *sent, bool stored, const char *const *records)
{
	static struct store *stores[2];
	struct record *r = served(sent, stored);
	const struct obs *o;
	size_t n = 0;
	enum tri tri;

	stores[0] = stored ? store : NULL;
	while (records[n])
		n++;
	add_names(r, OBS_KEY_DNS_TLSA, records, n);
	dane_observe(r, stores, MINT_NOW);
	o = record_find(r, OBS_KEY_DNS_TLSA_MATCH, 0);
	tri = o ? o->tri : TRI_ABSENT;
	if (o) {
		assert_int_equal(o->evidence_count > 0, tri == TRI_YES);
		assert_int_equal(o->reason != NULL, tri == TRI_UNKNOWN);
		assert_string_equal(o->probe, "dns.test");
	}
	record_free(r);
	return tri;
}

#define SENT(...) ((const struct minted *const[SENT_MAX + 1]){ __VA_ARGS__ })
#define TLSA(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void the_leaf_alone_counts_for_dane_ee(void **state)
{
	(void)state;
	for (int selector = 0; selector < 2; selector++)
		for (int matching = 0; matching < 3; matching++) {
			assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(3, selector, matching, leaf))), TRI_YES);
			assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(3, selector, matching, inter))), TRI_NO);
		}
	/* RFC 7671 section 5.1: neither names nor dates nor trust */
	assert_int_equal(match(SENT(other), false, TLSA(tlsa(3, 1, 1, other))), TRI_YES);
	assert_int_equal(match(SENT(expired), false, TLSA(tlsa(3, 1, 1, expired))), TRI_YES);
}

static void an_anchor_of_dane_is_one_that_a_path_leads_to(void **state)
{
	(void)state;
	for (int selector = 0; selector < 2; selector++)
		for (int matching = 0; matching < 3; matching++)
			assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, selector, matching, inter))), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter, root), false, TLSA(tlsa(2, 1, 1, root))), TRI_YES);
	/* not sent: a hash finds nothing, a whole certificate is there, a bare key is left open */
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, 0, 1, root))), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, 0, 0, root))), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, 1, 0, root))), TRI_UNKNOWN);
	/* sent, and signed nothing */
	assert_int_equal(match(SENT(leaf, inter, stranger), false, TLSA(tlsa(2, 1, 1, stranger))), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, 0, 0, stranger))), TRI_NO);
	/* the leaf is no anchor, and names and dates count (section 5.2) */
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(2, 1, 1, leaf))), TRI_NO);
	assert_int_equal(match(SENT(other, inter), false, TLSA(tlsa(2, 1, 1, inter))), TRI_NO);
	assert_int_equal(match(SENT(expired, inter), false, TLSA(tlsa(2, 1, 1, inter))), TRI_NO);
}

static void pkix_usages_need_a_store_too(void **state)
{
	(void)state;
	assert_int_equal(match(SENT(leaf, inter), true, TLSA(tlsa(1, 1, 1, leaf))), TRI_YES);
	assert_int_equal(match(SENT(leaf), true, TLSA(tlsa(1, 1, 1, leaf))), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter), true, TLSA(tlsa(1, 1, 1, inter))), TRI_NO);
	assert_int_equal(match(SENT(other, inter), true, TLSA(tlsa(1, 1, 1, other))), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter), true, TLSA(tlsa(0, 1, 1, inter))), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), true, TLSA(tlsa(0, 0, 1, root))), TRI_YES); /* of the store */
	assert_int_equal(match(SENT(leaf, inter, root), true, TLSA(tlsa(0, 0, 2, root))), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), true, TLSA(tlsa(0, 1, 1, leaf))), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter, stranger), true, TLSA(tlsa(0, 1, 1, stranger))), TRI_NO);
	assert_int_equal(match(SENT(other, inter), true, TLSA(tlsa(0, 1, 1, inter))), TRI_NO);
	/* without a store nobody can say */
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(tlsa(1, 1, 1, leaf))), TRI_UNKNOWN);
}

static void any_record_is_enough_and_useless_ones_do_not_count(void **state)
{
	const char *good = tlsa(3, 1, 1, leaf), *bad = tlsa(3, 1, 1, other), *open = tlsa(2, 1, 0, root);

	(void)state;
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(bad, good)), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(good, bad)), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(open, good)), TRI_YES);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(open, bad)), TRI_UNKNOWN);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA(bad, open)), TRI_UNKNOWN);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA("4 1 1 00", "3 2 1 00", "3 1 3 00", "3 1 1 00", "3 1 2 00")), TRI_NA);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA("4 1 1 00", bad)), TRI_NO);
	assert_int_equal(match(SENT(leaf, inter), false, TLSA("nonsense")), TRI_NA);
	assert_int_equal(match(SENT(leaf, inter), false, (const char *const[]){ NULL }), TRI_ABSENT);
}

static void a_certificate_that_is_none_fits_by_its_bytes_alone(void **state)
{
	const struct minted junk = { .der = { (const uint8_t *)"junk", 4 } };

	(void)state;
	assert_int_equal(match(SENT(&junk), false, TLSA("3 0 0 6a756e6b")), TRI_YES);
	assert_int_equal(match(SENT(&junk), false, TLSA("3 1 0 6a756e6b")), TRI_NO);
	assert_int_equal(match(SENT(leaf, &junk), false, TLSA("2 0 0 6a756e6b")), TRI_NO);
}

static void records_known_in_part_are_compared_with_nothing(void **state)
{
	struct record *r = served(SENT(leaf, inter), false);

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_DNS_TLSA, .names = TLSA(tlsa(3, 1, 1, other)), .count = 1, .reason = "MALFORMED" });
	dane_observe(r, NULL, MINT_NOW);
	assert_null(record_find(r, OBS_KEY_DNS_TLSA_MATCH, 0));
	record_free(r);
}

/* ---- CAA ----------------------------------------------------------------------------------------------------------- */

static const char *issuer_word(const struct minted *of, const char *const *issue, const char *const *wild)
{
	struct record *r = served(SENT(of, inter), false);
	const struct obs *o;
	const char *word;
	size_t n = 0;

	while (issue && issue[n])
		n++;
	if (issue)
		add_names(r, OBS_KEY_DNS_CAA_ISSUE, issue, n);
	for (n = 0; wild && wild[n];)
		n++;
	if (wild)
		add_names(r, OBS_KEY_DNS_CAA_ISSUEWILD, wild, n);
	dane_observe(r, NULL, MINT_NOW);
	o = record_find(r, OBS_KEY_DNS_CAA_ISSUER, 0);
	word = o ? o->text : "-"; /* constant */
	record_free(r);
	return word;
}

static void an_issuer_is_looked_up_only_where_its_names_are_certain(void **state)
{
	const struct minted *wildcard = MINT(.name = "leaf", .by = inter, .names = "DNS:*.example.org");
	const struct minted *of_root = MINT(.name = "leaf", .by = root, .names = "DNS:example.org");
	const struct minted *like = MINT(.name = "I", .organisation = "Let's Encrypt Fans", .by = root, .ca = true);
	const struct minted *of_like = MINT(.name = "leaf", .by = like, .names = "DNS:example.org");
	const char *const nobody[] = { NULL };

	(void)state;
	assert_string_equal(issuer_word(leaf, TLSA("a.example", "letsencrypt.org"), NULL), "named");
	assert_string_equal(issuer_word(leaf, TLSA("a.example"), NULL), "not_named");
	assert_string_equal(issuer_word(leaf, nobody, NULL), "not_named");
	assert_string_equal(issuer_word(leaf, NULL, NULL), "-");
	assert_string_equal(issuer_word(leaf, TLSA("letsencrypt.org"), nobody), "named");
	assert_string_equal(issuer_word(wildcard, TLSA("letsencrypt.org"), NULL), "named");
	assert_string_equal(issuer_word(wildcard, TLSA("letsencrypt.org"), nobody), "not_named");
	assert_string_equal(issuer_word(of_root, TLSA("letsencrypt.org"), NULL), "not_known");
	assert_string_equal(issuer_word(of_like, TLSA("letsencrypt.org"), NULL), "not_known");
	assert_string_equal(issuer_word(of_root, nobody, NULL), "not_named"); /* nobody is: RFC 8659 section 4.2 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_leaf_alone_counts_for_dane_ee),
		cmocka_unit_test(an_anchor_of_dane_is_one_that_a_path_leads_to),
		cmocka_unit_test(pkix_usages_need_a_store_too),
		cmocka_unit_test(any_record_is_enough_and_useless_ones_do_not_count),
		cmocka_unit_test(a_certificate_that_is_none_fits_by_its_bytes_alone),
		cmocka_unit_test(records_known_in_part_are_compared_with_nothing),
		cmocka_unit_test(an_issuer_is_looked_up_only_where_its_names_are_certain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
