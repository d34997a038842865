/*
 * Policies: what somebody demands of a TLS server, as data, and whether one record meets it.
 *
 * A policy is read from JSON (policy_read.h) or comes with the program (policy_shelf.h); it is a list of rules, each
 * a demand on one fact. policy_judge() is a pure function of a record and a policy. A fact that was not asked, or is
 * not known, makes a rule unknown, never passed. Results point into the policy, the record and the arena given.
 */
#ifndef REPORT_POLICY_JUDGE_H
#define REPORT_POLICY_JUDGE_H

#include "report/judge.h"
#include "report/view.h"

/* Only a broken "must" makes a policy fail; what should and what may be is told beside it. */
enum policy_level { LEVEL_MUST, LEVEL_SHOULD, LEVEL_MAY, POLICY_LEVELS };
const char *policy_level_name(enum policy_level); /* "must", "should", "may" */

/* What is demanded of the values of a fact. */
enum demand {
	DEMAND_ONLY,      /* no value but these */
	DEMAND_NONE,      /* none of these */
	DEMAND_ALL,       /* each of these */
	DEMAND_ANY,       /* one of these at least */
	DEMAND_FIRST,     /* this one, and before all others where the server has an order */
	DEMAND_RANKED,    /* the server's order follows these ranks; what is in none comes last */
	DEMAND_NO_KIND,   /* no suite of these kinds */
	DEMAND_ONLY_KIND, /* every suite is of one of these kinds */
	DEMAND_IS,        /* every value is one of these words */
	DEMAND_IS_NOT,    /* none is */
	DEMAND_MIN,
	DEMAND_MAX,
	DEMANDS
};

struct policy_rule;

/* A kind of cipher suite by its name in a policy: "rc4", "cbc". */
struct suite_kind {
	const char *name;
	bool (*is)(const struct cipher *);
};
extern const struct suite_kind suite_kinds[]; /* ends with a name of NULL */

/* When a rule applies at all: yes, no, or unknown. */
struct policy_when {
	const char *name;
	enum tri (*applies)(const struct view *, const struct policy_rule *);
};
extern const struct policy_when policy_whens[]; /* ends with a name of NULL; kinds of suites count too */

/* One value of a fact. */
struct value {
	const struct obs *obs; /* where it is from; NULL: from a certificate */
	const char *where;     /* "TLSv1.2", "CN=example.org"; "" for neither */
	const char *text;      /* the value in words: "TLS_AES_128_GCM_SHA256", "no", "2048" */
	uint32_t code;
	int64_t number;
	const struct cipher *cipher; /* of suites */
};

struct values {
	struct value *list;
	size_t count;
	bool applies;        /* false: the question does not arise */
	const char *missing; /* why this may not be all; NULL: it is */
};

enum fact_type { FACT_WORDS, FACT_NAMES, FACT_NUMBERS, FACT_SUITES, FACT_GROUPS, FACT_SCHEMES, FACT_EXTENSIONS,
	FACT_VERSIONS, FACT_CODES };

/* What a rule can be about: an observation by its key, or what follows from several. */
struct policy_fact {
	const char *key;
	enum fact_type type;
	enum obs_key obs;   /* the observation behind it */
	enum obs_key order; /* of lists that have one; else OBS_KEYS */
	void (*gather)(const struct view *, const struct policy_rule *, struct values *);
};

bool policy_fact_find(const char *key, struct policy_fact *);

struct policy_rule {
	const char *id, *clause, *fix;
	enum policy_level level;
	struct policy_fact fact;
	const uint16_t *versions; /* asked of these only; ends with 0; NULL: of all */
	const struct policy_when *when; /* NULL: always */
	const struct suite_kind *when_kind; /* only where such a suite is taken */
	enum demand demand;
	const char *const *words; /* operands, count of them */
	const uint32_t *codes;    /* the same as codes, for lists of codes */
	const uint8_t *ranks;     /* DEMAND_RANKED: of each */
	const struct suite_kind *const *kinds;
	size_t count;
	int64_t number;
};

struct policy {
	struct arena arena;
	const char *name, *edition, *date, *title, *source, *note; /* note: NULL for none */
	struct policy_rule *rules;
	size_t rules_count;
	const char *const *not_checked; /* demands that no rule looks at */
	size_t not_checked_count;
};

void policy_free(struct policy *);

struct policy_entry {
	const struct policy_rule *rule;
	enum finding_state state;  /* fail, pass, unknown, not_applicable */
	const char *because;       /* the facts; NULL when passed */
	const struct waiver *waiver; /* of a rule that is waived */
	const char *fix;           /* fail: the change that mends it */
	const char *const *found;  /* fail: the values that break it, or that are missing */
	size_t found_count;
};

enum policy_state { POLICY_PASS, POLICY_FAIL, POLICY_UNKNOWN };
const char *policy_state_name(enum policy_state);

struct policy_result {
	const struct policy *policy;
	enum policy_state state;
	struct policy_entry *entries; /* one for each rule, in the policy's order */
	size_t entries_count;
};

struct policy_result policy_judge(const struct record *, const struct policy *, struct arena *);
const char *policy_rule_id(struct arena *, const struct policy *, const struct policy_rule *); /* "policy/NAME@EDITION/ID" */
size_t policy_count(const struct policy_result *, enum policy_level, enum finding_state);

/* Adds the results of these policies to a judgement; they are to live as long as it. */
void judgement_policies(struct judgement *, const struct record *, struct policy *const *, size_t count);

#endif
