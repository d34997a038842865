/*
 * The list of targets of a run: the words of the command line, then the lines of a file, read as they are needed.
 *
 * A line is `host[:port] [starttls=..] [sni=..]`, # begins a comment. What is no target is said on stderr with its
 * place: a word of the command line, or the first bad line of a file, stops the run before or where it stands.
 */
#ifndef RUN_TARGETS_H
#define RUN_TARGETS_H

#include <stdio.h>

#include "scanner/run/target.h"

struct targets {
	struct arena arena;
	struct target **given; /* of the command line, parsed before the run */
	size_t given_n, at;
	FILE *file;
	const char *path, *sni, *starttls; /* of --sni, --starttls; NULL: as the target says */
	uint64_t line;
	const char *why; /* set: a line that is no target ended the list */
	char *text; /* of the target given last: the word, or the line, as it was written; freed by targets_close() */
};

bool targets_open(struct targets *, const char *const *words, const char *path, const char *sni,
	const char *starttls);
const struct target *targets_next(struct targets *); /* lives until targets_close() */
/* A target of another run: `text` from line `line` of the list `path`; line 0: a word of the command line. */
const struct target *targets_again(struct targets *, const char *path, uint64_t line, const char *text);
void targets_close(struct targets *);

#endif
