/*
 * OCSP responses for tests, each described by a struct and made by libcrypto's own OCSP functions.
 */
#ifndef UNIT_OCSP_MINT_H
#define UNIT_OCSP_MINT_H

#include <openssl/ocsp.h>

#include "scanner/base/arena.h"
#include "scanner/base/die.h"
#include "tests/unit/mint.h"

struct ocsp_mint {
	const struct minted *about, *issuer; /* of the entry */
	const struct minted *signer;         /* NULL: the issuer */
	const struct minted *others[3];      /* entries before it, of the same issuer */
	int status;                          /* V_OCSP_CERTSTATUS_* */
	int reason;                          /* of a revocation; 0: none named */
	int from_hour, to_hour;              /* relative to MINT_NOW; both 0: -1 to 24; to_hour 9999: no next update */
	const EVP_MD *id_hash;               /* NULL: SHA-1 */
	const EVP_MD *digest;                /* of the signature; NULL: SHA-256 */
	bool no_certs;                       /* the signer's certificate is not sent along */
	struct span scts;                    /* a list of timestamps, in an extension of the entry */
};

static inline ASN1_GENERALIZEDTIME *ocsp_mint_time(int hours)
{
	return ASN1_GENERALIZEDTIME_adj(NULL, (time_t)MINT_NOW, 0, 3600L * hours);
}

static inline void ocsp_mint_scts(OCSP_SINGLERESP *entry, struct span scts)
{
	ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new(), *outer = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.11129.2.4.5", 1);
	X509_EXTENSION *e;
	unsigned char *der = NULL;
	int n;

	ASN1_OCTET_STRING_set(inner, scts.p, (int)scts.n);
	n = i2d_ASN1_OCTET_STRING(inner, &der);
	ASN1_OCTET_STRING_set(outer, der, n);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, outer);
	OCSP_SINGLERESP_add_ext(entry, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(inner);
	ASN1_OCTET_STRING_free(outer);
	OPENSSL_free(der);
}

static inline void ocsp_mint_entry(OCSP_BASICRESP *b, const struct minted *about, const struct ocsp_mint *m)
{
	bool usual = !m->from_hour && !m->to_hour;
	ASN1_GENERALIZEDTIME *from = ocsp_mint_time(usual ? -1 : m->from_hour);
	ASN1_GENERALIZEDTIME *to = m->to_hour == 9999 ? NULL : ocsp_mint_time(usual ? 24 : m->to_hour);
	ASN1_GENERALIZEDTIME *revoked = m->status == V_OCSP_CERTSTATUS_REVOKED ? ocsp_mint_time(-48) : NULL;
	OCSP_CERTID *id = OCSP_cert_to_id(m->id_hash ? m->id_hash : EVP_sha1(), about->x509, m->issuer->x509);
	OCSP_SINGLERESP *entry = OCSP_basic_add1_status(
	        b, id, m->status, m->reason ? m->reason : OCSP_REVOKED_STATUS_NOSTATUS, revoked, from, to);

	require(entry);
	if (m->scts.n)
		ocsp_mint_scts(entry, m->scts);
	OCSP_CERTID_free(id);
	ASN1_GENERALIZEDTIME_free(from);
	ASN1_GENERALIZEDTIME_free(to);
	ASN1_GENERALIZEDTIME_free(revoked);
}

static inline struct span ocsp_mint_der(struct arena *a, int status, OCSP_BASICRESP *b)
{
	OCSP_RESPONSE *r = OCSP_response_create(status, b);
	unsigned char *der = NULL;
	int n = i2d_OCSP_RESPONSE(r, &der);
	struct span s = arena_span(a, (struct span){ der, (size_t)n });

	require(n > 0);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(r);
	return s;
}

/* A successful response, in the arena. */
static inline struct span ocsp_mint(struct arena *a, const struct ocsp_mint *m)
{
	const struct minted *signer = m->signer ? m->signer : m->issuer;
	OCSP_BASICRESP *b = OCSP_BASICRESP_new();
	struct span s;

	for (size_t i = 0; i < 3 && m->others[i]; i++)
		ocsp_mint_entry(b, m->others[i], m);
	ocsp_mint_entry(b, m->about, m);
	require(OCSP_basic_sign(b, signer->x509, signer->key, m->digest ? m->digest : EVP_sha256(), NULL,
	                m->no_certs ? OCSP_NOCERTS : 0) > 0);
	s = ocsp_mint_der(a, OCSP_RESPONSE_STATUS_SUCCESSFUL, b);
	OCSP_BASICRESP_free(b);
	return s;
}

#define OCSP_MINT(a, ...) ocsp_mint(a, &(struct ocsp_mint){ __VA_ARGS__ })

#endif
