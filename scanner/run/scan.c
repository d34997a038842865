#include "scanner/run/scan.h"

#include <stdlib.h>

#include "scanner/base/die.h"
#include "scanner/run/conclude.h"
#include "scanner/run/fetch.h"

/* One target on its way: its records stand in a row and leave in order. */
struct item {
	struct item *next;
	struct runner *runner;
	const struct target *target;
	struct record *records[NET_ADDRS_MAX];
	size_t want, have;
	bool resolved, mixed; /* mixed: the name has addresses of both families */
};

struct runner {
	struct scan *scan;
	struct item *first, *last;
	size_t held;
	bool dry, feeding;
};

static void feed(struct runner *);

static void hand_over(struct runner *r)
{
	while (r->first && r->first->resolved && r->first->have == r->first->want) {
		struct item *it = r->first;

		for (size_t i = 0; i < it->want; i++)
			r->scan->sink(r->scan->owner, it->records[i]);
		r->held--;
		r->first = it->next;
		if (!r->first)
			r->last = NULL;
		free(it);
	}
}

/* An address family without a route is passed over and said, unless it was asked for. */
static void forgive_family(const struct item *it, struct record *rec)
{
	bool asked = it->runner->scan->family || it->runner->scan->address || it->target->has_address;

	if (!asked && it->mixed && rec->status == STATUS_UNREACHABLE && rec->error_code == reason_name(REASON_UNREACHABLE))
		record_trouble(rec, REASON_NO_ROUTE, "connect");
}

struct slot {
	struct item *item;
	size_t at;
};

static void endpoint_ended(void *owner, struct record *rec)
{
	struct slot *s = owner;
	struct item *it = s->item;
	struct runner *r = it->runner;

	forgive_family(it, rec);
	it->records[s->at] = rec;
	it->have++;
	free(s);
	hand_over(r);
	feed(r);
}

/* A name that was asked for addresses of one family may have others. */
static const char *sentence_for(int family, enum reason why)
{
	if (why != REASON_DNS_NOT_FOUND || !family)
		return reason_sentence(why);
	return family == 4 ? "the name has no IPv4 address" : "the name has no IPv6 address";
}

static void trouble(struct item *it, enum reason why)
{
	struct record *rec = record_for(&it->runner->scan->options, it->target);

	record_trouble(rec, why, "dns");
	rec->error_message = sentence_for(it->runner->scan->family, why);
	it->records[0] = rec;
	it->want = it->have = 1;
	it->resolved = true;
}

static void start_endpoints(struct item *it, const struct net_addr *addrs, size_t n)
{
	struct scan *scan = it->runner->scan;

	it->want = n;
	it->resolved = true;
	for (size_t i = 0; i < n; i++)
		it->mixed |= addrs[i].family != addrs[0].family;
	for (size_t i = 0; i < n; i++) {
		struct slot *s = mem_new(1, sizeof *s);
		struct net_addr to = addrs[i];

		to.port = it->target->port;
		*s = (struct slot){ it, i };
		endpoint_start(scan->net, &scan->limits, &scan->options, it->target, &to, endpoint_ended, s);
	}
}

static enum reason reason_of_lookup(const char *error)
{
	return error[0] == 'n' ? REASON_DNS_NOT_FOUND : REASON_DNS_FAILED;
}

static void resolved(void *owner, const char *error, const struct net_addr *addrs, size_t n, bool cut)
{
	struct item *it = owner;
	struct runner *r = it->runner;

	(void)cut; /* sixteen addresses are scanned; that there were more is no fact about any of them */
	if (error || !n)
		trouble(it, error ? reason_of_lookup(error) : REASON_DNS_NOT_FOUND);
	else
		start_endpoints(it, addrs, r->scan->one_address ? 1 : n);
	hand_over(r);
	feed(r);
}

static void start(struct runner *r, const struct target *t)
{
	struct item *it = mem_new(1, sizeof *it);
	const struct net_addr *given = r->scan->address ? r->scan->address : t->has_address ? &t->address : NULL;

	it->runner = r;
	it->target = t;
	if (r->last)
		r->last->next = it;
	else
		r->first = it;
	r->last = it;
	r->held++;
	if (given && !net_addr_fits(given, r->scan->family))
		trouble(it, REASON_OTHER_FAMILY);
	else if (given)
		start_endpoints(it, given, 1);
	else
		r->scan->net->ops->resolve(r->scan->net, t->host, r->scan->family, resolved, it);
}

static void feed(struct runner *r)
{
	if (r->feeding)
		return;
	r->feeding = true;
	while (!r->dry && r->held < r->scan->window) {
		const struct target *t = r->scan->feed(r->scan->owner);

		if (t)
			start(r, t);
		else
			r->dry = true;
		hand_over(r);
	}
	r->feeding = false;
}

void scan_run(struct scan *scan)
{
	struct runner r = { .scan = scan };

	scan->options.now_us = net_now_us(scan->net);
	if (scan->options.fetch)
		scan->limits.fetcher =
			fetcher_new(scan->net, &scan->limits, scan->options.answer_us, scan->options.fetch_private);
	feed(&r);
	scan->net->ops->run(scan->net);
	fetcher_free(scan->limits.fetcher);
	scan->limits.fetcher = NULL;
	hand_over(&r);
	require(!r.first);
}
