#include "scanner/tls/client_request.h"

/* IANA, TLS ClientCertificateType identifiers. Keys that sign with a type stand beside it, those of RFC 8422 included. */
static const struct type {
	uint8_t code;
	const char *name;
	enum cert_key keys[3];
} types[] = {
	{ 1, "rsa_sign", { KEY_RSA, KEY_RSA_PSS } },
	{ 2, "dss_sign", { KEY_DSA } },
	{ 3, "rsa_fixed_dh", { KEY_NONE } },
	{ 4, "dss_fixed_dh", { KEY_NONE } },
	{ 5, "rsa_ephemeral_dh", { KEY_NONE } },
	{ 6, "dss_ephemeral_dh", { KEY_NONE } },
	{ 20, "fortezza_dms", { KEY_NONE } },
	{ 64, "ecdsa_sign", { KEY_ECDSA, KEY_ED25519, KEY_ED448 } },
	{ 65, "rsa_fixed_ecdh", { KEY_NONE } },
	{ 66, "ecdsa_fixed_ecdh", { KEY_NONE } },
	{ 67, "gost_sign256", { KEY_GOST } },
	{ 68, "gost_sign512", { KEY_GOST } },
};

static const struct type *type_find(uint8_t code)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].code == code)
			return &types[i];
	return NULL;
}

const char *client_type_name(uint8_t type)
{
	const struct type *t = type_find(type);

	return t ? t->name : NULL;
}

static bool signs_with(const struct type *t, enum cert_key key)
{
	for (size_t i = 0; t && i < sizeof t->keys / sizeof *t->keys; i++)
		if (t->keys[i] == key && key != KEY_NONE)
			return true;
	return false;
}

bool client_type_fits(struct span asked, enum cert_key key)
{
	for (size_t i = 0; i < asked.n; i++)
		if (signs_with(type_find(asked.p[i]), key))
			return true;
	return false;
}

uint16_t client_scheme(const struct private_key *key, struct span schemes_asked, bool tls13)
{
	struct rd r = rd_span(schemes_asked);

	while (rd_left(&r)) {
		uint16_t code = rd_u16(&r);

		if (!r.bad && private_key_can(key, code, tls13))
			return code;
	}
	return 0;
}
