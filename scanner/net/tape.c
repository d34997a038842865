#include "scanner/net/tape.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/base64.h"
#include "scanner/base/die.h"

static const struct verb {
	const char *word, *fields;
} verbs[TAPE_VERBS] = {
#define TAPE(name, word, fields) [TAPE_##name] = { word, fields },
#include "scanner/net/tape.def"
#undef TAPE
};

static const char *const ends[] = {
	[NET_EOF] = "eof", [NET_RESET] = "reset", [NET_REFUSED] = "refused", [NET_CONNECT_RESET] = "connect_reset",
	[NET_UNREACHABLE] = "unreachable", [NET_TIMED_OUT] = "timed_out", [NET_LOCAL] = "local",
};

const char *tape_word(enum tape_verb verb)
{
	return verbs[verb].word;
}

bool tape_is_event(enum tape_verb verb)
{
	return verbs[verb].fields[0] == 't';
}

const char *tape_end_word(enum net_end end)
{
	return ends[end];
}

bool tape_end_parse(const char *word, enum net_end *end)
{
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (!strcmp(ends[i], word)) {
			*end = (enum net_end)i;
			return true;
		}
	return false;
}

/* ---- addresses ----------------------------------------------------------------------------------------------------- */

/* The zone as a number: what the interface was called means nothing elsewhere. */
static void addr_write(struct text *out, struct net_addr a)
{
	uint32_t zone = a.zone;
	char text[64];

	a.zone = 0;
	net_addr_text(&a, text);
	text_add(out, text);
	if (zone)
		text_fmt(out, "%%%" PRIu32, zone);
}

static bool number_parse(const char *text, uint64_t most, uint64_t *n)
{
	size_t digits = strspn(text, "0123456789");

	*n = digits && digits < 20 ? strtoull(text, NULL, 10) : UINT64_MAX;
	return digits && !text[digits] && digits < 20 && *n <= most;
}

static bool addr_parse(char *text, struct net_addr *a)
{
	char *zone = strchr(text, '%');
	uint64_t n = 0;

	if (zone)
		*zone++ = 0;
	if (!net_addr_parse(text, a) || (zone && (a->family != NET_IPV6 || !number_parse(zone, UINT32_MAX, &n))))
		return false;
	a->zone = (uint32_t)n;
	return true;
}

/* address/port */
static bool endpoint_parse(char *text, struct net_addr *a)
{
	char *port = strchr(text, '/');
	uint64_t n;

	if (!port)
		return false;
	*port++ = 0;
	*a = (struct net_addr){ 0 };
	if (!number_parse(port, UINT16_MAX, &n) || !addr_parse(text, a))
		return false;
	a->port = (uint16_t)n;
	return true;
}

void tape_addrs_write(struct text *out, const struct net_addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			text_char(out, ',');
		addr_write(out, list[i]);
	}
}

bool tape_addrs_parse(const char *text, struct net_addr list[static NET_ADDRS_MAX], size_t *n)
{
	for (*n = 0;; text++) {
		size_t length = strcspn(text, ",");
		char one[64];

		if (*n == NET_ADDRS_MAX || length >= sizeof one)
			return false;
		memcpy(one, text, length);
		one[length] = 0;
		list[*n] = (struct net_addr){ 0 };
		if (!addr_parse(one, &list[(*n)++]))
			return false;
		text += length;
		if (!*text)
			return true;
	}
}

/* ---- words and bytes ------------------------------------------------------------------------------------------------- */

static void word_write(FILE *f, const char *word)
{
	bool dash = !strcmp(word, "-");

	if (!*word)
		putc('-', f);
	for (const char *p = word; *p; p++)
		if (*p <= ' ' || *p >= 0x7F || *p == '%' || dash)
			fprintf(f, "%%%02X", (unsigned)(unsigned char)*p);
		else
			putc(*p, f);
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* In place: what is decoded is no longer than what stood there. */
static bool word_parse(char *text, const char **word)
{
	char *to = text;

	*word = text;
	if (!strcmp(text, "-"))
		*text = 0;
	for (const char *p = text; *p; p++) {
		int high = *p == '%' ? hex_digit(p[1]) : 0, low = *p == '%' && high >= 0 ? hex_digit(p[2]) : 0;

		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		if (high < 0 || low < 0 || !(high | low))
			return false;
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	*to = 0;
	return true;
}

static void bytes_write(FILE *f, struct span bytes)
{
	struct rd r = rd_span(bytes);

	if (!bytes.n)
		putc('-', f);
	while (rd_left(&r)) {
		char group[4];
		struct wr w = wr_of(group, sizeof group);

		base64_group(&w, &r);
		fwrite(group, 1, w.len, f);
	}
}

/* In place too. */
static bool bytes_parse(char *text, struct span *bytes)
{
	struct span from = { (const uint8_t *)text, strlen(text) };
	struct wr w = wr_of(text, from.n);

	*bytes = (struct span){ from.p, 0 };
	if (!strcmp(text, "-"))
		return true;
	if (!from.n || !base64_read(from, &w))
		return false;
	bytes->n = w.len;
	return true;
}

/* ---- lines ----------------------------------------------------------------------------------------------------------- */

void tape_write(FILE *f, const struct tape_line *l)
{
	const uint64_t *number = l->number;
	const char *const *word = l->word;
	struct text addr = { 0 };

	fputs(verbs[l->verb].word, f);
	for (const char *field = verbs[l->verb].fields; *field; field++) {
		putc(' ', f);
		if (*field == 't')
			fprintf(f, "%" PRIu64, l->at_us);
		else if (*field == 'n')
			fprintf(f, "%" PRIu64, *number++);
		else if (*field == 'w')
			word_write(f, *word++);
		else if (*field == 'b')
			bytes_write(f, l->bytes);
		else
			addr_write(&addr, l->addr);
		if (*field == 'a')
			fprintf(f, "%s/%u", text_str(&addr), (unsigned)l->addr.port);
	}
	putc('\n', f);
	text_free(&addr);
}

static bool verb_find(const char *word, enum tape_verb *verb)
{
	for (size_t i = 0; i < TAPE_VERBS; i++)
		if (!strcmp(verbs[i].word, word)) {
			*verb = (enum tape_verb)i;
			return true;
		}
	return false;
}

/* What stands up to the next space; NULL: there is no more. */
static char *next_field(char **rest)
{
	char *field = *rest, *space = field ? strchr(field, ' ') : NULL;

	if (space)
		*space = 0;
	*rest = space ? space + 1 : NULL;
	return field;
}

bool tape_parse(char *line, struct tape_line *l)
{
	char *rest = line, *text = next_field(&rest);
	uint64_t *number = l->number;
	const char **word = l->word;

	*l = (struct tape_line){ 0 };
	if (!verb_find(text, &l->verb))
		return false;
	for (const char *field = verbs[l->verb].fields; *field; field++) {
		bool well;

		text = next_field(&rest);
		if (!text)
			return false;
		if (*field == 't')
			well = number_parse(text, INT64_MAX, &l->at_us);
		else if (*field == 'n')
			well = number_parse(text, INT64_MAX, number++);
		else if (*field == 'w')
			well = word_parse(text, word++);
		else
			well = *field == 'b' ? bytes_parse(text, &l->bytes) : endpoint_parse(text, &l->addr);
		if (!well)
			return false;
	}
	return !rest;
}

static bool wrong(struct tape *t, const char *why)
{
	t->why = why;
	return false;
}

/* A whole line into `text`, without its newline. */
static bool read_line(struct tape *t)
{
	char piece[8192];

	text_free(&t->text);
	while (fgets(piece, sizeof piece, t->file)) {
		size_t n = strlen(piece);

		text_add(&t->text, piece);
		if (n && piece[n - 1] == '\n') {
			t->text.s[--t->text.n] = 0;
			return true;
		}
		if (n + 1 < sizeof piece || t->text.n > TAPE_LINE_MAX)
			return wrong(t, t->text.n > TAPE_LINE_MAX ? "the line is too long" : "the recording ends in the middle");
	}
	die_if_memory();
	return wrong(t, ferror(t->file) ? "it cannot be read" : "the recording ends in the middle");
}

bool tape_next(struct tape *t)
{
	if (t->why)
		return false;
	t->at++;
	if (!read_line(t))
		return false;
	if (!tape_parse(t->text.s, &t->line))
		return wrong(t, "no line of a recording");
	return true;
}

void tape_free(struct tape *t)
{
	text_free(&t->text);
}
