/*
 * Every misbehaviour of tests/servers, against the real engine: each scan ends in time, says what was wrong,
 * and calls nothing "no" that it failed to ask.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/servers/misbehave.h"
#include "tests/sim/sim_scan.h"

enum { MOST_BYTES = 256 * 1024 + 64 * 1024, MOST_CONNECTIONS = 260 };
/* The deadline of the endpoint, and the second in which the name is looked up and slots come free. */
static const uint64_t most_us = 62 * UINT64_C(1000000);

/* Rows whose reason shows only when a handshake is carried on, or by chance, or behind another. */
static const struct {
	const char *name, *expected;
} not_yet[] = {
	/* It sweeps groups beside schemes, and the server runs out of those first. */
	{ "scheme_unoffered", "PROTOCOL_UNOFFERED_GROUP" },
	{ "chaos", "TRUNCATED|RESET|CLOSED|NOT_TLS|MALFORMED" },
};

static const char *expected_of(const struct misbehaviour *row)
{
	for (size_t i = 0; i < sizeof(not_yet) / sizeof(*not_yet); i++)
		if (!strcmp(not_yet[i].name, row->name))
			return not_yet[i].expected;
	return row->expected;
}

/* A violation, or why a whole handshake did not go through, or the request over it. */
static bool is_said_by(const struct obs *o, const char *reason)
{
	if (o->key == OBS_KEY_VIOLATION || o->key == OBS_KEY_LIMIT)
		return !strcmp(o->text, reason);
	return (o->key == OBS_KEY_HANDSHAKE || o->key == OBS_KEY_HTTP_ANSWERED) && o->reason && !strcmp(o->reason, reason);
}

static bool says(const struct record *r, const char *reason)
{
	if (!strcmp(reason, "UNSTABLE"))
		return r->unstable;
	if (r->error_code && !strcmp(r->error_code, reason))
		return true;
	for (size_t i = 0; i < r->obs_count; i++)
		if (is_said_by(&r->obs[i], reason))
			return true;
	return false;
}

static bool says_nothing_bad(const struct record *r)
{
	return r->status == STATUS_OK && !record_find(r, OBS_KEY_VIOLATION, 0) && !record_find(r, OBS_KEY_LIMIT, 0);
}

/* "A|B": one of them; an empty one: nothing is wrong; "*": whatever. */
static bool meets(const struct record *r, const char *expected)
{
	char words[128], *rest = words, *word;

	if (!strcmp(expected, "*"))
		return true;
	snprintf(words, sizeof(words), "%s", expected);
	while ((word = strsep(&rest, "|")))
		if (*word ? says(r, word) : says_nothing_bad(r))
			return true;
	return false;
}

static bool denies_what_is_there(const struct record *r, const struct server_config *c)
{
	for (size_t i = 0; i < c->versions.n; i++)
		if (record_tri(r, OBS_KEY_PROTOCOL_OFFERED, (uint16_t)c->versions.v[i]) == TRI_NO)
			return true;
	return false;
}

/* Who picks another version each time says no to the one that was asked for, in so many words. */
static bool may_deny(const struct misbehaviour *row)
{
	return !strcmp(row->name, "unstable") || !strcmp(row->expected, "PROTOCOL_VERSION") ||
	       !strncmp(row->name, "downgrade", strlen("downgrade"));
}

static bool is_clean_text(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\n') || *s == 0x7F)
			return false;
	return true;
}

static void look_at_limits(struct sim_scan *s, const struct record *r)
{
	struct sim_counts counts = net_sim_counts(s->net);

	assert_true(s->ended_us <= most_us);
	assert_true(r->connections <= MOST_CONNECTIONS);
	assert_true(r->bytes_received <= r->connections * MOST_BYTES);
	assert_int_equal(counts.open, 0);
	assert_int_equal(counts.dialled, r->connections);
}

/* They run only on request, and some rows show themselves only under their keys. */
static const char *const handshakes[] = { "handshake", NULL };

static void every_row_is_named_within_all_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < misbehaviours_count; i++) {
		const struct misbehaviour *row = &misbehaviours[i];
		struct server_config c;
		struct sim_scan s;
		struct record *r;
		char *json;

		assert_true(misbehaviour_config(&c, row->name, 0));
		sim_scan_init(&s, 1);
		s.scan.options.also = handshakes;
		r = sim_scan_one(&s, &c);
		json = sim_scan_json(r);
		if (!meets(r, expected_of(row)))
			fail_msg("%s: expected %s, got %s in %s", row->name, row->expected, r->error_code,
			        json);
		if (!may_deny(row) && denies_what_is_there(r, &c))
			fail_msg("%s: a version that is there was denied: %s", row->name, json);
		assert_true(is_clean_text(json));
		look_at_limits(&s, r);
		assert_int_equal(r->probes_count > 10, true);
		free(json);
		sim_scan_free(&s);
		config_free(&c);
	}
}

/* What breaks one version must not be felt by the others. */
static void a_broken_version_leaves_the_others_alone(void **state)
{
	static const char *const rows[] = { "extension_twice", "session_id_longer", "suite_unoffered",
		"done_first" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct server_config c;
		struct sim_scan s;
		struct record *r;

		assert_true(misbehaviour_config(&c, rows[i], 0));
		sim_scan_init(&s, 1);
		r = sim_scan_one(&s, &c);
		for (size_t k = 0; k < r->probes_count; k++)
			if (!strcmp(r->probes[k].id, "suites.tls12"))
				assert_int_equal(r->probes[k].state, PROBE_UNKNOWN);
		assert_true(record_find(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLCP) != NULL);
		assert_true(record_find(r, OBS_KEY_PROTOCOL_OFFERED, VER_SSL2) != NULL);
		assert_int_equal(record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12), TRI_UNKNOWN);
		sim_scan_free(&s);
		config_free(&c);
	}
}

/* ---- the swept rows --------------------------------------------------------------------------- */

static const char *const only_tls12[] = { "suites.tls12", NULL };

static void scan_tls12(struct server_config *c, void (*look)(const struct record *, uint64_t at))
{
	struct sim_scan s;

	sim_scan_init(&s, c->at);
	s.scan.options.select = only_tls12;
	look(sim_scan_one(&s, c), c->at);
	look_at_limits(&s, s.records[0]);
	sim_scan_free(&s);
}

static void look_at_cut(const struct record *r, uint64_t at)
{
	if (record_tri(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12) == TRI_NO)
		fail_msg("cut at %llu: TLS 1.2 was denied", (unsigned long long)at);
	if (at > 100 && at < 2000 && !says(r, "TRUNCATED"))
		fail_msg("cut at %llu: not called truncated but %s", (unsigned long long)at, r->error_code);
}

static void look_at_anything(const struct record *r, uint64_t at)
{
	(void)at;
	assert_non_null(record_find(r, OBS_KEY_PROTOCOL_OFFERED, VER_TLS12));
}

static void sweep(const char *row, uint64_t to, uint64_t step, void (*look)(const struct record *, uint64_t))
{
	for (uint64_t at = 0; at < to; at += step) {
		struct server_config c;
		char wrong[128];

		assert_true(misbehaviour_config(&c, row, at));
		assert_true(config_read(&c,
		        "versions=TLSv1.2\nchains=rsa\nsuites=ECDHE-RSA-AES128-GCM-SHA256,AES128-SHA",
		        wrong));
		scan_tls12(&c, look);
		config_free(&c);
	}
}

static void an_end_at_every_byte_of_a_handshake_denies_nothing(void **state)
{
	(void)state;
	sweep("cut_at", 3000, 1, look_at_cut);
}

/* Every bit of the ServerHello and around it, then every 13th. */
static void a_flipped_bit_breaks_no_promise(void **state)
{
	(void)state;
	sweep("flip_at", 1200, 1, look_at_anything);
	sweep("flip_at", 24000, 13, look_at_anything);
}

static void a_lie_in_every_length_breaks_no_promise(void **state)
{
	(void)state;
	sweep("length_lie", 4 * 40, 1, look_at_anything);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_named_within_all_limits),
		cmocka_unit_test(a_broken_version_leaves_the_others_alone),
		cmocka_unit_test(an_end_at_every_byte_of_a_handshake_denies_nothing),
		cmocka_unit_test(a_flipped_bit_breaks_no_promise),
		cmocka_unit_test(a_lie_in_every_length_breaks_no_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
