#include "scanner/trust/ocsp.h"

#include <openssl/evp.h>

#include "scanner/trust/cert_parts.h"
#include "scanner/trust/seal.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { HOLD = 6 }; /* certificateHold: the only revocation that may end */

const char *ocsp_status_name(enum ocsp_status s)
{
	static const char *const names[OCSP_STATUSES] = {
		[OCSP_GOOD] = "good",
		[OCSP_REVOKED] = "revoked",
		[OCSP_UNKNOWN] = "unknown",
		[OCSP_EXPIRED] = "expired",
		[OCSP_NOT_YET_VALID] = "not_yet_valid",
		[OCSP_WRONG_CERTIFICATE] = "wrong_certificate",
		[OCSP_BAD_SIGNATURE] = "bad_signature",
		[OCSP_WRONG_SIGNER] = "wrong_signer",
		[OCSP_UNSUPPORTED] = "unsupported_signature",
		[OCSP_NO_ISSUER] = "no_issuer",
		[OCSP_MALFORMED] = "malformed",
		[OCSP_MALFORMED_REQUEST] = "malformed_request",
		[OCSP_INTERNAL_ERROR] = "internal_error",
		[OCSP_TRY_LATER] = "try_later",
		[OCSP_SIGNATURE_REQUIRED] = "signature_required",
		[OCSP_UNAUTHORIZED] = "unauthorized",
	};

	return names[s];
}

const char *ocsp_reason_name(int crl_reason)
{
	static const char *const names[] = {
		[1] = "key_compromise",
		[2] = "ca_compromise",
		[3] = "affiliation_changed",
		[4] = "superseded",
		[5] = "cessation_of_operation",
		[6] = "certificate_hold",
		[8] = "remove_from_crl",
		[9] = "privilege_withdrawn",
		[10] = "aa_compromise",
	};
	bool known = crl_reason > 0 && (size_t)crl_reason < COUNT(names) && names[crl_reason];

	return known ? names[crl_reason] : "unspecified";
}

/* ---- reading (RFC 6960 section 4.2.1) -------------------------------------------------------- */

struct response {
	struct span tbs, algorithm, signature;
	struct rd certs; /* empty when there are none */
	struct rd entries;
};

struct entry {
	struct span hash_alg, name_hash, key_hash, serial;
	uint8_t status; /* the tag of the choice */
	struct span status_body;
	struct ocsp_result said;
};

static bool open_response(struct span der, struct rd *bytes, int64_t *status)
{
	struct rd all = rd_span(der), outer = der_enter(&all, DER_SEQUENCE), explicit;

	*status = der_small(der_take(&outer, DER_ENUMERATED));
	*bytes = rd_of(NULL, 0);
	if (der_maybe(&outer, DER_CONSTRUCTED(0), &explicit)) {
		*bytes = der_enter(&explicit, DER_SEQUENCE);
		if (!rd_end(&explicit))
			return false;
	}
	return rd_end(&outer) && rd_end(&all) && *status >= 0;
}

static bool read_basic(struct rd bytes, struct response *r)
{
	char type[DER_OID_TEXT];
	struct rd octets, basic, explicit;

	der_oid_text(der_take(&bytes, DER_OID), type);
	octets = der_enter(&bytes, DER_OCTET_STRING);
	basic = der_enter(&octets, DER_SEQUENCE);
	r->tbs = der_take_all(&basic, DER_SEQUENCE);
	r->algorithm = der_take_all(&basic, DER_SEQUENCE);
	r->signature = der_take_bits(&basic);
	r->certs = rd_of(NULL, 0);
	if (der_maybe(&basic, DER_CONSTRUCTED(0), &explicit))
		r->certs = der_enter(&explicit, DER_SEQUENCE);
	return !strcmp(type, "1.3.6.1.5.5.7.48.1.1") && rd_end(&basic) && rd_end(&octets) && rd_end(&bytes) &&
	       !r->certs.bad;
}

static bool read_data(struct response *r)
{
	struct rd all = rd_span(r->tbs), data = der_enter(&all, DER_SEQUENCE), unused;
	struct der responder, produced;
	int64_t when;

	der_maybe(&data, DER_CONSTRUCTED(0), &unused); /* version */
	if (!der_next(&data, &responder) || !der_next(&data, &produced) || !der_time(&produced, &when))
		return false;
	r->entries = der_enter(&data, DER_SEQUENCE);
	der_maybe(&data, DER_CONSTRUCTED(1), &unused);
	return rd_end(&data);
}

static bool take_time(struct rd *r, int64_t *seconds)
{
	struct der d;

	return der_next(r, &d) && der_time(&d, seconds);
}

/* The extension that carries timestamps: an OCTET STRING in an OCTET STRING, and a length in front. */
static struct span sct_list(struct span value)
{
	struct rd all = rd_span(value), octets = der_enter(&all, DER_OCTET_STRING), list = rd_vec(&octets, 2);

	return rd_end(&octets) && rd_end(&all) ? rd_rest(&list) : (struct span){ NULL, 0 };
}

static void read_extensions(struct rd explicit, struct entry *e)
{
	struct rd list = der_enter(&explicit, DER_SEQUENCE);
	char oid[DER_OID_TEXT];

	while (rd_left(&list)) {
		struct rd ext = der_enter(&list, DER_SEQUENCE);
		struct span value;

		der_oid_text(der_take(&ext, DER_OID), oid);
		der_maybe_true(&ext);
		value = der_take(&ext, DER_OCTET_STRING);
		if (!strcmp(oid, "1.3.6.1.4.1.11129.2.4.5"))
			e->said.scts = sct_list(value);
	}
}

static bool read_revoked(struct entry *e)
{
	struct rd info = rd_span(e->status_body), explicit;

	e->said.revocation_reason = -1;
	if (e->status != DER_CONSTRUCTED(1))
		return e->status == DER_CONTEXT(0) || e->status == DER_CONTEXT(2);
	if (!take_time(&info, &e->said.revoked_at))
		return false;
	if (der_maybe(&info, DER_CONSTRUCTED(0), &explicit))
		e->said.revocation_reason = (int)der_small(der_take(&explicit, DER_ENUMERATED));
	return rd_end(&info);
}

static bool read_entry(struct rd *entries, struct entry *e)
{
	struct rd r = der_enter(entries, DER_SEQUENCE), id = der_enter(&r, DER_SEQUENCE);
	struct rd alg = der_enter(&id, DER_SEQUENCE), explicit;
	struct der status;

	*e = (struct entry){ .hash_alg = der_take(&alg, DER_OID) };
	e->name_hash = der_take(&id, DER_OCTET_STRING);
	e->key_hash = der_take(&id, DER_OCTET_STRING);
	e->serial = der_take(&id, DER_INTEGER);
	if (!rd_end(&id) || !der_next(&r, &status))
		return false;
	e->status = status.tag;
	e->status_body = status.body;
	if (!read_revoked(e) || !take_time(&r, &e->said.this_update))
		return false;
	if (der_maybe(&r, DER_CONSTRUCTED(0), &explicit) && !take_time(&explicit, &e->said.next_update))
		return false;
	if (der_maybe(&r, DER_CONSTRUCTED(1), &explicit))
		read_extensions(explicit, e);
	return rd_end(&r);
}

/* ---- is it about this certificate? ----------------------------------------------------------- */

static const EVP_MD *hash_of(struct span oid)
{
	static const struct {
		const char *oid;
		const EVP_MD *(*md)(void);
	} hashes[] = {
		{ "1.3.14.3.2.26", EVP_sha1 },
		{ "2.16.840.1.101.3.4.2.1", EVP_sha256 },
		{ "2.16.840.1.101.3.4.2.2", EVP_sha384 },
		{ "2.16.840.1.101.3.4.2.3", EVP_sha512 },
	};
	char dotted[DER_OID_TEXT];

	der_oid_text(oid, dotted);
	for (size_t i = 0; i < COUNT(hashes); i++)
		if (!strcmp(hashes[i].oid, dotted))
			return hashes[i].md();
	return NULL;
}

static bool is_hash_of(struct span hash, const EVP_MD *md, struct span header, struct span body)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned n = 0;

	EVP_DigestInit_ex(ctx, md, NULL);
	EVP_DigestUpdate(ctx, header.p, header.n);
	EVP_DigestUpdate(ctx, body.p, body.n);
	EVP_DigestFinal_ex(ctx, digest, &n);
	EVP_MD_CTX_free(ctx);
	return hash.n == n && !memcmp(hash.p, digest, n);
}

static bool names_issuer(const struct entry *e, const struct cert *leaf, const EVP_MD *md)
{
	uint8_t header[DER_HEADER_MAX];
	struct wr w = wr_of(header, sizeof header);

	der_put_header(&w, DER_SEQUENCE, leaf->issuer.n);
	return is_hash_of(e->name_hash, md, (struct span){ header, w.len }, leaf->issuer);
}

static bool is_about(const struct entry *e, const struct cert *leaf, const struct cert *issuer)
{
	const EVP_MD *md = hash_of(e->hash_alg);
	bool same_serial = e->serial.n == leaf->serial.n && e->serial.n &&
	                   !memcmp(e->serial.p, leaf->serial.p, e->serial.n);

	return md && same_serial && names_issuer(e, leaf, md) &&
	       (!issuer || is_hash_of(e->key_hash, md, (struct span){ NULL, 0 }, issuer->point));
}

/* Of several entries the first that fits. False when the list cannot be read. */
static bool find_entry(
        struct rd entries, const struct cert *leaf, const struct cert *issuer, struct entry *found, bool *any)
{
	*any = false;
	for (size_t i = 0; rd_left(&entries) && i < OCSP_ENTRIES_MAX && !*any; i++) {
		struct entry e = { 0 };

		if (!read_entry(&entries, &e))
			return false;
		if (is_about(&e, leaf, issuer)) {
			*found = e;
			*any = true;
		}
	}
	return true;
}

/* ---- who signed it --------------------------------------------------------------------------- */

static struct seal_claim claim_of(const struct response *r)
{
	struct seal_claim s;

	cert_read_seal(r->algorithm, &s);
	s.tbs = r->tbs;
	s.signature = r->signature;
	return s;
}

/* RFC 6960 section 4.2.2.2: certified by the issuer itself, for OCSP and for now. */
static bool is_delegate(const struct cert *c, const struct cert *issuer, int64_t at)
{
	bool may_sign = !c->has_key_usage || c->key_usage & KEY_USAGE_DIGITAL_SIGNATURE;

	return c->has_purposes && c->purposes & PURPOSE_OCSP && may_sign && !c->bad_ext && !c->critical_unknown &&
	       at >= c->not_before && at <= c->not_after && cert_issued_in_name_of(c, issuer) &&
	       seal_check(c, issuer) == SEAL_HOLDS;
}

static enum ocsp_status ask_responder(
        const struct seal_claim *s, const struct cert *c, const struct cert *issuer, int64_t at)
{
	if (c->malformed || seal_check_claim(s, c) != SEAL_HOLDS)
		return OCSP_BAD_SIGNATURE;
	return is_delegate(c, issuer, at) ? OCSP_GOOD : OCSP_WRONG_SIGNER;
}

static enum ocsp_status ask_responders(
        const struct seal_claim *s, struct rd certs, const struct cert *issuer, int64_t at)
{
	enum ocsp_status best = OCSP_BAD_SIGNATURE;

	for (size_t i = 0; rd_left(&certs) && i < OCSP_RESPONDERS_MAX && best != OCSP_GOOD; i++) {
		struct span der = der_take_all(&certs, DER_SEQUENCE);
		struct cert *c = cert_parse(der.p, der.n);
		enum ocsp_status v = ask_responder(s, c, issuer, at);

		if (v != OCSP_BAD_SIGNATURE)
			best = v;
		cert_free(c);
	}
	return best;
}

static enum ocsp_status check_signer(
        const struct response *r, const struct cert *issuer, int64_t at, bool *by_delegate)
{
	struct seal_claim s = claim_of(r);
	enum seal_verdict by_issuer;
	enum ocsp_status v;

	if (!issuer)
		return OCSP_NO_ISSUER;
	if (!s.alg || s.alg->strength == SEAL_BROKEN)
		return OCSP_UNSUPPORTED;
	by_issuer = seal_check_claim(&s, issuer);
	if (by_issuer == SEAL_HOLDS)
		return OCSP_GOOD;
	v = ask_responders(&s, r->certs, issuer, at);
	*by_delegate = v == OCSP_GOOD;
	return v == OCSP_BAD_SIGNATURE && by_issuer == SEAL_UNSUPPORTED ? OCSP_UNSUPPORTED : v;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

static enum ocsp_status check_window(const struct ocsp_result *said, bool is_ca, int64_t at)
{
	int64_t last = said->this_update + (is_ca ? OCSP_CA_SECONDS : OCSP_LEAF_SECONDS);
	int64_t until = said->next_update ? said->next_update : said->this_update + OCSP_LAST_SECONDS;

	until = until < last ? until : last;
	if (said->this_update > at + OCSP_SKEW_SECONDS)
		return OCSP_NOT_YET_VALID;
	return until < at - OCSP_SKEW_SECONDS ? OCSP_EXPIRED : OCSP_GOOD;
}

static enum ocsp_status judge(const struct entry *e, bool is_ca, int64_t at)
{
	enum ocsp_status window = check_window(&e->said, is_ca, at);

	if (e->status == DER_CONSTRUCTED(1) && (window == OCSP_GOOD || e->said.revocation_reason != HOLD))
		return OCSP_REVOKED;
	if (window != OCSP_GOOD)
		return window;
	return e->status == DER_CONTEXT(0) ? OCSP_GOOD : OCSP_UNKNOWN;
}

static enum ocsp_status error_status(int64_t status)
{
	static const enum ocsp_status errors[] = {
		[0] = OCSP_MALFORMED, /* successful, and then nothing */
		[1] = OCSP_MALFORMED_REQUEST,
		[2] = OCSP_INTERNAL_ERROR,
		[3] = OCSP_TRY_LATER,
		[4] = OCSP_MALFORMED, /* not used */
		[5] = OCSP_SIGNATURE_REQUIRED,
		[6] = OCSP_UNAUTHORIZED,
	};

	return status < (int64_t)COUNT(errors) ? errors[status] : OCSP_MALFORMED;
}

struct ocsp_result ocsp_check(
        struct span response, const struct cert *leaf, const struct cert *issuer, int64_t at)
{
	struct ocsp_result result = { .status = OCSP_MALFORMED, .revocation_reason = -1 };
	struct response r;
	struct entry e = { 0 };
	struct rd bytes;
	int64_t status;
	bool any;

	if (response.n > OCSP_BYTES_MAX || leaf->malformed || !open_response(response, &bytes, &status))
		return result;
	if (status || !rd_left(&bytes)) {
		result.status = error_status(status);
		return result;
	}
	if (!read_basic(bytes, &r) || !read_data(&r) || !find_entry(r.entries, leaf, issuer, &e, &any))
		return result;
	if (any)
		result = e.said;
	result.status = any ? check_signer(&r, issuer, at, &result.by_delegate) : OCSP_WRONG_CERTIFICATE;
	if (result.status == OCSP_GOOD)
		result.status = judge(&e, leaf->is_ca, at);
	return result;
}
