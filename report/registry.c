#include "report/writer.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

#define WRITER(name) extern const struct writer writer_##name;
#include "report/writers.def"
#undef WRITER

const struct writer *const writers[] = {
#define WRITER(name) &writer_##name,
#include "report/writers.def"
#undef WRITER
	NULL,
};

const struct writer *writer_find(const char *name)
{
	for (size_t i = 0; writers[i]; i++)
		if (!strcmp(writers[i]->name, name))
			return writers[i];
	return NULL;
}

void writer_open(const struct writer *w, struct output *o)
{
	o->written = o->groups = 0;
	o->state = NULL;
	o->last_file = NULL;
	o->failed = false;
	o->verdict = 0;
	if (w->open)
		w->open(o);
}

/* What compares endpoints stands where they do. */
static void keep_place(struct output *o, const struct record *r)
{
	o->last_line = r->source_line;
	if (o->last_file && r->source_file && !strcmp(o->last_file, r->source_file))
		return;
	free(o->last_file);
	o->last_file = r->source_file ? mem_text(r->source_file) : NULL;
}

void writer_endpoint(
        const struct writer *w, struct output *o, const struct record *r, const struct judgement *j)
{
	w->endpoint(o, r, j);
	keep_place(o, r);
	o->written++;
	o->failed = fflush(o->file) || o->failed;
}

void writer_group(const struct writer *w, struct output *o, const struct group_record *g)
{
	if (!w->group)
		return;
	w->group(o, g);
	o->groups++;
	o->failed = fflush(o->file) || o->failed;
}

bool writer_close(const struct writer *w, struct output *o)
{
	if (w->close)
		w->close(o);
	free(o->last_file);
	o->last_file = NULL;
	return !fflush(o->file) && !ferror(o->file) && !o->failed;
}
