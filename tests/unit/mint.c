#include "tests/unit/mint.h"

#include <openssl/conf.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/arena.h"
#include "scanner/base/die.h"

static struct minted *all;
static struct arena copies;
static long serial = 1000;

/* Sections that extensions may name, as in "dirName:example". */
static CONF *sections(void)
{
	static const char text[] = "[example]\nO=Example\n[other]\nO=Other\n[empty]\n";
	BIO *in = BIO_new_mem_buf(text, -1);
	CONF *c = NCONF_new(NULL);
	long line;

	require(NCONF_load_bio(c, in, &line) > 0);
	BIO_free(in);
	return c;
}

static EVP_PKEY *make_key(const char *what)
{
	EVP_PKEY *key = NULL;

	if (!what)
		key = EVP_EC_gen("P-256");
	else if (!strncmp(what, "RSA:", 4))
		key = EVP_RSA_gen((unsigned)atoi(what + 4));
	else if (!strncmp(what, "EC:", 3))
		key = EVP_EC_gen(what + 3);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, what);
	require(key);
	return key;
}

static EVP_PKEY *key_for(const struct mint *m)
{
	if (!m->key_of)
		return make_key(m->key);
	EVP_PKEY_up_ref(m->key_of->key);
	return m->key_of->key;
}

static void set_subject(X509 *x, const struct mint *m)
{
	X509_NAME *name = X509_get_subject_name(x);

	if (m->organisation)
		require(X509_NAME_add_entry_by_txt(
		        name, "O", MBSTRING_UTF8, (const unsigned char *)m->organisation, -1, -1, 0));
	if (m->email)
		require(X509_NAME_add_entry_by_txt(
		        name, "emailAddress", MBSTRING_UTF8, (const unsigned char *)m->email, -1, -1, 0));
	if (m->name)
		require(X509_NAME_add_entry_by_txt(
		        name, "CN", MBSTRING_UTF8, (const unsigned char *)m->name, -1, -1, 0));
}

static void add_ext(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	CONF *conf;

	if (!value || !strcmp(value, "-"))
		return;
	conf = sections();
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	e = X509V3_EXT_nconf_nid(conf, &ctx, nid, value);
	if (!e)
		fprintf(stderr, "no such extension: %s = %s\n", OBJ_nid2sn(nid), value);
	require(e);
	NCONF_free(conf);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* One line, "name=value"; the name is a short name or dotted. */
static X509_EXTENSION *ext_of_line(X509V3_CTX *ctx, const char *line, size_t n)
{
	const char *equals = memchr(line, '=', n);
	char name[64], value[2048];
	CONF *conf = sections();
	X509_EXTENSION *e;

	require(equals);
	snprintf(name, sizeof name, "%.*s", (int)(equals - line), line);
	snprintf(value, sizeof value, "%.*s", (int)(n - (size_t)(equals - line) - 1), equals + 1);
	X509V3_set_nconf(ctx, conf);
	e = X509V3_EXT_nconf(conf, ctx, name, value);
	if (!e)
		fprintf(stderr, "no such extension: %s = %s\n", name, value);
	require(e);
	NCONF_free(conf);
	return e;
}

static void add_lines(X509 *x, X509 *issuer, const char *lines)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	while (lines && *lines) {
		size_t n = strcspn(lines, "\n");
		X509_EXTENSION *e = ext_of_line(&ctx, lines, n);

		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
		lines += n + (lines[n] == '\n');
	}
}

static void add_raw(X509 *x, const char *dotted, bool critical)
{
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *oid = OBJ_txt2obj(dotted, 1);
	X509_EXTENSION *e;

	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2);
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, critical, value);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	ASN1_OBJECT_free(oid);
	ASN1_OCTET_STRING_free(value);
}

static void add_many(X509 *x, unsigned n)
{
	char dotted[64];

	for (unsigned i = 0; i < n; i++) {
		snprintf(dotted, sizeof dotted, "1.3.6.1.4.1.99999.2.%u", i);
		add_raw(x, dotted, false);
	}
}

static void add_basic(X509 *x, X509 *issuer, const struct mint *m)
{
	char text[64];

	snprintf(text, sizeof text, m->length ? "critical,CA:TRUE,pathlen:%d" : "critical,CA:TRUE",
	        m->length - 1);
	if (m->basic)
		add_ext(x, issuer, NID_basic_constraints, m->basic);
	else if (m->ca)
		add_ext(x, issuer, NID_basic_constraints, text);
}

static const char *id_given(const struct mint *m, const char *which)
{
	size_t n = strlen(which);

	return m->key_ids && !strncmp(m->key_ids, which, n) ? m->key_ids + n : NULL;
}

/* The issuer's key identifier, in the form of another extension. */
static void add_issuer_id(X509 *x, X509 *issuer)
{
	AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();

	id->keyid = X509_get_ext_d2i(issuer, NID_subject_key_identifier, NULL, NULL);
	if (id->keyid)
		X509_add1_ext_i2d(x, NID_authority_key_identifier, id, 0, 0);
	AUTHORITY_KEYID_free(id);
}

static void add_ids(X509 *x, X509 *issuer, const struct mint *m)
{
	if (id_given(m, "subject="))
		add_ext(x, issuer, NID_subject_key_identifier, id_given(m, "subject="));
	else if (!id_given(m, "no subject"))
		add_ext(x, issuer, NID_subject_key_identifier, "hash");
	if (id_given(m, "authority="))
		add_ext(x, issuer, NID_authority_key_identifier, id_given(m, "authority="));
	else if (!id_given(m, "no authority"))
		add_issuer_id(x, m->wrong_issuer_id ? x : issuer);
}

static void add_exts(X509 *x, X509 *issuer, const struct mint *m)
{
	add_basic(x, issuer, m);
	add_ext(x, issuer, NID_key_usage,
	        m->usage ? m->usage
	        : m->ca  ? "critical,keyCertSign,cRLSign"
	                 : NULL);
	add_ext(x, issuer, NID_subject_alt_name, m->names);
	add_ext(x, issuer, NID_ext_key_usage, m->purposes);
	add_ext(x, issuer, NID_name_constraints, m->constraints);
	add_ext(x, issuer, NID_certificate_policies, m->policies);
	add_ext(x, issuer, NID_tlsfeature, m->features);
	add_ext(x, issuer, NID_info_access, m->authority_info);
	add_ext(x, issuer, NID_crl_distribution_points, m->crl_points);
	if (!m->no_ids)
		add_ids(x, issuer, m);
	if (m->unknown)
		add_raw(x, "1.3.6.1.4.1.99999.1", !strcmp(m->unknown, "critical"));
	add_many(x, m->more_exts);
	add_lines(x, issuer, m->exts);
}

static void sign(X509 *x, EVP_PKEY *key, const struct mint *m)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	int raw = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");

	require(EVP_DigestSignInit_ex(ctx, &options,
	                raw         ? NULL
	                : m->digest ? m->digest
	                            : "SHA256",
	                NULL, NULL, key, NULL) > 0);
	if (m->pss) {
		EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
		EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST);
	}
	require(X509_sign_ctx(x, ctx) > 0);
	EVP_MD_CTX_free(ctx);
}

static void set_time(ASN1_TIME *t, const char *text)
{
	bool long_year = strlen(text) >= 15;

	if (!strcmp(text, "-"))
		return;
	t->type = long_year ? V_ASN1_GENERALIZEDTIME : V_ASN1_UTCTIME;
	ASN1_STRING_set(t, text, -1);
}

static void set_dates(X509 *x, const struct mint *m)
{
	bool usual = !m->from_day && !m->to_day;

	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(MINT_NOW + 86400 * (usual ? -30 : m->from_day)));
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(MINT_NOW + 86400 * (usual ? 60 : m->to_day)));
	if (m->from)
		set_time(X509_getm_notBefore(x), m->from);
	if (m->to)
		set_time(X509_getm_notAfter(x), m->to);
}

static void set_serial(X509 *x, const char *hex)
{
	BIGNUM *n = NULL;

	if (!hex) {
		ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
		return;
	}
	require(BN_hex2bn(&n, hex));
	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
}

/* The last octet of ecdsa-with-SHA256, where it stands last: now it is another hash. */
static struct span with_other_algorithm(struct span der)
{
	static const uint8_t oid[] = { 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02 };
	size_t at = der.n - sizeof oid;

	while (memcmp(der.p + at, oid, sizeof oid))
		require(at--);
	return mint_copy(der, at + sizeof oid - 1, 0x01);
}

static void keep(struct minted *c, X509 *x)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);

	require(n > 0);
	c->x509 = x;
	c->der = arena_span(&copies, (struct span){ der, (size_t)n });
	c->next = all;
	all = c;
	OPENSSL_free(der);
}

const struct minted *mint(const struct mint *m)
{
	struct minted *c = mem_new(1, sizeof *c);
	X509 *x = X509_new(), *issuer = m->by ? m->by->x509 : x;

	c->key = key_for(m);
	X509_set_version(x, m->version_1 ? 0 : 2);
	set_serial(x, m->serial);
	set_dates(x, m);
	set_subject(x, m);
	if (!m->no_issuer)
		X509_set_issuer_name(x, X509_get_subject_name(issuer));
	X509_set_pubkey(x, c->key);
	if (!m->version_1)
		add_exts(x, issuer, m);
	sign(x, m->signed_with ? m->signed_with->key : m->by ? m->by->key : c->key, m);
	keep(c, x);
	if (m->other_algorithm)
		c->der = with_other_algorithm(c->der);
	return c;
}

struct span mint_copy(struct span s, size_t at, uint8_t change)
{
	uint8_t *p = arena_copy(&copies, s.p, s.n);

	p[at] ^= change;
	return (struct span){ p, s.n };
}

/* ---- lists of revoked certificates ----------------------------------------------------------- */

static void revoke(X509_CRL *crl, const char *hex, size_t n, const char *ext)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)(MINT_NOW - 2 * 86400));
	BIGNUM *number = NULL;
	ASN1_INTEGER *asn1;
	X509V3_CTX ctx;
	X509_EXTENSION *e;
	char text[64];

	snprintf(text, sizeof text, "%.*s", (int)n, hex);
	require(BN_hex2bn(&number, text));
	asn1 = BN_to_ASN1_INTEGER(number, NULL);
	X509_REVOKED_set_serialNumber(r, asn1);
	X509_REVOKED_set_revocationDate(r, when);
	if (ext) {
		X509V3_set_ctx(&ctx, NULL, NULL, NULL, crl, 0);
		e = ext_of_line(&ctx, ext, strlen(ext));
		X509_REVOKED_add_ext(r, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_CRL_add0_revoked(crl, r);
	ASN1_INTEGER_free(asn1);
	ASN1_TIME_free(when);
	BN_free(number);
}

static void revoke_all(X509_CRL *crl, const struct mint_crl *m)
{
	for (const char *at = m->revoked; at && *at;) {
		size_t n = strcspn(at, ",");

		revoke(crl, at, n, at[n] ? NULL : m->entry_ext);
		at += n + (at[n] == ',');
	}
}

static void add_crl_exts(X509_CRL *crl, const struct mint_crl *m)
{
	const char *lines = m->exts ? m->exts : "crlNumber=DER:020101\nauthorityKeyIdentifier=keyid:always";
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, m->by->x509, NULL, NULL, crl, 0);
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		X509_EXTENSION *e = ext_of_line(&ctx, lines, n);

		X509_CRL_add_ext(crl, e, -1);
		X509_EXTENSION_free(e);
		lines += n + (lines[n] == '\n');
	}
}

static ASN1_TIME *day(int relative)
{
	return ASN1_TIME_set(NULL, (time_t)(MINT_NOW + 86400 * relative));
}

static void set_updates(X509_CRL *crl, const struct mint_crl *m)
{
	bool usual = !m->from_day && !m->to_day;
	ASN1_TIME *this = day(usual ? -1 : m->from_day), *next = day(usual ? 7 : m->to_day);

	X509_CRL_set1_lastUpdate(crl, this);
	if (usual || m->to_day)
		X509_CRL_set1_nextUpdate(crl, next);
	ASN1_TIME_free(this);
	ASN1_TIME_free(next);
}

struct span mint_crl(const struct mint_crl *m)
{
	X509_CRL *crl = X509_CRL_new();
	unsigned char *der = NULL;
	struct span s;
	int n;

	if (!m->version_1)
		X509_CRL_set_version(crl, 1);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(m->by->x509));
	set_updates(crl, m);
	revoke_all(crl, m);
	if (!m->version_1)
		add_crl_exts(crl, m);
	require(X509_CRL_sign(crl, (m->signed_with ? m->signed_with : m->by)->key,
	        EVP_get_digestbyname(m->digest ? m->digest : "SHA256")));
	n = i2d_X509_CRL(crl, &der);
	require(n > 0);
	s = arena_span(&copies, (struct span){ der, (size_t)n });
	OPENSSL_free(der);
	X509_CRL_free(crl);
	return s;
}

void mint_close(void)
{
	for (struct minted *next; all; all = next) {
		next = all->next;
		X509_free(all->x509);
		EVP_PKEY_free(all->key);
		free(all);
	}
	arena_free(&copies);
}
