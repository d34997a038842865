/* Conditions over the client's certificate that was given (--cert). */
#include "report/cond.h"
#include "report/feature.h"

static bool any_with(const struct view *v, enum obs_key key, enum tri value)
{
	for (size_t i = 0; i < v->record->obs_count; i++)
		if (v->record->obs[i].key == key && v->record->obs[i].tri == value)
			return true;
	return false;
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
		list = arena_printf(a, "%s%s%s", list, i ? ", " : "", feature_words(o->key, o->names[i]));
	return list;
}

static const char *misfit(const struct view *v, const struct obs *o)
{
	const struct obs *misfits = record_find(v->record, OBS_KEY_CLIENT_MISFITS, o->protocol);

	return arena_printf(v->arena, "%s: does not fit (%s)", version_text(o->protocol), words_of(v->arena, misfits));
}

static const char *refused(const struct view *v, const struct obs *o)
{
	return arena_printf(v->arena, "%s: refused (%s)", version_text(o->protocol), o->name ? o->name : "without a word");
}

/* Every version that says no to the certificate; NULL when none does. */
static const char *all_that_say_no(
        const struct view *v, enum obs_key key, const char *(*tell)(const struct view *, const struct obs *))
{
	const char *list = NULL;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == key && o->tri == TRI_NO)
			list = arena_printf(v->arena, "%s%s%s", list ? list : "", list ? "; " : "", tell(v, o));
	}
	return list;
}

struct verdict cond_client_misfit(const struct view *v, const struct cond *c)
{
	const struct obs *fits = record_find(v->record, OBS_KEY_CLIENT_FITS, 0);
	const char *no = all_that_say_no(v, OBS_KEY_CLIENT_FITS, misfit);

	(void)c;
	if (!no)
		no = all_that_say_no(v, OBS_KEY_CLIENT_ACCEPTED, refused);
	if (no)
		return verdict_of(TRI_YES, no);
	if (!fits)
		return any_version(v) ? verdict_of(TRI_NA, "no client certificate was given, or none was asked for")
		                      : verdict_of(TRI_UNKNOWN, "no protocol version was seen");
	if (any_with(v, OBS_KEY_CLIENT_FITS, TRI_UNKNOWN) || any_with(v, OBS_KEY_CLIENT_ACCEPTED, TRI_UNKNOWN))
		return verdict_of(TRI_UNKNOWN, "what the server makes of it is not known");
	return verdict_of(TRI_NO, NULL);
}
