#include "scanner/trust/path.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/constraint.h"
#include "scanner/trust/seal.h"

enum { RSA_BITS_MIN = 1024, CURVE_BITS_MIN = 224 };

/* A signature that was checked. */
struct edge {
	const struct cert *child, *issuer;
	enum seal_verdict verdict;
};

struct anchor {
	struct span der;
	struct cert *cert;
};

struct path_search {
	struct cert *const *served;
	size_t count;
	int64_t at;
	struct edge *edges; /* grows by doubling, as the anchors do */
	size_t edges_n, signatures;
	struct anchor *anchors;
	size_t anchors_n;

	/* of the store that is searched */
	const struct store *store;
	struct arena *arena;
	size_t steps, comparisons;
	const struct cert *path[PATH_CERTS_MAX];
	enum path_reason worst[PATH_CERTS_MAX]; /* of the path up to here */
	size_t level;                           /* certificates in the paths that are looked for */
	bool explain;                           /* follow paths that fail, to say why */
	bool deeper;                            /* a longer path may exist */
	bool bad_signature, unsupported, limit;
	enum path_reason best;
	const char **found;
	size_t found_n;
};

const char *path_reason_name(enum path_reason r)
{
	static const char *const names[] = {
		[PATH_OK] = NULL,
		[PATH_EXPIRED] = "expired",
		[PATH_NOT_YET_VALID] = "not_yet_valid",
		[PATH_PURPOSE] = "purpose",
		[PATH_WEAK_SIGNATURE] = "weak_signature",
		[PATH_WEAK_KEY] = "weak_key",
		[PATH_LENGTH] = "path_length",
		[PATH_NAME_CONSTRAINT] = "name_constraint",
		[PATH_CRITICAL_EXTENSION] = "critical_extension",
		[PATH_NOT_CA] = "not_ca",
		[PATH_MALFORMED] = "malformed",
		[PATH_BAD_SIGNATURE] = "bad_signature",
		[PATH_SELF_SIGNED] = "self_signed",
		[PATH_UNKNOWN_ISSUER] = "unknown_issuer",
		[PATH_UNSUPPORTED_SIGNATURE] = "unsupported_signature",
		[PATH_LIMIT] = "limit",
	};

	return names[r];
}

static enum path_reason worse(enum path_reason a, enum path_reason b)
{
	return a > b ? a : b;
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

static void keep_edge(struct path_search *s, struct edge e)
{
	if (!(s->edges_n & (s->edges_n - 1)))
		s->edges = mem_grow(s->edges, s->edges_n ? 2 * s->edges_n : 1, sizeof *s->edges);
	s->edges[s->edges_n++] = e;
}

static enum seal_verdict verify(struct path_search *s, const struct cert *child, const struct cert *issuer)
{
	struct edge e = { child, issuer, SEAL_FAILS };

	for (size_t i = 0; i < s->edges_n; i++)
		if (s->edges[i].child == child && same_key(s->edges[i].issuer, issuer))
			return s->edges[i].verdict;
	if (s->signatures == PATH_SIGNATURES_MAX) {
		s->limit = true;
		return SEAL_FAILS;
	}
	s->signatures++;
	e.verdict = seal_check(child, issuer);
	keep_edge(s, e);
	return e.verdict;
}

bool path_signed(struct path_search *s, const struct cert *child, const struct cert *issuer)
{
	return cert_issued_in_name_of(child, issuer) && verify(s, child, issuer) == SEAL_HOLDS;
}

/* ---- rules: of any certificate --------------------------------------------------------------- */

static enum path_reason check_form(const struct path_search *s, const struct cert *c)
{
	(void)s;
	if (c->exts_cut)
		return PATH_LIMIT;
	return c->malformed || c->bad_ext || c->bad_time || (c->version < 3 && c->exts_count) ? PATH_MALFORMED
	                                                                                      : PATH_OK;
}

static enum path_reason check_dates(const struct path_search *s, const struct cert *c)
{
	if (s->at < c->not_before)
		return PATH_NOT_YET_VALID;
	return s->at > c->not_after ? PATH_EXPIRED : PATH_OK;
}

static enum path_reason check_critical(const struct path_search *s, const struct cert *c)
{
	(void)s;
	return c->critical_unknown ? PATH_CRITICAL_EXTENSION : PATH_OK;
}

static bool rsa_is_weak(const struct cert *c)
{
	return c->key_bits < RSA_BITS_MIN || c->key_bits > SEAL_RSA_BITS_MAX || !c->rsa_e.n ||
	       c->rsa_e.n > 8 || !(c->rsa_e.p[c->rsa_e.n - 1] & 1) || (c->rsa_e.n == 1 && c->rsa_e.p[0] == 1);
}

static enum path_reason check_key(const struct path_search *s, const struct cert *c)
{
	(void)s;
	if (c->key == KEY_RSA || c->key == KEY_RSA_PSS)
		return rsa_is_weak(c) ? PATH_WEAK_KEY : PATH_OK;
	if (c->key == KEY_ECDSA || c->key == KEY_SM2)
		return !c->curve || c->key_bits < CURVE_BITS_MIN ? PATH_WEAK_KEY : PATH_OK;
	return PATH_OK;
}

static enum path_reason (*const any_rules[])(const struct path_search *, const struct cert *) = {
	check_form,
	check_dates,
	check_critical,
	check_key,
};

static enum path_reason check_any(const struct path_search *s, const struct cert *c)
{
	enum path_reason r = PATH_OK;

	for (size_t i = 0; i < sizeof any_rules / sizeof *any_rules; i++)
		r = worse(r, any_rules[i](s, c));
	return r;
}

/* RFC 5280 section 4.2.1.12; "any" does not make a server of a leaf (CA/Browser Forum 7.1.2.7.10). */
static enum path_reason check_leaf(const struct path_search *s, const struct cert *c)
{
	enum path_reason r = check_any(s, c);

	if (c->has_purposes && !(c->purposes & PURPOSE_SERVER))
		r = worse(r, PATH_PURPOSE);
	return r;
}

/* ---- rules: of an issuer, about to stand after n certificates -------------------------------- */

struct step {
	struct path_search *s;
	const struct cert *issuer;
	bool anchor;
	size_t n;
};

static enum path_reason check_ca(const struct step *t)
{
	const struct cert *c = t->issuer;
	bool old_anchor = t->anchor && c->version < 3;

	if (!c->is_ca && !old_anchor)
		return PATH_NOT_CA;
	return c->has_key_usage && !(c->key_usage & KEY_USAGE_CERT_SIGN) ? PATH_NOT_CA : PATH_OK;
}

/* RFC 5280 section 6.1.4 (l): certificates between issuer and leaf, self-issued ones not counted. */
static enum path_reason check_length(const struct step *t)
{
	int64_t between = 0;

	for (size_t i = 1; i < t->n; i++)
		between += !cert_self_issued(t->s->path[i]);
	return t->issuer->path_length >= 0 && between > t->issuer->path_length ? PATH_LENGTH : PATH_OK;
}

static enum path_reason check_purpose(const struct step *t)
{
	const struct cert *c = t->issuer;

	if (t->anchor || !c->has_purposes || c->purposes & (PURPOSE_SERVER | PURPOSE_ANY))
		return PATH_OK;
	return PATH_PURPOSE;
}

/* RFC 5280 section 6.1.3 (b): self-issued certificates are exempt, but for the leaf. */
static enum path_reason check_constraints(const struct step *t)
{
	static const enum path_reason reasons[] = {
		[CONSTRAINT_KEPT] = PATH_OK,
		[CONSTRAINT_BROKEN] = PATH_NAME_CONSTRAINT,
		[CONSTRAINT_BAD] = PATH_MALFORMED,
		[CONSTRAINT_LIMIT] = PATH_LIMIT,
	};
	enum path_reason r = PATH_OK;

	for (size_t i = 0; i < t->n; i++)
		if (i == 0 || !cert_self_issued(t->s->path[i]))
			r = worse(r, reasons[constraint_check(t->issuer, t->s->path[i], &t->s->comparisons)]);
	return r;
}

/* The signature that the issuer is to have made. */
static enum path_reason check_algorithm(const struct step *t)
{
	const struct cert *child = t->s->path[t->n - 1];

	if (child->seal_mismatch)
		return PATH_BAD_SIGNATURE;
	return child->seal && child->seal->strength != SEAL_SOUND ? PATH_WEAK_SIGNATURE : PATH_OK;
}

static enum path_reason (*const issuer_rules[])(const struct step *) = {
	check_ca,
	check_length,
	check_purpose,
	check_algorithm,
	check_constraints,
};

static enum path_reason check_issuer(const struct step *t)
{
	enum path_reason r = check_any(t->s, t->issuer);

	for (size_t i = 0; i < sizeof issuer_rules / sizeof *issuer_rules; i++)
		if (r == PATH_OK || t->s->explain)
			r = worse(r, issuer_rules[i](t));
	return r;
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

static void add_found(struct path_search *s, size_t n)
{
	struct text t = { 0 };

	if (s->found_n == PATH_FOUND_MAX)
		return;
	for (size_t i = 0; i < n; i++)
		text_fmt(&t, "%s%s", i ? " " : "", text_hex(s->arena, s->path[i]->sha256, CERT_SHA256));
	s->found[s->found_n++] = arena_text(s->arena, text_str(&t));
	text_free(&t);
}

/* A path of n certificates that ends in an anchor. */
static void end_path(struct path_search *s, size_t n)
{
	enum path_reason r = s->worst[n - 1];

	if (r == PATH_OK)
		add_found(s, n);
	if (r < s->best)
		s->best = r;
}

/* The same subject and key twice makes no path better. */
static bool on_path(const struct path_search *s, size_t n, const struct cert *c)
{
	for (size_t i = 0; i < n; i++)
		if (s->path[i] == c ||
		        (s->path[i]->subject_hash == c->subject_hash && same_key(s->path[i], c)))
			return true;
	return false;
}

/* The key identifiers name another key: a hint, not a rule (RFC 5280 section 4.2.1.1). */
static bool is_unlikely(const struct cert *child, const struct cert *issuer)
{
	return child->issuer_key_id.n && issuer->key_id.n &&
	       !same_bytes(child->issuer_key_id, issuer->key_id);
}

/*
 * Did the issuer sign what it is to stand above? What cannot be checked is followed where the path has failed
 * already: a key of 65,536 bits or an MD2 signature are reasons enough.
 */
static bool signature_holds(
        struct path_search *s, const struct cert *child, const struct cert *issuer, enum path_reason r)
{
	enum seal_verdict v = verify(s, child, issuer);

	if (v == SEAL_UNSUPPORTED && r != PATH_OK)
		return true;
	s->unsupported |= v == SEAL_UNSUPPORTED;
	s->bad_signature |= v == SEAL_FAILS && !is_unlikely(child, issuer);
	return v == SEAL_HOLDS;
}

static bool spend_step(struct path_search *s)
{
	if (s->steps == 0) {
		s->limit = true;
		return false;
	}
	s->steps--;
	return true;
}

static void explore(struct path_search *, size_t n);

/* The last of n certificates was added. A path that ends before its length was found before. */
static void go_on(struct path_search *s, size_t n, bool anchor)
{
	if (anchor && n == s->level)
		end_path(s, n);
	else if (!anchor && n < s->level)
		explore(s, n);
	else if (!anchor)
		s->deeper = true;
}

static void try_issuer(struct path_search *s, size_t n, const struct cert *issuer, bool anchor)
{
	const struct cert *child = s->path[n - 1];
	enum path_reason r;

	if (!spend_step(s) || !cert_issued_in_name_of(child, issuer) || on_path(s, n, issuer))
		return;
	r = check_issuer(&(struct step){ s, issuer, anchor, n });
	s->limit |= r == PATH_LIMIT;
	if ((r != PATH_OK && !s->explain) || !signature_holds(s, child, issuer, r))
		return;
	s->path[n] = issuer;
	s->worst[n] = worse(s->worst[n - 1], r);
	go_on(s, n + 1, anchor);
}

static void try_anchors(struct path_search *s, size_t n, bool unlikely)
{
	const struct cert *child = s->path[n - 1];
	struct span der;

	for (size_t at = 0; store_next(s->store, child, &at, &der);) {
		const struct cert *c = anchor_of(s, der);

		if (is_unlikely(child, c) == unlikely)
			try_issuer(s, n, c, true);
	}
}

static void try_served(struct path_search *s, size_t n, bool unlikely)
{
	const struct cert *child = s->path[n - 1];

	for (size_t i = 0; i < s->count; i++) {
		const struct cert *c = s->served[i];

		if (c->subject_hash == child->issuer_hash && !c->malformed &&
		        is_unlikely(child, c) == unlikely)
			try_issuer(s, n, c, false);
	}
}

/* Anchors come first, since a path ends there; then what names the right key, then the rest. */
static void explore(struct path_search *s, size_t n)
{
	for (int unlikely = 0; unlikely < 2; unlikely++) {
		try_anchors(s, n, unlikely);
		try_served(s, n, unlikely);
	}
}

/* One length after the other, so that no maze of long paths hides a short one. */
static void search(struct path_search *s, bool explain)
{
	s->explain = explain;
	s->steps = PATH_STEPS_MAX;
	s->comparisons = PATH_COMPARISONS_MAX;
	s->path[0] = s->served[0];
	s->worst[0] = check_leaf(s, s->served[0]);
	s->limit |= s->worst[0] == PATH_LIMIT;
	if (s->worst[0] != PATH_OK && !explain)
		return;
	if (store_has(s->store, s->served[0]))
		end_path(s, 1);
	s->deeper = true;
	for (s->level = 2; s->level <= PATH_CERTS_MAX && s->deeper; s->level++) {
		s->deeper = false;
		explore(s, 1);
	}
}

static enum path_reason why_none(const struct path_search *s)
{
	if (s->best < PATH_LIMIT)
		return s->best;
	if (s->limit)
		return PATH_LIMIT;
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

	if (!s->found_n)
		search(s, true);
	s->limit = limit;
}

struct path_result path_find(struct path_search *s, const struct store *store, struct arena *a)
{
	struct path_result r = { .reason = PATH_MALFORMED };

	if (!s->count || s->served[0]->malformed) {
		r.trusted = TRI_NO;
		return r;
	}
	s->store = store;
	s->arena = a;
	s->best = PATH_LIMIT;
	s->bad_signature = s->unsupported = s->limit = false;
	s->found = arena_new(a, PATH_FOUND_MAX, sizeof *s->found);
	s->found_n = 0;
	search(s, false);
	search_reason(s);
	r.reason = s->found_n ? PATH_OK : s->limit ? PATH_LIMIT : why_none(s);
	r.trusted = trusted(r.reason);
	r.paths = s->found;
	r.count = s->found_n;
	return r;
}

struct path_search *path_search_new(struct cert *const *served, size_t count, int64_t at)
{
	struct path_search *s = mem_new(1, sizeof *s);

	s->served = served;
	s->count = count;
	s->at = at;
	return s;
}

void path_search_free(struct path_search *s)
{
	for (size_t i = 0; i < s->anchors_n; i++)
		cert_free(s->anchors[i].cert);
	free(s->anchors);
	free(s->edges);
	free(s);
}
