/* What known clients would get. */
#include "report/html.h"

#include "report/simulate_show.h"

static const char *row_class(const struct sim *m)
{
	if (m->state == SIM_CONNECTS)
		return m->forward_secret ? "" : " class=\"warn\"";
	return m->state == SIM_FAILS ? " class=\"fail\"" : "";
}

static void client(struct page *p, const struct sim *m)
{
	html_add(&p->t, "<tr%r><th scope=\"row\">%s</th><td>%w</td></tr>\n", row_class(m), m->client->name,
	        sim_show_got(&p->arena, m));
}

static void table(struct page *p, bool current, const char *summary)
{
	html_add(&p->t, "<details><summary>%s</summary>\n<table><thead><tr><th scope=\"col\">Client</th>"
	                "<th scope=\"col\">Gets</th></tr></thead><tbody>\n", summary);
	for (size_t i = 0; i < clients_count; i++)
		if (clients[i].current == current)
			client(p, &p->j->sims[i]);
	html_add(&p->t, "</tbody></table></details>\n");
}

void html_clients(struct page *p)
{
	const char *measured = p->j->sims ? sim_show_measured(&p->arena, p->j->sims) : NULL;

	if (!p->j->sims)
		return;
	html_add(&p->t, "<section><h3>Clients</h3>\n<p>%s</p>\n", sim_show_counts(&p->arena, p->j->sims));
	if (measured)
		html_add(&p->t, "<p>%s</p>\n", measured);
	table(p, true, "Clients in use");
	table(p, false, "Older and other ones");
	html_add(&p->t, "</section>\n");
}
