#include "scanner/trust/cert_parts.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct curve {
	const char *oid, *name;
	unsigned bits;
} curves[] = {
#define CURVE(...) { __VA_ARGS__ },
#include "scanner/trust/algs.def"
};

static const struct curve *curve_find(struct span oid)
{
	char dotted[DER_OID_TEXT];

	der_oid_text(oid, dotted);
	for (size_t i = 0; i < COUNT(curves); i++)
		if (!strcmp(curves[i].oid, dotted))
			return &curves[i];
	return NULL;
}

/* The kinds of key: RFC 3279, 5480, 8410, 9881. */

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

bool cert_parse_key(struct cert *c)
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
