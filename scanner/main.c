#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/trust/cert.h"

static const struct command {
	const char *name;
	int (*run)(struct cli *);
} commands[] = {
	{ "scan", command_scan },
	{ "handshake", command_handshake },
	{ "list", command_list },
	{ "explain", command_explain },
};

static int run(struct cli *c)
{
	if (c->help) {
		cli_help();
		return EXIT_OK;
	}
	if (c->version) {
		puts("tlsassay " TLSASSAY_VERSION);
		return EXIT_OK;
	}
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (!strcmp(commands[i].name, c->command))
			return commands[i].run(c);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct cli c;
	int status;

	signal(SIGPIPE, SIG_IGN);
	die_on_abort();
	trust_init();
	status = cli_parse(&c, argc, argv) ? run(&c) : EXIT_USAGE;
	cli_free(&c);
	return status;
}
