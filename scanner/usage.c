#include "scanner/usage.h"

#include <stdio.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/option.h"

const struct command commands[] = {
#define COMMAND(name_, arguments_, what_) { #name_, arguments_, what_, command_##name_ },
#include "scanner/commands.def"
#undef COMMAND
	{ 0 },
};

const struct exit_status exit_statuses[] = {
	{ EXIT_OK, "scanned, and every gate passed; diff: the same meaning; verify: accepted" },
	{ EXIT_GATE, "a gate or a handshake failed; diff: something changed; verify: rejected" },
	{ EXIT_USAGE, "wrong usage, or an input that cannot be read" },
	{ EXIT_UNSCANNED, "not or only partly scanned, or a gate could not be decided; verify: a limit was reached" },
	{ EXIT_INTERNAL, "internal error, or out of memory" },
	{ 0 },
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static void command_row(const struct command *c)
{
	char left[64];

	snprintf(left, sizeof left, c == commands ? "[%s] %s" : "%s %s", c->name, c->arguments);
	printf("  tlsassay %-22s %s\n", left, c->what);
}

static void option_row(const struct option *o)
{
	char left[64];
	const char *join = !o->argument ? "" : option_is_optional(o) ? "=" : " ";

	snprintf(left, sizeof left, "%c%c%c --%s%s%s", o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
		o->letter ? ',' : ' ', o->name, join, o->argument ? o->argument : "");
	printf("  %-30s %s\n", left, o->help);
}

void usage_help(void)
{
	puts("tlsassay: what a TLS server accepts, and what that is worth\n");
	for (const struct command *c = commands; c->name; c++)
		command_row(c);
	for (const char *const *section = option_sections; *section; section++) {
		printf("\n%s\n", *section);
		for (size_t i = 0; i < options_count; i++)
			if (!strcmp(options[i].section, *section))
				option_row(&options[i]);
	}
	puts("\nexit status");
	for (const struct exit_status *e = exit_statuses; e->what; e++)
		printf("  %d  %s\n", e->status, e->what);
}
