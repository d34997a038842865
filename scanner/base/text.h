/*
 * Text: growing strings, hex, and making what came from a peer harmless.
 *
 * struct text is a growing, always zero-terminated string; text_free() frees it. Nothing here fails: no memory dies.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/arena.h"

struct text {
	char *s; /* NULL while empty; use text_str() */
	size_t n, cap;
};

void text_add(struct text *, const char *s);
void text_addn(struct text *, const char *s, size_t n);
void text_char(struct text *, char c);
void text_fmt(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *text_str(const struct text *);
void text_free(struct text *);

/* Lower-case hex of n bytes, in the arena. */
char *text_hex(struct arena *, const void *p, size_t n);

/*
 * Bytes of a peer as valid UTF-8: each byte that is not part of a well-formed sequence becomes U+FFFD; a NUL becomes
 * U+FFFD too. At most `max` bytes of input are taken, the cut shown by an ellipsis. Control characters stay:
 * whoever writes them out escapes them for where they go.
 */
char *text_clean(struct arena *, const void *p, size_t n, size_t max);

/*
 * For a terminal or a log line: control characters (C0, DEL, C1), line and paragraph separators, and the characters
 * that turn the direction of writing or are not seen at all (Unicode's Default_Ignorable_Code_Point, the joiners of
 * some scripts too: two names must not look the same) are shown as \x1b, \u202e or \U000e0041; the rest stays. Input
 * is valid UTF-8.
 */
void text_visible(struct text *, const char *utf8);

/*
 * Takes one code point off valid UTF-8; 0 at the end. A byte that is not part of a well-formed sequence is taken
 * alone, as U+FFFD.
 */
uint32_t text_next(const char **utf8);
/* One of the characters that text_visible() does not let through. */
bool text_hidden(uint32_t code_point);

/* The text itself while it has no more than `most` code points; else its first ones and an ellipsis, in the arena. */
const char *text_cut(struct arena *, const char *utf8, size_t most);

/* Columns that valid UTF-8 takes on a terminal, counting every code point as one. */
size_t text_width(const char *utf8);

#endif
