/* How many renegotiations in a row the server takes of one client, of ten: work that costs the client next to nothing. */
#include "probes/renegotiation.h"

static enum next begin(struct run *r, uint16_t version)
{
	enum hs_form form = renegotiation_is_bound(r->facts, version) ? AGAIN_SECURE : AGAIN_PLAIN;
	enum hs_form *forms = arena_new(r->arena, HS_AGAIN_MAX, sizeof *forms);
	struct plan plan = { .again = forms, .again_n = HS_AGAIN_MAX };
	struct hello h;

	if (!shake_hello(r, version, &h))
		return NEXT_DONE;
	for (size_t i = 0; i < HS_AGAIN_MAX; i++)
		forms[i] = form;
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT, .plan = &plan });
	return NEXT_WAIT;
}

/* How the first ended that was not taken. */
static const struct evidence *end_of(struct run *r, const struct hs_result *hs)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	for (size_t i = 0; i < hs->again_n; i++) {
		if (hs->again[i].outcome == AGAIN_DONE)
			continue;
		*e = (struct evidence){ "then", renegotiation_says(r->arena, &hs->again[i]) };
		return e;
	}
	return NULL;
}

static enum next step(struct run *r, const struct answer *a)
{
	uint16_t version = facts_newest_clear(r->facts);
	const struct evidence *end;
	int64_t taken = 0;

	if (!a)
		return begin(r, version);
	if (!a->hs || !a->hs->complete || !a->hs->again_n) {
		r->trouble = a->hs && a->hs->reason ? a->hs->reason : a->reason ? a->reason : REASON_UNSTABLE;
		return NEXT_DONE;
	}
	for (size_t i = 0; i < a->hs->again_n; i++)
		taken += a->hs->again[i].outcome == AGAIN_DONE;
	end = end_of(r, a->hs);
	note(r, &(struct obs){ .key = OBS_KEY_RENEGOTIATION_COUNT, .protocol = version, .number = taken, .evidence = end,
			  .evidence_count = end != NULL });
	return NEXT_DONE;
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}

const struct probe probe_renegotiation_count = {
	.id = "renegotiation.count",
	.what = "how many renegotiations in a row the server takes, at most ten (only with --intrusive)",
	.ref = "RFC 5246 section 7.4.1.2, CVE-2011-1473",
	.after = (const char *const[]){ "renegotiation", NULL },
	.manners = PROBE_INTRUSIVE,
	.when = when,
	.step = step,
};
