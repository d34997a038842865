/* Conditions over the client's certificate that was given (--cert). */
#include <string.h>

#include "report/cond.h"

static const struct obs *with(const struct view *v, enum obs_key key, enum tri value)
{
	for (size_t i = 0; i < v->record->obs_count; i++)
		if (v->record->obs[i].key == key && v->record->obs[i].tri == value)
			return &v->record->obs[i];
	return NULL;
}

static bool any_version(const struct view *v)
{
	for (const uint16_t *p = view_versions; *p; p++)
		if (view_offered(v, *p) == TRI_YES)
			return true;
	return false;
}

static const char *words_of(struct arena *a, const struct obs *o)
{
	const char *list = "";

	for (size_t i = 0; o && i < o->count; i++)
		list = arena_printf(a, "%s%s%s", list, i ? ", " : "", o->names[i]);
	return list;
}

static struct verdict misfit(const struct view *v, const struct obs *o)
{
	const struct obs *misfits = record_find(v->record, OBS_KEY_CLIENT_MISFITS, o->protocol);

	return verdict_of(TRI_YES, arena_printf(v->arena, "%s: does not fit (%s)", version_text(o->protocol),
	                                   words_of(v->arena, misfits)));
}

static struct verdict refused(const struct view *v, const struct obs *o)
{
	return verdict_of(TRI_YES, arena_printf(v->arena, "%s: refused (%s)", version_text(o->protocol),
	                                   o->name ? o->name : "without a word"));
}

struct verdict cond_client_misfit(const struct view *v, const struct cond *c)
{
	const struct obs *fits = record_find(v->record, OBS_KEY_CLIENT_FITS, 0), *o;

	(void)c;
	o = with(v, OBS_KEY_CLIENT_FITS, TRI_NO);
	if (o)
		return misfit(v, o);
	o = with(v, OBS_KEY_CLIENT_ACCEPTED, TRI_NO);
	if (o)
		return refused(v, o);
	if (!fits)
		return any_version(v) ? verdict_of(TRI_NA, "no client certificate was given, or none was asked for")
		                      : verdict_of(TRI_UNKNOWN, "no protocol version was seen");
	if (with(v, OBS_KEY_CLIENT_FITS, TRI_UNKNOWN) || with(v, OBS_KEY_CLIENT_ACCEPTED, TRI_UNKNOWN))
		return verdict_of(TRI_UNKNOWN, "what the server makes of it is not known");
	return verdict_of(TRI_NO, NULL);
}
