/* Every format of writers.def at once: what holds for one must hold for the next that is added. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/escape.h"
#include "report/gate.h"
#include "report/policy_judge.h"
#include "report/policy_read.h"
#include "report/waive.h"
#include "scanner/base/text.h"
#include "scanner/facts/json.h"
#include "tests/unit/written.h"

static const struct output anchored = { .anchor_file = "targets.txt", .anchor_line = 3 };

/* What a format's text must not hold, whatever a server says. NULL-ended. */
static const struct {
	const char *format;
	const char *never[12];
} forbidden[] = {
	{ "csv", { "\"=", "\"+", "\"-", "\"@", NULL } },
	{ "junit", { "<script", "<img", "\xef\xbf\xbe", "\xef\xbf\xbf", NULL } },
	{ "github", { "\n::add-mask", "\n::set-", "\n::stop", NULL } },
	{ "markdown", { "<script", "<img", "\n| a", "[x](", "http://", "@SUM", "@every", "www.", "#1", NULL } },
	{ "nagios", { "$(", "`", "<", "'", NULL } },
};

/* What a server may put into a name, in the tongue of each format. */
static const char *const tongues[] = { HOSTILE, "[a](javascript:alert(1))\033[31m\007\r\n\xe2\x80\xae\xe2\x81\xa6",
	"=1+1", "+1", "-1", "@SUM(1)", "\",\"x", "]]><script>", "&#x41;", "\xef\xbf\xbe",
	"\xef\xbf\xbf", "\n::add-mask::x", "%0A::set-output name=a::b", "%", ":", ",", "|a|", "| a |\n|--|", "[x](http://a)",
	"<img src=x>", " @everyone", "#1", "www.example.com", "http://a", "`id`", "$(id)", "'", "\\", "\"", "\\\"} 1\nx{",
	"x\ny 1", "a=b", "\t", "a\xe2\x80\x8c" "b\xe2\x80\x8d" "c\xe2\x80\x8b" "d\xc2\xad" "e\xef\xb8\x8f", "" };

static struct record *speaking(const char *tongue)
{
	struct record *r = sample_hostile();
	const char **names = arena_new(&r->arena, 1, sizeof *names);

	names[0] = tongue;
	r->host = r->sni = r->input = r->ip = r->version = tongue;
	r->error_code = r->error_stage = r->error_message = r->source_file = tongue;
	r->source_line = 7;
	for (size_t i = 0; i < r->certs_count; i++) {
		r->certs[i].subject = r->certs[i].issuer = r->certs[i].signature = r->certs[i].serial = tongue;
		r->certs[i].dns_names = names;
		r->certs[i].dns_names_count = 1;
	}
	for (size_t i = 0; i < r->obs_count; i++) {
		r->obs[i].reason = tongue;
		if (r->obs[i].name)
			r->obs[i].name = tongue;
		if (r->obs[i].text)
			r->obs[i].text = tongue;
	}
	return r;
}

/* Lines are ours to end; what is not seen, or turns the direction of writing, is nowhere. */
static void no_control_character(const char *format, const char *text)
{
	for (uint32_t c; (c = text_next(&text));)
		if (text_hidden(c) && c != '\n')
			fail_msg("%s: raw U+%04X", format, (unsigned)c);
}

static void nothing_forbidden(const char *format, const char *tongue, const char *text)
{
	for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
		for (size_t k = 0; !strcmp(format, forbidden[i].format) && forbidden[i].never[k]; k++)
			if (strstr(text, forbidden[i].never[k]))
				fail_msg("%s has %s for %s", format, forbidden[i].never[k], tongue);
}

static char *told(const char *format, struct record *r)
{
	return WRITTEN(format, anchored, r);
}

/* What compares endpoints, in the same tongue; the finding fails and is high. */
static struct group_record *comparing(enum group_scope scope, const char *tongue)
{
	struct group_record *g = group_new(scope);
	struct finding *f = arena_new(&g->arena, 1, sizeof *f);

	*f = (struct finding){ .id = "shared.key",
		.title = "Shared",
		.reference = "RFC 9525",
		.advice = "Mend it.",
		.because = escape_in(&g->arena, escape_none, tongue), /* as it is composed */
		.severity = SEV_HIGH,
		.state = FINDING_FAIL };
	g->host = g->sni = g->version = tongue;
	g->transport = "tcp";
	g->port = 443;
	g->several_names = true;
	g->findings = f;
	g->findings_n = 1;
	return g;
}

/* The same endpoint `times` times, then the groups; judged once, since judging costs more than any format. */
static char *repeated(const struct writer *w, const struct record *r, const struct judgement *j, size_t times,
        const char *compared)
{
	struct output o = anchored;
	char *text = NULL;
	size_t size = 0;

	o.file = open_memstream(&text, &size);
	writer_open(w, &o);
	for (size_t i = 0; i < times; i++)
		writer_endpoint(w, &o, r, j);
	for (enum group_scope s = GROUP_NAME; compared && s <= GROUP_RUN; s++) {
		struct group_record *g = comparing(s, compared);

		writer_group(w, &o, g);
		group_free(g);
	}
	assert_true(writer_close(w, &o));
	fclose(o.file);
	return text;
}

static bool is_one_of(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list))
		list++;
	return *list != NULL;
}

/*
 * Trackers show every text, but for the path of a file and the name of a host, which must stay what they are. Our own
 * JSON, and what is made for machines, keep the facts' characters, and their sentences none that is not seen.
 */
static bool is_for_reading(const char *format, const char *key)
{
	static const char *const facts[] = { "json", "ndjson", "ssllabs", "cbom", NULL };
	static const char *const sentences[] = { "because", "fix", "found", "wants", "why", "clause", "title", "source", "note",
		"not_checked", "advice", NULL };
	static const char *const names[] = { "path", "host", NULL };

	return is_one_of(format, facts) ? is_one_of(key, sentences) : !is_one_of(key, names);
}

/* Does a text that is made to be read hold what no reader sees, or in SARIF a link? */
static void assert_shown(const char *format, const char *key, const char *s)
{
	static const char *const rendered[] = { "description", "mitigation", "references", NULL };

	if (!strcmp(format, "defectdojo") && is_one_of(key, rendered))
		nothing_forbidden("markdown", key, s);
	if (!strcmp(format, "sarif") && !strcmp(key, "text") && strstr(s, "](") && !strstr(s, "\\]("))
		fail_msg("sarif has a link: %s", s);
	for (uint32_t c; (c = text_next(&s));)
		if (text_hidden(c) && (c != '\n' || strcmp(key, "description") || strcmp(format, "defectdojo")))
			fail_msg("%s, %s: U+%04X", format, key, (unsigned)c);
}

/* Lists go by the key that they stand under. */
static void what_is_read_is_shown(const char *format, const char *key, struct json_object *o)
{
	if (json_object_is_type(o, json_type_string) && is_for_reading(format, key))
		assert_shown(format, key, json_object_get_string(o));
	if (json_object_is_type(o, json_type_array))
		for (size_t i = 0; i < json_object_array_length(o); i++)
			what_is_read_is_shown(format, key, json_object_array_get_idx(o, i));
	if (!json_object_is_type(o, json_type_object))
		return;
	json_object_object_foreach(o, name, value)
		what_is_read_is_shown(format, name, value);
}

static void stays_json(const struct writer *w, const char *tongue, const char *text)
{
	static const char *const formats[] = { "json", "sarif", "gitlab", "defectdojo", "cbom", "ssllabs" };

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		const char *why = NULL;
		struct json_object *o;

		if (strcmp(w->name, formats[i]))
			continue;
		o = json_parse(text, strlen(text), &why);
		if (!o)
			fail_msg("%s, %s: %s", w->name, tongue, why);
		what_is_read_is_shown(w->name, "", o);
		json_object_put(o);
	}
}

/* ---- files of the user: what a policy and a waiver say -------------------------------------------------------------- */

static struct json_object *members(const char *const (*list)[2])
{
	struct json_object *o = json_map();

	for (; (*list)[0]; list++)
		json_set(o, (*list)[0], json_text((*list)[1]));
	return o;
}

static struct json_object *list_of(struct json_object *one)
{
	struct json_object *list = json_list();

	json_push(list, one);
	return list;
}

/* A rule that nobody meets; every text of the policy that may be free is the tongue. */
static struct policy *policy_saying(const char *tongue)
{
	const char *const rule[][2] = { { "id", "a" }, { "level", "must" }, { "clause", tongue }, { "fact", "versions" },
		{ "fix", tongue }, { NULL, NULL } };
	const char *const head[][2] = { { "schema", "tlsassay-policy/1" }, { "name", "ours" }, { "edition", tongue },
		{ "date", "2026" }, { "title", tongue }, { "source", tongue }, { "note", tongue }, { NULL, NULL } };
	struct json_object *o = members(head), *r = members(rule);
	const char *where, *why;
	struct arena a = { 0 };
	struct policy *p;
	char *text;

	json_set(r, "only", list_of(json_text("SSLv2")));
	json_set(o, "rules", list_of(r));
	json_set(o, "not_checked", list_of(json_text(tongue)));
	text = json_dump(o, false);
	p = policy_read((struct span){ (const uint8_t *)text, strlen(text) }, &a, &where, &why);
	if (!p)
		fail_msg("%s: %s: %s", text, where, why);
	json_object_put(o);
	arena_free(&a);
	free(text);
	return p;
}

/* One that ended for a gate, and one that holds for whatever fails. */
static struct waivers waivers_saying(const char *tongue, const char *id)
{
	const char *const ended[][2] = { { "id", "fail-on" }, { "target", "*" }, { "until", "1999-01-01" }, { "why", tongue }, { NULL, NULL } };
	const char *const holds[][2] = { { "id", id }, { "target", "*" }, { "until", "2999-01-01" }, { "why", tongue }, { NULL, NULL } };
	struct json_object *list = list_of(members(ended));
	struct waivers ws;
	char *text, *why = NULL;

	json_push(list, members(holds));
	text = json_dump(list, false);
	if (!waivers_parse(&ws, text, strlen(text), &why))
		fail_msg("%s: %s", text, why);
	json_object_put(list);
	free(text);
	return ws;
}

static const char *what_fails(const struct judgement *j)
{
	for (size_t i = 0; i < j->findings_count; i++)
		if (j->findings[i].state == FINDING_FAIL)
			return j->findings[i].id;
	return "suite.rc4";
}

/* Judged by them; the caller keeps what the judgement points to. */
static struct judgement *judged_by(const struct record *r, struct policy *p, struct waivers *ws, const char *tongue)
{
	struct gate_options o = { .min_grade = LETTER_A, .has_fail_on = true, .fail_on = SEV_LOW, .has_expires = true,
		.warn_days = 9999, .waivers = ws };
	struct judgement *j = judge(r);

	*ws = waivers_saying(tongue, what_fails(j));
	judgement_policies(j, r, &p, 1);
	gates_hold(&o, r, j);
	return j;
}

static void hostile_text_stays_text_in_every_format(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof tongues / sizeof *tongues; k++) {
		struct record *r = speaking(tongues[k]);
		struct policy *p = policy_saying(*tongues[k] ? tongues[k] : "-");
		struct waivers ws;
		struct judgement *j = judged_by(r, p, &ws, *tongues[k] ? tongues[k] : "-");

		for (size_t i = 0; writers[i]; i++) {
			char *text = repeated(writers[i], r, j, 2, tongues[k]);

			no_control_character(writers[i]->name, text);
			nothing_forbidden(writers[i]->name, tongues[k], text);
			stays_json(writers[i], tongues[k], text);
			free(text);
		}
		judgement_free(j);
		waivers_free(&ws);
		policy_free(p);
		record_free(r);
	}
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* A text that ends a line of ours would make more of them. */
static void no_text_ends_a_line(void **state)
{
	static const char *const by_line[] = { "csv", "github", "ndjson", "nagios", "sarif", "gitlab", "defectdojo", "cbom",
		"ssllabs", "prometheus", "junit" };

	(void)state;
	for (size_t i = 0; i < sizeof by_line / sizeof *by_line; i++) {
		char *tame = told(by_line[i], speaking("x")), *wild = told(by_line[i], speaking("x\ny\r\nz\n"));

		if (lines_of(tame) != lines_of(wild))
			fail_msg("%s: %zu lines became %zu", by_line[i], lines_of(tame), lines_of(wild));
		free(tame);
		free(wild);
	}
}

static void every_format_can_say_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		char *text = written(writers[i]->name, anchored, NULL, 0);

		no_control_character(writers[i]->name, text);
		free(text);
	}
}

static void every_format_tells_an_endpoint_that_was_not_reached(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		char *text = told(writers[i]->name, sample_refused());

		if (strcmp(writers[i]->name, "cbom") && strcmp(writers[i]->name, "prometheus") && !strstr(text, "refused"))
			fail_msg("%s: says nothing", writers[i]->name);
		free(text);
	}
}

static void the_same_facts_give_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		char *a = told(writers[i]->name, sample_legacy()), *b = told(writers[i]->name, sample_legacy());

		assert_string_equal(a, b);
		free(a);
		free(b);
	}
}

/* What an endpoint says is written when it is there: the list that came before is not kept. */
static void what_is_whole_is_written_as_it_comes(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		struct output o = anchored;
		struct record *r = sample_legacy();
		struct judgement *j = judge(r);
		char *text = NULL;
		size_t size = 0, before;

		o.file = open_memstream(&text, &size);
		writer_open(writers[i], &o);
		fflush(o.file);
		before = size;
		writer_endpoint(writers[i], &o, r, j);
		if (writers[i]->whole && strcmp(writers[i]->name, "html"))
			assert_true(size > before);
		writer_close(writers[i], &o);
		fclose(o.file);
		free(text);
		judgement_free(j);
		record_free(r);
	}
}

static void a_result_without_a_place_is_not_written(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		struct output o = { .file = tmpfile() };
		struct record *r = sample_legacy();
		struct judgement *j = judge(r);

		writer_open(writers[i], &o);
		writer_endpoint(writers[i], &o, r, j);
		assert_int_equal(writer_close(writers[i], &o), !writers[i]->anchored);
		fclose(o.file);
		judgement_free(j);
		record_free(r);
	}
}

/* The bits of the SSL Labs API: 2 incomplete, 4 unrelated or twice, 8 order, 16 a root. */
static void chain_issues_are_the_bits_of_the_api(void **state)
{
	static const struct {
		const char *issues[3];
		const char *bits;
	} rows[] = { { { NULL }, "\"issues\":0" }, { { "duplicate" }, "\"issues\":4" }, { { "unneeded", "duplicate" }, "\"issues\":4" },
		{ { "incomplete", "wrong_order" }, "\"issues\":10" }, { { "root_sent", "cross_signed" }, "\"issues\":16" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *r = sample_good();
		struct obs *o = sample_about_chain(r, OBS_KEY_CHAIN_ISSUES);
		char *text, *squeezed;

		o->names = rows[i].issues;
		for (o->count = 0; o->count < 3 && rows[i].issues[o->count]; o->count++)
			;
		text = squeezed = WRITTEN("ssllabs", anchored, r);
		for (const char *from = text; *from; from++)
			if (*from != ' ' && *from != '\n')
				*squeezed++ = *from;
		*squeezed = 0;
		assert_non_null(strstr(text, rows[i].bits));
		free(text);
	}
}

/* A report that says less than any scan of ours, from a file that somebody else wrote. */
static void a_record_that_says_nothing_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; writers[i]; i++)
		for (enum status s = STATUS_OK; s <= STATUS_ERROR; s++) {
			struct record *r = record_new();
			char *text;

			r->status = s;
			text = told(writers[i]->name, r);
			no_control_character(writers[i]->name, text);
			free(text);
		}
}

/* What a format says of the legacy server when all that failed was waived. */
static char *waived(const struct writer *w)
{
	struct record *r = sample_legacy();
	struct judgement *j = judge(r);
	char *text;

	for (size_t i = 0; i < j->findings_count; i++)
		if (j->findings[i].state == FINDING_FAIL)
			j->findings[i].state = FINDING_WAIVED;
	text = repeated(w, r, j, 1, NULL);
	judgement_free(j);
	record_free(r);
	return text;
}

static void what_is_waived_fails_in_no_format(void **state)
{
	static const struct {
		const char *format, *there, *gone;
	} rows[] = {
		{ "csv", "\"waived\"", "\"fail\"" },
		{ "sarif", "\"suppressions\":[{\"kind\":\"external\"", NULL },
		{ "junit", " failures=\"0\"", "<failure" },
		{ "github", "", "::" },
		{ "gitlab", "[", "suite." },
		{ "markdown", " waived", "| high" },
		{ "prometheus", "tlsassay_findings", "tlsassay_finding{" },
		{ "nagios", "TLS OK", NULL },
		{ "defectdojo", "\"risk_accepted\":true", "\"active\":true" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *text = waived(writer_find(rows[i].format));

		if (!strstr(text, rows[i].there) || (rows[i].gone && strstr(text, rows[i].gone)))
			fail_msg("%s: %s", rows[i].format, text);
		free(text);
	}
}

/* A key that two hosts share is no smaller matter for being seen from two endpoints. */
static void what_compares_endpoints_is_told_where_findings_are(void **state)
{
	static const char *const without[] = { "ssllabs", "cbom", "html", NULL };
	struct record *r = sample_good();
	struct judgement *j = judge(r);

	(void)state;
	for (size_t i = 0; writers[i]; i++) {
		char *text = repeated(writers[i], r, j, 1, "hear-hear");
		bool told_of = strstr(text, "hear-hear") || strstr(text, "shared.key");

		for (size_t k = 0; without[k]; k++)
			told_of |= !strcmp(writers[i]->name, without[k]);
		if (!told_of)
			fail_msg("%s is silent: %s", writers[i]->name, text);
		free(text);
	}
	judgement_free(j);
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_text_stays_text_in_every_format),
		cmocka_unit_test(no_text_ends_a_line),
		cmocka_unit_test(every_format_can_say_nothing),
		cmocka_unit_test(every_format_tells_an_endpoint_that_was_not_reached),
		cmocka_unit_test(the_same_facts_give_the_same_bytes),
		cmocka_unit_test(what_is_whole_is_written_as_it_comes),
		cmocka_unit_test(a_result_without_a_place_is_not_written),
		cmocka_unit_test(chain_issues_are_the_bits_of_the_api),
		cmocka_unit_test(a_record_that_says_nothing_is_told),
		cmocka_unit_test(what_is_waived_fails_in_no_format),
		cmocka_unit_test(what_compares_endpoints_is_told_where_findings_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
