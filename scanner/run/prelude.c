#include "scanner/run/prelude.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/wire.h"

enum { WORD_MAX = 64, NAME_MAX_BYTES = 253 };
enum does { DOES_TO, DOES_GO, DOES_MORE, DOES_MARK, DOES_IF_MARKED, DOES_FAIL };
enum dialect_id {
#define DIALECT(id, name, reader, as, source) ID_##id,
#define SAY(id, step, bytes)
#define ON(id, step, word, does, argument)
#include "scanner/run/preludes.def"
#undef DIALECT
#undef SAY
#undef ON
};

struct prelude {
	const struct dialect *dialect;
	const char *name;
	enum prelude_phase phase;
	enum reason reason;
	unsigned step, words;
	bool marked;
	char code[4];        /* REPLY: of the reply of many lines that is being read; else empty */
	size_t received, sent;
	char word[WORD_MAX];
	size_t n;
	uint8_t frame[PRELUDE_FRAME_MAX]; /* what makes no word yet */
};

/* What a reader made of the bytes so far, which end in the byte that came last. */
enum reading { READ_MORE, READ_WORD, READ_NOTHING, READ_WRONG }; /* NOTHING: they are read, and mean nothing */
typedef enum reading reader(struct prelude *, struct rd);

/* ---- readers of text ------------------------------------------------------------------------------------------------- */

static void set_word(struct prelude *p, const char *text, size_t n)
{
	n = n < WORD_MAX - 1 ? n : WORD_MAX - 1;
	memcpy(p->word, text, n);
	p->word[n] = 0;
}

static struct span line_of(const struct prelude *p)
{
	size_t n = p->n - 1;

	return (struct span){ p->frame, n && p->frame[n - 1] == '\r' ? n - 1 : n };
}

static enum reading read_LINE(struct prelude *p, struct rd r)
{
	struct span line;

	if (r.end[-1] != '\n')
		return READ_MORE;
	line = line_of(p);
	set_word(p, (const char *)line.p, line.n);
	return READ_WORD;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 959 section 4.2: "123-" begins a reply of many lines, which "123 " ends; those between may say anything. */
static enum reading read_REPLY(struct prelude *p, struct rd r)
{
	enum reading reading = read_LINE(p, r);
	const char *w = p->word;

	if (reading != READ_WORD)
		return reading;
	if (*p->code && (strncmp(w, p->code, 3) || w[3] == '-'))
		return READ_NOTHING;
	*p->code = 0;
	if (!is_digit(w[0]) || !is_digit(w[1]) || !is_digit(w[2]) || w[3] != '-')
		return READ_WORD;
	memcpy(p->code, w, 3);
	return READ_NOTHING;
}

/* The word behind ":who ", if that stands there (RFC 2812 section 2.3). */
static enum reading read_IRC(struct prelude *p, struct rd r)
{
	struct span line;
	size_t at = 0;

	if (r.end[-1] != '\n')
		return READ_MORE;
	line = line_of(p);
	if (line.n && line.p[0] == ':')
		while (at < line.n && line.p[at++] != ' ')
			;
	set_word(p, (const char *)line.p + at, line.n - at);
	return READ_WORD;
}

/* Where the tag begins that ends here; NULL: the '>' stands in quotes, or in text. */
static const uint8_t *tag_begin(const struct prelude *p)
{
	const uint8_t *tag = memchr(p->frame, '<', p->n);
	uint8_t quote = 0;

	for (const uint8_t *at = tag; at && at < p->frame + p->n; at++)
		if (quote)
			quote = *at == quote ? 0 : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
	return quote ? NULL : tag;
}

/* The name of a tag without its prefix: "features", "/features" at its end, "features/" where it holds nothing. */
static enum reading read_TAG(struct prelude *p, struct rd r)
{
	const uint8_t *tag = r.end[-1] == '>' ? tag_begin(p) : NULL;
	const char *name, *colon;
	size_t n;
	char text[WORD_MAX];

	if (!tag)
		return READ_MORE;
	name = (const char *)tag + 1;
	n = 0;
	while (name[n] != '>' && name[n] != ' ' && name[n] != '\t' && name[n] != '\r' && name[n] != '\n' && (n == 0 || name[n] != '/'))
		n++;
	colon = memchr(name, ':', n);
	snprintf(text, sizeof text, "%s%.*s%s", *name == '/' && colon ? "/" : "",
		(int)(colon ? n - (size_t)(colon + 1 - name) : n), colon ? colon + 1 : name,
		*name != '/' && r.end[-2] == '/' ? "/" : "");
	set_word(p, text, strlen(text));
	return READ_WORD;
}

/* ---- readers of bytes ------------------------------------------------------------------------------------------------ */

static enum reading word_of(struct prelude *p, const char *text, unsigned long number)
{
	if (number == (unsigned long)-1)
		snprintf(p->word, sizeof p->word, "%s", text);
	else
		snprintf(p->word, sizeof p->word, "%s%lu", text, number);
	return READ_WORD;
}

static enum reading word_only(struct prelude *p, const char *text)
{
	return word_of(p, text, (unsigned long)-1);
}

static enum reading read_BYTE(struct prelude *p, struct rd r)
{
	set_word(p, (const char *)r.p, 1);
	return READ_WORD;
}

/* A length in BER; the reader is bad when it is not whole, `wrong` when it is none that we would take. */
static size_t ber_length(struct rd *r, bool *wrong)
{
	uint8_t first = rd_u8(r);
	size_t n = first;

	if (first & 0x80) {
		*wrong |= first == 0x80 || first > 0x84;
		n = (size_t)rd_uint(r, first & 0x07);
	}
	*wrong |= n > PRELUDE_FRAME_MAX;
	return n;
}

/* RFC 4511 section 4.2: an LDAPMessage; of an ExtendedResponse the result, of all else that it came. */
static enum reading read_LDAP(struct prelude *p, struct rd r)
{
	enum { SEQUENCE = 0x30, INTEGER = 2, EXTENDED_RESPONSE = 0x78, ENUMERATED = 10 };
	bool wrong = rd_u8(&r) != SEQUENCE;
	size_t n = ber_length(&r, &wrong);
	unsigned long id, result;
	struct rd body;

	if (wrong)
		return READ_WRONG;
	body = rd_sub(&r, n);
	if (body.bad)
		return READ_MORE;
	wrong = rd_u8(&body) != INTEGER;
	n = ber_length(&body, &wrong);
	if (wrong || n > 4)
		return READ_WRONG;
	id = (unsigned long)rd_uint(&body, n);
	wrong = rd_u8(&body) != EXTENDED_RESPONSE;
	ber_length(&body, &wrong);
	wrong |= rd_u8(&body) != ENUMERATED || rd_u8(&body) != 1;
	result = rd_u8(&body);
	if (wrong || body.bad || id > 1)
		return READ_WRONG;
	return word_of(p, id ? "result " : "notice ", result);
}

static unsigned long little(struct rd *r, size_t n)
{
	unsigned long v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (unsigned long)rd_u8(r) << 8 * i;
	return v;
}

/* The greeting, version 10; or an error before it. */
static enum reading read_MYSQL(struct prelude *p, struct rd r)
{
	enum { ERROR = 0xff, HANDSHAKE_10 = 10, FIXED = 4 + 8 + 1, SSL = 0x0800 };
	size_t n = (size_t)little(&r, 3);
	const uint8_t *end;
	struct rd body;
	uint8_t kind;
	unsigned long can;

	if (!r.bad && n > PRELUDE_FRAME_MAX - 4)
		return READ_WRONG;
	rd_u8(&r);
	body = rd_sub(&r, n);
	if (body.bad)
		return READ_MORE;
	kind = rd_u8(&body);
	if (kind == ERROR)
		return word_of(p, "error ", little(&body, 2));
	end = rd_left(&body) ? memchr(body.p, 0, rd_left(&body)) : NULL;
	if (kind != HANDSHAKE_10 || !end)
		return READ_WRONG;
	rd_take(&body, (size_t)(end - body.p) + 1 + FIXED);
	can = little(&body, 2);
	if (body.bad)
		return READ_WRONG;
	return word_only(p, can & SSL ? "tls" : "plain");
}

/* TPKT (RFC 1006 section 6) with an X.224 connection confirm, and what was agreed on behind it, if anything was. */
static enum reading read_TPKT(struct prelude *p, struct rd r)
{
	enum { TPKT = 3, CONFIRM = 0xd0, RESPONSE = 2, FAILURE = 3, TLS_KINDS = 1 | 2 | 8 };
	bool wrong = rd_u8(&r) != TPKT;
	size_t n;
	struct rd body;
	uint8_t kind;
	unsigned long chosen;

	rd_u8(&r);
	n = rd_u16(&r);
	if (wrong || (!r.bad && (n < 11 || n > PRELUDE_FRAME_MAX)))
		return READ_WRONG;
	body = rd_sub(&r, n < 4 ? 0 : n - 4);
	if (body.bad)
		return READ_MORE;
	rd_u8(&body);
	if (rd_u8(&body) != CONFIRM)
		return READ_WRONG;
	rd_take(&body, 5);
	if (!rd_left(&body))
		return word_only(p, "plain");
	kind = rd_u8(&body);
	rd_take(&body, 3);
	chosen = little(&body, 4);
	if (body.bad || (kind != RESPONSE && kind != FAILURE))
		return READ_WRONG;
	return word_only(p, kind == FAILURE ? "refused" : chosen & TLS_KINDS ? "tls" : "plain");
}

/* The kinds of security; a list of none is a refusal, and its words follow. */
static enum reading rfb_kinds(struct prelude *p, struct rd r)
{
	enum { VENCRYPT = 19 };
	uint8_t n = rd_u8(&r);
	struct rd list = rd_sub(&r, n);

	if (list.bad)
		return READ_MORE;
	return word_only(p, !n ? "none" : memchr(list.p, VENCRYPT, n) ? "vencrypt" : "others");
}

/* What VeNCrypt can do: 257 to 259 without a certificate, 260 to 262 with one; 0 says that it takes the version. */
static enum reading rfb_subkinds(struct prelude *p, struct rd r)
{
	enum { FIRST = 257, BEST = 260, LAST = 262 };
	uint8_t refused = rd_u8(&r), n = rd_u8(&r);
	struct rd list = rd_sub(&r, 4 * (size_t)n);
	unsigned long best = 0;

	if (refused)
		return word_only(p, "others");
	if (list.bad)
		return READ_MORE;
	while (n--) {
		unsigned long kind = rd_u32(&list);

		if (kind >= FIRST && kind <= LAST && (!best || (kind >= BEST) > (best >= BEST) || ((kind >= BEST) == (best >= BEST) && kind < best)))
			best = kind;
	}
	return best ? word_of(p, "", best) : word_only(p, "others");
}

static enum reading read_RFB(struct prelude *p, struct rd r)
{
	enum { VERSION = 12 };

	switch (p->step) {
	case 0:
		if (rd_left(&r) < VERSION)
			return memcmp(r.p, "RFB ", rd_left(&r) < 4 ? rd_left(&r) : 4) ? READ_WRONG : READ_MORE;
		set_word(p, (const char *)r.p, VERSION - 1);
		return READ_WORD;
	case 1:
		return rfb_kinds(p, r);
	case 2:
		if (rd_left(&r) < 2)
			return READ_MORE;
		snprintf(p->word, sizeof p->word, "%u.%u", r.p[0], r.p[1]);
		return READ_WORD;
	case 3:
		return rfb_subkinds(p, r);
	default:
		return word_of(p, "", rd_u8(&r));
	}
}

/* RFC 854: commands by name and option; what is none is text, byte for byte. */
static enum reading read_TELNET(struct prelude *p, struct rd r)
{
	enum { SE = 240, SB = 250, IAC = 255 };
	static const char *const names[] = { "will ", "wont ", "do ", "dont " }; /* 251 to 254 */
	uint8_t command, option;

	if (rd_u8(&r) != IAC)
		return word_only(p, "text");
	command = rd_u8(&r);
	if (r.bad)
		return READ_MORE;
	if (command < SB || command == IAC)
		return READ_NOTHING;
	option = rd_u8(&r);
	if (r.bad)
		return READ_MORE;
	if (command != SB)
		return word_of(p, names[command - SB - 1], option);
	if (p->n < 5 || p->frame[p->n - 2] != IAC || p->frame[p->n - 1] != SE)
		return READ_MORE;
	snprintf(p->word, sizeof p->word, "sb %u %u", option, rd_u8(&r));
	return READ_WORD;
}

/* ---- the rows --------------------------------------------------------------------------------------------------------- */

struct dialect {
	const char *name;
	reader *read;
	enum dialect_id id, as;
	const char *source;
};

static const struct dialect dialects[] = {
#define DIALECT(id, name, reader, as, source) { name, read_##reader, ID_##id, ID_##as, source },
#define SAY(id, step, bytes)
#define ON(id, step, word, does, argument)
#include "scanner/run/preludes.def"
#undef DIALECT
#undef SAY
#undef ON
};

static const struct say {
	enum dialect_id id;
	unsigned step;
	const char *bytes;
	size_t n;
} says[] = {
#define DIALECT(id, name, reader, as, source)
#define SAY(id, step, bytes) { ID_##id, step, bytes, sizeof bytes - 1 },
#define ON(id, step, word, does, argument)
#include "scanner/run/preludes.def"
#undef DIALECT
#undef SAY
#undef ON
};

static const struct on {
	enum dialect_id id;
	unsigned step;
	const char *word; /* NULL: nothing has to come */
	enum does does;
	unsigned to;
	enum reason why;
} ons[] = {
#define TO_TO(n) n
#define TO_GO(n) n
#define TO_MORE(n) n
#define TO_MARK(n) n
#define TO_IF_MARKED(n) n
#define TO_FAIL(n) 0
#define WHY_TO(n) REASON_NONE
#define WHY_GO(n) REASON_NONE
#define WHY_MORE(n) REASON_NONE
#define WHY_MARK(n) REASON_NONE
#define WHY_IF_MARKED(n) REASON_STARTTLS_NOT_OFFERED
#define WHY_FAIL(n) REASON_STARTTLS_##n
#define DIALECT(id, name, reader, as, source)
#define SAY(id, step, bytes)
#define ON(id, step, word, does, argument) { ID_##id, step, word, DOES_##does, TO_##does(argument), WHY_##does(argument) },
#include "scanner/run/preludes.def"
#undef DIALECT
#undef SAY
#undef ON
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

const struct dialect *dialect_at(size_t i)
{
	return i < COUNT(dialects) ? &dialects[i] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
	for (size_t i = 0; i < COUNT(dialects); i++)
		if (!strcmp(dialects[i].name, name))
			return &dialects[i];
	return NULL;
}

const char *dialect_name(const struct dialect *d)
{
	return d->name;
}

const char *dialect_source(const struct dialect *d)
{
	return d->source;
}

/* Its own row, or that of the dialect that it follows. */
static const struct say *say_at(const struct dialect *d, unsigned step)
{
	const struct say *found = NULL;

	for (size_t i = 0; i < COUNT(says); i++)
		if (says[i].step == step && (says[i].id == d->id || (says[i].id == d->as && !found)))
			found = &says[i];
	return found;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_alnum(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

static bool fits(const char *pattern, const char *word)
{
	char last = 0;

	if (!*pattern)
		return true;
	for (; *pattern; last = *pattern++, word++)
		if (!*word || (*pattern == '#' ? !is_digit(*word) : lower(*pattern) != lower(*word)))
			return false;
	return !is_alnum(*word) || !(is_alnum(last) || last == '#');
}

static const struct on *on_word(const struct prelude *p)
{
	for (size_t i = 0; i < COUNT(ons); i++)
		if (ons[i].step == p->step && ons[i].word && (ons[i].id == p->dialect->id || ons[i].id == p->dialect->as) &&
			fits(ons[i].word, p->word))
			return &ons[i];
	return NULL;
}

/* TLS comes right behind what this step says. */
static bool goes_at_once(const struct prelude *p)
{
	for (size_t i = 0; i < COUNT(ons); i++)
		if (ons[i].step == p->step && !ons[i].word && ons[i].id == p->dialect->as)
			return true;
	return false;
}

/* ---- the conversation -------------------------------------------------------------------------------------------------- */

static void fail(struct prelude *p, enum reason why)
{
	p->phase = PRELUDE_FAILED;
	p->reason = why;
}

static void say(struct prelude *p, struct text *out)
{
	const struct say *row = say_at(p->dialect, p->step);
	size_t before = out->n, n = row ? row->n : 0;

	for (size_t i = 0; i < n; i++)
		if (row->bytes[i] == '%' && i + 1 < n && row->bytes[i + 1] == 's') {
			text_addn(out, p->name, strnlen(p->name, NAME_MAX_BYTES));
			i++;
		} else {
			text_char(out, row->bytes[i]);
		}
	p->sent += out->n - before;
}

static void enter(struct prelude *p, unsigned step, struct text *out)
{
	p->step = step;
	say(p, out);
	if (goes_at_once(p))
		p->phase = PRELUDE_TLS;
}

static void take_word(struct prelude *p, struct text *out)
{
	const struct on *row = on_word(p);

	p->words++;
	if (!row || row->does == DOES_FAIL || (row->does == DOES_IF_MARKED && !p->marked))
		fail(p, row ? row->why : REASON_STARTTLS_WRONG);
	else if (row->does == DOES_GO)
		p->phase = PRELUDE_TLS;
	else if (row->does == DOES_MARK)
		p->marked = true;
	else if (row->does != DOES_MORE)
		enter(p, row->to, out);
}

/* A record of TLS where words should be: an alert or a handshake message, of SSL 3.0 or later. */
static enum reading read_tls(const struct prelude *p)
{
	enum { ALERT = 21, HANDSHAKE = 22, MAJOR = 3 };

	if (p->words || (p->frame[0] != ALERT && p->frame[0] != HANDSHAKE))
		return READ_NOTHING;
	if (p->n < 2)
		return READ_MORE;
	return p->frame[1] == MAJOR ? READ_WORD : READ_NOTHING;
}

static void take_byte(struct prelude *p, uint8_t byte, struct text *out)
{
	enum reading reading;

	p->frame[p->n++] = byte;
	reading = read_tls(p);
	if (reading == READ_WORD) {
		fail(p, REASON_STARTTLS_TLS_AT_ONCE);
		return;
	}
	if (reading == READ_NOTHING)
		reading = p->dialect->read(p, rd_of(p->frame, p->n));
	if (reading == READ_WRONG)
		fail(p, REASON_STARTTLS_WRONG);
	else if (reading == READ_WORD)
		take_word(p, out);
	if (reading != READ_MORE)
		p->n = 0;
	else if (p->n == PRELUDE_FRAME_MAX)
		fail(p, REASON_STARTTLS_FLOOD);
	if (p->phase == PRELUDE_RUNNING && p->received >= PRELUDE_MAX)
		fail(p, REASON_STARTTLS_FLOOD);
}

struct prelude *prelude_new(const struct starttls *o, struct text *out)
{
	struct prelude *p = mem_new(1, sizeof *p);

	p->dialect = o->dialect;
	p->name = o->name;
	enter(p, 0, out);
	return p;
}

void prelude_free(struct prelude *p)
{
	free(p);
}

size_t prelude_feed(struct prelude *p, const void *bytes, size_t n, struct text *out)
{
	struct rd r = rd_of(bytes, n);

	while (p->phase == PRELUDE_RUNNING && rd_left(&r)) {
		p->received++;
		take_byte(p, rd_u8(&r), out);
	}
	return n - rd_left(&r);
}

enum prelude_phase prelude_phase(const struct prelude *p)
{
	return p->phase;
}

enum reason prelude_reason(const struct prelude *p)
{
	return p->reason;
}

void prelude_send(struct net *net, struct net_conn *conn, struct text *out)
{
	if (out->n)
		net->ops->send(conn, out->s, out->n);
	text_free(out);
}

size_t prelude_received(const struct prelude *p)
{
	return p ? p->received : 0;
}

size_t prelude_sent(const struct prelude *p)
{
	return p ? p->sent : 0;
}
