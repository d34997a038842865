/*
 * The list of targets of a run: the words of the command line, then the lines of a file, read as they are needed.
 *
 * A line is `host[:port] [starttls=..] [sni=..]`, # begins a comment; or a job (jobs.h). What is no target is said on stderr with its
 * place: a word of the command line, or the first bad line of a file, stops the run before or where it stands.
 */
#ifndef RUN_TARGETS_H
#define RUN_TARGETS_H

#include "scanner/run/lines.h"
#include "scanner/run/target.h"

struct targets {
	struct arena arena;
	struct target **given; /* of the command line, parsed before the run */
	size_t given_n, at;
	struct lines lines;    /* .wait: as it is for a file; .fd below 0: there is no list */
	bool jobs;             /* a line is a job */
	const char *path, *sni, *starttls; /* of --sni, --starttls; NULL: as the target says */
	uint64_t line;
	const char *why; /* set: a line that is no target ended the list */
	char *text; /* of the target given last: the word, or the line, as it was written; freed by targets_close() */
};

bool targets_open(struct targets *, const char *const *words, const char *path, const char *sni,
	const char *starttls);
/* LINES_ONE: a target, to be given to target_free(). LINES_END: there are no more, and `why` may say why not. */
enum lines_got targets_next(struct targets *, const struct target **);
/* A target of another run: `text` from line `line` of the list `path`; line 0: a word of the command line. */
const struct target *targets_again(struct targets *, const char *path, uint64_t line, const char *text);
void targets_close(struct targets *);

#endif
