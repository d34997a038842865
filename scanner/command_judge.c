/* `judge`: saved observations judged again, without network: other gates, another format, a newer rule. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/issue.h"
#include "report/spool.h"
#include "scanner/base/die.h"
#include "scanner/command.h"
#include "scanner/facts/records.h"
#include "scanner/sink.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

struct input {
	const char *name;
	FILE *file;
	struct records records;
};

static bool input_open(struct input *in, const char *path)
{
	in->name = strcmp(path, "-") ? path : "standard input";
	in->file = strcmp(path, "-") ? fopen(path, "r") : stdin;
	if (!in->file) {
		die_if_memory();
		return complain(path, strerror(errno));
	}
	records_open(&in->records, in->file);
	return true;
}

/* False when the input was not well. */
static bool input_close(struct input *in)
{
	bool well = !in->records.why || complain(in->name, in->records.why);

	records_close(&in->records);
	if (in->file && in->file != stdin)
		fclose(in->file);
	return well;
}

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino && S_ISREG(x.st_mode);
}

/* A report written over the one that is being read would lose both. */
static bool writes_over_input(const struct cli *c)
{
	for (size_t i = 0; i < c->outputs_n; i++)
		for (size_t k = 0; c->outputs[i].file && c->arguments[k]; k++)
			if (is_same_file(c->outputs[i].file, c->arguments[k]))
				return !complain(c->outputs[i].file, "is the report that is read; write to another file");
	return false;
}

/* ---- places: looked for in all of the input before a report is begun ---- */

/* What is wrong with the input itself is told when it is read to be judged. */
static bool all_placed(struct input *in, const char *format)
{
	static const struct output none;
	bool placed = true;
	struct record *r;

	while (placed && (r = records_next(&in->records))) {
		struct place at;

		placed = issue_place(&none, r, &at) || sink_placeless(format);
		record_free(r);
	}
	records_close(&in->records);
	if (in->file == stdin)
		rewind(stdin);
	else
		fclose(in->file);
	return placed;
}

/* A pipe cannot be read twice: what comes by it waits in a file. */
static bool keep_stdin(void)
{
	FILE *f = tmpfile();
	bool well = f && spool_copy(stdin, f) && !fflush(f) && dup2(fileno(f), STDIN_FILENO) >= 0;

	if (!well)
		complain("standard input", strerror(errno));
	if (f)
		fclose(f);
	rewind(stdin);
	return well;
}

static bool is_placed(const struct cli *c)
{
	const char *format;
	struct input in;
	bool well = true, kept = false;

	if (!sink_needs_places(c, &format))
		return true;
	for (size_t i = 0; c->arguments[i] && well; i++) {
		if (!kept && !strcmp(c->arguments[i], "-"))
			well = kept = keep_stdin();
		well = well && input_open(&in, c->arguments[i]) && all_placed(&in, format);
	}
	return well;
}

/* ---- judging ---- */

static bool judge_rest(struct sink *s, struct input *in, struct record *first)
{
	for (struct record *r = first; r; r = records_next(&in->records))
		sink_record(s, r);
	return input_close(in);
}

/* The first file is read before a report is begun: what is no input at all leaves none. */
static int judge_all(struct cli *c, struct input *in)
{
	struct record *first = records_next(&in->records);
	struct sink s;
	bool well = true;
	int status;

	if (!first || !sink_open(&s, c)) {
		if (input_close(in) && !first)
			complain(in->name, "no endpoint is in it");
		record_free(first);
		return EXIT_USAGE;
	}
	for (size_t i = 1; (well = judge_rest(&s, in, first)) && c->arguments[i]; i++) {
		if (!(well = input_open(in, c->arguments[i])))
			break;
		first = records_next(&in->records);
	}
	s.cut = !well;
	status = sink_close(&s);
	return well || status == EXIT_INTERNAL ? status : EXIT_USAGE;
}

int command_judge(struct cli *c)
{
	struct input in;

	if (!c->arguments[0]) {
		complain("no report", "give a file of tlsassay --json, or - (try --help)");
		return EXIT_USAGE;
	}
	if (writes_over_input(c) || !is_placed(c))
		return EXIT_USAGE;
	return input_open(&in, c->arguments[0]) ? judge_all(c, &in) : EXIT_USAGE;
}
