/* Certificates, as they are served. */
#include "report/html.h"

#include <string.h>

enum { NAMES_SHOWN = 12 };

static void fact(struct page *p, const char *term, const char *value)
{
	html_add(&p->t, "<dt>%r</dt><dd>%s</dd>", term, value);
}

/* A box of the picture; one that has the name of the issuer of what is above it is joined to it. */
static void box(struct page *p, const struct served *s, size_t n)
{
	const struct cert_info *c = view_cert(&p->view, s, n), *below = n ? view_cert(&p->view, s, n - 1) : NULL;
	bool signs = c && below && c->subject && below->issuer && !strcmp(c->subject, below->issuer);

	html_add(&p->t, n ? signs ? "<li class=\"signs\">" : "<li class=\"apart\">" : "<li>");
}

static void certificate(struct page *p, const struct cert_info *c, size_t n)
{
	if (!c || c->malformed) {
		html_add(&p->t, "<p>%r</p></li>\n",
		        c ? "A certificate that cannot be read" : "A certificate not in the record");
		return;
	}
	html_add(&p->t, "<p><strong class=\"mono\">%s</strong></p><dl class=\"facts\">",
	        show_name(&p->arena, c->subject, "(no subject)"));
	fact(p, "Key", show_key(&p->arena, c));
	fact(p, "Signature", c->signature ? c->signature : "?");
	fact(p, "Valid", show_validity(&p->arena, c, p->r->started));
	if (!n && c->dns_names_count)
		fact(p, "Names", show_names(&p->arena, c, NAMES_SHOWN));
	fact(p, "Issuer", show_name(&p->arena, c->issuer, "(none)"));
	html_add(&p->t, "<dt>SHA-256</dt><dd class=\"mono\">%s</dd></dl></li>\n", c->sha256);
}

/* The end of the picture: the stores that a path leads to. */
static void anchors(struct page *p, const struct served *s)
{
	const struct obs *trust;
	bool any = false;

	for (size_t i = 0; (trust = view_about(&p->view, s, OBS_KEY_CHAIN_TRUST, i)); i++)
		if (trust->tri == TRI_YES) {
			html_add(&p->t, any ? ", %s" : "<li class=\"anchor\"><p class=\"small\">an anchor of the store %s",
				trust->name ? trust->name : "?");
			any = true;
		}
	html_add(&p->t, any ? "</p></li>\n" : "");
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
		for (size_t k = 0; k < s->names_count; k++) {
			box(p, s, k);
			certificate(p, view_cert(&p->view, s, k), k);
		}
		anchors(p, s);
		html_add(&p->t, "</ol>\n");
	}
	html_add(&p->t, "</section>\n");
}
