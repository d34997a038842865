#include "scanner/trust/differ.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/pem.h"

enum { LEAVES_MAX = 16, CERTS_MAX = 64, DAY = 86400 };

struct leaves {
	const struct cert_info *v[LEAVES_MAX];
	size_t n;
};

/* ---- the leaves ------------------------------------------------------------------------------ */

static void keep(struct leaves *l, const struct cert_info *c)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == c)
			return;
	if (c && !c->malformed && l->n < LEAVES_MAX)
		l->v[l->n++] = c;
}

static struct leaves leaves_of(const struct record *r, bool (*is)(const struct obs *))
{
	struct leaves l = { 0 };

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_CHAIN_SERVED && o->count && is(o))
			keep(&l, record_cert(r, o->names[0]));
	}
	return l;
}

static bool is_any(const struct obs *o)
{
	return o != NULL;
}

static bool is_named(const struct obs *o)
{
	return o->sni == TRI_YES;
}

static bool is_nameless(const struct obs *o)
{
	return o->sni == TRI_NO;
}

static bool is_leaf(const struct leaves *l, const struct cert_info *c)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == c)
			return true;
	return false;
}

/* Those of `l` that are not among `others`. */
static struct leaves leaves_beside(const struct leaves *l, const struct leaves *others)
{
	struct leaves beside = { 0 };

	for (size_t i = 0; i < l->n; i++)
		if (!is_leaf(others, l->v[i]))
			keep(&beside, l->v[i]);
	return beside;
}

/* ---- what may differ ------------------------------------------------------------------------- */

static bool has_name(const struct cert_info *c, const char *name)
{
	for (size_t i = 0; i < c->dns_names_count; i++)
		if (!strcmp(c->dns_names[i], name))
			return true;
	return false;
}

static bool has_names_of(const struct cert_info *a, const struct cert_info *b)
{
	for (size_t i = 0; i < b->dns_names_count; i++)
		if (!has_name(a, b->dns_names[i]))
			return false;
	return true;
}

bool differ_in_names(const struct cert_info *a, const struct cert_info *b)
{
	return !has_names_of(a, b) || !has_names_of(b, a);
}

bool differ_in_expiry(const struct cert_info *a, const struct cert_info *b)
{
	int64_t apart = a->not_after - b->not_after;

	return (apart < 0 ? -apart : apart) > (int64_t)DIFFER_EXPIRY_DAYS * DAY;
}

/* "O=Example" of an issuer; all of it where it names no organisation: authorities sign by algorithm, under one O. */
static struct span organisation(const char *issuer)
{
	const char *at = issuer;

	while (at && strncmp(at, "O=", 2)) {
		at = strchr(at, ',');
		at = at ? at + 1 : NULL;
	}
	at = at ? at : issuer;
	return (struct span){ (const uint8_t *)at, at == issuer ? strlen(at) : strcspn(at, ",") };
}

bool differ_in_issuer(const struct cert_info *a, const struct cert_info *b)
{
	struct span x = organisation(a->issuer), y = organisation(b->issuer);

	return x.n != y.n || memcmp(x.p, y.p, x.n);
}

/* Certificates with no name in common are for different services, each with dates and an authority of its own. */
static bool for_one_service(const struct cert_info *a, const struct cert_info *b)
{
	for (size_t i = 0; i < b->dns_names_count; i++)
		if (has_name(a, b->dns_names[i]))
			return true;
	return !a->dns_names_count && !b->dns_names_count;
}

static const struct difference {
	const char *word;
	bool (*differ)(const struct cert_info *, const struct cert_info *);
	bool of_one_service; /* with and without a server name: only where both are for one service */
} differences[] = { { "names", differ_in_names, false }, { "expiry", differ_in_expiry, true },
	{ "issuer", differ_in_issuer, true } };

enum { WORDS = sizeof differences / sizeof *differences };

static bool any_pair(const struct leaves *l, const struct difference *d)
{
	for (size_t i = 1; i < l->n; i++)
		for (size_t k = 0; k < i; k++)
			if (d->differ(l->v[i], l->v[k]))
				return true;
	return false;
}

static bool any_across(const struct leaves *a, const struct leaves *b, const struct difference *d)
{
	for (size_t i = 0; i < a->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (d->differ(a->v[i], b->v[k]) && (!d->of_one_service || for_one_service(a->v[i], b->v[k])))
				return true;
	return false;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The key of a certificate, in the arena. */
static struct span key_of(struct arena *a, const struct cert_info *c)
{
	struct span text = { (const uint8_t *)c->pem, strlen(c->pem) }, der, key = { NULL, 0 };
	struct pem p = pem_of(text);
	struct wr w = wr_of(arena_new(a, text.n, 1), text.n);
	struct cert *parsed;

	if (!pem_next(&p, &w, &der))
		return key;
	parsed = cert_parse(der.p, der.n);
	if (!parsed->malformed)
		key = arena_span(a, parsed->spki);
	cert_free(parsed);
	return key;
}

/* A leaf's key in a second certificate. */
static bool key_is_shared(const struct record *r, const struct leaves *l)
{
	size_t n = r->certs_count < CERTS_MAX ? r->certs_count : CERTS_MAX;
	struct span keys[CERTS_MAX];
	struct arena a = { 0 };
	bool shared = false;

	for (size_t i = 0; i < n; i++)
		keys[i] = key_of(&a, &r->certs[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n && is_leaf(l, &r->certs[i]); k++)
			shared |= i != k && keys[i].n && keys[i].n == keys[k].n && !memcmp(keys[i].p, keys[k].p, keys[i].n);
	arena_free(&a);
	return shared;
}

/* ---- both ways ------------------------------------------------------------------------------- */

static void add_words(struct record *r, struct obs *o, const char **words)
{
	o->names = arena_copy(&r->arena, words, o->count * sizeof *words);
	record_add(r, o);
}

static void observe_named(struct record *r, const struct leaves *named, const struct leaves *all)
{
	struct obs o = { .key = OBS_KEY_CERT_DIFFERENCES, .probe = "conclude" };
	const char *words[WORDS + 1];

	for (size_t i = 0; i < WORDS; i++)
		if (any_pair(named, &differences[i]))
			words[o.count++] = differences[i].word;
	if (r->certs_count > 1 && key_is_shared(r, all))
		words[o.count++] = "same_key";
	if (named->n > 1 || o.count)
		add_words(r, &o, words);
}

static void observe_nameless(struct record *r, const struct leaves *named, const struct leaves *nameless)
{
	struct obs o = { .key = OBS_KEY_CERT_DIFFERENCES, .sni = TRI_NO, .probe = "conclude" };
	struct leaves beside = leaves_beside(nameless, named);
	const char *words[WORDS];

	for (size_t i = 0; i < WORDS; i++)
		if (any_across(named, &beside, &differences[i]))
			words[o.count++] = differences[i].word;
	if (named->n && beside.n)
		add_words(r, &o, words);
}

void differ_observe(struct record *r)
{
	struct leaves all = leaves_of(r, is_any), named = leaves_of(r, is_named), nameless = leaves_of(r, is_nameless);

	observe_named(r, named.n ? &named : &all, &all);
	observe_nameless(r, &named, &nameless);
}
