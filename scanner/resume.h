/*
 * Going on with a run that was cut off: what stands in its report, a file of ndjson, is not scanned again. The target that
 * was written last may lack records, and the last line its end: both are cut off, and that target is scanned again. So
 * every target is in the file once, however often the run is killed. A target is known by its line in the list. Four
 * bytes of memory for each line.
 */
#ifndef RESUME_H
#define RESUME_H

#include "scanner/run/target.h"

struct resume {
	uint32_t *done; /* by line: a hash of what stood there, never 0; 0: not scanned */
	size_t room;
	uint64_t records; /* that stay */
};

/* False, and one line on stderr. The file need not be there. */
bool resume_open(struct resume *, const char *path);

enum resumed { RESUME_NEW, RESUME_DONE, RESUME_OTHER /* another target stood in this line */ };
enum resumed resume_ask(const struct resume *, const struct target *);

void resume_close(struct resume *);

#endif
