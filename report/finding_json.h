/*
 * A finding, and lines that mend one, as JSON: one form for endpoints and for groups. The caller owns it:
 * json_object_put().
 */
#ifndef REPORT_FINDING_JSON_H
#define REPORT_FINDING_JSON_H

#include "report/judge.h"

struct json_object;
struct snippet;

struct json_object *finding_json(const struct finding *);
struct json_object *snippet_json(const struct snippet *);
struct json_object *gates_json(const struct gate_result *, size_t n);

#endif
