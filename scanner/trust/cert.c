#include "scanner/trust/cert.h"

#include <openssl/crypto.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert_parts.h"
#include "scanner/trust/dname.h"

/* What a time that cannot be read stands for: never valid. */
static const int64_t never_begins = INT64_C(253402300799), never_lasts = INT64_C(-62135596800);
static const int64_t year_2050 = INT64_C(2524608000);

/* ---- libcrypto ------------------------------------------------------------------------------- */

static void *crypto_malloc(size_t n, const char *file, int line)
{
	void *p = n ? malloc(n) : NULL;

	(void)file, (void)line;
	if (n && !p)
		die_memory();
	return p;
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file, (void)line;
	free(p);
}

static void *crypto_realloc(void *old, size_t n, const char *file, int line)
{
	if (n)
		return mem_grow(old, n, 1);
	crypto_free(old, file, line);
	return NULL;
}

void trust_init(void)
{
	CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* ---- the certificate (RFC 5280 section 4.1) -------------------------------------------------- */

static const struct seal_alg seals[] = {
#define SEAL(dotted, text, kind, hash, worth)                                                                \
	{ .oid = dotted, .name = text, .key = KEY_##kind, .digest = hash, .strength = SEAL_##worth },
#include "scanner/trust/algs.def"
};

static const struct seal_alg *seal_find(const char *oid)
{
	for (size_t i = 0; i < sizeof seals / sizeof *seals; i++)
		if (!strcmp(seals[i].oid, oid))
			return &seals[i];
	return NULL;
}

static bool parse_version(struct cert *c, struct rd *tbs)
{
	struct rd explicit;
	int64_t version;

	c->version = 1;
	if (!der_maybe(tbs, DER_CONSTRUCTED(0), &explicit))
		return true;
	version = der_small(der_take(&explicit, DER_INTEGER));
	c->version = (int)version + 1;
	return version >= 0 && version <= 2 && rd_end(&explicit);
}

static void take_time(struct cert *c, struct rd *validity, int64_t *seconds, int64_t otherwise)
{
	struct der d;

	*seconds = otherwise;
	if (!der_next(validity, &d))
		return;
	if (!der_time(&d, seconds))
		c->bad_time = true;
	else if ((d.tag == DER_UTC_TIME) != (*seconds < year_2050))
		c->odd_time = true;
}

static bool parse_validity(struct cert *c, struct rd *tbs)
{
	struct rd validity = der_enter(tbs, DER_SEQUENCE);

	take_time(c, &validity, &c->not_before, never_begins);
	take_time(c, &validity, &c->not_after, never_lasts);
	return rd_end(&validity);
}

void cert_read_seal(struct span alg, struct seal_claim *s)
{
	struct rd all = rd_span(alg), r = der_enter(&all, DER_SEQUENCE);

	der_oid_text(der_take(&r, DER_OID), s->oid);
	s->alg = seal_find(s->oid);
	s->params = rd_rest(&r);
}

static void parse_seal(struct cert *c, struct span alg)
{
	struct seal_claim s;

	cert_read_seal(alg, &s);
	memcpy(c->seal_oid, s.oid, sizeof s.oid);
	c->seal = s.alg;
	c->seal_params = s.params;
}

static bool parse_after_key(struct cert *c, struct rd *tbs)
{
	struct rd unused, explicit, list;
	bool good = true;

	c->unique_ids = der_maybe(tbs, DER_CONTEXT(1), &unused);
	c->unique_ids |= der_maybe(tbs, DER_CONTEXT(2), &unused);
	if (der_maybe(tbs, DER_CONSTRUCTED(3), &explicit)) {
		list = der_enter(&explicit, DER_SEQUENCE);
		good = cert_parse_extensions(c, &list) && rd_end(&explicit);
	}
	return good && rd_end(tbs);
}

static bool parse_tbs(struct cert *c, struct span outer_alg)
{
	struct rd all = rd_span(c->tbs), tbs = der_enter(&all, DER_SEQUENCE);
	struct span inner_alg;

	if (!parse_version(c, &tbs))
		return false;
	c->serial = der_take(&tbs, DER_INTEGER);
	inner_alg = der_take_all(&tbs, DER_SEQUENCE);
	c->issuer = der_take(&tbs, DER_SEQUENCE);
	if (!parse_validity(c, &tbs))
		return false;
	c->subject = der_take(&tbs, DER_SEQUENCE);
	c->spki = der_take_all(&tbs, DER_SEQUENCE);
	if (tbs.bad || !cert_parse_key(c) || !parse_after_key(c, &tbs))
		return false;
	parse_seal(c, inner_alg);
	c->seal_mismatch = inner_alg.n != outer_alg.n || memcmp(inner_alg.p, outer_alg.p, inner_alg.n);
	return true;
}

uint64_t cert_name_hash(struct span canon)
{
	uint64_t h = 0xCBF29CE484222325; /* FNV-1a */

	for (size_t i = 0; i < canon.n; i++)
		h = (h ^ canon.p[i]) * 0x100000001B3;
	return h;
}

static struct span canon_of(struct span name, struct wr *w, bool *good)
{
	size_t start = w->len;
	struct rd r;

	*good &= dname_canon(name, w);
	r = rd_of(w->buf, w->len);
	rd_take(&r, start);
	return rd_rest(&r);
}

static bool canon_names(struct cert *c)
{
	size_t room = DNAME_ROOM(c->issuer.n) + DNAME_ROOM(c->subject.n);
	bool good = true;
	struct wr w;

	c->canon = mem_new(room, 1);
	w = wr_of(c->canon, room);
	c->issuer_canon = canon_of(c->issuer, &w, &good);
	c->subject_canon = canon_of(c->subject, &w, &good);
	c->issuer_hash = cert_name_hash(c->issuer_canon);
	c->subject_hash = cert_name_hash(c->subject_canon);
	return good;
}

static bool parse(struct cert *c)
{
	struct rd all = rd_span(c->der), cert = der_enter(&all, DER_SEQUENCE);
	struct span alg;

	c->tbs = der_take_all(&cert, DER_SEQUENCE);
	alg = der_take_all(&cert, DER_SEQUENCE);
	c->signature = der_take_bits(&cert);
	return rd_end(&cert) && rd_end(&all) && parse_tbs(c, alg) && canon_names(c);
}

struct cert *cert_parse(const uint8_t *der, size_t n)
{
	struct cert *c = mem_new(1, sizeof *c);

	c->path_length = -1;
	keys_sha256(der, n, c->sha256);
	c->too_large = n > CERT_BYTES_MAX;
	if (!c->too_large) {
		c->bytes = mem_new(n, 1);
		if (n)
			memcpy(c->bytes, der, n);
		c->der = (struct span){ c->bytes, n };
	}
	c->malformed = !parse(c);
	return c;
}

struct cert *cert_of_key(struct span spki)
{
	struct cert *c = mem_new(1, sizeof *c);

	if (spki.n && spki.n <= CERT_BYTES_MAX) {
		c->bytes = mem_new(spki.n, 1);
		memcpy(c->bytes, spki.p, spki.n);
		c->spki = (struct span){ c->bytes, spki.n };
	}
	c->malformed = !cert_parse_key(c);
	return c;
}

void cert_free(struct cert *c)
{
	if (!c)
		return;
	free(c->bytes);
	free(c->canon);
	free(c);
}

struct span cert_subject_of(struct span der)
{
	struct rd all = rd_span(der), cert = der_enter(&all, DER_SEQUENCE),
	          tbs = der_enter(&cert, DER_SEQUENCE);
	struct rd version;

	der_maybe(&tbs, DER_CONSTRUCTED(0), &version);
	der_take(&tbs, DER_INTEGER);
	der_take(&tbs, DER_SEQUENCE); /* algorithm */
	der_take(&tbs, DER_SEQUENCE); /* issuer */
	der_take(&tbs, DER_SEQUENCE); /* validity */
	return der_take(&tbs, DER_SEQUENCE);
}

/* ---- questions ------------------------------------------------------------------------------- */

bool cert_same(const struct cert *a, const struct cert *b)
{
	return !memcmp(a->sha256, b->sha256, CERT_SHA256);
}

static bool same_name(struct span a, uint64_t a_hash, struct span b, uint64_t b_hash)
{
	return a_hash == b_hash && a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

bool cert_self_issued(const struct cert *c)
{
	return cert_issued_in_name_of(c, c);
}

bool cert_issued_in_name_of(const struct cert *child, const struct cert *issuer)
{
	return !child->malformed && !issuer->malformed &&
	       same_name(
	               child->issuer_canon, child->issuer_hash, issuer->subject_canon, issuer->subject_hash);
}

struct rd cert_names(const struct cert *c)
{
	struct rd r = rd_span(c->exts[CERT_EXT_SUBJECT_ALT_NAME]);

	return rd_left(&r) ? der_enter(&r, DER_SEQUENCE) : r;
}
