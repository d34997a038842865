/* Conditions over the cipher suites that a server takes. */
#include "report/cond.h"
#include "report/simulate.h"

#include <string.h>

#include "scanner/base/text.h"

enum { NAMES_PER_VERSION = 3, NAMES_TO_REMOVE = 8, STRONG_BITS = 128, FLOOR_BITS = 112 };

/* ---- properties
 * ---------------------------------------------------------------------------------------------- */

bool suite_null(const struct cipher *c)
{
	return c->null;
}

bool suite_anonymous(const struct cipher *c)
{
	return c->anonymous;
}

bool suite_export(const struct cipher *c)
{
	return c->flags & SUITE_EXPORT;
}

bool suite_export_rsa(const struct cipher *c)
{
	return suite_export(c) && c->exchange == KX_RSA;
}

bool suite_dhe(const struct cipher *c)
{
	return c->exchange == KX_DHE || c->exchange == KX_DHE_PSK;
}

bool suite_export_dhe(const struct cipher *c)
{
	return suite_export(c) && suite_dhe(c);
}

bool suite_single_des(const struct cipher *c)
{
	return c->known && !c->null && !suite_export(c) && c->strength < FLOOR_BITS;
}

bool suite_weak(const struct cipher *c)
{
	return c->known && (c->strength < FLOOR_BITS || c->anonymous);
}

bool suite_rc4(const struct cipher *c)
{
	return !strncmp(c->enc, "RC4", 3);
}

bool suite_block64(const struct cipher *c)
{
	return c->block_bits == 64;
}

bool suite_no_fs(const struct cipher *c)
{
	return c->known && !(c->flags & SUITE_FS);
}

bool suite_no_aead(const struct cipher *c)
{
	return c->known && !(c->flags & SUITE_AEAD);
}

bool suite_cbc(const struct cipher *c)
{
	return c->flags & SUITE_CBC;
}

bool suite_rsa_kx(const struct cipher *c)
{
	return c->exchange == KX_RSA || c->exchange == KX_RSA_PSK;
}

bool suite_md5(const struct cipher *c)
{
	return !strcmp(c->mac, "MD5");
}

bool suite_before_tls13(const struct cipher *c)
{
	return c->protocol != VER_TLS13;
}

/* ---- which of them
 * ------------------------------------------------------------------------------------------- */

static uint16_t upper(const struct cond *c)
{
	return c->to ? c->to : VER_TLS13;
}

static bool in_range(const struct cond *c, const struct cipher *s)
{
	return s->protocol >= c->from && s->protocol <= upper(c);
}

struct matches {
	const struct cipher **list; /* in the order of the report */
	size_t count, total;        /* such ones, and all of the versions asked about */
	size_t unnamed;             /* codes that no table has: nothing is known of them */
};

static struct matches find(const struct view *v, const struct cond *c)
{
	struct matches m = { 0 };

	for (size_t i = 0; i < v->ciphers_count; i++) {
		if (!in_range(c, &v->ciphers[i]))
			continue;
		m.total++;
		m.unnamed += !v->ciphers[i].known;
		if (!c->suite(&v->ciphers[i]))
			continue;
		m.list = arena_push(v->arena, m.list, m.count, sizeof *m.list);
		m.list[m.count++] = &v->ciphers[i];
	}
	return m;
}

static const char *keep(const struct view *v, struct text *t)
{
	const char *s = arena_text(v->arena, text_str(t));

	text_free(t);
	return s;
}

/* The names of one version, from the i-th match on: at most `most`, then how many more. *i moves to the next
 * one. */
static const char *names_of(const struct view *v, const struct matches *m, size_t *i, size_t most)
{
	uint16_t protocol = m->list[*i]->protocol;
	struct text t = { 0 };
	size_t n = 0;

	for (; *i < m->count && m->list[*i]->protocol == protocol; (*i)++, n++)
		if (n < most)
			text_fmt(&t, "%s%s", n ? ", " : "", m->list[*i]->name);
	if (n > most)
		text_fmt(&t, " and %zu more", n - most);
	return keep(v, &t);
}

/* "TLSv1.1: A, B and 3 more; TLSv1.0: A" */
static const char *because_of(const struct view *v, const struct matches *m)
{
	struct text t = { 0 };

	for (size_t i = 0; i < m->count;) {
		const char *version = version_text(m->list[i]->protocol);

		text_fmt(&t, "%s%s: ", i ? "; " : "", version);
		text_add(&t, names_of(v, m, &i, NAMES_PER_VERSION));
	}
	return keep(v, &t);
}

static bool named_before(const struct matches *m, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(m->list[j]->name, m->list[i]->name))
			return true;
	return false;
}

/* What to remove: every name once. */
static const char *distinct(const struct view *v, const struct matches *m)
{
	struct text t = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (named_before(m, i))
			continue;
		if (n < NAMES_TO_REMOVE)
			text_fmt(&t, "%s%s", n ? ", " : "", m->list[i]->name);
		n++;
	}
	if (n > NAMES_TO_REMOVE)
		text_fmt(&t, " and %zu more", n - NAMES_TO_REMOVE);
	return keep(v, &t);
}

static void give_evidence(const struct view *v, struct verdict *d, const struct matches *m)
{
	struct evidence *list = NULL;

	for (size_t i = 0; i < m->count; d->evidence_count++) {
		const char *version = version_text(m->list[i]->protocol);

		list = arena_push(v->arena, list, d->evidence_count, sizeof *list);
		list[d->evidence_count] = (struct evidence){ version, names_of(v, m, &i, SIZE_MAX) };
	}
	d->evidence = list;
}

static struct verdict such(const struct view *v, enum tri holds, const struct matches *m)
{
	struct verdict d = verdict_of(holds, because_of(v, m));

	d.what = distinct(v, m);
	give_evidence(v, &d, m);
	return d;
}

/* ---- operators
 * ----------------------------------------------------------------------------------------------- */

static const char *range_text(const struct view *v, const struct cond *c)
{
	if (c->from == upper(c))
		return version_text(c->from);
	if (c->to)
		return arena_printf(v->arena, "%s to %s", version_text(c->from), version_text(c->to));
	return c->from ? arena_printf(v->arena, "%s or newer", version_text(c->from)) : "any version";
}

static struct verdict none_at_all(const struct view *v, const struct cond *c)
{
	return verdict_of(TRI_NA, arena_printf(v->arena, "no cipher suite of %s", range_text(v, c)));
}

struct verdict cond_any_suite(const struct view *v, const struct cond *c)
{
	struct matches m = find(v, c);
	const char *missing = NULL;

	if (m.count)
		return such(v, TRI_YES, &m);
	if (!view_whole(v, c->from, upper(c), &missing))
		return verdict_of(TRI_UNKNOWN, missing);
	if (!m.total)
		return none_at_all(v, c);
	return verdict_of(TRI_NO, arena_printf(v->arena, "none of %zu suites", m.total));
}

struct verdict cond_only_suite(const struct view *v, const struct cond *c)
{
	struct matches m = find(v, c);
	const char *missing = NULL;

	if (m.count + m.unnamed < m.total)
		return verdict_of(TRI_NO,
		        arena_printf(v->arena, "%zu of %zu suites are others", m.total - m.count, m.total));
	if (!view_whole(v, c->from, upper(c), &missing))
		return verdict_of(TRI_UNKNOWN, missing);
	if (!m.total)
		return none_at_all(v, c);
	return m.unnamed ? verdict_of(TRI_UNKNOWN, "some suites are not in the table") : such(v, TRI_YES, &m);
}

/* ---- what clients negotiate ---- */

/* How the reference browsers fare that connect with the versions in question. */
struct tally {
	size_t such, others, open;
	const struct sim *first, *gap; /* the first that gets such a suite; the first of which it is not known */
};

static const struct cipher *cipher_got(const struct view *v, const struct sim *m)
{
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (v->ciphers[i].protocol == m->version && v->ciphers[i].code == m->suite)
			return &v->ciphers[i];
	return NULL;
}

/* Whose own list has none of them gets none, whatever else is not known. */
static bool has_one(const struct client *c, const struct matches *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (codes_has(c->suites, m->list[i]->code))
			return true;
	return false;
}

static void count_client(const struct view *v, const struct cond *c, const struct sim *m, struct tally *t)
{
	const struct cipher *got = m->state == SIM_CONNECTS ? cipher_got(v, m) : NULL;

	if (m->state == SIM_OPEN && !t->open++)
		t->gap = m;
	if (!got || !in_range(c, got))
		return;
	if (!c->suite(got))
		t->others++;
	else if (!t->such++)
		t->first = m;
}

/* `of` not NULL: of those clients that could get one of these suites. */
static struct tally tally_clients(const struct view *v, const struct cond *c, const struct matches *of)
{
	const struct sim *rows = v->sims ? v->sims : simulate(v, NULL);
	struct tally t = { 0 };

	for (size_t i = 0; i < clients_count; i++)
		if (rows[i].client->reference && (rows[i].state != SIM_OPEN || !of || has_one(rows[i].client, of)))
			count_client(v, c, &rows[i], &t);
	return t;
}

static struct verdict gets_such(const struct view *v, const struct matches *m, const struct tally *t)
{
	struct verdict d = such(v, TRI_YES, m);
	const struct cipher *got = cipher_got(v, t->first);

	d.because = arena_printf(v->arena, "%s gets %s in %s%s", t->first->client->name, got->name,
	        version_text(got->protocol),
	        t->such > 1 ? arena_printf(v->arena, ", and so do %zu more reference browsers", t->such - 1) : "");
	return d;
}

static struct verdict not_known_of(const struct view *v, const struct sim *m)
{
	return verdict_of(TRI_UNKNOWN,
	        arena_printf(v->arena, "what %s gets is not known: %s", m->client->name, sim_reason_text(m->reason)));
}

/* What the list alone decides: none is such, or all are. False: it depends on the client. */
static bool list_decides(const struct view *v, const struct cond *c, const struct matches *m, struct verdict *d)
{
	const char *missing = NULL;

	if (!view_whole(v, c->from, upper(c), &missing))
		*d = verdict_of(TRI_UNKNOWN, missing);
	else if (!m->total)
		*d = none_at_all(v, c);
	else if (!m->count && !m->unnamed)
		*d = verdict_of(TRI_NO, arena_printf(v->arena, "none of %zu suites", m->total));
	else if (m->count == m->total)
		*d = such(v, TRI_YES, m);
	else
		return false;
	return true;
}

static struct verdict nobody_gets(const struct view *v, const struct tally *t)
{
	return verdict_of(TRI_NO, t->others ? arena_printf(v->arena, "%zu reference browsers get another suite", t->others)
	                                    : "no reference browser connects with one");
}

struct verdict cond_some_client(const struct view *v, const struct cond *c)
{
	struct matches m = find(v, c);
	struct verdict d;
	struct tally t;

	if (list_decides(v, c, &m, &d))
		return d;
	t = tally_clients(v, c, &m);
	if (t.such)
		return gets_such(v, &m, &t);
	return t.open ? not_known_of(v, t.gap) : nobody_gets(v, &t);
}

struct verdict cond_every_client(const struct view *v, const struct cond *c)
{
	struct matches m = find(v, c);
	struct verdict d;
	struct tally t;

	if (list_decides(v, c, &m, &d))
		return d;
	t = tally_clients(v, c, NULL);
	if (t.others)
		return nobody_gets(v, &t);
	if (t.open)
		return not_known_of(v, t.gap);
	return t.such ? gets_such(v, &m, &t) : nobody_gets(v, &t);
}

/* ---- order
 * --------------------------------------------------------------------------------------------------- */

/* 0 good, 1 without forward secrecy, 2 with a cipher that is weak whatever the key exchange. */
static int weakness(const struct cipher *c)
{
	if (c->strength < STRONG_BITS || c->anonymous || suite_rc4(c) || suite_block64(c))
		return 2;
	return suite_no_fs(c) ? 1 : 0;
}

/* The first suite of the version that stands before a stronger one, and the strongest that stands after it.
 */
static const struct cipher *misplaced(const struct view *v, uint16_t version, const struct cipher **better)
{
	const struct cipher *best = NULL, *weak = NULL;

	for (size_t i = v->ciphers_count; i--;) {
		const struct cipher *c = &v->ciphers[i];

		if (c->protocol != version || !c->known)
			continue;
		if (best && weakness(c) > weakness(best)) {
			weak = c;
			*better = best;
		}
		if (!best || weakness(c) <= weakness(best))
			best = c;
	}
	return weak;
}

static const char *order_of(const struct view *v, uint16_t version)
{
	const struct obs *o = record_find(v->record, OBS_KEY_SUITES_ORDER, version);

	return o && o->text ? o->text : "unknown";
}

struct verdict cond_weak_first(const struct view *v, const struct cond *c)
{
	struct verdict d = verdict_of(TRI_NA, "no version has an order of the server's own");
	struct text t = { 0 };

	(void)c;
	for (const uint16_t *p = view_versions; *p; p++) {
		const struct cipher *weak, *better = NULL;

		if (*p == VER_SSL2 || view_offered(v, *p) == TRI_NO)
			continue;
		if (view_offered(v, *p) != TRI_YES || !strcmp(order_of(v, *p), "unknown")) {
			d.holds = d.holds == TRI_YES ? TRI_YES : TRI_UNKNOWN;
			continue;
		}
		if (strncmp(order_of(v, *p), "server", 6))
			continue;
		weak = misplaced(v, *p, &better);
		if (weak)
			text_fmt(&t, "%s%s: %s stands before %s", t.n ? "; " : "", version_text(*p),
			        weak->name, better->name);
		d.holds = weak || d.holds == TRI_YES ? TRI_YES
		          : d.holds == TRI_UNKNOWN   ? TRI_UNKNOWN
		                                     : TRI_NO;
	}
	if (d.holds == TRI_YES)
		d.because = arena_text(v->arena, text_str(&t));
	else if (d.holds == TRI_UNKNOWN)
		d.because = "the order of at least one version is not known";
	else if (d.holds == TRI_NO)
		d.because = "the stronger suites stand first";
	text_free(&t);
	return d;
}

struct verdict cond_client_order(const struct view *v, const struct cond *c)
{
	struct verdict d = verdict_of(TRI_NA, "no version before TLSv1.3 has a choice of suites");

	(void)c;
	for (const uint16_t *p = view_versions; *p; p++) {
		const char *order = order_of(v, *p);

		if (*p == VER_TLS13 || *p == VER_SSL2 || view_offered(v, *p) == TRI_NO)
			continue;
		if (!strcmp(order, "client"))
			return verdict_of(TRI_YES,
			        arena_printf(v->arena, "%s: the client's order decides", version_text(*p)));
		if (view_offered(v, *p) != TRI_YES || !strcmp(order, "unknown"))
			d = verdict_of(TRI_UNKNOWN,
			        arena_printf(v->arena, "%s: the order is not known", version_text(*p)));
		else if (!strncmp(order, "server", 6) && d.holds != TRI_UNKNOWN)
			d = verdict_of(TRI_NO, "the server's order decides");
	}
	return d;
}
