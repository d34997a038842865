/*
 * Advice that can be pasted: the lines that mend what falls short, for the programs that servers are made of. Tables
 * of constants (report/rules/recipes.def and servers.def); nothing here fails.
 */
#ifndef REPORT_ADVICE_H
#define REPORT_ADVICE_H

#include "scanner/facts/record.h"

/* One way to a better server; the same for every finding that it mends. */
struct recipe {
	const char *id, *what; /* "versions", "TLS 1.2 and TLS 1.3, and nothing older" */
	const char *mends;     /* ids of findings and rules, with a space between them */
};

/* A recipe for one program. */
struct snippet {
	const struct recipe *recipe;
	const char *server;  /* "nginx" */
	const char *where;   /* "http or server block" */
	const char *caution; /* NULL: none */
	const char *lines;   /* with a line feed between them, none at the end */
};

extern const struct recipe recipes[]; /* ends with a row without an id */
extern const struct snippet snippets[]; /* in the order of the recipes, then of the servers; likewise */

const struct recipe *recipe_find(const char *id);
/* What mends this finding, or rule of the guide; NULL: nothing that is the same everywhere. */
const struct recipe *recipe_for(const char *finding_id);
bool recipe_mends(const struct recipe *, const char *finding_id);
/* The first snippet of a recipe: the others follow it. */
const struct snippet *recipe_snippets(const struct recipe *);

/* The program that answered, by its Server header; NULL where none of ours is named there. */
const char *advice_server(const struct record *);
/* The program that most often speaks the endpoint's protocol, to be shown first; NULL: no one more than another. */
const char *advice_usual(const struct record *);
/* The recipe for that program; NULL: there is none, or server is NULL. */
const struct snippet *snippet_for(const struct recipe *, const char *server);

#endif
