#include "scanner/trust/revocation.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/trust/crl.h"
#include "scanner/trust/ocsp.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/seal.h"

struct revocation revocation_unknown(const char *reason)
{
	return (struct revocation){ .state = "unknown", .reason = reason, .crl_reason = -1 };
}

/* ---- OCSP ------------------------------------------------------------------------------------------------ */

/* The word that both kinds of answers have for it. */
static const char *reason_of(enum ocsp_status s)
{
	return s == OCSP_EXPIRED ? "stale" : s == OCSP_UNKNOWN ? "not_known" : ocsp_status_name(s);
}

struct revocation revocation_by_ocsp(struct span response, const struct cert *c, const struct cert *issuer, int64_t at)
{
	struct ocsp_result said = ocsp_check(response, c, issuer, at);

	if (said.status != OCSP_GOOD && said.status != OCSP_REVOKED)
		return revocation_unknown(reason_of(said.status));
	return (struct revocation){ .state = ocsp_status_name(said.status),
		.signed_by = said.by_delegate ? "delegate" : "issuer",
		.revoked_at = said.revoked_at,
		.crl_reason = said.revocation_reason };
}

/* ---- CRLs ------------------------------------------------------------------------------------------------ */

/* What keeps a CRL from telling anything, the gravest first; that of time comes last: a revocation outlives it. */
static const struct doubt {
	enum check_id check;
	const char *word;
} doubts[] = {
	{ CHECK_CRL_UNREADABLE, "malformed" },
	{ CHECK_CRL_SIGNATURE, "bad_signature" },
	{ CHECK_CRL_WEAK, "weak_signature" },
	{ CHECK_CRL_KIND, "unsupported_crl" },
	{ CHECK_CRL_SCOPE, "wrong_scope" },
};

static const char *doubt_about(const struct crl *crl, const struct cert *c, const struct rules *r)
{
	struct faults f = { 0 };

	crl_check(&f, r, crl, c);
	for (size_t i = 0; i < sizeof doubts / sizeof *doubts; i++)
		if (faults_has(&f, doubts[i].check) && (doubts[i].check != CHECK_CRL_KIND || crl->other))
			return doubts[i].word;
	return NULL;
}

static const char *doubt_about_signer(const struct crl *crl, const struct cert *c, const struct cert *issuer)
{
	if (!crl_is_of_issuer(crl, c) || !crl_may_be_signed_by(crl, issuer))
		return "wrong_signer";
	switch (seal_check_claim(&crl->seal, issuer)) {
	case SEAL_HOLDS:
		return NULL;
	case SEAL_UNSUPPORTED:
		return "unsupported_signature";
	case SEAL_FAILS:
		break;
	}
	return "bad_signature";
}

static struct revocation judge(const struct crl *crl, const struct cert *c, const struct cert *issuer, int64_t at)
{
	const struct rules rules = { .profile = PROFILE_BROWSER, .at = at };
	const char *doubt = doubt_about(crl, c, &rules);
	struct crl_entry entry;

	if (!doubt)
		doubt = doubt_about_signer(crl, c, issuer);
	if (doubt)
		return revocation_unknown(doubt);
	if (crl_find(crl, c, &entry))
		return (struct revocation){ .state = "revoked", .revoked_at = entry.revoked_at, .crl_reason = entry.reason };
	if (at < crl->this_update || at > crl->next_update)
		return revocation_unknown(at > crl->next_update ? "stale" : "not_yet_valid");
	if (crl->some_reasons)
		return revocation_unknown("unsupported_crl");
	return (struct revocation){ .state = "good", .crl_reason = -1 };
}

static struct revocation judge_der(struct span der, const struct cert *c, const struct cert *issuer, int64_t at)
{
	struct crl *crl = crl_parse(der.p, der.n);
	struct revocation r = judge(crl, c, issuer, at);

	crl_free(crl);
	return r;
}

struct revocation revocation_by_crl(struct span list, const struct cert *c, const struct cert *issuer, int64_t at)
{
	struct pem p = pem_of_crls(list);
	struct wr out;
	struct span der;
	struct revocation r;

	if (!issuer)
		return revocation_unknown("no_issuer");
	if (list.n && list.p[0] == DER_SEQUENCE)
		return judge_der(list, c, issuer, at);
	out = wr_of(mem_new(list.n + 1, 1), list.n + 1);
	r = pem_next(&p, &out, &der) ? judge_der(der, c, issuer, at) : revocation_unknown("malformed");
	free(out.buf);
	return r;
}
