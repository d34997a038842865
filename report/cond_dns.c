/* Conditions over what the DNS says. Each counts only as far as DNSSEC lets it. */
#include <string.h>

#include "report/cond.h"
#include "scanner/base/text.h"

static struct verdict no(void)
{
	return verdict_of(TRI_NO, NULL);
}

static const struct obs *dnssec_of(const struct view *v, const char *what)
{
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == OBS_KEY_DNS_DNSSEC && o->name && !strcmp(o->name, what))
			return o;
	}
	return NULL;
}

static bool is(const struct obs *o, const char *word)
{
	return o->text && !strcmp(o->text, word);
}

/* True when the records of this kind are known; else *why says what to make of that. */
static bool heard(const struct view *v, const char *what, enum obs_key key, struct verdict *why)
{
	const struct obs *state = dnssec_of(v, what), *list = record_find(v->record, key, 0);

	if (!state || !list)
		*why = verdict_unasked(v, key);
	else if (is(state, "unknown") || list->reason)
		*why = verdict_of(TRI_UNKNOWN, arena_printf(v->arena, "the records are not known (%s)",
			state->reason ? state->reason : list->reason ? list->reason : "?"));
	else
		return true;
	return false;
}

struct verdict cond_dns_bogus(const struct view *v, const struct cond *c)
{
	struct text names = { 0 };
	bool any = false, open = false;
	struct verdict d;

	(void)c;
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_DNS_DNSSEC)
			continue;
		any = true;
		open |= is(o, "unknown");
		if (o->reason && !strcmp(o->reason, "DNS_BOGUS"))
			text_fmt(&names, "%s%s", names.n ? ", " : "", o->name ? o->name : "?");
	}
	if (names.n)
		d = verdict_of(TRI_YES, arena_printf(v->arena, "records asked for: %s", text_str(&names)));
	else if (!any)
		d = verdict_unasked(v, OBS_KEY_DNS_DNSSEC);
	else
		d = open ? verdict_of(TRI_UNKNOWN, "not all records are known") : no();
	text_free(&names);
	return d;
}

/* ---- TLSA ---------------------------------------------------------------------------------------------------------- */

/* "none of 3 1 1 0a4c.., 2 1 1 77be..": what the chain was held against. */
static const char *none_of(const struct view *v)
{
	enum { SHOWN = 4, DIGITS = 20 };
	const struct obs *list = record_find(v->record, OBS_KEY_DNS_TLSA, 0);
	struct text t = { 0 };
	const char *said;

	for (size_t i = 0; i < list->count && i < SHOWN; i++)
		text_fmt(&t, "%s%.*s..", i ? ", " : "what is served fits none of ", DIGITS, list->names[i]);
	if (list->count > SHOWN)
		text_fmt(&t, " and %zu more", list->count - SHOWN);
	said = arena_text(v->arena, text_str(&t));
	text_free(&t);
	return said;
}

static struct verdict chains_fit(const struct view *v)
{
	struct verdict d = verdict_of(TRI_NA, "no record can be used");

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_DNS_TLSA_MATCH || o->tri == TRI_NA)
			continue;
		if (o->tri == TRI_NO)
			return verdict_of(TRI_YES, none_of(v));
		if (o->tri == TRI_UNKNOWN)
			d = verdict_of(TRI_UNKNOWN, "not every record could be compared");
		else if (d.holds == TRI_NA)
			d = no();
	}
	return d;
}

struct verdict cond_tlsa_mismatch(const struct view *v, const struct cond *c)
{
	const struct obs *list = record_find(v->record, OBS_KEY_DNS_TLSA, 0);
	struct verdict d;

	(void)c;
	if (!heard(v, "tlsa", OBS_KEY_DNS_TLSA, &d))
		return d;
	if (!list->count)
		return verdict_of(TRI_NA, "there is no TLSA record");
	if (!is(dnssec_of(v, "tlsa"), "secure"))
		return verdict_of(TRI_NA, "the records are not secured by DNSSEC and bind nobody");
	if (!record_find(v->record, OBS_KEY_DNS_TLSA_MATCH, 0))
		return verdict_of(TRI_UNKNOWN, "no certificate was seen");
	return chains_fit(v);
}

struct verdict cond_tlsa_unbound(const struct view *v, const struct cond *c)
{
	const struct obs *list = record_find(v->record, OBS_KEY_DNS_TLSA, 0);
	struct verdict d;

	(void)c;
	if (!heard(v, "tlsa", OBS_KEY_DNS_TLSA, &d))
		return d;
	if (!list->count)
		return verdict_of(TRI_NA, "there is no TLSA record");
	return is(dnssec_of(v, "tlsa"), "secure") ? no() : verdict_of(TRI_YES, "the zone is not signed");
}

/* ---- CAA ----------------------------------------------------------------------------------------------------------- */

struct verdict cond_caa_none(const struct view *v, const struct cond *c)
{
	const struct obs *list = record_find(v->record, OBS_KEY_DNS_CAA, 0);
	struct verdict d;

	(void)c;
	if (!heard(v, "caa", OBS_KEY_DNS_CAA, &d))
		return d;
	return list->count ? no() : verdict_of(TRI_YES, "neither at the host nor above it");
}

struct verdict cond_caa_critical(const struct view *v, const struct cond *c)
{
	const struct obs *critical = record_find(v->record, OBS_KEY_DNS_CAA_CRITICAL, 0);
	struct verdict d;

	(void)c;
	if (!heard(v, "caa", OBS_KEY_DNS_CAA, &d))
		return d;
	return critical && critical->count ? verdict_of(TRI_YES, critical->names[0]) : no();
}

/* ---- HTTPS --------------------------------------------------------------------------------------------------------- */

static bool names(const struct obs *o, const char *word)
{
	for (size_t i = 0; i < o->count; i++)
		if (!strcmp(o->names[i], word))
			return true;
	return false;
}

/* HTTP/3 is another transport, which nobody asked; HTTP/1.1 needs no word of the server. */
struct verdict cond_https_alpn(const struct view *v, const struct cond *c)
{
	const struct obs *promised = record_find(v->record, OBS_KEY_DNS_HTTPS_ALPN, 0);
	bool asked = false, open = false;
	struct verdict d;

	(void)c;
	if (!heard(v, "https", OBS_KEY_DNS_HTTPS, &d))
		return d;
	if (!promised || !names(promised, "h2"))
		return verdict_of(TRI_NA, "no record promises HTTP/2 of this host and port");
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key != OBS_KEY_ALPN)
			continue;
		asked = true;
		open |= o->reason != NULL;
		if (names(o, "h2"))
			return no();
	}
	if (!asked)
		return verdict_unasked(v, OBS_KEY_ALPN);
	return open ? verdict_of(TRI_UNKNOWN, "not all protocols are known") : verdict_of(TRI_YES, "h2 is promised");
}
