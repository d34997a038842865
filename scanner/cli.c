#include "scanner/cli.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/option.h"
#include "scanner/run/target.h"
#include "scanner/usage.h"

static bool complain(const char *what, const char *about)
{
	fprintf(stderr, "tlsassay: %s: %s (try --help)\n", about, what);
	return false;
}

/* ---- values: one reader for each kind ------------------------------------------------------------------------------ */

static void *field_of(struct cli *c, const struct option *o)
{
	return (char *)c + o->field;
}

static bool set_flag(struct cli *c, const struct option *o, const char *value)
{
	(void)value;
	*(bool *)field_of(c, o) = true;
	return true;
}

static bool set_text(struct cli *c, const struct option *o, const char *value)
{
	*(const char **)field_of(c, o) = value;
	return true;
}

static bool set_count(struct cli *c, const struct option *o, const char *value)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n == 0 || n > 1000000000)
		return complain("a number from 1 to 1000000000 is wanted", o->name);
	*(uint64_t *)field_of(c, o) = n;
	return true;
}

static bool set_depth(struct cli *c, const struct option *o, const char *value)
{
	char *end;
	unsigned long long n = strtoull(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || n > 1000000)
		return complain("a number from 0 to 1000000 is wanted", o->name);
	*(uint64_t *)field_of(c, o) = n + 1;
	return true;
}

static bool set_seconds(struct cli *c, const struct option *o, const char *value)
{
	char *end;
	double seconds = strtod(value, &end);

	if (end == value || *end || !(seconds > 0 && seconds <= 86400))
		return complain("a time in seconds, up to a day, is wanted", o->name);
	*(uint64_t *)field_of(c, o) = (uint64_t)(seconds * 1e6 + 0.5);
	return true;
}

/* The words of a list, behind those that are there. */
static bool add_words(struct cli *c, const struct option *o, const char *value, const char *const *before)
{
	size_t n = 0;
	const char **words = NULL;
	char *copy = arena_text(&c->arena, value), *save = NULL;

	for (; before && *before; before++) {
		words = arena_push(&c->arena, words, n, sizeof *words);
		words[n++] = *before;
	}
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		words = arena_push(&c->arena, words, n, sizeof *words);
		words[n++] = w;
	}
	if (!n)
		return complain("a list is wanted", o->name);
	words = arena_push(&c->arena, words, n, sizeof *words);
	words[n] = NULL;
	*(const char *const **)field_of(c, o) = words;
	return true;
}

static bool set_words(struct cli *c, const struct option *o, const char *value)
{
	return add_words(c, o, value, NULL);
}

static bool set_more(struct cli *c, const struct option *o, const char *value)
{
	return add_words(c, o, value, *(const char *const **)field_of(c, o));
}

static bool add_output(struct cli *c, const char *format, const char *file)
{
	c->outputs = arena_push(&c->arena, c->outputs, c->outputs_n, sizeof *c->outputs);
	c->outputs[c->outputs_n++] = (struct cli_output){ .format = format, .file = file };
	return true;
}

static bool set_output(struct cli *c, const struct option *o, const char *value)
{
	char *format = arena_text(&c->arena, value), *colon = strchr(format, ':');

	(void)o;
	if (colon)
		*colon = 0;
	return add_output(c, format, colon && strcmp(colon + 1, "-") ? colon + 1 : NULL);
}

static bool set_json(struct cli *c, const struct option *o, const char *value)
{
	(void)o;
	return add_output(c, "json", value && strcmp(value, "-") ? value : NULL);
}

static bool set_html(struct cli *c, const struct option *o, const char *value)
{
	(void)o;
	return add_output(c, "html", strcmp(value, "-") ? value : NULL);
}

static bool set_colour(struct cli *c, const struct option *o, const char *value)
{
	if (strcmp(value, "auto") && strcmp(value, "always") && strcmp(value, "never"))
		return complain("auto, always or never is wanted", o->name);
	return set_text(c, o, value);
}

/* An empty one is none. */
static bool set_name(struct cli *c, const struct option *o, const char *value)
{
	if (*value && !target_is_name(value))
		return complain("a host name is wanted: letters, digits, '-', '_' and dots", o->name);
	return set_text(c, o, value);
}

static bool set_named(struct cli *c, const struct option *o, const char *value)
{
	const char *equals = strchr(value, '=');

	if (!equals || !equals[1])
		return complain("NAME=FILE is wanted", o->name);
	c->trust = arena_push(&c->arena, c->trust, c->trust_n, sizeof *c->trust);
	c->trust[c->trust_n++] = (struct cli_named){ arena_textn(&c->arena, value, (size_t)(equals - value)), equals + 1 };
	return true;
}

static bool add_client(struct cli *c, const struct option *o, const char *value)
{
	(void)o;
	c->clients = arena_push(&c->arena, c->clients, c->clients_n, sizeof *c->clients);
	c->clients[c->clients_n++] = value;
	return true;
}

/* The program's own version; for `handshake` the one to speak. */
static bool set_version(struct cli *c, const struct option *o, const char *value)
{
	(void)o;
	c->version = !value;
	c->tls_version = value;
	return true;
}

static bool (*const setters[])(struct cli *, const struct option *, const char *) = {
	[KIND_FLAG] = set_flag,	    [KIND_TEXT] = set_text,   [KIND_COUNT] = set_count,
	[KIND_SECONDS] = set_seconds, [KIND_WORDS] = set_words, [KIND_OUTPUT] = set_output,
	[KIND_JSON] = set_json,	    [KIND_HTML] = set_html,   [KIND_COLOUR] = set_colour,
	[KIND_VERSION] = set_version, [KIND_NAME] = set_name,
	[KIND_DEPTH] = set_depth,   [KIND_NAMED] = set_named, [KIND_MORE] = set_more,
	[KIND_CLIENT] = add_client,
};

/* ---- words ------------------------------------------------------------------------------------------------------------- */

static bool wants_value(const struct cli *c, const struct option *o)
{
	return !option_is_optional(o) || (o->kind == KIND_VERSION && !strcmp(c->command, "handshake"));
}

struct words {
	int argc, at;
	char *const *argv;
};

static bool is_one_of(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list))
		list++;
	return *list;
}

/* By its section: what is said and decided of the answers changes no question. Keys, and where they are, are nobody's. */
static bool shapes_questions(const struct option *o)
{
	static const char *const sections[] = { "where", "as whom", "what", "how fast", NULL };
	static const char *const kept_back[] = { "file", "jobs", "psk", "key", "pass-file", NULL };

	return is_one_of(o->section, sections) && !is_one_of(o->name, kept_back);
}

static void note_asked(struct cli *c, const struct option *o, const char *value)
{
	if (!shapes_questions(o))
		return;
	c->asked = arena_push(&c->arena, c->asked, c->asked_n, sizeof *c->asked);
	c->asked[c->asked_n++] = arena_printf(&c->arena, "--%s%s%s", o->name, value ? "=" : "", value ? value : "");
}

static bool apply(struct cli *c, const struct option *o, const char *inline_value, struct words *w)
{
	const char *value = inline_value;

	if (!o->argument && inline_value)
		return complain("takes no value", o->name);
	if (o->argument && !value && wants_value(c, o)) {
		if (w->at >= w->argc)
			return complain("needs a value", o->name);
		value = w->argv[w->at++];
	}
	note_asked(c, o, value);
	return setters[o->kind](c, o, value);
}

static bool long_word(struct cli *c, const char *word, struct words *w)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	const struct option *o = option_long(name, equals ? (size_t)(equals - name) : strlen(name));

	if (!o)
		return complain("unknown option", word);
	return apply(c, o, equals ? equals + 1 : NULL, w);
}

static bool short_word(struct cli *c, const char *word, struct words *w)
{
	if (!strcmp(word, "-iL")) /* as nmap has it */
		return apply(c, option_long("file", 4), NULL, w);
	for (const char *p = word + 1; *p; p++) {
		const struct option *o = option_short(*p);

		if (!o)
			return complain("unknown option", word);
		if (o->argument)
			return apply(c, o, p[1] ? p + 1 : NULL, w);
		if (!apply(c, o, NULL, w))
			return false;
	}
	return true;
}

static void defaults(struct cli *c)
{
	*c = (struct cli){
		.command = "scan", .colour = "auto",
		.timeout_us = 5000000, .deadline_us = 60000000,
		.max_per_net = 64, .max_connections = 2000, .max_rate = 2000,
	};
}

int cli_family(const struct cli *c)
{
	return c->ipv4 ? 4 : c->ipv6 ? 6 : 0;
}

bool cli_parse_behind(struct cli *c, const char *const *asked, size_t n)
{
	int argc = c->argc, at = 0;
	char *const *argv = c->argv;
	bool named = argc > 1 && command_find(argv[1]);
	const char **words = mem_new((size_t)argc + n + 2, sizeof *words);
	bool well;

	words[at++] = argv[0];
	words[at++] = c->command;
	for (size_t i = 0; i < n; i++)
		words[at++] = asked[i];
	for (int i = named ? 2 : 1; i < argc; i++)
		words[at++] = argv[i];
	cli_free(c);
	well = cli_parse(c, at, (char *const *)(uintptr_t)words);
	c->argc = argc;
	c->argv = argv;
	free(words);
	return well;
}

bool cli_parse(struct cli *c, int argc, char *const *argv)
{
	struct words w = { .argc = argc, .at = 1, .argv = argv };
	const char **arguments;
	bool only_arguments = false;
	size_t n = 0;

	defaults(c);
	c->argc = argc;
	c->argv = argv;
	arguments = arena_new(&c->arena, (size_t)argc + 1, sizeof *arguments);
	c->arguments = arguments;
	if (argc > 1 && command_find(argv[1]))
		c->command = argv[w.at++];
	while (w.at < w.argc) {
		const char *word = w.argv[w.at++];

		if (only_arguments || word[0] != '-' || !word[1])
			arguments[n++] = word;
		else if (!strcmp(word, "--"))
			only_arguments = true;
		else if (!(word[1] == '-' ? long_word(c, word, &w) : short_word(c, word, &w)))
			return false;
	}
	return true;
}

void cli_free(struct cli *c)
{
	arena_free(&c->arena);
}
