/*
 * Vulnerabilities, as a scan tells them: a server with the bug, the sound one, and near misses. Each row is one probe
 * against one config of the test server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/servers/handshake.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define BEATS "answers=ems,renegotiation,ticket,heartbeat"

#define SSL2 "versions=SSLv2,TLSv1.0\nchains=rsa\n"
#define STRONG "kinds=SSL_CK_RC4_128_WITH_MD5,SSL_CK_DES_192_EDE3_CBC_WITH_MD5\n"
#define NO_KINDS "kinds=\n"

#define ZEROS_16 "00000000000000000000000000000000"
#define RANDOM_16 "9c1fd4730be8256a41c7905e3db82f66"
#define RANDOM_64 RANDOM_16 "e10a77c95324bd8f0692ee1b4f5d3870" "7d28b1f4960ce35a82d71b4ec09f6635" "15e6a0cb7894f23d51ab3c6e08d7f942"
#define NAMED_ZEROS RANDOM_16 ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16

static const struct row {
	const char *probe;
	enum obs_key key;
	const char *config;
	enum tri value;
} rows[] = {
	{ "drown", OBS_KEY_DROWN, "versions=TLSv1.0", TRI_ABSENT },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG, TRI_NO },
	{ "drown", OBS_KEY_CVE_2016_0703, SSL2 STRONG, TRI_NO },
	{ "drown", OBS_KEY_SSL2_UNLISTED, SSL2 STRONG, TRI_NO },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG "refuse_later=fin", TRI_NO },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG "refuse_later=reset", TRI_NO },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG "refuse_later=silence", TRI_UNKNOWN },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG "bugs=ssl2_clear", TRI_YES },
	{ "drown", OBS_KEY_CVE_2016_0703, SSL2 STRONG "bugs=ssl2_clear", TRI_YES },
	{ "drown", OBS_KEY_SSL2_UNLISTED, SSL2 STRONG "bugs=ssl2_clear", TRI_NO },
	{ "drown", OBS_KEY_DROWN, SSL2 STRONG "bugs=ssl2_unlisted", TRI_YES },
	{ "drown", OBS_KEY_CVE_2016_0703, SSL2 STRONG "bugs=ssl2_unlisted", TRI_NO },
	{ "drown", OBS_KEY_SSL2_UNLISTED, SSL2 NO_KINDS "bugs=ssl2_unlisted", TRI_YES },
	{ "drown", OBS_KEY_SSL2_UNLISTED, SSL2 NO_KINDS, TRI_NO },
	{ "drown", OBS_KEY_CVE_2016_0703, SSL2 NO_KINDS "bugs=ssl2_unlisted,ssl2_clear", TRI_YES },
	{ "drown", OBS_KEY_DROWN, SSL2 "kinds=SSL_CK_RC4_128_EXPORT40_WITH_MD5", TRI_YES },
	{ "drown", OBS_KEY_DROWN, SSL2 "kinds=SSL_CK_RC2_128_CBC_EXPORT40_WITH_MD5", TRI_YES },
	{ "drown", OBS_KEY_DROWN, SSL2 "kinds=SSL_CK_DES_64_CBC_WITH_MD5", TRI_YES },
	{ "drown", OBS_KEY_DROWN, "versions=SSLv2\nchains=ecdsa\nkinds=SSL_CK_DES_64_CBC_WITH_MD5", TRI_UNKNOWN },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=x25519,secp256r1", TRI_NO },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.3\ngroups=x25519,secp256r1", TRI_NO },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=x25519", TRI_NA },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=secp256r1\nbugs=invalid_curve", TRI_YES },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.3\ngroups=secp256r1\nbugs=invalid_curve", TRI_YES },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.0\ngroups=secp256r1\nbugs=invalid_curve", TRI_YES },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=secp256r1\nreuses_shares=yes\nbugs=invalid_curve", TRI_YES },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=secp256r1\nalert_random=1", TRI_NO },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=secp256r1\nrefuse_later=reset", TRI_NO },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=TLSv1.2\ngroups=secp256r1\nrefuse_later=silence", TRI_UNKNOWN },
	{ "invalid_curve", OBS_KEY_ZERO_SECRET, "versions=TLSv1.2\ngroups=x25519", TRI_NO },
	{ "invalid_curve", OBS_KEY_ZERO_SECRET, "versions=TLSv1.3\ngroups=x25519", TRI_NO },
	{ "invalid_curve", OBS_KEY_ZERO_SECRET, "versions=TLSv1.2\ngroups=x25519\nbugs=zero_secret", TRI_YES },
	{ "invalid_curve", OBS_KEY_ZERO_SECRET, "versions=TLSv1.3\ngroups=x25519\nbugs=zero_secret", TRI_YES },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, "versions=SSLv3", TRI_ABSENT },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.2,TLSv1.3\nbugs=early_ccs", TRI_YES },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.0\nbugs=early_ccs", TRI_YES },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=SSLv3\nbugs=early_ccs", TRI_YES },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.2\nchains=rsa\nsuites=AES128-SHA\nbugs=early_ccs", TRI_YES },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.2\nclient_auth=require\nbugs=early_ccs", TRI_UNKNOWN },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.2\nclient_auth=require", TRI_NO },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, "versions=TLSv1.3\nbugs=early_ccs", TRI_ABSENT },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, "versions=TLSv1.2\nbugs=ticketbleed", TRI_YES },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, "versions=TLSv1.0\nbugs=ticketbleed", TRI_YES },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, "versions=TLSv1.2\nanswers=ems\nbugs=ticketbleed", TRI_NA },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, "versions=TLSv1.2\nforgets=1\nbugs=ticketbleed", TRI_NO },
	{ "heartbleed", OBS_KEY_HEARTBLEED, "versions=TLSv1.2\n" BEATS, TRI_NO },
	{ "heartbleed", OBS_KEY_HEARTBLEED, "versions=TLSv1.2\n" BEATS "\nbugs=heartbleed", TRI_YES },
	{ "heartbleed", OBS_KEY_HEARTBLEED, "versions=TLSv1.0\n" BEATS "\nbugs=heartbleed", TRI_YES },
	{ "heartbleed", OBS_KEY_HEARTBLEED, "versions=TLSv1.2\nbugs=heartbleed", TRI_NA }, /* never agreed on */
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2\nticket_key=00*80", TRI_YES },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.3\nticket_key=00*80", TRI_YES },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.0\nticket_key=00*64", TRI_YES }, /* GnuTLS, CVE-2020-13777 */
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.3\nticket_key=00*64", TRI_YES },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2\nticket_key=41*80", TRI_YES },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2\nticket_key=" NAMED_ZEROS, TRI_YES }, /* the name is no zeros */
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2\nticket_key=" ZEROS_16 RANDOM_64, TRI_NO }, /* nothing but the name is */
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.3\nticket_key=" ZEROS_16 RANDOM_64, TRI_NO },
	{ "resumption", OBS_KEY_TICKET_KNOWN_KEY, "versions=TLSv1.2\nanswers=ems\nticket_key=00*80", TRI_ABSENT },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2\nticket_key=00*80", TRI_NO },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2\nbugs=ticket_unsealed\nticket_key=00*80", TRI_YES },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.0", TRI_NO },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2,TLSv1.3\nbugs=ticket_unsealed", TRI_YES },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.0\nbugs=ticket_unsealed", TRI_YES },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2\nforgets=1\nbugs=ticket_unsealed", TRI_NO },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2\nanswers=ems\nbugs=ticket_unsealed", TRI_NA },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.2\nclient_auth=require", TRI_UNKNOWN },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.3\nbugs=ticket_unsealed", TRI_YES },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.3\nbugs=ticket_unsealed\nticket_key=00*80", TRI_YES },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.3", TRI_NO },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, "versions=TLSv1.3\ntickets=0", TRI_NA },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.2,TLSv1.3", TRI_NO },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.2\nsni=known\nsni_name=host-1.test", TRI_YES },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.2\nsni=known\nsni_name=host-1.test", TRI_NO },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.2\nalpn=http/1.1\nalpn_strict=yes", TRI_NO },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.2\nalpn=http/1.1\nalpn_strict=yes", TRI_YES },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.3\nalpn=h2\nalpn_strict=yes\nsni=known\nsni_name=host-1.test", TRI_YES },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.3\nalpn=h2\nalpn_strict=yes\nsni=known\nsni_name=host-1.test", TRI_YES },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.3", TRI_NO },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.3\nalpn=h2", TRI_NO },
	{ "strict", OBS_KEY_SNI_STRICT, "versions=TLSv1.2\nrefuse=fin\nsni=known\nsni_name=host-1.test", TRI_YES },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=TLSv1.2\nrefuse=reset\nalpn=h2\nalpn_strict=yes", TRI_YES },
	{ "strict", OBS_KEY_ALPN_STRICT, "versions=SSLv3", TRI_ABSENT },
};

static const struct obs *found(const struct record *r, enum obs_key key)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key)
			return &r->obs[i];
	return NULL;
}

static void try_row(const struct row *row)
{
	const char *select[] = { row->probe, NULL };
	struct server_config config;
	struct sim_scan s;
	char wrong[128];
	const struct obs *o;
	enum tri got;

	config_sound(&config);
	assert_true(config_read(&config, row->config, wrong));
	sim_scan_init(&s, 1);
	s.scan.options.select = select;
	s.scan.options.intrusive = true;
	sim_scan_add(&s, &config);
	sim_scan_run(&s);
	o = found(s.records[0], row->key);
	got = o ? o->tri : TRI_ABSENT;
	if (got != row->value)
		fail_msg("%s on \"%s\": %d, not %d (%s; %s)", row->probe, row->config, got, row->value,
			o && o->reason ? o->reason : "-", o && o->evidence_count ? o->evidence[0].text : "-");
	if (o && o->tri != TRI_NA && o->key != OBS_KEY_TICKET_KNOWN_KEY)
		assert_true(o->evidence_count || o->reason);
	sim_scan_free(&s);
	config_free(&config);
}

static void each_bug_is_shown_and_no_other_server_is_blamed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		try_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bug_is_shown_and_no_other_server_is_blamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
