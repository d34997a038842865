#include "probes/sweep_parts.h"

#include "scanner/tls/keys.h"

const struct sweep *sweep_declared(const struct run *r)
{
	return r->probe->declaration;
}

struct axis *sweep_axis(struct run *r, enum dimension d)
{
	struct sweep_state *s = r->state;

	for (unsigned i = 0; i < sweep_declared(r)->axes_n; i++)
		if (s->axes[i].dimension == d)
			return &s->axes[i];
	return NULL;
}

struct codes sweep_reversed(struct run *r, enum dimension d, struct codes c)
{
	return codes_common_first(r->arena, d, codes_reversed(r->arena, c));
}

static struct codes as_declared(struct run *r, enum dimension d, struct codes c)
{
	return sweep_declared(r)->reversed ? sweep_reversed(r, d, c) : c;
}

bool sweep_is_ecdsa(const struct suite *s)
{
	return s->auth == AUTH_ECDSA;
}

/* The curve of the server's ECDSA certificate: without it on offer its suites are gone (RFC 8422 section 5.1). 0: none
 * is needed here. */
uint16_t sweep_needed_curve(struct run *r)
{
	const struct sweep *d = sweep_declared(r);

	if (!d->suites || d->version >= VER_TLS13 || !facts_takes(r->facts, d->version, sweep_is_ecdsa) ||
		(d->cert != KEY_NONE && d->cert != KEY_ECDSA))
		return 0;
	for (size_t i = 0; i < r->facts->count; i++)
		if (choice_picked(&r->facts->choices[i], d->version) && r->facts->choices[i].cert_curve)
			return r->facts->choices[i].cert_curve;
	return 0;
}

/* An axis that is exhausted, or held still for one question, offers what is known to work. */
struct codes sweep_axis_offer(struct run *r, const struct axis *a, bool held)
{
	struct sweep_state *s = r->state;
	struct list l = list_copy(r->arena, list_codes(a->done || held ? &a->seen : &a->left));

	uint16_t curve = a->done || held ? sweep_needed_curve(r) : s->anchor;

	if (a->dimension == DIM_GROUPS && curve && !list_has(&l, curve))
		list_add(r->arena, &l, curve);
	return list_codes(&l);
}

void sweep_put_axis(struct hello *h, enum dimension d, struct codes c)
{
	if (d == DIM_SUITES)
		h->suites = c;
	else if (d == DIM_GROUPS)
		h->groups = c;
	else
		h->schemes = c;
}

/* Groups that a stack without retries may have, and whose share costs little: the curves in wide use, and hybrids. */
static bool is_shared(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && keys_share_size((uint16_t)code) && (g->use & GROUP_TLS12 || g->kind == GROUP_HYBRID) &&
	       (g->kind == GROUP_EC_PRIME || g->kind == GROUP_MONTGOMERY || g->kind == GROUP_HYBRID);
}

/* Shares for those; the large ones only when nothing else is left to offer. */
static struct codes shares_for(struct run *r, struct codes groups_)
{
	enum { SMALL = 200 };
	struct list small = { 0 }, large = { 0 };

	for (size_t i = 0; i < groups_.n; i++) {
		if (is_shared(groups_.v[i]))
			list_add(r->arena, keys_share_size((uint16_t)groups_.v[i]) <= SMALL ? &small : &large,
				groups_.v[i]);
	}
	return list_codes(small.n ? &small : &large);
}

bool sweep_is_not_ecc(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return !s || !suite_is_ecc(s);
}

/* Some servers do not forgive SSL 3.0 a suite that it cannot have (Java's). */
static void without_ecc(struct run *r, struct hello *h)
{
	struct list l = { 0 };

	for (size_t i = 0; i < h->suites.n; i++)
		if (sweep_is_not_ecc(h->suites.v[i]))
			list_add(r->arena, &l, h->suites.v[i]);
	h->suites = list_codes(&l);
}

void sweep_word(struct run *r, struct hello *h, enum sweep_form form)
{
	if (form == FORM_BARE && h->version == VER_SSL3)
		without_ecc(r, h);
	if (form == FORM_BARE) {
		h->offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
		h->groups = h->schemes = (struct codes){ 0 };
	}
	if (form == FORM_SHARES) {
		h->shares = shares_for(r, h->groups);
		h->offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	}
}

struct hello sweep_base_hello(struct run *r)
{
	const struct sweep *d = sweep_declared(r);
	struct hello h = offer_everything(r->arena, r->facts, d->version);

	if (d->suites)
		h.suites = offer_taken(r->arena, r->facts, d->version, d->suites);
	if (d->groups)
		h.groups = d->groups(r->arena);
	h.groups = as_declared(r, DIM_GROUPS, h.groups);
	h.schemes = as_declared(r, DIM_SCHEMES, h.schemes);
	return h;
}

bool sweep_seen_any(struct run *r)
{
	struct sweep_state *s = r->state;

	return s->axes[0].seen.n > 0;
}

/*
 * While suites are swept up to TLS 1.2, what has not been seen of the other lists is moved to their front. Nothing is
 * taken away, so the server's choice of suite is not disturbed; one that heeds the client's order tells more each time.
 */
static struct codes unseen_first(struct run *r, enum dimension d, struct codes all)
{
	struct codes seen = facts_taken(r->facts, d, sweep_declared(r)->version, KEY_NONE);
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.n; i++)
			if (codes_has(seen, all.v[i]) == (pass == 1))
				list_add(r->arena, &l, all.v[i]);
	return codes_common_first(r->arena, d, list_codes(&l));
}

void sweep_turn_lists(struct run *r, struct hello *h)
{
	if (sweep_declared(r)->axes[0] != DIM_SUITES || sweep_declared(r)->version >= VER_TLS13 || !sweep_seen_any(r))
		return;
	h->groups = unseen_first(r, DIM_GROUPS, h->groups);
	h->schemes = unseen_first(r, DIM_SCHEMES, h->schemes);
}
