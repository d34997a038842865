/*
 * Lines to paste: for what failed, those of the program that answered where its Server header says which, else of
 * every program under a tab of its own. Tabs are radio buttons, so they need no script, and the keyboard moves them.
 */
#include "report/advice.h"
#include "report/html.h"

#include <string.h>

/* What is waived is still to be mended. */
static bool is_mended(const struct recipe *r, const struct finding *f)
{
	return (f->state == FINDING_FAIL || f->state == FINDING_WAIVED) && recipe_mends(r, f->id);
}

static bool failed(const struct judgement *j, const struct recipe *r)
{
	for (size_t i = 0; i < j->findings_count; i++)
		if (is_mended(r, &j->findings[i]))
			return true;
	return false;
}

static void mended(struct page *p, const struct recipe *r)
{
	html_add(&p->t, "<p class=\"soft small\">mends");
	for (size_t i = 0; i < p->j->findings_count; i++)
		if (is_mended(r, &p->j->findings[i]))
			html_add(&p->t, p->j->findings[i].state == FINDING_WAIVED ? " <span class=\"mono\">%s</span> (waived)"
			                                                          : " <span class=\"mono\">%s</span>",
				p->j->findings[i].id);
	html_add(&p->t, "</p>\n");
}

/* Tabs stand for four spaces: escaping would show them as characters. */
static void code(struct page *p, const char *s)
{
	html_add(&p->t, "<pre><code>");
	for (size_t n; *s; s += n + (s[n] == '\n')) {
		for (; *s == '\t'; s++)
			html_add(&p->t, "    ");
		n = strcspn(s, "\n");
		html_add(&p->t, s[n] ? "%s\n" : "%s", arena_textn(&p->arena, s, n));
	}
	html_add(&p->t, "</code></pre>");
}

static void place(struct page *p, const struct snippet *s)
{
	html_add(&p->t, "<p class=\"small\">%s, %s.", s->server, s->where);
	html_add(&p->t, s->caution ? " <span class=\"soft\">%s</span></p>" : "</p>", s->caution);
}

static void tab(struct page *p, const struct snippet *s, size_t n, bool first)
{
	const char *group = arena_printf(&p->arena, "t%zu-%s", p->number, s->recipe->id);

	html_add(&p->t, "<input type=\"radio\" name=\"%r\" id=\"%r-%z\"%r><label for=\"%r-%z\">%s</label><div>", group, group, n,
		first ? " checked=\"checked\"" : "", group, n, s->server);
	place(p, s);
	code(p, s->lines);
	html_add(&p->t, "</div>\n");
}

static void tabs(struct page *p, const struct recipe *r)
{
	const struct snippet *all = recipe_snippets(r), *usual = snippet_for(r, advice_usual(p->r));

	html_add(&p->t, "<div class=\"tabs\" role=\"group\" aria-label=\"%s\">\n", r->what);
	for (const struct snippet *s = all; s->recipe == r; s++)
		tab(p, s, (size_t)(s - all), s == (usual ? usual : all));
	html_add(&p->t, "</div>\n");
}

void html_paste(struct page *p)
{
	const char *server = advice_server(p->r);
	bool begun = false;

	for (const struct recipe *r = recipes; r->id; r++) {
		const struct snippet *known = snippet_for(r, server);

		if (!failed(p->j, r))
			continue;
		html_add(&p->t, begun ? "" : "<section class=\"paste\"><h3>Lines to paste</h3>\n");
		begun = true;
		html_add(&p->t, "<h4>%s</h4>\n", r->what);
		mended(p, r);
		if (known) {
			place(p, known);
			code(p, known->lines);
		} else {
			tabs(p, r);
		}
	}
	html_add(&p->t, begun ? "</section>\n" : "");
}
