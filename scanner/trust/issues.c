#include "scanner/trust/issues.h"

#include <string.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/path.h"
#include "scanner/trust/store.h"
#include "scanner/trust/traits.h"

struct chain {
	const struct issues_input *in;
	struct cert *const *certs;
	size_t n;
	bool reached[ISSUES_CERTS_MAX]; /* by signatures that hold, from the leaf up */
	bool again[ISSUES_CERTS_MAX];	/* it stands earlier, too */
};

/* ---- who leads to whom ----------------------------------------------------------------------- */

static bool stands_earlier(const struct chain *c, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (cert_same(c->certs[i], c->certs[at]))
			return true;
	return false;
}

static void find_again(struct chain *c)
{
	for (size_t i = 1; i < c->n; i++)
		c->again[i] = stands_earlier(c, i);
}

static bool issued(const struct chain *c, size_t child, size_t issuer)
{
	return child != issuer && path_signed(c->in->search, c->certs[child], c->certs[issuer]);
}

static bool reach_more(struct chain *c)
{
	bool more = false;

	for (size_t i = 0; i < c->n; i++)
		for (size_t j = 1; c->reached[i] && j < c->n; j++)
			if (!c->reached[j] && !c->again[j] && issued(c, i, j))
				c->reached[j] = more = true;
	return more;
}

static void reach(struct chain *c)
{
	c->reached[0] = true;
	while (reach_more(c))
		;
}

static bool has_issuer(const struct chain *c, size_t child)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->reached[i] && issued(c, child, i))
			return true;
	return false;
}

/* ---- the chain and the stores ---------------------------------------------------------------- */

static bool is_anchored(const struct chain *c, size_t at)
{
	struct span der;

	for (struct store *const *s = c->in->stores; *s; s++)
		if (store_next(*s, c->certs[at], &(size_t){ 0 }, &der))
			return true;
	return false;
}

static bool is_incomplete(const struct chain *c)
{
	if (!c->in->stores || !*c->in->stores || c->in->trusted || c->in->cut || c->certs[0]->malformed)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->reached[i] && !has_issuer(c, i) && (c->in->self_signed[i] || is_anchored(c, i)))
			return false;
	return true;
}

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* Two authorities vouch for the same one. A root in a new dress (its own issuer, both times) is none of that. */
static bool are_crossed(const struct cert *a, const struct cert *b)
{
	return !a->malformed && !b->malformed && same_bytes(a->subject_canon, b->subject_canon) &&
	       same_bytes(a->spki, b->spki) && !same_bytes(a->issuer_canon, b->issuer_canon);
}

static bool is_crossed_in(const struct chain *c, size_t at, size_t child, const struct store *store)
{
	struct span der;
	size_t next = 0;
	bool crossed = false;

	while (!crossed && store_next(store, c->certs[child], &next, &der)) {
		struct cert *anchor = cert_parse(der.p, der.n);

		crossed = are_crossed(c->certs[at], anchor);
		cert_free(anchor);
	}
	return crossed;
}

/* An anchor with its name is asked for by way of a certificate that both certify. */
static bool is_crossed_in_a_store(const struct chain *c, size_t at)
{
	for (size_t child = 0; child < c->n; child++)
		for (struct store *const *s = c->in->stores; s && *s; s++)
			if (c->reached[child] && issued(c, child, at) && is_crossed_in(c, at, child, *s))
				return true;
	return false;
}

static bool has_crossed(const struct chain *c)
{
	for (size_t i = 1; i < c->n; i++) {
		if (!c->reached[i])
			continue;
		for (size_t j = i + 1; j < c->n; j++)
			if (c->reached[j] && are_crossed(c->certs[i], c->certs[j]))
				return true;
		if (is_crossed_in_a_store(c, i))
			return true;
	}
	return false;
}

/* ---- order and number ------------------------------------------------------------------------ */

static bool certifies_an_earlier_one(const struct chain *c, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (issued(c, i, at))
			return true;
	return false;
}

/* Each certificate is to stand after one that it certifies (RFC 5246 section 7.4.2; RFC 8446 allows other
 * orders). */
static bool is_in_wrong_order(const struct chain *c)
{
	for (size_t i = 1; i < c->n; i++)
		if ((c->reached[i] && !certifies_an_earlier_one(c, i)) ||
		        (!c->in->self_signed[i] && issued(c, i, 0)))
			return true;
	return false;
}

static bool has_unneeded(const struct chain *c)
{
	for (size_t i = 1; i < c->n; i++)
		if (!c->reached[i] && !c->again[i] && !c->certs[0]->malformed)
			return true;
	return false;
}

static bool has_duplicate(const struct chain *c)
{
	for (size_t i = 1; i < c->n; i++)
		if (c->again[i])
			return true;
	return false;
}

static bool has_root(const struct chain *c)
{
	for (size_t i = 1; i < c->n; i++)
		if (c->reached[i] && c->in->self_signed[i])
			return true;
	return false;
}

static bool is_self_signed(const struct chain *c)
{
	return c->in->self_signed[0];
}

/* ---- time and form --------------------------------------------------------------------------- */

static bool has_late(const struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->reached[i] && !c->certs[i]->malformed && c->in->at > c->certs[i]->not_after)
			return true;
	return false;
}

/* A trusted path has no expired certificate on it. */
static bool has_expired(const struct chain *c)
{
	return !c->in->trusted && has_late(c);
}

static bool has_expired_beside(const struct chain *c)
{
	return c->in->trusted && has_late(c);
}

static bool has_early(const struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->reached[i] && !c->certs[i]->malformed && c->in->at < c->certs[i]->not_before)
			return true;
	return false;
}

static bool has_malformed(const struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->certs[i]->malformed || c->certs[i]->bad_ext)
			return true;
	return false;
}

static bool is_cut(const struct chain *c)
{
	return c->in->cut;
}

static const struct issue {
	const char *word;
	bool (*holds)(const struct chain *);
	bool by_absence; /* of a signature */
} issues[] = {
	{ "incomplete", is_incomplete, true },
	{ "wrong_order", is_in_wrong_order, true },
	{ "unneeded", has_unneeded, true },
	{ "duplicate", has_duplicate, false },
	{ "root_sent", has_root, false },
	{ "self_signed", is_self_signed, false },
	{ "cross_signed", has_crossed, false },
	{ "expired", has_expired, false },
	{ "expired_beside", has_expired_beside, false },
	{ "not_yet_valid", has_early, false },
	{ "malformed", has_malformed, false },
	{ "cut", is_cut, false },
};

_Static_assert(sizeof issues / sizeof *issues == ISSUES_MAX, "room for every word");

/* Where the chain breaks off; one that names a place for its issuer is better. */
static const struct cert *end_of(const struct chain *c)
{
	const struct cert *end = NULL;

	for (size_t i = 0; i < c->n; i++)
		if (c->reached[i] && !has_issuer(c, i) && (!end || (!cert_names_issuer(end) && cert_names_issuer(c->certs[i]))))
			end = c->certs[i];
	return end;
}

size_t issues_find(const struct issues_input *in, const char *words[static ISSUES_MAX], const struct cert **end)
{
	struct chain c = { .in = in, .certs = in->certs, .n = in->n };
	size_t n = 0;

	*end = NULL;
	find_again(&c);
	reach(&c);
	for (size_t i = 0; i < ISSUES_MAX; i++)
		if (issues[i].holds(&c) && !(issues[i].by_absence && path_signatures_spent(in->search)))
			words[n++] = issues[i].word;
	if (n && !strcmp(words[0], "incomplete"))
		*end = end_of(&c);
	return n;
}
