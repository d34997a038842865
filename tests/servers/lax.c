#include "tests/servers/lax.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

enum { IV = 16, KEY_MAX = 64, MAC_SEEN = 10 };

struct lax {
	const struct server_config *config;
	struct cipher *cipher;
	size_t block;
	bool explicit_iv;
	uint8_t iv[IV], mac_key[KEY_MAX];
	enum digest mac;
	size_t mac_n;
	uint64_t sequence;
};

static bool is_lax(const struct server_config *c)
{
	static const enum server_bug bugs[] = { BUG_CBC_LAST_BYTE, BUG_CBC_MAC_FRONT, BUG_CBC_VAUDENAY, BUG_CBC_ZOMBIE,
		BUG_CBC_GOLDEN, BUG_CBC_SLEEPING, BUG_CBC_NO_CONTENT, BUG_CBC_NO_ROOM };

	for (size_t i = 0; i < sizeof(bugs) / sizeof(*bugs); i++)
		if (c->bugs[bugs[i]])
			return true;
	return false;
}

struct lax *lax_new(const struct server_config *c, uint16_t version, const struct suite *suite, const struct seal_keys *keys)
{
	const struct cipher_kind *kind = cipher_kind_of(suite);
	struct cipher *cipher;
	struct lax *l;

	if (!is_lax(c) || version < VER_TLS10 || version > VER_TLS12 || !kind || kind->mode != CIPHER_CBC)
		return NULL;
	cipher = cipher_new(kind, keys->key, false);
	require(cipher && keys->mac.n <= KEY_MAX);
	l = mem_new(1, sizeof(*l));
	*l = (struct lax){ .config = c, .cipher = cipher, .block = kind->block, .explicit_iv = version > VER_TLS10,
		.mac = crypt_digest_named(suite->mac), .mac_n = keys->mac.n };
	memcpy(l->mac_key, keys->mac.p, keys->mac.n);
	if (!l->explicit_iv)
		memcpy(l->iv, keys->iv.p, l->block);
	return l;
}

void lax_free(struct lax *l)
{
	if (!l)
		return;
	cipher_free(l->cipher);
	free(l);
}

static bool decrypt(struct lax *l, uint8_t **body, size_t *n)
{
	if (l->explicit_iv) {
		if (*n < l->block)
			return false;
		memcpy(l->iv, *body, l->block);
		*body += l->block;
		*n -= l->block;
	}
	return *n && *n % l->block == 0 && cipher_run(l->cipher, l->iv, *body, *n);
}

static bool padding_holds(const struct lax *l, const uint8_t *text, size_t n, size_t padding)
{
	if (l->config->bugs[BUG_CBC_LAST_BYTE])
		return true;
	for (size_t i = 0; i < padding; i++)
		if (text[n - 1 - i] != text[n - 1])
			return false;
	return true;
}

static bool mac_holds(const struct lax *l, uint8_t type, uint16_t version, const uint8_t *text, size_t content)
{
	size_t seen = l->config->bugs[BUG_CBC_MAC_FRONT] ? MAC_SEEN : l->mac_n;
	uint8_t head[13], mac[DIGEST_MAX];
	struct wr w = wr_of(head, sizeof(head));
	struct span parts[] = { { head, sizeof(head) }, { text, content } };

	wr_uint(&w, l->sequence, 8);
	wr_u8(&w, type);
	wr_u16(&w, version);
	wr_u16(&w, (uint16_t)content);
	crypt_hmac(l->mac, (struct span){ l->mac_key, l->mac_n }, parts, 2, mac);
	return !memcmp(mac, text + content, seen);
}

enum lax_fault lax_open(struct lax *l, uint8_t type, uint16_t version, uint8_t *body, size_t n, struct span *content)
{
	size_t padding, left;
	bool padded, authentic;

	*content = (struct span){ body, 0 };
	if (!decrypt(l, &body, &n))
		return LAX_NO_ROOM;
	padding = body[n - 1] + (size_t)1;
	if (padding + l->mac_n > n)
		return LAX_NO_ROOM;
	left = n - padding - l->mac_n;
	padded = padding_holds(l, body, n, padding);
	authentic = mac_holds(l, type, version, body, left);
	l->sequence++;
	*content = (struct span){ body, left };
	if (!padded)
		return authentic ? LAX_PADDING : LAX_PADDING_AND_MAC;
	if (!authentic)
		return left ? LAX_MAC : LAX_MAC_OF_NOTHING;
	return LAX_SOUND;
}
