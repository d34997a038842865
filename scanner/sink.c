#include "scanner/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/issue.h"
#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/compare/compare.h"
#include "scanner/own_clients.h"
#include "scanner/screen.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

/* ---- places: code scanning rejects a result that is nowhere in the repository ---- */

/* FILE:LINE; the name may have colons of its own. */
static bool parse_anchor(struct sink *s, const char *text)
{
	const char *colon = strrchr(text, ':');
	char *end = NULL;

	s->anchor_file = colon ? arena_textn(&s->cli->arena, text, (size_t)(colon - text)) : "";
	s->anchor_line = colon && colon[1] >= '0' && colon[1] <= '9' ? strtoull(colon + 1, &end, 10) : 0;
	return (*s->anchor_file && end && !*end && s->anchor_line && s->anchor_line <= INT32_MAX) ||
	       complain("--sarif-anchor", "FILE:LINE is wanted, the line from 1 up");
}

/* Will each target come from a line of a file? Of saved reports only each record can tell. */
static bool listed(const struct cli *c)
{
	return strcmp(c->command, "scan") || c->replay || (!c->arguments[0] && c->file && strcmp(c->file, "-"));
}

bool sink_needs_places(const struct cli *c, const char **format)
{
	for (size_t i = 0; i < c->outputs_n && !c->sarif_anchor; i++) {
		const struct writer *w = writer_find(c->outputs[i].format);

		if (w && w->anchored) {
			*format = w->name;
			return true;
		}
	}
	return false;
}

bool sink_placeless(const char *format)
{
	return complain(
		format, "a result needs a place: list the targets in a file (-f), or give --sarif-anchor FILE:LINE");
}

static bool open_places(struct sink *s)
{
	const char *format;

	if (s->cli->sarif_anchor)
		return parse_anchor(s, s->cli->sarif_anchor);
	return listed(s->cli) || !sink_needs_places(s->cli, &format) || sink_placeless(format);
}

/* ---- reports ---- */

static bool open_output(struct sink *s, const struct cli_output *wanted)
{
	const struct writer *w = writer_find(wanted->format);
	FILE *f = !w ? NULL : wanted->file ? fopen(wanted->file, wanted->behind ? "a" : "w") : stdout; /* no file is emptied for a slip */

	if (!w)
		return complain(wanted->format, "unknown format (see: tlsassay list formats)");
	if (!f) {
		die_if_memory();
		return complain(wanted->file, strerror(errno));
	}
	s->writers[s->n] = w;
	s->outputs[s->n] = (struct output){ .file = f, .colour = screen_colour(s->cli, f), .width = screen_width(f),
		.verbose = s->cli->verbose, .quiet = s->cli->quiet,
		.anchor_file = s->anchor_file, .anchor_line = s->anchor_line };
	writer_open(w, &s->outputs[s->n++]);
	return true;
}

/* What a program reads is the whole of stdout. */
bool sink_stdout_is_free(const struct cli *c)
{
	const char *machine = NULL;
	size_t n = 0;

	for (size_t i = 0; i < c->outputs_n; i++) {
		const struct writer *w = c->outputs[i].file ? NULL : writer_find(c->outputs[i].format);

		n += w != NULL;
		machine = w && w->machine ? w->name : machine;
	}
	return !machine || n < 2 ||
	       complain(machine, "a program reads all of stdout: give every other report a file (-o FORMAT:FILE)");
}

static bool to_stdout(const struct cli *c)
{
	for (size_t i = 0; i < c->outputs_n; i++)
		if (!c->outputs[i].file)
			return true;
	return false;
}

static bool open_outputs(struct sink *s)
{
	struct cli *c = s->cli;
	static const struct cli_output text = { .format = "text" };

	s->writers = arena_new(&c->arena, c->outputs_n + 1, sizeof *s->writers);
	s->outputs = arena_new(&c->arena, c->outputs_n + 1, sizeof *s->outputs);
	for (size_t i = 0; i < c->outputs_n; i++)
		if (!open_output(s, &c->outputs[i]))
			return false;
	return to_stdout(c) || c->resume || open_output(s, &text);
}

static struct sink *unfinished;

/* The process dies: documents that can be ended after any endpoint are. The others were flushed after the last. */
static void end_documents(void)
{
	for (size_t i = 0; i < unfinished->n; i++)
		if (unfinished->writers[i]->whole)
			writer_close(unfinished->writers[i], &unfinished->outputs[i]);
}

static void sink_group(void *owner, struct group_record *g)
{
	struct sink *s = owner;
	enum gate_state state = gating_hold_group(&s->gating, g, s->at);

	s->failed |= state == GATE_FAIL;
	s->incomplete |= state == GATE_UNKNOWN;
	for (size_t i = 0; i < s->n; i++)
		writer_group(s->writers[i], &s->outputs[i], g);
}

bool sink_open(struct sink *s, struct cli *c)
{
	*s = (struct sink){ .cli = c };
	if (!own_clients_open(&s->own, c) || !gating_open(&s->gating, c))
		return false;
	if (!sink_stdout_is_free(c) || !open_places(s) || !open_outputs(s)) {
		gating_close(&s->gating);
		return false;
	}
	s->compare = compare_new(sink_group, s);
	unfinished = s;
	die_hook = end_documents;
	return true;
}

static void write_record(struct sink *s, size_t i, const struct record *r, const struct judgement *judged)
{
	struct place at;

	if (s->writers[i]->anchored && !issue_place(&s->outputs[i], r, &at))
		s->placeless = s->writers[i]->name;
	else
		writer_endpoint(s->writers[i], &s->outputs[i], r, judged);
}

static void count_gates(struct sink *s, const struct judgement *j)
{
	for (size_t i = 0; i < j->gates_count; i++) {
		s->failed |= j->gates[i].state == GATE_FAIL;
		s->incomplete |= j->gates[i].state == GATE_UNKNOWN;
	}
}

void sink_record(struct sink *s, struct record *r)
{
	struct judgement *judged = judge_for(r, &s->own);

	gating_hold(&s->gating, r, judged);
	count_gates(s, judged);
	s->at = r->started;
	compare_endpoint(s->compare, r, judged); /* the group of the name before it comes first */
	for (size_t i = 0; i < s->n; i++)
		write_record(s, i, r, judged);
	s->incomplete |= !issue_scanned(r);
	judgement_free(judged);
	record_free(r);
}

/* What a plugin says of itself by its exit status, and of what it cannot tell. */
enum { PLUGIN_CRITICAL = 2, PLUGIN_UNKNOWN = 3 };

static int verdict = PLUGIN_UNKNOWN; /* of the writer on stdout that decides, once it is closed */

static bool close_outputs(struct sink *s)
{
	bool well = true;

	die_hook = NULL;
	for (size_t i = 0; i < s->n; i++) {
		s->outputs[i].cut = s->cut;
		well &= writer_close(s->writers[i], &s->outputs[i]);
		if (s->outputs[i].file == stdout && s->writers[i]->decides)
			verdict = s->outputs[i].verdict;
		if (s->outputs[i].file != stdout)
			well &= fclose(s->outputs[i].file) == 0;
	}
	if (!well && errno != EPIPE) /* who reads no more wants to hear no more */
		fprintf(stderr, "tlsassay: a report could not be written: %s\n", strerror(errno));
	return well;
}

int sink_close(struct sink *s)
{
	bool well;

	compare_end(s->compare);
	well = close_outputs(s);
	gating_close(&s->gating);
	if (!well)
		return EXIT_INTERNAL;
	if (s->placeless && !sink_placeless(s->placeless))
		return EXIT_USAGE;
	if (s->failed)
		return EXIT_GATE;
	return s->incomplete ? EXIT_UNSCANNED : EXIT_OK;
}

static bool decided(const struct cli *c)
{
	for (size_t i = 0; i < c->outputs_n; i++) {
		const struct writer *w = c->outputs[i].file ? NULL : writer_find(c->outputs[i].format);

		if (w && w->decides)
			return true;
	}
	return false;
}

int sink_status(const struct cli *c, int status)
{
	if (!decided(c))
		return status;
	if (verdict != PLUGIN_CRITICAL && (status == EXIT_USAGE || status == EXIT_INTERNAL))
		return PLUGIN_UNKNOWN;
	return verdict;
}
