/* What a scan costs: connections for two standard servers, and a thousand endpoints in one run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/sim_scan.h"
#include "tests/sim/standard.h"

struct cost {
	const char *name, *config;
	const char *const *select;
	uint64_t most;
};

static const char *const versions_and_ciphers[] = { "versions", "ciphers", NULL };

static uint64_t connections_for(const struct cost *k)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;
	char wrong[128];
	uint64_t n;

	config_sound(&c);
	assert_true(config_read(&c, k->config, wrong));
	sim_scan_init(&s, 1);
	s.scan.options.select = k->select;
	s.scan.options.http_port_given = true; /* the limit is for the TLS port; the one beside it is another server */
	r = sim_scan_one(&s, &c);
	n = r->connections;
	assert_int_equal(r->status, STATUS_OK);
	assert_int_equal(net_sim_counts(s.net).dialled, n);
	assert_true(net_sim_counts(s.net).peak_open <= 8);
	for (size_t i = 0; i < r->probes_count; i++) {
		n -= r->probes[i].connections;
		if (r->probes[i].connections && r->connections > k->most)
			print_message("%3u %s\n", (unsigned)r->probes[i].connections, r->probes[i].id);
	}
	assert_int_equal(n, 0); /* every connection is some probe's */
	n = r->connections;
	sim_scan_free(&s);
	config_free(&c);
	return n;
}

static void a_scan_keeps_to_its_connections(void **state)
{
	static const struct cost costs[] = {
		{ "modern, versions and ciphers", standard_modern, versions_and_ciphers, 26 },
		{ "legacy, versions and ciphers", standard_legacy, versions_and_ciphers, 155 },
		{ "modern, all", standard_modern, NULL, 60 },
		{ "legacy, all", standard_legacy, NULL, 260 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(costs) / sizeof(*costs); i++) {
		uint64_t n = connections_for(&costs[i]);

		print_message("%s: %llu connections of %llu\n", costs[i].name, (unsigned long long)n,
		        (unsigned long long)costs[i].most);
		if (n > costs[i].most)
			fail_msg("%s: %llu connections", costs[i].name, (unsigned long long)n);
	}
}

static void the_budget_is_kept_and_said(void **state)
{
	struct server_config c;
	struct sim_scan s;
	struct record *r;

	(void)state;
	config_sound(&c);
	for (unsigned budget = 1; budget < 40; budget += 6) {
		sim_scan_init(&s, 1);
		s.scan.options.budget = budget;
		r = sim_scan_one(&s, &c);
		assert_true(r->connections <= budget);
		assert_int_equal(r->status, STATUS_PARTIAL);
		assert_string_equal(r->error_code, "LIMIT_BUDGET");
		for (uint16_t v = VER_TLS10; v <= VER_TLS13; v++)
			assert_int_not_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, v), TRI_NO);
		sim_scan_free(&s);
	}
	config_free(&c);
}

static void the_rate_to_one_address_is_kept(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	s.scan.options.rate_per_host = 10;
	s.scan.options.burst_per_host = 1;
	sim_scan_one(&s, &c);
	assert_int_equal(s.records[0]->status, STATUS_OK);
	assert_true(s.ended_us >= (s.records[0]->connections - 1) * 100000);
	sim_scan_free(&s);
	config_free(&c);
}

static size_t memory_with(struct span staple)
{
	struct server_config c;
	struct sim_scan s;
	char wrong[128];
	size_t used;

	config_sound(&c);
	assert_true(config_read(&c, standard_modern, wrong));
	c.staple = staple;
	sim_scan_init(&s, 1);
	s.scan.options.select = versions_and_ciphers;
	used = sim_scan_one(&s, &c)->arena.used;
	sim_scan_free(&s);
	config_free(&c);
	return used;
}

/* It comes with nearly every answer. */
static void a_long_staple_is_kept_once(void **state)
{
	static const uint8_t bytes[20000] = { 0x30, 0x82, 0x4E, 0x1C };
	struct span staple = { bytes, sizeof bytes };

	(void)state;
	assert_true(memory_with(staple) < memory_with((struct span){ NULL, 0 }) + 3 * sizeof bytes);
}

static void a_thousand_endpoints_leave_nothing_behind(void **state)
{
	enum { MANY = 1000 };
	struct server_config c[4];
	struct sim_scan s;
	char wrong[128];

	(void)state;
	for (int i = 0; i < 4; i++)
		config_sound(&c[i]);
	assert_true(config_read(&c[1], "versions=TLSv1.3", wrong));
	assert_true(config_read(&c[2], "order=client\nrefuse=fin", wrong));
	assert_true(config_read(&c[3], "row=silent", wrong));
	sim_scan_init(&s, 1);
	s.drop_records = true;
	s.scan.options.select = versions_and_ciphers;
	for (int i = 0; i < MANY; i++)
		sim_scan_add(&s, &c[i % 4]);
	sim_scan_run(&s);
	assert_int_equal(s.records_n, MANY);
	assert_int_equal(net_sim_counts(s.net).open, 0);
	assert_int_equal(s.scan.limits.all.open, 0);
	assert_true(net_sim_counts(s.net).peak_open <= 64 * 8);
	sim_scan_free(&s);
	for (int i = 0; i < 4; i++)
		config_free(&c[i]);
}

static void a_machine_short_of_descriptors_scans_slower_and_all(void **state)
{
	struct server_config c;
	struct sim_scan s;

	(void)state;
	config_sound(&c);
	sim_scan_init(&s, 1);
	net_sim_descriptors(s.net, 3);
	for (int i = 0; i < 3; i++)
		sim_scan_add(&s, &c);
	sim_scan_run(&s);
	for (int i = 0; i < 3; i++)
		if (s.records[i]->status != STATUS_OK)
			fail_msg("endpoint %d: %s, %s", i, s.records[i]->error_code,
			        s.records[i]->error_message);
	sim_scan_free(&s);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_keeps_to_its_connections),
		cmocka_unit_test(the_budget_is_kept_and_said),
		cmocka_unit_test(the_rate_to_one_address_is_kept),
		cmocka_unit_test(a_long_staple_is_kept_once),
		cmocka_unit_test(a_thousand_endpoints_leave_nothing_behind),
		cmocka_unit_test(a_machine_short_of_descriptors_scans_slower_and_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
