/*
 * Asking ahead (--fast): the same report, byte for byte, sooner, and for few connections more; whatever the server is like and
 * however answers come in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/drawn.h"
#include "tests/sim/sim_scan.h"
#include "tests/sim/standard.h"

enum { ONE_WAY_US = 25000 };

static const char *const versions_and_ciphers[] = { "versions", "ciphers", NULL };

struct pace {
	bool ahead, shuffle;
	const char *const *select;
};

struct outcome {
	char *json;
	uint64_t connections, ms, peak;
	bool whole;
};

static struct outcome scan(const struct server_config *c, const struct pace *p)
{
	struct outcome out = { 0 };
	struct sim_host *h;
	struct sim_scan s;

	sim_scan_init(&s, 1);
	memset(s.scan.options.seed, 7, sizeof(s.scan.options.seed));
	s.scan.options.select = p->select;
	s.scan.options.http_port_given = true;
	if (p->ahead) {
		s.scan.options.ahead = true;
		s.scan.options.max_per_host = 32;
		s.scan.options.rate_per_host = s.scan.options.burst_per_host = 5000;
	}
	if (p->shuffle)
		net_sim_shuffle(s.net);
	h = sim_scan_add(&s, c);
	h->latency_us = ONE_WAY_US;
	h->jitter_us = p->shuffle ? ONE_WAY_US : 0;
	sim_scan_run(&s);
	out.connections = s.records[0]->connections;
	out.ms = s.records[0]->duration_ms;
	out.peak = net_sim_counts(s.net).peak_open;
	out.whole = s.records[0]->status == STATUS_OK;
	s.records[0]->duration_ms = s.records[0]->connections = 0;
	s.records[0]->bytes_sent = s.records[0]->bytes_received = 0;
	out.json = sim_scan_json(s.records[0]);
	sim_scan_free(&s);
	return out;
}

static void expect_same(const char *name, const struct outcome *plain, const struct outcome *ahead)
{
	size_t at = 0;

	assert_true(ahead->peak <= 32);
	if (!plain->whole && !ahead->whole)
		return; /* stopped midway: how far it came is a matter of time */
	while (plain->json[at] && plain->json[at] == ahead->json[at])
		at++;
	if (plain->json[at] != ahead->json[at])
		fail_msg("%s: differs at %zu\n%.300s\n-- with lookahead --\n%.300s", name, at,
		        plain->json + (at > 120 ? at - 120 : 0), ahead->json + (at > 120 ? at - 120 : 0));
}

static void same_with(const char *name, const struct server_config *c, const char *const *select, int orders)
{
	struct outcome plain = scan(c, &(struct pace){ .select = select });

	for (int shuffle = 0; shuffle < orders; shuffle++) {
		struct outcome ahead = scan(c, &(struct pace){ .ahead = true, .shuffle = shuffle, .select = select });

		expect_same(name, &plain, &ahead);
		free(ahead.json);
	}
	free(plain.json);
}

static void standard(struct server_config *c, const char *lines)
{
	char wrong[128];

	config_sound(c);
	assert_true(config_read(c, lines, wrong));
}

static void what_is_reported_does_not_change(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 16; seed++) {
		struct text lines = { 0 };
		struct server_config c;

		drawn_server(&c, seed, &lines);
		same_with(text_str(&lines), &c, seed % 8 ? versions_and_ciphers : NULL, 2);
		text_free(&lines);
		config_free(&c);
	}
}

static bool depends_on_time(const struct misbehaviour *row)
{
	static const char *const names[] = { "unstable", "chaos", "refuses_later", "tarpits_later", "random" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], row->name))
			return true;
	return false;
}

static void a_misbehaving_server_is_reported_the_same_too(void **state)
{
	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		struct server_config c;

		if (depends_on_time(&misbehaviours[i]))
			continue;
		assert_true(misbehaviour_config(&c, misbehaviours[i].name, 0));
		same_with(misbehaviours[i].name, &c, versions_and_ciphers, 1);
		config_free(&c);
	}
}

static void it_takes_few_round_trips_and_few_connections_more(void **state)
{
	static const struct {
		const char *name, *lines;
		const char *const *select;
		uint64_t connections, ms;
	} most[] = {
		{ "modern, versions and ciphers", standard_modern, versions_and_ciphers, 30, 350 },
		{ "legacy, versions and ciphers", standard_legacy, versions_and_ciphers, 165, 850 },
		{ "modern, all", standard_modern, NULL, 120, 1000 },
		{ "legacy, all", standard_legacy, NULL, 420, 2600 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(most) / sizeof(*most); i++) {
		struct server_config c;
		struct outcome plain, ahead;

		standard(&c, most[i].lines);
		plain = scan(&c, &(struct pace){ .select = most[i].select });
		ahead = scan(&c, &(struct pace){ .ahead = true, .select = most[i].select });
		expect_same(most[i].name, &plain, &ahead);
		print_message("%s: %llu connections and %llu ms, without lookahead %llu and %llu ms\n", most[i].name,
		        (unsigned long long)ahead.connections, (unsigned long long)ahead.ms,
		        (unsigned long long)plain.connections, (unsigned long long)plain.ms);
		assert_true(ahead.connections <= most[i].connections);
		assert_true(ahead.ms <= most[i].ms);
		free(plain.json);
		free(ahead.json);
		config_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_few_round_trips_and_few_connections_more),
		cmocka_unit_test(what_is_reported_does_not_change),
		cmocka_unit_test(a_misbehaving_server_is_reported_the_same_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
