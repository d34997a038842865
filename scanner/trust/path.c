#include "scanner/trust/path.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/constraint.h"
#include "scanner/trust/distrust.h"
#include "scanner/trust/known_keys.h"
#include "scanner/trust/policy.h"
#include "scanner/trust/seal.h"

enum {
	WHOLE_PATH_STEPS = 50,	/* what looking at a whole path costs */
	COMMON_RSA_BITS = 4096, /* whose signatures count as one */
	NOWHERE = PATH_CERTS_MAX * PATH_CERTS_MAX, /* no distance is so long */
};

/* A signature that was checked. */
struct edge {
	const void *signed_thing; /* certificate or CRL */
	const struct cert *issuer;
	enum seal_verdict verdict;
};

/* What the rules say of one certificate in one place. */
struct opinion {
	const struct cert *cert;
	unsigned role;
	struct faults faults;
};

/* What the CRLs say of a certificate below this issuer. */
struct revocation {
	const struct cert *child, *issuer;
	struct faults faults;
};

struct anchor {
	struct span der;
	struct cert *cert;
};

/*
 * How likely is it that the key of an issuer with the right name is the right one? The identifiers of keys are a hint, not a
 * rule (RFC 5280 section 4.2.1.1), and an attacker can put any number of certificates before the one that is needed.
 */
enum likeness { LIKELY, POSSIBLE, UNLIKELY, LIKENESSES };

/* Certificates from the leaf on, and what is wrong at each. */
struct trail {
	const struct cert *cert[PATH_CERTS_MAX];
	struct faults faults[PATH_CERTS_MAX];
	size_t n;
};

struct path_search {
	struct cert *const *served;
	size_t count;
	struct rules rules;
	struct path_rules wider;
	struct edge *edges; /* these four grow by doubling */
	size_t edges_n, signatures;
	bool spent; /* signatures were left unchecked */
	struct anchor *anchors;
	size_t anchors_n;
	struct opinion *opinions;
	size_t opinions_n;
	struct revocation *revocations;
	size_t revocations_n;

	/* of the store that is searched */
	const struct store *store;
	struct arena *arena;
	size_t steps, comparisons;
	struct trail trail;
	size_t level; /* certificates in the paths that are looked for */
	enum likeness least; /* of an issuer that is followed */
	bool *repeated; /* of the served: stands earlier, too */
	size_t *distance; /* of the served: fewest steps up to an anchor, by names and likeness alone */
	uint32_t *dead; /* of the served: bit n, nothing leads on from it behind n others at this level, whatever they are */
	bool depends; /* something failed by what stands below it */
	bool explain; /* follow paths that fail, to say why */
	bool deeper;  /* a longer path may exist */
	bool bad_signature, unsupported, limit, too_deep;
	enum path_reason best;
	struct trail closest;
	const char **found;
	size_t found_n;
};

/* Room for one more in an array of n, which doubles when n is a power of two. */
static void *room_for_one(void *array, size_t n, size_t size)
{
	return n & (n - 1) ? array : mem_grow(array, n ? 2 * n : 1, size);
}

/* ---- signatures, each checked once ----------------------------------------------------------- */

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool same_key(const struct cert *a, const struct cert *b)
{
	return a == b || same_bytes(a->spki, b->spki);
}

static const struct edge *known_edge(const struct path_search *s, const void *thing, const struct cert *issuer)
{
	for (size_t i = 0; i < s->edges_n; i++)
		if (s->edges[i].signed_thing == thing && same_key(s->edges[i].issuer, issuer))
			return &s->edges[i];
	return NULL;
}

/* A key of 16,384 bits costs as much as sixteen of 4,096. */
static size_t cost_of(const struct cert *issuer)
{
	size_t units = issuer->rsa_n.n ? (issuer->key_bits + COMMON_RSA_BITS - 1) / COMMON_RSA_BITS : 1;

	return units ? units * units : 1;
}

static bool spend_signature(struct path_search *s, const struct cert *issuer)
{
	size_t cost = cost_of(issuer);

	if (cost > PATH_SIGNATURES_MAX - s->signatures) {
		s->limit = s->spent = true;
		return false;
	}
	s->signatures += cost;
	return true;
}

static enum seal_verdict keep_edge(
        struct path_search *s, const void *thing, const struct cert *issuer, enum seal_verdict v)
{
	s->edges = room_for_one(s->edges, s->edges_n, sizeof *s->edges);
	s->edges[s->edges_n++] = (struct edge){ thing, issuer, v };
	return v;
}

static enum seal_verdict verify(struct path_search *s, const struct cert *child, const struct cert *issuer)
{
	const struct edge *known = known_edge(s, child, issuer);

	if (known)
		return known->verdict;
	return spend_signature(s, issuer) ? keep_edge(s, child, issuer, seal_check(child, issuer)) : SEAL_FAILS;
}

static enum seal_verdict verify_crl(struct path_search *s, const struct crl *crl, const struct cert *issuer)
{
	const struct edge *known = known_edge(s, crl, issuer);

	if (known)
		return known->verdict;
	return spend_signature(s, issuer) ? keep_edge(s, crl, issuer, seal_check_claim(&crl->seal, issuer)) : SEAL_FAILS;
}

bool path_signed(struct path_search *s, const struct cert *child, const struct cert *issuer)
{
	return cert_issued_in_name_of(child, issuer) && verify(s, child, issuer) == SEAL_HOLDS;
}

bool path_signatures_spent(const struct path_search *s)
{
	return s->spent;
}

/* ---- rules of one certificate, each certificate looked at once in each place ------------------- */

static struct faults opinion_of(struct path_search *s, const struct cert *c, unsigned role)
{
	struct opinion o = { .cert = c, .role = role };

	for (size_t i = 0; i < s->opinions_n; i++)
		if (s->opinions[i].cert == c && s->opinions[i].role == role)
			return s->opinions[i].faults;
	profile_check(&o.faults, &s->rules, c, role);
	s->opinions = room_for_one(s->opinions, s->opinions_n, sizeof *s->opinions);
	s->opinions[s->opinions_n++] = o;
	return o.faults;
}

/* ---- rules of an issuer, about to stand after n certificates ---------------------------------- */

struct step {
	struct path_search *s;
	const struct cert *issuer;
	bool anchor;
	size_t n;
	struct faults *faults;
};

static void hold(const struct step *t, enum check_id id, bool broken)
{
	faults_hold(t->faults, &t->s->rules, id, broken);
}

/* An anchor of version 1 is a CA by being there. */
static void check_ca(const struct step *t)
{
	const struct cert *c = t->issuer;
	bool old_anchor = t->anchor && c->version < 3;

	hold(t, CHECK_ISSUER_NOT_CA, !c->is_ca && !old_anchor);
	hold(t, CHECK_ISSUER_KEY_USAGE, c->has_key_usage && !(c->key_usage & KEY_USAGE_CERT_SIGN));
}

/* Certificates between issuer and leaf, self-issued ones not counted. */
static void check_length(const struct step *t)
{
	int64_t between = 0;

	for (size_t i = 1; i < t->n; i++)
		between += !cert_self_issued(t->s->trail.cert[i]);
	hold(t, CHECK_ISSUER_LENGTH, t->issuer->path_length >= 0 && between > t->issuer->path_length);
}

static void check_purpose(const struct step *t)
{
	unsigned fits = PURPOSE_ANY | (t->s->rules.client ? PURPOSE_CLIENT : PURPOSE_SERVER);

	hold(t, CHECK_ISSUER_PURPOSE, !t->anchor && t->issuer->has_purposes && !(t->issuer->purposes & fits));
}

/* The list of BR 7.1.3.2: RSA (PKCS #1 or PSS) and ECDSA with SHA-256, -384 or -512. */
static bool is_on_the_list(const struct seal_alg *alg)
{
	static const char *const digests[] = { "SHA256", "SHA384", "SHA512" };

	if (alg->key == KEY_RSA_PSS)
		return true;
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		if ((alg->key == KEY_RSA || alg->key == KEY_ECDSA) && alg->digest && !strcmp(alg->digest, digests[i]))
			return true;
	return false;
}

/* The signature that the issuer is to have made. */
static void check_algorithm(const struct step *t)
{
	const struct seal_alg *alg = t->s->trail.cert[t->n - 1]->seal;

	hold(t, CHECK_SIGNATURE_WEAK, alg && alg->strength != SEAL_SOUND);
	hold(t, CHECK_SIGNATURE_FORBIDDEN, !alg || !is_on_the_list(alg));
}

/* Self-issued certificates are exempt, but for the leaf. */
static void check_constraints(const struct step *t)
{
	for (size_t i = 0; i < t->n; i++) {
		enum constraint_verdict v = CONSTRAINT_KEPT;

		if (i == 0 || !cert_self_issued(t->s->trail.cert[i]))
			v = constraint_check(t->issuer, t->s->trail.cert[i], &t->s->comparisons);
		hold(t, CHECK_NAME_OUTSIDE, v == CONSTRAINT_BROKEN);
		hold(t, CHECK_CONSTRAINTS_UNREADABLE, v == CONSTRAINT_BAD);
		hold(t, CHECK_COMPARISONS, v == CONSTRAINT_LIMIT);
	}
}

static void (*const step_rules[])(const struct step *) = {
	check_ca,
	check_length,
	check_purpose,
	check_algorithm,
	check_constraints,
};

static bool is_clean(const struct faults *f)
{
	return faults_worst(f) == PATH_OK;
}

static struct faults check_step(struct path_search *s, const struct cert *issuer, bool anchor, size_t n)
{
	struct faults f = opinion_of(s, issuer, anchor ? ROLE_ANCHOR : ROLE_CA);
	struct step t = { s, issuer, anchor, n, &f };

	for (size_t i = 0; i < sizeof step_rules / sizeof *step_rules; i++)
		if (is_clean(&f) || s->explain)
			step_rules[i](&t);
	return f;
}

/* ---- rules of the whole path ------------------------------------------------------------------ */

/* A certificate that may have signed the CRL: the issuer on the path, or another that its own issuer gave the
 * same name, for a key of its own. */
static bool is_signer(struct path_search *s, const struct crl *crl, const struct cert *candidate, size_t issuer)
{
	const struct trail *t = &s->trail;
	struct faults f;

	if (!crl_may_be_signed_by(crl, candidate))
		return false;
	if (candidate == t->cert[issuer])
		return true;
	f = opinion_of(s, candidate, ROLE_CA);
	return issuer + 1 < t->n && is_clean(&f) && path_signed(s, candidate, t->cert[issuer + 1]);
}

static void check_signer(struct path_search *s, const struct crl *crl, size_t issuer, struct faults *f)
{
	bool any = is_signer(s, crl, s->trail.cert[issuer], issuer), holds = false;

	if (any)
		holds = verify_crl(s, crl, s->trail.cert[issuer]) == SEAL_HOLDS;
	for (size_t i = 0; i < s->count && !holds; i++) {
		if (!is_signer(s, crl, s->served[i], issuer))
			continue;
		any = true;
		holds = verify_crl(s, crl, s->served[i]) == SEAL_HOLDS;
	}
	faults_hold(f, &s->rules, CHECK_CRL_SIGNER, !any);
	faults_hold(f, &s->rules, CHECK_CRL_SIGNATURE, any && !holds);
}

static bool tells_revoked(const struct crl *crl, const struct cert *child, const struct faults *f)
{
	static const enum check_id doubts[] = { CHECK_CRL_UNREADABLE, CHECK_CRL_SCOPE, CHECK_CRL_KIND,
		CHECK_CRL_SIGNER, CHECK_CRL_SIGNATURE, CHECK_CRL_WEAK };

	for (size_t i = 0; i < sizeof doubts / sizeof *doubts; i++)
		if (faults_has(f, doubts[i]))
			return false;
	return crl_revokes(crl, child);
}

/* The certificate at `at`: one CRL that says it is revoked is enough, and else one without a fault. */
static struct faults ask_crls(struct path_search *s, size_t at)
{
	const struct cert *child = s->trail.cert[at];
	struct faults all = { 0 };
	bool good = false, any = false;

	for (size_t i = 0; i < s->wider.crls_count; i++) {
		const struct crl *crl = s->wider.crls[i];
		struct faults f = { 0 };

		if (!crl->malformed && !crl_is_of_issuer(crl, child))
			continue;
		any |= !crl->malformed;
		crl_check(&f, &s->rules, crl, child);
		if (!crl->malformed)
			check_signer(s, crl, at + 1, &f);
		faults_hold(&f, &s->rules, CHECK_CERT_REVOKED, tells_revoked(crl, child, &f));
		if (faults_has(&f, CHECK_CERT_REVOKED))
			return f;
		good |= is_clean(&f);
		faults_join(&all, &f);
	}
	faults_hold(&all, &s->rules, CHECK_CRL_MISSING, !any);
	return good ? (struct faults){ 0 } : all;
}

static struct faults revocation_of(struct path_search *s, size_t at)
{
	struct revocation r = { .child = s->trail.cert[at], .issuer = s->trail.cert[at + 1] };

	for (size_t i = 0; i < s->revocations_n; i++)
		if (s->revocations[i].child == r.child && s->revocations[i].issuer == r.issuer)
			return s->revocations[i].faults;
	r.faults = ask_crls(s, at);
	s->revocations = room_for_one(s->revocations, s->revocations_n, sizeof *s->revocations);
	s->revocations[s->revocations_n++] = r;
	return r.faults;
}

static void check_revocation(struct path_search *s)
{
	for (size_t i = 0; s->wider.revocation && i + 1 < s->trail.n; i++) {
		struct faults f = revocation_of(s, i);

		faults_join(&s->trail.faults[i], &f);
	}
}

static void check_policies(struct path_search *s)
{
	enum policy_verdict v = policy_check(s->trail.cert, s->trail.n);
	struct faults *f = &s->trail.faults[0];

	faults_hold(f, &s->rules, CHECK_POLICY_NONE, v == POLICY_NONE);
	faults_hold(f, &s->rules, CHECK_POLICY_MAPPING, v == POLICY_MAPPING);
	faults_hold(f, &s->rules, CHECK_POLICY_UNREADABLE, v == POLICY_BAD);
	faults_hold(f, &s->rules, CHECK_POLICY_MANY, v == POLICY_LIMIT);
}

static struct faults all_faults(const struct trail *t)
{
	struct faults all = { 0 };

	for (size_t i = 0; i < t->n; i++)
		faults_join(&all, &t->faults[i]);
	return all;
}

/* What is said of the certificates stays; what is said of this path goes when it is left. */
static enum path_reason judge_whole(struct path_search *s)
{
	struct trail before = s->trail;
	struct faults all;

	check_policies(s);
	check_revocation(s);
	all = all_faults(&s->trail);
	if (faults_worst(&all) < s->best && faults_worst(&all) != PATH_OK)
		s->closest = s->trail;
	s->trail = before;
	return faults_worst(&all);
}

/* ---- the search ------------------------------------------------------------------------------ */

static struct cert *anchor_of(struct path_search *s, struct span der)
{
	for (size_t i = 0; i < s->anchors_n; i++)
		if (s->anchors[i].der.p == der.p)
			return s->anchors[i].cert;
	if (!(s->anchors_n & (s->anchors_n - 1)))
		s->anchors = mem_grow(s->anchors, s->anchors_n ? 2 * s->anchors_n : 1, sizeof *s->anchors);
	s->anchors[s->anchors_n] = (struct anchor){ der, cert_parse(der.p, der.n) };
	return s->anchors[s->anchors_n++].cert;
}

static const char *trail_text(struct arena *a, const struct trail *path)
{
	struct text t = { 0 };
	const char *copy;

	for (size_t i = 0; i < path->n; i++)
		text_fmt(&t, "%s%s", i ? " " : "", text_hex(a, path->cert[i]->sha256, CERT_SHA256));
	copy = arena_text(a, text_str(&t));
	text_free(&t);
	return copy;
}

static bool spend_steps(struct path_search *s, size_t n)
{
	if (s->steps < n) {
		s->limit = true;
		return false;
	}
	s->steps -= n;
	return true;
}

static enum likeness likeness_of(const struct cert *child, const struct cert *issuer)
{
	if (!child->issuer_key_id.n || !issuer->key_id.n)
		return POSSIBLE;
	return same_bytes(child->issuer_key_id, issuer->key_id) ? LIKELY : UNLIKELY;
}

/* What has no step of the likeness that is looked at now was found before. */
static bool is_new(const struct path_search *s)
{
	enum likeness least = LIKELY;

	for (size_t i = 1; i < s->trail.n; i++) {
		enum likeness one = likeness_of(s->trail.cert[i - 1], s->trail.cert[i]);

		least = one > least ? one : least;
	}
	return least == s->least;
}

/* A path of n certificates that ends in an anchor. */
static void end_path(struct path_search *s, size_t n)
{
	enum path_reason r;

	s->trail.n = n;
	s->depends = true;
	if (!is_new(s) || !spend_steps(s, WHOLE_PATH_STEPS))
		return;
	r = judge_whole(s);
	s->limit |= r == PATH_LIMIT;
	if (r == PATH_OK && s->found_n < PATH_FOUND_MAX)
		s->found[s->found_n++] = trail_text(s->arena, &s->trail);
	if (r < s->best)
		s->best = r;
}

/* The same subject and key twice makes no path better. */
static bool on_path(const struct path_search *s, size_t n, const struct cert *c)
{
	for (size_t i = 0; i < n; i++) {
		const struct cert *other = s->trail.cert[i];

		if (other == c || (other->subject_hash == c->subject_hash && same_key(other, c)))
			return true;
	}
	return false;
}

/*
 * Did the issuer sign what it is to stand above? What cannot be checked is followed where the path has failed
 * already: a key of 65,536 bits or an MD2 signature are reasons enough.
 */
static bool signature_holds(
        struct path_search *s, const struct cert *child, const struct cert *issuer, bool failed)
{
	enum seal_verdict v = verify(s, child, issuer);

	if (v == SEAL_UNSUPPORTED && failed)
		return true;
	s->unsupported |= v == SEAL_UNSUPPORTED;
	s->bad_signature |= v == SEAL_FAILS && !s->spent && likeness_of(child, issuer) != UNLIKELY;
	return v == SEAL_HOLDS;
}

static void explore(struct path_search *, size_t n);

static bool is_too_deep(const struct path_search *s, size_t n)
{
	size_t counted = 0;

	for (size_t i = 1; i < n; i++)
		counted += !cert_self_issued(s->trail.cert[i]);
	return counted > s->wider.intermediates;
}

/* The last of n certificates was added. A path that ends before its length was found before. */
static void go_on(struct path_search *s, size_t n, bool anchor)
{
	if (anchor)
		end_path(s, n);
	else if (is_too_deep(s, n))
		s->too_deep = s->depends = true;
	else
		explore(s, n);
}

/* What is found wrong with this step may be right above other certificates: the leaf alone is the same on all paths. */
static bool depends_on_trail(const struct path_search *s, const struct faults *f, size_t n)
{
	return n > 1 && (faults_has(f, CHECK_NAME_OUTSIDE) || faults_has(f, CHECK_ISSUER_LENGTH) || faults_has(f, CHECK_COMPARISONS) ||
	                        s->explain);
}

static bool step_holds(struct path_search *s, size_t n, const struct cert *issuer, bool anchor)
{
	const struct cert *child = s->trail.cert[n - 1];
	struct faults f = check_step(s, issuer, anchor, n);

	s->limit |= faults_worst(&f) == PATH_LIMIT;
	s->depends |= depends_on_trail(s, &f, n);
	if ((!is_clean(&f) && !s->explain) || !signature_holds(s, child, issuer, !is_clean(&f)))
		return false;
	s->trail.cert[n] = issuer;
	s->trail.faults[n] = f;
	return true;
}

static void try_issuer(struct path_search *s, size_t n, const struct cert *issuer, bool anchor)
{
	bool repeats = on_path(s, n, issuer);

	s->depends |= repeats;
	if (repeats || s->found_n == PATH_FOUND_MAX || !spend_steps(s, 1) || !cert_issued_in_name_of(s->trail.cert[n - 1], issuer))
		return;
	if (step_holds(s, n, issuer, anchor))
		go_on(s, n + 1, anchor);
}

static void try_anchors(struct path_search *s, size_t n, enum likeness like)
{
	const struct cert *child = s->trail.cert[n - 1];
	struct span der;

	if (n + 1 != s->level)
		return;
	for (size_t at = 0; store_next(s->store, child, &at, &der);) {
		const struct cert *c = anchor_of(s, der);

		if (likeness_of(child, c) == like)
			try_issuer(s, n, c, true);
	}
}

static bool may_stand_above(const struct path_search *s, const struct cert *child, size_t at)
{
	const struct cert *c = s->served[at];

	return !s->repeated[at] && !c->malformed && c->subject_hash == child->issuer_hash && likeness_of(child, c) <= s->least;
}

/* Is an anchor near enough? A path of another length is looked for at its own level. */
static bool is_in_reach(struct path_search *s, size_t n, size_t at)
{
	if (s->distance[at] == NOWHERE)
		return false;
	if (n + 1 + s->distance[at] <= s->level)
		return true;
	s->deeper = true;
	return false;
}

/* Where nothing led on, whatever stood below, nothing does another time: without this, layers of cross-signs are endless. */
static void try_one_served(struct path_search *s, size_t n, size_t at)
{
	bool depended = s->depends;
	size_t found = s->found_n;

	if (!is_in_reach(s, n, at) || s->dead[at] >> n & 1)
		return;
	s->depends = false;
	try_issuer(s, n, s->served[at], false);
	if (!s->depends && !s->limit && s->found_n == found)
		s->dead[at] |= UINT32_C(1) << n;
	s->depends |= depended;
}

static void try_served(struct path_search *s, size_t n, enum likeness like)
{
	const struct cert *child = s->trail.cert[n - 1];

	for (size_t i = 0; n + 1 <= s->level && i < s->count; i++)
		if (may_stand_above(s, child, i) && likeness_of(child, s->served[i]) == like)
			try_one_served(s, n, i);
}

/* Anchors come first, since a path ends there; then what names the right key, then the rest. */
static void explore(struct path_search *s, size_t n)
{
	for (enum likeness like = LIKELY; like <= s->least; like++) {
		try_anchors(s, n, like);
		try_served(s, n, like);
	}
}

/* ---- how far it is to an anchor ---------------------------------------------------------------- */

static bool is_below_an_anchor(struct path_search *s, const struct cert *c)
{
	struct span der;

	for (size_t at = 0; store_next(s->store, c, &at, &der);)
		if (likeness_of(c, anchor_of(s, der)) <= s->least)
			return true;
	return false;
}

/* Breadth first, from the anchors down: each served certificate is looked at once. */
static void measure(struct path_search *s)
{
	size_t *queue = mem_new(s->count, sizeof *queue), n = 0;

	for (size_t i = 0; i < s->count; i++) {
		s->distance[i] = NOWHERE;
		if (!s->served[i]->malformed && !s->repeated[i] && is_below_an_anchor(s, s->served[i])) {
			s->distance[i] = 1;
			queue[n++] = i;
		}
	}
	for (size_t at = 0; at < n; at++)
		for (size_t i = 0; i < s->count; i++)
			if (s->distance[i] == NOWHERE && !s->served[i]->malformed && !s->repeated[i] &&
			        may_stand_above(s, s->served[i], queue[at])) {
				s->distance[i] = s->distance[queue[at]] + 1;
				queue[n++] = i;
			}
	free(queue);
}

/* One length after the other, so that no maze of long paths hides a short one. */
static void search_levels(struct path_search *s)
{
	s->steps = PATH_STEPS_MAX;
	s->deeper = true;
	for (s->level = 2; s->level <= PATH_CERTS_MAX && s->deeper; s->level++) {
		s->deeper = false;
		memset(s->dead, 0, s->count * sizeof *s->dead);
		explore(s, 1);
	}
	s->limit |= s->deeper;
}

/* A hint that names another key is followed only where nothing else leads to an anchor. */
static void search(struct path_search *s, bool explain)
{
	s->explain = explain;
	s->comparisons = PATH_COMPARISONS_MAX;
	s->trail.cert[0] = s->served[0];
	s->trail.faults[0] = opinion_of(s, s->served[0], ROLE_LEAF);
	s->limit |= faults_worst(&s->trail.faults[0]) == PATH_LIMIT;
	if (!is_clean(&s->trail.faults[0]) && !explain)
		return;
	s->least = LIKELY;
	s->steps = PATH_STEPS_MAX;
	if (store_has(s->store, s->served[0]))
		end_path(s, 1);
	for (s->least = LIKELY; s->least < LIKENESSES && !(s->least == UNLIKELY && s->found_n); s->least++) {
		measure(s);
		search_levels(s);
	}
}

/* Which signatures do not hold, of the certificates that others lead to? No anchor is near them, or it would be known. */
static void look_for_bad_signatures(struct path_search *s)
{
	bool *reached = mem_new(s->count, sizeof *reached);
	size_t *queue = mem_new(s->count, sizeof *queue), n = 1;

	s->least = POSSIBLE;
	queue[0] = 0;
	for (size_t at = 0; at < n; at++)
		for (size_t i = 1; i < s->count; i++) {
			const struct cert *child = s->served[queue[at]];

			if (reached[i] || !may_stand_above(s, child, i) || !cert_issued_in_name_of(child, s->served[i]) ||
			        !signature_holds(s, child, s->served[i], false))
				continue;
			reached[i] = true;
			queue[n++] = i;
		}
	free(queue);
	free(reached);
}

static enum path_reason why_none(const struct path_search *s)
{
	if (s->best < PATH_LIMIT)
		return s->best;
	if (s->limit)
		return PATH_LIMIT;
	if (s->too_deep)
		return PATH_DEPTH;
	if (seal_on_itself(s->served[0]))
		return PATH_SELF_SIGNED;
	if (s->unsupported)
		return PATH_UNSUPPORTED_SIGNATURE;
	return s->bad_signature ? PATH_BAD_SIGNATURE : PATH_UNKNOWN_ISSUER;
}

static enum tri trusted(enum path_reason r)
{
	if (r == PATH_LIMIT || r == PATH_UNSUPPORTED_SIGNATURE)
		return TRI_UNKNOWN;
	return r == PATH_OK ? TRI_YES : TRI_NO;
}

/* What ended at a bound the first time is not known to be wrong, whatever the second look says. */
static void search_reason(struct path_search *s)
{
	bool limit = s->limit;

	if (s->found_n)
		return;
	search(s, true);
	if (s->best < PATH_LIMIT)
		s->limit = limit;
	limit = s->limit;
	if (s->best == PATH_LIMIT && !limit)
		look_for_bad_signatures(s);
	s->limit = limit;
}

/* Of the closest path; without one, of the leaf. */
static void tell_faults(const struct path_search *s, struct path_result *r)
{
	const struct trail *t = &s->closest;
	struct path_fault *all = arena_new(s->arena, CHECKS * PATH_CERTS_MAX, sizeof *all);

	for (enum check_id id = 0; id < CHECKS; id++)
		for (size_t i = 0; i < t->n; i++)
			if (faults_has(&t->faults[i], id))
				all[r->faults_count++] = (struct path_fault){ check_row(id),
					text_hex(s->arena, t->cert[i]->sha256, CERT_SHA256) };
	r->faults = all;
}

/* What is held against the certificate; NULL: nothing. */
static const char *distrust_text(const struct path_search *s, const struct cert *c, const struct faults *f)
{
	const struct distrust *d = NULL;

	if (faults_has(f, CHECK_KEY_LISTED))
		return known_keys_find(s->rules.distrusted, c);
	if (faults_has(f, CHECK_KEY_DISTRUSTED))
		d = distrust_of_key(c);
	if (faults_has(f, CHECK_AUTHORITY_DISTRUSTED) || faults_has(f, CHECK_AUTHORITY_ENDED))
		d = distrust_of_authority(c);
	return d ? arena_printf(s->arena, "%s: %s", d->whose, d->why) : NULL;
}

static void tell_distrust(const struct path_search *s, struct path_result *r)
{
	for (size_t i = 0; i < s->closest.n && !r->distrust; i++)
		r->distrust = distrust_text(s, s->closest.cert[i], &s->closest.faults[i]);
}

static void tell_closest(struct path_search *s, struct path_result *r)
{
	if (s->closest.n)
		r->closest = trail_text(s->arena, &s->closest);
	else
		s->closest = (struct trail){
			.cert = { s->served[0] }, .faults = { opinion_of(s, s->served[0], ROLE_LEAF) }, .n = 1
		};
	tell_faults(s, r);
	tell_distrust(s, r);
}

static void begin(struct path_search *s, const struct store *store, struct arena *a)
{
	s->store = store;
	s->arena = a;
	s->best = PATH_LIMIT;
	s->bad_signature = s->unsupported = s->limit = s->too_deep = false;
	s->closest.n = 0;
	s->found = arena_new(a, PATH_FOUND_MAX, sizeof *s->found);
	s->found_n = 0;
}

struct path_result path_find(struct path_search *s, const struct store *store, struct arena *a)
{
	struct path_result r = { .reason = PATH_MALFORMED, .trusted = TRI_NO };

	if (!s->count)
		return r;
	begin(s, store, a);
	if (s->served[0]->malformed) {
		r.reason = s->served[0]->too_large ? PATH_LIMIT : PATH_MALFORMED;
		r.trusted = trusted(r.reason);
		tell_closest(s, &r);
		return r;
	}
	search(s, false);
	search_reason(s);
	r.reason = s->found_n ? PATH_OK : s->limit ? PATH_LIMIT : why_none(s);
	r.trusted = trusted(r.reason);
	r.paths = s->found;
	r.count = s->found_n;
	if (!r.count)
		tell_closest(s, &r);
	return r;
}

static void find_repeated(struct path_search *s)
{
	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < i && !s->repeated[i]; j++)
			s->repeated[i] = cert_same(s->served[i], s->served[j]);
}

struct path_search *path_search_new(struct cert *const *served, size_t count, int64_t at)
{
	struct path_search *s = mem_new(1, sizeof *s);

	s->served = served;
	s->count = count;
	s->rules.at = at;
	s->rules.issued = count ? served[0]->not_before : 0;
	s->wider.intermediates = SIZE_MAX;
	s->repeated = mem_new(count, sizeof *s->repeated);
	s->distance = mem_new(count, sizeof *s->distance);
	s->dead = mem_new(count, sizeof *s->dead);
	find_repeated(s);
	return s;
}

void path_search_rules(struct path_search *s, const struct path_rules *r)
{
	s->wider = *r;
	s->rules.profile = r->profile;
	s->rules.client = r->client;
}

void path_search_distrust(struct path_search *s, const struct known_keys *keys)
{
	s->rules.distrusted = keys;
}

void path_search_free(struct path_search *s)
{
	for (size_t i = 0; i < s->anchors_n; i++)
		cert_free(s->anchors[i].cert);
	free(s->anchors);
	free(s->repeated);
	free(s->distance);
	free(s->dead);
	free(s->edges);
	free(s->opinions);
	free(s->revocations);
	free(s);
}
