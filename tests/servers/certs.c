#include "tests/servers/certs.h"

#include "tests/servers/certs.inc"

#define SPAN(array)                                                                                          \
	{                                                                                                    \
		array, sizeof(array)                                                                         \
	}

static const struct server_chain chains[] = {
	{ "rsa", KEY_RSA, SPAN(rsa_key), { SPAN(rsa_cert), SPAN(inter_cert) }, 2 },
	{ "ecdsa", KEY_ECDSA, SPAN(ecdsa_key), { SPAN(ecdsa_cert), SPAN(inter_cert) }, 2 },
	{ "ed25519", KEY_ED25519, SPAN(ed25519_key), { SPAN(ed25519_cert), SPAN(inter_cert) }, 2 },
	{ "other", KEY_RSA, SPAN(other_key), { SPAN(other_cert), SPAN(inter_cert) }, 2 },
};

const struct server_chain *builtin_chain(const char *name)
{
	for (size_t i = 0; i < sizeof(chains) / sizeof(*chains); i++)
		if (!strcmp(chains[i].name, name))
			return &chains[i];
	return NULL;
}

struct span builtin_root(void)
{
	return (struct span)SPAN(root_cert);
}

struct span builtin_export_key(void)
{
	return (struct span)SPAN(export_key);
}
