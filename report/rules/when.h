/* How a row of a rule table (the *.def files here) says its condition; for the files that include one, and no other. */
#ifndef REPORT_RULES_WHEN_H
#define REPORT_RULES_WHEN_H

#include "report/cond.h"

/* clang-format off: one condition, one line */

#define OFFERED(version) { .op = cond_offered, .from = version }
#define MISSING(version) { .op = cond_missing, .from = version }
#define SSL3_BEST { .op = cond_ssl3_best }
#define NO_TLS12 { .op = cond_no_tls12 }
#define LISTED(name) { .op = cond_listed, .key = OBS_KEY_##name }

#define ANY_SUITE(is) { .op = cond_any_suite, .suite = is }
#define ANY_SUITE_OF(is, low, high) { .op = cond_any_suite, .suite = is, .from = low, .to = high }
#define ONLY_SUITE(is) { .op = cond_only_suite, .suite = is }
#define SOME_CLIENT(is, low) { .op = cond_some_client, .suite = is, .from = low }
#define EVERY_CLIENT(is, low) { .op = cond_every_client, .suite = is, .from = low }
#define WEAK_FIRST { .op = cond_weak_first }
#define CLIENT_ORDER { .op = cond_client_order }

#define DH_BELOW(bits) { .op = cond_dh_below, .number = bits }
#define DH_PRIME(is) { .op = cond_dh_prime, .prime = is }
#define DH_PRIME_KNOWN(is) { .op = cond_dh_prime, .prime = is, .number = 1 }
#define EXPORT_KEY { .op = cond_export_key }
#define ANY_GROUP(is) { .op = cond_any_group, .group = is }
#define NO_GROUP(is) { .op = cond_no_group, .group = is, .from = VER_TLS13 }
#define SCHEME_HASH(name) { .op = cond_scheme, .text = name }

/* Asked of SSL 2.0 alone: where it is not offered, they do not hold. */
#define SSL2_TRI_IS(name, wanted) { .op = cond_ssl2, .key = OBS_KEY_##name, .value = TRI_##wanted, .from = VER_SSL2 }
#define LOGJAM { .op = cond_logjam }
#define DHEAT { .op = cond_dheat }
#define DH_ABOVE(bits) { .op = cond_dh_above, .number = bits }
#define CLIENTS_GET(is) { .op = cond_clients_get, .suite = is, .from = VER_SSL3, .to = VER_TLS12 }
#define ALPACA { .op = cond_alpaca }
#define BREACH { .op = cond_breach }

#define TRI_IS(name, wanted) { .op = cond_tri, .key = OBS_KEY_##name, .value = TRI_##wanted }
/* Asked of the versions from `low` to TLS 1.2; not applicable to a server that speaks TLS 1.3 alone. */
#define OLD_TRI_IS(name, wanted, low) \
	{ .op = cond_tri, .key = OBS_KEY_##name, .value = TRI_##wanted, .from = low, .to = VER_TLS12, \
		.number = ASKED_OF_OLD_VERSIONS }
/* Asked only of servers with two versions or more, or with TLS 1.3 and an older one. */
#define FALLBACK_TRI_IS(name, wanted) \
	{ .op = cond_tri, .key = OBS_KEY_##name, .value = TRI_##wanted, .number = ASKED_OF_SEVERAL_VERSIONS }
#define NAMED_TRI_IS(name, wanted, which) \
	{ .op = cond_tri, .key = OBS_KEY_##name, .value = TRI_##wanted, .text = which }
#define NO_SENTINEL(best) { .op = cond_no_sentinel, .from = best }
#define TEXT_IS_NOT(name, word) { .op = cond_text_not, .key = OBS_KEY_##name, .text = word }
#define HSTS_BROKEN { .op = cond_hsts_broken }
#define HSTS_BELOW(seconds) { .op = cond_hsts_short, .number = seconds }
#define HSTS_VALID_BELOW(seconds) { .op = cond_hsts_brief, .number = seconds }
#define HSTS_MISSING { .op = cond_hsts_missing }
#define HEADER_IS(state, of) { .op = cond_header, .key = OBS_KEY_HTTP_HEADER, .text = state, .names = of }
#define COOKIE_HAS(faults) { .op = cond_cookie, .key = OBS_KEY_HTTP_COOKIE, .text = faults }
#define BANNER_VERSION { .op = cond_banner }
#define REDIRECT_IS(words) { .op = cond_redirect, .text = words }
#define DNS_BOGUS_NAME { .op = cond_dns_bogus }
#define TLSA_MISMATCH { .op = cond_tlsa_mismatch }
#define TLSA_UNBOUND { .op = cond_tlsa_unbound }
#define CAA_NONE { .op = cond_caa_none }
#define CAA_CRITICAL { .op = cond_caa_critical }
#define HTTPS_ALPN { .op = cond_https_alpn }
#define CLIENT_MISFIT { .op = cond_client_misfit }
#define NOT_BORNE(words) { .op = cond_not_borne, .key = OBS_KEY_TOLERANCE, .names = words, .value = TRI_NO }
#define WRONGLY_TAKEN { .op = cond_not_borne, .key = OBS_KEY_MALFORMED_TAKEN, .value = TRI_YES }
#define TICKET_KEY_KNOWN { .op = cond_ticket_key_known }
#define TICKET_ABOVE(seconds) { .op = cond_ticket_lifetime, .number = seconds }
#define NOT_TAKEN_UP { .op = cond_not_taken_up }
#define TAKEN_UP_AT_TIMES { .op = cond_taken_up_at_times }
#define PSK_ALONE { .op = cond_psk_alone }
#define EARLY_DATA { .op = cond_early_data }
#define LIMIT_REACHED { .op = cond_limit }
#define VIOLATION { .op = cond_violation }

#define LEAF(is) { .op = cond_leaf, .cert = is }
#define ABOVE(is) { .op = cond_above, .cert = is }
#define ANY_CERT(is) { .op = cond_any_cert, .cert = is }
#define CHAIN_ISSUE(name) { .op = cond_issue, .text = name }
#define MISMATCH { .op = cond_mismatch }
#define REVOKED { .op = cond_revoked }
#define ABOVE_REVOKED { .op = cond_above_revoked }
#define REVOCATION_UNUSABLE { .op = cond_revocation_unusable }
#define STAPLE_UNUSABLE { .op = cond_staple_unusable }
#define MUST_STAPLE_BROKEN { .op = cond_must_staple_broken }
#define NO_SCTS { .op = cond_no_scts }
#define CT_POLICY_BROKEN { .op = cond_ct_policy }
#define TOO_LONG { .op = cond_too_long }
#define KEY_FLAW(words) { .op = cond_key_flaw, .text = words }
#define KNOWN_KEY_IS(name) { .op = cond_known_key, .key = OBS_KEY_##name }
#define DEBIAN_KEY { .op = cond_debian_key, .key = OBS_KEY_CERT_DEBIAN_KEY }
#define DIFFER_IN(word) { .op = cond_differ, .text = word }
/* Or what a client gets that names no server. */
#define DIFFER_ANYHOW_IN(word) { .op = cond_differ, .text = word, .value = TRI_NO }
#define DEFAULT_DIFFERS { .op = cond_default_differs }
/* Unknown while a certificate of the chain is missing that could be fetched. */
#define UNTRUSTED { .op = cond_untrusted }
#define DISTRUSTED { .op = cond_distrusted }
#define REFUSED_SOMEWHERE { .op = cond_refused_somewhere }

#endif
