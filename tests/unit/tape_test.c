/* The lines of a recorded scan: written and read back, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/net/tape.h"

static char *written(const struct tape_line *l)
{
	char *s = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&s, &n);

	assert_non_null(f);
	tape_write(f, l);
	fclose(f);
	return s;
}

static struct tape_line some_line(enum tape_verb verb)
{
	struct tape_line l = { .verb = verb, .at_us = 1234567, .number = { 7, 0, INT64_MAX }, .word = { "a b%\n\xC3\xA9\x01-", "" },
		.addr = { .family = NET_IPV6, .bytes = { 0xFE, 0x80, [15] = 1 }, .zone = 3, .port = 8443 },
		.bytes = { (const uint8_t *)"\0\1\2\xFF\n", 5 } };

	return l;
}

static void every_line_comes_back_as_it_was(void **state)
{
	(void)state;
	for (int verb = 0; verb < TAPE_VERBS; verb++) {
		struct tape_line line = some_line((enum tape_verb)verb), back;
		char *first = written(&line), *copy = strdup(first), *again;

		assert_int_equal(strchr(first, '\n') - first, (long)strlen(first) - 1);
		*strchr(copy, '\n') = 0;
		assert_true(tape_parse(copy, &back));
		assert_int_equal(back.verb, verb);
		again = written(&back);
		assert_string_equal(first, again);
		free(first);
		free(copy);
		free(again);
	}
}

static void fields_are_what_they_were(void **state)
{
	char address[] = "dial 7 fe80::1%3/8443", bytes[] = "received 12 7 AAECDw==", words[] = "target 3 list%20one %2D",
	     none[] = "target 0 - -";
	struct tape_line l;

	(void)state;
	assert_true(tape_parse(address, &l));
	assert_int_equal(l.number[0], 7);
	assert_true(net_addr_equal(&l.addr, &(struct net_addr){ .family = NET_IPV6, .bytes = { 0xFE, 0x80, [15] = 1 }, .zone = 3, .port = 8443 }));
	assert_true(tape_parse(bytes, &l));
	assert_int_equal(l.at_us, 12);
	assert_int_equal(l.bytes.n, 4);
	assert_memory_equal(l.bytes.p, "\0\1\2\x0F", 4);
	assert_true(tape_parse(words, &l));
	assert_string_equal(l.word[0], "list one");
	assert_string_equal(l.word[1], "-");
	assert_true(tape_parse(none, &l));
	assert_string_equal(l.word[0], "");
	assert_string_equal(l.word[1], "");
}

static void what_is_no_line_is_refused(void **state)
{
	static const char *const lines[] = { "", " ", "dialled 1", "dial", "dial 0", "dial 0 ", "dial 0 127.0.0.1", "dial 0 127.0.0.1/",
		"dial 0 127.0.0.1/65536", "dial 0 127.0.0.1/1 ", "dial 0 127.0.0.1/1 2", "dial -1 127.0.0.1/1", "dial 1x 127.0.0.1/1",
		"dial 99999999999999999999 127.0.0.1/1", "dial 9999999999999999999 127.0.0.1/1", "dial 0 ::1%lo/1", "dial 0 127.0.0.1%1/1",
		"dial 0 fe80::1%4294967296/1", "dial  0 127.0.0.1/1", "send 0 A", "send 0 AAA", "send 0 AB==", "send 0 ", "send 0 A-A=",
		"option %", "option %4", "option %4g", "option %00", "option %ff", "option a b", "last ", "end 1", "BEGIN" };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char *copy = strdup(lines[i]);
		struct tape_line l;

		if (tape_parse(copy, &l))
			fail_msg("taken for a line: '%s'", lines[i]);
		free(copy);
	}
}

static void lists_of_addresses_come_back_in_their_order(void **state)
{
	struct net_addr list[NET_ADDRS_MAX];
	struct text out = { 0 };
	size_t n;

	(void)state;
	assert_true(tape_addrs_parse("192.0.2.1,2001:db8::1,fe80::2%4", list, &n));
	assert_int_equal(n, 3);
	assert_int_equal(list[2].zone, 4);
	tape_addrs_write(&out, list, n);
	assert_string_equal(text_str(&out), "192.0.2.1,2001:db8::1,fe80::2%4");
	text_free(&out);
	assert_false(tape_addrs_parse("", list, &n));
	assert_false(tape_addrs_parse("192.0.2.1,", list, &n));
	assert_false(tape_addrs_parse("192.0.2.1,,192.0.2.2", list, &n));
	assert_false(tape_addrs_parse("::1,::2,::3,::4,::5,::6,::7,::8,::9,::a,::b,::c,::d,::e,::f,::10,::11", list, &n));
}

static void every_end_has_a_word(void **state)
{
	enum net_end back;

	(void)state;
	for (int end = NET_EOF; end <= NET_LOCAL; end++) {
		assert_true(tape_end_parse(tape_end_word((enum net_end)end), &back));
		assert_int_equal(back, end);
	}
	assert_false(tape_end_parse("later", &back));
}

/* The sentence it ends with, and the line. */
static void ends_with(const void *bytes, size_t n, const char *why, uint64_t at)
{
	FILE *f = fmemopen((void *)(uintptr_t)bytes, n, "r");
	struct tape t = { .file = f };

	while (tape_next(&t))
		continue;
	assert_string_equal(t.why, why);
	assert_int_equal(t.at, at);
	assert_false(tape_next(&t));
	assert_int_equal(t.at, at);
	tape_free(&t);
	fclose(f);
}

static void a_tape_ends_with_its_end_or_a_sentence(void **state)
{
	static const char zero[] = "begin\nla\0st\n";

	(void)state;
	ends_with("begin\n", 6, "the recording ends in the middle", 2);
	ends_with("begin\nlast", 10, "the recording ends in the middle", 2);
	ends_with("begin\nfirst\nend\n", 16, "no line of a recording", 2);
	ends_with(zero, sizeof zero - 1, "the recording ends in the middle", 2);
}

static void a_line_is_bounded(void **state)
{
	size_t n = (size_t)TAPE_LINE_MAX + 100000;
	char *long_one = malloc(n);

	(void)state;
	memset(long_one, 'a', n);
	long_one[n - 1] = '\n';
	ends_with(long_one, n, "the line is too long", 1);
	free(long_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_comes_back_as_it_was),
		cmocka_unit_test(fields_are_what_they_were),
		cmocka_unit_test(what_is_no_line_is_refused),
		cmocka_unit_test(lists_of_addresses_come_back_in_their_order),
		cmocka_unit_test(every_end_has_a_word),
		cmocka_unit_test(a_tape_ends_with_its_end_or_a_sentence),
		cmocka_unit_test(a_line_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
