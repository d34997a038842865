#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/offers.h"
#include "scanner/option.h"
#include "scanner/usage.h"

static bool has(const struct offers *v, const char *word)
{
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->words[i], word))
			return true;
	return false;
}

/* Argument, a word that is offered, one that is not. */
static const struct {
	const char *argument, *yes, *no;
	bool files, folders, hosts, several, open;
} rows[] = {
	{ .argument = NULL },
	{ .argument = "N|no", .yes = "no", .no = "N" },
	{ .argument = "FORMAT[:FILE]", .yes = "sarif", .no = "FORMAT", .files = true, .open = true },
	{ .argument = "PROBE,...", .yes = "versions", .no = "probe", .several = true },
	{ .argument = "POLICY|FILE,...", .yes = "mozilla-modern@6.0", .no = "mozilla", .files = true, .several = true },
	{ .argument = "DIALECT|auto|no", .yes = "xmpp-server", .no = "dialect" },
	{ .argument = "LETTER", .yes = "A+", .no = "T" },
	{ .argument = "SEVERITY", .yes = "critical", .no = "severity" },
	{ .argument = "SUITE", .yes = "TLS_AES_128_GCM_SHA256", .no = "TLS" },
	{ .argument = "GROUP", .yes = "x25519", .no = "group" },
	{ .argument = "[VERSION]", .yes = "TLSv1.2", .no = "1.2" },
	{ .argument = "WHAT", .yes = "policies", .no = "what" },
	{ .argument = "ID", .yes = "suite.rc4", .no = "suite" },
	{ .argument = "NAME=FILE", .no = "NAME", .files = true },
	{ .argument = "OLD.json NEW.json", .no = "old", .files = true },
	{ .argument = "DIR", .no = "DIR", .folders = true },
	{ .argument = "TARGET...", .no = "TARGET", .hosts = true },
	{ .argument = "SECONDS", .no = "SECONDS" },
};

static void the_words_of_an_argument_say_what_may_stand_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct offers v;

		offers_of(&a, rows[i].argument, &v);
		assert_true(!rows[i].yes || has(&v, rows[i].yes));
		assert_false(rows[i].no && has(&v, rows[i].no));
		assert_true(v.files == rows[i].files && v.folders == rows[i].folders && v.hosts == rows[i].hosts);
		assert_true(v.several == rows[i].several && v.open == rows[i].open);
		arena_free(&a);
	}
}

/* A word in capitals that nobody knows offers nothing: it should be meant so. */
static void every_word_of_every_option_is_known_or_free_text(void **state)
{
	static const char *const text[] = { "LINE", "ADDR", "PORT", "NAME", "PROTOCOL", "ID:HEX", "N", "HOST", "IP", "TIME", "SECONDS",
		"DAYS", "HEX" };

	(void)state;
	for (size_t i = 0; i < options_count; i++) {
		struct arena a = { 0 };
		struct offers v;
		bool free_text = false;

		offers_of(&a, options[i].argument, &v);
		for (size_t k = 0; options[i].argument && k < sizeof text / sizeof *text; k++)
			free_text |= strstr(options[i].argument, text[k]) != NULL;
		if (options[i].argument && !free_text && !v.n && !v.files && !v.folders)
			fail_msg("--%s %s", options[i].name, options[i].argument);
		arena_free(&a);
	}
}

static void every_command_is_found_by_its_name(void **state)
{
	(void)state;
	for (const struct command *c = commands; c->name; c++)
		assert_ptr_equal(command_find(c->name), c);
	assert_null(command_find("example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_words_of_an_argument_say_what_may_stand_there),
		cmocka_unit_test(every_word_of_every_option_is_known_or_free_text),
		cmocka_unit_test(every_command_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
