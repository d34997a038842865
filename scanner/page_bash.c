/*
 * Completions for bash. What may follow is data, a case for each option; the few lines of shell behind it find out what is
 * being written.
 */
#include "scanner/option.h"
#include "scanner/page.h"
#include "scanner/usage.h"
#include "scanner/offers.h"

static const char rest[] =
	"\n"
	"_tlsassay_names()\n"
	"{\n"
	"	mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen \"$1\" -- \"$2\")\n"
	"}\n"
	"\n"
	"# The matches for what is written, $1; behind the last comma where a list may stand.\n"
	"_tlsassay_offer()\n"
	"{\n"
	"	local front=''\n"
	"	if [[ $several && $1 == *,* ]]; then front=${1%,*},; fi\n"
	"	mapfile -t COMPREPLY < <(compgen -P \"$front\" -W \"$words\" -- \"${1#\"$front\"}\")\n"
	"	if [[ $open || $several ]]; then compopt -o nospace 2>/dev/null; fi\n"
	"	if [[ $files ]]; then _tlsassay_names -f \"$1\"; compopt -o filenames 2>/dev/null; fi\n"
	"	if [[ $folders ]]; then _tlsassay_names -d \"$1\"; compopt -o filenames 2>/dev/null; fi\n"
	"	if [[ $hosts ]]; then _tlsassay_names -Ahostname \"$1\"; fi\n"
	"}\n"
	"\n"
	"# bash takes = : @ for the ends of words, and wants only what comes behind the last one, or with it where that is an @.\n"
	"_tlsassay_cut()\n"
	"{\n"
	"	local front=${1%\"${2##[=:@]}\"} i\n"
	"	front=${front%@}\n"
	"	for i in \"${!COMPREPLY[@]}\"; do COMPREPLY[i]=${COMPREPLY[i]#\"$front\"}; done\n"
	"}\n"
	"\n"
	"_tlsassay()\n"
	"{\n"
	"	local line=${COMP_LINE:0:COMP_POINT} words files folders hosts several open optional equals='' current before\n"
	"	local -a typed\n"
	"	read -ra typed <<<\"$line\"\n"
	"	current=${line##*[[:space:]]}\n"
	"	if [[ $current ]]; then unset 'typed[-1]'; fi\n"
	"	before=${typed[-1]}\n"
	"	if [[ $current == --*=* ]]; then equals=1 before=${current%%=*} current=${current#*=}; fi\n"
	"	if _tlsassay_option \"$before\" && [[ $equals || ! $optional ]]; then\n"
	"		if [[ $open && $current == *:* ]]; then words='' files=1 current=${current#*:}; fi\n"
	"	else\n"
	"		files='' folders='' hosts='' several='' open=''\n"
	"		if [[ $current == -* ]]; then words=$_tlsassay_options\n"
	"		else _tlsassay_command $((${#typed[@]} > 1)) \"${typed[1]}\"; fi\n"
	"	fi\n"
	"	_tlsassay_offer \"$current\"\n"
	"	_tlsassay_cut \"$current\" \"${COMP_WORDS[COMP_CWORD]}\"\n"
	"}\n"
	"complete -F _tlsassay tlsassay\n";

static void add_values(struct text *t, const struct offers *v)
{
	text_add(t, "words='");
	for (size_t i = 0; i < v->n; i++)
		text_fmt(t, "%s%s", i ? " " : "", v->words[i]);
	text_fmt(t, "'%s%s%s%s%s", v->files ? " files=1" : "", v->folders ? " folders=1" : "", v->hosts ? " hosts=1" : "",
		v->several ? " several=1" : "", v->open ? " open=1" : "");
}

static void option(struct text *t, const struct option *o)
{
	struct arena a = { 0 };
	struct offers v;

	offers_of(&a, o->argument, &v);
	text_add(t, "\t");
	if (o->letter)
		text_fmt(t, "-%c | ", o->letter);
	text_fmt(t, "--%s) ", o->name);
	add_values(t, &v);
	text_add(t, option_is_optional(o) ? " optional=1 ;;\n" : " ;;\n");
	arena_free(&a);
}

static void command(struct text *t, const struct command *c)
{
	struct arena a = { 0 };
	struct offers v;

	offers_of(&a, c->arguments[0] == '-' ? NULL : c->arguments, &v);
	text_fmt(t, "\t1%s) ", c->name);
	add_values(t, &v);
	text_add(t, " ;;\n");
	arena_free(&a);
}

static void all_options(struct text *t)
{
	text_add(t, "_tlsassay_options='");
	for (size_t i = 0; i < options_count; i++) {
		if (options[i].letter)
			text_fmt(t, "-%c ", options[i].letter);
		text_fmt(t, "--%s%s", options[i].name, i + 1 < options_count ? " " : "'\n\n");
	}
}

void page_bash(struct text *t)
{
	text_add(t, "# bash completion for tlsassay, written by `tlsassay list bash`\n\n");
	all_options(t);
	text_add(t, "# What may follow an option; false when nothing does.\n_tlsassay_option()\n{\n\tcase $1 in\n");
	for (size_t i = 0; i < options_count; i++)
		if (options[i].argument)
			option(t, &options[i]);
	text_add(t, "\t*) return 1 ;;\n\tesac\n}\n\n");
	text_add(t, "# What a command takes; $1: 0 while it is being written itself.\n_tlsassay_command()\n{\n\tcase $1$2 in\n");
	for (const struct command *c = commands; c->name; c++)
		command(t, c);
	text_add(t, "\t0*) hosts=1 words='");
	for (const struct command *c = commands; c->name; c++)
		text_fmt(t, "%s%s", c->name, c[1].name ? " " : "' ;;\n");
	text_add(t, "\t*) hosts=1 words='' ;;\n\tesac\n}\n");
	text_add(t, rest);
}
