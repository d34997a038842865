#include "scanner/compare/run.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/compare/few.h"
#include "scanner/compare/rules.h"
#include "scanner/trust/shared.h"

/* A key or a certificate, and where it was seen. */
struct seen {
	char *sha256, *subject; /* subject: of a certificate */
	struct few where, what; /* what: the certificates of a key */
	struct few ssl2, drowned; /* of an RSA key: where SSL 2.0 gives it away, and where only newer sessions go by it */
	char *least_host, *greatest_host;
	bool shown;             /* as the server's own: a leaf */
	uint8_t *modulus;       /* RSA, where it can be compared */
	size_t modulus_n;
	bool modulus_left;      /* RSA, too large to compare */
};

/* Sorted by fingerprint; what falls off the end is gone for good, whenever it comes. */
struct table {
	struct seen **v;
	size_t n, cap;
	bool cut;
};

struct run {
	struct table keys, certificates;
	size_t endpoints;
	char *version, *least_name, *greatest_name;
	char *first_sha256, *first_subject;
	int64_t first_end;
	struct few first_where;
	bool ssl2_open, ssl2_unasked; /* at an endpoint it is not known whether SSL 2.0 is offered, or by which key */
};

/* ---- tables ---------------------------------------------------------------------------------- */

static void seen_free(struct seen *s)
{
	few_free(&s->where);
	few_free(&s->what);
	few_free(&s->ssl2);
	few_free(&s->drowned);
	free(s->sha256);
	free(s->subject);
	free(s->least_host);
	free(s->greatest_host);
	free(s->modulus);
	free(s);
}

static size_t place_of(const struct table *t, const char *sha256)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(t->v[mid]->sha256, sha256) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct seen *insert(struct table *t, size_t at, const char *sha256)
{
	struct seen *s = mem_new(1, sizeof *s);

	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : FEW_MAX;
		t->v = mem_grow(t->v, t->cap, sizeof *t->v);
	}
	memmove(&t->v[at + 1], &t->v[at], (t->n++ - at) * sizeof *t->v);
	s->sha256 = mem_text(sha256);
	t->v[at] = s;
	return s;
}

/* NULL: it is not among those that are kept. */
static struct seen *table_at(struct table *t, const char *sha256)
{
	size_t at = place_of(t, sha256);

	if (at < t->n && !strcmp(t->v[at]->sha256, sha256))
		return t->v[at];
	t->cut |= t->n == RUN_KEPT_MAX;
	if (at == RUN_KEPT_MAX)
		return NULL;
	if (t->n == RUN_KEPT_MAX)
		seen_free(t->v[--t->n]);
	return insert(t, at, sha256);
}

static void table_free(struct table *t)
{
	while (t->n)
		seen_free(t->v[--t->n]);
	free(t->v);
}

/* ---- endpoints ------------------------------------------------------------------------------- */

static void put(char **slot, const char *text)
{
	free(*slot);
	*slot = mem_text(text);
}

static void stretch(char **least, char **greatest, const char *text)
{
	if (!*least || strcmp(text, *least) < 0)
		put(least, text);
	if (!*greatest || strcmp(text, *greatest) > 0)
		put(greatest, text);
}

static bool stretched(const char *least, const char *greatest)
{
	return least && strcmp(least, greatest) != 0;
}

/* "www.example.org@192.0.2.1:443", as a target is written. */
static char *label_of(struct arena *a, const struct record *r)
{
	const char *host = r->host ? r->host : "", *ip = r->ip ? r->ip : "";
	bool six = strchr(ip, ':') != NULL;

	return arena_printf(a, "%s%s%s%s%s:%u", strcmp(host, ip) ? host : "", strcmp(host, ip) ? "@" : "",
	        six ? "[" : "", ip, six ? "]" : "", (unsigned)r->port);
}

static void saw(struct seen *s, const struct record *r, const char *label, bool shown)
{
	few_add(&s->where, label);
	stretch(&s->least_host, &s->greatest_host, r->host ? r->host : "");
	s->shown |= shown;
}

static void keep_modulus(struct seen *s, struct span modulus)
{
	s->modulus_left = modulus.n && !shared_comparable(modulus);
	if (s->modulus || !modulus.n || s->modulus_left)
		return;
	s->modulus = mem_new(modulus.n, 1);
	memcpy(s->modulus, modulus.p, modulus.n);
	s->modulus_n = modulus.n;
}

static void note_expiry(struct run *run, const struct cert_info *c, const char *label)
{
	bool none = !run->first_sha256;
	int order = none ? 0 : strcmp(c->sha256, run->first_sha256);

	if (!none && (c->not_after > run->first_end || (c->not_after == run->first_end && order > 0)))
		return;
	if (none || order) {
		few_free(&run->first_where);
		put(&run->first_sha256, c->sha256);
		put(&run->first_subject, c->subject ? c->subject : "");
		run->first_end = c->not_after;
	}
	few_add(&run->first_where, label);
}

static bool is_shown(const struct record *r, const struct cert_info *c)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CHAIN_SERVED && r->obs[i].count && !strcmp(r->obs[i].names[0], c->sha256))
			return true;
	return false;
}

/* ---- DROWN: what SSL 2.0 gives away is the RSA key exchange of every server with the key (Aviram and others, 2016) ---- */

static enum tri offers_ssl2(const struct record *r)
{
	return record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2);
}

static bool list_has_rsa(const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct suite *s = suite_find((uint16_t)o->codes[i]);

		if (s && s->kx == KX_RSA)
			return true;
	}
	return false;
}

/* Is the key itself used to exchange keys, in a version after SSL 2.0? */
static enum tri exchanges_by_rsa(const struct record *r)
{
	enum tri t = TRI_NO;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != OBS_KEY_SUITES_LIST || o->protocol == VER_SSL2)
			continue;
		if (list_has_rsa(o))
			return TRI_YES;
		t = o->reason ? TRI_UNKNOWN : t;
	}
	return t;
}

/* Does SSL 2.0 there answer what the attack asks? */
static enum tri drowns(const struct record *r)
{
	enum tri shown = record_tri(r, OBS_KEY_DROWN, VER_SSL2), offered = offers_ssl2(r);

	return offered == TRI_YES ? shown : offered;
}

static void note_drown(struct run *run, struct seen *key, const struct record *r, const char *label)
{
	enum tri rsa = exchanges_by_rsa(r);

	if (drowns(r) == TRI_YES)
		few_add(&key->ssl2, label);
	else if (rsa == TRI_YES)
		few_add(&key->drowned, label);
	run->ssl2_open |= rsa == TRI_UNKNOWN;
}

/* A certificate of SSL 2.0 is not read: one that only it shows is not known. */
static void note_ssl2(struct run *run, const struct record *r)
{
	bool rsa = false;

	for (size_t i = 0; i < r->certs_count; i++)
		rsa |= r->certs[i].key == KEY_RSA && !r->certs[i].malformed && is_shown(r, &r->certs[i]);
	run->ssl2_unasked |= drowns(r) == TRI_ABSENT;
	run->ssl2_open |= drowns(r) == TRI_UNKNOWN || (drowns(r) == TRI_YES && !rsa);
}

static void add_certificate(struct run *run, const struct record *r, const struct cert_info *c, const char *label)
{
	bool shown = is_shown(r, c);
	struct seen *cert = shown ? table_at(&run->certificates, c->sha256) : NULL, *held;
	struct arena scratch = { 0 };
	struct shared_key key;

	note_expiry(run, c, label);
	if (cert) {
		saw(cert, r, label, true);
		put(&cert->subject, c->subject ? c->subject : "");
	}
	held = shared_key_of(&scratch, c->pem, &key) ? table_at(&run->keys, key.sha256) : NULL;
	if (held) {
		saw(held, r, label, shown);
		few_add(&held->what, c->sha256);
		keep_modulus(held, key.modulus);
		if (shown && c->key == KEY_RSA)
			note_drown(run, held, r, label);
	}
	arena_free(&scratch);
}

void run_add(struct run *run, const struct record *r)
{
	struct arena scratch = { 0 };
	const char *label;

	if (!r->ip || !r->obs_count)
		return;
	label = label_of(&scratch, r);
	run->endpoints++;
	stretch(&run->least_name, &run->greatest_name, r->host ? r->host : "");
	if (!run->version || strcmp(r->version ? r->version : "", run->version) > 0)
		put(&run->version, r->version ? r->version : "");
	note_ssl2(run, r);
	for (size_t i = 0; i < r->certs_count; i++)
		if (!r->certs[i].malformed)
			add_certificate(run, r, &r->certs[i], label);
	arena_free(&scratch);
}

/* ---- the group ------------------------------------------------------------------------------- */

static const char *text_or_null(struct arena *a, const char *s)
{
	return s ? arena_text(a, s) : NULL;
}

static struct group_shared shared_of(struct arena *a, const struct seen *s)
{
	return (struct group_shared){ .sha256 = arena_text(a, s->sha256),
		.subject = text_or_null(a, s->subject),
		.what = few_list(a, &s->what),
		.where = few_list(a, &s->where) };
}

static bool key_is_shared(const struct seen *s)
{
	return s->shown && s->what.n > 1;
}

static bool key_is_drowned(const struct seen *s)
{
	return s->ssl2.n && s->drowned.n;
}

static struct group_shared drowned_of(struct arena *a, const struct seen *s)
{
	return (struct group_shared){ .sha256 = arena_text(a, s->sha256),
		.what = few_list(a, &s->ssl2),
		.where = few_list(a, &s->drowned) };
}

static void add_drowned(struct group_record *g, const struct run *run)
{
	struct group_shared *list = NULL;

	for (size_t i = 0; i < run->keys.n; i++)
		if (key_is_drowned(run->keys.v[i])) {
			list = arena_push(&g->arena, list, g->drowned_n, sizeof *list);
			list[g->drowned_n++] = drowned_of(&g->arena, run->keys.v[i]);
		}
	g->drowned = list;
	g->ssl2_open = run->ssl2_open;
	g->ssl2_unasked = run->ssl2_unasked;
}

static bool certificate_is_shared(const struct seen *s)
{
	return stretched(s->least_host, s->greatest_host);
}

static const struct group_shared *all_shared(
        struct arena *a, const struct table *t, bool (*is)(const struct seen *), size_t *n)
{
	struct group_shared *list = NULL;

	*n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (is(t->v[i])) {
			list = arena_push(a, list, *n, sizeof *list);
			list[(*n)++] = shared_of(a, t->v[i]);
		}
	return list;
}

static int by_modulus(const void *pa, const void *pb)
{
	const struct seen *a = *(struct seen *const *)pa, *b = *(struct seen *const *)pb;
	int c;

	if (a->modulus_n != b->modulus_n)
		return a->modulus_n < b->modulus_n ? -1 : 1;
	c = memcmp(a->modulus, b->modulus, a->modulus_n);
	return c ? c : strcmp(a->sha256, b->sha256);
}

static bool same_modulus(const struct seen *a, const struct seen *b)
{
	return a->modulus_n == b->modulus_n && !memcmp(a->modulus, b->modulus, a->modulus_n);
}

/* The keys with a modulus to compare, each modulus once. */
static struct seen **moduli_of(const struct run *run, size_t *n)
{
	struct seen **list = mem_new(run->keys.n + 1, sizeof *list);
	size_t all = 0;

	for (size_t i = 0; i < run->keys.n; i++)
		if (run->keys.v[i]->modulus)
			list[all++] = run->keys.v[i];
	if (all)
		qsort(list, all, sizeof *list, by_modulus);
	*n = 0;
	for (size_t i = 0; i < all; i++)
		if (!*n || !same_modulus(list[*n - 1], list[i]))
			list[(*n)++] = list[i];
	return list;
}

static struct group_shared factor_of(struct arena *a, const struct shared_factor *f, struct seen *const *keys)
{
	struct group_shared s = { .bits = f->bits };
	struct few what = { 0 }, where = { 0 };

	for (size_t i = 0; i < f->who_n; i++) {
		const struct seen *k = keys[f->who[i]];

		few_add(&what, k->sha256);
		for (size_t w = 0; w < k->where.n; w++)
			few_add(&where, k->where.v[w]);
		where.cut |= k->where.cut;
	}
	s.what = few_list(a, &what);
	s.where = few_list(a, &where);
	few_free(&what);
	few_free(&where);
	return s;
}

static int by_first_key(const void *pa, const void *pb)
{
	const struct group_shared *a = pa, *b = pb;
	int c = strcmp(a->what.v[0], b->what.v[0]);

	for (size_t i = 1; !c && i < a->what.n && i < b->what.n; i++)
		c = strcmp(a->what.v[i], b->what.v[i]);
	return c;
}

static void add_factors(struct group_record *g, const struct run *run, struct few *limits)
{
	struct arena scratch = { 0 };
	size_t n, found = 0;
	struct seen **keys = moduli_of(run, &n);
	struct span *moduli = arena_new(&scratch, n, sizeof *moduli);
	const struct shared_factor *f = NULL;
	struct group_shared *list;
	bool cut = false;

	for (size_t i = 0; i < n; i++)
		moduli[i] = (struct span){ keys[i]->modulus, keys[i]->modulus_n };
	if (n > 1)
		f = shared_factors(&scratch, moduli, n, &found, &cut);
	list = arena_new(&g->arena, found, sizeof *list);
	for (size_t i = 0; i < found; i++)
		list[i] = factor_of(&g->arena, &f[i], keys);
	if (found)
		qsort(list, found, sizeof *list, by_first_key);
	g->factors = list;
	g->factors_n = found;
	g->moduli = n;
	if (cut)
		few_add(limits, "factors");
	free(keys);
	arena_free(&scratch);
}

static void add_expiry(struct group_record *g, const struct run *run)
{
	if (!run->first_sha256)
		return;
	g->first_expiry = (struct group_expiry){ .sha256 = arena_text(&g->arena, run->first_sha256),
		.subject = arena_text(&g->arena, run->first_subject),
		.not_after = run->first_end,
		.where = few_list(&g->arena, &run->first_where) };
}

static void add_limits(struct group_record *g, const struct run *run, struct few *limits)
{
	if (run->keys.cut)
		few_add(limits, "keys");
	if (run->certificates.cut)
		few_add(limits, "certificates");
	for (size_t i = 0; i < run->keys.n; i++)
		if (run->keys.v[i]->modulus_left)
			few_add(limits, "moduli");
	g->limits = few_list(&g->arena, limits);
}

static struct group_record *group_of(const struct run *run)
{
	struct group_record *g = group_new(GROUP_RUN);
	struct few limits = { 0 };

	g->version = arena_text(&g->arena, run->version);
	g->endpoints = run->endpoints;
	g->several_names = stretched(run->least_name, run->greatest_name);
	g->keys = all_shared(&g->arena, &run->keys, key_is_shared, &g->keys_n);
	g->certificates = all_shared(&g->arena, &run->certificates, certificate_is_shared, &g->certificates_n);
	g->seen_keys = run->keys.n;
	g->seen_certificates = run->certificates.n;
	add_drowned(g, run);
	add_factors(g, run, &limits);
	add_expiry(g, run);
	add_limits(g, run, &limits);
	few_free(&limits);
	group_judge(g, NULL);
	return g;
}

/*
 * One endpoint is no run, but shows a certificate for each algorithm, and one to who names no server: what no
 * observation of it says is that their keys share a prime.
 */
struct group_record *run_group(const struct run *run)
{
	struct group_record *g = run->endpoints ? group_of(run) : NULL;

	if (run->endpoints != 1 || g->factors_n)
		return g;
	group_free(g);
	return NULL;
}

/* ---- its rules ------------------------------------------------------------------------------- */

enum { SHARED_SHOWN = 8, PRINT_SHOWN = 16, LABELS_SHOWN = 4 };

static void add_labels(struct text *t, const struct group_list *where)
{
	for (size_t i = 0; i < where->n && i < LABELS_SHOWN; i++)
		text_fmt(t, "%s%s", i ? ", " : "", where->v[i]);
	if (where->n > LABELS_SHOWN || where->cut)
		text_add(t, " and others");
}

static const char *title_of(struct arena *a, const struct group_shared *s)
{
	if (s->bits)
		return arena_printf(a, "a prime of %u bits in %zu%s keys", s->bits, s->what.n, s->what.cut ? " and more" : "");
	return arena_printf(a, "%.*s", PRINT_SHOWN, s->sha256);
}

static struct outcome told(struct arena *a, const struct group_shared *list, size_t n)
{
	struct text t = { 0 };
	struct outcome o = { .holds = TRI_YES };

	for (size_t i = 0; i < n && i < SHARED_SHOWN; i++) {
		text_fmt(&t, "%s%s: ", i ? "; " : "", title_of(a, &list[i]));
		add_labels(&t, &list[i].where);
	}
	if (n > SHARED_SHOWN)
		text_fmt(&t, "; and %zu more", n - SHARED_SHOWN);
	o.because = arena_text(a, text_str(&t));
	text_free(&t);
	return o;
}

static bool is_limit(const struct group_record *g, const char *word)
{
	for (size_t i = 0; i < g->limits.n; i++)
		if (!strcmp(g->limits.v[i], word))
			return true;
	return false;
}

static struct outcome none(const struct group_record *g, size_t seen, const char *limit, const char *other)
{
	if (is_limit(g, limit) || is_limit(g, other))
		return (struct outcome){ .holds = TRI_UNKNOWN,
			.because = "not all could be kept to compare: see `limits`" };
	return (struct outcome){ .holds = seen > 1 ? TRI_NO : TRI_NA };
}

struct outcome run_factors(struct group_record *g)
{
	return g->factors_n ? told(&g->arena, g->factors, g->factors_n) : none(g, g->moduli, "keys", "moduli");
}

struct outcome run_keys(struct group_record *g)
{
	return g->keys_n ? told(&g->arena, g->keys, g->keys_n) : none(g, g->seen_keys, "keys", "keys");
}

static const char *drowned_text(struct arena *a, const struct group_record *g)
{
	struct text t = { 0 };
	const char *s;

	for (size_t i = 0; i < g->drowned_n && i < SHARED_SHOWN; i++) {
		text_fmt(&t, "%s%s: SSL 2.0 at ", i ? "; " : "", title_of(a, &g->drowned[i]));
		add_labels(&t, &g->drowned[i].what);
		text_add(&t, " opens sessions of ");
		add_labels(&t, &g->drowned[i].where);
	}
	if (g->drowned_n > SHARED_SHOWN)
		text_fmt(&t, "; and %zu more", g->drowned_n - SHARED_SHOWN);
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}

struct outcome run_drown(struct group_record *g)
{
	if (g->drowned_n)
		return (struct outcome){ .holds = TRI_YES, .because = drowned_text(&g->arena, g) };
	if (g->ssl2_open || g->ssl2_unasked)
		return (struct outcome){ .holds = TRI_UNKNOWN, .unasked = g->ssl2_unasked,
			.because = "it is not known of every endpoint whether it offers SSL 2.0, or by which key" };
	return none(g, g->endpoints, "keys", "keys");
}

struct outcome run_certificates(struct group_record *g)
{
	return g->certificates_n ? told(&g->arena, g->certificates, g->certificates_n)
	                         : none(g, g->endpoints, "certificates", "certificates");
}

/* ---- life ------------------------------------------------------------------------------------ */

struct run *run_new(void)
{
	return mem_new(1, sizeof(struct run));
}

void run_free(struct run *run)
{
	table_free(&run->keys);
	table_free(&run->certificates);
	few_free(&run->first_where);
	free(run->version);
	free(run->least_name);
	free(run->greatest_name);
	free(run->first_sha256);
	free(run->first_subject);
	free(run);
}
