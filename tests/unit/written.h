/* What a writer makes of records, as text, for tests of writers. */
#ifndef TESTS_WRITTEN_H
#define TESTS_WRITTEN_H

#include <stdlib.h>

#include "report/writer.h"
#include "tests/unit/sample_record.h"

/* Everything the writer wrote for these records, which are freed; the caller frees the text. */
SAMPLE char *written(const char *writer, struct output o, struct record **records, size_t count)
{
	const struct writer *w = writer_find(writer);
	char *text = NULL;
	size_t size = 0;
	bool whole;

	assert_non_null(w);
	o.file = open_memstream(&text, &size);
	writer_open(w, &o);
	for (size_t i = 0; i < count; i++) {
		struct judgement *j = judge(records[i]);

		writer_endpoint(w, &o, records[i], j);
		judgement_free(j);
		record_free(records[i]);
	}
	whole = writer_close(w, &o);
	assert_int_equal(o.written, count);
	assert_true(whole);
	fclose(o.file);
	return text;
}

#define WRITTEN(writer, output, ...)                                                                         \
	written(writer, output, (struct record *[]){ __VA_ARGS__ },                                          \
	        sizeof((struct record *[]){ __VA_ARGS__ }) / sizeof(struct record *))

#endif
