/*
 * Servers whose configuration is known: what the engine finds is exactly that. By hand first, then hundreds
 * drawn from a seed, which is printed when one fails (TRUTH_SEED=n repeats it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/text.h"
#include "scanner/tls/crypt.h"
#include "tests/sim/drawn.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the truth, worked out from the config by code of its own --------------------------------- */

struct truth {
	uint32_t v[512];
	size_t n;
};

static void truth_add(struct truth *t, uint32_t code)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i] == code)
			return;
	t->v[t->n++] = code;
}

static bool has_chain(const struct server_config *c, enum cert_key kind)
{
	for (size_t i = 0; i < c->chains.n; i++)
		if (c->chains.v[i]->kind == kind)
			return true;
	return false;
}

static bool has_curve(const struct server_config *c)
{
	for (size_t i = 0; i < c->groups.n; i++) {
		const struct group *g = group_find((uint16_t)c->groups.v[i]);

		if ((g->use & GROUP_TLS12) && g->kind != GROUP_FFDHE)
			return true;
	}
	return false;
}

static bool has_ffdhe(const struct server_config *c)
{
	for (size_t i = 0; i < c->groups.n; i++)
		if (group_find((uint16_t)c->groups.v[i])->kind == GROUP_FFDHE)
			return true;
	return false;
}

static bool has_scheme(const struct server_config *c, enum cert_key key)
{
	for (size_t i = 0; i < c->schemes.n; i++) {
		const struct scheme *s = scheme_find((uint16_t)c->schemes.v[i]);

		if (s->tls12 && s->key == key)
			return true;
	}
	return false;
}

static bool key_signs(const struct server_config *c, enum cert_key key, uint16_t version, bool ephemeral)
{
	if (!has_chain(c, key))
		return false;
	if (!ephemeral)
		return true;
	return version == VER_TLS12 ? has_scheme(c, key) : key != KEY_ED25519;
}

static bool suite_is_there(const struct server_config *c, uint16_t version, const struct suite *s)
{
	bool ephemeral = s->kx == KX_DHE || s->kx == KX_ECDHE;

	if (suite_is_tls13(s) != (version == VER_TLS13))
		return false;
	if (version == VER_TLS13)
		return true;
	if (s->min_version > version)
		return false;
	if (s->kx == KX_ECDHE && !has_curve(c))
		return false;
	if (s->kx == KX_DHE && !has_ffdhe(c) && !c->dh_prime.n)
		return false;
	if (s->auth == AUTH_RSA)
		return key_signs(c, KEY_RSA, version, ephemeral);
	if (s->auth == AUTH_ECDSA)
		return key_signs(c, KEY_ECDSA, version, ephemeral) ||
		       key_signs(c, KEY_ED25519, version, ephemeral);
	return true;
}

static void true_suites(struct truth *t, const struct server_config *c, uint16_t version)
{
	t->n = 0;
	for (size_t i = 0; i < c->suites.n; i++)
		if (suite_is_there(c, version, suite_find((uint16_t)c->suites.v[i])))
			truth_add(t, c->suites.v[i]);
}

static void true_groups(struct truth *t, const struct server_config *c, uint16_t version)
{
	t->n = 0;
	for (size_t i = 0; i < c->groups.n; i++) {
		const struct group *g = group_find((uint16_t)c->groups.v[i]);

		if (version == VER_TLS13 ? g->use & GROUP_TLS13
		                         : (g->use & GROUP_TLS12) && g->kind != GROUP_FFDHE)
			truth_add(t, g->code);
	}
}

static void true_schemes(struct truth *t, const struct server_config *c, enum cert_key key)
{
	t->n = 0;
	for (size_t i = 0; i < c->schemes.n; i++) {
		const struct scheme *s = scheme_find((uint16_t)c->schemes.v[i]);

		if (s->tls12 && s->key == key)
			truth_add(t, s->code);
	}
}

static bool version_is_there(const struct server_config *c, uint16_t version)
{
	struct truth t;

	true_suites(&t, c, version);
	return code_list_has((const struct code_list *)&c->versions, version) && t.n > 0;
}

/* ---- comparing -------------------------------------------------------------------------------- */

static const struct obs *find(const struct record *r, enum obs_key key, uint16_t version, enum cert_key cert)
{
	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == key && o->protocol == version && (cert == KEY_NONE || o->cert == cert) &&
		        !o->name)
			return o;
	}
	return NULL;
}

static bool holds(const struct obs *o, uint32_t code)
{
	for (size_t i = 0; o && i < o->count; i++)
		if (o->codes[i] == code)
			return true;
	return false;
}

static void add_codes(struct text *t, const char *what, const uint32_t *v, size_t n)
{
	text_fmt(t, "\n  %s:", what);
	for (size_t i = 0; i < n; i++)
		text_fmt(t, " %04x", (unsigned)v[i]);
}

static void wrong(
        struct text *t, const char *what, uint16_t version, const struct truth *truth, const struct obs *o)
{
	text_fmt(t, "\n%s of %04x%s%s", what, version, o && o->reason ? " cut: " : "",
	        o && o->reason ? o->reason : "");
	add_codes(t, "is", truth->v, truth->n);
	add_codes(t, "found", o ? o->codes : NULL, o ? o->count : 0);
}

/* In order where the server has one, else as a set. */
static void compare(struct text *t, const char *what, uint16_t version, const struct truth *truth,
        const struct obs *o, bool ordered)
{
	bool good = o ? o->count == truth->n && !o->reason : !truth->n;

	for (size_t i = 0; good && i < truth->n; i++)
		good = ordered ? o->codes[i] == truth->v[i] : holds(o, truth->v[i]);
	if (!good)
		wrong(t, what, version, truth, o);
}

static const char *order_name(enum server_order order)
{
	static const char *const names[] = { "server", "client", "server-chacha" };

	return names[order];
}

static bool is_chacha(uint32_t code)
{
	return strstr(suite_find((uint16_t)code)->enc, "CHACHA20") != NULL;
}

/*
 * What a scan can tell: one suite has no order; server-chacha shows only where ChaCha20 is neither absent,
 * first nor alone.
 */
static const char *true_order(const struct truth *t, enum server_order order)
{
	size_t chacha = 0;

	for (size_t i = 0; i < t->n; i++)
		chacha += is_chacha(t->v[i]);
	if (t->n < 2)
		return "none";
	if (order == ORDER_SERVER_CHACHA && (!chacha || chacha == t->n || is_chacha(t->v[0])))
		return "server";
	return order_name(order);
}

static void compare_order(struct text *t, const struct record *r, uint16_t version, const char *truth)
{
	const struct obs *o = record_find(r, OBS_KEY_SUITES_ORDER, version);

	if (!o || strcmp(o->text, truth))
		text_fmt(t, "\norder of %04x is %s, found %s", version, truth, o ? o->text : "nothing");
}

static void compare_version(
        struct text *t, const struct record *r, const struct server_config *c, uint16_t version)
{
	bool there = version_is_there(c, version);
	struct truth truth;

	if (record_tri(r, OBS_KEY_PROTOCOL_OFFERED, version) != (there ? TRI_YES : TRI_NO))
		text_fmt(t, "\n%04x is %s, found %s", version, there ? "there" : "not there",
		        tri_name(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, version)));
	if (!there)
		return;
	true_suites(&truth, c, version);
	compare(t, "suites", version, &truth, find(r, OBS_KEY_SUITES_LIST, version, KEY_NONE),
	        c->order == ORDER_SERVER);
	compare_order(t, r, version, true_order(&truth, c->order));
}

static bool takes_ecdhe(const struct server_config *c, uint16_t version, enum auth auth)
{
	struct truth t;

	true_suites(&t, c, version);
	for (size_t i = 0; i < t.n; i++)
		if (suite_find((uint16_t)t.v[i])->kx == KX_ECDHE &&
		        suite_find((uint16_t)t.v[i])->auth == auth)
			return true;
	return false;
}

/* Groups and schemes of TLS 1.2, for one type of certificate. */
static void compare_exchange(struct text *t, const struct record *r, const struct server_config *c,
        enum cert_key key, enum auth auth)
{
	struct truth truth;

	if (!version_is_there(c, VER_TLS12) || !takes_ecdhe(c, VER_TLS12, auth) ||
	        !key_signs(c, key, VER_TLS12, true))
		return;
	true_groups(&truth, c, VER_TLS12);
	compare(t, "groups", VER_TLS12, &truth, find(r, OBS_KEY_GROUPS_LIST, VER_TLS12, key),
	        c->groups_order == ORDER_SERVER);
	true_schemes(&truth, c, key);
	compare(t, "schemes", VER_TLS12, &truth, find(r, OBS_KEY_SCHEMES_LIST, VER_TLS12, key),
	        c->schemes_order == ORDER_SERVER);
}

static void compare_groups_13(struct text *t, const struct record *r, const struct server_config *c)
{
	struct truth truth;

	if (!version_is_there(c, VER_TLS13))
		return;
	true_groups(&truth, c, VER_TLS13);
	compare(t, "groups", VER_TLS13, &truth, find(r, OBS_KEY_GROUPS_LIST, VER_TLS13, KEY_NONE),
	        c->groups_order == ORDER_SERVER);
}

/* All that is wrong, as text; empty when nothing is. */
static void compare_all(struct text *t, const struct record *r, const struct server_config *c)
{
	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++)
		compare_version(t, r, c, v);
	compare_groups_13(t, r, c);
	compare_exchange(t, r, c, KEY_RSA, AUTH_RSA);
	compare_exchange(t, r, c, KEY_ECDSA, AUTH_ECDSA);
}

static void tell_open(struct text *t, const struct record *r)
{
	text_fmt(t, "\nstatus %s %s", status_name(r->status), r->error_message ? r->error_message : "");
	for (size_t i = 0; i < r->probes_count; i++)
		if (r->probes[i].state == PROBE_UNKNOWN)
			text_fmt(t, "\n%s stayed open: %s", r->probes[i].id, r->probes[i].reason);
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_VIOLATION)
			text_fmt(t, "\nviolation %s", r->obs[i].text);
}

static void expect_truth(const char *name, const struct server_config *c)
{
	struct text t = { 0 };
	struct sim_scan s;
	struct record *r;

	sim_scan_init(&s, 1);
	r = sim_scan_one(&s, c);
	compare_all(&t, r, c);
	if (r->status != STATUS_OK || record_find(r, OBS_KEY_VIOLATION, 0) || record_find(r, OBS_KEY_LIMIT, 0) || r->unstable || r->tainted)
		tell_open(&t, r);
	if (t.n)
		fail_msg("%s:%s", name, text_str(&t));
	text_free(&t);
	sim_scan_free(&s);
}

/* ---- by hand ---------------------------------------------------------------------------------- */

static const char *const by_hand[] = {
	"",
	"order=client",
	"order=server-chacha",
	"order=client\ngroups_order=client\nschemes_order=client",
	"chains=rsa",
	"chains=ecdsa",
	"versions=TLSv1.3",
	"versions=TLSv1.2",
	"versions=SSLv3,TLSv1.0\nsuites=AES256-SHA,AES128-SHA,DES-CBC3-SHA",
	"versions=SSLv3\nsuites=AES128-SHA",
	"versions=TLSv1.2\nsuites=AES128-SHA256",
	"groups=secp521r1,x448,X25519MLKEM768,x25519,secp256r1,ffdhe2048,ffdhe3072",
	"groups=X25519MLKEM768,x25519,secp256r1\ngroups_order=client",
	"schemes=ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,rsa_pkcs1_sha512,rsa_pss_rsae_sha384,rsa_"
	"pkcs1_sha256",
	"refuse=fin",
	"refuse=reset",
	"alert=80",
	"lower_version=yes",
	"fragment=1",
	"fragment=100",
	"client_auth=ask",
	"staple=30030a0101\nsct=0003000100",
	"staple=30030a0101\nstaple_above=30030a0101",
	"no_sentinel=yes",
	"needs_share=40",
	"needs_share=47",
	"retry_for_best=yes",
};

static void each_server_made_by_hand_is_found_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(by_hand); i++) {
		struct server_config c;
		char bad[128];

		config_sound(&c);
		assert_true(config_read(&c, by_hand[i], bad));
		expect_truth(by_hand[i], &c);
		config_free(&c);
	}
}

/* ---- beyond this libcrypto ---------------------------------------------------------------------- */

static bool is_not_completed(const struct record *r, uint16_t version, const char *name)
{
	const struct obs *o = record_find(r, OBS_KEY_NOT_COMPLETED, version);

	for (size_t i = 0; o && i < o->count; i++)
		if (!strcmp(o->names[i], name))
			return true;
	return false;
}

/* IDEA is in no build of a distribution, ML-KEM in none before OpenSSL 3.5. */
static void what_this_libcrypto_lacks_is_offered_not_completed(void **state)
{
	static const char *const both[] = { "versions", "ciphers", "groups", "handshake", NULL };
	bool idea = crypt_has_cipher(cipher_kind_of(suite_find(0x0007))), kem = crypt_has_group(0x11EC);
	struct server_config c;
	struct sim_scan s;
	struct record *r;
	const struct obs *whole;
	char bad[128];

	(void)state;
	config_sound(&c);
	assert_true(config_read(&c, "versions=TLSv1.2,TLSv1.3\ngroups=X25519MLKEM768\nsuites=0x0007,0x1301", bad));
	sim_scan_init(&s, 1);
	s.scan.options.select = both;
	r = sim_scan_one(&s, &c);
	assert_int_equal(is_not_completed(r, VER_TLS12, "TLS_RSA_WITH_IDEA_CBC_SHA"), !idea);
	assert_int_equal(is_not_completed(r, VER_TLS13, "X25519MLKEM768"), !kem);
	assert_false(is_not_completed(r, VER_TLS13, "TLS_AES_128_GCM_SHA256"));
	whole = record_find(r, OBS_KEY_HANDSHAKE, VER_TLS13);
	if (!kem) {
		assert_int_equal(whole->tri, TRI_UNKNOWN);
		assert_string_equal(whole->reason, "NOT_IN_LIBCRYPTO");
	}
	sim_scan_free(&s);
	config_free(&c);
}

/* ---- drawn ------------------------------------------------------------------------------------ */

static bool offers_anything(const struct server_config *c)
{
	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++)
		if (version_is_there(c, v))
			return true;
	return false;
}

static void try_drawn(uint64_t seed)
{
	struct text name = { 0 }, lines = { 0 };
	struct server_config c;

	drawn_server(&c, seed, &lines);
	text_fmt(&name, "TRUTH_SEED=%llu\n%s", (unsigned long long)seed, text_str(&lines));
	if (offers_anything(&c))
		expect_truth(text_str(&name), &c);
	text_free(&lines);
	text_free(&name);
	config_free(&c);
}

static void hundreds_of_drawn_servers_are_found_as_they_are(void **state)
{
	const char *only = getenv("TRUTH_SEED");

	(void)state;
	if (only) {
		try_drawn(strtoull(only, NULL, 10));
		return;
	}
	for (uint64_t seed = 1; seed <= 400; seed++)
		try_drawn(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_server_made_by_hand_is_found_as_it_is),
		cmocka_unit_test(what_this_libcrypto_lacks_is_offered_not_completed),
		cmocka_unit_test(hundreds_of_drawn_servers_are_found_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
