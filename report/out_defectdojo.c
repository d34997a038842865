/*
 * DefectDojo's "Generic Findings Import": what failed, and what was waived as an accepted risk. Its importer
 * refuses keys that it does not know. Its pages show description, mitigation and references as markdown.
 */
#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/items.h"
#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/facts/record_json.h"

static const char *const severities[] = { [SEV_INFO] = "Info",
	[SEV_LOW] = "Low",
	[SEV_MEDIUM] = "Medium",
	[SEV_HIGH] = "High",
	[SEV_CRITICAL] = "Critical" };

static struct json_object *endpoints(const struct subject *s)
{
	struct json_object *list = json_list(), *o;

	if (!s->host)
		return list;
	o = json_map();
	json_set(o, "host", json_text(s->host));
	if (s->port)
		json_set(o, "port", json_int(s->port));
	json_push(list, o);
	return list;
}

static struct json_object *ids(struct arena *a, const struct finding *f)
{
	struct json_object *list = json_list();
	const char *s = issue_ids(a, f->reference, "CVE-");

	for (size_t n; *s; s += n + (s[n] == ' ')) {
		n = strcspn(s, " ");
		json_push(list, json_text(arena_textn(a, s, n)));
	}
	return list;
}

static struct json_object *markdown(struct arena *a, const char *text)
{
	return json_text(escape_in(a, escape_markdown, text));
}

static const char *description(struct arena *a, const struct subject *about, const struct finding *f)
{
	struct text t = { 0 };
	const char *s;

	escape_add(&t, escape_markdown, arena_printf(a, "%s: %s", about->title, issue_text(a, f)));
	for (size_t i = 0; i < f->evidence_count; i++) {
		text_add(&t, "\n\n");
		escape_add(&t, escape_markdown, arena_printf(a, "%s: %s", f->evidence[i].name, f->evidence[i].text));
	}
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}

static struct json_object *item(struct arena *a, const struct subject *s, const struct finding *f, const char *date)
{
	struct json_object *o = json_map();

	json_set(o, "title", json_text(f->title));
	json_set(o, "severity", json_text(severities[f->severity]));
	json_set(o, "description", json_text(description(a, s, f)));
	if (date)
		json_set(o, "date", json_text(date));
	if (f->advice)
		json_set(o, "mitigation", markdown(a, f->advice));
	if (f->reference)
		json_set(o, "references", markdown(a, f->reference));
	json_set(o, "vulnerability_ids", ids(a, f));
	json_set(o, "vuln_id_from_tool", json_text(f->id));
	json_set(o, "unique_id_from_tool", json_text(issue_key(a, s, f)));
	json_set(o, "active", json_flag(f->state == FINDING_FAIL));
	json_set(o, "risk_accepted", json_flag(f->state == FINDING_WAIVED));
	json_set(o, "static_finding", json_flag(false));
	json_set(o, "dynamic_finding", json_flag(true));
	json_set(o, "endpoints", endpoints(s));
	return o;
}

static void open_list(struct output *o)
{
	o->state = mem_new(1, sizeof(struct items));
	fputs("{\"name\":\"tlsassay\",\"type\":\"tlsassay\",\"findings\":[", o->file);
}

static void failed(struct output *o, struct arena *a, const struct subject *s, const char *date)
{
	for (size_t i = 0; i < s->findings_count; i++)
		if (s->findings[i].state == FINDING_FAIL || s->findings[i].state == FINDING_WAIVED)
			items_add(o->state, item(a, s, &s->findings[i], date));
	items_write(o->state, o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct arena a = { 0 };
	struct subject s = issue_of_endpoint(&a, r, j);
	const struct finding trouble = { .id = "scan.incomplete",
		.title = "The endpoint was not scanned, or only in part",
		.because = show_error(&a, r),
		.severity = SEV_INFO };
	char date[24];

	time_text(r->started, date);
	date[10] = 0; /* the day */
	if (!issue_scanned(r))
		items_add(o->state, item(&a, &s, &trouble, date));
	failed(o, &a, &s, date);
	arena_free(&a);
}

static void group(struct output *o, const struct group_record *g)
{
	struct arena a = { 0 };
	struct subject s = issue_of_group(&a, g);

	failed(o, &a, &s, NULL);
	arena_free(&a);
}

static void close_list(struct output *o)
{
	fputs("\n]}\n", o->file);
	items_free(o->state);
	free(o->state);
	o->state = NULL;
}

const struct writer writer_defectdojo = {
	.name = "defectdojo",
	.what = "DefectDojo's generic findings import (JSON)",
	.machine = true,
	.whole = true,
	.open = open_list,
	.endpoint = endpoint,
	.group = group,
	.close = close_list,
};
