#include "report/finding_json.h"

#include "report/advice.h"
#include "scanner/facts/json.h"

static struct json_object *evidence(const struct finding *f)
{
	struct json_object *map = json_map();

	for (size_t i = 0; i < f->evidence_count; i++)
		json_set(map, f->evidence[i].name, json_text(f->evidence[i].text));
	return map;
}

static struct json_object *waiver(const struct waiver *w)
{
	struct json_object *o = json_map();

	json_set(o, "until", json_text(w->until));
	json_set(o, "why", json_text(w->why));
	return o;
}

struct json_object *snippet_json(const struct snippet *s)
{
	struct json_object *o = json_map();

	json_set(o, "recipe", json_text(s->recipe->id));
	json_set(o, "server", json_text(s->server));
	json_set(o, "where", json_text(s->where));
	json_set(o, "caution", json_text(s->caution));
	json_set(o, "lines", json_text(s->lines));
	return o;
}

struct json_object *finding_json(const struct finding *f)
{
	struct json_object *o = json_map();

	json_set(o, "id", json_text(f->id));
	json_set(o, "severity", json_text(severity_name(f->severity)));
	json_set(o, "state", json_text(finding_state_name(f->state)));
	json_set(o, "title", json_text(f->title));
	json_set(o, "because", json_text(f->because));
	json_set(o, "evidence", evidence(f));
	json_set(o, "reference", json_text(f->reference));
	json_set(o, "advice", json_text(f->advice));
	if (f->snippet)
		json_set(o, "snippet", snippet_json(f->snippet));
	if (f->waiver)
		json_set(o, "waiver", waiver(f->waiver));
	return o;
}

struct json_object *gates_json(const struct gate_result *list, size_t n)
{
	struct json_object *all = json_list();

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_map();

		json_set(o, "gate", json_text(list[i].gate));
		json_set(o, "wants", json_text(list[i].wants));
		json_set(o, "state", json_text(gate_state_name(list[i].state)));
		json_set(o, "critical", json_flag(list[i].critical));
		json_set(o, "because", json_text(list[i].because));
		json_push(all, o);
	}
	return all;
}
