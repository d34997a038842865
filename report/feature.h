/*
 * What a server does beside its versions, suites, groups and certificates, in words for people: one feature
 * with its name, and each answer with the versions it holds for. Lives in the arena that it was given, or is
 * constant; not escaped. Never fails: what the record does not say is not there.
 */
#ifndef REPORT_FEATURE_H
#define REPORT_FEATURE_H

#include "report/show.h"

enum feature_part { FEATURES_TLS, FEATURES_HTTP, FEATURES_DNS, FEATURES_CLIENT /* the client's certificate */ };

struct answer {
	const char *says;  /* "yes", "not known", "h2, http/1.1" */
	const char *where; /* "TLSv1.2, TLSv1.1 (TIMEOUT)"; the value of a header; "" for an answer about nothing else */
	enum mark mark;
	bool word; /* one of our own words, not a text or number of the server's */
};

struct feature {
	const char *title;
	struct answer *answers; /* of the newest version first */
	size_t answers_count;
	bool plain; /* says what nearly every server says: left out where room is short */
};

/* In the order of the report; only what was asked. */
struct feature *features_of(struct arena *, const struct record *, enum feature_part, size_t *count);
/* NULL for an observation that another part of the report shows. */
const char *feature_title(enum obs_key);
/* A word of an observation as a sentence; the word itself where that is clear alone. */
const char *feature_words(enum obs_key, const char *word);
/* A lifetime of a ticket that says nothing. */
bool feature_lifetime_open(const struct obs *);

#endif
