/* CAA, TLSA and HTTPS records: the real engine, a resolver that says what a table has, and what the report makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/sim_scan.h"

enum { SECOND_US = 1000000 };

static const char *const only_dns[] = { "dns", NULL };
static const char *const dns_and_tls13[] = { "dns", "suites.tls13", NULL };

#define RECORD(text) { (const uint8_t *)text, sizeof text - 1 }
#define RECORDS(...) .records = (const struct span[]){ __VA_ARGS__ }, .n = sizeof((const struct span[]){ __VA_ARGS__ }) / sizeof(struct span)
#define ROOT_KEYS(how) { ".", DNS_TYPE_DNSKEY, { .state = how }, 0 }

/* One host, sim_scan's first, with this resolver. */
static struct record *scan_with(struct sim_scan *s, struct server_config *c, const struct sim_zone_row *zone, const char *const *select)
{
	config_sound(c);
	sim_scan_init(s, 1);
	s->scan.options.select = select;
	s->scan.options.dns = s->scan.options.dns_any = true;
	s->scan.options.dns_us = 2 * SECOND_US;
	net_sim_zone(s->net, zone);
	return sim_scan_one(s, c);
}

static void end(struct sim_scan *s, struct server_config *c)
{
	sim_scan_free(s);
	config_free(c);
}

static const struct obs *named(const struct record *r, enum obs_key key, const char *name)
{
	for (size_t i = 0; i < r->obs_count; i++)
		if (r->obs[i].key == key && r->obs[i].name && !strcmp(r->obs[i].name, name))
			return &r->obs[i];
	fail_msg("no %s of %s", obs_kinds[key].key, name);
	return NULL;
}

static void expect_state(const struct record *r, const char *what, const char *word, const char *reason)
{
	const struct obs *o = named(r, OBS_KEY_DNS_DNSSEC, what);

	if (strcmp(o->text, word) || !o->reason != !reason || (reason && strcmp(o->reason, reason)))
		fail_msg("%s: %s (%s)", what, o->text, o->reason ? o->reason : "");
}

static const struct probe_result *result_of(const struct record *r, const char *id)
{
	for (size_t i = 0; i < r->probes_count; i++)
		if (!strcmp(r->probes[i].id, id))
			return &r->probes[i];
	fail_msg("no probe %s", id);
	return NULL;
}

/* ---- what is asked ----------------------------------------------------------------------------------------------------- */

static void records_cost_the_host_no_connection(void **state)
{
	const struct sim_zone_row zone[] = { { 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, zone, only_dns);

	(void)state;
	assert_int_equal(net_sim_counts(s.net).dialled, 0);
	assert_int_equal(r->connections, 0);
	assert_int_equal(net_sim_counts(s.net).queries, 4); /* CAA of two names, TLSA, HTTPS */
	expect_state(r, "caa", "secure", NULL);
	expect_state(r, "tlsa", "secure", NULL);
	expect_state(r, "https", "secure", NULL);
	assert_int_equal(record_find(r, OBS_KEY_DNS_CAA, 0)->count, 0);
	assert_null(record_find(r, OBS_KEY_DNS_CAA_ISSUE, 0));
	end(&s, &c);
}

static unsigned asked_of(const char *host, bool built, bool any, const char *reason)
{
	const struct sim_zone_row zone[] = { { 0 } };
	struct server_config c;
	struct sim_scan s;
	unsigned queries;
	struct net_addr to = { .family = NET_IPV4, .bytes = { 10, 0, 0, 1 }, .port = 443 };
	struct target t = { .input = host, .host = host, .port = 443, .has_address = true, .address = to };
	struct record *r;

	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.select = only_dns;
	s.scan.options.dns = built;
	s.scan.options.dns_any = any;
	s.scan.options.dns_us = 2 * SECOND_US;
	net_sim_zone(s.net, zone);
	sim_scan_add(&s, &c);
	sim_scan_target(&s, &t);
	sim_scan_run(&s);
	r = s.records[0];
	queries = net_sim_counts(s.net).queries;
	if (reason)
		assert_string_equal(result_of(r, "dns.caa")->reason, reason);
	end(&s, &c);
	return queries;
}

static void only_names_of_the_public_dns_are_asked_for(void **state)
{
	(void)state;
	assert_int_equal(asked_of("www.example.org", true, false, NULL), 5);
	assert_int_equal(asked_of("x.test", true, false, "NO_PUBLIC_NAME"), 0);
	assert_int_equal(asked_of("x.test", true, true, NULL), 4);
	assert_int_equal(asked_of("localhost", true, true, "NO_PUBLIC_NAME"), 0);
	assert_int_equal(asked_of("10.0.0.1", true, true, "NO_PUBLIC_NAME"), 0);
	assert_int_equal(asked_of("2001:db8::1", true, true, "NO_PUBLIC_NAME"), 0);
	assert_int_equal(asked_of("www.example.org", false, false, "NOT_BUILT_IN"), 0);
}

/* ---- what is answered -------------------------------------------------------------------------------------------------- */

static void caa_is_looked_for_up_the_tree(void **state)
{
	const struct sim_zone_row zone[] = {
		{ "host-1.test", DNS_TYPE_CAA, { .state = DNS_SECURE }, 0 },
		{ "test", DNS_TYPE_CAA, { .state = DNS_INSECURE, RECORDS(RECORD("\0\5issueb.example"), RECORD("\0\5issuea.example")) }, 0 },
		{ 0 },
	};
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, zone, only_dns);
	const struct obs *o = record_find(r, OBS_KEY_DNS_CAA, 0);

	(void)state;
	assert_string_equal(o->name, "test");
	assert_int_equal(o->count, 2);
	assert_string_equal(o->names[0], "0 issue \"a.example\""); /* in an order of its own */
	expect_state(r, "caa", "insecure", NULL); /* one step of the way was */
	assert_string_equal(record_find(r, OBS_KEY_DNS_CAA_ISSUE, 0)->names[1], "b.example");
	assert_null(record_find(r, OBS_KEY_DNS_CAA_ISSUEWILD, 0));
	end(&s, &c);
}

static void a_forged_answer_is_told_from_a_resolver_without_dnssec(void **state)
{
	const struct sim_zone_row forged[] = { { "host-1.test", DNS_TYPE_CAA, { .state = DNS_BOGUS }, 0 },
		ROOT_KEYS(DNS_SECURE), { 0 } };
	const struct sim_zone_row stripped[] = { { "host-1.test", DNS_TYPE_CAA, { .state = DNS_BOGUS }, 0 },
		ROOT_KEYS(DNS_BOGUS), { 0 } };
	const struct sim_zone_row other_anchor[] = { { "host-1.test", DNS_TYPE_CAA, { .state = DNS_BOGUS }, 0 },
		ROOT_KEYS(DNS_INSECURE), { 0 } };
	const struct {
		const struct sim_zone_row *zone;
		const char *reason;
	} rows[] = { { forged, "DNS_BOGUS" }, { stripped, "DNS_NO_DNSSEC" }, { other_anchor, "DNS_BOGUS" } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct server_config c;
		struct sim_scan s;
		struct record *r = scan_with(&s, &c, rows[i].zone, only_dns);

		expect_state(r, "caa", "unknown", rows[i].reason);
		expect_state(r, "tlsa", "secure", NULL);
		assert_string_equal(record_find(r, OBS_KEY_DNS_CAA, 0)->reason, rows[i].reason);
		assert_int_equal(result_of(r, "dns.caa")->state, PROBE_DONE);
		end(&s, &c);
	}
}

static void a_private_anchor_is_asked_for_its_own_keys(void **state)
{
	const struct sim_zone_row zone[] = { { "host-1.test", DNS_TYPE_CAA, { .state = DNS_BOGUS }, 0 },
		ROOT_KEYS(DNS_BOGUS), { "test", DNS_TYPE_DNSKEY, { .state = DNS_SECURE }, 0 }, { 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.select = only_dns;
	s.scan.options.dns = s.scan.options.dns_any = true;
	s.scan.options.dns_anchor = "test";
	s.scan.options.dns_us = 2 * SECOND_US;
	net_sim_zone(s.net, zone);
	r = sim_scan_one(&s, &c);
	expect_state(r, "caa", "unknown", "DNS_BOGUS");
	end(&s, &c);
}

static void a_resolver_that_fails_is_no_fault_of_the_scan(void **state)
{
	const struct sim_zone_row silent[] = {
		{ "host-1.test", DNS_TYPE_CAA, { 0 }, UINT64_MAX },
		{ "host-1.test", DNS_TYPE_HTTPS, { .state = DNS_SECURE }, 3 * SECOND_US },
		{ "_443._tcp.host-1.test", DNS_TYPE_TLSA, { .failed = true }, 0 },
		{ 0 },
	};
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, silent, dns_and_tls13);

	(void)state;
	assert_int_equal(r->status, STATUS_OK);
	expect_state(r, "caa", "unknown", "DNS_TIMEOUT");
	expect_state(r, "https", "unknown", "DNS_TIMEOUT");
	expect_state(r, "tlsa", "unknown", "DNS_FAILED");
	assert_true(r->duration_ms >= 2000 && r->duration_ms < 2100);
	end(&s, &c);
	r = scan_with(&s, &c, NULL, dns_and_tls13);
	assert_int_equal(r->status, STATUS_OK);
	expect_state(r, "caa", "unknown", "DNS_FAILED");
	assert_true(r->duration_ms < 500);
	end(&s, &c);
}

/* All the steps up the tree share one deadline. */
static void a_slow_resolver_is_given_two_seconds_in_all(void **state)
{
	const struct sim_zone_row slow[] = {
		{ "host-1.test", DNS_TYPE_CAA, { .state = DNS_SECURE }, 1500000 },
		{ "test", DNS_TYPE_CAA, { .state = DNS_SECURE }, 1500000 },
		{ 0 },
	};
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, slow, only_dns);

	(void)state;
	expect_state(r, "caa", "unknown", "DNS_TIMEOUT");
	assert_true(r->duration_ms < 2100);
	end(&s, &c);
}

static void the_endpoints_deadline_ends_queries_too(void **state)
{
	const struct sim_zone_row silent[] = { { "host-1.test", DNS_TYPE_CAA, { 0 }, UINT64_MAX }, { 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.select = only_dns;
	s.scan.options.dns = s.scan.options.dns_any = true;
	s.scan.options.dns_us = 2 * SECOND_US;
	s.scan.options.deadline_us = SECOND_US;
	net_sim_zone(s.net, silent);
	r = sim_scan_one(&s, &c);
	assert_string_equal(result_of(r, "dns.caa")->reason, "LIMIT_DEADLINE");
	assert_int_equal(r->duration_ms, 1000);
	end(&s, &c);
}

static void a_host_that_is_down_has_its_records_still(void **state)
{
	const struct sim_zone_row zone[] = {
		{ "host-1.test", DNS_TYPE_CAA, { .state = DNS_SECURE, RECORDS(RECORD("\0\5issuea.example")) }, SECOND_US }, { 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.dns = s.scan.options.dns_any = true;
	s.scan.options.dns_us = 2 * SECOND_US;
	net_sim_zone(s.net, zone);
	sim_scan_add(&s, &c)->connect = SIM_REFUSE;
	sim_scan_run(&s);
	r = s.records[0];
	assert_int_equal(r->status, STATUS_UNREACHABLE);
	assert_int_equal(result_of(r, "dns.caa")->state, PROBE_DONE);
	assert_int_equal(result_of(r, "suites.tls13")->state, PROBE_UNKNOWN);
	assert_int_equal(record_find(r, OBS_KEY_DNS_CAA, 0)->count, 1);
	end(&s, &c);
}

static void more_records_than_the_limit_are_told_as_cut(void **state)
{
	static struct span many[DNS_RECORDS_MAX];
	static struct sim_zone_row zone[] = {
		{ "_443._tcp.host-1.test", DNS_TYPE_TLSA, { .state = DNS_SECURE, .records = many, .n = DNS_RECORDS_MAX, .cut = true }, 0 },
		{ 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	for (size_t i = 0; i < DNS_RECORDS_MAX; i++)
		many[i] = (struct span)RECORD("\3\1\1x");
	r = scan_with(&s, &c, zone, only_dns);
	assert_string_equal(record_find(r, OBS_KEY_DNS_TLSA, 0)->reason, "LIMIT_FLIGHT");
	assert_int_equal(record_find(r, OBS_KEY_DNS_TLSA, 0)->count, DNS_RECORDS_MAX);
	end(&s, &c);
}

/* ---- HTTPS ------------------------------------------------------------------------------------------------------------- */

#define ALIAS(to) { .state = DNS_SECURE, RECORDS(RECORD("\0\0" to "\0")) }

static void aliases_are_followed_and_end(void **state)
{
	const struct sim_zone_row zone[] = {
		{ "host-1.test", DNS_TYPE_HTTPS, ALIAS("\1a\4test"), 0 },
		{ "a.test", DNS_TYPE_HTTPS, { .state = DNS_SECURE, RECORDS(RECORD("\0\1\0\0\1\0\3\2h2\0\5\0\1e")) }, 0 },
		{ 0 },
	};
	const struct sim_zone_row loop[] = { { "host-1.test", DNS_TYPE_HTTPS, ALIAS("\6host-1\4test"), 0 }, { 0 } };
	const struct sim_zone_row odd[] = { { "host-1.test", DNS_TYPE_HTTPS, ALIAS("\3a b\4test"), 0 }, { 0 } };
	const struct sim_zone_row nowhere[] = { { "host-1.test", DNS_TYPE_HTTPS, ALIAS(""), 0 }, { 0 } };
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, zone, only_dns);

	(void)state;
	assert_string_equal(named(r, OBS_KEY_DNS_HTTPS, "a.test")->names[0], "1 . alpn=h2 ech=(1 bytes)");
	assert_string_equal(named(r, OBS_KEY_DNS_HTTPS, "host-1.test")->names[0], "0 a.test");
	assert_null(record_find(r, OBS_KEY_DNS_HTTPS_ALPN, 0)); /* of another host */
	assert_int_equal(record_tri(r, OBS_KEY_DNS_HTTPS_ECH, 0), TRI_YES);
	end(&s, &c);
	r = scan_with(&s, &c, loop, only_dns);
	expect_state(r, "https", "secure", NULL);
	assert_true(net_sim_counts(s.net).queries < 16);
	end(&s, &c);
	r = scan_with(&s, &c, odd, only_dns);
	expect_state(r, "https", "unknown", "MALFORMED");
	end(&s, &c);
	r = scan_with(&s, &c, nowhere, only_dns);
	expect_state(r, "https", "secure", NULL);
	end(&s, &c);
}

static void one_malformed_record_voids_its_set(void **state)
{
	const struct sim_zone_row zone[] = {
		{ "host-1.test", DNS_TYPE_HTTPS, { .state = DNS_SECURE, RECORDS(RECORD("\0\1\0\0\1\0\3\2h2"), RECORD("\0\2")) }, 0 },
		{ "host-1.test", DNS_TYPE_CAA, { .state = DNS_SECURE, RECORDS(RECORD("\0\5issuea"), RECORD("\0\0")) }, 0 },
		{ "_443._tcp.host-1.test", DNS_TYPE_TLSA, { .state = DNS_SECURE, RECORDS(RECORD("\3\1\1x"), RECORD("\3")) }, 0 },
		{ 0 },
	};
	static const enum obs_key lists[] = { OBS_KEY_DNS_HTTPS, OBS_KEY_DNS_CAA, OBS_KEY_DNS_TLSA };
	struct server_config c;
	struct sim_scan s;
	struct record *r = scan_with(&s, &c, zone, only_dns);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_string_equal(record_find(r, lists[i], 0)->reason, "MALFORMED");
		assert_int_equal(record_find(r, lists[i], 0)->count, 1);
	}
	assert_null(record_find(r, OBS_KEY_DNS_HTTPS_ALPN, 0));
	assert_null(record_find(r, OBS_KEY_DNS_CAA_ISSUE, 0));
	end(&s, &c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_cost_the_host_no_connection),
		cmocka_unit_test(only_names_of_the_public_dns_are_asked_for),
		cmocka_unit_test(caa_is_looked_for_up_the_tree),
		cmocka_unit_test(a_forged_answer_is_told_from_a_resolver_without_dnssec),
		cmocka_unit_test(a_private_anchor_is_asked_for_its_own_keys),
		cmocka_unit_test(a_resolver_that_fails_is_no_fault_of_the_scan),
		cmocka_unit_test(a_slow_resolver_is_given_two_seconds_in_all),
		cmocka_unit_test(the_endpoints_deadline_ends_queries_too),
		cmocka_unit_test(a_host_that_is_down_has_its_records_still),
		cmocka_unit_test(more_records_than_the_limit_are_told_as_cut),
		cmocka_unit_test(aliases_are_followed_and_end),
		cmocka_unit_test(one_malformed_record_voids_its_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
