/* Conditions over what HTTP said: RFC 6797 (Strict-Transport-Security). */
#include <string.h>

#include "report/cond.h"

static const struct obs *asked(const struct view *v)
{
	return record_find(v->record, OBS_KEY_HSTS, 0);
}

static struct verdict not_asked(void)
{
	return verdict_of(TRI_UNKNOWN, "no HTTP was heard");
}

struct verdict cond_hsts_broken(const struct view *v, const struct cond *c)
{
	const struct obs *o = asked(v);
	bool sound;

	(void)c;
	if (!o || !o->text)
		return not_asked();
	sound = !strcmp(o->text, "valid") || !strcmp(o->text, "absent");
	return verdict_of(sound ? TRI_NO : TRI_YES,
	        arena_printf(v->arena, "Strict-Transport-Security is %s", o->text));
}

struct verdict cond_hsts_short(const struct view *v, const struct cond *c)
{
	const struct obs *o = asked(v), *age = record_find(v->record, OBS_KEY_HSTS_MAX_AGE, 0);

	if (!o || !o->text)
		return not_asked();
	if (strcmp(o->text, "valid") || !age)
		return verdict_of(
		        TRI_YES, arena_printf(v->arena, "Strict-Transport-Security is %s", o->text));
	return verdict_of(age->number < c->number ? TRI_YES : TRI_NO,
	        arena_printf(v->arena, "max-age is %lld seconds", (long long)age->number));
}
