#include "report/simulate_parts.h"

#include <string.h>

struct offer *sim_server_offer(struct server *s, uint16_t version)
{
	for (size_t i = 0; i < SIM_VERSIONS - 1; i++)
		if (s->offers[i].version == version)
			return &s->offers[i];
	return NULL;
}

static void keep_first(const struct obs **at, const struct obs *o)
{
	if (!*at)
		*at = o;
}

static void look_at(struct offer *f, const struct obs *o)
{
	bool finite = o->name && !strcmp(o->name, "ffdhe");

	if (o->key == OBS_KEY_GROUPS_LIST)
		keep_first(finite ? &f->ffdhe : &f->groups.list[o->cert], o);
	else if (o->key == OBS_KEY_GROUPS_ORDER && !finite)
		keep_first(&f->groups.order[o->cert], o);
	else if (o->key == OBS_KEY_SCHEMES_LIST)
		keep_first(&f->schemes.list[o->cert], o);
	else if (o->key == OBS_KEY_SCHEMES_ORDER)
		keep_first(&f->schemes.order[o->cert], o);
	else if (o->key == OBS_KEY_PQ_RETRY)
		f->pq_retry = o;
	else if (o->key == OBS_KEY_SUITES_ORDER && o->text)
		f->order = o->text;
	else if (o->key == OBS_KEY_DHE_BREAKS && o->tri == TRI_YES)
		f->breaks = o;
	else if (o->key == OBS_KEY_DH_BITS) {
		f->dh_least = !f->dh_least || o->number < f->dh_least->number ? o : f->dh_least;
		f->dh_most = !f->dh_most || o->number > f->dh_most->number ? o : f->dh_most;
	}
}

static bool taken_away(const struct without *w, const struct cipher *c)
{
	if (!w)
		return false;
	if (!w->suite)
		return c->protocol == w->protocol;
	return c->protocol >= w->from && (!w->to || c->protocol <= w->to) && w->suite(c);
}

static void add_cipher(struct server *s, const struct cipher *c)
{
	struct offer *f = sim_server_offer(s, c->protocol);

	if (!f)
		return;
	f->ciphers = arena_push(&s->scratch, f->ciphers, f->n, sizeof *f->ciphers);
	f->ciphers[f->n++] = c;
}

void sim_server_open(struct server *s, const struct view *v, const struct without *w)
{
	*s = (struct server){ .view = v };
	for (size_t i = 0; view_versions[i]; i++)
		s->offers[i] = (struct offer){ .version = view_versions[i],
			.offered = view_offered(v, view_versions[i]),
			.whole = view_whole(v, view_versions[i], view_versions[i], NULL),
			.order = "unknown" };
	for (size_t i = 0; i < v->record->obs_count; i++) {
		struct offer *f = sim_server_offer(s, v->record->obs[i].protocol);

		if (f)
			look_at(f, &v->record->obs[i]);
	}
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (!taken_away(w, &v->ciphers[i]))
			add_cipher(s, &v->ciphers[i]);
	if (w && !w->suite)
		for (size_t i = 0; i < SIM_VERSIONS - 1; i++)
			if (s->offers[i].version == w->protocol)
				s->offers[i].offered = TRI_NO;
}

/* A version whose last suite was taken away is switched off with it. */
bool sim_offer_is_on(const struct offer *f, const struct without *w)
{
	return f->offered == TRI_YES && !(w && w->suite && f->whole && !f->n);
}

/* ---- one list against another ---------------------------------------------------------------------------------------- */

/* EdDSA certificates go with ECDSA suites (RFC 8422 section 5.10), RSA-PSS ones with those of RSA. */
bool sim_key_fits(enum cert_key suite, enum cert_key leaf)
{
	if (suite == KEY_ECDSA)
		return leaf == KEY_ECDSA || leaf == KEY_ED25519 || leaf == KEY_ED448;
	return suite == leaf || (suite == KEY_RSA && leaf == KEY_RSA_PSS);
}

/* Of the certificate that goes with the suite, or of all where they were not told apart. */
const struct obs *sim_list_of_key(const struct obs *const list[SIM_KEYS], enum cert_key suite)
{
	for (enum cert_key k = KEY_NONE + 1; suite != KEY_NONE && k <= KEY_OTHER; k++)
		if (list[k] && sim_key_fits(suite, k))
			return list[k];
	return list[KEY_NONE];
}

bool sim_obs_has(const struct obs *o, uint32_t code)
{
	return codes_has((struct codes){ o->codes, o->count }, code);
}

struct codes sim_common(struct codes wanted, const struct obs *o, uint32_t *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < wanted.n && n < most; i++)
		if (sim_obs_has(o, wanted.v[i]))
			out[n++] = wanted.v[i];
	return (struct codes){ out, n };
}

bool sim_order_is(const char *who, const struct obs *order)
{
	return order && order->text && !strcmp(order->text, who);
}

/* The first of the server's that is common; `both` is in the client's order. 0: nobody knows. */
uint32_t sim_first_common(struct codes both, const struct obs *list, const struct obs *order)
{
	if (both.n == 1 || sim_order_is("client", order))
		return both.v[0];
	if (!sim_order_is("server", order))
		return 0;
	for (size_t i = 0; i < list->count; i++)
		if (codes_has(both, list->codes[i]))
			return list->codes[i];
	return 0;
}

bool sim_out_of(int64_t bits, int64_t least, int64_t most)
{
	return bits && ((least && bits < least) || (most && bits > most));
}

bool sim_only_which(enum sim_reason r)
{
	return r == SIM_UNKNOWN_GROUP_ORDER || r == SIM_UNKNOWN_SHARE || r == SIM_UNKNOWN_CLIENT_GROUPS;
}

bool sim_is_gap(enum sim_reason r)
{
	return r >= SIM_UNKNOWN_PROTOCOL;
}
