/* Putting text down: everything that is not ours is escaped here. */
#include "report/html.h"

#include <stdarg.h>
#include <string.h>

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void escape_char(struct text *t, char c)
{
	if (entity(c))
		text_add(t, entity(c));
	else
		text_char(t, c);
}

/* Text as it stands between tags. */
void html_escape(struct text *t, const char *s)
{
	struct text visible = { 0 };

	text_visible(&visible, s);
	for (s = text_str(&visible); *s; s++)
		escape_char(t, *s);
	text_free(&visible);
}

/* A name with joints stays on one line, and is folded after a joint only where no line is long enough. */
static void escape_word(struct text *t, const char *s, size_t n)
{
	bool jointed = n && memchr(s, '_', n - 1);

	text_add(t, jointed ? "<span class=\"name\">" : "");
	for (size_t i = 0; i < n; i++) {
		escape_char(t, s[i]);
		if (strchr("_:", s[i]) && i + 1 < n)
			text_add(t, "<wbr>");
	}
	text_add(t, jointed ? "</span>" : "");
}

static void escape_words(struct text *t, const char *s)
{
	struct text visible = { 0 };
	size_t n;

	text_visible(&visible, s);
	for (s = text_str(&visible); *s; s += n) {
		n = strcspn(s, " ");
		escape_word(t, s, n);
		for (; s[n] == ' '; n++)
			text_char(t, ' ');
	}
	text_free(&visible);
}

/*
 * A template of our own markup with texts in it: each %s is escaped, %w too and its names are folded at
 * their joints only, %r is markup of our own, %z a size_t. There is no other way for a text
 * to reach the page.
 */
void html_add(struct text *t, const char *template, ...)
{
	va_list ap;

	va_start(ap, template);
	for (const char *s = template; *s; s++) {
		if (*s != '%' || !s[1]) {
			text_char(t, *s);
			continue;
		}
		s++;
		if (*s == 's')
			html_escape(t, va_arg(ap, const char *));
		else if (*s == 'w')
			escape_words(t, va_arg(ap, const char *));
		else if (*s == 'r')
			text_add(t, va_arg(ap, const char *));
		else if (*s == 'z')
			text_fmt(t, "%zu", va_arg(ap, size_t));
		else
			text_char(t, *s);
	}
	va_end(ap);
}

const char *html_class(enum mark m)
{
	static const char *const names[] = {
		[MARK_NONE] = "none", [MARK_GOOD] = "good", [MARK_WEAK] = "weak", [MARK_BAD] = "bad"
	};

	return names[m];
}

void html_chip(struct page *p, enum mark m, const char *says)
{
	html_add(&p->t, "<span class=\"chip %r\">%s</span>", html_class(m), says);
}

/* A reason, each of its parts on a line of its own. */
void html_reason(struct page *p, const char *text)
{
	const char *part;

	for (size_t i = 0; (part = show_part(&p->arena, &text)); i++)
		html_add(&p->t, i ? "<br>%w" : "%w", part);
}

void html_caption(struct page *p, const struct obs *o, const char *title, enum obs_key order)
{
	html_add(&p->t, "%s <span class=\"soft\">%s</span>", title, show_list_note(&p->arena, p->r, o, order));
}

void html_table(struct page *p, const char *class, const char *caption, const char *const *heads)
{
	html_add(&p->t, "<table class=\"%r\"><caption class=\"unseen\">%s</caption><thead><tr>", class, caption);
	for (; *heads; heads++)
		html_add(&p->t, "<th scope=\"col\">%s</th>", *heads);
	html_add(&p->t, "</tr></thead><tbody>\n");
}
