#include "scanner/sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report/writer.h"
#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/screen.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static bool open_output(struct sink *s, const struct cli_output *wanted)
{
	const struct writer *w = writer_find(wanted->format);
	FILE *f = !w ? NULL : wanted->file ? fopen(wanted->file, "w") : stdout; /* no file is emptied for a slip */

	if (!w)
		return complain(wanted->format, "unknown format (see: tlsassay list formats)");
	if (!f) {
		die_if_memory();
		return complain(wanted->file, strerror(errno));
	}
	s->writers[s->n] = w;
	s->outputs[s->n] = (struct output){ .file = f, .colour = screen_colour(s->cli, f), .width = screen_width(f),
		.verbose = s->cli->verbose, .quiet = s->cli->quiet };
	writer_open(w, &s->outputs[s->n++]);
	return true;
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
	static const struct cli_output text = { "text", NULL };

	s->writers = arena_new(&c->arena, c->outputs_n + 1, sizeof *s->writers);
	s->outputs = arena_new(&c->arena, c->outputs_n + 1, sizeof *s->outputs);
	for (size_t i = 0; i < c->outputs_n; i++)
		if (!open_output(s, &c->outputs[i]))
			return false;
	return to_stdout(c) || open_output(s, &text);
}

static struct sink *unfinished;

/* The process dies: documents that can be ended after any endpoint are. The others were flushed after the last. */
static void end_documents(void)
{
	for (size_t i = 0; i < unfinished->n; i++)
		if (unfinished->writers[i]->whole)
			writer_close(unfinished->writers[i], &unfinished->outputs[i]);
}

bool sink_open(struct sink *s, struct cli *c)
{
	*s = (struct sink){ .cli = c };
	if (!open_outputs(s))
		return false;
	unfinished = s;
	die_hook = end_documents;
	return true;
}

void sink_record(struct sink *s, struct record *r)
{
	struct judgement *judged = judge(r);

	for (size_t i = 0; i < s->n; i++)
		writer_endpoint(s->writers[i], &s->outputs[i], r, judged);
	s->incomplete |= r->status != STATUS_OK && r->status != STATUS_SKIPPED;
	judgement_free(judged);
	record_free(r);
}

static bool close_outputs(struct sink *s)
{
	bool well = true;

	die_hook = NULL;
	for (size_t i = 0; i < s->n; i++) {
		well &= writer_close(s->writers[i], &s->outputs[i]);
		if (s->outputs[i].file != stdout)
			well &= fclose(s->outputs[i].file) == 0;
	}
	if (!well && errno != EPIPE) /* who reads no more wants to hear no more */
		fprintf(stderr, "tlsassay: a report could not be written: %s\n", strerror(errno));
	return well;
}

int sink_close(struct sink *s)
{
	if (!close_outputs(s))
		return EXIT_INTERNAL;
	return s->incomplete ? EXIT_UNSCANNED : EXIT_OK;
}
