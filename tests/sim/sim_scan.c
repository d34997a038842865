#include "tests/sim/sim_scan.h"

#include <stdio.h>
#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/facts/json.h"
#include "scanner/facts/record_json.h"

enum { SECOND_US = 1000000, WINDOW = 64 };

struct sim_target {
	struct sim_target *next;
	struct target target;
	char name[32];
};

static enum fed next_target(void *owner, const struct target **target)
{
	struct sim_scan *s = owner;
	struct sim_target *t = s->next;

	if (!t)
		return FED_END;
	s->next = t->next;
	*target = &t->target;
	return FED_TARGET;
}

static void keep(void *owner, struct record *r)
{
	struct sim_scan *s = owner;

	s->ended_us = net_now_us(s->net);
	if (s->drop_records) {
		s->records_n++;
		record_free(r);
		return;
	}
	s->records = mem_grow(s->records, s->records_n + 1, sizeof(*s->records));
	s->records[s->records_n++] = r;
}

static void set_options(struct scan_options *o)
{
	static struct store *const no_stores[] = { NULL };

	*o = (struct scan_options){
		.connect_us = 5 * SECOND_US,
		.answer_us = 5 * SECOND_US,
		.deadline_us = 60 * (uint64_t)SECOND_US,
		.max_per_host = 8,
		.rate_per_host = 200,
		.burst_per_host = 50,
		.version = "test",
		.now = 1795251600, /* 2026-11-21 */
		.stores = no_stores,
	};
}

void sim_scan_init(struct sim_scan *s, uint64_t seed)
{
	*s = (struct sim_scan){ .net = net_sim_new(seed) };
	s->scan = (struct scan){
		.net = s->net,
		.limits = { .all = { .rate = { .rate = 2000, .burst = 2000 }, .max_open = 2000 } },
		.window = WINDOW,
		.feed = next_target,
		.sink = keep,
		.owner = s,
	};
	set_options(&s->scan.options);
	for (size_t i = 0; i < 8; i++)
		s->scan.options.seed[i] = (uint8_t)(seed >> 8 * i);
}

static struct net_addr address_of(size_t number)
{
	return (struct net_addr){
		.family = NET_IPV4,
		.bytes = { 10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number },
		.port = 443,
	};
}

struct sim_host *sim_scan_add(struct sim_scan *s, const struct server_config *c)
{
	struct sim_target *t = mem_new(1, sizeof(*t));
	struct net_addr to = address_of(++s->targets_n);

	snprintf(t->name, sizeof(t->name), "host-%zu.test", s->targets_n);
	t->target = (struct target){ .input = t->name, .host = t->name, .sni = t->name, .port = 443 };
	if (s->last)
		s->last->next = t;
	else
		s->first = t;
	s->last = t;
	net_sim_name(s->net, t->name, &to);
	return sim_serve(s->net, &to, c);
}

void sim_scan_target(struct sim_scan *s, const struct target *t)
{
	s->first->target = *t;
}

void sim_scan_run(struct sim_scan *s)
{
	s->next = s->first;
	scan_run(&s->scan);
	require(s->records_n == s->targets_n);
}

void sim_scan_free(struct sim_scan *s)
{
	for (size_t i = 0; !s->drop_records && i < s->records_n; i++)
		record_free(s->records[i]);
	free(s->records);
	while (s->first) {
		struct sim_target *t = s->first;

		s->first = t->next;
		free(t);
	}
	s->net->ops->free(s->net);
	*s = (struct sim_scan){ 0 };
}

struct record *sim_scan_one(struct sim_scan *s, const struct server_config *c)
{
	sim_scan_add(s, c);
	sim_scan_run(s);
	return s->records[0];
}

char *sim_scan_json(const struct record *r)
{
	struct json_object *tree = record_to_json(r);
	char *text = json_dump(tree, true);

	json_object_put(tree);
	return text;
}
