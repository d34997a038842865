/*
 * The report as one self-contained page: nothing fetched, and no script but that of the index of several endpoints, which
 * the policy in the page allows by its hash; the page is whole without it.
 * Every text that is not ours goes through html_add() (html_text.c), which shows control characters as text and
 * escapes markup; nothing from the wire stands in an attribute or in the style. Sections (html_*.c) are kept in a
 * temporary file until the end, so that the index of several endpoints can stand on top without holding the page in memory.
 */
#include "report/html.h"

#include <stdlib.h>
#include <string.h>

#include "report/html_script.h"
#include "report/html_style.h"
#include "report/spool.h"
#include "scanner/base/base64.h"
#include "scanner/base/die.h"

struct book {
	FILE *body;        /* the articles so far; NULL when there is no room for a temporary file */
	struct text index; /* rows of the index */
	char *title;       /* of the first endpoint, escaped */
	size_t letters[LETTER_M + 1]; /* how many endpoints have each */
};

static void article(struct page *p)
{
	html_add(&p->t, "<article id=\"e%z\" aria-labelledby=\"e%z-name\">\n", p->number, p->number);
	html_top(p);
	html_gates(p);
	if (!show_nothing_learnt(p->r)) {
		html_next(p);
		html_paste(p);
		html_add(&p->t, "<div class=\"cols\"><div>\n");
		html_protocols(p);
		html_codes(p, "Extensions", OBS_KEY_EXTENSIONS_LIST, OBS_KEYS);
		html_features(p, FEATURES_HTTP, "HTTP");
		html_features(p, FEATURES_DNS, "DNS");
		html_add(&p->t, "</div>\n");
		html_features(p, FEATURES_TLS, "Features");
		html_add(&p->t, "</div>\n");
		html_features(p, FEATURES_CLIENT, "Client certificate");
		html_suites(p);
		html_codes(p, "Suite codes that no registry has", OBS_KEY_SUITES_UNREGISTERED, OBS_KEYS);
		html_groups(p);
		html_codes(p, "Signature schemes", OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER);
		html_chains(p);
		html_cost(p);
		html_pq(p);
		html_findings(p);
		html_policies(p);
		html_clients(p);
	}
	html_add(&p->t, "<footer>%s · tlsassay %s · guide %s</footer>\n</article>\n", show_cost(&p->arena, p->r),
	        p->r->version ? p->r->version : "", p->j->grade.guide);
}

static void first_title(struct page *p, struct book *b)
{
	struct text t = { 0 };

	if (b->title)
		return;
	html_escape(&t, show_target(&p->arena, p->r));
	b->title = mem_text(text_str(&t));
	text_free(&t);
}

static void open_book(struct output *o)
{
	struct book *b = mem_new(1, sizeof *b);

	b->body = tmpfile();
	o->state = b;
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct book *b = o->state;
	struct page p = { .r = r, .j = j, .number = o->written + 1 };

	view_open(&p.view, r, &p.arena);
	first_title(&p, b);
	html_index_row(&p, &b->index);
	b->letters[j->grade.letter]++;
	article(&p);
	if (b->body)
		fputs(text_str(&p.t), b->body);
	text_free(&p.t);
	arena_free(&p.arena);
}

static void group(struct output *o, const struct group_record *g)
{
	struct judgement judged = { .findings = g->findings, .findings_count = g->findings_n };
	struct book *b = o->state;
	struct page p = { .j = &judged };

	if (!group_is_news(g))
		return;
	html_group(&p, g, o->groups + 1);
	if (b->body)
		fputs(text_str(&p.t), b->body);
	text_free(&p.t);
	arena_free(&p.arena);
}

/* What the page may do: nothing but its style and, by its hash, the script of the index. */
static void csp(FILE *f, bool script)
{
	char hash[BASE64_LENGTH(HTML_SCRIPT_SHA256) + 1] = { 0 };
	struct wr w = wr_of(hash, sizeof hash - 1);

	base64_write(&w, (struct span){ html_script_sha256, HTML_SCRIPT_SHA256 });
	fputs("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'", f);
	if (script)
		fprintf(f, "; script-src 'sha256-%s'", hash);
	fputs("\">\n", f);
}

static void head(FILE *f, const struct book *b, size_t endpoints)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n", f);
	csp(f, endpoints > 1);
	fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
	      "content=\"no-referrer\">\n",
	        f);
	if (endpoints == 1)
		fprintf(f, "<title>TLS report: %s</title>\n", b->title);
	else
		fprintf(f, "<title>TLS report: %zu endpoints</title>\n", endpoints);
	fputs("<style>\n", f);
	for (const char *const *s = html_style; *s; s++)
		fputs(*s, f);
	fputs("</style>\n</head>\n<body>\n<main>\n<h1>TLS report</h1>\n", f);
}

/* A page that could not be made whole must not look whole. */
static void lost(struct output *o)
{
	fputs("<p>This page is not whole: no room for a temporary file.</p>\n", o->file);
	o->failed = true;
}

static void close_book(struct output *o)
{
	struct book *b = o->state;

	head(o->file, b, o->written);
	if (o->written > 1)
		html_index(o->file, text_str(&b->index), b->letters);
	if (!b->body || !spool_copy(b->body, o->file))
		lost(o);
	fputs("</main>\n", o->file);
	if (o->written > 1)
		fprintf(o->file, "<script>%s</script>\n", html_script);
	fputs("</body>\n</html>\n", o->file);
	if (b->body)
		fclose(b->body);
	text_free(&b->index);
	free(b->title);
	free(b);
	o->state = NULL;
}

const struct writer writer_html = {
	.name = "html",
	.what = "one self-contained page",
	.open = open_book,
	.endpoint = endpoint,
	.group = group,
	.close = close_book,
};
