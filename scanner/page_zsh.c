/* Completions for zsh: a row of _arguments for each option, and a function for each one whose values are known. */
#include "scanner/option.h"
#include "scanner/page.h"
#include "scanner/usage.h"
#include "scanner/offers.h"

static const char rest[] =
	"\n"
	"_tlsassay()\n"
	"{\n"
	"	_arguments -s -S : $_tlsassay_options '1:command or target:_tlsassay_first' '*:argument:_tlsassay_more'\n"
	"}\n"
	"\n"
	"if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _tlsassay \"$@\"; else compdef _tlsassay tlsassay; fi\n";

/* For an explanation between brackets in single quotes. */
static void add_quoted(struct text *t, const char *s)
{
	for (; *s; s++)
		if (*s == '\'')
			text_add(t, "'\\''");
		else
			text_fmt(t, *s == '[' || *s == ']' || *s == ':' || *s == '\\' ? "\\%c" : "%c", *s);
}

static bool known(const struct offers *v)
{
	return v->n || v->files || v->folders || v->hosts;
}

/* What offers these values: calls that complete, apart by `tried`. */
static void add_calls(struct text *t, const struct offers *v)
{
	if (v->n) {
		text_fmt(t, "\tcompadd \"$@\"%s --", v->open ? " -S ''" : "");
		for (size_t i = 0; i < v->n; i++)
			text_fmt(t, " %s", v->words[i]);
		text_char(t, '\n');
	}
	if (v->files)
		text_add(t, v->open ? "\tcompset -P '*:' && _files\n" : "\t_files\n");
	if (v->folders)
		text_add(t, "\t_files -/\n");
	if (v->hosts)
		text_add(t, "\t_hosts\n");
}

static void function(struct text *t, const char *kind, const char *name, const char *argument)
{
	struct arena a = { 0 };
	struct offers v;

	offers_of(&a, argument, &v);
	if (known(&v)) {
		text_fmt(t, "_tlsassay_%s_%s()\n{\n", kind, name);
		add_calls(t, &v);
		text_add(t, "}\n");
	}
	arena_free(&a);
}

/* `:message:action` of an option that takes a value. */
static void add_action(struct text *t, const struct option *o)
{
	struct arena a = { 0 };
	struct offers v;

	offers_of(&a, o->argument, &v);
	text_add(t, option_is_optional(o) ? "::" : ":");
	add_quoted(t, o->argument);
	text_char(t, ':');
	if (known(&v))
		text_fmt(t, "%s_tlsassay_option_%s", v.several ? "_sequence " : "", o->name);
	arena_free(&a);
}

/* One row for each way to write it; a short one that takes a value may have it in the same word. */
static void row(struct text *t, const struct option *o, bool is_short)
{
	text_fmt(t, "\t'%s", option_is_repeatable(o) ? "*" : "");
	if (o->letter && !option_is_repeatable(o))
		text_fmt(t, "(-%c --%s)", o->letter, o->name);
	if (is_short)
		text_fmt(t, "-%c%s[", o->letter, !o->argument ? "" : "+");
	else
		text_fmt(t, "--%s%s[", o->name, !o->argument ? "" : option_is_optional(o) ? "=-" : "=");
	add_quoted(t, o->help);
	text_char(t, ']');
	if (o->argument)
		add_action(t, o);
	text_add(t, "'\n");
}

static void all_options(struct text *t)
{
	for (size_t i = 0; i < options_count; i++)
		function(t, "option", options[i].name, options[i].argument);
	text_add(t, "\n_tlsassay_options=(\n");
	for (size_t i = 0; i < options_count; i++) {
		if (options[i].letter && !option_is_optional(&options[i]))
			row(t, &options[i], true);
		row(t, &options[i], false);
	}
	text_add(t, ")\n\n");
}

static void all_commands(struct text *t)
{
	for (const struct command *c = commands; c->name; c++)
		function(t, "command", c->name, c->arguments[0] == '-' ? NULL : c->arguments);
	text_add(t, "_tlsassay_first()\n{\n\tlocal -a rows=(\n");
	for (const struct command *c = commands; c->name; c++) {
		text_fmt(t, "\t\t'%s:", c->name);
		add_quoted(t, c->what);
		text_add(t, "'\n");
	}
	text_add(t, "\t)\n\t_describe command rows\n\t_hosts\n}\n");
	text_add(t, "_tlsassay_more()\n{\n"
		"\tif (( $+functions[_tlsassay_command_$words[2]] )); then _tlsassay_command_$words[2]; else _hosts; fi\n}\n");
}

void page_zsh(struct text *t)
{
	text_add(t, "#compdef tlsassay\n# zsh completion for tlsassay, written by `tlsassay list zsh`\n\n");
	all_options(t);
	all_commands(t);
	text_add(t, rest);
}
