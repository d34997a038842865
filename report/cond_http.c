/* Conditions over what HTTP said: RFC 6797 (Strict-Transport-Security), headers, cookies, the redirect to HTTPS. */
#include <string.h>
#include <strings.h>

#include "report/cond.h"
#include "report/show.h"
#include "scanner/base/text.h"

static struct verdict no(void)
{
	return verdict_of(TRI_NO, NULL);
}

/* Did the server answer in HTTP? Where other protocols live the question does not arise. */
static enum tri answered(const struct view *v)
{
	return record_tri(v->record, OBS_KEY_HTTP_ANSWERED, 0);
}

static struct verdict not_heard(const struct view *v)
{
	const struct obs *o = record_find(v->record, OBS_KEY_HTTP_ANSWERED, 0);

	if (o && (o->tri == TRI_NO || o->tri == TRI_NA))
		return verdict_of(TRI_NA, "no HTTP is spoken here");
	return verdict_of(TRI_UNKNOWN, o && o->reason ? arena_printf(v->arena, "no HTTP was heard (%s)", o->reason)
						      : "no HTTP was heard");
}

/* Is this one of the words, which are parted by blanks? */
bool among(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *w = words; *w; w += strspn(w, " ")) {
		size_t length = strcspn(w, " ");

		if (length == n && !memcmp(w, word, n))
			return true;
		w += length;
	}
	return false;
}

/* ---- Strict-Transport-Security --------------------------------------------------------------------------------------- */

static const char *hsts(const struct view *v)
{
	const struct obs *o = record_find(v->record, OBS_KEY_HSTS, 0);

	return o && o->text ? o->text : NULL;
}

static struct verdict hsts_is(const struct view *v, enum tri holds)
{
	return verdict_of(holds, arena_printf(v->arena, "Strict-Transport-Security is %s", hsts(v)));
}

struct verdict cond_hsts_broken(const struct view *v, const struct cond *c)
{
	(void)c;
	if (!hsts(v))
		return not_heard(v);
	return hsts_is(v, among("valid absent ignored", hsts(v)) ? TRI_NO : TRI_YES);
}

struct verdict cond_hsts_missing(const struct view *v, const struct cond *c)
{
	(void)c;
	if (!hsts(v))
		return not_heard(v);
	if (!strcmp(hsts(v), "ignored"))
		return verdict_of(TRI_NA, "the target is an address, for which there is none");
	return hsts_is(v, strcmp(hsts(v), "absent") ? TRI_NO : TRI_YES);
}

static struct verdict age_below(const struct view *v, const struct cond *c)
{
	const struct obs *age = record_find(v->record, OBS_KEY_HSTS_MAX_AGE, 0);

	if (!age)
		return verdict_of(TRI_UNKNOWN, "no max-age was told");
	return verdict_of(age->number < c->number ? TRI_YES : TRI_NO,
	        arena_printf(v->arena, "max-age is %s seconds", show_number(v->arena, age->number)));
}

struct verdict cond_hsts_brief(const struct view *v, const struct cond *c)
{
	if (!hsts(v))
		return not_heard(v);
	return strcmp(hsts(v), "valid") ? no() : age_below(v, c);
}

/*
 * The guide wants it for A+, so a server that speaks no HTTP has none to show; but where TLS is asked for in another
 * protocol's words, none could.
 */
struct verdict cond_hsts_short(const struct view *v, const struct cond *c)
{
	struct verdict d;

	if (hsts(v))
		return strcmp(hsts(v), "valid") ? hsts_is(v, TRI_YES) : age_below(v, c);
	d = not_heard(v);
	if (d.holds == TRI_NA && !v->record->starttls)
		d.holds = TRI_YES;
	return d;
}

/* ---- headers and cookies: many observations of one key, by name ------------------------------------------------------ */

typedef bool looks(const struct obs *, const struct cond *);

/* What was found, and because: "a, b"; frees it. */
static struct verdict any_found(const struct view *v, struct text *found)
{
	struct verdict d;

	if (found->n)
		d = verdict_of(TRI_YES, arena_text(v->arena, found->s));
	else
		d = answered(v) == TRI_YES ? no() : not_heard(v);
	d.what = d.because;
	text_free(found);
	return d;
}

/* The names of those that are such. */
static struct verdict any_named(const struct view *v, const struct cond *c, looks *is_such)
{
	struct text names = { 0 };

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == c->key && is_such(o, c))
			text_fmt(&names, "%s%s", names.n ? ", " : "", o->name ? o->name : obs_kinds[o->key].key);
	}
	return any_found(v, &names);
}

static bool is_header(const struct obs *o, const struct cond *c)
{
	return o->text && !strcmp(o->text, c->text) && (!c->names || among(c->names, o->name ? o->name : ""));
}

struct verdict cond_header(const struct view *v, const struct cond *c)
{
	return any_named(v, c, is_header);
}

static bool has_fault(const struct obs *o, const struct cond *c)
{
	for (size_t i = 0; i < o->count; i++)
		if (among(c->text, o->names[i]))
			return true;
	return false;
}

struct verdict cond_cookie(const struct view *v, const struct cond *c)
{
	return any_named(v, c, has_fault);
}

/* "nginx/1.22.1": a digit, a dot, a digit. */
static bool says_version(const struct obs *o)
{
	for (const char *s = o->text ? strchr(o->text, '.') : NULL; s; s = strchr(s + 1, '.'))
		if (s > o->text && strchr("0123456789", s[-1]) && s[1] && strchr("0123456789", s[1]))
			return true;
	return false;
}

struct verdict cond_banner(const struct view *v, const struct cond *c)
{
	struct text found = { 0 };

	(void)c;
	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if ((o->key == OBS_KEY_HTTP_SERVER || o->key == OBS_KEY_HTTP_BANNER) && says_version(o))
			text_fmt(&found, "%s%s: %s", found.n ? ", " : "", o->name ? o->name : "Server", o->text);
	}
	return any_found(v, &found);
}

/* ---- HTTP without TLS ---------------------------------------------------------------------------------------------- */

/* Beside other ports than 443 nobody looks for HTTP without TLS, unless he was told where. */
struct verdict cond_redirect(const struct view *v, const struct cond *c)
{
	enum { HTTPS = 443 };
	const struct obs *o = record_find(v->record, OBS_KEY_HTTP_REDIRECT, 0);
	struct verdict d;

	if (!o || !o->text)
		return v->record->port == HTTPS ? verdict_of(TRI_UNKNOWN, "HTTP without TLS was not asked")
						: verdict_of(TRI_NA, "asked only beside port 443, or with --http-port");
	d = verdict_of(among(c->text, o->text) ? TRI_YES : TRI_NO, arena_printf(v->arena, "HTTP without TLS: %s", o->text));
	d.evidence = o->evidence;
	d.evidence_count = o->evidence_count;
	return d;
}

/* ---- compression --------------------------------------------------------------------------------------------------- */

struct verdict cond_breach(const struct view *v, const struct cond *c)
{
	const struct obs *o = record_find(v->record, OBS_KEY_HTTP_COMPRESSION, 0);

	(void)c;
	if (answered(v) != TRI_YES)
		return not_heard(v);
	if (!o || !o->text)
		return verdict_unasked(v, OBS_KEY_HTTP_COMPRESSION);
	return verdict_of(strcmp(o->text, "identity") ? TRI_YES : TRI_NO, arena_printf(v->arena, "Content-Encoding: %s", o->text));
}
