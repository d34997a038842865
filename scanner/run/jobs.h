/*
 * A job: one JSON object a line, `{"target": "host:port", "sni": "..", "starttls": "..", "ref": ".."}`. Only the target must
 * be there; `ref`, text or a whole number, is carried into the records. What is no job is a target too, whose `why` says
 * what is wrong: one line in, a record out. Pure.
 */
#ifndef RUN_JOBS_H
#define RUN_JOBS_H

#include "scanner/run/target.h"

enum { JOB_REF_MAX = 1024, JOB_SHOWN_MAX = 200 };

/* The caller's: target_free(). */
struct target *job_parse(const char *line);

#endif
