/* Fuzz target of diff_records(): any two records of a file can be compared, and one with itself is the same. */
#include <stdint.h>
#include <stdlib.h>

#include "report/diff.h"
#include "scanner/base/die.h"
#include "scanner/facts/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compare(const struct record *a, const struct record *b)
{
	struct diff d;

	diff_records(&d, a, b);
	for (size_t i = 0; i < d.count; i++)
		require(d.changes[i].key && d.changes[i].about && d.changes[i].before && d.changes[i].now && d.changes[i].text);
	require(a != b || (!d.count && !d.not_compared_n));
	diff_free(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char nothing[1] = "";
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fmemopen(nothing, 1, "r");
	struct record *before = NULL, *now;
	struct records in;

	require(f);
	records_open(&in, f);
	while ((now = records_next(&in))) {
		compare(now, now);
		if (before) {
			compare(before, now);
			compare(now, before);
			record_free(before);
		}
		before = now;
	}
	if (before)
		record_free(before);
	fclose(f);
	records_close(&in);
	return 0;
}
