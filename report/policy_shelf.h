/*
 * The policies that come with the program: report/policies/NAME@EDITION.json, made into text by the build.
 */
#ifndef REPORT_POLICY_SHELF_H
#define REPORT_POLICY_SHELF_H

#include "report/policy_judge.h"

struct policy_text {
	const char *name, *edition; /* as in the file's name */
	const char *json;
	size_t length;
};

extern const struct policy_text policy_texts[]; /* by file name; ends with a name of NULL */

/* "mozilla-intermediate", the newest edition, or "mozilla-intermediate@5.7"; NULL when there is none. For policy_free(). */
struct policy *policy_shelf_find(const char *name);
struct policy *policy_shelf_read(const struct policy_text *);

#endif
