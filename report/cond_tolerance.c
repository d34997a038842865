/* Conditions over odd hellos: many observations of one key, by name (probes/tolerance.def). */
#include <string.h>

#include "report/cond.h"
#include "scanner/base/text.h"

static bool is_about(const struct obs *o, const struct cond *c)
{
	return o->key == c->key && o->name && (!c->names || among(c->names, o->name));
}

/* "grease_suites (alert 47 (illegal_parameter))" */
static void add_one(struct text *list, const struct obs *o)
{
	text_fmt(list, "%s%s", list->n ? ", " : "", o->name);
	if (o->evidence_count)
		text_fmt(list, ": %s", o->evidence[0].text);
}

static struct verdict found_none(const struct view *v, const struct cond *c, const struct obs *open, bool asked)
{
	if (open)
		return verdict_of(TRI_UNKNOWN, arena_printf(v->arena, "%s: %s", open->name, open->reason ? open->reason : "unknown"));
	return asked ? verdict_of(TRI_NO, NULL) : verdict_unasked(v, c->key);
}

struct verdict cond_not_borne(const struct view *v, const struct cond *c)
{
	const struct obs *open = NULL;
	struct text found = { 0 };
	struct verdict d;
	bool asked = false;

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (!is_about(o, c))
			continue;
		asked = true;
		if (o->tri == c->value)
			add_one(&found, o);
		else if (o->tri == TRI_UNKNOWN && !open)
			open = o;
	}
	d = found.n ? verdict_of(TRI_YES, arena_text(v->arena, found.s)) : found_none(v, c, open, asked);
	text_free(&found);
	return d;
}
