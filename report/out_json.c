/* Records and groups as JSON, schema tlsassay/1: `json` an array of them, `ndjson` one a line. */
#include "report/writer.h"

#include <stdlib.h>

#include "report/finding_json.h"
#include "report/group.h"
#include "report/policy_judge.h"
#include "report/pq.h"
#include "report/simulate_json.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"

static struct json_object *findings(const struct judgement *j)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < j->findings_count; i++)
		json_push(list, finding_json(&j->findings[i]));
	return list;
}

/* Whole points, rounded down: what is shown never reaches a threshold that the exact score misses. */
static struct json_object *points(int score)
{
	return score < 0 ? NULL : json_int(score / SCORE_UNIT);
}

static struct json_object *score(const struct grade *g)
{
	struct json_object *o = json_map();

	json_set(o, "protocol", points(g->protocol));
	json_set(o, "key_exchange", points(g->key_exchange));
	json_set(o, "cipher", points(g->cipher));
	json_set(o, "total", points(g->total));
	return o;
}

static struct json_object *ledger(const struct grade *g)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < g->ledger_count; i++) {
		const struct ledger_entry *e = &g->ledger[i];
		struct json_object *o = json_map();

		json_set(o, "rule", json_text(e->rule));
		json_set(o, "effect", json_text(e->effect));
		json_set(o, "state", json_text(entry_state_name(e->state)));
		json_set(o, "because", json_text(e->because));
		json_set(o, "fix", json_text(e->fix));
		json_set(o, "loses", lost_clients_json(e));
		json_push(list, o);
	}
	return list;
}

static struct json_object *grade(const struct grade *g)
{
	struct json_object *o = json_map();

	json_set(o, "guide", json_text(g->guide));
	json_set(o, "letter", json_text(letter_name(g->letter)));
	json_set(o, "complete", json_flag(g->complete));
	json_set(o, "trust", json_text(g->trust));
	json_set(o, "config_letter", json_text(letter_name(g->config_letter)));
	json_set(o, "score", score(g));
	json_set(o, "ledger", ledger(g));
	return o;
}

static struct json_object *found(const struct policy_entry *e)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < e->found_count; i++)
		json_push(list, json_text(e->found[i]));
	return list;
}

static struct json_object *policy_entry(const struct policy_entry *e)
{
	struct json_object *o = json_map();

	json_set(o, "rule", json_text(e->rule->id));
	json_set(o, "level", json_text(policy_level_name(e->rule->level)));
	json_set(o, "clause", json_text(e->rule->clause));
	json_set(o, "observation", json_text(obs_kinds[e->rule->fact.obs].key));
	json_set(o, "because", json_text(e->because));
	if (e->state != FINDING_FAIL)
		return o;
	json_set(o, "found", found(e));
	json_set(o, "fix", json_text(e->fix));
	return o;
}

static struct json_object *policy_entries(const struct policy_result *p, enum finding_state state)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->entries_count; i++)
		if (p->entries[i].state == state)
			json_push(list, policy_entry(&p->entries[i]));
	return list;
}

static struct json_object *policy_rules(const struct policy_result *p, enum finding_state state)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < p->entries_count; i++)
		if (p->entries[i].state == state)
			json_push(list, json_text(p->entries[i].rule->id));
	return list;
}

static struct json_object *policy(const struct policy_result *p)
{
	struct json_object *o = json_map(), *not_checked = json_list();

	json_set(o, "name", json_text(p->policy->name));
	json_set(o, "edition", json_text(p->policy->edition));
	json_set(o, "date", json_text(p->policy->date));
	json_set(o, "title", json_text(p->policy->title));
	json_set(o, "source", json_text(p->policy->source));
	json_set(o, "note", json_text(p->policy->note));
	json_set(o, "state", json_text(policy_state_name(p->state)));
	json_set(o, "violations", policy_entries(p, FINDING_FAIL));
	json_set(o, "unknown", policy_entries(p, FINDING_UNKNOWN));
	json_set(o, "passed", policy_rules(p, FINDING_PASS));
	if (policy_count(p, LEVEL_MUST, FINDING_WAIVED) || policy_count(p, LEVEL_SHOULD, FINDING_WAIVED) ||
	        policy_count(p, LEVEL_MAY, FINDING_WAIVED))
		json_set(o, "waived", policy_rules(p, FINDING_WAIVED));
	json_set(o, "not_applicable", policy_rules(p, FINDING_NA));
	for (size_t i = 0; i < p->policy->not_checked_count; i++)
		json_push(not_checked, json_text(p->policy->not_checked[i]));
	json_set(o, "not_checked", not_checked);
	return o;
}

static struct json_object *policies(const struct judgement *j)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < j->policies_count; i++)
		json_push(list, policy(&j->policies[i]));
	return list;
}

static struct json_object *post_quantum(const struct record *r, const struct judgement *j)
{
	struct arena a = { 0 };
	struct json_object *o;
	struct view v;
	struct pq q;

	view_open(&v, r, &a);
	q = pq_of(&v, j->sims);
	o = pq_json(&q);
	arena_free(&a);
	return o;
}

static char *whole(const struct record *r, const struct judgement *j, bool pretty)
{
	struct json_object *o = record_to_json(r);
	char *s;

	json_set(o, "findings", findings(j));
	json_set(o, "grade", grade(&j->grade));
	json_set(o, "policies", policies(j));
	json_set(o, "simulation", simulation_json(j));
	json_set(o, "post_quantum", post_quantum(r, j));
	if (j->gates_count) /* what was not asked for is not there */
		json_set(o, "gates", gates_json(j->gates, j->gates_count));
	s = json_dump(o, pretty);
	json_object_put(o);
	return s;
}

static void array_open(struct output *o)
{
	fputs("[", o->file);
}

static void array_endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	char *s = whole(r, j, true);

	fprintf(o->file, "%s\n%s", o->written + o->groups ? "," : "", s);
	free(s);
}

static char *whole_group(const struct group_record *g, bool pretty)
{
	struct json_object *o = group_to_json(g);
	char *s = json_dump(o, pretty);

	json_object_put(o);
	return s;
}

static void array_group(struct output *o, const struct group_record *g)
{
	char *s = whole_group(g, true);

	fprintf(o->file, "%s\n%s", o->written + o->groups ? "," : "", s);
	free(s);
}

static void array_close(struct output *o)
{
	fputs(o->written ? "\n]\n" : "]\n", o->file);
}

static void line_endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	char *s = whole(r, j, false);

	fprintf(o->file, "%s\n", s);
	free(s);
}

static void line_group(struct output *o, const struct group_record *g)
{
	char *s = whole_group(g, false);

	fprintf(o->file, "%s\n", s);
	free(s);
}

const struct writer writer_json = {
	.name = "json",
	.what = "a JSON array of endpoints",
	.machine = true,
	.whole = true,
	.open = array_open,
	.endpoint = array_endpoint,
	.group = array_group,
	.close = array_close,
};

const struct writer writer_ndjson = {
	.name = "ndjson",
	.what = "one JSON object a line for each endpoint",
	.machine = true,
	.whole = true,
	.endpoint = line_endpoint,
	.group = line_group,
};
