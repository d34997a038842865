/*
 * The policies that --policy names, read: those of the program by name, the user's own from their files.
 */
#ifndef POLICIES_H
#define POLICIES_H

#include "report/policy_judge.h"

struct policies {
	struct policy **list;
	size_t count;
};

/* False when one cannot be used: why stands on stderr, a fault of a file with its place. words: ends with NULL, or NULL. */
bool policies_open(struct policies *, const char *const *words);
void policies_close(struct policies *);

#endif
