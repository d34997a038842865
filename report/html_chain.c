/* Certificates, as they are served. */
#include "report/html.h"

#include <string.h>

enum { NAMES_SHOWN = 12 };

static void fact(struct page *p, const char *term, const char *value)
{
	html_add(&p->t, "<dt>%r</dt><dd>%s</dd>", term, value);
}

static void certificate(struct page *p, const struct cert_info *c, size_t n)
{
	if (!c || c->malformed) {
		html_add(&p->t, "<li><p>%r</p></li>\n",
		        c ? "A certificate that cannot be read" : "A certificate not in the record");
		return;
	}
	html_add(&p->t, "<li><p><strong class=\"mono\">%s</strong></p><dl class=\"facts\">",
	        show_name(&p->arena, c->subject, "(no subject)"));
	fact(p, "Key", show_key(&p->arena, c));
	fact(p, "Signature", c->signature ? c->signature : "?");
	fact(p, "Valid", show_validity(&p->arena, c, p->r->started));
	if (!n && c->dns_names_count)
		fact(p, "Names", show_names(&p->arena, c, NAMES_SHOWN));
	fact(p, "Issuer", show_name(&p->arena, c->issuer, "(none)"));
	html_add(&p->t, "<dt>SHA-256</dt><dd class=\"mono\">%s</dd></dl></li>\n", c->sha256);
}

static void chain_facts(struct page *p, const struct served *s)
{
	const struct obs *name = view_about(&p->view, s, OBS_KEY_CHAIN_HOSTNAME, 0);
	const struct obs *issues = view_about(&p->view, s, OBS_KEY_CHAIN_ISSUES, 0), *trust;

	html_add(&p->t, "<dl class=\"facts\">");
	if (name && name->text) {
		html_add(&p->t, "<dt>Name</dt><dd>");
		html_chip(p, strcmp(name->text, "match") ? MARK_BAD : MARK_GOOD, name->text);
		html_add(&p->t, "</dd>");
	}
	for (size_t i = 0; (trust = view_about(&p->view, s, OBS_KEY_CHAIN_TRUST, i)); i++) {
		html_add(&p->t, "<dt>Trust, %s</dt><dd>", trust->name ? trust->name : "?");
		html_chip(p,
		        trust->tri == TRI_YES  ? MARK_GOOD
		        : trust->tri == TRI_NO ? MARK_BAD
		                               : MARK_NONE,
		        show_store(&p->arena, trust));
		html_add(&p->t, trust->reason ? " %s</dd>" : "</dd>", trust->reason);
	}
	if (issues)
		fact(p, "Issues", issues->count ? show_list(&p->arena, issues) : "none");
	html_add(&p->t, "</dl>\n");
}

void html_chains(struct page *p)
{
	if (!p->view.chains_count)
		return;
	html_add(&p->t, "<section><h3>Certificates</h3>\n");
	for (size_t i = 0; i < p->view.chains_count; i++) {
		const struct served *s = &p->view.chains[i];
		const char *ways = show_served(&p->view, s);

		if (!ways)
			continue;
		html_add(&p->t, "<h4>%s</h4>\n", ways);
		chain_facts(p, s);
		html_add(&p->t, "<ol class=\"chain\">\n");
		for (size_t k = 0; k < s->names_count; k++)
			certificate(p, view_cert(&p->view, s, k), k);
		html_add(&p->t, "</ol>\n");
	}
	html_add(&p->t, "</section>\n");
}
