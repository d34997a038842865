#include "scanner/trust/chain.h"

#include <openssl/sha.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/issues.h"
#include "scanner/trust/names.h"
#include "scanner/trust/path.h"
#include "scanner/trust/seal.h"
#include "scanner/trust/traits.h"

enum { ID_BYTES = 8 };

/* One chain while it is judged. */
struct chain {
	struct record *record;
	const struct chain_input *in;
	size_t n;
	const char *id, *sha256[CHAIN_CERTS_MAX];
	struct cert *certs[CHAIN_CERTS_MAX];
	bool self_signed[CHAIN_CERTS_MAX];
	struct path_search *search;
	bool trusted; /* by one store at least */
};

/* ---- as served ------------------------------------------------------------------------------- */

static void name_chain(struct chain *c)
{
	uint8_t prints[CHAIN_CERTS_MAX][CERT_SHA256], id[CERT_SHA256];

	for (size_t i = 0; i < c->n; i++) {
		SHA256(c->in->certs[i].p, c->in->certs[i].n, prints[i]);
		c->sha256[i] = text_hex(&c->record->arena, prints[i], CERT_SHA256);
	}
	SHA256(prints[0], c->n * CERT_SHA256, id);
	c->id = text_hex(&c->record->arena, id, ID_BYTES);
}

static struct obs about(const struct chain *c, enum obs_key key)
{
	return (struct obs){ .key = key, .sni = c->in->sni, .chain = c->id, .probe = c->in->probe };
}

static bool is_about(const struct obs *o, const struct chain *c, enum obs_key key)
{
	return o->key == key && o->chain && !strcmp(o->chain, c->id);
}

static bool served_told(const struct chain *c)
{
	for (size_t i = 0; i < c->record->obs_count; i++) {
		const struct obs *o = &c->record->obs[i];

		if (is_about(o, c, OBS_KEY_CHAIN_SERVED) && o->protocol == c->in->protocol &&
		        o->cert == c->in->key && o->sni == c->in->sni)
			return true;
	}
	return false;
}

static void add_served(struct chain *c)
{
	struct obs o = about(c, OBS_KEY_CHAIN_SERVED);

	if (served_told(c))
		return;
	o.protocol = c->in->protocol;
	o.cert = c->in->key;
	o.names = arena_copy(&c->record->arena, c->sha256, c->n * sizeof *c->sha256);
	o.count = c->n;
	record_add(c->record, &o);
}

/* ---- judged before? -------------------------------------------------------------------------- */

static const struct obs *verdict(const struct chain *c, bool any_sni)
{
	for (size_t i = 0; i < c->record->obs_count; i++) {
		const struct obs *o = &c->record->obs[i];

		if (is_about(o, c, OBS_KEY_CHAIN_ISSUES) && (any_sni || o->sni == c->in->sni))
			return o;
	}
	return NULL;
}

/* The same chain with and without a server name is the same chain. */
static void copy_verdict(struct chain *c, enum tri from)
{
	size_t n = c->record->obs_count;

	for (size_t i = 0; i < n; i++) {
		struct obs o = c->record->obs[i];

		if (o.sni != from ||
		        (!is_about(&o, c, OBS_KEY_CHAIN_HOSTNAME) && !is_about(&o, c, OBS_KEY_CHAIN_ISSUES) &&
		                !is_about(&o, c, OBS_KEY_CHAIN_TRUST)))
			continue;
		o.sni = c->in->sni;
		o.probe = c->in->probe;
		record_add(c->record, &o);
	}
}

/* ---- certificates ---------------------------------------------------------------------------- */

static const struct cert_info *add_cert(struct record *r, const struct cert *c, const char *sha256)
{
	const struct cert_info *known = record_cert(r, sha256);

	if (known)
		return known;
	r->certs = arena_push(&r->arena, r->certs, r->certs_count, sizeof *r->certs);
	cert_info_fill(&r->arena, c, &r->certs[r->certs_count]);
	return &r->certs[r->certs_count++];
}

static void add_certs(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++) {
		c->certs[i] = cert_parse(c->in->certs[i].p, c->in->certs[i].n);
		c->self_signed[i] = add_cert(c->record, c->certs[i], c->sha256[i])->self_signed;
		traits_observe(c->record, c->certs[i], c->sha256[i], i == 0, c->in->known_keys, c->in->probe);
	}
}

/* ---- host name and trust --------------------------------------------------------------------- */

static void add_hostname(struct chain *c)
{
	struct obs o = about(c, OBS_KEY_CHAIN_HOSTNAME);

	o.text = c->in->host ? name_match_text(names_match(c->certs[0], c->in->host)) : "not_asked";
	o.reason = c->certs[0]->malformed ? "malformed" : NULL;
	record_add(c->record, &o);
}

static void add_trust(struct chain *c, const struct store *store)
{
	struct path_result r = path_find(c->search, store, &c->record->arena);
	struct arena *a = &c->record->arena;
	struct obs o = about(c, OBS_KEY_CHAIN_TRUST), *added;

	o.name = arena_text(a, store_name(store));
	o.tri = r.trusted;
	o.reason = path_reason_name(r.reason);
	o.names = r.paths;
	o.count = r.count;
	added = record_add(c->record, &o);
	if (store_path(store))
		obs_evidence(c->record, added, "file", arena_text(a, store_path(store)));
	obs_evidence(c->record, added, "anchors", arena_printf(a, "%zu", store_count(store)));
	if (r.distrust)
		obs_evidence(c->record, added, "distrust", r.distrust);
	c->trusted |= r.trusted == TRI_YES;
}

static void add_trusts(struct chain *c)
{
	for (struct store *const *s = c->in->stores; s && *s; s++)
		add_trust(c, *s);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void add_issues(struct chain *c)
{
	const char **names = arena_new(&c->record->arena, ISSUES_MAX, sizeof *names);
	struct obs o = about(c, OBS_KEY_CHAIN_ISSUES), *added;
	const struct cert *end;
	struct issues_input in = { .certs = c->certs, .self_signed = c->self_signed, .n = c->n, .search = c->search,
		.stores = c->in->stores, .at = c->in->at, .trusted = c->trusted,
		.cut = c->in->cut || c->in->count > CHAIN_CERTS_MAX };

	o.count = issues_find(&in, names, &end);
	o.names = names;
	/* What could not be asked is not known to be absent. */
	if (path_signatures_spent(c->search))
		o.reason = path_reason_name(PATH_LIMIT);
	else if (!c->in->stores || !*c->in->stores)
		o.reason = "no_trust_store";
	added = record_add(c->record, &o);
	if (!end)
		return;
	obs_evidence(c->record, added, "missing", dname_text(&c->record->arena, end->issuer));
	obs_evidence(c->record, added, "issuer_url", cert_names_issuer(end) ? "yes" : "no");
}

/* ---- staple and timestamps ------------------------------------------------------------------- */

/* The one whose key signed the leaf, from the store; the caller frees it. */
static struct cert *issuer_in(const struct chain *c, const struct store *store)
{
	struct span der;
	size_t at = 0;

	while (store_next(store, c->certs[0], &at, &der)) {
		struct cert *issuer = cert_parse(der.p, der.n);

		if (cert_issued_in_name_of(c->certs[0], issuer) && seal_check(c->certs[0], issuer) == SEAL_HOLDS)
			return issuer;
		cert_free(issuer);
	}
	return NULL;
}

static void attest(struct chain *c)
{
	static const struct attached nothing;
	struct attest_input in = { .leaf = c->certs[0], .with = c->in->with ? c->in->with : &nothing, .logs = c->in->logs,
		.at = c->in->at, .chain = c->id, .probe = c->in->probe };
	struct cert *anchor = NULL;

	for (size_t i = 0; i < c->n && !in.issuer; i++)
		if ((i || c->self_signed[0]) && path_signed(c->search, c->certs[0], c->certs[i]))
			in.issuer = c->certs[i];
	for (struct store *const *s = c->in->stores; s && *s && !in.issuer; s++)
		in.issuer = anchor = issuer_in(c, *s);
	attest_observe(c->record, &in);
	cert_free(anchor);
}

static void judge(struct chain *c)
{
	add_certs(c);
	c->search = path_search_new(c->certs, c->n, c->in->at);
	path_search_distrust(c->search, c->in->distrusted);
	add_hostname(c);
	add_trusts(c);
	add_issues(c);
	attest(c);
	path_search_free(c->search);
	for (size_t i = 0; i < c->n; i++)
		cert_free(c->certs[i]);
}

void chain_observe(struct record *r, const struct chain_input *in)
{
	struct chain c = {
		.record = r, .in = in, .n = in->count < CHAIN_CERTS_MAX ? in->count : CHAIN_CERTS_MAX
	};
	const struct obs *known;

	if (!c.n)
		return;
	name_chain(&c);
	add_served(&c);
	known = verdict(&c, true);
	if (!known)
		judge(&c);
	else if (!verdict(&c, false))
		copy_verdict(&c, known->sni);
}
