/*
 * Values of a JSON list that is written as it comes, one a line: only what is at hand is in memory. What an
 * endpoint has to say is collected and then written at once, so that the list can be ended after any endpoint.
 */
#ifndef REPORT_ITEMS_H
#define REPORT_ITEMS_H

#include <stdio.h>

#include "scanner/base/text.h"
#include "scanner/facts/json.h"

struct items {
	size_t n;         /* in the list so far */
	struct text text; /* not yet written */
};

void items_add(struct items *, struct json_object *); /* takes it */
void items_write(struct items *, FILE *);
void items_free(struct items *);

#endif
