#include "scanner/facts/record_views.h"

#include <stdio.h>
#include <string.h>

#include "scanner/facts/json.h"

/* ---- shared texts
 * -------------------------------------------------------------------------------------------- */

struct json_object *json_code(uint32_t code)
{
	char hex[16];

	snprintf(hex, sizeof hex, "0x%04X", (unsigned)code);
	return json_text(hex);
}

struct json_object *json_kind(uint32_t code)
{
	char hex[16];

	snprintf(hex, sizeof hex, "0x%06X", (unsigned)code);
	return json_text(hex);
}

struct json_object *json_protocol(uint16_t protocol)
{
	const struct version *v = version_find(protocol);

	return v ? json_text(v->name) : json_code(protocol);
}

struct json_object *json_names(const char *const *names, size_t count)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < count; i++)
		json_push(list, json_text(names[i]));
	return list;
}

/* Fingerprints joined by a space, as a list. */
static struct json_object *json_path(struct arena *a, const char *joined)
{
	struct json_object *path = json_list();

	for (size_t n; *joined; joined += n + (joined[n] == ' ')) {
		n = strcspn(joined, " ");
		json_push(path, json_text(arena_textn(a, joined, n)));
	}
	return path;
}

struct json_object *json_paths(const struct obs *o)
{
	struct json_object *paths = json_list();
	struct arena scratch = { 0 };

	for (size_t i = 0; i < o->count; i++)
		json_push(paths, json_path(&scratch, o->names[i]));
	arena_free(&scratch);
	return paths;
}

/* ---- protocols
 * ----------------------------------------------------------------------------------------------- */

static struct json_object *protocol_of(const struct obs *o)
{
	struct json_object *p = json_map();

	json_set(p, "name", json_protocol(o->protocol));
	json_set(p, "id", json_code(o->protocol));
	json_set(p, "offered", json_text(tri_name(o->tri)));
	if (o->reason)
		json_set(p, "reason", json_text(o->reason));
	return p;
}

static struct json_object *protocols(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && r->obs[i].protocol &&
		        r->obs[i].tri != TRI_ABSENT)
			json_push(list, protocol_of(&r->obs[i]));
	return list;
}

/* ---- sweeps: suites, groups, signature schemes
 * ----------------------------------------------------------------- */

static struct json_object *null_or_number(unsigned v)
{
	return v ? json_count(v) : NULL;
}

static struct json_object *sslv2_entry(uint32_t code)
{
	const struct sslv2_kind *k = sslv2_kind_find(code);
	struct json_object *e = json_map();

	json_set(e, "id", json_kind(code));
	json_set(e, "name", json_text(k ? k->name : NULL));
	json_set(e, "openssl", json_text(k ? k->openssl : NULL));
	json_set(e, "kx", json_text(k ? "RSA" : NULL)); /* SSL 2 has nothing else */
	json_set(e, "auth", json_text(k ? "RSA" : NULL));
	json_set(e, "enc", json_text(k ? k->enc : NULL));
	json_set(e, "bits", k ? json_count(k->bits) : NULL);
	return e;
}

static struct json_object *suite_entry(uint32_t code, uint16_t protocol)
{
	const struct suite *s = code <= UINT16_MAX ? suite_find((uint16_t)code) : NULL;
	struct json_object *e;

	if (protocol == VER_SSL2)
		return sslv2_entry(code);
	e = json_map();
	json_set(e, "id", json_code(code));
	json_set(e, "name", json_text(s ? s->name : NULL));
	json_set(e, "openssl", json_text(s ? s->openssl : NULL));
	json_set(e, "kx", json_text(s ? s->kx_name : NULL));
	json_set(e, "auth", json_text(s ? s->auth_name : NULL));
	json_set(e, "enc", json_text(s ? s->enc : NULL));
	json_set(e, "bits", s ? json_count(s->bits) : NULL); /* 0 is an answer here: no encryption */
	return e;
}

static struct json_object *group_entry(uint32_t code, uint16_t protocol)
{
	const struct group *g = code <= UINT16_MAX ? group_find((uint16_t)code) : NULL;
	struct json_object *e = json_map();

	(void)protocol;
	json_set(e, "id", json_code(code));
	json_set(e, "name", json_text(g ? g->name : NULL));
	json_set(e, "bits", g ? null_or_number(g->bits) : NULL);
	json_set(e, "pq", g ? json_flag(g->pq) : NULL);
	return e;
}

static struct json_object *scheme_entry(uint32_t code, uint16_t protocol)
{
	const struct scheme *s = code <= UINT16_MAX ? scheme_find((uint16_t)code) : NULL;
	struct json_object *e = json_map();

	(void)protocol;
	json_set(e, "id", json_code(code));
	json_set(e, "name", json_text(s ? s->name : NULL));
	return e;
}

struct sweep {
	enum obs_key list, order;
	bool by_certificate; /* one entry a certificate type; else their lists are one */
	struct json_object *(*entry)(uint32_t code, uint16_t protocol);
};

static bool same_subject(const struct sweep *w, const struct obs *a, const struct obs *b)
{
	return a->protocol == b->protocol && (!w->by_certificate || a->cert == b->cert);
}

/* Whose order decides: where the certificate types disagree nobody can say; a type with one entry has no say.
 */
static const char *order_of(
        const struct record *r, const struct sweep *w, const struct obs *of, size_t entries)
{
	const char *order = NULL;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != w->order || !o->text || !same_subject(w, o, of))
			continue;
		if (!order || !strcmp(order, "none"))
			order = o->text;
		else if (strcmp(o->text, "none") && strcmp(o->text, order))
			return "unknown";
	}
	if (!order || (entries > 1 && !strcmp(order, "none")))
		return "unknown";
	return order;
}

/* The union of lists in the order of their appearance. SSL 2 kinds, of 24 bits, are never asked by
 * certificate. */
struct merge {
	struct json_object *list;
	uint64_t seen[(UINT16_MAX + 1) / 64];
};

static bool merge_new(struct merge *m, uint32_t code)
{
	uint64_t bit = UINT64_C(1) << (code & 63);
	bool is_new;

	if (code > UINT16_MAX)
		return true;
	is_new = !(m->seen[code / 64] & bit);
	m->seen[code / 64] |= bit;
	return is_new;
}

static void merge_add(struct merge *m, const struct sweep *w, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (merge_new(m, o->codes[i]))
			json_push(m->list, w->entry(o->codes[i], o->protocol));
}

/* Adds the lists that have a name of their own (finite field groups beside curves), or those that have none; true when
 * all were whole. */
static bool merge_all(struct merge *m, const struct record *r, const struct sweep *w, const struct obs *of, bool named)
{
	bool whole = true;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != w->list || !same_subject(w, o, of) || !o->name == named)
			continue;
		merge_add(m, w, o);
		whole &= !o->reason;
	}
	return whole;
}

/* The entry of the report for everything about the subject of the observation at `first`. */
static struct json_object *sweep_of(const struct record *r, const struct sweep *w, size_t first)
{
	const struct obs *of = &r->obs[first];
	struct merge m = { .list = json_list() };
	struct json_object *e = json_map();
	bool whole;

	whole = merge_all(&m, r, w, of, false);
	whole &= merge_all(&m, r, w, of, true);
	json_set(e, "protocol", json_protocol(of->protocol));
	if (w->by_certificate)
		json_set(e, "certificate", of->cert ? json_text(cert_key_name(of->cert)) : NULL);
	json_set(e, "order", json_text(order_of(r, w, of, json_object_array_length(m.list))));
	json_set(e, "list", m.list);
	if (!whole)
		json_set(e, "complete", json_flag(false));
	return e;
}

static bool sweep_told(const struct record *r, const struct sweep *w, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->obs[k].key == w->list && same_subject(w, &r->obs[k], &r->obs[i]))
			return true;
	return false;
}

static struct json_object *sweeps(const struct record *r, const struct sweep *w)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == w->list && r->obs[i].protocol && !sweep_told(r, w, i))
			json_push(list, sweep_of(r, w, i));
	return list;
}

static const struct sweep suite_sweep = { OBS_KEY_SUITES_LIST, OBS_KEY_SUITES_ORDER, false, suite_entry };
static const struct sweep group_sweep = { OBS_KEY_GROUPS_LIST, OBS_KEY_GROUPS_ORDER, false, group_entry };
static const struct sweep scheme_sweep = { OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER, true, scheme_entry };

/* ---- extensions, Diffie-Hellman moduli
 * ------------------------------------------------------------------------ */

static void extensions_add(struct json_object *list, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct extension *x =
		        o->codes[i] <= UINT16_MAX ? extension_find((uint16_t)o->codes[i]) : NULL;
		struct json_object *e = json_map();

		json_set(e, "id", json_code(o->codes[i]));
		json_set(e, "name", json_text(x ? x->name : NULL));
		json_set(e, "protocol", json_protocol(o->protocol));
		if (o->name)
			json_set(e, "message", json_text(o->name));
		json_push(list, e);
	}
}

static struct json_object *extensions_of(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_EXTENSIONS_LIST && r->obs[i].protocol)
			extensions_add(list, &r->obs[i]);
	return list;
}

static struct json_object *dh_of(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];
		struct json_object *e;

		if (o->key != OBS_KEY_DH_BITS)
			continue;
		e = json_map();
		json_set(e, "protocol", o->protocol ? json_protocol(o->protocol) : NULL);
		json_set(e, "bits", json_int(o->number));
		json_set(e, "name", json_text(o->name));
		json_set(e, "sha256", json_text(o->sha256));
		json_push(list, e);
	}
	return list;
}

/* ---- chains
 * -------------------------------------------------------------------------------------------------- */

static bool about_chain(const struct obs *o)
{
	return o->chain && o->key >= OBS_KEY_CHAIN_SERVED && o->key <= OBS_KEY_CHAIN_TRUST;
}

static bool same_chain(const struct obs *a, const struct obs *b)
{
	return about_chain(a) && a->sni == b->sni && !strcmp(a->chain, b->chain);
}

/* The next observation about the chain of `of`, from number i on; NULL when there is none. */
static const struct obs *chain_next(const struct record *r, const struct obs *of, size_t *i)
{
	for (; *i < r->obs_count; ++*i)
		if (same_chain(&r->obs[*i], of))
			return &r->obs[(*i)++];
	return NULL;
}

static const struct obs *chain_find(const struct record *r, const struct obs *of, enum obs_key key)
{
	const struct obs *o;

	for (size_t i = 0; (o = chain_next(r, of, &i));)
		if (o->key == key)
			return o;
	return NULL;
}

static struct json_object *chain_protocols(const struct record *r, const struct obs *of)
{
	struct merge m = { .list = json_list() };
	const struct obs *o;

	for (size_t i = 0; (o = chain_next(r, of, &i));)
		if (o->protocol && merge_new(&m, o->protocol))
			json_push(m.list, json_protocol(o->protocol));
	return m.list;
}

static bool store_told(const struct record *r, const struct obs *of)
{
	const struct obs *o;

	for (size_t i = 0; (o = chain_next(r, of, &i)) && o != of;)
		if (o->key == OBS_KEY_CHAIN_TRUST &&
		        !strcmp(o->name ? o->name : "", of->name ? of->name : ""))
			return true;
	return false;
}

static struct json_object *trust_of(const struct obs *o)
{
	struct json_object *t = json_map();
	bool known = o->tri == TRI_YES || o->tri == TRI_NO;

	json_set(t, "store", json_text(o->name ? o->name : ""));
	json_set(t, "trusted", known ? json_flag(o->tri == TRI_YES) : NULL);
	json_set(t, "reason", json_text(o->reason));
	json_set(t, "paths", json_paths(o));
	return t;
}

static struct json_object *chain_trust(const struct record *r, const struct obs *of)
{
	struct json_object *list = json_list();
	const struct obs *o;

	for (size_t i = 0; (o = chain_next(r, of, &i));)
		if (o->key == OBS_KEY_CHAIN_TRUST && !store_told(r, o))
			json_push(list, trust_of(o));
	return list;
}

static struct json_object *chain_of(const struct record *r, const struct obs *of)
{
	const struct obs *served = chain_find(r, of, OBS_KEY_CHAIN_SERVED);
	const struct obs *hostname = chain_find(r, of, OBS_KEY_CHAIN_HOSTNAME);
	const struct obs *issues = chain_find(r, of, OBS_KEY_CHAIN_ISSUES);
	struct json_object *c = json_map();

	json_set(c, "protocols", chain_protocols(r, of));
	json_set(c, "sni", json_flag(of->sni == TRI_YES));
	json_set(c, "served", served ? json_names(served->names, served->count) : json_list());
	json_set(c, "hostname", json_text(hostname && hostname->text ? hostname->text : "not_asked"));
	json_set(c, "issues", issues ? json_names(issues->names, issues->count) : json_list());
	json_set(c, "trust", chain_trust(r, of));
	return c;
}

static struct json_object *chains(const struct record *r)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *of = &r->obs[i];
		size_t from = 0;

		if (about_chain(of) && chain_next(r, of, &from) == of)
			json_push(list, chain_of(r, of));
	}
	return list;
}

void record_views(struct json_object *map, const struct record *r)
{
	json_set(map, "protocols", protocols(r));
	json_set(map, "suites", sweeps(r, &suite_sweep));
	json_set(map, "groups", sweeps(r, &group_sweep));
	json_set(map, "signature_schemes", sweeps(r, &scheme_sweep));
	json_set(map, "extensions", extensions_of(r));
	json_set(map, "dh", dh_of(r));
	json_set(map, "chains", chains(r));
}
