/*
 * The lists a user gives to judge certificates by: transparency logs, and keys that are known to others, keys
 * that are not to be trusted.
 */
#ifndef LISTS_H
#define LISTS_H

#include "scanner/facts/ct_logs.h"
#include "scanner/trust/known_keys.h"

struct cli;

struct lists {
	struct arena arena;
	struct ct_logs logs;
	bool has_logs;
	struct known_keys *keys;
	struct known_keys *distrusted; /* NULL: no file was given */
};

/* False, and one line on stderr, when a file cannot be read or is no such list. */
bool lists_open(struct lists *, const struct cli *);
void lists_close(struct lists *);

#endif
