/* TLS 1.3 behind the hello: RFC 8446. */
#include "scanner/tls/kdf.h"
#include "tests/servers/filler.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/sealed.h"
#include "tests/servers/serve.h"

enum {
	PSK_KE = 0,
	PSK_DHE_KE = 1,
	EXT_MODES = EXT_PSK_KEY_EXCHANGE_MODES,
	MESSAGE_HASH = 254,
	SKIPPED_MAX = 64,
	CONTENT = 200
};

static struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static size_t hash_size(const struct server *s)
{
	return crypt_digest_size(s->digest);
}

/* ---- keys: section 7.1 ----------------------------------------------------------------------- */

/* Derive-Secret over the messages, which may lie in two places. */
static void derive(const struct server *s, const uint8_t *secret, const char *label,
        const struct span *messages, size_t count, uint8_t *out)
{
	uint8_t hash[DIGEST_MAX];

	crypt_digest(s->digest, messages, count, hash);
	kdf_expand_label(s->digest, span_of(secret, hash_size(s)), label, span_of(hash, hash_size(s)), out,
	        hash_size(s));
}

static void first_stage(struct server *s)
{
	static const uint8_t zeros[DIGEST_MAX];
	struct span psk =
	        s->choice.resumed ? span_of(s->kept.secret, s->kept.secret_n) : span_of(zeros, hash_size(s));

	kdf_extract(s->digest, span_of(NULL, 0), psk, s->master);
}

static void next_stage(struct server *s, struct span input)
{
	static const uint8_t zeros[DIGEST_MAX];
	uint8_t salt[DIGEST_MAX];

	derive(s, s->master, "derived", NULL, 0, salt);
	if (!input.n)
		input = span_of(zeros, hash_size(s));
	kdf_extract(s->digest, span_of(salt, hash_size(s)), input, s->master);
}

static void install(struct server *s, bool writing, const uint8_t *secret)
{
	struct seal_sizes n = seal_sizes_of(VER_TLS13, s->suite);
	struct span from = span_of(secret, hash_size(s));
	uint8_t key[64], iv[16];

	kdf_expand_label(s->digest, from, "key", span_of(NULL, 0), key, n.key);
	kdf_expand_label(s->digest, from, "iv", span_of(NULL, 0), iv, n.iv);
	serve_seal(s, writing, &(struct seal_keys){ .key = { key, n.key }, .iv = { iv, n.iv } });
}

/* Section 4.4.4. */
static void finished_mac(const struct server *s, const uint8_t *secret, const struct span *messages,
        size_t count, uint8_t *out)
{
	uint8_t key[DIGEST_MAX], hash[DIGEST_MAX];
	struct span content = { hash, hash_size(s) };

	crypt_digest(s->digest, messages, count, hash);
	kdf_expand_label(
	        s->digest, span_of(secret, hash_size(s)), "finished", span_of(NULL, 0), key, hash_size(s));
	crypt_hmac(s->digest, span_of(key, hash_size(s)), &content, 1, out);
}

/* ---- the hello: shares and tickets ----------------------------------------------------------- */

static struct span share_of(const struct heard *h, uint16_t group)
{
	struct rd r = rd_span(h->shares);

	while (rd_left(&r)) {
		uint16_t found = rd_u16(&r);
		struct rd share = rd_vec(&r, 2);

		if (found == group)
			return rd_rest(&share);
	}
	return span_of(NULL, 0);
}

static bool agree(struct server *s, const struct heard *h)
{
	struct wr w = wr_of(s->shared, sizeof(s->shared)),
	          ours = wr_of((uint8_t[SHARED_MAX]){ 0 }, SHARED_MAX);

	serve_share(s, s->choice.group, &ours);
	if (!serve_shared(s, s->choice.group, share_of(h, s->choice.group), &w))
		return false;
	s->shared_n = w.len;
	return true;
}

static bool offers_mode(const struct heard *h, uint8_t mode)
{
	struct rd r, modes;

	if (!heard_extension(h, EXT_MODES, &r))
		return false;
	modes = rd_vec(&r, 1);
	while (rd_left(&modes))
		if (rd_u8(&modes) == mode)
			return true;
	return false;
}

static bool takes_psk(const struct server *s, const struct heard *h)
{
	return offers_mode(h, PSK_DHE_KE) || (s->config->psk_ke && offers_mode(h, PSK_KE));
}

/* The binder covers the hello up to the list of binders: section 4.2.11.2. */
static bool binder_is_right(
        struct server *s, const struct kept *k, const char *label, struct span binder, const uint8_t *end)
{
	struct span messages[] = { serve_heard(s), { s->hello.p, (size_t)(end - s->hello.p) } };
	uint8_t early[DIGEST_MAX], key[DIGEST_MAX], mac[DIGEST_MAX];

	kdf_extract(s->digest, span_of(NULL, 0), span_of(k->secret, k->secret_n), early);
	derive(s, early, label, NULL, 0, key);
	finished_mac(s, key, messages, 2, mac);
	return binder.n == hash_size(s) && !memcmp(binder.p, mac, binder.n);
}

/* The key of the configuration, under its name: section 4.2.11. */
static bool is_external(const struct server *s, struct span identity, struct kept *k)
{
	struct span psk = s->config->psk;
	const char *name = s->config->psk_identity;

	if (!name || !psk.n || psk.n > sizeof(k->secret) || s->digest != DIGEST_SHA256 ||
	        identity.n != strlen(name) || memcmp(identity.p, name, identity.n))
		return false;
	*k = (struct kept){ .version = VER_TLS13, .suite = s->suite->code, .secret_n = psk.n };
	memcpy(k->secret, psk.p, psk.n);
	return true;
}

/* Only the first identity is looked at, as most servers do. */
static uint8_t resume(struct server *s, const struct heard *h)
{
	struct rd r, identities, identity, binders, binder;
	const struct suite *suite;
	const char *label = "res binder";
	const uint8_t *end;
	struct kept k;

	if (!heard_extension(h, EXT_PRE_SHARED_KEY, &r) || !takes_psk(s, h) || server_forgets(s))
		return 0;
	identities = rd_vec(&r, 2);
	identity = rd_vec(&identities, 2);
	end = r.p;
	binders = rd_vec(&r, 2);
	binder = rd_vec(&binders, 1);
	if (!rd_end(&r) || identity.bad || binder.bad)
		return ALERT_DECODE_ERROR;
	if (is_external(s, rd_rest(&identity), &k))
		label = "ext binder";
	else if (!sealed_read(s->config, &k, rd_rest(&identity)) || k.version != VER_TLS13)
		return 0;
	suite = suite_find(k.suite);
	if (!suite || kdf_digest(VER_TLS13, suite) != s->digest)
		return 0;
	if (!binder_is_right(s, &k, label, rd_rest(&binder), end))
		return ALERT_DECRYPT_ERROR;
	s->kept = k;
	s->choice.resumed = true;
	s->psk_alone = !offers_mode(h, PSK_DHE_KE);
	s->shared_n = s->psk_alone ? 0 : s->shared_n;
	s->choice.chain = NULL;
	return 0;
}

uint8_t serve13_begin(struct server *s, const struct heard *h)
{
	bool wants_early = heard_extension(h, EXT_EARLY_DATA, NULL);
	uint8_t alert = agree(s, h) ? resume(s, h) : ALERT_ILLEGAL_PARAMETER;
	struct span hello = s->hello;

	if (alert)
		return alert;
	first_stage(s);
	s->early = wants_early && s->choice.resumed && !s->retried && s->kept.early_data &&
	           s->config->early_data && s->kept.suite == s->choice.suite;
	s->skips = wants_early && !s->early;
	if (s->early)
		derive(s, s->master, "c e traffic", &hello, 1, s->client_next);
	return 0;
}

/* ---- the flight ------------------------------------------------------------------------------ */

/* All messages before the one that is being written. */
static void messages_before(const struct flight *f, struct span out[static 2])
{
	out[0] = serve_transcript(f->server);
	out[1] = span_of(f->w.buf, f->starts[f->starts_n - 1]);
}

void serve13_secrets(struct flight *f)
{
	struct server *s = f->server;
	struct span messages[] = { serve_transcript(s), { f->w.buf, f->w.len } };

	next_stage(s, span_of(s->shared, s->shared_n));
	derive(s, s->master, "c hs traffic", messages, 2, s->client_secret);
	derive(s, s->master, "s hs traffic", messages, 2, s->server_secret);
}

static size_t signed_content(
        const struct server *s, const char *who, const struct span *messages, size_t count, uint8_t *out)
{
	struct wr w = wr_of(out, CONTENT);
	uint8_t hash[DIGEST_MAX];

	for (int i = 0; i < 64; i++)
		wr_u8(&w, ' ');
	wr_bytes(&w, who, strlen(who) + 1);
	crypt_digest(s->digest, messages, count, hash);
	wr_bytes(&w, hash, hash_size(s));
	return w.len;
}

void serve13_verify(struct flight *f)
{
	struct server *s = f->server;
	struct span messages[2], content;
	uint8_t bytes[CONTENT];
	struct wr_mark m;

	messages_before(f, messages);
	content = span_of(bytes, signed_content(s, "TLS 1.3, server CertificateVerify", messages, 2, bytes));
	if (serve_delegates(f)) {
		s->choice.chain = f->config->delegate;
		s->choice.scheme = serve_delegate_scheme(f->config->delegate);
	}
	wr_u16(&f->w, s->choice.scheme);
	m = flight_open(f, "signature", 2);
	serve_sign(s, s->choice.scheme, &content, 1, &f->w);
	flight_close(f, m);
}

void serve13_finished(struct flight *f)
{
	struct server *s = f->server;
	struct span messages[2];
	uint8_t mac[DIGEST_MAX];

	messages_before(f, messages);
	finished_mac(s, s->server_secret, messages, 2, mac);
	if (server_spoils(s, SPOIL_FINISHED))
		mac[0] ^= 1;
	wr_bytes(&f->w, mac, hash_size(s));
}

/* The first hello becomes its hash: section 4.4.1. */
void serve13_retried(struct server *s)
{
	struct span all = serve_transcript(s);
	uint8_t hash[DIGEST_MAX], header[] = { MESSAGE_HASH, 0, 0, (uint8_t)hash_size(s) };

	s->retried = true;
	if (!s->possible)
		return;
	crypt_digest(s->digest, &all, 1, hash);
	s->transcript.n = 0;
	text_addn(&s->transcript, (const char *)header, sizeof(header));
	text_addn(&s->transcript, (const char *)hash, hash_size(s));
}

void serve13_seal_flight(struct server *s)
{
	install(s, true, s->server_secret);
}

static enum server_stage stage_after_early(const struct server *s)
{
	return s->config->client_auth && !s->choice.resumed ? STAGE_13_CERTIFICATE : STAGE_13_FINISHED;
}

/* The flight is in the transcript: on with the traffic keys of the application. */
void serve13_answered(struct server *s)
{
	struct span all = serve_transcript(s);
	uint8_t early[DIGEST_MAX];

	memcpy(early, s->client_next, sizeof(early));
	next_stage(s, span_of(NULL, 0));
	derive(s, s->master, "c ap traffic", &all, 1, s->client_next);
	derive(s, s->master, "s ap traffic", &all, 1, s->server_secret);
	install(s, true, s->server_secret);
	install(s, false, s->early ? early : s->client_secret);
	s->stage = s->early ? STAGE_13_EARLY : stage_after_early(s);
}

/* ---- what the client says -------------------------------------------------------------------- */

/* Section 4.2.10: what does not open is passed over, up to a limit. */
void serve13_skip(struct server *s)
{
	s->skips = ++s->skipped < SKIPPED_MAX;
	install(s, false, s->client_secret);
}

void serve13_early_end(struct server *s, struct rd body, struct peer_out *out)
{
	if (!rd_end(&body)) {
		server_fail(s, ALERT_DECODE_ERROR, out);
		return;
	}
	install(s, false, s->client_secret);
	s->stage = stage_after_early(s);
}

static struct rd first_certificates(struct rd list, struct wr *bare)
{
	while (rd_left(&list)) {
		struct rd der = rd_vec(&list, 3);
		struct wr_mark m = wr_open(bare, 3);

		wr_bytes(bare, rd_rest(&der).p, rd_left(&der));
		wr_close(bare, m);
		rd_vec(&list, 2);
		if (list.bad)
			break;
	}
	return list.bad || bare->bad ? (struct rd){ .bad = true } : rd_of(bare->buf, bare->len);
}

void serve13_client_certificate(struct server *s, struct rd body, struct peer_out *out)
{
	static uint8_t room[256 * 1024];
	struct wr w = wr_of(room, sizeof(room));
	struct rd context = rd_vec(&body, 1), list = rd_vec(&body, 3), bare = first_certificates(list, &w);

	if (!rd_end(&body) || rd_left(&context) || bare.bad || !serve_client_chain(s, bare))
		server_fail(s, ALERT_DECODE_ERROR, out);
	else if (s->client_key)
		s->stage = STAGE_13_VERIFY;
	else if (s->config->client_auth == CLIENT_AUTH_REQUIRE)
		server_fail(s, ALERT_CERTIFICATE_REQUIRED, out);
	else
		s->stage = STAGE_13_FINISHED;
}

void serve13_client_verify(struct server *s, struct rd body, struct peer_out *out)
{
	uint8_t bytes[CONTENT];
	struct span heard = serve_heard(s), content;
	uint16_t scheme = rd_u16(&body);
	struct rd signature = rd_vec(&body, 2);
	bool possible;

	content = span_of(bytes, signed_content(s, "TLS 1.3, client CertificateVerify", &heard, 1, bytes));
	if (!rd_end(&body) ||
	        !public_key_verify(s->client_key, scheme, true, &content, 1, rd_rest(&signature), &possible))
		server_fail(s, ALERT_DECRYPT_ERROR, out);
	else
		s->stage = STAGE_13_FINISHED;
}

void serve13_client_finished(struct server *s, struct rd body, struct peer_out *out)
{
	struct span heard = serve_heard(s), all = serve_transcript(s), theirs = rd_rest(&body);
	uint8_t mac[DIGEST_MAX];

	finished_mac(s, s->client_secret, &heard, 1, mac);
	if (theirs.n != hash_size(s) || memcmp(theirs.p, mac, theirs.n)) {
		server_fail(s, ALERT_DECRYPT_ERROR, out);
		return;
	}
	memcpy(s->client_secret, s->client_next, sizeof(s->client_secret));
	install(s, false, s->client_secret);
	derive(s, s->master, "res master", &all, 1, s->kept.secret);
	serve_opened(s, out);
}

/* ---- afterwards ------------------------------------------------------------------------------ */

/* Section 4.6.1; the number is the nonce. */
void serve13_ticket(struct server *s, uint8_t number, struct peer_out *out)
{
	struct kept k = {
		.version = VER_TLS13, .suite = s->choice.suite, .early_data = s->config->early_data
	};
	uint8_t body[256];
	struct wr w = wr_of(body, sizeof(body));
	struct wr_mark m;

	k.secret_n = hash_size(s);
	kdf_expand_label(s->digest, span_of(s->kept.secret, hash_size(s)), "resumption", span_of(&number, 1),
	        k.secret, k.secret_n);
	wr_uint(&w, s->config->ticket_lifetime, 4);
	filler_bytes(&w, 4, &s->random);
	wr_u8(&w, 1);
	wr_u8(&w, number);
	m = wr_open(&w, 2);
	sealed_write(s->config, &k, &s->random, &w);
	wr_close(&w, m);
	m = wr_open(&w, 2);
	if (k.early_data) {
		wr_u16(&w, EXT_EARLY_DATA);
		wr_u16(&w, 4);
		wr_uint(&w, k.early_data, 4);
	}
	for (size_t i = 0; i < s->config->told_n; i++)
		if (s->config->told[i].in == IN_NST) {
			wr_u16(&w, s->config->told[i].code);
			wr_u16(&w, (uint16_t)s->config->told[i].data.n);
			wr_bytes(&w, s->config->told[i].data.p, s->config->told[i].data.n);
		}
	wr_close(&w, m);
	server_message(s, MSG_NEW_SESSION_TICKET, span_of(body, w.len), out);
}

static void update(struct server *s, uint8_t *secret)
{
	uint8_t next[DIGEST_MAX];

	kdf_expand_label(s->digest, span_of(secret, hash_size(s)), "traffic upd", span_of(NULL, 0), next,
	        hash_size(s));
	memcpy(secret, next, hash_size(s));
}

void serve13_update(struct server *s, bool asks, struct peer_out *out)
{
	const uint8_t body = asks;

	server_message(s, MSG_KEY_UPDATE, span_of(&body, 1), out);
	update(s, s->server_secret);
	install(s, true, s->server_secret);
}

void serve13_key_update(struct server *s, struct rd body, struct peer_out *out)
{
	uint8_t asked = rd_u8(&body);

	if (!rd_end(&body) || asked > 1 || s->choice.version != VER_TLS13) {
		server_fail(s, ALERT_DECODE_ERROR, out);
		return;
	}
	update(s, s->client_secret);
	install(s, false, s->client_secret);
	if (asked)
		serve13_update(s, false, out);
}
