/*
 * Every probe has a server that makes it say yes and one that makes it say no. The rows are walked against the list of probes:
 * one without both is an error, unless the test that has them, with a resolver or another host beside the server, is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "probes/probe.h"
#include "tests/sim/sim_scan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define KINDS "\nkinds=SSL_CK_RC4_128_WITH_MD5,SSL_CK_DES_192_EDE3_CBC_WITH_MD5"
#define RSA_ONLY "versions=TLSv1.2\nchains=rsa\nsuites=AES128-SHA"
#define CBC_ONLY "versions=TLSv1.2\nchains=rsa\nsuites=ECDHE-RSA-AES128-SHA"
#define BEATS "versions=TLSv1.2\nanswers=ems,renegotiation,ticket,heartbeat"

static const struct row {
	const char *probe;
	enum obs_key key;
	uint16_t protocol; /* 0: any */
	const char *yes, *no; /* configs; yes: it holds, or the list has something */
} rows[] = {
	{ "suites.tls13", OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, "versions=TLSv1.3", "versions=TLSv1.2" },
	{ "suites.tls12", OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, "versions=TLSv1.2", "versions=TLSv1.3" },
	{ "suites.tls11", OBS_KEY_PROTOCOL_OFFERED, VER_TLS11, "versions=TLSv1.1", "versions=TLSv1.2" },
	{ "suites.tls10", OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, "versions=TLSv1.0", "versions=TLSv1.2" },
	{ "suites.ssl3", OBS_KEY_PROTOCOL_OFFERED, VER_SSL3, "versions=SSLv3", "versions=TLSv1.2" },
	{ "suites.ssl2", OBS_KEY_PROTOCOL_OFFERED, VER_SSL2, "versions=SSLv2,TLSv1.0" KINDS, "versions=TLSv1.2" },
	{ "drafts", OBS_KEY_PROTOCOL_DRAFTS, 0, "versions=0x7F1C,TLSv1.3", "versions=TLSv1.3" },
	{ "tlcp", OBS_KEY_PROTOCOL_OFFERED, VER_TLCP, "versions=TLCPv1.1\nsuites=0xE013", "versions=TLSv1.2" },
	{ "kx.rsa.tls12", OBS_KEY_GROUPS_LIST, VER_TLS12, "versions=TLSv1.2\nchains=rsa", "versions=TLSv1.2\nchains=ecdsa" },
	{ "kx.ecdsa.tls12", OBS_KEY_GROUPS_LIST, VER_TLS12, "versions=TLSv1.2\nchains=ecdsa", "versions=TLSv1.2\nchains=rsa" },
	{ "kx.dhe.tls12", OBS_KEY_SCHEMES_LIST, VER_TLS12, "versions=TLSv1.2\nchains=rsa\nsuites=DHE-RSA-AES256-SHA", RSA_ONLY },
	{ "groups.tls12", OBS_KEY_GROUPS_LIST, VER_TLS12, "versions=TLSv1.2\nsuites=AECDH-AES128-SHA", "versions=TLSv1.2\nsuites=AES128-SHA" },
	{ "groups.tls11", OBS_KEY_GROUPS_LIST, VER_TLS11, "versions=TLSv1.1", "versions=TLSv1.1\nsuites=AES128-SHA" },
	{ "groups.tls10", OBS_KEY_GROUPS_LIST, VER_TLS10, "versions=TLSv1.0", "versions=TLSv1.0\nsuites=AES128-SHA" },
	{ "dhe.tls12", OBS_KEY_GROUPS_LIST, VER_TLS12, "versions=TLSv1.2\nsuites=DHE-RSA-AES256-SHA\ngroups=ffdhe2048",
		"versions=TLSv1.2\nsuites=DHE-RSA-AES256-SHA" },
	{ "pq_retry", OBS_KEY_PQ_RETRY, 0, "versions=TLSv1.3\ngroups=X25519MLKEM768,x25519\nretry_for_best=yes",
		"versions=TLSv1.3\ngroups=X25519MLKEM768,x25519" },
	{ "handshake.tls13", OBS_KEY_HANDSHAKE, VER_TLS13, "versions=TLSv1.3", "versions=TLSv1.3\nrow=finished_wrong_13" },
	{ "handshake.clear", OBS_KEY_HANDSHAKE, VER_TLS12, "versions=TLSv1.2", "versions=TLSv1.2\nrow=finished_wrong" },
	{ "resumption.tls13", OBS_KEY_RESUMPTION, VER_TLS13, "versions=TLSv1.3", "versions=TLSv1.3\nforgets=1" },
	{ "resumption.clear", OBS_KEY_RESUMPTION, VER_TLS12, "versions=TLSv1.2", "versions=TLSv1.2\nforgets=1" },
	{ "ticket_tampered", OBS_KEY_TICKET_TAMPERED, VER_TLS12, "versions=TLSv1.2\nbugs=ticket_unsealed", "versions=TLSv1.2" },
	{ "ticket_tampered.tls13", OBS_KEY_TICKET_TAMPERED, VER_TLS13, "versions=TLSv1.2,TLSv1.3\nbugs=ticket_unsealed", "versions=TLSv1.2,TLSv1.3" },
	{ "chain.nosni", OBS_KEY_SNI_REQUIRED, 0, "versions=TLSv1.2\nsni=needed", "versions=TLSv1.2" },
	{ "ext.alpn", OBS_KEY_ALPN, 0, "versions=TLSv1.2", "versions=TLSv1.2\nalpn=" },
	{ "strict", OBS_KEY_ALPN_STRICT, 0, "versions=TLSv1.2\nalpn_strict=yes", "versions=TLSv1.2" },
	{ "extensions.tls13", OBS_KEY_RAW_KEY, VER_TLS13, "versions=TLSv1.3\nraw_key=yes", "versions=TLSv1.3" },
	{ "extensions.clear", OBS_KEY_HEARTBEAT, VER_TLS12, BEATS, "versions=TLSv1.2" },
	{ "compression", OBS_KEY_COMPRESSION, 0, "versions=TLSv1.2\ndeflate=yes", "versions=TLSv1.2" },
	{ "fallback_scsv", OBS_KEY_FALLBACK_SCSV, 0, "versions=TLSv1.2,TLSv1.3", "versions=TLSv1.2,TLSv1.3\nfallback_scsv=no" },
	{ "srp", OBS_KEY_SRP, 0, "versions=TLSv1.2\nsuites=AES128-SHA,SRP-RSA-AES-128-CBC-SHA\nsrp_unknown=yes", "versions=TLSv1.2" },
	{ "renegotiation", OBS_KEY_RENEGOTIATION_CLIENT, VER_TLS12, "versions=TLSv1.2\nrenegotiation=accept", "versions=TLSv1.2" },
	{ "renegotiation.count", OBS_KEY_RENEGOTIATION_COUNT, 0, "versions=TLSv1.2\nrenegotiation=accept", "versions=TLSv1.2" },
	{ "false_start", OBS_KEY_FALSE_START, 0, "versions=TLSv1.2", "versions=TLSv1.2\nno_false_start=yes" },
	{ "drown", OBS_KEY_DROWN, 0, "versions=SSLv2,TLSv1.0\nchains=rsa\nkinds=SSL_CK_RC4_128_EXPORT40_WITH_MD5",
		"versions=SSLv2,TLSv1.0\nchains=rsa" KINDS },
	{ "ccs_injection", OBS_KEY_CCS_INJECTION, 0, "versions=TLSv1.2\nbugs=early_ccs", "versions=TLSv1.2" },
	{ "ticketbleed", OBS_KEY_TICKETBLEED, 0, "versions=TLSv1.2\nbugs=ticketbleed", "versions=TLSv1.2" },
	{ "invalid_curve", OBS_KEY_INVALID_CURVE, 0, "versions=TLSv1.2\ngroups=secp256r1\nbugs=invalid_curve",
		"versions=TLSv1.2\ngroups=secp256r1" },
	{ "heartbleed", OBS_KEY_HEARTBLEED, 0, BEATS "\nbugs=heartbleed", BEATS },
	{ "robot", OBS_KEY_ROBOT, 0, RSA_ONLY "\nbugs=pkcs1_alert", RSA_ONLY },
	{ "robot.all", OBS_KEY_ROBOT, 0, RSA_ONLY "\nbugs=pkcs1_alert", RSA_ONLY },
	{ "cbc_padding", OBS_KEY_POODLE_TLS, 0, CBC_ONLY "\nbugs=cbc_last_byte", CBC_ONLY },
	{ "cbc_padding.all", OBS_KEY_POODLE_TLS, 0, CBC_ONLY "\nbugs=cbc_last_byte", CBC_ONLY },
	{ "suites.unregistered", OBS_KEY_SUITES_UNREGISTERED, 0, "versions=TLSv1.2\nsuites=0xFA77,AES128-SHA", "versions=TLSv1.2" },
	{ "simulation", OBS_KEY_SIMULATION_MEASURED, 0, "versions=TLSv1.2,TLSv1.3", "versions=SSLv3\nsuites=0xFA77" },
};

static const struct elsewhere {
	const char *front; /* of the ids */
	const char *test;  /* which has a yes and a no of each */
} others[] = {
	{ "tolerance.", "tolerance_test.c" },
	{ "dns.", "dns_test.c" },
	{ "http.redirect", "http_test.c" },
};

static bool holds(const struct obs *o)
{
	switch (obs_kinds[o->key].type) {
	case OBS_TRI:
		return o->tri == TRI_YES;
	case OBS_NUMBER:
		return o->number > 0;
	default:
		return o->count > 0;
	}
}

/* Said, and by no guess: a TRI is yes or no. A list that was not noted says as little as an empty one. */
static enum tri says(const struct record *r, const struct row *row)
{
	enum tri found = obs_kinds[row->key].type == OBS_TRI ? TRI_ABSENT : TRI_NO;

	for (size_t i = 0; i < r->obs_count; i++) {
		const struct obs *o = &r->obs[i];

		if (o->key != row->key || (row->protocol && o->protocol != row->protocol))
			continue;
		if (holds(o))
			return TRI_YES;
		if (obs_kinds[o->key].type == OBS_TRI)
			found = o->tri;
	}
	return found;
}

static bool try_config(const struct row *row, const char *text, enum tri wanted)
{
	const char *select[] = { row->probe, NULL };
	struct server_config config;
	struct sim_scan s;
	char wrong[128];
	enum tri got;

	config_sound(&config);
	if (!config_read(&config, text, wrong))
		fail_msg("%s", wrong);
	sim_scan_init(&s, 1);
	s.scan.options.select = select;
	s.scan.options.intrusive = true;
	sim_scan_one(&s, &config);
	got = says(s.records[0], row);
	if (got != wanted)
		print_error("%s on \"%s\": %s, not %s\n", row->probe, text, tri_name(got), tri_name(wanted));
	sim_scan_free(&s);
	config_free(&config);
	return got == wanted;
}

static void each_row_says_yes_and_no(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		wrong += rows[i].yes && !try_config(&rows[i], rows[i].yes, TRI_YES);
		wrong += rows[i].no && !try_config(&rows[i], rows[i].no, TRI_NO);
	}
	assert_int_equal(wrong, 0);
}

static bool has_row(const char *id)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!strcmp(rows[i].probe, id))
			return true;
	for (size_t i = 0; i < COUNT(others); i++)
		if (!strncmp(others[i].front, id, strlen(others[i].front)))
			return true;
	return false;
}

static void every_probe_has_a_row(void **state)
{
	size_t n = 0;

	(void)state;
	for (; probes[n]; n++)
		if (!has_row(probes[n]->id))
			fail_msg("%s has no server that makes it say yes, nor one for no", probes[n]->id);
	assert_true(n >= 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_says_yes_and_no),
		cmocka_unit_test(every_probe_has_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
