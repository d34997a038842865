/*
 * JUnit's XML as continuous integration reads it: a suite for each endpoint, a case for each finding. It keeps
 * to both schemas in use, that of Ant and that of Jenkins.
 */
#include "report/writer.h"

#include "report/escape.h"
#include "report/issue.h"
#include "report/show.h"
#include "scanner/facts/record_json.h"

/* Of what XML 1.0 forbids (section 2.2) two are left: others are control characters, or no UTF-8. */
static const struct escape markup[] = { { "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" }, { "\"", "&quot;" },
	{ "\xef\xbf\xbe", "\\ufffe" }, { "\xef\xbf\xbf", "\\uffff" }, { NULL, NULL } };

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
	escape_add(&p->t, markup, text);
	text_add(&p->t, after);
}

/* A remark for people is no failed test. */
static bool fails(const struct finding *f)
{
	return f->state == FINDING_FAIL && f->severity > SEV_INFO;
}

static size_t failures(const struct judgement *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->findings_count; i++)
		n += fails(&j->findings[i]);
	return n;
}

static size_t skipped(const struct judgement *j)
{
	size_t n = 0;

	for (size_t i = 0; i < j->findings_count; i++)
		n += j->findings[i].state != FINDING_PASS && !fails(&j->findings[i]);
	return n;
}

static void suite(struct page *p, size_t number)
{
	bool error = !issue_scanned(p->r);
	char when[24];

	time_text(p->r->started, when);
	add(p, "<testsuite name=\"", issue_endpoint(&p->arena, p->r), "\" package=\"tlsassay\"");
	add(p, " hostname=\"", p->r->host && *p->r->host ? p->r->host : "?", "\"");
	text_fmt(&p->t, " id=\"%zu\" tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"%zu\"", number,
	        p->j->findings_count + error, failures(p->j), error, skipped(p->j));
	text_fmt(&p->t, " time=\"%llu.%03llu\" timestamp=\"%.19s\">\n", (unsigned long long)(p->r->duration_ms / 1000),
	        (unsigned long long)(p->r->duration_ms % 1000), when);
	add(p, "<properties>\n<property name=\"grade\" value=\"", show_letter(&p->j->grade), "\"/>\n</properties>\n");
}

static void open_case(struct page *p, const char *name)
{
	add(p, "<testcase classname=\"", issue_endpoint(&p->arena, p->r), "\"");
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

static void open_document(struct output *o)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", o->file);
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct page p = { .r = r, .j = j };

	suite(&p, o->written);
	if (!issue_scanned(r)) {
		open_case(&p, "scan");
		verdict(&p, "error", show_error(&p.arena, r), status_name(r->status), "");
	}
	for (size_t i = 0; i < j->findings_count; i++)
		finding(&p, &j->findings[i]);
	text_add(&p.t, "<system-out/>\n<system-err/>\n</testsuite>\n");
	fputs(text_str(&p.t), o->file);
	text_free(&p.t);
	arena_free(&p.arena);
}

static void close_document(struct output *o)
{
	fputs("</testsuites>\n", o->file);
}

const struct writer writer_junit = {
	.name = "junit",
	.what = "JUnit's XML: a suite for each endpoint, a case for each finding",
	.machine = true,
	.whole = true,
	.open = open_document,
	.endpoint = endpoint,
	.close = close_document,
};
