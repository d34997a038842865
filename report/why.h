/* Why a finding matters, for `explain`: rows of report/rules/why.def, by id. */
#ifndef REPORT_WHY_H
#define REPORT_WHY_H

#include <stddef.h>

struct why {
	const char *id, *text;
};

extern const struct why whys[];
extern const size_t whys_count;
const char *why_find(const char *id); /* NULL: there is none */

#endif
