#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/rules.h"
#include "tests/unit/sample_record.h"

/* ---- ways to spoil the good server: one for each rule
 * -------------------------------------------------------- */

static void sslv2(struct record *r)
{
	VERSION(r, VER_SSL2, 0x010080);
}

static void drown(struct record *r)
{
	sslv2(r);
	sample_tri(r, OBS_KEY_DROWN, VER_SSL2, TRI_YES);
}

static void ssl2_clear(struct record *r)
{
	sslv2(r);
	sample_tri(r, OBS_KEY_CVE_2016_0703, VER_SSL2, TRI_YES);
}

static void ssl2_unlisted(struct record *r)
{
	sslv2(r);
	sample_tri(r, OBS_KEY_SSL2_UNLISTED, VER_SSL2, TRI_YES);
}

static void sslv3(struct record *r)
{
	VERSION(r, VER_SSL3, 0x002F);
}

static void tls10(struct record *r)
{
	VERSION(r, VER_TLS10, 0xC014);
}

static void tls11(struct record *r)
{
	VERSION(r, VER_TLS11, 0xC014);
}

static void only_tls11(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12, TRI_NO);
	VERSION(r, VER_TLS11, 0xC014);
}

static void no_tls13(struct record *r)
{
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS13, TRI_NO);
}

static void draft(struct record *r)
{
	CODES(r, PROTOCOL_DRAFTS, VER_TLS13, 0x7F1C);
}

static void picky(struct record *r)
{
	CODES(r, EXTENSIONS_REFUSED, VER_TLS12, 0x000F);
}

#define SUITE_OF(name, ...)                                                                                  \
	static void name(struct record *r)                                                                   \
	{                                                                                                    \
		VERSION(r, VER_TLS12, __VA_ARGS__);                                                          \
	}
SUITE_OF(null, 0xC030, 0x0002)
SUITE_OF(anonymous, 0xC030, 0x0034)
SUITE_OF(export, 0xC030, 0x0008)
SUITE_OF(des, 0xC030, 0x0009)
SUITE_OF(rc4, 0xC030, 0x0005)
SUITE_OF(rc4_md5, 0xC030, 0x0004)
SUITE_OF(triple_des, 0xC030, 0xC012)
SUITE_OF(no_fs, 0xC030, 0x009C)
SUITE_OF(cbc, 0xC030, 0xC014)
SUITE_OF(dhe, 0xC030, 0x009E)
SUITE_OF(weak_first, 0x009C, 0xC030)

static void client_order(struct record *r)
{
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "client");
}

static struct obs *modulus(struct record *r, int64_t bits, const char *sha256)
{
	struct obs *o;

	dhe(r);
	o = sample_obs(r, OBS_KEY_DH_BITS, VER_TLS12);
	o->number = bits;
	o->sha256 = sha256;
	return o;
}

/* ---- HTTP ---- */

#define HTTP_TEXT(function, key_, name_, text_)                                                              \
	static void function(struct record *r)                                                               \
	{                                                                                                    \
		sample_forget(r, key_);                                                                      \
		record_add(r, &(struct obs){ .key = key_, .name = name_, .text = text_ });                   \
	}
HTTP_TEXT(no_redirect, OBS_KEY_HTTP_REDIRECT, NULL, "none")
HTTP_TEXT(plain_redirect, OBS_KEY_HTTP_REDIRECT, NULL, "to_http")
HTTP_TEXT(redirect_elsewhere, OBS_KEY_HTTP_REDIRECT, NULL, "to_https_other")
HTTP_TEXT(redirect_refused, OBS_KEY_HTTP_REDIRECT, NULL, "refused")
HTTP_TEXT(no_hsts, OBS_KEY_HSTS, NULL, "absent")
HTTP_TEXT(hsts_broken, OBS_KEY_HSTS, NULL, "invalid")
HTTP_TEXT(hsts_disabled, OBS_KEY_HSTS, NULL, "disabled")
HTTP_TEXT(hsts_on_address, OBS_KEY_HSTS, NULL, "ignored")
HTTP_TEXT(no_csp, OBS_KEY_HTTP_HEADER, "Content-Security-Policy", "absent")
HTTP_TEXT(no_coop, OBS_KEY_HTTP_HEADER, "Cross-Origin-Opener-Policy", "absent")
HTTP_TEXT(odd_header, OBS_KEY_HTTP_HEADER, "X-Frame-Options", "invalid")
HTTP_TEXT(old_header, OBS_KEY_HTTP_HEADER, "Public-Key-Pins", "obsolete")
HTTP_TEXT(banner, OBS_KEY_HTTP_SERVER, NULL, "nginx/1.22.1")
HTTP_TEXT(powered, OBS_KEY_HTTP_BANNER, "X-Powered-By", "PHP/8.2.7")
HTTP_TEXT(mute_banner, OBS_KEY_HTTP_SERVER, NULL, "nginx. 2 of them")

static void hsts_short(struct record *r)
{
	sample_obs(r, OBS_KEY_HSTS_MAX_AGE, 0)->number = 86400;
}

#define COOKIE(function, ...)                                                                                \
	static void function(struct record *r)                                                               \
	{                                                                                                    \
		static const char *const faults[] = { __VA_ARGS__ };                                         \
                                                                                                             \
		record_add(r, &(struct obs){ .key = OBS_KEY_HTTP_COOKIE, .name = "sid", .names = faults,     \
		                      .count = sizeof faults / sizeof *faults });                            \
	}
COOKIE(open_cookie, "no_secure")
COOKIE(scripted_cookie, "no_httponly", "no_samesite")
COOKIE(prefixed_cookie, "host_prefix_misused")

static void dh_768(struct record *r)
{
	modulus(r, 768, "ee00000000000000000000000000000000000000000000000000000000000000");
}

static void dh_1024(struct record *r)
{
	modulus(r, 1024, "ee00000000000000000000000000000000000000000000000000000000000000");
}

/* The hash of a row of the table, as an observation has it. */
static const char *hash_of(struct record *r, bool (*is)(const struct dh_prime *))
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < dh_primes_count; i++) {
		char *hex;

		if (!is(&dh_primes[i]))
			continue;
		hex = arena_new(&r->arena, 65, 1);
		for (size_t k = 0; k < 32; k++) {
			hex[2 * k] = digits[dh_primes[i].sha256[k] >> 4];
			hex[2 * k + 1] = digits[dh_primes[i].sha256[k] & 15];
		}
		return hex;
	}
	fail_msg("the table of primes has no such row");
	return NULL;
}

static void dh_common(struct record *r)
{
	modulus(r, 1024, hash_of(r, prime_common));
}

static void dh_composite(struct record *r)
{
	modulus(r, 1024, hash_of(r, prime_composite));
}

static void dh_unsafe(struct record *r)
{
	modulus(r, 2048, hash_of(r, prime_unsafe));
}

static void export_key(struct record *r)
{
	export(r);
	sample_obs(r, OBS_KEY_RSA_EXPORT_BITS, VER_TLS12)->number = 512;
}

static void small_curve(struct record *r)
{
	CODES(r, GROUPS_LIST, VER_TLS12, 0x001D, 0x0001);
}

static void no_pq(struct record *r)
{
	CODES(r, GROUPS_LIST, VER_TLS13, 0x001D, 0x0017);
}

static void scheme_md5(struct record *r)
{
	CODES(r, SCHEMES_LIST, VER_TLS12, 0x0804, 0x0101);
}

static void scheme_sha1(struct record *r)
{
	CODES(r, SCHEMES_LIST, VER_TLS12, 0x0804, 0x0201);
}

#define TRI_OF(name, key, protocol, value)                                                                   \
	static void name(struct record *r)                                                                   \
	{                                                                                                    \
		sample_tri(r, OBS_KEY_##key, protocol, TRI_##value);                                         \
	}
TRI_OF(compression, COMPRESSION, VER_TLS12, YES)
TRI_OF(ticket_of_zeros, TICKET_KNOWN_KEY, VER_TLS12, YES)
TRI_OF(no_fallback, FALLBACK_SCSV, 0, NO)
TRI_OF(no_ems, EMS, VER_TLS12, NO)
TRI_OF(no_renego, SECURE_RENEGOTIATION, VER_TLS12, NO)
TRI_OF(heartbleed, HEARTBLEED, VER_TLS12, YES)
TRI_OF(invalid_curve, INVALID_CURVE, VER_TLS12, YES)
TRI_OF(zero_secret, ZERO_SECRET, VER_TLS13, YES)
TRI_OF(ccs_injection, CCS_INJECTION, VER_TLS12, YES)
TRI_OF(ticketbleed, TICKETBLEED, VER_TLS12, YES)
TRI_OF(robot, ROBOT, VER_TLS12, YES)
TRI_OF(poodle_tls, POODLE_TLS, VER_TLS12, YES)
TRI_OF(zombie_poodle, ZOMBIE_POODLE, VER_TLS12, YES)
TRI_OF(goldendoodle, GOLDENDOODLE, VER_TLS12, YES)
TRI_OF(sleeping_poodle, SLEEPING_POODLE, VER_TLS12, YES)
TRI_OF(zero_length_padding, ZERO_LENGTH_PADDING, VER_TLS12, YES)
TRI_OF(cve_2016_2107, CVE_2016_2107, VER_TLS12, YES)
TRI_OF(mac_unchecked, MAC_UNCHECKED, VER_TLS12, YES)
TRI_OF(insecure_renego, RENEGOTIATION_INSECURE, VER_TLS12, YES)
TRI_OF(client_renego, RENEGOTIATION_CLIENT, VER_TLS12, YES)
TRI_OF(no_etm, ENCRYPT_THEN_MAC, VER_TLS12, NO)
TRI_OF(short_mac, TRUNCATED_HMAC, VER_TLS12, YES)
TRI_OF(beats, HEARTBEAT, VER_TLS12, YES)
TRI_OF(no_sentinel, DOWNGRADE_SENTINEL, VER_TLS12, NO)

TRI_OF(early_data, EARLY_DATA, VER_TLS13, YES)
TRI_OF(psk_alone, PSK_ALONE, VER_TLS13, YES)
TRI_OF(ticket_tampered, TICKET_TAMPERED, VER_TLS12, YES)
TRI_OF(ems_dropped, EMS_DROPPED, VER_TLS12, YES)
TRI_OF(never_taken_up, RESUMPTION, VER_TLS12, NO)

static void long_ticket(struct record *r)
{
	sample_obs(r, OBS_KEY_TICKET_LIFETIME, VER_TLS12)->number = 7 * 86400 + 1;
}

static void taken_up_at_times(struct record *r)
{
	sample_obs(r, OBS_KEY_RESUMPTION, VER_TLS13)->reason = "UNSTABLE";
}

static void no_sentinel_in_tls11(struct record *r)
{
	no_tls13(r);
	sample_tri(r, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS12, TRI_NA);
	VERSION(r, VER_TLS11, 0xC014);
	sample_tri(r, OBS_KEY_DOWNGRADE_SENTINEL, VER_TLS11, TRI_NO);
}

TRI_OF(wrong_sentinel, DOWNGRADE_SENTINEL_WRONG, VER_TLS12, YES)
TRI_OF(random_repeated, RANDOM_REPEATED, 0, YES)
TRI_OF(session_id_repeated, SESSION_ID_REPEATED, 0, YES)

static void reuse(struct record *r, const char *kind)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_SHARE_REUSED && !strcmp(r->obs[i].name, kind))
			r->obs[i].tri = TRI_YES;
}

static void odd_is(struct record *r, const char *name, enum tri value)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].name && !strcmp(r->obs[i].name, name)) {
			r->obs[i].tri = value;
			r->obs[i].reason = value == TRI_UNKNOWN ? "UNSTABLE" : NULL;
		}
}

#define BREAKS(name)                                                                                         \
	static void breaks_##name(struct record *r)                                                          \
	{                                                                                                    \
		odd_is(r, #name, TRI_NO);                                                                    \
	}
BREAKS(post_quantum)
BREAKS(grease)
BREAKS(length_256_511)
BREAKS(version_14)
BREAKS(fragment_records)
BREAKS(suites_64)
BREAKS(session_id_empty)
BREAKS(record_version_ssl3)
BREAKS(compression_unknown)
BREAKS(sni_dot)

static void takes_long_id(struct record *r)
{
	odd_is(r, "session_id_33", TRI_YES);
}

static void grease_is_open(struct record *r)
{
	odd_is(r, "grease", TRI_UNKNOWN);
}

static void dhe_reused(struct record *r)
{
	reuse(r, "dhe");
}

static void ecdhe_reused(struct record *r)
{
	reuse(r, "ecdhe");
}

static void tls13_reused(struct record *r)
{
	reuse(r, "tls13");
}

static void clock_behind(struct record *r)
{
	sample_text(r, OBS_KEY_SERVER_CLOCK, 0, "behind");
}

static void mismatch(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_HOSTNAME)->text = "mismatch";
}

static void untrusted(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->tri = TRI_NO;
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->reason = "no path";
}

static void issue(struct record *r, const char *name)
{
	struct obs *o = sample_about_chain(r, OBS_KEY_CHAIN_ISSUES);

	o->names = arena_copy(&r->arena, &name, sizeof name);
	o->count = 1;
}

static void incomplete(struct record *r)
{
	issue(r, "incomplete");
}

static void wrong_order(struct record *r)
{
	issue(r, "wrong_order");
}

static void unneeded(struct record *r)
{
	issue(r, "unneeded");
}

static void duplicate(struct record *r)
{
	issue(r, "duplicate");
}

static void distrusted(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->tri = TRI_NO;
	sample_about_chain(r, OBS_KEY_CHAIN_TRUST)->reason = "distrusted";
}

static void refused_by_a_named_store(struct record *r)
{
	struct obs o = *sample_about_chain(r, OBS_KEY_CHAIN_TRUST);

	o.name = "mine";
	o.tri = TRI_NO;
	o.reason = "unknown_issuer";
	record_add(r, &o);
}

static void root_sent(struct record *r)
{
	issue(r, "root_sent");
}

#define CERT_OF(name, n, field, value)                                                                       \
	static void name(struct record *r)                                                                   \
	{                                                                                                    \
		r->certs[n].field = value;                                                                   \
	}
CERT_OF(self_signed, 0, self_signed, true)
CERT_OF(expired, 0, not_after, SAMPLE_NOW - 1)
CERT_OF(not_yet, 0, not_before, SAMPLE_NOW + 1)
CERT_OF(soon, 0, not_after, SAMPLE_NOW + 86400)
CERT_OF(weak_key, 0, key_bits, 1024)
CERT_OF(weak_signature, 1, signature, "sha1WithRSAEncryption")
CERT_OF(ca_expired, 1, not_after, SAMPLE_NOW - 1)

/* The first observation with this key: all the sample has of it are about the leaf, or alike. */
static void staple(struct record *r, const char *word)
{
	sample_about_chain(r, OBS_KEY_STAPLE)->text = word;
}

static void revoked(struct record *r)
{
	staple(r, "revoked");
}

static void revoked_above(struct record *r)
{
	const struct obs *o = sample_about_chain(r, OBS_KEY_STAPLE);

	record_add(r, &(struct obs){ .key = OBS_KEY_STAPLE_ABOVE, .chain = o->chain, .sha256 = r->certs[1].sha256,
	                  .text = "revoked", .probe = "test" });
}

static void staple_expired(struct record *r)
{
	staple(r, "expired");
}

/* The i-th of what was fetched: the leaf's, then the CA's. */
static struct obs *status(struct record *r, size_t i)
{
	struct obs *o = sample_about_chain(r, OBS_KEY_CERT_REVOCATION_STATUS);

	return o + i;
}

static void ca_revoked(struct record *r)
{
	status(r, 1)->text = "revoked";
}

static void responder_stale(struct record *r)
{
	status(r, 0)->text = "unknown";
	status(r, 0)->reason = "stale";
}

static void must_staple(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CERT_MUST_STAPLE)->tri = TRI_YES;
	staple(r, "none");
}

static void no_scts(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CT_SCTS)->number = 0;
}

static void ct_policy(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CT_POLICY)->tri = TRI_NO;
}

static void words(struct record *r, enum obs_key key, const char *word)
{
	struct obs *o = sample_about_chain(r, key);

	o->names = arena_copy(&r->arena, &word, sizeof word);
	o->count = 1;
}

static void roca(struct record *r)
{
	words(r, OBS_KEY_CERT_KEY_FLAWS, "roca");
}

static void unnamed_curve(struct record *r)
{
	words(r, OBS_KEY_CERT_KEY_FLAWS, "curve_not_named");
}

static void known_key(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CERT_KNOWN_KEY)->tri = TRI_YES;
}

static void names_differ(struct record *r)
{
	words(r, OBS_KEY_CERT_DIFFERENCES, "names");
}

/* What a client gets that names no server. */
static struct obs *nameless(struct record *r)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CERT_DIFFERENCES && r->obs[i].sni == TRI_NO)
			return &r->obs[i];
	return NULL;
}

static void default_has(struct record *r, const char *word)
{
	nameless(r)->names = arena_copy(&r->arena, &word, sizeof word);
	nameless(r)->count = 1;
}

static void default_differs(struct record *r)
{
	default_has(r, "names");
}

static void default_is_of_another(struct record *r)
{
	default_has(r, "issuer");
}

/* One certificate for the name: nothing stands between several of that. */
static void default_ends_otherwise(struct record *r)
{
	sample_about_chain(r, OBS_KEY_CERT_DIFFERENCES)->key = OBS_KEY_CERT_VALIDATION;
	default_has(r, "expiry");
}

static void needs_a_name(struct record *r)
{
	sample_tri(r, OBS_KEY_SNI_REQUIRED, VER_TLS12, TRI_YES);
	nameless(r)->key = OBS_KEY_CERT_VALIDATION;
}

static void was_not_asked_without_a_name(struct record *r)
{
	nameless(r)->key = OBS_KEY_CERT_VALIDATION;
}

static void expiry_differs(struct record *r)
{
	words(r, OBS_KEY_CERT_DIFFERENCES, "expiry");
}

static void same_key(struct record *r)
{
	words(r, OBS_KEY_CERT_DIFFERENCES, "same_key");
}

CERT_OF(too_long, 0, not_after, SAMPLE_NOW + 300 * INT64_C(86400))

static void limit(struct record *r)
{
	sample_text(r, OBS_KEY_LIMIT, 0, "LIMIT_CERT");
}

static void violation(struct record *r)
{
	sample_text(r, OBS_KEY_VIOLATION, VER_TLS12, "PROTOCOL_UNOFFERED_SUITE");
}

static void dns_state(struct record *r, const char *what, const char *word, const char *reason)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_DNS_DNSSEC && !strcmp(r->obs[i].name, what)) {
			r->obs[i].text = word;
			r->obs[i].reason = reason;
		}
}

static void bogus_caa(struct record *r)
{
	dns_state(r, "caa", "unknown", "DNS_BOGUS");
	sample_names(r, OBS_KEY_DNS_CAA, NULL, 0);
	sample_obs(r, OBS_KEY_DNS_CAA, 0)->reason = "DNS_BOGUS";
	sample_forget(r, OBS_KEY_DNS_CAA_ISSUE);
}

static void silent_resolver(struct record *r)
{
	static const enum obs_key lists[] = { OBS_KEY_DNS_CAA, OBS_KEY_DNS_TLSA, OBS_KEY_DNS_HTTPS };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		dns_state(r, (const char *[]){ "caa", "tlsa", "https" }[i], "unknown", "DNS_TIMEOUT");
		sample_names(r, lists[i], NULL, 0);
		sample_obs(r, lists[i], 0)->reason = "DNS_TIMEOUT";
	}
	sample_forget(r, OBS_KEY_DNS_CAA_ISSUE);
	sample_forget(r, OBS_KEY_DNS_TLSA_MATCH);
	sample_forget(r, OBS_KEY_DNS_HTTPS_ALPN);
}

static void wrong_tlsa(struct record *r)
{
	sample_tri(r, OBS_KEY_DNS_TLSA_MATCH, 0, TRI_NO);
}

static void wrong_tlsa_unsigned(struct record *r)
{
	wrong_tlsa(r);
	dns_state(r, "tlsa", "insecure", NULL);
}

static void unusable_tlsa(struct record *r)
{
	sample_tri(r, OBS_KEY_DNS_TLSA_MATCH, 0, TRI_NA);
}

static void open_tlsa(struct record *r)
{
	sample_tri(r, OBS_KEY_DNS_TLSA_MATCH, 0, TRI_UNKNOWN);
}

static void no_certificate_for_tlsa(struct record *r)
{
	sample_forget(r, OBS_KEY_DNS_TLSA_MATCH);
}

static void no_tlsa(struct record *r)
{
	sample_names(r, OBS_KEY_DNS_TLSA, NULL, 0);
	sample_forget(r, OBS_KEY_DNS_TLSA_MATCH);
}

static void no_caa(struct record *r)
{
	sample_names(r, OBS_KEY_DNS_CAA, NULL, 0);
	sample_forget(r, OBS_KEY_DNS_CAA_ISSUE);
}

static void critical_caa(struct record *r)
{
	NAMES(r, DNS_CAA_CRITICAL, "tbs");
}

static void no_h2(struct record *r)
{
	NAMES(r, ALPN, "http/1.1");
}

static void promises_no_h2(struct record *r)
{
	no_h2(r);
	NAMES(r, DNS_HTTPS_ALPN, "h3", "http/1.1");
}

SUITE_OF(triple_des_first, 0xC012, 0xC030)
TRI_OF(alpn_not_strict, ALPN_STRICT, 0, NO)
TRI_OF(alpn_open, ALPN_STRICT, 0, UNKNOWN)
TRI_OF(sni_strict, SNI_STRICT, 0, YES)
HTTP_TEXT(gzipped, OBS_KEY_HTTP_COMPRESSION, NULL, "gzip")

static void strict_by_name_alone(struct record *r)
{
	alpn_not_strict(r);
	sni_strict(r);
}

static void dh_8192(struct record *r)
{
	modulus(r, 8192, "ee00000000000000000000000000000000000000000000000000000000000000");
}

static void dh_2048(struct record *r)
{
	modulus(r, 2048, "ee00000000000000000000000000000000000000000000000000000000000000");
}

static void ffdhe2048_in_tls13(struct record *r)
{
	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D, 0x0100);
}

static void ffdhe8192_in_tls13(struct record *r)
{
	CODES(r, GROUPS_LIST, VER_TLS13, 0x11EC, 0x001D, 0x0104);
}

static void export_dhe(struct record *r)
{
	VERSION(r, VER_TLS12, 0xC030, 0x0014);
}

static void triple_des_last_of_the_clients_choice(struct record *r)
{
	triple_des_first(r);
	client_order(r);
}

static void triple_des_in_no_known_order(struct record *r)
{
	triple_des_first(r);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS12, "unknown");
}

static void only_triple_des(struct record *r)
{
	VERSION(r, VER_TLS10, 0xC012, 0x000A);
	sample_text(r, OBS_KEY_SUITES_ORDER, VER_TLS10, "client");
}

static void rc4_in_ssl3(struct record *r)
{
	VERSION(r, VER_SSL3, 0x0005);
}

static void client_misfit(struct record *r)
{
	static const char *const words[] = { "issuer", "scheme" };

	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS12, TRI_NO);
	record_add(r, &(struct obs){ .key = OBS_KEY_CLIENT_MISFITS, .protocol = VER_TLS12, .names = words, .count = 2,
	                      .probe = "sample" });
}

static const struct {
	const char *id;
	void (*spoil)(struct record *);
} cases[] = {
	{ "protocol.sslv2", sslv2 },
	{ "protocol.sslv3", sslv3 },
	{ "protocol.tls10", tls10 },
	{ "protocol.tls11", tls11 },
	{ "protocol.no_tls12", only_tls11 },
	{ "protocol.no_tls13", no_tls13 },
	{ "protocol.tls13_draft", draft },
	{ "suite.null", null },
	{ "suite.anonymous", anonymous },
	{ "suite.export", export },
	{ "suite.des", des },
	{ "suite.rc4", rc4 },
	{ "suite.3des", triple_des },
	{ "suite.no_forward_secrecy", no_fs },
	{ "suite.dhe", dhe },
	{ "suite.md5", rc4_md5 },
	{ "suite.cbc", cbc },
	{ "order.weak_first", weak_first },
	{ "order.client", client_order },
	{ "dh.weak", dh_768 },
	{ "dh.small", dh_1024 },
	{ "dh.common_prime", dh_common },
	{ "dh.not_prime", dh_composite },
	{ "dh.unsafe_prime", dh_unsafe },
	{ "rsa.export_key", export_key },
	{ "group.weak", small_curve },
	{ "group.no_pq", no_pq },
	{ "scheme.md5", scheme_md5 },
	{ "scheme.sha1", scheme_sha1 },
	{ "compression", compression },
	{ "fallback_scsv", no_fallback },
	{ "ext.ems", no_ems },
	{ "ext.truncated_hmac", short_mac },
	{ "ext.heartbeat", beats },
	{ "ext.intolerant", picky },
	{ "ext.secure_renegotiation", no_renego },
	{ "vuln.drown", drown },
	{ "vuln.cve_2016_0703", ssl2_clear },
	{ "vuln.cve_2015_3197", ssl2_unlisted },
	{ "vuln.poodle", sslv3 },
	{ "vuln.beast", tls10 },
	{ "vuln.freak", export },
	{ "vuln.logjam", dh_768 },
	{ "vuln.sweet32", triple_des_first },
	{ "vuln.dheat", dhe },
	{ "vuln.dheat_large", dh_8192 },
	{ "vuln.alpaca", alpn_not_strict },
	{ "vuln.breach", gzipped },
	{ "vuln.heartbleed", heartbleed },
	{ "vuln.ccs_injection", ccs_injection },
	{ "vuln.invalid_curve", invalid_curve },
	{ "kx.zero_secret", zero_secret },
	{ "vuln.ticketbleed", ticketbleed },
	{ "vuln.robot", robot },
	{ "vuln.poodle_tls", poodle_tls },
	{ "vuln.zombie_poodle", zombie_poodle },
	{ "vuln.goldendoodle", goldendoodle },
	{ "vuln.sleeping_poodle", sleeping_poodle },
	{ "vuln.zero_length_padding", zero_length_padding },
	{ "vuln.cve_2016_2107", cve_2016_2107 },
	{ "vuln.mac_unchecked", mac_unchecked },
	{ "renegotiation.insecure", insecure_renego },
	{ "renegotiation.client_initiated", client_renego },
	{ "ext.encrypt_then_mac", no_etm },
	{ "downgrade_sentinel", no_sentinel },
	{ "downgrade_sentinel.tls12", no_sentinel_in_tls11 },
	{ "downgrade_sentinel.wrong", wrong_sentinel },
	{ "kx.dhe_reused", dhe_reused },
	{ "kx.ecdhe_reused", ecdhe_reused },
	{ "kx.tls13_reused", tls13_reused },
	{ "random.repeated", random_repeated },
	{ "session.id_repeated", session_id_repeated },
	{ "server.clock", clock_behind },
	{ "tolerance.post_quantum", breaks_post_quantum },
	{ "tolerance.grease", breaks_grease },
	{ "tolerance.length", breaks_length_256_511 },
	{ "tolerance.version", breaks_version_14 },
	{ "tolerance.fragments", breaks_fragment_records },
	{ "tolerance.suites", breaks_suites_64 },
	{ "tolerance.session_id", breaks_session_id_empty },
	{ "tolerance.record_version", breaks_record_version_ssl3 },
	{ "tolerance.compression", breaks_compression_unknown },
	{ "tolerance.name", breaks_sni_dot },
	{ "hello.malformed_taken", takes_long_id },
	{ "session.early_data", early_data },
	{ "session.ticket_lifetime", long_ticket },
	{ "session.ticket_known_key", ticket_of_zeros },
	{ "session.ticket_tampered", ticket_tampered },
	{ "session.psk_ke", psk_alone },
	{ "session.ems_dropped", ems_dropped },
	{ "session.unstable", taken_up_at_times },
	{ "session.not_accepted", never_taken_up },
	{ "cert.mismatch", mismatch },
	{ "cert.untrusted", untrusted },
	{ "cert.not_everywhere", refused_by_a_named_store },
	{ "ca.distrusted", distrusted },
	{ "cert.self_signed", self_signed },
	{ "cert.expired", expired },
	{ "cert.not_yet_valid", not_yet },
	{ "cert.expires_soon", soon },
	{ "cert.weak_key", weak_key },
	{ "cert.weak_signature", weak_signature },
	{ "cert.incomplete_chain", incomplete },
	{ "cert.revoked", revoked },
	{ "chain.revoked", ca_revoked },
	{ "cert.revocation_unusable", responder_stale },
	{ "staple.unusable", staple_expired },
	{ "staple.missing", must_staple },
	{ "ct.none", no_scts },
	{ "ct.policy", ct_policy },
	{ "cert.too_long", too_long },
	{ "cert.broken_key", roca },
	{ "cert.curve", unnamed_curve },
	{ "cert.known_key", known_key },
	{ "cert.names_differ", names_differ },
	{ "cert.expiry_differs", expiry_differs },
	{ "cert.same_key", same_key },
	{ "cert.default_differs", default_differs },
	{ "chain.wrong_order", wrong_order },
	{ "chain.expired", ca_expired },
	{ "chain.unneeded", unneeded },
	{ "chain.duplicate", duplicate },
	{ "chain.root_sent", root_sent },
	{ "http.no_redirect", no_redirect },
	{ "http.redirect_elsewhere", redirect_elsewhere },
	{ "http.hsts_missing", no_hsts },
	{ "http.hsts_broken", hsts_broken },
	{ "http.hsts_short", hsts_short },
	{ "http.cookie_secure", open_cookie },
	{ "http.cookie_scripts", scripted_cookie },
	{ "http.cookie_prefix", prefixed_cookie },
	{ "http.header_missing", no_csp },
	{ "http.header_invalid", odd_header },
	{ "http.header_obsolete", old_header },
	{ "http.banner", banner },
	{ "dns.bogus", bogus_caa },
	{ "dns.tlsa_mismatch", wrong_tlsa },
	{ "dns.tlsa_insecure", wrong_tlsa_unsigned },
	{ "dns.caa_none", no_caa },
	{ "dns.caa_critical", critical_caa },
	{ "dns.https_alpn", no_h2 },
	{ "client.misfit", client_misfit },
	{ "server.limit", limit },
	{ "server.violation", violation },
};

static void client_refused(struct record *r)
{
	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_CLIENT_ACCEPTED, VER_TLS12, TRI_NO);
}

static void client_accepted(struct record *r)
{
	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS12, TRI_YES);
	sample_tri(r, OBS_KEY_CLIENT_ACCEPTED, VER_TLS12, TRI_YES);
}

static void client_fit_unknown(struct record *r)
{
	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS13, TRI_YES);
	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS12, TRI_UNKNOWN);
}

static const struct finding *finding_of(const struct judgement *j, const char *id)
{
	for (size_t i = 0; i < j->findings_count; i++)
		if (!strcmp(j->findings[i].id, id))
			return &j->findings[i];
	fail_msg("no finding %s", id);
	return NULL;
}

static enum finding_state state_after(const char *id, void (*spoil)(struct record *))
{
	struct record *r = sample_good();
	struct judgement *j;
	enum finding_state state;

	if (spoil)
		spoil(r);
	j = judge(r);
	state = finding_of(j, id)->state;
	if (state == FINDING_FAIL)
		assert_non_null(finding_of(j, id)->because);
	judgement_free(j);
	record_free(r);
	return state;
}

static void every_rule_has_a_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_count; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
			found = found || !strcmp(cases[k].id, rules[i].id);
		if (!found)
			fail_msg("rule %s has no case here", rules[i].id);
	}
	assert_int_equal(rules_count, sizeof cases / sizeof *cases);
}

static void every_rule_says_what_it_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_count; i++) {
		assert_true(rules[i].title && *rules[i].title);
		assert_true(rules[i].reference && *rules[i].reference);
		assert_true(rules[i].advice && *rules[i].advice);
		assert_ptr_equal(rule_find(rules[i].id), &rules[i]);
	}
	assert_null(rule_find("no.such"));
}

static void every_rule_fires_on_its_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (state_after(cases[i].id, cases[i].spoil) != FINDING_FAIL)
			fail_msg("%s does not fire", cases[i].id);
}

static void every_rule_is_silent_on_a_good_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules_count; i++) {
		enum finding_state s = state_after(rules[i].id, NULL);

		if (s != FINDING_PASS && s != FINDING_NA)
			fail_msg("%s is %s on a good server", rules[i].id, finding_state_name(s));
	}
}

static void an_odd_hello_that_stays_open_passes_no_rule(void **state)
{
	(void)state;
	assert_int_equal(state_after("tolerance.grease", grease_is_open), FINDING_UNKNOWN);
	assert_int_equal(state_after("tolerance.version", grease_is_open), FINDING_PASS);
}

static void nothing_passes_when_nothing_was_asked(void **state)
{
	struct record *r = sample_bare();
	struct judgement *j;

	(void)state;
	record_add(r, &(struct obs){ .key = OBS_KEY_CONCURRENCY, .number = 1, .probe = "sample" });
	j = judge(r);
	for (size_t i = 0; i < j->findings_count; i++)
		if (j->findings[i].state != FINDING_UNKNOWN)
			fail_msg("%s is %s", j->findings[i].id, finding_state_name(j->findings[i].state));
	judgement_free(j);
	record_free(r);
}

static void speaks_no_http(struct record *r)
{
	sample_forget(r, OBS_KEY_HSTS);
	sample_obs(r, OBS_KEY_HTTP_ANSWERED, 0)->tri = TRI_NO;
}

static void silent_over_tls(struct record *r)
{
	sample_forget(r, OBS_KEY_HSTS);
	sample_obs(r, OBS_KEY_HTTP_ANSWERED, 0)->tri = TRI_UNKNOWN;
}

static void other_port(struct record *r)
{
	sample_forget(r, OBS_KEY_HTTP_REDIRECT);
	r->port = 8443;
}

static void not_looked_for(struct record *r)
{
	sample_forget(r, OBS_KEY_HTTP_REDIRECT);
}

static void http_rules_tell_apart_what_does_not_arise(void **state)
{
	static const struct {
		const char *id;
		void (*spoil)(struct record *);
		enum finding_state is;
	} rows[] = {
		{ "http.no_redirect", plain_redirect, FINDING_FAIL },
		{ "http.no_redirect", redirect_refused, FINDING_PASS },
		{ "http.no_redirect", other_port, FINDING_NA },
		{ "http.no_redirect", not_looked_for, FINDING_UNKNOWN },
		{ "http.hsts_broken", hsts_disabled, FINDING_FAIL },
		{ "http.hsts_broken", no_hsts, FINDING_PASS },
		{ "http.hsts_missing", hsts_on_address, FINDING_NA },
		{ "http.hsts_missing", speaks_no_http, FINDING_NA },
		{ "http.hsts_missing", silent_over_tls, FINDING_UNKNOWN },
		{ "http.hsts_short", hsts_broken, FINDING_PASS },
		{ "http.cookie_secure", scripted_cookie, FINDING_PASS },
		{ "http.cookie_secure", speaks_no_http, FINDING_NA },
		{ "http.cookie_secure", silent_over_tls, FINDING_UNKNOWN },
		{ "http.header_missing", no_coop, FINDING_PASS },
		{ "http.banner", powered, FINDING_FAIL },
		{ "http.banner", mute_banner, FINDING_PASS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (state_after(rows[i].id, rows[i].spoil) != rows[i].is)
			fail_msg("row %zu, %s: %s", i, rows[i].id,
			        finding_state_name(state_after(rows[i].id, rows[i].spoil)));
}

/* Each near miss of an attack that is told by what a server offers. */
static void attacks_are_told_from_what_only_looks_like_them(void **state)
{
	static const struct {
		const char *id;
		void (*spoil)(struct record *);
		enum finding_state is;
	} rows[] = {
		{ "vuln.poodle", rc4_in_ssl3, FINDING_PASS },
		{ "vuln.poodle", tls10, FINDING_NA },
		{ "vuln.beast", tls11, FINDING_NA },
		{ "vuln.freak", export_dhe, FINDING_PASS },
		{ "vuln.logjam", export_dhe, FINDING_FAIL },
		{ "vuln.logjam", dh_common, FINDING_FAIL },
		{ "vuln.logjam", dh_1024, FINDING_PASS },
		{ "vuln.logjam", dhe, FINDING_UNKNOWN }, /* the modulus was not seen */
		{ "vuln.sweet32", triple_des, FINDING_PASS },
		{ "vuln.sweet32", triple_des_last_of_the_clients_choice, FINDING_PASS },
		{ "vuln.sweet32", triple_des_in_no_known_order, FINDING_UNKNOWN },
		{ "vuln.sweet32", only_triple_des, FINDING_FAIL },
		{ "vuln.dheat", ffdhe2048_in_tls13, FINDING_FAIL },
		{ "vuln.dheat_large", ffdhe2048_in_tls13, FINDING_PASS },
		{ "vuln.dheat_large", ffdhe8192_in_tls13, FINDING_FAIL },
		{ "vuln.dheat_large", dh_2048, FINDING_PASS },
		{ "vuln.dheat_large", dhe, FINDING_UNKNOWN },
		{ "vuln.alpaca", strict_by_name_alone, FINDING_PASS },
		{ "vuln.alpaca", alpn_open, FINDING_UNKNOWN },
		{ "vuln.breach", speaks_no_http, FINDING_NA },
		{ "vuln.breach", silent_over_tls, FINDING_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (state_after(rows[i].id, rows[i].spoil) != rows[i].is)
			fail_msg("row %zu, %s: %s", i, rows[i].id,
			        finding_state_name(state_after(rows[i].id, rows[i].spoil)));
}

static void a_banner_is_told_with_what_it_says(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	banner(r);
	powered(r);
	j = judge(r);
	assert_string_equal(finding_of(j, "http.banner")->because, "Server: nginx/1.22.1, X-Powered-By: PHP/8.2.7");
	judgement_free(j);
	record_free(r);
}

static void incomplete_untrusted(struct record *r)
{
	incomplete(r);
	untrusted(r);
}

static void incomplete_with_a_place(struct record *r)
{
	incomplete_untrusted(r);
	obs_evidence(r, sample_about_chain(r, OBS_KEY_CHAIN_ISSUES), "issuer_url", "yes");
}

/* The grade's own line is not evaluated then: the two agree. */
static void who_could_fetch_what_is_missing_does_not_call_it_untrusted(void **state)
{
	(void)state;
	assert_int_equal(state_after("cert.untrusted", incomplete_untrusted), FINDING_FAIL);
	assert_int_equal(state_after("cert.untrusted", incomplete_with_a_place), FINDING_UNKNOWN);
}

static void an_endpoint_that_gave_nothing_has_no_findings(void **state)
{
	struct record *r = sample_bare();
	struct judgement *j = judge(r);

	(void)state;
	assert_int_equal(j->findings_count, 0);
	assert_int_equal(j->grade.letter, LETTER_NONE);
	assert_false(j->grade.complete);
	judgement_free(j);
	record_free(r);
}

static void a_list_known_in_part_passes_nothing(void **state)
{
	static const char *const ids[] = { "suite.null", "suite.rc4", "suite.export",
		"suite.no_forward_secrecy" };
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	sample_obs(r, OBS_KEY_SUITES_LIST, VER_TLS12)->reason = "TIMEOUT_FIRST_BYTE";
	j = judge(r);
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_int_equal(finding_of(j, ids[i])->state, FINDING_UNKNOWN);
	judgement_free(j);
	record_free(r);
}

static void an_unknown_version_passes_nothing_about_suites(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	sample_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS10, TRI_UNKNOWN);
	j = judge(r);
	assert_int_equal(finding_of(j, "suite.rc4")->state, FINDING_UNKNOWN);
	assert_int_equal(finding_of(j, "protocol.tls10")->state, FINDING_UNKNOWN);
	judgement_free(j);
	record_free(r);
}

static void a_tls13_server_is_not_blamed_for_what_only_older_versions_have(void **state)
{
	static const char *const ids[] = { "ext.secure_renegotiation", "ext.ems", "compression",
		"scheme.sha1", "dh.small", "order.client" };
	struct record *r = sample_tls13_only();
	struct judgement *j = judge(r);

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_int_equal(finding_of(j, ids[i])->state, FINDING_NA);
	judgement_free(j);
	record_free(r);
}

static void a_given_client_certificate_is_judged_by_fit_and_by_what_the_server_did(void **state)
{
	(void)state;
	assert_int_equal(state_after("client.misfit", NULL), FINDING_NA);
	assert_int_equal(state_after("client.misfit", client_refused), FINDING_FAIL);
	assert_int_equal(state_after("client.misfit", client_accepted), FINDING_PASS);
	assert_int_equal(state_after("client.misfit", client_fit_unknown), FINDING_UNKNOWN);
}

static void private_authority(struct record *r)
{
	untrusted(r);
	no_scts(r);
	ct_policy(r);
	too_long(r);
}

static void no_list_of_logs(struct record *r)
{
	sample_forget(r, OBS_KEY_CT_POLICY);
}

/* What browsers ask of public authorities is not asked of one's own. */
static void a_private_authority_is_bound_by_no_public_rule(void **state)
{
	static const char *const ids[] = { "ct.none", "ct.policy", "cert.too_long" };

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		assert_int_equal(state_after(ids[i], private_authority), FINDING_NA);
	assert_int_equal(state_after("ct.policy", no_list_of_logs), FINDING_NA);
}

static void what_no_name_gets_is_judged_apart(void **state)
{
	(void)state;
	assert_int_equal(state_after("cert.names_differ", default_differs), FINDING_PASS);
	assert_int_equal(state_after("cert.names_differ", default_ends_otherwise), FINDING_NA);
	assert_int_equal(state_after("cert.expiry_differs", default_ends_otherwise), FINDING_FAIL);
	assert_int_equal(state_after("cert.same_key", default_ends_otherwise), FINDING_PASS);
	assert_int_equal(state_after("cert.default_differs", default_ends_otherwise), FINDING_PASS);
	assert_int_equal(state_after("cert.default_differs", default_is_of_another), FINDING_FAIL);
	assert_int_equal(state_after("cert.default_differs", needs_a_name), FINDING_NA);
	assert_int_equal(state_after("cert.default_differs", was_not_asked_without_a_name), FINDING_UNKNOWN);
}

static void a_staple_of(struct record *r, const char *word, const char *where)
{
	staple(r, word);
	if (where)
		words(r, OBS_KEY_CERT_REVOCATION, where);
	else
		sample_about_chain(r, OBS_KEY_CERT_REVOCATION)->count = 0;
}

static void no_staple(struct record *r)
{
	a_staple_of(r, "none", "ocsp");
	sample_forget(r, OBS_KEY_CERT_REVOCATION_STATUS);
}

static void no_staple_and_no_responder(struct record *r)
{
	no_staple(r);
	a_staple_of(r, "none", NULL);
}

static void no_staple_and_short_lived(struct record *r)
{
	no_staple(r);
	a_staple_of(r, "none", "short_lived");
}

static void no_issuer(struct record *r)
{
	a_staple_of(r, "no_issuer", "ocsp");
}

/* Certificates without a responder, and short-lived ones, are as they should be. */
static void what_no_staple_says_depends_on_the_certificate(void **state)
{
	(void)state;
	assert_int_equal(state_after("chain.revoked", revoked_above), FINDING_FAIL);
	assert_int_equal(state_after("cert.revoked", no_staple), FINDING_UNKNOWN);
	assert_int_equal(state_after("cert.revoked", no_staple_and_no_responder), FINDING_NA);
	assert_int_equal(state_after("cert.revoked", no_staple_and_short_lived), FINDING_NA);
	assert_int_equal(state_after("staple.unusable", no_staple), FINDING_NA);
	assert_int_equal(state_after("staple.unusable", no_issuer), FINDING_UNKNOWN);
	assert_int_equal(state_after("staple.missing", no_staple), FINDING_NA);
}

static void leaf_revoked_by_crl(struct record *r)
{
	a_staple_of(r, "none", "crl");
	sample_status(r, LEAF_SHA, "crl", "revoked");
}

static void leaf_good_without_staple(struct record *r)
{
	a_staple_of(r, "none", "ocsp");
}

/* The only trusted path goes through a revoked certificate, and none of it was served. */
static void fetched_ca_revoked(struct record *r)
{
	ca_revoked(r);
	sample_about_chain(r, OBS_KEY_CHAIN_SERVED)->count = 1;
}

static void other_path_in_force(struct record *r)
{
	static const char *const paths[] = { LEAF_SHA " " CA_SHA,
		LEAF_SHA " 3333333333333333333333333333333333333333333333333333333333333333" };
	struct obs *trust = sample_about_chain(r, OBS_KEY_CHAIN_TRUST);

	ca_revoked(r);
	trust->names = paths;
	trust->count = 2;
}

static void responder_out_of_reach(struct record *r)
{
	a_staple_of(r, "none", "ocsp");
	status(r, 0)->text = "unknown";
	status(r, 0)->reason = "timeout";
}

static void names_no_place(struct record *r)
{
	no_staple_and_no_responder(r);
	sample_status(r, LEAF_SHA, NULL, "unknown")->reason = "no_url";
}

static void nothing_fetched(struct record *r)
{
	sample_forget(r, OBS_KEY_CERT_REVOCATION_STATUS);
}

static void what_was_fetched_says_what_is_revoked(void **state)
{
	(void)state;
	assert_int_equal(state_after("cert.revoked", leaf_revoked_by_crl), FINDING_FAIL);
	assert_int_equal(state_after("cert.revoked", leaf_good_without_staple), FINDING_PASS);
	assert_int_equal(state_after("cert.revoked", ca_revoked), FINDING_FAIL); /* no path is left */
	assert_int_equal(state_after("cert.revoked", fetched_ca_revoked), FINDING_FAIL);
	assert_int_equal(state_after("cert.revoked", other_path_in_force), FINDING_PASS);
	assert_int_equal(state_after("cert.revoked", responder_out_of_reach), FINDING_UNKNOWN);
	assert_int_equal(state_after("cert.revoked", names_no_place), FINDING_NA);
	assert_int_equal(state_after("chain.revoked", fetched_ca_revoked), FINDING_FAIL);
	assert_int_equal(state_after("chain.revoked", other_path_in_force), FINDING_FAIL);
	assert_int_equal(state_after("chain.revoked", nothing_fetched), FINDING_UNKNOWN);
	assert_int_equal(state_after("cert.revocation_unusable", responder_out_of_reach), FINDING_UNKNOWN);
	assert_int_equal(state_after("cert.revocation_unusable", names_no_place), FINDING_NA);
	assert_int_equal(state_after("cert.revocation_unusable", nothing_fetched), FINDING_UNKNOWN);
}

static void completed_by_url(struct record *r)
{
	issue(r, "incomplete");
	record_add(r, &(struct obs){ .key = OBS_KEY_CHAIN_COMPLETED, .sni = TRI_YES, .chain = "c1", .tri = TRI_YES, .probe = "fetch" });
}

static void completed_by_nobody(struct record *r)
{
	completed_by_url(r);
	sample_about_chain(r, OBS_KEY_CHAIN_COMPLETED)->tri = TRI_NO;
	sample_about_chain(r, OBS_KEY_CHAIN_COMPLETED)->reason = "no_url";
}

static void expect_because(void (*spoil)(struct record *), const char *end)
{
	struct record *r = sample_good();
	struct judgement *j;
	const char *because;

	spoil(r);
	j = judge(r);
	because = finding_of(j, "cert.incomplete_chain")->because;
	assert_true(strlen(because) > strlen(end));
	assert_string_equal(because + strlen(because) - strlen(end), end);
	judgement_free(j);
	record_free(r);
}

static void an_incomplete_chain_says_whether_its_url_completes_it(void **state)
{
	(void)state;
	expect_because(incomplete, "incomplete");
	expect_because(completed_by_url, "incomplete; the issuer's URL completes it");
	expect_because(completed_by_nobody, "incomplete; no URL completes it (no_url)");
}

/* The limits of the days before and after each change. */
static void how_long_a_certificate_may_last_depends_on_its_first_day(void **state)
{
	static const struct {
		int64_t from;
		int64_t days;
	} rows[] = { { 1519862400, 825 }, { 1598918400, 398 }, { 1773532800, 200 }, { 1805068800, 100 },
		{ 1868227200, 47 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (int more = 0; more < 2; more++) {
			struct record *r = sample_good();
			struct judgement *j;

			r->certs[0].not_before = rows[i].from;
			r->certs[0].not_after = rows[i].from + rows[i].days * 86400 - 1 + more;
			j = judge(r);
			assert_int_equal(finding_of(j, "cert.too_long")->state, more ? FINDING_FAIL : FINDING_PASS);
			judgement_free(j);
			record_free(r);
		}
}

static void half_of_six_days_left(struct record *r)
{
	r->certs[0].not_before = SAMPLE_NOW - 3 * 86400;
	r->certs[0].not_after = SAMPLE_NOW + 3 * 86400;
}

static void one_of_six_days_left(struct record *r)
{
	r->certs[0].not_before = SAMPLE_NOW - 5 * 86400;
	r->certs[0].not_after = SAMPLE_NOW + 86400;
}

static void a_short_lived_certificate_has_a_margin_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(state_after("cert.expires_soon", half_of_six_days_left), FINDING_PASS);
	assert_int_equal(state_after("cert.expires_soon", one_of_six_days_left), FINDING_FAIL);
}

static void because_is(const char *id, void (*spoil)(struct record *), const char *expected)
{
	struct record *r = sample_good();
	struct judgement *j;

	spoil(r);
	j = judge(r);
	assert_string_equal(finding_of(j, id)->because, expected);
	judgement_free(j);
	record_free(r);
}

static void client_misfit_twice(struct record *r)
{
	static const char *const words[] = { "type" };

	sample_tri(r, OBS_KEY_CLIENT_FITS, VER_TLS11, TRI_NO);
	record_add(r, &(struct obs){ .key = OBS_KEY_CLIENT_MISFITS, .protocol = VER_TLS11, .names = words, .count = 1,
	                      .probe = "sample" });
	client_misfit(r);
	record_sort(r);
}

static void client_refused_twice(struct record *r)
{
	client_refused(r);
	sample_tri(r, OBS_KEY_CLIENT_ACCEPTED, VER_TLS11, TRI_NO);
	record_sort(r);
}

static void a_client_certificate_that_is_not_taken_is_told_for_every_version(void **state)
{
	(void)state;
	because_is("client.misfit", client_misfit_twice,
	        "TLSv1.2: does not fit (no accepted authority stands above it, its key can make no accepted signature); "
	        "TLSv1.1: does not fit (its type of key is not accepted)");
	because_is("client.misfit", client_refused_twice,
	        "TLSv1.2: refused (without a word); TLSv1.1: refused (without a word)");
}

static void a_reason_names_its_fact_as_the_report_does(void **state)
{
	(void)state;
	because_is("random.repeated", random_repeated, "Repeated randoms: yes");
	because_is("compression", compression, "TLS compression: yes (TLSv1.2)");
}

static void no_lifetime(struct record *r)
{
	sample_forget(r, OBS_KEY_TICKET_LIFETIME);
	record_add(r, &(struct obs){ .key = OBS_KEY_TICKET_LIFETIME, .protocol = VER_TLS12, .number = 0, .probe = "sample" });
}

static void a_ticket_without_a_lifetime_is_not_good_for_zero_seconds(void **state)
{
	(void)state;
	because_is("session.ticket_lifetime", no_lifetime, "TLSv1.2: how long a ticket is good is not specified");
}

static void forget_fallback(struct record *r)
{
	no_tls13(r);
	sample_forget(r, OBS_KEY_FALLBACK_SCSV);
}

static void forget_sentinel(struct record *r)
{
	no_tls13(r);
	sample_forget(r, OBS_KEY_DOWNGRADE_SENTINEL);
}

static void forget_fallback_with_two_versions(struct record *r)
{
	sample_forget(r, OBS_KEY_FALLBACK_SCSV);
}

static void a_question_that_does_not_arise_is_not_applicable(void **state)
{
	(void)state;
	assert_int_equal(state_after("fallback_scsv", forget_fallback), FINDING_NA);
	assert_int_equal(state_after("fallback_scsv", forget_fallback_with_two_versions), FINDING_UNKNOWN);
	assert_int_equal(state_after("downgrade_sentinel", forget_sentinel), FINDING_NA);
	assert_int_equal(state_after("downgrade_sentinel", no_sentinel_in_tls11), FINDING_NA);
	assert_int_equal(state_after("downgrade_sentinel.tls12", no_sentinel), FINDING_NA);
	assert_int_equal(state_after("downgrade_sentinel.tls12", forget_sentinel), FINDING_NA);
	assert_int_equal(state_after("server.clock", NULL), FINDING_NA);
}

static void finite_field_list_in_part(struct record *r)
{
	record_add(r, &(struct obs){ .key = OBS_KEY_GROUPS_LIST,
	                      .protocol = VER_TLS12,
	                      .name = "ffdhe",
	                      .reason = "TIMEOUT_FIRST_BYTE",
	                      .probe = "sample" });
}

static void a_finite_field_list_in_part_says_nothing_about_curves(void **state)
{
	(void)state;
	assert_int_equal(state_after("group.weak", finite_field_list_in_part), FINDING_PASS);
}

static void a_modulus_in_no_table_is_neither_prime_nor_not(void **state)
{
	(void)state;
	assert_int_equal(state_after("dh.not_prime", dh_1024), FINDING_UNKNOWN);
	assert_int_equal(state_after("dh.unsafe_prime", dh_1024), FINDING_UNKNOWN);
	assert_int_equal(state_after("dh.common_prime", dh_1024), FINDING_PASS);
}

static void a_finding_names_the_fact_behind_it(void **state)
{
	struct record *r = sample_good();
	struct judgement *j;
	const struct finding *f;

	(void)state;
	VERSION(r, VER_TLS10, 0xC014, 0x0005, 0x0004);
	j = judge(r);
	f = finding_of(j, "suite.rc4");
	assert_string_equal(f->because, "TLSv1.0: TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5");
	assert_int_equal(f->evidence_count, 1);
	assert_string_equal(f->evidence[0].name, "TLSv1.0");
	judgement_free(j);
	record_free(r);
}

/* Handed to the clients as an anchor, it is its own path: nothing is wrong with it. */
static void a_self_signed_anchor_is_no_finding(void **state)
{
	static const char *paths[1];
	struct record *r = sample_good();
	struct judgement *j;

	(void)state;
	r->certs[0].self_signed = true;
	paths[0] = r->certs[0].sha256;
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == OBS_KEY_CHAIN_TRUST) {
			r->obs[i].names = paths;
			r->obs[i].count = 1;
		}
	j = judge(r);
	assert_int_equal(finding_of(j, "cert.self_signed")->state, FINDING_PASS);
	judgement_free(j);
	record_free(r);
}

static void ids_not_kept_beside_tickets(struct record *r)
{
	record_add(r, &(struct obs){ .key = OBS_KEY_SESSION_GIVEN, .protocol = VER_TLS12, .name = "other", .tri = TRI_YES });
	record_add(r, &(struct obs){ .key = OBS_KEY_RESUMPTION, .protocol = VER_TLS12, .name = "other", .tri = TRI_NO });
}

static void one_way_to_take_a_session_up_is_enough(void **state)
{
	(void)state;
	assert_int_equal(state_after("session.not_accepted", ids_not_kept_beside_tickets), FINDING_PASS);
}

static void dns_counts_as_far_as_it_is_secured(void **state)
{
	static const struct {
		const char *id;
		void (*spoil)(struct record *);
		enum finding_state wanted;
	} rows[] = {
		{ "dns.bogus", NULL, FINDING_PASS },
		{ "dns.bogus", silent_resolver, FINDING_UNKNOWN },
		{ "dns.tlsa_mismatch", wrong_tlsa_unsigned, FINDING_NA },
		{ "dns.tlsa_mismatch", silent_resolver, FINDING_UNKNOWN },
		{ "dns.tlsa_mismatch", unusable_tlsa, FINDING_NA },
		{ "dns.tlsa_mismatch", open_tlsa, FINDING_UNKNOWN },
		{ "dns.tlsa_mismatch", no_certificate_for_tlsa, FINDING_UNKNOWN },
		{ "dns.tlsa_mismatch", no_tlsa, FINDING_NA },
		{ "dns.tlsa_insecure", no_tlsa, FINDING_NA },
		{ "dns.tlsa_insecure", silent_resolver, FINDING_UNKNOWN },
		{ "dns.caa_none", bogus_caa, FINDING_UNKNOWN },
		{ "dns.caa_none", silent_resolver, FINDING_UNKNOWN },
		{ "dns.caa_critical", bogus_caa, FINDING_UNKNOWN },
		{ "dns.https_alpn", promises_no_h2, FINDING_NA },
		{ "dns.https_alpn", silent_resolver, FINDING_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (state_after(rows[i].id, rows[i].spoil) != rows[i].wanted)
			fail_msg("row %zu, %s: %s", i, rows[i].id, finding_state_name(state_after(rows[i].id, rows[i].spoil)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_has_a_case),
		cmocka_unit_test(dns_counts_as_far_as_it_is_secured),
		cmocka_unit_test(one_way_to_take_a_session_up_is_enough),
		cmocka_unit_test(every_rule_says_what_it_means),
		cmocka_unit_test(every_rule_fires_on_its_case),
		cmocka_unit_test(an_odd_hello_that_stays_open_passes_no_rule),
		cmocka_unit_test(every_rule_is_silent_on_a_good_server),
		cmocka_unit_test(nothing_passes_when_nothing_was_asked),
		cmocka_unit_test(http_rules_tell_apart_what_does_not_arise),
		cmocka_unit_test(attacks_are_told_from_what_only_looks_like_them),
		cmocka_unit_test(a_banner_is_told_with_what_it_says),
		cmocka_unit_test(who_could_fetch_what_is_missing_does_not_call_it_untrusted),
		cmocka_unit_test(an_endpoint_that_gave_nothing_has_no_findings),
		cmocka_unit_test(a_list_known_in_part_passes_nothing),
		cmocka_unit_test(an_unknown_version_passes_nothing_about_suites),
		cmocka_unit_test(a_tls13_server_is_not_blamed_for_what_only_older_versions_have),
		cmocka_unit_test(a_question_that_does_not_arise_is_not_applicable),
		cmocka_unit_test(a_given_client_certificate_is_judged_by_fit_and_by_what_the_server_did),
		cmocka_unit_test(a_client_certificate_that_is_not_taken_is_told_for_every_version),
		cmocka_unit_test(a_reason_names_its_fact_as_the_report_does),
		cmocka_unit_test(a_ticket_without_a_lifetime_is_not_good_for_zero_seconds),
		cmocka_unit_test(a_finite_field_list_in_part_says_nothing_about_curves),
		cmocka_unit_test(a_modulus_in_no_table_is_neither_prime_nor_not),
		cmocka_unit_test(a_finding_names_the_fact_behind_it),
		cmocka_unit_test(a_self_signed_anchor_is_no_finding),
		cmocka_unit_test(what_no_name_gets_is_judged_apart),
		cmocka_unit_test(a_private_authority_is_bound_by_no_public_rule),
		cmocka_unit_test(what_no_staple_says_depends_on_the_certificate),
		cmocka_unit_test(what_was_fetched_says_what_is_revoked),
		cmocka_unit_test(an_incomplete_chain_says_whether_its_url_completes_it),
		cmocka_unit_test(how_long_a_certificate_may_last_depends_on_its_first_day),
		cmocka_unit_test(a_short_lived_certificate_has_a_margin_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
