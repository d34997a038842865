/*
 * Text that is not ours, made harmless for the place it goes to. Each format has its rows: what may not stand
 * there, and what stands for it. Control characters and those that turn the direction of writing are shown as
 * text first, so no row has to know of them, and no line of ours is ended by anybody else.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include "scanner/base/text.h"

struct escape {
	const char *from, *to; /* UTF-8; the last row has no from */
};

/* No rows: only what is never shown as it is. */
extern const struct escape escape_none[];
/* Text for CommonMark, with the tables and mentions that forges add: no markup, link, mention or cell of its own. */
extern const struct escape escape_markdown[];

void escape_add(struct text *, const struct escape *rows, const char *utf8);
/* The same, in the arena. */
const char *escape_in(struct arena *, const struct escape *rows, const char *utf8);

#endif
