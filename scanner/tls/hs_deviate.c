/* Leaving the protocol on purpose, and what the server does about it. */
#include <string.h>

#include "scanner/tls/hs_core.h"
#include "scanner/tls/keys.h"

/* ---- our side ----------------------------------------------------------------------------------------------------------- */

bool hs_hooked(const struct hs *h)
{
	return h->config.deviation && h->config.deviation->hooks_n;
}

bool hs_ccs_first(const struct hs *h)
{
	return h->config.deviation && h->config.deviation->ccs_first && !h->result.resumed && !h->renegotiating;
}

bool hs_forges(const struct hs *h)
{
	return h->config.deviation && h->config.deviation->share;
}

const struct forged_share *hs_forged(const struct hs *h, uint16_t group)
{
	return hs_forges(h) && h->config.deviation->share->group == group ? h->config.deviation->share : NULL;
}

static const struct hook *hook_due(struct hs *h, enum hook_point point)
{
	const struct deviation *d = h->config.deviation;
	unsigned occasion = h->hook_seen[point]++;

	for (size_t i = 0; d && i < d->hooks_n; i++)
		if (d->hooks[i].point == point && d->hooks[i].skip == occasion)
			return &d->hooks[i];
	return NULL;
}

static void hook_change(const struct hook *k, uint8_t *p, size_t n)
{
	size_t at = k->from_end ? (k->at <= n ? n - k->at : n) : k->at;

	for (size_t i = 0; i < k->bytes.n && at + i < n; i++)
		p[at + i] = k->verb == HOOK_FLIP ? p[at + i] ^ k->bytes.p[i] : k->bytes.p[i];
}

bool hs_hook(struct hs *h, enum hook_point point, uint8_t *p, size_t n)
{
	const struct hook *k = hook_due(h, point);

	if (!k)
		return !h->stopped;
	h->stopped |= k->verb == HOOK_STOP;
	if (k->verb == HOOK_DROP || h->stopped)
		return false;
	hook_change(k, p, n);
	return true;
}

void hs_inject(struct hs *h, enum hs_moment moment, struct text *out)
{
	const struct deviation *d = h->config.deviation;

	for (size_t i = 0; d && i < d->injects_n; i++)
		if (d->injects[i].moment == moment)
			hs_record(h, d->injects[i].type, d->injects[i].bytes, out);
}

/* ---- the reaction ------------------------------------------------------------------------------------------------------- */

void hs_react_begin(struct hs *h)
{
	struct reaction *r = &h->result.reaction;

	if (h->config.deviation)
		*r = (struct reaction){ .begun = true, .complete = h->result.complete };
}

static void react(struct reaction *r, struct reaction_record one)
{
	const struct reaction_record *last = r->n ? &r->v[r->n - 1] : NULL;

	if (!r->begun || r->n == REACTION_MAX || (last && last->type == one.type && last->alert == one.alert))
		return;
	r->v[r->n++] = one;
}

static void keep_other(struct hs *h, struct span content)
{
	struct reaction *r = &h->result.reaction;

	if (!r->other.n)
		r->other = hs_keep(h, (struct span){ content.p, content.n < REACTION_OTHER_MAX ? content.n : REACTION_OTHER_MAX });
	r->other_n += content.n;
}

void hs_react(struct hs *h, uint8_t type, struct span content)
{
	bool alert = type == TYPE_ALERT;

	if (h->result.reaction.begun && type > TYPE_DATA)
		keep_other(h, content);

	react(&h->result.reaction, (struct reaction_record){ .type = type,
		.alert = !alert ? 0 : content.n == 2 ? content.p[1] : REACTION_SEALED });
}

/* One more record, if it is whole; what it holds is told where it can be opened. */
static bool watch_one(struct hs *h)
{
	struct rd r = rd_span(hs_span(&h->pending));
	uint8_t type = rd_u8(&r);
	uint16_t version = rd_u16(&r);
	struct rd body = rd_vec(&r, 2);
	size_t n = rd_left(&body);
	struct span content = { body.p, n };

	if (r.bad)
		return false;
	if (h->read && n != 2 && !seal_open(h->read, &type, version, (uint8_t *)h->pending.s + 5, n, &content))
		content.n = 0;
	hs_react(h, type, content);
	h->pending.n -= n + 5;
	memmove(h->pending.s, h->pending.s + n + 5, h->pending.n);
	return true;
}

void hs_watch(struct hs *h, const void *p, size_t n)
{
	enum { WATCH_MAX = 64 * 1024 };

	if (h->pending.n + n > WATCH_MAX)
		return;
	text_addn(&h->pending, p, n);
	while (watch_one(h))
		;
}

void hs_react_end(struct hs *h, enum ending e)
{
	static const enum reaction_end ends[] = {
		[ENDING_CLOSED] = REACTION_CLOSED, [ENDING_RESET] = REACTION_RESET, [ENDING_TIMEOUT] = REACTION_OPEN,
	};

	h->result.reaction.end = ends[e];
}

static bool has_alert(const struct reaction *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].type == TYPE_ALERT)
			return true;
	return false;
}

static bool ends_alike(const struct reaction *a, const struct reaction *b)
{
	bool ended = a->end != REACTION_OPEN && b->end != REACTION_OPEN;

	return a->end == b->end || (ended && has_alert(a) && has_alert(b));
}

bool reaction_same(const struct reaction *a, const struct reaction *b)
{
	if (a->begun != b->begun || a->complete != b->complete || !ends_alike(a, b) || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].type != b->v[i].type || a->v[i].alert != b->v[i].alert)
			return false;
	return true;
}

static void tell_record(const struct reaction_record *r, struct text *out)
{
	static const char *const kinds[] = { [TYPE_CCS] = "a change of cipher", [TYPE_HANDSHAKE] = "a handshake message",
		[TYPE_DATA] = "data", [TYPE_DATA + 1] = "a heartbeat" };

	if (r->type == TYPE_ALERT && r->alert < REACTION_SEALED)
		text_fmt(out, "alert %s (%u), ", alert_text((uint8_t)r->alert), (unsigned)r->alert);
	else if (r->type == TYPE_ALERT)
		text_add(out, "an alert that cannot be read, ");
	else if (r->type < sizeof kinds / sizeof *kinds && kinds[r->type])
		text_fmt(out, "%s, ", kinds[r->type]);
	else
		text_fmt(out, "a record of type %u, ", (unsigned)r->type);
}

void reaction_tell(const struct reaction *r, struct text *out)
{
	for (size_t i = 0; i < r->n; i++)
		tell_record(&r->v[i], out);
	text_add(out, r->end == REACTION_OPEN ? "open" : "ended");
}
