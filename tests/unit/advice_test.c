#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/advice.h"
#include "report/grade.h"
#include "report/rules.h"
#include "tests/unit/sample_record.h"

static struct record *behind(const char *server)
{
	struct record *r = sample_legacy();

	sample_text(r, OBS_KEY_HTTP_SERVER, 0, server);
	return r;
}

static void every_id_is_of_a_rule_and_has_one_recipe(void **state)
{
	char id[64];

	(void)state;
	for (const struct recipe *r = recipes; r->id; r++)
		for (const char *s = r->mends; *s; s += *s == ' ') {
			size_t n = strcspn(s, " ");

			assert_true(n && n < sizeof id);
			memcpy(id, s, n);
			id[n] = 0;
			s += n;
			if (!rule_find(id) && !guide_rule_find(id))
				fail_msg("%s: %s is no rule", r->id, id);
			if (recipe_for(id) != r)
				fail_msg("%s is mended twice", id);
		}
}

static void every_recipe_has_lines_in_the_order_of_the_servers(void **state)
{
	size_t n = 0, all = 0;

	(void)state;
	for (const struct recipe *r = recipes; r->id; r++) {
		const struct snippet *first = recipe_snippets(r);

		assert_true(recipe_find(r->id) == r);
		assert_non_null(first->recipe);
		for (const struct snippet *s = first; s->recipe == r; s++, n++) {
			assert_true(snippet_for(r, s->server) == s);
			assert_true(*s->where && *s->lines && s->lines[strlen(s->lines) - 1] != '\n');
		}
	}
	for (; snippets[all].recipe; all++)
		;
	assert_int_equal(n, all);
}

static void a_part_of_an_id_is_not_the_id(void **state)
{
	(void)state;
	assert_null(recipe_for("suite.rc"));
	assert_null(recipe_for("suite.rc4_"));
	assert_null(recipe_for("protocol"));
	assert_null(recipe_for(""));
	assert_null(recipe_for("cert.expired"));
	assert_string_equal(recipe_for("suite.rc4")->id, "suites");
}

static void the_server_header_says_for_which_program(void **state)
{
	static const struct {
		const char *header, *server;
	} rows[] = {
		{ "nginx/1.22.1", "nginx" },
		{ "nginx", "nginx" },
		{ "openresty/1.21", "nginx" },
		{ "Apache/2.4.57 (Debian)", "Apache" },
		{ "Apache-Coyote/1.1", "Java" },
		{ "Jetty(9.4)", "Java" },
		{ "Caddy", "Caddy" },
		{ "NGINX", NULL },
		{ "not nginx", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct record *r = behind(rows[i].header);
		const char *server = advice_server(r);

		if (!rows[i].server)
			assert_null(server);
		else
			assert_string_equal(server, rows[i].server);
		record_free(r);
	}
}

static const struct finding *finding(const struct judgement *j, const char *id)
{
	for (size_t i = 0; i < j->findings_count; i++)
		if (!strcmp(j->findings[i].id, id))
			return &j->findings[i];
	return NULL;
}

static void what_fails_has_the_lines_of_its_server_and_nothing_else_has(void **state)
{
	struct record *nginx = behind("nginx"), *other = behind("mine");
	struct judgement *judged = judge(nginx), *without = judge(other);

	(void)state;
	assert_string_equal(finding(judged, "protocol.tls10")->snippet->lines, "ssl_protocols TLSv1.2 TLSv1.3;");
	assert_string_equal(finding(judged, "protocol.tls10")->snippet->server, "nginx");
	for (size_t i = 0; i < judged->findings_count; i++)
		assert_true(judged->findings[i].state == FINDING_FAIL || !judged->findings[i].snippet);
	for (size_t i = 0; i < without->findings_count; i++)
		assert_null(without->findings[i].snippet);
	judgement_free(judged);
	judgement_free(without);
	record_free(nginx);
	record_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_id_is_of_a_rule_and_has_one_recipe),
		cmocka_unit_test(every_recipe_has_lines_in_the_order_of_the_servers),
		cmocka_unit_test(a_part_of_an_id_is_not_the_id),
		cmocka_unit_test(the_server_header_says_for_which_program),
		cmocka_unit_test(what_fails_has_the_lines_of_its_server_and_nothing_else_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
