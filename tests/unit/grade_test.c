#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/grade.h"
#include "report/score.h"
#include "tests/unit/sample_record.h"

/* ---- ways to spoil the good server
 * --------------------------------------------------------------------------- */

static void good(struct record *r)
{
	(void)r;
}

static void sslv2(struct record *r)
{
	VERSION(r, VER_SSL2, 0x0700C0);
}

static void drown(struct record *r)
{
	sslv2(r);
	sample_tri(r, OBS_KEY_DROWN, VER_SSL2, TRI_YES);
}

static void sslv3_gcm(struct record *r)
{
	VERSION(r, VER_SSL3, 0x002F);
}

static void only_sslv3(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	sample_forget(r, OBS_KEY_SUITES_LIST);
	VERSION(r, VER_SSL3, 0x0035);
}

static void only_tls11(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	sample_forget(r, OBS_KEY_SUITES_LIST);
	sample_forget(r, OBS_KEY_GROUPS_LIST);
	VERSION(r, VER_TLS11, 0xC014);
	CODES(r, GROUPS_LIST, VER_TLS11, 0x001D);
}

static void tls10(struct record *r)
{
	VERSION(r, VER_TLS10, 0xC014);
	CODES(r, GROUPS_LIST, VER_TLS10, 0x001D);
}

static void tls11(struct record *r)
{
	VERSION(r, VER_TLS11, 0xC014);
	CODES(r, GROUPS_LIST, VER_TLS11, 0x001D);
}

static void no_tls13(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
	sample_forget(r, OBS_KEY_SUITES_LIST);
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030, 0xC02F);
}

/* TLS 1.2 alone, with these suites. */
static void tls12_with(struct record *r, const uint32_t *codes, size_t count)
{
	no_tls13(r);
	sample_codes(r, OBS_KEY_SUITES_LIST, VER_TLS12, codes, count);
}

#define TLS12_OF(name, ...)                                                                                  \
	static void name(struct record *r)                                                                   \
	{                                                                                                    \
		const uint32_t codes[] = { __VA_ARGS__ };                                                    \
                                                                                                             \
		tls12_with(r, codes, sizeof codes / sizeof *codes);                                          \
	}
TLS12_OF(export_rsa, 0xC030, 0x0008)
TLS12_OF(export_dhe, 0xC030, 0x0014)
TLS12_OF(anonymous, 0xC030, 0x0034)
TLS12_OF(single_des, 0xC030, 0x0009)
TLS12_OF(only_3des, 0xC012, 0x000A)
TLS12_OF(some_3des, 0xC030, 0xC012)
TLS12_OF(some_rc4, 0xC030, 0xC011)
TLS12_OF(only_rc4, 0xC011, 0x0005)
TLS12_OF(no_fs, 0x009C, 0x009D)
TLS12_OF(some_fs, 0xC030, 0x009C)
TLS12_OF(no_aead, 0xC014, 0xC028)
TLS12_OF(weak_first, 0x009C, 0xC030)
TLS12_OF(aes256, 0xC030)

static void dh(struct record *r, int64_t bits)
{
	const uint32_t codes[] = { 0xC030, 0x009E };

	tls12_with(r, codes, 2);
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->number = bits;
}

static void dh_768(struct record *r)
{
	dh(r, 768);
}

static void dh_1024(struct record *r)
{
	dh(r, 1024);
}

static void dh_2048(struct record *r)
{
	dh(r, 2048);
}

static void mismatch(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_HOSTNAME)->text = "mismatch";
}

static void no_names(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_HOSTNAME)->text = "no_names";
}

static void untrusted(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->tri = TRI_NO;
}

static void untrusted_and_mismatch(struct record *r)
{
	untrusted(r);
	mismatch(r);
}

/* A second store that trusts: one is enough. */
static void trusted_elsewhere(struct record *r)
{
	untrusted(r);
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_TRUST,
	                      .sni = TRI_YES,
	                      .chain = "c1",
	                      .name = "corporate",
	                      .tri = TRI_YES,
	                      .probe = "sample" });
}

static void trust_not_asked(struct record *r)
{
	sample_forget(r, OBS_KEY_CHAIN_TRUST);
}

static void incomplete(struct record *r)
{
	static const char *const names[] = { "incomplete" };

	sample_about_chain(r, OBS_KEY_CHAIN_ISSUES)->names = names;
	sample_about_chain(r, OBS_KEY_CHAIN_ISSUES)->count = 1;
}

static void incomplete_and_untrusted(struct record *r)
{
	incomplete(r);
	untrusted(r);
}

static void incomplete_with_a_place(struct record *r)
{
	incomplete_and_untrusted(r);
	obs_evidence(r, sample_about_chain(r, OBS_KEY_CHAIN_ISSUES), "issuer_url", "yes");
}

#define CERT_OF(name, n, field, value)                                                                       \
	static void name(struct record *r)                                                                   \
	{                                                                                                    \
		r->certs[n].field = value;                                                                   \
	}
CERT_OF(expired, 0, not_after, SAMPLE_NOW - 1)
CERT_OF(not_yet, 0, not_before, SAMPLE_NOW + 1)
static void revoked(struct record *r)
{
	sample_about_chain(r, OBS_KEY_STAPLE)->text = "revoked";
}

static void debian_key(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CERT_DEBIAN_KEY)->tri = TRI_YES;
}

/* No list was given. */
static void no_debian_list(struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CERT_DEBIAN_KEY)
			r->obs[i].key = OBS_KEY_CONCURRENCY;
}

static void no_debian_list_old(struct record *r)
{
	no_debian_list(r);
	r->certs[0].not_before = INT64_C(1731628799); /* 2024-11-14T23:59:59Z */
}

static void no_debian_list_private(struct record *r)
{
	no_debian_list(r);
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->tri = TRI_NO;
}

CERT_OF(sha1, 1, signature, "ecdsa-with-SHA1")
CERT_OF(md5, 0, signature, "md5WithRSAEncryption")
CERT_OF(wosign, 0, issuer, "CN=WoSign CA,O=WoSign CA Limited,C=CN")
CERT_OF(rsa_1024, 0, key_bits, 1024)
CERT_OF(rsa_512, 0, key_bits, 512)
CERT_OF(rsa_4096, 0, key_bits, 4096)
CERT_OF(exponent_1, 0, exponent, "1")

static void symantec(struct record *r)
{
	r->certs[0].issuer = "CN=GeoTrust SSL CA - G3,O=GeoTrust Inc.,C=US";
	r->certs[0].not_before = 1450000000;
}

static void insecure_renego(struct record *r)
{
	sample_tri(r, OBS_KEY_RENEGOTIATION_INSECURE, VER_TLS12, TRI_YES);
}

static void heartbleed(struct record *r)
{
	sample_tri(r, OBS_KEY_HEARTBLEED, VER_TLS12, TRI_YES);
}

static void heartbleed_unknown(struct record *r)
{
	sample_tri(r, OBS_KEY_HEARTBLEED, VER_TLS12, TRI_UNKNOWN);
}

static void ccs_injection(struct record *r)
{
	sample_tri(r, OBS_KEY_CCS_INJECTION, VER_TLS12, TRI_YES);
}

static void ticketbleed(struct record *r)
{
	sample_tri(r, OBS_KEY_TICKETBLEED, VER_TLS12, TRI_YES);
}

static void robot(struct record *r)
{
	sample_tri(r, OBS_KEY_ROBOT, VER_TLS12, TRI_YES);
}

static void poodle_tls(struct record *r)
{
	sample_tri(r, OBS_KEY_POODLE_TLS, VER_TLS12, TRI_YES);
}

static void zombie_poodle(struct record *r)
{
	sample_tri(r, OBS_KEY_ZOMBIE_POODLE, VER_TLS12, TRI_YES);
}

static void goldendoodle(struct record *r)
{
	sample_tri(r, OBS_KEY_GOLDENDOODLE, VER_TLS12, TRI_YES);
}

static void sleeping_poodle(struct record *r)
{
	sample_tri(r, OBS_KEY_SLEEPING_POODLE, VER_TLS12, TRI_YES);
}

static void zero_length_padding(struct record *r)
{
	sample_tri(r, OBS_KEY_ZERO_LENGTH_PADDING, VER_TLS12, TRI_YES);
}

static void cve_2016_2107(struct record *r)
{
	sample_tri(r, OBS_KEY_CVE_2016_2107, VER_TLS12, TRI_YES);
}

static void no_renego(struct record *r)
{
	sample_tri(r, OBS_KEY_SECURE_RENEGOTIATION, VER_TLS12, TRI_NO);
}

static void compression(struct record *r)
{
	sample_tri(r, OBS_KEY_COMPRESSION, VER_TLS12, TRI_YES);
}

static void hsts(struct record *r, const char *text, int64_t age)
{
	sample_forget(r, OBS_KEY_HSTS);
	sample_forget(r, OBS_KEY_HSTS_MAX_AGE);
	sample_obs(r, OBS_KEY_HSTS, 0)->text = text;
	if (age)
		sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = age;
}

static void hsts_disabled(struct record *r)
{
	hsts(r, "disabled", 0);
}

static void hsts_invalid(struct record *r)
{
	hsts(r, "invalid", 0);
}

static void hsts_absent(struct record *r)
{
	hsts(r, "absent", 0);
}

static void hsts_for_a_day(struct record *r)
{
	hsts(r, "valid", 86400);
}

static void no_fallback(struct record *r)
{
	sample_tri(r, OBS_KEY_FALLBACK_SCSV, 0, TRI_NO);
}

static void no_certificate(struct record *r)
{
	sample_forget(r, OBS_KEY_CHAIN_SERVED);
}

static void sslv2_unknown(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2, TRI_UNKNOWN);
}

static void suites_in_part(struct record *r)
{
	sample_obs(r, OBS_KEY_SUITES_LIST, VER_TLS12)->reason = "TIMEOUT_FIRST_BYTE";
}

/* ---- every rule of the guide
 * --------------------------------------------------------------------------------- */

static const struct {
	const char *id;
	void (*spoil)(struct record *);
} cases[] = {
	{ "cert.mismatch", mismatch },
	{ "cert.untrusted", untrusted },
	{ "cert.expired", expired },
	{ "cert.not_yet_valid", not_yet },
	{ "cert.revoked", revoked },
	{ "cert.debian_weak_key", debian_key },
	{ "cert.sha1_signature", sha1 },
	{ "ca.wosign_startcom", wosign },
	{ "ca.symantec", symantec },
	{ "cert.md5_signature", md5 },
	{ "cert.key_below_1024", rsa_512 },
	{ "cert.key_below_2048", rsa_1024 },
	{ "cert.exponent_1", exponent_1 },
	{ "protocol.sslv2", sslv2 },
	{ "protocol.sslv3_best", only_sslv3 },
	{ "protocol.sslv3", sslv3_gcm },
	{ "protocol.tls10", tls10 },
	{ "protocol.tls11", tls11 },
	{ "protocol.no_tls12", only_tls11 },
	{ "protocol.no_tls13", no_tls13 },
	{ "suite.export", export_rsa },
	{ "suite.weak", single_des },
	{ "suite.block64", only_3des },
	{ "suite.rc4", some_rc4 },
	{ "suite.rc4_tls11", only_rc4 },
	{ "suite.only_rc4", only_rc4 },
	{ "dh.small", dh_1024 },
	{ "dh.weak", dh_768 },
	{ "suite.no_forward_secrecy", no_fs },
	{ "suite.no_aead", no_aead },
	{ "cert.incomplete_chain", incomplete },
	{ "ext.secure_renegotiation", no_renego },
	{ "renegotiation.insecure", insecure_renego },
	{ "compression", compression },
	{ "vuln.heartbleed", heartbleed },
	{ "vuln.ccs_injection", ccs_injection },
	{ "vuln.ticketbleed", ticketbleed },
	{ "vuln.robot", robot },
	{ "vuln.poodle_tls", poodle_tls },
	{ "vuln.zombie_poodle", zombie_poodle },
	{ "vuln.goldendoodle", goldendoodle },
	{ "vuln.sleeping_poodle", sleeping_poodle },
	{ "vuln.zero_length_padding", zero_length_padding },
	{ "vuln.cve_2016_2107", cve_2016_2107 },
	{ "vuln.beast", tls10 },
	{ "vuln.poodle", sslv3_gcm },
	{ "vuln.freak", export_rsa },
	{ "vuln.logjam", export_dhe },
	{ "vuln.drown", drown },
	{ "fallback_scsv", no_fallback },
	{ "http.hsts_invalid", hsts_disabled },
	{ "http.hsts_invalid", hsts_invalid },
	{ "http.hsts_short", hsts_absent },
	{ "http.hsts_short", hsts_for_a_day },
	{ "cert.sha1_in_chain", sha1 },
	{ "order.weak_first", weak_first },
};

static struct judgement *judged(void (*spoil)(struct record *), struct record **r)
{
	*r = sample_good();
	spoil(*r);
	return judge(*r);
}

static const struct ledger_entry *entry(const struct judgement *j, const char *rule)
{
	for (size_t i = 0; i < j->grade.ledger_count; i++)
		if (!strcmp(j->grade.ledger[i].rule, rule))
			return &j->grade.ledger[i];
	fail_msg("no entry %s", rule);
	return NULL;
}

static enum entry_state state_after(const char *rule, void (*spoil)(struct record *))
{
	struct record *r;
	struct judgement *j = judged(spoil, &r);
	const struct ledger_entry *e = entry(j, rule);
	enum entry_state state = e->state;

	if (state == ENTRY_APPLIED) {
		assert_non_null(e->because);
		assert_non_null(e->fix);
	} else {
		assert_null(e->fix);
	}
	if (state == ENTRY_NOT_EVALUATED)
		assert_non_null(e->because);
	judgement_free(j);
	record_free(r);
	return state;
}

static void every_rule_of_the_guide_is_a_row(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 41; n++) {
		bool found = false;

		for (size_t i = 0; i < guide_rules_count; i++)
			found = found || guide_rules[i].number == n;
		if (!found)
			fail_msg("rule %u of the guide has no row", n);
	}
}

static void every_row_says_its_version_and_fix(void **state)
{
	(void)state;
	for (size_t i = 0; i < guide_rules_count; i++) {
		assert_true(*guide_rules[i].since);
		assert_true(*guide_rules[i].fix);
		assert_non_null(effect_name(guide_rules[i].effect));
		assert_ptr_equal(guide_rule_find(guide_rules[i].id), &guide_rules[i]);
	}
}

static bool has_case(const char *id)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!strcmp(cases[i].id, id))
			return true;
	return false;
}

static void every_row_has_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < guide_rules_count; i++)
		if (!has_case(guide_rules[i].id))
			fail_msg("row %s", guide_rules[i].id);
}

static void every_row_applies_on_its_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (state_after(cases[i].id, cases[i].spoil) != ENTRY_APPLIED)
			fail_msg("%s does not apply", cases[i].id);
}

static void no_row_applies_to_a_good_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < guide_rules_count; i++) {
		enum entry_state s = state_after(guide_rules[i].id, good);

		if (s == ENTRY_APPLIED || s == ENTRY_NOT_EVALUATED)
			fail_msg("%s is %s", guide_rules[i].id, entry_state_name(s));
	}
}

static void a_rule_that_cannot_concern_the_server_does_not_apply_untested(void **state)
{
	(void)state;
	assert_int_equal(state_after("vuln.poodle_tls", good), ENTRY_NA);
	assert_int_equal(state_after("vuln.robot", good), ENTRY_NA);
	assert_int_equal(state_after("vuln.heartbleed", heartbleed_unknown), ENTRY_NOT_EVALUATED);
}

static void a_public_authority_has_compared_the_key_with_debians(void **state)
{
	(void)state;
	assert_int_equal(state_after("cert.debian_weak_key", no_debian_list), ENTRY_NOT_APPLIED);
	assert_int_equal(state_after("cert.debian_weak_key", no_debian_list_old), ENTRY_NOT_EVALUATED);
	assert_int_equal(state_after("cert.debian_weak_key", no_debian_list_private), ENTRY_NOT_EVALUATED);
}

/* Where some are such, simulate_test.c has what browsers get of them. */
static void what_clients_negotiate_is_decided_by_all_by_none_or_by_a_browser(void **state)
{
	(void)state;
	assert_int_equal(state_after("suite.no_forward_secrecy", good), ENTRY_NOT_APPLIED);
	assert_int_equal(state_after("suite.no_forward_secrecy", some_fs), ENTRY_APPLIED); /* IE 11 on Windows 7 */
	assert_int_equal(state_after("suite.no_forward_secrecy", no_fs), ENTRY_APPLIED);
	assert_int_equal(state_after("suite.block64", some_3des), ENTRY_NOT_APPLIED); /* kept last */
	assert_int_equal(state_after("suite.rc4_tls11", some_rc4), ENTRY_NOT_APPLIED);
	assert_int_equal(state_after("suite.no_aead", suites_in_part), ENTRY_NOT_EVALUATED);
}

static void a_tls13_only_server_is_spared_rules_14_and_29(void **state)
{
	struct record *r = sample_tls13_only();
	struct judgement *j = judge(r);

	(void)state;
	assert_int_equal(entry(j, "protocol.no_tls12")->state, ENTRY_NA);
	assert_int_equal(entry(j, "ext.secure_renegotiation")->state, ENTRY_NA);
	assert_int_equal(entry(j, "renegotiation.insecure")->state, ENTRY_NA);
	assert_int_equal(j->grade.letter, LETTER_A_PLUS);
	judgement_free(j);
	record_free(r);
}

/* ---- letters
 * ------------------------------------------------------------------------------------------------- */

static const struct {
	const char *what;
	void (*spoil)(struct record *);
	enum letter letter, config;
	const char *trust;
} letters[] = {
	{ "without HSTS", hsts_absent, LETTER_A, LETTER_A, "ok" },
	{ "HSTS disabled", hsts_disabled, LETTER_A_MINUS, LETTER_A_MINUS, "ok" },
	{ "a good server", good, LETTER_A_PLUS, LETTER_A_PLUS, "ok" },
	{ "no TLS 1.3", no_tls13, LETTER_A_MINUS, LETTER_A_MINUS, "ok" },
	{ "no secure renegotiation", no_renego, LETTER_A_MINUS, LETTER_A_MINUS, "ok" },
	{ "TLS 1.0", tls10, LETTER_B, LETTER_B, "ok" },
	{ "TLS 1.1", tls11, LETTER_B, LETTER_B, "ok" },
	{ "RC4 beside others", some_rc4, LETTER_B, LETTER_B, "ok" },
	{ "DH of 1024 bits", dh_1024, LETTER_B, LETTER_B, "ok" },
	{ "DH of 2048 bits", dh_2048, LETTER_A_MINUS, LETTER_A_MINUS, "ok" },
	{ "an incomplete chain", incomplete, LETTER_B, LETTER_B, "ok" },
	{ "an incomplete chain that leads nowhere", incomplete_and_untrusted, LETTER_T, LETTER_B, "untrusted" },
	{ "one that says where the rest is", incomplete_with_a_place, LETTER_B, LETTER_B, "unknown" },
	{ "no forward secrecy", no_fs, LETTER_B, LETTER_B, "ok" },
	{ "compression", compression, LETTER_C, LETTER_C, "ok" },
	{ "only 3DES", only_3des, LETTER_C, LETTER_C, "ok" },
	{ "TLS 1.1 at best", only_tls11, LETTER_C, LETTER_C, "ok" },
	{ "SSL 3 with CBC", sslv3_gcm, LETTER_C, LETTER_C, "ok" },
	{ "SSL 2", sslv2, LETTER_F, LETTER_F, "ok" },
	{ "SSL 3 at best", only_sslv3, LETTER_F, LETTER_F, "ok" },
	{ "export", export_rsa, LETTER_F, LETTER_F, "ok" },
	{ "anonymous", anonymous, LETTER_F, LETTER_F, "ok" },
	{ "only RC4", only_rc4, LETTER_F, LETTER_F, "ok" },
	{ "DH of 768 bits", dh_768, LETTER_F, LETTER_F, "ok" },
	{ "RSA of 1024 bits", rsa_1024, LETTER_B, LETTER_B, "ok" },
	{ "RSA of 512 bits", rsa_512, LETTER_F, LETTER_F, "ok" },
	{ "exponent 1", exponent_1, LETTER_F, LETTER_F, "ok" },
	{ "MD5", md5, LETTER_F, LETTER_F, "ok" },
	{ "SHA-1", sha1, LETTER_T, LETTER_A, "untrusted" },
	{ "expired", expired, LETTER_T, LETTER_A_PLUS, "untrusted" },
	{ "not yet valid", not_yet, LETTER_T, LETTER_A_PLUS, "untrusted" },
	{ "no path", untrusted, LETTER_T, LETTER_A_PLUS, "untrusted" },
	{ "trusted by another store", trusted_elsewhere, LETTER_A_PLUS, LETTER_A_PLUS, "ok" },
	{ "wrong name", mismatch, LETTER_M, LETTER_A_PLUS, "mismatch" },
	{ "no name", no_names, LETTER_M, LETTER_A_PLUS, "mismatch" },
	{ "wrong name and no path", untrusted_and_mismatch, LETTER_M, LETTER_A_PLUS, "mismatch" },
	{ "trust not asked", trust_not_asked, LETTER_A_PLUS, LETTER_A_PLUS, "unknown" },
	{ "no certificate", no_certificate, LETTER_NONE, LETTER_NONE, "unknown" },
	{ "SSL 2 not known", sslv2_unknown, LETTER_A_PLUS, LETTER_A_PLUS, "ok" },
};

static void letters_are_those_of_the_guide(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
		struct record *r;
		struct judgement *j = judged(letters[i].spoil, &r);

		if (j->grade.letter != letters[i].letter || j->grade.config_letter != letters[i].config ||
		        strcmp(j->grade.trust, letters[i].trust))
			fail_msg("%s: %s (%s), trust %s", letters[i].what, letter_name(j->grade.letter),
			        letter_name(j->grade.config_letter), j->grade.trust);
		judgement_free(j);
		record_free(r);
	}
}

static void a_grade_with_an_f_rule_not_evaluated_is_not_complete(void **state)
{
	struct record *r;
	struct judgement *j = judged(heartbleed_unknown, &r);

	(void)state;
	assert_false(j->grade.complete);
	judgement_free(j);
	record_free(r);
}

static void an_unknown_ssl2_leaves_rule_10_open(void **state)
{
	(void)state;
	assert_int_equal(state_after("protocol.sslv2", sslv2_unknown), ENTRY_NOT_EVALUATED);
	assert_int_equal(state_after("vuln.drown", sslv2_unknown), ENTRY_NOT_EVALUATED);
}

/* ---- scores
 * -------------------------------------------------------------------------------------------------- */

/* In points times SCORE_UNIT. Total = 0.3 protocol + 0.3 key exchange + 0.4 cipher. */
static const struct {
	const char *what;
	void (*spoil)(struct record *);
	int protocol2, key_exchange, cipher2; /* twice the points, the points, twice the points */
} scores[] = {
	{ "a good server: 128 to 256 bits, x25519 and RSA-2048", good, 200, 90, 180 },
	{ "AES-256 alone", aes256, 200, 90, 200 },
	{ "RSA-4096, but x25519 counts 3072", rsa_4096, 200, 90, 180 },
	{ "RSA-1024", rsa_1024, 200, 80, 180 },
	{ "RSA-512", rsa_512, 200, 40, 180 },
	{ "TLS 1.0 beside 1.3", tls10, 190, 90, 180 },
	{ "TLS 1.1 beside 1.3: half points", tls11, 195, 90, 180 },
	{ "SSL 2 beside 1.3", sslv2, 100, 90, 180 },
	{ "3DES counts 168 bits", only_3des, 200, 90, 160 },
	{ "RC4 counts 128 bits", some_rc4, 200, 90, 180 },
	{ "anonymous", anonymous, 200, 0, 180 },
	{ "export", export_rsa, 200, 40, 120 },
	{ "DH 1024", dh_1024, 200, 80, 180 },
	{ "DH 768", dh_768, 200, 40, 180 },
};

static int total_of(size_t i)
{
	if (!scores[i].protocol2 || !scores[i].key_exchange || !scores[i].cipher2)
		return 0;
	return 3 * scores[i].protocol2 + 6 * scores[i].key_exchange + 4 * scores[i].cipher2;
}

static void scores_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
		struct record *r;
		struct judgement *j = judged(scores[i].spoil, &r);
		const struct grade *g = &j->grade;

		if (g->protocol != scores[i].protocol2 * SCORE_UNIT / 2 ||
		        g->key_exchange != scores[i].key_exchange * SCORE_UNIT ||
		        g->cipher != scores[i].cipher2 * SCORE_UNIT / 2 || g->total != total_of(i))
			fail_msg("%s: %d %d %d, total %d", scores[i].what, g->protocol, g->key_exchange,
			        g->cipher, g->total);
		judgement_free(j);
		record_free(r);
	}
}

static void letters_change_exactly_at_their_thresholds(void **state)
{
	static const struct {
		int points;
		enum letter at, below;
	} rows[] = { { 80, LETTER_A, LETTER_B }, { 65, LETTER_B, LETTER_C }, { 50, LETTER_C, LETTER_D },
		{ 35, LETTER_D, LETTER_E }, { 20, LETTER_E, LETTER_F } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(score_letter(rows[i].points * SCORE_UNIT), rows[i].at);
		assert_int_equal(score_letter(rows[i].points * SCORE_UNIT - 1), rows[i].below);
	}
	assert_int_equal(score_letter(-1), LETTER_NONE);
	assert_int_equal(score_letter(0), LETTER_F);
}

static void a_zero_in_one_category_makes_the_total_zero(void **state)
{
	struct score zero = { 0, 0 }, full = { 100 * SCORE_UNIT, 100 * SCORE_UNIT };

	(void)state;
	assert_int_equal(score_total(full, full, full).best, 100 * SCORE_UNIT);
	assert_int_equal(score_total(zero, full, full).best, 0);
	assert_int_equal(score_total(full, zero, full).best, 0);
	assert_int_equal(score_total(full, full, zero).best, 0);
}

static void a_score_known_in_part_is_not_shown(void **state)
{
	struct record *r;
	struct judgement *j = judged(suites_in_part, &r);

	(void)state;
	assert_int_equal(j->grade.cipher, -1);
	assert_int_equal(j->grade.total, -1);
	assert_int_equal(j->grade.protocol, 100 * SCORE_UNIT);
	assert_int_equal(j->grade.letter, LETTER_A_PLUS);
	assert_false(j->grade.complete);
	judgement_free(j);
	record_free(r);
}

/* ---- the ledger
 * ---------------------------------------------------------------------------------------------- */

static void the_ledger_names_what_to_remove(void **state)
{
	struct record *r;
	struct judgement *j = judged(export_rsa, &r);

	(void)state;
	assert_string_equal(entry(j, "suite.export")->effect, "F");
	assert_string_equal(entry(j, "suite.export")->because, "TLSv1.2: TLS_RSA_EXPORT_WITH_DES40_CBC_SHA");
	assert_string_equal(entry(j, "suite.export")->fix, "Remove: TLS_RSA_EXPORT_WITH_DES40_CBC_SHA");
	judgement_free(j);
	record_free(r);
}

static void the_trust_entry_says_which_store_and_why(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->tri = TRI_NO;
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->reason = "unable to get local issuer certificate";
	j = judge(r);
	assert_non_null(strstr(entry(j, "cert.untrusted")->because, "system: unable to get local issuer"));
	judgement_free(j);
	record_free(r);
}

static void names_read_back(void **state)
{
	enum letter l;
	enum severity s;

	(void)state;
	assert_true(letter_parse("A+", &l));
	assert_int_equal(l, LETTER_A_PLUS);
	assert_true(letter_parse("M", &l));
	assert_int_equal(l, LETTER_M);
	assert_false(letter_parse("G", &l));
	assert_true(severity_parse("critical", &s));
	assert_int_equal(s, SEV_CRITICAL);
	assert_false(severity_parse("fatal", &s));
	assert_null(letter_name(LETTER_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_of_the_guide_is_a_row),
		cmocka_unit_test(every_row_says_its_version_and_fix),
		cmocka_unit_test(every_row_has_a_case),
		cmocka_unit_test(every_row_applies_on_its_case),
		cmocka_unit_test(no_row_applies_to_a_good_server),
		cmocka_unit_test(a_rule_that_cannot_concern_the_server_does_not_apply_untested),
		cmocka_unit_test(a_public_authority_has_compared_the_key_with_debians),
		cmocka_unit_test(what_clients_negotiate_is_decided_by_all_by_none_or_by_a_browser),
		cmocka_unit_test(a_tls13_only_server_is_spared_rules_14_and_29),
		cmocka_unit_test(letters_are_those_of_the_guide),
		cmocka_unit_test(a_grade_with_an_f_rule_not_evaluated_is_not_complete),
		cmocka_unit_test(an_unknown_ssl2_leaves_rule_10_open),
		cmocka_unit_test(scores_are_exact),
		cmocka_unit_test(letters_change_exactly_at_their_thresholds),
		cmocka_unit_test(a_zero_in_one_category_makes_the_total_zero),
		cmocka_unit_test(a_score_known_in_part_is_not_shown),
		cmocka_unit_test(the_ledger_names_what_to_remove),
		cmocka_unit_test(the_trust_entry_says_which_store_and_why),
		cmocka_unit_test(names_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
