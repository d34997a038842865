/* SSL 2.0 behind the SERVER-HELLO: CLIENT-MASTER-KEY and SERVER-VERIFY (SSL 2.0 draft, sections 1.2, 2.6 and 2.7). */
#include "scanner/base/die.h"
#include "tests/servers/filler.h"
#include "tests/servers/serve.h"

enum { MASTER_KEY = 2, VERIFY = 5, CHALLENGE = 16, DIGEST = 16, BLOCK = 8, KEY_MAX = 24, EXPORT_BYTES = 5, PLAIN = 1 + CHALLENGE };
enum { ERROR_NO_CIPHER = 1, ERROR_UNDEFINED = 0 };

struct master_key {
	const struct cipher_kind *cipher;
	uint32_t kind;
	struct span clear, sealed, iv;
	uint8_t key[KEY_MAX];
};

static void refuse(struct server *s, uint8_t code, struct peer_out *out)
{
	const uint8_t error[] = { 0x80, 3, 0, 0, code };
	enum refusal how = s->config->later_refusal ? s->config->later_refusal : s->config->refusal;

	s->stage = STAGE_OVER;
	if (how == REFUSE_SILENCE)
		return;
	if (how == REFUSE_ALERT)
		peer_send(out, error, sizeof(error));
	peer_end(out, how == REFUSE_RESET ? PEER_RESET : PEER_FIN);
}

static bool read_key(struct master_key *m, struct rd r)
{
	size_t clear_n, sealed_n, iv_n;
	const struct sslv2_kind *row;

	if (rd_u8(&r) != MASTER_KEY)
		return false;
	m->kind = rd_u24(&r);
	clear_n = rd_u16(&r);
	sealed_n = rd_u16(&r);
	iv_n = rd_u16(&r);
	m->clear = (struct span){ rd_take(&r, clear_n), clear_n };
	m->sealed = (struct span){ rd_take(&r, sealed_n), sealed_n };
	m->iv = (struct span){ rd_take(&r, iv_n), iv_n };
	row = sslv2_kind_find(m->kind);
	m->cipher = row ? cipher_kind_named(row->enc) : NULL;
	return rd_end(&r) && m->cipher && crypt_has_cipher(m->cipher) && m->cipher->mode != CIPHER_NULL;
}

static size_t clear_of(const struct master_key *m)
{
	return m->cipher->export_key ? m->cipher->key - (size_t)EXPORT_BYTES : 0;
}

/* CVE-2015-3197 is not to look whether the kind was listed. */
static bool is_taken(const struct server *s, const struct master_key *m)
{
	return server_has_bug(s, BUG_SSL2_UNLISTED) || code_list_has(&s->config->kinds, m->kind);
}

/* CVE-2016-0703 is not to look how much came in clear: the key is then what stands in the buffer from there on. */
static bool fits(const struct server *s, const struct master_key *m)
{
	bool right = m->clear.n == clear_of(m), lax = server_has_bug(s, BUG_SSL2_CLEAR) && m->clear.n < m->cipher->key;

	return (right || lax) && m->iv.n == (m->cipher->mode == CIPHER_CBC ? (size_t)BLOCK : 0);
}

/* A secret of the wrong size is replaced by one that nobody knows. */
static bool open_key(struct server *s, struct master_key *m)
{
	size_t want = m->cipher->key - clear_of(m), n = 0;
	uint8_t secret[1024], nobodys[KEY_MAX];
	struct wr w = wr_of(nobodys, sizeof(nobodys));
	const struct server_chain *chain = s->config->chains.n ? s->config->chains.v[0] : builtin_chain("rsa");

	if (!keyring_decrypt(chain->key, m->sealed, secret, sizeof(secret), &n))
		return false;
	filler_bytes(&w, sizeof(nobodys), &s->random);
	memcpy(m->key, m->clear.p, m->clear.n);
	memcpy(m->key + m->clear.n, n == want ? secret : nobodys, m->cipher->key - m->clear.n);
	return true;
}

/* What the server writes with: the front of what MD5 makes of the key, digits, the challenge and the connection's id. */
static void write_key(const struct server *s, const struct master_key *m, uint8_t out[static 2 * DIGEST_MAX])
{
	for (uint8_t i = 0; i < 2; i++) {
		const uint8_t digit = (uint8_t)('0' + i);
		const struct span parts[] = { { m->key, m->cipher->key }, { &digit, 1 },
			{ s->client_random, CHALLENGE }, { s->session_id, CHALLENGE } };

		crypt_digest(DIGEST_MD5, parts, 4, out + i * DIGEST);
	}
}

static void say_verify(struct server *s, const struct master_key *m, struct peer_out *out)
{
	bool blocks = m->cipher->mode == CIPHER_CBC;
	size_t padding = blocks ? (size_t)(BLOCK - (DIGEST + PLAIN) % BLOCK) : 0, n = DIGEST + PLAIN + padding;
	uint8_t key[2 * DIGEST_MAX], mac[DIGEST_MAX], body[DIGEST + PLAIN + BLOCK] = { 0 }, iv[BLOCK] = { 0 };
	const uint8_t number[] = { 0, 0, 0, 1 };
	uint8_t header[] = { (uint8_t)((blocks ? 0 : 0x80) | n >> 8), (uint8_t)n, (uint8_t)padding };
	struct cipher *cipher;

	write_key(s, m, key);
	body[DIGEST] = VERIFY;
	memcpy(body + DIGEST + 1, s->client_random, CHALLENGE);
	crypt_digest(DIGEST_MD5, (struct span[]){ { key, m->cipher->key }, { body + DIGEST, n - DIGEST }, { number, 4 } }, 3, mac);
	memcpy(body, mac, DIGEST);
	memcpy(iv, m->iv.p, m->iv.n);
	cipher = cipher_new(m->cipher, (struct span){ key, m->cipher->key }, true);
	require(cipher && cipher_run(cipher, iv, body, n));
	cipher_free(cipher);
	peer_send(out, header, blocks ? 3 : 2);
	peer_send(out, body, n);
}

/* The id stands at the end of the hello; in the store of a TLS server the same place is the session's. */
void serve2_answered(struct server *s, struct span challenge, struct span hello)
{
	s->stage = STAGE_2_KEY;
	memcpy(s->client_random, challenge.p, challenge.n < CHALLENGE ? challenge.n : CHALLENGE);
	memcpy(s->session_id, hello.p + hello.n - CHALLENGE, CHALLENGE);
}

void serve2_key(struct server *s, struct rd body, struct peer_out *out)
{
	struct master_key m = { 0 };

	if (!read_key(&m, body) || !is_taken(s, &m)) {
		refuse(s, ERROR_NO_CIPHER, out);
		return;
	}
	if (!fits(s, &m) || !open_key(s, &m)) {
		refuse(s, ERROR_UNDEFINED, out);
		return;
	}
	s->stage = STAGE_OVER;
	say_verify(s, &m, out);
}
