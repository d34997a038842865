/*
 * Lines from a descriptor, without ever waiting for one: what a slow producer has written is given, and when it has not
 * written a whole line the answer is LINES_LATER. Not the caller's descriptor to close. A line of more than
 * LINES_BYTES_MAX is given cut, once, and the rest of it is passed over.
 */
#ifndef RUN_LINES_H
#define RUN_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/text.h"

enum { LINES_BYTES_MAX = 64 * 1024 };

enum lines_got { LINES_ONE, LINES_LATER, LINES_END, LINES_FAILED /* errno says why */ };

struct lines {
	int fd;
	bool wait;          /* for each line, as a file is read */
	bool ended, passing; /* passing: over the rest of a line that was cut */
	struct text held;
	size_t begin;       /* of what was not given yet */
	uint64_t bytes;     /* read so far */
};

/* The line, without its end, lives until the next call. */
enum lines_got lines_next(struct lines *, const char **line);
void lines_free(struct lines *);

#endif
