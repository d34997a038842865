#include "probes/verdict.h"

#include "probes/offer.h"
#include "scanner/tls/hs.h"

/* What a browser of these days would send, without key shares: a retry is an answer, too. */
struct hello hello_ordinary(const struct facts *f)
{
	static const uint32_t versions_[] = { VER_TLS13, VER_TLS12, VER_TLS11, VER_TLS10 };
	static const uint32_t suites_[] = { 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC013,
		0xC014, 0xC009, 0xC00A, 0x009C, 0x009D, 0x009E, 0x009F, 0x0033, 0x0039, 0x002F, 0x0035, 0x000A, 0x0005 };
	static const uint32_t groups_[] = { 0x001D, 0x0017, 0x0018, 0x0019, 0x0100 };
	static const uint32_t schemes_[] = { 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0203, 0x0201 };

	return (struct hello){
		.version = VER_TLS13,
		.versions = { versions_, sizeof versions_ / sizeof *versions_ },
		.suites = { suites_, sizeof suites_ / sizeof *suites_ },
		.groups = { groups_, sizeof groups_ / sizeof *groups_ },
		.schemes = { schemes_, sizeof schemes_ / sizeof *schemes_ },
		.sni = f->sni,
		.offer = OFFER_COMMON,
	};
}

static bool picks_version(const struct answer *a)
{
	return answer_picked(a, a->hello->version);
}

uint16_t control_sample(struct run *r)
{
	enum { PER_PROBE = 512 };
	unsigned at = 0;

	while (probes[at] && probes[at] != r->probe)
		at++;
	return (uint16_t)(1 + at * PER_PROBE + r->controls++ % PER_PROBE);
}

static void put_control(struct run *r)
{
	struct hello h = hello_ordinary(r->facts);

	ask(r, 0, &(struct ask){ .hello = &h, .sample = control_sample(r), .until = UNTIL_HELLO });
}

static void put(struct run *r, struct verdict *v)
{
	bool second = v->at == VERDICT_SECOND;

	if (v->at == VERDICT_CONTROL_BEFORE || v->at == VERDICT_CONTROL_AFTER)
		put_control(r);
	else
		ask(r, 0, &(struct ask){ .hello = second ? &v->second : &v->hello, .sample = second, .until = v->until,
			       .plan = v->plan });
}

void verdict_begin(struct run *r, struct verdict *v, const struct hello *hello, const struct hello *second,
	enum until until, bool (*picks)(const struct answer *))
{
	*v = (struct verdict){
		.hello = *hello,
		.second = second ? *second : *hello,
		.until = until,
		.picks = picks ? picks : picks_version,
	};
	put(r, v);
}

void verdict_start(struct run *r, struct verdict *v)
{
	put(r, v);
}

static bool is_silence(const struct answer *a)
{
	return a->kind == ANS_RESET || a->kind == ANS_TIMEOUT;
}

/* The server lives: any word of TLS will do. */
static bool is_life(const struct answer *a)
{
	return a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY || a->kind == ANS_ALERT;
}

static enum decision go_on(struct run *r, struct verdict *v, int at)
{
	v->at = at;
	put(r, v);
	return DECISION_WAIT;
}

/* The very word for it (RFC 8446 section 6.2): no server says it in haste, and none takes the version in other words. */
static bool is_final(const struct verdict *v)
{
	return v->alert == ALERT_PROTOCOL_VERSION;
}

static enum decision after_first(struct run *r, struct verdict *v)
{
	if ((v->once || is_final(v)) && !v->silent)
		return DECISION_REFUSED;
	return go_on(r, v, v->silent ? VERDICT_CONTROL_BEFORE : VERDICT_SECOND);
}

static enum decision after_second(struct run *r, struct verdict *v)
{
	return v->silent ? go_on(r, v, VERDICT_CONTROL_AFTER) : DECISION_REFUSED;
}

bool answer_refused_later(const struct answer *a)
{
	return a->hs && a->hs->alerted && !a->hs->signature_checked;
}

/* A word that is no pick. A version that was not even offered is a breach, and says no as well (node-forge, of SSL 3.0). */
static bool is_refusal(const struct answer *a)
{
	return answer_refused(a) || answer_refused_later(a) || a->kind == ANS_SSL2_HELLO ||
	       (a->reason == REASON_PROTOCOL_VERSION && version_find(a->version));
}

static enum decision try_fed(struct run *r, struct verdict *v, const struct answer *a)
{
	v->alert = a->kind == ANS_ALERT ? a->alert : 0;
	if (v->picks(a)) {
		v->compression = a->compression;
		v->in_second = v->at == VERDICT_SECOND;
		return DECISION_PICKED;
	}
	v->reason = a->reason;
	v->silent |= is_silence(a);
	if (!is_silence(a) && !is_refusal(a))
		return DECISION_UNKNOWN;
	return v->at == VERDICT_FIRST ? after_first(r, v) : after_second(r, v);
}

void verdict_doubt(struct run *r, struct verdict *v)
{
	v->once = false;
	go_on(r, v, VERDICT_SECOND);
}

enum decision verdict_feed(struct run *r, struct verdict *v, const struct answer *a)
{
	switch (v->at) {
	case VERDICT_CONTROL_BEFORE:
		return is_life(a) ? go_on(r, v, VERDICT_SECOND) : DECISION_UNKNOWN;
	case VERDICT_CONTROL_AFTER:
		return is_life(a) ? DECISION_REFUSED : DECISION_UNKNOWN;
	default:
		return try_fed(r, v, a);
	}
}

enum next confirmed_step(struct run *r, const struct answer *a)
{
	const struct confirmed *q = r->probe->declaration;
	struct confirmed_state *s = r->state;
	enum decision d;

	if (!a) {
		struct hello h = { 0 }, second = { 0 };

		q->hello(r->facts, r->arena, &h);
		(q->second ? q->second : q->hello)(r->facts, r->arena, &second);
		verdict_begin(r, &s->verdict, &h, &second, q->until, q->picks);
		s->verdict.once = q->once;
		return NEXT_WAIT;
	}
	d = verdict_feed(r, &s->verdict, a);
	if (d == DECISION_WAIT)
		return NEXT_WAIT;
	if (d == DECISION_UNKNOWN)
		r->trouble = s->verdict.reason;
	q->decided(r, &s->verdict, d);
	return NEXT_DONE;
}
