#include "scanner/run/scan.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "scanner/base/die.h"
#include "scanner/run/conclude.h"
#include "scanner/run/fetch.h"

/* One target on its way: its records stand in a row and leave in order. */
struct item {
	TAILQ_ENTRY(item) link;
	struct runner *runner;
	const struct target *target;
	struct record *records[NET_ADDRS_MAX];
	size_t want, have;
	bool resolved, mixed; /* mixed: the name has addresses of both families */
};

struct runner {
	struct scan *scan;
	TAILQ_HEAD(, item) items;
	size_t held;
	bool dry, feeding;
};

static void feed(struct runner *);

static bool is_complete(const struct item *it)
{
	return it && it->resolved && it->have == it->want;
}

static void let_go(struct runner *r, struct item *it)
{
	TAILQ_REMOVE(&r->items, it, link);
	r->held--;
	for (size_t i = 0; i < it->want; i++)
		r->scan->sink(r->scan->owner, it->records[i]);
	if (r->scan->drop)
		r->scan->drop(r->scan->owner, it->target);
	free(it);
}

/* Something of this target has come. */
static void hand_over(struct runner *r, struct item *it)
{
	if (r->scan->unordered && is_complete(it))
		let_go(r, it);
	while (!r->scan->unordered && is_complete(TAILQ_FIRST(&r->items)))
		let_go(r, TAILQ_FIRST(&r->items));
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
	hand_over(r, it);
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
	if (error || !n)
		hand_over(r, it);
	feed(r);
}

static void start(struct runner *r, const struct target *t)
{
	struct item *it = mem_new(1, sizeof *it);
	const struct net_addr *given = r->scan->address ? r->scan->address : t->has_address ? &t->address : NULL;

	it->runner = r;
	it->target = t;
	TAILQ_INSERT_TAIL(&r->items, it, link);
	r->held++;
	if (t->why) {
		trouble(it, REASON_JOB_MALFORMED);
		it->records[0]->error_stage = "job";
		it->records[0]->error_message = arena_text(&it->records[0]->arena, t->why);
		hand_over(r, it);
	} else if (given && !net_addr_fits(given, r->scan->family)) {
		trouble(it, REASON_OTHER_FAMILY);
		hand_over(r, it);
	} else if (given)
		start_endpoints(it, given, 1);
	else
		r->scan->net->ops->resolve(r->scan->net, t->host, r->scan->family, resolved, it);
}

/* False when there is none, now or at all. */
static bool feed_one(struct runner *r)
{
	const struct target *t = NULL;
	enum fed fed = r->scan->feed(r->scan->owner, &t);

	if (fed == FED_TARGET)
		start(r, t);
	r->dry = fed == FED_END;
	return fed == FED_TARGET;
}

static void feed(struct runner *r)
{
	if (r->feeding)
		return;
	r->feeding = true;
	while (!r->dry && r->held < r->scan->window && feed_one(r))
		;
	r->feeding = false;
}

void scan_more(struct scan *scan)
{
	feed(scan->runner);
}

void scan_stop(struct scan *scan, uint64_t by_us)
{
	scan->runner->dry = true;
	scan->options.end_by_us = by_us;
}

void scan_run(struct scan *scan)
{
	struct runner r = { .scan = scan, .items = TAILQ_HEAD_INITIALIZER(r.items) };

	scan->runner = &r;
	scan->options.now_us = net_now_us(scan->net);
	if (scan->options.fetch)
		scan->limits.fetcher =
			fetcher_new(scan->net, &scan->limits, scan->options.answer_us, scan->options.fetch_private);
	feed(&r);
	scan->net->ops->run(scan->net);
	fetcher_free(scan->limits.fetcher);
	scan->limits.fetcher = NULL;
	limits_free(&scan->limits);
	scan->runner = NULL;
	require(TAILQ_EMPTY(&r.items));
}
