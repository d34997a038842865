/* The top of an endpoint's report: grade, target, scores, what to be careful about. */
#include "report/html.h"

#include "scanner/facts/record_json.h"

static void score(struct page *p, const char *what, int value)
{
	html_add(&p->t, "<div><dt>%r</dt><dd>%s", what, show_points(&p->arena, value));
	if (value >= 0)
		text_fmt(&p->t,
		        "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:%d%%\"></i></span>",
		        value / SCORE_UNIT);
	html_add(&p->t, "</dd></div>");
}

static void scores(struct page *p)
{
	const struct grade *g = &p->j->grade;

	html_add(&p->t, "<dl class=\"scores\">");
	score(p, "Protocol", g->protocol);
	score(p, "Key exchange", g->key_exchange);
	score(p, "Cipher strength", g->cipher);
	score(p, "Total", g->total);
	html_add(&p->t, "</dl>\n");
}

static void meta(struct page *p)
{
	char when[24];

	time_text(p->r->started, when);
	html_add(&p->t, "<p class=\"soft\">");
	if (show_address(p->r))
		html_add(&p->t, "%s · ", show_address(p->r));
	if (p->r->starttls)
		html_add(&p->t, "STARTTLS %s · ", p->r->starttls);
	html_add(&p->t, "<time>%s</time></p>\n", when);
}

static void verdict(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const char *caveat = show_caveat(&p->arena, p->r, g), *trust = show_trust(g);

	if (trust)
		html_add(&p->t, "<p class=\"verdict\">%s</p>", trust);
	if (g->letter != g->config_letter)
		html_add(&p->t, "<p>Configuration, trust apart: <strong>%s</strong></p>",
		        letter_name(g->config_letter));
	if (caveat)
		html_add(&p->t, "<p class=\"verdict\">%s</p>", caveat);
}

static void caution(struct page *p, const char *says)
{
	html_add(&p->t, "<p class=\"small\">");
	html_chip(p, MARK_WEAK, "caution");
	html_add(&p->t, " %s</p>", says);
}

static void cautions(struct page *p)
{
	if (p->r->status != STATUS_OK)
		caution(p, show_error(&p->arena, p->r));
	if (p->r->unstable)
		caution(p, "the server's answers contradicted each other");
	if (p->r->tainted)
		caution(p, "the server began to refuse in the middle of the scan");
}

void html_top(struct page *p)
{
	const struct grade *g = &p->j->grade;
	bool error = show_nothing_learnt(p->r);

	html_add(&p->t,
	        "<header class=\"top\"><div class=\"badge %r\" role=\"img\" aria-label=\"Grade "
	        "%r\">%r</div>\n<div>",
	        html_class(error ? MARK_NONE : letter_mark(g->letter)),
	        g->letter == LETTER_NONE ? "none" : show_letter(g), error ? "–" : show_letter(g));
	html_add(&p->t, "<h2 id=\"e%z-name\">%w</h2>\n", p->number, show_target(&p->arena, p->r));
	meta(p);
	if (error)
		html_add(&p->t, "<p class=\"verdict\">%s</p>", show_error(&p->arena, p->r));
	else
		verdict(p);
	if (!error)
		cautions(p);
	html_add(&p->t, "</div>\n");
	if (!error)
		scores(p);
	html_add(&p->t, "</header>\n");
}
