/*
 * Fuzz target of the client core: the input plays the server. It chooses the kind of handshake, and then bends what our
 * own server says, message by message and record by record, before any hash, signature, Finished or seal is made over
 * it: so what is bent comes under right keys, and what follows still fits.
 *
 * Whatever came, the handshake ends with a reason, says the same however it was cut into pieces, and nothing it tells
 * points elsewhere than into memory of its own; and where nothing was bent it goes through.
 */
#include "scanner/base/die.h"
#include "tests/servers/handshake.h"
#include "tests/servers/misbehave.h"
#include "tests/servers/serve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMPRESS_CERTIFICATE = 27, SPARE = 1024, STEPS_MAX = 16, FIX_LENGTH = 0x80 };

/* ---- the script: which of the things said is bent, and how -------------------------------------------------- */

enum verb { REPLACE, FLIP, INSERT, DELETE, TRUNCATE, APPEND, RETYPE, VERBS };

struct step {
	bool of_record; /* a record's content, or a message */
	unsigned nth;
	uint8_t verb;
	size_t at;
	struct span bytes;
};

static struct {
	struct step steps[STEPS_MAX];
	size_t steps_n;
	unsigned messages, records; /* said so far */
	bool bent;
} script;

static void script_read(struct rd *r)
{
	script.steps_n = 0;
	while (rd_left(r) && script.steps_n < STEPS_MAX) {
		struct step s = { 0 };
		uint8_t where = rd_u8(r);
		struct rd bytes;

		s.of_record = where & 0x80;
		s.nth = where & 0x7F;
		s.verb = rd_u8(r);
		s.at = rd_u16(r);
		bytes = rd_vec(r, 1);
		s.bytes = rd_rest(&bytes);
		if (r->bad)
			return;
		script.steps[script.steps_n++] = s;
	}
}

static void insert(struct wr *w, size_t at, struct span bytes)
{
	size_t behind = w->len - at;

	wr_zero(w, bytes.n);
	require(!w->bad);
	memmove(w->buf + at + bytes.n, w->buf + at, behind);
	if (bytes.n)
		memcpy(w->buf + at, bytes.p, bytes.n);
}

static void overlay(uint8_t *p, size_t n, struct span bytes, bool flip)
{
	for (size_t i = 0; i < bytes.n && i < n; i++)
		p[i] = flip ? p[i] ^ bytes.p[i] : bytes.p[i];
}

static void bend(const struct step *s, struct wr *w, size_t start)
{
	size_t n = w->len - start, at = start + (n ? s->at % (n + 1) : 0), rest = w->len - at;
	size_t cut = s->bytes.n < rest ? s->bytes.n : rest;

	switch ((s->verb & ~FIX_LENGTH) % VERBS) {
	case REPLACE:
	case FLIP:
		overlay(w->buf + at, rest, s->bytes, (s->verb & ~FIX_LENGTH) % VERBS == FLIP);
		break;
	case INSERT:
		insert(w, at, s->bytes);
		break;
	case DELETE:
		memmove(w->buf + at, w->buf + at + cut, rest - cut);
		w->len -= cut;
		break;
	case TRUNCATE:
		w->len = at;
		break;
	default:
		wr_bytes(w, s->bytes.p, s->bytes.n);
	}
	script.bent = true;
}

/* The length in a message's header is made to fit what it has become. */
static void fix_length(struct wr *w, size_t start)
{
	struct wr header = wr_of(w->buf + start + 1, 3);

	if (w->len >= start + 4)
		wr_u24(&header, (uint32_t)(w->len - start - 4));
}

static void bend_message(struct server *server, struct wr *w, size_t start)
{
	unsigned nth = script.messages++;

	(void)server;
	for (size_t i = 0; i < script.steps_n; i++) {
		const struct step *s = &script.steps[i];

		if (s->of_record || s->nth != nth || w->len - start > (1 << 14))
			continue;
		bend(s, w, start);
		if (s->verb & FIX_LENGTH)
			fix_length(w, start);
	}
}

static void bend_content(struct server *server, uint8_t *type, struct wr *w)
{
	unsigned nth = script.records++;

	(void)server;
	for (size_t i = 0; i < script.steps_n; i++) {
		const struct step *s = &script.steps[i];

		if (!s->of_record || s->nth != nth || w->len + s->bytes.n > w->cap)
			continue;
		if ((s->verb & ~FIX_LENGTH) % VERBS == RETYPE && s->bytes.n) {
			*type = s->bytes.p[0];
			script.bent = true;
		} else {
			bend(s, w, 0);
		}
	}
}

/* ---- the handshakes ----------------------------------------------------------------------------------------- */

/* Two updates of the keys before anything else is said; the client has to answer each. */
static bool updates(struct server *s, struct peer_out *out)
{
	for (int i = 0; i < 2; i++)
		serve13_update(s, true, out);
	s->stage = STAGE_OPEN; /* it goes on listening */
	return false;
}

static const struct misbehaviour row = { .name = "fuzz", .message = bend_message, .content = bend_content };
static const struct misbehaviour row_updates = {
	.name = "fuzz", .message = bend_message, .content = bend_content, .opened = updates
};

static const struct kind {
	const char *config;
	uint16_t version;
	uint32_t suite, share;
	bool resumes, early, client, updates;
} kinds[] = {
	{ "versions=TLSv1.3\nchains=ecdsa", VER_TLS13, 0x1301, 0x1D, false, false, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa", VER_TLS13, 0x1303, 0x1D, true, false, false, false },
	{ "versions=TLSv1.3\nchains=ecdsa\nearly_data=1024", VER_TLS13, 0x1302, 0x1D, true, true, false, false },
	{ "versions=TLSv1.3\nchains=ed25519\nschemes=ed25519\nclient_auth=ask\ncompress=yes\nstaple=30030a0101\nsct=00010203",
	        VER_TLS13, 0x1301, 0x1D, false, false, true, false },
	{ "versions=TLSv1.3\nchains=ecdsa\ngroups=secp256r1\ncookie=yes", VER_TLS13, 0x1301, 0x1D, false, false, false,
	        true },
	{ "versions=TLSv1.2\nchains=ecdsa\nstaple=30030a0101\nclient_auth=ask", VER_TLS12, 0xC02C, 0, false, false, true,
	        false },
	{ "versions=TLSv1.2\nchains=ecdsa", VER_TLS12, 0xC02C, 0, true, false, false, false },
	{ "versions=TLSv1.2\nsuites=ADH-AES256-SHA\ndh_prime=modp1024", VER_TLS12, 0x003A, 0, false, false, false, false },
	{ "versions=TLSv1.1\nchains=rsa", VER_TLS11, 0x0035, 0, false, false, false, false },
	{ "versions=TLSv1.0\nchains=rsa\nsuites=0x0003", VER_TLS10, 0x0003, 0, false, false, false, false },
	{ "versions=SSLv3\nchains=rsa", VER_SSL3, 0x0035, 0, false, false, false, false },
	{ "versions=TLSv1.2\nsuites=PSK-AES128-CBC-SHA\npsk=0011223344", VER_TLS12, 0x008C, 0, false, false, false, false },
};

struct talk {
	struct meeting first, m;
	struct psk_offer psk;
	struct extra extra[3];
	struct span chain;
	bool resumed;
};

static void prepare(struct talk *t, const struct kind *k, struct meeting *m)
{
	static const uint8_t zlib[] = { 2, 0, 1 };
	static const struct extra constant[] = { { COMPRESS_CERTIFICATE, { zlib, sizeof(zlib) } },
		{ EXT_PSK_KEY_EXCHANGE_MODES, { (const uint8_t *)"\1\1", 2 } }, { EXT_EARLY_DATA, { NULL, 0 } } };

	meeting_init(m, NULL, k->config);
	m->hello.offer |= OFFER_STATUS_REQUEST | OFFER_SCT;
	m->hello.version = k->version;
	set_codes(m, &m->hello.suites, k->suite);
	if (k->version == VER_SSL3)
		m->hello.offer = OFFER_NO_EXTENSIONS;
	m->client.psk = m->config.psk;
	if (k->version < VER_TLS13)
		return;
	set_13(m, k->suite, k->share);
	memcpy(t->extra, constant, sizeof(constant));
	m->hello.extra = t->extra;
	m->hello.extra_n = 2;
}

/* The first of two handshakes is sound. */
static void resume(struct talk *t, const struct kind *k)
{
	static const uint8_t made_up[32] = { 9, 8, 7 };
	const struct session *s;

	prepare(t, k, &t->first);
	meet(&t->first);
	s = &t->first.result->session;
	require(s->ticket.n);
	t->m.client.resume = s;
	if (k->version < VER_TLS13) {
		t->m.hello.ticket = s->ticket;
		t->m.hello.session_id = (struct span){ made_up, sizeof(made_up) };
		return;
	}
	t->psk = (struct psk_offer){ .identity = s->ticket, .binder_n = s->secret_n };
	t->m.hello.psk = &t->psk;
	if (!k->early)
		return;
	t->m.hello.extra_n = 3;
	t->m.client.early = (struct span){ (const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18 };
}

static void talk(struct talk *t, const struct kind *k, size_t chunk)
{
	struct text said = { 0 };

	*t = (struct talk){ 0 };
	prepare(t, k, &t->m);
	if (k->resumes)
		resume(t, k);
	t->m.chunk = chunk;
	t->m.config.row = k->updates ? &row_updates : &row;
	script.messages = script.records = 0;
	script.bent = false;
	if (k->client) {
		t->chain = builtin_chain("ecdsa")->certs[0];
		t->m.client.client_chain = &t->chain; /* without its key: nothing in an answer is random */
		t->m.client.client_chain_n = 0;
	}
	meet(&t->m);
	if (hs_phase(t->m.hs) == HS_DONE && hs_send(t->m.hs, "GET / HTTP/1.1\r\n\r\n", 18, &said))
		converse(&t->m, &said);
	text_free(&said);
	hs_end(t->m.hs, ENDING_CLOSED);
}

static void talk_end(struct talk *t)
{
	if (t->first.hs)
		part(&t->first);
	part(&t->m);
}

/* ---- what must hold ------------------------------------------------------------------------------------------ */

static unsigned touch(struct span s)
{
	unsigned sum = 0;

	for (size_t i = 0; i < s.n; i++)
		sum += s.p[i];
	return sum;
}

static unsigned touch_all(const struct hs_result *r)
{
	unsigned sum = touch(r->staple) + touch(r->scts) + touch(r->alpn) + touch(r->request.types) +
	               touch(r->request.schemes) + touch(r->request.names) + touch(r->session.ticket) +
	               touch(r->session.id) + touch(r->server_share) + touch(r->server_random);

	for (size_t i = 0; i < r->certs_count; i++)
		sum += touch(r->certs[i]);
	return sum;
}

static void look_at(const struct talk *t)
{
	const struct hs_result *r = t->m.result;
	enum hs_phase phase = hs_phase(t->m.hs);

	require(phase != HS_RUNNING && (phase == HS_DONE || r->reason));
	require(phase != HS_DONE || (r->complete && r->finished_right));
	require(r->certs_count <= ANSWER_CHAIN_MAX && r->exts_count <= ANSWER_EXTS_MAX);
	require(hs_data(t->m.hs).n <= ANSWER_FLIGHT_MAX);
	require(script.bent || (phase == HS_DONE && !r->reason));
	touch_all(r);
}

static void look_at_both(const struct talk *a, const struct talk *b)
{
	const struct hs_result *x = a->m.result, *y = b->m.result;

	require(hs_phase(a->m.hs) == hs_phase(b->m.hs) && x->reason == y->reason && x->offset == y->offset);
	require(x->sent == y->sent && x->tickets == y->tickets && x->certs_count == y->certs_count);
	require(x->events_count == y->events_count && hs_data(a->m.hs).n == hs_data(b->m.hs).n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t chunks[] = { 1, 7, 64, 1000 };
	struct rd r = rd_of(data, size);
	uint8_t kind = rd_u8(&r), chunk = rd_u8(&r);
	struct talk whole, cut;

	if (r.bad)
		return 0;
	script_read(&r);
	talk(&whole, &kinds[kind % (sizeof(kinds) / sizeof(*kinds))], WHOLE);
	look_at(&whole);
	talk(&cut, &kinds[kind % (sizeof(kinds) / sizeof(*kinds))], chunks[chunk % 4]);
	look_at(&cut);
	look_at_both(&whole, &cut);
	talk_end(&whole);
	talk_end(&cut);
	return 0;
}
