#include "report/simulate_json.h"

#include "report/simulate.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_views.h"

static struct json_object *code_or_null(uint32_t code)
{
	return code ? json_code(code) : NULL;
}

static struct json_object *measured(const struct sim *m)
{
	const struct obs *o = m->measured;
	struct json_object *j = json_map();

	json_set(j, "protocol", o->count ? json_protocol(o->protocol) : NULL);
	json_set(j, "suite", o->count ? json_code(o->codes[0]) : NULL);
	json_set(j, "group", o->count > 1 ? json_code(o->codes[1]) : NULL);
	json_set(j, "agrees", json_text(tri_name(sim_agrees(m))));
	return j;
}

/* What a client of the user's own was read from, and what that did not tell. */
static struct json_object *own(const struct client *c)
{
	struct json_object *j = json_map(), *untold = json_list();
	const char *word;

	for (size_t i = 0; (word = sim_untold(c, i)); i++)
		json_push(untold, json_text(word));
	json_set(j, "name", json_text(c->name));
	json_set(j, "from", json_text(c->source));
	json_set(j, "untold", untold);
	return j;
}

static struct json_object *row(const struct sim *m)
{
	struct json_object *j = json_map();
	bool connects = m->state == SIM_CONNECTS;

	json_set(j, "client", json_text(m->client->id));
	if (sim_is_own(m->client))
		json_set(j, "own", own(m->client));
	json_set(j, "state", json_text(sim_state_name(m->state)));
	json_set(j, "reason", m->reason ? json_text(sim_reason_word(m->reason)) : NULL);
	json_set(j, "protocol", m->version ? json_protocol(m->version) : NULL);
	json_set(j, "suite", code_or_null(m->suite));
	json_set(j, "group", code_or_null(m->group));
	json_set(j, "dh_bits", m->dh_bits ? json_int(m->dh_bits) : NULL);
	json_set(j, "certificate", m->cert ? json_text(cert_key_name(m->cert)) : NULL);
	json_set(j, "forward_secrecy", connects ? json_flag(m->forward_secret) : NULL);
	if (m->measured)
		json_set(j, "measured", measured(m));
	return j;
}

struct json_object *simulation_json(const struct judgement *j)
{
	struct json_object *list = json_list();

	for (size_t i = 0; j->sims && i < j->own_sims_count; i++)
		json_push(list, row(&j->own_sims[i]));
	for (size_t i = 0; j->sims && i < clients_count; i++)
		json_push(list, row(&j->sims[i]));
	return list;
}

struct json_object *lost_clients_json(const struct ledger_entry *e)
{
	struct json_object *list;

	if (!e->removes)
		return NULL;
	list = json_list();
	for (size_t i = 0; i < e->loses_count; i++)
		json_push(list, json_text(e->loses[i]->id));
	return list;
}
