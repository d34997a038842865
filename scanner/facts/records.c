#include "scanner/facts/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"

void records_open(struct records *in, FILE *file)
{
	*in = (struct records){ .file = file };
}

void records_close(struct records *in)
{
	text_free(&in->text);
	free(in->why);
	*in = (struct records){ 0 };
}

static void refuse(struct records *in, const char *what)
{
	struct text t = { 0 };

	if (in->why)
		return;
	if (in->number)
		text_fmt(&t, "record %zu: ", in->number);
	text_add(&t, what);
	in->why = t.s;
}

/* ---- where one document ends and the next begins -------------------------------------------------------------- */

static int next_byte(struct records *in)
{
	int c = getc(in->file);

	if (c == EOF && ferror(in->file)) {
		die_if_memory();
		refuse(in, strerror(errno));
	}
	return c;
}

static int next_visible(struct records *in)
{
	int c;

	do
		c = next_byte(in);
	while (c == ' ' || c == '\t' || c == '\n' || c == '\r');
	return c;
}

/* Where in a document we are: braces and brackets that are open, and whether they are part of a text. */
struct place {
	size_t open;
	bool quoted, escaped;
};

static void step(struct place *p, int c)
{
	if (p->escaped)
		p->escaped = false;
	else if (c == '\\')
		p->escaped = p->quoted;
	else if (c == '"')
		p->quoted = !p->quoted;
	else if (!p->quoted && (c == '{' || c == '['))
		p->open++;
	else if (!p->quoted && (c == '}' || c == ']'))
		p->open--;
}

/* The text of one document, whose first brace was read. What is in it is looked at by the parser. */
static bool take_text(struct records *in)
{
	struct place p = { .open = 1 };

	text_free(&in->text);
	text_char(&in->text, '{');
	while (p.open) {
		int c = next_byte(in);

		if (c == EOF)
			refuse(in, "the file ends in the middle of it");
		else if (in->text.n == RECORDS_BYTES_MAX)
			refuse(in, "it is too long");
		if (in->why)
			return false;
		step(&p, c);
		text_char(&in->text, (char)c);
	}
	return true;
}

/* Behind the last document of the array nothing may stand. */
static void end_array(struct records *in)
{
	in->ended = true;
	if (next_visible(in) != EOF)
		refuse(in, "something stands behind the end of the array");
}

/* Behind the bracket that begins an array, or the comma between two: a document. At once behind the bracket: or the end. */
static int enter_array(struct records *in, int c)
{
	bool first = !in->number;

	if (!first && c == ']')
		return c;
	if (!first && c != ',')
		return c == EOF ? c : ',';
	c = next_visible(in);
	return c == ']' && !first ? ',' : c;
}

/* Goes to the first brace of the next document; false where there is none. */
static bool find_document(struct records *in)
{
	int c = next_visible(in);

	if (!in->begin)
		in->begin = c == '[' ? c : '{';
	if (in->begin == '[')
		c = enter_array(in, c);
	if (in->begin == '[' && c == ']')
		end_array(in);
	in->ended |= in->begin == '{' && c == EOF;
	if (!in->ended && c != '{')
		refuse(in, c == EOF ? "the file ends before the array does" : "no record stands where one should");
	return !in->ended && !in->why;
}

/* ---- documents as records --------------------------------------------------------------------------------------- */

static struct json_object *take_document(struct records *in)
{
	const char *why = NULL;
	struct json_object *j;

	if (!find_document(in))
		return NULL;
	in->number++;
	if (!take_text(in))
		return NULL;
	j = json_parse(in->text.s, in->text.n, &why);
	if (!j)
		refuse(in, why);
	return j;
}

/* Another kind of this schema than an endpoint. */
static bool is_passed_over(struct json_object *j)
{
	struct json_object *schema = json_object_object_get(j, "schema"), *kind = json_object_object_get(j, "kind");

	return schema && kind && !strcmp(json_object_get_string(schema), "tlsassay/1") &&
	       json_object_is_type(kind, json_type_string) && strcmp(json_object_get_string(kind), "endpoint");
}

static struct record *as_record(struct records *in, struct json_object *j)
{
	char *why = NULL;
	struct record *r = record_from_json(j, &why);

	if (why)
		refuse(in, why);
	free(why);
	return r;
}

struct record *records_next(struct records *in)
{
	struct record *r = NULL;

	while (!r && !in->why && !in->ended) {
		struct json_object *j = take_document(in);

		if (j && !is_passed_over(j))
			r = as_record(in, j);
		json_object_put(j);
	}
	return r;
}
