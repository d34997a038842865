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

/* `named`: only those a client gets that sends the server's name. */
static struct leaves leaves_of(const struct record *r, bool named)
{
	struct leaves l = { 0 };

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key == OBS_KEY_CHAIN_SERVED && o->count && (o->sni == TRI_YES || !named))
			keep(&l, record_cert(r, o->names[0]));
	}
	return l;
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

static const struct {
	const char *word;
	bool (*differ)(const struct cert_info *, const struct cert_info *);
} differences[] = { { "names", differ_in_names }, { "expiry", differ_in_expiry }, { "issuer", differ_in_issuer } };

static bool any_pair(const struct leaves *l, bool (*differ)(const struct cert_info *, const struct cert_info *))
{
	for (size_t i = 1; i < l->n; i++)
		for (size_t k = 0; k < i; k++)
			if (differ(l->v[i], l->v[k]))
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

static bool is_leaf(const struct leaves *l, const struct cert_info *c)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == c)
			return true;
	return false;
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

void differ_observe(struct record *r)
{
	enum { WORDS = sizeof differences / sizeof *differences };
	struct leaves named = leaves_of(r, true), all = leaves_of(r, false);
	struct obs o = { .key = OBS_KEY_CERT_DIFFERENCES, .probe = "conclude" };
	const char *words[WORDS + 1];

	for (size_t i = 0; i < WORDS; i++)
		if (any_pair(&named, differences[i].differ))
			words[o.count++] = differences[i].word;
	if (r->certs_count > 1 && key_is_shared(r, &all))
		words[o.count++] = "same_key";
	if (named.n < 2 && !o.count)
		return;
	o.names = arena_copy(&r->arena, words, o.count * sizeof *words);
	record_add(r, &o);
}
