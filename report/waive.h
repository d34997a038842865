/*
 * Waivers: findings and gates that somebody has decided to live with, where, until when and why. A file is a JSON list
 * of {"id", "target", "until", "why"} (report/schema/tlsassay-waivers-1.schema.json); nothing of it may be missing,
 * and nothing else may stand in it, so that a slip of the pen waives nothing.
 */
#ifndef REPORT_WAIVE_H
#define REPORT_WAIVE_H

#include "report/judge.h"

enum { WAIVERS_MAX = 10000 };

struct waivers {
	struct arena arena;
	struct waiver *list;
	size_t count;
};

/* False, with a sentence in *why that the caller frees, when the text is no such list. */
bool waivers_parse(struct waivers *, const char *text, size_t n, char **why);
void waivers_free(struct waivers *);

/* The waiver of this finding, gate or rule of a policy at this endpoint that ends last, whether it has ended or not; NULL: there is none. */
const struct waiver *waivers_find(const struct waivers *, const struct record *, const char *id);
/* It names a finding of a group, by how the id begins: which there are is not known here. */
bool waives_group(const struct waiver *);
bool waiver_ended(const struct waiver *, const struct record *); /* when the endpoint was scanned */

/* "*" is any text, "?" any one byte; letters of either case are the same. */
bool waiver_matches(const char *pattern, const char *text);

#endif
