/* What holds the grade down, and what to do next. */
#include "report/html.h"

#include <string.h>

#include "report/simulate_show.h"

/* What to do, up to the colon before a list of names, is bold. */
static void fix(struct page *p, const char *text)
{
	const char *colon = strstr(text, ": ");
	size_t n = colon ? (size_t)(colon - text) + 1 : strlen(text);

	html_add(&p->t, "<p><strong>%w</strong>%w</p>", arena_textn(&p->arena, text, n), text + n);
}

static void step(struct page *p, const struct step *s)
{
	const char *losses = sim_show_losses(&p->arena, s->entry);

	html_add(&p->t, "<li><div>");
	html_chip(p, effect_mark(s->effect), s->effect);
	html_add(&p->t, "</div><div>");
	fix(p, s->fix);
	html_add(&p->t, "<p class=\"soft small\">");
	html_reason(p, s->because);
	html_add(&p->t, "</p>");
	if (losses)
		html_add(&p->t, "<p class=\"soft small\">%s</p>", losses);
	html_add(&p->t, "<p class=\"soft small mono\">%s</p></div></li>\n", s->rules);
}

static bool reason_told(const struct grade *g, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (g->ledger[k].state == ENTRY_NOT_EVALUATED && g->ledger[k].because &&
		        g->ledger[i].because && !strcmp(g->ledger[k].because, g->ledger[i].because))
			return true;
	return false;
}

static void not_evaluated(struct page *p, const struct grade *g, size_t first)
{
	const char *why = g->ledger[first].because ? g->ledger[first].because : "not known";

	html_add(&p->t, "<h4>%s</h4><ul class=\"list small\">", why);
	for (size_t i = first; i < g->ledger_count; i++)
		if (g->ledger[i].state == ENTRY_NOT_EVALUATED && g->ledger[i].because &&
		        !strcmp(g->ledger[i].because, why))
			html_add(&p->t, "<li><span class=\"mono\">%s</span> (%s)</li>", g->ledger[i].rule,
			        g->ledger[i].effect);
	html_add(&p->t, "</ul>\n");
}

void html_next(struct page *p)
{
	const struct grade *g = &p->j->grade;
	size_t n;
	const struct step *steps = show_steps(&p->arena, g, &n);

	html_add(&p->t, "<section><h3>What to do next</h3>\n");
	if (!n)
		html_add(&p->t, "<p>Nothing that was tested holds the grade down.</p>\n");
	html_add(&p->t, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++)
		step(p, &steps[i]);
	html_add(&p->t, "</ul>\n");
	if (show_not_evaluated(g, NULL)) {
		html_add(&p->t, "<details><summary>%z %r of the guide not evaluated</summary>\n", show_not_evaluated(g, NULL),
		        show_not_evaluated(g, NULL) == 1 ? "rule" : "rules");
		for (size_t i = 0; i < g->ledger_count; i++)
			if (g->ledger[i].state == ENTRY_NOT_EVALUATED && !reason_told(g, i))
				not_evaluated(p, g, i);
		html_add(&p->t, "</details>\n");
	}
	html_add(&p->t, "</section>\n");
}
