/* The post-quantum section: each verdict from records that have it, and nothing said where a fact is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/pq.h"
#include "scanner/facts/json.h"
#include "tests/unit/sample_record.h"

static struct pq judged(const struct record *r, struct arena *a)
{
	struct view v;

	view_open(&v, r, a);
	return pq_of(&v, simulated(&v));
}

static struct record *with_groups(struct record *r, const uint32_t *codes, size_t n, const char *order)
{
	sample_codes(r, OBS_KEY_GROUPS_LIST, VER_TLS13, codes, n);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, order);
	return r;
}

#define GROUPS(r, order, ...)                                                                                \
	with_groups(r, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t), order)

static struct record *only_tls12(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
	sample_forget(r, OBS_KEY_GROUPS_LIST);
	return r;
}

static struct record *unknown_tls13(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_UNKNOWN);
	sample_forget(r, OBS_KEY_GROUPS_LIST);
	return r;
}

static struct record *cut_short(struct record *r)
{
	sample_obs(r, OBS_KEY_GROUPS_LIST, VER_TLS13)->reason = "TIMEOUT_FIRST_BYTE";
	return r;
}

static struct record *perhaps_tls12(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_UNKNOWN);
	return r;
}

static struct record *not_asked_for_groups(struct record *r)
{
	sample_forget(r, OBS_KEY_GROUPS_LIST);
	return r;
}

/* ---- key exchange --------------------------------------------------------------------------------------------------------- */

static void recorded_today(struct record *r, enum tri offered, enum pq_place place, enum pq_harvest harvest)
{
	struct arena a = { 0 };
	struct pq q = judged(r, &a);

	assert_int_equal(q.offered, offered);
	assert_int_equal(!q.reason, offered == TRI_YES);
	assert_string_equal(pq_place_word(q.place), pq_place_word(place));
	assert_string_equal(pq_harvest_word(q.harvest), pq_harvest_word(harvest));
	arena_free(&a);
	record_free(r);
}

static void what_is_recorded_today_is_judged_by_the_groups_and_their_order(void **state)
{
	(void)state;
	recorded_today(GROUPS(sample_good(), "server", 0x11EC, 0x001D), TRI_YES, PQ_PLACE_FIRST, PQ_HARVEST_BY_CLIENT);
	recorded_today(GROUPS(sample_good(), "client", 0x001D, 0x11EC), TRI_YES, PQ_PLACE_CLIENT, PQ_HARVEST_BY_CLIENT);
	recorded_today(GROUPS(sample_good(), "server", 0x001D, 0x11EC), TRI_YES, PQ_PLACE_BEHIND, PQ_HARVEST_PASSED_OVER);
	recorded_today(GROUPS(sample_good(), "server", 0x001D, 0x0017), TRI_NO, PQ_PLACE_NONE, PQ_HARVEST_AT_RISK);
}

static void nothing_is_protected_for_all_while_something_else_is_taken(void **state)
{
	(void)state;
	recorded_today(GROUPS(sample_tls13_only(), "server", 0x11EC, 0x11EB), TRI_YES, PQ_PLACE_ONLY, PQ_HARVEST_PROTECTED);
	recorded_today(GROUPS(sample_good(), "none", 0x11EC), TRI_YES, PQ_PLACE_ONLY, PQ_HARVEST_BY_CLIENT);
	recorded_today(GROUPS(sample_tls13_only(), "server", 0x11EC, 0x001D), TRI_YES, PQ_PLACE_FIRST, PQ_HARVEST_BY_CLIENT);
}

/* AES-256 suites change nothing. */
static void without_tls13_every_suite_is_at_risk(void **state)
{
	(void)state;
	recorded_today(only_tls12(sample_good()), TRI_NO, PQ_PLACE_NONE, PQ_HARVEST_AT_RISK);
}

static void what_is_not_known_is_not_judged(void **state)
{
	(void)state;
	recorded_today(unknown_tls13(sample_good()), TRI_UNKNOWN, PQ_PLACE_NONE, PQ_HARVEST_UNKNOWN);
	recorded_today(not_asked_for_groups(sample_good()), TRI_UNKNOWN, PQ_PLACE_NONE, PQ_HARVEST_UNKNOWN);
	recorded_today(sample_bare(), TRI_UNKNOWN, PQ_PLACE_NONE, PQ_HARVEST_UNKNOWN);
	recorded_today(cut_short(GROUPS(sample_good(), "server", 0x001D)), TRI_UNKNOWN, PQ_PLACE_NONE, PQ_HARVEST_UNKNOWN);
	recorded_today(cut_short(GROUPS(sample_good(), "server", 0x11EC)), TRI_YES, PQ_PLACE_UNKNOWN, PQ_HARVEST_UNKNOWN);
	recorded_today(GROUPS(sample_good(), "unknown", 0x11EC, 0x001D), TRI_YES, PQ_PLACE_UNKNOWN, PQ_HARVEST_UNKNOWN);
	recorded_today(perhaps_tls12(GROUPS(sample_tls13_only(), "none", 0x11EC)), TRI_YES, PQ_PLACE_ONLY, PQ_HARVEST_UNKNOWN);
}

static void drafts_that_were_given_up_are_named_so(void **state)
{
	struct record *r = GROUPS(sample_good(), "server", 0x6399, 0x001D);
	struct arena a = { 0 };

	(void)state;
	assert_true(judged(r, &a).drafts_only);
	GROUPS(r, "server", 0x6399, 0x11EC, 0x001D);
	assert_false(judged(r, &a).drafts_only);
	assert_int_equal(judged(r, &a).groups.n, 2);
	arena_free(&a);
	record_free(r);
}

/* ---- clients -------------------------------------------------------------------------------------------------------------- */

/* Clients are computed with the signature schemes too. */
static struct record *signing(struct record *r)
{
	struct obs *o = record_add(r, &(struct obs){ .key = OBS_KEY_SCHEMES_LIST, .protocol = VER_TLS13, .cert = KEY_RSA, .probe = "sample" });
	static const uint32_t codes[] = { 0x0804, 0x0805 };

	o->codes = arena_copy(&r->arena, codes, sizeof codes);
	o->count = sizeof codes / sizeof *codes;
	return r;
}

static bool ends_there(const struct pq *q, enum pq_client fate, const char *id)
{
	for (size_t i = 0; i < q->clients_n[fate]; i++)
		if (!strcmp(q->clients[fate][i]->id, id))
			return true;
	return false;
}

static void clients_with_its_share_end_on_it_at_once(void **state)
{
	struct record *r = GROUPS(signing(sample_good()), "server", 0x11EC, 0x001D);
	struct arena a = { 0 };
	struct pq q = judged(r, &a);

	(void)state;
	assert_true(ends_there(&q, PQ_CLIENT_DIRECT, "firefox_137_win11"));
	assert_false(ends_there(&q, PQ_CLIENT_DIRECT, "firefox_62_win7")); /* knows of none */
	assert_int_equal(q.clients_n[PQ_CLIENT_CLASSICAL], 0);
	GROUPS(r, "server", 0x001D, 0x11EC);
	q = judged(r, &a);
	assert_int_equal(q.clients_n[PQ_CLIENT_DIRECT], 0);
	assert_true(ends_there(&q, PQ_CLIENT_CLASSICAL, "firefox_137_win11"));
	arena_free(&a);
	record_free(r);
}

/* openssl_400 lists SecP256r1MLKEM768, and sends shares of X25519MLKEM768 and x25519. */
static void clients_without_its_share_end_on_it_as_the_server_was_seen_to_do(void **state)
{
	static const enum pq_client fates[] = { [TRI_YES] = PQ_CLIENT_RETRIED, [TRI_NO] = PQ_CLIENT_CLASSICAL,
		[TRI_UNKNOWN] = PQ_CLIENT_UNKNOWN };
	struct record *r = GROUPS(signing(sample_good()), "server", 0x11EB, 0x001D);
	struct obs *retry = sample_obs(r, OBS_KEY_PQ_RETRY, VER_TLS13);
	struct arena a = { 0 };
	struct pq q;

	(void)state;
	retry->name = "x25519";
	for (enum tri t = TRI_NO; t <= TRI_UNKNOWN; t++) {
		retry->tri = t;
		q = judged(r, &a);
		assert_int_equal(q.retry, t);
		assert_true(ends_there(&q, fates[t], "openssl_400"));
	}
	retry->tri = TRI_NO;
	retry->name = "secp384r1"; /* another share was taken than the client has */
	q = judged(r, &a);
	assert_true(ends_there(&q, PQ_CLIENT_UNKNOWN, "openssl_400"));
	arena_free(&a);
	record_free(r);
}

/* ---- authentication ------------------------------------------------------------------------------------------------------- */

static enum pq_auth with_key(enum cert_key k)
{
	struct record *r = sample_good();
	struct arena a = { 0 };
	enum pq_auth is;

	r->certs[0].key = k;
	is = judged(r, &a).auth;
	arena_free(&a);
	record_free(r);
	return is;
}

static void authentication_is_what_the_leaf_has(void **state)
{
	struct record *r = sample_good();
	struct arena a = { 0 };

	(void)state;
	assert_int_equal(with_key(KEY_RSA), PQ_AUTH_CLASSICAL);
	assert_int_equal(with_key(KEY_ED25519), PQ_AUTH_CLASSICAL);
	assert_int_equal(with_key(KEY_ML_DSA), PQ_AUTH_POST_QUANTUM);
	assert_int_equal(with_key(KEY_OTHER), PQ_AUTH_UNKNOWN);
	assert_int_equal(judged(r, &a).keys_n, 1);
	assert_string_equal(judged(r, &a).keys[0], "RSA 2048");
	sample_forget(r, OBS_KEY_CHAIN_SERVED);
	assert_int_equal(judged(r, &a).auth, PQ_AUTH_UNKNOWN);
	arena_free(&a);
	record_free(r);
}

/* ---- in words ------------------------------------------------------------------------------------------------------------- */

static const struct pq_line *line(const struct record *r, struct arena *a, const char *title)
{
	struct pq q = judged(r, a);
	size_t n;
	const struct pq_line *lines = pq_lines(a, &q, &n);

	for (size_t i = 0; i < n; i++)
		if (!strcmp(lines[i].title, title))
			return &lines[i];
	return NULL;
}

static void symmetric_ciphers_are_never_blamed(void **state)
{
	struct record *records[] = { sample_good(), only_tls12(sample_good()), sample_bare(), sample_legacy() };
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
		assert_int_equal(line(records[i], &a, "Ciphers")->mark, MARK_NONE);
		assert_non_null(strstr(line(records[i], &a, "Ciphers")->says, "not at issue"));
		record_free(records[i]);
	}
	arena_free(&a);
}

static void key_exchange_and_authentication_are_told_apart(void **state)
{
	struct record *r = only_tls12(sample_good());
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(line(r, &a, "Key exchange")->word, "at risk");
	assert_non_null(strstr(line(r, &a, "Key exchange")->says, "TLS 1.3 is not offered"));
	assert_int_equal(line(r, &a, "Key exchange")->mark, MARK_WEAK);
	assert_string_equal(line(r, &a, "Authentication")->word, "classical");
	assert_int_equal(line(r, &a, "Authentication")->mark, MARK_NONE);
	assert_null(line(r, &a, "Groups"));
	assert_null(line(r, &a, "Without share"));
	record_free(r);
	r = sample_good();
	assert_string_equal(line(r, &a, "Groups")->says, "X25519MLKEM768; the server's first choice");
	assert_non_null(strstr(line(r, &a, "Older versions")->says, "TLSv1.2"));
	sample_tri(r, OBS_KEY_PQ_RETRY, VER_TLS13, TRI_YES);
	assert_string_equal(line(r, &a, "Without share")->word, "asked for");
	record_free(r);
	arena_free(&a);
}

/* A record may come from anybody's file: it has codes of no table, and each fact in every state. */
static void any_record_gives_lines_and_json(void **state)
{
	static const uint32_t codes[] = { 0xFFFFFFFF, 0x11EC, 0xFFFF, 0, 0x001D };
	static const char *const orders[] = { "server", "client", "none", "unknown", "", NULL };

	(void)state;
	for (size_t n = 0; n <= sizeof codes / sizeof *codes; n++)
		for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
			struct record *r = with_groups(sample_hostile(), codes, n, orders[o]);
			struct arena a = { 0 };
			struct pq q = judged(r, &a);
			struct json_object *j = pq_json(&q);
			size_t lines;

			assert_non_null(pq_lines(&a, &q, &lines));
			assert_in_range(lines, 3, 12);
			json_object_put(j);
			arena_free(&a);
			record_free(r);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_recorded_today_is_judged_by_the_groups_and_their_order),
		cmocka_unit_test(nothing_is_protected_for_all_while_something_else_is_taken),
		cmocka_unit_test(without_tls13_every_suite_is_at_risk),
		cmocka_unit_test(what_is_not_known_is_not_judged),
		cmocka_unit_test(drafts_that_were_given_up_are_named_so),
		cmocka_unit_test(clients_with_its_share_end_on_it_at_once),
		cmocka_unit_test(clients_without_its_share_end_on_it_as_the_server_was_seen_to_do),
		cmocka_unit_test(authentication_is_what_the_leaf_has),
		cmocka_unit_test(symmetric_ciphers_are_never_blamed),
		cmocka_unit_test(key_exchange_and_authentication_are_told_apart),
		cmocka_unit_test(any_record_gives_lines_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
