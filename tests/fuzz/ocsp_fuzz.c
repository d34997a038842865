/*
 * Fuzz target of scanner/trust/ocsp: two lengths of two bytes, a certificate, its issuer, and the rest is a
 * response. Any bytes have a status; nothing is believed without an issuer; what is pointed to is in the response.
 */
#include "scanner/base/die.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/ocsp.h"

enum { CORPUS_TIME = 1795000000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cert *take_cert(struct rd *r, size_t n)
{
	struct rd der = rd_sub(r, n < rd_left(r) ? n : rd_left(r));
	struct span s = rd_rest(&der);

	return cert_parse(s.p, s.n);
}

static void require_not_believed(enum ocsp_status s)
{
	require(ocsp_status_name(s));
	require(s != OCSP_GOOD && s != OCSP_REVOKED && s != OCSP_UNKNOWN);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(data, size);
	size_t leaf_n = rd_u16(&r), issuer_n = rd_u16(&r);
	struct cert *leaf, *issuer;
	struct ocsp_result result;
	struct span response;

	if (r.bad)
		return 0;
	leaf = take_cert(&r, leaf_n);
	issuer = take_cert(&r, issuer_n);
	response = rd_rest(&r);
	result = ocsp_check(response, leaf, issuer, CORPUS_TIME);
	require(ocsp_status_name(result.status));
	require(!result.scts.n ||
	        (result.scts.p >= response.p && result.scts.p + result.scts.n <= response.p + response.n));
	require_not_believed(ocsp_check(response, leaf, NULL, CORPUS_TIME).status);
	cert_free(leaf);
	cert_free(issuer);
	return 0;
}
