/*
 * What changed in meaning between two scans of one endpoint: versions, suites, certificates, findings, the grade. A pure
 * function of two records; nothing that may differ between two scans of an unchanged server is looked at. A fact that
 * only one of the two was asked for is no change; it is listed as not compared.
 */
#ifndef REPORT_DIFF_H
#define REPORT_DIFF_H

#include "scanner/facts/record.h"

struct change {
	const char *key;        /* of the observation; or "status", "grade", "finding" */
	const char *about;      /* "TLSv1.2, RSA", the id of a finding; "" for the endpoint */
	const char *before, *now;
	const char *text;       /* one sentence */
};

/* An observation that only one of the two has: there was nothing to compare it with. */
struct not_compared {
	const char *key;
	bool only_now; /* else only before */
};

struct diff {
	struct arena arena;
	struct change *changes;
	size_t count;
	struct not_compared *not_compared; /* in the order of obs.def */
	size_t not_compared_n;
};

/* The texts live in the diff's arena, in the records, or are constant. */
void diff_records(struct diff *, const struct record *before, const struct record *now);
void diff_free(struct diff *);

/* Is it the same endpoint: target and address? */
bool diff_same_endpoint(const struct record *, const struct record *);

#endif
