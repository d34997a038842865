/* Fuzz target of records_next(): any file is records, and an end that is well or has a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/facts/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char nothing[1] = "";
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fmemopen(nothing, 1, "r");
	struct records in;
	struct record *r;

	require(f);
	records_open(&in, f);
	while ((r = records_next(&in)))
		record_free(r);
	require(in.why || in.ended);
	require(!records_next(&in));
	fclose(f);
	records_close(&in);
	return 0;
}
