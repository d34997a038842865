#include "tests/servers/serve.h"

#include "scanner/tls/kdf.h"
#include "tests/servers/filler.h"
#include "tests/servers/keyring.h"
#include "tests/servers/lax.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/unchecked.h"

struct span serve_transcript(const struct server *s)
{
	return (struct span){ (const uint8_t *)s->transcript.s, s->transcript.n };
}

struct span serve_heard(const struct server *s)
{
	return (struct span){ (const uint8_t *)s->transcript.s, s->before };
}

/* ---- what was chosen ------------------------------------------------------------------------- */

static bool version_is_ours(uint16_t v)
{
	return v >= VER_SSL3 && v <= VER_TLS13;
}

static bool cipher_is_here(const struct suite *s)
{
	const struct cipher_kind *kind = s ? cipher_kind_of(s) : NULL;

	return kind && crypt_has_cipher(kind);
}

static bool exchange_is_here(const struct server *s)
{
	const struct choice *c = &s->choice;

	switch (s->suite->kx) {
	case KX_RSA:
	case KX_PSK:
	case KX_RSA_PSK:
		return c->version < VER_TLS13;
	case KX_DHE:
	case KX_DHE_PSK:
		return !c->group || keyring_prime(c->group).n;
	case KX_ECDHE:
	case KX_ECDHE_PSK:
	case KX_ANY:
		return crypt_has_group(c->group);
	default:
		return false;
	}
}

static bool is_possible(const struct server *s)
{
	const struct choice *c = &s->choice;

	return version_is_ours(c->version) && !c->deflate && cipher_is_here(s->suite) &&
	       suite_is_tls13(s->suite) == (c->version == VER_TLS13) && (!c->chain || c->chain->key.n) &&
	       exchange_is_here(s);
}

/* The challenge of SSL 2 is a random with zeros before it (RFC 5246 appendix E.2). */
static void keep_random(struct server *s, struct span random)
{
	size_t n = random.n < RANDOM ? random.n : RANDOM;

	memset(s->client_random, 0, RANDOM);
	memcpy(s->client_random + RANDOM - n, random.p, n);
}

static bool answers(const struct server *s, const struct heard *h, uint32_t what, uint16_t code)
{
	return (s->config->answers & what) && heard_extension(h, code, NULL);
}

static bool truncates(const struct server *s, const struct heard *h)
{
	for (size_t i = 0; i < s->config->told_n; i++)
		if (s->config->told[i].in == IN_SH && s->config->told[i].code == EXT_TRUNCATED_HMAC)
			return heard_extension(h, EXT_TRUNCATED_HMAC, NULL);
	return false;
}

/* SSL 3.0 has no extensions; encrypt-then-MAC is for block ciphers (RFC 7366 section 3). */
static void settle_extensions(struct server *s, const struct heard *h)
{
	uint16_t v = s->choice.version;
	bool old = v > VER_SSL3 && v < VER_TLS13;

	s->truncated = old && truncates(s, h);
	s->ems = old && answers(s, h, ANSWER_EMS, EXT_EXTENDED_MASTER_SECRET);
	s->etm = old && s->suite && (s->suite->flags & SUITE_CBC) &&
	         answers(s, h, ANSWER_ETM, EXT_ENCRYPT_THEN_MAC);
	s->heartbeats = v < VER_TLS13 && answers(s, h, ANSWER_HEARTBEAT, EXT_HEARTBEAT);
	s->ticket_promised =
	        v < VER_TLS13 && !s->choice.resumed && answers(s, h, ANSWER_TICKET, EXT_SESSION_TICKET);
}

uint8_t serve_begin(struct server *s, const struct heard *h, const struct choice *c)
{
	s->choice = *c;
	s->suite = suite_find(c->suite);
	s->asked = h->version;
	s->possible = is_possible(s);
	keep_random(s, h->random);
	if (s->possible)
		s->digest = kdf_digest(c->version, s->suite);
	if (s->possible && c->version == VER_TLS13)
		return c->retry ? 0 : serve13_begin(s, h);
	if (s->possible)
		serve12_resume(s, h);
	settle_extensions(s, h);
	return 0;
}

void serve_answered(struct server *s, const struct flight *f, struct peer_out *out)
{
	if (s->choice.retry)
		serve13_retried(s);
	text_addn(&s->transcript, (const char *)f->w.buf, f->w.len);
	s->stage = STAGE_ANSWERED;
	if (s->choice.retry)
		s->stage = STAGE_RETRIED;
	else if (s->choice.version == VER_TLS13 && s->possible)
		serve13_answered(s);
	else if (version_is_ours(s->choice.version) && s->choice.version < VER_TLS13)
		serve12_answered(s, out);
}

/* ---- our part of a key exchange -------------------------------------------------------------- */

static void draw_secret(struct server *s, uint8_t secret[static 32])
{
	struct wr w = wr_of(secret, 32);
	uint64_t always = 3;

	filler_bytes(&w, 32, s->config->reuses_shares ? &always : &s->random);
}

static bool is_unchecked(const struct server *s, uint16_t group)
{
	return server_has_bug(s, BUG_INVALID_CURVE) && group == UNCHECKED_GROUP;
}

/* RFC 7748 section 6.1: whatever our key is, it is zero for these; libcrypto does not say so but refuses. */
static bool is_zero_secret(const struct server *s, uint16_t group, struct span theirs)
{
	enum { X25519 = 0x001D, BYTES = 32 };

	return server_has_bug(s, BUG_ZERO_SECRET) && group == X25519 && theirs.n == BYTES;
}

bool serve_shared(struct server *s, uint16_t group, struct span theirs, struct wr *out)
{
	if (is_unchecked(s, group))
		return unchecked_shared(s->scalar, theirs, out);
	if (s->share && key_pair_shared(s->share, theirs, out))
		return true;
	if (!s->share || !is_zero_secret(s, group, theirs))
		return false;
	wr_zero(out, theirs.n);
	return true;
}

void serve_share(struct server *s, uint16_t group, struct wr *w)
{
	uint8_t secret[32];

	if (is_unchecked(s, group)) {
		if (!s->scalar[0])
			draw_secret(s, s->scalar);
		s->scalar[0] |= 1; /* drawn: 0 would say that it was not */
		unchecked_public(s->scalar, w);
		return;
	}
	if (!s->share) {
		draw_secret(s, secret);
		s->share = key_pair_new(group, secret);
	}
	if (s->share)
		key_pair_public(s->share, w);
	else
		filler_share(w, group, &s->random);
}

void serve_dh(struct server *s, struct span p, struct wr *w)
{
	static const uint8_t two = 2;
	uint8_t secret[32];

	draw_secret(s, secret);
	s->share = key_pair_dh(p, (struct span){ &two, 1 }, secret);
	if (s->share) {
		key_pair_public(s->share, w);
		return;
	}
	wr_u8(w, 0x7F);
	filler_bytes(w, p.n - 1, &s->random);
}

void serve_sign(struct server *s, uint16_t scheme, const struct span *parts, size_t count, struct wr *w)
{
	size_t at = w->len;

	if (!keyring_sign(s->choice.chain, scheme, parts, count, &s->random, w))
		filler_signature(w, s->choice.chain->kind, &s->random);
	if (server_spoils(s, SPOIL_SIGNATURE) && w->len > at)
		w->buf[w->len - 1] ^= 1;
}

bool serve_client_chain(struct server *s, struct rd list)
{
	struct rd der;

	public_key_free(s->client_key);
	s->client_key = NULL;
	if (!rd_left(&list))
		return true;
	der = rd_vec(&list, 3);
	if (!der.bad)
		s->client_key = public_key_of_cert(rd_rest(&der));
	return s->client_key != NULL;
}

bool serve_seal(struct server *s, bool writing, const struct seal_keys *keys)
{
	struct seal **at = writing ? &s->write : &s->read;

	seal_free(*at);
	if (!writing && !s->etm && !s->truncated) {
		lax_free(s->lax);
		s->lax = lax_new(s->config, s->choice.version, s->suite, keys);
	}
	*at = seal_new(s->choice.version, s->suite, s->etm, s->truncated, keys, writing);
	return *at;
}
