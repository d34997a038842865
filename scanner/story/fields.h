/*
 * What a message says, as rows of (key, value), from which both the text and the JSON of a story are written: so both
 * tell the same facts. A key that ends in _bytes, _bits or _s has its unit there. Everything lives in the arena of the
 * list; texts are valid UTF-8 and not yet escaped.
 */
#ifndef STORY_FIELDS_H
#define STORY_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/arena.h"

enum field_kind { FIELD_TEXT, FIELD_COUNT, FIELD_FLAG, FIELD_LIST, FIELD_ROWS };

struct field {
	const char *key;
	enum field_kind kind;
	const char *text;           /* TEXT */
	uint64_t count;             /* COUNT, FLAG */
	const char *const *items;   /* LIST */
	const struct fields *rows;  /* ROWS: one list of fields each */
	size_t n;                   /* of items or rows */
};

struct fields {
	struct arena *arena;
	struct field *v;
	size_t n;
};

void fields_text(struct fields *, const char *key, const char *text);
void fields_textf(struct fields *, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
void fields_count(struct fields *, const char *key, uint64_t count);
void fields_flag(struct fields *, const char *key, bool flag);
void fields_list(struct fields *, const char *key, const char *const *items, size_t n);
void fields_rows(struct fields *, const char *key, const struct fields *rows, size_t n);

/* A growing list of texts. */
struct names {
	struct arena *arena;
	const char **v;
	size_t n;
};

void names_add(struct names *, const char *name);

#endif
