/*
 * A finding the way trackers and CI systems want it: which endpoint, one sentence, a key that stays the same
 * from run to run, and a place in a file. Text lives in the arena or is constant; what is not seen in it
 * is shown, and nothing else of it escaped.
 */
#ifndef REPORT_ISSUE_H
#define REPORT_ISSUE_H

#include "report/writer.h"

const char *issue_endpoint(struct arena *, const struct record *); /* "example.org:443 (192.0.2.1)" */

/* Who findings are about: an endpoint, or several beside one another. */
struct subject {
	const char *title; /* "example.org:443 (192.0.2.1)", "all endpoints" */
	const char *key;   /* the same in every run, and told apart from every other */
	const char *host;  /* NULL: of more than one */
	uint16_t port;     /* 0: none, or more than one */
	const struct finding *findings; /* an endpoint's, then what its policies demand: policy/NAME@EDITION/RULE */
	size_t findings_count;
};
struct subject issue_of_endpoint(struct arena *, const struct record *, const struct judgement *);
struct subject issue_of_group(struct arena *, const struct group_record *);

/* "RC4 cipher suites: TLSv1.2: TLS_RSA_WITH_RC4_128_SHA"; of what did not fail the state, and why. */
const char *issue_text(struct arena *, const struct finding *);
/* "suite.rc4@example.org:443/192.0.2.1": of this finding at this endpoint, in every run. */
const char *issue_key(struct arena *, const struct subject *, const struct finding *);
/* Which finding it is, and what to do: advice and source. */
const char *issue_advice(struct arena *, const struct finding *);
/* The ids of this kind ("CVE-", "CWE-") that a source names, joined by a space; "" for none. */
const char *issue_ids(struct arena *, const char *reference, const char *kind);

/* Was something learnt, and is that all there was to learn? */
bool issue_scanned(const struct record *);

/* Where the target stands: in its list, or where --sarif-anchor says. False: nowhere. */
struct place {
	const char *file;
	uint64_t line;
};
bool issue_place(const struct output *, const struct record *, struct place *);
/* The same for a group: where its last endpoint stands; the first line of the list for a whole run. */
bool issue_group_place(const struct output *, const struct group_record *, struct place *);

#endif
