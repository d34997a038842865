/*
 * JSON values over json-c that are there or the process is not: no memory dies, so callers build trees
 * without checks. Text is written by length, numbers are integers only. A value that was put into a map or a
 * list belongs to it; the root belongs to the caller: json_object_put(). NULL is JSON's null.
 */
#ifndef FACTS_JSON_H
#define FACTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

struct json_object *json_map(void);
struct json_object *json_list(void);
struct json_object *json_text(const char *utf8); /* null for NULL */
struct json_object *json_int(int64_t);
struct json_object *json_count(uint64_t);
struct json_object *json_flag(bool);

void json_set(struct json_object *map, const char *key, struct json_object *value);
void json_push(struct json_object *list, struct json_object *value);

/*
 * The text of a tree, without a newline at its end; freed with free(). Control characters and those that turn
 * the direction of writing are escaped, so the text is harmless on a terminal and in a log.
 */
char *json_dump(struct json_object *, bool pretty);

/*
 * The tree of n bytes: one strict, whole JSON document of valid UTF-8, with white space around it. NULL when
 * it is none, with a sentence (constant) in *why, else NULL there; a document that is just `null` counts as
 * none.
 */
struct json_object *json_parse(const char *s, size_t n, const char **why);
/* The same; *at is the byte where reading stopped. */
struct json_object *json_parse_at(const char *s, size_t n, const char **why, size_t *at);

#endif
