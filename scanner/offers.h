/*
 * What may stand in an argument, for those who write it: the completions. An argument, of options.def and commands.def, is words
 * apart by `|`, brackets and the like: one in capitals names what is listed elsewhere in the program (offers.c has which),
 * FILE, OLD and NEW are files, DIR is a folder, TARGET a host; one in small letters is meant as it stands; `,...` at the
 * end: several of them, apart by commas. Of other words nothing is known.
 */
#ifndef OFFERS_H
#define OFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/arena.h"

struct offers {
	const char **words; /* of letters, digits and `._@+/-` alone: no shell sees anything in them */
	size_t n;
	bool files, folders, hosts;
	bool several; /* apart by commas */
	bool open;    /* more may follow the word itself: FORMAT[:FILE] */
};

void offers_of(struct arena *, const char *argument, struct offers *); /* NULL: none */

#endif
