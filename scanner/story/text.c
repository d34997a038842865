/* The story as a teacher writes it on a board: folded to the width, every word of the peer made harmless. */
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/story/said.h"
#include "scanner/story/story.h"

enum { SAYS = 9, FIELD = 11, VALUE = 31, LIST_FEW = 4, LIST_ALL = 1000, WIDTH = 80, WIDTH_LEAST = 60 };

struct page {
	FILE *f;
	size_t width;
	bool verbose;
};

static struct page page_of(FILE *f, unsigned width, bool verbose)
{
	return (struct page){ f, width >= WIDTH_LEAST ? width : WIDTH, verbose };
}

static void spaces(FILE *f, size_t n)
{
	fprintf(f, "%*s", (int)n, "");
}

/* Words from column `at` (where the cursor is) to the width; further lines begin at `indent`. A word that is too long
 * for any line is left whole: it is a name, and is to be copied. */
static void fold(const struct page *p, size_t at, size_t indent, const char *utf8)
{
	struct text shown = { 0 };
	char *word, *save = NULL;
	bool first = true;

	text_visible(&shown, utf8);
	for (word = strtok_r(shown.s, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		size_t n = text_width(word);

		if (!first && at + 1 + n > p->width) {
			fputc('\n', p->f);
			spaces(p->f, indent);
			at = indent;
		} else if (!first) {
			fputc(' ', p->f);
			at++;
		}
		fputs(word, p->f);
		at += n;
		first = false;
	}
	fputc('\n', p->f);
	text_free(&shown);
}

static void line(const struct page *p, size_t indent, size_t further, const char *text)
{
	spaces(p->f, indent);
	fold(p, indent, further, text);
}

/* ---- fields ------------------------------------------------------------------------------------------------------------- */

/* "ticket_bytes" is "ticket" in bytes. */
static const char *unit_of(const char *key, size_t *name)
{
	static const struct { const char *suffix, *unit; } units[] = {
		{ "_bytes", " bytes" }, { "_bits", " bits" }, { "_s", " seconds" },
	};
	size_t n = strlen(key);

	*name = n;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		size_t m = strlen(units[i].suffix);

		if (n > m && !strcmp(key + n - m, units[i].suffix)) {
			*name = n - m;
			return units[i].unit;
		}
	}
	return "";
}

static void key_words(struct text *t, const char *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		text_char(t, key[i] == '_' ? ' ' : key[i]);
}

static void list_words(struct text *t, const struct field *f, size_t most)
{
	size_t shown = f->n <= most + 1 ? f->n : most; /* never "and 1 more": it takes as much room */

	if (!f->n)
		text_add(t, "none");
	if (shown < f->n)
		text_fmt(t, "%zu: ", f->n);
	for (size_t i = 0; i < shown; i++)
		text_fmt(t, "%s%s", i ? ", " : "", f->items[i]);
	if (shown < f->n)
		text_add(t, " ...");
}

static void value_words(struct text *t, const struct field *f, const char *unit, bool verbose)
{
	switch (f->kind) {
	case FIELD_TEXT:
		text_add(t, f->text && *f->text ? f->text : "(empty)");
		break;
	case FIELD_COUNT:
		text_fmt(t, "%llu%s", (unsigned long long)f->count, f->count == 1 && !strcmp(unit, " seconds") ? " second" : unit);
		break;
	case FIELD_FLAG:
		text_add(t, f->count ? "yes" : "no");
		break;
	case FIELD_LIST:
		list_words(t, f, verbose ? LIST_ALL : LIST_FEW);
		break;
	case FIELD_ROWS:
		text_fmt(t, "%zu", f->n);
		break;
	}
}

static void fields(const struct page *p, const struct fields *all, size_t indent);

static void field(const struct page *p, const struct field *f, size_t indent)
{
	struct text name = { 0 }, value = { 0 };
	size_t n;
	const char *unit = unit_of(f->key, &n);

	key_words(&name, f->key, n);
	value_words(&value, f, unit, p->verbose);
	spaces(p->f, indent);
	fprintf(p->f, "%-*s ", (int)(VALUE - indent - 1), text_str(&name));
	fold(p, VALUE, VALUE, text_str(&value));
	text_free(&name);
	text_free(&value);
	for (size_t i = 0; f->kind == FIELD_ROWS && i < f->n; i++) {
		spaces(p->f, indent + 2);
		fprintf(p->f, "%zu\n", i + 1);
		fields(p, &f->rows[i], indent + 4);
	}
}

static void fields(const struct page *p, const struct fields *all, size_t indent)
{
	for (size_t i = 0; i < all->n; i++)
		field(p, &all->v[i], indent);
}

/* ---- messages ------------------------------------------------------------------------------------------------------------- */

static const char *keys_source(enum story_keys k)
{
	switch (k) {
	case KEYS_EARLY:
		return "early keys, from the ticket's secret alone";
	case KEYS_HANDSHAKE:
		return "handshake keys, from the key exchange and both hellos";
	case KEYS_APPLICATION:
		return "application keys, from the same secret and all up to the server's Finished";
	case KEYS_SESSION:
		return "the session's keys, from the master secret and both randoms";
	default:
		return "no keys";
	}
}

static void key_line(const struct page *p, const struct told *m, enum story_keys keys)
{
	struct text t = { 0 };

	text_fmt(&t, "== %s changes keys: %s", m->ours ? "client" : "server", keys_source(keys));
	line(p, SAYS, SAYS + 3, text_str(&t));
	text_free(&t);
}

static void message(const struct page *p, const struct told *m)
{
	if (m->keys_changed && !m->keys_told)
		key_line(p, m, m->keys);
	fprintf(p->f, "%5llu ms %s %s, %zu byte%s, %s\n", (unsigned long long)m->at_ms, m->ours ? "client ->" : "server <-",
		m->name, m->bytes, m->bytes == 1 ? "" : "s", m->sealed ? "sealed" : "in clear");
	if (m->meaning)
		line(p, SAYS, SAYS, m->meaning);
	fields(p, &m->fields, FIELD);
	if (m->keys_next != KEYS_NONE)
		key_line(p, m, m->keys_next);
}

static struct text trouble(const struct story *s)
{
	const struct story_error *e = &s->error;
	struct text t = { 0 };

	if (!e->code)
		return t;
	text_fmt(&t, "%s: %s", e->code, e->message);
	if (e->alert)
		text_fmt(&t, " (%s)", e->alert);
	if (e->after)
		text_fmt(&t, ". It was at or behind: %s", e->after);
	return t;
}

static const char *ending(const struct story *s)
{
	const struct hs_result *r = s->result;

	if (!s->connected)
		return "There was no connection.";
	if (!s->complete)
		return "The handshake was not completed: nothing is proven.";
	if (r->alerted)
		return "The server's Finished was right, but then the server broke off: it did not take what the client sent last.";
	if (r->signature_checked && !r->signature_right)
		return "Both Finished messages were right, but the server's signature was not: who that is, is not proven, and a client "
		       "that checks ends here.";
	if (said_proof(r) == PROOF_NOBODY)
		return "Both Finished messages were right: the handshake is complete and both ends have the same keys. But nobody has "
		       "shown who the server is: there is no certificate, and a man in the middle passes unseen.";
	if (said_proof(r) == PROOF_KEY)
		return "Both Finished messages were right: the handshake is complete, and the server holds the pre-shared key: nobody "
		       "without that key changed a message. There is no certificate.";
	if (s->resumed)
		return "Both Finished messages were right: the handshake is complete, and the server is the one of the session before.";
	return "Both Finished messages were right: the handshake is complete, both have the same keys, and nobody between changed a "
	       "message. Whether the certificate is to be trusted is another question, which a scan answers.";
}

void story_text(FILE *f, const struct story *s, unsigned width, bool verbose)
{
	struct page p = page_of(f, width, verbose);
	struct text why = trouble(s);

	for (size_t i = 0; i < s->messages_n; i++)
		message(&p, &s->messages[i]);
	fputc('\n', f);
	if (s->error.code)
		line(&p, 0, 2, text_str(&why));
	line(&p, 0, 0, ending(s));
	text_free(&why);
}

void story_result_text(FILE *f, const struct story *s)
{
	struct page p = { f, SIZE_MAX, false };
	struct text why = trouble(s);

	line(&p, 0, 0, s->error.code ? text_str(&why) : ending(s));
	text_free(&why);
}

/* ---- the price ---------------------------------------------------------------------------------------------------------------- */

static void price_row(FILE *f, const char *name, const struct story *s)
{
	fprintf(f, "  %-10s %9llu %9llu %9zu %9zu %7u %7llu\n", name, (unsigned long long)s->result->sent,
		(unsigned long long)s->result->received, s->chain_bytes, s->ticket_bytes, s->round_trips,
		(unsigned long long)s->handshake_ms);
}

static void saving(const struct page *p, const struct saving *s)
{
	struct text t = { 0 };

	text_fmt(&t, "- %s", s->text);
	if (s->bytes || s->round_trips)
		text_fmt(&t, ": %s", s->estimated ? "about " : "");
	if (s->bytes)
		text_fmt(&t, "%llu bytes", (unsigned long long)s->bytes);
	if (s->round_trips)
		text_fmt(&t, "%s%u round trip%s", s->bytes ? " and " : "", s->round_trips, s->round_trips == 1 ? "" : "s");
	if (s->bytes || s->round_trips)
		text_add(&t, s->estimated ? " less, estimated" : " less, measured");
	line(p, 2, 4, text_str(&t));
	text_free(&t);
}

void story_price_text(FILE *f, const struct story *full, const struct story *resumed, unsigned width)
{
	struct page p = page_of(f, width, false);
	struct savings all = story_savings(full, resumed);

	fprintf(f, "\nWhat it costs\n  %-10s %9s %9s %9s %9s %7s %7s\n", "", "bytes out", "bytes in", "chain", "tickets", "trips",
		"ms");
	price_row(f, "full", full);
	if (resumed && resumed->complete)
		price_row(f, resumed->resumed ? "resumed" : "again", resumed);
	line(&p, 2, 2, "bytes with record headers; trips: round trips until the client may send data, that of TCP apart");
	if (all.n)
		fputs("\nWhat would shrink it\n", f);
	for (size_t i = 0; i < all.n; i++)
		saving(&p, &all.v[i]);
}
