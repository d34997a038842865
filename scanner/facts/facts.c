#include "scanner/facts/facts.h"

#include <stdlib.h>
#include <string.h>

struct choice *facts_choice(struct facts *f)
{
	f->choices = arena_push(f->arena, f->choices, f->count, sizeof *f->choices);
	f->choices[f->count] = (struct choice){ 0 };
	return &f->choices[f->count++];
}

static int by_description(const void *pa, const void *pb)
{
	const struct choice *a = pa, *b = pb;
	size_t n;
	int c;

	if (a->asker != b->asker)
		return a->asker < b->asker ? -1 : 1;
	n = a->description_n < b->description_n ? a->description_n : b->description_n;
	c = n ? memcmp(a->description, b->description, n) : 0;
	if (c)
		return c;
	return (a->description_n > b->description_n) - (a->description_n < b->description_n);
}

void facts_sort(struct facts *f)
{
	if (f->count)
		qsort(f->choices, f->count, sizeof *f->choices, by_description);
}

bool choice_picked(const struct choice *c, uint16_t version)
{
	return (c->kind == ANS_SERVER_HELLO || c->kind == ANS_RETRY) && (!version || c->version == version);
}

bool choice_has_extension(const struct choice *c, uint16_t extension)
{
	for (size_t i = 0; i < c->exts_count; i++)
		if (c->exts[i] == extension)
			return true;
	return false;
}

bool facts_offers(const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], version))
			return true;
	return false;
}

uint16_t facts_newest_clear(const struct facts *f)
{
	for (uint16_t v = VER_TLS12; v >= VER_SSL3; v--)
		if (facts_offers(f, v))
			return v;
	return 0;
}

struct codes dimension_offered(const struct hello *h, enum dimension d)
{
	switch (d) {
	case DIM_SUITES:
		return h->suites;
	case DIM_GROUPS:
		return h->groups;
	default:
		return h->schemes;
	}
}

uint32_t dimension_pick(const struct choice *c, enum dimension d)
{
	switch (d) {
	case DIM_SUITES:
		return c->suite;
	case DIM_GROUPS:
		return c->group;
	default:
		return c->scheme;
	}
}

/* ---- ranking: from (offered, picked) pairs to an order -------------------------------------------------------------- */

/* One answer, reduced to the codes that the server is known to take: indices into `taken`, in the order offered. */
struct pair {
	const uint16_t *known;
	size_t n;
	uint16_t pick;
	uint32_t first; /* the very first code offered, known or not */
};

struct pairs {
	struct arena *scratch;
	struct pair *v;
	size_t n;
	uint32_t *taken; /* every code picked, in numerical order */
	size_t taken_n;
	uint64_t is_taken[65536 / 64]; /* one bit a code: most of what is offered is never picked */
};

/*
 * A pick of one dimension is its own only when the others left it free: a suite is chosen freely when every group and
 * scheme could have been used with it. The widest lists that were offered for this version stand for "every".
 */
static size_t widest(const struct facts *f, uint16_t version, enum dimension d)
{
	size_t most = 0;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		size_t n = dimension_offered(c->hello, d).n;

		if (!c->hello->mimics && choice_picked(c, version) && c->hello->version == version && n > most)
			most = n;
	}
	return most;
}

static bool is_free(const struct choice *c, enum dimension d, size_t groups_n, size_t schemes_n)
{
	return d != DIM_SUITES || c->version >= VER_TLS13 ||
	       (c->hello->groups.n == groups_n && c->hello->schemes.n == schemes_n);
}

static bool is_ffdhe(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->kind == GROUP_FFDHE;
}

bool choice_names_another(const struct facts *f, const struct choice *c)
{
	return c->hello->sni && (!f->sni || strcmp(c->hello->sni, f->sni) != 0);
}

static bool counts(const struct facts *f, const struct choice *c, enum dimension d, uint16_t version, enum cert_key key)
{
	if (c->hello->mimics || !choice_picked(c, version) || c->hello->version != version || !dimension_pick(c, d))
		return false;
	if (choice_names_another(f, c))
		return false;
	/* A scheme that was not asked for is a breach, not a choice. */
	if (d == DIM_SCHEMES && c->hello->schemes.n && !codes_has(c->hello->schemes, c->scheme))
		return false;
	/* Whoever names no server may get another certificate, and so another scheme: in TLS 1.3 one for each curve. */
	if (d == DIM_SCHEMES && version >= VER_TLS13 && f->sni && !c->hello->sni)
		return false;
	/* Up to TLS 1.2 a DHE suite and a curve never stand for choice: the finite fields are listed apart. */
	if (d == DIM_GROUPS && version < VER_TLS13 && is_ffdhe(c->group))
		return false;
	return key == KEY_NONE || c->cert == key;
}

static int by_code(const void *pa, const void *pb)
{
	const uint32_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

/* The index of a code among those taken; taken_n when it is not. */
static size_t place_of(const struct pairs *p, uint32_t code)
{
	const uint32_t *at = NULL;

	if (code < 65536 && p->is_taken[code / 64] >> code % 64 & 1)
		at = bsearch(&code, p->taken, p->taken_n, sizeof code, by_code);
	return at ? (size_t)(at - p->taken) : p->taken_n;
}

static void collect_taken(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key, struct pairs *p)
{
	p->taken = arena_new(p->scratch, f->count + 1, sizeof *p->taken);
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		uint16_t pick = (uint16_t)dimension_pick(c, d);

		if (!counts(f, c, d, version, key) || p->is_taken[pick / 64] >> pick % 64 & 1)
			continue;
		p->is_taken[pick / 64] |= UINT64_C(1) << pick % 64;
		p->taken[p->taken_n++] = pick;
	}
	if (p->taken_n)
		qsort(p->taken, p->taken_n, sizeof *p->taken, by_code);
}

static struct pair reduce(struct pairs *p, struct codes offered, uint32_t pick)
{
	uint16_t *known = arena_new(p->scratch, offered.n, sizeof *known);
	size_t n = 0;

	for (size_t i = 0; i < offered.n; i++) {
		size_t place = place_of(p, offered.v[i]);

		if (place < p->taken_n)
			known[n++] = (uint16_t)place;
	}
	return (struct pair){ known, n, (uint16_t)place_of(p, pick), offered.v[0] };
}

static void collect(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key, struct pairs *p)
{
	size_t groups_n = widest(f, version, DIM_GROUPS), schemes_n = widest(f, version, DIM_SCHEMES);

	collect_taken(f, d, version, key, p);
	p->v = arena_new(p->scratch, f->count + 1, sizeof *p->v);
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		struct codes offered = dimension_offered(c->hello, d);

		if (counts(f, c, d, version, key) && is_free(c, d, groups_n, schemes_n) &&
			codes_has(offered, dimension_pick(c, d)))
			p->v[p->n++] = reduce(p, offered, dimension_pick(c, d));
	}
}

static bool client_decides(const struct pairs *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].pick != p->v[i].known[0])
			return false;
	return true;
}

/* The graph of who was picked over whom. */
struct graph {
	size_t n;
	bool *beats;     /* [winner * n + loser] */
	size_t *lost_to; /* how many winners over this one are not ranked yet */
	bool *ranked;
};

static struct graph graph_of(const struct pairs *p)
{
	struct graph g = {
		.n = p->taken_n,
		.beats = arena_new(p->scratch, p->taken_n * p->taken_n, sizeof *g.beats),
		.lost_to = arena_new(p->scratch, p->taken_n, sizeof *g.lost_to),
		.ranked = arena_new(p->scratch, p->taken_n, sizeof *g.ranked),
	};

	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->v[i].n; k++) {
			uint16_t winner = p->v[i].pick, loser = p->v[i].known[k];
			bool *edge = &g.beats[winner * g.n + loser];

			if (winner != loser && !*edge) {
				*edge = true;
				g.lost_to[loser]++;
			}
		}
	return g;
}

static size_t unbeaten(const struct graph *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!g->ranked[i] && !g->lost_to[i])
			return i;
	return g->n;
}

/* Ranks by "picked over"; false when the picks contradict every order. */
static bool server_ranks(const struct pairs *p, uint32_t *ranked)
{
	struct graph g = graph_of(p);

	for (size_t n = 0; n < g.n; n++) {
		size_t best = unbeaten(&g);

		if (best == g.n)
			return false;
		g.ranked[best] = true;
		ranked[n] = p->taken[best];
		for (size_t i = 0; i < g.n; i++)
			g.lost_to[i] -= g.beats[best * g.n + i];
	}
	return true;
}

static bool is_chacha(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && !strncmp(s->enc, "CHACHA20", 8);
}

static uint32_t first_offered(const struct pairs *p, const struct pair *pair)
{
	(void)p;
	return pair->first;
}

static uint32_t first_taken(const struct pairs *p, const struct pair *pair)
{
	return p->taken[pair->known[0]];
}

/*
 * The server's order, but a hello that puts ChaCha20 first gets it: the pairs of other hellos must rank. Servers differ in
 * what "first" is: first of all offered, or of those that they know.
 */
static bool chacha_ranks(const struct pairs *p, uint32_t (*first)(const struct pairs *, const struct pair *), uint32_t *ranked)
{
	struct pairs rest = *p;

	rest.v = arena_new(p->scratch, p->n + 1, sizeof *rest.v);
	rest.n = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (!is_chacha(first(p, &p->v[i])))
			rest.v[rest.n++] = p->v[i];
		else if (!is_chacha(p->taken[p->v[i].pick]))
			return false;
	}
	return server_ranks(&rest, ranked);
}

static bool is_aes_gcm(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && !strncmp(s->enc, "AES", 3) && strstr(s->enc, "GCM");
}

/* What is known of the offer, without AES-GCM. */
static struct pair without_gcm(const struct pairs *p, const struct pair *pair)
{
	uint16_t *known = arena_new(p->scratch, pair->n, sizeof *known);
	size_t n = 0;

	for (size_t i = 0; i < pair->n; i++)
		if (!is_aes_gcm(p->taken[pair->known[i]]))
			known[n++] = pair->known[i];
	return (struct pair){ known, n, pair->pick, pair->first };
}

/*
 * The same told from the other side (Go's servers): ChaCha20 leads, but for a hello that puts AES-GCM first. Ranks as such
 * hellos are answered; where others were given ChaCha20, it stood before all but AES-GCM.
 */
static bool gcm_ranks(const struct pairs *p, uint32_t *ranked)
{
	struct pairs rest = *p;

	rest.v = arena_copy(p->scratch, p->v, p->n * sizeof *rest.v);
	for (size_t i = 0; i < p->n; i++)
		if (!is_aes_gcm(p->v[i].first) && is_chacha(p->taken[p->v[i].pick]))
			rest.v[i] = without_gcm(p, &p->v[i]);
	return server_ranks(&rest, ranked);
}

static size_t depth(const struct pair *pair)
{
	size_t i = 0;

	while (pair->known[i] != pair->pick)
		i++;
	return i + 1;
}

/*
 * Some servers read only the front of a list (mbedTLS 11 of the groups that it knows). What stood behind the farthest
 * place that was ever picked from may not have been read: without it, do the picks fit one order?
 */
static bool front_ranks(const struct pairs *p, uint32_t *ranked)
{
	struct pairs front = *p;
	size_t read = 0;

	front.v = arena_copy(p->scratch, p->v, p->n * sizeof *front.v);
	for (size_t i = 0; i < p->n; i++)
		read = depth(&p->v[i]) > read ? depth(&p->v[i]) : read;
	for (size_t i = 0; i < p->n; i++)
		if (front.v[i].n > read)
			front.v[i].n = read;
	return server_ranks(&front, ranked);
}

/* Sets the list, too: in the order of the picks wherever they fit one, else in numerical order. */
static const char *decide(const struct pairs *p, uint32_t *ranked, uint32_t **list)
{
	bool client = client_decides(p);

	*list = ranked;
	if (server_ranks(p, ranked)) /* both fit: no question told them apart */
		return p->taken_n < 2 ? "none" : client ? "unknown" : "server";
	if (!client && (chacha_ranks(p, first_offered, ranked) || chacha_ranks(p, first_taken, ranked)))
		return "server-chacha";
	if (!client && gcm_ranks(p, ranked))
		return "server-chacha";
	if (!client && front_ranks(p, ranked))
		return "server";
	*list = p->taken;
	return client ? "client" : "unknown";
}

bool ranking_is_open(const struct ranking *r)
{
	return r->list.n > 1 && !strcmp(r->order, "unknown");
}

struct codes facts_taken(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key)
{
	struct pairs p = { .scratch = f->arena };

	collect_taken(f, d, version, key, &p);
	return (struct codes){ p.taken, p.taken_n };
}

struct ranking facts_rank(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key)
{
	struct arena scratch = { 0 };
	struct pairs p = { .scratch = &scratch };
	struct ranking r;
	uint32_t *ranked, *list;

	collect(f, d, version, key, &p);
	ranked = arena_new(&scratch, p.taken_n, sizeof *ranked);
	r.order = decide(&p, ranked, &list);
	r.list = (struct codes){ arena_copy(f->arena, list, p.taken_n * sizeof *list), p.taken_n };
	arena_free(&scratch);
	return r;
}
