/* Findings: what failed, and what was asked beside. */
#include "report/html.h"

enum mark severity_mark(enum severity s)
{
	if (s >= SEV_HIGH)
		return MARK_BAD;
	return s == SEV_MEDIUM ? MARK_WEAK : MARK_NONE;
}

static void failed(struct page *p, const struct finding *f)
{
	html_add(&p->t, "<li><div>");
	html_chip(p, severity_mark(f->severity), severity_name(f->severity));
	html_add(&p->t, "</div><div><p class=\"t\">%s</p>", f->title);
	if (f->because) {
		html_add(&p->t, "<p class=\"small\">");
		html_reason(p, f->because);
		html_add(&p->t, "</p>");
	}
	if (f->advice)
		html_add(&p->t, "<p>%s</p>", f->advice);
	html_add(&p->t, "<p class=\"soft small\"><span class=\"mono\">%s</span> · %s</p></div></li>\n", f->id,
	        f->reference ? f->reference : "");
}

static void other_row(struct page *p, const struct finding *f)
{
	html_add(&p->t, "<tr><th scope=\"row\">%s <span class=\"soft small mono\">%s</span>", f->title, f->id);
	if (f->because && f->state != FINDING_PASS) {
		html_add(&p->t, "<br><span class=\"soft small\">");
		html_reason(p, f->because);
		html_add(&p->t, "</span>");
	}
	html_add(&p->t, "</th><td>");
	html_chip(p, f->state == FINDING_PASS ? MARK_GOOD : MARK_NONE,
	        f->state == FINDING_NA     ? "not applicable"
	        : f->state == FINDING_PASS ? "passed"
	                                   : finding_state_name(f->state));
	html_add(&p->t, "</td></tr>\n");
}

static void others(struct page *p, const struct finding **list)
{
	static const char *const heads[] = { "Question", "Answer", NULL };

	html_add(&p->t, "<details><summary>%z passed, %z not known, %z not applicable", show_count(p->j, FINDING_PASS),
	        show_count(p->j, FINDING_UNKNOWN), show_count(p->j, FINDING_NA));
	if (show_count(p->j, FINDING_WAIVED))
		html_add(&p->t, ", %z waived", show_count(p->j, FINDING_WAIVED));
	html_add(&p->t, "</summary>\n");
	html_table(p, "marks", "What did not fail", heads);
	for (size_t i = 0; i < p->j->findings_count; i++)
		if (list[i]->state != FINDING_FAIL)
			other_row(p, list[i]);
	html_add(&p->t, "</tbody></table></details>\n");
}

void html_findings(struct page *p)
{
	const struct finding **list = show_findings(&p->arena, p->j);
	size_t fails = show_count(p->j, FINDING_FAIL);

	html_add(&p->t, "<section><h3>Findings</h3>\n");
	if (!fails)
		html_add(&p->t, "<p>None of the rules failed.</p>\n");
	html_add(&p->t, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < p->j->findings_count && list[i]->state == FINDING_FAIL; i++)
		failed(p, list[i]);
	html_add(&p->t, "</ul>\n");
	others(p, list);
	html_add(&p->t, "</section>\n");
}
