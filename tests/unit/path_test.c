#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/known_keys.h"
#include "scanner/trust/path.h"
#include "scanner/trust/pem.h"
#include "tests/unit/mint.h"

enum { MANY = 400 };

/* A judgement: what is served, ends with NULL, and the anchors. */
struct judged {
	struct arena arena;
	struct cert *certs[MANY];
	struct store *store;
	struct path_result r;
};

static struct judged last;

static void forget(void)
{
	for (size_t i = 0; i < MANY; i++)
		cert_free(last.certs[i]);
	store_close(last.store);
	arena_free(&last.arena);
	last = (struct judged){ 0 };
}

static struct store *store_from(const struct minted *const *anchors)
{
	struct text t = { 0 };
	struct store *s;

	for (; *anchors; anchors++)
		text_add(&t, pem_text(&last.arena, (*anchors)->der));
	s = store_of("test", (struct span){ (const uint8_t *)text_str(&t), t.n });
	text_free(&t);
	return s;
}

static const struct known_keys *distrusted;

static struct path_result judge_by(
        const struct path_rules *rules, const struct minted *const *served, const struct minted *const *anchors)
{
	struct path_search *s;
	size_t n = 0;

	forget();
	for (; served[n]; n++)
		last.certs[n] = cert_parse(served[n]->der.p, served[n]->der.n);
	last.store = store_from(anchors);
	s = path_search_new(last.certs, n, MINT_NOW);
	if (rules)
		path_search_rules(s, rules);
	path_search_distrust(s, distrusted);
	last.r = path_find(s, last.store, &last.arena);
	path_search_free(s);
	return last.r;
}

static struct path_result judge(const struct minted *const *served, const struct minted *const *anchors)
{
	return judge_by(NULL, served, anchors);
}

#define LIST(...) ((const struct minted *const[]){ __VA_ARGS__, NULL })

static void expect(
        const struct minted *const *served, const struct minted *const *anchors, enum path_reason reason)
{
	struct path_result r = judge(served, anchors);

	if (reason == PATH_OK)
		assert_true(r.reason == PATH_OK && r.trusted == TRI_YES && r.count > 0);
	else
		assert_string_equal(path_reason_name(r.reason) ? path_reason_name(r.reason) : "ok",
		        path_reason_name(reason));
}

/* A root and an intermediate that most tests share. */
static const struct minted *root, *inter;

static int make_shared(void **state)
{
	(void)state;
	root = MINT(.name = "Root", .ca = true);
	inter = MINT(.name = "Inter", .by = root, .ca = true);
	return 0;
}

static int drop_shared(void **state)
{
	(void)state;
	forget();
	mint_close();
	return 0;
}

static const struct minted *leaf_of(const struct minted *by)
{
	return MINT(.name = "leaf", .by = by, .names = "DNS:example.org", .purposes = "serverAuth");
}

static void a_good_chain_has_its_path(void **state)
{
	const struct minted *leaf = leaf_of(inter);
	char expected[3 * 65];
	struct path_result r;

	(void)state;
	r = judge(LIST(leaf, inter), LIST(root));
	assert_int_equal(r.trusted, TRI_YES);
	assert_int_equal(r.count, 1);
	snprintf(expected, sizeof expected, "%s %s", text_hex(&last.arena, last.certs[0]->sha256, 32),
	        text_hex(&last.arena, last.certs[1]->sha256, 32));
	assert_memory_equal(r.paths[0], expected, 129);
	assert_int_equal(strlen(r.paths[0]), 64 * 3 + 2);
	assert_null(path_reason_name(r.reason));
}

static void order_needless_ones_and_a_sent_root_do_not_matter(void **state)
{
	const struct minted *leaf = leaf_of(inter), *other = MINT(.name = "Other", .ca = true);

	(void)state;
	expect(LIST(leaf, root, other, inter, inter), LIST(other, root), PATH_OK);
}

static void keys_and_signatures_that_browsers_take_work_and_others_are_told(void **state)
{
	static const struct {
		const char *key, *digest;
		bool pss;
		enum path_reason reason;
	} rows[] = {
		{ "RSA:2048", "SHA256", false, PATH_OK },
		{ "RSA:2048", "SHA512", false, PATH_OK },
		{ "RSA:2048", "SHA384", true, PATH_OK },
		{ "RSA:1024", "SHA256", false, PATH_OK },
		{ "EC:P-384", "SHA384", false, PATH_OK },
		{ "EC:P-521", "SHA512", false, PATH_OK },
		{ "EC:secp256k1", "SHA256", false, PATH_UNSUPPORTED_KEY },
		{ "EC:brainpoolP256r1", "SHA256", false, PATH_UNSUPPORTED_KEY },
		{ "ED25519", NULL, false, PATH_UNSUPPORTED_KEY },
		{ "ED448", NULL, false, PATH_UNSUPPORTED_KEY },
		{ "EC:secp224r1", "SHA256", false, PATH_UNSUPPORTED_KEY },
		{ "EC:P-256", "SHA3-256", false, PATH_WEAK_SIGNATURE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct minted *ca =
		        MINT(.name = "CA", .ca = true, .key = rows[i].key, .digest = rows[i].digest);
		const struct minted *leaf = MINT(.name = "leaf", .by = ca, .key_of = root,
		        .digest = rows[i].digest, .pss = rows[i].pss);

		expect(LIST(leaf), LIST(ca), rows[i].reason);
	}
}

static void what_is_missing_or_foreign_has_an_unknown_issuer(void **state)
{
	const struct minted *leaf = leaf_of(inter), *other = MINT(.name = "Other", .ca = true);

	(void)state;
	expect(LIST(leaf), LIST(root), PATH_UNKNOWN_ISSUER);
	expect(LIST(leaf, inter), LIST(other), PATH_UNKNOWN_ISSUER);
	expect(LIST(leaf, inter, root), LIST(other), PATH_UNKNOWN_ISSUER);
}

static void a_leaf_that_signs_itself_is_trusted_only_as_an_anchor(void **state)
{
	const struct minted *self = MINT(.name = "self", .names = "DNS:self");
	const struct minted *late = MINT(.name = "self", .from_day = -9, .to_day = -1);

	(void)state;
	expect(LIST(self), LIST(root), PATH_SELF_SIGNED);
	expect(LIST(self), LIST(root, self), PATH_OK);
	expect(LIST(late), LIST(late), PATH_EXPIRED);
}

static void an_anchor_need_not_sign_itself(void **state)
{
	(void)state;
	expect(LIST(leaf_of(inter)), LIST(inter), PATH_OK);
}

static void each_certificate_is_within_its_dates(void **state)
{
	const struct minted *late_root = MINT(.name = "Late root", .ca = true, .from_day = -99, .to_day = -1);
	const struct minted *late =
	        MINT(.name = "Late", .by = root, .ca = true, .from_day = -99, .to_day = -1);
	const struct minted *early =
	        MINT(.name = "Early", .by = root, .ca = true, .from_day = 1, .to_day = 9);
	const struct minted *leaf = MINT(.name = "leaf", .by = inter, .from_day = -99, .to_day = -1);

	(void)state;
	expect(LIST(leaf, inter), LIST(root), PATH_EXPIRED);
	expect(LIST(leaf_of(late), late), LIST(root), PATH_EXPIRED);
	expect(LIST(leaf_of(late_root)), LIST(late_root), PATH_EXPIRED);
	expect(LIST(leaf_of(early), early), LIST(root), PATH_NOT_YET_VALID);
	expect(LIST(MINT(.name = "leaf", .by = inter, .from_day = 1, .to_day = 9), inter), LIST(root),
	        PATH_NOT_YET_VALID);
	/* the second and the last second count */
	expect(LIST(MINT(.name = "leaf", .by = inter, .from_day = 0, .to_day = 1), inter), LIST(root),
	        PATH_OK);
	expect(LIST(MINT(.name = "leaf", .by = inter, .from_day = -1, .to_day = 0), inter), LIST(root),
	        PATH_OK);
}

static void an_expired_cross_sign_does_not_hide_the_good_path(void **state)
{
	const struct minted *old_root = MINT(.name = "Old root", .ca = true, .from_day = -900, .to_day = -10);
	const struct minted *cross = MINT(.name = "Root", .by = old_root, .key_of = root, .ca = true,
	        .from_day = -900, .to_day = -20);
	const struct minted *twin =
	        MINT(.name = "Inter", .by = root, .key_of = inter, .ca = true, .from_day = -99, .to_day = -1);
	const struct minted *leaf = leaf_of(inter);

	(void)state;
	expect(LIST(leaf, inter, cross), LIST(old_root, root), PATH_OK);
	expect(LIST(leaf, twin, inter, cross), LIST(root), PATH_OK);
	expect(LIST(leaf, twin, cross), LIST(old_root), PATH_EXPIRED);
}

static void all_usable_paths_are_given(void **state)
{
	const struct minted *second = MINT(.name = "Second root", .ca = true);
	const struct minted *cross = MINT(.name = "Root", .by = second, .key_of = root, .ca = true);

	(void)state;
	assert_int_equal(judge(LIST(leaf_of(inter), inter, cross), LIST(root, second)).count, 2);
	assert_true(strlen(last.r.paths[0]) < strlen(last.r.paths[1]));
}

static void an_issuer_is_a_ca(void **state)
{
	const struct minted *plain = MINT(.name = "Plain", .by = root);
	const struct minted *no = MINT(.name = "No", .by = root, .basic = "critical,CA:FALSE");
	const struct minted *usage =
	        MINT(.name = "Usage", .by = root, .ca = true, .usage = "digitalSignature");
	const struct minted *v1 = MINT(.name = "V1", .by = root, .version_1 = true);
	const struct minted *v1_root = MINT(.name = "V1 root", .version_1 = true);
	const struct minted *plain_root = MINT(.name = "Plain root");

	(void)state;
	expect(LIST(leaf_of(plain), plain), LIST(root), PATH_NOT_CA);
	expect(LIST(leaf_of(no), no), LIST(root), PATH_NOT_CA);
	expect(LIST(leaf_of(usage), usage), LIST(root), PATH_NOT_CA);
	expect(LIST(leaf_of(v1), v1), LIST(root), PATH_NOT_CA);
	expect(LIST(leaf_of(v1_root)), LIST(v1_root), PATH_OK);
	expect(LIST(leaf_of(plain_root)), LIST(plain_root), PATH_NOT_CA);
}

static void path_lengths_are_kept(void **state)
{
	const struct minted *zero = MINT(.name = "Zero", .ca = true, .length = 1);
	const struct minted *one = MINT(.name = "One", .ca = true, .length = 2);
	const struct minted *a = MINT(.name = "A", .by = zero, .ca = true);
	const struct minted *b = MINT(.name = "B", .by = one, .ca = true);
	const struct minted *self = MINT(.name = "Zero", .by = zero, .ca = true);

	(void)state;
	expect(LIST(leaf_of(zero)), LIST(zero), PATH_OK);
	expect(LIST(leaf_of(a), a), LIST(zero), PATH_LENGTH);
	expect(LIST(leaf_of(b), b), LIST(one), PATH_OK);
	/* a CA that issues to itself under a new key is not counted */
	expect(LIST(leaf_of(self), self), LIST(zero), PATH_OK);
}

static void purposes_are_kept(void **state)
{
	const struct minted *client =
	        MINT(.name = "Client", .by = root, .ca = true, .purposes = "clientAuth");
	const struct minted *any =
	        MINT(.name = "Any", .by = root, .ca = true, .purposes = "anyExtendedKeyUsage");
	const struct minted *both =
	        MINT(.name = "Both", .by = root, .ca = true, .purposes = "clientAuth,serverAuth");

	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = inter), inter), LIST(root), PATH_OK);
	expect(LIST(MINT(.name = "leaf", .by = inter, .purposes = "clientAuth"), inter), LIST(root),
	        PATH_PURPOSE);
	expect(LIST(MINT(.name = "leaf", .by = inter, .purposes = "anyExtendedKeyUsage"), inter), LIST(root),
	        PATH_PURPOSE);
	expect(LIST(leaf_of(client), client), LIST(root), PATH_PURPOSE);
	expect(LIST(leaf_of(any), any), LIST(root), PATH_OK);
	expect(LIST(leaf_of(both), both), LIST(root), PATH_OK);
}

static void unknown_critical_extensions_reject(void **state)
{
	const struct minted *ca = MINT(.name = "Odd", .by = root, .ca = true, .unknown = "critical");

	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = inter, .unknown = "plain"), inter), LIST(root), PATH_OK);
	expect(LIST(MINT(.name = "leaf", .by = inter, .unknown = "critical"), inter), LIST(root),
	        PATH_CRITICAL_EXTENSION);
	expect(LIST(leaf_of(ca), ca), LIST(root), PATH_CRITICAL_EXTENSION);
}

static void weak_signatures_reject_but_for_the_anchors_own(void **state)
{
	const struct minted *old = MINT(.name = "Old", .ca = true, .key = "RSA:2048", .digest = "SHA1");

	(void)state;
	expect(LIST(leaf_of(old)), LIST(old), PATH_OK);
	expect(LIST(MINT(.name = "leaf", .by = old, .digest = "SHA1")), LIST(old), PATH_WEAK_SIGNATURE);
	expect(LIST(MINT(.name = "leaf", .by = old, .digest = "MD5")), LIST(old), PATH_WEAK_SIGNATURE);
	expect(LIST(MINT(.name = "leaf", .by = root, .digest = "SHA1")), LIST(root), PATH_WEAK_SIGNATURE);
}

/* What a browser's user would see; RFC 5280 knows nothing of it. */
static void a_distrusted_authority_rejects_in_the_browsers_profile_alone(void **state)
{
	const struct minted *bad = MINT(.name = "Root CA", .organisation = "DigiNotar", .ca = true);
	const struct minted *below = MINT(.name = "Below", .by = root, .organisation = "StartCom Ltd.", .ca = true);
	const struct minted *own = MINT(.name = "leaf", .by = inter, .organisation = "DigiNotar");
	struct path_rules strict = { .profile = PROFILE_STRICT, .intermediates = SIZE_MAX };

	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = bad)), LIST(bad), PATH_DISTRUSTED);
	assert_non_null(strstr(last.r.distrust, "DigiNotar: "));
	assert_non_null(strstr(last.r.distrust, "2011"));
	expect(LIST(MINT(.name = "leaf", .by = below), below), LIST(root), PATH_DISTRUSTED);
	assert_non_null(strstr(last.r.distrust, "WoSign and StartCom: "));
	expect(LIST(own, inter), LIST(root), PATH_OK); /* its own web server, certified by others */
	assert_null(last.r.distrust);
	judge_by(&strict, LIST(MINT(.name = "leaf", .by = bad)), LIST(bad));
	assert_int_not_equal(last.r.reason, PATH_DISTRUSTED);
}

/* Another path that avoids it is as good as ever. */
static void a_path_around_a_distrusted_authority_holds(void **state)
{
	const struct minted *bad = MINT(.name = "Bad", .organisation = "DigiNotar", .ca = true);
	const struct minted *below = MINT(.name = "Below", .by = bad, .ca = true);
	const struct minted *twin = MINT(.name = "Below", .by = root, .key_of = below, .ca = true);
	const struct minted *leaf = MINT(.name = "leaf", .by = below);

	(void)state;
	expect(LIST(leaf, below), LIST(bad, root), PATH_DISTRUSTED);
	expect(LIST(leaf, below, twin), LIST(bad, root), PATH_OK);
}

static void keys_that_the_user_distrusts_reject(void **state)
{
	const struct minted *leaf = MINT(.name = "leaf", .by = inter), *made[] = { leaf, inter, root };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct cert *c = cert_parse(made[i]->der.p, made[i]->der.n);
		uint8_t hash[SHA256_DIGEST_LENGTH];
		const char *text;
		struct known_keys *keys;
		size_t line;

		SHA256(c->spki.p, c->spki.n, hash);
		judge(LIST(leaf, inter), LIST(root));
		text = arena_printf(&last.arena, "%s ours\n", text_hex(&last.arena, hash, sizeof hash));
		keys = known_keys_of((struct span){ (const uint8_t *)text, strlen(text) }, &line);
		distrusted = keys;
		expect(LIST(leaf, inter), LIST(root), PATH_DISTRUSTED);
		assert_string_equal(last.r.distrust, "ours");
		distrusted = NULL;
		expect(LIST(leaf, inter), LIST(root), PATH_OK);
		known_keys_free(keys);
		cert_free(c);
	}
}

static void weak_keys_reject(void **state)
{
	const struct minted *ca = MINT(.name = "Small", .by = root, .ca = true, .key = "RSA:768");

	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = root, .key = "RSA:512")), LIST(root), PATH_WEAK_KEY);
	expect(LIST(MINT(.name = "leaf", .by = root, .key = "EC:secp160r1")), LIST(root), PATH_WEAK_KEY);
	expect(LIST(leaf_of(ca), ca), LIST(root), PATH_WEAK_KEY);
}

static void a_signature_that_does_not_hold_rejects(void **state)
{
	const struct minted *other = MINT(.name = "Other", .ca = true);
	const struct minted *forged =
	        MINT(.name = "leaf", .by = inter, .signed_with = other, .names = "DNS:a");
	const struct minted *namesake = MINT(.name = "Root", .ca = true);

	(void)state;
	expect(LIST(forged, inter), LIST(root), PATH_BAD_SIGNATURE);
	/* another CA of the same name, which the key identifiers tell apart */
	expect(LIST(leaf_of(inter), inter), LIST(namesake), PATH_UNKNOWN_ISSUER);
	expect(LIST(leaf_of(inter), inter), LIST(namesake, root), PATH_OK);
}

static void key_identifiers_are_a_hint_only(void **state)
{
	const struct minted *leaf = MINT(.name = "leaf", .by = inter, .wrong_issuer_id = true);
	const struct minted *bare = MINT(.name = "leaf", .by = inter, .no_ids = true);

	(void)state;
	expect(LIST(leaf, inter), LIST(root), PATH_OK);
	expect(LIST(bare, inter), LIST(root), PATH_OK);
}

static void names_are_compared_without_case_and_extra_space(void **state)
{
	const struct minted *a = MINT(.name = "The  Root", .organisation = "Example", .ca = true);
	const struct minted *b =
	        MINT(.name = "the root ", .organisation = " EXAMPLE", .ca = true, .key_of = a);

	(void)state;
	expect(LIST(leaf_of(a)), LIST(b), PATH_OK);
}

static void loops_end(void **state)
{
	const struct minted *a = MINT(.name = "A", .ca = true), *b = MINT(.name = "B", .ca = true);
	const struct minted *ab = MINT(.name = "A", .by = b, .key_of = a, .ca = true);
	const struct minted *ba = MINT(.name = "B", .by = a, .key_of = b, .ca = true);
	const struct minted *by_root = MINT(.name = "B", .by = root, .key_of = b, .ca = true);
	const struct minted *leaf = leaf_of(a);

	(void)state;
	expect(LIST(leaf, ab, ba), LIST(root), PATH_UNKNOWN_ISSUER);
	expect(LIST(leaf, ab, ba, by_root), LIST(root), PATH_OK);
}

static void a_path_longer_than_the_limit_is_unknown_and_not_refused(void **state)
{
	const struct minted *chain[PATH_CERTS_MAX + 2] = { 0 }, *ca = root;
	char name[16];

	(void)state;
	for (size_t i = PATH_CERTS_MAX; i > 0; i--) {
		snprintf(name, sizeof name, "Depth %zu", i);
		ca = MINT(.name = name, .by = ca, .ca = true);
		chain[i] = ca;
	}
	chain[0] = leaf_of(ca);
	expect(chain, LIST(chain[PATH_CERTS_MAX - 1]), PATH_OK);
	expect(chain, LIST(chain[PATH_CERTS_MAX]), PATH_LIMIT);
}

static void three_hundred_needless_certificates_hide_nothing(void **state)
{
	const struct minted *served[MANY] = { leaf_of(inter) };
	const struct minted *key = MINT(.name = "Inter", .ca = true);

	(void)state;
	for (size_t i = 1; i <= 300; i++)
		served[i] = MINT(.name = i % 2 ? "Inter" : "Root", .by = i % 3 ? root : key, .key_of = key,
		        .ca = true);
	served[301] = inter;
	expect(served, LIST(root), PATH_OK);
}

static void a_maze_of_cross_signs_ends_at_a_bound_that_is_said(void **state)
{
	const struct minted *base[9], *served[MANY] = { 0 };
	size_t n = 1;

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		char name[16];

		snprintf(name, sizeof name, "Maze %zu", i);
		base[i] = MINT(.name = name, .ca = true);
	}
	for (size_t i = 0; i < 9; i++)
		for (size_t j = 0; j < 9; j++) {
			char name[16];

			snprintf(name, sizeof name, "Maze %zu", i);
			if (i != j)
				served[n++] =
				        MINT(.name = name, .by = base[j], .key_of = base[i], .ca = true);
		}
	served[0] = leaf_of(base[0]);
	expect(served, LIST(root), PATH_UNKNOWN_ISSUER);
	/* an anchor of the right name that has signed nothing of it */
	expect(served, LIST(MINT(.name = "Maze 8", .ca = true, .no_ids = true)), PATH_LIMIT);
	assert_int_equal(last.r.trusted, TRI_UNKNOWN);
	/* a short way out is found all the same */
	served[n] = MINT(.name = "Maze 8", .by = root, .key_of = base[8], .ca = true);
	expect(served, LIST(root), PATH_OK);
}

static void so_many_extensions_are_not_judged(void **state)
{
	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = root, .more_exts = 4000)), LIST(root), PATH_LIMIT);
	assert_int_equal(last.r.trusted, TRI_UNKNOWN);
}

static void name_constraints_are_kept(void **state)
{
	static const struct {
		const char *constraints, *names;
		enum path_reason reason;
	} rows[] = {
		{ "permitted;DNS:example.org", "DNS:example.org,DNS:a.b.EXAMPLE.org", PATH_OK },
		{ "permitted;DNS:example.org", "DNS:notexample.org", PATH_NAME_CONSTRAINT },
		{ "permitted;DNS:example.org", "DNS:example.org,DNS:example.com", PATH_NAME_CONSTRAINT },
		{ "permitted;DNS:example.org,permitted;DNS:example.com", "DNS:example.org,DNS:example.com",
		        PATH_OK },
		{ "permitted;DNS:example.org", "DNS:*.example.org", PATH_OK },
		{ "permitted;DNS:a.example.org", "DNS:*.example.org", PATH_NAME_CONSTRAINT },
		{ "permitted;DNS:example.org", "IP:10.0.0.1", PATH_OK },
		{ "excluded;DNS:example.org", "DNS:example.com", PATH_OK },
		{ "excluded;DNS:example.org", "DNS:a.example.org", PATH_NAME_CONSTRAINT },
		{ "excluded;DNS:a.example.org", "DNS:*.example.org", PATH_NAME_CONSTRAINT },
		{ "excluded;DNS:a.b.example.org", "DNS:*.example.org", PATH_OK },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3", PATH_OK },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:11.1.2.3", PATH_NAME_CONSTRAINT },
		{ "permitted;IP:10.0.0.0/255.0.0.0", "IP:::1", PATH_NAME_CONSTRAINT },
		{ "excluded;IP:10.0.0.0/255.0.0.0", "IP:10.1.2.3", PATH_NAME_CONSTRAINT },
		{ "excluded;IP:10.0.0.0/255.0.0.0", "IP:::1", PATH_OK },
		{ "permitted;IP:2001:db8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0", "IP:2001:db8::9", PATH_OK },
		{ "permitted;email:example.org", "email:a@example.org", PATH_OK },
		{ "permitted;email:example.org", "email:a@b.example.org", PATH_NAME_CONSTRAINT },
		{ "permitted;email:.example.org", "email:a@b.example.org", PATH_OK },
		{ "permitted;email:a@example.org", "email:a@EXAMPLE.org", PATH_OK },
		{ "permitted;email:a@example.org", "email:b@example.org", PATH_NAME_CONSTRAINT },
		{ "permitted;URI:example.org", "URI:https://u@example.org:8443/x", PATH_OK },
		{ "permitted;URI:.example.org", "URI:https://a.example.org", PATH_OK },
		{ "permitted;URI:example.org", "URI:https://example.com", PATH_NAME_CONSTRAINT },
		{ "permitted;URI:example.org", "URI:urn:no-host", PATH_NAME_CONSTRAINT },
		{ "permitted;dirName:example", "dirName:example",
		        PATH_NAME_CONSTRAINT }, /* the subject is CN=leaf */
		{ "excluded;dirName:example", "dirName:example", PATH_NAME_CONSTRAINT },
		{ "excluded;dirName:example", "dirName:other", PATH_OK },
		{ "excluded;RID:1.2.3.4", "RID:1.2.3.4", PATH_NAME_CONSTRAINT },
		{ "excluded;RID:1.2.3.4", "DNS:example.org", PATH_OK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct minted *ca = MINT(.name = "Constrained", .by = root, .ca = true, .key_of = inter,
		        .constraints = rows[i].constraints);
		const struct minted *below = MINT(.name = "Below", .by = ca, .ca = true, .key_of = root);
		const struct minted *leaf =
		        MINT(.name = "leaf", .by = below, .key_of = root, .names = rows[i].names);

		expect(LIST(leaf, below, ca), LIST(root), rows[i].reason);
	}
}

static void subjects_are_constrained_too(void **state)
{
	static const struct {
		const char *constraints, *organisation, *email;
		enum path_reason reason;
	} rows[] = {
		{ "permitted;dirName:example", "example", NULL, PATH_OK },
		{ "permitted;dirName:example", "Examples", NULL, PATH_NAME_CONSTRAINT },
		{ "permitted;dirName:example,permitted;dirName:other", "Other", NULL, PATH_OK },
		{ "excluded;dirName:example", "EXAMPLE ", NULL, PATH_NAME_CONSTRAINT },
		{ "permitted;email:example.org", "x", "a@example.org", PATH_OK },
		{ "permitted;email:example.org", "x", "a@example.com", PATH_NAME_CONSTRAINT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct minted *ca = MINT(.name = "Constrained", .by = root, .ca = true, .key_of = inter,
		        .constraints = rows[i].constraints);
		const struct minted *leaf = MINT(.name = "leaf", .organisation = rows[i].organisation,
		        .email = rows[i].email, .by = ca, .key_of = root);

		expect(LIST(leaf, ca), LIST(root), rows[i].reason);
	}
}

static const char *list_of(const char *before, size_t n)
{
	struct text t = { 0 };
	const char *list;

	for (size_t i = 0; i < n; i++)
		text_fmt(&t, "%s%sn%zu.test", i ? "," : "", before, i);
	list = mem_text(text_str(&t));
	text_free(&t);
	return list;
}

static void comparisons_of_names_are_bounded(void **state)
{
	const char *subtrees = list_of("permitted;DNS:", 600), *names = list_of("DNS:", 500);
	const struct minted *ca =
	        MINT(.name = "Constrained", .by = root, .ca = true, .constraints = subtrees);

	(void)state;
	expect(LIST(MINT(.name = "leaf", .by = ca, .names = names), ca), LIST(root), PATH_LIMIT);
	expect(LIST(MINT(.name = "leaf", .by = ca, .names = "DNS:n1.test"), ca), LIST(root), PATH_OK);
	free((char *)subtrees);
	free((char *)names);
}

static void the_time_is_the_callers(void **state)
{
	struct path_search *s;

	(void)state;
	expect(LIST(leaf_of(inter), inter), LIST(root), PATH_OK);
	s = path_search_new(last.certs, 2, MINT_NOW + 61 * 86400);
	assert_int_equal(path_find(s, last.store, &last.arena).reason, PATH_EXPIRED);
	path_search_free(s);
}

static void what_is_no_certificate_is_malformed(void **state)
{
	struct path_search *s;

	(void)state;
	expect(LIST(leaf_of(inter), inter), LIST(root), PATH_OK);
	cert_free(last.certs[0]);
	last.certs[0] = cert_parse((const uint8_t *)"no", 2);
	s = path_search_new(last.certs, 2, MINT_NOW);
	assert_int_equal(path_find(s, last.store, &last.arena).reason, PATH_MALFORMED);
	path_search_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chain_has_its_path),
		cmocka_unit_test(order_needless_ones_and_a_sent_root_do_not_matter),
		cmocka_unit_test(keys_and_signatures_that_browsers_take_work_and_others_are_told),
		cmocka_unit_test(what_is_missing_or_foreign_has_an_unknown_issuer),
		cmocka_unit_test(a_leaf_that_signs_itself_is_trusted_only_as_an_anchor),
		cmocka_unit_test(an_anchor_need_not_sign_itself),
		cmocka_unit_test(each_certificate_is_within_its_dates),
		cmocka_unit_test(an_expired_cross_sign_does_not_hide_the_good_path),
		cmocka_unit_test(all_usable_paths_are_given),
		cmocka_unit_test(an_issuer_is_a_ca),
		cmocka_unit_test(path_lengths_are_kept),
		cmocka_unit_test(purposes_are_kept),
		cmocka_unit_test(unknown_critical_extensions_reject),
		cmocka_unit_test(weak_signatures_reject_but_for_the_anchors_own),
		cmocka_unit_test(a_distrusted_authority_rejects_in_the_browsers_profile_alone),
		cmocka_unit_test(a_path_around_a_distrusted_authority_holds),
		cmocka_unit_test(keys_that_the_user_distrusts_reject),
		cmocka_unit_test(weak_keys_reject),
		cmocka_unit_test(a_signature_that_does_not_hold_rejects),
		cmocka_unit_test(key_identifiers_are_a_hint_only),
		cmocka_unit_test(names_are_compared_without_case_and_extra_space),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(a_path_longer_than_the_limit_is_unknown_and_not_refused),
		cmocka_unit_test(three_hundred_needless_certificates_hide_nothing),
		cmocka_unit_test(a_maze_of_cross_signs_ends_at_a_bound_that_is_said),
		cmocka_unit_test(so_many_extensions_are_not_judged),
		cmocka_unit_test(name_constraints_are_kept),
		cmocka_unit_test(subjects_are_constrained_too),
		cmocka_unit_test(comparisons_of_names_are_bounded),
		cmocka_unit_test(the_time_is_the_callers),
		cmocka_unit_test(what_is_no_certificate_is_malformed),
	};

	return cmocka_run_group_tests(tests, make_shared, drop_shared);
}
