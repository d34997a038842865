#include "scanner/story/said.h"

#include "scanner/story/said_core.h"

enum { CCS = 20, ALERT = 21, HANDSHAKE = 22, DATA = 23, SERVER_HELLO = 2, KEY_EXCHANGE = 12, CERTIFICATE_VERIFY = 15,
	CLIENT_KEY = 16, FINISHED = 20,
	CLIENT = 1, SERVER = 2 };

/* Every message there is: what it is for, by who speaks, and who reads its fields. */
static const struct row {
	uint8_t content, message, from;
	const char *meaning;
	said_reader *read;
} rows[] = {
	{ HANDSHAKE, 0, SERVER, "asks the client for a new handshake", NULL },
	{ HANDSHAKE, 1, CLIENT, "says what it can do: versions, suites, groups, signatures", said_client_hello },
	{ HANDSHAKE, 2, SERVER, "picks one of each", said_server_hello },
	{ HANDSHAKE, 4, SERVER, "gives a ticket by which the session can be taken up again", said_ticket },
	{ HANDSHAKE, 5, CLIENT, "ends the early data", NULL },
	{ HANDSHAKE, 8, SERVER, "answers the other extensions, the first message under keys", said_encrypted_extensions },
	{ HANDSHAKE, 11, SERVER, "shows who the server is: its certificate and those that vouch for it", said_certificate },
	{ HANDSHAKE, 11, CLIENT, "shows who the client is, or that it has no certificate to show", said_certificate },
	{ HANDSHAKE, KEY_EXCHANGE, SERVER, "brings its half of the key exchange, signed by the certificate's key", said_key_exchange },
	{ HANDSHAKE, 13, SERVER, "asks for a client certificate", said_request },
	{ HANDSHAKE, 14, SERVER, "has nothing more to say for now", NULL },
	{ HANDSHAKE, 15, SERVER, "signs all that was said so far: it holds the certificate's key", said_verify },
	{ HANDSHAKE, 15, CLIENT, "signs all that was said so far: it holds the certificate's key", said_verify },
	{ HANDSHAKE, CLIENT_KEY, CLIENT, "brings its half of the key exchange: now both have the secret", said_client_key },
	{ HANDSHAKE, 20, SERVER, "a MAC over all that was said: the server has the same keys and heard the same words, so "
		"nobody between changed one", said_finished },
	{ HANDSHAKE, 20, CLIENT, "a MAC over all that was said: the client has the same keys and heard the same words",
		said_finished },
	{ HANDSHAKE, 22, SERVER, "staples an OCSP response: the certificate is not revoked, says its issuer", said_staple },
	{ HANDSHAKE, 24, SERVER, "changes the keys that it writes under", said_key_update },
	{ HANDSHAKE, 24, CLIENT, "changes the keys that it writes under, as asked", said_key_update },
	{ HANDSHAKE, 25, SERVER, "shows who the server is, in a compressed Certificate", said_compressed },
	{ CCS, 0, CLIENT, "what follows is under the new keys", NULL },
	{ CCS, 0, SERVER, "what follows is under the new keys", NULL },
	{ DATA, 0, CLIENT, "data of the application", NULL },
};

static const struct row *row_of(const struct hs_event *e)
{
	uint8_t message = e->content == HANDSHAKE ? e->message : 0, from = e->ours ? CLIENT : SERVER;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].content == e->content && rows[i].message == message && rows[i].from == from)
			return &rows[i];
	return NULL;
}

static bool is_retry(const struct hs_event *e)
{
	return e->content == HANDSHAKE && e->message == SERVER_HELLO && said_is_retry(e->body);
}

const char *said_name(struct said *s, const struct hs_event *e)
{
	static const char *const contents[] = { [CCS - CCS] = "ChangeCipherSpec", [ALERT - CCS] = "Alert",
		[DATA - CCS] = "ApplicationData" };

	s->retry = is_retry(e);
	if (s->retry)
		return "HelloRetryRequest";
	if (e->content == HANDSHAKE)
		return hs_message_name(e->message);
	return e->content >= CCS && e->content <= DATA ? contents[e->content - CCS] : "unknown record";
}

static const char *alert_meaning(const struct hs_event *e)
{
	if (e->message == ALERT_CLOSE_NOTIFY)
		return "says goodbye: nothing was cut off";
	return e->body.n == 2 && e->body.p[0] == 1 ? "warns" : "breaks off";
}

enum said_proof said_proof(const struct hs_result *r)
{
	const struct suite *x = suite_find(r->suite);

	if (r->resumed)
		return PROOF_SESSION;
	if (r->version >= VER_TLS13)
		return r->psk_taken ? PROOF_KEY : PROOF_CERTIFICATE;
	if (x && (x->kx == KX_PSK || x->kx == KX_DHE_PSK || x->kx == KX_ECDHE_PSK))
		return PROOF_KEY;
	return x && x->auth == AUTH_NULL ? PROOF_NOBODY : PROOF_CERTIFICATE;
}

static const char *key_meaning(const struct hs_event *e, const struct suite *x)
{
	bool own_half = x->kx == KX_DHE_PSK || x->kx == KX_ECDHE_PSK;

	if (e->ours)
		return own_half ? "names the shared key and brings its half of the key exchange" :
			x->kx == KX_PSK ? "names the shared key: both have the secret already" : NULL;
	if (x->auth == AUTH_NULL)
		return "brings its half of the key exchange, signed by nobody: it may be anyone's";
	if (own_half)
		return "brings its half of the key exchange, unsigned: that it holds the shared key shows in its Finished";
	return x->kx == KX_PSK || x->kx == KX_RSA_PSK ? "hints which shared key is meant; it is not signed" : NULL;
}

/* What is not as the rows have it, when the server has no certificate; NULL: it is. */
static const char *bare_meaning(const struct said *s, const struct hs_event *e)
{
	const struct suite *x = suite_find(s->suite);

	if (!x || e->content != HANDSHAKE)
		return NULL;
	if (e->message == (e->ours ? CLIENT_KEY : KEY_EXCHANGE))
		return key_meaning(e, x);
	if (e->message == FINISHED && !e->ours && said_proof(s->result) == PROOF_NOBODY)
		return "a MAC over all that was said: whoever is at the other end has the same keys and heard the same words";
	return NULL;
}

const char *said_meaning(const struct said *s, const struct hs_event *e)
{
	const struct row *r = row_of(e);
	const char *bare = bare_meaning(s, e);

	if (bare)
		return bare;
	if (is_retry(e))
		return "asks for another hello, which costs a round trip";
	if (e->content == ALERT)
		return alert_meaning(e);
	if (e->content == CCS && s->version >= VER_TLS13)
		return "means nothing in TLS 1.3: it is there for middleboxes that expect it";
	return r ? r->meaning : NULL;
}

/* What was proven is known from the result, not from the bytes. */
static void proof(const struct said *s, const struct hs_event *e, struct fields *f)
{
	const struct hs_result *r = s->result;

	if (e->ours || e->content != HANDSHAKE)
		return;
	if (e->message == FINISHED)
		fields_text(f, "verified", r->reason == REASON_CRYPTO_FINISHED ? "WRONG" : r->complete ? "right" : "not checked");
	if (e->message == CERTIFICATE_VERIFY)
		fields_text(f, "verified", r->signature_right ? "right" : r->signature_checked ? "WRONG" : "not checked");
}

static void alert_fields(const struct hs_event *e, struct fields *f)
{
	fields_text(f, "level", e->body.n == 2 && e->body.p[0] == 1 ? "warning" : "fatal");
	fields_text(f, "description", alert_text(e->message));
	fields_count(f, "code", e->message);
}

void said_fields(struct said *s, const struct hs_event *e, struct fields *f)
{
	enum { HEADER = 4 };
	const struct row *r = row_of(e);

	s->retry = is_retry(e);
	if (e->content == ALERT)
		alert_fields(e, f);
	if (r && r->read && e->body.n >= HEADER &&
		!r->read(s, rd_of(e->body.p + HEADER, e->body.n - HEADER), f))
		fields_flag(f, "malformed", true);
	proof(s, e, f);
}
