#include "scanner/run/health.h"

enum { GIVE_UP_UNANSWERED = 3, GIVE_UP_NOT_CONNECTED = 2, GIVE_UP_NOT_TLS = 2, GIVE_UP_LOST = 3, TAINTED_SILENCES = 3, GIVE_UP_SILENCES = 4, SECOND_US = 1000000 };

bool health_is_tls(const struct answer *a)
{
	switch (a->kind) {
	case ANS_SERVER_HELLO:
	case ANS_RETRY:
	case ANS_SSL2_HELLO:
	case ANS_ALERT:
		return true;
	default:
		return false;
	}
}

static void keep_banner(struct health *h, const struct answer *a)
{
	size_t n = a->pending.n < ANSWER_BANNER_MAX ? a->pending.n : ANSWER_BANNER_MAX;

	if (h->banner_n || !n)
		return;
	memcpy(h->banner, a->pending.v, n);
	h->banner_n = n;
}

/* Nothing was answered so far: is there any use in going on? */
static void note_dead(struct health *h, const struct answer *a)
{
	if (a->reason > h->worst)
		h->worst = a->reason;
	switch (a->kind) {
	case ANS_REFUSED:
		h->not_connected++;
		break;
	case ANS_TIMEOUT:
		h->unanswered += a->bytes == 0;
		break;
	case ANS_NOT_TLS:
		h->not_tls++;
		keep_banner(h, a);
		break;
	default:
		break;
	}
	if (h->not_connected >= GIVE_UP_NOT_CONNECTED || h->unanswered >= GIVE_UP_UNANSWERED ||
		h->not_tls >= GIVE_UP_NOT_TLS)
		h->stop = REASON_STOPPED;
}

/* It had answered, and now it does not even take a connection. */
static uint64_t note_refusing(struct health *h, unsigned tries)
{
	h->tainted = h->narrow = true;
	if (tries < HEALTH_RETRIES)
		return (uint64_t)SECOND_US << tries;
	if (++h->lost >= GIVE_UP_LOST)
		h->stop = REASON_RATE_LIMITED;
	return 0;
}

/*
 * A server may refuse by silence, several questions at once; but then it answers the control that follows (verdict.h).
 * So silences count only when each was asked after the one before was known.
 */
static void count_silence(struct health *h, const struct answer *a)
{
	if (h->silences && a->asked_us < h->silent_us)
		return;
	h->silent_us = a->last_us;
	if (++h->silences >= TAINTED_SILENCES)
		h->tainted = h->narrow = true;
	if (h->silences >= GIVE_UP_SILENCES)
		h->stop = REASON_RATE_LIMITED;
}

/* Silent: perhaps because another connection of ours is being served. */
static uint64_t note_silent(struct health *h, const struct answer *a, unsigned tries)
{
	if (h->side_by_side || tries) {
		count_silence(h, a);
		return 0;
	}
	h->narrow = true;
	return 1;
}

static bool was_silent(const struct answer *a)
{
	return a->kind == ANS_TIMEOUT && a->bytes == 0;
}

uint64_t health_note(struct health *h, const struct answer *a, unsigned tries)
{
	if (health_is_tls(a)) {
		h->spoke++;
		h->silences = 0;
		h->alone |= h->narrow && tries == 1 && !h->tainted;
		return 0;
	}
	if (a->reason == REASON_LOCAL_LIMIT && tries < HEALTH_RETRIES) {
		h->narrow = true;
		return (uint64_t)SECOND_US / 10 << tries;
	}
	if (h->spoke && a->kind == ANS_REFUSED)
		return note_refusing(h, tries);
	if (h->spoke && was_silent(a))
		return note_silent(h, a, tries);
	if (!h->spoke)
		note_dead(h, a);
	return 0;
}

unsigned health_width(const struct health *h, unsigned most)
{
	return h->narrow ? 1 : most;
}
