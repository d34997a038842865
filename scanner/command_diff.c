/* `diff`: what changed in meaning between two saved reports. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/command.h"
#include "scanner/facts/json.h"
#include "scanner/facts/records.h"

struct report {
	struct record **list;
	size_t count;
};

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static bool report_open(struct report *t, const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	struct records in;
	struct record *r;
	bool well;

	if (!f) {
		die_if_memory();
		return complain(path, strerror(errno));
	}
	records_open(&in, f);
	while ((r = records_next(&in))) {
		t->list = mem_grow(t->list, t->count + 1, sizeof *t->list);
		t->list[t->count++] = r;
	}
	well = !in.why || complain(path, in.why);
	records_close(&in);
	if (f != stdin)
		fclose(f);
	return well;
}

static void report_close(struct report *t)
{
	for (size_t i = 0; i < t->count; i++)
		record_free(t->list[i]);
	free(t->list);
}

static const struct record *report_find(const struct report *t, const struct record *r)
{
	for (size_t i = 0; i < t->count; i++)
		if (diff_same_endpoint(t->list[i], r))
			return t->list[i];
	return NULL;
}

/* ---- as text -------------------------------------------------------------------------------------------------------- */

static const char *text_of(struct json_object *map, const char *key)
{
	const char *s = json_object_get_string(json_object_object_get(map, key));

	return s ? s : "";
}

static bool has_change(struct json_object *e, const char *text)
{
	struct json_object *changes = json_object_object_get(e, "changes");

	for (size_t i = 0; i < json_object_array_length(changes); i++)
		if (!strcmp(text_of(json_object_array_get_idx(changes, i), "text"), text))
			return true;
	return false;
}

/* On how many addresses of its target a change is seen, of how many, and whether one before this told of it. */
struct spread {
	size_t seen, of;
	bool told;
};

static struct spread spread_of(struct json_object *list, size_t at, const char *text)
{
	const char *target = text_of(json_object_array_get_idx(list, at), "target");
	struct spread s = { 0 };

	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *e = json_object_array_get_idx(list, i);

		if (strcmp(text_of(e, "target"), target) || !strcmp(text_of(e, "state"), "removed"))
			continue;
		s.of++;
		s.seen += has_change(e, text);
		s.told |= i < at && has_change(e, text);
	}
	return s;
}

static void say(struct json_object *e, const char *text, const struct spread *s)
{
	const char *ip = text_of(e, "ip");
	struct text t = { 0 };

	text_visible(&t, text_of(e, "target"));
	text_add(&t, "  ");
	if (s->of < 2 && *ip && strncmp(text_of(e, "target"), ip, strlen(ip))) {
		text_visible(&t, ip);
		text_add(&t, "  ");
	}
	text_visible(&t, text);
	if (s->of > 1)
		text_fmt(&t, " on %zu of %zu addresses", s->seen, s->of);
	puts(text_str(&t));
	text_free(&t);
}

/* "not compared, asked only now: a, b and 3 more" */
static void say_not_compared(struct json_object *e, const char *only)
{
	enum { SHOWN = 6 };
	struct json_object *list = json_object_object_get(e, "not_compared");
	struct text t = { 0 };
	size_t n = 0;

	text_fmt(&t, "not compared, known only %s: ", only);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (strcmp(text_of(o, "only"), only))
			continue;
		if (n < SHOWN)
			text_fmt(&t, "%s%s", n ? ", " : "", text_of(o, "key"));
		n++;
	}
	if (n > SHOWN)
		text_fmt(&t, " and %zu more", n - SHOWN);
	if (n)
		say(e, text_str(&t), &(struct spread){ 0 });
	text_free(&t);
}

static void print_endpoint(struct json_object *list, size_t at)
{
	struct json_object *e = json_object_array_get_idx(list, at), *changes = json_object_object_get(e, "changes");
	const char *state = text_of(e, "state");

	if (!strcmp(state, "added") || !strcmp(state, "removed"))
		say(e, !strcmp(state, "added") ? "is new" : "is not there any more", &(struct spread){ 0 });
	for (size_t i = 0; i < json_object_array_length(changes); i++) {
		const char *text = text_of(json_object_array_get_idx(changes, i), "text");
		struct spread s = spread_of(list, at, text);

		if (!s.told)
			say(e, text, &s);
	}
	say_not_compared(e, "before");
	say_not_compared(e, "now");
}

/* ---- as JSON -------------------------------------------------------------------------------------------------------- */

static struct json_object *endpoint(const struct record *r, const char *state)
{
	struct json_object *e = json_map();
	struct arena a = { 0 };

	json_set(e, "target", json_text(show_target(&a, r)));
	json_set(e, "ip", json_text(r->ip));
	json_set(e, "state", json_text(state));
	arena_free(&a);
	return e;
}

static struct json_object *not_compared(const struct diff *d)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < d->not_compared_n; i++) {
		struct json_object *o = json_map();

		json_set(o, "key", json_text(d->not_compared[i].key));
		json_set(o, "only", json_text(d->not_compared[i].only_now ? "now" : "before"));
		json_push(list, o);
	}
	return list;
}

static struct json_object *compared(const struct record *before, const struct record *now)
{
	struct json_object *list = json_list(), *e;
	struct diff d;

	diff_records(&d, before, now);
	e = endpoint(now, d.count ? "changed" : "same");
	for (size_t i = 0; i < d.count; i++) {
		struct json_object *c = json_map();

		json_set(c, "key", json_text(d.changes[i].key));
		json_set(c, "about", json_text(d.changes[i].about));
		json_set(c, "before", json_text(d.changes[i].before));
		json_set(c, "now", json_text(d.changes[i].now));
		json_set(c, "text", json_text(d.changes[i].text));
		json_push(list, c);
	}
	json_set(e, "changes", list);
	json_set(e, "not_compared", not_compared(&d));
	diff_free(&d);
	return e;
}

static struct json_object *alone(const struct record *r, const char *state)
{
	struct json_object *e = endpoint(r, state);

	json_set(e, "changes", json_list());
	json_set(e, "not_compared", json_list());
	return e;
}

static struct json_object *endpoints(const struct report *before, const struct report *now)
{
	struct json_object *list = json_list();

	for (size_t i = 0; i < now->count; i++) {
		const struct record *old = report_find(before, now->list[i]);

		json_push(list, old ? compared(old, now->list[i]) : alone(now->list[i], "added"));
	}
	for (size_t i = 0; i < before->count; i++)
		if (!report_find(now, before->list[i]))
			json_push(list, alone(before->list[i], "removed"));
	return list;
}

static bool all_same(struct json_object *list)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_object_get(json_object_array_get_idx(list, i), "state")), "same"))
			return false;
	return true;
}

static void print_json(struct json_object *list, bool same)
{
	struct json_object *o = json_map();
	char *text;

	json_set(o, "schema", json_text("tlsassay-diff/1"));
	json_set(o, "same", json_flag(same));
	json_set(o, "endpoints", json_object_get(list));
	text = json_dump(o, true);
	puts(text);
	free(text);
	json_object_put(o);
}

static int compare_reports(const struct cli *c, const struct report *before, const struct report *now)
{
	struct json_object *list = endpoints(before, now);
	bool same = all_same(list);

	if (c->outputs_n)
		print_json(list, same);
	for (size_t i = 0; !c->outputs_n && i < json_object_array_length(list); i++)
		print_endpoint(list, i);
	json_object_put(list);
	return same ? EXIT_OK : EXIT_GATE;
}

int command_diff(struct cli *c)
{
	struct report before = { 0 }, now = { 0 };
	int status = EXIT_USAGE;

	if (!c->arguments[0] || !c->arguments[1] || c->arguments[2])
		complain("diff", "two reports are wanted: OLD.json NEW.json");
	else if (report_open(&before, c->arguments[0]) && report_open(&now, c->arguments[1]))
		status = compare_reports(c, &before, &now);
	report_close(&before);
	report_close(&now);
	return status;
}
