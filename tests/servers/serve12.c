/* SSL 3.0 to TLS 1.2 behind the hello: RFC 6101, 2246, 4346, 5246, 4279 (PSK), 5077 (tickets), 7627 (EMS). */
#include "scanner/base/die.h"
#include "scanner/tls/kdf.h"
#include "tests/servers/filler.h"
#include "tests/servers/keyring.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/sealed.h"
#include "tests/servers/serve.h"

enum { MASTER = 48, BLOCK = 512, PSK_MAX = 512 };

static struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* ---- keys ------------------------------------------------------------------------------------ */

struct keys {
	struct seal_keys of[2]; /* the client's, the server's */
	uint8_t block[BLOCK], stretched[4][64];
};

static struct span take(struct rd *r, size_t n)
{
	return (struct span){ rd_take(r, n), n };
}

/* The short keys of an export suite are stretched: RFC 2246 section 6.3.1, RFC 6101 section 6.2.2.1. */
static void stretch(struct server *s, struct keys *k, const struct cipher_kind *kind)
{
	static const char *const labels[] = { "client write key", "server write key" };
	uint16_t v = s->choice.version;
	struct span randoms[] = { span_of(s->client_random, RANDOM), span_of(s->server_random, RANDOM),
		span_of(s->client_random, RANDOM) };
	uint8_t ivs[64];

	if (v != VER_SSL3)
		kdf_prf(v, s->digest, span_of(NULL, 0), "IV block", randoms, 2, ivs, 2u * kind->block);
	for (int side = 0; side < 2; side++) {
		uint8_t *key = k->stretched[side], *iv = k->stretched[2 + side];
		struct span parts[] = { k->of[side].key, randoms[side], randoms[side + 1] };

		if (v == VER_SSL3) {
			crypt_digest(DIGEST_MD5, parts, 3, key);
			crypt_digest(DIGEST_MD5, parts + 1, 2, iv);
		} else {
			kdf_prf(v, s->digest, k->of[side].key, labels[side], randoms, 2, key, kind->key);
			memcpy(iv, ivs + side * kind->block, kind->block);
		}
		k->of[side].key = span_of(key, kind->key);
		k->of[side].iv = span_of(iv, kind->block);
	}
}

static bool install(struct server *s, bool writing)
{
	const struct cipher_kind *kind = cipher_kind_of(s->suite);
	struct seal_sizes n = seal_sizes_of(s->choice.version, s->suite);
	struct span seed[] = { span_of(s->server_random, RANDOM), span_of(s->client_random, RANDOM) };
	struct keys k;
	struct rd r = rd_of(k.block, sizeof(k.block));

	kdf_prf(s->choice.version, s->digest, span_of(s->master, s->ccs_came ? 0 : MASTER), "key expansion", seed, 2, k.block,
	        2 * (n.mac + n.key + n.iv));
	for (int side = 0; side < 2; side++)
		k.of[side].mac = take(&r, n.mac);
	for (int side = 0; side < 2; side++)
		k.of[side].key = take(&r, n.key);
	for (int side = 0; side < 2; side++)
		k.of[side].iv = take(&r, n.iv);
	if (kind->export_key)
		stretch(s, &k, kind);
	return serve_seal(s, writing, &k.of[writing]);
}

static void make_master(struct server *s, struct span premaster)
{
	struct span seed[] = { span_of(s->client_random, RANDOM), span_of(s->server_random, RANDOM) };
	struct span all = serve_transcript(s);
	uint8_t hash[DIGEST_MAX];

	if (!s->ems) {
		kdf_prf(s->choice.version, s->digest, premaster, "master secret", seed, 2, s->master, MASTER);
		return;
	}
	crypt_digest(s->digest, &all, 1, hash);
	seed[0] = span_of(hash, crypt_digest_size(s->digest));
	kdf_prf(s->choice.version, s->digest, premaster, "extended master secret", seed, 1, s->master,
	        MASTER);
}

/* ---- a session that goes on ------------------------------------------------------------------ */

static bool find_session(const struct server *s, const struct heard *h, struct kept *k)
{
	struct rd ticket;

	if (server_forgets(s))
		return false;
	if ((s->config->answers & ANSWER_TICKET) && heard_extension(h, EXT_SESSION_TICKET, &ticket) &&
	        sealed_read(s->config, k, rd_rest(&ticket)))
		return true;
	return s->config->session_ids && kept_find(k, h->session_id);
}

/* A session of another version or without the same protection of its secret does not go on: RFC 7627
 * section 5.3. */
void serve12_resume(struct server *s, const struct heard *h)
{
	bool ems = (s->config->answers & ANSWER_EMS) && heard_extension(h, EXT_EXTENDED_MASTER_SECRET, NULL);
	const struct suite *suite;
	struct kept k;

	if (!find_session(s, h, &k) || k.version != s->choice.version || k.ems != ems)
		return;
	suite = suite_find(k.suite);
	if (!suite || !heard_suite(h, k.suite) || k.secret_n != MASTER)
		return;
	s->suite = suite;
	s->digest = kdf_digest(k.version, suite);
	s->kept = k;
	s->choice.resumed = true;
	s->choice.suite = k.suite;
	s->choice.chain = NULL;
	s->choice.ephemeral = false;
	memcpy(s->master, k.secret, MASTER);
}

static struct kept session_of(const struct server *s)
{
	struct kept k = {
		.version = s->choice.version, .suite = s->choice.suite, .ems = s->ems, .secret_n = MASTER
	};

	memcpy(k.secret, s->master, MASTER);
	return k;
}

static void say_ticket(struct server *s, struct peer_out *out)
{
	uint8_t body[256];
	struct wr w = wr_of(body, sizeof(body));
	struct kept k = session_of(s);
	struct wr_mark m;

	wr_uint(&w, s->config->ticket_lifetime, 4);
	m = wr_open(&w, 2);
	sealed_write(s->config, &k, &s->random, &w);
	wr_close(&w, m);
	server_message(s, MSG_NEW_SESSION_TICKET, span_of(body, w.len), out);
}

/* ---- ChangeCipherSpec and Finished ----------------------------------------------------------- */

static size_t verify_data(struct server *s, bool client, struct span transcript, uint8_t out[static 36])
{
	return kdf_finished(
	        s->choice.version, s->digest, span_of(s->master, MASTER), client, transcript, out);
}

static void say_finished(struct server *s, struct peer_out *out)
{
	uint8_t data[36];
	size_t n;

	if (s->ticket_promised && !s->choice.resumed)
		say_ticket(s, out);
	server_send(s, REC_CCS, "\x01", 1, out);
	if (!install(s, true))
		return;
	n = verify_data(s, false, serve_transcript(s), data);
	if (server_spoils(s, SPOIL_FINISHED))
		data[0] ^= 1;
	memcpy(s->verify[1], data, n);
	server_message(s, MSG_FINISHED, span_of(data, n), out);
	if (server_spoils(s, SPOIL_END_AT_FINISHED))
		peer_end(out, PEER_FIN);
}

void serve12_answered(struct server *s, struct peer_out *out)
{
	s->stage = s->choice.chain && s->config->client_auth ? STAGE_12_CERTIFICATE : STAGE_12_EXCHANGE;
	if (!s->choice.resumed)
		return;
	s->stage = STAGE_12_CCS;
	say_finished(s, out);
}

void serve12_ccs(struct server *s, struct rd body, struct peer_out *out)
{
	if (rd_u8(&body) != 1 || !rd_end(&body) || s->messages_n || !install(s, false))
		server_fail(s, ALERT_UNEXPECTED, out);
	else
		s->stage = STAGE_12_FINISHED;
}

/* What OpenSSL did until 1.0.1h: keys are made once, of the master secret there is. */
void serve12_early_ccs(struct server *s, struct rd body, struct peer_out *out)
{
	(void)body;
	s->ccs_came = server_has_bug(s, BUG_EARLY_CCS);
	if (!s->ccs_came || !install(s, false))
		server_fail(s, ALERT_UNEXPECTED, out);
}

void serve12_finished(struct server *s, struct rd body, struct peer_out *out)
{
	uint8_t data[36];
	size_t n = verify_data(s, true, serve_heard(s), data);
	struct span theirs = rd_rest(&body);
	struct kept k = session_of(s);

	if (theirs.n != n || memcmp(theirs.p, data, n)) {
		server_fail(s, ALERT_DECRYPT_ERROR, out);
		return;
	}
	if (s->config->no_false_start && !s->choice.resumed && server_has_more(s)) {
		server_fail(s, ALERT_UNEXPECTED, out);
		return;
	}
	memcpy(s->verify[0], data, n);
	s->verify_n = n;
	if (!s->choice.resumed)
		say_finished(s, out);
	if (s->session_id_n == KEPT_ID && !s->choice.resumed)
		kept_store(s->session_id, &k);
	if (out->end)
		s->stage = STAGE_OVER;
	else
		serve_opened(s, out);
}

/* ---- the client's certificate ---------------------------------------------------------------- */

static void certificate_missing(struct server *s, struct peer_out *out)
{
	s->stage = STAGE_12_EXCHANGE;
	if (s->config->client_auth == CLIENT_AUTH_REQUIRE)
		server_fail(s, ALERT_HANDSHAKE_FAILURE, out);
}

void serve12_no_certificate(struct server *s, struct peer_out *out)
{
	certificate_missing(s, out);
}

void serve12_certificate(struct server *s, struct rd body, struct peer_out *out)
{
	struct rd list = rd_vec(&body, 3);

	if (!rd_end(&body) || !serve_client_chain(s, list))
		server_fail(s, ALERT_DECODE_ERROR, out);
	else if (!s->client_key)
		certificate_missing(s, out);
	else
		s->stage = STAGE_12_EXCHANGE;
}

/* RFC 6101 section 5.6.8: hash(master + pad_2 + hash(messages + master + pad_1)), with MD5 and with SHA-1. */
static void ssl3_hashes(const struct server *s, struct span heard, uint8_t out[static 36])
{
	static const struct {
		enum digest digest;
		size_t pad, at;
	} halves[] = { { DIGEST_MD5, 48, 0 }, { DIGEST_SHA1, 40, 16 } };
	uint8_t pads[2][48], inner[DIGEST_MAX], outer[DIGEST_MAX];

	memset(pads[0], 0x36, sizeof(pads[0]));
	memset(pads[1], 0x5C, sizeof(pads[1]));
	for (size_t i = 0; i < 2; i++) {
		size_t n = crypt_digest_size(halves[i].digest);
		struct span master = span_of(s->master, MASTER);
		struct span first[] = { heard, master, span_of(pads[0], halves[i].pad) };
		struct span second[] = { master, span_of(pads[1], halves[i].pad), span_of(inner, n) };

		crypt_digest(halves[i].digest, first, 3, inner);
		crypt_digest(halves[i].digest, second, 3, outer);
		memcpy(out + halves[i].at, outer, n);
	}
}

static bool client_signed(const struct server *s, uint16_t scheme, struct span heard, struct span signature)
{
	uint8_t hashes[36];
	bool possible;

	if (s->choice.version > VER_SSL3)
		return public_key_verify(s->client_key, scheme, false, &heard, 1, signature, &possible);
	ssl3_hashes(s, heard, hashes);
	return public_key_verify_digest(s->client_key, hashes, signature);
}

void serve12_verify(struct server *s, struct rd body, struct peer_out *out)
{
	uint16_t scheme = s->choice.version == VER_TLS12 ? rd_u16(&body) : 0;
	struct rd signature = rd_vec(&body, 2);

	if (!rd_end(&body) || !client_signed(s, scheme, serve_heard(s), rd_rest(&signature)))
		server_fail(s, ALERT_DECRYPT_ERROR, out);
	else
		s->stage = STAGE_12_CCS;
}

/* ---- ClientKeyExchange: each kind, from the message to the premaster secret; 0 or an alert --- */

/* What ROBOT found: a server that looks at the padding and lets it be seen. 0: it does not, or the padding is right. */
static uint8_t tell_padding(struct server *s, enum premaster_fault fault, struct peer_out *out)
{
	if (fault == PREMASTER_VERSION)
		return server_has_bug(s, BUG_PKCS1_VERSION) ? ALERT_BAD_RECORD : 0;
	if (fault == PREMASTER_SOUND)
		return 0;
	if (server_has_bug(s, BUG_PKCS1_CLOSE) || server_has_bug(s, BUG_PKCS1_RESET))
		peer_end(out, server_has_bug(s, BUG_PKCS1_CLOSE) ? PEER_FIN : PEER_RESET);
	if (out->end || server_has_bug(s, BUG_PKCS1_SILENT))
		s->stage = STAGE_OVER;
	return server_has_bug(s, BUG_PKCS1_ALERT) ? ALERT_DECRYPT_ERROR : 0;
}

static uint8_t from_rsa(struct server *s, struct rd *r, struct wr *out)
{
	struct span key = s->suite->flags & SUITE_EXPORT ? builtin_export_key() : s->choice.chain->key;
	struct rd cipher = s->choice.version == VER_SSL3 ? rd_sub(r, rd_left(r)) : rd_vec(r, 2);
	uint8_t premaster[PREMASTER];

	if (!keyring_premaster(key, s->asked, rd_rest(&cipher), &s->random, premaster, &s->premaster_fault))
		return ALERT_HANDSHAKE_FAILURE;
	wr_bytes(out, premaster, sizeof(premaster));
	return 0;
}

static uint8_t from_share(struct server *s, struct span theirs, struct wr *out)
{
	return serve_shared(s, s->choice.group, theirs, out) ? 0 : ALERT_ILLEGAL_PARAMETER;
}

/* RFC 5246 section 8.1.2: without leading zeros. */
static uint8_t from_dh(struct server *s, struct rd *r, struct wr *out)
{
	struct rd theirs = rd_vec(r, 2);
	uint8_t secret[SHARED_MAX], alert;
	struct wr w = wr_of(secret, sizeof(secret));
	size_t zeros = 0;

	alert = from_share(s, rd_rest(&theirs), &w);
	while (zeros < w.len && !secret[zeros])
		zeros++;
	wr_bytes(out, secret + zeros, w.len - zeros);
	return alert;
}

static uint8_t from_ecdh(struct server *s, struct rd *r, struct wr *out)
{
	struct rd theirs = rd_vec(r, 1);

	return from_share(s, rd_rest(&theirs), out);
}

typedef uint8_t from_kx(struct server *, struct rd *, struct wr *);

static bool knows(const struct server *s, struct span identity)
{
	const char *name = s->config->psk_identity;

	if (!s->config->psk.n || s->config->psk.n > PSK_MAX)
		return false;
	return !name || (strlen(name) == identity.n && !memcmp(name, identity.p, identity.n));
}

/* RFC 4279 section 2: the other secret, or as many zeros as the key is long, and the key. */
static uint8_t with_psk(struct server *s, struct rd *r, struct wr *out, from_kx *other)
{
	struct rd identity = rd_vec(r, 2);
	struct span psk = s->config->psk;
	struct wr_mark m;
	uint8_t alert = 0;

	if (!knows(s, rd_rest(&identity)))
		return ALERT_UNKNOWN_PSK_IDENTITY;
	m = wr_open(out, 2);
	if (other)
		alert = other(s, r, out);
	else
		wr_zero(out, psk.n);
	wr_close(out, m);
	wr_u16(out, (uint16_t)psk.n);
	wr_bytes(out, psk.p, psk.n);
	return alert;
}

static uint8_t from_psk(struct server *s, struct rd *r, struct wr *out)
{
	return with_psk(s, r, out, NULL);
}

static uint8_t from_dhe_psk(struct server *s, struct rd *r, struct wr *out)
{
	return with_psk(s, r, out, from_dh);
}

static uint8_t from_ecdhe_psk(struct server *s, struct rd *r, struct wr *out)
{
	return with_psk(s, r, out, from_ecdh);
}

static uint8_t from_rsa_psk(struct server *s, struct rd *r, struct wr *out)
{
	return with_psk(s, r, out, from_rsa);
}

static from_kx *const exchanges[] = {
	[KX_RSA] = from_rsa,
	[KX_DHE] = from_dh,
	[KX_ECDHE] = from_ecdh,
	[KX_PSK] = from_psk,
	[KX_DHE_PSK] = from_dhe_psk,
	[KX_ECDHE_PSK] = from_ecdhe_psk,
	[KX_RSA_PSK] = from_rsa_psk,
};

void serve12_exchange(struct server *s, struct rd body, struct peer_out *out)
{
	uint8_t premaster[SHARED_MAX + PSK_MAX + 4], alert = ALERT_HANDSHAKE_FAILURE;
	struct wr w = wr_of(premaster, sizeof(premaster));

	if (s->possible)
		alert = exchanges[s->suite->kx](s, &body, &w);
	if (!alert && !rd_end(&body))
		alert = ALERT_DECODE_ERROR;
	if (!alert)
		alert = tell_padding(s, s->premaster_fault, out);
	if (alert) {
		server_fail(s, alert, out);
		return;
	}
	if (s->stage == STAGE_OVER)
		return;
	require(!w.bad);
	make_master(s, span_of(premaster, w.len));
	s->stage = s->client_key ? STAGE_12_VERIFY : s->ccs_came ? STAGE_12_FINISHED : STAGE_12_CCS;
}

/* ---- another handshake under the keys of the first ------------------------------------------- */

/* RFC 5746 section 3.7: bound to the connection by the client's last Finished. */
static bool is_bound(const struct server *s, const struct heard *h)
{
	struct rd info, verify;

	if (!heard_extension(h, EXT_RENEGOTIATION_INFO, &info))
		return false;
	verify = rd_vec(&info, 1);
	return rd_end(&info) && rd_left(&verify) == s->verify_n && !memcmp(verify.p, s->verify[0], s->verify_n);
}

static void begin_again(struct server *s, struct rd body, struct peer_out *out)
{
	s->renegotiates = true;
	s->transcript.n = 0;
	s->session_id_n = 0;
	key_pair_free(s->share);
	s->share = NULL;
	server_take_hello(s, body, out);
}

static void refuse_again(struct server *s, struct peer_out *out)
{
	static const uint8_t warning[] = { 1, ALERT_NO_RENEGOTIATION }; /* RFC 5246 section 7.2.2 */

	switch (s->config->renegotiation) {
	case RENEGOTIATION_IGNORE:
		return;
	case RENEGOTIATION_CLOSE:
	case RENEGOTIATION_RESET:
		s->stage = STAGE_OVER;
		peer_end(out, s->config->renegotiation == RENEGOTIATION_CLOSE ? PEER_FIN : PEER_RESET);
		return;
	case RENEGOTIATION_REFUSE:
		if (s->choice.version > VER_SSL3) {
			server_send(s, REC_ALERT, warning, sizeof(warning), out);
			return;
		}
		break;
	case RENEGOTIATION_ACCEPT:
	case RENEGOTIATION_INSECURE:
	case RENEGOTIATION_ALERT:
		break;
	}
	server_fail(s, ALERT_HANDSHAKE_FAILURE, out);
}

void serve12_hello(struct server *s, struct rd body, struct peer_out *out)
{
	enum renegotiation what = s->config->renegotiation;
	struct span all = rd_rest(&body);
	struct heard h;

	if (s->choice.version >= VER_TLS13)
		server_fail(s, ALERT_UNEXPECTED, out);
	else if (!heard_parse(&h, all.p, all.n))
		server_fail(s, ALERT_DECODE_ERROR, out);
	else if (what == RENEGOTIATION_INSECURE || (what == RENEGOTIATION_ACCEPT && is_bound(s, &h)))
		begin_again(s, body, out);
	else
		refuse_again(s, out);
}
