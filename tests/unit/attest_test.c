#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/attest.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/pem.h"
#include "tests/unit/ct_mint.h"
#include "tests/unit/mint.h"
#include "tests/unit/ocsp_mint.h"

static const struct minted *ca, *leaf, *second, *log_key;
static struct cert *ca_cert, *leaf_cert;
static struct ct_log log_row;
static struct ct_logs logs = { &log_row, 1, 0, MINT_NOW };
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	ca = MINT(.name = "CA", .ca = true);
	leaf = MINT(.name = "leaf", .by = ca, .names = "DNS:example.org");
	second = MINT(.name = "second", .by = ca);
	log_key = MINT(.name = "log");
	log_row = ct_mint_log(&arena, log_key, "One", CT_LOG_USABLE);
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

static struct record *observe(const struct attached *with, const struct ct_logs *given)
{
	struct record *r = record_new();

	attest_observe(r, &(struct attest_input){ .leaf = leaf_cert, .issuer = ca_cert, .with = with, .logs = given,
	                          .at = MINT_NOW, .chain = "c1", .probe = "test" });
	return r;
}

static size_t count(const struct record *r, enum obs_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < r->obs_count; i++)
		n += r->obs[i].key == key;
	return n;
}

static void a_staple_is_told_by_its_word(void **state)
{
	struct attached with = { .staple_asked = true };
	struct record *r;
	const struct obs *o;

	(void)state;
	attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca, .status = V_OCSP_CERTSTATUS_REVOKED,
	                               .reason = OCSP_REVOKED_STATUS_SUPERSEDED));
	r = observe(&with, NULL);
	o = record_find(r, OBS_KEY_STAPLE, 0);
	assert_string_equal(o->text, "revoked");
	assert_string_equal(o->chain, "c1");
	assert_int_equal(o->evidence_count, 3);
	assert_string_equal(o->evidence[0].text, "issuer");
	assert_string_equal(o->evidence[1].text, "2026-11-16T11:06:40Z");
	assert_string_equal(o->evidence[2].text, "superseded");
	assert_int_equal(r->volatiles_count, 2);
	record_free(r);
}

static void staples_that_say_the_same_are_told_once_and_others_too(void **state)
{
	struct attached with = { .staple_asked = true };
	struct record *r;

	(void)state;
	attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca));
	attached_staple(&with, with.staples[0]);
	attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca, .to_hour = 30));
	attached_staple(&with, OCSP_MINT(&arena, .about = second, .issuer = ca));
	attached_staple(&with, (struct span){ NULL, 0 });
	assert_int_equal(with.staples_n, 3);
	r = observe(&with, NULL);
	assert_int_equal(count(r, OBS_KEY_STAPLE), 2);
	record_free(r);
	for (int i = 0; i < 2 * ATTEST_STAPLES_MAX; i++)
		attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca, .to_hour = 100 + i));
	assert_int_equal(with.staples_n, ATTEST_STAPLES_MAX);
}

static void no_staple_is_told_only_where_one_was_asked_for(void **state)
{
	struct attached with = { .staple_asked = true };
	struct record *r = observe(&with, NULL);

	(void)state;
	assert_string_equal(record_find(r, OBS_KEY_STAPLE, 0)->text, "none");
	record_free(r);
	with.staple_asked = false;
	r = observe(&with, NULL);
	assert_null(record_find(r, OBS_KEY_STAPLE, 0));
	record_free(r);
}

static struct span timestamps(void)
{
	static uint8_t room[1024];
	struct wr w = wr_of(room, sizeof room);

	CT_MINT(&w, .log = log_key, .cert = leaf);
	return (struct span){ room, w.len };
}

static void timestamps_are_counted_and_without_a_list_not_verified(void **state)
{
	struct attached with = { 0 };
	struct record *r;
	const struct obs *o;

	(void)state;
	attached_scts(&with, timestamps());
	r = observe(&with, NULL);
	assert_int_equal(count(r, OBS_KEY_CT_SCTS), 2);
	o = record_find(r, OBS_KEY_CT_SCTS, 0);
	assert_string_equal(o->name, "certificate");
	assert_int_equal(o->number, 0);
	assert_string_equal(o[1].name, "handshake");
	assert_int_equal(o[1].number, 1);
	assert_string_equal(o[1].reason, "not_verified");
	assert_non_null(strstr(record_find(r, OBS_KEY_CT_LOGS, 0)->names[0], ": not_verified"));
	assert_null(record_find(r, OBS_KEY_CT_POLICY, 0));
	record_free(r);
}

static void with_a_list_they_are_verified_and_judged(void **state)
{
	struct attached with = { 0 };
	struct record *r;
	const struct obs *o;

	(void)state;
	attached_scts(&with, timestamps());
	r = observe(&with, &logs);
	assert_string_equal(record_find(r, OBS_KEY_CT_LOGS, 0)->names[0], "log (One): valid");
	o = record_find(r, OBS_KEY_CT_POLICY, 0);
	assert_int_equal(o->tri, TRI_NO);
	assert_string_equal(o->name, "chrome");
	assert_non_null(strstr(o->evidence[0].text, "1 of 1 beside it"));
	assert_string_equal(o->evidence[1].text, "logs");
	assert_int_equal(o[1].key, OBS_KEY_CT_POLICY);
	assert_string_equal(o[1].name, "apple");
	record_free(r);
}

static void a_log_is_told_with_whose_it_was_and_what_it_takes(void **state)
{
	struct ct_former former = { "Nobody", MINT_NOW };
	struct attached with = { 0 };
	struct record *r;

	(void)state;
	attached_scts(&with, timestamps());
	log_row.former = &former;
	log_row.former_count = 1;
	log_row.shard_from = MINT_NOW + 70 * 86400;
	log_row.shard_until = MINT_NOW + 400 * 86400;
	r = observe(&with, &logs);
	assert_string_equal(record_find(r, OBS_KEY_CT_LOGS, 0)->names[0], "log (Nobody): valid, outside its interval");
	record_free(r);
	log_row.former_count = 0;
	log_row.shard_from = log_row.shard_until = 0;
}

static void timestamps_of_a_staple_are_told_apart(void **state)
{
	struct attached with = { .staple_asked = true };
	struct span list = timestamps();
	uint8_t room[1024];
	struct wr w = wr_of(room, sizeof room);
	struct record *r;

	(void)state;
	wr_u16(&w, (uint16_t)list.n);
	wr_bytes(&w, list.p, list.n);
	attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca, .scts = { room, w.len }));
	r = observe(&with, &logs);
	assert_string_equal(record_find(r, OBS_KEY_CT_LOGS, 0)->name, "staple");
	assert_string_equal(record_find(r, OBS_KEY_CT_LOGS, 0)->names[0], "log (One): valid");
	record_free(r);
}

static void lists_that_cannot_be_read_are_told(void **state)
{
	struct attached with = { 0 };
	struct record *r;
	const struct obs *o;

	(void)state;
	attached_scts(&with, (struct span){ (const uint8_t *)"\0\7abc", 5 });
	r = observe(&with, &logs);
	o = record_find(r, OBS_KEY_CT_SCTS, 0);
	assert_string_equal(o[1].reason, "malformed");
	assert_int_equal(o[1].number, 0);
	record_free(r);
}

/* Through chain_observe(): the issuer is found among what was served, or else in a store. */
static const char *staple_through_chain(size_t served, struct store *const *stores)
{
	struct span certs[] = { leaf->der, ca->der };
	struct attached with = { .staple_asked = true };
	struct record *r = record_new();
	const char *word;

	attached_staple(&with, OCSP_MINT(&arena, .about = leaf, .issuer = ca));
	chain_observe(r, &(struct chain_input){ .protocol = VER_TLS12, .key = KEY_ECDSA, .sni = TRI_YES, .certs = certs,
	                         .count = served, .host = "example.org", .at = MINT_NOW, .stores = stores, .with = &with,
	                         .probe = "test" });
	word = arena_text(&arena, record_find(r, OBS_KEY_STAPLE, 0)->text);
	record_free(r);
	return word;
}

static void the_issuer_comes_from_the_chain_or_from_a_store(void **state)
{
	const char *text = pem_text(&arena, ca->der);
	struct store *store = store_of("test", (struct span){ (const uint8_t *)text, strlen(text) });
	struct store *const stores[] = { store, NULL };

	(void)state;
	assert_string_equal(staple_through_chain(2, NULL), "good");
	assert_string_equal(staple_through_chain(1, stores), "good");
	assert_string_equal(staple_through_chain(1, NULL), "no_issuer");
	store_close(store);
}

/* Each certificate above is told by its own response, judged by its own issuer. */
static const char *above_says(const struct ocsp_mint *m)
{
	const struct minted *inter = m->about, *child = MINT(.name = "child", .by = inter, .names = "DNS:example.org");
	struct span certs[] = { child->der, inter->der, ca->der }, none[STAPLES_ABOVE_MAX] = { { NULL, 0 } };
	struct span above[STAPLES_ABOVE_MAX] = { ocsp_mint(&arena, m) };
	struct attached with = { .staple_asked = true };
	struct record *r = record_new();
	const struct obs *o;
	const char *word;

	attached_above(&with, none);
	attached_above(&with, above);
	chain_observe(r, &(struct chain_input){ .protocol = VER_TLS13, .key = KEY_ECDSA, .sni = TRI_YES, .certs = certs,
	                         .count = 3, .host = "example.org", .at = MINT_NOW, .with = &with, .probe = "test" });
	assert_int_equal(count(r, OBS_KEY_STAPLE_ABOVE), 1);
	o = record_find(r, OBS_KEY_STAPLE_ABOVE, 0);
	assert_string_equal(o->sha256, record_find(r, OBS_KEY_CHAIN_SERVED, VER_TLS13)->names[1]);
	assert_string_equal(record_find(r, OBS_KEY_STAPLE, 0)->text, "none");
	word = arena_text(&arena, o->text);
	record_free(r);
	return word;
}

static void a_staple_of_a_certificate_above_is_judged_by_its_own_issuer(void **state)
{
	const struct minted *inter = MINT(.name = "inter", .by = ca, .ca = true);
	struct ocsp_mint m = { .about = inter, .issuer = ca };

	(void)state;
	assert_string_equal(above_says(&m), "good");
	m.status = V_OCSP_CERTSTATUS_REVOKED;
	assert_string_equal(above_says(&m), "revoked");
	m.status = V_OCSP_CERTSTATUS_GOOD;
	m.signer = second;
	assert_string_not_equal(above_says(&m), "good");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_staple_is_told_by_its_word),
		cmocka_unit_test(staples_that_say_the_same_are_told_once_and_others_too),
		cmocka_unit_test(no_staple_is_told_only_where_one_was_asked_for),
		cmocka_unit_test(timestamps_are_counted_and_without_a_list_not_verified),
		cmocka_unit_test(with_a_list_they_are_verified_and_judged),
		cmocka_unit_test(a_log_is_told_with_whose_it_was_and_what_it_takes),
		cmocka_unit_test(timestamps_of_a_staple_are_told_apart),
		cmocka_unit_test(lists_that_cannot_be_read_are_told),
		cmocka_unit_test(the_issuer_comes_from_the_chain_or_from_a_store),
		cmocka_unit_test(a_staple_of_a_certificate_above_is_judged_by_its_own_issuer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
