#include "scanner/story/fields.h"

#include <stdarg.h>
#include <stdio.h>


static void add(struct fields *f, struct field one)
{
	f->v = arena_push(f->arena, f->v, f->n, sizeof *f->v);
	f->v[f->n++] = one;
}

void fields_text(struct fields *f, const char *key, const char *text)
{
	add(f, (struct field){ .key = key, .kind = FIELD_TEXT, .text = text });
}

void fields_textf(struct fields *f, const char *key, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fields_text(f, key, arena_text(f->arena, text));
}

void fields_count(struct fields *f, const char *key, uint64_t count)
{
	add(f, (struct field){ .key = key, .kind = FIELD_COUNT, .count = count });
}

void fields_flag(struct fields *f, const char *key, bool flag)
{
	add(f, (struct field){ .key = key, .kind = FIELD_FLAG, .count = flag });
}

void fields_list(struct fields *f, const char *key, const char *const *items, size_t n)
{
	add(f, (struct field){ .key = key, .kind = FIELD_LIST, .items = items, .n = n });
}

void fields_rows(struct fields *f, const char *key, const struct fields *rows, size_t n)
{
	add(f, (struct field){ .key = key, .kind = FIELD_ROWS, .rows = rows, .n = n });
}

void names_add(struct names *l, const char *name)
{
	l->v = arena_push(l->arena, l->v, l->n, sizeof *l->v);
	l->v[l->n++] = name;
}
