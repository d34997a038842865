/* The index on top of several endpoints: a row for each, with what a list is sorted and filtered by. */
#include "report/html.h"

#include "scanner/facts/record_json.h"

enum { UNGRADED = 99, NO_FAILURE = 9, NO_END = 99999, SECONDS_A_DAY = 86400 };

static void grade_cell(struct page *p, struct text *t)
{
	const struct grade *g = &p->j->grade;
	bool error = show_nothing_learnt(p->r);

	html_add(t, "<tr><td data-sort=\"%z\"><span class=\"chip %r\">%r</span></td>",
		error || g->letter == LETTER_NONE ? (size_t)UNGRADED : (size_t)g->letter,
		html_class(error ? MARK_NONE : letter_mark(g->letter)), error ? "–" : show_letter(g));
}

static void endpoint_cell(struct page *p, struct text *t)
{
	html_add(t, "<th scope=\"row\"><a href=\"#e%z\">%w</a>", p->number, show_target(&p->arena, p->r));
	if (show_address(p->r))
		html_add(t, " <span class=\"soft\">%s</span>", show_address(p->r));
	html_add(t, "</th>");
}

/* Of nobody who was not reached it is known that nothing is wrong. */
static void unreached_cells(struct page *p, struct text *t)
{
	html_add(t, "<td data-sort=\"%z\"><span class=\"soft\">%s</span></td><td class=\"wide\" data-sort=\"%z\">–</td>",
		(size_t)NO_FAILURE, show_error(&p->arena, p->r), (size_t)0);
}

static void worst_cells(struct page *p, struct text *t)
{
	const struct finding **list = show_findings(&p->arena, p->j);
	size_t fails = show_count(p->j, FINDING_FAIL);

	if (fails)
		html_add(t, "<td data-sort=\"%z\"><span class=\"chip %r\">%r</span> %s</td>",
			(size_t)(SEV_CRITICAL - list[0]->severity), html_class(severity_mark(list[0]->severity)),
			severity_name(list[0]->severity), list[0]->title);
	else
		html_add(t, "<td data-sort=\"%z\"></td>", (size_t)NO_FAILURE);
	html_add(t, "<td class=\"wide\" data-sort=\"%z\">%z</td>", fails, fails);
}

/* The first leaf to end, of all that are served. */
static const struct cert_info *first_to_end(const struct view *v)
{
	const struct cert_info *first = NULL;

	for (size_t i = 0; i < v->chains_count; i++) {
		const struct cert_info *c = v->chains[i].leaf;

		if (c && !c->malformed && (!first || c->not_after < first->not_after))
			first = c;
	}
	return first;
}

static void end_cell(struct page *p, struct text *t)
{
	const struct cert_info *c = first_to_end(&p->view);
	char when[24];

	if (!c) {
		html_add(t, "<td class=\"wide\" data-sort=\"%z\"></td>", (size_t)NO_END);
		return;
	}
	time_text(c->not_after, when);
	html_add(t, "<td class=\"wide\" data-sort=\"%z\"><time>%s</time></td>",
		c->not_after > 0 ? (size_t)(c->not_after / SECONDS_A_DAY) : (size_t)0,
		arena_textn(&p->arena, when, sizeof "2026-11-21" - 1));
}

static void note_cell(struct page *p, struct text *t)
{
	const struct grade *g = &p->j->grade;
	const char *trust = show_trust(g), *caveat = trust ? trust : show_caveat(&p->arena, p->r, g);
	bool told = show_nothing_learnt(p->r) || !caveat;

	html_add(t, "<td class=\"wide soft\">%s</td></tr>\n", told ? "" : caveat);
}

void html_index_row(struct page *p, struct text *t)
{
	grade_cell(p, t);
	endpoint_cell(p, t);
	if (show_nothing_learnt(p->r))
		unreached_cells(p, t);
	else
		worst_cells(p, t);
	end_cell(p, t);
	note_cell(p, t);
}

void html_index(FILE *f, const char *rows, const size_t *letters)
{
	fputs("<nav aria-labelledby=\"endpoints\"><h2 id=\"endpoints\">Endpoints</h2>\n<p class=\"grades\">", f);
	for (size_t l = LETTER_NONE; l <= LETTER_M; l++)
		if (letters[l])
			fprintf(f, "<span class=\"chip %s\">%s × %zu</span> ", html_class(letter_mark((enum letter)l)),
				l == LETTER_NONE ? "no grade" : letter_name((enum letter)l), letters[l]);
	fprintf(f, "</p>\n<table><caption class=\"unseen\">Endpoints</caption><thead><tr><th scope=\"col\">Grade</th><th scope=\"col\">Endpoint</th><th scope=\"col\">Worst"
		"</th><th scope=\"col\" class=\"wide\">Failed</th><th scope=\"col\" class=\"wide\">Ends</th><th scope=\"col\" "
		"class=\"wide\">Note</th></tr></thead><tbody>\n%s</tbody></table></nav>\n", rows);
}
