/*
 * Drafts and experiments of TLS 1.3, offered without the standard itself. One answer names one draft; the sweep goes on
 * without it until none is picked.
 */
#include "probes/offer.h"
#include "probes/verdict.h"

struct drafts {
	struct verdict verdict;
	struct list left, found;
};

static enum next put(struct run *r)
{
	struct drafts *s = r->state;
	struct hello h = offer_everything(r->arena, r->facts, VER_TLS13);

	h.versions = list_codes(&s->left);
	verdict_begin(r, &s->verdict, &h, NULL, UNTIL_HELLO, NULL);
	return NEXT_WAIT;
}

static enum next finish(struct run *r)
{
	struct drafts *s = r->state;

	if (s->found.n || !r->trouble)
		note(r, &(struct obs){ .key = OBS_KEY_PROTOCOL_DRAFTS, .protocol = VER_TLS13, .codes = s->found.v,
				  .count = s->found.n, .reason = r->trouble ? reason_name(r->trouble) : NULL });
	return NEXT_DONE;
}

static bool picks(const struct answer *a)
{
	return (a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY) && hello_offers_version(a->hello, a->version);
}

static enum next step(struct run *r, const struct answer *a)
{
	struct drafts *s = r->state;

	if (!a) {
		for (size_t i = 0; i < versions_count; i++)
			if (versions[i].kind == VERSION_DRAFT)
				list_add(r->arena, &s->left, versions[i].code);
		put(r);
		s->verdict.picks = picks;
		return NEXT_WAIT;
	}
	switch (verdict_feed(r, &s->verdict, a)) {
	case DECISION_WAIT:
		return NEXT_WAIT;
	case DECISION_PICKED:
		list_add(r->arena, &s->found, a->version);
		list_remove(&s->left, a->version);
		if (!s->left.n)
			return finish(r);
		put(r);
		s->verdict.picks = picks;
		return NEXT_WAIT;
	case DECISION_UNKNOWN:
		r->trouble = s->verdict.reason;
		return finish(r);
	default:
		return finish(r);
	}
}

const struct probe probe_tls13_drafts = {
	.id = "drafts",
	.what = "which drafts of TLS 1.3 the server speaks",
	.ref = "RFC 8446 section 4.2.1.1",
	.state_size = sizeof(struct drafts),
	.step = step,
};
