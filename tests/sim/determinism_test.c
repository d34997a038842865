/* The same server gives the same record: with the same seed whole, in any order of arrival, and in any
 * pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/sim_scan.h"

struct weather {
	uint64_t seed; /* of the network */
	bool shuffle;
	uint64_t jitter_us;
	unsigned chunk;
};

static char *scan(const struct server_config *c, const struct weather *w)
{
	struct sim_host *h;
	struct sim_scan s;
	char *json;

	sim_scan_init(&s, w->seed);
	memset(s.scan.options.seed, 7, sizeof(s.scan.options.seed));
	if (w->shuffle)
		net_sim_shuffle(s.net);
	h = sim_scan_add(&s, c);
	h->jitter_us = w->jitter_us;
	h->chunk = w->chunk;
	sim_scan_run(&s);
	/* What may differ by contract: the scan part, here where probing was stopped midway. */
	s.records[0]->duration_ms = s.records[0]->connections = 0;
	s.records[0]->bytes_sent = s.records[0]->bytes_received = 0;
	for (size_t i = 0; s.records[0]->status != STATUS_OK && i < s.records[0]->probes_count; i++)
		s.records[0]->probes[i].connections = 0;
	json = sim_scan_json(s.records[0]);
	sim_scan_free(&s);
	return json;
}

static void compare(const char *name, const char *a, const char *b)
{
	size_t at = 0;

	while (a[at] && a[at] == b[at])
		at++;
	if (a[at] != b[at])
		fail_msg("%s: differs at %zu\n%.300s\n-- against --\n%.300s", name, at,
		        a + (at > 120 ? at - 120 : 0), b + (at > 120 ? at - 120 : 0));
}

static void same_in(const char *name, const struct server_config *c, const struct weather *w, size_t n)
{
	char *first = scan(c, &(struct weather){ .seed = 1 });

	for (size_t i = 0; i < n; i++) {
		char *again = scan(c, &w[i]);

		compare(name, first, again);
		free(again);
	}
	free(first);
}

static const char *const servers[] = {
	"",
	"order=client\ngroups_order=client\nschemes_order=client",
	"order=server-chacha",
	"versions=SSLv2,SSLv3,TLSv1.0,TLSv1.1,TLSv1.2\nkinds=0x010080,0x0700C0",
	"versions=TLSv1.3",
	"versions=TLSv1.2\nmax_suites=64",
	"sni=needed\nchains_without_sni=other",
	"refuse=reset",
	"refuse=silence",
	"drop_256_511=yes",
	"lower_version=yes",
	"needs_share=40",
	"srp_unknown=yes\ndeflate=yes",
};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static void each_server(const struct weather *w, size_t n)
{
	for (size_t i = 0; i < COUNT(servers); i++) {
		struct server_config c;
		char wrong[128];

		config_sound(&c);
		assert_true(config_read(&c, servers[i], wrong));
		same_in(servers[i], &c, w, n);
		config_free(&c);
	}
}

static void two_scans_with_one_seed_are_equal_byte_for_byte(void **state)
{
	(void)state;
	each_server((struct weather[]){ { .seed = 1 } }, 1);
}

static void the_order_of_arrival_changes_nothing(void **state)
{
	struct weather w[12];

	(void)state;
	for (size_t i = 0; i < COUNT(w); i++)
		w[i] = (struct weather){ .seed = 2 + i, .shuffle = true, .jitter_us = i % 3 * 2000 };
	each_server(w, COUNT(w));
}

static void how_answers_are_cut_into_pieces_changes_nothing(void **state)
{
	static const struct weather w[] = { { .seed = 1, .chunk = 1 }, { .seed = 2, .chunk = 7 },
		{ .seed = 3, .chunk = 1500 },
		{ .seed = 4, .chunk = SIM_CHUNK_RANDOM + 900, .shuffle = true } };

	(void)state;
	each_server(w, COUNT(w));
}

/* Rows that answer each connection in another way, or that stop the scan in the middle, by their number of
 * it. */
static bool depends_on_order(const struct misbehaviour *row)
{
	static const char *const names[] = { "unstable", "chaos", "refuses_later", "tarpits_later",
		"random" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (!strcmp(names[i], row->name))
			return true;
	return false;
}

static void a_misbehaving_server_gives_one_record_too(void **state)
{
	static const struct weather w[] = { { .seed = 5 }, { .seed = 2, .shuffle = true },
		{ .seed = 3, .shuffle = true, .jitter_us = 3000 },
		{ .seed = 4, .shuffle = true, .jitter_us = 900 } };

	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		struct server_config c;

		if (depends_on_order(&misbehaviours[i]))
			continue;
		assert_true(misbehaviour_config(&c, misbehaviours[i].name, 0));
		same_in(misbehaviours[i].name, &c, w, COUNT(w));
		config_free(&c);
	}
}

static void a_seed_shows_in_the_scan_part_alone(void **state)
{
	struct server_config c;
	struct sim_scan s;
	char *json[2];

	(void)state;
	config_sound(&c);
	for (uint64_t i = 0; i < 2; i++) {
		sim_scan_init(&s, 1 + i);
		sim_scan_one(&s, &c);
		s.records[0]->seed = "";
		json[i] = sim_scan_json(s.records[0]);
		sim_scan_free(&s);
	}
	compare("seeds", json[0], json[1]);
	free(json[0]);
	free(json[1]);
	config_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_scans_with_one_seed_are_equal_byte_for_byte),
		cmocka_unit_test(the_order_of_arrival_changes_nothing),
		cmocka_unit_test(how_answers_are_cut_into_pieces_changes_nothing),
		cmocka_unit_test(a_misbehaving_server_gives_one_record_too),
		cmocka_unit_test(a_seed_shows_in_the_scan_part_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
