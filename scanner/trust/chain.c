#include "scanner/trust/chain.h"


#include "scanner/base/text.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/issuers.h"
#include "scanner/trust/issues.h"
#include "scanner/trust/names.h"
#include "scanner/trust/path.h"
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
		keys_sha256(c->in->certs[i].p, c->in->certs[i].n, prints[i]);
		c->sha256[i] = text_hex(&c->record->arena, prints[i], CERT_SHA256);
	}
	keys_sha256(prints[0], c->n * CERT_SHA256, id);
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
		                !is_about(&o, c, OBS_KEY_CHAIN_TRUST) && !is_about(&o, c, OBS_KEY_CHAIN_COMPLETED)))
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

static struct path_search *search_of(const struct chain *c)
{
	struct path_search *search = path_search_new(c->certs, c->n, c->in->at);

	path_search_distrust(search, c->in->distrusted);
	return search;
}

static bool is_cut(const struct chain *c)
{
	return c->in->cut || c->in->count > CHAIN_CERTS_MAX;
}

/* The leaf is wrong wherever it stands. */
static bool is_leafs_fault(const struct chain *c, const struct path_result *r)
{
	if (r->reason == PATH_SELF_SIGNED)
		return true;
	for (size_t i = 0; i < r->faults_count; i++)
		if (r->faults[i].check->roles & ROLE_LEAF && !strcmp(r->faults[i].sha256, c->sha256[0]))
			return true;
	return false;
}

/* What was not read may be what leads to an anchor. */
static bool may_hold_beyond_the_cut(const struct chain *c, const struct path_result *r)
{
	return is_cut(c) && r->trusted == TRI_NO && !is_leafs_fault(c, r);
}

/* The store's verdict; its evidence is told anew. */
static void put_trust(struct chain *c, struct obs *o, const struct store *store)
{
	struct path_result r = path_find(c->search, store, &c->record->arena);
	struct arena *a = &c->record->arena;

	o->tri = r.trusted;
	o->reason = path_reason_name(r.reason);
	if (may_hold_beyond_the_cut(c, &r)) {
		o->tri = TRI_UNKNOWN;
		o->reason = "cut";
	}
	o->names = r.paths;
	o->count = r.count;
	o->evidence_count = 0;
	if (store_path(store))
		obs_evidence(c->record, o, "file", arena_text(a, store_path(store)));
	obs_evidence(c->record, o, "anchors", arena_printf(a, "%zu", store_count(store)));
	if (r.distrust)
		obs_evidence(c->record, o, "distrust", r.distrust);
	c->trusted |= r.trusted == TRI_YES;
}

static void add_trust(struct chain *c, const struct store *store)
{
	struct obs o = about(c, OBS_KEY_CHAIN_TRUST);

	o.name = arena_text(&c->record->arena, store_name(store));
	put_trust(c, record_add(c->record, &o), store);
}

static void add_trusts(struct chain *c)
{
	for (struct store *const *s = c->in->stores; s && *s; s++)
		add_trust(c, *s);
}

/* ---- faults ---------------------------------------------------------------------------------- */

static size_t find_issues(const struct chain *c, const char *words[static ISSUES_MAX], const struct cert **end)
{
	return issues_find(&(struct issues_input){ .certs = c->certs, .self_signed = c->self_signed, .n = c->n,
	        .search = c->search, .stores = c->in->stores, .at = c->in->at, .trusted = c->trusted,
	        .cut = is_cut(c) }, words, end);
}

static bool is_incomplete(const struct chain *c)
{
	const char *words[ISSUES_MAX];
	const struct cert *end;

	find_issues(c, words, &end);
	return end != NULL;
}

static void add_issues(struct chain *c)
{
	const char **names = arena_new(&c->record->arena, ISSUES_MAX, sizeof *names);
	struct obs o = about(c, OBS_KEY_CHAIN_ISSUES), *added;
	const struct cert *end;

	o.count = find_issues(c, names, &end);
	o.names = names;
	/* What could not be asked is not known to be absent. */
	if (path_signatures_spent(c->search))
		o.reason = path_reason_name(PATH_LIMIT);
	else if (!c->in->stores || !*c->in->stores)
		o.reason = "no_trust_store";
	else if (is_cut(c))
		o.reason = "cut";
	added = record_add(c->record, &o);
	if (!end)
		return;
	obs_evidence(c->record, added, "missing", dname_text(&c->record->arena, end->issuer));
	obs_evidence(c->record, added, "issuer_url", cert_names_issuer(end) ? "yes" : "no");
}

/* ---- what was fetched for it ------------------------------------------------------------------ */

/* The verdict that a store has already given, now with what was brought. */
static void trust_again(struct chain *c, const struct store *store)
{
	for (size_t i = 0; i < c->record->obs_count; i++) {
		struct obs *o = &c->record->obs[i];

		if (!is_about(o, c, OBS_KEY_CHAIN_TRUST) || o->sni != c->in->sni || strcmp(o->name, store_name(store)))
			continue;
		put_trust(c, o, store);
		obs_evidence(c->record, o, "completed", "by fetched certificates");
	}
}

static void add_completed(struct chain *c, bool completed)
{
	struct obs o = about(c, OBS_KEY_CHAIN_COMPLETED), *added;

	o.tri = completed ? TRI_YES : c->in->brought_why ? TRI_UNKNOWN : TRI_NO;
	if (o.tri == TRI_UNKNOWN && !strcmp(c->in->brought_why, "no_url"))
		o.tri = TRI_NO;
	o.reason = completed ? NULL : c->in->brought_why;
	added = record_add(c->record, &o);
	for (size_t i = 0; i < c->in->brought_n; i++)
		obs_evidence(c->record, added, "url", arena_text(&c->record->arena, c->in->brought[i].url));
}

static size_t take_brought(struct chain *c)
{
	size_t n = c->n;

	for (size_t i = 0; i < c->in->brought_n && n < CHAIN_CERTS_MAX; i++, n++) {
		const struct span der = c->in->brought[i].der;
		const struct cert_info *info;

		c->certs[n] = cert_parse(der.p, der.n);
		c->sha256[n] = text_hex(&c->record->arena, c->certs[n]->sha256, CERT_SHA256);
		info = add_cert(c->record, c->certs[n], c->sha256[n]);
		c->self_signed[n] = info->self_signed;
	}
	return n;
}

/* The chain as a client has it that fetches what is missing. */
static void complete(const struct chain *served)
{
	struct chain c = *served;

	c.n = take_brought(&c);
	c.search = search_of(&c);
	for (struct store *const *s = c.in->stores; c.n > served->n && *s; s++)
		trust_again(&c, *s);
	add_completed(&c, !is_incomplete(&c));
	path_search_free(c.search);
	for (size_t i = served->n; i < c.n; i++)
		cert_free(c.certs[i]);
}

/* ---- staple and timestamps ------------------------------------------------------------------- */

/* Who issued certificate `at`: of the chain, or of a store, and then *anchor is to be freed. NULL: not known. */
static const struct cert *issuer_of(const struct chain *c, size_t at, struct cert **anchor)
{
	*anchor = NULL;
	for (size_t i = 0; i < c->n; i++)
		if ((i != at || c->self_signed[at]) && path_signed(c->search, c->certs[at], c->certs[i]))
			return c->certs[i];
	for (struct store *const *s = c->in->stores; s && *s && !*anchor; s++)
		*anchor = issuer_in_store(*s, c->certs[at]);
	return *anchor;
}

static void attest_one(struct chain *c, const struct attached *with, size_t at)
{
	struct cert *anchor;
	struct attest_input in = { .leaf = c->certs[at], .issuer = issuer_of(c, at, &anchor), .with = with, .logs = c->in->logs,
		.at = c->in->at, .chain = c->id, .probe = c->in->probe };

	if (!at)
		attest_observe(c->record, &in);
	else if (!c->certs[at]->malformed)
		attest_above(c->record, &in, with->above[at - 1], c->sha256[at]);
	cert_free(anchor);
}

static void attest(struct chain *c)
{
	static const struct attached nothing;
	const struct attached *with = c->in->with ? c->in->with : &nothing;

	attest_one(c, with, 0);
	for (size_t i = 1; i < c->n && i <= STAPLES_ABOVE_MAX; i++)
		if (with->above[i - 1].n)
			attest_one(c, with, i);
}

static void judge(struct chain *c)
{
	add_certs(c);
	c->search = search_of(c);
	add_hostname(c);
	add_trusts(c);
	add_issues(c);
	if (c->in->fetched && is_incomplete(c))
		complete(c);
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
