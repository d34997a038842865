/* A finding as JSON, of an endpoint or of a group: one form for both. The caller owns it: json_object_put(). */
#ifndef REPORT_FINDING_JSON_H
#define REPORT_FINDING_JSON_H

#include "report/judge.h"

struct json_object;

struct json_object *finding_json(const struct finding *);

#endif
