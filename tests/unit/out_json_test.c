#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/facts/json.h"
#include "tests/unit/written.h"

static const struct output plain = { .width = 0 };

static struct json_object *parsed(const char *text, size_t n)
{
	const char *why = NULL;
	struct json_object *o = json_parse(text, n, &why);

	if (!o)
		fail_msg("not JSON: %s", why);
	return o;
}

static struct json_object *at(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if (!json_object_object_get_ex(o, key, &v))
		fail_msg("no key %s", key);
	return v;
}

static const char *text_at(struct json_object *o, const char *key)
{
	return json_object_get_string(at(o, key));
}

static void json_is_an_array_of_endpoints(void **state)
{
	char *text = WRITTEN("json", plain, sample_good(), sample_refused(), sample_legacy());
	struct json_object *list = parsed(text, strlen(text));

	(void)state;
	assert_true(json_object_is_type(list, json_type_array));
	assert_int_equal(json_object_array_length(list), 3);
	assert_string_equal(text_at(json_object_array_get_idx(list, 1), "status"), "unreachable");
	json_object_put(list);
	free(text);
}

static void json_of_no_endpoint_is_an_empty_array(void **state)
{
	char *text = written("json", plain, NULL, 0);

	(void)state;
	assert_string_equal(text, "[]\n");
	free(text);
}

static void ndjson_is_one_endpoint_a_line(void **state)
{
	char *text = WRITTEN("ndjson", plain, sample_good(), sample_hostile()), *s = text;
	size_t lines = 0;

	(void)state;
	for (; *s; lines++) {
		size_t n = strcspn(s, "\n");

		json_object_put(parsed(s, n));
		assert_int_equal(s[n], '\n');
		s += n + 1;
	}
	assert_int_equal(lines, 2);
	free(text);
}

static void the_grade_says_letter_scores_and_ledger(void **state)
{
	char *text = WRITTEN("ndjson", plain, sample_good());
	struct json_object *o = parsed(text, strcspn(text, "\n")), *grade = at(o, "grade");

	(void)state;
	assert_string_equal(text_at(grade, "guide"), "ssllabs-2009r");
	assert_string_equal(text_at(grade, "letter"), "A+");
	assert_string_equal(text_at(grade, "trust"), "ok");
	assert_true(json_object_get_boolean(at(grade, "complete")));
	assert_int_equal(json_object_get_int(at(at(grade, "score"), "total")), 93);
	assert_true(json_object_array_length(at(grade, "ledger")) > 40);
	assert_int_equal(json_object_array_length(at(o, "policies")), 0);
	json_object_put(o);
	free(text);
}

/* The list of an entry's key `loses`; NULL: it has null there. */
static struct json_object *loses_of(struct json_object *ledger, const char *rule)
{
	for (size_t i = 0; i < json_object_array_length(ledger); i++) {
		struct json_object *e = json_object_array_get_idx(ledger, i);

		if (!strcmp(text_at(e, "rule"), rule))
			return at(e, "loses");
	}
	fail_msg("no rule %s", rule);
	return NULL;
}

static void each_fix_names_the_clients_that_it_would_lose(void **state)
{
	char *text = WRITTEN("ndjson", plain, sample_legacy());
	struct json_object *o = parsed(text, strcspn(text, "\n")), *ledger = at(at(o, "grade"), "ledger"),
	                   *lost = loses_of(ledger, "protocol.tls10");

	(void)state;
	assert_int_equal(json_object_array_length(lost), 35);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(lost, 0)), "android_404");
	assert_int_equal(json_object_array_length(loses_of(ledger, "suite.rc4")), 4);
	assert_int_equal(json_object_array_length(loses_of(ledger, "suite.export")), 0); /* nobody */
	assert_null(loses_of(ledger, "dh.small"));       /* a fix that takes nothing away */
	assert_null(loses_of(ledger, "protocol.sslv3")); /* nothing to mend */
	json_object_put(o);
	free(text);
}

static void a_finding_has_every_key_of_the_schema(void **state)
{
	static const char *const keys[] = { "id", "severity", "state", "title", "because", "evidence",
		"reference", "advice" };
	char *text = WRITTEN("ndjson", plain, sample_legacy());
	struct json_object *o = parsed(text, strcspn(text, "\n")), *list = at(o, "findings");

	(void)state;
	assert_true(json_object_array_length(list) > 40);
	for (size_t i = 0; i < json_object_array_length(list); i++)
		for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
			at(json_object_array_get_idx(list, i), keys[k]);
	json_object_put(o);
	free(text);
}

static void what_is_not_known_is_null(void **state)
{
	char *text = WRITTEN("ndjson", plain, sample_refused());
	struct json_object *o = parsed(text, strcspn(text, "\n")), *grade = at(o, "grade");

	(void)state;
	assert_null(at(grade, "letter"));
	assert_null(at(at(grade, "score"), "total"));
	assert_int_equal(json_object_array_length(at(o, "findings")), 0);
	json_object_put(o);
	free(text);
}

static void hostile_text_is_escaped(void **state)
{
	char *text = WRITTEN("json", plain, sample_hostile());

	(void)state;
	for (const unsigned char *s = (const unsigned char *)text; *s; s++)
		if ((*s < 0x20 && *s != '\n') || *s == 0x7F || (*s == 0xC2 && s[1] < 0xA0))
			fail_msg("raw control byte %02x", *s);
	json_object_put(parsed(text, strlen(text)));
	free(text);
}

static void the_same_facts_give_the_same_bytes(void **state)
{
	char *a = WRITTEN("json", plain, sample_legacy()), *b = WRITTEN("json", plain, sample_legacy());

	(void)state;
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void every_format_is_found_by_its_name(void **state)
{
	size_t n = 0;

	(void)state;
	for (; writers[n]; n++) {
		assert_ptr_equal(writer_find(writers[n]->name), writers[n]);
		assert_true(*writers[n]->what);
	}
	assert_true(n >= 4);
	assert_null(writer_find("xml"));
}

static void a_full_disk_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		struct output o = { .file = fopen("/dev/full", "w"), .anchor_file = "targets.txt", .anchor_line = 1 };
		struct record *r = sample_legacy(); /* something failed: annotations alone say nothing of what is well */
		struct judgement *j = judge(r);

		if (!o.file)
			skip();
		writer_open(writers[i], &o);
		writer_endpoint(writers[i], &o, r, j);
		assert_false(writer_close(writers[i], &o));
		fclose(o.file);
		judgement_free(j);
		record_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_an_array_of_endpoints),
		cmocka_unit_test(json_of_no_endpoint_is_an_empty_array),
		cmocka_unit_test(ndjson_is_one_endpoint_a_line),
		cmocka_unit_test(the_grade_says_letter_scores_and_ledger),
		cmocka_unit_test(each_fix_names_the_clients_that_it_would_lose),
		cmocka_unit_test(a_finding_has_every_key_of_the_schema),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(hostile_text_is_escaped),
		cmocka_unit_test(the_same_facts_give_the_same_bytes),
		cmocka_unit_test(every_format_is_found_by_its_name),
		cmocka_unit_test(a_full_disk_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
