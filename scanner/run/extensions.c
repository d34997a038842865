#include "scanner/run/extensions.h"

#include <string.h>

#include "scanner/base/text.h"

/* ---- the list ------------------------------------------------------------------------------------------------------- */

/* Codes seen in one kind of message, ascending. */
struct seen {
	uint64_t bits[(UINT16_MAX + 1) / 64];
	size_t n;
	const char *probe;
};

static void seen_add(struct seen *s, uint16_t code, const char *probe)
{
	uint64_t bit = UINT64_C(1) << (code % 64);

	s->n += !(s->bits[code / 64] & bit);
	s->bits[code / 64] |= bit;
	s->probe = s->probe ? s->probe : probe;
}

static void seen_in(struct seen *s, const struct facts *f, uint16_t version, uint8_t in)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		for (size_t k = 0; choice_picked(c, version) && k < c->exts_count; k++)
			if (c->exts_in[k] == in)
				seen_add(s, c->exts[k], c->probe);
	}
}

static void add_list(struct record *r, const struct facts *f, uint16_t version, uint8_t in)
{
	struct seen s = { .n = 0 };
	uint32_t *codes;
	size_t n = 0;

	seen_in(&s, f, version, in);
	if (!s.n)
		return;
	codes = arena_new(&r->arena, s.n, sizeof *codes);
	for (uint32_t code = 0; code <= UINT16_MAX; code++)
		if (s.bits[code / 64] >> (code % 64) & 1)
			codes[n++] = code;
	record_add(r, &(struct obs){ .key = OBS_KEY_EXTENSIONS_LIST, .protocol = version, .name = message_short(in),
			      .codes = codes, .count = n, .probe = s.probe });
}

/* ---- granted or not --------------------------------------------------------------------------------------------------- */

static bool any_suite(const struct suite *s)
{
	(void)s;
	return true;
}

static bool cbc_suite(const struct suite *s)
{
	return s->flags & SUITE_CBC;
}

static bool mac_suite(const struct suite *s)
{
	return !(s->flags & SUITE_AEAD);
}

static bool server_raw_key(const struct choice *c)
{
	return c->granted.server_cert_type == CERT_TYPE_RAW_KEY;
}

static bool client_raw_key(const struct choice *c)
{
	return c->granted.client_cert_type == CERT_TYPE_RAW_KEY;
}

static bool delegated(const struct choice *c)
{
	return c->delegated;
}

static bool ech_configs(const struct choice *c)
{
	return c->ech_configs;
}

enum { FROM_CLEAR = 1, FROM_TLS13 = 2, FROM_BOTH = FROM_CLEAR | FROM_TLS13 };

static const struct extension_fact {
	enum obs_key key;
	uint16_t extension;
	uint8_t versions;
	bool (*fits)(const struct suite *);     /* suites with which the extension has a meaning */
	bool (*granted)(const struct choice *); /* NULL: to answer is to grant */
} extension_facts[] = {
	{ OBS_KEY_EMS, EXT_EXTENDED_MASTER_SECRET, FROM_CLEAR, any_suite, NULL },
	{ OBS_KEY_ENCRYPT_THEN_MAC, EXT_ENCRYPT_THEN_MAC, FROM_CLEAR, cbc_suite, NULL },
	{ OBS_KEY_SECURE_RENEGOTIATION, EXT_RENEGOTIATION_INFO, FROM_CLEAR, any_suite, NULL },
	{ OBS_KEY_SESSION_TICKET, EXT_SESSION_TICKET, FROM_CLEAR, any_suite, NULL },
	{ OBS_KEY_TRUNCATED_HMAC, EXT_TRUNCATED_HMAC, FROM_CLEAR, mac_suite, NULL },
	{ OBS_KEY_TRUSTED_CA_KEYS, EXT_TRUSTED_CA_KEYS, FROM_CLEAR, any_suite, NULL },
	{ OBS_KEY_STATUS_REQUEST_V2, EXT_STATUS_REQUEST_V2, FROM_CLEAR, any_suite, NULL },
	{ OBS_KEY_HEARTBEAT, EXT_HEARTBEAT, FROM_BOTH, any_suite, NULL },
	{ OBS_KEY_MAX_FRAGMENT, EXT_MAX_FRAGMENT_LENGTH, FROM_BOTH, any_suite, NULL },
	{ OBS_KEY_RECORD_SIZE_LIMIT, EXT_RECORD_SIZE_LIMIT, FROM_BOTH, any_suite, NULL },
	{ OBS_KEY_RAW_KEY, EXT_SERVER_CERTIFICATE_TYPE, FROM_BOTH, any_suite, server_raw_key },
	{ OBS_KEY_CLIENT_RAW_KEY, EXT_CLIENT_CERTIFICATE_TYPE, FROM_BOTH, any_suite, client_raw_key },
	{ OBS_KEY_DELEGATED, EXT_DELEGATED_CREDENTIAL, FROM_TLS13, any_suite, delegated },
	{ OBS_KEY_ECH, EXT_ECH, FROM_TLS13, any_suite, ech_configs },
};

/* Did this answer have to say whether the extension is granted? What came beside a certificate needs the certificate. */
static bool tells(const struct choice *c, const struct extension_fact *x, uint16_t version)
{
	if (!choice_picked(c, version) || !hello_offers_extension(c->hello, x->extension) || !suite_find(c->suite))
		return false;
	if (version >= VER_TLS13 && (!c->exts_whole || (x->extension == EXT_DELEGATED_CREDENTIAL && !c->chain_n)))
		return false;
	return !granted_hides(&c->granted, x->extension) ||
	       !hello_offers_extension(c->hello, granted_hidden_behind(x->extension));
}

static bool grants(const struct choice *c, const struct extension_fact *x)
{
	return choice_has_extension(c, x->extension) && (!x->granted || x->granted(c));
}

static enum tri extension_value(const struct facts *f, const struct extension_fact *x, uint16_t version, const char **probe)
{
	enum tri value = TRI_ABSENT;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!tells(c, x, version))
			continue;
		if (value == TRI_ABSENT)
			*probe = c->probe;
		if (!x->fits(suite_find(c->suite))) {
			value = value == TRI_ABSENT ? TRI_NA : value;
			continue;
		}
		if (grants(c, x))
			return TRI_YES;
		value = TRI_NO;
	}
	return value;
}

static bool asked_in(const struct extension_fact *x, uint16_t version)
{
	return x->versions & (version >= VER_TLS13 ? FROM_TLS13 : FROM_CLEAR);
}

static void add_facts(struct record *r, const struct facts *f, uint16_t version)
{
	for (size_t i = 0; i < sizeof extension_facts / sizeof *extension_facts; i++) {
		const struct extension_fact *x = &extension_facts[i];
		const char *probe = NULL;
		enum tri value = asked_in(x, version) ? extension_value(f, x, version, &probe) : TRI_ABSENT;

		if (value != TRI_ABSENT)
			record_add(r, &(struct obs){ .key = x->key, .protocol = version, .tri = value, .probe = probe });
	}
}

/* ---- what the granted ones say ------------------------------------------------------------------------------------------ */

static int64_t record_size(const struct choice *c)
{
	return c->granted.record_size_limit;
}

static int64_t delegated_valid(const struct choice *c)
{
	return c->delegated ? c->delegated_valid_s : 0;
}

static const struct {
	enum obs_key key;
	int64_t (*number)(const struct choice *); /* 0: says nothing */
} numbers[] = {
	{ OBS_KEY_RECORD_SIZE_BYTES, record_size },
	{ OBS_KEY_DELEGATED_VALID, delegated_valid },
};

static const char *remark(enum obs_key key, const struct choice *c)
{
	const struct scheme *s = scheme_find(c->delegated_scheme);

	return key == OBS_KEY_DELEGATED_VALID && s ? s->name : NULL;
}

/* The same number, whoever asked: the smallest where they differ. */
static void add_numbers(struct record *r, const struct facts *f, uint16_t version)
{
	for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
		const struct choice *least = NULL;

		for (size_t i = 0; i < f->count; i++) {
			const struct choice *c = &f->choices[i];

			if (choice_picked(c, version) && numbers[k].number(c) &&
				(!least || numbers[k].number(c) < numbers[k].number(least)))
				least = c;
		}
		if (least)
			record_add(r, &(struct obs){ .key = numbers[k].key, .protocol = version,
					      .number = numbers[k].number(least), .name = remark(numbers[k].key, least),
					      .probe = least->probe });
	}
}

/* NPN's whole list comes in one ServerHello; none is an empty list. */
static void add_npn(struct record *r, const struct facts *f, uint16_t version)
{
	const struct choice *of = NULL;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (choice_picked(c, version) && c->exts_whole && hello_offers_extension(c->hello, EXT_NPN) &&
			(!of || c->npn_n > of->npn_n))
			of = c;
	}
	if (of)
		record_add(r, &(struct obs){ .key = OBS_KEY_NPN, .protocol = version, .names = of->npn, .count = of->npn_n,
				      .probe = of->probe });
}

void extensions_conclude(struct record *r, const struct facts *f, uint16_t version)
{
	for (uint8_t in = IN_SH; in <= IN_NST; in = (uint8_t)(in << 1))
		add_list(r, f, version, in);
	add_facts(r, f, version);
	add_numbers(r, f, version);
	if (version < VER_TLS13)
		add_npn(r, f, version);
}
