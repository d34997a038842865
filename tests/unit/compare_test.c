#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "report/writer.h"
#include "scanner/base/text.h"
#include "scanner/compare/compare.h"
#include "scanner/compare/few.h"
#include "scanner/compare/rules.h"
#include "scanner/compare/run.h"
#include "scanner/facts/json.h"
#include "scanner/trust/pem.h"
#include "tests/unit/mint.h"
#include "tests/unit/sample_record.h"

enum { GROUPS_MAX = 8, OTHERS = 3 };

/* ---- groups of records ----------------------------------------------------------------------- */

struct kept {
	char *json[GROUPS_MAX];
	enum group_scope scope[GROUPS_MAX];
	size_t n;
};

static struct arena arena;

static void keep(void *owner, struct group_record *g)
{
	struct kept *k = owner;
	struct json_object *o = group_to_json(g);

	assert_true(k->n < GROUPS_MAX);
	k->scope[k->n] = g->scope;
	k->json[k->n++] = json_dump(o, false);
	json_object_put(o);
}

static struct kept compared(struct record *const *r, size_t n)
{
	struct kept k = { .n = 0 };
	struct compare *c = compare_new(keep, &k);

	for (size_t i = 0; i < n; i++) {
		struct judgement *j = judge(r[i]);

		compare_endpoint(c, r[i], j);
		judgement_free(j);
	}
	compare_end(c);
	return k;
}

static void forget(struct kept *k)
{
	while (k->n)
		free(k->json[--k->n]);
}

static void free_all(struct record **r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		record_free(r[i]);
}

static struct record *at_address(struct record *r, const char *ip)
{
	r->ip = arena_text(&r->arena, ip);
	return r;
}

static struct record *named(struct record *r, const char *host)
{
	r->input = r->host = r->sni = arena_text(&r->arena, host);
	return r;
}

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v))
		fail_msg("no key %s", key);
	return v;
}

static const char *text_of(struct json_object *o, const char *key)
{
	const char *s = json_object_get_string(member(o, key));

	return s ? s : "";
}

static struct json_object *finding_of(struct json_object *group, const char *id)
{
	struct json_object *list = member(group, "findings");

	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(text_of(json_object_array_get_idx(list, i), "id"), id))
			return json_object_array_get_idx(list, i);
	fail_msg("no finding %s", id);
	return NULL;
}

static struct json_object *parsed(const char *json)
{
	const char *why;
	struct json_object *o = json_parse(json, strlen(json), &why);

	assert_non_null(o);
	return o;
}

/* ---- what one address may have that the others have not -------------------------------------- */

static void as_it_is(struct record *r)
{
	(void)r;
}

static void speaks_tls10(struct record *r)
{
	VERSION(r, VER_TLS10, 0xC014);
}

static void does_not_say_tls10(struct record *r)
{
	sample_obs(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10)->tri = TRI_UNKNOWN;
	sample_obs(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10)->reason = "TIMEOUT_FIRST_BYTE";
}

static void takes_another_suite(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030, 0xC02F, 0x009C);
}

static void orders_otherwise(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xCCA8, 0xC030, 0xC02F);
}

static void knows_half_of_its_suites(struct record *r)
{
	CODES(r, SUITES_LIST, VER_TLS12, 0xC030);
	sample_obs(r, OBS_KEY_SUITES_LIST, VER_TLS12)->reason = "RESET";
}

static void has_no_ems(struct record *r)
{
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_NO);
}

static void has_no_word_for_it(struct record *r)
{
	sample_tri(r, OBS_KEY_ENCRYPT_THEN_MAC, VER_TLS12, TRI_NO);
}

/* Another leaf, and the record says so wherever the old one stood. */
static void new_leaf(struct record *r)
{
	static const char *const served[] = { "3333333333333333333333333333333333333333333333333333333333333333", CA_SHA };

	r->certs[0].sha256 = served[0];
	sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->names = served;
}

static void has_another_certificate(struct record *r)
{
	new_leaf(r);
	r->certs[0].not_after += 6 * 86400;
}

static void has_an_older_certificate(struct record *r)
{
	new_leaf(r);
	r->certs[0].not_after -= 8 * 86400;
}

static void has_another_name(struct record *r)
{
	static const char *const names[] = { "example.org", "www.example.org", "new.example.org" };

	new_leaf(r);
	r->certs[0].dns_names = names;
	r->certs[0].dns_names_count = 3;
}

static void has_another_issuer(struct record *r)
{
	new_leaf(r);
	r->certs[0].issuer = "CN=R1,O=Another";
}

static void serves_no_intermediate(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->count = 1;
}

static void has_a_stale_staple(struct record *r)
{
	sample_about_chain(r, OBS_KEY_STAPLE)->text = "expired";
}

static void is_validated_otherwise(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CERT_VALIDATION)->text = "organization";
}

static void has_another_that_is_validated_otherwise(struct record *r)
{
	new_leaf(r);
	is_validated_otherwise(r);
}

static void is_silent(struct record *r)
{
	r->status = STATUS_UNREACHABLE;
	r->error_code = "CONNECT_TIMEOUT";
	r->obs_count = 0;
	r->certs_count = 0;
}

static void is_skipped(struct record *r)
{
	is_silent(r);
	r->status = STATUS_SKIPPED;
}

/* One address of four is spoilt: what the rule says, and why. */
static const struct row {
	void (*spoil)(struct record *);
	const char *id, *state, *because;
} rows[] = {
	{ as_it_is, "addresses.silent", "pass", "" },
	{ as_it_is, "addresses.certificate", "pass", "" },
	{ as_it_is, "addresses.older_certificate", "pass", "" },
	{ as_it_is, "addresses.names", "pass", "" },
	{ as_it_is, "addresses.issuer", "pass", "" },
	{ as_it_is, "addresses.chain", "pass", "" },
	{ as_it_is, "addresses.versions", "pass", "" },
	{ as_it_is, "addresses.suites", "pass", "" },
	{ as_it_is, "addresses.features", "pass", "" },
	{ as_it_is, "addresses.grade", "pass", "" },
	{ speaks_tls10, "addresses.versions", "fail",
		"protocol.offered TLSv1.0: no (192.0.2.1, 192.0.2.2, 192.0.2.4), yes (192.0.2.3)" },
	{ speaks_tls10, "addresses.suites", "pass", "" },
	{ speaks_tls10, "addresses.grade", "fail", "192.0.2.1: A+; 192.0.2.2: A+; 192.0.2.3: B; 192.0.2.4: A+" },
	{ does_not_say_tls10, "addresses.versions", "unknown", "protocol.offered was left open at an address" },
	{ takes_another_suite, "addresses.suites", "fail",
		"suites.list TLSv1.2: without TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, with "
		"TLS_RSA_WITH_AES_128_GCM_SHA256 (192.0.2.3)" },
	{ takes_another_suite, "addresses.versions", "pass", "" },
	{ orders_otherwise, "addresses.suites", "fail", "suites.list TLSv1.2: in another order (192.0.2.3)" },
	{ knows_half_of_its_suites, "addresses.suites", "unknown", "suites.list was left open at an address" },
	{ has_no_ems, "addresses.features", "fail",
		"ext.ems TLSv1.2: yes (192.0.2.1, 192.0.2.2, 192.0.2.4), no (192.0.2.3)" },
	{ has_no_ems, "addresses.suites", "pass", "" },
	{ has_no_word_for_it, "addresses.features", "pass", "" },
	{ has_another_certificate, "addresses.certificate", "fail",
		"192.0.2.1: 1111111111111111; 192.0.2.2: 1111111111111111; 192.0.2.3: 3333333333333333; "
		"192.0.2.4: 1111111111111111" },
	{ has_another_certificate, "addresses.older_certificate", "pass", "" },
	{ has_another_certificate, "addresses.chain", "pass", "" },
	{ has_an_older_certificate, "addresses.older_certificate", "fail",
		"192.0.2.1: until 2027-01-17; 192.0.2.2: until 2027-01-17; 192.0.2.3: until 2027-01-09; "
		"192.0.2.4: until 2027-01-17" },
	{ has_another_name, "addresses.names", "fail",
		"192.0.2.1: example.org, www.example.org; 192.0.2.2: example.org, www.example.org; "
		"192.0.2.3: example.org, new.example.org, www.example.org; 192.0.2.4: example.org, www.example.org" },
	{ has_another_name, "addresses.issuer", "pass", "" },
	{ has_another_issuer, "addresses.issuer", "fail",
		"192.0.2.1: CN=Sample CA,O=Sample; 192.0.2.2: CN=Sample CA,O=Sample; 192.0.2.3: CN=R1,O=Another; "
		"192.0.2.4: CN=Sample CA,O=Sample" },
	{ serves_no_intermediate, "addresses.chain", "fail",
		"192.0.2.1: 2222222222222222; 192.0.2.2: 2222222222222222; 192.0.2.3: nothing above the certificate; "
		"192.0.2.4: 2222222222222222" },
	{ serves_no_intermediate, "addresses.certificate", "pass", "" },
	{ has_a_stale_staple, "addresses.chain", "fail",
		"ocsp.staple: good (192.0.2.1, 192.0.2.2, 192.0.2.4), expired (192.0.2.3)" },
	{ is_validated_otherwise, "addresses.chain", "fail",
		"cert.validation: domain (192.0.2.1, 192.0.2.2, 192.0.2.4), organization (192.0.2.3)" },
	{ has_another_that_is_validated_otherwise, "addresses.chain", "pass", "" },
	{ has_another_that_is_validated_otherwise, "addresses.features", "pass", "" },
	{ is_silent, "addresses.silent", "fail", "192.0.2.3: unreachable" },
	{ is_silent, "addresses.versions", "unknown", "192.0.2.3: was not heard" },
	{ is_silent, "addresses.grade", "unknown", "192.0.2.3: was not heard" },
	{ is_silent, "addresses.certificate", "unknown", "192.0.2.3: was not heard" },
	{ is_skipped, "addresses.silent", "pass", "" },
	{ is_skipped, "addresses.versions", "pass", "" },
};

static void one_address_of_four_is_told_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *r[] = { at_address(sample_good(), "192.0.2.1"), at_address(sample_good(), "192.0.2.2"),
			at_address(sample_good(), "192.0.2.3"), at_address(sample_good(), "192.0.2.4") };
		struct json_object *group, *f;
		struct kept k;

		rows[i].spoil(r[2]);
		k = compared(r, 4);
		assert_int_equal(k.n, 2);
		group = parsed(k.json[0]);
		f = finding_of(group, rows[i].id);
		if (strcmp(text_of(f, "state"), rows[i].state) || strcmp(text_of(f, "because"), rows[i].because))
			fail_msg("row %zu, %s: %s: %s", i, rows[i].id, text_of(f, "state"), text_of(f, "because"));
		json_object_put(group);
		forget(&k);
		free_all(r, 4);
	}
}

static void every_rule_is_fired_and_kept_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < group_rules_count; i++) {
		size_t fails = 0, passes = 0;

		if (group_rules[i].scope != GROUP_NAME)
			continue;
		for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
			bool here = !strcmp(rows[k].id, group_rules[i].id);

			fails += here && !strcmp(rows[k].state, "fail");
			passes += here && !strcmp(rows[k].state, "pass");
		}
		assert_true(fails && passes);
	}
}

/* ---- which records make a group -------------------------------------------------------------- */

static void one_endpoint_has_nothing_to_be_compared_with(void **state)
{
	struct record *r[] = { sample_good() };
	struct kept k = compared(r, 1);

	(void)state;
	assert_int_equal(k.n, 0);
	free_all(r, 1);
}

static void an_address_given_twice_is_one_address(void **state)
{
	struct record *r[] = { sample_good(), sample_good() };
	struct kept k = compared(r, 2);

	(void)state;
	assert_int_equal(k.n, 1);
	assert_int_equal(k.scope[0], GROUP_RUN);
	forget(&k);
	free_all(r, 2);
}

static void addresses_that_all_are_silent_are_no_group(void **state)
{
	struct record *r[] = { sample_refused(), at_address(sample_refused(), "192.0.2.2") };
	struct kept k = compared(r, 2);

	(void)state;
	assert_int_equal(k.n, 0);
	free_all(r, 2);
}

/* A name's group comes before what is behind it; another port or server name is another name. */
static void a_group_ends_where_another_name_begins(void **state)
{
	struct record *r[] = { at_address(sample_good(), "192.0.2.1"), at_address(sample_good(), "192.0.2.2"),
		named(sample_good(), "other.test"), at_address(sample_good(), "192.0.2.3"),
		at_address(sample_good(), "192.0.2.4") };
	struct kept k;

	(void)state;
	r[4]->port = 8443;
	k = compared(r, 5);
	assert_int_equal(k.n, 2);
	assert_int_equal(k.scope[0], GROUP_NAME);
	assert_non_null(strstr(k.json[0], "\"endpoints_count\": 2") ? k.json[0] : strstr(k.json[0], "\"endpoints_count\":2"));
	assert_int_equal(k.scope[1], GROUP_RUN);
	forget(&k);
	free_all(r, 5);
}

static void the_order_of_arrival_changes_no_byte(void **state)
{
	struct record *r[4] = { at_address(sample_good(), "192.0.2.9"), at_address(sample_legacy(), "192.0.2.10"),
		at_address(sample_refused(), "192.0.2.7"), at_address(sample_good(), "192.0.2.8") };
	struct kept first;

	(void)state;
	has_an_older_certificate(r[0]);
	first = compared(r, 4);
	for (size_t turn = 1; turn < 24; turn++) {
		struct record *other[4], *left[4] = { r[0], r[1], r[2], r[3] };
		struct kept k;

		for (size_t i = 0, t = turn; i < 4; t /= 4 - i, i++) {
			size_t at = t % (4 - i);

			other[i] = left[at];
			left[at] = left[3 - i];
		}
		k = compared(other, 4);
		assert_int_equal(k.n, 2);
		assert_string_equal(k.json[0], first.json[0]);
		assert_string_equal(k.json[1], first.json[1]);
		forget(&k);
	}
	forget(&first);
	free_all(r, 4);
}

/* Of more addresses than are kept the first by name are, and nothing is called alike that was not seen. */
static void too_many_addresses_are_cut_and_said(void **state)
{
	enum { MANY = COMPARE_ADDRESSES_MAX + OTHERS };
	struct record *r[MANY], *back[MANY];
	struct kept k, again;
	struct json_object *group;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		char ip[32];

		snprintf(ip, sizeof ip, "192.0.2.%zu", 100 + i);
		r[i] = at_address(sample_good(), ip);
		back[MANY - 1 - i] = r[i];
	}
	k = compared(r, MANY);
	again = compared(back, MANY);
	assert_string_equal(k.json[0], again.json[0]);
	group = parsed(k.json[0]);
	assert_int_equal(json_object_array_length(member(group, "endpoints")), COMPARE_ADDRESSES_MAX);
	assert_string_equal(text_of(finding_of(group, "addresses.versions"), "state"), "unknown");
	json_object_put(group);
	forget(&k);
	forget(&again);
	free_all(r, MANY);
}

/* ---- the run --------------------------------------------------------------------------------- */

/* A record of a host that shows this certificate. */
static struct record *shows(const struct minted *m, const char *host, const char *ip)
{
	struct record *r = named(at_address(sample_good(), ip), host);
	char *sha256 = arena_printf(&r->arena, "%064x", (unsigned)(m->der.p[m->der.n - 1] << 16 | m->der.p[m->der.n - 2] << 8 |
	                                                           m->der.p[m->der.n - 3]));
	const char **served = arena_new(&r->arena, 1, sizeof *served);

	served[0] = sha256;
	r->certs_count = 1;
	r->certs[0].sha256 = sha256;
	r->certs[0].pem = pem_text(&r->arena, m->der);
	sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->names = served;
	sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->count = 1;
	return r;
}

static struct json_object *run_of(struct record **r, size_t n)
{
	struct kept k = compared(r, n);
	struct json_object *group = parsed(k.json[k.n - 1]);

	assert_int_equal(k.scope[k.n - 1], GROUP_RUN);
	forget(&k);
	free_all(r, n);
	return group;
}

static void assert_state(struct json_object *group, const char *id, const char *wanted)
{
	assert_string_equal(text_of(finding_of(group, id), "state"), wanted);
}

/* Of many places where one thing was seen the first few are told, and that there are more. */
static void many_hosts_of_a_certificate_are_cut_and_said(void **state)
{
	enum { HOSTS = FEW_MAX + OTHERS };
	const struct minted *one = MINT(.name = "one");
	struct record *forth[HOSTS], *back[HOSTS];
	struct json_object *a, *b, *certificate;

	(void)state;
	for (size_t i = 0; i < HOSTS; i++) {
		forth[i] = shows(one, arena_printf(&arena, "host-%zu.test", i), "192.0.2.1");
		back[HOSTS - 1 - i] = shows(one, arena_printf(&arena, "host-%zu.test", i), "192.0.2.1");
	}
	a = run_of(forth, HOSTS);
	b = run_of(back, HOSTS);
	certificate = json_object_array_get_idx(member(a, "shared_certificates"), 0);
	assert_int_equal(json_object_array_length(member(certificate, "endpoints")), FEW_MAX);
	assert_true(json_object_get_boolean(member(certificate, "endpoints_cut")));
	assert_true(json_object_equal(a, b));
	json_object_put(a);
	json_object_put(b);
}

static void a_key_in_two_certificates_is_told_with_its_hosts(void **state)
{
	const struct minted *one = MINT(.name = "one"), *two = MINT(.name = "two", .key_of = one);
	struct record *r[] = { shows(one, "one.test", "192.0.2.1"), shows(two, "two.test", "192.0.2.2") };
	struct json_object *group = run_of(r, 2), *keys = member(group, "shared_keys");

	(void)state;
	assert_int_equal(json_object_array_length(keys), 1);
	assert_string_equal(text_of(json_object_array_get_idx(keys, 0), "endpoints"),
	        "[ \"one.test@192.0.2.1:443\", \"two.test@192.0.2.2:443\" ]");
	assert_state(group, "run.shared_key", "fail");
	assert_state(group, "run.shared_certificate", "pass");
	assert_state(group, "run.shared_factor", "not_applicable");
	json_object_put(group);
}

static void has_rsa_suite(struct record *r)
{
	VERSION(r, VER_TLS12, 0xC030, 0x009C);
}

static void speaks_ssl2(struct record *r)
{
	VERSION(r, VER_SSL2, 0x010080);
	sample_tri(r, OBS_KEY_DROWN, VER_SSL2, TRI_YES);
}

static void speaks_ssl2_soundly(struct record *r)
{
	VERSION(r, VER_SSL2, 0x010080);
	sample_tri(r, OBS_KEY_DROWN, VER_SSL2, TRI_NO);
}

static void speaks_ssl2_unasked(struct record *r)
{
	VERSION(r, VER_SSL2, 0x010080);
}

static void ssl2_is_open(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2, TRI_UNKNOWN);
}

static void speaks_ssl2_and_shows_nothing(struct record *r)
{
	speaks_ssl2(r);
	r->certs_count = 0;
}

static void ssl2_was_not_asked(struct record *r)
{
	sample_forget(r, OBS_KEY_PROTOCOL_OFFERED);
}

/* One key on two hosts: SSL 2.0 at one of them opens what the other does by RSA, and nothing else. */
static void ssl2_with_the_key_of_another_host_is_told(void **state)
{
	static const struct {
		void (*one)(struct record *), (*two)(struct record *);
		bool apart; /* keys of their own */
		const char *is;
	} pairs[] = {
		{ speaks_ssl2, has_rsa_suite, false, "fail" },
		{ has_rsa_suite, speaks_ssl2, false, "fail" },
		{ speaks_ssl2, has_rsa_suite, true, "pass" },
		{ speaks_ssl2, as_it_is, false, "pass" }, /* no RSA key exchange there */
		{ speaks_ssl2, speaks_ssl2, false, "pass" }, /* vuln.drown, at each of them */
		{ as_it_is, has_rsa_suite, false, "pass" },
		{ speaks_ssl2_soundly, has_rsa_suite, false, "pass" },
		{ speaks_ssl2_unasked, has_rsa_suite, false, "unknown" },
		{ ssl2_is_open, has_rsa_suite, false, "unknown" },
		{ ssl2_was_not_asked, has_rsa_suite, false, "unknown" },
		{ speaks_ssl2_and_shows_nothing, has_rsa_suite, false, "unknown" },
	};
	const struct minted *key = MINT(.name = "one"), *same = MINT(.name = "two", .key_of = key), *other = MINT(.name = "three");

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		struct record *r[] = { shows(key, "one.test", "192.0.2.1"),
			shows(pairs[i].apart ? other : same, "two.test", "192.0.2.2") };
		struct json_object *group;

		pairs[i].one(r[0]);
		pairs[i].two(r[1]);
		group = run_of(r, 2);
		if (strcmp(text_of(finding_of(group, "run.drown"), "state"), pairs[i].is))
			fail_msg("row %zu: %s", i, text_of(finding_of(group, "run.drown"), "state"));
		json_object_put(group);
	}
}

/* A prime with its top bits set, so that a product of two has twice as many. */
static BIGNUM *prime_of(int bits)
{
	BIGNUM *p = BN_new();

	BN_generate_prime_ex(p, bits, 0, NULL, NULL, NULL);
	return p;
}

/* A certificate for the public key that these primes make. */
static const struct minted *with_modulus(const struct minted *ca, const char *name, const BIGNUM *p, const BIGNUM *q)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BN_CTX *scratch = BN_CTX_new();
	BIGNUM *n = BN_new();
	struct minted key = { 0 };
	const struct minted *made;
	OSSL_PARAM *params;

	BN_mul(n, p, q, scratch);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_uint(build, OSSL_PKEY_PARAM_RSA_E, 65537);
	params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_fromdata_init(ctx);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key.key, EVP_PKEY_PUBLIC_KEY, params), 1);
	made = MINT(.name = name, .by = ca, .key_of = &key);
	EVP_PKEY_free(key.key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	BN_CTX_free(scratch);
	BN_free(n);
	return made;
}

/* A host that shows the first to who names it, and the second to who names nobody. */
static struct record *shows_two(const struct minted *named_cert, const struct minted *other)
{
	struct record *r = shows(named_cert, "one.test", "192.0.2.1"), *with = shows(other, "one.test", "192.0.2.1");
	struct cert_info *certs = arena_new(&r->arena, 2, sizeof *certs);
	const char **served = arena_new(&r->arena, 1, sizeof *served);

	certs[0] = certs[1] = r->certs[0];
	certs[1].sha256 = served[0] = arena_text(&r->arena, with->certs[0].sha256);
	certs[1].pem = arena_text(&r->arena, with->certs[0].pem);
	r->certs = certs;
	r->certs_count = 2;
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_SERVED, .protocol = VER_TLS12, .cert = KEY_RSA, .sni = TRI_NO,
			      .names = served, .count = 1, .probe = "t" });
	record_free(with);
	return r;
}

static void one_endpoint_whose_own_keys_share_a_prime_is_told(void **state)
{
	enum { BITS = 512 };
	BIGNUM *p[] = { prime_of(BITS), prime_of(BITS), prime_of(BITS), prime_of(BITS), prime_of(BITS) };
	const struct minted *ca = MINT(.name = "CA", .ca = true);
	const struct minted *one = with_modulus(ca, "one", p[0], p[1]), *two = with_modulus(ca, "two", p[0], p[2]);
	const struct minted *apart = with_modulus(ca, "apart", p[3], p[4]);
	struct record *sharing[] = { shows_two(one, two) }, *not_sharing[] = { shows_two(one, apart) };
	struct json_object *group, *factor;
	struct kept k;

	(void)state;
	group = run_of(sharing, 1);
	factor = json_object_array_get_idx(member(group, "shared_factors"), 0);
	assert_int_equal(json_object_get_int(member(factor, "bits")), BITS);
	assert_int_equal(json_object_array_length(member(factor, "keys")), 2);
	assert_string_equal(text_of(factor, "endpoints"), "[ \"one.test@192.0.2.1:443\" ]");
	assert_int_equal(json_object_get_int(member(group, "endpoints_count")), 1);
	assert_state(group, "run.shared_factor", "fail");
	assert_state(group, "run.shared_certificate", "not_applicable");
	json_object_put(group);
	k = compared(not_sharing, 1);
	assert_int_equal(k.n, 0);
	free_all(not_sharing, 1);
	for (size_t i = 0; i < sizeof p / sizeof *p; i++)
		BN_free(p[i]);
}

static void a_certificate_on_two_hosts_is_told_and_on_two_addresses_not(void **state)
{
	const struct minted *one = MINT(.name = "one");
	struct record *hosts[] = { shows(one, "one.test", "192.0.2.1"), shows(one, "two.test", "192.0.2.1") };
	struct record *addresses[] = { shows(one, "one.test", "192.0.2.1"), shows(one, "one.test", "2001:db8::1") };
	struct json_object *group = run_of(hosts, 2);

	(void)state;
	assert_state(group, "run.shared_certificate", "fail");
	assert_state(group, "run.shared_key", "not_applicable");
	json_object_put(group);
	group = run_of(addresses, 2);
	assert_state(group, "run.shared_certificate", "pass");
	assert_string_equal(text_of(member(group, "first_expiry"), "endpoints"),
	        "[ \"one.test@192.0.2.1:443\", \"one.test@[2001:db8::1]:443\" ]");
	json_object_put(group);
}

static void the_certificate_that_ends_first_is_told(void **state)
{
	struct record *r[] = { sample_good(), named(sample_good(), "other.test"), named(sample_good(), "third.test") };
	struct json_object *group;

	(void)state;
	new_leaf(r[1]);
	r[1]->certs[0].not_after = SAMPLE_NOW + 86400;
	group = run_of(r, 3);
	assert_string_equal(text_of(member(group, "first_expiry"), "not_after"), "2026-11-19T11:06:40Z");
	assert_string_equal(text_of(member(group, "first_expiry"), "endpoints"), "[ \"other.test@192.0.2.1:443\" ]");
	json_object_put(group);
}

/* Of more keys than are kept the first by fingerprint are, whatever the order; nothing is passed that was not compared. */
static void too_many_certificates_are_cut_and_said(void **state)
{
	enum { MANY = RUN_KEPT_MAX + OTHERS };
	struct run *forth = run_new(), *back = run_new();
	struct record *r = sample_good();
	struct group_record *a, *b;

	(void)state;
	for (size_t i = 0; i < 2 * MANY; i++) {
		size_t n = i < MANY ? i : 2 * MANY - 1 - i;

		r->host = arena_printf(&arena, "host-%zu.test", n);
		r->certs[0].sha256 = arena_printf(&arena, "%064zx", n * 40503 % 65536);
		sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->names = arena_copy(&arena, &r->certs[0].sha256, sizeof(char *));
		run_add(i < MANY ? forth : back, r);
	}
	a = run_group(forth);
	b = run_group(back);
	assert_int_equal(a->endpoints, MANY);
	assert_int_equal(a->seen_certificates, RUN_KEPT_MAX);
	assert_int_equal(a->limits.n, 1);
	assert_string_equal(a->limits.v[0], "certificates");
	for (size_t i = 0; i < a->findings_n; i++)
		if (!strcmp(a->findings[i].id, "run.shared_certificate"))
			assert_int_equal(a->findings[i].state, FINDING_UNKNOWN);
	assert_int_equal(b->seen_certificates, RUN_KEPT_MAX);
	assert_string_equal(a->first_expiry.sha256, b->first_expiry.sha256);
	assert_string_equal(a->first_expiry.where.v[0], b->first_expiry.where.v[0]);
	group_free(a);
	group_free(b);
	run_free(forth);
	run_free(back);
	record_free(r);
}

/* ---- what writers make of groups ------------------------------------------------------------- */

static void write_group(void *owner, struct group_record *g)
{
	struct output *o = owner;

	writer_group(o->state ? writer_find("html") : writer_find("text"), o, g);
}

/* The groups of two hostile endpoints that differ in all that can be said, in a format that is not JSON. */
static char *written_groups(const char *format, bool quiet)
{
	struct record *r[] = { at_address(sample_hostile(), "192.0.2.1"), at_address(sample_hostile(), HOSTILE) };
	const struct writer *w = writer_find(format);
	char *text = NULL;
	size_t size = 0;
	struct output o = { .file = open_memstream(&text, &size), .quiet = quiet };
	struct compare *c;

	has_no_ems(r[1]);
	r[1]->obs[0].name = HOSTILE;
	r[1]->certs[0].sha256 = HOSTILE;
	writer_open(w, &o);
	c = compare_new(write_group, &o);
	for (size_t i = 0; i < 2; i++) {
		struct judgement *j = judge(r[i]);

		compare_endpoint(c, r[i], j);
		judgement_free(j);
	}
	compare_end(c);
	assert_true(writer_close(w, &o));
	fclose(o.file);
	free_all(r, 2);
	return text;
}

static void assert_harmless(const char *text)
{
	const char *s = text;

	for (uint32_t c; (c = text_next(&s));)
		if (c != '\n' && text_hidden(c))
			fail_msg("U+%04X is in the report", (unsigned)c);
}

static void hostile_text_in_a_group_is_harmless_everywhere(void **state)
{
	char *full = written_groups("text", false), *quiet = written_groups("text", true), *html = written_groups("html", false);

	(void)state;
	assert_harmless(full);
	assert_harmless(quiet);
	assert_harmless(html);
	assert_non_null(strstr(full, "compared: 2 addresses"));
	assert_int_equal(strspn(quiet, "!="), 1);
	assert_int_equal(strcspn(quiet, "\n"), strlen(quiet) - 1);
	assert_non_null(strstr(html, "compared</h2>"));
	assert_null(strstr(html, "<script>"));
	assert_null(strstr(html, "<img"));
	free(full);
	free(quiet);
	free(html);
}

static void hostile_text_in_a_group_is_json(void **state)
{
	struct record *r[] = { at_address(sample_hostile(), "192.0.2.1"), at_address(sample_hostile(), HOSTILE) };
	struct kept k;

	(void)state;
	has_no_ems(r[1]);
	k = compared(r, 2);
	assert_int_equal(k.n, 2);
	for (size_t i = 0; i < k.n; i++) {
		assert_harmless(k.json[i]);
		json_object_put(parsed(k.json[i]));
	}
	forget(&k);
	free_all(r, 2);
}

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_of_four_is_told_exactly),
		cmocka_unit_test(every_rule_is_fired_and_kept_silent),
		cmocka_unit_test(one_endpoint_has_nothing_to_be_compared_with),
		cmocka_unit_test(an_address_given_twice_is_one_address),
		cmocka_unit_test(addresses_that_all_are_silent_are_no_group),
		cmocka_unit_test(a_group_ends_where_another_name_begins),
		cmocka_unit_test(the_order_of_arrival_changes_no_byte),
		cmocka_unit_test(too_many_addresses_are_cut_and_said),
		cmocka_unit_test(a_key_in_two_certificates_is_told_with_its_hosts),
		cmocka_unit_test(ssl2_with_the_key_of_another_host_is_told),
		cmocka_unit_test(one_endpoint_whose_own_keys_share_a_prime_is_told),
		cmocka_unit_test(a_certificate_on_two_hosts_is_told_and_on_two_addresses_not),
		cmocka_unit_test(the_certificate_that_ends_first_is_told),
		cmocka_unit_test(many_hosts_of_a_certificate_are_cut_and_said),
		cmocka_unit_test(too_many_certificates_are_cut_and_said),
		cmocka_unit_test(hostile_text_in_a_group_is_harmless_everywhere),
		cmocka_unit_test(hostile_text_in_a_group_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
