/* The handshake from SSL 3.0 to TLS 1.2, behind the ServerHello: RFC 6101, 2246, 4346, 5246, 5077, 7627. */
#include "scanner/base/die.h"
#include "scanner/tls/hs_core.h"

enum { MASTER = 48, PREMASTER = 48, RANDOM = 32, KEY_BLOCK_MAX = 2 * (64 + 64 + 16) };

static struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static struct span client_random(const struct hs *h)
{
	return span_of(h->config.entropy->random, RANDOM);
}

static struct span server_random(const struct hs *h)
{
	return span_of(h->answer.random, RANDOM);
}

/* ---- keys ------------------------------------------------------------------------------------------------------------- */

struct block {
	struct seal_keys client, server;
	uint8_t bytes[KEY_BLOCK_MAX];
	uint8_t finals[4][64]; /* of an export suite */
};

static struct span cut(const uint8_t **p, size_t n)
{
	struct span s = { *p, n };

	*p += n;
	return s;
}

/* RFC 2246 section 6.3.1: an export suite stretches its short keys once more; SSL 3.0 does so with MD5. */
static void stretch(struct hs *h, struct block *b, const struct cipher_kind *kind)
{
	uint16_t v = h->result.version;
	struct span cs[] = { client_random(h), server_random(h) }, sc[] = { server_random(h), client_random(h) };
	uint8_t iv[2 * 16];

	if (v == VER_SSL3) {
		struct span c_key[] = { b->client.key, cs[0], cs[1] }, s_key[] = { b->server.key, sc[0], sc[1] };

		crypt_digest(DIGEST_MD5, c_key, 3, b->finals[0]);
		crypt_digest(DIGEST_MD5, s_key, 3, b->finals[1]);
		crypt_digest(DIGEST_MD5, cs, 2, b->finals[2]);
		crypt_digest(DIGEST_MD5, sc, 2, b->finals[3]);
	} else {
		kdf_prf(v, h->digest, b->client.key, "client write key", cs, 2, b->finals[0], kind->key);
		kdf_prf(v, h->digest, b->server.key, "server write key", cs, 2, b->finals[1], kind->key);
		kdf_prf(v, h->digest, span_of(NULL, 0), "IV block", cs, 2, iv, 2u * kind->block);
		memcpy(b->finals[2], iv, kind->block);
		memcpy(b->finals[3], iv + kind->block, kind->block);
	}
	b->client.key = span_of(b->finals[0], kind->key);
	b->server.key = span_of(b->finals[1], kind->key);
	b->client.iv = span_of(b->finals[2], kind->block);
	b->server.iv = span_of(b->finals[3], kind->block);
}

static void key_block(struct hs *h, struct block *b) /* RFC 5246 section 6.3 */
{
	const struct cipher_kind *kind = cipher_kind_of(h->suite);
	struct seal_sizes n = seal_sizes_of(h->result.version, h->suite);
	struct span seed[] = { server_random(h), client_random(h) };
	const uint8_t *p = b->bytes;
	size_t key = kind && kind->export_key ? kind->export_key : n.key;

	kdf_prf(h->result.version, h->digest, span_of(h->master, hs_ccs_first(h) ? 0 : MASTER), "key expansion", seed, 2,
		b->bytes, 2 * (n.mac + key + n.iv));
	b->client.mac = cut(&p, n.mac);
	b->server.mac = cut(&p, n.mac);
	b->client.key = cut(&p, key);
	b->server.key = cut(&p, key);
	b->client.iv = cut(&p, n.iv);
	b->server.iv = cut(&p, n.iv);
	if (kind && kind->export_key)
		stretch(h, b, kind);
}

static bool install(struct hs *h, bool writing)
{
	struct block b;

	key_block(h, &b);
	return hs_seal(h, writing, writing ? &b.client : &b.server);
}

static void make_master(struct hs *h, struct span premaster)
{
	uint8_t hash[DIGEST_MAX];
	struct span seed[] = { client_random(h), server_random(h) };

	if (!h->result.ems) {
		kdf_prf(h->result.version, h->digest, premaster, "master secret", seed, 2, h->master, MASTER);
		return;
	}
	hs_transcript_hash(h, hash); /* RFC 7627 section 4: up to the ClientKeyExchange */
	seed[0] = span_of(hash, crypt_digest_size(h->digest));
	kdf_prf(h->result.version, h->digest, premaster, "extended master secret", seed, 1, h->master, MASTER);
}

/* ---- ServerHello, ServerHelloDone --------------------------------------------------------------------------------------- */

/* RFC 8446 section 4.1.3: from the server we meant to reach, or from one in between. */
static bool says_downgraded(const struct hs *h)
{
	const uint8_t *tail = h->answer.random + RANDOM - 8;
	uint16_t newer = tail[7] == 1 ? VER_TLS13 : VER_TLS12;

	return !memcmp(tail, "DOWNGRD", 7) && tail[7] <= 1 && h->result.version < newer &&
	       hello_offers_version(&h->hello, newer);
}

/* RFC 5746 sections 3.4 and 3.5: empty in a first handshake, both Finished in one that renegotiates in the secure form. */
static bool renegotiation_info_fits(const struct hs *h)
{
	struct span said = answer_bytes(&h->answer, h->answer.renegotiated);
	bool there = answer_has_extension(&h->answer, EXT_RENEGOTIATION_INFO);
	size_t n = h->verify_n;

	if (!h->renegotiating)
		return !there || !said.n;
	if (h->before.again[h->before.again_n - 1].form == AGAIN_PLAIN)
		return true;
	return there && said.n == 2 * n && !memcmp(said.p, h->ours, n) && !memcmp(said.p + n, h->theirs, n);
}

bool hs12_server_hello(struct hs *h, struct text *out)
{
	const struct answer *a = &h->answer;
	struct hs_result *r = &h->result;

	(void)out;
	if (says_downgraded(h))
		hs_note(h, REASON_PROTOCOL_DOWNGRADE, r->version);
	if (!renegotiation_info_fits(h))
		return hs_fail(h, REASON_PROTOCOL_RENEGOTIATION, EXT_RENEGOTIATION_INFO);
	r->ems = answer_has_extension(a, EXT_EXTENDED_MASTER_SECRET);
	r->encrypt_then_mac = answer_has_extension(a, EXT_ENCRYPT_THEN_MAC) && (h->suite->flags & SUITE_CBC);
	r->alpn = hs_keep(h, answer_bytes(a, a->alpn));
	r->scts = hs_keep(h, answer_bytes(a, a->scts));
	r->truncated_hmac = answer_has_extension(a, EXT_TRUNCATED_HMAC) && !(h->suite->flags & SUITE_AEAD);
	r->granted = a->granted;
	for (size_t i = 0; i < a->exts_count; i++)
		hs_take_extension(h, a->exts[i], IN_SH);
	r->exts_whole = true;
	hs_limit_records(h);
	if (!r->resumed)
		return true;
	memcpy(h->master, h->config.resume->secret, MASTER);
	h->state = HS12_TICKET_OR_CCS;
	return true;
}

/* The signature over both randoms and the parameters: RFC 5246 section 7.4.3. */
static void check_signature(struct hs *h)
{
	const struct answer *a = &h->answer;
	struct span parts[] = { client_random(h), server_random(h), answer_bytes(a, a->kx.params) };
	bool possible = false;

	if (!a->kx.signature.n)
		return;
	h->result.scheme = a->kx.scheme;
	if (h->server_key)
		h->result.signature_right = public_key_verify(h->server_key, a->kx.scheme, false, parts, 3,
			answer_bytes(a, a->kx.signature), &possible);
	h->result.signature_checked = possible;
	if (possible && !h->result.signature_right)
		hs_note(h, REASON_CRYPTO_SIGNATURE, a->kx.scheme);
}

static void take_flight(struct hs *h)
{
	const struct answer *a = &h->answer;
	struct hs_result *r = &h->result;

	for (size_t i = 0; i < a->certs_count; i++) {
		hs_take_certificate(h, answer_bytes(a, a->certs[i]));
		r->chain_bytes += a->certs[i].n + 3;
	}
	if (a->raw_key.n) {
		hs_take_raw_key(h, answer_bytes(a, a->raw_key));
		r->chain_bytes = a->raw_key.n + 3;
	}
	r->staple = hs_keep(h, answer_bytes(a, a->staple));
	r->group = a->group;
	r->request = (struct client_request){
		.asked = a->certificate_request,
		.types = hs_keep(h, answer_bytes(a, a->request_types)),
		.schemes = hs_keep(h, answer_bytes(a, a->request_schemes)),
		.names = hs_keep(h, answer_bytes(a, a->request_names)),
	};
}

/* ---- key exchange: one function for each kind, from the server's part to premaster and ClientKeyExchange ---------------- */

struct exchange12 {
	uint8_t secret[SHARED_MAX + 1024]; /* premaster */
	struct wr premaster;
	struct text body; /* of the ClientKeyExchange */
};

static void put_vec(struct text *t, struct span s, size_t width)
{
	for (size_t i = width; i-- > 0;)
		text_char(t, (char)(uint8_t)(s.n >> (8 * i)));
	text_addn(t, (const char *)s.p, s.n);
}

bool hs_encrypt(struct hs *h, const struct public_key *key, struct span secret, struct wr *out)
{
	uint8_t block[2048];
	size_t n = key ? public_key_bytes(key) : 0, pad = n - secret.n - 3;

	if (n < secret.n + 11 || n > sizeof block)
		return false;
	hs_draw(h, "padding", block + 2, pad);
	for (size_t i = 0; i < pad; i++)
		block[2 + i] |= block[2 + i] ? 0 : 1; /* padding holds no zero */
	block[0] = 0;
	block[1] = 2;
	block[2 + pad] = 0;
	memcpy(block + n - secret.n, secret.p, secret.n);
	hs_hook(h, HOOK_PKCS1, block, n);
	return public_key_encrypt_raw(key, span_of(block, n), out);
}

/* The version inside is the hello's. */
static bool kx_rsa(struct hs *h, struct exchange12 *x)
{
	uint8_t premaster[PREMASTER], cipher[2048];
	const struct answer *a = &h->answer;
	struct public_key *temporary = a->kx.rsa_modulus.n ?
		public_key_rsa(answer_bytes(a, a->kx.rsa_modulus), answer_bytes(a, a->kx.rsa_exponent)) : NULL;
	struct wr w = wr_of(cipher, sizeof cipher);
	uint16_t offered = h->hello.version > VER_TLS12 ? VER_TLS12 : h->hello.version;
	bool well;

	hs_draw(h, "premaster", premaster, sizeof premaster);
	premaster[0] = (uint8_t)(offered >> 8);
	premaster[1] = (uint8_t)offered;
	hs_hook(h, HOOK_PREMASTER, premaster, sizeof premaster);
	well = hs_encrypt(h, temporary ? temporary : h->server_key, span_of(premaster, sizeof premaster), &w);
	public_key_free(temporary);
	if (!well)
		return hs_fail(h, REASON_CRYPTO_CERTIFICATE, w.len);
	wr_bytes(&x->premaster, premaster, sizeof premaster);
	if (h->result.version == VER_SSL3)
		text_addn(&x->body, (const char *)cipher, w.len); /* SSL 3.0 sends it without its length */
	else
		put_vec(&x->body, span_of(cipher, w.len), 2);
	return true;
}

static bool agree(struct hs *h, struct exchange12 *x, struct key_pair *mine, struct span peer, size_t width, bool send)
{
	uint8_t public[SHARED_MAX];
	struct wr w = wr_of(public, sizeof public);
	bool well;

	if (!mine)
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, h->answer.kx.group);
	key_pair_public(mine, &w);
	hs_hook(h, HOOK_PUBLIC, public, w.len);
	well = key_pair_shared(mine, peer, &x->premaster);
	key_pair_free(mine);
	if (!well)
		return hs_fail(h, REASON_CRYPTO_SHARE, peer.n);
	if (send)
		put_vec(&x->body, span_of(public, w.len), width);
	return true;
}

/* Leading zeros of the shared number are dropped: RFC 5246 section 8.1.2. */
static void strip_zeros(struct wr *w)
{
	size_t zeros = 0;

	while (zeros + 1 < w->len && !w->buf[zeros])
		zeros++;
	memmove(w->buf, w->buf + zeros, w->len - zeros);
	w->len -= zeros;
}

static bool kx_dhe(struct hs *h, struct exchange12 *x)
{
	const struct answer *a = &h->answer;
	uint8_t secret[32];

	hs_draw(h, "dh", secret, sizeof secret);
	if (!agree(h, x, key_pair_dh(answer_bytes(a, a->kx.dh_p), answer_bytes(a, a->kx.dh_g), secret),
		    answer_bytes(a, a->kx.dh_y), 2, true))
		return false;
	strip_zeros(&x->premaster);
	return true;
}

static bool kx_ecdhe(struct hs *h, struct exchange12 *x)
{
	const struct answer *a = &h->answer;
	const struct forged_share *forged = hs_forged(h, a->kx.group);
	uint8_t secret[32];

	if (forged) {
		wr_bytes(&x->premaster, forged->secret.p, forged->secret.n);
		put_vec(&x->body, forged->point, 1);
		return true;
	}
	hs_draw(h, "ecdh", secret, sizeof secret);
	return agree(h, x, key_pair_new(a->kx.group, secret), answer_bytes(a, a->kx.point), 1, true);
}

/* Static (EC)DH: the server's share stands in its certificate. */
static bool kx_static(struct hs *h, struct exchange12 *x)
{
	uint8_t share[SHARED_MAX], secret[32];
	struct wr w = wr_of(share, sizeof share);
	struct span p, g;
	uint16_t group;

	if (!h->server_key || !public_key_share(h->server_key, &group, &w, &p, &g))
		return hs_fail(h, REASON_CRYPTO_CERTIFICATE, 0);
	hs_draw(h, "static", secret, sizeof secret);
	if (!agree(h, x, group ? key_pair_new(group, secret) : key_pair_dh(p, g, secret), span_of(share, w.len),
		    group ? 1 : 2, true))
		return false;
	if (!group)
		strip_zeros(&x->premaster);
	return true;
}

/* RFC 4279 section 2, RFC 5489 section 2: other_secret and the key, each with its length. */
static bool with_psk(struct hs *h, struct exchange12 *x, bool (*other)(struct hs *, struct exchange12 *))
{
	struct span psk = h->config.psk;
	uint8_t zeros[512] = { 0 };
	struct text inner = { 0 };
	struct span secret;
	bool well = true;

	if (!psk.n || psk.n > sizeof zeros)
		return hs_fail(h, REASON_NO_PSK, 0);
	put_vec(&x->body, h->config.psk_identity, 2);
	well = !other || other(h, x);
	secret = other ? span_of(x->premaster.buf, x->premaster.len) : span_of(zeros, psk.n);
	put_vec(&inner, secret, 2);
	put_vec(&inner, psk, 2);
	x->premaster.len = 0;
	wr_bytes(&x->premaster, inner.s, inner.n);
	text_free(&inner);
	return well;
}

static bool kx_psk(struct hs *h, struct exchange12 *x)
{
	return with_psk(h, x, NULL);
}

static bool kx_dhe_psk(struct hs *h, struct exchange12 *x)
{
	return with_psk(h, x, kx_dhe);
}

static bool kx_ecdhe_psk(struct hs *h, struct exchange12 *x)
{
	return with_psk(h, x, kx_ecdhe);
}

static bool kx_rsa_psk(struct hs *h, struct exchange12 *x)
{
	return with_psk(h, x, kx_rsa);
}

static bool (*const exchanges[])(struct hs *, struct exchange12 *) = {
	[KX_RSA] = kx_rsa,	  [KX_DH] = kx_static,	   [KX_DHE] = kx_dhe,
	[KX_ECDH] = kx_static,	  [KX_ECDHE] = kx_ecdhe,   [KX_PSK] = kx_psk,
	[KX_DHE_PSK] = kx_dhe_psk, [KX_ECDHE_PSK] = kx_ecdhe_psk, [KX_RSA_PSK] = kx_rsa_psk,
};

static bool client_key_exchange(struct hs *h, struct text *out)
{
	struct exchange12 x = { 0 };
	size_t kx = (size_t)h->suite->kx;
	bool well;

	if (hs_forges(h) && !hs_forged(h, h->answer.kx.group))
		return hs_fail(h, REASON_PROTOCOL_UNOFFERED_GROUP, h->answer.kx.group);
	x.premaster = wr_of(x.secret, sizeof x.secret);
	if (kx >= sizeof exchanges / sizeof *exchanges || !exchanges[kx])
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, h->result.suite);
	well = exchanges[kx](h, &x);
	if (well) {
		hs_message(h, MSG_CLIENT_KEY_EXCHANGE, hs_span(&x.body), out);
		make_master(h, span_of(x.premaster.buf, x.premaster.len));
	}
	text_free(&x.body);
	return well;
}

/* ---- our certificate, when one is asked for -------------------------------------------------------------------------------- */

static void client_certificate(struct hs *h, bool ours, struct text *out)
{
	static const uint8_t no_certificate[] = { 1, 41 };
	struct text body = { 0 };

	if (h->result.version == VER_SSL3 && !ours) {
		hs_record(h, TYPE_ALERT, span_of(no_certificate, sizeof no_certificate), out); /* RFC 6101 section 5.6.6 */
		return;
	}
	hs_client_certificate(h, ours, span_of(NULL, 0), &body);
	hs_message(h, MSG_CERTIFICATE, hs_span(&body), out);
	text_free(&body);
}

static bool sign_transcript(struct hs *h, uint16_t scheme, struct wr *signature)
{
	struct span transcript = hs_span(&h->transcript);
	uint8_t hashes[36];

	if (h->result.version > VER_SSL3)
		return private_key_sign(h->config.client_key, scheme, &transcript, 1, signature);
	kdf_ssl3_verify(span_of(h->master, MASTER), transcript, hashes);
	return private_key_sign_digest(h->config.client_key, hashes, signature);
}

static bool certificate_verify(struct hs *h, uint16_t scheme, struct text *out) /* RFC 5246 section 7.4.8 */
{
	uint8_t signature[2048];
	struct wr w = wr_of(signature, sizeof signature);
	struct text body = { 0 };

	if (!sign_transcript(h, scheme, &w))
		return hs_fail(h, REASON_CLIENT_KEY, scheme);
	if (scheme) {
		text_char(&body, (char)(scheme >> 8));
		text_char(&body, (char)(scheme & 0xFF));
	}
	put_vec(&body, span_of(signature, w.len), 2);
	hs_message(h, MSG_CERTIFICATE_VERIFY, hs_span(&body), out);
	text_free(&body);
	return true;
}

/* ---- Finished ---------------------------------------------------------------------------------------------------------------- */

static size_t verify_data(struct hs *h, bool client, uint8_t out[static 36])
{
	return kdf_finished(h->result.version, h->digest, span_of(h->master, MASTER), client, hs_span(&h->transcript), out);
}

static bool change_cipher(struct hs *h, struct text *out)
{
	uint8_t ccs = 1;

	if (hs_hook(h, HOOK_CCS, &ccs, 1))
		hs_record(h, TYPE_CCS, span_of(&ccs, 1), out);
	return install(h, true);
}

static bool finished_out(struct hs *h, struct text *out)
{
	uint8_t data[36];
	size_t n;

	if (!hs_ccs_first(h) && !change_cipher(h, out))
		return false;
	n = verify_data(h, true, data);
	memcpy(h->ours, data, n);
	h->verify_n = n;
	if (hs_hook(h, HOOK_FINISHED, data, n))
		hs_message(h, MSG_FINISHED, span_of(data, n), out);
	return true;
}

/* RFC 7918: the keys are there, and the server's Finished is not waited for. */
static void false_start(struct hs *h, struct text *out)
{
	if (!h->config.early.n || h->config.resume || h->renegotiating)
		return;
	h->result.false_started = true;
	hs_record(h, TYPE_DATA, h->config.early, out);
}

bool hs12_server_hello_done(struct hs *h, struct text *out)
{
	struct hs_result *r = &h->result;

	take_flight(h);
	check_signature(h);
	r->flights++;
	r->client_sent = r->request.asked && hs_client_fits(h, &r->request, &r->client_scheme);
	hs_inject(h, MOMENT_HELLO_DONE, out);
	if (hs_ccs_first(h) && !change_cipher(h, out))
		return false;
	if (r->request.asked)
		client_certificate(h, r->client_sent, out);
	if (!client_key_exchange(h, out) || (r->client_sent && !certificate_verify(h, r->client_scheme, out)))
		return false;
	hs_inject(h, MOMENT_KEY_EXCHANGE, out);
	if (!finished_out(h, out))
		return false;
	hs_react_begin(h);
	false_start(h, out);
	h->state = HS12_TICKET_OR_CCS;
	return true;
}

static void keep_session(struct hs *h)
{
	struct session *s = &h->result.session;

	s->version = h->result.version;
	s->suite = h->result.suite;
	s->ems = h->result.ems;
	s->id = h->result.session_id;
	memcpy(s->secret, h->master, MASTER);
	s->secret_n = MASTER;
}

bool hs12_ticket(struct hs *h, struct rd r, struct span whole, struct text *out) /* RFC 5077 section 3.3 */
{
	struct rd ticket;

	(void)out;
	h->result.session.lifetime_s = rd_u32(&r);
	ticket = rd_vec(&r, 2);
	if (!rd_end(&r) || h->result.tickets)
		return hs_fail(h, r.bad ? REASON_MALFORMED : REASON_PROTOCOL_UNEXPECTED_MESSAGE, MSG_NEW_SESSION_TICKET);
	if (!answer_has_extension(&h->answer, EXT_SESSION_TICKET))
		hs_note(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, MSG_NEW_SESSION_TICKET);
	h->result.tickets++;
	h->result.session.ticket = hs_keep_ticket(h, rd_rest(&ticket));
	text_addn(&h->transcript, (const char *)whole.p, whole.n);
	return true;
}

bool hs12_ccs(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	(void)r;
	(void)whole;
	(void)out;
	return install(h, false);
}

bool hs12_finished(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	uint8_t data[36];
	size_t n = verify_data(h, false, data);
	struct span theirs = rd_rest(&r);

	if (theirs.n != n || memcmp(theirs.p, data, n))
		return hs_fail(h, REASON_CRYPTO_FINISHED, 0);
	text_addn(&h->transcript, (const char *)whole.p, whole.n);
	memcpy(h->theirs, data, n);
	keep_session(h);
	if (!h->result.resumed)
		return true;
	h->result.flights++;
	return finished_out(h, out);
}
