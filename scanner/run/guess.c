#include "scanner/run/guess.h"

#include <string.h>

/* ---- presets ------------------------------------------------------------------------------------------------------------ */

struct preset {
	const char *name;
	const uint16_t *v;
	size_t n;
};

#define CODES_OF(...) (const uint16_t[]){ __VA_ARGS__ }, sizeof((const uint16_t[]){ __VA_ARGS__ }) / sizeof(uint16_t)
#define NONE(...)
#define ROW(name, ...) { name, CODES_OF(__VA_ARGS__) },

static const struct preset suites12[] = {
#define SUITES ROW
#define GROUPS NONE
#define SCHEMES NONE
#define SIGNATURES NONE
#include "scanner/run/presets.def"
#undef SUITES
#undef GROUPS
};

static const struct preset groups_[] = {
#define SUITES NONE
#define GROUPS ROW
#include "scanner/run/presets.def"
#undef GROUPS
#undef SCHEMES
};

static const struct preset schemes_[] = {
#define GROUPS NONE
#define SCHEMES ROW
#include "scanner/run/presets.def"
#undef SUITES
#undef GROUPS
#undef SCHEMES
};

static const struct preset schemes13[] = {
#define SUITES NONE
#define GROUPS NONE
#define SCHEMES NONE
#undef SIGNATURES
#define SIGNATURES ROW
#include "scanner/run/presets.def"
#undef SUITES
#undef GROUPS
#undef SCHEMES
#undef SIGNATURES
};

static const struct preset suites13[] = {
	ROW("openssl", 0x1302, 0x1303, 0x1301)
	ROW("go", 0x1301, 0x1302, 0x1303)
	ROW("aes", 0x1302, 0x1301)
	ROW("openssl-all", 0x1302, 0x1303, 0x1301, 0x1305, 0x1304)
};

#define PRESETS(list) { list, sizeof list / sizeof *list }
static const struct { const struct preset *v; size_t n; } presets[] = {
	[GUESS_SUITES13] = PRESETS(suites13),
	[GUESS_SUITES12] = PRESETS(suites12),
	[GUESS_GROUPS13] = PRESETS(groups_),
	[GUESS_GROUPS12] = PRESETS(groups_),
	[GUESS_SCHEMES12] = PRESETS(schemes_),
	[GUESS_SCHEMES13] = PRESETS(schemes13),
};

/* ---- lists -------------------------------------------------------------------------------------------------------------- */

static size_t place_in(const struct guess_list *l, uint32_t code)
{
	size_t i = 0;

	while (i < l->n && l->v[i] != code)
		i++;
	return i;
}

static bool has(const struct guess_list *l, uint32_t code)
{
	return code < 65536 && l->bits[code / 64] >> code % 64 & 1;
}

static void mark(uint64_t *bits, uint32_t code)
{
	bits[code / 64 % 1024] |= UINT64_C(1) << code % 64;
}

static void insert(struct guess_list *l, size_t at, uint16_t code)
{
	if (l->n == GUESS_CODES_MAX)
		return;
	memmove(l->v + at + 1, l->v + at, (l->n - at) * sizeof *l->v);
	l->v[at] = code;
	l->n++;
	mark(l->bits, code);
}

static void take_out(struct guess_list *l, uint32_t code)
{
	size_t at;

	if (!has(l, code))
		return;
	at = place_in(l, code);
	memmove(l->v + at, l->v + at + 1, (l->n - at - 1) * sizeof *l->v);
	l->n--;
	l->bits[code / 64] &= ~(UINT64_C(1) << code % 64);
}

/* ---- evidence ----------------------------------------------------------------------------------------------------------- */

/* Which list decided what was picked: by version and column. */
static enum guess_list_id list_for(uint16_t version, enum dimension d)
{
	if (d == DIM_SUITES)
		return version >= VER_TLS13 ? GUESS_SUITES13 : GUESS_SUITES12;
	if (d == DIM_GROUPS)
		return version >= VER_TLS13 ? GUESS_GROUPS13 : GUESS_GROUPS12;
	return version >= VER_TLS13 ? GUESS_SCHEMES13 : GUESS_SCHEMES12;
}

static bool is_evidence(const struct facts *f, const struct choice *c)
{
	return !c->hello->mimics && c->hello->version >= VER_SSL3 && c->hello->version <= VER_TLS13 &&
	       !choice_names_another(f, c);
}

static bool is_ffdhe(uint32_t code)
{
	const struct group *g = group_find((uint16_t)code);

	return g && g->kind == GROUP_FFDHE;
}

/* What this choice says of a list: the code that was picked from it; 0: nothing. */
static uint32_t pick_from(const struct choice *c, enum dimension d)
{
	uint32_t pick = dimension_pick(c, d);

	if (!choice_picked(c, c->hello->version) || (d == DIM_SCHEMES && c->version < VER_TLS12))
		return 0;
	if (d == DIM_GROUPS && c->version < VER_TLS13 && is_ffdhe(pick))
		return 0;
	return pick && codes_has(dimension_offered(c->hello, d), pick) ? pick : 0;
}

/* Up to TLS 1.2 schemes are compared among those of one kind of key: the suite says which. */
static bool rivals(enum guess_list_id id, uint32_t a, uint32_t b)
{
	const struct scheme *x, *y;

	if (id != GUESS_SCHEMES12)
		return true;
	x = scheme_find((uint16_t)a);
	y = scheme_find((uint16_t)b);
	return x && y && x->key == y->key;
}

/* ---- fitting one list ------------------------------------------------------------------------------------------------- */

enum needs { NEEDS_RSA = 1, NEEDS_ECDSA = 2, NEEDS_DHE = 4, NEEDS_NOTHING = 8, NEEDS_DSA = 16, NEEDS_ALL = 31 };

static int needs_of_scheme(uint32_t code)
{
	const struct scheme *s = scheme_find((uint16_t)code);

	return !s ? 0 : s->key == KEY_RSA ? NEEDS_RSA : s->key == KEY_ECDSA ? NEEDS_ECDSA : 0;
}

static int needs_of(uint32_t code)
{
	const struct suite *s = suite_find((uint16_t)code);

	if (!s || suite_is_tls13(s))
		return 0;
	return (s->auth == AUTH_RSA ? NEEDS_RSA : 0) | (s->auth == AUTH_ECDSA ? NEEDS_ECDSA : 0) |
	       (s->kx == KX_DHE ? NEEDS_DHE : 0) | (s->auth == AUTH_DSS ? NEEDS_DSA : 0) | (s->auth == AUTH_NULL ? NEEDS_NOTHING : 0);
}

static void fill(struct guess_list *l, const struct preset *p, bool client, int allowed, int (*needs)(uint32_t))
{
	*l = (struct guess_list){ .client = client };
	for (size_t i = 0; i < p->n; i++)
		if (!needs || !(needs(p->v[i]) & ~allowed))
			insert(l, l->n, p->v[i]);
}

/* One answer that says something of the list at hand. */
struct hint {
	struct codes offered;
	uint64_t bits[65536 / 64]; /* of what was offered: what could have been picked */
	uint32_t pick;
};

static bool can_be_picked(uint32_t code, enum dimension d, uint16_t version)
{
	const struct suite *s = d == DIM_SUITES ? suite_find((uint16_t)code) : NULL;

	return d != DIM_SUITES || (s && s->min_version <= version);
}

static bool in(const struct hint *h, uint32_t code)
{
	return code < 65536 && h->bits[code / 64] >> code % 64 & 1;
}

static void hint_set(struct hint *h, struct codes offered, enum dimension d, uint16_t version, uint32_t pick)
{
	h->offered = offered;
	h->pick = pick;
	for (size_t i = 0; i < offered.n; i++)
		if (can_be_picked(offered.v[i], d, version))
			mark(h->bits, offered.v[i]);
}

struct fitting {
	const struct facts *seen;
	enum guess_list_id id;
	enum dimension dimension;
	struct hint *v;
	size_t n;
};

static bool concerns(const struct fitting *t, const struct choice *c)
{
	return is_evidence(t->seen, c) && list_for(c->hello->version, t->dimension) == t->id;
}

static void collect(struct fitting *t, struct arena *scratch)
{
	t->v = arena_new(scratch, t->seen->count, sizeof *t->v);
	for (size_t i = 0; i < t->seen->count; i++) {
		const struct choice *c = &t->seen->choices[i];
		uint32_t pick = concerns(t, c) ? pick_from(c, t->dimension) : 0;

		if (pick)
			hint_set(&t->v[t->n++], dimension_offered(c->hello, t->dimension), t->dimension, c->hello->version, pick);
	}
}

/* Which of the offered codes the list puts first, among rivals of the one that was picked; 0: none. */
static uint32_t first_of(const struct guess_list *l, enum guess_list_id id, const struct hint *e)
{
	if (l->client) {
		for (size_t i = 0; i < e->offered.n; i++)
			if (has(l, e->offered.v[i]) && in(e, e->offered.v[i]) && rivals(id, e->offered.v[i], e->pick))
				return e->offered.v[i];
		return 0;
	}
	for (size_t i = 0; i < l->n; i++)
		if (in(e, l->v[i]) && rivals(id, l->v[i], e->pick))
			return l->v[i];
	return 0;
}

static unsigned mismatches(const struct fitting *t, const struct guess_list *l, unsigned most)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->n && n < most; i++)
		n += first_of(l, t->id, &t->v[i]) != t->v[i].pick;
	return n;
}

/* The preset, and the order, with the fewest answers against it; the first of equals, and before all the former guess. */
static void choose(const struct fitting *t, struct guess_list *best, bool client_first, int keys)
{
	static const int certificates[] = { NEEDS_RSA | NEEDS_ECDSA, NEEDS_RSA, NEEDS_ECDSA };
	static const int others[] = { NEEDS_DHE | NEEDS_NOTHING, NEEDS_DHE, NEEDS_NOTHING, 0 };
	enum { WELL = 2 };
	struct guess_list l;
	unsigned fewest = best->n ? mismatches(t, best, UINT32_MAX) : UINT32_MAX;
	bool is_suites = t->id == GUESS_SUITES12;

	if (best->n && fewest <= WELL && t->n > 2 * WELL)
		return;
	for (size_t i = 0; i < presets[t->id].n; i++)
		for (int client = 0; client < 2; client++)
			for (size_t k = 0; k < (is_suites ? 12 : 1); k++) {
				unsigned n;

				fill(&l, &presets[t->id].v[i], client != client_first,
					is_suites ? certificates[k % 3] | others[k / 3] : keys,
					is_suites ? needs_of : t->id == GUESS_SCHEMES13 ? needs_of_scheme : NULL);
				n = mismatches(t, &l, fewest);
				if (n < fewest) {
					fewest = n;
					*best = l;
				}
			}
}

/*
 * One answer against the list. What should have come before the pick is not taken, for presets are right about orders more often
 * than about sets; where that was wrong, another answer puts it back.
 */
static void mend_by_client(const struct fitting *t, struct guess_list *l, const struct hint *h)
{
	if (!has(l, h->pick))
		insert(l, l->n, (uint16_t)h->pick);
	for (size_t i = 0; h->offered.v[i] != h->pick; i++)
		if (in(h, h->offered.v[i]) && rivals(t->id, h->offered.v[i], h->pick))
			take_out(l, h->offered.v[i]);
}

static void mend_by_server(const struct fitting *t, struct guess_list *l, const struct hint *h)
{
	uint32_t first = first_of(l, t->id, h);

	if (!has(l, h->pick)) {
		insert(l, first ? place_in(l, first) : l->n, (uint16_t)h->pick);
		return;
	}
	for (; first && first != h->pick; first = first_of(l, t->id, h))
		take_out(l, first);
}

/* True when there was something to mend. */
static bool mend(const struct fitting *t, struct guess_list *l, const struct hint *h)
{
	if (first_of(l, t->id, h) == h->pick)
		return false;
	if (l->client)
		mend_by_client(t, l, h);
	else
		mend_by_server(t, l, h);
	return true;
}

static bool is_taken(const struct facts *f, struct codes offered, enum dimension d, uint16_t version)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], version) && codes_has(offered, dimension_pick(&f->choices[i], d)))
			return true;
	return false;
}

static bool is_whole(const struct facts *f, const struct choice *c, enum dimension d)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], c->hello->version) &&
			dimension_offered(f->choices[i].hello, d).n > dimension_offered(c->hello, d).n)
			return false;
	return true;
}

/* Of what was refused together: does this column bear it alone? */
static bool is_to_blame(const struct fitting *t, const struct choice *c)
{
	uint16_t version = c->hello->version;

	if (c->kind != ANS_ALERT || c->alert != ALERT_HANDSHAKE_FAILURE || version < VER_TLS12 || c->hello->offer & OFFER_FALLBACK_SCSV)
		return false;
	if (t->dimension == DIM_SUITES)
		return is_whole(t->seen, c, DIM_GROUPS) && is_whole(t->seen, c, DIM_SCHEMES);
	return t->dimension == DIM_GROUPS && version >= VER_TLS13 && is_taken(t->seen, c->hello->suites, DIM_SUITES, version);
}

static void strike_out_refused(const struct fitting *t, struct guess_list *l)
{
	for (size_t i = 0; i < t->seen->count; i++) {
		const struct choice *c = &t->seen->choices[i];
		struct codes refused;

		if (!concerns(t, c) || !is_to_blame(t, c))
			continue;
		refused = dimension_offered(c->hello, t->dimension);
		for (size_t k = 0; k < refused.n; k++)
			take_out(l, refused.v[k]);
	}
}

/* Which certificates there are, by what the suites up to TLS 1.2 want. */
static int keys_of(const struct guess *g, const struct facts *seen)
{
	const struct guess_list *l = &g->lists[GUESS_SUITES12];
	int keys = 0;

	for (size_t i = 0; i < l->n; i++)
		keys |= needs_of(l->v[i]);
	return facts_newest_clear(seen) ? keys : NEEDS_ALL;
}

static void fit_list(struct guess *g, const struct facts *seen, enum guess_list_id id, enum dimension d)
{
	enum { PASSES = 24 };
	struct fitting t = { seen, id, d, NULL, 0 };
	struct arena scratch = { 0 };
	bool changed = true;

	collect(&t, &scratch);
	choose(&t, &g->lists[id], id > GUESS_SUITES12 && id != GUESS_GROUPS13 && g->lists[GUESS_SUITES12].client, keys_of(g, seen));
	for (unsigned pass = 0; changed && pass < PASSES; pass++) {
		changed = false;
		for (size_t i = 0; i < t.n; i++)
			changed |= mend(&t, &g->lists[id], &t.v[i]);
	}
	strike_out_refused(&t, &g->lists[id]);
	arena_free(&scratch);
}

/* ---- versions and certificates ------------------------------------------------------------------------------------------- */

static void fit_versions(struct guess *g, const struct facts *seen)
{
	bool any = false;

	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++)
		any |= g->speaks[v - VER_SSL3] = facts_offers(seen, v);
	if (!any)
		g->speaks[VER_TLS13 - VER_SSL3] = g->speaks[VER_TLS12 - VER_SSL3] = true;
}

static void fit_certificates(struct guess *g, const struct facts *seen)
{
	g->curve = 0x0017;
	for (size_t i = 0; i < seen->count; i++)
		if (is_evidence(seen, &seen->choices[i]) && seen->choices[i].cert_curve)
			g->curve = seen->choices[i].cert_curve;
}

void guess_fit(struct guess *g, const struct facts *seen)
{
	static const enum dimension dimensions[GUESS_LISTS] = {
		[GUESS_SUITES13] = DIM_SUITES, [GUESS_SUITES12] = DIM_SUITES, [GUESS_GROUPS13] = DIM_GROUPS,
		[GUESS_GROUPS12] = DIM_GROUPS, [GUESS_SCHEMES12] = DIM_SCHEMES, [GUESS_SCHEMES13] = DIM_SCHEMES,
	};

	for (int id = 0; id < GUESS_LISTS; id++)
		fit_list(g, seen, id, dimensions[id]);
	fit_versions(g, seen);
	fit_certificates(g, seen);
}

/* ---- guessing ---------------------------------------------------------------------------------------------------------- */

static uint32_t best_of(const struct guess *g, enum guess_list_id id, enum dimension d, struct codes offered, uint32_t rival)
{
	struct hint h = { 0 };

	hint_set(&h, offered, d, VER_TLS13, rival);
	return first_of(&g->lists[id], id, &h);
}

static uint16_t any_scheme_of(enum cert_key key)
{
	return key == KEY_ECDSA ? 0x0403 : 0x0401;
}

/* The pick with this suite, as far as it goes; false: it cannot be used with this hello. */
static bool goes(const struct guess *g, const struct hello *h, const struct suite *s, struct choice *c)
{
	bool bare = h->offer & OFFER_NO_EXTENSIONS, ecc = suite_is_ecc(s), signs = s->kx == KX_DHE || s->kx == KX_ECDHE;

	c->cert = s->auth == AUTH_NULL ? KEY_NONE : s->auth == AUTH_ECDSA ? KEY_ECDSA : KEY_RSA;
	c->cert_curve = c->cert == KEY_ECDSA ? g->curve : 0;
	c->group = c->scheme = 0;
	if (h->version < s->min_version)
		return false;
	if (ecc && !bare)
		c->group = (uint16_t)best_of(g, GUESS_GROUPS12, DIM_GROUPS, h->groups, 0);
	if (signs && s->auth != AUTH_NULL && h->version == VER_TLS12)
		c->scheme = (uint16_t)best_of(g, GUESS_SCHEMES12, DIM_SCHEMES, h->schemes, any_scheme_of(c->cert));
	if (ecc && !bare && (!c->group || (c->cert == KEY_ECDSA && !codes_has(h->groups, g->curve))))
		return false;
	return !signs || s->auth == AUTH_NULL || h->version != VER_TLS12 || c->scheme;
}

static bool try_suite(const struct guess *g, const struct hello *h, uint32_t code, struct choice *c)
{
	const struct suite *s = suite_find((uint16_t)code);

	if (!s || !goes(g, h, s, c))
		return false;
	c->kind = ANS_SERVER_HELLO;
	c->version = h->version;
	c->suite = s->code;
	return true;
}

static bool pick_clear(const struct guess *g, const struct hello *h, struct choice *c)
{
	const struct guess_list *l = &g->lists[GUESS_SUITES12];

	for (size_t i = 0; l->client && i < h->suites.n; i++)
		if (has(l, h->suites.v[i]) && try_suite(g, h, h->suites.v[i], c))
			return true;
	for (size_t i = 0; !l->client && i < l->n; i++)
		if (codes_has(h->suites, l->v[i]) && try_suite(g, h, l->v[i], c))
			return true;
	return false;
}

static bool pick_tls13(const struct guess *g, const struct hello *h, bool under_keys, struct choice *c)
{
	uint32_t suite = best_of(g, GUESS_SUITES13, DIM_SUITES, h->suites, 0);
	uint32_t group = best_of(g, GUESS_GROUPS13, DIM_GROUPS, h->groups, 0);

	if (!suite || !group)
		return false;
	c->kind = codes_has(h->shares, group) ? ANS_SERVER_HELLO : ANS_RETRY;
	c->version = VER_TLS13;
	c->suite = (uint16_t)suite;
	c->group = (uint16_t)group;
	if (under_keys)
		c->scheme = (uint16_t)best_of(g, GUESS_SCHEMES13, DIM_SCHEMES, h->schemes, 0);
	c->cert = c->scheme ? scheme_find(c->scheme)->key : KEY_NONE;
	return !under_keys || c->scheme;
}

static void refuse(const struct guess *g, const struct hello *h, struct choice *c)
{
	bool known = h->version >= VER_SSL3 && h->version <= VER_TLS13;

	c->kind = ANS_ALERT;
	c->reason = REASON_ALERT;
	c->alert = known && g->speaks[h->version - VER_SSL3] ? ALERT_HANDSHAKE_FAILURE : ALERT_PROTOCOL_VERSION;
	if (h->offer & OFFER_FALLBACK_SCSV)
		c->alert = ALERT_INAPPROPRIATE_FALLBACK;
}

void guess_choice(const struct guess *g, const struct hello *h, bool under_keys, struct choice *c)
{
	bool speaks = h->version >= VER_SSL3 && h->version <= VER_TLS13 && g->speaks[h->version - VER_SSL3];

	*c = (struct choice){ .hello = h };
	if (!speaks || h->offer & OFFER_FALLBACK_SCSV ||
		!(h->version >= VER_TLS13 ? pick_tls13(g, h, under_keys, c) : pick_clear(g, h, c))) {
		*c = (struct choice){ .hello = h };
		refuse(g, h, c);
	}
}

bool guess_holds(const struct choice *a, const struct choice *b)
{
	return a->kind == b->kind && a->version == b->version && a->suite == b->suite && (a->cert == b->cert || a->version >= VER_TLS13) &&
	       (a->group == b->group || is_ffdhe(a->group) || is_ffdhe(b->group)) && a->scheme == b->scheme;
}
