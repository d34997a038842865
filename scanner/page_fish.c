/* Completions for fish: a line for each option and command, and a function for each option that takes a list of known words. */
#include "scanner/option.h"
#include "scanner/page.h"
#include "scanner/usage.h"
#include "scanner/offers.h"

/* In single quotes, where fish knows \' and \\ alone. */
static void add_quoted(struct text *t, const char *s)
{
	for (; *s; s++)
		text_fmt(t, *s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
}

static void add_words(struct text *t, const struct offers *v, const char *between)
{
	for (size_t i = 0; i < v->n; i++)
		text_fmt(t, "%s%s", i ? between : "", v->words[i]);
}

static void list_function(struct text *t, const struct option *o, const struct offers *v)
{
	text_fmt(t, "function __fish_tlsassay_%s\n\tprintf '%%s\\n' ", o->name);
	add_words(t, v, " ");
	text_add(t, "\nend\n");
}

static void add_value(struct text *t, const struct option *o, const struct offers *v)
{
	if (!option_is_optional(o))
		text_add(t, v->files || v->folders ? " -r -F" : " -x");
	else if (v->files)
		text_add(t, " -F");
	if (v->n && v->several)
		text_fmt(t, " -a '(__fish_complete_list , __fish_tlsassay_%s)'", o->name);
	else if (v->n) {
		text_add(t, " -a '");
		add_words(t, v, " ");
		text_char(t, '\'');
	}
}

static void option(struct text *t, const struct option *o)
{
	struct arena a = { 0 };
	struct offers v;

	offers_of(&a, o->argument, &v);
	if (v.n && v.several)
		list_function(t, o, &v);
	text_add(t, "complete -c tlsassay");
	if (o->letter)
		text_fmt(t, " -s %c", o->letter);
	text_fmt(t, " -l %s", o->name);
	if (o->argument)
		add_value(t, o, &v);
	text_add(t, " -d '");
	add_quoted(t, o->help);
	text_add(t, "'\n");
	arena_free(&a);
}

static void command(struct text *t, const struct command *c)
{
	struct arena a = { 0 };
	struct offers v;

	text_fmt(t, "complete -c tlsassay -n __fish_use_subcommand -a %s -d '", c->name);
	add_quoted(t, c->what);
	text_add(t, "'\n");
	offers_of(&a, c->arguments[0] == '-' ? NULL : c->arguments, &v);
	if (v.n || v.files) {
		text_fmt(t, "complete -c tlsassay -n '__fish_seen_subcommand_from %s'%s -a '", c->name, v.files ? " -F" : "");
		add_words(t, &v, " ");
		text_add(t, "'\n");
	}
	arena_free(&a);
}

void page_fish(struct text *t)
{
	text_add(t, "# fish completion for tlsassay, written by `tlsassay list fish`\n\n"
		"complete -c tlsassay -f\n"
		"complete -c tlsassay -n '__fish_use_subcommand; or __fish_seen_subcommand_from scan handshake' -a '(__fish_print_hostnames)'\n");
	for (const struct command *c = commands; c->name; c++)
		command(t, c);
	for (size_t i = 0; i < options_count; i++)
		option(t, &options[i]);
}
