/*
 * The first few of many texts, by their order and each once: what is kept of a list without end. Which texts they are
 * does not depend on the order in which they came. Owned by few_free().
 */
#ifndef COMPARE_FEW_H
#define COMPARE_FEW_H

#include "report/group.h"

enum { FEW_MAX = 16 };

struct few {
	char *v[FEW_MAX];
	size_t n;
	bool cut; /* there were more */
};

void few_add(struct few *, const char *text);
void few_free(struct few *);
struct group_list few_list(struct arena *, const struct few *);

#endif
