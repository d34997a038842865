/*
 * One row for each finding. The first seven columns are those of testssl.sh, which its importers know by name
 * and by place; what they have no column for stands behind. A cell that a spreadsheet would take for a formula
 * begins with an apostrophe.
 */
#include "report/writer.h"

#include <string.h>

#include "report/issue.h"
#include "report/escape.h"
#include "report/show.h"

static const struct escape quotes[] = { { "\"", "\"\"" }, { NULL, NULL } };

/* testssl.sh's words: OK for what is as it should be or does not arise, WARN for what could not be tested. */
static const char *severity_word(const struct finding *f)
{
	static const char *const failed[] = { [SEV_INFO] = "INFO",
		[SEV_LOW] = "LOW",
		[SEV_MEDIUM] = "MEDIUM",
		[SEV_HIGH] = "HIGH",
		[SEV_CRITICAL] = "CRITICAL" };
	static const char *const other[] = { [FINDING_PASS] = "OK",
		[FINDING_UNKNOWN] = "WARN",
		[FINDING_NA] = "OK",
		[FINDING_WAIVED] = "INFO" };

	return f->state == FINDING_FAIL ? failed[f->severity] : other[f->state];
}

struct page {
	struct text t;
	struct arena arena;
	struct subject about;
	const char *ip; /* "": of more than one, or none */
};

static void cell(struct page *p, const char *s)
{
	bool formula = *s && strchr("=+-@|%", *s);

	text_add(&p->t, p->t.n && p->t.s[p->t.n - 1] != '\n' ? "," : "");
	text_add(&p->t, formula ? "\"'" : "\"");
	escape_add(&p->t, quotes, s);
	text_add(&p->t, "\"");
}

/* Who and where: "id","fqdn/ip","port". */
static void subject(struct page *p, const char *id)
{
	const struct subject *s = &p->about;

	cell(p, id);
	cell(p, arena_printf(&p->arena, "%s/%s", s->host ? s->host : s->title, p->ip));
	cell(p, s->port ? arena_printf(&p->arena, "%u", (unsigned)s->port) : "");
}

static void finding(struct page *p, const struct finding *f)
{
	subject(p, f->id);
	cell(p, severity_word(f));
	cell(p, issue_text(&p->arena, f));
	cell(p, issue_ids(&p->arena, f->reference, "CVE-"));
	cell(p, issue_ids(&p->arena, f->reference, "CWE-"));
	cell(p, finding_state_name(f->state));
	cell(p, f->reference ? f->reference : "");
	cell(p, f->advice ? f->advice : "");
	text_add(&p->t, "\n");
}

/* What is about the endpoint and is no finding, under testssl.sh's ids. */
static void remark(struct page *p, const char *id, const char *severity, const char *says)
{
	subject(p, id);
	cell(p, severity);
	cell(p, says);
	for (size_t i = 0; i < 5; i++)
		cell(p, "");
	text_add(&p->t, "\n");
}

static void open_table(struct output *o)
{
	fputs("\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\",\"cve\",\"cwe\","
	      "\"state\",\"reference\",\"advice\"\n",
	        o->file);
}

static void write_page(struct output *o, struct page *p)
{
	for (size_t i = 0; i < p->about.findings_count; i++)
		finding(p, &p->about.findings[i]);
	fputs(text_str(&p->t), o->file);
	text_free(&p->t);
	arena_free(&p->arena);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .ip = r->ip ? r->ip : "" };

	p.about = issue_of_endpoint(&p.arena, r, j);
	if (!issue_scanned(r))
		remark(&p, "scanProblem", show_nothing_learnt(r) ? "FATAL" : "WARN", show_error(&p.arena, r));
	if (!show_nothing_learnt(r))
		remark(&p, "overall_grade", "INFO", show_letter(&j->grade));
	write_page(o, &p);
}

static void group(struct output *o, const struct group_record *g)
{
	struct page p = { .ip = "" };

	p.about = issue_of_group(&p.arena, g);
	write_page(o, &p);
}

const struct writer writer_csv = {
	.name = "csv",
	.what = "a row for each finding, in testssl.sh's columns and three more",
	.machine = true,
	.whole = true,
	.open = open_table,
	.endpoint = endpoint,
	.group = group,
};
