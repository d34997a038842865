/* What servers say before TLS, whole and cut at every byte: TLS begins, or it does not, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/run/prelude.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define BYTES(s) s, sizeof(s) - 1
#define EHLO "EHLO tlsassay.invalid\r\n"
#define XMPP(kind) \
	"<?xml version='1.0'?><stream:stream xmlns='jabber:" kind "' xmlns:stream='http://etherx.jabber.org/streams' " \
	"to='name.test' version='1.0'>"
#define START "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
#define LDAP_ASK "\x30\x1d\2\1\1\x77\x18\x80\x16" "1.3.6.1.4.1.1466.20037"
#define PG_ASK "\0\0\0\x08\x04\xd2\x16\x2f"
#define MYSQL_ASK "\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define MYSQL_HELLO(low, high) \
	"\x2e\0\0\0\x0a" "8.0-test\0" "\1\2\3\4" "saltsalt\0" low "\x21\2\0" high "\x15" "0123456789" "salt\0"
#define RDP_ASK "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"
#define RDP(type, chosen) "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0" type "\0\x08\0" chosen "\0\0\0"

/* `rest`: so many bytes at the end of `server` come behind the go-ahead. */
static const struct row {
	const char *dialect;
	const char *server;
	size_t server_n;
	const char *ours;
	size_t ours_n;
	enum reason reason; /* REASON_NONE: TLS begins */
	size_t rest;
} rows[] = {
	{ "smtp", BYTES("220 mx ESMTP\r\n250-mx\r\n250-SIZE 1\r\n250 STARTTLS\r\n220 go\r\n\x16\3\3"), BYTES(EHLO "STARTTLS\r\n"), REASON_NONE, 3 },
	{ "smtp", BYTES("220-mx\r\n220-more\r\n220 ESMTP\n250 STARTTLS\n220\n"), BYTES(EHLO "STARTTLS\r\n"), REASON_NONE, 0 },
	{ "smtp", BYTES("220 mx\r\n250 mx\r\n454 4.7.0 TLS not available\r\n"), BYTES(EHLO "STARTTLS\r\n"), REASON_STARTTLS_TRY_LATER, 0 },
	{ "smtp", BYTES("220 mx\r\n250 mx\r\n502-5.5.1\r\n502 not known\r\n"), BYTES(EHLO "STARTTLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "smtp", BYTES("220 mx\r\n500 what\r\n"), BYTES(EHLO), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "smtp", BYTES("554 go away\r\n"), BYTES(""), REASON_STARTTLS_REFUSED, 0 },
	{ "smtp", BYTES("421 busy\r\n"), BYTES(""), REASON_STARTTLS_TRY_LATER, 0 },
	{ "smtp", BYTES("* OK imap\r\n"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "smtp", BYTES("22\r\n"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "smtp", BYTES("2200 x\r\n"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "smtp", BYTES("\r\n"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "smtp", BYTES("\x15\3\1\0\2\2\x46"), BYTES(""), REASON_STARTTLS_TLS_AT_ONCE, 5 },
	{ "smtp", BYTES("\x16\3\3\0\2\2\x46"), BYTES(""), REASON_STARTTLS_TLS_AT_ONCE, 5 },
	{ "lmtp", BYTES("220 l\r\n250 l\r\n220 go\r\n"), BYTES("LHLO tlsassay.invalid\r\nSTARTTLS\r\n"), REASON_NONE, 0 },
	{ "imap", BYTES("* OK [CAPABILITY IMAP4rev1] hi\r\n* CAPABILITY X\r\nT1 ok go\r\nx"), BYTES("t1 STARTTLS\r\n"), REASON_NONE, 1 },
	{ "imap", BYTES("* OK hi\r\nt2 OK go\r\n"), BYTES("t1 STARTTLS\r\n"), REASON_STARTTLS_WRONG, 0 },
	{ "imap", BYTES("* OK hi\r\nt1 BAD what\r\n"), BYTES("t1 STARTTLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "imap", BYTES("* OK hi\r\nt1 NO [UNAVAILABLE] not now\r\n"), BYTES("t1 STARTTLS\r\n"), REASON_STARTTLS_TRY_LATER, 0 },
	{ "imap", BYTES("* PREAUTH hi\r\n"), BYTES(""), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "imap", BYTES("* BYE no\r\n"), BYTES(""), REASON_STARTTLS_REFUSED, 0 },
	{ "pop3", BYTES("+OK hi <1@x>\r\n+OK\r\n"), BYTES("STLS\r\n"), REASON_NONE, 0 },
	{ "pop3", BYTES("+OK hi\r\n-ERR what\r\n"), BYTES("STLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "pop3", BYTES("-ERR [SYS/TEMP] full\r\n"), BYTES(""), REASON_STARTTLS_TRY_LATER, 0 },
	{ "sieve", BYTES("\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"hi\"\r\nOK \"go\"\r\n"), BYTES("STARTTLS\r\n"), REASON_NONE, 0 },
	{ "sieve", BYTES("\"VERSION\" \"1.0\"\r\nOK\r\nNO \"not here\"\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "sieve", BYTES("BYE (TRYLATER) \"full\"\r\n"), BYTES(""), REASON_STARTTLS_TRY_LATER, 0 },
	{ "ftp", BYTES("220-Welcome\r\n  hello 220 x\r\n221 no end\r\n220 ready\r\n234 AUTH TLS\r\n"), BYTES("AUTH TLS\r\n"), REASON_NONE, 0 },
	{ "ftp", BYTES("120 wait\r\n220 ready\r\n534 no\r\n"), BYTES("AUTH TLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "ftp", BYTES("220 ready\r\n431 not now\r\n"), BYTES("AUTH TLS\r\n"), REASON_STARTTLS_TRY_LATER, 0 },
	{ "nntp", BYTES("200 news\r\n382 go\r\n"), BYTES("STARTTLS\r\n"), REASON_NONE, 0 },
	{ "nntp", BYTES("201 read only\r\n580 not now\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_TRY_LATER, 0 },
	{ "nntp", BYTES("200 news\r\n500 what\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "irc", BYTES(":irc NOTICE * :looking\r\nPING :1\r\n:irc 670 * :go\r\n"), BYTES("STARTTLS\r\n"), REASON_NONE, 0 },
	{ "irc", BYTES(":irc 451 * STARTTLS :register\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "irc", BYTES(":irc 691 * :no\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_TRY_LATER, 0 },
	{ "irc", BYTES("ERROR :closing\r\n"), BYTES("STARTTLS\r\n"), REASON_STARTTLS_REFUSED, 0 },
	{ "xmpp", BYTES("<?xml version='1.0'?><stream:stream from=\"a>b\" id='1'><stream:features><starttls xmlns='x'><required/>"
		"</starttls><mechanisms/></stream:features><proceed xmlns='x'/>"), BYTES(XMPP("client") START), REASON_NONE, 0 },
	{ "xmpp", BYTES("<stream:stream>\n<features><starttls/></features>\n<proceed xmlns='x'></proceed>y"), BYTES(XMPP("client") START), REASON_NONE, 1 },
	{ "xmpp", BYTES("<stream:stream><stream:features><bind/></stream:features>"), BYTES(XMPP("client")), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "xmpp", BYTES("<stream:stream><stream:features/>"), BYTES(XMPP("client")), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "xmpp", BYTES("<stream:stream><stream:error><host-unknown/>"), BYTES(XMPP("client")), REASON_STARTTLS_NO_SUCH_NAME, 0 },
	{ "xmpp", BYTES("<stream:stream><stream:error><policy-violation/></stream:error>"), BYTES(XMPP("client")), REASON_STARTTLS_REFUSED, 0 },
	{ "xmpp", BYTES("<stream:stream><stream:features><starttls/></stream:features><failure/>"), BYTES(XMPP("client") START), REASON_STARTTLS_TRY_LATER, 0 },
	{ "xmpp-server", BYTES("<stream:stream><stream:features><starttls/></stream:features><proceed/>"), BYTES(XMPP("server") START), REASON_NONE, 0 },
	{ "ldap", BYTES("\x30\x0c\2\1\1\x78\7\x0a\1\0\4\0\4\0z"), BYTES(LDAP_ASK), REASON_NONE, 1 },
	{ "ldap", BYTES("\x30\x84\0\0\0\x10\2\1\1\x78\x84\0\0\0\7\x0a\1\0\4\0\4\0"), BYTES(LDAP_ASK), REASON_NONE, 0 },
	{ "ldap", BYTES("\x30\x0c\2\1\1\x78\7\x0a\1\2\4\0\4\0"), BYTES(LDAP_ASK), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "ldap", BYTES("\x30\x0c\2\1\1\x78\7\x0a\1\x34\4\0\4\0"), BYTES(LDAP_ASK), REASON_STARTTLS_TRY_LATER, 0 },
	{ "ldap", BYTES("\x30\x0c\2\1\0\x78\7\x0a\1\x34\4\0\4\0"), BYTES(LDAP_ASK), REASON_STARTTLS_REFUSED, 0 },
	{ "ldap", BYTES("\x30\x0c\2\1\2\x78\7\x0a\1\0\4\0\4\0"), BYTES(LDAP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "ldap", BYTES("\x30\x80"), BYTES(LDAP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "ldap", BYTES("\x30\x83\1\0\0"), BYTES(LDAP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "ldap", BYTES("H"), BYTES(LDAP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "ldap", BYTES("\x15\3\3\0\2\2\x0a"), BYTES(LDAP_ASK), REASON_STARTTLS_TLS_AT_ONCE, 5 },
	{ "postgres", BYTES("S\x16"), BYTES(PG_ASK), REASON_NONE, 1 },
	{ "postgres", BYTES("N"), BYTES(PG_ASK), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "postgres", BYTES("E"), BYTES(PG_ASK), REASON_STARTTLS_REFUSED, 0 },
	{ "postgres", BYTES("\0"), BYTES(PG_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "mysql", BYTES(MYSQL_HELLO("\xff\xff", "\xff\xcf")), BYTES(MYSQL_ASK), REASON_NONE, 0 },
	{ "mysql", BYTES(MYSQL_HELLO("\xff\xf7", "\xff\xcf")), BYTES(""), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "mysql", BYTES("\x09\0\0\0\xff\x10\4#08004"), BYTES(""), REASON_STARTTLS_TRY_LATER, 0 },
	{ "mysql", BYTES("\x09\0\0\0\xff\x6a\4#HY000"), BYTES(""), REASON_STARTTLS_REFUSED, 0 },
	{ "mysql", BYTES("\x05\0\0\0\x09" "5.1\0"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "mysql", BYTES("\x04\0\0\0\x0a" "5.1"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "mysql", BYTES("\xff\xff\xff"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "rdp", BYTES(RDP("\2", "\1")), BYTES(RDP_ASK), REASON_NONE, 0 },
	{ "rdp", BYTES(RDP("\2", "\2")), BYTES(RDP_ASK), REASON_NONE, 0 },
	{ "rdp", BYTES(RDP("\2", "\0")), BYTES(RDP_ASK), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "rdp", BYTES(RDP("\3", "\2")), BYTES(RDP_ASK), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "rdp", BYTES("\x03\0\0\x0b\6\xd0\0\0\x12\x34\0"), BYTES(RDP_ASK), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "rdp", BYTES("\x03\0\0\x0b\6\x80\0\0\x12\x34\0"), BYTES(RDP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "rdp", BYTES("\x03\0\0\4"), BYTES(RDP_ASK), REASON_STARTTLS_WRONG, 0 },
	{ "vnc", BYTES("RFB 003.008\n\2\1\x13\0\2\0\3\0\0\1\1\0\0\1\6\0\0\1\4\1"), BYTES("RFB 003.008\n\x13\0\2\0\0\1\4"), REASON_NONE, 0 },
	{ "vnc", BYTES("RFB 004.001\n\1\x13\0\2\0\2\0\0\1\2\0\0\0\x13\1"), BYTES("RFB 003.008\n\x13\0\2\0\0\1\2"), REASON_NONE, 0 },
	{ "vnc", BYTES("RFB 003.008\n\2\1\2"), BYTES("RFB 003.008\n"), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "vnc", BYTES("RFB 003.008\n\0\0\0\0\1x"), BYTES("RFB 003.008\n"), REASON_STARTTLS_REFUSED, 5 },
	{ "vnc", BYTES("RFB 003.003\n"), BYTES(""), REASON_STARTTLS_NOT_OFFERED, 0 },
	{ "vnc", BYTES("RFC"), BYTES(""), REASON_STARTTLS_WRONG, 0 },
	{ "telnet", BYTES("\xff\xfd\x18\xff\xfb\1\xff\xfd\x2ehi\xff\xfa\x2e\1\xff\xf0"), BYTES("\xff\xfb\x2e\xff\xfa\x2e\1\xff\xf0"), REASON_NONE, 0 },
	{ "telnet", BYTES("\xff\xfd\x18\xff\xfe\x2e"), BYTES("\xff\xfb\x2e"), REASON_STARTTLS_NOT_OFFERED, 0 },
};

/* What came of it; `taken` of the bytes. */
struct outcome {
	enum prelude_phase phase;
	enum reason reason;
	size_t taken;
	struct text ours;
};

static struct outcome converse(const char *dialect, const char *server, size_t n, size_t first, size_t piece)
{
	struct starttls o = { dialect_find(dialect), "name.test" };
	struct outcome x = { 0 };
	struct prelude *p;
	size_t at = 0;

	assert_non_null(o.dialect);
	p = prelude_new(&o, &x.ours);
	while (at < n && prelude_phase(p) == PRELUDE_RUNNING) {
		size_t most = at ? piece : first, some = most < n - at ? most : n - at;
		size_t taken = prelude_feed(p, server + at, some, &x.ours);

		assert_true(taken == some || prelude_phase(p) != PRELUDE_RUNNING);
		at += taken;
	}
	x.phase = prelude_phase(p);
	x.reason = prelude_reason(p);
	x.taken = at;
	assert_int_equal(prelude_received(p), at);
	assert_int_equal(prelude_sent(p), x.ours.n);
	prelude_free(p);
	return x;
}

static void look_at(const struct row *r, size_t i, size_t first, size_t piece)
{
	struct outcome x = converse(r->dialect, r->server, r->server_n, first, piece);

	if (x.phase != (r->reason ? PRELUDE_FAILED : PRELUDE_TLS) || x.reason != r->reason ||
	        x.taken != r->server_n - r->rest || x.ours.n != r->ours_n || memcmp(text_str(&x.ours), r->ours, r->ours_n))
		fail_msg("%s, row %zu, cut at %zu: phase %d, %s, %zu taken, we said %zu: %s", r->dialect, i, first, (int)x.phase,
		        reason_name(x.reason), x.taken, x.ours.n, text_str(&x.ours));
	text_free(&x.ours);
}

static void each_dialect_comes_to_tls_or_says_why_not_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		look_at(&rows[i], i, 1, 1);
		for (size_t cut = 1; cut <= rows[i].server_n; cut++)
			look_at(&rows[i], i, cut, rows[i].server_n);
	}
}

static void every_dialect_is_in_the_table_with_a_go_ahead_and_a_refusal(void **state)
{
	const struct dialect *d;

	(void)state;
	for (size_t i = 0; (d = dialect_at(i)); i++) {
		bool goes = false, refuses = false;

		for (size_t k = 0; k < COUNT(rows); k++)
			if (!strcmp(rows[k].dialect, dialect_name(d))) {
				goes |= !rows[k].reason;
				refuses |= rows[k].reason != REASON_NONE;
			}
		/* lmtp and xmpp-server follow the rows of another one. */
		refuses |= !strcmp(dialect_name(d), "lmtp") || !strcmp(dialect_name(d), "xmpp-server");
		if (!goes || !refuses || !*dialect_source(d))
			fail_msg("%s", dialect_name(d));
	}
	assert_null(dialect_find("gopher"));
	assert_int_equal(prelude_received(NULL) + prelude_sent(NULL), 0);
}

/* A cut conversation is unfinished at each of its bytes: none is taken for the go-ahead too early. */
static void what_is_not_whole_goes_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n + rows[i].rest < rows[i].server_n; n++) {
			struct outcome x = converse(rows[i].dialect, rows[i].server, n, n, 1);

			if (x.phase != PRELUDE_RUNNING)
				fail_msg("%s, row %zu: over behind %zu bytes", rows[i].dialect, i, n);
			text_free(&x.ours);
		}
}

static struct outcome repeated(const char *dialect, const char *front, const char *piece, size_t n)
{
	struct text all = { 0 };
	struct outcome x;

	text_add(&all, front);
	while (all.n < n)
		text_add(&all, piece);
	x = converse(dialect, text_str(&all), all.n, 1000, 1000);
	text_free(&all);
	return x;
}

static void who_never_ends_is_stopped(void **state)
{
	static const struct {
		const char *dialect, *front, *piece;
		size_t taken;
	} floods[] = {
		{ "smtp", "", "220-more of it\r\n", PRELUDE_MAX },
		{ "smtp", "220 ", "no newline ", PRELUDE_FRAME_MAX },
		{ "imap", "* OK\r\n", "* untagged\r\n", PRELUDE_MAX },
		{ "ftp", "220-hi\r\n", "anything\r\n", PRELUDE_MAX },
		{ "sieve", "", "\"X\"\r\n", PRELUDE_MAX },
		{ "irc", "", ":x NOTICE y :z\r\n", PRELUDE_MAX },
		{ "xmpp", "", "<a>", PRELUDE_MAX },
		{ "xmpp", "", "text ", PRELUDE_FRAME_MAX },
		{ "xmpp", "<a b='", ">>", PRELUDE_FRAME_MAX },
		{ "telnet", "", "login ", PRELUDE_MAX },
		{ "telnet", "", "\xff\xfd\x01", PRELUDE_MAX },
		{ "telnet", "\xff\xfa\x2e", "x", PRELUDE_FRAME_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(floods); i++) {
		struct outcome x = repeated(floods[i].dialect, floods[i].front, floods[i].piece, 2 * PRELUDE_MAX);

		if (x.reason != REASON_STARTTLS_FLOOD || x.taken != floods[i].taken)
			fail_msg("%s, row %zu: %s behind %zu bytes", floods[i].dialect, i, reason_name(x.reason), x.taken);
		text_free(&x.ours);
	}
}

/* A long greeting is none of those: 40 KB of it pass. */
static void a_long_greeting_passes(void **state)
{
	struct text all = { 0 };
	struct outcome x;

	(void)state;
	while (all.n < 40 * 1024)
		text_add(&all, "220-All use of this system is logged.\r\n");
	text_add(&all, "220 mx\r\n250 mx\r\n220 go\r\n");
	x = converse("smtp", text_str(&all), all.n, 1, 1400);
	assert_int_equal(x.phase, PRELUDE_TLS);
	assert_int_equal(x.taken, all.n);
	text_free(&x.ours);
	text_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_dialect_comes_to_tls_or_says_why_not_however_it_is_cut),
		cmocka_unit_test(every_dialect_is_in_the_table_with_a_go_ahead_and_a_refusal),
		cmocka_unit_test(what_is_not_whole_goes_on),
		cmocka_unit_test(who_never_ends_is_stopped),
		cmocka_unit_test(a_long_greeting_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
