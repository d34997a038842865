/* The post-quantum section as JSON. */
#include "report/pq.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_views.h"

static struct json_object *key_exchange(const struct pq *q)
{
	struct json_object *o = json_map(), *groups_ = json_list();

	for (size_t i = 0; i < q->groups.n; i++)
		json_push(groups_, json_code(q->groups.v[i]));
	json_set(o, "offered", json_text(tri_name(q->offered)));
	json_set(o, "reason", json_text(q->reason));
	json_set(o, "groups", groups_);
	json_set(o, "drafts_only", json_flag(q->drafts_only));
	json_set(o, "place", json_text(pq_place_word(q->place)));
	json_set(o, "retry", q->retry == TRI_ABSENT ? NULL : json_text(tri_name(q->retry)));
	json_set(o, "older_versions", json_text(tri_name(q->older)));
	json_set(o, "harvest_now", json_text(pq_harvest_word(q->harvest)));
	return o;
}

static struct json_object *authentication(const struct pq *q)
{
	struct json_object *o = json_map(), *keys = json_list();

	for (size_t i = 0; i < q->keys_n; i++)
		json_push(keys, json_text(q->keys[i]));
	json_set(o, "state", json_text(pq_auth_word(q->auth)));
	json_set(o, "keys", keys);
	return o;
}

static struct json_object *clients_by_fate(const struct pq *q)
{
	static const char *const fates[] = { [PQ_CLIENT_DIRECT] = "direct", [PQ_CLIENT_RETRIED] = "retried",
		[PQ_CLIENT_CLASSICAL] = "classical", [PQ_CLIENT_UNKNOWN] = "unknown" };
	struct json_object *o = json_map();

	for (size_t f = 0; f < PQ_CLIENTS; f++) {
		struct json_object *list = json_list();

		for (size_t i = 0; i < q->clients_n[f]; i++)
			json_push(list, json_text(q->clients[f][i]->id));
		json_set(o, fates[f], list);
	}
	return o;
}

struct json_object *pq_json(const struct pq *q)
{
	struct json_object *o = json_map();

	json_set(o, "key_exchange", key_exchange(q));
	json_set(o, "authentication", authentication(q));
	json_set(o, "clients", clients_by_fate(q));
	return o;
}
