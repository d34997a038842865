#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/pem.h"
#include "tests/unit/mint.h"

static const struct minted *root, *inter, *second, *leaf;
static struct store *store;

static struct store *store_with(const char *name, const struct minted *anchor)
{
	struct arena a = { 0 };
	const char *text = pem_text(&a, anchor->der);
	struct store *s = store_of(name, (struct span){ (const uint8_t *)text, strlen(text) });

	arena_free(&a);
	return s;
}

static int set_up(void **state)
{
	(void)state;
	root = MINT(.name = "Root", .ca = true);
	second = MINT(.name = "Second", .by = root, .ca = true);
	inter = MINT(.name = "Inter", .by = second, .ca = true);
	leaf = MINT(.name = "leaf", .by = inter, .names = "DNS:example.org");
	store = store_with("test", root);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	mint_close();
	return 0;
}

#define LIST(...) ((const struct minted *const[]){ __VA_ARGS__, NULL })

static struct chain_input input(struct span *spans, const struct minted *const *served)
{
	static struct store *stores[2];
	size_t n = 0;

	stores[0] = store;
	for (; served[n]; n++)
		spans[n] = served[n]->der;
	return (struct chain_input){ .protocol = VER_TLS12,
		.key = KEY_ECDSA,
		.sni = TRI_YES,
		.certs = spans,
		.count = n,
		.host = "example.org",
		.at = MINT_NOW,
		.stores = stores,
		.probe = "test" };
}

static size_t count(const struct record *r, enum obs_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->obs_count; i++)
		n += r->obs[i].key == key;
	return n;
}

static struct record *observe(const struct minted *const *served)
{
	struct record *r = record_new();
	struct span spans[CHAIN_CERTS_MAX + 64];
	struct chain_input in = input(spans, served);

	chain_observe(r, &in);
	return r;
}

static void expect_issues(const struct minted *const *served, const char *expected)
{
	struct record *r = observe(served);
	const struct obs *o = record_find(r, OBS_KEY_CHAIN_ISSUES, 0);
	struct text t = { 0 };

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? " " : "", o->names[i]);
	assert_string_equal(text_str(&t), expected);
	text_free(&t);
	record_free(r);
}

static void a_good_chain_is_told_whole(void **state)
{
	struct record *r = observe(LIST(leaf, inter, second));
	const struct obs *served = record_find(r, OBS_KEY_CHAIN_SERVED, VER_TLS12);
	const struct obs *trust = record_find(r, OBS_KEY_CHAIN_TRUST, 0);

	(void)state;
	assert_int_equal(r->obs_count, 11);
	assert_int_equal(count(r, OBS_KEY_CERT_KEY_FLAWS), 3);
	assert_int_equal(count(r, OBS_KEY_CERT_VALIDATION), 1);
	assert_int_equal(record_find(r, OBS_KEY_CT_SCTS, 0)->number, 0);
	assert_null(record_find(r, OBS_KEY_STAPLE, 0)); /* not asked for */
	assert_int_equal(r->certs_count, 3);
	assert_int_equal(served->count, 3);
	assert_int_equal(served->cert, KEY_ECDSA);
	assert_string_equal(served->names[0], r->certs[0].sha256);
	assert_int_equal(strlen(served->chain), 16);
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_HOSTNAME, 0)->text, "match");
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->count, 0);
	assert_int_equal(trust->tri, TRI_YES);
	assert_string_equal(trust->name, "test");
	assert_null(trust->reason);
	assert_int_equal(trust->count, 1);
	assert_string_equal(trust->probe, "test");
	record_free(r);
}

static void issues_are_told_apart(void **state)
{
	const struct minted *self = MINT(.name = "self"), *foreign = MINT(.name = "Foreign", .ca = true);
	const struct minted *late = MINT(.name = "leaf", .by = inter, .from_day = -9, .to_day = -1);
	const struct minted *early = MINT(.name = "leaf", .by = inter, .from_day = 1, .to_day = 9);
	const struct minted *private = MINT(.name = "leaf", .by = foreign);
	const struct minted *cross = MINT(.name = "Second", .by = foreign, .key_of = second, .ca = true);

	(void)state;
	expect_issues(LIST(leaf, inter, second), "");
	expect_issues(LIST(leaf, inter), "incomplete");
	expect_issues(LIST(leaf), "incomplete");
	expect_issues(LIST(leaf, second, inter), "wrong_order");
	expect_issues(LIST(inter, leaf, second), "wrong_order unneeded");
	expect_issues(LIST(leaf, inter, second, foreign), "unneeded");
	expect_issues(LIST(leaf, inter, inter, second), "duplicate");
	expect_issues(LIST(leaf, leaf, inter, second, foreign), "unneeded duplicate");
	expect_issues(LIST(leaf, inter, second, root), "root_sent");
	expect_issues(LIST(leaf, root, second, inter), "wrong_order root_sent");
	expect_issues(LIST(leaf, inter, second, cross), "cross_signed");
	expect_issues(LIST(leaf, inter, cross, second), "cross_signed");
	expect_issues(LIST(self), "self_signed");
	expect_issues(LIST(late, inter, second), "expired");
	expect_issues(LIST(early, inter, second), "not_yet_valid");
	expect_issues(LIST(private, foreign), "root_sent");
}

/* The store has the other half: a root that was once certified by another one is sent in that form. */
static void a_cross_sign_of_an_anchor_is_told(void **state)
{
	const struct minted *foreign = MINT(.name = "Foreign", .ca = true);
	const struct minted *cross = MINT(.name = "Root", .by = foreign, .key_of = root, .ca = true);
	const struct minted *renewed = MINT(.name = "Root", .key_of = root, .ca = true, .to_day = 900);

	(void)state;
	expect_issues(LIST(leaf, inter, second, cross), "cross_signed");
	expect_issues(LIST(leaf, inter, second, renewed), "root_sent");
}

/* Thirty authorities of one name: who signed whom is not to be found out within the bound. */
static void beyond_the_bound_nothing_is_said_to_lack_a_signature(void **state)
{
	const struct minted *served[32] = { NULL };
	struct record *r;
	const struct obs *o;

	(void)state;
	for (size_t i = 30; i; i--)
		served[i] = MINT(.name = "Same", .by = i < 30 ? served[i + 1] : root, .ca = true, .no_ids = true);
	served[0] = MINT(.name = "leaf", .by = served[1], .no_ids = true);
	r = observe(served);
	o = record_find(r, OBS_KEY_CHAIN_ISSUES, 0);
	assert_string_equal(o->reason, "limit");
	assert_int_equal(o->count, 0);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_TRUST, 0)->tri, TRI_UNKNOWN);
	record_free(r);
}

static void what_is_missing_is_named(void **state)
{
	const struct minted *with = MINT(.name = "leaf", .by = inter, .authority_info = "caIssuers;URI:http://a.example/i.der");
	const struct minted *const *served[] = { LIST(leaf), LIST(with), LIST(leaf, inter), LIST(leaf, inter, second) };
	static const char *const told[][2] = { { "CN=Inter", "no" }, { "CN=Inter", "yes" }, { "CN=Second", "no" }, { NULL, NULL } };

	(void)state;
	for (size_t i = 0; i < sizeof served / sizeof *served; i++) {
		struct record *r = observe(served[i]);
		const struct obs *o = record_find(r, OBS_KEY_CHAIN_ISSUES, 0);

		assert_int_equal(o->evidence_count, told[i][0] ? 2 : 0);
		for (size_t k = 0; k < o->evidence_count; k++)
			assert_string_equal(o->evidence[k].text, told[i][k]);
		record_free(r);
	}
}

static void an_expired_one_counts_by_what_it_spoils(void **state)
{
	const struct minted *late = MINT(.name = "Second", .by = root, .key_of = second, .ca = true, .from_day = -9, .to_day = -1);

	(void)state;
	expect_issues(LIST(leaf, inter, second, late), "expired_beside");
	expect_issues(LIST(leaf, inter, late, second), "expired_beside");
	expect_issues(LIST(leaf, inter, late), "expired");
}

static void a_chain_is_judged_once_for_all_versions(void **state)
{
	struct record *r = record_new();
	struct span spans[8];
	struct chain_input in = input(spans, LIST(leaf, inter, second));

	(void)state;
	chain_observe(r, &in);
	chain_observe(r, &in);
	in.protocol = VER_TLS11;
	chain_observe(r, &in);
	assert_int_equal(count(r, OBS_KEY_CHAIN_SERVED), 2);
	assert_int_equal(count(r, OBS_KEY_CHAIN_TRUST), 1);
	in.sni = TRI_NO;
	chain_observe(r, &in);
	assert_int_equal(count(r, OBS_KEY_CHAIN_SERVED), 3);
	assert_int_equal(count(r, OBS_KEY_CHAIN_TRUST), 2);
	assert_int_equal(count(r, OBS_KEY_CHAIN_ISSUES), 2);
	assert_int_equal(count(r, OBS_KEY_CHAIN_HOSTNAME), 2);
	assert_int_equal(r->certs_count, 3);
	in.count = 2;
	chain_observe(r, &in);
	assert_int_equal(r->certs_count, 3);
	assert_int_equal(count(r, OBS_KEY_CHAIN_ISSUES), 3);
	record_free(r);
}

static void each_store_has_its_verdict(void **state)
{
	struct store *foreign = store_with("foreign", MINT(.name = "Foreign", .ca = true));
	struct store *both[] = { foreign, store, NULL };
	struct record *r = record_new();
	struct span spans[8];
	struct chain_input in = input(spans, LIST(leaf, inter, second));
	const struct obs *trust;

	(void)state;
	in.stores = both;
	chain_observe(r, &in);
	assert_int_equal(count(r, OBS_KEY_CHAIN_TRUST), 2);
	trust = record_find(r, OBS_KEY_CHAIN_TRUST, 0);
	assert_string_equal(trust->reason, "unknown_issuer");
	assert_int_equal(trust->tri, TRI_NO);
	assert_int_equal(trust[1].tri, TRI_YES);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->count, 0);
	record_free(r);
	store_close(foreign);
}

static void without_a_store_nothing_is_called_incomplete(void **state)
{
	struct record *r = record_new();
	struct span spans[8];
	struct chain_input in = input(spans, LIST(leaf));

	(void)state;
	in.stores = NULL;
	in.host = NULL;
	chain_observe(r, &in);
	assert_int_equal(count(r, OBS_KEY_CHAIN_TRUST), 0);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->count, 0);
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->reason, "no_trust_store");
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_HOSTNAME, 0)->text, "not_asked");
	record_free(r);
}

static void what_is_no_certificate_is_told(void **state)
{
	struct record *r = record_new();
	struct span spans[8];
	struct chain_input in = input(spans, LIST(leaf, inter, second));

	(void)state;
	spans[0] = (struct span){ NULL, 0 };
	chain_observe(r, &in);
	assert_true(r->certs[0].malformed);
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_ISSUES, 0)->names[0], "malformed");
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_TRUST, 0)->reason, "malformed");
	assert_string_equal(record_find(r, OBS_KEY_CHAIN_HOSTNAME, 0)->text, "no_names");
	in.count = 0;
	chain_observe(r, &in);
	assert_int_equal(count(r, OBS_KEY_CHAIN_SERVED), 1);
	record_free(r);
}

enum { TOO_MANY = CHAIN_CERTS_MAX + 20 };

/* The leaf, so many that lead nowhere, then what leads to the root. */
static struct record *observe_behind(size_t needless, const struct minted *end_entity)
{
	const struct minted *served[TOO_MANY + 8] = { end_entity };

	for (size_t i = 1; i <= needless; i++)
		served[i] = MINT(.name = "Needless", .ca = true);
	served[needless + 1] = inter;
	served[needless + 2] = second;
	return observe(served);
}

static void a_good_path_behind_needless_ones_is_found(void **state)
{
	struct record *r = observe_behind(40, leaf);
	const struct obs *issues = record_find(r, OBS_KEY_CHAIN_ISSUES, 0);

	(void)state;
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_SERVED, 0)->count, 43);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_TRUST, 0)->tri, TRI_YES);
	assert_null(issues->reason);
	assert_int_equal(issues->count, 1);
	assert_string_equal(issues->names[0], "unneeded");
	record_free(r);
}

static void what_was_cut_off_is_not_known_to_be_missing(void **state)
{
	struct record *r = observe_behind(CHAIN_CERTS_MAX, leaf);
	const struct obs *issues = record_find(r, OBS_KEY_CHAIN_ISSUES, 0), *trust = record_find(r, OBS_KEY_CHAIN_TRUST, 0);

	(void)state;
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_SERVED, 0)->count, CHAIN_CERTS_MAX);
	assert_int_equal(trust->tri, TRI_UNKNOWN);
	assert_string_equal(trust->reason, "cut");
	assert_string_equal(issues->reason, "cut");
	assert_int_equal(issues->count, 2);
	assert_string_equal(issues->names[0], "unneeded");
	assert_string_equal(issues->names[1], "cut");
	record_free(r);
	r = observe_behind(CHAIN_CERTS_MAX, MINT(.name = "leaf", .by = inter, .from_day = -9, .to_day = -1));
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_TRUST, 0)->tri, TRI_NO);
	record_free(r);
}

static void a_chain_that_is_cut_behind_a_good_path_is_trusted(void **state)
{
	const struct minted *served[TOO_MANY + 8] = { leaf, inter, second };
	struct record *r;

	(void)state;
	for (size_t i = 3; i < TOO_MANY; i++)
		served[i] = inter;
	r = observe(served);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_SERVED, 0)->count, CHAIN_CERTS_MAX);
	assert_int_equal(record_find(r, OBS_KEY_CHAIN_TRUST, 0)->tri, TRI_YES);
	record_free(r);
	expect_issues(served, "duplicate cut");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chain_is_told_whole),
		cmocka_unit_test(issues_are_told_apart),
		cmocka_unit_test(a_cross_sign_of_an_anchor_is_told),
		cmocka_unit_test(beyond_the_bound_nothing_is_said_to_lack_a_signature),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(an_expired_one_counts_by_what_it_spoils),
		cmocka_unit_test(a_chain_is_judged_once_for_all_versions),
		cmocka_unit_test(each_store_has_its_verdict),
		cmocka_unit_test(without_a_store_nothing_is_called_incomplete),
		cmocka_unit_test(what_is_no_certificate_is_told),
		cmocka_unit_test(a_good_path_behind_needless_ones_is_found),
		cmocka_unit_test(what_was_cut_off_is_not_known_to_be_missing),
		cmocka_unit_test(a_chain_that_is_cut_behind_a_good_path_is_trusted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
