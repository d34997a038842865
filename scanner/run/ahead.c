#include "scanner/run/ahead.h"

/* One look: lanes of its own, with facts of their own. */
struct look {
	struct lanes lanes; /* the first member: see look_of() */
	const struct ahead *ahead;
	struct arena arena;
	struct facts facts;
	struct questions asked; /* in this look: each is answered once */
	unsigned left;
};

static struct look *look_of(struct lanes *l)
{
	return (struct look *)l;
}

/* Nobody reads what is noted here. */
static struct obs *forget(struct lanes *l, const struct obs *o)
{
	return arena_copy(l->arena, o, sizeof *o);
}

static struct answer *answer_as(struct look *k, const struct question *q, const struct choice *c)
{
	struct answer *a = arena_new(&k->arena, 1, sizeof *a);

	a->hello = &q->hello;
	a->until = q->until;
	a->kind = c->kind;
	a->reason = c->reason;
	a->alert = c->alert;
	a->legacy_version = a->version = c->version;
	a->suite = c->suite;
	a->group = a->kx.group = c->group;
	a->kx.scheme = c->scheme;
	a->has_certificate = c->cert != KEY_NONE;
	a->has_key_exchange = c->group || c->scheme;
	a->done = true;
	return a;
}

/* It was asked, and is known: here it becomes a fact as there. */
static const struct answer *recall(struct look *k, const struct question *q)
{
	const struct choice *c;

	if (!q || q->phase != QUESTION_ANSWERED || q->answer.kind == ANS_NOT_ASKED)
		return NULL;
	c = question_choice(q, k->ahead->facts);
	if (c)
		*facts_choice(&k->facts) = *c;
	return &q->answer;
}

/* A handshake that went well, and left nothing behind: tickets cannot be foreseen. */
static const struct hs_result *handshake_as(struct look *k, const struct choice *c)
{
	struct hs_result *hs = arena_new(&k->arena, 1, sizeof *hs);
	bool picked = choice_picked(c, 0), signs = c->scheme || c->version < VER_TLS12;

	hs->version = c->version;
	hs->suite = c->suite;
	hs->group = c->group;
	hs->scheme = c->scheme;
	hs->signature_checked = hs->signature_right = picked && signs;
	hs->finished_right = hs->complete = picked;
	hs->alerted = !picked;
	hs->alert = c->alert;
	hs->reason = c->reason;
	return hs;
}

static const struct answer *imagine(struct look *k, const struct question *q, struct choice *expected)
{
	struct answer *a;

	if (question_is_clear(q) || question_is_dns(q))
		return NULL;
	guess_choice(k->ahead->guess, &q->hello, q->plan != NULL, expected);
	if (q->until == UNTIL_HELLO && !q->plan && expected->version < VER_TLS13)
		expected->group = expected->scheme = expected->cert = 0; /* they come later */
	a = answer_as(k, q, expected);
	if (q->plan)
		a->hs = handshake_as(k, expected);
	*facts_choice(&k->facts) = *expected;
	return a;
}

static void put(struct lanes *l, unsigned lane, uint16_t tag, const struct ask *what)
{
	struct look *k = look_of(l);
	struct choice expected = { 0 };
	const struct answer *a;
	bool fresh;
	struct question *q;

	/* What may alarm comes when all else is known: it is never asked ahead. */
	if (l->v[lane].run.probe->manners != PROBE_POLITE)
		return;
	q = question_for(&k->asked, what, &fresh);
	if (fresh) {
		a = recall(k, question_like(k->ahead->asked, q));
		if (!a && k->left) {
			a = imagine(k, q, &expected);
			k->ahead->foreseen(k->ahead->owner, what, a ? &expected : NULL);
			k->left--;
		}
		q->phase = a ? QUESTION_ANSWERED : QUESTION_QUEUED;
		if (a)
			q->answer = *a;
	}
	if (q->phase == QUESTION_ANSWERED)
		lanes_deliver(l, (struct delivery){ &q->answer, q->sample, lane, tag });
}

void ahead_look(const struct ahead *ahead)
{
	struct look k = { .ahead = ahead, .left = AHEAD_MAX };

	k.facts = *ahead->facts;
	k.facts.arena = &k.arena;
	k.facts.choices = NULL;
	k.facts.count = 0;
	k.asked.arena = &k.arena;
	k.lanes = (struct lanes){ .arena = &k.arena, .ask = put, .note = forget };
	lanes_make(&k.lanes, ahead->options, &k.facts);
	lanes_run(&k.lanes);
	arena_free(&k.arena);
}
