/*
 * GitHub's workflow commands: an annotation for each finding that failed, an endpoint's worst first, since a
 * step shows only the first few. Where the runner says GITHUB_STEP_SUMMARY, the report as markdown is added to that file.
 * Each command is one line that begins with its own name, so no text in it can be another command.
 */
#include "report/writer.h"

#include <stdlib.h>

#include "report/escape.h"
#include "report/issue.h"
#include "report/show.h"
#include "scanner/base/die.h"

static const char *const commands[] = { [SEV_INFO] = "notice",
	[SEV_LOW] = "notice",
	[SEV_MEDIUM] = "warning",
	[SEV_HIGH] = "error",
	[SEV_CRITICAL] = "error" };

static const struct escape data[] = { { "%", "%25" }, { NULL, NULL } };
static const struct escape property[] = { { "%", "%25" }, { ":", "%3A" }, { ",", "%2C" }, { NULL, NULL } };

extern const struct writer writer_markdown;

/* GitHub shows nothing of a summary above 1 MiB: what stands in it is whole endpoints, and a line says what is not. */
enum { SUMMARY_BYTES = 1000000 };

struct summary {
	FILE *file;         /* NULL: none is wanted */
	struct output part; /* one endpoint or group, in memory until it is known to fit */
	char *text;
	size_t n;
	bool full;
	size_t left_out; /* endpoints */
};

static void begin_part(struct summary *s)
{
	s->part.file = open_memstream(&s->text, &s->n);
	if (!s->part.file)
		die_memory();
}

/* How long the file is, with what was in it before. */
static bool fits(struct summary *s)
{
	return fseek(s->file, 0, SEEK_END) || ftell(s->file) + (long)s->n <= SUMMARY_BYTES;
}

/* False: it is left out, and so is all behind it. */
static bool end_part(struct summary *s)
{
	fclose(s->part.file);
	s->part.file = NULL;
	s->full = s->full || !fits(s);
	if (!s->full)
		fputs(s->text, s->file);
	fflush(s->file);
	free(s->text);
	s->text = NULL;
	return !s->full;
}

static void summarize(struct summary *s, const struct record *r, const struct judgement *j)
{
	if (!s->file)
		return;
	begin_part(s);
	writer_endpoint(&writer_markdown, &s->part, r, j);
	s->left_out += !end_part(s);
}

static void summarize_group(struct summary *s, const struct group_record *g)
{
	if (!s->file)
		return;
	begin_part(s);
	writer_group(&writer_markdown, &s->part, g);
	end_part(s);
}

/* at: NULL when it has no place. */
static void annotate(
        struct text *t, const struct place *at, const char *command, const char *title, const char *message)
{
	text_fmt(t, "::%s ", command);
	if (at) {
		text_add(t, "file=");
		escape_add(t, property, at->file);
		text_fmt(t, ",line=%llu,", (unsigned long long)at->line);
	}
	text_add(t, "title=");
	escape_add(t, property, title);
	text_add(t, "::");
	escape_add(t, data, message);
	text_char(t, '\n');
}

static void open_summary(struct output *o)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct summary *s = mem_new(1, sizeof *s);

	o->state = s;
	s->file = path && *path ? fopen(path, "a") : NULL;
	if (!s->file) {
		o->failed = path && *path;
		return;
	}
	begin_part(s);
	writer_open(&writer_markdown, &s->part);
	end_part(s);
}

static void failed(struct text *t, struct arena *a, const struct subject *s, const struct place *at)
{
	const struct finding **list = show_worst_first(a, s->findings, s->findings_count);

	for (size_t i = 0; i < s->findings_count && list[i]->state == FINDING_FAIL; i++)
		annotate(t, at, commands[list[i]->severity], arena_printf(a, "%s: %s", s->title, list[i]->id),
		        issue_text(a, list[i]));
}

static void endpoint(struct output *o, const struct record *r, const struct judgement *j)
{
	struct arena a = { 0 };
	struct text t = { 0 };
	struct subject s = issue_of_endpoint(&a, r, j);
	struct place place, *at = issue_place(o, r, &place) ? &place : NULL;

	if (!issue_scanned(r))
		annotate(&t, at, show_nothing_learnt(r) ? "error" : "warning", s.title, show_error(&a, r));
	failed(&t, &a, &s, at);
	fputs(text_str(&t), o->file);
	summarize(o->state, r, j);
	text_free(&t);
	arena_free(&a);
}

static void group(struct output *o, const struct group_record *g)
{
	struct arena a = { 0 };
	struct text t = { 0 };
	struct subject s = issue_of_group(&a, g);
	struct place place, *at = issue_group_place(o, g, &place) ? &place : NULL;

	failed(&t, &a, &s, at);
	fputs(text_str(&t), o->file);
	summarize_group(o->state, g);
	text_free(&t);
	arena_free(&a);
}

static void close_summary(struct output *o)
{
	struct summary *s = o->state;

	if (s->left_out)
		fprintf(s->file, "%zu more endpoint%s left out: GitHub shows no summary above 1 MiB.\n", s->left_out,
		        s->left_out == 1 ? " is" : "s are");
	if (s->file) {
		begin_part(s);
		o->failed |= !writer_close(&writer_markdown, &s->part);
		end_part(s);
		o->failed |= (ferror(s->file) != 0) | (fclose(s->file) != 0);
	}
	free(s);
	o->state = NULL;
}

const struct writer writer_github = {
	.name = "github",
	.what = "GitHub's annotations; with GITHUB_STEP_SUMMARY set, the markdown report there too",
	.machine = true,
	.whole = true,
	.open = open_summary,
	.endpoint = endpoint,
	.group = group,
	.close = close_summary,
};
