#include "scanner/tls/seal.h"

#include <stdlib.h>

#include "scanner/base/die.h"

enum {
	IV_MAX = 16,
	NONCE = 12,
	EXPLICIT_NONCE = 8,
	TRUNCATED_MAC = 10,
	SSL3_PAD_MD5 = 48,
	SSL3_PAD_SHA1 = 40
};
enum { TYPE_APPLICATION_DATA = 23, RECORD_HEAD = 5, KEY_MAC_MAX = 64 };

struct seal {
	uint16_t version;
	const struct cipher_kind *kind;
	struct cipher *cipher;
	bool encrypt_then_mac;
	enum digest mac; /* DIGEST_NONE: AEAD, or nothing at all */
	size_t mac_size; /* on the wire */
	uint8_t mac_key[KEY_MAC_MAX];
	uint8_t iv[IV_MAX]; /* CBC: chained in SSL 3 and TLS 1.0; AEAD: the fixed part of the nonce */
	uint64_t sequence;
};

static bool has_explicit_iv(uint16_t version, const struct cipher_kind *kind)
{
	return kind->mode == CIPHER_CBC && version >= VER_TLS11;
}

static size_t iv_size(uint16_t version, const struct cipher_kind *kind)
{
	if (kind->mode == CIPHER_AEAD)
		return version >= VER_TLS13 ? NONCE : kind->fixed_iv;
	return kind->mode == CIPHER_CBC && version < VER_TLS11 ? kind->block : 0;
}

struct seal_sizes seal_sizes_of(uint16_t version, const struct suite *suite)
{
	const struct cipher_kind *kind = cipher_kind_of(suite);

	if (!kind)
		return (struct seal_sizes){ 0 };
	return (struct seal_sizes){
		.mac = crypt_digest_size(crypt_digest_named(suite->mac)),
		.key = kind->export_key ? kind->export_key : kind->key,
		.iv = kind->export_key ? 0 : iv_size(version, kind),
	};
}

struct seal *seal_new(uint16_t version, const struct suite *suite, bool encrypt_then_mac, bool truncated_hmac,
        const struct seal_keys *keys, bool protects)
{
	const struct cipher_kind *kind = cipher_kind_of(suite);
	struct cipher *cipher = kind ? cipher_new(kind, keys->key, protects) : NULL;
	enum digest mac = crypt_digest_named(suite->mac);
	struct seal *s;

	if (!cipher)
		return NULL;
	require(keys->iv.n >= iv_size(version, kind) && keys->mac.n == crypt_digest_size(mac));
	s = mem_new(1, sizeof *s);
	*s = (struct seal){
		.version = version, .kind = kind, .cipher = cipher, .mac = mac, .mac_size = keys->mac.n
	};
	s->encrypt_then_mac = encrypt_then_mac && kind->mode == CIPHER_CBC && version > VER_SSL3;
	if (truncated_hmac && mac != DIGEST_NONE && version > VER_SSL3)
		s->mac_size = TRUNCATED_MAC;
	if (keys->mac.n)
		memcpy(s->mac_key, keys->mac.p, keys->mac.n);
	if (iv_size(version, kind))
		memcpy(s->iv, keys->iv.p, iv_size(version, kind));
	return s;
}

void seal_free(struct seal *s)
{
	if (!s)
		return;
	cipher_free(s->cipher);
	free(s);
}

uint64_t seal_sequence(const struct seal *s)
{
	return s->sequence;
}

/* ---- MACs
 * -------------------------------------------------------------------------------------------------------------
 */

/* What goes before the content under a MAC, and is the additional data of an AEAD before TLS 1.3. */
struct head {
	uint8_t bytes[8 + RECORD_HEAD];
	size_t n;
};

/* SSL 3.0's has no version in it. */
static struct head head_of(const struct seal *s, uint8_t type, uint16_t version, size_t content)
{
	struct head h;
	struct wr w = wr_of(h.bytes, sizeof h.bytes);

	wr_uint(&w, s->sequence, 8);
	wr_u8(&w, type);
	if (s->version > VER_SSL3)
		wr_u16(&w, version);
	wr_u16(&w, (uint16_t)content);
	h.n = w.len;
	return h;
}

/* hash(secret + pad2 + hash(secret + pad1 + head + content)), RFC 6101 section 5.2.3.1. */
static void mac_ssl3(
        const struct seal *s, struct span head, struct span content, uint8_t out[static DIGEST_MAX])
{
	size_t pad = s->mac == DIGEST_MD5 ? SSL3_PAD_MD5 : SSL3_PAD_SHA1;
	uint8_t pad1[SSL3_PAD_MD5], pad2[SSL3_PAD_MD5], hash[DIGEST_MAX];
	struct span key = { s->mac_key, crypt_digest_size(s->mac) };
	struct span inner[] = { key, { pad1, pad }, head, content };
	struct span outer[] = { key, { pad2, pad }, { hash, key.n } };

	memset(pad1, 0x36, sizeof pad1);
	memset(pad2, 0x5C, sizeof pad2);
	crypt_digest(s->mac, inner, 4, hash);
	crypt_digest(s->mac, outer, 3, out);
}

struct record {
	uint8_t type;
	uint16_t version;
};

static void mac_make(
        const struct seal *s, struct record record, struct span content, uint8_t out[static DIGEST_MAX])
{
	struct head head = head_of(s, record.type, record.version, content.n);
	struct span parts[] = { { head.bytes, head.n }, content };

	if (s->mac == DIGEST_NONE)
		return;
	if (s->version == VER_SSL3)
		mac_ssl3(s, parts[0], content, out);
	else
		crypt_hmac(s->mac, (struct span){ s->mac_key, crypt_digest_size(s->mac) }, parts, 2, out);
}

/* Is `found` the MAC of this content? */
static bool mac_holds(const struct seal *s, struct record record, struct span content, const uint8_t *found)
{
	uint8_t mac[DIGEST_MAX];
	uint8_t different = 0;

	mac_make(s, record, content, mac);
	for (size_t i = 0; i < s->mac_size; i++)
		different |= (uint8_t)(mac[i] ^ found[i]);
	return !different;
}

/* ---- NULL and stream ciphers, CBC with MAC-then-encrypt and encrypt-then-MAC
 * --------------------------------------------- */

static void wr_mac(const struct seal *s, struct record record, struct span content, struct wr *out)
{
	uint8_t mac[DIGEST_MAX];

	mac_make(s, record, content, mac);
	wr_bytes(out, mac, s->mac_size);
}

static bool protect_stream(struct seal *s, struct record record, struct span content, struct wr *out)
{
	size_t at = out->len;

	wr_bytes(out, content.p, content.n);
	wr_mac(s, record, content, out);
	return !out->bad && cipher_run(s->cipher, NULL, out->buf + at, out->len - at);
}

static bool open_stream(struct seal *s, struct record record, uint8_t *body, size_t n, struct span *content)
{
	if (n < s->mac_size || !cipher_run(s->cipher, NULL, body, n))
		return false;
	*content = (struct span){ body, n - s->mac_size };
	return mac_holds(s, record, *content, body + content->n);
}

static void wr_padding(const struct seal *s, size_t filled, struct wr *out)
{
	size_t block = s->kind->block, n = block - filled % block;

	for (size_t i = 0; i < n; i++)
		wr_u8(out, (uint8_t)(n - 1));
}

/* The IV: from the caller, on the wire; or the last block before, kept. */
static void start_iv(struct seal *s, const uint8_t *explicit_iv, struct wr *out)
{
	if (!has_explicit_iv(s->version, s->kind))
		return;
	memcpy(s->iv, explicit_iv, s->kind->block);
	wr_bytes(out, explicit_iv, s->kind->block);
}

static bool protect_cbc(struct seal *s, struct record record, struct span content, const uint8_t *explicit_iv,
        const struct seal_hook *hook, struct wr *out)
{
	size_t start = out->len, at;

	start_iv(s, explicit_iv, out);
	at = out->len;
	wr_bytes(out, content.p, content.n);
	if (!s->encrypt_then_mac)
		wr_mac(s, record, content, out);
	wr_padding(s, out->len - at, out);
	if (out->bad)
		return false;
	if (hook && hook->block)
		hook->block(hook->owner, out->buf + at, out->len - at);
	if (!cipher_run(s->cipher, s->iv, out->buf + at, out->len - at))
		return false;
	if (s->encrypt_then_mac)
		wr_mac(s, record, (struct span){ out->buf + start, out->len - start }, out);
	return !out->bad;
}

/* How many bytes the padding takes, its length included; 0: it is none. SSL 3.0 has only its length (RFC
 * 6101 5.2.3.2). */
static size_t padding_of(const struct seal *s, const uint8_t *text, size_t n)
{
	size_t padding = n ? text[n - 1] + (size_t)1 : 0;
	bool wrong = false;

	if (padding > n || (s->version == VER_SSL3 && padding > s->kind->block))
		return 0;
	for (size_t i = 0; s->version > VER_SSL3 && i < padding; i++)
		wrong = wrong || text[n - 1 - i] != text[n - 1];
	return wrong ? 0 : padding;
}

/* Takes off the IV and decrypts; *n is what is left. */
static uint8_t *cbc_text(struct seal *s, uint8_t *body, size_t *n)
{
	size_t block = s->kind->block;

	if (has_explicit_iv(s->version, s->kind)) {
		if (*n < block)
			return NULL;
		memcpy(s->iv, body, block);
		body += block;
		*n -= block;
	}
	return *n % block || !cipher_run(s->cipher, s->iv, body, *n) ? NULL : body;
}

static bool open_cbc(struct seal *s, struct record record, uint8_t *body, size_t n, struct span *content)
{
	size_t inner = s->encrypt_then_mac ? 0 : s->mac_size, padding;
	uint8_t *text;

	if (s->encrypt_then_mac) {
		if (n < s->mac_size)
			return false;
		n -= s->mac_size;
		if (!mac_holds(s, record, (struct span){ body, n }, body + n))
			return false;
	}
	text = cbc_text(s, body, &n);
	padding = text ? padding_of(s, text, n) : 0;
	if (!padding || n - padding < inner)
		return false;
	*content = (struct span){ text, n - padding - inner };
	return s->encrypt_then_mac || mac_holds(s, record, *content, text + content->n);
}

/* ---- AEAD
 * -------------------------------------------------------------------------------------------------------------
 */

/* Fixed part and explicit one, or the sequence number laid over the whole IV, or the number alone (the draft
 * codes). */
static struct span nonce_of(const struct seal *s, const uint8_t *explicit_part, uint8_t out[static NONCE])
{
	uint8_t number[EXPLICIT_NONCE];
	struct wr w = wr_of(number, sizeof number);
	size_t n = iv_size(s->version, s->kind);

	wr_uint(&w, s->sequence, 8);
	memcpy(out, s->iv, NONCE);
	if (n == NONCE) {
		for (size_t i = 0; i < sizeof number; i++)
			out[NONCE - sizeof number + i] ^= number[i];
		return (struct span){ out, NONCE };
	}
	memcpy(out + n, explicit_part ? explicit_part : number, EXPLICIT_NONCE);
	return (struct span){ out, n + EXPLICIT_NONCE };
}

static bool explicit_nonce(const struct seal *s)
{
	return s->kind->explicit_nonce && s->version < VER_TLS13;
}

static bool protect_aead(struct seal *s, struct record record, struct span content, struct wr *out)
{
	struct head head = head_of(s, record.type, record.version, content.n);
	uint8_t nonce[NONCE + EXPLICIT_NONCE];
	size_t at;

	if (explicit_nonce(s))
		wr_uint(out, s->sequence, EXPLICIT_NONCE);
	at = out->len;
	wr_bytes(out, content.p, content.n);
	wr_zero(out, s->kind->tag);
	return !out->bad && cipher_aead(s->cipher, nonce_of(s, NULL, nonce),
	                            (struct span){ head.bytes, head.n }, out->buf + at, content.n);
}

static bool open_aead(struct seal *s, struct record record, uint8_t *body, size_t n, struct span *content)
{
	size_t lead = explicit_nonce(s) ? EXPLICIT_NONCE : 0;
	uint8_t nonce[NONCE + EXPLICIT_NONCE];
	struct head head;

	if (n < lead + s->kind->tag)
		return false;
	*content = (struct span){ body + lead, n - lead - s->kind->tag };
	head = head_of(s, record.type, record.version, content->n);
	return cipher_aead(s->cipher, nonce_of(s, lead ? body : NULL, nonce),
	        (struct span){ head.bytes, head.n }, body + lead, content->n);
}

/* ---- TLS 1.3 (RFC 8446 section 5.2)
 * ------------------------------------------------------------------------------------- */

static struct head head_tls13(struct record record, size_t body)
{
	struct head h;
	struct wr w = wr_of(h.bytes, sizeof h.bytes);

	wr_u8(&w, record.type);
	wr_u16(&w, record.version);
	wr_u16(&w, (uint16_t)body);
	h.n = w.len;
	return h;
}

static bool protect_tls13(struct seal *s, struct record record, struct span content, struct wr *out)
{
	struct record outer = { TYPE_APPLICATION_DATA, record.version };
	struct head head = head_tls13(outer, content.n + 1 + s->kind->tag);
	uint8_t nonce[NONCE + EXPLICIT_NONCE];
	size_t at = out->len;

	wr_bytes(out, content.p, content.n);
	wr_u8(out, record.type);
	wr_zero(out, s->kind->tag);
	return !out->bad && cipher_aead(s->cipher, nonce_of(s, NULL, nonce),
	                            (struct span){ head.bytes, head.n }, out->buf + at, content.n + 1);
}

static bool open_tls13(
        struct seal *s, uint8_t *type, uint16_t version, uint8_t *body, size_t n, struct span *content)
{
	struct head head = head_tls13((struct record){ *type, version }, n);
	uint8_t nonce[NONCE + EXPLICIT_NONCE];

	if (n < (size_t)s->kind->tag + 1)
		return false;
	n -= s->kind->tag;
	if (!cipher_aead(s->cipher, nonce_of(s, NULL, nonce), (struct span){ head.bytes, head.n }, body, n))
		return false;
	while (n && !body[n - 1])
		n--;
	if (!n)
		return false;
	*type = body[n - 1];
	*content = (struct span){ body, n - 1 };
	return true;
}

/* ---- records
 * ----------------------------------------------------------------------------------------------------------
 */

static bool protect(struct seal *s, struct record record, struct span content, const uint8_t *explicit_iv,
        const struct seal_hook *hook, struct wr *out)
{
	if (s->version >= VER_TLS13)
		return protect_tls13(s, record, content, out);
	switch (s->kind->mode) {
	case CIPHER_AEAD:
		return protect_aead(s, record, content, out);
	case CIPHER_CBC:
		return protect_cbc(s, record, content, explicit_iv, hook, out);
	default:
		return protect_stream(s, record, content, out);
	}
}

bool seal_protect(struct seal *s, uint8_t type, uint16_t version, struct span content,
        const uint8_t explicit_iv[static 16], const struct seal_hook *hook, struct wr *out)
{
	size_t at = out->len;

	if (!protect(s, (struct record){ type, version }, content, explicit_iv, hook, out))
		return false;
	if (hook && hook->body)
		hook->body(hook->owner, out->buf + at, out->len - at);
	s->sequence++;
	return true;
}

static bool open_body(
        struct seal *s, uint8_t *type, uint16_t version, uint8_t *body, size_t n, struct span *content)
{
	struct record record = { *type, version };

	if (s->version >= VER_TLS13)
		return open_tls13(s, type, version, body, n, content);
	switch (s->kind->mode) {
	case CIPHER_AEAD:
		return open_aead(s, record, body, n, content);
	case CIPHER_CBC:
		return open_cbc(s, record, body, n, content);
	default:
		return open_stream(s, record, body, n, content);
	}
}

bool seal_open(struct seal *s, uint8_t *type, uint16_t version, uint8_t *body, size_t n, struct span *content)
{
	bool ok = open_body(s, type, version, body, n, content);

	s->sequence++;
	if (!ok)
		*content = (struct span){ NULL, 0 };
	return ok;
}
