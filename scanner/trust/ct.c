#include "scanner/trust/ct.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert_parts.h"
#include "scanner/trust/seal.h"

enum {
	HASH_SHA256 = 4,
	SIGNATURE_RSA = 1,
	SIGNATURE_ECDSA = 3,
};

const char *sct_source_name(enum sct_source s)
{
	static const char *const names[SCT_SOURCES] = {
		[SCT_CERTIFICATE] = "certificate", [SCT_HANDSHAKE] = "handshake", [SCT_STAPLE] = "staple"
	};

	return names[s];
}

const char *sct_verdict_name(enum sct_verdict v)
{
	static const char *const names[SCT_VERDICTS] = {
		[SCT_NOT_VERIFIED] = "not_verified",
		[SCT_VALID] = "valid",
		[SCT_BAD_SIGNATURE] = "bad_signature",
		[SCT_UNKNOWN_LOG] = "unknown_log",
		[SCT_IN_FUTURE] = "in_future",
		[SCT_NO_ISSUER] = "no_issuer",
		[SCT_UNSUPPORTED] = "unsupported",
	};

	return names[v];
}

/* ---- reading (RFC 6962 section 3.3) ---------------------------------------------------------- */

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool is_known(const struct scts *s, const struct sct *t)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct sct *o = &s->v[i];

		if (o->source == t->source && !memcmp(o->log_id, t->log_id, CT_LOG_ID) &&
		        o->timestamp_ms == t->timestamp_ms && same_bytes(o->signature, t->signature))
			return true;
	}
	return false;
}

/* Of another version than the first only the version can be read (section 3.2). */
static bool read_sct(struct rd r, struct sct *t)
{
	struct rd part;
	const uint8_t *id;

	t->version = rd_u8(&r);
	if (t->version)
		return !r.bad;
	id = rd_take(&r, CT_LOG_ID);
	if (id)
		memcpy(t->log_id, id, CT_LOG_ID);
	t->timestamp_ms = rd_uint(&r, 8);
	part = rd_vec(&r, 2);
	t->extensions = rd_rest(&part);
	t->hash = rd_u8(&r);
	t->algorithm = rd_u8(&r);
	part = rd_vec(&r, 2);
	t->signature = rd_rest(&part);
	return rd_end(&r);
}

void scts_read(struct scts *s, enum sct_source source, struct span list)
{
	struct rd r = rd_span(list);

	while (rd_left(&r)) {
		struct sct t = { .source = source };

		if (!read_sct(rd_vec(&r, 2), &t)) {
			s->malformed[source] = true;
			return;
		}
		if (is_known(s, &t))
			continue;
		s->cut |= s->n == SCTS_MAX;
		if (!s->cut)
			s->v[s->n++] = t;
	}
	s->malformed[source] |= r.bad;
}

bool scts_of_cert(const struct cert *c, struct span *list)
{
	struct rd value = rd_span(c->exts[CERT_EXT_SCT_LIST]), octets, inner;

	*list = (struct span){ NULL, 0 };
	if (!value.p)
		return true;
	octets = der_enter(&value, DER_OCTET_STRING);
	inner = rd_vec(&octets, 2);
	*list = rd_rest(&inner);
	return rd_end(&octets) && rd_end(&value) && !inner.bad;
}

/* ---- what a log signs (section 3.2) ---------------------------------------------------------- */

static bool is_sct_list(struct span extension)
{
	static const uint8_t oid[] = { 0x2B, 0x06, 0x01, 0x04, 0x01, 0xD6, 0x79, 0x02, 0x04, 0x02 };
	struct rd all = rd_span(extension), ext = der_enter(&all, DER_SEQUENCE);

	return same_bytes(der_take(&ext, DER_OID), (struct span){ oid, sizeof oid });
}

/* The other extensions, as they stand. */
static void write_other_extensions(struct rd explicit, struct wr *out)
{
	struct rd list = der_enter(&explicit, DER_SEQUENCE);

	while (rd_left(&list)) {
		struct span ext = der_take_all(&list, DER_SEQUENCE);

		if (!is_sct_list(ext))
			wr_bytes(out, ext.p, ext.n);
	}
}

static size_t header_size(size_t n)
{
	uint8_t room[DER_HEADER_MAX];
	struct wr w = wr_of(room, sizeof room);

	der_put_header(&w, 0, n);
	return w.len;
}

/* The certificate as its pre-certificate was shown to the log: without the list of timestamps, lengths anew. */
static void write_pre_tbs(struct span tbs, struct wr *out)
{
	struct rd all = rd_span(tbs), body = der_enter(&all, DER_SEQUENCE);
	struct wr before = wr_of(mem_new(tbs.n, 1), tbs.n), exts = wr_of(mem_new(tbs.n, 1), tbs.n);
	size_t list, explicit;
	struct der d;

	while (rd_left(&body) && der_next(&body, &d)) {
		if (d.tag == DER_CONSTRUCTED(3))
			write_other_extensions(rd_span(d.body), &exts);
		else
			wr_bytes(&before, d.all.p, d.all.n);
	}
	list = header_size(exts.len) + exts.len;
	explicit = header_size(list) + list;
	der_put_header(out, DER_SEQUENCE, before.len + explicit);
	wr_bytes(out, before.buf, before.len);
	der_put_header(out, DER_CONSTRUCTED(3), list);
	der_put_header(out, DER_SEQUENCE, exts.len);
	wr_bytes(out, exts.buf, exts.len);
	free(before.buf);
	free(exts.buf);
}

static void write_pre_entry(const struct cert *leaf, const struct cert *issuer, struct wr *out)
{
	uint8_t key_hash[SHA256_DIGEST_LENGTH];
	struct wr_mark m;

	keys_sha256(issuer->spki.p, issuer->spki.n, key_hash);
	wr_u16(out, 1);
	wr_bytes(out, key_hash, sizeof key_hash);
	m = wr_open(out, 3);
	write_pre_tbs(leaf->tbs, out);
	wr_close(out, m);
}

static void write_entry(const struct cert *leaf, struct wr *out)
{
	struct wr_mark m;

	wr_u16(out, 0);
	m = wr_open(out, 3);
	wr_bytes(out, leaf->der.p, leaf->der.n);
	wr_close(out, m);
}

static void write_signed(const struct sct *t, const struct cert *leaf, const struct cert *issuer, struct wr *out)
{
	struct wr_mark m;

	wr_u8(out, 0); /* version */
	wr_u8(out, 0); /* certificate_timestamp */
	wr_uint(out, t->timestamp_ms, 8);
	if (t->source == SCT_CERTIFICATE)
		write_pre_entry(leaf, issuer, out);
	else
		write_entry(leaf, out);
	m = wr_open(out, 2);
	wr_bytes(out, t->extensions.p, t->extensions.n);
	wr_close(out, m);
}

/* ---- verifying ------------------------------------------------------------------------------- */

/* The algorithm as a certificate would name it. */
static struct span algorithm_of(const struct sct *t)
{
	static const uint8_t ecdsa[] = { 0x30, 0x0A, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2 };
	static const uint8_t rsa[] = { 0x30, 0x0D, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 0x0B, 5, 0 };

	if (t->hash == HASH_SHA256 && t->algorithm == SIGNATURE_ECDSA)
		return (struct span){ ecdsa, sizeof ecdsa };
	if (t->hash == HASH_SHA256 && t->algorithm == SIGNATURE_RSA)
		return (struct span){ rsa, sizeof rsa };
	return (struct span){ NULL, 0 };
}

static enum sct_verdict check_signature(const struct sct *t, const struct cert *leaf, const struct cert *issuer)
{
	size_t room = leaf->der.n + t->extensions.n + 128;
	struct wr w = wr_of(mem_new(room, 1), room);
	struct cert *key = cert_of_key(t->log->key);
	struct seal_claim claim;
	enum seal_verdict v = SEAL_FAILS;

	cert_read_seal(algorithm_of(t), &claim);
	write_signed(t, leaf, issuer, &w);
	claim.tbs = (struct span){ w.buf, w.len };
	claim.signature = t->signature;
	if (!w.bad)
		v = seal_check_claim(&claim, key);
	cert_free(key);
	free(w.buf);
	return v == SEAL_HOLDS ? SCT_VALID : v == SEAL_FAILS ? SCT_BAD_SIGNATURE : SCT_UNSUPPORTED;
}

static enum sct_verdict check(const struct sct *t, const struct cert *leaf, const struct cert *issuer, int64_t at)
{
	if (t->version || !algorithm_of(t).n)
		return SCT_UNSUPPORTED;
	if (!t->log)
		return SCT_UNKNOWN_LOG;
	if (t->source == SCT_CERTIFICATE && !issuer)
		return SCT_NO_ISSUER;
	if (at < 0 || t->timestamp_ms / 1000 > (uint64_t)at)
		return SCT_IN_FUTURE;
	return check_signature(t, leaf, issuer);
}

void scts_check(
        struct scts *s, const struct cert *leaf, const struct cert *issuer, const struct ct_logs *logs, int64_t at)
{
	for (size_t i = 0; i < s->n && logs && !leaf->malformed; i++) {
		struct sct *t = &s->v[i];

		t->log = t->version ? NULL : ct_logs_find(logs, t->log_id);
		t->verdict = check(t, leaf, issuer, at);
	}
}
