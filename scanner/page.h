/*
 * Pages that are made from the tables of the program, as text: the man page, in roff with the macros of man(7), and the
 * completions of shells. `list NAME` writes them, and installing puts them where they are looked for.
 */
#ifndef PAGE_H
#define PAGE_H

#include "scanner/base/text.h"

struct page {
	const char *name, *what; /* "man" */
	void (*write)(struct text *);
};

extern const struct page pages[]; /* ends with an empty one */

void page_man(struct text *);
void page_bash(struct text *);
void page_zsh(struct text *);
void page_fish(struct text *);

#endif
