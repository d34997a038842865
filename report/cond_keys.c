/* Conditions over key exchange groups, Diffie-Hellman moduli and signature schemes. */
#include "report/cond.h"

#include <string.h>

#include "scanner/base/text.h"

enum { SMALL_CURVE_BITS = 224, PRECOMPUTED_BITS = 1024 };

static const char *keep(const struct view *v, struct text *t)
{
	const char *s = arena_text(v->arena, text_str(t));

	text_free(t);
	return s;
}

/* ---- Diffie-Hellman moduli
 * ----------------------------------------------------------------------------------- */

bool prime_common(const struct dh_prime *p)
{
	return p->bits <= PRECOMPUTED_BITS;
}

bool prime_composite(const struct dh_prime *p)
{
	return !p->prime;
}

bool prime_unsafe(const struct dh_prime *p)
{
	return p->prime && !p->safe;
}

static int nibble(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

const struct dh_prime *dh_prime_of(const struct obs *o)
{
	uint8_t hash[32];

	if (!o->sha256 || strlen(o->sha256) != 64)
		return NULL;
	for (size_t i = 0; i < sizeof hash; i++) {
		int high = nibble(o->sha256[2 * i]), low = nibble(o->sha256[2 * i + 1]);

		if (high < 0 || low < 0)
			return NULL;
		hash[i] = (uint8_t)(high << 4 | low);
	}
	return dh_prime_find(hash);
}

static bool dh_matches(const struct obs *o, const struct cond *c)
{
	const struct dh_prime *p;

	if (!c->prime)
		return o->number < c->number;
	p = dh_prime_of(o);
	return p && c->prime(p);
}

static bool dh_seen(const struct obs *o, const struct cond *c)
{
	if (o->key != OBS_KEY_DH_BITS || o->number <= 0)
		return false;
	if (!c->prime)
		return true;
	return c->number ? dh_prime_of(o) != NULL : o->sha256 != NULL;
}

static bool has_dhe(const struct view *v, uint16_t version)
{
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (v->ciphers[i].protocol == version && suite_dhe(&v->ciphers[i]))
			return true;
	return false;
}

/* Every version that has a DHE suite has shown a modulus. *any: at least one has such a suite. */
static bool dh_all_seen(const struct view *v, const struct cond *c, bool *any)
{
	bool all = true;

	*any = false;
	for (const uint16_t *p = view_versions; *p; p++) {
		bool seen = false;

		if (!has_dhe(v, *p))
			continue;
		*any = true;
		for (size_t i = 0; i < v->record->obs_count; i++) {
			const struct obs *o = &v->record->obs[i];

			seen = seen || (dh_seen(o, c) && (!o->protocol || o->protocol == *p));
		}
		all = all && seen;
	}
	return all;
}

static void dh_line(struct text *t, const struct obs *o)
{
	const char *name = o->name;

	if (!name && dh_prime_of(o))
		name = dh_prime_of(o)->name;
	if (t->n)
		text_add(t, "; ");
	if (o->protocol)
		text_fmt(t, "%s: ", version_text(o->protocol));
	text_fmt(t, "%lld-bit modulus", (long long)o->number);
	if (name)
		text_fmt(t, " (%s)", name);
}

static struct verdict dh_verdict(const struct view *v, const struct cond *c)
{
	struct text t = { 0 };
	bool any;

	for (size_t i = 0; i < v->record->obs_count; i++)
		if (dh_seen(&v->record->obs[i], c) && dh_matches(&v->record->obs[i], c))
			dh_line(&t, &v->record->obs[i]);
	if (t.n)
		return (struct verdict){ .holds = TRI_YES, .because = keep(v, &t) };
	text_free(&t);
	if (!dh_all_seen(v, c, &any))
		return verdict_of(TRI_UNKNOWN,
		        c->number && c->prime ? "a modulus was not seen, or is in no table of primes"
		                              : "the Diffie-Hellman modulus was not seen in every version");
	if (any)
		return verdict_of(TRI_NO, NULL);
	if (!view_whole(v, VER_SSL3, VER_TLS12, NULL))
		return verdict_of(TRI_UNKNOWN, "the cipher suites are not all known");
	return verdict_of(TRI_NA, "no suite with a Diffie-Hellman modulus");
}

struct verdict cond_dh_below(const struct view *v, const struct cond *c)
{
	return dh_verdict(v, c);
}

struct verdict cond_dh_prime(const struct view *v, const struct cond *c)
{
	return dh_verdict(v, c);
}

struct verdict cond_export_key(const struct view *v, const struct cond *c)
{
	const struct obs *o = record_find(v->record, OBS_KEY_RSA_EXPORT_BITS, 0);
	struct cond exports = { .suite = suite_export_rsa, .from = VER_SSL3 };
	struct verdict d;

	(void)c;
	if (o && o->number > 0)
		return (struct verdict){ .holds = TRI_YES,
			.because = arena_printf(v->arena, "a temporary RSA key of %lld bits was sent",
			        (long long)o->number) };
	d = cond_any_suite(v, &exports);
	if (d.holds == TRI_YES)
		return verdict_of(TRI_UNKNOWN, "export suites are taken, their temporary key was not seen");
	if (d.holds == TRI_NO)
		return verdict_of(TRI_NA, "no RSA export suite");
	return d;
}

/* ---- groups
 * -------------------------------------------------------------------------------------------------- */

bool group_small(const struct group *g)
{
	bool curve = g->kind == GROUP_EC_BINARY || g->kind == GROUP_EC_PRIME;

	return curve && g->bits && g->bits < SMALL_CURVE_BITS;
}

bool group_post_quantum(const struct group *g)
{
	return g->pq;
}

static bool needs_group(const struct view *v, uint16_t version)
{
	if (version == VER_TLS13)
		return view_offered(v, version) == TRI_YES;
	for (size_t i = 0; i < v->ciphers_count; i++) {
		const struct cipher *s = &v->ciphers[i];

		if (s->protocol == version && (s->exchange == KX_ECDHE || s->exchange == KX_ECDHE_PSK))
			return true;
	}
	return false;
}

/* Is the list of a version's curves there and whole, for every certificate it was asked with? A list with a
 * name is one of finite field groups: their moduli have conditions of their own. */
static bool groups_whole(const struct view *v, uint16_t version)
{
	bool there = false;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_GROUPS_LIST || o->protocol != version || o->name)
			continue;
		if (o->reason)
			return false;
		there = true;
	}
	return there;
}

/* The names of such groups of one list, joined; NULL for none. */
static const char *such_groups(const struct view *v, const struct obs *o, const struct cond *c)
{
	struct text t = { 0 };

	for (size_t i = 0; i < o->count; i++) {
		const struct group *g = group_find((uint16_t)o->codes[i]);

		if (g && c->group(g))
			text_fmt(&t, "%s%s", t.n ? ", " : "", g->name);
	}
	return t.n ? keep(v, &t) : NULL;
}

static struct verdict groups_found(const struct view *v, const struct cond *c)
{
	struct verdict d = verdict_of(TRI_NO, NULL);
	struct text t = { 0 };

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];
		const char *names = o->key == OBS_KEY_GROUPS_LIST ? such_groups(v, o, c) : NULL;

		if (!names || o->protocol < c->from)
			continue;
		text_fmt(&t, "%s%s: %s", t.n ? "; " : "", version_text(o->protocol), names);
		d.holds = TRI_YES;
		d.what = d.what && strlen(d.what) >= strlen(names) ? d.what : names;
	}
	d.because = t.n ? keep(v, &t) : NULL;
	return d;
}

struct verdict cond_any_group(const struct view *v, const struct cond *c)
{
	struct verdict d = groups_found(v, c);
	bool asked = false;

	if (d.holds == TRI_YES)
		return d;
	for (const uint16_t *p = view_versions; *p; p++) {
		if (*p < c->from || !needs_group(v, *p))
			continue;
		asked = true;
		if (!groups_whole(v, *p))
			return verdict_of(
			        TRI_UNKNOWN, arena_printf(v->arena, "the groups of %s are not all known",
			                             version_text(*p)));
	}
	if (asked)
		return verdict_of(TRI_NO, NULL);
	if (!view_whole(v, VER_SSL3, VER_TLS13, NULL))
		return verdict_of(TRI_UNKNOWN, "the cipher suites are not all known");
	return verdict_of(TRI_NA, "no suite that needs a group");
}

struct verdict cond_no_group(const struct view *v, const struct cond *c)
{
	enum tri tls13 = view_offered(v, VER_TLS13);
	struct verdict d = groups_found(v, c);

	if (tls13 == TRI_NO || tls13 == TRI_NA)
		return verdict_of(TRI_NA, "TLSv1.3 is not offered");
	if (d.holds == TRI_YES)
		return verdict_of(TRI_NO, d.because);
	if (tls13 != TRI_YES || !groups_whole(v, VER_TLS13))
		return verdict_of(TRI_UNKNOWN, "the groups of TLSv1.3 are not all known");
	return verdict_of(TRI_YES, "TLSv1.3: none of its groups resists a quantum computer");
}

/* ---- signature schemes
 * --------------------------------------------------------------------------------------- */

static bool signs(const struct cipher *s)
{
	bool fresh = s->exchange == KX_DHE || s->exchange == KX_ECDHE;

	return fresh && !s->anonymous;
}

static bool signs_in(const struct view *v, uint16_t version)
{
	for (size_t i = 0; i < v->ciphers_count; i++)
		if (v->ciphers[i].protocol == version && signs(&v->ciphers[i]))
			return true;
	return false;
}

static const char *such_schemes(const struct view *v, const struct obs *o, const char *hash)
{
	struct text t = { 0 };

	for (size_t i = 0; i < o->count; i++) {
		const struct scheme *s = scheme_find((uint16_t)o->codes[i]);

		if (s && s->hash && !strcmp(s->hash, hash))
			text_fmt(&t, "%s%s", t.n ? ", " : "", s->name);
	}
	return t.n ? keep(v, &t) : NULL;
}

struct verdict cond_scheme(const struct view *v, const struct cond *c)
{
	bool asked = false, whole = true;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];
		const char *names;

		if (o->key != OBS_KEY_SCHEMES_LIST)
			continue;
		asked = true;
		whole = whole && !o->reason;
		names = such_schemes(v, o, c->text);
		if (names)
			return (struct verdict){ .holds = TRI_YES,
				.what = names,
				.because =
				        arena_printf(v->arena, "%s: %s", version_text(o->protocol), names) };
	}
	if (asked && whole)
		return verdict_of(TRI_NO, NULL);
	if (view_whole(v, VER_TLS12, VER_TLS12, NULL) && !signs_in(v, VER_TLS12))
		return verdict_of(TRI_NA, "no suite of TLSv1.2 signs its key exchange");
	return verdict_of(TRI_UNKNOWN, "the signature schemes are not all known");
}
