/*
 * A name with four addresses, scanned by the real engine: what one of them has that the others have not is said, with the
 * address, and nothing else is; in whichever order they are looked up and answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "scanner/compare/compare.h"
#include "scanner/facts/json.h"
#include "tests/sim/sim_scan.h"

enum { ADDRESSES = 4 };

#define ALIKE  "versions=TLSv1.2,TLSv1.3\nchains=rsa"
#define SILENT NULL

struct name {
	const char *server[ADDRESSES]; /* configuration of each address; SILENT: nothing answers there */
	uint64_t seed;
	bool backwards, shuffle;
};

static void keep(void *owner, struct group_record *g)
{
	char **json = owner;
	struct json_object *o;

	if (g->scope != GROUP_NAME)
		return;
	assert_null(*json);
	o = group_to_json(g);
	*json = json_dump(o, false);
	json_object_put(o);
}

static bool fed;

static enum fed feed_once(void *owner, const struct target **one)
{
	static const struct target target = { .input = "many.test", .host = "many.test", .sni = "many.test", .port = 443 };
	bool first = !fed;

	(void)owner;
	fed = true;
	*one = &target;
	return first ? FED_TARGET : FED_END;
}

static void sink(void *owner, struct record *r)
{
	struct judgement *j = judge(r);

	compare_endpoint(owner, r, j);
	judgement_free(j);
	record_free(r);
}

static void serve(struct sim_scan *s, const struct name *n, struct server_config *configs)
{
	for (size_t i = 0; i < ADDRESSES; i++) {
		size_t at = n->backwards ? ADDRESSES - 1 - i : i;
		struct net_addr to = { .family = NET_IPV4, .bytes = { 10, 9, 9, (uint8_t)(at + 1) }, .port = 443 };
		char wrong[128];

		config_sound(&configs[at]);
		assert_true(!n->server[at] || config_read(&configs[at], n->server[at], wrong));
		net_sim_name(s->net, "many.test", &to);
		sim_serve(s->net, &to, &configs[at])->connect = n->server[at] ? SIM_ACCEPT : SIM_DROP;
	}
}

/* The group of the name, as JSON; freed with free(). */
static char *group_of(const struct name *n)
{
	struct server_config configs[ADDRESSES] = { 0 };
	struct sim_scan s;
	struct compare *c;
	char *json = NULL;

	sim_scan_init(&s, n->seed);
	if (n->shuffle)
		net_sim_shuffle(s.net);
	serve(&s, n, configs);
	c = compare_new(keep, &json);
	s.scan.feed = feed_once;
	s.scan.sink = sink;
	s.scan.owner = c;
	fed = false;
	scan_run(&s.scan);
	compare_end(c);
	sim_scan_free(&s);
	for (size_t i = 0; i < ADDRESSES; i++)
		config_free(&configs[i]);
	assert_non_null(json);
	return json;
}

/* What failed, each with why, joined. */
static const char *failed(const char *json, char *out, size_t room)
{
	const char *why;
	struct json_object *o = json_parse(json, strlen(json), &why), *list = json_object_object_get(o, "findings");

	*out = 0;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *f = json_object_array_get_idx(list, i);
		size_t n = strlen(out);

		if (!strcmp(json_object_get_string(json_object_object_get(f, "state")), "fail"))
			snprintf(out + n, room - n, "%s: %s\n", json_object_get_string(json_object_object_get(f, "id")),
			        json_object_get_string(json_object_object_get(f, "because")));
	}
	json_object_put(o);
	return out;
}

#define OTHER  "versions=TLSv1.2,TLSv1.3\nchains=other"
#define OLD    "versions=TLSv1.0,TLSv1.2,TLSv1.3\nchains=rsa"

static const struct name mixed = { .server = { ALIKE, OTHER, OLD, SILENT }, .seed = 3 };

static const struct {
	const char *what, *server[ADDRESSES], *failed;
} rows[] = {
	{ "all alike", { ALIKE, ALIKE, ALIKE, ALIKE }, "" },
	{ "one with TLS 1.0", { ALIKE, ALIKE, OLD, ALIKE },
	        "addresses.versions: protocol.offered TLSv1.0: no (10.9.9.1, 10.9.9.2, 10.9.9.4), yes (10.9.9.3)\n" },
	{ "one that is silent", { ALIKE, ALIKE, ALIKE, SILENT }, "addresses.silent: 10.9.9.4: unreachable\n" },
	{ "each in its own way", { ALIKE, OTHER, OLD, SILENT },
	        "addresses.silent: 10.9.9.4: unreachable\n"
	        "addresses.certificate: 10.9.9.1: b762f209adf66948; 10.9.9.2: 5316098e6fdea80b; 10.9.9.3: b762f209adf66948\n"
	        "addresses.names: 10.9.9.1: *.server.test, 127.0.0.1, localhost, server.test; 10.9.9.2: default.test; "
	        "10.9.9.3: *.server.test, 127.0.0.1, localhost, server.test\n"
	        "addresses.versions: protocol.offered TLSv1.0: no (10.9.9.1, 10.9.9.2), yes (10.9.9.3)\n" },
};

static void each_difference_is_said_and_no_other(void **state)
{
	char out[4096];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct name n = { .seed = 1 };
		char *json;

		memcpy(n.server, rows[i].server, sizeof n.server);
		json = group_of(&n);
		if (strcmp(failed(json, out, sizeof out), rows[i].failed))
			fail_msg("%s:\n%s", rows[i].what, out);
		free(json);
	}
}

static void order_and_weather_change_no_byte(void **state)
{
	char *first = group_of(&mixed);

	(void)state;
	for (uint64_t seed = 4; seed < 8; seed++) {
		struct name again = mixed;
		char *json;

		again.seed = seed;
		again.backwards = seed % 2;
		again.shuffle = true;
		json = group_of(&again);
		assert_string_equal(json, first);
		free(json);
	}
	free(first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_difference_is_said_and_no_other),
		cmocka_unit_test(order_and_weather_change_no_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
