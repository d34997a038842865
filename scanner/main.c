#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/sink.h"
#include "scanner/trust/cert.h"
#include "scanner/usage.h"

static int run(struct cli *c)
{
	if (c->help) {
		usage_help();
		return EXIT_OK;
	}
	if (c->version) {
		puts("tlsassay " TLSASSAY_VERSION);
		return EXIT_OK;
	}
	return command_find(c->command)->run(c);
}

/* Who read stdout has gone (`tlsassay ... | head`): end as other programs do then, without a word. */
static void leave_if_unread(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
	bool failed = fflush(stdout) || ferror(stdout);

	if (!failed || poll(&out, 1, 0) < 1 || !(out.revents & POLLERR))
		return;
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

int main(int argc, char **argv)
{
	struct cli c;
	int status;

	signal(SIGPIPE, SIG_IGN);
	die_on_abort();
	trust_init();
	status = sink_status(&c, cli_parse(&c, argc, argv) ? run(&c) : EXIT_USAGE);
	cli_free(&c);
	leave_if_unread();
	return status;
}
