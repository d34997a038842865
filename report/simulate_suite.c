#include "report/simulate_parts.h"

#include <string.h>

static bool is_ephemeral(const struct cipher *c)
{
	return c->exchange == KX_ECDHE || c->exchange == KX_DHE;
}

static enum sim_reason no_curve(const struct server *s, const struct client *c, const struct offer *f,
        const struct cipher *x)
{
	enum cert_key k = sim_key_of(x);
	const struct group *curve = k == KEY_ECDSA ? sim_curve_of(s->view, c, f->version) : NULL;
	enum sim_reason r;
	uint16_t group;

	r = sim_pick_group(c, f, k, &group);
	if (r != SIM_NONE && !sim_only_which(r))
		return r;
	return curve && !(c->hides & HIDES_GROUPS) && !codes_has(c->groups, curve->code) ? SIM_CURVE : SIM_NONE;
}

/* NONE: the server may pick it. UNKNOWN_*: whether it may is not known. */
static enum sim_reason barrier(const struct server *s, const struct client *c, const struct offer *f,
        const struct cipher *x)
{
	enum sim_reason r = SIM_NONE;
	uint16_t group;

	if (f->version == VER_TLS13)
		return SIM_NONE;
	if (x->exchange == KX_ECDHE)
		r = no_curve(s, c, f, x);
	else if (x->exchange == KX_DHE)
		r = sim_no_finite_group(c, f, &group);
	if (r == SIM_NONE && !c->sni && !x->anonymous && sim_is_named_only(s->view, sim_key_of(x)))
		r = SIM_UNKNOWN_SNI;
	if (r == SIM_NONE && f->version == VER_TLS12 && is_ephemeral(x) && !x->anonymous)
		r = sim_unsigned_in(c, f, sim_key_of(x));
	return r;
}

/* ---- which suite -------------------------------------------------------------------------------------------------------- */

static bool is_chacha(const struct cipher *c)
{
	return !strncmp(c->enc, "CHACHA20", 8);
}

struct candidates {
	const struct cipher **v; /* in the server's order */
	enum sim_reason *gap;    /* of each: NONE, or why it is not known whether it may be picked */
	size_t n;
	enum sim_reason why_not; /* of the last one that may not */
};

static struct candidates candidates_of(struct server *s, const struct client *c, const struct offer *f)
{
	struct candidates k = { .v = arena_new(&s->scratch, f->n + 1, sizeof *k.v),
		.gap = arena_new(&s->scratch, f->n + 1, sizeof *k.gap),
		.why_not = SIM_SUITE };

	for (size_t i = 0; i < f->n; i++) {
		enum sim_reason r;

		if (!codes_has(c->suites, f->ciphers[i]->code))
			continue;
		r = barrier(s, c, f, f->ciphers[i]);
		if (r != SIM_NONE && !sim_is_gap(r)) {
			k.why_not = r;
			continue;
		}
		k.v[k.n] = f->ciphers[i];
		k.gap[k.n++] = r;
	}
	return k;
}

static size_t first_of_client(const struct client *c, const struct candidates *k)
{
	for (size_t i = 0; i < c->suites.n; i++)
		for (size_t j = 0; j < k->n; j++)
			if (k->v[j]->code == c->suites.v[i])
				return j;
	return 0;
}

/* Does the client put this cipher before all else that can be picked? */
static bool likes(const struct client *c, const char *enc)
{
	for (size_t i = 0; i < c->suites.n; i++) {
		const struct suite *s = suite_find((uint16_t)c->suites.v[i]);

		if (s && suite_pickable(s->code))
			return !strncmp(s->enc, enc, strlen(enc));
	}
	return false;
}

static size_t first_of_server(const struct client *c, const struct candidates *k, bool chacha)
{
	for (size_t i = 0; chacha && likes(c, "CHACHA20") && i < k->n; i++)
		if (is_chacha(k->v[i]))
			return i;
	return 0;
}

static bool any_chacha(const struct candidates *k)
{
	for (size_t i = 0; i < k->n; i++)
		if (is_chacha(k->v[i]))
			return true;
	return false;
}

/* Does the pick depend on an order of the client that is not known? */
static bool hides_order(const struct client *c, const struct offer *f, const struct candidates *k)
{
	if (!(c->hides & HIDES_ORDER) || k->n < 2)
		return false;
	return !strcmp(f->order, "client") || (!strcmp(f->order, "server-chacha") && any_chacha(k));
}

static bool is_dhe(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && s->kx == KX_DHE;
}

/* `code` 0: anywhere. */
static bool puts_dhe_before(const struct client *c, uint32_t code)
{
	for (size_t i = 0; i < c->suites.n && c->suites.v[i] != code; i++)
		if (is_dhe(c->suites.v[i]))
			return true;
	return false;
}

/* The suites that broke off stand before the one that is named, and which of them the server has is not known. */
static bool stands_behind_dhe(const struct client *c, const struct offer *f, const struct cipher *x)
{
	bool behind = !f->breaks->name;

	for (size_t i = 0; i < f->n; i++) {
		behind = behind || !strcmp(f->ciphers[i]->name, f->breaks->name);
		if (f->ciphers[i] == x)
			return behind && puts_dhe_before(c, 0);
	}
	return false;
}

enum sim_reason sim_pick_suite(struct server *s, const struct client *c, const struct offer *f,
        const struct cipher **picked)
{
	struct candidates k = candidates_of(s, c, f);
	bool by_client = !strcmp(f->order, "client");
	size_t i;

	*picked = NULL;
	if (!f->whole)
		return SIM_UNKNOWN_SUITES;
	if (!k.n)
		return k.why_not;
	if (k.n > 1 && !by_client && strncmp(f->order, "server", 6) != 0)
		return SIM_UNKNOWN_ORDER;
	if (hides_order(c, f, &k))
		return SIM_UNKNOWN_CLIENT_ORDER;
	i = by_client ? first_of_client(c, &k) : first_of_server(c, &k, !strcmp(f->order, "server-chacha"));
	if (f->breaks && (by_client ? puts_dhe_before(c, k.v[i]->code) : stands_behind_dhe(c, f, k.v[i])))
		return SIM_UNKNOWN_DHE;
	*picked = k.gap[i] == SIM_NONE ? k.v[i] : NULL;
	return k.gap[i];
}
