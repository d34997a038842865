/* The option table, options.def: what the parser, --help, the man page and the completions are made from. */
#ifndef OPTION_H
#define OPTION_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind { KIND_FLAG, KIND_TEXT, KIND_COUNT, KIND_SECONDS, KIND_WORDS, KIND_OUTPUT, KIND_JSON, KIND_HTML, KIND_COLOUR,
	KIND_VERSION, KIND_NAME, KIND_DEPTH, KIND_NAMED, KIND_MORE, KIND_CLIENT };

struct option {
	const char *name;
	char letter;          /* 0: none */
	const char *argument; /* NULL: none; in brackets: only as --name=value */
	enum option_kind kind;
	size_t field;         /* of struct cli */
	const char *section, *help;
};

extern const struct option options[];
extern const size_t options_count;
extern const char *const option_sections[]; /* in the order of --help; ends with NULL */

const struct option *option_long(const char *name, size_t n); /* NULL: none has this name */
const struct option *option_short(char letter);
bool option_is_optional(const struct option *);   /* its value may be left out */
bool option_is_repeatable(const struct option *); /* what it says adds up */

#endif
