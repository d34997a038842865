/* GitLab's code quality report: a list of what failed, each at the line of the list of targets. */
#include "report/writer.h"

#include <stdlib.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/items.h"
#include "report/show.h"
#include "scanner/base/die.h"

static const char *const severities[] = { [SEV_INFO] = "info",
	[SEV_LOW] = "minor",
	[SEV_MEDIUM] = "major",
	[SEV_HIGH] = "critical",
	[SEV_CRITICAL] = "blocker" };

static struct json_object *location(const struct place *at)
{
	struct json_object *o = json_map(), *lines = json_map();

	json_set(lines, "begin", json_count(at->line));
	json_set(o, "path", json_text(at->file));
	json_set(o, "lines", lines);
	return o;
}

static struct json_object *issue(
        struct arena *a, const struct subject *s, const struct finding *f, const struct place *at)
{
	struct json_object *o = json_map();

	json_set(o, "description", json_text(escape_in(a, escape_none, arena_printf(a, "%s: %s", s->title, issue_text(a, f)))));
	json_set(o, "check_name", json_text(f->id));
	json_set(o, "fingerprint", json_text(issue_key(a, s, f)));
	json_set(o, "severity", json_text(severities[f->severity]));
	json_set(o, "location", location(at));
	return o;
}

static void failed(struct output *o, struct arena *a, const struct subject *s, const struct place *at)
{
	for (size_t i = 0; i < s->findings_count; i++)
		if (s->findings[i].state == FINDING_FAIL)
			items_add(o->state, issue(a, s, &s->findings[i], at));
	items_write(o->state, o->file);
}

static void open_list(struct output *o)
{
	o->state = mem_new(1, sizeof(struct items));
	fputs("[", o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct arena a = { 0 };
	struct subject s = issue_of_endpoint(&a, r, j);
	/* silence would look like a clean endpoint */
	const struct finding trouble = { .id = "scan.incomplete", .title = show_error(&a, r), .severity = SEV_MEDIUM };
	struct place at;

	if (!issue_place(o, r, &at)) /* the command refuses before */
		o->failed = true;
	else {
		if (!issue_scanned(r))
			items_add(o->state, issue(&a, &s, &trouble, &at));
		failed(o, &a, &s, &at);
	}
	arena_free(&a);
}

static void group(struct output *o, const struct group_record *g)
{
	struct arena a = { 0 };
	struct subject s = issue_of_group(&a, g);
	struct place at;

	if (issue_group_place(o, g, &at))
		failed(o, &a, &s, &at);
	arena_free(&a);
}

static void close_list(struct output *o)
{
	fputs("\n]\n", o->file);
	items_free(o->state);
	free(o->state);
	o->state = NULL;
}

const struct writer writer_gitlab = {
	.name = "gitlab",
	.what = "GitLab's code quality report (JSON)",
	.machine = true,
	.whole = true,
	.anchored = true,
	.open = open_list,
	.endpoint = endpoint,
	.group = group,
	.close = close_list,
};
