#include "scanner/trust/policy.h"

#include "scanner/trust/cert.h"

enum { POLICIES_MAX = 128 };

/* 2.5.29.32.0 */
static const uint8_t any_policy[] = { 0x55, 0x1D, 0x20, 0x00 };

struct policies {
	struct span oid[POLICIES_MAX];
	size_t n;
	bool any, full;
};

/*
 * One level of the valid policy tree (section 6.1.2 (a)): which policies the next certificate is expected to name.
 * For a user who takes any policy it is enough to know the lowest level: a node without children is never looked at
 * again.
 */
struct state {
	struct policies expected;
	size_t explicit_in, mapping_in, any_in; /* certificates until each begins to count */
};

static bool same_oid(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool is_any(struct span oid)
{
	return same_oid(oid, (struct span){ any_policy, sizeof any_policy });
}

static bool holds(const struct policies *p, struct span oid)
{
	for (size_t i = 0; i < p->n; i++)
		if (same_oid(p->oid[i], oid))
			return true;
	return false;
}

static void add(struct policies *p, struct span oid)
{
	if (is_any(oid)) {
		p->any = true;
	} else if (!holds(p, oid)) {
		p->full |= p->n == POLICIES_MAX;
		if (!p->full)
			p->oid[p->n++] = oid;
	}
}

static bool is_empty(const struct policies *p)
{
	return !p->n && !p->any;
}

/* ---- the extensions -------------------------------------------------------------------------- */

static bool read_policies(const struct cert *c, struct policies *p)
{
	struct rd all = rd_span(c->exts[CERT_EXT_POLICIES]), list = der_enter(&all, DER_SEQUENCE), one;

	while (rd_left(&list)) {
		one = der_enter(&list, DER_SEQUENCE);
		add(p, der_take(&one, DER_OID));
		list.bad |= one.bad;
	}
	return rd_end(&list) && rd_end(&all);
}

static bool read_count(struct rd *list, uint8_t tag, size_t *count)
{
	struct rd body;
	int64_t n;

	if (!der_maybe(list, (uint8_t)DER_CONTEXT(tag), &body))
		return !list->bad;
	n = der_small(rd_rest(&body));
	if (n < 0)
		return false;
	if ((size_t)n < *count)
		*count = (size_t)n;
	return true;
}

static bool read_constraints(const struct cert *c, struct state *s)
{
	struct rd all = rd_span(c->exts[CERT_EXT_POLICY_CONSTRAINTS]), list;

	if (!c->exts[CERT_EXT_POLICY_CONSTRAINTS].p)
		return true;
	list = der_enter(&all, DER_SEQUENCE);
	return read_count(&list, 0, &s->explicit_in) && read_count(&list, 1, &s->mapping_in) && rd_end(&list) &&
	       rd_end(&all);
}

static bool read_inhibit(const struct cert *c, struct state *s)
{
	struct rd all = rd_span(c->exts[CERT_EXT_INHIBIT_ANY_POLICY]);
	int64_t n;

	if (!c->exts[CERT_EXT_INHIBIT_ANY_POLICY].p)
		return true;
	n = der_small(der_take(&all, DER_INTEGER));
	if (n >= 0 && (size_t)n < s->any_in)
		s->any_in = (size_t)n;
	return n >= 0 && rd_end(&all);
}

/* ---- section 6.1.3 (d), (e) ------------------------------------------------------------------ */

static enum policy_verdict take_policies(const struct cert *c, struct state *s, bool any_allowed)
{
	struct policies named = { 0 }, valid = { 0 };

	if (c->exts[CERT_EXT_POLICIES].p && !read_policies(c, &named))
		return POLICY_BAD;
	for (size_t i = 0; i < named.n; i++)
		if (s->expected.any || holds(&s->expected, named.oid[i]))
			add(&valid, named.oid[i]);
	if (named.any && any_allowed)
		for (size_t i = 0; i < s->expected.n; i++)
			add(&valid, s->expected.oid[i]);
	valid.any = named.any && any_allowed && s->expected.any;
	valid.full |= named.full;
	s->expected = valid;
	return valid.full ? POLICY_LIMIT : POLICY_VALID;
}

/* ---- section 6.1.4 (a), (b) ------------------------------------------------------------------ */

struct mapping {
	struct span from, to;
};

static bool next_mapping(struct rd *list, struct mapping *m)
{
	struct rd pair;

	if (!rd_left(list))
		return false;
	pair = der_enter(list, DER_SEQUENCE);
	m->from = der_take(&pair, DER_OID);
	m->to = der_take(&pair, DER_OID);
	if (!rd_end(&pair))
		list->bad = true;
	return !list->bad;
}

static bool is_mapped(struct rd list, struct span oid)
{
	struct mapping m;

	while (next_mapping(&list, &m))
		if (same_oid(m.from, oid))
			return true;
	return false;
}

static enum policy_verdict map_policies(const struct cert *c, struct state *s)
{
	struct rd all = rd_span(c->exts[CERT_EXT_POLICY_MAPPINGS]), list, walk;
	struct policies after = { .any = s->expected.any };
	struct mapping m;

	if (!c->exts[CERT_EXT_POLICY_MAPPINGS].p)
		return POLICY_VALID;
	list = walk = der_enter(&all, DER_SEQUENCE);
	for (size_t i = 0; i < s->expected.n; i++)
		if (!is_mapped(list, s->expected.oid[i]))
			add(&after, s->expected.oid[i]);
	while (next_mapping(&walk, &m)) {
		if (is_any(m.from) || is_any(m.to))
			return POLICY_MAPPING;
		if (s->mapping_in && (s->expected.any || holds(&s->expected, m.from)))
			add(&after, m.to);
	}
	s->expected = after;
	return !rd_end(&walk) || !rd_end(&all) ? POLICY_BAD : after.full ? POLICY_LIMIT : POLICY_VALID;
}

static void count_down(size_t *n)
{
	*n -= *n > 0;
}

/* Section 6.1.4: the next certificate is below this one. */
static enum policy_verdict prepare_next(const struct cert *c, struct state *s)
{
	enum policy_verdict v = map_policies(c, s);

	if (!cert_self_issued(c)) {
		count_down(&s->explicit_in);
		count_down(&s->mapping_in);
		count_down(&s->any_in);
	}
	return v == POLICY_VALID && (!read_constraints(c, s) || !read_inhibit(c, s)) ? POLICY_BAD : v;
}

/* Section 6.1.5 (a), (b): a count in the leaf matters only when it is 0. */
static enum policy_verdict wrap_up(const struct cert *c, struct state *s)
{
	struct state of_leaf = { .explicit_in = 1, .mapping_in = 1 };

	count_down(&s->explicit_in);
	if (!read_constraints(c, &of_leaf))
		return POLICY_BAD;
	if (!of_leaf.explicit_in)
		s->explicit_in = 0;
	return s->explicit_in || !is_empty(&s->expected) ? POLICY_VALID : POLICY_NONE;
}

static bool matters(const struct cert *const *path, size_t n)
{
	static const enum cert_ext exts[] = { CERT_EXT_POLICIES, CERT_EXT_POLICY_MAPPINGS,
		CERT_EXT_POLICY_CONSTRAINTS, CERT_EXT_INHIBIT_ANY_POLICY };

	for (size_t i = 0; i + 1 < n; i++)
		for (size_t e = 0; e < sizeof exts / sizeof *exts; e++)
			if (path[i]->exts[exts[e]].p)
				return true;
	return false;
}

enum policy_verdict policy_check(const struct cert *const *path, size_t n)
{
	struct state s = { .expected = { .any = true }, .explicit_in = n, .mapping_in = n, .any_in = n };
	enum policy_verdict v = POLICY_VALID;

	if (!matters(path, n))
		return POLICY_VALID;
	for (size_t i = n - 1; i-- > 0 && v == POLICY_VALID;) {
		v = take_policies(path[i], &s, s.any_in || (i && cert_self_issued(path[i])));
		if (v == POLICY_VALID && !s.explicit_in && is_empty(&s.expected))
			return POLICY_NONE;
		if (v == POLICY_VALID)
			v = i ? prepare_next(path[i], &s) : wrap_up(path[i], &s);
	}
	return v;
}
