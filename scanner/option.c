#include "scanner/option.h"

#include <string.h>

#include "scanner/cli.h"

const struct option options[] = {
#define OPTION(name_, letter_, argument_, kind_, field_, section_, help_)                                            \
	{ .name = name_, .letter = letter_, .argument = argument_, .kind = KIND_##kind_,                             \
		.field = offsetof(struct cli, field_), .section = section_, .help = help_ },
#include "scanner/options.def"
#undef OPTION
};

const size_t options_count = sizeof options / sizeof *options;

const char *const option_sections[] = { "output", "where", "as whom", "what", "verify", "gates", "how fast", "again", NULL };

const struct option *option_long(const char *name, size_t n)
{
	for (size_t i = 0; i < options_count; i++)
		if (strlen(options[i].name) == n && !strncmp(options[i].name, name, n))
			return &options[i];
	return NULL;
}

const struct option *option_short(char letter)
{
	for (size_t i = 0; i < options_count; i++)
		if (options[i].letter && options[i].letter == letter)
			return &options[i];
	return NULL;
}

bool option_is_optional(const struct option *o)
{
	return o->argument && o->argument[0] == '[';
}

bool option_is_repeatable(const struct option *o)
{
	return o->kind == KIND_OUTPUT || o->kind == KIND_JSON || o->kind == KIND_HTML || o->kind == KIND_NAMED || o->kind == KIND_MORE ||
	       o->kind == KIND_CLIENT;
}
