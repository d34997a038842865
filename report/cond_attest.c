/*
 * Conditions over what vouches for a certificate beside its chain (staple, timestamps), and over what was found in
 * its key and its profile. Asked of every chain that a client which sends the server's name gets.
 */
#include "report/cond.h"

#include <string.h>

#include "scanner/base/text.h"

enum { DAY = 86400 };

/* ---- observations about a certificate -------------------------------------------------------- */

const struct obs *about_cert(const struct view *v, const char *sha256, enum obs_key key)
{
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == key && o->sha256 && !strcmp(o->sha256, sha256))
			return o;
	}
	return NULL;
}

static const struct obs *about_leaf(const struct view *v, const struct served *s, enum obs_key key)
{
	return s->names_count ? about_cert(v, s->names[0], key) : NULL;
}

bool obs_has_word(const struct obs *o, const char *word)
{
	for (size_t i = 0; o && i < o->count; i++)
		if (!strcmp(o->names[i], word))
			return true;
	return false;
}

const char *cert_subject(const struct view *v, const char *sha256)
{
	return view_subject(v, record_cert(v->record, sha256), "the certificate");
}

/* The worst of two answers: yes, then unknown, then no, then not applicable. */
struct verdict verdict_worse(struct verdict a, struct verdict b)
{
	static const int rank[] = {
		[TRI_ABSENT] = -1, [TRI_NA] = 0, [TRI_NO] = 1, [TRI_UNKNOWN] = 2, [TRI_YES] = 3
	};

	return rank[b.holds] > rank[a.holds] ? b : a;
}

struct verdict each_judged(const struct view *v, const struct cond *c, chain_cond *ask)
{
	struct verdict d = { .holds = TRI_ABSENT };

	for (size_t i = 0; i < v->chains_count; i++)
		if (v->chains[i].judged)
			d = verdict_worse(d, ask(v, &v->chains[i], c));
	return d.holds == TRI_ABSENT ? verdict_of(TRI_UNKNOWN, "no certificate was seen") : d;
}

/* ---- the staple ------------------------------------------------------------------------------ */

struct verdict staple_verdict(
        const struct view *v, const struct served *s, enum tri holds, const struct obs *o)
{
	return (struct verdict){ .holds = holds,
		.because = arena_printf(v->arena, "%s: stapled OCSP response: %s", cert_subject(v, s->names[0]), o->text),
		.what = o->text,
		.evidence = o->evidence,
		.evidence_count = o->evidence_count };
}

/* Good, revoked (a rule of its own) and none are no fault of the staple's. */
static struct verdict staple_of(const struct view *v, const struct served *s, const struct cond *c)
{
	struct verdict d = { .holds = TRI_ABSENT };
	const struct obs *o;

	(void)c;
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_STAPLE, i)); i++) {
		bool well = !strcmp(o->text, "good") || !strcmp(o->text, "revoked");
		enum tri holds = well ? TRI_NO : !strcmp(o->text, "none") ? TRI_NA : TRI_YES;

		if (!strcmp(o->text, "no_issuer") || !strcmp(o->text, "unsupported_signature"))
			holds = TRI_UNKNOWN;
		d = verdict_worse(d, staple_verdict(v, s, holds, o));
	}
	return d.holds == TRI_ABSENT ? verdict_of(TRI_UNKNOWN, "no staple was asked for") : d;
}

struct verdict cond_staple_unusable(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, staple_of);
}

static struct verdict must_staple_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *must = about_leaf(v, s, OBS_KEY_CERT_MUST_STAPLE), *o;
	struct verdict d = { .holds = TRI_ABSENT };

	(void)c;
	if (!must)
		return verdict_of(TRI_UNKNOWN, "the certificate was not examined");
	if (must->tri != TRI_YES)
		return verdict_of(TRI_NA, "the certificate does not demand a staple");
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_STAPLE, i)); i++)
		d = verdict_worse(d, staple_verdict(v, s, strcmp(o->text, "good") ? TRI_YES : TRI_NO, o));
	return d.holds == TRI_ABSENT ? verdict_of(TRI_UNKNOWN, "no staple was asked for") : d;
}

struct verdict cond_must_staple_broken(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, must_staple_of);
}

/* ---- public authorities ---------------------------------------------------------------------- */

/* The rules of browsers and of the CA/Browser Forum bind the authorities of public stores. */
static enum tri is_public(const struct view *v, const struct served *s)
{
	enum tri public = TRI_UNKNOWN;
	const struct obs *o;

	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		if (o->name && !strcmp(o->name, "system"))
			public = o->tri;
	return public;
}

static struct verdict not_public(enum tri public)
{
	return public == TRI_NO ? verdict_of(TRI_NA, "the authority is not one of the system's store")
	                        : verdict_of(TRI_UNKNOWN, "it is not known whether the authority is a public one");
}

static struct verdict no_scts_of(const struct view *v, const struct served *s, const struct cond *c)
{
	enum tri public = is_public(v, s);
	const struct obs *o;
	int64_t n = 0;
	bool any = false, malformed = false;

	(void)c;
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_CT_SCTS, i)); i++) {
		n += o->number;
		any = true;
		malformed |= o->reason && !strcmp(o->reason, "malformed");
	}
	if (any && n)
		return verdict_of(TRI_NO, NULL);
	if (public != TRI_YES)
		return not_public(public);
	return any ? verdict_of(TRI_YES, arena_printf(v->arena, "%s: no timestamp %sin certificate, handshake or staple",
	                                         cert_subject(v, s->names[0]), malformed ? "that can be read " : ""))
	           : verdict_of(TRI_UNKNOWN, "timestamps were not looked for");
}

struct verdict cond_no_scts(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, no_scts_of);
}

static struct verdict one_ct_policy(const struct view *v, const struct served *s, const struct obs *o)
{
	struct text t = { 0 };
	struct verdict d = { .holds = o->tri == TRI_NO ? TRI_YES : o->tri == TRI_YES ? TRI_NO : TRI_UNKNOWN,
		.evidence = o->evidence,
		.evidence_count = o->evidence_count };

	text_fmt(&t, "%s: for %s: ", cert_subject(v, s->names[0]), o->name ? o->name : "browsers");
	for (size_t i = 0; i < o->evidence_count; i++)
		text_fmt(&t, "%s%s%s", i ? ", " : "", strcmp(o->evidence[i].name, "lacks") ? "" : "lacking ", o->evidence[i].text);
	d.because = arena_text(v->arena, text_str(&t));
	text_free(&t);
	return d;
}

static struct verdict ct_policy_of(const struct view *v, const struct served *s, const struct cond *c)
{
	struct verdict d = { .holds = TRI_ABSENT };
	enum tri public = is_public(v, s);
	const struct obs *o;

	(void)c;
	if (!view_about(v, s, OBS_KEY_CT_POLICY, 0))
		return verdict_of(TRI_NA, "no list of logs was given (--ct-logs)");
	if (public != TRI_YES)
		return not_public(public);
	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_CT_POLICY, i)); i++)
		d = verdict_worse(d, one_ct_policy(v, s, o));
	return d;
}

struct verdict cond_ct_policy(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, ct_policy_of);
}

/* Days that a certificate may last, by its first day: CA/Browser Forum BR 6.3.2. */
static int64_t lifetime_limit(int64_t not_before)
{
	static const struct {
		int64_t from;
		int64_t days;
	} limits[] = {
		{ INT64_C(1868227200), 47 },  /* 2029-03-15 */
		{ INT64_C(1805068800), 100 }, /* 2027-03-15 */
		{ INT64_C(1773532800), 200 }, /* 2026-03-15 */
		{ INT64_C(1598918400), 398 }, /* 2020-09-01 */
		{ INT64_C(1519862400), 825 }, /* 2018-03-01 */
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (not_before >= limits[i].from)
			return limits[i].days;
	return 0;
}

static struct verdict lifetime_of(const struct view *v, const struct served *s, const struct cond *c)
{
	enum tri public = is_public(v, s);
	int64_t limit, days;

	(void)c;
	if (!s->leaf || s->leaf->malformed)
		return verdict_of(TRI_UNKNOWN, "the certificate could not be read");
	if (public != TRI_YES)
		return not_public(public);
	limit = lifetime_limit(s->leaf->not_before);
	days = (s->leaf->not_after - s->leaf->not_before + DAY) / DAY; /* the last second counts */
	return verdict_of(limit && days > limit ? TRI_YES : TRI_NO,
	        arena_printf(v->arena, "%s lasts %lld days, the limit of its date of issue is %lld",
	                cert_subject(v, s->names[0]), (long long)days, (long long)limit));
}

struct verdict cond_too_long(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, lifetime_of);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static struct verdict flaw_in(const struct view *v, const char *sha256, const struct cond *c)
{
	const struct obs *o = about_cert(v, sha256, OBS_KEY_CERT_KEY_FLAWS);
	struct text t = { 0 };
	struct verdict d = verdict_of(o && !o->reason ? TRI_NO : TRI_UNKNOWN, o ? NULL : "the key was not examined");

	for (size_t i = 0; o && i < o->count; i++)
		if (strstr(c->text, o->names[i]))
			text_fmt(&t, "%s%s", t.n ? ", " : "", o->names[i]);
	if (t.n)
		d = verdict_of(TRI_YES, arena_printf(v->arena, "key of %s: %s", cert_subject(v, sha256), text_str(&t)));
	text_free(&t);
	return d;
}

static struct verdict known_key_of(const struct view *v, const char *sha256, const struct cond *c)
{
	const struct obs *o = about_cert(v, sha256, c->key);

	if (!o)
		return verdict_of(TRI_UNKNOWN, arena_printf(v->arena, "%s was not asked", obs_kinds[c->key].key));
	return verdict_of(o->tri, arena_printf(v->arena, "key of %s: %s", cert_subject(v, sha256),
	                                  o->tri == TRI_YES ? o->name ? o->name : "known" : "not in the list"));
}

typedef struct verdict ask_cert(const struct view *, const char *sha256, const struct cond *);

static struct verdict each_cert(const struct view *v, const struct cond *c, ask_cert *ask)
{
	struct verdict d = { .holds = TRI_ABSENT };

	for (size_t i = 0; i < v->chains_count; i++)
		for (size_t k = 0; v->chains[i].judged && k < v->chains[i].names_count; k++)
			d = verdict_worse(d, ask(v, v->chains[i].names[k], c));
	return d.holds == TRI_ABSENT ? verdict_of(TRI_UNKNOWN, "no certificate was seen") : d;
}

struct verdict cond_key_flaw(const struct view *v, const struct cond *c)
{
	return each_cert(v, c, flaw_in);
}

struct verdict cond_known_key(const struct view *v, const struct cond *c)
{
	return each_cert(v, c, known_key_of);
}

/*
 * A public authority compares each key with Debian's before it issues, since 15 November 2024 (CA/Browser Forum BR
 * 6.1.1.3, ballot SC-073): what was issued later and is publicly trusted needs no list of ours.
 */
static bool was_compared(const struct view *v, const struct served *s)
{
	static const int64_t since = INT64_C(1731628800);

	return s->leaf && !s->leaf->malformed && s->leaf->not_before >= since && is_public(v, s) == TRI_YES;
}

static struct verdict debian_key_of(const struct view *v, const struct served *s, const struct cond *c)
{
	if (!about_cert(v, s->names[0], c->key) && was_compared(v, s))
		return verdict_of(TRI_NO, "its authority had to compare the key with Debian's (CA/Browser Forum BR 6.1.1.3)");
	return known_key_of(v, s->names[0], c);
}

struct verdict cond_debian_key(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, debian_key_of);
}

/* ---- several certificates -------------------------------------------------------------------- */

/* Of the name's own certificates, or (`sni` no) of these and what a client gets that names no server; NULL: one. */
static const struct obs *differences(const struct view *v, enum tri sni)
{
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == OBS_KEY_CERT_DIFFERENCES && (o->sni == TRI_NO) == (sni == TRI_NO))
			return o;
	}
	return NULL;
}

struct verdict cond_differ(const struct view *v, const struct cond *c)
{
	const struct obs *o = differences(v, TRI_ABSENT), *without = differences(v, TRI_NO);

	if (!v->chains_count)
		return verdict_of(TRI_UNKNOWN, "no certificate was seen");
	if (obs_has_word(o, c->text))
		return verdict_of(TRI_YES, arena_printf(v->arena, "they differ in: %s", c->text));
	if (c->value == TRI_NO && obs_has_word(without, c->text))
		return verdict_of(TRI_YES, arena_printf(v->arena, "with and without a server name they differ in: %s", c->text));
	if (o || (without && c->value == TRI_NO))
		return verdict_of(TRI_NO, NULL);
	return verdict_of(TRI_NA, without ? "one certificate for who names the server, another for who names none"
	                                  : "the server has one certificate");
}

static bool shows_nameless(const struct view *v)
{
	for (size_t i = 0; i < v->chains_count; i++)
		if (v->chains[i].sni == TRI_NO)
			return true;
	return false;
}

struct verdict cond_default_differs(const struct view *v, const struct cond *c)
{
	const struct obs *o = differences(v, TRI_NO), *required = record_find(v->record, OBS_KEY_SNI_REQUIRED, 0);

	(void)c;
	if (!v->chains_count)
		return verdict_of(TRI_UNKNOWN, "no certificate was seen");
	if (!v->record->sni)
		return verdict_of(TRI_NA, "the target has no server name");
	if (required && required->tri == TRI_YES)
		return verdict_of(TRI_NA, "without a server name there is no certificate");
	if (!o)
		return shows_nameless(v) ? verdict_of(TRI_NO, NULL) : verdict_unasked(v, OBS_KEY_SNI_REQUIRED);
	if (obs_has_word(o, "names"))
		return verdict_of(TRI_YES, "without a server name the certificate has other names");
	return obs_has_word(o, "issuer") ? verdict_of(TRI_YES, "without a server name the certificate has another issuer")
	                                 : verdict_of(TRI_NO, NULL);
}
