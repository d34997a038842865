#include "probes/ticket_proof.h"

#include "probes/shake.h"

static uint16_t version_of(const struct run *r)
{
	const struct ticket_question *q = r->probe->declaration;

	return q->version ? q->version : facts_newest_clear(r->facts);
}

static enum next tell(struct run *r, enum tri value, const char *why)
{
	const struct proof *p = r->probe->declaration;

	note(r, &(struct obs){ .key = p->key, .protocol = version_of(r), .tri = value, .reason = why });
	return NEXT_DONE;
}

static enum next begin(struct run *r)
{
	uint16_t version = version_of(r);
	struct opening o;

	if (!shake_opening(r, version, &o))
		return tell(r, TRI_UNKNOWN, shake_why_not(r, version));
	ask(r, 0, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan });
	return NEXT_WAIT;
}

static enum next opened(struct run *r, const struct answer *a)
{
	struct ticket_proof *s = r->state;

	if (!resume_is_whole(a))
		return tell(r, TRI_UNKNOWN, reason_name(resume_trouble(a)));
	if (resume_ticket_given(a) == TRI_NO)
		return tell(r, TRI_NA, NULL);
	s->session = a->hs->session;
	return proof_step(r, NULL);
}

enum next ticket_proof_step(struct run *r, const struct answer *a)
{
	if (!a)
		return begin(r);
	return a->tag == PROOF_TAG ? proof_step(r, a) : opened(r, a);
}

bool ticket_proof_when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}
