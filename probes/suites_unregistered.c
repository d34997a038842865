/*
 * Cipher suite codes that no table has (--suites all): every other code point, in chunks, in the newest version that
 * answers in clear and in TLS 1.3. A chunk is peeled like any list; most servers refuse all of them.
 */
#include "probes/offer.h"
#include "probes/verdict.h"

/* A server that takes whatever comes first has no suites worth a list. */
enum { CHUNK = 4096, LAST_CODE = 0xFFFF, FOUND_MAX = 64 };

struct state {
	struct verdict verdict;
	struct list chunk, found;
	uint32_t next;    /* the first code that no chunk held yet */
	uint16_t version; /* being asked; TLS 1.3 comes last */
};

static bool is_unknown(uint32_t code)
{
	return !suite_find((uint16_t)code) && !code_is_grease((uint16_t)code);
}

static enum next put(struct run *r)
{
	struct state *s = r->state;
	struct hello h = offer_everything(r->arena, r->facts, s->version);

	h.suites = list_codes(&s->chunk);
	verdict_begin(r, &s->verdict, &h, NULL, UNTIL_HELLO, NULL);
	return NEXT_WAIT;
}

static enum next finish(struct run *r)
{
	struct state *s = r->state;

	note(r, &(struct obs){ .key = OBS_KEY_SUITES_UNREGISTERED, .protocol = s->version, .codes = s->found.v,
			  .count = s->found.n, .reason = r->trouble ? reason_name(r->trouble) : NULL });
	return NEXT_DONE;
}

static enum next next_chunk(struct run *r)
{
	struct state *s = r->state;

	s->chunk.n = 0;
	for (; s->next <= LAST_CODE && s->chunk.n < CHUNK; s->next++)
		if (is_unknown(s->next))
			list_add(r->arena, &s->chunk, s->next);
	if (s->chunk.n)
		return put(r);
	finish(r);
	if (s->version == VER_TLS13 || !facts_offers(r->facts, VER_TLS13))
		return NEXT_DONE;
	s->version = VER_TLS13;
	s->next = 0;
	s->found = (struct list){ 0 };
	return next_chunk(r);
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a) {
		s->version = facts_newest_clear(r->facts) ? facts_newest_clear(r->facts) : VER_TLS13;
		return next_chunk(r);
	}
	switch (verdict_feed(r, &s->verdict, a)) {
	case DECISION_WAIT:
		return NEXT_WAIT;
	case DECISION_PICKED:
		list_add(r->arena, &s->found, a->suite);
		list_remove(&s->chunk, a->suite);
		if (s->found.n == FOUND_MAX) {
			r->trouble = REASON_LIMIT_BUDGET;
			return finish(r);
		}
		return s->chunk.n ? put(r) : next_chunk(r);
	case DECISION_REFUSED:
		return next_chunk(r);
	default:
		r->trouble = s->verdict.reason;
		return finish(r);
	}
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) || facts_offers(f, VER_TLS13);
}

const struct probe probe_suites_unregistered = {
	.id = "suites.unregistered",
	.what = "which cipher suite codes the server takes that no registry has (with --suites all)",
	.ref = "RFC 8446 appendix B.4",
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.on_request = true,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
