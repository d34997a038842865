/*
 * SSL 2.0 behind the SERVER-HELLO: one CLIENT-MASTER-KEY, and the SERVER-VERIFY that shows what became of it (SSL 2.0 draft
 * of 1995, sections 1.2 and 2.7). Only a server that has the whole key can say our challenge back under it.
 *
 * Which kind is taken, listed or not, and how much of the key goes in clear can be told (struct ssl2_form): with bytes in
 * clear that the kind does not have there, the key is what servers of CVE-2016-0703 make of it, the clear bytes and then
 * as much of the secret ones as is wanting.
 */
#include "scanner/base/die.h"
#include "scanner/tls/hs_core.h"
#include "scanner/tls/keys.h"

enum {
	SSL2_ERROR = 0, SSL2_MASTER_KEY = 2, SSL2_VERIFY = 5,
	CHALLENGE = 16, KEY_MAX = 24, MATERIAL_MAX = 48, MAC = 16, IV = 8, EXPORT_SECRET = 5, ERROR_BYTES = 3,
	PENDING_MAX = 64 * 1024, SERVER_RECORDS_BEFORE = 1
};

static struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* ---- kinds -------------------------------------------------------------------------------------------------------------- */

static const struct cipher_kind *cipher_of(uint32_t code)
{
	enum { OF_SHA = 0x0100 }; /* two kinds with SHA were named, and made by nobody */
	const struct sslv2_kind *row = sslv2_kind_find(code);
	const struct cipher_kind *kind = row ? cipher_kind_named(row->enc) : NULL;

	return kind && (kind->mode == CIPHER_CBC || kind->mode == CIPHER_STREAM) && !(code & OF_SHA) ? kind : NULL;
}

bool ssl2_has_kind(uint32_t code)
{
	const struct cipher_kind *kind = cipher_of(code);

	return kind && crypt_has_cipher(kind);
}

static uint32_t first_of_ours(const struct answer *a)
{
	for (size_t i = 0; i < a->kinds_count; i++)
		if (ssl2_has_kind(a->kinds[i]))
			return a->kinds[i];
	return 0;
}

static struct ssl2_form form_of(const struct hs *h)
{
	const struct deviation *d = h->config.deviation;

	return d && d->ssl2 ? *d->ssl2 : (struct ssl2_form){ .kind = first_of_ours(&h->answer) };
}

static size_t clear_of(const struct cipher_kind *kind, const struct ssl2_form *form)
{
	size_t of_export = kind->export_key ? kind->key - (size_t)EXPORT_SECRET : 0;

	return form->extra_clear ? form->extra_clear : of_export;
}

/* ---- keys --------------------------------------------------------------------------------------------------------------- */

/* MD5 of the master key, a digit, our challenge and the connection's id: as everybody makes it, DES too. */
static void make_keys(struct hs *h, const struct cipher_kind *kind)
{
	uint8_t digit = '0', out[DIGEST_MAX], material[MATERIAL_MAX];
	struct span parts[] = { span_of(h->master, kind->key), span_of(&digit, 1), span_of(h->config.entropy->random, CHALLENGE),
		answer_bytes(&h->answer, h->answer.connection_id) };

	for (size_t at = 0; at < sizeof material; at += MAC, digit++) {
		crypt_digest(DIGEST_MD5, parts, sizeof parts / sizeof *parts, out);
		memcpy(material + at, out, MAC);
	}
	memcpy(h->server_secret, material, kind->key); /* the front: what the client reads with */
}

/* ---- saying it ------------------------------------------------------------------------------------------------------------ */

static void put_record(struct hs *h, struct span body, struct text *out)
{
	uint8_t header[2];
	struct wr w = wr_of(header, sizeof header);

	wr_u16(&w, (uint16_t)(0x8000 | body.n));
	text_addn(out, (const char *)header, sizeof header);
	text_addn(out, (const char *)body.p, body.n);
	h->result.sent += sizeof header + body.n;
	h->result.flights++;
}

void hs2_start(struct hs *h, struct text *out)
{
	uint8_t bytes[512];
	struct wr w = wr_of(bytes, sizeof bytes);

	require(hello_write(&w, &h->hello, h->config.entropy));
	put_record(h, span_of(bytes + 2, w.len - 2), out);
}

/* The secret part: what is wanting of the key, and behind it as much again as was said in clear where it should not be. */
static bool encrypt_key(struct hs *h, const struct cipher_kind *kind, const struct ssl2_form *form, struct wr *out)
{
	uint8_t secret[2 * KEY_MAX];
	size_t clear = clear_of(kind, form), n = kind->key - clear;

	memcpy(secret, h->master + clear, n);
	hs_draw(h, "ssl2 rest", secret + n, form->extra_clear);
	return hs_encrypt(h, h->server_key, span_of(secret, n + form->extra_clear), out);
}

static void put_master_key(struct hs *h, const struct cipher_kind *kind, const struct ssl2_form *form, struct span sealed,
	struct text *out)
{
	uint8_t body[2200];
	struct wr w = wr_of(body, sizeof body);
	size_t clear = clear_of(kind, form);

	wr_u8(&w, SSL2_MASTER_KEY);
	wr_u24(&w, form->kind);
	wr_u16(&w, (uint16_t)clear);
	wr_u16(&w, (uint16_t)sealed.n);
	wr_u16(&w, kind->mode == CIPHER_CBC ? IV : 0);
	wr_bytes(&w, h->master, clear);
	wr_bytes(&w, sealed.p, sealed.n);
	wr_bytes(&w, h->client_secret, kind->mode == CIPHER_CBC ? IV : 0);
	require(!w.bad);
	put_record(h, span_of(body, w.len), out);
}

static bool say_key(struct hs *h, struct text *out)
{
	struct ssl2_form form = form_of(h);
	const struct cipher_kind *kind = form.kind ? cipher_of(form.kind) : NULL;
	uint8_t sealed[2048];
	struct wr w = wr_of(sealed, sizeof sealed);

	if (!kind || !crypt_has_cipher(kind) || form.extra_clear >= kind->key)
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, form.kind);
	hs_draw(h, "ssl2 master", h->master, kind->key);
	hs_draw(h, "ssl2 iv", h->client_secret, IV);
	if (!encrypt_key(h, kind, &form, &w))
		return hs_fail(h, REASON_CRYPTO_CERTIFICATE, 0);
	make_keys(h, kind);
	put_master_key(h, kind, &form, span_of(sealed, w.len), out);
	hs_react_begin(h);
	return true;
}

/* ---- hearing it ----------------------------------------------------------------------------------------------------------- */

static bool take_hello(struct hs *h, struct text *out)
{
	const struct answer *a = &h->answer;

	if (a->kind != ANS_SSL2_HELLO)
		return hs_fail(h, a->reason ? a->reason : REASON_PROTOCOL_UNEXPECTED_MESSAGE, a->offset);
	h->result.version = VER_SSL2;
	if (a->certs_count)
		hs_take_certificate(h, answer_bytes(a, a->certs[0]));
	text_addn(&h->pending, (const char *)a->pending.v, a->pending.n);
	return say_key(h, out);
}

/* The MAC stands in front; its secret is the key of that direction, its number counts records in clear too. */
static bool mac_fits(const struct hs *h, const struct cipher_kind *kind, struct span body)
{
	uint8_t number[4] = { 0, 0, 0, SERVER_RECORDS_BEFORE }, mac[DIGEST_MAX];
	struct span parts[] = { span_of(h->server_secret, kind->key), span_of(body.p + MAC, body.n - MAC),
		span_of(number, sizeof number) };

	crypt_digest(DIGEST_MD5, parts, sizeof parts / sizeof *parts, mac);
	return !memcmp(mac, body.p, MAC);
}

/* Opens a record in place. */
static bool opens(struct hs *h, const struct cipher_kind *kind, uint8_t *body, size_t n)
{
	struct cipher *c = cipher_new(kind, span_of(h->server_secret, kind->key), false);
	bool well = c && n > MAC + CHALLENGE && cipher_run(c, h->client_secret, body, n) && mac_fits(h, kind, span_of(body, n));

	cipher_free(c);
	return well;
}

/* It says our challenge back: the key is shared. */
static void take_verify(struct hs *h, uint8_t *body, size_t n)
{
	const struct cipher_kind *kind = cipher_of(form_of(h).kind);

	if (n == ERROR_BYTES && body[0] == SSL2_ERROR) {
		hs_react(h, SSL2_ERROR, span_of(NULL, 0));
		hs_fail(h, REASON_ALERT, body[2]);
		return;
	}
	hs_react(h, TYPE_HANDSHAKE, span_of(body, n));
	if (!opens(h, kind, body, n)) {
		hs_fail(h, REASON_CRYPTO_RECORD, 0);
		return;
	}
	if (body[MAC] != SSL2_VERIFY || memcmp(body + MAC + 1, h->config.entropy->random, CHALLENGE)) {
		hs_fail(h, REASON_CRYPTO_FINISHED, 0);
		return;
	}
	h->result.complete = h->result.reaction.complete = true;
	h->phase = HS_DONE;
}

/* A header of two bytes, or of three where a block cipher wants padding, whose length is then the third. */
static void take_record(struct hs *h)
{
	enum { SHORT_FORM = 0x8000, ESCAPE = 0x4000 };
	struct rd r = rd_span(hs_span(&h->pending)), body;
	uint16_t front = rd_u16(&r);

	if (!(front & SHORT_FORM)) {
		rd_u8(&r);
		front &= (uint16_t)~ESCAPE;
	}
	body = rd_sub(&r, front & ~(unsigned)SHORT_FORM);
	if (!r.bad && rd_left(&body))
		take_verify(h, (uint8_t *)h->pending.s + (body.p - (const uint8_t *)h->pending.s), rd_left(&body));
	else if (!r.bad || h->pending.n > PENDING_MAX)
		hs_fail(h, REASON_MALFORMED, 0);
}

enum hs_phase hs2_feed(struct hs *h, const void *p, size_t n, struct text *out)
{
	bool said = h->result.version == VER_SSL2;

	if (h->phase != HS_RUNNING)
		return h->phase;
	if (said)
		text_addn(&h->pending, p, n);
	else if (!answer_feed(&h->answer, p, n) || !take_hello(h, out))
		return h->phase;
	if (h->pending.n)
		take_record(h);
	return h->phase;
}
