#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"
#include "scanner/facts/records.h"
#include "tests/unit/sample_record.h"

static char *sample_document(bool pretty)
{
	struct record *r = sample_good();
	struct json_object *j = record_to_json(r);
	char *s = json_dump(j, pretty);

	json_object_put(j);
	record_free(r);
	return s;
}

/* A file of these pieces, in which each "@" is a whole record. */
static FILE *file_of(const char *pieces, bool pretty)
{
	char *record = sample_document(pretty);
	FILE *f = tmpfile();

	assert_non_null(f);
	for (; *pieces; pieces++) {
		if (*pieces == '@')
			fputs(record, f);
		else
			fputc(*pieces, f);
	}
	rewind(f);
	free(record);
	return f;
}

/* How many records, and what is wrong ("" for nothing). */
static void reads(const char *pieces, bool pretty, size_t count, const char *why)
{
	struct records in;
	struct record *r;
	size_t n = 0;

	records_open(&in, file_of(pieces, pretty));
	while ((r = records_next(&in))) {
		assert_string_equal(r->host, "example.org");
		assert_true(r->obs_count > 30);
		record_free(r);
		n++;
	}
	assert_null(records_next(&in));
	if (n != count || strcmp(in.why ? in.why : "", why))
		fail_msg("%s: %zu records, %s", pieces, n, in.why ? in.why : "well");
	fclose(in.file);
	records_close(&in);
}

static void an_array_and_lines_are_read(void **state)
{
	(void)state;
	for (int pretty = 0; pretty < 2; pretty++) {
		reads("[@,@ ,\n@]\n", pretty, 3, "");
		reads("@\n@\n", pretty, 2, "");
		reads(" @ @", pretty, 2, "");
		reads("[ @ ]", pretty, 1, "");
	}
	reads("[]", false, 0, "");
	reads(" [ ] ", false, 0, "");
	reads("", false, 0, "");
	reads("\n\n", false, 0, "");
}

static void a_group_is_passed_over(void **state)
{
	static const char *const group = "{\"schema\":\"tlsassay/1\",\"kind\":\"group\",\"tool\":{}}";
	char *pieces = NULL;
	size_t n;
	FILE *f = open_memstream(&pieces, &n);

	(void)state;
	fprintf(f, "[%s,@,%s]", group, group);
	fclose(f);
	reads(pieces, false, 1, "");
	free(pieces);
}

static void what_is_wrong_is_said_with_its_place(void **state)
{
	(void)state;
	reads("[@,@", false, 2, "record 2: the file ends before the array does");
	reads("[@ @]", false, 1, "record 1: no record stands where one should");
	reads("[@,]", false, 1, "record 1: no record stands where one should");
	reads("[,@]", false, 0, "no record stands where one should");
	reads("[@]]", false, 1, "record 1: something stands behind the end of the array");
	reads("[@]@", false, 1, "record 1: something stands behind the end of the array");
	reads("@,@", false, 1, "record 1: no record stands where one should");
	reads("x", false, 0, "no record stands where one should");
	reads("[", false, 0, "the file ends before the array does");
	reads("null", false, 0, "no record stands where one should");
	reads("{", false, 0, "record 1: the file ends in the middle of it");
	reads("@{\"a\":\"}", false, 1, "record 2: the file ends in the middle of it");
	reads("@{}", false, 1, "record 2: the record: schema is missing");
	reads("@{\"schema\":\"tlsassay/2\",\"kind\":\"group\"}", false, 1, "record 2: the record: schema is not tlsassay/1");
}

static void braces_in_texts_are_no_braces(void **state)
{
	(void)state;
	reads("@{\"schema\":\"tlsassay/1\",\"kind\":\"gr\\\"}]{[oup\",\"x\":\"\\\\\"}@", false, 2, "");
}

static void the_length_of_one_record_is_bounded(void **state)
{
	struct records in;
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	fputs("{\"a\":\"", f);
	for (size_t i = 0; i < RECORDS_BYTES_MAX / 64; i++)
		fputs("0123456789012345678901234567890123456789012345678901234567890123", f);
	rewind(f);
	records_open(&in, f);
	assert_null(records_next(&in));
	assert_string_equal(in.why, "record 1: it is too long");
	fclose(f);
	records_close(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_and_lines_are_read),
		cmocka_unit_test(a_group_is_passed_over),
		cmocka_unit_test(what_is_wrong_is_said_with_its_place),
		cmocka_unit_test(braces_in_texts_are_no_braces),
		cmocka_unit_test(the_length_of_one_record_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
