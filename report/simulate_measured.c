#include "report/simulate.h"

#include <stdlib.h>
#include <string.h>

#include "report/simulate_parts.h"

static int by_id(const void *id, const void *client)
{
	return strcmp(id, ((const struct client *)client)->id);
}

/* The row of the client that the observation is about; NULL: nobody's, or of another hello under the same name. */
static struct sim *row_of(const struct obs *o, const struct sims *all)
{
	const struct client *c = bsearch(o->name, clients, clients_count, sizeof *clients, by_id);

	if (c)
		return &all->known[c - clients];
	for (size_t i = 0; i < all->own_n; i++) {
		const char *said = view_evidence(o, SIM_HELLO_EVIDENCE), *hello = all->own[i].client->digest;

		if (!strcmp(o->name, all->own[i].client->id))
			return said && hello && !strcmp(said, hello) ? &all->own[i] : NULL;
	}
	return NULL;
}

void sim_add_measured(const struct view *v, const struct sims *all)
{
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];
		struct sim *m = o->key == OBS_KEY_SIMULATION_MEASURED && o->name ? row_of(o, all) : NULL;

		if (m)
			m->measured = o;
	}
}

static enum tri same_pick(const struct sim *m)
{
	uint16_t group = m->measured->count > 1 ? (uint16_t)m->measured->codes[1] : 0;

	if (m->version != m->measured->protocol || m->suite != m->measured->codes[0])
		return TRI_NO;
	return sim_only_which(m->reason) ? TRI_UNKNOWN : m->group == group ? TRI_YES : TRI_NO;
}

enum tri sim_agrees(const struct sim *m)
{
	const struct obs *o = m->measured;

	if (!o)
		return TRI_ABSENT;
	if (o->reason || m->state == SIM_OPEN)
		return TRI_UNKNOWN;
	if (!o->count)
		return m->state == SIM_FAILS && !m->suite ? TRI_YES : TRI_NO;
	if (m->state == SIM_FAILS && !m->suite)
		return m->reason == SIM_PROTOCOL && !client_offers(m->client, o->protocol) ? TRI_YES : TRI_NO;
	return same_pick(m);
}
