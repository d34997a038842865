#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "scanner/anchors.h"
#include "scanner/base/text.h"
#include "scanner/cli.h"
#include "scanner/trust/pem.h"
#include "tests/unit/mint.h"

static struct arena arena;
static char folder[] = "/tmp/anchors_test.XXXXXX";
static const char *one, *two;

static const char *write_file(const char *name, const char *text)
{
	const char *path = arena_printf(&arena, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fputs(text, f) < 0, 0);
	fclose(f);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	one = write_file("one.pem", pem_text(&arena, MINT(.name = "One", .ca = true)->der));
	two = write_file("two.pem", pem_text(&arena, MINT(.name = "Two", .ca = true)->der));
	return setenv("SSL_CERT_FILE", one, 1);
}

static int tear_down(void **state)
{
	(void)state;
	unlink(one);
	unlink(two);
	mint_close();
	arena_free(&arena);
	return rmdir(folder);
}

/* The names of the stores that these words open, a space between; NULL when they are refused. */
static const char *opened(const char *const *words)
{
	struct anchors a = { .n = 0 };
	struct text names = { 0 };
	const char *copy = NULL, *argv[64] = { "tlsassay" };
	struct cli c;
	int argc = 1;

	while (*words)
		argv[argc++] = *words++;
	if (cli_parse(&c, argc, (char *const *)argv) && anchors_open(&a, &c)) {
		for (size_t i = 0; a.stores[i]; i++)
			text_fmt(&names, "%s%s", i ? " " : "", store_name(a.stores[i]));
		copy = arena_text(&arena, text_str(&names));
	}
	anchors_close(&a);
	cli_free(&c);
	text_free(&names);
	return copy;
}

#define OPENED(...) opened((const char *const[]){ __VA_ARGS__, NULL })

static const char *named(const char *name, const char *file)
{
	return arena_printf(&arena, "--trust=%s=%s", name, file);
}

static void every_store_stands_in_its_order(void **state)
{
	(void)state;
	assert_string_equal(OPENED("host"), "system");
	assert_string_equal(OPENED("--ca-file", two), "system ca-file");
	assert_string_equal(OPENED(named("b", two), "--ca-path", folder, named("a", one), "--ca-file", one),
		"system ca-file ca-path b a");
}

static void a_file_of_the_users_that_is_not_whole_is_refused(void **state)
{
	const char *half = write_file("half", arena_printf(&arena, "%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
		pem_text(&arena, MINT(.name = "One", .ca = true)->der)));

	(void)state;
	assert_null(OPENED("--ca-file", half));
	assert_null(OPENED(named("mine", half)));
	assert_null(OPENED("--ca-file", "/nonexistent"));
	assert_null(OPENED("--ca-path", "/nonexistent"));
	assert_null(OPENED(named("mine", "/nonexistent")));
	setenv("SSL_CERT_FILE", half, 1); /* the system's is as it is */
	assert_string_equal(OPENED("host"), "system");
	setenv("SSL_CERT_FILE", one, 1);
	unlink(half);
}

static void a_name_is_a_word_and_stands_once(void **state)
{
	(void)state;
	assert_null(OPENED(named("system", one)));
	assert_null(OPENED(named("ca-file", one)));
	assert_null(OPENED(named("a", one), named("a", two)));
	assert_null(OPENED(named("", one)));
	assert_null(OPENED(named("a b", one)));
	assert_null(OPENED(named("123456789012345678901234567890123", one)));
	assert_string_equal(OPENED(named("12345678901234567890123456789012", one)), "system 12345678901234567890123456789012");
}

static void so_many_and_no_more(void **state)
{
	const char *words[ANCHORS_STORES_MAX + 1] = { NULL };

	(void)state;
	for (size_t i = 0; i < ANCHORS_STORES_MAX - 1; i++)
		words[i] = named(arena_printf(&arena, "n%zu", i), one);
	assert_non_null(opened(words));
	words[ANCHORS_STORES_MAX - 1] = named("last", one);
	assert_null(opened(words));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_store_stands_in_its_order),
		cmocka_unit_test(a_file_of_the_users_that_is_not_whole_is_refused),
		cmocka_unit_test(a_name_is_a_word_and_stands_once),
		cmocka_unit_test(so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
