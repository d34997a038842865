/* How the endpoint bears the scan, answer by answer: when to go on, to wait, to go alone, to stop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "scanner/run/health.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { SECOND = 1000000 };

static uint64_t note_at(struct health *h, enum answer_kind kind, enum reason reason, uint64_t asked,
        uint64_t known, unsigned tries)
{
	struct answer a = { .kind = kind, .reason = reason, .asked_us = asked, .last_us = known };

	return health_note(h, &a, tries);
}

static uint64_t note(struct health *h, enum answer_kind kind, enum reason reason)
{
	return note_at(h, kind, reason, 0, 0, 0);
}

static uint64_t speak(struct health *h)
{
	return note(h, ANS_SERVER_HELLO, REASON_NONE);
}

/* ---- nothing was answered yet ----------------------------------------------------------------- */

static const struct {
	enum answer_kind kind;
	enum reason reason;
	unsigned most; /* that many, and it is given up; 0: never */
} dead[] = {
	{ ANS_REFUSED, REASON_REFUSED, 2 },
	{ ANS_REFUSED, REASON_CONNECT_TIMEOUT, 2 },
	{ ANS_REFUSED, REASON_UNREACHABLE, 2 },
	{ ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, 3 },
	{ ANS_NOT_TLS, REASON_NOT_TLS, 2 },
	{ ANS_CLOSED, REASON_CLOSED, 0 },
	{ ANS_RESET, REASON_RESET, 0 },
	{ ANS_MALFORMED, REASON_MALFORMED, 0 },
	{ ANS_LIMIT, REASON_LIMIT_ALERTS, 0 },
};

static void a_dead_address_is_given_up_soon(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dead); i++) {
		struct health h = { 0 };
		unsigned n = 0;

		while (n < 20 && !h.stop) {
			assert_int_equal(note(&h, dead[i].kind, dead[i].reason), 0);
			n++;
		}
		assert_int_equal(n, dead[i].most ? dead[i].most : 20);
		assert_int_equal(h.stop, dead[i].most ? REASON_STOPPED : REASON_NONE);
		assert_int_equal(h.worst, dead[i].reason);
		assert_false(h.tainted);
	}
}

static void a_drip_is_not_silence(void **state)
{
	struct health h = { 0 };
	struct answer a = { .kind = ANS_TIMEOUT, .reason = REASON_TIMEOUT_HANDSHAKE, .bytes = 5 };

	(void)state;
	for (int i = 0; i < 20; i++)
		health_note(&h, &a, 0);
	assert_int_equal(h.stop, REASON_NONE);
}

static void the_worst_does_not_depend_on_who_came_first(void **state)
{
	struct health a = { 0 }, b = { 0 };

	(void)state;
	note(&a, ANS_NOT_TLS, REASON_NOT_TLS);
	note(&a, ANS_MALFORMED, REASON_PROTOCOL_UNEXPECTED_MESSAGE);
	note(&b, ANS_MALFORMED, REASON_PROTOCOL_UNEXPECTED_MESSAGE);
	note(&b, ANS_NOT_TLS, REASON_NOT_TLS);
	assert_int_equal(a.worst, b.worst);
}

static void what_a_peer_says_that_is_no_tls_is_kept_and_cut(void **state)
{
	static uint8_t long_banner[1000] = "HTTP/1.1 400";
	struct health h = { 0 };
	struct answer a = {
		.kind = ANS_NOT_TLS, .reason = REASON_NOT_TLS, .pending = { long_banner, 1000, 1000 }
	};

	(void)state;
	health_note(&h, &a, 0);
	assert_int_equal(h.banner_n, ANSWER_BANNER_MAX);
	assert_memory_equal(h.banner, "HTTP/1.1 400", 12);
	a.pending.v = (uint8_t *)"other";
	a.pending.n = 5;
	health_note(&h, &a, 0);
	assert_memory_equal(h.banner, "HTTP/1.1 400", 12);
}

/* ---- it has spoken ---------------------------------------------------------------------------- */

static void any_word_of_tls_is_life(void **state)
{
	static const enum answer_kind words[] = { ANS_SERVER_HELLO, ANS_RETRY, ANS_SSL2_HELLO, ANS_ALERT };

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct health h = { 0 };

		note(&h, words[i], REASON_NONE);
		assert_int_equal(h.spoke, 1);
		for (int k = 0; k < 10; k++)
			note(&h, ANS_CLOSED, REASON_CLOSED);
		assert_int_equal(h.stop, REASON_NONE);
		assert_int_equal(h.worst, REASON_NONE);
	}
}

static void one_that_refuses_later_is_given_time_and_goes_narrow(void **state)
{
	struct health h = { 0 };

	(void)state;
	speak(&h);
	assert_int_equal(health_width(&h, 8), 8);
	assert_int_equal(note_at(&h, ANS_REFUSED, REASON_REFUSED, 0, 0, 0), SECOND);
	assert_true(h.tainted);
	assert_int_equal(health_width(&h, 8), 1);
	assert_int_equal(note_at(&h, ANS_REFUSED, REASON_REFUSED, 0, 0, 1), 2 * SECOND);
	assert_int_equal(note_at(&h, ANS_REFUSED, REASON_REFUSED, 0, 0, 2), 4 * SECOND);
	assert_int_equal(note_at(&h, ANS_REFUSED, REASON_REFUSED, 0, 0, 3), 0);
	assert_int_equal(h.lost, 1);
	assert_int_equal(h.stop, REASON_NONE);
}

static void three_lost_questions_end_it_as_rate_limited(void **state)
{
	struct health h = { 0 };

	(void)state;
	speak(&h);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(h.stop, REASON_NONE);
		note_at(&h, ANS_REFUSED, REASON_REFUSED, 0, 0, HEALTH_RETRIES);
	}
	assert_int_equal(h.stop, REASON_RATE_LIMITED);
}

/* Never seen to serve two at once: perhaps our other connection is in the way. */
static void one_that_falls_silent_in_company_is_asked_again_alone(void **state)
{
	struct health h = { 0 };

	(void)state;
	speak(&h);
	assert_true(note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, 0, 5 * SECOND, 0) > 0);
	assert_int_equal(health_width(&h, 8), 1);
	assert_false(h.alone);
	note_at(&h, ANS_SERVER_HELLO, REASON_NONE, 5 * SECOND, 6 * SECOND, 1);
	assert_true(h.alone);
	assert_false(h.tainted);
}

static void one_that_serves_two_at_once_is_believed_its_silence(void **state)
{
	struct health h = { .side_by_side = true };

	(void)state;
	speak(&h);
	assert_int_equal(note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, 0, 5 * SECOND, 0), 0);
	assert_int_equal(health_width(&h, 8), 8);
}

/* Eight questions refused by silence side by side are one silence: each was asked before another was known.
 */
static void silences_side_by_side_count_as_one(void **state)
{
	struct health h = { .side_by_side = true };

	(void)state;
	speak(&h);
	for (uint64_t i = 0; i < 8; i++)
		note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, i, 5 * SECOND + i, 0);
	assert_int_equal(h.silences, 1);
	assert_int_equal(h.stop, REASON_NONE);
	assert_false(h.tainted);
}

static void silences_one_after_the_other_end_it(void **state)
{
	struct health h = { .side_by_side = true };
	uint64_t now = 0;

	(void)state;
	speak(&h);
	for (int i = 0; i < 3; i++, now += 5 * SECOND)
		note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, now, now + 5 * SECOND, 0);
	assert_true(h.tainted);
	assert_int_equal(h.stop, REASON_NONE);
	note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, now, now + 5 * SECOND, 0);
	assert_int_equal(h.stop, REASON_RATE_LIMITED);
}

/* A server that refuses by silence, and answers the control each time. */
static void a_word_between_silences_begins_anew(void **state)
{
	struct health h = { .side_by_side = true };
	uint64_t now = 0;

	(void)state;
	for (int i = 0; i < 20; i++, now += 6 * SECOND) {
		speak(&h);
		note_at(&h, ANS_TIMEOUT, REASON_TIMEOUT_FIRST_BYTE, now, now + 5 * SECOND, 0);
	}
	assert_int_equal(h.stop, REASON_NONE);
	assert_false(h.tainted);
}

static void want_of_descriptors_is_ours_and_only_slows(void **state)
{
	struct health h = { 0 };

	(void)state;
	for (unsigned i = 0; i < HEALTH_RETRIES; i++)
		assert_true(note_at(&h, ANS_REFUSED, REASON_LOCAL_LIMIT, 0, 0, i) > 0);
	assert_int_equal(h.stop, REASON_NONE);
	assert_false(h.tainted);
	assert_int_equal(health_width(&h, 8), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_address_is_given_up_soon),
		cmocka_unit_test(a_drip_is_not_silence),
		cmocka_unit_test(the_worst_does_not_depend_on_who_came_first),
		cmocka_unit_test(what_a_peer_says_that_is_no_tls_is_kept_and_cut),
		cmocka_unit_test(any_word_of_tls_is_life),
		cmocka_unit_test(one_that_refuses_later_is_given_time_and_goes_narrow),
		cmocka_unit_test(three_lost_questions_end_it_as_rate_limited),
		cmocka_unit_test(one_that_falls_silent_in_company_is_asked_again_alone),
		cmocka_unit_test(one_that_serves_two_at_once_is_believed_its_silence),
		cmocka_unit_test(silences_side_by_side_count_as_one),
		cmocka_unit_test(silences_one_after_the_other_end_it),
		cmocka_unit_test(a_word_between_silences_begins_anew),
		cmocka_unit_test(want_of_descriptors_is_ours_and_only_slows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
