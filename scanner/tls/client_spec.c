#include "scanner/tls/client_spec.h"

#include "scanner/tls/capture.h"
#include "scanner/tls/client_read.h"
#include "scanner/tls/ja4.h"

/* The shortest hello that can be: version, random, and one suite. */
enum { HELLO_MIN = 2 + 32 + 1 + 4 + 2 };

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct span trimmed(struct span t)
{
	while (t.n && is_space(t.p[0]))
		t = (struct span){ t.p + 1, t.n - 1 };
	while (t.n && is_space(t.p[t.n - 1]))
		t.n--;
	return t;
}

static int digit_of(uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Digits in pairs; between these white space, colons and commas, and "0x" before. False: something else is there. */
static bool read_hex(struct span t, struct wr *out)
{
	struct rd r = rd_span(t);

	while (rd_left(&r)) {
		uint8_t c = rd_u8(&r);
		int high = digit_of(c), low;

		if (is_space(c) || c == ':' || c == ',')
			continue;
		if (c == '0' && rd_left(&r) && (*r.p | 0x20) == 'x') {
			rd_u8(&r);
			continue;
		}
		low = digit_of(rd_u8(&r));
		if (high < 0 || low < 0)
			return false;
		wr_u8(out, (uint8_t)(high << 4 | low));
	}
	return !out->bad;
}

static bool from_hex(struct span t, struct arena *a, struct span *bytes)
{
	struct wr w = wr_of(arena_new(a, t.n / 2 + 1, 1), t.n / 2 + 1);
	bool well = read_hex(t, &w);

	*bytes = (struct span){ w.buf, w.len };
	return well;
}

bool client_spec_inline(struct span text)
{
	struct arena a = { 0 };
	struct span t = trimmed(text), bytes;
	bool is = ja4_is(t) || (from_hex(t, &a, &bytes) && bytes.n >= HELLO_MIN);

	arena_free(&a);
	return is;
}

static bool from_capture(struct span file, struct arena *a, struct client *c, const char **why)
{
	struct span records = capture_hello(file, a, why);

	if (*why || !client_read(records, a, c, why))
		return false;
	c->source = "capture";
	return true;
}

/* The bytes of a hello, as they are: a record, a message, or a bare one. No text begins so. */
static bool is_binary(struct span t)
{
	return t.n && (t.p[0] == 22 || t.p[0] == 1 || t.p[0] == 3);
}

bool client_spec_read(struct span given, struct arena *a, struct client *c, const char **why)
{
	struct span t = trimmed(given), bytes;

	*c = (struct client){ 0 };
	if (capture_is(given))
		return from_capture(given, a, c, why);
	if (is_binary(given))
		return client_read(given, a, c, why);
	if (ja4_is(t))
		return ja4_read(t, a, c, why);
	if (t.n && from_hex(t, a, &bytes))
		return client_read(bytes, a, c, why);
	*why = "is no capture (pcap, pcapng), no ClientHello in hex, and no raw JA4";
	return false;
}
