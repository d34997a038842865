/* Records and groups as JSON, schema tlsassay/1: `json` an array of them, `ndjson` one a line. */
#include "report/writer.h"

#include <stdlib.h>

#include "report/finding_json.h"
#include "report/group.h"
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

static char *whole(const struct record *r, const struct judgement *j, bool pretty)
{
	struct json_object *o = record_to_json(r);
	char *s;

	json_set(o, "findings", findings(j));
	json_set(o, "grade", grade(&j->grade));
	json_set(o, "policies", json_list());
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
