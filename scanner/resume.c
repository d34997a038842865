#include "scanner/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/die.h"
#include "scanner/facts/json.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

static uint32_t hash_of(const char *text)
{
	uint32_t h = UINT32_C(2166136261);

	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * UINT32_C(16777619); /* FNV-1a */
	return h ? h : 1;
}

static void mark(struct resume *r, uint64_t line, uint32_t hash)
{
	enum { LINES_MAX = 1000 * 1000 * 1000, ROOM_MIN = 1024 };
	size_t room = r->room ? r->room : ROOM_MIN;

	if (line >= LINES_MAX)
		return;
	while (room <= line)
		room *= 2;
	if (room > r->room) {
		r->done = mem_grow(r->done, room, sizeof *r->done);
		memset(r->done + r->room, 0, (room - r->room) * sizeof *r->done);
		r->room = room;
	}
	r->done[line] = hash;
}

/* ---- the report of before ---------------------------------------------------------------------------------------------- */

/* Of a line of it. */
struct told {
	bool group, of_run; /* no endpoint; about the whole run */
	uint64_t line;      /* in the list; 0: it does not say */
	uint32_t hash;
};

/* The value of the first member of this name; in text that we wrote no string holds a quote that is not escaped. */
static struct json_object *member_of(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	json_tokener *parser;
	struct json_object *value;

	if (!at)
		return NULL;
	parser = json_tokener_new();
	if (!parser)
		die_memory();
	value = json_tokener_parse_ex(parser, at + strlen(name), -1);
	json_tokener_free(parser);
	return value;
}

static bool read_told(const char *text, struct told *t)
{
	struct json_object *target, *source = NULL, *line = NULL, *input = NULL;
	bool good;

	*t = (struct told){ .group = strstr(text, "\"kind\":\"group\"") != NULL };
	t->of_run = t->group && strstr(text, "\"scope\":\"run\"");
	if (t->group)
		return true;
	target = member_of(text, "\"target\":");
	json_object_object_get_ex(target, "source", &source);
	json_object_object_get_ex(source, "line", &line);
	json_object_object_get_ex(target, "input", &input);
	good = json_object_is_type(line, json_type_int) && json_object_is_type(input, json_type_string);
	if (good)
		t->line = (uint64_t)json_object_get_int64(line);
	if (good)
		t->hash = hash_of(json_object_get_string(input));
	json_object_put(target);
	return good && t->line;
}

/* What is whole of it so far. */
struct reading {
	struct resume *resume;
	struct told last;   /* the endpoint read last */
	off_t at, last_at;  /* behind this line; where the records of the last target begin */
	uint64_t last_records;
	bool closed;        /* the line read last was the run's group: nothing is missing behind it */
};

static void take(struct reading *r, const struct told *t, off_t from)
{
	r->closed = t->of_run;
	if (t->of_run) {
		r->last_at = from; /* another one will stand at the end */
		r->last_records = 0;
	}
	if (t->group)
		return;
	if (t->line != r->last.line) {
		if (r->last.line)
			mark(r->resume, r->last.line, r->last.hash);
		r->last = *t;
		r->last_at = from;
		r->last_records = 0;
	}
	r->last_records++;
	r->resume->records++;
}

static bool read_all(struct reading *r, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	struct told told;
	ssize_t n;
	bool good = true;

	while (good && (n = getline(&line, &cap, f)) > 0 && line[n - 1] == '\n') {
		good = read_told(line, &told);
		if (good)
			take(r, &told, r->at);
		r->at += n;
	}
	free(line);
	die_if_memory();
	return good && !ferror(f);
}

/* What may not be whole goes. */
static bool cut(struct reading *r, const char *path)
{
	if (r->closed && r->last.line)
		mark(r->resume, r->last.line, r->last.hash);
	else
		r->resume->records -= r->last_records;
	return !truncate(path, r->last_at) || complain(path, strerror(errno));
}

bool resume_open(struct resume *resume, const char *path)
{
	struct reading r = { .resume = resume };
	FILE *f = fopen(path, "r");
	bool good;

	*resume = (struct resume){ 0 };
	if (!f) {
		die_if_memory();
		return errno == ENOENT || complain(path, strerror(errno));
	}
	errno = 0;
	good = read_all(&r, f);
	fclose(f);
	if (!good)
		return complain(path, errno ? strerror(errno) : "this is no report of a list, in the format ndjson");
	return cut(&r, path);
}

enum resumed resume_ask(const struct resume *r, const struct target *t)
{
	uint32_t hash = t->line < r->room ? r->done[t->line] : 0;

	if (!hash)
		return RESUME_NEW;
	return hash == hash_of(t->input) ? RESUME_DONE : RESUME_OTHER;
}

void resume_close(struct resume *r)
{
	free(r->done);
}
