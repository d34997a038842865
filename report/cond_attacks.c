/*
 * Conditions behind attacks that have a name and need more than one fact, or one looked at in another way. An attack that
 * only its behaviour shows has a probe and an observation of its own instead.
 */
#include <string.h>

#include "report/cond.h"
#include "scanner/base/text.h"

enum { LOGJAM_BITS = 1024, NAMES_MAX = 8 };

/* Adrian and others, Imperfect Forward Secrecy (2015): export groups, groups below 1024 bits, and the few of 1024 that
 * many servers have, for which one precomputation is worth its price. */
struct verdict cond_logjam(const struct view *v, const struct cond *c)
{
	struct cond exported = { .suite = suite_export_dhe, .from = VER_SSL3, .to = VER_TLS12 };
	struct cond small = { .number = LOGJAM_BITS }, shared = { .prime = prime_common };
	struct verdict d = cond_any_suite(v, &exported);

	(void)c;
	d = verdict_worse(d, cond_dh_below(v, &small));
	return verdict_worse(d, cond_dh_prime(v, &shared));
}

/* ---- SSL 2.0: CVE-2016-0800 and what it stands on ---- */

struct verdict cond_ssl2(const struct view *v, const struct cond *c)
{
	if (view_offered(v, VER_SSL2) == TRI_NO)
		return verdict_of(TRI_NO, "SSLv2 is not offered");
	return cond_tri(v, c);
}

/* ---- the work of a Diffie-Hellman key: CVE-2002-20001, CVE-2022-40735 ---- */

bool group_finite(const struct group *g)
{
	return g->kind == GROUP_FFDHE;
}

struct verdict cond_dheat(const struct view *v, const struct cond *c)
{
	struct cond dhe = { .suite = suite_dhe, .from = VER_SSL3, .to = VER_TLS12 };
	struct cond finite = { .group = group_finite, .from = VER_TLS13 };

	(void)c;
	return verdict_worse(cond_any_suite(v, &dhe), cond_any_group(v, &finite));
}

static void large_groups(const struct obs *o, int64_t bits, struct text *t)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct group *g = group_find((uint16_t)o->codes[i]);

		if (g && group_finite(g) && g->bits > bits)
			text_fmt(t, "%s%s: %s", t->n ? "; " : "", version_text(o->protocol), g->name);
	}
}

static void large_modulus(const struct obs *o, int64_t bits, struct text *t)
{
	if (o->number > bits)
		text_fmt(t, "%s%s: %lld-bit modulus", t->n ? "; " : "", version_text(o->protocol), (long long)o->number);
}

/* No larger modulus than `number` bits was seen. Where none is offered at all the question does not arise; where it is not
 * known whether one is, neither is its size. */
struct verdict cond_dh_above(const struct view *v, const struct cond *c)
{
	struct verdict offered = cond_dheat(v, c);
	struct text t = { 0 };

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == OBS_KEY_GROUPS_LIST)
			large_groups(o, c->number, &t);
		else if (o->key == OBS_KEY_DH_BITS)
			large_modulus(o, c->number, &t);
	}
	if (t.n) {
		offered = verdict_of(TRI_YES, arena_text(v->arena, text_str(&t)));
	} else if (offered.holds == TRI_NO) {
		offered = verdict_of(TRI_NA, "no finite field group is offered");
	} else if (offered.holds == TRI_YES) {
		struct cond seen = { .number = 0 };

		offered = cond_dh_below(v, &seen);
		if (offered.holds != TRI_UNKNOWN)
			offered = verdict_of(TRI_NO, NULL);
	}
	text_free(&t);
	return offered;
}

/* ---- what clients get ---- */

static bool in_server_order(const struct view *v, uint16_t version)
{
	const struct obs *o = record_find(v->record, OBS_KEY_SUITES_ORDER, version);

	return o && o->text && !strncmp(o->text, "server", strlen("server"));
}

static bool order_known(const struct view *v, uint16_t version)
{
	const struct obs *o = record_find(v->record, OBS_KEY_SUITES_ORDER, version);

	return o && o->text && strcmp(o->text, "unknown") != 0;
}

/* The suites of one version: how many, how many of them are such, and the first. */
struct suites_of {
	const struct cipher *first;
	size_t all, such;
};

static struct suites_of suites_of(const struct view *v, uint16_t version, const struct cond *c)
{
	struct suites_of s = { 0 };

	for (size_t i = 0; i < v->ciphers_count; i++) {
		if (v->ciphers[i].protocol != version)
			continue;
		s.first = s.first ? s.first : &v->ciphers[i];
		s.all++;
		s.such += c->suite(&v->ciphers[i]);
	}
	return s;
}

/* Does a client get such a suite in this version, though it offers everything? */
static enum tri clients_get(const struct view *v, uint16_t version, const struct cond *c)
{
	struct suites_of s = suites_of(v, version, c);

	if (view_offered(v, version) == TRI_NO || view_offered(v, version) == TRI_NA)
		return TRI_NA;
	if (view_offered(v, version) != TRI_YES || !view_whole(v, version, version, NULL))
		return TRI_UNKNOWN;
	if (!s.such)
		return TRI_NO;
	if (s.such == s.all)
		return TRI_YES;
	if (!order_known(v, version))
		return TRI_UNKNOWN;
	return in_server_order(v, version) && c->suite(s.first) ? TRI_YES : TRI_NO;
}

struct verdict cond_clients_get(const struct view *v, const struct cond *c)
{
	struct verdict d = verdict_of(TRI_NA, "no version with such a choice is offered");
	struct text t = { 0 };

	for (const uint16_t *p = view_versions; *p; p++) {
		enum tri gets = *p < c->from || *p > c->to ? TRI_NA : clients_get(v, *p, c);

		if (gets == TRI_YES)
			text_fmt(&t, "%s%s: %s", t.n ? "; " : "", version_text(*p), suites_of(v, *p, c).first->name);
		else if (gets != TRI_NA)
			d = verdict_worse(verdict_of(gets, gets == TRI_NO ? "others are preferred" : "what is preferred is not known"), d);
	}
	if (t.n)
		d = verdict_of(TRI_YES, arena_printf(v->arena, "clients that offer everything get %s", text_str(&t)));
	text_free(&t);
	return d;
}

/* ---- ALPACA ---- */

static enum tri strict(const struct view *v, enum obs_key key)
{
	return record_tri(v->record, key, 0);
}

/* Brinkmann and others (2021), section 7: a client that is led to another service is saved by either. */
struct verdict cond_alpaca(const struct view *v, const struct cond *c)
{
	enum tri name = strict(v, OBS_KEY_SNI_STRICT), protocol = strict(v, OBS_KEY_ALPN_STRICT);

	(void)c;
	if (name == TRI_YES || protocol == TRI_YES)
		return verdict_of(TRI_NO, protocol == TRI_YES ? "a protocol that is not spoken here is refused"
							      : "a name that is not served here is refused");
	if (name == TRI_NO && protocol == TRI_NO)
		return verdict_of(TRI_YES, "a hello with another name and an unknown protocol is granted");
	if (name == TRI_ABSENT && protocol == TRI_ABSENT)
		return verdict_unasked(v, OBS_KEY_ALPN_STRICT);
	return verdict_of(TRI_UNKNOWN, "what becomes of another name or protocol is not known");
}
