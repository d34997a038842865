/*
 * JUnit's XML as continuous integration reads it: a suite for each endpoint, a case for each gate and finding. It keeps
 * to both schemas in use, that of Ant and that of Jenkins.
 */
#include "report/writer.h"

#include <stdlib.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/show.h"
#include "scanner/base/die.h"
#include "scanner/facts/record_json.h"

/* Of what XML 1.0 forbids (section 2.2) two are left: others are control characters, or no UTF-8. */
static const struct escape markup[] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "\"", "&quot;" },
	{ "\xef\xbf\xbe", "\\ufffe" }, { "\xef\xbf\xbf", "\\uffff" }, { NULL, NULL } };

struct page {
	struct text t;
	struct arena arena;
	struct subject about;
	const struct judgement *j; /* of an endpoint; NULL for a group, which has no gates */
};

/* A text between our own markup. */
static void add(struct page *p, const char *before, const char *text, const char *after)
{
	text_add(&p->t, before);
	escape_add(&p->t, markup, text);
	text_add(&p->t, after);
}

/* A remark for people is no failed test. */
static bool fails(const struct finding *f)
{
	return f->state == FINDING_FAIL && f->severity > SEV_INFO;
}

static size_t failures(const struct subject *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings_count; i++)
		n += fails(&s->findings[i]);
	return n;
}

static size_t skipped(const struct subject *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->findings_count; i++)
		n += s->findings[i].state != FINDING_PASS && !fails(&s->findings[i]);
	return n;
}

static size_t gates_that(const struct page *p, bool (*is)(enum gate_state))
{
	size_t n = 0;

	for (size_t i = 0; p->j && i < p->j->gates_count; i++)
		n += is(p->j->gates[i].state);
	return n;
}

static bool gate_fails(enum gate_state s)
{
	return s == GATE_FAIL;
}

/* What could not be decided is no pass: the run did not come to its end there. */
static bool gate_errs(enum gate_state s)
{
	return s == GATE_UNKNOWN;
}

static bool gate_skips(enum gate_state s)
{
	return s == GATE_WAIVED || s == GATE_NA;
}

/* When it was, and how long: of a group that is when it could be told, and no time. */
static void suite(struct page *p, size_t number, bool error, int64_t started, uint64_t ms)
{
	const struct subject *s = &p->about;
	char when[24];

	time_text(started, when);
	add(p, "<testsuite name=\"", s->title, "\" package=\"tlsassay\"");
	add(p, " hostname=\"", s->host && *s->host ? s->host : "localhost", "\"");
	text_fmt(&p->t, " id=\"%zu\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", number,
	        s->findings_count + error + (p->j ? p->j->gates_count : 0), failures(s) + gates_that(p, gate_fails),
	        error + gates_that(p, gate_errs), skipped(s) + gates_that(p, gate_skips));
	text_fmt(&p->t, " time=\"%llu.%03llu\" timestamp=\"%.19s\">\n<properties>\n", (unsigned long long)(ms / 1000),
	        (unsigned long long)(ms % 1000), when);
}

static void open_case(struct page *p, const char *name)
{
	add(p, "<testcase classname=\"", p->about.title, "\"");
	add(p, " name=\"", name, "\" time=\"0\"");
}

static void verdict(struct page *p, const char *kind, const char *message, const char *type, const char *text)
{
	text_fmt(&p->t, ">\n<%s", kind);
	add(p, " message=\"", message, "\"");
	if (type)
		add(p, " type=\"", type, "\"");
	add(p, ">", text, "");
	text_fmt(&p->t, "</%s>\n</testcase>\n", kind);
}

static void finding(struct page *p, const struct finding *f)
{
	open_case(p, arena_printf(&p->arena, "%s: %s", f->id, f->title));
	if (f->state == FINDING_PASS)
		text_add(&p->t, "/>\n");
	else if (fails(f))
		verdict(p, "failure", issue_text(&p->arena, f), severity_name(f->severity), issue_advice(&p->arena, f));
	else
		verdict(p, "skipped", issue_text(&p->arena, f), NULL, "");
}

static void gate(struct page *p, const struct gate_result *g)
{
	const char *because = g->because ? g->because : "", *state = gate_state_name(g->state);

	open_case(p, arena_printf(&p->arena, "gate %s: %s", g->gate, g->wants));
	if (gate_fails(g->state) || gate_errs(g->state))
		verdict(p, gate_fails(g->state) ? "failure" : "error", because, state, "");
	else if (gate_skips(g->state))
		verdict(p, "skipped", because, NULL, "");
	else
		text_add(&p->t, "/>\n");
}

static void open_document(struct output *o)
{
	o->state = mem_new(1, sizeof(int64_t)); /* when the last endpoint was scanned */
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", o->file);
}

static void write_page(struct output *o, struct page *p)
{
	for (size_t i = 0; p->j && i < p->j->gates_count; i++)
		gate(p, &p->j->gates[i]);
	for (size_t i = 0; i < p->about.findings_count; i++)
		finding(p, &p->about.findings[i]);
	text_add(&p->t, "<system-out/>\n<system-err/>\n</testsuite>\n");
	fputs(text_str(&p->t), o->file);
	text_free(&p->t);
	arena_free(&p->arena);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .j = j };

	p.about = issue_of_endpoint(&p.arena, r, j);
	suite(&p, o->written + o->groups, !issue_scanned(r), r->started, r->duration_ms);
	add(&p, "<property name=\"grade\" value=\"", show_letter(&j->grade), "\"/>\n</properties>\n");
	if (!issue_scanned(r)) {
		open_case(&p, "scan");
		verdict(&p, "error", show_error(&p.arena, r), status_name(r->status), "");
	}
	*(int64_t *)o->state = r->started;
	write_page(o, &p);
}

static void group(struct output *o, const struct group_record *g)
{
	struct page p = { 0 };

	p.about = issue_of_group(&p.arena, g);
	suite(&p, o->written + o->groups, false, *(int64_t *)o->state, 0);
	text_add(&p.t, "</properties>\n");
	write_page(o, &p);
}

static void close_document(struct output *o)
{
	fputs("</testsuites>\n", o->file);
	free(o->state);
	o->state = NULL;
}

const struct writer writer_junit = {
	.name = "junit",
	.what = "JUnit's XML: a suite for each endpoint, a case for each gate and finding",
	.machine = true,
	.whole = true,
	.open = open_document,
	.endpoint = endpoint,
	.group = group,
	.close = close_document,
};
