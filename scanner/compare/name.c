#include "scanner/compare/name.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/compare/rules.h"

/* ---- members --------------------------------------------------------------------------------- */

static int by_address(const void *pa, const void *pb)
{
	const struct gist *a = *(struct gist *const *)pa, *b = *(struct gist *const *)pb;
	int c = strcmp(a->family, b->family);

	return c ? c : strcmp(a->ip, b->ip);
}

static struct group_list prints(struct arena *a, const struct gist *d)
{
	const char **v = arena_new(a, d->leaves_n, sizeof *v);

	for (size_t i = 0; i < d->leaves_n; i++)
		v[i] = arena_text(a, d->leaves[i].info.sha256);
	return (struct group_list){ v, d->leaves_n, d->leaves_n == GIST_LEAVES_MAX };
}

static void add_members(struct group_record *g, struct gist *const *d, size_t n)
{
	struct group_member *m = arena_new(&g->arena, n, sizeof *m);

	for (size_t i = 0; i < n; i++)
		m[i] = (struct group_member){ .ip = arena_text(&g->arena, d[i]->ip),
			.family = d[i]->family,
			.status = d[i]->status,
			.letter = d[i]->letter,
			.leaves = prints(&g->arena, d[i]) };
	g->members = m;
	g->members_n = n;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static enum about about_of(enum obs_key key)
{
	static const struct {
		const char *begin;
		enum about about;
	} table[] = {
		{ "protocol.", ABOUT_VERSIONS }, { "suites.", ABOUT_SUITES }, { "groups.", ABOUT_SUITES },
		{ "schemes.", ABOUT_SUITES }, { "dh.", ABOUT_SUITES }, { "chain.", ABOUT_CHAIN },
		{ "ocsp.", ABOUT_CHAIN }, { "cert.", ABOUT_CERTIFICATE }, { "ct.", ABOUT_CERTIFICATE },
		{ "dns.", ABOUT_CERTIFICATE }, /* records are the name's: what fits them is the certificate */
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strncmp(obs_kinds[key].key, table[i].begin, strlen(table[i].begin)))
			return table[i].about;
	return ABOUT_FEATURES;
}

static bool one_certificate(const struct name_view *v)
{
	for (size_t i = 1; i < v->n; i++)
		if (!same_leaves(v->d[0], v->d[i]))
			return false;
	return true;
}

/* What is said of a certificate that all have cannot differ because of the certificate. */
static enum about about_here(const struct name_view *v, enum obs_key key)
{
	enum about about = about_of(key);

	return about == ABOUT_CERTIFICATE && one_certificate(v) ? ABOUT_CHAIN : about;
}

static const struct fact *fact_at(const struct gist *d, const struct fact *about)
{
	size_t low = 0, high = d->facts_n;

	while (low < high) {
		size_t mid = (low + high) / 2;
		int c = fact_about(&d->facts[mid], about);

		if (!c)
			return &d->facts[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/* What each address says about one thing; NULL where it does not. */
struct row {
	const struct fact **at;
	size_t known, open;
	bool differs;
};

static struct row row_of(struct arena *a, const struct name_view *v, const struct fact *about)
{
	struct row r = { .at = arena_new(a, v->n, sizeof *r.at) };
	const struct fact *first = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct fact *f = fact_at(v->d[i], about);

		r.open += f && !f->value;
		if (!f || !f->value)
			continue;
		r.at[i] = f;
		r.known++;
		r.differs |= first && !fact_same(first, f);
		first = first ? first : f;
	}
	return r;
}

/* The values of a row, the one with the most addresses first, else by the first address. */
static int by_weight(const void *pa, const void *pb)
{
	const struct group_value *a = pa, *b = pb;

	if (a->where.n != b->where.n)
		return a->where.n > b->where.n ? -1 : 1;
	return strcmp(a->where.v[0], b->where.v[0]);
}

static struct group_list where_same(struct arena *a, const struct name_view *v, const struct row *r, size_t as)
{
	const char **ips = arena_new(a, v->n, sizeof *ips);
	struct group_list list = { .v = ips };

	for (size_t i = 0; i < v->n; i++)
		if (r->at[i] && fact_same(r->at[i], r->at[as]))
			ips[list.n++] = arena_text(a, v->d[i]->ip);
	return list;
}

static bool is_first(const struct row *r, size_t at)
{
	for (size_t i = 0; i < at && r->at[at]; i++)
		if (r->at[i] && fact_same(r->at[i], r->at[at]))
			return false;
	return r->at[at] != NULL;
}

static struct group_difference difference(struct arena *a, const struct name_view *v, const struct row *r,
        const struct fact *f)
{
	struct group_value *values = arena_new(a, v->n, sizeof *values);
	struct group_difference d = { .key = obs_kinds[f->key].key, .protocol = f->protocol, .cert = f->cert,
		.sni = f->sni, .name = f->name ? arena_text(a, f->name) : NULL, .values = values };

	for (size_t i = 0; i < v->n; i++)
		if (is_first(r, i))
			values[d.values_n++] = (struct group_value){ arena_text(a, r->at[i]->value),
				where_same(a, v, r, i) };
	qsort(values, d.values_n, sizeof *values, by_weight);
	return d;
}

static const struct fact *next_about(const struct gist *d, const struct fact *last)
{
	for (size_t i = 0; i < d->facts_n; i++)
		if (!last || fact_about(&d->facts[i], last) > 0)
			return &d->facts[i];
	return NULL;
}

/* The next thing, in the order of the report, that any address says something about. */
static const struct fact *next_of_all(const struct name_view *v, const struct fact *last)
{
	const struct fact *next = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct fact *f = next_about(v->d[i], last);

		if (f && (!next || fact_about(f, next) < 0))
			next = f;
	}
	return next;
}

static void compare_facts(struct name_view *v)
{
	struct arena *a = &v->g->arena, scratch = { 0 };
	struct group_difference *list = NULL;
	size_t n = 0;

	for (const struct fact *f = NULL; (f = next_of_all(v, f));) {
		struct row r = row_of(&scratch, v, f);

		if (r.differs) {
			list = arena_push(a, list, n, sizeof *list);
			v->differ_about = arena_push(a, v->differ_about, n, sizeof *v->differ_about);
			v->differ_about[n] = about_here(v, f->key);
			list[n++] = difference(a, v, &r, f);
		} else if (r.open && r.known && !v->open[about_here(v, f->key)]) {
			v->open[about_here(v, f->key)] = obs_kinds[f->key].key;
		}
	}
	v->g->differences = list;
	v->g->differences_n = n;
	arena_free(&scratch);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const char *newest_version(struct arena *a, struct gist *const *d, size_t n)
{
	const char *newest = "";

	for (size_t i = 0; i < n; i++)
		newest = strcmp(d[i]->version, newest) > 0 ? d[i]->version : newest;
	return arena_text(a, newest);
}

static void note_limits(struct group_record *g, struct gist *const *d, size_t n, bool cut)
{
	const char **words = arena_new(&g->arena, 2, sizeof *words);

	g->limits.v = words;
	if (cut)
		words[g->limits.n++] = "addresses";
	for (size_t i = 0; i < n; i++)
		if (d[i]->cut) {
			words[g->limits.n++] = "facts";
			break;
		}
}

struct group_record *name_group(struct gist **d, size_t n, bool cut)
{
	struct gist **asked = mem_new(n + 1, sizeof *asked);
	struct name_view v = { .d = asked };
	size_t heard = 0;

	if (n)
		qsort(d, n, sizeof *d, by_address);
	for (size_t i = 0; i < n; i++)
		if (!d[i]->skipped) {
			asked[v.n++] = d[i];
			heard += !d[i]->silent;
		}
	if (v.n > 1 && heard) {
		v.g = group_new(GROUP_NAME);
		v.g->version = newest_version(&v.g->arena, d, n);
		v.g->endpoints = n;
		add_members(v.g, d, n);
		note_limits(v.g, d, n, cut);
		compare_facts(&v);
		group_judge(v.g, &v);
	}
	free(asked);
	return v.g;
}
