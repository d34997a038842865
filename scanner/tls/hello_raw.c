#include "scanner/tls/hello_raw.h"

#include "scanner/tls/tables.h"

enum { HEADER = 4, RANDOM = 32, SESSION_ID_MAX = 32, SCSV_RENEGOTIATION = 0x00FF };

/* The parts of a raw hello that are sent as they are, and the extensions. */
struct raw {
	uint16_t version;
	size_t session_id_n;
	struct span suites, compressions;
	struct rd extensions;
	bool extended; /* it has a list of extensions, be it empty */
};

static struct raw raw_of(const struct hello *h)
{
	struct rd r = rd_span(h->raw), v;
	struct raw raw = { 0 };

	rd_take(&r, HEADER);
	raw.version = rd_u16(&r);
	rd_take(&r, RANDOM);
	v = rd_vec(&r, 1);
	raw.session_id_n = rd_left(&v) < SESSION_ID_MAX ? rd_left(&v) : SESSION_ID_MAX;
	v = rd_vec(&r, 2);
	raw.suites = rd_rest(&v);
	v = rd_vec(&r, 1);
	raw.compressions = rd_rest(&v);
	raw.extended = rd_left(&r) > 0;
	raw.extensions = rd_vec(&r, 2);
	return raw;
}

/* Early data is nothing without the key before it. */
static bool is_left_out(const struct hello *h, uint16_t code)
{
	return code == EXT_PRE_SHARED_KEY || code == EXT_EARLY_DATA || code == EXT_COOKIE ||
	       (code == EXT_SERVER_NAME && !h->sni);
}

void hello_name_write(struct wr *w, const char *name)
{
	struct wr_mark list = wr_open(w, 2), one;

	wr_u8(w, 0);
	one = wr_open(w, 2);
	wr_bytes(w, name, strlen(name));
	wr_close(w, one);
	wr_close(w, list);
}

static void write_extension(struct wr *w, const struct hello *h, uint16_t code, struct span data)
{
	struct wr_mark body;

	wr_u16(w, code);
	body = wr_open(w, 2);
	if (code == EXT_SERVER_NAME)
		hello_name_write(w, h->sni);
	else if (code != EXT_SESSION_TICKET) /* an empty one asks for a new one: RFC 5077 section 3.2 */
		wr_bytes(w, data.p, data.n);
	wr_close(w, body);
}

static bool next_extension(struct raw *raw, uint16_t *code, struct span *data)
{
	struct rd body;

	if (!rd_left(&raw->extensions))
		return false;
	*code = rd_u16(&raw->extensions);
	body = rd_vec(&raw->extensions, 2);
	*data = rd_rest(&body);
	return !body.bad;
}

static void write_extensions(struct wr *w, const struct hello *h, struct raw *raw)
{
	struct wr_mark list = wr_open(w, 2);
	struct span data;
	uint16_t code;

	while (next_extension(raw, &code, &data))
		if (!is_left_out(h, code))
			write_extension(w, h, code, data);
	wr_close(w, list);
}

void hello_raw_write(struct wr *w, const struct hello *h, const struct entropy *e)
{
	struct raw raw = raw_of(h);

	wr_u16(w, raw.version);
	wr_bytes(w, e->random, sizeof e->random);
	wr_u8(w, (uint8_t)raw.session_id_n);
	wr_bytes(w, e->session_id, raw.session_id_n);
	wr_u16(w, (uint16_t)raw.suites.n);
	wr_bytes(w, raw.suites.p, raw.suites.n);
	wr_u8(w, (uint8_t)raw.compressions.n);
	wr_bytes(w, raw.compressions.p, raw.compressions.n);
	if (raw.extended)
		write_extensions(w, h, &raw);
}

bool hello_raw_offers(const struct hello *h, uint16_t extension)
{
	struct raw raw = raw_of(h);
	struct span data;
	uint16_t code;

	if (extension == EXT_RENEGOTIATION_INFO && codes_has(h->suites, SCSV_RENEGOTIATION))
		return true; /* RFC 5746 section 3.4 */
	while (next_extension(&raw, &code, &data))
		if (code == extension)
			return !is_left_out(h, code);
	return false;
}
