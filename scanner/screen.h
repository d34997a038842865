/* The terminal that a report is written to. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#include "scanner/cli.h"

/* Columns: of the terminal, else of COLUMNS when that is a number of at least SCREEN_LEAST; 0: not limited. */
enum { SCREEN_LEAST = 60, SCREEN_MOST = 1000 };
unsigned screen_width(FILE *);
/* --color, NO_COLOR, and whether it is a terminal. */
bool screen_colour(const struct cli *, FILE *);

#endif
