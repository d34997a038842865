/*
 * Records for tests of judgement and of writers: one good server, and the ways to spoil it. The good one
 * offers TLS 1.3 and 1.2 with forward secret AEAD suites in its own order and a trusted certificate that
 * matches; every fact of the default scan is known.
 */
#ifndef TESTS_SAMPLE_RECORD_H
#define TESTS_SAMPLE_RECORD_H

#include <string.h>

#include "scanner/facts/record.h"

#define SAMPLE __attribute__((unused)) static

#define LEAF_SHA   "1111111111111111111111111111111111111111111111111111111111111111"
#define CA_SHA     "2222222222222222222222222222222222222222222222222222222222222222"
#define SAMPLE_PEM "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"

enum { SAMPLE_NOW = 1795000000 }; /* 2026-11-18 */

/* The observation with this key and protocol: the first one there is, or a new one. */
SAMPLE struct obs *sample_obs(struct record *r, enum obs_key key, uint16_t protocol)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && r->obs[i].protocol == protocol)
			return &r->obs[i];
	return record_add(r, &(struct obs){ .key = key, .protocol = protocol, .probe = "sample" });
}

SAMPLE void sample_tri(struct record *r, enum obs_key key, uint16_t protocol, enum tri t)
{
	sample_obs(r, key, protocol)->tri = t;
}

SAMPLE void sample_text(struct record *r, enum obs_key key, uint16_t protocol, const char *text)
{
	sample_obs(r, key, protocol)->text = text;
}

SAMPLE void sample_codes(
        struct record *r, enum obs_key key, uint16_t protocol, const uint32_t *codes, size_t count)
{
	struct obs *o = sample_obs(r, key, protocol);

	o->codes = arena_copy(&r->arena, codes, count * sizeof *codes);
	o->count = count;
}

#define CODES(r, key, protocol, ...)                                                                         \
	sample_codes(r, OBS_KEY_##key, protocol, (const uint32_t[]){ __VA_ARGS__ },                          \
	        sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

SAMPLE void sample_names(struct record *r, enum obs_key key, const char *const *names, size_t count)
{
	struct obs *o = sample_obs(r, key, 0);

	o->names = arena_copy(&r->arena, names, count * sizeof *names);
	o->count = count;
}

#define NAMES(r, key, ...)                                                                                   \
	sample_names(r, OBS_KEY_##key, (const char *const[]){ __VA_ARGS__ },                                 \
	        sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* One more version, with these suites in the server's order. */
#define VERSION(r, protocol, ...)                                                                            \
	do {                                                                                                 \
		sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, protocol, TRI_YES);                                  \
		CODES(r, SUITES_LIST, protocol, __VA_ARGS__);                                                \
		sample_text(r, OBS_KEY_SUITES_ORDER, protocol, "server");                                    \
	} while (0)

/* Neither asked nor known any more. */
SAMPLE void sample_forget(struct record *r, enum obs_key key)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key != key)
			r->obs[kept++] = r->obs[i];
	r->obs_count = kept;
}

/* One odd hello of each rule (probes/tolerance.def). */
SAMPLE void sample_tolerance(struct record *r)
{
	static const char *const borne[] = { "post_quantum", "grease", "length_256_511", "version_14", "fragment_records", "suites_64",
		"session_id_empty", "record_version_ssl3", "compression_unknown", "sni_dot" };

	for (size_t i = 0; i < sizeof borne / sizeof *borne; i++)
		record_add(r, &(struct obs){ .key = OBS_KEY_TOLERANCE, .name = borne[i], .tri = TRI_YES, .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_MALFORMED_TAKEN, .name = "session_id_33", .tri = TRI_NO, .probe = "sample" });
}

SAMPLE void sample_certs(struct record *r)
{
	static const char *const dns[] = { "example.org", "www.example.org" };

	r->certs = arena_new(&r->arena, 2, sizeof *r->certs);
	r->certs_count = 2;
	r->certs[0] = (struct cert_info){ .sha256 = LEAF_SHA,
		.subject = "CN=example.org",
		.issuer = "CN=Sample CA,O=Sample",
		.not_before = SAMPLE_NOW - 30 * 86400,
		.not_after = SAMPLE_NOW + 60 * 86400,
		.key = KEY_RSA,
		.key_bits = 2048,
		.exponent = "65537",
		.signature = "sha256WithRSAEncryption",
		.dns_names = dns,
		.dns_names_count = 2,
		.serial = "01",
		.pem = SAMPLE_PEM };
	r->certs[1] = (struct cert_info){ .sha256 = CA_SHA,
		.subject = "CN=Sample CA,O=Sample",
		.issuer = "CN=Sample Root,O=Sample",
		.not_before = SAMPLE_NOW - 900 * 86400,
		.not_after = SAMPLE_NOW + 900 * 86400,
		.key = KEY_ECDSA,
		.key_bits = 384,
		.curve = "P-384",
		.signature = "ecdsa-with-SHA384",
		.serial = "02",
		.pem = SAMPLE_PEM };
}

SAMPLE void sample_chain(struct record *r)
{
	static const char *const served[] = { LEAF_SHA, CA_SHA };
	static const char *const paths[] = { LEAF_SHA " " CA_SHA };

	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_SERVED,
	                      .protocol = VER_TLS12,
	                      .cert = KEY_RSA,
	                      .sni = TRI_YES,
	                      .chain = "c1",
	                      .names = served,
	                      .count = 2,
	                      .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_HOSTNAME,
	                      .sni = TRI_YES,
	                      .chain = "c1",
	                      .text = "match",
	                      .probe = "sample" });
	record_add(
	        r, &(struct obs){
	                   .key = OBS_KEY_CHAIN_ISSUES, .sni = TRI_YES, .chain = "c1", .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_TRUST,
	                      .sni = TRI_YES,
	                      .chain = "c1",
	                      .name = "system",
	                      .tri = TRI_YES,
	                      .names = paths,
	                      .count = 1,
	                      .probe = "sample" });
}

/* What was found beside the chain, and in the certificate `sha256`. */
SAMPLE void sample_about_key(struct record *r, const char *sha256)
{
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_KEY_FLAWS, .sha256 = sha256, .probe = "sample" });
	record_add(r, &(struct obs){
	                      .key = OBS_KEY_CERT_KNOWN_KEY, .sha256 = sha256, .tri = TRI_NO, .probe = "sample" });
	record_add(r, &(struct obs){
	                      .key = OBS_KEY_CERT_DEBIAN_KEY, .sha256 = sha256, .tri = TRI_NO, .probe = "sample" });
}

/* What was fetched about a certificate. */
SAMPLE struct obs *sample_status(struct record *r, const char *sha256, const char *name, const char *word)
{
	return record_add(r, &(struct obs){ .key = OBS_KEY_CERT_REVOCATION_STATUS,
	                             .sha256 = sha256,
	                             .name = name,
	                             .text = word,
	                             .probe = "fetch" });
}

SAMPLE void sample_attested(struct record *r)
{
	static const char *const ocsp[] = { "ocsp" };

	record_add(r, &(struct obs){ .key = OBS_KEY_STAPLE, .chain = "c1", .text = "good", .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CT_SCTS,
	                      .chain = "c1",
	                      .name = "certificate",
	                      .number = 2,
	                      .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CT_POLICY, .chain = "c1", .tri = TRI_YES, .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_VALIDATION,
	                      .sha256 = LEAF_SHA,
	                      .text = "domain",
	                      .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_MUST_STAPLE,
	                      .sha256 = LEAF_SHA,
	                      .tri = TRI_NO,
	                      .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_REVOCATION,
	                      .sha256 = LEAF_SHA,
	                      .names = ocsp,
	                      .count = 1,
	                      .probe = "sample" });
	sample_status(r, LEAF_SHA, "ocsp", "good");
	sample_status(r, CA_SHA, "crl", "good");
	sample_about_key(r, LEAF_SHA);
	sample_about_key(r, CA_SHA);
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_DIFFERENCES, .probe = "sample" });
	record_add(r, &(struct obs){ .key = OBS_KEY_CERT_DIFFERENCES, .sni = TRI_NO, .probe = "sample" });
}

SAMPLE struct obs *sample_about_chain(struct record *r, enum obs_key key)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key)
			return &r->obs[i];
	return NULL;
}

/* Tickets in both versions, taken up again. */
SAMPLE void sample_sessions(struct record *r)
{
	for (uint16_t v = VER_TLS12; v <= VER_TLS13; v++) {
		const char *name = v == VER_TLS13 ? "psk" : "ticket";

		sample_tri(r, OBS_KEY_SESSION_GIVEN, v, TRI_YES);
		sample_tri(r, OBS_KEY_RESUMPTION, v, TRI_YES);
		sample_obs(r, OBS_KEY_SESSION_GIVEN, v)->name = name;
		sample_obs(r, OBS_KEY_RESUMPTION, v)->name = name;
		sample_obs(r, OBS_KEY_TICKET_LIFETIME, v)->number = 7200;
	}
	sample_tri(r, OBS_KEY_TICKET_REUSED, VER_TLS13, TRI_YES);
	sample_tri(r, OBS_KEY_TICKET_KNOWN_KEY, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_TICKET_TAMPERED, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_PSK_ALONE, VER_TLS13, TRI_NO);
	sample_tri(r, OBS_KEY_EMS_DROPPED, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_EARLY_DATA, VER_TLS13, TRI_NO);
	sample_obs(r, OBS_KEY_EARLY_DATA_MAX, VER_TLS13)->number = 0;
}

SAMPLE struct record *sample_bare(void)
{
	struct record *r = record_new();

	r->version = "0.1.0";
	r->started = SAMPLE_NOW;
	r->duration_ms = 412;
	r->connections = 47;
	r->bytes_sent = 9120;
	r->bytes_received = 60210;
	r->seed = "00ff";
	r->input = r->host = r->sni = "example.org";
	r->port = 443;
	r->ip = "192.0.2.1";
	r->family = "ipv4";
	return r;
}

/* Signed zones: one authority may issue, the chain fits its TLSA record, and HTTP/2 is promised as it is offered. */
SAMPLE void sample_dns(struct record *r)
{
	static const char *const kinds[] = { "caa", "tlsa", "https" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		record_add(r, &(struct obs){ .key = OBS_KEY_DNS_DNSSEC, .name = kinds[i], .text = "secure", .probe = "sample" });
	NAMES(r, DNS_CAA, "0 issue \"ca.example\"");
	NAMES(r, DNS_CAA_ISSUE, "ca.example");
	NAMES(r, DNS_TLSA, "3 1 1 00");
	record_add(r, &(struct obs){ .key = OBS_KEY_DNS_TLSA_MATCH, .sni = TRI_YES, .chain = "chain", .tri = TRI_YES, .probe = "sample" });
	NAMES(r, DNS_HTTPS, "1 . alpn=h2");
	NAMES(r, DNS_HTTPS_ALPN, "h2", "http/1.1");
	sample_tri(r, OBS_KEY_DNS_HTTPS_ECH, 0, TRI_NO);
}

SAMPLE struct record *sample_good(void)
{
	static const uint16_t absent[] = { VER_TLS11, VER_TLS10, VER_SSL3, VER_SSL2 };
	struct record *r = sample_bare();

	VERSION(r, VER_TLS13, 0x1302, 0x1303, 0x1301);
	VERSION(r, VER_TLS12, 0xC030, 0xCCA8, 0xC02F);
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, absent[i], TRI_NO);
	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D, 0x0017);
	CODES(r, GROUPS_LIST, VER_TLS12, 0x001D, 0x0017);
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS13, "server");
	sample_text(r, OBS_KEY_GROUPS_ORDER, VER_TLS12, "server");
	CODES(r, SCHEMES_LIST, VER_TLS12, 0x0804, 0x0401);
	sample_obs(r, OBS_KEY_SCHEMES_LIST, VER_TLS12)->cert = KEY_RSA;
	CODES(r, EXTENSIONS_LIST, VER_TLS12, 0x0017, 0xFF01, 0x0023);
	sample_obs(r, OBS_KEY_PROTOCOL_DRAFTS, VER_TLS13);
	sample_obs(r, OBS_KEY_EXTENSIONS_REFUSED, VER_TLS13);
	sample_tri(r, OBS_KEY_TRUNCATED_HMAC, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_HEARTBEAT, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_HEARTBLEED, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_CCS_INJECTION, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_TICKETBLEED, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_ROBOT, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_POODLE_TLS, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_ZOMBIE_POODLE, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_GOLDENDOODLE, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_SLEEPING_POODLE, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_ZERO_LENGTH_PADDING, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_CVE_2016_2107, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_MAC_UNCHECKED, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_INVALID_CURVE, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_ZERO_SECRET, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_CLOSE_NOTIFY, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_EMS, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_ENCRYPT_THEN_MAC, VER_TLS12, TRI_NA);
	sample_tri(r, OBS_KEY_SECURE_RENEGOTIATION, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_RENEGOTIATION_CLIENT, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_RENEGOTIATION_INSECURE, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_SESSION_TICKET, VER_TLS12, TRI_YES);
	NAMES(r, ALPN, "h2", "http/1.1");
	sample_dns(r);
	sample_tri(r, OBS_KEY_COMPRESSION, VER_TLS12, TRI_NO);
	sample_tri(r, OBS_KEY_FALLBACK_SCSV, 0, TRI_YES);
	sample_tri(r, OBS_KEY_SNI_STRICT, 0, TRI_NO);
	sample_tri(r, OBS_KEY_ALPN_STRICT, 0, TRI_YES);
	sample_tri(r, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_DOWNGRADE_SENTINEL_WRONG, VER_TLS12, TRI_NO);
	for (size_t i = 0; i < 3; i++)
		record_add(r, &(struct obs){ .key = OBS_KEY_SHARE_REUSED,
		                      .name = (const char *[]){ "dhe", "ecdhe", "tls13" }[i],
		                      .tri = i ? TRI_NO : TRI_NA,
		                      .probe = "sample" });
	sample_tolerance(r);
	sample_tri(r, OBS_KEY_RANDOM_REPEATED, 0, TRI_NO);
	sample_tri(r, OBS_KEY_RANDOM_CLOCK, 0, TRI_NO);
	sample_tri(r, OBS_KEY_SESSION_ID_REPEATED, 0, TRI_NA);
	sample_sessions(r);
	sample_certs(r);
	sample_chain(r);
	sample_attested(r);
	sample_tri(r, OBS_KEY_HTTP_ANSWERED, 0, TRI_YES);
	sample_obs(r, OBS_KEY_HTTP_REDIRECT, 0)->text = "to_https_same_host";
	sample_obs(r, OBS_KEY_HTTP_COMPRESSION, 0)->text = "identity";
	sample_obs(r, OBS_KEY_HSTS, 0)->text = "valid";
	sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = 63072000;
	return r;
}

/* Two paths to the system's store, and a store of the user's that has none. */
SAMPLE struct record *sample_two_stores(void)
{
	static const char *const paths[] = { LEAF_SHA " " CA_SHA, LEAF_SHA " " LEAF_SHA " " CA_SHA };
	struct record *r = sample_good();
	struct obs *system = sample_about_chain(r, OBS_KEY_CHAIN_TRUST), mine = *system;

	system->names = paths;
	system->count = 2;
	mine.name = "mine";
	mine.tri = TRI_NO;
	mine.reason = "unknown_issuer";
	mine.count = 0;
	record_add(r, &mine);
	return r;
}

/* Only TLS 1.3: what belongs to older versions was never asked, or does not apply. */
SAMPLE struct record *sample_tls13_only(void)
{
	static const enum obs_key old[] = { OBS_KEY_SCHEMES_LIST, OBS_KEY_EMS, OBS_KEY_ENCRYPT_THEN_MAC,
		OBS_KEY_SECURE_RENEGOTIATION, OBS_KEY_RENEGOTIATION_CLIENT, OBS_KEY_RENEGOTIATION_INSECURE,
		OBS_KEY_COMPRESSION, OBS_KEY_FALLBACK_SCSV, OBS_KEY_GROUPS_LIST,
		OBS_KEY_SUITES_LIST };
	struct record *r = sample_good();

	for (size_t i = 0; i < sizeof old / sizeof *old; i++)
		sample_forget(r, old[i]);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	CODES(r, SUITES_LIST, VER_TLS13, 0x1302, 0x1303, 0x1301);
	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D);
	return r;
}

/* What a peer may put into a name: terminal control, C1, line ends, a change of direction, markup, quotes, a
 * template. */
#define HOSTILE                                                                                              \
	"\x1b]0;pwned\x07\x1b[31m\b\r\n\xc2\x9b<script>alert(1)</script>\"'><img src=x "                     \
	"onerror=y>&lt;\xe2\x80\xae"                                                                         \
	"{{7*7}}%n$(id)\xef\xbf\xbd"

/* The good server, with hostile text in every field that can hold text. */
SAMPLE struct record *sample_hostile(void)
{
	static const char *const names[] = { HOSTILE, "x" HOSTILE };
	static const struct evidence evidence[] = { { "hostile", HOSTILE } };
	struct record *r = sample_good();

	r->host = r->sni = r->input = r->starttls = r->version = r->seed = r->ip = HOSTILE;
	r->status = STATUS_PARTIAL;
	r->error_code = r->error_stage = r->error_message = HOSTILE;
	r->source_file = HOSTILE;
	for (size_t i = 0; i < r->certs_count; i++) {
		struct cert_info *c = &r->certs[i];

		c->subject = c->issuer = c->signature = c->curve = c->exponent = c->serial = c->pem = HOSTILE;
		c->dns_names = names;
		c->dns_names_count = 2;
	}
	for (size_t i = 0; i < r->obs_count; i++) {
		struct obs *o = &r->obs[i];

		o->reason = HOSTILE;
		o->evidence = evidence;
		o->evidence_count = 1;
		if (o->key == OBS_KEY_CHAIN_ISSUES || o->key == OBS_KEY_ALPN) {
			o->names = names;
			o->count = 2;
		}
		if (o->key == OBS_KEY_CHAIN_TRUST) {
			o->tri = TRI_NO;
			o->name = HOSTILE;
		}
		if (o->key == OBS_KEY_SUITES_ORDER || o->key == OBS_KEY_GROUPS_ORDER ||
		        o->key == OBS_KEY_CHAIN_HOSTNAME)
			o->text = HOSTILE;
	}
	record_add(r, &(struct obs){ .key = OBS_KEY_VIOLATION,
	                      .protocol = VER_TLS12,
	                      .text = HOSTILE,
	                      .probe = "sample",
	                      .evidence = evidence,
	                      .evidence_count = 1 });
	record_add(r, &(struct obs){ .key = OBS_KEY_DH_BITS,
	                      .protocol = VER_TLS12,
	                      .number = 1024,
	                      .name = HOSTILE,
	                      .sha256 = HOSTILE,
	                      .probe = "sample" });
	return r;
}

/* An endpoint that gave nothing, and why. */
SAMPLE struct record *sample_refused(void)
{
	struct record *r = sample_bare();

	r->status = STATUS_UNREACHABLE;
	r->error_code = "REFUSED";
	r->error_stage = "connect";
	r->error_message = "the connection was refused";
	return r;
}

/* Old versions and weak suites beside the good ones. */
SAMPLE struct record *sample_legacy(void)
{
	struct record *r = sample_good();

	VERSION(r, VER_TLS12, 0xC030, 0x009F, 0x009C, 0xC012, 0x0005, 0x0008, 0xABCD);
	VERSION(r, VER_TLS10, 0xC014, 0x000A);
	CODES(r, GROUPS_LIST, VER_TLS10, 0x0017, 0x0001);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS10, "client");
	sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12)->number = 1024;
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2, TRI_UNKNOWN);
	sample_obs(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2)->reason = "TIMEOUT_FIRST_BYTE";
	record_sort(r);
	return r;
}

#endif
