/* Protocols, and what the server does beside its lists. */
#include "report/html.h"

static void protocol_row(struct page *p, const struct obs *o)
{
	html_add(&p->t, "<tr><th scope=\"row\">%s</th><td>", version_text(o->protocol));
	html_chip(p, protocol_mark(o->protocol, o->tri), show_offered(o->tri));
	if (o->reason)
		html_add(&p->t, " <span class=\"soft small\">%s</span>", o->reason);
	html_add(&p->t, "</td></tr>\n");
}

void html_protocols(struct page *p)
{
	static const char *const heads[] = { "Version", "Server", NULL };

	html_add(&p->t, "<section><h3>Protocols</h3>\n");
	html_table(p, "marks", "Protocols", heads);
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && p->r->obs[i].protocol)
			protocol_row(p, &p->r->obs[i]);
	for (size_t i = 0; i < p->r->obs_count; i++)
		for (size_t k = 0; p->r->obs[i].key == OBS_KEY_PROTOCOL_DRAFTS && k < p->r->obs[i].count;
		        k++) {
			html_add(&p->t, "<tr><th scope=\"row\">%s</th><td>",
			        show_code(&p->arena, &p->r->obs[i], k));
			html_chip(p, MARK_WEAK, "offered");
			html_add(&p->t, "</td></tr>\n");
		}
	html_add(&p->t, "</tbody></table></section>\n");
}

static void answer(struct page *p, const struct answer *a)
{
	html_add(&p->t, "<div>");
	if (a->word)
		html_chip(p, a->mark, a->says);
	else
		html_add(&p->t, "<span>%s</span>", a->says);
	if (*a->where)
		html_add(&p->t, "<span class=\"soft small\">%s</span>", a->where);
	html_add(&p->t, "</div>");
}

void html_features(struct page *p, enum feature_part part, const char *title)
{
	static const char *const heads[] = { "Feature", "Answer", NULL };
	size_t count;
	const struct feature *list = features_of(&p->arena, p->r, part, &count);

	if (!count)
		return;
	html_add(&p->t, "<section><h3>%r</h3>\n", title);
	html_table(p, "answers marks", title, heads);
	for (size_t i = 0; i < count; i++) {
		html_add(&p->t, "<tr><th scope=\"row\">%s</th><td>", list[i].title);
		for (size_t k = 0; k < list[i].answers_count; k++)
			answer(p, &list[i].answers[k]);
		html_add(&p->t, "</td></tr>\n");
	}
	html_add(&p->t, "</tbody></table></section>\n");
}
