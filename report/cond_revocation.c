/*
 * Conditions over revocation: what a staple says, and what was fetched (--fetch). Asked of every chain that a client
 * which sends the server's name gets.
 */
#include "report/cond.h"

#include <string.h>

#include "scanner/base/text.h"

enum { SHA256_HEX = 64 };

/* ---- what was fetched ------------------------------------------------------------------------ */

/* The i-th answer about this certificate. */
static const struct obs *status_of(const struct view *v, const char *sha256, size_t i)
{
	for (size_t n = 0; n < v->record->obs_count; n++) {
		const struct obs *o = &v->record->obs[n];

		if (o->key == OBS_KEY_CERT_REVOCATION_STATUS && o->sha256 && !strcmp(o->sha256, sha256) && !i--)
			return o;
	}
	return NULL;
}

static const struct obs *status_says(const struct view *v, const char *sha256, const char *word)
{
	const struct obs *o;

	for (size_t i = 0; (o = status_of(v, sha256, i)); i++)
		if (!strcmp(o->text, word))
			return o;
	return NULL;
}

/* Nobody asked for it: that is no gap in the scan. */
static struct verdict not_fetched(const char *because)
{
	struct verdict d = verdict_of(TRI_UNKNOWN, because);

	d.unasked = d.optional = true;
	return d;
}

static struct verdict status_verdict(const struct view *v, enum tri holds, const struct obs *o)
{
	const char *from = o->name ? !strcmp(o->name, "crl") ? "CRL" : "OCSP response" : "revocation";
	const char *why = o->reason ? arena_printf(v->arena, " (%s)", o->reason) : "";

	return (struct verdict){ .holds = holds,
		.because = arena_printf(v->arena, "%s: %s: %s%s", cert_subject(v, o->sha256), from, o->text, why),
		.what = o->text,
		.evidence = o->evidence,
		.evidence_count = o->evidence_count };
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* A revoked certificate on this path, the leaf aside; NULL: none is known to be. */
static const struct obs *revoked_on(const struct view *v, const char *path)
{
	const char *next = strchr(path, ' ');
	char sha256[SHA256_HEX + 1];

	for (; next && strlen(next + 1) >= SHA256_HEX; next = strchr(next + 1, ' ')) {
		const struct obs *o;

		memcpy(sha256, next + 1, SHA256_HEX);
		sha256[SHA256_HEX] = 0;
		o = status_says(v, sha256, "revoked");
		if (o)
			return o;
	}
	return NULL;
}

/* Every trusted path has a revoked certificate; the first of them. */
static const struct obs *revoked_on_all(const struct view *v, const struct served *s)
{
	const struct obs *trust, *found = NULL;

	for (size_t i = 0; (trust = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		for (size_t k = 0; trust->tri == TRI_YES && k < trust->count; k++) {
			const struct obs *o = revoked_on(v, trust->names[k]);

			if (!o)
				return NULL;
			found = found ? found : o;
		}
	return found;
}

/* ---- the server's certificate ---------------------------------------------------------------- */

static const struct obs *staple_says(const struct view *v, const struct served *s, const char *word)
{
	const struct obs *o;

	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_STAPLE, i)); i++)
		if (!strcmp(o->text, word))
			return o;
	return NULL;
}

/* Neither a staple nor a fetched answer says anything that counts. */
static struct verdict not_told(const struct view *v, const struct served *s)
{
	const struct obs *where = about_cert(v, s->names[0], OBS_KEY_CERT_REVOCATION);
	const struct obs *status = status_of(v, s->names[0], 0);

	if (where && !where->reason && (!where->count || obs_has_word(where, "short_lived")))
		return verdict_of(TRI_NA, where->count ? "the certificate is too short-lived to be revoked"
		                                       : "the certificate names no place where a revocation would stand");
	return status ? status_verdict(v, TRI_UNKNOWN, status)
	              : not_fetched("no usable OCSP response is stapled, and none was fetched");
}

static struct verdict revoked_of(const struct view *v, const struct served *s, const struct cond *c)
{
	const struct obs *o;

	(void)c;
	if (!s->names_count)
		return verdict_of(TRI_UNKNOWN, "no certificate was seen");
	if ((o = staple_says(v, s, "revoked")))
		return staple_verdict(v, s, TRI_YES, o);
	if ((o = status_says(v, s->names[0], "revoked")) || (o = revoked_on_all(v, s)))
		return status_verdict(v, TRI_YES, o);
	if ((o = staple_says(v, s, "good")))
		return staple_verdict(v, s, TRI_NO, o);
	if ((o = status_says(v, s->names[0], "good")))
		return status_verdict(v, TRI_NO, o);
	return not_told(v, s);
}

struct verdict cond_revoked(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, revoked_of);
}

/* ---- those above it -------------------------------------------------------------------------- */

/* A certificate that was fetched stands on a path, though it was not served. */
static struct verdict fetched_path_of(const struct view *v, const struct served *s)
{
	const struct obs *trust, *o;

	for (size_t i = 0; (trust = view_about(v, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		for (size_t k = 0; k < trust->count; k++)
			if ((o = revoked_on(v, trust->names[k])))
				return status_verdict(v, TRI_YES, o);
	return (struct verdict){ .holds = TRI_ABSENT };
}

/* What is stapled for a certificate above, by its own word; yes, no, or nothing (TRI_ABSENT). */
static struct verdict stapled_above(const struct view *v, const struct served *s, const char *sha256)
{
	const struct obs *o;
	enum tri holds;

	for (size_t i = 0; (o = view_about(v, s, OBS_KEY_STAPLE_ABOVE, i)); i++) {
		holds = !strcmp(o->text, "revoked") ? TRI_YES : !strcmp(o->text, "good") ? TRI_NO : TRI_ABSENT;
		if (holds != TRI_ABSENT && o->sha256 && !strcmp(o->sha256, sha256))
			return verdict_of(holds, arena_printf(v->arena, "%s: stapled OCSP response: %s",
			                                 view_subject(v, record_cert(v->record, sha256), "a certificate above"), o->text));
	}
	return (struct verdict){ .holds = TRI_ABSENT };
}

static struct verdict above_of(const struct view *v, const struct served *s, const struct cond *c)
{
	struct verdict d = fetched_path_of(v, s);
	const struct obs *o;

	(void)c;
	for (size_t i = 1; i < s->names_count; i++) {
		d = verdict_worse(d, stapled_above(v, s, s->names[i]));
		if ((o = status_says(v, s->names[i], "revoked")))
			d = verdict_worse(d, status_verdict(v, TRI_YES, o));
		else if ((o = status_says(v, s->names[i], "good")))
			d = verdict_worse(d, status_verdict(v, TRI_NO, o));
		else if ((o = status_of(v, s->names[i], 0)))
			d = verdict_worse(d, status_verdict(v, TRI_UNKNOWN, o));
	}
	if (d.holds != TRI_ABSENT)
		return d;
	return s->names_count > 1 && !status_of(v, s->names[0], 0)
	               ? not_fetched("nothing was fetched (--fetch)")
	               : verdict_of(TRI_NA, "no certificate above names a place where a revocation would stand");
}

struct verdict cond_above_revoked(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, above_of);
}

/* ---- answers that tell nothing ---------------------------------------------------------------- */

/* Reasons that may be ours, or the network's, and not the authority's. */
static bool may_be_ours(const char *reason)
{
	static const char *const words[] = { "scheme", "refused_port", "refused_address", "name_not_found", "connect_failed",
		"timeout", "deadline", "limit", "no_issuer", "unsupported_signature", "unsupported_crl" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i], reason))
			return true;
	return false;
}

static enum tri is_unusable(const struct obs *o)
{
	if (strcmp(o->text, "unknown"))
		return strcmp(o->text, "not_applicable") ? TRI_NO : TRI_NA;
	if (!o->reason || !strcmp(o->reason, "no_url"))
		return TRI_NA;
	return may_be_ours(o->reason) ? TRI_UNKNOWN : TRI_YES;
}

static struct verdict unusable_of(const struct view *v, const struct served *s, const struct cond *c)
{
	struct verdict d = { .holds = TRI_ABSENT };
	const struct obs *o;

	(void)c;
	for (size_t i = 0; i < s->names_count; i++)
		for (size_t k = 0; (o = status_of(v, s->names[i], k)); k++)
			d = verdict_worse(d, status_verdict(v, is_unusable(o), o));
	return d.holds == TRI_ABSENT ? not_fetched("nothing was fetched (--fetch)") : d;
}

struct verdict cond_revocation_unusable(const struct view *v, const struct cond *c)
{
	return each_judged(v, c, unusable_of);
}
