/*
 * A heartbeat that claims to hold more than it does (CVE-2014-0160): a server with the bug says back as much of its
 * memory as was claimed. Asked under keys; and where that shows nothing, on another connection in clear before there are
 * keys too, as most attackers do: not at once, for some servers that are asked so early stand still until more is said.
 * Only where heartbeats were granted: a server passes them over otherwise. What comes back is counted, never kept.
 */
#include "probes/proof.h"
#include "probes/shake.h"

enum { HEARTBEAT = 24, REQUEST = 1, RESPONSE = 2, CLAIMED = 0x0400 };

static const uint8_t request[] = { REQUEST, CLAIMED >> 8, CLAIMED & 0xFF };
static const uint8_t peer_allowed_to_send[] = { 1 };
static const struct inject beats[] = {
	{ MOMENT_HELLO_DONE, HEARTBEAT, { request, sizeof request } },
	{ MOMENT_OPEN, HEARTBEAT, { request, sizeof request } },
};
static const struct deviation both = { .injects = beats, .injects_n = 2 }, sealed = { .injects = beats + 1, .injects_n = 1 };
static const struct extra heartbeat = { EXT_HEARTBEAT, { peer_allowed_to_send, sizeof peer_allowed_to_send } };

struct state {
	struct proof_state proof;
	bool early; /* in clear too */
};

static bool applies(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], facts_newest_clear(f)) && choice_has_extension(&f->choices[i], EXT_HEARTBEAT))
			return true;
	return false;
}

static bool make(struct run *r, struct hello *h, struct plan *p, const char **why)
{
	uint16_t version = facts_newest_clear(r->facts);

	p->deviation = ((const struct state *)r->state)->early ? &both : &sealed;
	*why = shake_why_not(r, version);
	if (!shake_hello(r, version, h))
		return false;
	h->extra = &heartbeat;
	h->extra_n = 1;
	return true;
}

static enum shown look(const struct answer *a)
{
	const struct reaction *x = a->hs ? &a->hs->reaction : NULL;

	return proof_reaction(a, x && x->other.n && x->other.p[0] == RESPONSE && x->other_n > sizeof request);
}

static const char *evidence(struct run *r, const struct answer *a)
{
	if (!a->hs->reaction.other_n)
		return proof_reaction_text(r, a);
	return arena_printf(r->arena, "a heartbeat of 3 bytes that claims %u more came back with them", (unsigned)CLAIMED);
}

static const struct proof question = { .key = OBS_KEY_HEARTBLEED, .applies = applies, .ask = make, .look = look, .evidence = evidence };

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a || s->early || s->proof.again || look(a) == SHOWN_YES)
		return proof_step(r, a);
	s->early = true;
	return proof_step(r, NULL);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_heartbleed = {
	.id = "heartbleed",
	.what = "whether the server says back more of a heartbeat than it got",
	.ref = "CVE-2014-0160",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "extensions.clear", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
	.declaration = &question,
};
