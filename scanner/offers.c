#include "scanner/offers.h"

#include <ctype.h>
#include <string.h>

#include "probes/probe.h"
#include "report/advice.h"
#include "report/grade.h"
#include "report/judge.h"
#include "report/policy_shelf.h"
#include "report/rules.h"
#include "report/writer.h"
#include "scanner/base/die.h"
#include "scanner/command_list.h"
#include "scanner/compare/rules.h"
#include "scanner/run/prelude.h"
#include "scanner/tls/tables.h"

static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@+/-";

static void add(struct arena *a, struct offers *v, const char *word)
{
	if (!word || !*word)
		return;
	require(!word[strspn(word, safe)]);
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->words[i], word))
			return;
	v->words = arena_push(a, v->words, v->n, sizeof *v->words);
	v->words[v->n++] = word;
}

static void add_formats(struct arena *a, struct offers *v)
{
	for (size_t i = 0; writers[i]; i++)
		add(a, v, writers[i]->name);
	v->open = true;
}

static void add_probes(struct arena *a, struct offers *v)
{
	for (size_t i = 0; probes[i]; i++) {
		for (const char *const *t = probes[i]->topics; t && *t; t++)
			add(a, v, *t);
		add(a, v, probes[i]->id);
	}
}

static void add_dialects(struct arena *a, struct offers *v)
{
	const struct dialect *d;

	for (size_t i = 0; (d = dialect_at(i)); i++)
		add(a, v, dialect_name(d));
}

static void add_policies(struct arena *a, struct offers *v)
{
	for (const struct policy_text *t = policy_texts; t->name; t++) {
		add(a, v, t->name);
		add(a, v, arena_printf(a, "%s@%s", t->name, t->edition));
	}
}

static void add_suites(struct arena *a, struct offers *v)
{
	for (size_t i = 0; i < suites_count; i++)
		add(a, v, suites[i].name);
}

static void add_groups(struct arena *a, struct offers *v)
{
	for (size_t i = 0; i < groups_count; i++)
		add(a, v, groups[i].name);
}

static void add_versions(struct arena *a, struct offers *v)
{
	for (size_t i = 0; i < versions_count; i++)
		if (versions[i].kind == VERSION_STABLE)
			add(a, v, versions[i].name);
}

static void add_letters(struct arena *a, struct offers *v)
{
	for (enum letter l = LETTER_A_PLUS; l <= LETTER_F; l++)
		add(a, v, letter_name(l));
}

static void add_severities(struct arena *a, struct offers *v)
{
	for (enum severity s = SEV_INFO; s <= SEV_CRITICAL; s++)
		add(a, v, severity_name(s));
}

static void add_lists(struct arena *a, struct offers *v)
{
	for (size_t i = 0; command_list_name(i); i++)
		add(a, v, command_list_name(i));
}

/* What `explain` takes. */
static void add_ids(struct arena *a, struct offers *v)
{
	for (size_t i = 0; i < rules_count; i++)
		add(a, v, rules[i].id);
	for (size_t i = 0; i < guide_rules_count; i++)
		add(a, v, guide_rules[i].id);
	for (size_t i = 0; i < group_rules_count; i++)
		add(a, v, group_rules[i].id);
	for (size_t i = 0; probes[i]; i++)
		add(a, v, probes[i]->id);
	for (const struct recipe *r = recipes; r->id; r++)
		add(a, v, r->id);
}

static void add_files(struct arena *a, struct offers *v)
{
	(void)a;
	v->files = true;
}

static void add_folders(struct arena *a, struct offers *v)
{
	(void)a;
	v->folders = true;
}

static void add_hosts(struct arena *a, struct offers *v)
{
	(void)a;
	v->hosts = true;
}

static const struct {
	const char *word;
	void (*add)(struct arena *, struct offers *);
} kinds[] = {
	{ "FORMAT", add_formats }, { "PROBE", add_probes }, { "DIALECT", add_dialects }, { "POLICY", add_policies },
	{ "SUITE", add_suites }, { "GROUP", add_groups }, { "VERSION", add_versions }, { "LETTER", add_letters },
	{ "SEVERITY", add_severities }, { "WHAT", add_lists }, { "ID", add_ids }, { "DIR", add_folders },
	{ "FILE", add_files }, { "OLD", add_files }, { "NEW", add_files },
	{ "TARGET", add_hosts },
};

static void add_kind(struct arena *a, struct offers *v, const char *word)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].word, word))
			kinds[i].add(a, v);
	if (islower((unsigned char)*word))
		add(a, v, word);
}

void offers_of(struct arena *a, const char *argument, struct offers *v)
{
	static const char apart[] = "|[]:=, ";
	char *save = NULL, *copy = argument ? arena_text(a, argument) : NULL;

	*v = (struct offers){ .several = argument && strstr(argument, ",...") };
	for (char *word = copy ? strtok_r(copy, apart, &save) : NULL; word; word = strtok_r(NULL, apart, &save))
		add_kind(a, v, arena_textn(a, word, strcspn(word, "."))); /* OLD.json, TARGET... */
}
