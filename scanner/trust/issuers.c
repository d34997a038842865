#include "scanner/trust/issuers.h"

#include "scanner/trust/cert.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/seal.h"
#include "scanner/trust/store.h"

struct found {
	struct span *v;
	size_t n;
};

static void add(struct found *f, struct span der)
{
	if (f->n < ISSUERS_MAX)
		f->v[f->n++] = der;
}

/* SignedData (RFC 2315 section 9.1): version, digests, content, and the certificates as [0]. */
static void read_signed_data(struct rd data, struct found *f)
{
	struct rd certs;

	der_take(&data, DER_INTEGER);
	der_take(&data, DER_SET);
	der_take(&data, DER_SEQUENCE);
	if (!der_maybe(&data, DER_CONSTRUCTED(0), &certs))
		return;
	while (rd_left(&certs) && f->n < ISSUERS_MAX) {
		struct span der = der_take_all(&certs, DER_SEQUENCE);

		if (der.n)
			add(f, der);
	}
}

/* ContentInfo begins with its type, a certificate with what is signed. */
static void read_der(struct span bytes, struct found *f)
{
	struct rd all = rd_span(bytes), outer = der_enter(&all, DER_SEQUENCE), explicit;
	char type[DER_OID_TEXT];

	if (!rd_end(&all))
		return;
	if (!der_is_next(&outer, DER_OID)) {
		add(f, bytes);
		return;
	}
	der_oid_text(der_take(&outer, DER_OID), type);
	if (!strcmp(type, "1.2.840.113549.1.7.2") && der_maybe(&outer, DER_CONSTRUCTED(0), &explicit))
		read_signed_data(der_enter(&explicit, DER_SEQUENCE), f);
}

static void read_pem(struct arena *a, struct span text, struct found *f)
{
	struct pem p = pem_of(text);
	struct wr out = wr_of(arena_new(a, text.n + 1, 1), text.n + 1);
	struct span der;

	while (f->n < ISSUERS_MAX && pem_next(&p, &out, &der))
		add(f, der);
}

size_t issuers_read(struct arena *a, struct span bytes, struct span out[static ISSUERS_MAX])
{
	struct found f = { .v = out };

	if (bytes.n && bytes.p[0] == DER_SEQUENCE)
		read_der(bytes, &f);
	else
		read_pem(a, bytes, &f);
	return f.n;
}

struct cert *issuer_in_store(const struct store *store, const struct cert *child)
{
	struct span der;
	size_t at = 0;

	while (store_next(store, child, &at, &der)) {
		struct cert *issuer = cert_parse(der.p, der.n);

		if (cert_issued_in_name_of(child, issuer) && seal_check(child, issuer) == SEAL_HOLDS)
			return issuer;
		cert_free(issuer);
	}
	return NULL;
}
