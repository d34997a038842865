/*
 * SARIF 2.1.0 (OASIS), as code scanning reads it: a result for each finding that failed, at the line of the list
 * of targets that the endpoint came from; every rule once, in the foot, where it is known which others were met.
 * What is waived is there too, as suppressed; what could not be scanned is a notification, and the run then is
 * not successful.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/items.h"
#include "report/rules.h"
#include "report/show.h"
#include "scanner/base/die.h"

struct log {
	struct items results, troubles, rules;
	struct arena arena;
	const char **others; /* ids of rules that are not of the table: what compares endpoints has its own */
	size_t others_n;
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

/* "{0}" is a place to fill in, "[text](target)" a link, unless they are escaped (SARIF 2.1.0 sections 3.11.5, 3.11.6). */
static struct json_object *said(struct arena *a, const char *text)
{
	static const struct escape rows[] = { { "[", "\\[" }, { "]", "\\]" }, { "{", "{{" }, { "}", "}}" }, { NULL, NULL } };

	return one("text", json_text(escape_in(a, rows, text)));
}

static struct json_object *list_of(struct json_object *value)
{
	struct json_object *list = json_list();

	json_push(list, value);
	return list;
}

/* ---- rules */

static struct json_object *tags(void)
{
	struct json_object *list = list_of(json_text("security"));

	json_push(list, json_text("tls"));
	return list;
}

/* What a finding says of its rule. */
static struct json_object *descriptor(struct arena *a, const struct finding *f)
{
	struct json_object *o = json_map(), *properties = json_map();

	json_set(properties, "tags", tags());
	json_set(properties, "security-severity", json_text(severities[f->severity].score));
	json_set(o, "id", json_text(f->id));
	json_set(o, "shortDescription", said(a, f->title));
	json_set(o, "help", said(a, issue_advice(a, f)));
	json_set(o, "defaultConfiguration", one("level", json_text(severities[f->severity].level)));
	json_set(o, "properties", properties);
	return o;
}

static void open_log(struct output *o)
{
	struct log *l = mem_new(1, sizeof *l);

	for (size_t i = 0; i < rules_count; i++) {
		const struct finding f = { .id = rules[i].id,
			.title = rules[i].title,
			.reference = rules[i].reference,
			.advice = rules[i].advice,
			.severity = rules[i].severity };

		items_add(&l->rules, descriptor(&l->arena, &f));
	}
	o->state = l;
	fputs("{\"version\":\"2.1.0\",\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{\n"
	      "\"results\":[",
	        o->file);
}

static size_t rule_index(struct log *l, const struct finding *f)
{
	const struct rule *rule = rule_find(f->id);
	size_t i = 0;

	if (rule)
		return (size_t)(rule - rules);
	while (i < l->others_n && strcmp(l->others[i], f->id))
		i++;
	if (i == l->others_n) {
		l->others = arena_push(&l->arena, l->others, l->others_n, sizeof *l->others);
		l->others[l->others_n++] = arena_text(&l->arena, f->id);
		items_add(&l->rules, descriptor(&l->arena, f));
	}
	return rules_count + i;
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

static struct json_object *locations(struct arena *a, const struct subject *s, const struct place *at)
{
	struct json_object *physical = json_map(), *logical = json_map(), *l = json_map();

	json_set(physical, "artifactLocation", one("uri", json_text(uri(a, at->file))));
	json_set(physical, "region", one("startLine", json_count(at->line)));
	json_set(logical, "fullyQualifiedName", json_text(s->title));
	json_set(logical, "kind", json_text("resource"));
	json_set(l, "physicalLocation", physical);
	json_set(l, "logicalLocations", list_of(logical));
	return list_of(l);
}

static struct json_object *suppressions(const struct finding *f)
{
	struct json_object *s = json_map();

	json_set(s, "kind", json_text("external"));
	if (f->waiver)
		json_set(s, "justification", json_text(f->waiver->why));
	return list_of(s);
}

static struct json_object *result(
        struct arena *a, const struct subject *s, const struct finding *f, const struct place *at)
{
	struct json_object *v = json_map();

	json_set(v, "ruleId", json_text(f->id));
	json_set(v, "level", json_text(severities[f->severity].level));
	json_set(v, "message", said(a, arena_printf(a, "%s: %s", s->title, issue_text(a, f))));
	json_set(v, "locations", locations(a, s, at));
	json_set(v, "partialFingerprints", one("tlsassay/v1", json_text(issue_key(a, s, f))));
	if (f->state == FINDING_WAIVED)
		json_set(v, "suppressions", suppressions(f));
	return v;
}

static struct json_object *trouble(
        struct arena *a, const struct record *r, const struct subject *s, const struct place *at)
{
	struct json_object *v = json_map();

	json_set(v, "descriptor", one("id", json_text(status_name(r->status))));
	json_set(v, "level", json_text(show_nothing_learnt(r) ? "error" : "warning"));
	json_set(v, "message", said(a, arena_printf(a, "%s: %s", s->title, show_error(a, r))));
	json_set(v, "locations", locations(a, s, at));
	return v;
}

static void results(struct output *o, struct arena *a, const struct subject *s, const struct place *at)
{
	struct log *l = o->state;

	for (size_t i = 0; i < s->findings_count; i++) {
		const struct finding *f = &s->findings[i];
		struct json_object *v;

		if (f->state != FINDING_FAIL && f->state != FINDING_WAIVED)
			continue;
		v = result(a, s, f, at);
		json_set(v, "ruleIndex", json_count(rule_index(l, f)));
		items_add(&l->results, v);
	}
	items_write(&l->results, o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct log *l = o->state;
	struct arena a = { 0 };
	struct subject s = issue_of_endpoint(&a, r, j);
	struct place at;

	if (!issue_place(o, r, &at)) /* the command refuses before: what has no place is rejected */
		o->failed = true;
	else {
		results(o, &a, &s, &at);
		if (!issue_scanned(r))
			items_add(&l->troubles, trouble(&a, r, &s, &at));
	}
	arena_free(&a);
}

static void group(struct output *o, const struct group_record *g)
{
	struct arena a = { 0 };
	struct subject s = issue_of_group(&a, g);
	struct place at;

	if (issue_group_place(o, g, &at))
		results(o, &a, &s, &at);
	arena_free(&a);
}

static void close_log(struct output *o)
{
	struct log *l = o->state;

	fprintf(o->file, "\n],\n\"invocations\":[{\"executionSuccessful\":%s,\"toolExecutionNotifications\":[",
	        l->troubles.n ? "false" : "true");
	items_write(&l->troubles, o->file);
	fputs("\n]}],\n\"tool\":{\"driver\":{\"name\":\"tlsassay\",\"rules\":[", o->file);
	items_write(&l->rules, o->file);
	fputs("\n]}}\n}]}\n", o->file);
	items_free(&l->results);
	items_free(&l->troubles);
	items_free(&l->rules);
	arena_free(&l->arena);
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
	.group = group,
	.close = close_log,
};
