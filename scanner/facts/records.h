/*
 * The records of a saved report, one at a time: a JSON array of records, or records one behind the other (ndjson).
 *
 * Only one record's text and tree are in memory at once, however long the file. The file may have been written by
 * anybody: what is wrong with it is one sentence that says where. Records of another kind than "endpoint" are passed
 * over: they are computed from the others.
 */
#ifndef FACTS_RECORDS_H
#define FACTS_RECORDS_H

#include <stdio.h>

#include "scanner/base/text.h"
#include "scanner/facts/record.h"

enum { RECORDS_BYTES_MAX = 64 << 20 }; /* of one record */

struct records {
	FILE *file; /* the caller's */
	struct text text;
	size_t number; /* of the record read last, from 1 */
	int begin;     /* '[' of an array, '{' of records one behind the other, 0 before the first byte */
	bool ended;
	char *why; /* what was wrong; NULL while all is well */
};

void records_open(struct records *, FILE *);
/* The next record, the caller's; NULL at the end, and when something is wrong: then `why` is there. */
struct record *records_next(struct records *);
void records_close(struct records *);

#endif
