/*
 * The report as one self-contained page: no script, nothing fetched, a policy in the page that forbids both.
 * Every text that is not ours goes through add(), which shows control characters as text and escapes markup;
 * nothing from the wire stands in an attribute or in the style. Sections are kept in a temporary file until
 * the end, so that the index of several endpoints can stand on top without holding the page in memory.
 */
#include "report/writer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/feature.h"
#include "report/html_style.h"
#include "report/policy_judge.h"
#include "report/show.h"
#include "report/spool.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/facts/record_json.h"

enum { NAMES_SHOWN = 12 };

struct book {
	FILE *body;        /* the articles so far; NULL when there is no room for a temporary file */
	struct text index; /* rows of the index */
	char *title;       /* of the first endpoint, escaped */
};

struct page {
	struct text t;
	const struct record *r;
	const struct judgement *j;
	struct arena arena;
	struct view view;
	size_t number;
};

/* ---- putting text down
 * --------------------------------------------------------------------------------------- */

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void escape_char(struct text *t, char c)
{
	if (entity(c))
		text_add(t, entity(c));
	else
		text_char(t, c);
}

/* Text as it stands between tags. */
static void escape(struct text *t, const char *s)
{
	struct text visible = { 0 };

	text_visible(&visible, s);
	for (s = text_str(&visible); *s; s++)
		escape_char(t, *s);
	text_free(&visible);
}

/* A name with joints stays on one line, and is folded after a joint only where no line is long enough. */
static void escape_word(struct text *t, const char *s, size_t n)
{
	bool jointed = n && memchr(s, '_', n - 1);

	text_add(t, jointed ? "<span class=\"name\">" : "");
	for (size_t i = 0; i < n; i++) {
		escape_char(t, s[i]);
		if (strchr("_:", s[i]) && i + 1 < n)
			text_add(t, "<wbr>");
	}
	text_add(t, jointed ? "</span>" : "");
}

static void escape_words(struct text *t, const char *s)
{
	struct text visible = { 0 };
	size_t n;

	text_visible(&visible, s);
	for (s = text_str(&visible); *s; s += n) {
		n = strcspn(s, " ");
		escape_word(t, s, n);
		for (; s[n] == ' '; n++)
			text_char(t, ' ');
	}
	text_free(&visible);
}

/*
 * A template of our own markup with texts in it: each %s is escaped, %w too and its names are folded at
 * their joints only, %r is markup of our own, %z a size_t. There is no other way in this file for a text to
 * reach the page.
 */
static void add(struct text *t, const char *template, ...)
{
	va_list ap;

	va_start(ap, template);
	for (const char *s = template; *s; s++) {
		if (*s != '%' || !s[1]) {
			text_char(t, *s);
			continue;
		}
		s++;
		if (*s == 's')
			escape(t, va_arg(ap, const char *));
		else if (*s == 'w')
			escape_words(t, va_arg(ap, const char *));
		else if (*s == 'r')
			text_add(t, va_arg(ap, const char *));
		else if (*s == 'z')
			text_fmt(t, "%zu", va_arg(ap, size_t));
		else
			text_char(t, *s);
	}
	va_end(ap);
}

static const char *mark_class(enum mark m)
{
	static const char *const names[] = {
		[MARK_NONE] = "none", [MARK_GOOD] = "good", [MARK_WEAK] = "weak", [MARK_BAD] = "bad"
	};

	return names[m];
}

static void chip(struct page *p, enum mark m, const char *says)
{
	add(&p->t, "<span class=\"chip %r\">%s</span>", mark_class(m), says);
}

/* ---- the top
 * ------------------------------------------------------------------------------------------------- */

static void score(struct page *p, const char *what, int value)
{
	add(&p->t, "<div><dt>%r</dt><dd>%s", what, show_points(&p->arena, value));
	if (value >= 0)
		text_fmt(&p->t,
		        "<span class=\"bar\" aria-hidden=\"true\"><i style=\"width:%d%%\"></i></span>",
		        value / SCORE_UNIT);
	add(&p->t, "</dd></div>");
}

static void scores(struct page *p)
{
	const struct grade *g = &p->j->grade;

	add(&p->t, "<dl class=\"scores\">");
	score(p, "Protocol", g->protocol);
	score(p, "Key exchange", g->key_exchange);
	score(p, "Cipher strength", g->cipher);
	score(p, "Total", g->total);
	add(&p->t, "</dl>\n");
}

static void meta(struct page *p)
{
	char when[24];

	time_text(p->r->started, when);
	add(&p->t, "<p class=\"soft\">");
	if (show_address(p->r))
		add(&p->t, "%s · ", show_address(p->r));
	if (p->r->starttls)
		add(&p->t, "STARTTLS %s · ", p->r->starttls);
	add(&p->t, "<time>%s</time></p>\n", when);
}

static void verdict(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const char *caveat = show_caveat(&p->arena, p->r, g), *trust = show_trust(g);

	if (trust)
		add(&p->t, "<p class=\"verdict\">%s</p>", trust);
	if (g->letter != g->config_letter)
		add(&p->t, "<p>Configuration, trust apart: <strong>%s</strong></p>",
		        letter_name(g->config_letter));
	if (caveat)
		add(&p->t, "<p class=\"verdict\">%s</p>", caveat);
}

static void caution(struct page *p, const char *says)
{
	add(&p->t, "<p class=\"small\">");
	chip(p, MARK_WEAK, "caution");
	add(&p->t, " %s</p>", says);
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

static void top(struct page *p)
{
	const struct grade *g = &p->j->grade;
	bool error = show_nothing_learnt(p->r);

	add(&p->t,
	        "<header class=\"top\"><div class=\"badge %r\" role=\"img\" aria-label=\"Grade "
	        "%r\">%r</div>\n<div>",
	        mark_class(error ? MARK_NONE : letter_mark(g->letter)),
	        g->letter == LETTER_NONE ? "none" : show_letter(g), error ? "–" : show_letter(g));
	add(&p->t, "<h2>%w</h2>\n", show_target(&p->arena, p->r));
	meta(p);
	if (error)
		add(&p->t, "<p class=\"verdict\">%s</p>", show_error(&p->arena, p->r));
	else
		verdict(p);
	if (!error)
		cautions(p);
	add(&p->t, "</div>\n");
	if (!error)
		scores(p);
	add(&p->t, "</header>\n");
}

/* ---- reasons, and what to do next
 * ---------------------------------------------------------------------------- */

/* A reason, each of its parts on a line of its own. */
static void reason(struct page *p, const char *text)
{
	const char *part;

	for (size_t i = 0; (part = show_part(&p->arena, &text)); i++)
		add(&p->t, i ? "<br>%w" : "%w", part);
}

/* What to do, up to the colon before a list of names, is bold. */
static void fix(struct page *p, const char *text)
{
	const char *colon = strstr(text, ": ");
	size_t n = colon ? (size_t)(colon - text) + 1 : strlen(text);

	add(&p->t, "<p><strong>%w</strong>%w</p>", arena_textn(&p->arena, text, n), text + n);
}

static void step(struct page *p, const struct step *s)
{
	add(&p->t, "<li><div>");
	chip(p, effect_mark(s->effect), s->effect);
	add(&p->t, "</div><div>");
	fix(p, s->fix);
	add(&p->t, "<p class=\"soft small\">");
	reason(p, s->because);
	add(&p->t, "</p><p class=\"soft small mono\">%s</p></div></li>\n", s->rules);
}

static bool reason_told(const struct grade *g, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (g->ledger[k].state == ENTRY_NOT_EVALUATED && g->ledger[k].because &&
		        g->ledger[i].because && !strcmp(g->ledger[k].because, g->ledger[i].because))
			return true;
	return false;
}

static void not_evaluated(struct page *p, const struct grade *g, size_t first)
{
	const char *why = g->ledger[first].because ? g->ledger[first].because : "not known";

	add(&p->t, "<h4>%s</h4><ul class=\"list small\">", why);
	for (size_t i = first; i < g->ledger_count; i++)
		if (g->ledger[i].state == ENTRY_NOT_EVALUATED && g->ledger[i].because &&
		        !strcmp(g->ledger[i].because, why))
			add(&p->t, "<li><span class=\"mono\">%s</span> (%s)</li>", g->ledger[i].rule,
			        g->ledger[i].effect);
	add(&p->t, "</ul>\n");
}

static void next_steps(struct page *p)
{
	const struct grade *g = &p->j->grade;
	size_t n;
	const struct step *steps = show_steps(&p->arena, g, &n);

	add(&p->t, "<section><h3>What to do next</h3>\n");
	if (!n)
		add(&p->t, "<p>Nothing that was tested holds the grade down.</p>\n");
	add(&p->t, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < n; i++)
		step(p, &steps[i]);
	add(&p->t, "</ul>\n");
	if (show_not_evaluated(g, NULL)) {
		add(&p->t, "<details><summary>%z rules of the guide were not evaluated</summary>\n",
		        show_not_evaluated(g, NULL));
		for (size_t i = 0; i < g->ledger_count; i++)
			if (g->ledger[i].state == ENTRY_NOT_EVALUATED && !reason_told(g, i))
				not_evaluated(p, g, i);
		add(&p->t, "</details>\n");
	}
	add(&p->t, "</section>\n");
}

/* ---- protocols and features
 * ---------------------------------------------------------------------------------- */

static void protocol_row(struct page *p, const struct obs *o)
{
	add(&p->t, "<tr><th scope=\"row\">%s</th><td>", version_text(o->protocol));
	chip(p, protocol_mark(o->protocol, o->tri), show_offered(o->tri));
	if (o->reason)
		add(&p->t, " <span class=\"soft small\">%s</span>", o->reason);
	add(&p->t, "</td></tr>\n");
}

static void protocols(struct page *p)
{
	add(&p->t, "<section><h3>Protocols</h3>\n<table><thead><tr><th scope=\"col\">Version</th>"
	           "<th scope=\"col\">Server</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && p->r->obs[i].protocol)
			protocol_row(p, &p->r->obs[i]);
	for (size_t i = 0; i < p->r->obs_count; i++)
		for (size_t k = 0; p->r->obs[i].key == OBS_KEY_PROTOCOL_DRAFTS && k < p->r->obs[i].count;
		        k++) {
			add(&p->t, "<tr><th scope=\"row\">%s</th><td>",
			        show_code(&p->arena, &p->r->obs[i], k));
			chip(p, MARK_WEAK, "offered");
			add(&p->t, "</td></tr>\n");
		}
	add(&p->t, "</tbody></table></section>\n");
}

static void answer(struct page *p, const struct answer *a)
{
	add(&p->t, "<div>");
	if (a->word)
		chip(p, a->mark, a->says);
	else
		add(&p->t, "<span>%s</span>", a->says);
	if (*a->where)
		add(&p->t, "<span class=\"soft small\">%s</span>", a->where);
	add(&p->t, "</div>");
}

static void features(struct page *p, enum feature_part part, const char *title)
{
	size_t count;
	const struct feature *list = features_of(&p->arena, p->r, part, &count);

	if (!count)
		return;
	add(&p->t, "<section><h3>%r</h3>\n<table class=\"answers\"><thead><tr><th "
	           "scope=\"col\">Feature</th>"
	           "<th scope=\"col\">Answer</th></tr></thead><tbody>\n",
	        title);
	for (size_t i = 0; i < count; i++) {
		add(&p->t, "<tr><th scope=\"row\">%s</th><td>", list[i].title);
		for (size_t k = 0; k < list[i].answers_count; k++)
			answer(p, &list[i].answers[k]);
		add(&p->t, "</td></tr>\n");
	}
	add(&p->t, "</tbody></table></section>\n");
}

/* ---- cipher suites
 * ------------------------------------------------------------------------------------------- */

static void cipher(struct page *p, const struct cipher *c)
{
	enum mark m = cipher_mark(c);
	const char *code =
	        arena_printf(&p->arena, c->protocol == VER_SSL2 ? "0x%06X" : "0x%04X", (unsigned)c->code);
	const char *remark = cipher_remark(c);

	add(&p->t, "<tr%r><td class=\"mono wide\">%s</td><th scope=\"row\"><span class=\"mono\">%w</span>",
	        m == MARK_BAD    ? " class=\"fail\""
	        : m == MARK_WEAK ? " class=\"warn\""
	                         : "",
	        code, c->name);
	if (remark)
		add(&p->t, " <span class=\"remark\">%s</span>", remark);
	add(&p->t, "</th><td class=\"wide\">%s</td><td class=\"wide\">%s</td><td class=\"n\">%s</td></tr>\n",
	        show_kx(&p->arena, c), c->enc,
	        c->known ? arena_printf(&p->arena, "%u", (unsigned)c->bits) : "?");
}

static void list_caption(struct page *p, const struct obs *o, const char *title, enum obs_key order)
{
	add(&p->t, "%s <span class=\"soft\">%s</span>", title, show_list_note(&p->arena, p->r, o, order));
}

static void suite_table(struct page *p, const struct obs *o)
{
	const char *title = show_list_title(&p->arena, p->r, o, OBS_KEY_SUITES_ORDER);

	if (!title)
		return;
	add(&p->t, "<table class=\"fixed\"><caption>");
	list_caption(p, o, title, OBS_KEY_SUITES_ORDER);
	add(&p->t, "</caption><thead><tr><th scope=\"col\" class=\"wide c-code\">Code</th><th "
	           "scope=\"col\">Suite</th>"
	           "<th scope=\"col\" class=\"wide c-kx\">Key exchange</th><th scope=\"col\" class=\"wide "
	           "c-enc\">Cipher"
	           "</th><th scope=\"col\" class=\"n c-n\">Bits</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < o->count; i++) {
		struct cipher c = cipher_of(&p->arena, o->protocol, o->codes[i]);

		cipher(p, &c);
	}
	add(&p->t, "</tbody></table>\n");
}

static void all_suites(struct page *p)
{
	if (!record_find(p->r, OBS_KEY_SUITES_LIST, 0))
		return;
	add(&p->t, "<section><h3>Cipher suites</h3>\n");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_SUITES_LIST)
			suite_table(p, &p->r->obs[i]);
	add(&p->t, "</section>\n");
}

/* ---- groups, schemes, extensions
 * ----------------------------------------------------------------------------- */

static void group_row(struct page *p, const struct obs *o, size_t i)
{
	const struct group *g = o->codes[i] <= UINT16_MAX ? group_find((uint16_t)o->codes[i]) : NULL;

	add(&p->t,
	        "<tr><td class=\"mono wide\">%s</td><th scope=\"row\" class=\"mono\">%s</th><td>%s</td>"
	        "<td class=\"n\">%s</td></tr>\n",
	        arena_printf(&p->arena, "0x%04X", (unsigned)o->codes[i]), show_code(&p->arena, o, i),
	        g ? (g->pq ? "yes" : "no") : "?",
	        g && g->security ? arena_printf(&p->arena, "%u", (unsigned)g->security) : "?");
}

static void group_table(struct page *p, const struct obs *o)
{
	const char *title = show_list_title(&p->arena, p->r, o, OBS_KEY_GROUPS_ORDER);

	if (!title)
		return;
	add(&p->t, "<table class=\"fixed\"><caption>");
	list_caption(p, o, title, OBS_KEY_GROUPS_ORDER);
	add(&p->t, "</caption><thead><tr><th scope=\"col\" class=\"wide c-code\">Code</th><th "
	           "scope=\"col\">Group</th>"
	           "<th scope=\"col\" class=\"c-pq\">Post-quantum</th><th scope=\"col\" class=\"n "
	           "c-pq\">Security bits"
	           "</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < o->count; i++)
		group_row(p, o, i);
	add(&p->t, "</tbody></table>\n");
}

static void moduli(struct page *p)
{
	for (size_t i = 0; i < p->r->obs_count; i++) {
		const struct obs *o = &p->r->obs[i];

		if (o->key != OBS_KEY_DH_BITS)
			continue;
		add(&p->t, "<p class=\"small note\">%s: Diffie-Hellman modulus of %s bits",
		        version_text(o->protocol), arena_printf(&p->arena, "%lld", (long long)o->number));
		add(&p->t, o->name ? ", %s</p>\n" : "</p>\n", o->name);
	}
}

static void all_groups(struct page *p)
{
	if (!record_find(p->r, OBS_KEY_GROUPS_LIST, 0) && !record_find(p->r, OBS_KEY_DH_BITS, 0))
		return;
	add(&p->t, "<section><h3>Key exchange groups</h3>\n");
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_GROUPS_LIST)
			group_table(p, &p->r->obs[i]);
	moduli(p);
	add(&p->t, "</section>\n");
}

static void code_list(struct page *p, const struct obs *o, enum obs_key order)
{
	const char *title = show_list_title(&p->arena, p->r, o, order);

	if (!title)
		return;
	add(&p->t, "<h4>");
	if (order == OBS_KEYS)
		add(&p->t, "%s", title);
	else
		list_caption(p, o, title, order);
	add(&p->t, "</h4><ul class=\"list\">");
	for (size_t i = 0; i < o->count; i++)
		add(&p->t, "<li class=\"mono\">%w</li>", show_code(&p->arena, o, i));
	add(&p->t, o->count ? "</ul>\n" : "<li>none</li></ul>\n");
}

static void code_lists(struct page *p, const char *title, enum obs_key list, enum obs_key order)
{
	if (!record_find(p->r, list, 0))
		return;
	add(&p->t, "<section><h3>%r</h3>\n", title);
	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == list)
			code_list(p, &p->r->obs[i], order);
	add(&p->t, "</section>\n");
}

/* ---- certificates
 * -------------------------------------------------------------------------------------------- */

static void fact(struct page *p, const char *term, const char *value)
{
	add(&p->t, "<dt>%r</dt><dd>%s</dd>", term, value);
}

static void certificate(struct page *p, const struct cert_info *c, size_t n)
{
	if (!c || c->malformed) {
		add(&p->t, "<li><p>%r</p></li>\n",
		        c ? "A certificate that cannot be read" : "A certificate not in the record");
		return;
	}
	add(&p->t, "<li><p><strong class=\"mono\">%s</strong></p><dl class=\"facts\">",
	        show_name(&p->arena, c->subject, "(no subject)"));
	fact(p, "Key", show_key(&p->arena, c));
	fact(p, "Signature", c->signature ? c->signature : "?");
	fact(p, "Valid", show_validity(&p->arena, c, p->r->started));
	if (!n && c->dns_names_count)
		fact(p, "Names", show_names(&p->arena, c, NAMES_SHOWN));
	fact(p, "Issuer", show_name(&p->arena, c->issuer, "(none)"));
	add(&p->t, "<dt>SHA-256</dt><dd class=\"mono\">%s</dd></dl></li>\n", c->sha256);
}

static void chain_facts(struct page *p, const struct served *s)
{
	const struct obs *name = view_about(&p->view, s, OBS_KEY_CHAIN_HOSTNAME, 0);
	const struct obs *issues = view_about(&p->view, s, OBS_KEY_CHAIN_ISSUES, 0), *trust;

	add(&p->t, "<dl class=\"facts\">");
	if (name && name->text) {
		add(&p->t, "<dt>Name</dt><dd>");
		chip(p, strcmp(name->text, "match") ? MARK_BAD : MARK_GOOD, name->text);
		add(&p->t, "</dd>");
	}
	for (size_t i = 0; (trust = view_about(&p->view, s, OBS_KEY_CHAIN_TRUST, i)); i++) {
		add(&p->t, "<dt>Trust, %s</dt><dd>", trust->name ? trust->name : "?");
		chip(p,
		        trust->tri == TRI_YES  ? MARK_GOOD
		        : trust->tri == TRI_NO ? MARK_BAD
		                               : MARK_NONE,
		        show_store(&p->arena, trust));
		add(&p->t, trust->reason ? " %s</dd>" : "</dd>", trust->reason);
	}
	if (issues)
		fact(p, "Issues", issues->count ? show_list(&p->arena, issues) : "none");
	add(&p->t, "</dl>\n");
}

static void chains(struct page *p)
{
	if (!p->view.chains_count)
		return;
	add(&p->t, "<section><h3>Certificates</h3>\n");
	for (size_t i = 0; i < p->view.chains_count; i++) {
		const struct served *s = &p->view.chains[i];
		const char *ways = show_served(&p->view, s);

		if (!ways)
			continue;
		add(&p->t, "<h4>%s</h4>\n", ways);
		chain_facts(p, s);
		add(&p->t, "<ol class=\"chain\">\n");
		for (size_t k = 0; k < s->names_count; k++)
			certificate(p, view_cert(&p->view, s, k), k);
		add(&p->t, "</ol>\n");
	}
	add(&p->t, "</section>\n");
}

/* ---- findings
 * ------------------------------------------------------------------------------------------------ */

static enum mark severity_mark(enum severity s)
{
	if (s >= SEV_HIGH)
		return MARK_BAD;
	return s == SEV_MEDIUM ? MARK_WEAK : MARK_NONE;
}

static void failed(struct page *p, const struct finding *f)
{
	add(&p->t, "<li><div>");
	chip(p, severity_mark(f->severity), severity_name(f->severity));
	add(&p->t, "</div><div><p class=\"t\">%s</p>", f->title);
	if (f->because) {
		add(&p->t, "<p class=\"small\">");
		reason(p, f->because);
		add(&p->t, "</p>");
	}
	if (f->advice)
		add(&p->t, "<p>%s</p>", f->advice);
	add(&p->t, "<p class=\"soft small\"><span class=\"mono\">%s</span> · %s</p></div></li>\n", f->id,
	        f->reference ? f->reference : "");
}

static void other_row(struct page *p, const struct finding *f)
{
	add(&p->t, "<tr><th scope=\"row\">%s <span class=\"soft small mono\">%s</span>", f->title, f->id);
	if (f->because && f->state != FINDING_PASS) {
		add(&p->t, "<br><span class=\"soft small\">");
		reason(p, f->because);
		add(&p->t, "</span>");
	}
	add(&p->t, "</th><td>");
	chip(p, f->state == FINDING_PASS ? MARK_GOOD : MARK_NONE,
	        f->state == FINDING_NA     ? "not applicable"
	        : f->state == FINDING_PASS ? "passed"
	                                   : finding_state_name(f->state));
	add(&p->t, "</td></tr>\n");
}

static void others(struct page *p, const struct finding **list)
{
	add(&p->t,
	        "<details><summary>%z passed, %z not known, %z not applicable</summary>\n<table><thead><tr>"
	        "<th scope=\"col\">Question</th><th scope=\"col\">Answer</th></tr></thead><tbody>\n",
	        show_count(p->j, FINDING_PASS), show_count(p->j, FINDING_UNKNOWN),
	        show_count(p->j, FINDING_NA));
	for (size_t i = 0; i < p->j->findings_count; i++)
		if (list[i]->state != FINDING_FAIL)
			other_row(p, list[i]);
	add(&p->t, "</tbody></table></details>\n");
}

static void findings(struct page *p)
{
	const struct finding **list = show_findings(&p->arena, p->j);
	size_t fails = show_count(p->j, FINDING_FAIL);

	add(&p->t, "<section><h3>Findings</h3>\n");
	if (!fails)
		add(&p->t, "<p>None of the rules failed.</p>\n");
	add(&p->t, "<ul class=\"rows\">\n");
	for (size_t i = 0; i < p->j->findings_count && list[i]->state == FINDING_FAIL; i++)
		failed(p, list[i]);
	add(&p->t, "</ul>\n");
	others(p, list);
	add(&p->t, "</section>\n");
}

/* ---- policies
 * ------------------------------------------------------------------------------------------------ */

static enum mark policy_mark(enum policy_state s)
{
	static const enum mark of[] = {
		[POLICY_PASS] = MARK_GOOD, [POLICY_FAIL] = MARK_BAD, [POLICY_UNKNOWN] = MARK_WEAK
	};

	return of[s];
}

static void policy_entry(struct page *p, const struct policy_entry *e)
{
	bool fails = e->state == FINDING_FAIL;

	add(&p->t, "<li><div>");
	chip(p, fails && e->rule->level == LEVEL_MUST ? MARK_BAD : MARK_WEAK, policy_level_name(e->rule->level));
	add(&p->t, "</div><div><p class=\"t\">%s%s</p><p class=\"small\">", e->rule->clause, fails ? "" : ", not known");
	reason(p, e->because);
	add(&p->t, "</p>");
	if (fails)
		add(&p->t, "<p>%w</p>", e->fix);
	add(&p->t, "<p class=\"soft small\"><span class=\"mono\">%s</span> · fact <span class=\"mono\">%s</span></p></div></li>\n",
	        e->rule->id, obs_kinds[e->rule->fact.obs].key);
}

static void policy_entries(struct page *p, const struct policy_result *r, enum finding_state state)
{
	for (enum policy_level l = LEVEL_MUST; l < POLICY_LEVELS; l++)
		for (size_t i = 0; i < r->entries_count; i++)
			if (r->entries[i].state == state && r->entries[i].rule->level == l)
				policy_entry(p, &r->entries[i]);
}

static void policy(struct page *p, const struct policy_result *r)
{
	add(&p->t, "<h4>");
	chip(p, policy_mark(r->state), policy_state_name(r->state));
	add(&p->t, " %s</h4>\n<p class=\"soft small\">%s · source: %s</p>\n", show_policy(&p->arena, r),
	        show_policy_counts(&p->arena, r), r->policy->source);
	if (r->policy->note)
		add(&p->t, "<p class=\"small\">%s</p>\n", r->policy->note);
	add(&p->t, "<ul class=\"rows\">\n");
	policy_entries(p, r, FINDING_FAIL);
	policy_entries(p, r, FINDING_UNKNOWN);
	add(&p->t, "</ul>\n");
	if (show_not_checked(&p->arena, r))
		add(&p->t, "<p class=\"soft small\">%s</p>\n", show_not_checked(&p->arena, r));
}

static void policies(struct page *p)
{
	if (!p->j->policies_count)
		return;
	add(&p->t, "<section><h3>Policies</h3>\n");
	for (size_t i = 0; i < p->j->policies_count; i++)
		policy(p, &p->j->policies[i]);
	add(&p->t, "</section>\n");
}

/* ---- the whole
 * ----------------------------------------------------------------------------------------------- */

static void article(struct page *p)
{
	add(&p->t, "<article id=\"e%z\">\n", p->number);
	top(p);
	if (!show_nothing_learnt(p->r)) {
		next_steps(p);
		add(&p->t, "<div class=\"cols\"><div>\n");
		protocols(p);
		code_lists(p, "Extensions", OBS_KEY_EXTENSIONS_LIST, OBS_KEYS);
		add(&p->t, "</div>\n");
		features(p, FEATURES_TLS, "Features");
		features(p, FEATURES_HTTP, "HTTP");
		features(p, FEATURES_DNS, "DNS");
		add(&p->t, "</div>\n");
		features(p, FEATURES_CLIENT, "Client certificate");
		all_suites(p);
		code_lists(p, "Suite codes that no registry has", OBS_KEY_SUITES_UNREGISTERED, OBS_KEYS);
		all_groups(p);
		code_lists(p, "Signature schemes", OBS_KEY_SCHEMES_LIST, OBS_KEY_SCHEMES_ORDER);
		chains(p);
		findings(p);
		policies(p);
	}
	add(&p->t, "<footer>%s · tlsassay %s · guide %s</footer>\n</article>\n", show_cost(&p->arena, p->r),
	        p->r->version ? p->r->version : "", p->j->grade.guide);
}

static void index_row(struct page *p, struct book *b)
{
	const struct grade *g = &p->j->grade;
	bool error = show_nothing_learnt(p->r);
	const char *trust = show_trust(g), *caveat = trust ? trust : show_caveat(&p->arena, p->r, g);
	const char *note = error ? show_error(&p->arena, p->r) : caveat;

	add(&b->index,
	        "<tr><td><span class=\"chip %r\">%r</span></td><th scope=\"row\"><a href=\"#e%z\">%w</a>",
	        mark_class(error ? MARK_NONE : letter_mark(g->letter)), error ? "–" : show_letter(g),
	        p->number, show_target(&p->arena, p->r));
	if (show_address(p->r))
		add(&b->index, " <span class=\"soft\">%s</span>", show_address(p->r));
	add(&b->index, "</th><td class=\"wide soft\">%s</td></tr>\n", note ? note : "");
}

static void first_title(struct page *p, struct book *b)
{
	struct text t = { 0 };

	if (b->title)
		return;
	escape(&t, show_target(&p->arena, p->r));
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
	index_row(&p, b);
	article(&p);
	if (b->body)
		fputs(text_str(&p.t), b->body);
	text_free(&p.t);
	arena_free(&p.arena);
}

/* ---- groups
 * -------------------------------------------------------------------------------------------------- */

static void members(struct page *p, const struct group_record *g)
{
	if (!g->members_n)
		return;
	add(&p->t, "<section><h3>Addresses</h3>\n<table><thead><tr><th scope=\"col\">Address</th>"
	           "<th scope=\"col\">Grade</th><th scope=\"col\">State</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < g->members_n; i++) {
		const struct group_member *m = &g->members[i];

		add(&p->t, "<tr><th scope=\"row\" class=\"mono\">%s</th><td>", m->ip);
		chip(p, letter_mark(m->letter), letter_name(m->letter) ? letter_name(m->letter) : "–");
		add(&p->t, "</td><td>%s</td></tr>\n", status_name(m->status));
	}
	add(&p->t, "</tbody></table></section>\n");
}

static void first_expiry(struct page *p, const struct group_expiry *e)
{
	char when[24];

	if (!e->sha256)
		return;
	time_text(e->not_after, when);
	add(&p->t, "<p>First to end: %s, %s, at %w%s</p>\n", arena_textn(&p->arena, when, strlen("2026-11-21")),
	        *e->subject ? e->subject : "(no subject)", e->where.v[0], e->where.n > 1 ? " and others" : "");
}

static void group(struct output *o, const struct group_record *g)
{
	struct judgement judged = { .findings = g->findings, .findings_count = g->findings_n };
	struct book *b = o->state;
	struct page p = { .j = &judged };

	if (!group_is_news(g))
		return;
	add(&p.t, "<article id=\"g%z\">\n<h2>%w compared</h2>\n<p class=\"soft\">%s</p>\n", o->groups + 1,
	        group_title(&p.arena, g), group_summary(&p.arena, g));
	members(&p, g);
	first_expiry(&p, &g->first_expiry);
	findings(&p);
	add(&p.t, "</article>\n");
	if (b->body)
		fputs(text_str(&p.t), b->body);
	text_free(&p.t);
	arena_free(&p.arena);
}

static void head(FILE *f, const struct book *b, size_t endpoints)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	      "'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
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
		fprintf(o->file,
		        "<nav aria-label=\"Endpoints\"><table><thead><tr><th scope=\"col\">Grade</th><th "
		        "scope=\"col\">"
		        "Endpoint</th><th scope=\"col\" "
		        "class=\"wide\">Note</th></tr></thead><tbody>\n%s</tbody></table></nav>\n",
		        text_str(&b->index));
	if (!b->body || !spool_copy(b->body, o->file))
		lost(o);
	fputs("</main>\n</body>\n</html>\n", o->file);
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
