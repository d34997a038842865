/* `list` and `explain`: what the program knows, from the same tables that it works by. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/probe.h"
#include "report/advice.h"
#include "report/finding_json.h"
#include "report/rules.h"
#include "report/grade.h"
#include "report/near.h"
#include "report/policy_shelf.h"
#include "report/why.h"
#include "report/writer.h"
#include "scanner/tls/clients.h"
#include "scanner/command.h"
#include "scanner/command_list.h"
#include "scanner/compare/rules.h"
#include "scanner/facts/json.h"
#include "scanner/option.h"
#include "scanner/page.h"
#include "scanner/run/prelude.h"
#include "scanner/run/target.h"

/* The schemas in report/schema, made into text by the build. */
extern const char tlsassay_schema[], policy_schema[];

/* One row of a list: an id, what it says, and where it comes from. */
static void row(struct json_object *rows, const char *id, const char *what, const char *source)
{
	struct json_object *o = json_map();

	json_set(o, "id", json_text(id));
	json_set(o, "what", json_text(what));
	json_set(o, "source", json_text(source));
	json_push(rows, o);
}

static void list_probes(struct json_object *rows)
{
	for (size_t i = 0; probes[i]; i++)
		row(rows, probes[i]->id, probes[i]->what, probes[i]->ref);
}

static void list_observations(struct json_object *rows)
{
	for (size_t i = 0; i < OBS_KEYS; i++)
		row(rows, obs_kinds[i].key, obs_kinds[i].what, NULL);
}

static void list_rules(struct json_object *rows)
{
	for (size_t i = 0; i < rules_count; i++)
		row(rows, rules[i].id, rules[i].title, rules[i].reference);
	for (size_t i = 0; i < guide_rules_count; i++)
		row(rows, guide_rules[i].id, effect_name(guide_rules[i].effect), guide_rules[i].since);
	for (size_t i = 0; i < group_rules_count; i++)
		row(rows, group_rules[i].id, group_rules[i].title, group_rules[i].reference);
}

/* What --starttls takes, and the port that it brings. */
static void list_dialects(struct json_object *rows)
{
	const struct dialect *d;
	char what[64];

	for (size_t i = 0; (d = dialect_at(i)); i++) {
		struct target t = { 0 };

		target_starttls(&t, dialect_name(d));
		snprintf(what, sizeof what, "port %u", (unsigned)t.port);
		row(rows, dialect_name(d), what, dialect_source(d));
	}
}

static void list_suites(struct json_object *rows)
{
	char code[8];

	for (size_t i = 0; i < suites_count; i++) {
		snprintf(code, sizeof code, "0x%04X", (unsigned)suites[i].code);
		row(rows, code, suites[i].name, suites[i].openssl);
	}
}

static void list_groups(struct json_object *rows)
{
	char code[8];

	for (size_t i = 0; i < groups_count; i++) {
		snprintf(code, sizeof code, "0x%04X", (unsigned)groups[i].code);
		row(rows, code, groups[i].name, groups[i].openssl);
	}
}

static struct json_object *last_of(struct json_object *rows)
{
	return json_object_array_get_idx(rows, json_object_array_length(rows) - 1);
}

static struct json_object *snippets_of(const struct recipe *r)
{
	struct json_object *list = json_list();

	for (const struct snippet *s = recipe_snippets(r); s->recipe == r; s++)
		json_push(list, snippet_json(s));
	return list;
}

static void list_recipes(struct json_object *rows)
{
	for (const struct recipe *r = recipes; r->id; r++) {
		row(rows, r->id, r->what, r->mends);
		json_set(last_of(rows), "snippets", snippets_of(r));
	}
}

static void list_clients(struct json_object *rows)
{
	for (size_t i = 0; i < clients_count; i++) {
		const struct client *c = &clients[i];
		char range[48];

		snprintf(range, sizeof range, "%s to %s", version_find(c->oldest)->name, version_find(c->newest)->name);
		row(rows, c->id, c->name, range);
	}
}

static void list_formats(struct json_object *rows)
{
	for (size_t i = 0; writers[i]; i++)
		row(rows, writers[i]->name, writers[i]->what, NULL);
}

static void list_policies(struct json_object *rows)
{
	for (const struct policy_text *t = policy_texts; t->name; t++) {
		struct policy *p = policy_shelf_read(t);
		struct arena a = { 0 };

		row(rows, arena_printf(&a, "%s@%s", p->name, p->edition), p->title,
			arena_printf(&a, "%s; %s", p->date, p->source));
		arena_free(&a);
		policy_free(p);
	}
}

static void list_options(struct json_object *rows)
{
	for (size_t i = 0; i < options_count; i++) {
		const struct option *o = &options[i];
		struct arena a = { 0 };

		row(rows, arena_printf(&a, "--%s", o->name), o->help, o->section);
		json_set(last_of(rows), "short", o->letter ? json_text(arena_printf(&a, "-%c", o->letter)) : NULL);
		json_set(last_of(rows), "argument", json_text(o->argument));
		arena_free(&a);
	}
}

static void list_pages(struct json_object *rows)
{
	for (const struct page *p = pages; p->name; p++)
		row(rows, p->name, p->what, NULL);
}

static const struct list {
	const char *name;
	void (*fill)(struct json_object *);
} lists[] = {
	{ "probes", list_probes }, { "observations", list_observations }, { "rules", list_rules },
	{ "suites", list_suites }, { "groups", list_groups }, { "formats", list_formats }, { "dialects", list_dialects },
	{ "policies", list_policies }, { "recipes", list_recipes },
	{ "clients", list_clients }, { "options", list_options }, { "pages", list_pages },
};

enum { LISTS = sizeof lists / sizeof *lists };

const char *command_list_name(size_t i)
{
	return i < LISTS ? lists[i].name : pages[i - LISTS].name;
}

static const char *member(struct json_object *o, const char *key)
{
	struct json_object *v = json_object_object_get(o, key);

	return v ? json_object_get_string(v) : "";
}

static void print_rows(struct json_object *rows)
{
	size_t n = json_object_array_length(rows);
	int width = 0;

	for (size_t i = 0; i < n; i++) {
		int w = (int)strlen(member(json_object_array_get_idx(rows, i), "id"));

		width = w > width ? w : width;
	}
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(rows, i);
		const char *source = member(o, "source");

		printf("%-*s  %s%s%s%s\n", width, member(o, "id"), member(o, "what"), *source ? "  (" : "", source,
			*source ? ")" : "");
	}
}

static void print_json(struct json_object *rows)
{
	char *text = json_dump(rows, true);

	puts(text);
	free(text);
}

static int print_schema(const char *schema)
{
	puts(schema);
	return EXIT_OK;
}

static int print_list(const struct list *l, bool json)
{
	struct json_object *rows = json_list();

	l->fill(rows);
	if (json)
		print_json(rows);
	else
		print_rows(rows);
	json_object_put(rows);
	return EXIT_OK;
}

static int print_page(const struct page *p)
{
	struct text t = { 0 };

	p->write(&t);
	fputs(text_str(&t), stdout);
	text_free(&t);
	return EXIT_OK;
}

static int list_usage(void)
{
	fputs("tlsassay: list what?", stderr);
	for (size_t i = 0; command_list_name(i); i++)
		fprintf(stderr, "%s%s", i ? ", " : " ", command_list_name(i));
	fputs("\n", stderr);
	return EXIT_USAGE;
}

int command_list(struct cli *c)
{
	const char *what = c->arguments[0] ? c->arguments[0] : "";

	if (c->schema && !strcmp(what, "formats"))
		return print_schema(tlsassay_schema);
	if (c->schema && !strcmp(what, "policies"))
		return print_schema(policy_schema);
	for (size_t i = 0; i < LISTS; i++)
		if (!strcmp(lists[i].name, what))
			return print_list(&lists[i], c->outputs_n);
	for (const struct page *p = pages; p->name && !c->outputs_n; p++)
		if (!strcmp(p->name, what))
			return print_page(p);
	return list_usage();
}

/* What a rule of the guide says to do. Behind a colon the report has what to remove. */
static const char *guide_fix(struct arena *a, const struct guide_rule *g)
{
	size_t n = g->fix ? strlen(g->fix) : 0;

	return n && g->fix[n - 1] == ':' ? arena_printf(a, "%.*s what the report names.", (int)(n - 1), g->fix)
	                                   : n ? g->fix : "nothing";
}

static const char *guide_since(const struct guide_rule *g)
{
	return g->since ? g->since : "base";
}

/* A finding and a rule of the guide can have the same id: they are about the same thing, and told as one. */
static void tell(struct json_object *o, const char *id, const char *what, const char *severity, const struct guide_rule *g,
	const char *mend, const char *source)
{
	struct arena a = { 0 };

	mend = mend || !g ? mend : guide_fix(&a, g);
	json_set(o, "id", json_text(id));
	json_set(o, "what", json_text(what));
	json_set(o, "severity", json_text(severity));
	json_set(o, "grade", !g ? NULL : json_text(arena_printf(&a, "%s (SSL Labs rating guide, %s)", effect_name(g->effect),
		guide_since(g))));
	json_set(o, "why", json_text(why_find(id)));
	json_set(o, "mend", json_text(mend));
	json_set(o, "source", json_text(source));
	arena_free(&a);
}

/* Lines to paste, for each program that there are some for. */
static void tell_recipe(struct json_object *o, const struct recipe *r)
{
	json_set(o, "recipe", json_text(r->what));
	json_set(o, "snippets", snippets_of(r));
}

static bool explain(struct json_object *o, const char *id)
{
	const struct rule *r = rule_find(id);
	const struct guide_rule *g = guide_rule_find(id);
	const struct group_rule *of_group = group_rule_find(id);
	const struct probe *p = probe_find(id);
	const struct recipe *recipe = recipe_find(id) ? recipe_find(id) : recipe_for(id);

	if (r)
		tell(o, id, r->title, severity_name(r->severity), g, r->advice, r->reference);
	else if (g)
		tell(o, id, "a rule of the grade", NULL, g, NULL, "SSL Labs rating guide");
	else if (of_group)
		tell(o, id, of_group->title, severity_name(of_group->severity), NULL, of_group->advice, of_group->reference);
	else if (p)
		tell(o, id, p->what, NULL, NULL, NULL, p->ref);
	else if (recipe)
		tell(o, id, recipe->what, NULL, NULL, NULL, recipe->mends);
	if (recipe)
		tell_recipe(o, recipe);
	return r || g || of_group || p || recipe;
}

static void print_lines(const char *lines)
{
	for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
		n = strcspn(lines, "\n");
		printf("    %.*s\n", (int)n, lines);
	}
}

static void print_snippet(struct json_object *s)
{
	const char *caution = member(s, "caution");

	printf("\n  %s, %s%s%s\n", member(s, "server"), member(s, "where"), caution && *caution ? ". " : "", caution ? caution : "");
	print_lines(member(s, "lines"));
}

static void print_explained(struct json_object *o)
{
	static const struct {
		const char *key, *label;
	} lines[] = { { "severity", "severity" }, { "grade", "grade" }, { "why", "why" }, { "mend", "mend it" }, { "source", "source" } };

	struct json_object *list;

	printf("%s: %s\n\n", member(o, "id"), member(o, "what"));
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (*member(o, lines[i].key))
			printf("%-11s%s\n", lines[i].label, member(o, lines[i].key));
	if (!json_object_object_get_ex(o, "snippets", &list))
		return;
	printf("%-11s%s\n", "to paste", member(o, "recipe"));
	for (size_t i = 0; i < json_object_array_length(list); i++)
		print_snippet(json_object_array_get_idx(list, i));
}

static void unknown_id(const char *id)
{
	const char *near = near_id(id);

	fprintf(stderr, "tlsassay: %s: no finding, rule or probe has this id; %s%s\n", id,
		near ? "is this meant: " : "see: tlsassay list rules", near ? near : "");
}

int command_explain(struct cli *c)
{
	const char *id = c->arguments[0];
	struct json_object *o = json_map();
	bool known = id && explain(o, id);

	if (!known)
		unknown_id(id ? id : "explain");
	else if (c->outputs_n)
		print_json(o);
	else
		print_explained(o);
	json_object_put(o);
	return known ? EXIT_OK : EXIT_USAGE;
}
