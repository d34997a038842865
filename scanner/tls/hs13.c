/* The handshake of TLS 1.3 behind the ServerHello: RFC 8446, 8879 (compressed certificates). */
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/hs_core.h"
#include "scanner/tls/inflate.h"

enum { TICKET_SECONDS_MAX = 7 * 24 * 3600 };
enum { RANDOM = 32, TICKETS_MAX = 16, UPDATES_MAX = 32, UPDATE_REQUESTED = 1 };

static struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

static size_t hash_size(const struct hs *h)
{
	return crypt_digest_size(h->digest);
}

/* ---- key schedule: RFC 8446 section 7.1 --------------------------------------------------------------------------------- */

static void derive(const struct hs *h, const uint8_t *secret, const char *label, struct span transcript, uint8_t *out)
{
	uint8_t hash[DIGEST_MAX];

	crypt_digest(h->digest, &transcript, 1, hash);
	kdf_expand_label(h->digest, span_of(secret, hash_size(h)), label, span_of(hash, hash_size(h)), out, hash_size(h));
}

/* From one stage's secret to the next: HKDF-Extract over what is new, salted with what was. */
static void next_stage(struct hs *h, struct span input)
{
	uint8_t salt[DIGEST_MAX], zeros[DIGEST_MAX] = { 0 };

	derive(h, h->master, "derived", span_of(NULL, 0), salt);
	if (!input.p)
		input = span_of(zeros, hash_size(h));
	kdf_extract(h->digest, span_of(salt, hash_size(h)), input, h->master);
}

static void early_stage(struct hs *h, struct span psk, uint8_t *out)
{
	uint8_t zeros[DIGEST_MAX] = { 0 };

	if (!psk.n)
		psk = span_of(zeros, hash_size(h));
	kdf_extract(h->digest, span_of(NULL, 0), psk, out);
}

static bool install(struct hs *h, bool writing, const uint8_t *secret)
{
	struct seal_sizes n = seal_sizes_of(VER_TLS13, h->suite);
	uint8_t key[64], iv[16];

	kdf_expand_label(h->digest, span_of(secret, hash_size(h)), "key", span_of(NULL, 0), key, n.key);
	kdf_expand_label(h->digest, span_of(secret, hash_size(h)), "iv", span_of(NULL, 0), iv, n.iv);
	return hs_seal(h, writing, &(struct seal_keys){ .key = { key, n.key }, .iv = { iv, n.iv } });
}

static void finished_mac(const struct hs *h, const uint8_t *secret, struct span hash, uint8_t *out)
{
	uint8_t key[DIGEST_MAX];

	kdf_expand_label(h->digest, span_of(secret, hash_size(h)), "finished", span_of(NULL, 0), key, hash_size(h));
	crypt_hmac(h->digest, span_of(key, hash_size(h)), &hash, 1, out);
}

/* ---- taking a session up again ------------------------------------------------------------------------------------------------ */

static enum digest resume_digest(const struct session *s)
{
	return kdf_digest(VER_TLS13, suite_find(s->suite));
}

/* RFC 8446 section 4.2.11: a key from outside goes with SHA-256 where nothing else was agreed. */
bool session_of_psk(struct session *s, struct span psk, struct span identity)
{
	enum { AES_128_GCM_SHA256 = 0x1301 };

	if (!psk.n || psk.n > sizeof s->secret)
		return false;
	*s = (struct session){ .version = VER_TLS13, .suite = AES_128_GCM_SHA256, .ticket = identity, .secret_n = psk.n,
		.external = true };
	memcpy(s->secret, psk.p, psk.n);
	return true;
}

/* The binder is a Finished over the hello without the list of binders: RFC 8446 section 4.2.11.2. */
void hs13_binder(struct hs *h, uint8_t *hello, size_t n)
{
	const struct session *s = h->config.resume;
	size_t binder = h->hello.psk->binder_n, head = n - binder - 3;
	struct span parts[] = { hs_span(&h->transcript), span_of(hello, head) };
	uint8_t early[DIGEST_MAX], key[DIGEST_MAX], hash[DIGEST_MAX], mac[DIGEST_MAX];

	require(s && binder == crypt_digest_size(resume_digest(s)));
	h->digest = resume_digest(s);
	early_stage(h, span_of(s->secret, s->secret_n), early);
	derive(h, early, s->external ? "ext binder" : "res binder", span_of(NULL, 0), key);
	crypt_digest(h->digest, parts, 2, hash);
	finished_mac(h, key, span_of(hash, binder), mac);
	memcpy(hello + n - binder, mac, binder);
}

/* 0-RTT: data under keys of the PSK, right behind the hello (RFC 8446 section 2.3). */
void hs13_early(struct hs *h, struct text *out)
{
	static const uint8_t ccs = 1;
	uint8_t early[DIGEST_MAX], traffic[DIGEST_MAX];
	const struct session *s = h->config.resume;

	h->suite = suite_find(s->suite);
	h->digest = resume_digest(s);
	h->result.version = VER_TLS13;
	early_stage(h, span_of(s->secret, s->secret_n), early);
	derive(h, early, "c e traffic", hs_span(&h->transcript), traffic);
	if (hs_hook(h, HOOK_CCS, (uint8_t[]){ 1 }, 1))
		hs_record(h, TYPE_CCS, span_of(&ccs, 1), out);
	if (!install(h, true, traffic))
		return;
	h->early_sent = true;
	if (h->config.early.n)
		hs_record(h, TYPE_DATA, h->config.early, out);
}

static struct span cookie_of(const struct answer *a)
{
	struct rd r = rd_of(a->flight.v, a->flight.parsed), list;

	rd_take(&r, 4 + 2 + RANDOM);
	rd_vec(&r, 1);
	rd_take(&r, 3);
	list = rd_vec(&r, 2);
	while (rd_left(&list)) {
		uint16_t code = rd_u16(&list);
		struct rd data = rd_vec(&list, 2);

		if (code == EXT_COOKIE && !list.bad)
			return rd_rest(&data);
	}
	return span_of(NULL, 0);
}

/* The cookie comes back, and early data is not for a second hello (RFC 8446 section 4.1.2). */
static void change_extras(struct hs *h, struct span cookie)
{
	struct extra *kept = arena_new(h->config.arena, h->hello.extra_n + 1, sizeof *kept);
	size_t n = 0;

	for (size_t i = 0; i < h->hello.extra_n; i++)
		if (h->hello.extra[i].code != EXT_EARLY_DATA)
			kept[n++] = h->hello.extra[i];
	if (cookie.n)
		kept[n++] = (struct extra){ EXT_COOKIE, hs_keep(h, cookie) };
	h->hello.extra = kept;
	h->hello.extra_n = n;
}

/* A retry has to change something: a share of a group that was offered without one, or a cookie (section 4.1.4). */
bool hs13_retry(struct hs *h)
{
	struct span cookie = cookie_of(&h->answer);
	uint16_t group = h->answer.group;

	if (group ? codes_has(h->hello.shares, group) : !cookie.n)
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, group);
	if (group && !codes_has(h->hello.groups, group))
		return hs_fail(h, REASON_PROTOCOL_UNOFFERED_GROUP, group);
	if (group && !crypt_has_group(group))
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, group);
	change_extras(h, cookie);
	return true;
}

/* ---- ServerHello ---------------------------------------------------------------------------------------------------------------- */

/* The pre-shared key without a key exchange: RFC 8446 section 4.2.9, only where it was offered. */
static bool is_psk_alone(const struct hs *h)
{
	return h->result.psk_taken && (h->hello.offer & OFFER_PSK_KE) && !answer_has_extension(&h->answer, EXT_KEY_SHARE);
}

static bool shared_secret(struct hs *h, struct wr *out)
{
	const struct answer *a = &h->answer;
	const struct forged_share *forged = hs_forged(h, a->group);

	if (is_psk_alone(h))
		return true;
	if (!codes_has(h->hello.shares, a->group) || (hs_forges(h) && !forged))
		return hs_fail(h, REASON_PROTOCOL_UNOFFERED_GROUP, a->group);
	if (forged) {
		wr_bytes(out, forged->secret.p, forged->secret.n);
		return true;
	}
	h->share = key_pair_new(a->group, h->config.entropy->secret);
	if (!h->share)
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, a->group);
	if (!key_pair_shared(h->share, answer_bytes(a, a->share), out))
		return hs_fail(h, REASON_CRYPTO_SHARE, a->group);
	h->result.server_share = hs_keep(h, answer_bytes(a, a->share));
	return true;
}

bool hs13_server_hello(struct hs *h, struct text *out)
{
	const struct session *s = h->config.resume;
	uint8_t shared[SHARED_MAX];
	struct wr w = wr_of(shared, sizeof shared);

	(void)out;
	h->result.psk_taken = s && h->hello.psk && answer_has_extension(&h->answer, EXT_PRE_SHARED_KEY);
	h->result.resumed = h->result.psk_taken && !s->external;
	early_stage(h, h->result.psk_taken ? span_of(s->secret, s->secret_n) : span_of(NULL, 0), h->master);
	if (!shared_secret(h, &w))
		return false;
	next_stage(h, span_of(w.len ? shared : NULL, w.len));
	derive(h, h->master, "c hs traffic", hs_span(&h->transcript), h->client_secret);
	derive(h, h->master, "s hs traffic", hs_span(&h->transcript), h->server_secret);
	if (h->messages.n) /* the ServerHello must end its record: keys change here */
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, h->messages.n);
	h->state = HS13_EXTENSIONS;
	return install(h, false, h->server_secret);
}

/* ---- the sealed flight --------------------------------------------------------------------------------------------------------------- */

static void take_alpn(struct hs *h, struct rd data)
{
	struct rd list = rd_vec(&data, 2), name = rd_vec(&list, 1);

	h->result.alpn = hs_keep(h, rd_rest(&name));
}

static void take_request_extension(struct hs *h, struct client_request *q, uint16_t code, struct rd data)
{
	enum { CERTIFICATE_AUTHORITIES = 47, SIGNATURE_ALGORITHMS_CERT = 50 };
	struct span *place = code == EXT_SIGNATURE_ALGORITHMS    ? &q->schemes
			     : code == SIGNATURE_ALGORITHMS_CERT ? &q->cert_schemes
			     : code == CERTIFICATE_AUTHORITIES   ? &q->names
								 : NULL;
	struct rd list = rd_vec(&data, 2);

	if (place)
		*place = hs_keep(h, rd_rest(&list));
}

/* What a signature of TLS 1.3 covers: RFC 8446 section 4.4.3; a delegated credential's is built alike. */
static void signed_head(struct wr *w, const char *who)
{
	for (int i = 0; i < 64; i++)
		wr_u8(w, 0x20);
	wr_bytes(w, who, strlen(who) + 1);
}

/* RFC 9345 section 4: signed by the certificate's key over the certificate and the credential. */
static bool delegated_verify(const struct hs *h, const struct delegated *d, bool *possible)
{
	uint8_t head[128];
	struct wr w = wr_of(head, sizeof head);
	struct span parts[3];

	signed_head(&w, "TLS, server delegated credentials");
	parts[0] = span_of(head, w.len);
	parts[1] = h->result.certs[0];
	parts[2] = d->covered;
	return public_key_verify(h->server_key, d->signed_with, true, parts, 3, d->signature, possible);
}

/* Its key takes the place of the certificate's. Only the leaf delegates. */
static void take_delegated(struct hs *h, struct rd data)
{
	struct hs_result *r = &h->result;
	struct delegated d;
	bool possible = false;

	if (!delegated_read(&d, data)) {
		hs_note(h, REASON_MALFORMED, EXT_DELEGATED_CREDENTIAL);
		return;
	}
	if (r->certs_count != 1 || !h->server_key || r->delegated.taken)
		return;
	if (!delegated_verify(h, &d, &possible)) {
		hs_note(h, possible ? REASON_CRYPTO_SIGNATURE : REASON_NOT_IN_LIBCRYPTO, EXT_DELEGATED_CREDENTIAL);
		return;
	}
	public_key_free(h->server_key);
	h->server_key = public_key_of_spki(d.key);
	r->delegated = (struct hs_delegated){ .taken = true, .valid_s = d.valid_s, .scheme = d.scheme };
}

/* Each certificate has its own beside it (RFC 8446 section 4.4.2.1). */
static void take_staple(struct hs *h, struct rd data)
{
	struct hs_result *r = &h->result;
	bool ocsp = rd_u8(&data) == 1;
	struct rd response = rd_vec(&data, 3);

	if (!ocsp || !r->certs_count)
		return;
	if (r->certs_count == 1)
		r->staple = hs_keep(h, rd_rest(&response));
	else if (r->certs_count - 2 < STAPLES_ABOVE_MAX)
		r->staples_above[r->certs_count - 2] = hs_keep(h, rd_rest(&response));
}

static void take_certificate_extension(struct hs *h, uint16_t code, struct rd data)
{
	if (code == EXT_DELEGATED_CREDENTIAL)
		take_delegated(h, data);
	if (code == EXT_STATUS_REQUEST)
		take_staple(h, data);
	if (code == EXT_SCT && h->result.certs_count == 1) {
		struct rd list = rd_vec(&data, 2);

		h->result.scts = hs_keep(h, rd_rest(&list));
	}
}

static void take_encrypted_extension(struct hs *h, uint16_t code, struct rd data)
{
	enum reason wrong = granted_read(&h->result.granted, code, data);

	if (wrong)
		hs_note(h, wrong, code);
	if (code == EXT_ALPN)
		take_alpn(h, data);
	else if (code == EXT_EARLY_DATA)
		h->result.early_accepted = true;
	else if (code == EXT_ECH) /* RFC 9849 section 5: retry_configs */
		h->result.ech_configs = rd_left(&data) > 2;
}

static void take_extension(struct hs *h, uint16_t code, struct rd data, uint8_t in)
{
	hs_take_extension(h, code, in);
	if (in == IN_CR)
		take_request_extension(h, h->result.complete ? &h->result.late : &h->result.request, code, data);
	else if (in == IN_CERT)
		take_certificate_extension(h, code, data);
	else if (in == IN_EE)
		take_encrypted_extension(h, code, data);
	else if (code == EXT_EARLY_DATA)
		h->result.session.early_data_max = rd_u32(&data);
}

/* Each may stand once in one block (RFC 8446 section 4.2). */
static bool take_extensions(struct hs *h, struct rd list, uint8_t in)
{
	uint8_t seen[(1 << 16) / 8] = { 0 };

	while (rd_left(&list)) {
		uint16_t code = rd_u16(&list);
		struct rd data = rd_vec(&list, 2);

		if (list.bad)
			return hs_fail(h, REASON_MALFORMED, in);
		if (seen[code / 8] & 1 << code % 8)
			return hs_fail(h, REASON_PROTOCOL_DUPLICATE_EXTENSION, code);
		seen[code / 8] |= (uint8_t)(1 << code % 8);
		take_extension(h, code, data, in);
	}
	return !list.bad || hs_fail(h, REASON_MALFORMED, in);
}

static void add_transcript(struct hs *h, struct span whole)
{
	text_addn(&h->transcript, (const char *)whole.p, whole.n);
}

bool hs13_extensions(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	struct rd list = rd_vec(&r, 2);

	(void)out;
	for (size_t i = 0; i < h->answer.exts_count; i++)
		hs_take_extension(h, h->answer.exts[i], IN_SH);
	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, MSG_ENCRYPTED_EXTENSIONS);
	add_transcript(h, whole);
	if (!take_extensions(h, list, IN_EE))
		return false;
	h->result.exts_whole = true;
	hs_limit_records(h);
	return true;
}

bool hs13_request(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	struct rd context = rd_vec(&r, 1), list = rd_vec(&r, 2);

	(void)out;
	if (!rd_end(&r) || rd_left(&context))
		return hs_fail(h, REASON_MALFORMED, MSG_CERTIFICATE_REQUEST);
	h->result.request.asked = true;
	add_transcript(h, whole);
	return take_extensions(h, list, IN_CR);
}

static bool take_chain(struct hs *h, struct rd r) /* RFC 8446 section 4.4.2 */
{
	struct rd context = rd_vec(&r, 1), list = rd_vec(&r, 3);

	if (!rd_end(&r) || rd_left(&context))
		return hs_fail(h, REASON_MALFORMED, MSG_CERTIFICATE);
	while (rd_left(&list)) {
		struct rd der = rd_vec(&list, 3), exts = rd_vec(&list, 2);
		struct span s = rd_rest(&der);

		if (list.bad)
			return hs_fail(h, REASON_MALFORMED, MSG_CERTIFICATE);
		if (h->result.granted.server_cert_type == CERT_TYPE_RAW_KEY)
			hs_take_raw_key(h, s);
		else
			hs_take_certificate(h, s);
		if (!take_extensions(h, exts, IN_CERT))
			return false;
	}
	return true;
}

bool hs13_certificate(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	(void)out;
	h->result.chain_bytes = whole.n;
	add_transcript(h, whole);
	return take_chain(h, r);
}

/* RFC 8879: only what was offered can come, and no more of it than the limit. */
bool hs13_compressed(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	uint16_t algorithm = rd_u16(&r);
	size_t n = rd_u24(&r);
	struct rd packed = rd_vec(&r, 3);
	uint8_t *plain;
	bool well;

	(void)out;
	if (!hello_offers_extension(&h->hello, EXT_COMPRESS_CERTIFICATE))
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, MSG_COMPRESSED_CERTIFICATE);
	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, MSG_COMPRESSED_CERTIFICATE);
	if (n > ANSWER_CERT_MAX)
		return hs_fail(h, REASON_LIMIT_CERT, n);
	h->result.chain_bytes = whole.n;
	h->result.compressed_chain = true;
	h->result.compressed_with = algorithm;
	add_transcript(h, whole);
	if (!codes_has(inflate_algorithms(), algorithm))
		return hs_fail(h, REASON_NOT_IN_LIBCRYPTO, algorithm);
	plain = mem_new(n, 1);
	well = inflate_certificate(algorithm, rd_rest(&packed), plain, n);
	well = well ? take_chain(h, rd_of(plain, n)) : hs_fail(h, REASON_MALFORMED, MSG_COMPRESSED_CERTIFICATE);
	free(plain);
	return well;
}

static size_t signed_content(const struct hs *h, const char *who, uint8_t out[static 200])
{
	struct wr w = wr_of(out, 200);
	uint8_t hash[DIGEST_MAX];

	signed_head(&w, who);
	hs_transcript_hash(h, hash);
	wr_bytes(&w, hash, hash_size(h));
	return w.len;
}

/* RFC 8446 section 4.2.3: PKCS #1 v1.5 and SHA-1 are offered for certificates, never for this. Unknown ones may be new. */
static bool signs_tls13(uint16_t code)
{
	const struct scheme *s = scheme_find(code);

	return !s || s->tls13;
}

bool hs13_verify(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	uint8_t content[200];
	struct span part = { content, signed_content(h, "TLS 1.3, server CertificateVerify", content) };
	uint16_t scheme = rd_u16(&r);
	struct rd signature = rd_vec(&r, 2);
	bool possible = false, allowed = signs_tls13(scheme);

	(void)out;
	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, MSG_CERTIFICATE_VERIFY);
	h->result.scheme = scheme;
	if (h->server_key) /* a scheme that is for certificates only is told below; its arithmetic may yet be right */
		h->result.signature_right =
			public_key_verify(h->server_key, scheme, allowed, &part, 1, rd_rest(&signature), &possible);
	h->result.signature_checked = possible;
	if (possible && !h->result.signature_right)
		hs_note(h, REASON_CRYPTO_SIGNATURE, scheme);
	if (h->result.delegated.taken && scheme != h->result.delegated.scheme)
		hs_note(h, REASON_PROTOCOL_EXTENSION_VALUE, EXT_DELEGATED_CREDENTIAL);
	else if (!allowed || (!h->result.delegated.taken && !codes_has(h->hello.schemes, scheme)))
		hs_note(h, REASON_PROTOCOL_UNOFFERED_SCHEME, scheme);
	add_transcript(h, whole);
	return true;
}

/* ---- our second flight --------------------------------------------------------------------------------------------------------------- */

static bool certificate_verify(struct hs *h, uint16_t scheme, struct text *out)
{
	uint8_t content[200], signature[4096 + 1024], body[sizeof signature + 4];
	struct span part = { content, signed_content(h, "TLS 1.3, client CertificateVerify", content) };
	struct wr s = wr_of(signature, sizeof signature), b = wr_of(body, sizeof body);

	if (!private_key_sign(h->config.client_key, scheme, &part, 1, &s))
		return hs_fail(h, REASON_CLIENT_KEY, scheme);
	wr_u16(&b, scheme);
	wr_u16(&b, (uint16_t)s.len);
	wr_bytes(&b, signature, s.len);
	hs_message(h, MSG_CERTIFICATE_VERIFY, span_of(body, b.len), out);
	return true;
}

static bool client_auth(struct hs *h, const struct client_request *q, struct span context, struct text *out)
{
	struct text body = { 0 };
	uint16_t scheme;
	bool ours = hs_client_fits(h, q, &scheme);

	hs_client_certificate(h, ours, context, &body);
	hs_message(h, MSG_CERTIFICATE, hs_span(&body), out);
	text_free(&body);
	h->result.client_sent = ours;
	h->result.client_scheme = scheme;
	return !ours || certificate_verify(h, scheme, out);
}

static void client_finished(struct hs *h, const uint8_t *secret, struct text *out)
{
	uint8_t hash[DIGEST_MAX], mac[DIGEST_MAX];

	hs_transcript_hash(h, hash);
	finished_mac(h, secret, span_of(hash, hash_size(h)), mac);
	if (hs_hook(h, HOOK_FINISHED, mac, hash_size(h)))
		hs_message(h, MSG_FINISHED, span_of(mac, hash_size(h)), out);
}

static bool second_flight(struct hs *h, struct text *out)
{
	static const uint8_t ccs = 1;
	const struct client_request *q = &h->result.request;

	h->result.flights++;
	if (!h->early_sent && hs_hook(h, HOOK_CCS, (uint8_t[]){ 1 }, 1))
		hs_record(h, TYPE_CCS, span_of(&ccs, 1), out);
	if (h->early_sent && h->result.early_accepted)
		hs_message(h, MSG_END_OF_EARLY_DATA, span_of(NULL, 0), out);
	if (!install(h, true, h->client_secret) || (q->asked && !client_auth(h, q, span_of(NULL, 0), out)))
		return false;
	client_finished(h, h->client_secret, out);
	return true;
}

bool hs13_finished(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	struct span theirs = rd_rest(&r);
	uint8_t hash[DIGEST_MAX], mac[DIGEST_MAX];

	hs_transcript_hash(h, hash);
	finished_mac(h, h->server_secret, span_of(hash, hash_size(h)), mac);
	if (theirs.n != hash_size(h) || memcmp(theirs.p, mac, theirs.n))
		return hs_fail(h, REASON_CRYPTO_FINISHED, 0);
	if (h->messages.n != whole.n) /* keys change behind the Finished */
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, h->messages.n);
	add_transcript(h, whole);
	next_stage(h, span_of(NULL, 0));
	derive(h, h->master, "c ap traffic", hs_span(&h->transcript), h->client_app);
	derive(h, h->master, "s ap traffic", hs_span(&h->transcript), h->server_app);
	if (!second_flight(h, out) || !install(h, false, h->server_app) || !install(h, true, h->client_app))
		return false;
	derive(h, h->master, "res master", hs_span(&h->transcript), h->resumption);
	h->open_n = h->transcript.n;
	return true;
}

/* With a pre-shared key there is no certificate: the key is the proof (RFC 8446 section 2.2). */
bool hs13_psk_finished(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	if (!h->result.psk_taken)
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, MSG_FINISHED);
	return hs13_finished(h, r, whole, out);
}

/* ---- afterwards ------------------------------------------------------------------------------------------------------------------------ */

bool hs13_ticket(struct hs *h, struct rd r, struct span whole, struct text *out) /* RFC 8446 section 4.6.1 */
{
	struct session *s = &h->result.session;
	struct rd nonce, ticket, exts;

	(void)whole;
	(void)out;
	if (++h->tickets_taken > TICKETS_MAX)
		return hs_fail(h, REASON_LIMIT_MESSAGES, h->tickets_taken);
	s->lifetime_s = rd_u32(&r);
	s->age_add = rd_u32(&r);
	nonce = rd_vec(&r, 1);
	ticket = rd_vec(&r, 2);
	exts = rd_vec(&r, 2);
	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, MSG_NEW_SESSION_TICKET);
	s->version = h->result.version;
	s->suite = h->result.suite;
	s->ticket = hs_keep_ticket(h, rd_rest(&ticket));
	s->secret_n = hash_size(h);
	kdf_expand_label(h->digest, span_of(h->resumption, hash_size(h)), "resumption", rd_rest(&nonce), s->secret,
		s->secret_n);
	if (s->lifetime_s > TICKET_SECONDS_MAX)
		hs_note(h, REASON_PROTOCOL_TICKET_LIFETIME, s->lifetime_s);
	s->early_data_max = 0;
	h->result.tickets++;
	return take_extensions(h, exts, IN_NST);
}

/*
 * Asked for a certificate when the handshake is over (RFC 8446 section 4.6.2): only a client that offered it may be. What
 * is signed is the handshake and this one request, however many there were (section 4.4).
 */
bool hs13_late_request(struct hs *h, struct rd r, struct span whole, struct text *out)
{
	struct rd context = rd_vec(&r, 1), list = rd_vec(&r, 2);
	struct client_request *q = &h->result.late;
	struct span about = rd_rest(&context);

	if (!hello_offers_extension(&h->hello, EXT_POST_HANDSHAKE_AUTH))
		return hs_fail(h, REASON_PROTOCOL_UNEXPECTED_MESSAGE, MSG_CERTIFICATE_REQUEST);
	if (!rd_end(&r))
		return hs_fail(h, REASON_MALFORMED, MSG_CERTIFICATE_REQUEST);
	if (++h->messages_taken > UPDATES_MAX)
		return hs_fail(h, REASON_LIMIT_MESSAGES, h->messages_taken);
	*q = (struct client_request){ .asked = true };
	h->transcript.n = h->open_n;
	add_transcript(h, whole);
	if (!take_extensions(h, list, IN_CR) || !client_auth(h, q, about, out))
		return false;
	client_finished(h, h->client_app, out);
	h->transcript.n = h->open_n;
	return true;
}

static void update(struct hs *h, uint8_t *secret)
{
	uint8_t next[DIGEST_MAX];

	kdf_expand_label(h->digest, span_of(secret, hash_size(h)), "traffic upd", span_of(NULL, 0), next, hash_size(h));
	memcpy(secret, next, hash_size(h));
}

bool hs13_key_update(struct hs *h, struct rd r, struct span whole, struct text *out) /* RFC 8446 section 4.6.3 */
{
	uint8_t asked = rd_u8(&r), answer[] = { 0 };

	(void)whole;
	if (!rd_end(&r) || asked > UPDATE_REQUESTED)
		return hs_fail(h, REASON_MALFORMED, MSG_KEY_UPDATE);
	if (++h->messages_taken > UPDATES_MAX)
		return hs_fail(h, REASON_LIMIT_MESSAGES, h->messages_taken);
	update(h, h->server_app);
	if (!install(h, false, h->server_app))
		return false;
	if (asked != UPDATE_REQUESTED)
		return true;
	hs_message(h, MSG_KEY_UPDATE, span_of(answer, sizeof answer), out);
	update(h, h->client_app);
	return install(h, true, h->client_app);
}
