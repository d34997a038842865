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
	size_t n = a->description_n < b->description_n ? a->description_n : b->description_n;
	int c = n ? memcmp(a->description, b->description, n) : 0;

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

struct pair {
	struct codes offered;
	uint32_t pick;
};

struct pairs {
	struct pair *v;
	size_t n;
	uint32_t *taken; /* every code picked, in the order of the newest lists */
	size_t taken_n;
};

static bool among(const uint32_t *v, size_t n, uint32_t code)
{
	return codes_has((struct codes){ v, n }, code);
}

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

		if (choice_picked(c, version) && c->hello->version == version && n > most)
			most = n;
	}
	return most;
}

static bool is_free(const struct facts *f, const struct choice *c, enum dimension d)
{
	if (d != DIM_SUITES)
		return true;
	return c->version >= VER_TLS13 || (c->hello->groups.n == widest(f, c->version, DIM_GROUPS) &&
						  c->hello->schemes.n == widest(f, c->version, DIM_SCHEMES));
}

static bool is_ffdhe(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->kind == GROUP_FFDHE;
}

static bool counts(const struct choice *c, enum dimension d, uint16_t version, enum cert_key key)
{
	if (!choice_picked(c, version) || c->hello->version != version || !dimension_pick(c, d))
		return false;
	/* A scheme that was not asked for is a breach, not a choice. */
	if (d == DIM_SCHEMES && c->hello->schemes.n && !codes_has(c->hello->schemes, c->scheme))
		return false;
	/* Up to TLS 1.2 a DHE suite and a curve never stand for choice: the finite fields are listed apart. */
	if (d == DIM_GROUPS && version < VER_TLS13 && is_ffdhe(c->group))
		return false;
	return key == KEY_NONE || c->cert == key;
}

static struct pairs collect(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key)
{
	struct pairs p = {
		.v = arena_new(f->arena, f->count + 1, sizeof *p.v),
		.taken = arena_new(f->arena, f->count + 1, sizeof *p.taken),
	};

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		uint32_t pick;

		if (!counts(c, d, version, key))
			continue;
		pick = dimension_pick(c, d);
		if (!among(p.taken, p.taken_n, pick))
			p.taken[p.taken_n++] = pick;
		if (is_free(f, c, d) && codes_has(dimension_offered(c->hello, d), pick))
			p.v[p.n++] = (struct pair){ dimension_offered(c->hello, d), pick };
	}
	return p;
}

/* The first offered code that the server is known to take. */
static uint32_t first_taken(const struct pairs *p, struct codes offered)
{
	for (size_t i = 0; i < offered.n; i++)
		if (among(p->taken, p->taken_n, offered.v[i]))
			return offered.v[i];
	return 0;
}

static bool client_decides(const struct pairs *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].pick != first_taken(p, p->v[i].offered))
			return false;
	return true;
}

/* Was `code` passed over for another that is not ranked yet? */
static bool beaten(const struct pairs *p, uint32_t code, const uint32_t *ranked, size_t n)
{
	for (size_t i = 0; i < p->n; i++) {
		uint32_t winner = p->v[i].pick;

		if (winner != code && codes_has(p->v[i].offered, code) && !among(ranked, n, winner))
			return true;
	}
	return false;
}

static bool best_next(const struct pairs *p, const uint32_t *ranked, size_t n, uint32_t *next)
{
	for (size_t i = 0; i < p->taken_n; i++) {
		uint32_t code = p->taken[i];

		if (!among(ranked, n, code) && !beaten(p, code, ranked, n)) {
			*next = code;
			return true;
		}
	}
	return false;
}

/* Ranks by "picked over"; false when the picks contradict every order. */
static bool server_ranks(const struct pairs *p, uint32_t *ranked)
{
	for (size_t n = 0; n < p->taken_n; n++)
		if (!best_next(p, ranked, n, &ranked[n]))
			return false;
	return true;
}

static bool is_chacha(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	return s && !strncmp(s->enc, "CHACHA20", 8);
}

static uint32_t first_offered(const struct pairs *p, struct codes offered)
{
	(void)p;
	return offered.n ? offered.v[0] : 0;
}

/*
 * The server's order, but a hello that puts ChaCha20 first gets it: the pairs of other hellos must rank. Servers differ in
 * what "first" is: first of all offered, or of those that they know.
 */
static bool chacha_ranks(const struct facts *f, const struct pairs *p, uint32_t (*first)(const struct pairs *, struct codes),
	uint32_t *ranked)
{
	struct pairs rest = *p;

	rest.v = arena_new(f->arena, p->n + 1, sizeof *rest.v);
	rest.n = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (!is_chacha(first(p, p->v[i].offered)))
			rest.v[rest.n++] = p->v[i];
		else if (!is_chacha(p->v[i].pick))
			return false;
	}
	return server_ranks(&rest, ranked);
}

static struct codes only_taken(const struct facts *f, const struct pairs *p, struct codes offered)
{
	uint32_t *v = arena_new(f->arena, offered.n + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < offered.n; i++)
		if (among(p->taken, p->taken_n, offered.v[i]))
			v[n++] = offered.v[i];
	return (struct codes){ v, n };
}

static size_t place(struct codes c, uint32_t code)
{
	for (size_t i = 0; i < c.n; i++)
		if (c.v[i] == code)
			return i;
	return 0;
}

/*
 * Some servers read only the front of a list (mbedTLS 11 of the groups that it knows). What stood behind the farthest
 * place that was ever picked from may not have been read: without it, do the picks fit one order?
 */
static bool front_ranks(const struct facts *f, const struct pairs *p, uint32_t *ranked)
{
	struct pairs front = *p;
	size_t read = 0;

	front.v = arena_new(f->arena, p->n + 1, sizeof *front.v);
	for (size_t i = 0; i < p->n; i++) {
		front.v[i] = (struct pair){ only_taken(f, p, p->v[i].offered), p->v[i].pick };
		if (place(front.v[i].offered, p->v[i].pick) >= read)
			read = place(front.v[i].offered, p->v[i].pick) + 1;
	}
	for (size_t i = 0; i < p->n; i++)
		if (front.v[i].offered.n > read)
			front.v[i].offered.n = read;
	return server_ranks(&front, ranked);
}

/* Without an order of the server's, codes stand in numerical order. */
static void sort_by_code(struct pairs *p)
{
	for (size_t i = 1; i < p->taken_n; i++)
		for (size_t j = i; j > 0 && p->taken[j] < p->taken[j - 1]; j--) {
			uint32_t t = p->taken[j];

			p->taken[j] = p->taken[j - 1];
			p->taken[j - 1] = t;
		}
}

/* Sets the list, too: in the order of the picks wherever they fit one. */
static const char *decide(const struct facts *f, const struct pairs *p, uint32_t *ranked, uint32_t **list)
{
	bool client = client_decides(p);

	*list = ranked;
	if (server_ranks(p, ranked)) /* both fit: no question told them apart */
		return p->taken_n < 2 ? "none" : client ? "unknown" : "server";
	if (!client && (chacha_ranks(f, p, first_offered, ranked) || chacha_ranks(f, p, first_taken, ranked)))
		return "server-chacha";
	if (!client && front_ranks(f, p, ranked))
		return "server";
	*list = p->taken;
	return client ? "client" : "unknown";
}

struct ranking facts_rank(const struct facts *f, enum dimension d, uint16_t version, enum cert_key key)
{
	struct pairs p = collect(f, d, version, key);
	uint32_t *ranked = arena_new(f->arena, p.taken_n + 1, sizeof *ranked);
	const char *order;
	uint32_t *list;

	sort_by_code(&p);
	order = decide(f, &p, ranked, &list);
	return (struct ranking){ { list, p.taken_n }, order };
}
