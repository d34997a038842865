/* Post-quantum: key exchange and authentication, judged apart. */
#include "report/html.h"
#include "report/pq.h"

static void row(struct page *p, const struct pq_line *l)
{
	html_add(&p->t, "<tr><th scope=\"row\">%s</th><td><div>", l->title);
	if (l->word)
		html_chip(p, l->mark, l->word);
	html_add(&p->t, "<span>%w</span></div></td></tr>\n", l->says);
}

void html_pq(struct page *p)
{
	struct pq q = pq_of(&p->view, p->j->sims);
	static const char *const heads[] = { "Part", "What is known of it", NULL };
	size_t n;
	const struct pq_line *lines = pq_lines(&p->arena, &q, &n);

	html_add(&p->t, "<section><h3>Post-quantum</h3>\n");
	html_table(p, "answers", "Post-quantum", heads);
	for (size_t i = 0; i < n; i++)
		row(p, &lines[i]);
	html_add(&p->t, "</tbody></table></section>\n");
}
