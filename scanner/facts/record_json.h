/*
 * A record as JSON, schema tlsassay/1 (tests check it against report/schema/tlsassay-1.schema.json), and back.
 *
 * record_to_json() writes what the scan knows: schema, kind, tool, scan, target, endpoint, status, error, unstable,
 * tainted, observations, probes, certificates, and the keys computed from observations alone: protocols, suites,
 * groups, signature_schemes, extensions, chains. Judgement (findings, grade, policies) is added by report/out_json.c.
 * record_from_json() reads observations, certificates, scan, target, endpoint, status, error, probes, unstable, tainted
 * and nothing else; it is total: a document that is not a record gives NULL and a sentence in *why, which the caller
 * frees. Every number is an integer; unknown keys are skipped.
 */
#ifndef FACTS_RECORD_JSON_H
#define FACTS_RECORD_JSON_H

#include "scanner/facts/record.h"
#include "scanner/facts/time.h"

struct json_object;

struct json_object *record_to_json(const struct record *); /* the caller owns it: json_object_put() */
struct record *record_from_json(struct json_object *, char **why);

#endif
