/* What comes behind the hellos: certificates, key exchange, signatures, Finished. */
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/story/said_core.h"
#include "scanner/tls/inflate.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"

/* ---- certificates ----------------------------------------------------------------------------------------------------- */

static const char *key_words(struct arena *a, const struct cert_info *c)
{
	if (c->curve)
		return arena_printf(a, "%s %s", cert_key_name(c->key), c->curve);
	return arena_printf(a, "%s %u bits", cert_key_name(c->key), (unsigned)c->key_bits);
}

enum { NAME_SAID = 256 };

static void one_certificate(struct fields *f, struct span der)
{
	struct cert *c = cert_parse(der.p, der.n);
	struct cert_info info = { 0 };

	fields_count(f, "size_bytes", der.n);
	cert_info_fill(f->arena, c, &info);
	if (info.malformed) {
		fields_flag(f, "malformed", true);
	} else {
		fields_text(f, "subject", text_cut(f->arena, info.subject, NAME_SAID));
		fields_text(f, "issuer", text_cut(f->arena, info.issuer, NAME_SAID));
		fields_text(f, "key", key_words(f->arena, &info));
		fields_text(f, "signature", info.signature);
	}
	cert_free(c);
}

static bool certificate_list(struct said *s, struct rd list, struct fields *f)
{
	struct fields *rows = NULL;
	size_t n = 0;

	while (rd_left(&list)) {
		struct rd der = rd_vec(&list, 3);
		struct rd exts = s->version >= VER_TLS13 ? rd_vec(&list, 2) : rd_of(NULL, 0);

		if (list.bad || n == ANSWER_CHAIN_MAX)
			break;
		rows = arena_push(f->arena, rows, n, sizeof *rows);
		rows[n] = (struct fields){ .arena = f->arena };
		one_certificate(&rows[n], rd_rest(&der));
		if (rd_left(&exts))
			said_extensions(s, exts, NULL, &rows[n]);
		n++;
	}
	fields_rows(f, "certificates", rows, n);
	return rd_end(&list);
}

bool said_certificate(struct said *s, struct rd r, struct fields *f)
{
	struct rd list;

	if (s->version >= VER_TLS13)
		rd_vec(&r, 1);
	list = rd_vec(&r, 3);
	return certificate_list(s, list, f) && rd_end(&r);
}

static const char *packer(struct arena *a, uint16_t code)
{
	static const char *const names[] = { [INFLATE_ZLIB] = "zlib", [INFLATE_BROTLI] = "brotli", [INFLATE_ZSTD] = "zstd" };

	return code < sizeof names / sizeof *names && names[code] ? names[code] : arena_printf(a, "0x%04X", code);
}

bool said_compressed(struct said *s, struct rd r, struct fields *f)
{
	uint16_t algorithm = rd_u16(&r);
	size_t n = rd_u24(&r);
	struct rd packed = rd_vec(&r, 3);
	bool well = rd_end(&r) && n <= ANSWER_CERT_MAX;
	uint8_t *plain;

	fields_text(f, "algorithm", packer(f->arena, algorithm));
	fields_count(f, "packed_bytes", rd_left(&packed));
	fields_count(f, "unpacked_bytes", n);
	if (!well)
		return false;
	plain = mem_new(n, 1);
	well = inflate_certificate(algorithm, rd_rest(&packed), plain, n) && said_certificate(s, rd_of(plain, n), f);
	free(plain);
	return well;
}

bool said_staple(struct said *s, struct rd r, struct fields *f)
{
	struct rd response;

	(void)s;
	rd_u8(&r);
	response = rd_vec(&r, 3);
	fields_count(f, "response_bytes", rd_left(&response));
	return rd_end(&r);
}

/* ---- the request for a client certificate --------------------------------------------------------------------------------- */

static void authorities(struct rd list, struct fields *f)
{
	struct names l = { .arena = f->arena };

	while (rd_left(&list)) {
		struct rd name = rd_vec(&list, 2);
		struct span body = der_take(&name, DER_SEQUENCE);

		if (!list.bad)
			names_add(&l, name.bad ? "unreadable" : dname_text(f->arena, body));
	}
	fields_list(f, "authorities", l.v, l.n);
}

static void request_schemes(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	said_codes(f, "signature_schemes", rd_vec(&data, 2), said_scheme);
}

static void request_authorities(struct said *s, struct rd data, struct fields *f)
{
	(void)s;
	authorities(rd_vec(&data, 2), f);
}

static void certificate_types(struct rd list, struct fields *f)
{
	static const char *const names[] = { [1] = "rsa_sign", [2] = "dss_sign", [3] = "rsa_fixed_dh", [4] = "dss_fixed_dh",
		[64] = "ecdsa_sign", [65] = "rsa_fixed_ecdh", [66] = "ecdsa_fixed_ecdh" };
	struct names l = { .arena = f->arena };

	while (rd_left(&list)) {
		uint8_t code = rd_u8(&list);
		bool known = code < sizeof names / sizeof *names && names[code];

		names_add(&l, known ? names[code] : arena_printf(f->arena, "%u", code));
	}
	fields_list(f, "types", l.v, l.n);
}

bool said_request(struct said *s, struct rd r, struct fields *f)
{
	enum { CERTIFICATE_AUTHORITIES = 47 };
	static const struct ext_row rows[] = {
		{ EXT_SIGNATURE_ALGORITHMS, request_schemes }, { CERTIFICATE_AUTHORITIES, request_authorities }, { 0, NULL },
	};

	if (s->version >= VER_TLS13) {
		rd_vec(&r, 1);
		return said_extensions(s, rd_vec(&r, 2), rows, f) && rd_end(&r);
	}
	certificate_types(rd_vec(&r, 1), f);
	if (s->version == VER_TLS12)
		said_codes(f, "signature_schemes", rd_vec(&r, 2), said_scheme);
	authorities(rd_vec(&r, 2), f);
	return rd_end(&r);
}

/* ---- key exchange up to TLS 1.2 --------------------------------------------------------------------------------------------- */

static const char *checked(const struct said *s)
{
	const struct hs_result *r = s->result;

	if (r->signature_right)
		return "right";
	return r->signature_checked ? "WRONG" : "not checked";
}

static unsigned bits_of(struct span number)
{
	unsigned bits;

	while (number.n && !*number.p) {
		number.p++;
		number.n--;
	}
	bits = (unsigned)number.n * 8;
	for (uint8_t top = number.n ? *number.p : 0xFF; top < 0x80; top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static void prime_words(struct span p, struct fields *f)
{
	const struct dh_prime *known;
	uint8_t hash[KEYS_SHA256];

	fields_count(f, "modulus_bits", bits_of(p));
	while (p.n && !*p.p) {
		p.p++;
		p.n--;
	}
	keys_sha256(p.p, p.n, hash);
	known = dh_prime_find(hash);
	fields_text(f, "modulus_name", known ? known->name : "the server's own, or one not known here");
}

static void params_dh(struct rd *r, struct fields *f)
{
	struct rd p = rd_vec(r, 2), y;

	rd_vec(r, 2);
	y = rd_vec(r, 2);
	prime_words(rd_rest(&p), f);
	fields_count(f, "key_share_bytes", rd_left(&y));
}

static void params_ec(struct rd *r, struct fields *f)
{
	enum { NAMED_CURVE = 3 };
	struct rd point;

	if (rd_u8(r) != NAMED_CURVE) {
		r->bad = true;
		return;
	}
	fields_text(f, "group", said_group(f->arena, rd_u16(r)));
	point = rd_vec(r, 1);
	fields_count(f, "key_share_bytes", rd_left(&point));
}

static void params_rsa(struct rd *r, struct fields *f) /* the temporary key of an export suite */
{
	struct rd modulus = rd_vec(r, 2);

	rd_vec(r, 2);
	fields_count(f, "temporary_key_bits", bits_of(rd_rest(&modulus)));
}

static void params_hint(struct rd *r, struct fields *f)
{
	struct rd hint = rd_vec(r, 2);
	struct span h = rd_rest(&hint);

	fields_text(f, "identity_hint", text_clean(f->arena, h.p, h.n, 64));
}

static void params(enum kx kx, struct rd *r, struct fields *f)
{
	if (kx == KX_PSK || kx == KX_DHE_PSK || kx == KX_ECDHE_PSK || kx == KX_RSA_PSK)
		params_hint(r, f);
	if (kx == KX_DHE || kx == KX_DHE_PSK)
		params_dh(r, f);
	else if (kx == KX_ECDHE || kx == KX_ECDHE_PSK)
		params_ec(r, f);
	else if (kx == KX_RSA)
		params_rsa(r, f);
	else if (kx != KX_PSK && kx != KX_RSA_PSK)
		r->bad = true;
}

static void signature_fields(struct said *s, struct rd *r, struct fields *f)
{
	bool names_scheme = s->version >= VER_TLS12;
	struct rd signature;

	fields_text(f, "signature_scheme",
		names_scheme ? said_scheme(f->arena, rd_u16(r)) : "of the old form, over MD5 and SHA-1 or SHA-1 alone");
	signature = rd_vec(r, 2);
	fields_count(f, "signature_bytes", rd_left(&signature));
}

bool said_key_exchange(struct said *s, struct rd r, struct fields *f)
{
	const struct suite *x = suite_find(s->suite);

	if (!x)
		return false;
	params(x->kx, &r, f);
	if (!rd_left(&r))
		return rd_end(&r);
	signature_fields(s, &r, f);
	fields_text(f, "verified", checked(s));
	return rd_end(&r);
}

bool said_client_key(struct said *s, struct rd r, struct fields *f)
{
	const struct suite *x = suite_find(s->suite);
	bool sealed = x && (x->kx == KX_RSA || x->kx == KX_RSA_PSK);

	fields_text(f, "form", sealed ? "a secret of the client, encrypted to the server's RSA key" :
		x && x->kx == KX_PSK ? "the identity of the shared key" : "the client's public value");
	fields_count(f, "value_bytes", rd_left(&r));
	return true;
}

/* ---- proofs ---------------------------------------------------------------------------------------------------------------------- */

bool said_verify(struct said *s, struct rd r, struct fields *f)
{
	signature_fields(s, &r, f);
	return rd_end(&r);
}

bool said_finished(struct said *s, struct rd r, struct fields *f)
{
	(void)s;
	fields_count(f, "mac_bytes", rd_left(&r));
	return true;
}

bool said_key_update(struct said *s, struct rd r, struct fields *f)
{
	(void)s;
	fields_flag(f, "asks_the_same_of_the_peer", rd_u8(&r) == 1);
	return rd_end(&r);
}
