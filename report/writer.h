/*
 * A writer turns records and their judgement, and the groups that compare them, into one format. One file
 * exports one const struct writer; the registry is writers.def. Writers see records, judgements and groups
 * only, write in the order they are given, and escape every text that is not their own for where it goes.
 */
#ifndef REPORT_WRITER_H
#define REPORT_WRITER_H

#include <stdio.h>

#include "report/group.h"

struct output {
	FILE *file;
	bool colour;    /* terminal control sequences may be written */
	unsigned width; /* columns of the terminal, 0 when it is none: then no line is cut or folded to fit */
	bool verbose, quiet;
	const char *anchor_file; /* of --sarif-anchor: the place of targets that no list names; NULL */
	uint64_t anchor_line;
	char *last_file; /* of the list that the last endpoint came from, and its line; kept likewise */
	uint64_t last_line;
	size_t written; /* endpoints so far; kept by the caller of writer functions: writer_endpoint() */
	size_t groups;  /* groups so far; likewise */
	void *state;    /* the writer's own, between open and close */
	bool failed;    /* something was lost on the way; writer_close() tells */
	bool cut;       /* not all that was given was read; known before it is closed */
	int verdict;    /* of a writer that decides: the exit status, known when it is closed */
};

struct writer {
	const char *name, *what; /* "html", "one self-contained page" */
	bool machine;            /* for programs: when it goes to stdout nothing else does */
	bool whole;              /* writes nothing of an endpoint before it has all of it */
	bool anchored;           /* every result must have a line of a file: of the list of targets, or the anchor */
	bool decides;            /* when it goes to stdout, the exit status is its verdict */
	void (*open)(struct output *);
	void (*endpoint)(struct output *, const struct record *, const struct judgement *);
	void (*group)(struct output *, const struct group_record *); /* NULL: the format has no place for it */
	void (*close)(struct output *);
};

extern const struct writer *const writers[]; /* ends with NULL */
const struct writer *writer_find(const char *name);

void writer_open(const struct writer *, struct output *);
void writer_endpoint(const struct writer *, struct output *, const struct record *, const struct judgement *);
void writer_group(const struct writer *, struct output *, const struct group_record *);
/* True when everything reached the file. */
bool writer_close(const struct writer *, struct output *);

#endif
