#include "scanner/trust/ocsp_request.h"

#include "scanner/base/base64.h"
#include "scanner/tls/crypt.h"
#include "scanner/trust/cert.h"

enum { SHA1_BYTES = 20, SERIAL_MAX = 64 };

/* AlgorithmIdentifier of SHA-1, with the NULL that everybody writes. */
static const uint8_t sha1_algorithm[] = { 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00 };

static void put(struct wr *w, uint8_t tag, struct span body)
{
	der_put_header(w, tag, body.n);
	wr_bytes(w, body.p, body.n);
}

static struct span hash_of(struct span header, struct span body, uint8_t out[static DIGEST_MAX])
{
	crypt_digest(DIGEST_SHA1, (struct span[]){ header, body }, 2, out);
	return (struct span){ out, SHA1_BYTES };
}

/* CertID: who issued it, by name and key, and its number. */
static void write_id(struct wr *w, const struct cert *c, const struct cert *issuer)
{
	uint8_t header[DER_HEADER_MAX], digest[DIGEST_MAX];
	struct wr h = wr_of(header, sizeof header);

	der_put_header(&h, DER_SEQUENCE, c->issuer.n);
	wr_bytes(w, sha1_algorithm, sizeof sha1_algorithm);
	put(w, DER_OCTET_STRING, hash_of((struct span){ header, h.len }, c->issuer, digest));
	put(w, DER_OCTET_STRING, hash_of((struct span){ NULL, 0 }, issuer->point, digest));
	put(w, DER_INTEGER, c->serial);
}

bool ocsp_request_write(struct wr *w, const struct cert *c, const struct cert *issuer)
{
	enum { LISTS = 4 }; /* OCSPRequest, TBSRequest, requestList, Request around the CertID */
	uint8_t levels[LISTS + 1][OCSP_REQUEST_MAX];
	struct wr inner = wr_of(levels[LISTS], OCSP_REQUEST_MAX);

	if (c->malformed || issuer->malformed || !c->serial.n || c->serial.n > SERIAL_MAX)
		w->bad = true;
	write_id(&inner, c, issuer);
	for (size_t i = LISTS; i > 0; i--) {
		struct wr outer = wr_of(levels[i - 1], OCSP_REQUEST_MAX);

		put(&outer, DER_SEQUENCE, (struct span){ inner.buf, inner.len });
		outer.bad |= inner.bad;
		inner = outer;
	}
	put(w, DER_SEQUENCE, (struct span){ inner.buf, inner.len });
	w->bad |= inner.bad;
	return !w->bad;
}

/* Base64 in a path: the three characters that mean something there are written by their codes. */
static void write_escaped(struct wr *w, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == '+' || c == '/' || c == '=')
			wr_bytes(w, c == '+' ? "%2B" : c == '/' ? "%2F" : "%3D", 3);
		else
			wr_u8(w, c);
	}
}

bool ocsp_request_url(const struct url *responder, struct span request, struct url *out)
{
	enum { SCHEME_BYTES = 7, PORT_BYTES = 6 }; /* "http://" and, where it is another, ":65535" */
	uint8_t text[BASE64_LENGTH(OCSP_REQUEST_MAX)];
	struct wr base64 = wr_of(text, sizeof text), w = wr_of(out->path, sizeof out->path - 1);
	size_t path = strlen(responder->path), host = strlen(responder->host);

	*out = *responder;
	base64_write(&base64, request);
	w.len = path;
	if (!path || responder->path[path - 1] != '/')
		wr_u8(&w, '/');
	write_escaped(&w, (struct span){ text, base64.len });
	if (w.bad || base64.bad || strchr(responder->path, '?'))
		return false;
	out->path[w.len] = 0;
	return SCHEME_BYTES + host + (out->port != 80 ? PORT_BYTES : 0) + w.len <= OCSP_GET_MAX;
}
