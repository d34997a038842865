/*
 * The rules for groups, rows of rules.def, and what they are asked of: the gists of a name's addresses, or what was
 * kept of a run. A condition is a pure function; what it says lives in the group's arena.
 */
#ifndef COMPARE_RULES_H
#define COMPARE_RULES_H

#include "report/group.h"
#include "scanner/compare/gist.h"

/* ABOUT_CERTIFICATE: what follows from having another certificate; told with the differences, and by no rule of its own. */
enum about { ABOUT_NONE, ABOUT_VERSIONS, ABOUT_SUITES, ABOUT_CHAIN, ABOUT_CERTIFICATE, ABOUT_FEATURES };

struct outcome {
	enum tri holds; /* yes, no, unknown, not applicable */
	const char *because;
	const struct evidence *evidence;
	size_t evidence_n;
	bool unasked; /* unknown because an address was not heard, which a rule of its own tells */
};

/* The addresses of one name, sorted; the skipped ones are not among them. */
struct name_view {
	struct group_record *g;
	struct gist *const *d;
	size_t n;
	enum about *differ_about; /* of each of the group's differences */
	const char *open[ABOUT_FEATURES + 1]; /* a question about it that some address left open; or NULL */
};

struct group_rule {
	const char *id, *title, *reference, *advice;
	enum severity severity;
	enum group_scope scope;
	struct outcome (*name)(const struct name_view *, enum about);
	struct outcome (*run)(struct group_record *);
	enum about about;
};

extern const struct group_rule group_rules[];
extern const size_t group_rules_count;
const struct group_rule *group_rule_find(const char *id);

bool same_leaves(const struct gist *, const struct gist *);

/* Asks the rules of the group's scope; `v` is NULL for a run. */
void group_judge(struct group_record *, const struct name_view *v);

struct outcome name_silent(const struct name_view *, enum about);
struct outcome name_certificates(const struct name_view *, enum about);
struct outcome name_expiry(const struct name_view *, enum about);
struct outcome name_names(const struct name_view *, enum about);
struct outcome name_issuer(const struct name_view *, enum about);
struct outcome name_chain(const struct name_view *, enum about);
struct outcome name_facts(const struct name_view *, enum about);
struct outcome name_grade(const struct name_view *, enum about);
struct outcome run_factors(struct group_record *);
struct outcome run_keys(struct group_record *);
struct outcome run_drown(struct group_record *);
struct outcome run_certificates(struct group_record *);

#endif
