/* What known clients would get. */
#include "report/html.h"

#include "report/simulate_show.h"

static const char *row_class(const struct sim *m)
{
	if (m->state == SIM_CONNECTS)
		return m->forward_secret ? "" : " class=\"warn\"";
	return m->state == SIM_FAILS ? " class=\"fail\"" : "";
}

static void got(struct page *p, const struct sim *m)
{
	const char *group = sim_show_group(&p->arena, m), *nothing = m->reason ? "not known" : "–";

	html_add(&p->t, "<td>%s</td><td><span class=\"mono\">%w</span>", version_text(m->version), sim_show_suite(&p->arena, m));
	if (!m->forward_secret)
		html_add(&p->t, " <span class=\"remark\">no forward secrecy</span>");
	html_add(&p->t, "</td><td class=\"wide\">%s</td><td class=\"wide\">%s</td></tr>\n", group ? group : nothing,
	        m->cert ? cert_key_name(m->cert) : "–");
}

static void client(struct page *p, const struct sim *m)
{
	html_add(&p->t, "<tr%r><th scope=\"row\">%s</th>", row_class(m), m->client->name);
	if (m->state == SIM_CONNECTS)
		got(p, m);
	else
		html_add(&p->t, "<td colspan=\"4\">%s</td></tr>\n", sim_show_got(&p->arena, m));
}

/* The user's own. */
static void own_table(struct page *p, bool measures)
{
	if (!p->j->own_sims_count)
		return;
	html_add(&p->t, "<table class=\"clients\"><caption class=\"unseen\">Your own clients</caption><thead><tr>"
	                "<th scope=\"col\">Your own client</th><th scope=\"col\">Gets</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < p->j->own_sims_count; i++) {
		const struct sim *m = &p->j->own_sims[i];

		html_add(&p->t, "<tr%r><th scope=\"row\">%s</th><td>%w</td></tr>\n", row_class(m), m->client->name,
		        sim_show_own(&p->arena, m, measures));
	}
	html_add(&p->t, "</tbody></table>\n");
}

static void table(struct page *p, bool current, const char *summary)
{
	html_add(&p->t, "<details%r><summary>%s</summary>\n<table class=\"fixed clients\"><caption class=\"unseen\">%s</caption>"
	                "<thead><tr><th scope=\"col\">Client</th><th scope=\"col\" class=\"c-v\">Version</th><th scope=\"col\" "
	                "class=\"c-suite\">Cipher suite</th><th scope=\"col\" class=\"wide\">Group</th><th scope=\"col\" "
	                "class=\"wide c-v\">Certificate</th></tr></thead><tbody>\n", current ? " open=\"open\"" : "", summary, summary);
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
	html_add(&p->t, "<section><h3>Clients</h3>\n");
	own_table(p, measured != NULL);
	html_add(&p->t, "<p>%s</p>\n", sim_show_counts(&p->arena, p->j->sims));
	if (measured)
		html_add(&p->t, "<p>%s</p>\n", measured);
	table(p, true, "Clients in use");
	table(p, false, "Older and other ones");
	html_add(&p->t, "</section>\n");
}
