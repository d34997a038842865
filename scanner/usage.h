/* What the program says of itself: its commands and exit statuses, and --help. Constant data. */
#ifndef USAGE_H
#define USAGE_H

struct cli;

struct command {
	const char *name, *arguments, *what;
	int (*run)(struct cli *);
};

extern const struct command commands[]; /* of commands.def; ends with an empty one */

struct exit_status {
	int status;
	const char *what;
};

extern const struct exit_status exit_statuses[]; /* ends with an empty one */

const struct command *command_find(const char *name); /* NULL: there is none */
void usage_help(void);

#endif
