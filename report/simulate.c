#include "report/simulate.h"

#include "report/simulate_parts.h"

static const struct {
	const char *word, *text;
} reasons[SIM_REASONS] = {
#define SIM(name, word, text) { word, text },
#include "report/simulate.def"
#undef SIM
};

const char *sim_reason_word(enum sim_reason r)
{
	return reasons[r].word;
}

const char *sim_reason_text(enum sim_reason r)
{
	return reasons[r].text;
}

const char *sim_state_name(enum sim_state s)
{
	static const char *const names[] = { [SIM_CONNECTS] = "connects", [SIM_FAILS] = "fails", [SIM_OPEN] = "unknown" };

	return names[s];
}

static void end(struct sim *m, enum sim_reason r)
{
	if (r >= SIM_SUITE && r < SIM_DH_SIZE) { /* the server refuses: there is no pick */
		m->suite = 0;
		m->group = 0;
		m->cert = KEY_NONE;
	}
	m->reason = r;
	m->state = r == SIM_NONE || sim_only_which(r) ? SIM_CONNECTS : sim_is_gap(r) ? SIM_OPEN : SIM_FAILS;
	if (r == SIM_UNKNOWN_CLIENT_GROUPS) /* what it gets if it connects is known, and is kept */
		m->state = SIM_OPEN;
}

static bool is_open(enum tri offered)
{
	return offered != TRI_YES && offered != TRI_NO && offered != TRI_NA;
}

static bool hides_version(const struct client *c, uint16_t version)
{
	return c->hides & HIDES_OLDER && version < c->newest;
}

/* The newest version that both have: servers settle it before anything else (RFC 8446 section 4.2.1, RFC 5246 appendix E.1). */
static enum sim_reason pick_version(struct server *s, const struct client *c, const struct without *w, struct offer **f)
{
	for (size_t i = 0; view_versions[i] && view_versions[i] != VER_SSL2; i++) {
		*f = &s->offers[i];
		if (hides_version(c, (*f)->version) && (sim_offer_is_on(*f, w) || is_open((*f)->offered)))
			return SIM_UNKNOWN_CLIENT_VERSIONS;
		if (!client_offers(c, (*f)->version))
			continue;
		if (sim_offer_is_on(*f, w))
			return c->ssl2_form ? SIM_UNKNOWN_FORM : SIM_NONE;
		if (is_open((*f)->offered))
			return SIM_UNKNOWN_PROTOCOL;
	}
	*f = sim_server_offer(s, VER_SSL2);
	return c->ssl2_form && (*f)->offered != TRI_NO && (*f)->offered != TRI_NA ? SIM_UNKNOWN_FORM : SIM_PROTOCOL;
}

static enum sim_reason without_name(const struct view *v, const struct client *c)
{
	bool named = false, nameless = false;

	if (c->sni)
		return SIM_NONE;
	if (record_tri(v->record, OBS_KEY_SNI_REQUIRED, 0) == TRI_YES)
		return SIM_SNI;
	for (size_t i = 0; i < v->chains_count; i++) {
		named = named || v->chains[i].sni == TRI_YES;
		nameless = nameless || v->chains[i].sni != TRI_YES;
	}
	return named && !nameless ? SIM_UNKNOWN_SNI : SIM_NONE;
}

static enum sim_reason finish13(const struct view *v, const struct client *c, const struct offer *f, struct sim *m)
{
	enum sim_reason group, r;

	group = sim_pick_group(c, f, KEY_NONE, &m->group);
	if (group != SIM_NONE && !sim_only_which(group))
		return group;
	r = sim_pick_certificate(c, f, &m->cert);
	if (r != SIM_NONE)
		return r;
	m->forward_secret = true;
	r = sim_look_at_chain(v, c, f->version, m->cert);
	return r != SIM_NONE ? r : group;
}

static enum sim_reason finish12(const struct view *v, const struct client *c, const struct offer *f,
        const struct cipher *x, struct sim *m)
{
	enum sim_reason group = SIM_NONE, r;

	m->cert = sim_key_of(x);
	m->forward_secret = x->flags & SUITE_FS;
	if (x->exchange == KX_ECDHE)
		group = sim_pick_group(c, f, m->cert, &m->group);
	if (x->exchange == KX_DHE)
		group = sim_finish_dhe(c, f, m);
	if (group != SIM_NONE && !sim_only_which(group))
		return group;
	r = sim_look_at_chain(v, c, f->version, m->cert);
	return r != SIM_NONE ? r : group;
}

static enum sim_reason negotiate(struct server *s, const struct client *c, const struct without *w, struct sim *m)
{
	const struct cipher *x;
	struct offer *f;
	enum sim_reason r = pick_version(s, c, w, &f);

	if (r == SIM_NONE)
		r = without_name(s->view, c);
	if (r != SIM_NONE)
		return r;
	m->version = f->version;
	r = sim_pick_suite(s, c, f, &x);
	if (r != SIM_NONE)
		return r;
	m->suite = x->code;
	return f->version == VER_TLS13 ? finish13(s->view, c, f, m) : finish12(s->view, c, f, x, m);
}

static struct sim *rows_of(struct server *s, const struct client *list, size_t n, const struct without *w)
{
	struct sim *rows = arena_new(s->view->arena, n + 1, sizeof *rows);

	for (size_t i = 0; i < n; i++) {
		rows[i].client = &list[i];
		end(&rows[i], negotiate(s, &list[i], w, &rows[i]));
	}
	return rows;
}

struct sims simulate_all(const struct view *v, const struct without *w)
{
	struct sims all = { 0 };
	struct server s;

	sim_server_open(&s, v, w);
	all.known = rows_of(&s, clients, clients_count, w);
	all.own_n = v->own ? v->own->n : 0;
	all.own = rows_of(&s, v->own ? v->own->v : NULL, all.own_n, w);
	arena_free(&s.scratch);
	return all;
}

struct sim *simulate(const struct view *v, const struct without *w)
{
	return simulate_all(v, w).known;
}

const struct sim *simulated(struct view *v)
{
	struct sims all;

	if (!v->sims) {
		all = simulate_all(v, NULL);
		sim_add_measured(v, &all);
		v->sims = all.known;
		v->own_sims = all.own;
	}
	return v->sims;
}
