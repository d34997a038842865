/*
 * Does the server ask for a post-quantum group when the hello lists it, and has a share of another one (RFC 8446 section
 * 4.1.4)? A server may take the share that is there (section 4.1.1), and the session is then not protected although both
 * sides could. Asked only where the server has a group of each kind.
 */
#include "probes/offer.h"
#include "probes/verdict.h"
#include "scanner/tls/keys.h"

struct state {
	struct verdict verdict;
	uint32_t shared;
};

static bool is_pq(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->pq;
}

/* The server's first group that is none, and whose share can be made here; 0: it has none. */
static uint32_t classical(struct codes taken)
{
	for (size_t i = 0; i < taken.n; i++)
		if (!is_pq(taken.v[i]) && crypt_has_group((uint16_t)taken.v[i]) && keys_share_size((uint16_t)taken.v[i]))
			return taken.v[i];
	return 0;
}

/* The post-quantum ones go first: a server that heeds the client's order has no excuse. */
static void hello(struct run *r, struct codes taken, struct hello *h)
{
	struct state *s = r->state;
	struct list groups_ = { 0 };

	s->shared = classical(taken);
	for (size_t i = 0; i < taken.n; i++)
		if (is_pq(taken.v[i]))
			list_add(r->arena, &groups_, taken.v[i]);
	list_add(r->arena, &groups_, s->shared);
	*h = offer_found(r->arena, r->facts, VER_TLS13);
	h->groups = list_codes(&groups_);
	h->shares = (struct codes){ &s->shared, 1 };
	h->mimics = true; /* the share steers the pick: this tells nothing of the order among groups */
}

static enum next tell(struct run *r, enum tri t, enum reason why)
{
	const struct state *s = r->state;

	note(r, &(struct obs){ .key = OBS_KEY_PQ_RETRY, .protocol = VER_TLS13, .tri = t,
			  .name = group_find((uint16_t)s->shared)->name, .reason = why ? reason_name(why) : NULL });
	r->trouble = why;
	return NEXT_DONE;
}

static enum next begin(struct run *r)
{
	struct state *s = r->state;
	struct hello h;

	hello(r, facts_rank(r->facts, DIM_GROUPS, VER_TLS13, KEY_NONE).list, &h);
	verdict_begin(r, &s->verdict, &h, NULL, UNTIL_HELLO, NULL);
	return NEXT_WAIT;
}

/* Both groups were taken before: a refusal, or a retry that asks for neither, contradicts that. */
static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	enum decision d;

	if (!a)
		return begin(r);
	d = verdict_feed(r, &s->verdict, a);
	if (d == DECISION_WAIT)
		return NEXT_WAIT;
	if (d == DECISION_UNKNOWN)
		return tell(r, TRI_UNKNOWN, s->verdict.reason);
	if (d == DECISION_PICKED && is_pq(a->group))
		return tell(r, TRI_YES, REASON_NONE);
	if (d == DECISION_PICKED && a->group == s->shared)
		return tell(r, TRI_NO, REASON_NONE);
	return tell(r, TRI_UNKNOWN, REASON_UNSTABLE);
}

static bool when(const struct facts *f)
{
	struct codes taken = facts_rank(f, DIM_GROUPS, VER_TLS13, KEY_NONE).list;
	bool any = false;

	for (size_t i = 0; i < taken.n; i++)
		any = any || is_pq(taken.v[i]);
	return any && classical(taken);
}

const struct probe probe_pq_retry = {
	.id = "pq_retry",
	.what = "whether a post-quantum group is asked for when only another one has a share",
	.ref = "RFC 8446 sections 4.1.1 and 4.1.4",
	.topics = (const char *const[]){ "groups", NULL },
	.after = (const char *const[]){ "suites.tls13", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
