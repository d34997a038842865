/* Several endpoints beside one another. */
#include "report/html.h"

#include <string.h>

#include "scanner/facts/record_json.h"

static void members(struct page *p, const struct group_record *g)
{
	static const char *const heads[] = { "Address", "Grade", "State", NULL };

	if (!g->members_n)
		return;
	html_add(&p->t, "<section><h3>Addresses</h3>\n");
	html_table(p, "addresses", "Addresses", heads);
	for (size_t i = 0; i < g->members_n; i++) {
		const struct group_member *m = &g->members[i];

		html_add(&p->t, "<tr><th scope=\"row\" class=\"mono\">%s</th><td>", m->ip);
		html_chip(p, letter_mark(m->letter), letter_name(m->letter) ? letter_name(m->letter) : "–");
		html_add(&p->t, "</td><td>%s</td></tr>\n", status_name(m->status));
	}
	html_add(&p->t, "</tbody></table></section>\n");
}

static void first_expiry(struct page *p, const struct group_expiry *e)
{
	char when[24];

	if (!e->sha256)
		return;
	time_text(e->not_after, when);
	html_add(&p->t, "<p>First to end: %s, %s, at %w%s</p>\n", arena_textn(&p->arena, when, strlen("2026-11-21")),
	        *e->subject ? e->subject : "(no subject)", e->where.v[0], e->where.n > 1 ? " and others" : "");
}

void html_group(struct page *p, const struct group_record *g, size_t number)
{
	html_add(&p->t, "<article id=\"g%z\">\n<h2>%w compared</h2>\n<p class=\"soft\">%s</p>\n", number,
		group_title(&p->arena, g), group_summary(&p->arena, g));
	members(p, g);
	first_expiry(p, &g->first_expiry);
	html_findings(p);
	html_add(&p->t, "</article>\n");
}
