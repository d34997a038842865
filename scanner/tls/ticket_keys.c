#include "scanner/tls/ticket_keys.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/tls/crypt.h"

enum { NAME = 16, IV = 16, BLOCK = 16, MATERIAL = 80 };

/* Where the two keys stand in the file or memory they come from, and how the ticket is laid out. */
static const struct form {
	const char *name;
	size_t mac_key_at, mac_key_n, key_at, key_n;
	enum digest digest;
	size_t mac_n;
	bool has_length; /* two bytes before the state, as RFC 5077 section 4 has it */
} forms[] = {
	{ "80 bytes, as OpenSSL and nginx have them", 16, 32, 48, 32, DIGEST_SHA256, 32, false },
	{ "48 bytes, that of the HMAC first", 16, 16, 32, 16, DIGEST_SHA256, 32, false },
	{ "48 bytes, that of AES first", 32, 16, 16, 16, DIGEST_SHA256, 32, false },
	{ "64 bytes, as GnuTLS has them", 48, 16, 16, 32, DIGEST_SHA1, 20, true },
	{ "64 bytes, as RFC 5077 has them", 32, 32, 16, 16, DIGEST_SHA256, 32, true },
};

static const struct known {
	const char *name;
	struct span unit;
} knowns[] = {
#define TICKET_KEY(name, bytes) { name, { (const uint8_t *)(bytes), sizeof(bytes) - 1 } },
#include "scanner/tls/ticket_keys.def"
#undef TICKET_KEY
};

static void material_of(const struct known *k, uint8_t out[static MATERIAL])
{
	for (size_t i = 0; i < MATERIAL; i++)
		out[i] = k->unit.p[i % k->unit.n];
}

/* The state's place in the ticket; empty: it is none of this form. */
static struct span state_of(const struct form *f, struct span ticket)
{
	size_t length_n = f->has_length ? 2 : 0, around = NAME + IV + length_n + f->mac_n;
	struct span state = { NULL, 0 };

	if (ticket.n <= around)
		return state;
	state = (struct span){ ticket.p + around - f->mac_n, ticket.n - around };
	if (state.n % BLOCK || (f->has_length && (size_t)(state.p[-2] << 8 | state.p[-1]) != state.n))
		state.n = 0;
	return state;
}

static bool mac_is_right(const struct form *f, const uint8_t *material, struct span ticket)
{
	struct span sealed = { ticket.p, ticket.n - f->mac_n };
	uint8_t mac[DIGEST_MAX];

	crypt_hmac(f->digest, (struct span){ material + f->mac_key_at, f->mac_key_n }, &sealed, 1, mac);
	return !memcmp(mac, sealed.p + sealed.n, f->mac_n);
}

static bool opens(const struct form *f, const uint8_t *material, struct span ticket, struct span secret)
{
	enum { AES128_SHA = 0x002F, AES256_SHA = 0x0035 };
	const struct cipher_kind *kind = cipher_kind_of(suite_find(f->key_n == 16 ? AES128_SHA : AES256_SHA));
	struct cipher *c = cipher_new(kind, (struct span){ material + f->key_at, f->key_n }, false);
	struct span state = state_of(f, ticket);
	uint8_t iv[IV], *text = mem_new(state.n, 1);
	bool found;

	memcpy(iv, ticket.p + NAME, IV);
	memcpy(text, state.p, state.n);
	found = c && cipher_run(c, iv, text, state.n) && secret.n && memmem(text, state.n, secret.p, secret.n);
	cipher_free(c);
	free(text);
	return found;
}

/* Zeros are the same HMAC key at every length, so the form that opens it is better than the first whose MAC is right. */
static bool try_key(const struct known *k, struct span ticket, struct span secret, struct ticket_key *out)
{
	uint8_t material[MATERIAL];
	bool found = false;

	material_of(k, material);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const struct form *f = &forms[i];
		bool opened;

		if (!state_of(f, ticket).n || !mac_is_right(f, material, ticket))
			continue;
		opened = opens(f, material, ticket, secret);
		if (!found || opened)
			*out = (struct ticket_key){ k->name, f->name, opened };
		found = true;
		if (opened)
			break;
	}
	return found;
}

bool ticket_key_find(struct span ticket, struct span secret, struct ticket_key *out)
{
	for (size_t k = 0; k < sizeof knowns / sizeof *knowns; k++)
		if (try_key(&knowns[k], ticket, secret, out))
			return true;
	return false;
}
