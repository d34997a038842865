#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/policy_read.h"
#include "report/policy_shelf.h"
#include "scanner/base/text.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

#define HEAD "{\"schema\":\"tlsassay-policy/1\",\"name\":\"ours\",\"edition\":\"1\",\"date\":\"2026-11\",\"title\":\"T\",\"source\":\"S\""
#define RULE "\"id\":\"r\",\"level\":\"must\",\"clause\":\"c\",\"fix\":\"Mend it.\""
#define RULES(rest) HEAD ",\"rules\":[{" RULE "," rest "}]}"

static struct policy *read(const char *json, struct arena *a, const char **where, const char **why)
{
	return policy_read((struct span){ (const uint8_t *)json, strlen(json) }, a, where, why);
}

static void every_policy_of_the_program_is_one(void **state)
{
	(void)state;
	for (const struct policy_text *t = policy_texts; t->name; t++) {
		struct arena a = { 0 };
		const char *where, *why;
		struct policy *p = policy_read((struct span){ (const uint8_t *)t->json, t->length }, &a, &where, &why);

		if (!p)
			fail_msg("%s@%s%s: %s", t->name, t->edition, where, why);
		assert_string_equal(p->name, t->name);
		assert_string_equal(p->edition, t->edition);
		assert_true(p->rules_count > 3 && p->not_checked_count > 0);
		policy_free(p);
		arena_free(&a);
	}
}

static void the_newest_edition_is_taken_when_none_is_named(void **state)
{
	static const char *const rows[][2] = { { "mozilla-intermediate", "6.0" }, { "mozilla-modern", "6.0" },
		{ "mozilla-old", "5.8" }, { "mozilla-intermediate@5.7", "5.7" }, { "bcp195", "2026-07" } };
	static const char *const none[] = { "", "mozilla", "mozilla-intermediate@", "mozilla-intermediate@9", "mozilla-old@6.0" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy *p = policy_shelf_find(rows[i][0]);

		assert_non_null(p);
		assert_string_equal(p->edition, rows[i][1]);
		policy_free(p);
	}
	for (size_t i = 0; i < COUNT(none); i++)
		assert_null(policy_shelf_find(none[i]));
}

static void every_demand_is_read(void **state)
{
	static const struct {
		const char *rest;
		enum demand demand;
		size_t count;
	} rows[] = {
		{ "\"fact\":\"versions\",\"only\":[]", DEMAND_ONLY, 0 },
		{ "\"fact\":\"suites.list\",\"none\":[\"AES128-SHA\",\"0x1302\",\"0x010080\"]", DEMAND_NONE, 3 },
		{ "\"fact\":\"extensions.list\",\"all\":[\"server_name\"]", DEMAND_ALL, 1 },
		{ "\"fact\":\"ext.alpn\",\"any\":[\"h2\"]", DEMAND_ANY, 1 },
		{ "\"fact\":\"groups.list\",\"first\":[\"x25519\"]", DEMAND_FIRST, 1 },
		{ "\"fact\":\"schemes.list\",\"ranked\":[[\"ed25519\"],[\"mldsa44\",\"mldsa65\"]]", DEMAND_RANKED, 3 },
		{ "\"fact\":\"suites.list\",\"no_kind\":[\"rc4\"],\"when\":\"cbc\"", DEMAND_NO_KIND, 1 },
		{ "\"fact\":\"suites.list\",\"only_kind\":[\"aead\"],\"when\":\"http\"", DEMAND_ONLY_KIND, 1 },
		{ "\"fact\":\"ext.ems\",\"is\":[\"yes\"],\"versions\":[\"TLSv1.2\"]", DEMAND_IS, 1 },
		{ "\"fact\":\"http.hsts\",\"is_not\":[\"absent\"]", DEMAND_IS_NOT, 1 },
		{ "\"fact\":\"dh.bits\",\"min\":2048", DEMAND_MIN, 0 },
		{ "\"fact\":\"certificate.days\",\"max\":0", DEMAND_MAX, 0 },
		{ "\"fact\":\"suites.unregistered\",\"none\":[\"0xABCD\"]", DEMAND_NONE, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct text t = { 0 };
		const char *where, *why;
		struct policy *p;

		text_fmt(&t, HEAD ",\"rules\":[{" RULE ",%s}]}", rows[i].rest);
		p = read(text_str(&t), &a, &where, &why);
		if (!p)
			fail_msg("%s: %s %s", rows[i].rest, where, why);
		assert_int_equal(p->rules[0].demand, rows[i].demand);
		assert_int_equal(p->rules[0].count, rows[i].count);
		policy_free(p);
		arena_free(&a);
		text_free(&t);
	}
}

static void a_fault_is_told_with_its_place(void **state)
{
	static const struct {
		const char *json, *where, *why;
	} rows[] = {
		{ "", "1:1", "too early" },
		{ "{\n  \"schema\": oops\n}", "2:13", "unexpected" },
		{ "{}\n\xC3\xA4 x", "2:1", "" },
		{ "{\"a\":\"\xC3\xA4\xC3\xA4\",,", "1:11", "" },
		{ "[]", "", "an object is wanted" },
		{ "{}", "", "'schema' is missing" },
		{ HEAD "}", "", "'rules' is missing" },
		{ HEAD ",\"rules\":[],\"~a/b\":1}", "/~0a~1b", "not known here" },
		{ HEAD ",\"note\":null,\"rules\":[]}", "/note", "null" },
		{ HEAD ",\"note\":\"\",\"rules\":[]}", "/note", "1 to 1000" },
		{ HEAD ",\"note\":\"a\\u0000b\",\"rules\":[]}", "/note", "zero" },
		{ HEAD ",\"not_checked\":[\"x\",3],\"rules\":[]}", "/not_checked/1", "a text" },
		{ HEAD ",\"rules\":[]}", "/rules", "empty" },
		{ HEAD ",\"rules\":{}}", "/rules", "a list" },
		{ HEAD ",\"rules\":[3]}", "/rules/0", "an object" },
		{ HEAD ",\"schema\":\"tlsassay-policy/2\",\"rules\":[]}", "/schema", "tlsassay-policy/1" },
		{ HEAD ",\"name\":\"No Name\",\"rules\":[]}", "/name", "small letters" },
		{ HEAD ",\"date\":\"2026-1\",\"rules\":[]}", "/date", "a date" },
		{ HEAD ",\"date\":\"2026-11-211\",\"rules\":[]}", "/date", "a date" },
		{ HEAD ",\"rules\":[{\"id\":\"r\"}]}", "/rules/0", "'level' is missing" },
		{ RULES("\"fact\":\"suites\",\"none\":[\"x\"]"), "/rules/0/fact", "no fact" },
		{ RULES("\"fact\":\"suites.list\""), "/rules/0", "a demand is missing" },
		{ RULES("\"fact\":\"suites.list\",\"none\":[\"AES128-SHA\"],\"only\":[]"), "/rules/0/none", "one demand" },
		{ RULES("\"fact\":\"suites.list\",\"none\":[]"), "/rules/0/none", "empty" },
		{ RULES("\"fact\":\"suites.list\",\"only\":[\"AES128-SHA\",\"AES1\"]"), "/rules/0/only/1", "no cipher suite" },
		{ RULES("\"fact\":\"groups.list\",\"only\":[\"P256\"]"), "/rules/0/only/0", "no group" },
		{ RULES("\"fact\":\"schemes.list\",\"only\":[\"rsa\"]"), "/rules/0/only/0", "no signature scheme" },
		{ RULES("\"fact\":\"extensions.list\",\"only\":[\"sni\"]"), "/rules/0/only/0", "no extension" },
		{ RULES("\"fact\":\"versions\",\"only\":[\"TLS 1.2\"]"), "/rules/0/only/0", "no protocol version" },
		{ RULES("\"fact\":\"suites.unregistered\",\"none\":[\"0xabcd\"]"), "/rules/0/none/0", "a code" },
		{ RULES("\"fact\":\"suites.list\",\"no_kind\":[\"weak\"]"), "/rules/0/no_kind/0", "no kind" },
		{ RULES("\"fact\":\"groups.list\",\"no_kind\":[\"rc4\"]"), "/rules/0/no_kind", "cannot be asked" },
		{ RULES("\"fact\":\"ext.ems\",\"only\":[\"yes\"]"), "/rules/0/only", "cannot be asked" },
		{ RULES("\"fact\":\"ext.ems\",\"is\":[\"yes\",\"true\"]"), "/rules/0/is/1", "yes or no" },
		{ RULES("\"fact\":\"dh.bits\",\"min\":-1"), "/rules/0/min", "whole number" },
		{ RULES("\"fact\":\"dh.bits\",\"min\":20.5"), "/rules/0/min", "whole number" },
		{ RULES("\"fact\":\"dh.bits\",\"min\":1,\"when\":\"never\""), "/rules/0/when", "kind of cipher suites" },
		{ RULES("\"fact\":\"dh.bits\",\"min\":1,\"versions\":[\"TLSv2\"]"), "/rules/0/versions/0", "no protocol version" },
		{ RULES("\"fact\":\"dh.bits\",\"min\":1,\"versions\":[]"), "/rules/0/versions", "empty" },
		{ RULES("\"fact\":\"schemes.list\",\"ranked\":[[\"ed25519\"],[]]"), "/rules/0/ranked/1", "empty" },
		{ RULES("\"fact\":\"schemes.list\",\"ranked\":[[\"ed25519\"],[\"mldsa\"]]"), "/rules/0/ranked/1/0", "no signature scheme" },
		{ HEAD ",\"rules\":[{\"id\":\"r\",\"level\":\"shall\",\"clause\":\"c\",\"fix\":\"f\",\"fact\":\"dh.bits\",\"min\":1}]}",
			"/rules/0/level", "must, should or may" },
		{ HEAD ",\"rules\":[{" RULE ",\"fact\":\"dh.bits\",\"min\":1},{" RULE ",\"fact\":\"dh.bits\",\"min\":1}]}", "/rules/1/id",
			"another rule" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		const char *where = NULL, *why = NULL;

		assert_null(read(rows[i].json, &a, &where, &why));
		if (strcmp(where, rows[i].where) || !strstr(why, rows[i].why))
			fail_msg("%s\n%s: %s", rows[i].json, where, why);
		arena_free(&a);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	struct arena a = { 0 };
	const char *where, *why;
	struct text t = { 0 };

	(void)state;
	text_add(&t, HEAD ",\"rules\":[{" RULE ",\"fact\":\"ext.alpn\",\"only\":[\"x\"");
	for (size_t i = 0; i < POLICY_LIST_MAX; i++)
		text_add(&t, ",\"x\"");
	text_add(&t, "]}]}");
	assert_null(read(text_str(&t), &a, &where, &why));
	assert_string_equal(where, "/rules/0/only");
	while (t.n <= POLICY_BYTES_MAX)
		text_char(&t, ' ');
	assert_null(read(text_str(&t), &a, &where, &why));
	assert_string_equal(why, "larger than a megabyte");
	text_free(&t);
	for (size_t i = 0; i < 100; i++)
		text_char(&t, '[');
	assert_null(read(text_str(&t), &a, &where, &why));
	text_free(&t);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_policy_of_the_program_is_one),
		cmocka_unit_test(the_newest_edition_is_taken_when_none_is_named),
		cmocka_unit_test(every_demand_is_read),
		cmocka_unit_test(a_fault_is_told_with_its_place),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
