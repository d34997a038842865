/*
 * Fuzz target of record_from_json(): any document is read or refused with a sentence, and what was read
 * survives being written and read again, byte for byte.
 */
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *dump_record(const struct record *r)
{
	struct json_object *j = record_to_json(r);
	char *s = json_dump(j, false);

	json_object_put(j);
	return s;
}

static struct record *read_record(const char *s, size_t n)
{
	const char *trouble;
	struct json_object *j = json_parse(s, n, &trouble);
	struct record *r;
	char *why = NULL;

	require(!j == !!trouble);
	if (!j)
		return NULL;
	r = record_from_json(j, &why);
	require(!r == !!why);
	free(why);
	json_object_put(j);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record *r = read_record((const char *)data, size), *again;
	char *first, *second;

	if (!r)
		return 0;
	first = dump_record(r);
	again = read_record(first, strlen(first));
	require(again);
	second = dump_record(again);
	require(!strcmp(first, second));
	record_free(r);
	record_free(again);
	free(first);
	free(second);
	return 0;
}
