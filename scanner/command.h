/* The commands of the program: each takes the parsed command line and returns the exit status (DESIGN: 0 to 4). */
#ifndef COMMAND_H
#define COMMAND_H

#include "scanner/cli.h"

enum { EXIT_OK = 0, EXIT_GATE = 1, EXIT_USAGE = 2, EXIT_UNSCANNED = 3 };

#define COMMAND(name, arguments, what) int command_##name(struct cli *);
#include "scanner/commands.def"
#undef COMMAND

#endif
