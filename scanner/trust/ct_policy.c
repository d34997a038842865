#include "scanner/trust/ct_policy.h"

#include <string.h>

#include "scanner/trust/cert.h"

enum { SHORT_LIFE_DAYS = 180, DAY = 86400, OPERATORS_NEEDED = 2, BESIDE_NEEDED = 2 };

/*
 * What the two policies have in common: in the certificate, timestamps of two distinct logs (three for a life of more
 * than 180 days) that are accepted now or were when they signed, one of them of a log that is accepted now, and two
 * operators; or else two beside the certificate (in handshake and staple), of logs that are accepted now. Apple lets
 * one operator count once, or twice where three are needed: that is two operators, too.
 *
 * Where they differ: Apple counts the last second into a life and has one log of RFC 6962 among them; beside the
 * certificate it asks for one timestamp only when another stands in it, and for no second operator. Chrome dropped its
 * own demand for an RFC 6962 log when logs of the static API had proven themselves (its CT policy forum, 2025), and
 * takes no mixture of the ways.
 *
 * Chrome Certificate Transparency Policy; Apple, support article 103214.
 */
static const struct browser {
	const char *name;
	bool last_second, rfc6962, mixes;
} browsers[CT_BROWSERS] = {
	[CT_CHROME] = { "chrome", false, false, false },
	[CT_APPLE] = { "apple", true, true, true },
};

const char *ct_browser_name(enum ct_browser b)
{
	return browsers[b].name;
}

/* ---- counting -------------------------------------------------------------------------------- */

enum way { IN_CERTIFICATE, BESIDE, ANYWHERE };

static int64_t seconds_of(const struct sct *t)
{
	return (int64_t)(t->timestamp_ms / 1000);
}

static bool is_of(const struct sct *t, enum way way)
{
	return way == ANYWHERE || (t->source == SCT_CERTIFICATE) == (way == IN_CERTIFICATE);
}

/* A log that was retired since vouches for what it had seen before, in a certificate. */
static bool counts(const struct sct *t, enum way way, int64_t at)
{
	if (t->verdict != SCT_VALID || !is_of(t, way))
		return false;
	return ct_log_accepted(t->log, at) ||
	       (way == IN_CERTIFICATE && t->log->state == CT_LOG_RETIRED && seconds_of(t) < t->log->since);
}

static bool same_log(const struct sct *a, const struct sct *b)
{
	return a->log == b->log;
}

/* Whose the log was when it signed. */
static bool same_operator(const struct sct *a, const struct sct *b)
{
	return !strcmp(ct_log_operator(a->log, seconds_of(a)), ct_log_operator(b->log, seconds_of(b)));
}

struct tally {
	unsigned logs, operators, accepted, rfc6962;
};

/* No earlier one that counts has the same. */
static bool is_first(const struct scts *s, size_t i, enum way way, int64_t at, bool (*same)(const struct sct *, const struct sct *))
{
	for (size_t k = 0; k < i; k++)
		if (counts(&s->v[k], way, at) && same(&s->v[k], &s->v[i]))
			return false;
	return true;
}

static struct tally tally_of(const struct scts *s, enum way way, int64_t at)
{
	struct tally t = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		if (!counts(&s->v[i], way, at))
			continue;
		t.logs += is_first(s, i, way, at, same_log);
		t.operators += is_first(s, i, way, at, same_operator);
		t.accepted += ct_log_accepted(s->v[i].log, at);
		t.rfc6962 += !s->v[i].log->tiled;
	}
	return t;
}

/* ---- judging --------------------------------------------------------------------------------- */

static unsigned needed_in(const struct browser *b, const struct cert *leaf)
{
	int64_t life = leaf->not_after - leaf->not_before + b->last_second;

	return life > (int64_t)SHORT_LIFE_DAYS * DAY ? 3 : 2;
}

/* NULL: nothing. */
static const char *lacks_in(const struct browser *b, const struct tally *t, unsigned needed)
{
	if (t->logs < needed)
		return "logs";
	if (t->operators < OPERATORS_NEEDED)
		return "a second operator";
	if (!t->accepted)
		return "a log that is accepted now";
	return b->rfc6962 && !t->rfc6962 ? "a log of RFC 6962" : NULL;
}

static const char *lacks_beside(const struct browser *b, const struct tally *beside, const struct tally *any)
{
	const struct tally *t = b->mixes && beside->logs ? any : beside;

	if (t->logs < BESIDE_NEEDED)
		return "logs";
	if (!b->mixes && t->operators < OPERATORS_NEEDED)
		return "a second operator";
	return b->rfc6962 && !t->rfc6962 ? "a log of RFC 6962" : NULL;
}

static bool has_verdict(const struct scts *s, enum sct_verdict v)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].verdict == v)
			return true;
	return false;
}

/* Might one that could not be checked have been the one that is lacking? */
static bool in_doubt(const struct scts *s, const struct cert *leaf, const struct ct_logs *logs)
{
	if (has_verdict(s, SCT_NO_ISSUER) || has_verdict(s, SCT_UNSUPPORTED) || s->cut)
		return true;
	return has_verdict(s, SCT_UNKNOWN_LOG) && logs->published < leaf->not_before;
}

struct ct_verdict ct_policy(enum ct_browser which, const struct scts *s, const struct cert *leaf, const struct ct_logs *logs,
        int64_t at, struct arena *a)
{
	const struct browser *b = &browsers[which];
	struct tally in = tally_of(s, IN_CERTIFICATE, at), beside = tally_of(s, BESIDE, at);
	struct tally any = tally_of(s, ANYWHERE, at);
	unsigned needed = needed_in(b, leaf);
	const char *in_lacks = lacks_in(b, &in, needed), *beside_lacks = lacks_beside(b, &beside, &any);
	struct ct_verdict v = { .enough = TRI_YES };

	v.counted = arena_printf(a, "%u logs of %u operators in the certificate (%u needed), %u of %u beside it", in.logs,
	        in.operators, needed, beside.logs, beside.operators);
	if (!in_lacks || !beside_lacks)
		return v;
	v.enough = in_doubt(s, leaf, logs) ? TRI_UNKNOWN : TRI_NO;
	v.lacks = beside.logs > in.logs ? beside_lacks : in_lacks;
	return v;
}
