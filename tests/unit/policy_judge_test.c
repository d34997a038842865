#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/gate.h"
#include "report/policy_judge.h"
#include "report/policy_read.h"
#include "report/policy_shelf.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"
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

static void old_without_scsv(struct record *r)
{
	tls10(r);
	no_tls13(r);
	sample_tri(r, OBS_KEY_FALLBACK_SCSV, 0, TRI_NO);
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

static void rsa_transport_alone(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0x009D);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
}

static void null_suites_alone(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0x003B, 0x0002);
	CODES(r, SUITES_LIST, VER_TLS13, 0xC0B4);
}

/* One DHE suite, and the modulus that it came with: by its SHA-256, NULL where it was not kept. */
static void dhe_with(struct record *r, int64_t bits, const char *sha256)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC02C, 0x009F);
	with_dhe(r, bits);
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->sha256 = sha256;
}

static void ffdhe(struct record *r, uint32_t group)
{
	static const char *const list = "ffdhe";
	const uint32_t codes[] = { group };

	record_add(r, &(struct obs){ .key = OBS_KEY_GROUPS_LIST, .protocol = VER_TLS12, .name = list, .probe = "sample",
		.codes = arena_copy(&r->arena, codes, sizeof codes), .count = 1 });
}

static void ffdhe2048(struct record *r)
{
	dhe_with(r, 2048, "9cd3b7f336872f46c09428d1bbc19877a4d440512cda8d1c1cf0cd6e33698966");
	ffdhe(r, 0x0100);
}

static void ffdhe3072(struct record *r)
{
	dhe_with(r, 3072, "0eaf67db3a839156d5013494a5318a772b5697d270d721f37f092efc69ea5a17");
	ffdhe(r, 0x0101);
}

static void modp3072(struct record *r)
{
	dhe_with(r, 3072, "48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c");
}

static void homemade_dh(struct record *r)
{
	dhe_with(r, 3072, "00000000000000000000000000000000000000000000000000000000000000ff");
}

/* RFC 5114's, and what OpenSSL has built in, have names and are not approved. */
static void named_dh(struct record *r)
{
	dhe_with(r, 2048, "0b7835722cb619827610c2549fdda5587421686c4409a13865e76225522ddcc9");
}

static void modp1536(struct record *r)
{
	dhe_with(r, 1536, "64fcc83ec403930bf18393dbc883ccaa1fbb08ac876f77f7aa99748ca945019b");
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

static void (*const spoils[])(struct record *) = { ssl2, tls10, no_tls12, no_tls13, old_without_scsv, ccm8_13, weak_suites, clients_order,
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
			if (p->rules[k].fact.obs == OBS_KEY_STAPLE) /* what was fetched tells the same */
				sample_forget(r, OBS_KEY_CERT_REVOCATION_STATUS);
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
		{ "fips-140-3", sound, ffdhe2048, "suites.tls12.202205 groups.202205" },
		{ "fips-140-3", sound, modp3072, "suites.tls12.202205" },
		{ "fips-140-3", sound, homemade_dh, "dh.group suites.tls12.202205" },
		{ "fips-140-3", sound, named_dh, "dh.group suites.tls12.202205" },
		{ "fips-140-3", sound, modp1536, "dh.group suites.tls12.202205" },
		{ "fips-140-3", sound, middling_dh, "dh.group suites.tls12.202205" },
		{ "cnsa-2.0-interop", cnsa2_interop, rsa_transport_alone, "suites.tls12" },
		{ "cnsa-2.0-interop", cnsa2_interop, null_suites_alone, "suites.tls13 suites.tls12" },
		{ "cnsa-2.0-interop", cnsa2_interop, ffdhe3072, "" },
		{ "cnsa-2.0-interop", cnsa2_interop, homemade_dh, "" },
		{ "cnsa-2.0-interop", cnsa2_interop, ffdhe2048, "groups dh.bits" },
		{ "cnsa-2.0", cnsa2, rsa_transport_alone, "" },
		{ "cnsa-2.0", cnsa2, null_suites_alone, "suites" },
		{ "rfc9151", sound, rsa_transport_alone, "suites.rfc10015" },
		{ "rfc9151", sound, null_suites_alone, "suites.tls13 suites.tls12" },
		{ "cnsa-2.0", cnsa2, x448_groups, "groups groups.offered" },
		{ "rfc9151", sound, middling_dh, "suites.rfc10015 dh.bits" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		exactly_these_are_broken(rows[i].policy, rows[i].good, rows[i].spoil, rows[i].broken);
}

/* ---- what is not known ------------------------------------------------------------------------------------------ */

static enum finding_state state_of(const char *policy, const char *rule, struct record *r)
{
	struct policy *p = shelf(policy);
	struct arena a = { 0 };
	struct policy_result result = policy_judge(r, p, &a);
	enum finding_state state = FINDING_WAIVED;

	for (size_t i = 0; i < result.entries_count; i++)
		if (!strcmp(result.entries[i].rule->id, rule))
			state = result.entries[i].state;
	assert_int_not_equal(state, FINDING_WAIVED);
	arena_free(&a);
	record_free(r);
	policy_free(p);
	return state;
}

static struct record *cut_short(struct record *r, enum obs_key key, uint16_t protocol)
{
	sample_obs(r, key, protocol)->reason = "TIMEOUT";
	return r;
}

static struct record *not_offered_for_sure(struct record *r, uint16_t protocol)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, protocol, TRI_UNKNOWN);
	return r;
}

static struct record *without(struct record *r, enum obs_key key, uint16_t protocol)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key != key || r->obs[i].protocol != protocol)
			r->obs[kept++] = r->obs[i];
	r->obs_count = kept;
	return r;
}

static struct record *spoilt(struct record *r, void (*spoil)(struct record *))
{
	spoil(r);
	return r;
}

static void a_list_that_may_not_be_whole_passes_nothing_and_still_fails_what_it_breaks(void **state)
{
	(void)state;
	assert_int_equal(state_of("bcp195", "suites.dhe", cut_short(sound(), OBS_KEY_SUITES_LIST, VER_TLS12)), FINDING_UNKNOWN);
	assert_int_equal(state_of("bcp195", "suites.dhe", cut_short(spoilt(sound(), weak_suites), OBS_KEY_SUITES_LIST, VER_TLS12)),
		FINDING_FAIL);
	assert_int_equal(state_of("rfc9151", "groups", cut_short(sound(), OBS_KEY_GROUPS_LIST, VER_TLS13)), FINDING_UNKNOWN);
	assert_int_equal(state_of("rfc9151", "schemes", without(sound(), OBS_KEY_SCHEMES_LIST, VER_TLS12)), FINDING_UNKNOWN);
	assert_int_equal(state_of("rfc9151", "groups", without(sound(), OBS_KEY_GROUPS_LIST, VER_TLS12)), FINDING_UNKNOWN);
	assert_int_equal(state_of("nist-sp800-52r2", "groups.required", cut_short(sound(), OBS_KEY_GROUPS_LIST, VER_TLS13)), FINDING_PASS);
	assert_int_equal(state_of("nist-sp800-52r2", "groups.required", cut_short(spoilt(sound(), x448_groups), OBS_KEY_GROUPS_LIST, VER_TLS13)),
		FINDING_UNKNOWN);
}

/* DHE is taken, and no modulus was seen. */
static void a_group_that_was_not_seen_is_not_known(void **state)
{
	(void)state;
	assert_int_equal(state_of("fips-140-3", "dh.group", without(spoilt(sound(), homemade_dh), OBS_KEY_DH_BITS, VER_TLS12)), FINDING_UNKNOWN);
	assert_int_equal(state_of("cnsa-2.0-interop", "dh.bits", without(spoilt(sound(), homemade_dh), OBS_KEY_DH_BITS, VER_TLS12)),
		FINDING_UNKNOWN);
}

static void a_version_that_may_be_offered_leaves_open_what_asks_about_it(void **state)
{
	(void)state;
	assert_int_equal(state_of("pci-dss", "versions", not_offered_for_sure(sound(), VER_TLS10)), FINDING_UNKNOWN);
	assert_int_equal(state_of("pci-dss", "suites", not_offered_for_sure(sound(), VER_TLS10)), FINDING_UNKNOWN);
	assert_int_equal(state_of("nist-sp800-52r2", "versions.required", not_offered_for_sure(sound(), VER_TLS10)), FINDING_PASS);
	assert_int_equal(state_of("nist-sp800-52r2", "fallback_scsv", not_offered_for_sure(spoilt(spoilt(sound(), no_tls13),
		bad_extensions), VER_TLS11)), FINDING_UNKNOWN);
	assert_int_equal(state_of("nist-sp800-52r2", "fallback_scsv", not_offered_for_sure(sound(), VER_TLS11)), FINDING_NA);
	assert_int_equal(state_of("mozilla-old", "order", not_offered_for_sure(without_tls12(sound()), VER_TLS12)), FINDING_UNKNOWN);
}

static void whether_an_order_is_kept_depends_on_whose_it_is(void **state)
{
	static const struct {
		const char *order;
		enum finding_state first, ranked;
	} rows[] = {
		{ "server", FINDING_FAIL, FINDING_FAIL }, { "client", FINDING_PASS, FINDING_FAIL },
		{ "unknown", FINDING_UNKNOWN, FINDING_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record *by_groups = modern(), *by_suites = good_ncsc();

		CODES(by_groups, GROUPS_LIST, VER_TLS13, 0x001D, 0x11EC);
		sample_text(by_groups, OBS_KEY_GROUPS_ORDER, VER_TLS13, rows[i].order);
		CODES(by_suites, SUITES_LIST, VER_TLS13, 0x1301, 0x1302);
		sample_text(by_suites, OBS_KEY_SUITES_ORDER, VER_TLS13, rows[i].order);
		assert_int_equal(state_of("mozilla-modern", "groups.post_quantum", by_groups), rows[i].first);
		assert_int_equal(state_of("ncsc-nl", "order", by_suites), rows[i].ranked);
	}
}

static void where_nothing_was_seen_every_policy_is_unknown(void **state)
{
	struct record *(*const seen[])(void) = { sample_refused, sample_bare };

	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++)
		for (size_t k = 0; k < COUNT(seen); k++) {
			struct policy *p = shelf(goods[i].policy);
			struct record *r = seen[k]();
			struct arena a = { 0 };

			assert_int_equal(policy_judge(r, p, &a).state, POLICY_UNKNOWN);
			arena_free(&a);
			record_free(r);
			policy_free(p);
		}
}

static void what_does_not_arise_is_neither_passed_nor_unknown(void **state)
{
	(void)state;
	assert_int_equal(state_of("bcp195", "dh.bits", sound()), FINDING_NA);
	assert_int_equal(state_of("bcp195", "extended_master_secret", cnsa2()), FINDING_NA);
	assert_int_equal(state_of("nist-sp800-52r2", "encrypt_then_mac", sound()), FINDING_NA);
	assert_int_equal(state_of("nist-sp800-52r2", "fallback_scsv", cnsa2()), FINDING_NA);
	assert_int_equal(state_of("mozilla-intermediate", "hsts.max_age", spoilt(sound(), no_hsts)), FINDING_NA);
	assert_int_equal(state_of("mozilla-intermediate", "certificate.rsa_bits", sound()), FINDING_NA);
}

/* ---- in the reports --------------------------------------------------------------------------------------------- */

static char *reported(const char *writer, struct record *r, struct policy *p)
{
	const struct writer *w = writer_find(writer);
	struct judgement *j = judge(r);
	struct output o = { .width = 0 };
	char *text = NULL;
	size_t size = 0;

	assert_non_null(w);
	judgement_policies(j, r, &p, 1);
	gates_hold(&(struct gate_options){ .has_fail_on = false }, r, j);
	o.file = open_memstream(&text, &size);
	writer_open(w, &o);
	writer_endpoint(w, &o, r, j);
	assert_true(writer_close(w, &o));
	fclose(o.file);
	judgement_free(j);
	record_free(r);
	return text;
}

static void every_report_for_people_names_clause_fact_and_fix(void **state)
{
	static const char *const formats[] = { "text", "html", "json" };
	static const char *const parts[] = { "nist-sp800-52r2", "3.3.1.1", "suites.tls12", "RC4",
		"Offer only the listed cipher suites.", "3.3.3: the cryptographic module is validated" };

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct policy *p = shelf("nist-sp800-52r2");
		char *text = reported(formats[i], sample_legacy(), p);

		for (size_t k = 0; k < COUNT(parts); k++)
			if (!strstr(text, parts[k]))
				fail_msg("%s: no %s", formats[i], parts[k]);
		free(text);
		policy_free(p);
	}
}

static struct record *saved_and_read(struct record *r)
{
	struct json_object *o = record_to_json(r);
	char *why = NULL;
	struct record *again = record_from_json(o, &why);

	if (!again)
		fail_msg("%s", why);
	json_object_put(o);
	record_free(r);
	return again;
}

/* A saved scan is judged like the live one, and a bad one too: the newest editions by facts alone. */
static void saved_facts_are_judged_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++)
		for (size_t s = 0; s <= COUNT(spoils); s += COUNT(spoils) / 4) {
			void (*spoil)(struct record *) = s < COUNT(spoils) ? spoils[s] : bad_extensions;
			struct policy *p = shelf(goods[i].policy);
			struct record *live = s ? spoilt(goods[i].record(), spoil) : goods[i].record();
			struct record *saved = saved_and_read(s ? spoilt(goods[i].record(), spoil) : goods[i].record());
			struct arena a = { 0 };
			struct policy_result one = policy_judge(live, p, &a), two = policy_judge(saved, p, &a);

			assert_int_equal(one.state, two.state);
			for (size_t k = 0; k < one.entries_count; k++) {
				assert_int_equal(one.entries[k].state, two.entries[k].state);
				assert_true(!one.entries[k].fix == !two.entries[k].fix);
				if (one.entries[k].fix)
					assert_string_equal(one.entries[k].fix, two.entries[k].fix);
			}
			arena_free(&a);
			record_free(live);
			record_free(saved);
			policy_free(p);
		}
}

/* A plugin's state is all that a monitor looks at. */
static void a_policy_that_fails_is_critical_to_a_monitor(void **state)
{
	static const struct {
		const char *policy;
		struct record *(*record)(void);
		const char *says;
	} rows[] = {
		{ "cnsa-2.0", sample_good, "TLS CRITICAL: example.org:443" },
		{ "cnsa-2.0", sample_good, ", gate policy (cnsa-2.0): fail" },
		{ "bcp195", sound, "TLS OK: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy *p = shelf(rows[i].policy);
		char *text = reported("nagios", rows[i].record(), p);

		if (!strstr(text, rows[i].says))
			fail_msg("%s: %s", rows[i].policy, text);
		free(text);
		policy_free(p);
	}
}

/* A policy of somebody else is no better than a peer. */
static void hostile_text_of_a_policy_is_escaped_everywhere(void **state)
{
	static const char json[] = "{\"schema\":\"tlsassay-policy/1\",\"name\":\"p\",\"edition\":\"\\u001b[31m<b>\",\"date\":\"2026\","
		"\"title\":\"\\u001b]0;x\\u0007<script>alert(1)</script>\",\"source\":\"\\u202e<i>\",\"note\":\"\\r\\n<u>\","
		"\"not_checked\":[\"\\u009b<s>\"],\"rules\":[{\"id\":\"r\",\"level\":\"must\",\"clause\":\"\\u001b<p>\","
		"\"fact\":\"versions\",\"only\":[],\"fix\":\"\\u001b<q>\"}]}";
	static const char *const formats[] = { "text", "html", "json" };

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		struct arena a = { 0 };
		const char *where, *why;
		struct policy *p = policy_read((struct span){ (const uint8_t *)json, sizeof json - 1 }, &a, &where, &why);
		char *text;

		assert_non_null(p);
		text = reported(formats[i], sample_good(), p);
		assert_null(strchr(text, 0x1B));
		assert_null(strstr(text, "\xC2\x9B"));
		assert_null(strstr(text, "\xE2\x80\xAE"));
		assert_true(strcmp(formats[i], "html") || !strstr(text, "<script>"));
		free(text);
		policy_free(p);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_meets_a_policy_passes_it),
		cmocka_unit_test(every_policy_of_the_program_is_tried_here),
		cmocka_unit_test(every_rule_of_every_policy_is_broken_by_some_server),
		cmocka_unit_test(a_rule_whose_fact_was_not_asked_is_unknown),
		cmocka_unit_test(one_fault_breaks_the_rules_that_it_is_about_and_no_others),
		cmocka_unit_test(a_list_that_may_not_be_whole_passes_nothing_and_still_fails_what_it_breaks),
		cmocka_unit_test(a_group_that_was_not_seen_is_not_known),
		cmocka_unit_test(a_version_that_may_be_offered_leaves_open_what_asks_about_it),
		cmocka_unit_test(whether_an_order_is_kept_depends_on_whose_it_is),
		cmocka_unit_test(where_nothing_was_seen_every_policy_is_unknown),
		cmocka_unit_test(what_does_not_arise_is_neither_passed_nor_unknown),
		cmocka_unit_test(every_report_for_people_names_clause_fact_and_fix),
		cmocka_unit_test(saved_facts_are_judged_alike),
		cmocka_unit_test(a_policy_that_fails_is_critical_to_a_monitor),
		cmocka_unit_test(hostile_text_of_a_policy_is_escaped_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
