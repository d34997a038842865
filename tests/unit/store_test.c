#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/store.h"
#include "tests/unit/mint.h"

static struct arena arena;
static char folder[] = "/tmp/store_test.XXXXXX";
static const struct minted *root, *twin, *other;

static int set_up(void **state)
{
	(void)state;
	root = MINT(.name = "Root", .ca = true);
	twin = MINT(.name = "ROOT", .ca = true);
	other = MINT(.name = "Other", .ca = true);
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	mint_close();
	arena_free(&arena);
	return rmdir(folder);
}

static const char *write_file(const char *name, const void *p, size_t n)
{
	const char *path = arena_printf(&arena, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	return path;
}

static const char *pem_of_one(const struct minted *m)
{
	return pem_text(&arena, m->der);
}

static size_t candidates(const struct store *s, const struct minted *by)
{
	const struct minted *leaf = MINT(.name = "leaf", .by = by);
	struct cert *c = cert_parse(leaf->der.p, leaf->der.n);
	struct span der;
	size_t at = 0, n = 0;

	while (store_next(s, c, &at, &der))
		n++;
	cert_free(c);
	return n;
}

static bool has(const struct store *s, const struct minted *m)
{
	struct cert *c = cert_parse(m->der.p, m->der.n);
	bool r = store_has(s, c);

	cert_free(c);
	return r;
}

static void a_bundle_is_found_by_subject(void **state)
{
	const char *text = arena_printf(&arena, "# notes\n%s%s%s%s", pem_of_one(root), pem_of_one(twin),
	        pem_of_one(root), pem_of_one(other));
	const char *path = write_file("bundle.pem", text, strlen(text));
	char *why = NULL;
	struct store *s = store_open("mine", path, &why);

	(void)state;
	assert_non_null(s);
	assert_null(why);
	assert_string_equal(store_name(s), "mine");
	assert_string_equal(store_path(s), path);
	assert_int_equal(store_count(s), 3);
	assert_int_equal(candidates(s, root), 2);
	assert_int_equal(candidates(s, other), 1);
	assert_true(has(s, twin));
	assert_false(has(s, MINT(.name = "Root", .ca = true)));
	store_close(s);
	unlink(path);
}

static void one_certificate_in_der_is_a_store(void **state)
{
	struct store *s = store_of("der", other->der);

	(void)state;
	assert_non_null(s);
	assert_int_equal(store_count(s), 1);
	assert_null(store_path(s));
	store_close(s);
}

static void a_directory_is_read_by_its_hashed_names(void **state)
{
	const char *one = pem_of_one(root), *two = pem_of_one(other);
	const char *paths[] = { write_file("0123abcd.0", one, strlen(one)),
		write_file("plain.pem", two, strlen(two)), write_file("0123abcd.r0", two, strlen(two)) };
	char *why = NULL;
	struct store *s = store_open("dir", folder, &why);

	(void)state;
	assert_int_equal(store_count(s), 1);
	assert_true(has(s, root));
	store_close(s);
	unlink(paths[0]);
	s = store_open("dir", folder, &why);
	assert_true(has(s, other));
	store_close(s);
	unlink(paths[1]);
	unlink(paths[2]);
}

static void what_cannot_be_used_is_told(void **state)
{
	const char *empty = write_file("empty", "", 0), *words = write_file("words", "no certificate", 14);
	char *why = NULL;

	(void)state;
	assert_null(store_open("x", "/nowhere/at/all", &why));
	assert_string_equal(why, "No such file or directory");
	free(why);
	assert_null(store_open("x", empty, &why));
	assert_string_equal(why, "no certificate in it");
	free(why);
	assert_null(store_open("x", words, &why));
	free(why);
	assert_null(store_open("x", folder, &why));
	free(why);
	assert_null(store_of("x", (struct span){ NULL, 0 }));
	unlink(empty);
	unlink(words);
}

static void the_environment_names_the_systems_store(void **state)
{
	const char *text = pem_of_one(root), *path = write_file("env.pem", text, strlen(text));
	char *why = NULL;
	struct store *s;

	(void)state;
	setenv("SSL_CERT_FILE", path, 1);
	assert_string_equal(store_system_path(), path);
	s = store_open("system", NULL, &why);
	assert_int_equal(store_count(s), 1);
	store_close(s);
	unsetenv("SSL_CERT_FILE");
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_is_found_by_subject),
		cmocka_unit_test(one_certificate_in_der_is_a_store),
		cmocka_unit_test(a_directory_is_read_by_its_hashed_names),
		cmocka_unit_test(what_cannot_be_used_is_told),
		cmocka_unit_test(the_environment_names_the_systems_store),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
