/*
 * Fuzz target of CRLs: any bytes are a CRL, asked about a certificate of the same issuer's name and about one of another,
 * without a report of the sanitizers. What cannot be read tells of nobody.
 */
#include "scanner/base/die.h"
#include "scanner/trust/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A certificate as far as a CRL looks at it: it is revoked by the first entry, if there is one. */
static struct cert certificate_of(const struct crl *crl)
{
	static const uint8_t serial[] = { 0x01 };
	struct cert c = { .path_length = -1,
		.issuer_canon = crl->issuer_canon,
		.issuer_hash = crl->issuer_hash,
		.serial = { serial, sizeof serial } };

	/* a CRL's point is a point of the certificate too, if it reads as one */
	c.exts[CERT_EXT_CRL_POINTS] = crl->point_names;
	return c;
}

static void ask(const struct crl *crl, const struct cert *c, enum profile profile)
{
	struct rules rules = { .profile = profile, .at = crl->this_update };
	struct faults f = { 0 };

	crl_check(&f, &rules, crl, c);
	require(faults_has(&f, CHECK_CRL_UNREADABLE) == crl->malformed);
	require(!crl->malformed || !crl_revokes(crl, c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct crl *crl = crl_parse(data, size);
	struct cert c = certificate_of(crl);

	require(crl->malformed || crl_is_of_issuer(crl, &c));
	ask(crl, &c, PROFILE_STRICT);
	ask(crl, &c, PROFILE_BROWSER);
	c.is_ca = true;
	ask(crl, &c, PROFILE_STRICT);
	crl_free(crl);
	return 0;
}
