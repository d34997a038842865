/*
 * Reads a policy, a JSON document of the schema tlsassay-policy/1 (report/schema/policy-1.schema.json). Total: any
 * bytes are a policy or a reason why not. Names of suites, groups, schemes, versions and facts that nobody knows are
 * refused: a slip of the pen must not make a rule that checks nothing.
 */
#ifndef REPORT_POLICY_READ_H
#define REPORT_POLICY_READ_H

#include "report/policy_judge.h"

enum { POLICY_BYTES_MAX = 1 << 20, POLICY_RULES_MAX = 500, POLICY_LIST_MAX = 1000, POLICY_TEXT_MAX = 1000 };

/*
 * NULL when it is none; then *where is "LINE:COLUMN" for what is not JSON and a JSON pointer (RFC 6901) for what is
 * no policy, and *why a sentence; both live in the arena. The policy is freed with policy_free().
 */
struct policy *policy_read(struct span json, struct arena *, const char **where, const char **why);

#endif
