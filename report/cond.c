#include "report/cond.h"

#include <string.h>

#include "report/escape.h"
#include "report/feature.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/tls/reasons.h"

struct verdict verdict_of(enum tri holds, const char *because)
{
	return (struct verdict){ .holds = holds, .because = because };
}

/* What is asked only when a probe is named, when there is a list to look it up in, or of a name and not of an address: no
 * gap of a scan. */
static bool is_optional(enum obs_key key)
{
	static const enum obs_key keys[] = { OBS_KEY_FALSE_START, OBS_KEY_RENEGOTIATION_COUNT, OBS_KEY_PSK_ALONE,
		OBS_KEY_INVALID_CURVE, OBS_KEY_ZERO_SECRET,
		OBS_KEY_EMS_DROPPED, OBS_KEY_TOLERANCE, OBS_KEY_MALFORMED_TAKEN, OBS_KEY_CERT_DEBIAN_KEY, OBS_KEY_CT_POLICY, OBS_KEY_DNS_DNSSEC, OBS_KEY_DNS_CAA,
		OBS_KEY_DNS_CAA_CRITICAL, OBS_KEY_DNS_TLSA, OBS_KEY_DNS_TLSA_MATCH, OBS_KEY_DNS_HTTPS, OBS_KEY_DNS_HTTPS_ALPN };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i] == key)
			return true;
	return false;
}

struct verdict verdict_unasked(const struct view *v, enum obs_key key)
{
	struct verdict d = verdict_of(TRI_UNKNOWN, arena_printf(v->arena, "%s was not asked", obs_kinds[key].key));

	d.unasked = true;
	d.optional = is_optional(key);
	return d;
}

/* What is composed to be read is made harmless here, once for every format; facts keep their characters. */
struct verdict cond_ask(const struct view *v, const struct cond *c)
{
	struct verdict d = c->op(v, c);

	require(d.holds != TRI_ABSENT);
	d.because = d.because ? escape_in(v->arena, escape_none, d.because) : NULL;
	d.what = d.what ? escape_in(v->arena, escape_none, d.what) : NULL;
	return d;
}

/* ---- versions
 * ------------------------------------------------------------------------------------------------ */

static struct verdict about_version(const struct view *v, uint16_t version, enum tri holds, const char *says)
{
	struct verdict d = verdict_of(holds, NULL);
	const struct obs *o = record_find(v->record, OBS_KEY_PROTOCOL_OFFERED, version);

	if (holds == TRI_UNKNOWN && o && o->reason)
		says = arena_printf(v->arena, "is not known to be offered (%s)", o->reason);
	else if (holds == TRI_UNKNOWN)
		says = "is not known to be offered";
	d.because = arena_printf(v->arena, "%s %s", version_text(version), says);
	d.what = version_text(version);
	return d;
}

struct verdict cond_offered(const struct view *v, const struct cond *c)
{
	enum tri offered = view_offered(v, c->from);

	return about_version(v, c->from, offered, offered == TRI_YES ? "is offered" : "is not offered");
}

static bool any_offered(const struct view *v)
{
	for (const uint16_t *p = view_versions; *p; p++)
		if (view_offered(v, *p) == TRI_YES)
			return true;
	return false;
}

/* What is not there is no fault; where nothing was seen at all, that is not known either. */
static struct verdict absent(const struct view *v, struct verdict where_seen)
{
	return any_offered(v) ? where_seen : verdict_of(TRI_UNKNOWN, "no protocol version was seen");
}

struct verdict cond_missing(const struct view *v, const struct cond *c)
{
	enum tri offered = view_offered(v, c->from);

	if (!any_offered(v))
		return verdict_of(TRI_UNKNOWN, "no protocol version was seen");
	if (offered == TRI_NO)
		return about_version(v, c->from, TRI_YES, "is not offered");
	return about_version(v, c->from, offered == TRI_YES ? TRI_NO : TRI_UNKNOWN, "is offered");
}

/* Nothing better than SSL 3: the newer versions are all known to be absent. */
static enum tri newer_than_ssl3(const struct view *v)
{
	bool unknown = false;

	for (const uint16_t *p = view_versions; *p > VER_SSL3; p++) {
		if (view_offered(v, *p) == TRI_YES)
			return TRI_YES;
		unknown = unknown || view_offered(v, *p) == TRI_UNKNOWN;
	}
	return unknown ? TRI_UNKNOWN : TRI_NO;
}

struct verdict cond_ssl3_best(const struct view *v, const struct cond *c)
{
	enum tri ssl3 = view_offered(v, VER_SSL3), newer = newer_than_ssl3(v);

	(void)c;
	if (newer == TRI_YES || ssl3 == TRI_NO)
		return verdict_of(
		        TRI_NO, newer == TRI_YES ? "a newer version is offered" : "SSLv3 is not offered");
	if (newer == TRI_UNKNOWN || ssl3 != TRI_YES)
		return verdict_of(TRI_UNKNOWN, "not all versions are known");
	return (struct verdict){ .holds = TRI_YES,
		.because = "SSLv3 is the best version offered",
		.what = "TLSv1.2 and TLSv1.3" };
}

struct verdict cond_no_tls12(const struct view *v, const struct cond *c)
{
	enum tri tls12 = view_offered(v, VER_TLS12), tls13 = view_offered(v, VER_TLS13);

	(void)c;
	if (tls12 == TRI_YES)
		return verdict_of(TRI_NO, "TLSv1.2 is offered");
	if (tls13 == TRI_YES)
		return verdict_of(TRI_NA, "TLSv1.3 is offered");
	if (tls12 != TRI_NO || tls13 != TRI_NO)
		return verdict_of(TRI_UNKNOWN, "TLSv1.2 or TLSv1.3 is not known to be offered");
	if (!any_offered(v))
		return verdict_of(TRI_UNKNOWN, "no protocol version was seen");
	return (struct verdict){ .holds = TRI_YES,
		.because = "neither TLSv1.2 nor TLSv1.3 is offered",
		.what = "TLSv1.2 and TLSv1.3" };
}

static const char *codes_text(const struct view *v, const struct obs *o)
{
	struct text t = { 0 };
	char *s;

	for (size_t i = 0; i < o->count; i++)
		text_fmt(&t, "%s%s", i ? ", " : "", version_text((uint16_t)o->codes[i]));
	s = arena_text(v->arena, text_str(&t));
	text_free(&t);
	return s;
}

struct verdict cond_listed(const struct view *v, const struct cond *c)
{
	bool asked = false, open = false;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != c->key)
			continue;
		if (o->count)
			return (struct verdict){
				.holds = TRI_YES, .because = codes_text(v, o), .what = codes_text(v, o)
			};
		asked = true;
		open |= o->reason != NULL;
	}
	if (!asked || open)
		return verdict_of(TRI_UNKNOWN, "not asked, or not answered to the end");
	return verdict_of(TRI_NO, NULL);
}

/* ---- yes-or-no observations
 * ---------------------------------------------------------------------------------- */

static bool in_versions(const struct cond *c, uint16_t protocol)
{
	return !protocol || (protocol >= c->from && (!c->to || protocol <= c->to));
}

/* As the report calls it. */
static const char *title_of(enum obs_key key)
{
	const char *title = feature_title(key);

	return title && !strchr(title, '%') ? title : obs_kinds[key].key;
}

static const char *tri_says(const struct view *v, const struct obs *o)
{
	const char *title = title_of(o->key), *value = tri_name(o->tri);

	if (o->protocol)
		return arena_printf(v->arena, "%s: %s (%s)", title, value, version_text(o->protocol));
	return arena_printf(v->arena, "%s: %s", title, value);
}

static bool is_named(const struct cond *c, const struct obs *o)
{
	return !c->text || (o->name && !strcmp(o->name, c->text));
}

/* The observation that decides: the wanted value before unknown before the other value before not applicable.
 */
static int weight(const struct cond *c, enum tri t)
{
	if (t == c->value)
		return 4;
	return t == TRI_UNKNOWN ? 3 : t == TRI_NA ? 1 : 2;
}

static const struct obs *deciding(const struct view *v, const struct cond *c)
{
	const struct obs *best = NULL;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == c->key && in_versions(c, o->protocol) && is_named(c, o) &&
		        (!best || weight(c, o->tri) > weight(c, best->tri)))
			best = o;
	}
	return best;
}

/* Exactly one version from SSL 3 on is offered, and all the others are known not to be. */
static bool one_version(const struct view *v)
{
	size_t offered = 0;

	for (const uint16_t *p = view_versions; *p != VER_SSL2; p++) {
		if (view_offered(v, *p) == TRI_UNKNOWN)
			return false;
		offered += view_offered(v, *p) == TRI_YES;
	}
	return offered == 1;
}

static struct verdict not_asked(const struct view *v, const struct cond *c)
{
	if (c->number != ASKED_OF_ALL && view_only_tls13(v) == TRI_YES && any_offered(v))
		return verdict_of(TRI_NA, "only TLSv1.3 is offered");
	if (c->number == ASKED_OF_SEVERAL_VERSIONS && one_version(v))
		return verdict_of(TRI_NA, "only one version is offered");
	return verdict_unasked(v, c->key);
}

struct verdict cond_tri(const struct view *v, const struct cond *c)
{
	static const enum tri holds[] = { TRI_UNKNOWN, TRI_NA, TRI_NO, TRI_UNKNOWN, TRI_YES };
	const struct obs *o = deciding(v, c);
	struct verdict d;

	if (!o)
		return not_asked(v, c);
	d = verdict_of(holds[weight(c, o->tri)], tri_says(v, o));
	if (d.holds == TRI_UNKNOWN && o->reason)
		d.because = arena_printf(v->arena, "%s (%s)", d.because, o->reason);
	d.evidence = o->evidence;
	d.evidence_count = o->evidence_count;
	return d;
}

/* What is marked: with TLS 1.3 every answer below it, with TLS 1.2 every one below that (RFC 8446 section 4.1.3). */
struct verdict cond_no_sentinel(const struct view *v, const struct cond *c)
{
	enum tri best = view_offered(v, c->from), newer = c->from < VER_TLS13 ? view_offered(v, VER_TLS13) : TRI_NO;
	struct cond missing = { .key = OBS_KEY_DOWNGRADE_SENTINEL, .value = TRI_NO, .from = VER_SSL3,
		.to = c->from < VER_TLS13 ? VER_TLS11 : VER_TLS12, .number = ASKED_OF_SEVERAL_VERSIONS };

	if (best == TRI_NO || newer == TRI_YES)
		return verdict_of(TRI_NA, arena_printf(v->arena, "%s is not the best version", version_text(c->from)));
	if (best != TRI_YES || newer != TRI_NO)
		return verdict_of(TRI_UNKNOWN, "the best version is not known");
	return cond_tri(v, &missing);
}

struct verdict cond_text_not(const struct view *v, const struct cond *c)
{
	const struct obs *o = record_find(v->record, c->key, 0);

	if (!o || !o->text)
		return absent(v, verdict_of(TRI_NA, arena_printf(v->arena, "%s does not show", obs_kinds[c->key].key)));
	return verdict_of(strcmp(o->text, c->text) ? TRI_YES : TRI_NO,
	        arena_printf(v->arena, "%s: %s", obs_kinds[o->key].key, o->text));
}

struct verdict cond_violation(const struct view *v, const struct cond *c)
{
	const struct obs *o = record_find(v->record, OBS_KEY_VIOLATION, 0);

	(void)c;
	if (!o)
		return absent(v, verdict_of(TRI_NO, NULL));
	return (struct verdict){ .holds = TRI_YES,
		.what = o->text,
		.evidence = o->evidence,
		.evidence_count = o->evidence_count,
		.because = o->protocol ? arena_printf(v->arena, "%s: %s", version_text(o->protocol), o->text)
		                       : o->text };
}

/* "LIMIT_CERT, a certificate message larger than the limit of 256 KiB" */
static const char *in_words(const struct view *v, const char *reason)
{
	for (enum reason r = 0; r < REASONS; r++)
		if (!strcmp(reason_name(r), reason))
			return arena_printf(v->arena, "%s, %s", reason, reason_sentence(r));
	return reason;
}

struct verdict cond_limit(const struct view *v, const struct cond *c)
{
	const struct obs *o = record_find(v->record, OBS_KEY_LIMIT, 0);

	(void)c;
	if (!o || !o->text)
		return absent(v, verdict_of(TRI_NO, NULL));
	return (struct verdict){ .holds = TRI_YES,
		.what = o->text,
		.evidence = o->evidence,
		.evidence_count = o->evidence_count,
		.because = in_words(v, o->text) };
}
