#include "scanner/trust/dane.h"

#include <openssl/sha.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/dns.h"
#include "scanner/base/text.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/chain.h"
#include "scanner/trust/path.h"
#include "scanner/trust/pem.h"

/* RFC 6698 section 2.1, named by RFC 7218. */
enum usage { PKIX_TA, PKIX_EE, DANE_TA, DANE_EE, USAGES };
enum selector { WHOLE, KEY, SELECTORS };
enum matching { FULL, HASH_256, HASH_512, MATCHINGS };

/* One chain while it is compared. */
struct dane {
	struct record *record;
	const struct obs *served; /* its chain.served: a copy, for the list grows */
	struct store *const *stores; /* ends with NULL; NULL: none */
	int64_t at;
	struct cert *certs[CHAIN_CERTS_MAX];
	size_t n;
};

/* ---- one record and one certificate -------------------------------------------------------------------------------- */

static bool is_usable(const struct dns_tlsa *t)
{
	static const size_t sizes[MATCHINGS] = { [HASH_256] = SHA256_DIGEST_LENGTH, [HASH_512] = SHA512_DIGEST_LENGTH };

	return t->usage < USAGES && t->selector < SELECTORS && t->matching < MATCHINGS &&
	       (t->matching == FULL || t->data.n == sizes[t->matching]);
}

static bool fits(const struct dns_tlsa *t, const struct cert *c)
{
	struct span s = t->selector == WHOLE ? c->der : c->spki;
	uint8_t hash[SHA512_DIGEST_LENGTH];

	if (t->selector == KEY && c->malformed)
		return false;
	if (t->matching == HASH_256)
		keys_sha256(s.p, s.n, hash);
	if (t->matching == HASH_512)
		SHA512(s.p, s.n, hash);
	if (t->matching != FULL)
		s = (struct span){ hash, t->data.n };
	return s.n == t->data.n && !memcmp(s.p, t->data.p, s.n);
}

/* ---- one record and the chain ------------------------------------------------------------------------------------------ */

static bool is_about(const struct obs *o, const struct dane *d, enum obs_key key)
{
	return o->key == key && o->chain && !strcmp(o->chain, d->served->chain);
}

static bool names_host(const struct dane *d)
{
	for (size_t i = 0; i < d->record->obs_count; i++)
		if (is_about(&d->record->obs[i], d, OBS_KEY_CHAIN_HOSTNAME) && !strcmp(d->record->obs[i].text, "match"))
			return true;
	return false;
}

static bool is_called(const struct cert *c, const char *sha256)
{
	struct arena arena = { 0 };
	bool is = !strncmp(text_hex(&arena, c->sha256, CERT_SHA256), sha256, 2 * (size_t)CERT_SHA256);

	arena_free(&arena);
	return is;
}

static bool anchor_fits(const struct store *s, const struct cert *child, const struct dns_tlsa *t, const char *sha256)
{
	bool found = false;
	struct span der;
	size_t at = 0;

	while (!found && store_next(s, child, &at, &der)) {
		struct cert *anchor = cert_parse(der.p, der.n);

		found = is_called(anchor, sha256) && fits(t, anchor);
		cert_free(anchor);
	}
	return found;
}

/* The certificate of this name fits: one that was sent, the leaf apart, or an anchor. */
static bool one_fits(const struct dane *d, const struct dns_tlsa *t, const char *sha256)
{
	for (size_t i = 1; i < d->n; i++)
		if (is_called(d->certs[i], sha256) && fits(t, d->certs[i]))
			return true;
	for (struct store *const *s = d->stores; s && *s; s++)
		for (size_t i = 0; i < d->n; i++)
			if (anchor_fits(*s, d->certs[i], t, sha256))
				return true;
	return false;
}

static bool path_fits(const struct dane *d, const struct dns_tlsa *t, const char *path)
{
	for (const char *p = strchr(path, ' '); p; p = strchr(p + 1, ' '))
		if (one_fits(d, t, p + 1))
			return true;
	return false;
}

/* Trusted by a store, and by the record too. */
static enum tri holds_with_a_store(const struct dane *d, const struct dns_tlsa *t)
{
	bool trusted = false, judged = false;

	for (size_t i = 0; i < d->record->obs_count; i++) {
		const struct obs *o = &d->record->obs[i];

		if (!is_about(o, d, OBS_KEY_CHAIN_TRUST))
			continue;
		judged = true;
		trusted |= o->tri == TRI_YES;
		for (size_t k = 0; t->usage == PKIX_TA && o->tri == TRI_YES && k < o->count; k++)
			if (path_fits(d, t, o->names[k]))
				return names_host(d) ? TRI_YES : TRI_NO;
	}
	if (!judged)
		return TRI_UNKNOWN;
	return t->usage == PKIX_EE && trusted && fits(t, d->certs[0]) && names_host(d) ? TRI_YES : TRI_NO;
}

/* A path from the leaf to this certificate as the only anchor. */
static bool leads_to(const struct dane *d, struct span anchor)
{
	struct arena arena = { 0 };
	const char *pem = pem_text(&arena, anchor);
	struct store *store = store_of("tlsa", (struct span){ (const uint8_t *)pem, strlen(pem) });
	struct path_search *search = path_search_new(d->certs, d->n, d->at);
	bool leads = store && path_find(search, store, &arena).trusted == TRI_YES;

	path_search_free(search);
	store_close(store);
	arena_free(&arena);
	return leads;
}

/*
 * RFC 7671 section 5.2: the anchor is a certificate that was sent, or the record itself when it holds a whole one; a bare
 * key would have to be tried on each signature, and is left open. Names and dates count.
 */
static enum tri holds_with_an_anchor(const struct dane *d, const struct dns_tlsa *t)
{
	bool whole = t->selector == WHOLE && t->matching == FULL;

	if (!names_host(d))
		return TRI_NO;
	for (size_t i = 1; i < d->n; i++)
		if (fits(t, d->certs[i]) && leads_to(d, d->certs[i]->der))
			return TRI_YES;
	if (whole)
		return leads_to(d, t->data) ? TRI_YES : TRI_NO;
	return t->matching == FULL ? TRI_UNKNOWN : TRI_NO;
}

static enum tri holds(const struct dane *d, const struct dns_tlsa *t)
{
	if (t->usage == DANE_EE) /* section 5.1: neither names nor dates */
		return fits(t, d->certs[0]) ? TRI_YES : TRI_NO;
	return t->usage == DANE_TA ? holds_with_an_anchor(d, t) : holds_with_a_store(d, t);
}

/* ---- all records and one chain ------------------------------------------------------------------------------------------ */

static void match(struct dane *d, const struct obs *records)
{
	struct arena *a = &d->record->arena;
	struct obs o = { .key = OBS_KEY_DNS_TLSA_MATCH, .sni = d->served->sni, .chain = d->served->chain, .tri = TRI_NA,
		.probe = records->probe };
	struct evidence *fitting = arena_new(a, records->count, sizeof *fitting);
	struct dns_tlsa t;

	for (size_t i = 0; i < records->count; i++) {
		enum tri one;

		if (!dns_tlsa_parse(a, records->names[i], &t) || !is_usable(&t))
			continue;
		one = holds(d, &t);
		if (one == TRI_YES)
			fitting[o.evidence_count++] = (struct evidence){
				arena_printf(a, "%zu", i + 1), arena_printf(a, "%.40s", records->names[i]) };
		if (o.tri == TRI_NA || one == TRI_YES || (one == TRI_UNKNOWN && o.tri == TRI_NO))
			o.tri = one;
	}
	o.evidence = fitting;
	o.reason = o.tri == TRI_UNKNOWN ? "not_compared" : NULL;
	record_add(d->record, &o);
}

static struct cert *cert_of(const struct record *r, const char *sha256)
{
	const struct cert_info *info = record_cert(r, sha256);
	struct arena arena = { 0 };
	struct span text = { (const uint8_t *)(info ? info->pem : ""), info ? strlen(info->pem) : 0 }, der = { NULL, 0 };
	struct pem pem = pem_of(text);
	struct wr out = wr_of(arena_new(&arena, text.n, 1), text.n);
	struct cert *c;

	pem_next(&pem, &out, &der);
	c = cert_parse(der.p, der.n);
	arena_free(&arena);
	return c;
}

static bool chain_told(const struct record *r, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (r->obs[i].key == OBS_KEY_CHAIN_SERVED && !strcmp(r->obs[i].chain, r->obs[at].chain) &&
			r->obs[i].sni == r->obs[at].sni)
			return true;
	return false;
}

static void match_chain(struct dane of, const struct obs *served, const struct obs *records)
{
	struct dane d = { .record = of.record, .served = served, .stores = of.stores, .at = of.at };

	for (; d.n < served->count && d.n < CHAIN_CERTS_MAX; d.n++)
		d.certs[d.n] = cert_of(d.record, served->names[d.n]);
	if (d.n)
		match(&d, records);
	for (size_t i = 0; i < d.n; i++)
		cert_free(d.certs[i]);
}

static void observe_tlsa(struct record *r, struct store *const *stores, int64_t at)
{
	const struct obs *found = record_find(r, OBS_KEY_DNS_TLSA, 0);
	size_t n = r->obs_count;
	struct obs records;

	if (!found || !found->count || found->reason)
		return;
	records = *found;
	for (size_t i = 0; i < n; i++) {
		struct obs served = r->obs[i];

		if (served.key == OBS_KEY_CHAIN_SERVED && served.sni == TRI_YES && !chain_told(r, i))
			match_chain((struct dane){ .record = r, .stores = stores, .at = at }, &served, &records);
	}
}

/* ---- CAA ------------------------------------------------------------------------------------------------------------- */

/*
 * What the authority's own practice statement says that it takes in CAA records, by the organization in its issuing
 * certificates. Only those that are certain: of any other issuer nothing is said.
 */
static const struct authority {
	const char *organization;
	const char *const *domains;
} authorities[] = {
	{ "Let's Encrypt", (const char *const[]){ "letsencrypt.org", NULL } },
	{ "Google Trust Services", (const char *const[]){ "pki.goog", NULL } },
	{ "Google Trust Services LLC", (const char *const[]){ "pki.goog", NULL } },
	{ "Buypass AS-983163327", (const char *const[]){ "buypass.com", "buypass.no", NULL } },
};

static const struct authority *authority_of(const char *issuer)
{
	for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++) {
		size_t n = strlen(authorities[i].organization);
		const char *at = strstr(issuer, authorities[i].organization);

		/* The whole value of an O=, in whatever place of the name. */
		if (at && at - issuer >= 2 && !strncmp(at - 2, "O=", 2) && (at - issuer == 2 || at[-3] == ',') &&
			(at[n] == ',' || !at[n]))
			return &authorities[i];
	}
	return NULL;
}

static bool is_named(const struct authority *a, const struct obs *list)
{
	for (size_t i = 0; i < list->count; i++)
		for (const char *const *domain = a->domains; *domain; domain++)
			if (!strcmp(list->names[i], *domain))
				return true;
	return false;
}

static bool has_wildcard(const struct cert_info *leaf)
{
	for (size_t i = 0; i < leaf->dns_names_count; i++)
		if (!strncmp(leaf->dns_names[i], "*.", 2))
			return true;
	return false;
}

static void observe_issuer(struct record *r, const struct obs *served)
{
	const struct cert_info *leaf = served->count ? record_cert(r, served->names[0]) : NULL;
	const struct obs *list = record_find(r, OBS_KEY_DNS_CAA_ISSUE, 0);
	const struct obs *wild = record_find(r, OBS_KEY_DNS_CAA_ISSUEWILD, 0);
	const struct authority *a = leaf && !leaf->malformed ? authority_of(leaf->issuer) : NULL;

	/* One with both kinds of names was held to both lists (RFC 8659 section 4.3). */
	if (!list || !leaf || leaf->malformed)
		return;
	record_add(r, &(struct obs){ .key = OBS_KEY_DNS_CAA_ISSUER, .sni = served->sni, .chain = served->chain,
			      .name = arena_text(&r->arena, leaf->issuer), .probe = list->probe,
			      .text = !list->count && (!has_wildcard(leaf) || !wild || !wild->count) ? "not_named" /* nobody is */
					 : !a ? "not_known"
					 : is_named(a, list) && (!has_wildcard(leaf) || !wild || is_named(a, wild)) ? "named"
													      : "not_named" });
}

static void observe_caa(struct record *r)
{
	size_t n = r->obs_count;

	for (size_t i = 0; i < n; i++) {
		struct obs served = r->obs[i];

		if (served.key == OBS_KEY_CHAIN_SERVED && served.sni == TRI_YES && !chain_told(r, i))
			observe_issuer(r, &served);
	}
}

void dane_observe(struct record *r, struct store *const *stores, int64_t at)
{
	observe_tlsa(r, stores, at);
	observe_caa(r);
}
