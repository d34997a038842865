/*
 * How a long run goes, on stderr: how many endpoints, how fast, how many that gave nothing and why, and how long it may
 * still take. On a terminal one line that is written over, twice a second, where no report goes to a terminal too; else
 * plain lines, one in half a minute. The clock is a parameter, in microseconds.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct record;

enum { PROGRESS_KINDS = 12 };

struct progress {
	FILE *to; /* NULL: nowhere */
	bool over; /* written over */
	uint64_t started_us, next_us, every_us;
	uint64_t records;
	struct {
		const char *code; /* a name of reasons.def */
		uint64_t n;
	} kinds[PROGRESS_KINDS];
};

void progress_open(struct progress *, FILE *to, bool over, uint64_t now_us);
/* One more. `done` of `all` bytes of the list were read; all 0: not known. */
void progress_record(struct progress *, const struct record *, uint64_t now_us, uint64_t done, uint64_t all);
void progress_close(struct progress *, uint64_t now_us);

#endif
