#include "report/escape.h"

#include <string.h>

const struct escape escape_none[] = { { NULL, NULL } };

/* "@" and "#" are set apart by an empty comment: mentions and references are made of the text, whatever its
 * markup. */
const struct escape escape_markdown[] = { { "\\", "\\\\" }, { "`", "\\`" }, { "*", "\\*" }, { "_", "\\_" },
	{ "{", "\\{" }, { "}", "\\}" }, { "[", "\\[" }, { "]", "\\]" }, { "|", "\\|" }, { "~", "\\~" },
	{ "!", "\\!" }, { "$", "\\$" }, { "^", "\\^" }, { "=", "\\=" },
	{ "&", "&amp;" }, { "<", "&lt;" }, { ">", "&gt;" },
	{ "://", "\\://" }, { "www.", "www\\." }, { "@", "@<!-- -->" }, { "#", "#<!-- -->" }, { NULL, NULL } };

static const struct escape *row_at(const struct escape *rows, const char *s)
{
	for (; rows->from; rows++)
		if (!strncmp(s, rows->from, strlen(rows->from)))
			return rows;
	return NULL;
}

void escape_add(struct text *t, const struct escape *rows, const char *utf8)
{
	struct text visible = { 0 };
	const struct escape *row;
	const char *s;

	text_visible(&visible, utf8);
	for (s = text_str(&visible); *s; s += row ? strlen(row->from) : 1) {
		row = row_at(rows, s);
		if (row)
			text_add(t, row->to);
		else
			text_char(t, *s);
	}
	text_free(&visible);
}

const char *escape_in(struct arena *a, const struct escape *rows, const char *utf8)
{
	struct text t = { 0 };
	const char *s;

	escape_add(&t, rows, utf8);
	s = arena_text(a, text_str(&t));
	text_free(&t);
	return s;
}
