/*
 * The client core against the test server, without an engine or a network between them: whole handshakes of
 * every version, key exchange and cipher, sessions taken up again, client certificates, and servers that
 * break off or lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/tls/hs.h"
#include "tests/servers/handshake.h"
#include "tests/servers/misbehave.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { COMPRESS_CERTIFICATE = 27 };

static void say(struct meeting *m, const char *what)
{
	struct text said = { 0 };

	assert_true(hs_send(m->hs, what, strlen(what), &said));
	converse(m, &said);
	tick(m);
}

static void expect_done(const struct meeting *m, const char *what)
{
	const struct hs_result *r = m->result;

	if (!r->complete || !r->finished_right || r->reason || hs_phase(m->hs) != HS_DONE)
		fail_msg("%s: %s at %u, alert %d, phase %d", what, reason_name(r->reason),
		        (unsigned)r->offset, r->alerted ? r->alert : -1, (int)hs_phase(m->hs));
}

static void expect_page(struct meeting *m, const char *what)
{
	expect_done(m, what);
	say(m, "GET / HTTP/1.1\r\nHost: server.test\r\n\r\n");
	if (!memmem(hs_data(m->hs).p, hs_data(m->hs).n, "\r\n\r\nhello\n", 10) ||
	        !m->result->close_notified || !m->ended)
		fail_msg("%s: no page, or no end in good order: %.*s", what, (int)hs_data(m->hs).n,
		        hs_data(m->hs).p);
}

/* ---- every version, key exchange, cipher
 * ------------------------------------------------------------------------- */

static const char *chain_for(const struct suite *s)
{
	if (s->auth == AUTH_ECDSA)
		return "ecdsa";
	return s->auth == AUTH_DSS ? NULL : "rsa";
}

static bool is_carried(const struct suite *s)
{
	const struct cipher_kind *kind = cipher_kind_of(s);
	bool kx = s->kx == KX_RSA || s->kx == KX_DHE || s->kx == KX_ECDHE || s->kx == KX_PSK ||
	          s->kx == KX_DHE_PSK || s->kx == KX_ECDHE_PSK || s->kx == KX_RSA_PSK || s->kx == KX_ANY;

	return suite_pickable(s->code) && kx && kind && crypt_has_cipher(kind) && chain_for(s);
}

static bool is_signed(const struct suite *s)
{
	if (s->kx == KX_RSA && s->flags & SUITE_EXPORT) /* the short-lived key is */
		return true;
	return (s->kx == KX_ECDHE || s->kx == KX_DHE || s->kx == KX_ANY) && s->auth != AUTH_NULL &&
	       s->auth != AUTH_PSK;
}

static void try_suite(const struct suite *s, uint16_t version, uint32_t offer)
{
	struct meeting m;
	char config[512], what[128];

	snprintf(config, sizeof(config),
	        "versions=%s\nsuites=0x%04x\nchains=%s\npsk=000102030405060708090a0b0c0d0e0f\npsk_identity="
	        "me",
	        version_find(version)->name, s->code, chain_for(s));
	snprintf(what, sizeof(what), "%s in %s, offer %x", s->name, version_find(version)->name,
	        (unsigned)offer);
	meeting_init(&m, NULL, config);
	m.client.psk = m.config.psk;
	m.client.psk_identity = (struct span){ (const uint8_t *)"me", 2 };
	set_codes(&m, &m.hello.suites, s->code);
	m.hello.version = version;
	m.hello.offer = offer;
	if (version == VER_TLS13)
		set_13(&m, s->code, 0x001D);
	meet(&m);
	expect_page(&m, what);
	assert_int_equal(m.result->suite, s->code);
	assert_int_equal(m.result->version, version);
	assert_int_equal(m.result->signature_checked && m.result->signature_right, is_signed(s));
	assert_int_equal(m.result->ems, version != VER_TLS13 && version != VER_SSL3 && offer & OFFER_EMS);
	assert_int_equal(m.result->encrypt_then_mac, version != VER_TLS13 && version != VER_SSL3 &&
	                                                     offer & OFFER_ENCRYPT_THEN_MAC &&
	                                                     s->flags & SUITE_CBC);
	part(&m);
}

static void every_suite_that_is_here_goes_through_in_every_version(void **state)
{
	unsigned tried = 0;

	(void)state;
	for (size_t i = 0; i < suites_count; i++)
		for (uint16_t v = VER_SSL3; is_carried(&suites[i]) && v <= VER_TLS13; v++) {
			if (suite_is_tls13(&suites[i]) != (v == VER_TLS13) || suites[i].min_version > v)
				continue;
			try_suite(&suites[i], v,
			        v == VER_SSL3 ? OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV : COMMON);
			tried++;
		}
	assert_true(tried > 300);
}

static void what_is_not_offered_is_done_without(void **state)
{
	static const uint16_t codes[] = { 0x002F, 0x0033, 0xC013, 0x000A };

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		for (uint16_t v = VER_TLS10; v <= VER_TLS12; v++) {
			try_suite(suite_find(codes[i]), v, 0);
			try_suite(suite_find(codes[i]), v, OFFER_EMS);
			try_suite(suite_find(codes[i]), v, OFFER_ENCRYPT_THEN_MAC);
			try_suite(suite_find(codes[i]), v, OFFER_SESSION_TICKET);
		}
}

static void try_group(const struct group *g, uint16_t version)
{
	struct meeting m;
	char config[256];

	snprintf(config, sizeof(config), "versions=%s\ngroups=0x%04x\nchains=rsa\ndh_prime=none%s",
	        version_find(version)->name, g->code, g->kind == GROUP_FFDHE ? "\nsuites=0x009E,0x1301" : "");
	meeting_init(&m, NULL, config);
	set_codes(&m, &m.hello.suites, g->kind == GROUP_FFDHE ? 0x009E : 0xC02F);
	set_codes(&m, &m.hello.groups, g->code);
	if (version == VER_TLS13)
		set_13(&m, 0x1301, g->code);
	meet(&m);
	expect_page(&m, g->name);
	assert_int_equal(
	        m.result->group, version == VER_TLS13 || g->kind != GROUP_FFDHE ? g->code : m.result->group);
	part(&m);
}

static void every_group_that_is_here_goes_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < groups_count; i++) {
		const struct group *g = &groups[i];

		/* A server of these tests cannot encapsulate. */
		if (!crypt_has_group(g->code) || g->kind == GROUP_KEM || g->kind == GROUP_HYBRID)
			continue;
		if (g->use & GROUP_TLS12)
			try_group(g, VER_TLS12);
		if (g->use & GROUP_TLS13)
			try_group(g, VER_TLS13);
	}
}

static void try_scheme(const struct scheme *s, uint16_t version)
{
	static const char *const chains[] = {
		[KEY_RSA] = "rsa", [KEY_ECDSA] = "ecdsa", [KEY_ED25519] = "ed25519"
	};
	struct meeting m;
	char config[256];

	snprintf(config, sizeof(config), "versions=%s\nschemes=0x%04x\nchains=%s",
	        version_find(version)->name, s->code, chains[s->key]);
	meeting_init(&m, NULL, config);
	set_codes(&m, &m.hello.suites, s->key == KEY_RSA ? 0xC02F : 0xC02C);
	if (version == VER_TLS13)
		set_13(&m, 0x1301, 0x001D);
	set_codes(&m, &m.hello.schemes, s->code);
	meet(&m);
	if (version == VER_TLS13 && s->key == KEY_ECDSA && s->code != 0x0403) { /* of another curve */
		assert_int_equal(m.result->alert, ALERT_HANDSHAKE_FAILURE);
	} else {
		expect_page(&m, s->name);
		assert_int_equal(m.result->scheme, s->code);
		assert_true(m.result->signature_checked && m.result->signature_right);
	}
	part(&m);
}

static void every_scheme_of_the_servers_keys_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < schemes_count; i++) {
		const struct scheme *s = &schemes[i];

		if (s->key != KEY_RSA && s->key != KEY_ECDSA && s->key != KEY_ED25519)
			continue;
		if (s->tls12)
			try_scheme(s, VER_TLS12);
		if (s->tls13)
			try_scheme(s, VER_TLS13);
	}
}

/* ---- however it is cut up
 * ------------------------------------------------------------------------------------------ */

static const struct {
	const char *config;
	uint16_t version;
	uint32_t suite, share;
} kinds[] = {
	{ "versions=SSLv3", VER_SSL3, 0x0035, 0 },
	{ "versions=TLSv1.0", VER_TLS10, 0x002F, 0 },
	{ "versions=TLSv1.1\nclient_auth=ask", VER_TLS11, 0xC014, 0 },
	{ "versions=TLSv1.2\nstaple=30030a0101", VER_TLS12, 0xC02F, 0 },
	{ "versions=TLSv1.2\nfragment=7", VER_TLS12, 0x009F, 0 },
	{ "versions=TLSv1.3", VER_TLS13, 0x1301, 0x001D },
	{ "versions=TLSv1.3\nfragment=7\nclient_auth=ask", VER_TLS13, 0x1303, 0x0017 },
	{ "versions=TLSv1.3\ngroups=secp384r1\ncookie=yes", VER_TLS13, 0x1302, 0x001D },
};

static void kind_meet(struct meeting *m, size_t i, size_t chunk)
{
	meeting_init(m, NULL, kinds[i].config);
	m->chunk = chunk;
	set_codes(m, &m->hello.suites, kinds[i].suite);
	m->hello.version = kinds[i].version;
	if (kinds[i].version == VER_SSL3)
		m->hello.offer = OFFER_NO_EXTENSIONS;
	if (kinds[i].share)
		set_13(m, kinds[i].suite, kinds[i].share);
	meet(m);
}

static void the_splits_of_the_stream_change_nothing(void **state)
{
	static const size_t chunks[] = { 1, 2, 3, 5, 64, 1000 };

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct meeting whole, cut;

		kind_meet(&whole, i, WHOLE);
		expect_page(&whole, kinds[i].config);
		for (size_t k = 0; k < COUNT(chunks); k++) {
			kind_meet(&cut, i, chunks[k]);
			expect_page(&cut, kinds[i].config);
			assert_int_equal(cut.result->sent, whole.result->sent);
			assert_int_equal(cut.result->received, whole.result->received);
			assert_int_equal(cut.result->certs_count, whole.result->certs_count);
			assert_int_equal(cut.result->events_count, whole.result->events_count);
			assert_int_equal(cut.result->tickets, whole.result->tickets);
			part(&cut);
		}
		part(&whole);
	}
}

/* What is stapled to the certificate above is not taken for the leaf's. */
static void each_certificate_keeps_its_own_staple(void **state)
{
	struct meeting m;
	const struct hs_result *r;

	(void)state;
	meeting_init(&m, NULL, "versions=TLSv1.3\nstaple=30030a0101\nstaple_above=30030a010203");
	m.hello.offer |= OFFER_STATUS_REQUEST;
	set_13(&m, 0x1301, 0x001D);
	meet(&m);
	r = m.result;
	expect_page(&m, "staples");
	assert_int_equal(r->staple.n, 5);
	assert_memory_equal(r->staple.p, "\x30\x03\x0a\x01\x01", 5);
	assert_int_equal(r->staples_above[0].n, 6);
	assert_int_equal(r->staples_above[1].n, 0);
	part(&m);
}

static void a_retry_is_gone_along_with_cookie_and_all(void **state)
{
	struct meeting m;

	(void)state;
	meeting_init(&m, NULL, "versions=TLSv1.3\ngroups=secp384r1\ncookie=yes");
	set_13(&m, 0x1302, 0x001D);
	meet(&m);
	expect_page(&m, "retry");
	assert_true(m.result->retried);
	assert_int_equal(m.result->group, 0x0018);
	part(&m);
}

/* ---- sessions
 * ----------------------------------------------------------------------------------------------------------
 */

/* A second meeting with the session of the first; what the session points to stays in the first one's arena.
 */
static void resume_12(struct meeting *m, const struct meeting *first, const char *config)
{
	static const uint8_t made_up[32] = { 9, 8, 7 };

	meeting_init(m, NULL, config);
	m->hello.version = first->hello.version;
	m->hello.offer = first->hello.offer;
	set_codes(m, &m->hello.suites, first->result->suite);
	m->client.resume = &first->result->session;
	m->hello.ticket = first->result->session.ticket;
	m->hello.session_id = m->hello.ticket.n ? (struct span){ made_up, 32 } : first->result->session.id;
	meet(m);
}

static void a_session_goes_on_by_ticket_or_by_id(void **state)
{
	static const char *const answers[] = { "answers=ems,etm,ticket", "answers=ems,etm", "answers=" };

	(void)state;
	for (uint16_t v = VER_TLS10; v <= VER_TLS12; v++)
		for (size_t i = 0; i < COUNT(answers); i++) {
			struct meeting first, second;
			char config[128];

			snprintf(
			        config, sizeof(config), "versions=%s\n%s", version_find(v)->name, answers[i]);
			meeting_init(&first, NULL, config);
			first.hello.version = v;
			set_codes(&first, &first.hello.suites, 0xC014);
			meet(&first);
			expect_done(&first, config);
			assert_int_equal(first.result->tickets, i == 0);
			resume_12(&second, &first, config);
			expect_page(&second, config);
			assert_true(second.result->resumed);
			assert_int_equal(second.result->certs_count, 0);
			part(&second);
			resume_12(&second, &first,
			        "versions=TLSv1.0,TLSv1.1,TLSv1.2\nanswers=ems,etm\nsession_ids=no");
			expect_page(&second, config); /* nothing is kept: a whole handshake */
			assert_false(second.result->resumed);
			part(&second);
			part(&first);
		}
}

static void a_session_of_ssl_3_goes_on(void **state)
{
	struct meeting first, second;

	(void)state;
	kind_meet(&first, 0, WHOLE);
	expect_done(&first, "first");
	resume_12(&second, &first, "versions=SSLv3");
	expect_page(&second, "second");
	assert_true(second.result->resumed);
	part(&second);
	part(&first);
}

static void resume_13(
        struct meeting *m, const struct meeting *first, const char *config, struct psk_offer *psk)
{
	static const uint32_t shares[] = { 0x001D };
	static const uint8_t modes[] = { 1, 1 };
	struct extra *extra;
	size_t n = 0;

	meeting_init(m, NULL, config);
	extra = arena_new(&m->arena, 2, sizeof(*extra));
	extra[n++] = (struct extra){ EXT_PSK_KEY_EXCHANGE_MODES, { modes, sizeof(modes) } };
	set_13(m, first->result->suite, shares[0]);
	*psk = (struct psk_offer){ .identity = first->result->session.ticket,
		.binder_n = first->result->session.secret_n };
	if (first->result->session.early_data_max) {
		extra[n++] = (struct extra){ EXT_EARLY_DATA, { NULL, 0 } };
		m->client.early = (struct span){ (const uint8_t *)"GET /early HTTP/1.1\r\n\r\n", 23 };
	}
	m->hello.extra = extra;
	m->hello.extra_n = n;
	m->hello.psk = psk;
	m->client.resume = &first->result->session;
	meet(m);
}

static void a_ticket_of_tls_1_3_goes_on(void **state)
{
	static const uint32_t suites13[] = { 0x1301, 0x1302, 0x1303 };

	(void)state;
	for (size_t i = 0; i < COUNT(suites13); i++) {
		struct meeting first, second;
		struct psk_offer psk;

		meeting_init(&first, NULL, "versions=TLSv1.3");
		set_13(&first, suites13[i], 0x001D);
		meet(&first);
		expect_done(&first, "first");
		assert_int_equal(first.result->tickets, 2);
		assert_int_equal(first.result->session.lifetime_s, 7200);
		resume_13(&second, &first, "versions=TLSv1.3", &psk);
		expect_page(&second, "second");
		assert_true(second.result->resumed);
		assert_int_equal(second.result->certs_count, 0);
		part(&second);
		resume_13(&second, &first, "versions=TLSv1.3\ngroups=secp384r1",
		        &psk); /* with a retry between */
		expect_page(&second, "with a retry");
		assert_true(second.result->resumed && second.result->retried);
		part(&second);
		part(&first);
	}
}

static void a_wrong_binder_is_refused(void **state)
{
	struct meeting first, second;
	struct psk_offer psk;
	struct session *session;

	(void)state;
	meeting_init(&first, NULL, "versions=TLSv1.3");
	set_13(&first, 0x1301, 0x001D);
	meet(&first);
	session = (struct session *)(uintptr_t)&first.result->session;
	session->secret[0] ^= 1;
	resume_13(&second, &first, "versions=TLSv1.3", &psk);
	assert_int_equal(second.result->alert, 51);
	part(&second);
	part(&first);
}

static void meet_with_key(struct meeting *m, const char *config, const char *identity, struct session *s,
        struct psk_offer *psk)
{
	static const uint8_t key[] = { 1, 2, 3, 4, 5 };

	meeting_init(m, NULL, config);
	assert_true(session_of_psk(s, (struct span){ key, sizeof(key) },
	        (struct span){ (const uint8_t *)identity, strlen(identity) }));
	*psk = (struct psk_offer){ .identity = s->ticket, .binder_n = crypt_digest_size(DIGEST_SHA256) };
	set_13(m, 0x1301, 0x001D);
	m->hello.psk = psk;
	m->client.resume = s;
	meet(m);
}

/* RFC 8446 section 4.2.11: nobody was here before, and yet there is no certificate. */
static void a_key_given_to_both_sides_serves_tls_1_3(void **state)
{
	static const char config[] = "versions=TLSv1.3\npsk=0102030405\npsk_identity=me";
	struct meeting m;
	struct session s;
	struct psk_offer psk;

	(void)state;
	meet_with_key(&m, config, "me", &s, &psk);
	expect_page(&m, "with the key");
	assert_true(m.result->psk_taken && !m.result->resumed && !m.result->certs_count);
	assert_true(m.result->session.version && !m.result->session.external);
	part(&m);
	meet_with_key(&m, config, "you", &s, &psk);
	expect_page(&m, "another name");
	assert_true(!m.result->psk_taken && m.result->certs_count);
	part(&m);
	meet_with_key(&m, "versions=TLSv1.3\npsk=0102030406\npsk_identity=me", "me", &s, &psk);
	assert_true(m.result->alerted && m.result->alert == 51);
	part(&m);
}

static void early_data_is_taken_refused_or_passed_over(void **state)
{
	static const struct {
		const char *config;
		bool accepted, resumed;
	} rows[] = {
		{ "versions=TLSv1.3\nearly_data=16384", true, true },
		{ "versions=TLSv1.3\nearly_data=16384\nfragment=9", true, true },
		{ "versions=TLSv1.3", false, true },
		{ "versions=TLSv1.3\ngroups=secp384r1\nearly_data=16384", false, true },
	};
	struct meeting first;

	(void)state;
	meeting_init(&first, NULL, "versions=TLSv1.3\nearly_data=16384");
	set_13(&first, 0x1301, 0x001D);
	meet(&first);
	assert_int_equal(first.result->session.early_data_max, 16384);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct meeting m;
		struct psk_offer psk;

		resume_13(&m, &first, rows[i].config, &psk);
		assert_int_equal(m.result->early_accepted, rows[i].accepted);
		assert_int_equal(m.result->resumed, rows[i].resumed);
		if (rows[i].accepted) { /* the early request is answered at once */
			expect_done(&m, rows[i].config);
			assert_non_null(memmem(hs_data(m.hs).p, hs_data(m.hs).n, "hello\n", 6));
		} else {
			expect_page(&m, rows[i].config);
		}
		part(&m);
	}
	part(&first);
}

/* ---- client certificates
 * ---------------------------------------------------------------------------------------------------- */

static struct private_key *client_key(const char *name)
{
	struct span der = builtin_chain(name)->key;
	char *base64 = mem_new(der.n * 2 + 8, 1);
	struct text pem = { 0 };
	struct private_key *key;
	const char *why;

	EVP_EncodeBlock((unsigned char *)base64, der.p, (int)der.n);
	text_add(&pem, "-----BEGIN PRIVATE KEY-----\n");
	for (size_t at = 0; at < strlen(base64); at += 64)
		text_fmt(&pem, "%.64s\n", base64 + at);
	text_add(&pem, "-----END PRIVATE KEY-----\n");
	key = private_key_pem((struct span){ (const uint8_t *)pem.s, pem.n }, NULL, &why);
	if (!key)
		fail_msg("%s", why);
	free(base64);
	text_free(&pem);
	return key;
}

static void try_client(const char *config, uint16_t version, uint32_t suite, const char *chain, bool through)
{
	struct private_key *key = chain ? client_key(chain) : NULL;
	struct meeting m;

	meeting_init(&m, NULL, config);
	m.hello.version = version;
	set_codes(&m, &m.hello.suites, suite);
	if (version == VER_TLS13)
		set_13(&m, suite, 0x001D);
	if (version == VER_SSL3)
		m.hello.offer = OFFER_NO_EXTENSIONS;
	if (chain) {
		m.client.client_chain = builtin_chain(chain)->certs;
		m.client.client_chain_n = builtin_chain(chain)->n;
		m.client.client_key = key;
	}
	meet(&m);
	assert_true(m.result->request.asked);
	if (through)
		expect_page(&m, config);
	else
		assert_true(m.result->alerted && m.result->alert == (version == VER_TLS13 ? 116 : 40));
	private_key_free(key);
	part(&m);
}

static void a_client_certificate_is_asked_for_needed_and_checked(void **state)
{
	static const uint32_t suite_of[] = { 0x0035, 0x0035, 0xC014, 0xC030, 0x1301 };
	static const char *const names[] = { "SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3" };

	(void)state;
	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++) {
		static const char *const chains[] = { "rsa", "ecdsa", "ed25519" };
		char ask[128], require_[128];

		snprintf(ask, sizeof(ask), "versions=%s\nclient_auth=ask", names[v - VER_SSL3]);
		snprintf(require_, sizeof(require_), "versions=%s\nclient_auth=require", names[v - VER_SSL3]);
		try_client(ask, v, suite_of[v - VER_SSL3], NULL, true);
		try_client(require_, v, suite_of[v - VER_SSL3], NULL, false);
		for (size_t i = 0; i < 2; i++)
			try_client(require_, v, suite_of[v - VER_SSL3], chains[i], true);
	}
}

/* ---- servers that do it wrong
 * ------------------------------------------------------------------------------------------------- */

static bool is_one_of(const char *expected, enum reason reason)
{
	char words[128], *rest = words, *word;

	snprintf(words, sizeof(words), "%s", expected);
	while ((word = strsep(&rest, "|")))
		if (!strcmp(word, reason ? reason_name(reason) : ""))
			return true;
	return false;
}

static void meet_row(struct meeting *m, const char *row, size_t chunk)
{
	static const uint32_t both[] = { 0x1301, 0xC02F };
	static const uint8_t algorithms[] = { 2, 0, 1 };
	static const struct extra compress = { COMPRESS_CERTIFICATE, { algorithms, sizeof(algorithms) } };

	static const char *const protocols[] = { "h2", "http/1.1", NULL };

	meeting_init(m, row, NULL);
	m->chunk = chunk;
	set_13(m, 0x1301, 0x001D);
	m->hello.alpn = protocols;
	m->hello.suites = (struct codes){ both, 2 };
	if (!code_list_has(&m->config.versions, VER_TLS13)) {
		m->hello.version = VER_TLS12;
		set_codes(m, &m->hello.suites, 0xC02F);
		m->hello.shares = (struct codes){ 0 };
	} else {
		m->hello.extra = &compress;
		m->hello.extra_n = 1;
	}
	meet(m);
}

/* Rows that a scan names by many answers together, or that show in how a connection is opened. */
static bool is_for_one_handshake(const struct misbehaviour *row)
{
	return !row->opening && !row->refuse_after && !row->tarpit_after && strcmp(row->expected, "UNSTABLE") &&
	       strcmp(row->name, "suite_same");
}

/* What one handshake says of a row where that is not what a whole scan says. */
static const char *reason_here(const struct misbehaviour *row)
{
	static const struct {
		const char *row, *reason;
	} others[] = {
		{ "downgrade", "PROTOCOL_VERSION" }, /* no other version was offered here */
		{ "downgrade_silent", "PROTOCOL_VERSION" },
	};

	if (row->page || row->spoils & SPOIL_MUTE)
		return ""; /* a page is not asked for here */
	for (size_t i = 0; i < COUNT(others); i++)
		if (!strcmp(others[i].row, row->name))
			return others[i].reason;
	return row->expected;
}

/* Noted and gone on, in a handshake that goes through: all else is the end of it. */
static bool may_go_through(const char *expected)
{
	static const char *const noted[] = { "", "CRYPTO_SIGNATURE", "PROTOCOL_UNOFFERED_EXTENSION",
		"PROTOCOL_UNOFFERED_EXTENSION|", "PROTOCOL_UNOFFERED_SCHEME", "PROTOCOL_TICKET_LIFETIME" };

	for (size_t i = 0; i < COUNT(noted); i++)
		if (!strcmp(noted[i], expected))
			return true;
	return false;
}

static void each_wrong_server_is_called_what_it_is(void **state)
{
	static const size_t chunks[] = { WHOLE, 1, 7 };

	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++)
		for (size_t k = 0; k < COUNT(chunks) && is_for_one_handshake(&misbehaviours[i]); k++) {
			const struct misbehaviour *row = &misbehaviours[i];
			const char *expected = reason_here(row);
			struct meeting m;

			meet_row(&m, row->name, chunks[k]);
			hs_end(m.hs, ENDING_TIMEOUT);
			if (strcmp(expected, "*") && !is_one_of(expected, m.result->reason))
				fail_msg("%s by %zu: %s, expected %s", row->name, chunks[k],
				        reason_name(m.result->reason), expected);
			if (hs_phase(m.hs) == HS_RUNNING ||
			        (hs_phase(m.hs) == HS_DONE && strcmp(expected, "*") && !may_go_through(expected)))
				fail_msg("%s by %zu: phase %d", row->name, chunks[k], (int)hs_phase(m.hs));
			part(&m);
		}
}

static void after_the_handshake_a_server_may_fall_silent_or_never_end(void **state)
{
	struct meeting m;

	(void)state;
	meet_row(&m, "mute", WHOLE);
	say(&m, "GET / HTTP/1.1\r\n\r\n");
	assert_int_equal(hs_data(m.hs).n, 0);
	assert_int_equal(hs_end(m.hs, ENDING_TIMEOUT), HS_DONE);
	part(&m);
	meet_row(&m, "no_goodbye", WHOLE);
	say(&m, "GET / HTTP/1.1\r\n\r\n");
	assert_true(m.ended && hs_data(m.hs).n && !m.result->close_notified);
	part(&m);
	meet_row(&m, "canceled", WHOLE);
	expect_page(&m, "canceled");
	part(&m);
	meet_row(&m, "headers_endless", WHOLE);
	say(&m, "GET / HTTP/1.1\r\n\r\n");
	assert_in_range(hs_data(m.hs).n, 64 * 1024, ANSWER_FLIGHT_MAX);
	part(&m);
}

/* RFC 8446 section 4.1.3: the server says that it knows better, and so does the client. */
static void a_downgrade_shows_by_its_sentinel(void **state)
{
	struct meeting m;

	(void)state;
	for (int silent = 0; silent < 2; silent++) {
		static const uint32_t versions13[] = { VER_TLS13, VER_TLS12 };

		meeting_init(&m, silent ? "downgrade_silent" : "downgrade", NULL);
		set_13(&m, 0x1301, 0x001D);
		m.hello.versions = (struct codes){ versions13, 2 };
		m.hello.suites = (struct codes){ (const uint32_t[]){ 0x1301, 0xC02F }, 2 };
		meet(&m);
		assert_int_equal(m.result->version, VER_TLS12);
		assert_int_equal(m.result->reason, silent ? REASON_NONE : REASON_PROTOCOL_DOWNGRADE);
		assert_true(m.result->complete);
		part(&m);
	}
}

/* ---- the table of the dialogue
 * --------------------------------------------------------------------------------------------------- */

static void each_state_is_reached_and_each_path_ends(void **state)
{
	bool reached[HS_STATES] = {
		[HS_CLEAR] = true, [HS12_TICKET_OR_CCS] = true, [HS13_EXTENSIONS] = true, [HS_OVER] = true
	};

	(void)state;
	for (size_t round = 0; round < HS_STATES; round++)
		for (size_t i = 0; i < hs_rows_count; i++)
			if (reached[hs_rows[i].state])
				reached[hs_rows[i].next] = true;
	for (size_t i = 0; i < HS_STATES; i++)
		assert_true(reached[i]);
	for (size_t i = 0; i < hs_rows_count; i++) {
		const struct hs_row *r = &hs_rows[i];

		assert_true(r->next >= r->state); /* on, or where it is: so every path comes to its end */
		assert_non_null(r->read);
		for (size_t k = 0; k < i; k++)
			assert_false(hs_rows[k].state == r->state && hs_rows[k].message == r->message);
	}
	for (enum hs_state s = HS12_TICKET_OR_CCS; s < HS_OPEN; s++) { /* and out of every state a way on */
		bool goes_on = false;

		for (size_t i = 0; i < hs_rows_count; i++)
			goes_on |= hs_rows[i].state == s && hs_rows[i].next > s;
		assert_true(goes_on);
	}
}

static const char sealed_flight[] = "versions=TLSv1.3\nchains=ecdsa\ntickets=0";

static size_t sealed_flight_bytes(void)
{
	struct meeting m;
	size_t n;

	meeting_init(&m, NULL, sealed_flight);
	set_13(&m, 0x1301, 0x001D);
	meet(&m);
	n = (size_t)m.result->received;
	part(&m);
	return n;
}

/* Behind the clear ServerHello nothing can be changed unseen. */
static void each_flipped_bit_of_a_sealed_flight_is_felt(void **state)
{
	size_t n = sealed_flight_bytes();

	(void)state;
	for (size_t at = 150; at < n; at += 3) {
		struct meeting m;

		meeting_init(&m, "flip_at", sealed_flight);
		m.config.at = 8 * at + at % 8;
		set_13(&m, 0x1301, 0x001D);
		meet(&m);
		if (m.result->complete && m.result->reason == REASON_NONE)
			fail_msg("a flip at %zu of %zu went unseen", at, n);
		part(&m);
	}
}

/* ... and an end at each byte of it is an end, whatever stood there. */
static void an_end_at_each_byte_of_a_sealed_flight_is_named(void **state)
{
	size_t n = sealed_flight_bytes();

	(void)state;
	for (size_t at = 1; at < n; at++) {
		struct meeting m;

		meeting_init(&m, "cut_at", sealed_flight);
		m.config.at = at;
		set_13(&m, 0x1301, 0x001D);
		meet(&m);
		if (m.result->complete || m.result->reason != REASON_TRUNCATED)
			fail_msg("an end at %zu of %zu: %s", at, n, reason_name(m.result->reason));
		part(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_that_is_here_goes_through_in_every_version),
		cmocka_unit_test(what_is_not_offered_is_done_without),
		cmocka_unit_test(every_group_that_is_here_goes_through),
		cmocka_unit_test(every_scheme_of_the_servers_keys_signs),
		cmocka_unit_test(the_splits_of_the_stream_change_nothing),
		cmocka_unit_test(each_certificate_keeps_its_own_staple),
		cmocka_unit_test(a_retry_is_gone_along_with_cookie_and_all),
		cmocka_unit_test(a_session_goes_on_by_ticket_or_by_id),
		cmocka_unit_test(a_session_of_ssl_3_goes_on),
		cmocka_unit_test(a_ticket_of_tls_1_3_goes_on),
		cmocka_unit_test(a_wrong_binder_is_refused),
		cmocka_unit_test(a_key_given_to_both_sides_serves_tls_1_3),
		cmocka_unit_test(early_data_is_taken_refused_or_passed_over),
		cmocka_unit_test(a_client_certificate_is_asked_for_needed_and_checked),
		cmocka_unit_test(each_wrong_server_is_called_what_it_is),
		cmocka_unit_test(after_the_handshake_a_server_may_fall_silent_or_never_end),
		cmocka_unit_test(a_downgrade_shows_by_its_sentinel),
		cmocka_unit_test(each_state_is_reached_and_each_path_ends),
		cmocka_unit_test(each_flipped_bit_of_a_sealed_flight_is_felt),
		cmocka_unit_test(an_end_at_each_byte_of_a_sealed_flight_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
