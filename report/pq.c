#include "report/pq.h"

#include <string.h>

static const char *const place_words[] = {
#define PQ_PLACE(NAME, word, text) word,
#include "report/pq.def"
#undef PQ_PLACE
};

static const char *const harvest_words[] = {
#define PQ_HARVEST(NAME, word, mark, says, text) word,
#include "report/pq.def"
#undef PQ_HARVEST
};

static const char *const auth_words[] = {
#define PQ_AUTH(NAME, word, mark, says, text) word,
#include "report/pq.def"
#undef PQ_AUTH
};

const char *pq_place_word(enum pq_place p)
{
	return place_words[p];
}

const char *pq_harvest_word(enum pq_harvest h)
{
	return harvest_words[h];
}

const char *pq_auth_word(enum pq_auth a)
{
	return auth_words[a];
}

/* ---- groups --------------------------------------------------------------------------------------------------------------- */

static const struct group *pq_group(uint32_t code)
{
	const struct group *g = code <= UINT16_MAX ? group_find((uint16_t)code) : NULL;

	return g && g->pq ? g : NULL;
}

static void take_groups(struct pq *q, const struct obs *list, struct arena *a)
{
	uint32_t *codes = NULL;
	size_t n = 0;

	q->drafts_only = true;
	for (size_t i = 0; i < list->count; i++) {
		const struct group *g = pq_group(list->codes[i]);

		if (!g)
			continue;
		codes = arena_push(a, codes, n, sizeof *codes);
		codes[n++] = list->codes[i];
		q->drafts_only = q->drafts_only && g->obsolete;
	}
	q->groups = (struct codes){ codes, n };
	q->drafts_only = q->drafts_only && n;
}

/* A list that is not whole leaves open what else is in it, and that it is the only or the first one. */
static enum pq_place place_of(const struct pq *q, const struct obs *list, const struct obs *order)
{
	const char *who = order && order->text ? order->text : "unknown";

	if (list->reason)
		return PQ_PLACE_UNKNOWN;
	if (q->groups.n == list->count)
		return PQ_PLACE_ONLY;
	if (!strcmp(who, "client"))
		return PQ_PLACE_CLIENT;
	if (strcmp(who, "server"))
		return PQ_PLACE_UNKNOWN;
	return pq_group(list->codes[0]) ? PQ_PLACE_FIRST : PQ_PLACE_BEHIND;
}

static void not_offered(struct pq *q, enum tri t, const char *reason)
{
	q->offered = t;
	q->reason = reason;
}

static void look_at_groups(struct pq *q, const struct view *v)
{
	const struct obs *list = record_find(v->record, OBS_KEY_GROUPS_LIST, VER_TLS13);
	const struct obs *order = record_find(v->record, OBS_KEY_GROUPS_ORDER, VER_TLS13);
	enum tri tls13 = view_offered(v, VER_TLS13);

	if (list)
		take_groups(q, list, v->arena);
	if (q->groups.n) {
		q->offered = TRI_YES;
		q->place = place_of(q, list, order);
	} else if (tls13 == TRI_NO) {
		not_offered(q, TRI_NO, "TLS 1.3 is not offered, and older versions have no post-quantum group");
	} else if (tls13 != TRI_YES || !list) {
		not_offered(q, TRI_UNKNOWN, tls13 == TRI_YES ? "the groups of TLS 1.3 were not asked for" : "whether TLS 1.3 is offered is not known");
	} else if (list->reason) {
		not_offered(q, TRI_UNKNOWN, arena_printf(v->arena, "the groups of TLS 1.3 are not all known (%s)", list->reason));
	} else {
		not_offered(q, TRI_NO, "no group of TLS 1.3 is post-quantum");
	}
}

static void look_at_share(struct pq *q, const struct view *v)
{
	const struct obs *o = record_find(v->record, OBS_KEY_PQ_RETRY, VER_TLS13);

	if (!o)
		return;
	q->retry = o->tri;
	q->share = o->name;
}

static void look_at_versions(struct pq *q, const struct view *v)
{
	q->older = TRI_NO;
	for (const uint16_t *p = view_versions; *p; p++) {
		enum tri t = *p < VER_TLS13 ? view_offered(v, *p) : TRI_NO;

		if (t == TRI_YES && !q->older_is)
			q->older_is = version_text(*p);
		if (t == TRI_YES || (t != TRI_NO && q->older == TRI_NO))
			q->older = t == TRI_YES ? TRI_YES : TRI_UNKNOWN;
	}
}

/* An older version that may be there leaves it to the client; groups in an unknown order do so too. */
static enum pq_harvest harvest_of(const struct pq *q)
{
	if (q->offered != TRI_YES)
		return q->offered == TRI_NO ? PQ_HARVEST_AT_RISK : PQ_HARVEST_UNKNOWN;
	if (q->place == PQ_PLACE_BEHIND)
		return PQ_HARVEST_PASSED_OVER;
	if (q->place == PQ_PLACE_UNKNOWN)
		return PQ_HARVEST_UNKNOWN;
	if (q->place == PQ_PLACE_ONLY && q->older != TRI_YES)
		return q->older == TRI_NO ? PQ_HARVEST_PROTECTED : PQ_HARVEST_UNKNOWN;
	return PQ_HARVEST_BY_CLIENT;
}

/* ---- certificates --------------------------------------------------------------------------------------------------------- */

static void add_key(struct pq *q, const char ***keys, const char *key, struct arena *a)
{
	for (size_t i = 0; i < q->keys_n; i++)
		if (!strcmp((*keys)[i], key))
			return;
	*keys = arena_push(a, *keys, q->keys_n, sizeof **keys);
	(*keys)[q->keys_n++] = key;
}

/* A key of a kind that is in no table may be anything: nothing is said of the whole then. */
static void look_at_keys(struct pq *q, const struct view *v)
{
	bool classical = false, resists = false, open = false;
	const char **keys = NULL;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct cert_info *c = v->chains[i].judged ? v->chains[i].leaf : NULL;
		bool known = c && !c->malformed && c->key != KEY_NONE && c->key != KEY_OTHER;

		if (!c)
			continue;
		open = open || !known;
		resists = resists || (known && c->key == KEY_ML_DSA);
		classical = classical || (known && c->key != KEY_ML_DSA);
		if (known)
			add_key(q, &keys, show_key(v->arena, c), v->arena);
	}
	q->keys = keys;
	if (open || (!classical && !resists))
		return;
	q->auth = classical && resists ? PQ_AUTH_BOTH : resists ? PQ_AUTH_POST_QUANTUM : PQ_AUTH_CLASSICAL;
}

/* ---- clients -------------------------------------------------------------------------------------------------------------- */

static bool could(const struct pq *q, const struct client *c)
{
	for (size_t i = 0; i < q->groups.n; i++)
		if (codes_has(c->groups, q->groups.v[i]))
			return client_offers(c, VER_TLS13);
	return false;
}

static enum pq_client fate(const struct sim *m)
{
	if (m->state == SIM_OPEN || (m->version >= VER_TLS13 && !m->group))
		return PQ_CLIENT_UNKNOWN;
	if (!pq_group(m->group))
		return PQ_CLIENT_CLASSICAL;
	return codes_has(m->client->shares, m->group) ? PQ_CLIENT_DIRECT : PQ_CLIENT_RETRIED;
}

static void look_at_clients(struct pq *q, const struct sim *sims, struct arena *a)
{
	const struct client **lists[PQ_CLIENTS] = { NULL };

	for (size_t i = 0; sims && i < clients_count; i++) {
		const struct sim *m = &sims[i];
		enum pq_client f;

		if (m->state == SIM_FAILS || !could(q, m->client))
			continue;
		f = fate(m);
		lists[f] = arena_push(a, lists[f], q->clients_n[f], sizeof *lists[f]);
		lists[f][q->clients_n[f]++] = m->client;
	}
	for (size_t f = 0; f < PQ_CLIENTS; f++)
		q->clients[f] = lists[f];
}

struct pq pq_of(const struct view *v, const struct sim *sims)
{
	struct pq q = { .offered = TRI_UNKNOWN };

	look_at_groups(&q, v);
	look_at_share(&q, v);
	look_at_versions(&q, v);
	look_at_keys(&q, v);
	look_at_clients(&q, sims, v->arena);
	q.harvest = harvest_of(&q);
	return q;
}
