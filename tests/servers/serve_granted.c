/* What the server shows instead of, or beside, its certificate: a bare key, or a credential that another key signs for it. */
#include "tests/servers/keyring.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/serve.h"

enum { RAW_KEY = 2, VALID_S = 600000 };

static bool list_has_u8(const struct flight *f, uint16_t code, uint8_t wanted)
{
	struct rd r, list;

	if (!heard_extension(f->heard, code, &r))
		return false;
	list = rd_vec(&r, 1);
	while (rd_left(&list))
		if (rd_u8(&list) == wanted)
			return true;
	return false;
}

bool serve_shows_raw_key(const struct flight *f)
{
	return f->config->raw_key && f->choice->chain && list_has_u8(f, EXT_SERVER_CERTIFICATE_TYPE, RAW_KEY);
}

bool serve_delegates(const struct flight *f)
{
	return f->config->delegate && !serve_shows_raw_key(f) &&
	       heard_extension(f->heard, EXT_DELEGATED_CREDENTIAL, NULL);
}

uint16_t serve_delegate_scheme(const struct server_chain *delegate)
{
	return delegate->kind == KEY_ED25519 ? 0x0807 : 0x0403;
}

void serve_delegated(struct flight *f)
{
	static const char context[] = "TLS, server delegated credentials";
	uint8_t head[64 + sizeof(context)];
	struct wr h = wr_of(head, sizeof(head));
	size_t start = f->w.len;
	struct wr_mark m;

	for (int i = 0; i < 64; i++)
		wr_u8(&h, 0x20);
	wr_bytes(&h, context, sizeof(context));
	wr_uint(&f->w, VALID_S, 4);
	wr_u16(&f->w, serve_delegate_scheme(f->config->delegate));
	m = flight_open(f, "delegated_key", 3);
	keyring_spki(f->config->delegate, &f->w);
	flight_close(f, m);
	wr_u16(&f->w, f->choice->scheme);
	struct span parts[] = { { head, h.len }, f->choice->chain->certs[0],
		{ f->w.buf + start, f->w.len - start } };
	m = flight_open(f, "delegated_signature", 2);
	serve_sign(f->server, f->choice->scheme, parts, 3, &f->w);
	flight_close(f, m);
}
