#include "report/simulate_parts.h"

enum { GROUPS_MAX = 64 };

static struct codes among_shares(const struct client *c, struct codes both, uint32_t *at)
{
	size_t n = 0;

	for (size_t i = 0; i < both.n; i++)
		if (codes_has(c->shares, both.v[i]))
			at[n++] = both.v[i];
	return (struct codes){ at, n };
}

static bool is_post_quantum(uint16_t code)
{
	const struct group *g = group_find(code);

	return g && g->pq;
}

/* The share that was passed over is of the curve that the server likes best: then it passes over any. */
static bool is_asked_for(const struct offer *f, uint16_t group)
{
	return f->pq_retry && f->pq_retry->tri == TRI_YES && is_post_quantum(group);
}

/* That the share of this curve was taken says nothing of another's. */
static bool is_passed_over(const struct client *c, const struct offer *f, uint16_t group)
{
	const struct group *taken = f->pq_retry && f->pq_retry->name ? group_by_name(f->pq_retry->name) : NULL;

	return taken && f->pq_retry->tri == TRI_NO && is_post_quantum(group) && codes_has(c->shares, taken->code);
}

/* The lists were learnt without key shares. A server whose choice has none may ask for it, or take one that is there. */
static enum sim_reason settle_share(const struct client *c, const struct offer *f, struct codes both, enum cert_key k,
	uint16_t *group)
{
	const struct obs *list = sim_list_of_key(f->groups.list, k), *order = sim_list_of_key(f->groups.order, k);
	uint32_t at[GROUPS_MAX];
	struct codes shared = among_shares(c, both, at);

	if (codes_has(c->shares, *group) || !shared.n || is_asked_for(f, *group))
		return SIM_NONE;
	*group = is_passed_over(c, f, *group) ? (uint16_t)sim_first_common(shared, list, order) : 0;
	return *group ? SIM_NONE : SIM_UNKNOWN_SHARE;
}

/* UNKNOWN_GROUP_ORDER and UNKNOWN_SHARE: there is a common one, but which is not known. */
enum sim_reason sim_pick_group(const struct client *c, const struct offer *f, enum cert_key k, uint16_t *group)
{
	const struct obs *list = sim_list_of_key(f->groups.list, k), *order = sim_list_of_key(f->groups.order, k);
	uint32_t at[GROUPS_MAX];
	struct codes both;

	*group = 0;
	if (!list)
		return SIM_UNKNOWN_GROUPS;
	if (c->hides & HIDES_GROUPS)
		return SIM_UNKNOWN_CLIENT_GROUPS;
	both = sim_common(c->groups, list, at, GROUPS_MAX);
	if (list->reason)
		return both.n ? SIM_UNKNOWN_GROUP_ORDER : SIM_UNKNOWN_GROUPS;
	if (!both.n)
		return SIM_GROUP;
	*group = (uint16_t)sim_first_common(both, list, order);
	if (!*group)
		return SIM_UNKNOWN_GROUP_ORDER;
	return f->version == VER_TLS13 ? settle_share(c, f, both, k, group) : SIM_NONE;
}

static bool is_ffdhe(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->kind == GROUP_FFDHE;
}

/* RFC 7919 section 4: who heeds the groups of a client must not pick DHE when none is common. */
enum sim_reason sim_no_finite_group(const struct client *c, const struct offer *f, uint16_t *group)
{
	bool any = false;

	*group = 0;
	if (!f->ffdhe || !f->ffdhe->count)
		return SIM_NONE;
	for (size_t i = 0; i < c->groups.n; i++) {
		any = any || is_ffdhe(c->groups.v[i]);
		if (!*group && sim_obs_has(f->ffdhe, c->groups.v[i]))
			*group = (uint16_t)c->groups.v[i];
	}
	return any && !*group ? SIM_GROUP : SIM_NONE;
}

/* One modulus for everybody: is it a group that has a name? */
static void name_modulus(const struct obs *o, struct sim *m)
{
	const struct dh_prime *known = dh_prime_of(o);

	m->dh_bits = o->number;
	m->group = known ? known->group : 0;
}

/* Several, and none that the client named: which one it gets is not known, and so not whether it takes that. */
static enum sim_reason some_modulus(const struct client *c, const struct offer *f)
{
	bool least = f->dh_least && sim_out_of(f->dh_least->number, c->min_dh, c->max_dh);
	bool most = f->dh_most && sim_out_of(f->dh_most->number, c->min_dh, c->max_dh);

	if (least && most)
		return SIM_DH_SIZE;
	return least || most || (!f->dh_least && (c->min_dh || c->max_dh)) ? SIM_UNKNOWN_GROUPS : SIM_UNKNOWN_GROUP_ORDER;
}

enum sim_reason sim_finish_dhe(const struct client *c, const struct offer *f, struct sim *m)
{
	if (c->hides & HIDES_GROUPS && f->ffdhe && f->ffdhe->count)
		return SIM_UNKNOWN_CLIENT_GROUPS;
	(void)sim_no_finite_group(c, f, &m->group);
	if (m->group)
		m->dh_bits = group_find(m->group)->bits;
	else if (f->dh_least && f->dh_least == f->dh_most)
		name_modulus(f->dh_least, m);
	else
		return some_modulus(c, f);
	return sim_out_of(m->dh_bits, c->min_dh, c->max_dh) ? SIM_DH_SIZE : SIM_NONE;
}
