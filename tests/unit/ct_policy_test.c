#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "scanner/trust/cert.h"
#include "scanner/trust/ct_policy.h"

#define NOW INT64_C(1795000000)

enum { DAY = 86400 };

/* One letter for each log: who runs it, in which state since when (days from now), and whether it is a tiled one. */
static const struct ct_former former[] = { { "Other", NOW - 50 * DAY } };
static const struct log_row {
	char letter;
	struct ct_log log;
} log_rows[] = {
	{ 'a', { .operator = "One", .state = CT_LOG_USABLE } },
	{ 'A', { .operator = "One", .state = CT_LOG_USABLE } },
	{ 'x', { .operator = "One", .state = CT_LOG_READONLY } },
	{ 'b', { .operator = "Two", .state = CT_LOG_QUALIFIED, .since = NOW - 90 * DAY } },
	{ 'q', { .operator = "Two", .state = CT_LOG_QUALIFIED, .since = NOW + DAY } },
	{ 'r', { .operator = "Three", .state = CT_LOG_RETIRED, .since = NOW - 20 * DAY } },
	{ 'R', { .operator = "Four", .state = CT_LOG_RETIRED, .since = NOW - 20 * DAY } },
	{ 'f', { .operator = "Eight", .state = CT_LOG_RETIRED, .since = NOW + 20 * DAY } },
	{ 'p', { .operator = "Five", .state = CT_LOG_PENDING } },
	{ 'j', { .operator = "Five", .state = CT_LOG_REJECTED, .since = NOW - 20 * DAY } },
	{ 't', { .operator = "Six", .state = CT_LOG_USABLE, .tiled = true } },
	{ 'u', { .operator = "Seven", .state = CT_LOG_USABLE, .tiled = true } },
	{ 'm', { .operator = "One", .state = CT_LOG_USABLE, .former = former, .former_count = 1 } },
};

static const struct ct_log *log_of(char letter)
{
	for (size_t i = 0; i < sizeof log_rows / sizeof *log_rows; i++)
		if (log_rows[i].letter == letter)
			return &log_rows[i].log;
	fail_msg("no log is called %c", letter);
	return NULL;
}

static void add(struct scts *s, const char *letters, enum sct_source source, int days_ago, enum sct_verdict verdict)
{
	for (; *letters; letters++)
		s->v[s->n++] = (struct sct){ .source = source, .timestamp_ms = (uint64_t)(NOW - days_ago * DAY) * 1000,
			.verdict = verdict, .log = verdict == SCT_VALID ? log_of(*letters) : NULL };
}

static struct arena arena;
static struct ct_logs logs = { .published = NOW };

static int clear(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* Logs of the timestamps by letter, 40 days old unless told otherwise; the life in seconds, 90 days when 0. */
static const struct row {
	const char *in, *beside;
	enum tri chrome, apple;
	const char *lacks; /* for Chrome */
	int64_t life;
	int days_ago;
} rows[] = {
	{ "ab", "", TRI_YES, TRI_YES, NULL, 0, 0 },
	{ "", "", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "a", "", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "aa", "", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "aA", "", TRI_NO, TRI_NO, "a second operator", 0, 0 },
	{ "axA", "", TRI_NO, TRI_NO, "a second operator", 0, 0 },
	{ "ap", "", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "aj", "", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "xb", "", TRI_YES, TRI_YES, NULL, 0, 0 },
	{ "aq", "", TRI_NO, TRI_NO, "logs", 0, 0 },   /* qualified from tomorrow on */
	/* retired: counts for what came before, and not alone */
	{ "ar", "", TRI_YES, TRI_YES, NULL, 0, 0 },
	{ "rR", "", TRI_NO, TRI_NO, "a log that is accepted now", 0, 0 },
	{ "ar", "", TRI_NO, TRI_NO, "logs", 0, 10 },
	{ "ar", "", TRI_NO, TRI_NO, "logs", 0, 20 },  /* in that very second */
	{ "ar", "", TRI_YES, TRI_YES, NULL, 0, 21 },
	{ "rf", "", TRI_YES, TRI_YES, NULL, 0, 0 },   /* it will be retired, and is not yet */
	{ "", "af", TRI_YES, TRI_YES, NULL, 0, 0 },
	/* how long it lasts: 180 days, and whether the last second counts */
	{ "ab", "", TRI_YES, TRI_YES, NULL, 180 * DAY - 1, 0 },
	{ "ab", "", TRI_YES, TRI_NO, NULL, 180 * DAY, 0 },
	{ "ab", "", TRI_NO, TRI_NO, "logs", 180 * DAY + 1, 0 },
	{ "abA", "", TRI_YES, TRI_YES, NULL, 300 * DAY, 0 },
	{ "aAx", "", TRI_NO, TRI_NO, "a second operator", 300 * DAY, 0 },
	{ "arR", "", TRI_YES, TRI_YES, NULL, 300 * DAY, 0 },
	/* tiled logs: Apple wants one of RFC 6962 */
	{ "at", "", TRI_YES, TRI_YES, NULL, 0, 0 },
	{ "tu", "", TRI_YES, TRI_NO, NULL, 0, 0 },
	{ "", "tu", TRI_YES, TRI_NO, NULL, 0, 0 },
	{ "", "ta", TRI_YES, TRI_YES, NULL, 0, 0 },
	/* beside the certificate: of logs that are accepted now */
	{ "", "ab", TRI_YES, TRI_YES, NULL, 0, 0 },
	{ "", "ab", TRI_YES, TRI_YES, NULL, 300 * DAY, 0 },
	{ "", "ar", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "", "aA", TRI_NO, TRI_YES, "a second operator", 0, 0 },
	{ "a", "b", TRI_NO, TRI_YES, "logs", 0, 0 },  /* a mixture */
	{ "r", "b", TRI_NO, TRI_NO, "logs", 0, 0 },
	{ "a", "a", TRI_NO, TRI_NO, "logs", 0, 0 },
	/* whose the log was when it signed */
	{ "am", "", TRI_NO, TRI_NO, "a second operator", 0, 0 },
	{ "am", "", TRI_YES, TRI_YES, NULL, 0, 60 },
	{ "am", "", TRI_NO, TRI_NO, "a second operator", 0, 50 },
};

static void each_policy_counts_as_its_browser_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *x = &rows[i];
		int days = x->days_ago ? x->days_ago : 40;
		struct cert leaf = { .not_before = NOW - 30 * DAY };
		struct scts s = { .n = 0 };
		struct ct_verdict chrome, apple;

		leaf.not_after = leaf.not_before + (x->life ? x->life : 90 * DAY);
		add(&s, x->in, SCT_CERTIFICATE, days, SCT_VALID);
		add(&s, x->beside, i % 2 ? SCT_STAPLE : SCT_HANDSHAKE, days, SCT_VALID);
		chrome = ct_policy(CT_CHROME, &s, &leaf, &logs, NOW, &arena);
		apple = ct_policy(CT_APPLE, &s, &leaf, &logs, NOW, &arena);
		if (chrome.enough != x->chrome || apple.enough != x->apple)
			fail_msg("row %zu (%s, %s): chrome %d, apple %d", i, x->in, x->beside, chrome.enough, apple.enough);
		assert_true((chrome.lacks != NULL) == (x->chrome == TRI_NO));
		if (x->lacks)
			assert_string_equal(chrome.lacks, x->lacks);
		assert_true((apple.lacks != NULL) == (x->apple == TRI_NO));
	}
}

static void what_does_not_verify_does_not_count_and_may_leave_it_open(void **state)
{
	static const struct {
		enum sct_verdict verdict;
		enum tri enough;
	} verdicts[] = {
		{ SCT_BAD_SIGNATURE, TRI_NO }, { SCT_IN_FUTURE, TRI_NO }, { SCT_UNKNOWN_LOG, TRI_NO },
		{ SCT_NO_ISSUER, TRI_UNKNOWN }, { SCT_UNSUPPORTED, TRI_UNKNOWN },
	};
	struct cert leaf = { .not_before = NOW - 30 * DAY, .not_after = NOW + 30 * DAY };

	(void)state;
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		for (int b = 0; b < CT_BROWSERS; b++) {
			struct scts s = { .n = 0 };

			add(&s, "a", SCT_CERTIFICATE, 40, SCT_VALID);
			add(&s, "b", SCT_CERTIFICATE, 40, verdicts[i].verdict);
			assert_int_equal(ct_policy((enum ct_browser)b, &s, &leaf, &logs, NOW, &arena).enough, verdicts[i].enough);
		}
}

/* A log that a list from before the certificate does not have may be a new one. */
static void an_old_list_leaves_unknown_logs_open(void **state)
{
	struct ct_logs old = { .published = NOW - 31 * DAY };
	struct cert leaf = { .not_before = NOW - 30 * DAY, .not_after = NOW + 30 * DAY };
	struct scts s = { .n = 0 };

	(void)state;
	add(&s, "a", SCT_CERTIFICATE, 40, SCT_VALID);
	add(&s, "?", SCT_CERTIFICATE, 40, SCT_UNKNOWN_LOG);
	assert_int_equal(ct_policy(CT_CHROME, &s, &leaf, &old, NOW, &arena).enough, TRI_UNKNOWN);
	assert_int_equal(ct_policy(CT_CHROME, &s, &leaf, &logs, NOW, &arena).enough, TRI_NO);
	s.cut = true;
	assert_int_equal(ct_policy(CT_CHROME, &s, &leaf, &logs, NOW, &arena).enough, TRI_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(each_policy_counts_as_its_browser_does, clear),
		cmocka_unit_test_teardown(what_does_not_verify_does_not_count_and_may_leave_it_open, clear),
		cmocka_unit_test_teardown(an_old_list_leaves_unknown_logs_open, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
