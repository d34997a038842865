#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/policy_judge.h"
#include "report/policy_read.h"
#include "report/policy_shelf.h"
#include "scanner/base/text.h"
#include "tests/unit/written.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

/* ---- servers that meet the policies ------------------------------------------------------------------------- */

static void lists13(struct record *r, uint32_t suite, uint32_t group, uint32_t scheme)
{
	CODES(r, SUITES_LIST, VER_TLS13, suite);
	CODES(r, GROUPS_LIST, VER_TLS13, group);
	CODES(r, SCHEMES_LIST, VER_TLS13, scheme);
}

static void lists12(struct record *r, uint32_t suite, uint32_t group, uint32_t scheme)
{
	CODES(r, SUITES_LIST, VER_TLS12, suite);
	CODES(r, GROUPS_LIST, VER_TLS12, group);
	CODES(r, SCHEMES_LIST, VER_TLS12, scheme);
}

static void leaf(struct record *r, enum cert_key key, uint32_t bits, const char *curve, const char *signature)
{
	r->certs[0].key = key;
	r->certs[0].key_bits = bits;
	r->certs[0].curve = curve;
	r->certs[0].signature = signature;
}

/* What every policy likes, beside suites, groups, schemes and keys. */
static struct record *sound(void)
{
	struct record *r = sample_good();

	lists13(r, 0x1302, 0x0018, 0x0503);
	lists12(r, 0xC02C, 0x0018, 0x0503);
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++) {
		sample_text(r, OBS_KEY_SUITES_ORDER, v, "none");
		sample_text(r, OBS_KEY_GROUPS_ORDER, v, "none");
		sample_text(r, OBS_KEY_SCHEMES_ORDER, v, "none");
		sample_tri(r, OBS_KEY_OCSP_STAPLE, v, TRI_YES);
		sample_tri(r, OBS_KEY_RAW_KEY, v, TRI_NO);
		sample_tri(r, OBS_KEY_STATUS_REQUEST_V2, v, TRI_YES);
	}
	leaf(r, KEY_ECDSA, 384, "secp384r1", "ecdsa-with-SHA384");
	r->certs[1].curve = "secp384r1";
	return r;
}

static struct record *without_tls12(struct record *r)
{
	static const enum obs_key gone[] = { OBS_KEY_EMS, OBS_KEY_ENCRYPT_THEN_MAC, OBS_KEY_SECURE_RENEGOTIATION,
		OBS_KEY_RENEGOTIATION_CLIENT, OBS_KEY_RENEGOTIATION_INSECURE, OBS_KEY_COMPRESSION, OBS_KEY_FALLBACK_SCSV };
	size_t kept = 0;

	for (size_t i = 0; i < COUNT(gone); i++)
		sample_forget(r, gone[i]);
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].protocol != VER_TLS12 || r->obs[i].chain)
			r->obs[kept++] = r->obs[i];
	r->obs_count = kept;
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	return r;
}

static struct record *modern(void)
{
	struct record *r = without_tls12(sound());

	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, "server");
	return r;
}

static struct record *modern_57(void)
{
	return without_tls12(sound());
}

static struct record *intermediate(void)
{
	struct record *r = sound();

	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, "server");
	return r;
}

static struct record *with_dhe(struct record *r, int64_t bits)
{
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->number = bits;
	return r;
}

static struct record *intermediate_57(void)
{
	struct record *r = sound();

	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0x009F);
	return with_dhe(r, 2048);
}

static struct record *mozilla_old(void)
{
	struct record *r = intermediate();

	VERSION(r, VER_TLS12, 0xC030, 0x009C, 0x000A);
	VERSION(r, VER_TLS10, 0xC014, 0x0035);
	CODES(r, GROUPS_LIST, VER_TLS10, 0x0017);
	leaf(r, KEY_RSA, 2048, NULL, "sha256WithRSAEncryption");
	return r;
}

static struct record *mozilla_old_57(void)
{
	struct record *r = mozilla_old();

	CODES(r, GROUPS_LIST, VER_TLS13, 0x001D, 0x0017);
	VERSION(r, VER_TLS12, 0xC030, 0x009E, 0x009C, 0x000A);
	return with_dhe(r, 1024);
}

static struct record *good_ncsc(void)
{
	struct record *r = sound();

	lists13(r, 0x1302, 0x001D, 0x0403);
	return r;
}

static struct record *cnsa2(void)
{
	struct record *r = without_tls12(sound());

	lists13(r, 0x1302, 0x0202, 0x0906);
	leaf(r, KEY_ML_DSA, 0, NULL, "ML-DSA-87");
	r->certs[1].signature = "ML-DSA-87";
	return r;
}

static struct record *cnsa2_interop(void)
{
	struct record *r = sound();

	CODES(r, GROUPS_LIST, VER_TLS13, 0x11ED, 0x0018);
	return r;
}

static const struct good {
	const char *policy;
	struct record *(*record)(void);
} goods[] = {
	{ "mozilla-modern@5.7", modern_57 }, { "mozilla-modern@5.8", modern }, { "mozilla-modern@6.0", modern },
	{ "mozilla-intermediate@5.7", intermediate_57 }, { "mozilla-intermediate@5.8", intermediate },
	{ "mozilla-intermediate@6.0", intermediate }, { "mozilla-old@5.7", mozilla_old_57 },
	{ "mozilla-old@5.8", mozilla_old }, { "nist-sp800-52r2", sound }, { "pci-dss", sound },
	{ "bsi-tr-02102-2", sound }, { "anssi", sound }, { "ncsc-nl", good_ncsc }, { "bcp195", sound },
	{ "fips-140-3", sound }, { "cnsa-2.0", cnsa2 }, { "cnsa-2.0-interop", cnsa2_interop }, { "rfc9151", sound },
};

/* ---- ways to spoil one ---------------------------------------------------------------------------------------- */

static void ssl2(struct record *r)
{
	VERSION(r, VER_SSL2, 0x010080);
}

static void tls10(struct record *r)
{
	VERSION(r, VER_TLS10, 0xC013);
	CODES(r, GROUPS_LIST, VER_TLS10, 0x0017);
}

static void no_tls12(struct record *r)
{
	without_tls12(r);
}

static void no_tls13(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
}

static void ccm8_13(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS13, 0x1302, 0x1305, 0x1306);
}

static void weak_suites(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_YES);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0x0004, 0x0005, 0x000A, 0x0002, 0x0034, 0x0037, 0xC005, 0x009D, 0x009F,
		0xC014, 0x0019, 0x0008, 0x000C, 0xC031);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "server");
	with_dhe(r, 4096);
}

static void clients_order(struct record *r)
{
	for (uint16_t v = VER_TLS10; v <= VER_TLS13; v++)
		sample_text(r, OBS_KEY_SUITES_ORDER, v, "client");
}

static void servers_order(struct record *r)
{
	for (uint16_t v = VER_TLS10; v <= VER_TLS13; v++)
		sample_text(r, OBS_KEY_SUITES_ORDER, v, "server");
}

static void weak_first(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS13, 0x1301, 0x1302);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS13, "server");
}

static void small_groups(struct record *r)
{
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++)
		if (record_find(r, OBS_KEY_GROUPS_LIST, v))
			CODES(r, GROUPS_LIST, v, 0x0015, 0x0001, 0x0100);
}

static void x448_groups(struct record *r)
{
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++)
		if (record_find(r, OBS_KEY_GROUPS_LIST, v))
			CODES(r, GROUPS_LIST, v, 0x001E);
}

static void small_dh(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0x009F);
	with_dhe(r, 768);
}

static void middling_dh(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0x009F);
	with_dhe(r, 2048);
}

static void bad_schemes(struct record *r)
{
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++)
		if (record_find(r, OBS_KEY_SCHEMES_LIST, v))
			CODES(r, SCHEMES_LIST, v, 0x0201, 0x0301, 0x0807);
}

static void rsa_1024(struct record *r)
{
	leaf(r, KEY_RSA, 1024, NULL, "sha1WithRSAEncryption");
	r->certs[1].signature = "md5WithRSAEncryption";
}

static void rsa_pss_2048(struct record *r)
{
	leaf(r, KEY_RSA_PSS, 2048, NULL, "rsassaPss");
}

static void small_curve(struct record *r)
{
	leaf(r, KEY_ECDSA, 192, "secp192r1", "ecdsa-with-SHA224");
}

static void curve_224(struct record *r)
{
	leaf(r, KEY_ECDSA, 224, "secp224r1", "ecdsa-with-SHA224");
}

static void dsa_1024(struct record *r)
{
	leaf(r, KEY_DSA, 1024, NULL, "dsaWithSHA1");
}

static void long_lived(struct record *r)
{
	r->certs[0].not_before = SAMPLE_NOW - 1000 * 86400;
	r->certs[0].not_after = SAMPLE_NOW + 1000 * 86400;
}

static void every(struct record *r, enum obs_key key, enum tri t)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key)
			r->obs[i].tri = t;
}

static void bad_extensions(struct record *r)
{
	static const struct {
		enum obs_key key;
		enum tri value;
	} bad[] = {
		{ OBS_KEY_EMS, TRI_NO }, { OBS_KEY_SECURE_RENEGOTIATION, TRI_NO }, { OBS_KEY_RENEGOTIATION_CLIENT, TRI_YES },
		{ OBS_KEY_RENEGOTIATION_INSECURE, TRI_YES }, { OBS_KEY_TRUNCATED_HMAC, TRI_YES }, { OBS_KEY_HEARTBEAT, TRI_YES },
		{ OBS_KEY_COMPRESSION, TRI_YES }, { OBS_KEY_FALLBACK_SCSV, TRI_NO }, { OBS_KEY_OCSP_STAPLE, TRI_NO },
		{ OBS_KEY_RAW_KEY, TRI_YES }, { OBS_KEY_STATUS_REQUEST_V2, TRI_NO }, { OBS_KEY_EARLY_DATA, TRI_YES },
		{ OBS_KEY_PSK_ALONE, TRI_YES }, { OBS_KEY_SHARE_REUSED, TRI_YES }, { OBS_KEY_CHAIN_TRUST, TRI_NO },
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		every(r, bad[i].key, bad[i].value);
}

static void cbc_without_etm(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0xC024);
	sample_tri(r, OBS_KEY_ENCRYPT_THEN_MAC, VER_TLS12, TRI_NO);
}

static void no_hsts(struct record *r)
{
	sample_obs(r, OBS_KEY_HSTS, 0)->text = "absent";
}

static void brief_hsts(struct record *r)
{
	sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = 3600;
}

static void bad_chain(struct record *r)
{
	static const char *const issues[] = { "expired" };

	NAMES(r, CHAIN_ISSUES, issues[0]);
	sample_about_chain(r, OBS_KEY_CHAIN_HOSTNAME)->text = "mismatch";
	sample_about_chain(r, OBS_KEY_STAPLE)->text = "revoked";
}

static void no_staple(struct record *r)
{
	sample_about_chain(r, OBS_KEY_STAPLE)->text = "none";
}

static void (*const spoils[])(struct record *) = { ssl2, tls10, no_tls12, no_tls13, ccm8_13, weak_suites, clients_order,
	servers_order, weak_first, small_groups, x448_groups, small_dh, middling_dh, bad_schemes, rsa_1024, rsa_pss_2048,
	small_curve, curve_224, dsa_1024, long_lived, bad_extensions, cbc_without_etm, no_hsts, brief_hsts, bad_chain,
	no_staple };

/* ---- judging -------------------------------------------------------------------------------------------------- */

static struct policy *shelf(const char *name)
{
	struct policy *p = policy_shelf_find(name);

	if (!p)
		fail_msg("no policy %s", name);
	return p;
}

static void a_server_that_meets_a_policy_passes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct policy *p = shelf(goods[i].policy);
		struct record *r = goods[i].record();
		struct arena a = { 0 };
		struct policy_result result = policy_judge(r, p, &a);

		for (size_t k = 0; k < result.entries_count; k++)
			if (result.entries[k].rule->level == LEVEL_MUST && result.entries[k].because &&
				result.entries[k].state != FINDING_NA)
				fail_msg("%s, %s: %s", goods[i].policy, result.entries[k].rule->id, result.entries[k].because);
		assert_int_equal(result.state, POLICY_PASS);
		arena_free(&a);
		record_free(r);
		policy_free(p);
	}
}

static void every_policy_of_the_program_is_tried_here(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct policy_text *t = policy_texts; t->name; t++)
		n++;
	assert_int_equal(n, COUNT(goods));
}

/* Does this spoiled server break the rule, and does the report say by which clause, and what to do? */
static bool breaks(const struct good *g, const struct policy *p, size_t rule, void (*spoil)(struct record *))
{
	struct record *r = g->record();
	struct arena a = { 0 };
	struct policy_result result;
	const struct policy_entry *e;
	bool broken;

	spoil(r);
	result = policy_judge(r, p, &a);
	e = &result.entries[rule];
	broken = e->state == FINDING_FAIL;
	if (broken) {
		assert_true(e->because && *e->because && e->found_count > 0);
		assert_non_null(strstr(e->fix, e->rule->fix));
		assert_true(*e->rule->clause);
		assert_true(e->rule->level != LEVEL_MUST || result.state == POLICY_FAIL);
	}
	arena_free(&a);
	record_free(r);
	return broken;
}

static void every_rule_of_every_policy_is_broken_by_some_server(void **state)
{
	size_t rules = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct policy *p = shelf(goods[i].policy);

		for (size_t k = 0; k < p->rules_count; k++) {
			size_t s = 0;

			while (s < COUNT(spoils) && !breaks(&goods[i], p, k, spoils[s]))
				s++;
			if (s == COUNT(spoils))
				fail_msg("nothing breaks %s, %s", goods[i].policy, p->rules[k].id);
			rules++;
		}
		policy_free(p);
	}
	assert_true(rules > 200);
}

/* Whoever did not ask never hears "passed". */
static void a_rule_whose_fact_was_not_asked_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		struct policy *p = shelf(goods[i].policy);

		for (size_t k = 0; k < p->rules_count; k++) {
			struct record *r = goods[i].record(), *whole = goods[i].record();
			struct arena a = { 0 };
			enum finding_state before = policy_judge(whole, p, &a).entries[k].state, after;

			sample_forget(r, p->rules[k].fact.obs);
			after = policy_judge(r, p, &a).entries[k].state;
			if (before == FINDING_PASS && after != FINDING_UNKNOWN)
				fail_msg("%s, %s: %s", goods[i].policy, p->rules[k].id, finding_state_name(after));
			arena_free(&a);
			record_free(r);
			record_free(whole);
		}
		policy_free(p);
	}
}

static void exactly_these_are_broken(const char *policy, struct record *(*good)(void), void (*spoil)(struct record *),
	const char *wanted)
{
	struct policy *p = shelf(policy);
	struct record *r = good();
	struct arena a = { 0 };
	struct policy_result result;
	struct text t = { 0 };

	spoil(r);
	result = policy_judge(r, p, &a);
	for (size_t i = 0; i < result.entries_count; i++)
		if (result.entries[i].state == FINDING_FAIL)
			text_fmt(&t, "%s%s", t.n ? " " : "", result.entries[i].rule->id);
	assert_string_equal(text_str(&t), wanted);
	text_free(&t);
	arena_free(&a);
	record_free(r);
	policy_free(p);
}

static void one_fault_breaks_the_rules_that_it_is_about_and_no_others(void **state)
{
	static const struct {
		const char *policy;
		struct record *(*good)(void);
		void (*spoil)(struct record *);
		const char *broken;
	} rows[] = {
		{ "mozilla-intermediate@5.7", intermediate_57, small_dh, "dh.bits" },
		{ "mozilla-intermediate@5.7", intermediate_57, middling_dh, "" },
		{ "mozilla-intermediate", intermediate, x448_groups, "groups.tls13 groups.tls12 groups.post_quantum" },
		{ "mozilla-intermediate", intermediate, middling_dh, "suites.tls12" },
		{ "mozilla-modern", modern, servers_order, "" },
		{ "mozilla-modern@5.7", modern_57, rsa_pss_2048, "certificate.type certificate.signature" },
		{ "mozilla-old@5.7", mozilla_old_57, clients_order, "order" },
		{ "nist-sp800-52r2", sound, cbc_without_etm, "encrypt_then_mac" },
		{ "nist-sp800-52r2", sound, no_tls13, "versions.required" },
		{ "nist-sp800-52r2", sound, tls10, "versions.discouraged" },
		{ "pci-dss", sound, bad_chain, "certificate.valid certificate.name certificate.revoked" },
		{ "pci-dss", sound, no_staple, "" },
		{ "bsi-tr-02102-2", sound, curve_224, "certificate.signature certificate.ec_bits" },
		{ "ncsc-nl", good_ncsc, weak_first, "versions.good suites.good order" },
		{ "ncsc-nl", good_ncsc, no_staple, "versions.good suites.good ocsp.good" },
		{ "bcp195", sound, middling_dh, "suites.dhe suites.recommended groups" },
		{ "bcp195", sound, no_hsts, "groups hsts" },
		{ "fips-140-3", sound, x448_groups, "groups groups.202205" },
		{ "cnsa-2.0", cnsa2, x448_groups, "groups groups.offered" },
		{ "rfc9151", sound, middling_dh, "suites.rfc10015 dh.bits" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		exactly_these_are_broken(rows[i].policy, rows[i].good, rows[i].spoil, rows[i].broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_meets_a_policy_passes_it),
		cmocka_unit_test(every_policy_of_the_program_is_tried_here),
		cmocka_unit_test(every_rule_of_every_policy_is_broken_by_some_server),
		cmocka_unit_test(a_rule_whose_fact_was_not_asked_is_unknown),
		cmocka_unit_test(one_fault_breaks_the_rules_that_it_is_about_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
