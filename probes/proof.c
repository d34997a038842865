#include "probes/proof.h"

#include "scanner/base/text.h"

static enum next tell(struct run *r, enum tri value, const char *why, const char *evidence)
{
	const struct proof *p = r->probe->declaration;
	const struct proof_state *s = r->state;
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "reaction", evidence };
	note(r, &(struct obs){ .key = p->key, .protocol = s->version, .tri = value, .reason = why, .evidence = e,
			  .evidence_count = evidence != NULL });
	return NEXT_DONE;
}

static enum next put(struct run *r)
{
	const struct proof *p = r->probe->declaration;
	struct proof_state *s = r->state;
	struct plan plan = { 0 };
	const char *why = NULL;
	struct hello h = { 0 };

	if (p->applies && !p->applies(r->facts))
		return tell(r, TRI_NA, NULL, NULL);
	if (!p->ask(r, &h, &plan, &why))
		return tell(r, TRI_UNKNOWN, why, NULL);
	s->version = h.version;
	ask(r, PROOF_TAG, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT, .plan = &plan, .sample = s->again });
	return NEXT_WAIT;
}

static enum reason reason_of(const struct answer *a)
{
	return a->hs && a->hs->reason ? a->hs->reason : a->reason ? a->reason : REASON_UNSTABLE;
}

enum next proof_step(struct run *r, const struct answer *a)
{
	const struct proof *p = r->probe->declaration;
	struct proof_state *s = r->state;

	if (!a)
		return put(r);
	switch (p->look(a)) {
	case SHOWN_YES:
		if (s->again)
			return tell(r, TRI_YES, NULL, p->evidence(r, a));
		s->again = true;
		return put(r);
	case SHOWN_NO:
		if (s->again) /* seen once */
			return tell(r, TRI_UNKNOWN, reason_name(REASON_UNSTABLE), p->evidence(r, a));
		return tell(r, TRI_NO, NULL, p->evidence(r, a));
	default:
		if (a->kind != ANS_SERVER_HELLO)
			r->trouble = reason_of(a);
		return tell(r, TRI_UNKNOWN, reason_name(reason_of(a)), NULL);
	}
}

enum shown proof_reaction(const struct answer *a, bool shows)
{
	if (!a->hs || !a->hs->reaction.begun)
		return SHOWN_NOTHING;
	if (shows)
		return SHOWN_YES;
	return a->hs->reaction.n || a->hs->reaction.end != REACTION_OPEN ? SHOWN_NO : SHOWN_NOTHING;
}

const char *proof_reaction_text(struct run *r, const struct answer *a)
{
	struct text t = { 0 };
	const char *kept;

	reaction_tell(&a->hs->reaction, &t);
	kept = arena_text(r->arena, text_str(&t));
	text_free(&t);
	return kept;
}
