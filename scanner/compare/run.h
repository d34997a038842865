/*
 * What is kept of a whole run: the keys and certificates of its endpoints, the first RUN_KEPT_MAX of each by fingerprint.
 * Which these are, and what is said of them, does not depend on the order in which endpoints came.
 */
#ifndef COMPARE_RUN_H
#define COMPARE_RUN_H

#include "report/group.h"

enum { RUN_KEPT_MAX = 2048 };

struct run;

struct run *run_new(void);
void run_add(struct run *, const struct record *);
/* NULL: no endpoint was heard, or a single one, no two of whose RSA keys share a prime. */
struct group_record *run_group(const struct run *);
void run_free(struct run *);

#endif
