/*
 * The registries' arrays, each made by including its *.def, and the look-ups over them. By code: binary
 * search, so every .def is sorted (tests/unit/tables_test.c holds it to that). By name: linear and blind to
 * case; that is for words a user typed. A NULL name is in no table.
 */
#include "scanner/tls/tables.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- rows -------------------------------------------------------------------------------------- */

const struct version versions[] = {
#define VERSION(...) { __VA_ARGS__ },
#include "scanner/tls/versions.def"
#undef VERSION
};
const size_t versions_count = COUNT(versions);

#define KX_AS(kind, text)   .kx = KX_##kind, .kx_name = text
#define KX(kind)            KX_AS(kind, #kind)
#define AUTH_AS(kind, text) .auth = AUTH_##kind, .auth_name = text
#define AUTH(kind)          .auth = AUTH_##kind, .auth_name = #kind

const struct suite suites[] = {
#define SUITE(...) { __VA_ARGS__ },
#include "scanner/tls/suites.def"
#undef SUITE
};
const size_t suites_count = COUNT(suites);

const struct sslv2_kind sslv2_kinds[] = {
#define SSLV2_KIND(...) { __VA_ARGS__ },
#include "scanner/tls/sslv2_kinds.def"
#undef SSLV2_KIND
};
const size_t sslv2_kinds_count = COUNT(sslv2_kinds);

const struct group groups[] = {
#define GROUP(...) { __VA_ARGS__ },
#include "scanner/tls/groups.def"
#undef GROUP
};
const size_t groups_count = COUNT(groups);

const struct scheme schemes[] = {
#define SCHEME(...) { __VA_ARGS__ },
#include "scanner/tls/schemes.def"
#undef SCHEME
};
const size_t schemes_count = COUNT(schemes);

const struct extension extensions[] = {
#define EXTENSION(...) { __VA_ARGS__ },
#include "scanner/tls/extensions.def"
#undef EXTENSION
};
const size_t extensions_count = COUNT(extensions);

const struct alert_name alerts[] = {
#define ALERT(...) { __VA_ARGS__ },
#include "scanner/tls/alerts.def"
#undef ALERT
};
const size_t alerts_count = COUNT(alerts);

const struct alpn_name alpn_names[] = {
#define ALPN(...) { __VA_ARGS__ },
#include "scanner/tls/alpn.def"
#undef ALPN
};
const size_t alpn_names_count = COUNT(alpn_names);

/* A digest stands in the .def as four 64-bit words, most significant byte first. */
#define BYTE(word, shift) (uint8_t)(0xFF & (word) >> (shift))
#define BYTES(w)                                                                                             \
	BYTE(w, 56), BYTE(w, 48), BYTE(w, 40), BYTE(w, 32), BYTE(w, 24), BYTE(w, 16), BYTE(w, 8), BYTE(w, 0)
#define WORD(w)            BYTES(UINT64_C(w))
#define SHA256(a, b, c, d) .sha256 = { WORD(a), WORD(b), WORD(c), WORD(d) }

const struct dh_prime dh_primes[] = {
#define PRIME(...) { __VA_ARGS__ },
#include "scanner/tls/primes.def"
#undef PRIME
};
const size_t dh_primes_count = COUNT(dh_primes);

/* ---- look-up by code --------------------------------------------------------------------------- */

/* Every row begins with its code, so that one comparison serves all tables with codes of one width. */
#define CODE_FIRST(type, field) _Static_assert(offsetof(type, field) == 0, #type " begins with its " #field)
CODE_FIRST(struct version, code);
CODE_FIRST(struct suite, code);
CODE_FIRST(struct sslv2_kind, code);
CODE_FIRST(struct group, code);
CODE_FIRST(struct scheme, code);
CODE_FIRST(struct extension, code);
CODE_FIRST(struct dh_prime, sha256);

static int code16_compare(const void *key, const void *row)
{
	return *(const uint16_t *)key - *(const uint16_t *)row;
}

static int code32_compare(const void *key, const void *row)
{
	uint32_t a = *(const uint32_t *)key, b = *(const uint32_t *)row;

	return (a > b) - (a < b);
}

static int digest_compare(const void *key, const void *row)
{
	return memcmp(key, row, sizeof(((struct dh_prime *)0)->sha256));
}

static const void *find16(const void *table, size_t count, size_t size, uint16_t code)
{
	return bsearch(&code, table, count, size, code16_compare);
}

const struct version *version_find(uint16_t code)
{
	return find16(versions, versions_count, sizeof(versions[0]), code);
}

const struct suite *suite_find(uint16_t code)
{
	return find16(suites, suites_count, sizeof(suites[0]), code);
}

const struct sslv2_kind *sslv2_kind_find(uint32_t code)
{
	return bsearch(&code, sslv2_kinds, sslv2_kinds_count, sizeof(sslv2_kinds[0]), code32_compare);
}

const struct group *group_find(uint16_t code)
{
	return find16(groups, groups_count, sizeof(groups[0]), code);
}

const struct scheme *scheme_find(uint16_t code)
{
	return find16(schemes, schemes_count, sizeof(schemes[0]), code);
}

const struct extension *extension_find(uint16_t code)
{
	return find16(extensions, extensions_count, sizeof(extensions[0]), code);
}

const char *message_short(uint8_t in)
{
	static const char *const names[] = { "CH", "SH", "HRR", "EE", "CT", "CR", "NST" };

	for (unsigned bit = 0; bit < sizeof(names) / sizeof(*names); bit++)
		if (in == 1u << bit)
			return names[bit];
	return "?";
}

const char *alert_text(uint8_t code)
{
	for (size_t i = 0; i < alerts_count; i++)
		if (alerts[i].code == code)
			return alerts[i].name;
	return "unknown";
}

const struct dh_prime *dh_prime_find(const uint8_t sha256[32])
{
	return bsearch(sha256, dh_primes, dh_primes_count, sizeof(dh_primes[0]), digest_compare);
}

/* ---- look-up by name --------------------------------------------------------------------------- */

static bool same(const char *have, const char *wanted)
{
	return have && wanted && strcasecmp(have, wanted) == 0;
}

const struct version *version_by_name(const char *name)
{
	for (size_t i = 0; i < versions_count; i++)
		if (same(versions[i].name, name))
			return &versions[i];
	return NULL;
}

const struct suite *suite_by_name(const char *name)
{
	for (size_t i = 0; i < suites_count; i++)
		if (same(suites[i].name, name) || same(suites[i].openssl, name))
			return &suites[i];
	return NULL;
}

const struct group *group_by_name(const char *name)
{
	for (size_t i = 0; i < groups_count; i++)
		if (same(groups[i].name, name) || same(groups[i].openssl, name))
			return &groups[i];
	return NULL;
}

const struct scheme *scheme_by_name(const char *name)
{
	for (size_t i = 0; i < schemes_count; i++)
		if (same(schemes[i].name, name) || same(schemes[i].openssl, name))
			return &schemes[i];
	return NULL;
}

/* ---- predicates -------------------------------------------------------------------------------- */

bool code_is_grease(uint16_t code)
{
	return (code & 0x0F0F) == 0x0A0A && code >> 8 == (code & 0xFF);
}

/* A suite that the table lacks is odd but not forbidden. */
bool suite_pickable(uint16_t code)
{
	const struct suite *suite = suite_find(code);

	if (code == 0x0000 || code_is_grease(code))
		return false;
	return !suite || !(suite->flags & SUITE_SCSV);
}

bool suite_is_tls13(const struct suite *suite)
{
	return suite && suite->min_version == VER_TLS13;
}

/* ECDH, ECDHE and ECDHE_PSK, and of the others ECCPWD, ECJPAKE and ECDHE_SM2. */
bool suite_is_ecc(const struct suite *suite)
{
	return suite && strncmp(suite->kx_name, "EC", 2) == 0;
}

bool group_pickable(const struct group *group)
{
	return group && group->kind != GROUP_GREASE && group->kind != GROUP_SPECIAL;
}

const char *cert_key_name(enum cert_key key)
{
	static const char *const names[] = {
		[KEY_NONE] = "none",
		[KEY_RSA] = "RSA",
		[KEY_RSA_PSS] = "RSA-PSS",
		[KEY_DSA] = "DSA",
		[KEY_ECDSA] = "ECDSA",
		[KEY_ED25519] = "Ed25519",
		[KEY_ED448] = "Ed448",
		[KEY_ML_DSA] = "ML-DSA",
		[KEY_GOST] = "GOST",
		[KEY_SM2] = "SM2",
		[KEY_OTHER] = "other",
	};

	return (size_t)key < COUNT(names) ? names[key] : "other";
}

/* ---- strength as RSA --------------------------------------------------------------------------- */

/* "From so many bits on, so much RSA"; the strongest first, an end of zeros. */
struct step {
	unsigned from, rsa_bits;
};

/* By the bits of the field. 253 is x25519; 448 lies between two rows of the table and counts as the lower. */
static const struct step curve_steps[] = { { 512, 15360 }, { 384, 7680 }, { 253, 3072 }, { 224, 2048 },
	{ 160, 1024 }, { 0, 0 } };
/* By the bits of security, for KEMs. */
static const struct step security_steps[] = { { 256, 15360 }, { 192, 7680 }, { 128, 3072 }, { 0, 0 } };

/*
 * A hybrid counts as its classical part alone, and the Kyber of Open Quantum Safe as the ML-KEM it became;
 * neither can be read off the row.
 */
static const struct {
	uint16_t code;
	unsigned rsa_bits;
} by_code[] = {
	{ 0x023A, 3072 },  /* kyber512_r3 */
	{ 0x023C, 7680 },  /* kyber768_r3 */
	{ 0x023D, 15360 }, /* kyber1024_r3 */
	{ 0x11EB, 3072 },  /* SecP256r1MLKEM768 */
	{ 0x11EC, 3072 },  /* X25519MLKEM768 */
	{ 0x11ED, 7680 },  /* SecP384r1MLKEM1024 */
	{ 0x11EE, 3072 },  /* curveSM2MLKEM768 */
	{ 0x2F39, 3072 },  /* x25519_kyber512_r3 */
	{ 0x2F3A, 3072 },  /* p256_kyber512_r3 */
	{ 0x2F3C, 7680 },  /* p384_kyber768_r3 */
	{ 0x2F3D, 15360 }, /* p521_kyber1024_r3 */
	{ 0x4138, 3072 },  /* CECPQ2 */
	{ 0x6399, 3072 },  /* X25519Kyber768Draft00 */
	{ 0x639A, 3072 },  /* SecP256r1Kyber768Draft00 */
	{ 0xFE30, 3072 },  /* X25519Kyber512Draft00 */
	{ 0xFE31, 3072 },  /* X25519Kyber768Draft00Old */
};

static unsigned rsa_bits_by_code(uint16_t code)
{
	for (size_t i = 0; i < COUNT(by_code); i++)
		if (by_code[i].code == code)
			return by_code[i].rsa_bits;
	return 0;
}

static unsigned rsa_bits_by_step(const struct step *step, unsigned bits)
{
	while (step->from > bits)
		step++;
	return step->rsa_bits;
}

unsigned group_rsa_bits(const struct group *group)
{
	unsigned known = group ? rsa_bits_by_code(group->code) : 0;

	if (!group_pickable(group) || known)
		return known;
	if (group->kind == GROUP_FFDHE)
		return group->bits;
	if (group->kind == GROUP_KEM)
		return rsa_bits_by_step(security_steps, group->security);
	return rsa_bits_by_step(curve_steps, group->bits);
}
