/*
 * Markdown (CommonMark with GitHub's tables): for step summaries, merge requests and wikis. Text of the server
 * can make no markup, no link, no mention and no table cell of its own.
 */
#include "report/writer.h"

#include <string.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/pq.h"
#include "report/show.h"

struct page {
	struct text t;
	struct arena arena;
	const struct record *r;
	const struct judgement *j;
};

/* A text between our own markup. */
static void add(struct page *p, const char *before, const char *text, const char *after)
{
	text_add(&p->t, before);
	escape_add(&p->t, escape_markdown, text);
	text_add(&p->t, after);
}

static void verdict(struct page *p)
{
	const struct grade *g = &p->j->grade;
	const char *caveat = show_caveat(&p->arena, p->r, g), *trust = show_trust(g);

	if (p->r->status != STATUS_OK)
		add(p, "**", show_error(&p->arena, p->r), "**\n\n");
	if (show_nothing_learnt(p->r))
		return;
	add(p, "Grade **", show_letter(g), "**");
	if (caveat)
		add(p, " (", caveat, ")");
	text_add(&p->t, "\n\n");
	if (trust)
		add(p, "", trust, "\n\n");
}

static void gates(struct page *p)
{
	if (!p->j->gates_count)
		return;
	text_add(&p->t, "| gate | asked | state | because |\n|---|---|---|---|\n");
	for (size_t i = 0; i < p->j->gates_count; i++) {
		const struct gate_result *g = &p->j->gates[i];

		add(p, "| ", g->gate, " | ");
		add(p, "", g->wants, " | ");
		add(p, "", gate_state_name(g->state), " | ");
		add(p, "", g->because ? g->because : "", " |\n");
	}
	text_add(&p->t, "\n");
}

static void steps(struct page *p)
{
	size_t n;
	const struct step *list = show_steps(&p->arena, &p->j->grade, &n);

	if (!n)
		return;
	text_add(&p->t, "### What to do next\n\n");
	for (size_t i = 0; i < n; i++) {
		add(p, "- **", list[i].effect, "**: ");
		add(p, "", list[i].fix, "");
		add(p, *list[i].because ? " (" : "", list[i].because, *list[i].because ? ")\n" : "\n");
	}
	text_add(&p->t, "\n");
}

static void protocols(struct page *p)
{
	struct text t = { 0 };

	for (size_t i = 0; i < p->r->obs_count; i++)
		if (p->r->obs[i].key == OBS_KEY_PROTOCOL_OFFERED && p->r->obs[i].tri == TRI_YES)
			text_fmt(&t, "%s%s", t.n ? ", " : "", version_text(p->r->obs[i].protocol));
	if (t.n)
		add(p, "Offered: ", text_str(&t), "\n\n");
	text_free(&t);
}

static void post_quantum(struct page *p)
{
	struct view v;
	struct pq q;
	size_t n;
	const struct pq_line *lines;

	view_open(&v, p->r, &p->arena);
	q = pq_of(&v, p->j->sims);
	lines = pq_lines(&p->arena, &q, &n);
	text_add(&p->t, "### Post-quantum\n\n| part | what is known of it |\n|---|---|\n");
	for (size_t i = 0; i < n; i++) {
		add(p, "| ", lines[i].title, " | ");
		add(p, "", pq_sentence(&p->arena, &lines[i]), " |\n");
	}
	text_add(&p->t, "\n");
}

static void failed(struct page *p, const struct finding *f)
{
	add(p, "| ", severity_name(f->severity), " | ");
	add(p, "", f->title, "<br>");
	add(p, "<sub>", f->id, "</sub> | ");
	add(p, "", f->because ? f->because : "", " | ");
	add(p, "", issue_advice(&p->arena, f), " |\n");
}

static size_t count(const struct subject *s, enum finding_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings_count; i++)
		n += s->findings[i].state == state;
	return n;
}

static void findings(struct page *p, const struct subject *s)
{
	const struct finding **list = show_worst_first(&p->arena, s->findings, s->findings_count);
	size_t fails = count(s, FINDING_FAIL), waived = count(s, FINDING_WAIVED);

	if (fails)
		text_add(&p->t, "### Findings\n\n| severity | finding | because | what to do |\n|---|---|---|---|\n");
	for (size_t i = 0; i < fails; i++)
		failed(p, list[i]);
	text_fmt(&p->t, "%s%zu passed, %zu not known, %zu not applicable", fails ? "\n" : "", count(s, FINDING_PASS),
	        count(s, FINDING_UNKNOWN), count(s, FINDING_NA));
	if (waived)
		text_fmt(&p->t, ", %zu waived", waived);
	text_add(&p->t, "\n\n");
}

static void open_document(struct output *o)
{
	fputs("# TLS report\n\n", o->file);
}

static void write_page(struct output *o, struct page *p)
{
	fputs(text_str(&p->t), o->file);
	text_free(&p->t);
	arena_free(&p->arena);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .r = r, .j = j };
	struct subject s = issue_of_endpoint(&p.arena, r, j);

	add(&p, "## ", s.title, "\n\n");
	verdict(&p);
	gates(&p);
	if (!show_nothing_learnt(r)) {
		steps(&p);
		protocols(&p);
		findings(&p, &s);
		post_quantum(&p);
	}
	write_page(o, &p);
}

static void group(struct output *o, const struct group_record *g)
{
	struct page p = { 0 };
	struct subject s;

	if (!group_is_news(g))
		return;
	s = issue_of_group(&p.arena, g);
	add(&p, "## ", s.title, ", compared\n\n");
	findings(&p, &s);
	write_page(o, &p);
}

const struct writer writer_markdown = {
	.name = "markdown",
	.what = "markdown with tables, for summaries and merge requests",
	.whole = true,
	.open = open_document,
	.endpoint = endpoint,
	.group = group,
};
