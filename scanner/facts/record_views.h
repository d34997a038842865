/*
 * The keys of the report that are computed from observations alone: protocols, suites, groups,
 * signature_schemes, extensions, dh, chains. What a table does not know is written as null, never guessed.
 */
#ifndef FACTS_RECORD_VIEWS_H
#define FACTS_RECORD_VIEWS_H

#include "scanner/facts/record.h"

struct json_object;

/* Sets them in the map, in the order of the report. */
void record_views(struct json_object *map, const struct record *);

/* The texts that observations and views share. */
struct json_object *json_protocol(uint16_t protocol); /* "TLSv1.2"; a code without a name as hex */
struct json_object *json_code(uint32_t code);         /* "0xC02F"; SSL 2 kinds have 6 digits: json_kind() */
struct json_object *json_kind(uint32_t code);
struct json_object *json_names(const char *const *names, size_t count);
struct json_object *json_paths(const struct obs *); /* of chain.trust: a list of lists of fingerprints */

#endif
