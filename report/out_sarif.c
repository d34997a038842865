/*
 * SARIF 2.1.0 (OASIS), as code scanning reads it: every rule once in the head, a result for each finding that
 * failed, at the line of the list of targets that the endpoint came from. What is waived is there too, as
 * suppressed; what could not be scanned is a notification in the foot, and the run then is not successful.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/issue.h"
#include "report/items.h"
#include "report/rules.h"
#include "report/show.h"
#include "scanner/base/die.h"

struct log {
	struct items results, troubles;
};

/* `score`: what GitHub sorts by; from 9.0 critical, 7.0 high, 4.0 medium, above 0.0 low. */
static const struct {
	const char *level, *score;
} severities[] = {
	[SEV_INFO] = { "note", "0.0" },
	[SEV_LOW] = { "note", "3.0" },
	[SEV_MEDIUM] = { "warning", "5.5" },
	[SEV_HIGH] = { "error", "8.0" },
	[SEV_CRITICAL] = { "error", "9.5" },
};

static struct json_object *one(const char *key, struct json_object *value)
{
	struct json_object *o = json_map();

	json_set(o, key, value);
	return o;
}

static struct json_object *message(const char *text)
{
	return one("text", json_text(text));
}

static struct json_object *list_of(struct json_object *value)
{
	struct json_object *list = json_list();

	json_push(list, value);
	return list;
}

/* ---- the head: the rules */

static struct json_object *tags(void)
{
	struct json_object *list = list_of(json_text("security"));

	json_push(list, json_text("tls"));
	return list;
}

static struct json_object *descriptor(struct arena *a, const struct rule *r)
{
	struct json_object *o = json_map(), *properties = json_map();

	json_set(properties, "tags", tags());
	json_set(properties, "security-severity", json_text(severities[r->severity].score));
	json_set(o, "id", json_text(r->id));
	json_set(o, "shortDescription", message(r->title));
	json_set(o, "help", message(arena_printf(a, "%s (%s)", r->advice, r->reference)));
	json_set(o, "defaultConfiguration", one("level", json_text(severities[r->severity].level)));
	json_set(o, "properties", properties);
	return o;
}

static void open_log(struct output *o)
{
	struct items list = { 0 };
	struct arena a = { 0 };

	o->state = mem_new(1, sizeof(struct log));
	fputs("{\"version\":\"2.1.0\",\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{\n"
	      "\"tool\":{\"driver\":{\"name\":\"tlsassay\",\"rules\":[", o->file);
	for (size_t i = 0; i < rules_count; i++)
		items_add(&list, descriptor(&a, &rules[i]));
	items_write(&list, o->file);
	items_free(&list);
	arena_free(&a);
	fputs("\n]}},\n\"results\":[", o->file);
}

/* ---- results */

/* A path as a URI (RFC 3986): relative ones stay so, since code scanning knows only the repository's files. */
static const char *uri(struct arena *a, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	struct text t = { 0 };
	const char *s;

	path += !strncmp(path, "./", 2) ? 2 : 0;
	text_add(&t, *path == '/' ? "file://" : "");
	for (; *path; path++)
		text_fmt(&t, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}

static struct json_object *locations(struct arena *a, const struct record *r, const struct place *at)
{
	struct json_object *physical = json_map(), *logical = json_map(), *l = json_map();

	json_set(physical, "artifactLocation", one("uri", json_text(uri(a, at->file))));
	json_set(physical, "region", one("startLine", json_count(at->line)));
	json_set(logical, "fullyQualifiedName", json_text(issue_endpoint(a, r)));
	json_set(logical, "kind", json_text("resource"));
	json_set(l, "physicalLocation", physical);
	json_set(l, "logicalLocations", list_of(logical));
	return list_of(l);
}

static struct json_object *suppressions(const struct finding *f)
{
	struct json_object *s = json_map();

	json_set(s, "kind", json_text("external"));
	if (f->because)
		json_set(s, "justification", json_text(f->because));
	return list_of(s);
}

static struct json_object *result(
        struct arena *a, const struct record *r, const struct finding *f, const struct place *at)
{
	const struct rule *rule = rule_find(f->id);
	struct json_object *v = json_map();

	json_set(v, "ruleId", json_text(f->id));
	if (rule)
		json_set(v, "ruleIndex", json_int(rule - rules));
	json_set(v, "level", json_text(severities[f->severity].level));
	json_set(v, "message", message(arena_printf(a, "%s: %s", issue_endpoint(a, r), issue_text(a, f))));
	json_set(v, "locations", locations(a, r, at));
	json_set(v, "partialFingerprints", one("tlsassay/v1", json_text(issue_key(a, r, f))));
	if (f->state == FINDING_WAIVED)
		json_set(v, "suppressions", suppressions(f));
	return v;
}

static struct json_object *trouble(struct arena *a, const struct record *r, const struct place *at)
{
	struct json_object *v = json_map();

	json_set(v, "descriptor", one("id", json_text(status_name(r->status))));
	json_set(v, "level", json_text(show_nothing_learnt(r) ? "error" : "warning"));
	json_set(v, "message", message(arena_printf(a, "%s: %s", issue_endpoint(a, r), show_error(a, r))));
	json_set(v, "locations", locations(a, r, at));
	return v;
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct log *l = o->state;
	struct arena a = { 0 };
	struct place at;

	if (!issue_place(o, r, &at)) { /* the command refuses before: what has no place is rejected */
		o->failed = true;
		return;
	}
	for (size_t i = 0; i < j->findings_count; i++)
		if (j->findings[i].state == FINDING_FAIL || j->findings[i].state == FINDING_WAIVED)
			items_add(&l->results, result(&a, r, &j->findings[i], &at));
	if (!issue_scanned(r))
		items_add(&l->troubles, trouble(&a, r, &at));
	items_write(&l->results, o->file);
	arena_free(&a);
}

static void close_log(struct output *o)
{
	struct log *l = o->state;

	fprintf(o->file, "\n],\n\"invocations\":[{\"executionSuccessful\":%s,\"toolExecutionNotifications\":[",
	        l->troubles.n ? "false" : "true");
	items_write(&l->troubles, o->file);
	fputs("\n]}]}]}\n", o->file);
	items_free(&l->results);
	items_free(&l->troubles);
	free(l);
	o->state = NULL;
}

const struct writer writer_sarif = {
	.name = "sarif",
	.what = "SARIF 2.1.0, for code scanning; with --sarif-anchor where no file lists the targets",
	.machine = true,
	.whole = true,
	.anchored = true,
	.open = open_log,
	.endpoint = endpoint,
	.close = close_log,
};
