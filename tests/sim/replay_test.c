/*
 * Whole scans written down and played again: the same records from the recording alone, whatever the network was like;
 * and what is no longer the same is said.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/net/net_record.h"
#include "scanner/net/net_replay.h"
#include "tests/servers/misbehave.h"
#include "tests/sim/sim_scan.h"

struct written {
	char *tape;
	size_t tape_n;
	char *json[4];
	size_t n;
};

static void keep_records(struct written *k, const struct sim_scan *s)
{
	k->n = s->records_n;
	for (size_t i = 0; i < k->n; i++)
		k->json[i] = sim_scan_json(s->records[i]);
}

static void written_free(struct written *k)
{
	for (size_t i = 0; i < k->n; i++)
		free(k->json[i]);
	free(k->tape);
}

/* Runs what was set up, and writes it down. */
static struct written recorded(struct sim_scan *s)
{
	struct written k = { 0 };
	FILE *f = open_memstream(&k.tape, &k.tape_n);

	assert_non_null(f);
	s->scan.net = s->net = net_record_new(s->net, f);
	sim_scan_run(s);
	keep_records(&k, s);
	tape_write(f, &(struct tape_line){ .verb = TAPE_END });
	fclose(f);
	return k;
}

/* The same targets over the recording; the hosts are not there. NULL, or what the replay says. */
static const char *played(const struct written *k, uint64_t seed, const char *const *skip, struct written *again)
{
	FILE *f = fmemopen(k->tape, k->tape_n, "r");
	struct tape tape = { .file = f };
	struct server_config none;
	struct sim_scan s;
	struct tape_line end;
	const char *why;

	config_sound(&none);
	sim_scan_init(&s, seed);
	s.scan.options.skip = skip;
	for (size_t i = 0; i < k->n; i++)
		sim_scan_add(&s, &none);
	s.net->ops->free(s.net);
	s.scan.net = s.net = net_replay_new(&tape);
	sim_scan_run(&s);
	keep_records(again, &s);
	net_replay_take(s.net, TAPE_END, &end);
	why = net_replay_why(s.net);
	sim_scan_free(&s);
	tape_free(&tape);
	fclose(f);
	config_free(&none);
	return why;
}

static void same_again(const char *name, const struct written *k, uint64_t seed)
{
	struct written again = { 0 };
	const char *why = played(k, seed, NULL, &again);

	if (why)
		fail_msg("%s: %s", name, why);
	assert_int_equal(again.n, k->n);
	for (size_t i = 0; i < k->n; i++)
		assert_string_equal(again.json[i], k->json[i]);
	written_free(&again);
}

static struct server_config config_of(const char *text)
{
	struct server_config c;
	char wrong[128];

	config_sound(&c);
	if (!config_read(&c, text, wrong))
		fail_msg("%s: %s", text, wrong);
	return c;
}

static void a_scan_is_the_same_from_its_recording(void **state)
{
	static const char *const servers[] = {
		"", "order=client\ngroups_order=client", "versions=SSLv2,SSLv3,TLSv1.0,TLSv1.1,TLSv1.2\nkinds=0x010080,0x0700C0",
		"versions=TLSv1.3", "refuse=reset", "refuse=silence", "drop_256_511=yes", "sni=needed\nchains_without_sni=other",
	};

	(void)state;
	for (uint64_t i = 0; i < sizeof servers / sizeof *servers; i++) {
		struct server_config c = config_of(servers[i]);
		struct sim_scan s;
		struct written k;

		sim_scan_init(&s, i);
		sim_scan_add(&s, &c);
		k = recorded(&s);
		same_again(servers[i], &k, i);
		written_free(&k);
		sim_scan_free(&s);
		config_free(&c);
	}
}

/* Every kind of end and of trouble, several targets at once. */
static void bad_weather_is_recorded_too(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct server_config c = config_of("");
		struct sim_host *h[4];
		struct sim_scan s;
		struct written k;

		sim_scan_init(&s, seed);
		net_sim_shuffle(s.net);
		net_sim_descriptors(s.net, 5);
		for (size_t i = 0; i < 4; i++) {
			h[i] = sim_scan_add(&s, &c);
			h[i]->jitter_us = 30000;
			h[i]->loss_percent = 10;
			h[i]->chunk = SIM_CHUNK_RANDOM | 500;
		}
		h[0]->at_once = 1;
		h[1]->refuse_after = 20;
		h[2]->tarpit_after = 20;
		h[3]->connect = (enum sim_connect)(seed % 6);
		k = recorded(&s);
		same_again("weather", &k, seed);
		written_free(&k);
		sim_scan_free(&s);
		config_free(&c);
	}
}

static struct written one_recorded(void)
{
	struct server_config c = config_of("versions=TLSv1.3");
	struct sim_scan s;
	struct written k;

	sim_scan_init(&s, 7);
	sim_scan_add(&s, &c);
	k = recorded(&s);
	sim_scan_free(&s);
	config_free(&c);
	return k;
}

static void says(const struct written *k, uint64_t seed, const char *const *skip, const char *word)
{
	struct written again = { 0 };
	const char *why = played(k, seed, skip, &again);

	assert_non_null(why);
	assert_non_null(strstr(why, word));
	written_free(&again);
}

static void another_scan_than_the_recorded_one_is_said(void **state)
{
	static const char *const fewer[] = { "ext.alpn", NULL };
	struct written k = one_recorded();

	(void)state;
	same_again("the same", &k, 7);
	says(&k, 8, NULL, "something else"); /* other randoms */
	says(&k, 7, fewer, "something else");
	written_free(&k);
}

/* The n-th part of it, wherever that is. */
static void a_recording_that_was_cut_is_said(void **state)
{
	struct written k = one_recorded();
	size_t whole = k.tape_n;

	(void)state;
	for (size_t part = 1; part < 12; part++) {
		k.tape_n = whole * part / 12;
		says(&k, 7, NULL, "");
	}
	k.tape_n = whole;
	written_free(&k);
}

/* One character of it changed, in many places: either the records are others, or it is said; no crash, no hang. */
static void a_recording_that_was_changed_plays_to_an_end(void **state)
{
	struct written k = one_recorded();
	unsigned said = 0;

	(void)state;
	for (size_t i = 0; i < 60; i++) {
		size_t at = (i * 2654435761u) % k.tape_n;
		char was = k.tape[at];
		struct written again = { 0 };

		k.tape[at] = (char)(was == 'A' ? 'B' : was == '1' ? '2' : was == '\n' ? ' ' : 'A');
		said += played(&k, 7, NULL, &again) != NULL;
		written_free(&again);
		k.tape[at] = was;
	}
	assert_true(said > 15);
	written_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_is_the_same_from_its_recording),
		cmocka_unit_test(bad_weather_is_recorded_too),
		cmocka_unit_test(another_scan_than_the_recorded_one_is_said),
		cmocka_unit_test(a_recording_that_was_cut_is_said),
		cmocka_unit_test(a_recording_that_was_changed_plays_to_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
