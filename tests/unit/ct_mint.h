/*
 * Logs and timestamps for tests: each log is a key, what it signs is put together here from libcrypto's own idea of
 * the certificate, apart from scanner/trust/ct.c.
 */
#ifndef UNIT_CT_MINT_H
#define UNIT_CT_MINT_H

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "scanner/base/arena.h"
#include "scanner/base/die.h"
#include "scanner/facts/ct_logs.h"
#include "tests/unit/mint.h"

#define CT_MINT_MS ((uint64_t)(MINT_NOW - 40 * 86400) * 1000)

struct ct_mint {
	const struct minted *log;    /* whose key signs */
	const struct minted *issuer; /* of a pre-certificate; NULL: the certificate itself is signed */
	const struct minted *cert;   /* of a pre-certificate without its list of timestamps */
	struct span der;             /* what is signed instead of cert->der */
	uint64_t timestamp_ms;       /* 0: CT_MINT_MS */
	struct span extensions;
	uint8_t version, hash; /* hash 0: SHA-256 */
	bool spoilt;
};

static inline struct ct_log ct_mint_log(
        struct arena *a, const struct minted *key, const char *operator, enum ct_log_state state)
{
	struct ct_log l = { .name = "log", .operator = operator, .state = state };
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key->key, &der);

	require(n > 0);
	l.key = arena_span(a, (struct span){ der, (size_t)n });
	SHA256(l.key.p, l.key.n, l.id);
	OPENSSL_free(der);
	return l;
}

static inline void ct_mint_entry(const struct ct_mint *m, struct wr *w)
{
	unsigned char *der = NULL, hash[SHA256_DIGEST_LENGTH];
	int n = m->issuer ? i2d_re_X509_tbs(m->cert->x509, &der) : 0, k;
	struct span s = m->issuer ? (struct span){ der, (size_t)n } : m->der.n ? m->der : m->cert->der;

	wr_u16(w, m->issuer ? 1 : 0);
	if (m->issuer) {
		unsigned char *key = NULL;

		k = i2d_PUBKEY(m->issuer->key, &key);
		SHA256(key, (size_t)k, hash);
		OPENSSL_free(key);
		wr_bytes(w, hash, sizeof hash);
	}
	wr_u24(w, (uint32_t)s.n);
	wr_bytes(w, s.p, s.n);
	OPENSSL_free(der);
}

static inline struct span ct_mint_sign(const struct ct_mint *m, uint8_t *room, size_t size, const struct wr *body)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = size;

	require(EVP_DigestSignInit_ex(ctx, NULL, m->hash == 2 ? "SHA1" : "SHA256", NULL, NULL, m->log->key, NULL) > 0);
	require(EVP_DigestSign(ctx, room, &n, body->buf, body->len) > 0);
	EVP_MD_CTX_free(ctx);
	if (m->spoilt)
		room[n - 1] ^= 1;
	return (struct span){ room, n };
}

/* One timestamp with its length in front, as it stands in a list. */
static inline void ct_mint_sct(struct wr *list, const struct ct_mint *m)
{
	static uint8_t signed_bytes[20000], signature[1024];
	struct wr body = wr_of(signed_bytes, sizeof signed_bytes);
	uint64_t ms = m->timestamp_ms ? m->timestamp_ms : CT_MINT_MS;
	struct arena a = { 0 };
	struct ct_log log = ct_mint_log(&a, m->log, "", CT_LOG_USABLE);
	struct wr_mark sct = wr_open(list, 2), part;
	struct span s;

	wr_u16(&body, 0);
	wr_uint(&body, ms, 8);
	ct_mint_entry(m, &body);
	wr_u16(&body, (uint16_t)m->extensions.n);
	wr_bytes(&body, m->extensions.p, m->extensions.n);
	s = ct_mint_sign(m, signature, sizeof signature, &body);
	wr_u8(list, m->version);
	wr_bytes(list, log.id, sizeof log.id);
	wr_uint(list, ms, 8);
	wr_u16(list, (uint16_t)m->extensions.n);
	wr_bytes(list, m->extensions.p, m->extensions.n);
	wr_u8(list, m->hash ? m->hash : 4);
	wr_u8(list, EVP_PKEY_is_a(m->log->key, "RSA") ? 1 : 3);
	part = wr_open(list, 2);
	wr_bytes(list, s.p, s.n);
	wr_close(list, part);
	wr_close(list, sct);
	require(!list->bad && !body.bad);
	arena_free(&a);
}

#define CT_MINT(list, ...) ct_mint_sct(list, &(struct ct_mint){ __VA_ARGS__ })

/* The same certificate with this list of timestamps in it, signed anew by the issuer; in the arena. */
static inline struct span ct_mint_cert(
        struct arena *a, const struct minted *cert, const struct minted *issuer, struct span list)
{
	ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.11129.2.4.2", 1);
	uint8_t *with_length = arena_new(a, list.n + 2, 1);
	struct wr w = wr_of(with_length, list.n + 2);
	X509 *x = X509_dup(cert->x509);
	unsigned char *der = NULL;
	X509_EXTENSION *e;
	struct span s;
	int n;

	wr_u16(&w, (uint16_t)list.n);
	wr_bytes(&w, list.p, list.n);
	ASN1_OCTET_STRING_set(inner, w.buf, (int)w.len);
	n = i2d_ASN1_OCTET_STRING(inner, &der);
	ASN1_OCTET_STRING_set(outer, der, n);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, outer);
	require(X509_add_ext(x, e, -1) > 0 && X509_sign(x, issuer->key, EVP_sha256()) > 0);
	OPENSSL_free(der);
	der = NULL;
	n = i2d_X509(x, &der);
	s = arena_span(a, (struct span){ der, (size_t)n });
	OPENSSL_free(der);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(inner);
	ASN1_OCTET_STRING_free(outer);
	X509_free(x);
	return s;
}

#endif
