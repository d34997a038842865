#include "scanner/trust/cert.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/dname.h"
#include "scanner/trust/names.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/seal.h"

enum { PURPOSES_MAX = 1000, NAME_SHOWN = 1024, SERIAL_SHOWN = 64 };

/* What a time that cannot be read stands for: never valid. */
static const int64_t never_begins = INT64_C(253402300799), never_lasts = INT64_C(-62135596800);

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

/* ---- tables ---------------------------------------------------------------------------------- */

static const struct seal_alg seals[] = {
#define SEAL(dotted, text, kind, hash, worth)                                                                \
	{ .oid = dotted, .name = text, .key = KEY_##kind, .digest = hash, .strength = SEAL_##worth },
#include "scanner/trust/algs.def"
};

static const struct curve {
	const char *oid, *name;
	unsigned bits;
} curves[] = {
#define CURVE(...) { __VA_ARGS__ },
#include "scanner/trust/algs.def"
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct seal_alg *seal_find(const char *oid)
{
	for (size_t i = 0; i < COUNT(seals); i++)
		if (!strcmp(seals[i].oid, oid))
			return &seals[i];
	return NULL;
}

static const struct curve *curve_find(struct span oid)
{
	char dotted[DER_OID_TEXT];

	der_oid_text(oid, dotted);
	for (size_t i = 0; i < COUNT(curves); i++)
		if (!strcmp(curves[i].oid, dotted))
			return &curves[i];
	return NULL;
}

/* ---- keys (RFC 3279, 5480, 8410, 9881) ------------------------------------------------------- */

static unsigned bit_length(struct span magnitude)
{
	unsigned top = 0;

	for (unsigned b = magnitude.n ? magnitude.p[0] : 0; b; b >>= 1)
		top++;
	return magnitude.n ? (unsigned)(magnitude.n - 1) * 8 + top : 0;
}

/* A negative number is none. */
static struct span positive(struct span integer)
{
	return integer.n && integer.p[0] & 0x80 ? (struct span){ NULL, 0 } : der_magnitude(integer);
}

static void read_rsa(struct cert *c, struct rd *params)
{
	struct rd bits = rd_span(c->point), key = der_enter(&bits, DER_SEQUENCE);

	(void)params;
	c->rsa_n = positive(der_take(&key, DER_INTEGER));
	c->rsa_e = positive(der_take(&key, DER_INTEGER));
	if (!rd_end(&key) || !rd_end(&bits))
		c->rsa_n = c->rsa_e = (struct span){ NULL, 0 };
	c->key_bits = bit_length(c->rsa_n);
}

static void read_dsa(struct cert *c, struct rd *params)
{
	struct rd numbers = der_enter(params, DER_SEQUENCE);

	c->key_bits = bit_length(positive(der_take(&numbers, DER_INTEGER)));
}

/* A curve that is not named, or not known, is measured by its point and never computed with. */
static void read_ec(struct cert *c, struct rd *params)
{
	const struct curve *curve =
	        der_is_next(params, DER_OID) ? curve_find(der_take(params, DER_OID)) : NULL;
	size_t n = c->point.n ? c->point.n - 1 : 0;

	if (curve) {
		c->curve = curve->name;
		c->key_bits = curve->bits;
		if (!strcmp(curve->name, "curveSM2"))
			c->key = KEY_SM2;
	} else if (n) {
		c->key_bits = (unsigned)(c->point.p[0] == 4 ? n / 2 : n) * 8;
	}
}

static void read_ed25519(struct cert *c, struct rd *params)
{
	(void)params;
	c->key_bits = 256;
}

static void read_ed448(struct cert *c, struct rd *params)
{
	(void)params;
	c->key_bits = 456;
}

static void read_raw(struct cert *c, struct rd *params)
{
	(void)params;
	c->key_bits = (unsigned)c->point.n * 8;
}

static void read_gost(struct cert *c, struct rd *params)
{
	(void)params;
	c->key_bits = c->point.n > 100 ? 512 : 256;
}

static const struct key_kind {
	const char *oid;
	enum cert_key key;
	void (*read)(struct cert *, struct rd *params);
} key_kinds[] = {
	{ "1.2.840.113549.1.1.1", KEY_RSA, read_rsa },
	{ "1.2.840.113549.1.1.10", KEY_RSA_PSS, read_rsa },
	{ "1.2.840.10045.2.1", KEY_ECDSA, read_ec },
	{ "1.3.101.112", KEY_ED25519, read_ed25519 },
	{ "1.3.101.113", KEY_ED448, read_ed448 },
	{ "1.2.840.10040.4.1", KEY_DSA, read_dsa },
	{ "2.16.840.1.101.3.4.3.17", KEY_ML_DSA, read_raw },
	{ "2.16.840.1.101.3.4.3.18", KEY_ML_DSA, read_raw },
	{ "2.16.840.1.101.3.4.3.19", KEY_ML_DSA, read_raw },
	{ "1.2.643.2.2.19", KEY_GOST, read_gost },
	{ "1.2.643.7.1.1.1.1", KEY_GOST, read_gost },
	{ "1.2.643.7.1.1.1.2", KEY_GOST, read_gost },
};

static void read_key(struct cert *c, struct rd *params)
{
	c->key = KEY_OTHER;
	for (size_t i = 0; i < COUNT(key_kinds); i++)
		if (!strcmp(key_kinds[i].oid, c->key_oid)) {
			c->key = key_kinds[i].key;
			key_kinds[i].read(c, params);
			return;
		}
	read_raw(c, params);
}

static bool parse_spki(struct cert *c)
{
	struct rd all = rd_span(c->spki), spki = der_enter(&all, DER_SEQUENCE);
	struct rd alg = der_enter(&spki, DER_SEQUENCE);

	der_oid_text(der_take(&alg, DER_OID), c->key_oid);
	c->point = der_take_bits(&spki);
	if (alg.bad || !rd_end(&spki) || !rd_end(&all))
		return false;
	read_key(c, &alg);
	return true;
}

/* ---- extensions (RFC 5280 section 4.2) ------------------------------------------------------- */

static bool read_subject_key_id(struct cert *c, struct rd *r)
{
	c->key_id = der_take(r, DER_OCTET_STRING);
	return rd_end(r);
}

static bool read_authority_key_id(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE), id;

	if (der_maybe(&list, DER_CONTEXT(0), &id))
		c->issuer_key_id = rd_rest(&id);
	return rd_end(r) && !list.bad;
}

static bool read_key_usage(struct cert *c, struct rd *r)
{
	struct rd bits = der_enter(r, DER_BIT_STRING);
	unsigned value;

	if (rd_u8(&bits) > 7 || bits.bad || rd_left(&bits) > 4)
		return false;
	c->has_key_usage = true;
	for (unsigned at = 0; rd_left(&bits); at += 8) {
		value = rd_u8(&bits);
		for (unsigned i = 0; i < 8; i++)
			if (value & (0x80u >> i))
				c->key_usage |= 1u << (at + i);
	}
	return rd_end(r);
}

static bool read_names(struct cert *c, struct rd *r)
{
	struct rd names = cert_names(c);
	struct general_name g;
	bool any = false;

	der_enter(r, DER_SEQUENCE);
	while (general_name_next(&names, &g))
		any = true;
	return any && rd_end(&names) && rd_end(r);
}

static bool read_basic_constraints(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE), length;
	struct span n;

	c->is_ca = der_maybe_true(&list);
	if (!der_maybe(&list, DER_INTEGER, &length))
		return rd_end(&list) && rd_end(r);
	n = rd_rest(&length);
	c->path_length = n.n > 4 ? INT32_MAX : der_small(n);
	return n.n && !(n.p[0] & 0x80) && rd_end(&list) && rd_end(r);
}

static const struct purpose {
	const char *oid;
	unsigned bit;
} purposes[] = {
	{ "1.3.6.1.5.5.7.3.1", PURPOSE_SERVER },
	{ "1.3.6.1.5.5.7.3.2", PURPOSE_CLIENT },
	{ "1.3.6.1.5.5.7.3.9", PURPOSE_OCSP },
	{ "2.5.29.37.0", PURPOSE_ANY },
};

static unsigned purpose_bit(struct span oid)
{
	char dotted[DER_OID_TEXT];

	der_oid_text(oid, dotted);
	for (size_t i = 0; i < COUNT(purposes); i++)
		if (!strcmp(purposes[i].oid, dotted))
			return purposes[i].bit;
	return PURPOSE_OTHER;
}

static bool read_purposes(struct cert *c, struct rd *r)
{
	struct rd list = der_enter(r, DER_SEQUENCE);
	size_t n = 0;

	c->has_purposes = true;
	for (; rd_left(&list) && n < PURPOSES_MAX; n++)
		c->purposes |= purpose_bit(der_take(&list, DER_OID));
	return n && rd_end(&list) && rd_end(r);
}

static const struct ext_kind {
	const char *oid;
	bool handled;
} ext_kinds[CERT_EXTS] = {
#define EXT(name, dotted, known) [CERT_EXT_##name] = { dotted, known },
#include "scanner/trust/exts.def"
#undef EXT
};

static bool (*const ext_readers[CERT_EXTS])(struct cert *, struct rd *) = {
	[CERT_EXT_SUBJECT_KEY_ID] = read_subject_key_id,
	[CERT_EXT_AUTHORITY_KEY_ID] = read_authority_key_id,
	[CERT_EXT_KEY_USAGE] = read_key_usage,
	[CERT_EXT_SUBJECT_ALT_NAME] = read_names,
	[CERT_EXT_BASIC_CONSTRAINTS] = read_basic_constraints,
	[CERT_EXT_EXTENDED_KEY_USAGE] = read_purposes,
};

static enum cert_ext ext_find(struct span oid)
{
	char dotted[DER_OID_TEXT];
	size_t i;

	der_oid_text(oid, dotted);
	for (i = 0; i < CERT_EXTS; i++)
		if (!strcmp(ext_kinds[i].oid, dotted))
			break;
	return (enum cert_ext)i;
}

static void keep_extension(struct cert *c, struct span oid, bool critical, struct span value)
{
	enum cert_ext id = ext_find(oid);
	struct rd r = rd_span(value);

	if (critical && (id == CERT_EXTS || !ext_kinds[id].handled))
		c->critical_unknown = true;
	if (id == CERT_EXTS)
		return;
	c->exts[id] = value;
	c->ext_critical[id] = critical;
	if (ext_readers[id] && !ext_readers[id](c, &r))
		c->bad_ext = true;
}

static bool seen_before(const struct span *seen, size_t n, struct span oid)
{
	for (size_t i = 0; i < n; i++)
		if (seen[i].n == oid.n && !memcmp(seen[i].p, oid.p, oid.n))
			return true;
	return false;
}

static bool parse_extensions(struct cert *c, struct rd *list)
{
	struct span seen[CERT_EXTS_MAX];

	while (rd_left(list) && c->exts_count < CERT_EXTS_MAX) {
		struct rd ext = der_enter(list, DER_SEQUENCE);
		struct span oid = der_take(&ext, DER_OID), value;
		bool critical = der_maybe_true(&ext);

		value = der_take(&ext, DER_OCTET_STRING);
		if (!rd_end(&ext))
			return false;
		if (seen_before(seen, c->exts_count, oid))
			c->bad_ext = true;
		else
			keep_extension(c, oid, critical, value);
		seen[c->exts_count++] = oid;
	}
	c->exts_cut = rd_left(list) > 0;
	return !list->bad;
}

/* ---- the certificate (RFC 5280 section 4.1) -------------------------------------------------- */

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
	if (der_next(validity, &d) && !der_time(&d, seconds))
		c->bad_time = true;
}

static bool parse_validity(struct cert *c, struct rd *tbs)
{
	struct rd validity = der_enter(tbs, DER_SEQUENCE);

	take_time(c, &validity, &c->not_before, never_begins);
	take_time(c, &validity, &c->not_after, never_lasts);
	return rd_end(&validity);
}

static void parse_seal(struct cert *c, struct span alg)
{
	struct rd all = rd_span(alg), r = der_enter(&all, DER_SEQUENCE);

	der_oid_text(der_take(&r, DER_OID), c->seal_oid);
	c->seal = seal_find(c->seal_oid);
	c->seal_params = rd_rest(&r);
}

static bool parse_after_key(struct cert *c, struct rd *tbs)
{
	struct rd unused, explicit, list;
	bool good = true;

	der_maybe(tbs, DER_CONTEXT(1), &unused);
	der_maybe(tbs, DER_CONTEXT(2), &unused);
	if (der_maybe(tbs, DER_CONSTRUCTED(3), &explicit)) {
		list = der_enter(&explicit, DER_SEQUENCE);
		good = parse_extensions(c, &list) && rd_end(&explicit);
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
	if (tbs.bad || !parse_spki(c) || !parse_after_key(c, &tbs))
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
	SHA256(der, n, c->sha256);
	if (n <= CERT_BYTES_MAX) {
		c->bytes = mem_new(n, 1);
		if (n)
			memcpy(c->bytes, der, n);
		c->der = (struct span){ c->bytes, n };
	}
	c->malformed = !parse(c);
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

/* ---- the record's form ----------------------------------------------------------------------- */

static const char *address_text(struct arena *a, struct span ip)
{
	char text[INET6_ADDRSTRLEN];

	if ((ip.n == 4 || ip.n == 16) && inet_ntop(ip.n == 4 ? AF_INET : AF_INET6, ip.p, text, sizeof text))
		return arena_text(a, text);
	return arena_printf(a, "#%s", text_hex(a, ip.p, ip.n < 32 ? ip.n : 32));
}

static void fill_names(struct arena *a, const struct cert *c, struct cert_info *info)
{
	const char *shown[CERT_NAMES_MAX];
	struct rd names = cert_names(c);
	struct general_name g;
	size_t n = 0;

	while (!info->names_cut && general_name_next(&names, &g)) {
		if (g.kind != GN_DNS && g.kind != GN_IP)
			continue;
		info->names_cut = n == CERT_NAMES_MAX;
		if (!info->names_cut)
			shown[n++] = g.kind == GN_IP ? address_text(a, g.value)
			                             : text_clean(a, g.value.p, g.value.n, NAME_SHOWN);
	}
	info->dns_names = arena_copy(a, shown, n * sizeof *shown);
	info->dns_names_count = n;
}

static const char *exponent_text(struct arena *a, const struct cert *c)
{
	struct rd r = rd_span(c->rsa_e);

	if (!c->rsa_n.n)
		return NULL;
	if (c->rsa_e.n > 8)
		return "large";
	return arena_printf(a, "%llu", (unsigned long long)rd_uint(&r, c->rsa_e.n));
}

static const char *seal_text(struct arena *a, const struct cert *c)
{
	if (c->seal)
		return c->seal->name;
	return c->seal_oid[0] ? arena_text(a, c->seal_oid) : "unknown";
}

static const char *serial_text(struct arena *a, const struct cert *c)
{
	struct span s = c->serial;

	if (s.n > 1 && !s.p[0])
		s = span_skip(s, 1);
	if (s.n <= SERIAL_SHOWN)
		return text_hex(a, s.p, s.n);
	return arena_printf(a, "%s\xe2\x80\xa6", text_hex(a, s.p, SERIAL_SHOWN));
}

void cert_info_fill(struct arena *a, const struct cert *c, struct cert_info *info)
{
	*info = (struct cert_info){ .sha256 = text_hex(a, c->sha256, CERT_SHA256),
		.malformed = c->malformed };
	info->pem = pem_text(a, c->der);
	if (c->malformed)
		return;
	info->subject = dname_text(a, c->subject);
	info->issuer = dname_text(a, c->issuer);
	info->not_before = c->not_before;
	info->not_after = c->not_after;
	info->key = c->key;
	info->key_bits = c->key_bits;
	info->curve = c->curve;
	info->exponent = exponent_text(a, c);
	info->signature = seal_text(a, c);
	info->self_signed = seal_on_itself(c);
	info->serial = serial_text(a, c);
	fill_names(a, c, info);
}
