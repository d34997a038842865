/* The group of a name: its addresses compared, from their gists. */
#ifndef COMPARE_NAME_H
#define COMPARE_NAME_H

#include "report/group.h"
#include "scanner/compare/gist.h"

/*
 * The comparison, complete but for the name itself. The gists, all of different addresses, are put into the order of
 * their addresses and stay the caller's. `cut`: the name has more of them. NULL: fewer than two of them were asked, or
 * none answered.
 */
struct group_record *name_group(struct gist **, size_t n, bool cut);

#endif
