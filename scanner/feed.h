/*
 * Where the targets of a scan come from: the command line, a list, or jobs; one behind the other, or shuffled in a window
 * (run/pool.h); without those that a report of before has already (resume.h). Never waits for a producer.
 */
#ifndef FEED_H
#define FEED_H

#include "scanner/resume.h"
#include "scanner/run/pool.h"
#include "scanner/run/scan.h"
#include "scanner/run/targets.h"

struct cli;
struct watch;

struct feed {
	struct targets targets;
	struct resume resume;
	struct pool *pool;    /* NULL: in the list's order */
	struct watch *input;  /* NULL: the list is there as a whole */
	struct scan *scan;
	uint64_t bytes;       /* of the list; 0: not known */
	const struct target *first; /* of a list that is a file: looked at before a report is begun; NULL: taken */
	bool any;             /* there was a target, be it one that an older report has */
	bool ended, stopped;
};

/* False, and one line on stderr: for a file without any target too, which would pass every gate. */
bool feed_open(struct feed *, const struct cli *);
/* The network is there: a list that comes slowly is watched. */
void feed_attach(struct feed *, struct scan *);
enum fed feed_next(struct feed *, const struct target **);
/* No more of it is taken. */
void feed_stop(struct feed *);
/* False, and one line on stderr: nothing stood in the list. */
bool feed_none(const struct feed *);
/* It has a line that is no target, and ends there. */
bool feed_failed(const struct feed *);
void feed_detach(struct feed *); /* before the network is freed */
void feed_close(struct feed *);

#endif
