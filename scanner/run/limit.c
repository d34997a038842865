#include "scanner/run/limit.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

/* ---- buckets ----------------------------------------------------------------------------------------------------------- */

static uint64_t cost_of(const struct bucket *b)
{
	return 1000000 / (b->rate ? b->rate : 1);
}

uint64_t bucket_ready(const struct bucket *b, uint64_t now_us)
{
	uint64_t cost = cost_of(b), room = cost * (b->burst ? b->burst : 1);
	uint64_t passed = now_us > b->last_us ? now_us - b->last_us : 0;
	uint64_t level = b->level_us > passed ? b->level_us - passed : 0;

	return level + cost > room ? now_us + level + cost - room : now_us;
}

bool bucket_take(struct bucket *b, uint64_t now_us, uint64_t *ready_us)
{
	uint64_t passed = now_us > b->last_us ? now_us - b->last_us : 0;

	*ready_us = bucket_ready(b, now_us);
	if (*ready_us > now_us)
		return false;
	b->level_us = (b->level_us > passed ? b->level_us - passed : 0) + cost_of(b);
	b->last_us = now_us;
	return true;
}

/* ---- one quota --------------------------------------------------------------------------------------------------------- */

static bool is_full(const struct quota *q)
{
	return q->max_open && q->open >= q->max_open;
}

static uint64_t ready_at(const struct quota *q, uint64_t now_us)
{
	return q->rate.rate ? bucket_ready(&q->rate, now_us) : now_us;
}

static struct seat *first(const struct quota *q)
{
	return q->queue.tqh_last ? TAILQ_FIRST(&q->queue) : NULL; /* a queue that is all zero is empty */
}

/* Whose turn it is. Of a full one nobody's: who gives one back calls. */
static void call(const struct quota *q, uint64_t now_us)
{
	struct seat *p = first(q);

	if (p && !is_full(q))
		p->wake(p->owner, ready_at(q, now_us));
}

static void leave_queue(struct seat *p, uint64_t now_us)
{
	struct quota *q = p->waits;

	if (!q)
		return;
	TAILQ_REMOVE(&q->queue, p, link);
	p->waits = NULL;
	call(q, now_us);
}

static void wait_in(struct seat *p, struct quota *q, uint64_t now_us)
{
	p->blocked = true;
	if (p->waits != q) {
		leave_queue(p, now_us);
		if (!q->queue.tqh_last)
			TAILQ_INIT(&q->queue);
		TAILQ_INSERT_TAIL(&q->queue, p, link);
		p->waits = q;
	}
	if (first(q) == p)
		call(q, now_us);
}

/* Who came before goes before. */
static bool has_room(const struct quota *q, const struct seat *p, uint64_t now_us)
{
	return !is_full(q) && ready_at(q, now_us) <= now_us && (!first(q) || first(q) == p);
}

static void take(struct quota *q, uint64_t now_us)
{
	uint64_t ready;

	q->open++;
	require(!q->rate.rate || bucket_take(&q->rate, now_us, &ready));
}

static void give(struct quota *q, uint64_t now_us)
{
	require(q->open);
	q->open--;
	call(q, now_us);
}

/* ---- networks and addresses -------------------------------------------------------------------------------------------- */

static size_t hash_of(const struct net_addr *key)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ key->port ^ key->zone;

	for (size_t i = 0; i < sizeof key->bytes; i++)
		h = (h ^ key->bytes[i]) * UINT64_C(1099511628211); /* FNV-1a */
	return (size_t)(h ^ h >> 32);
}

/* The port tells networks (0) from addresses (1): a host's ports have one quota. */
static struct net_addr key_of(const struct net_addr *a, int which)
{
	struct net_addr key = { .family = a->family, .port = which == SEAT_ADDRESS };
	size_t whole = a->family == NET_IPV4 ? 4 : 16, network = a->family == NET_IPV4 ? 3 : 6;

	if (which == SEAT_ADDRESS)
		key.zone = a->zone;
	memcpy(key.bytes, a->bytes, which == SEAT_ADDRESS ? whole : network);
	return key;
}

static void put(struct limits *l, struct quota *q)
{
	struct quota **row = &l->table[hash_of(&q->key) % l->room];

	q->next = *row;
	*row = q;
}

/* What nobody uses goes, once its bucket is as full as a new one. */
static bool is_done(const struct quota *q, uint64_t now_us)
{
	return !q->seats && now_us >= q->rate.last_us + q->rate.level_us;
}

static void rebuild(struct limits *l, size_t room, uint64_t now_us)
{
	struct quota **old = l->table;
	size_t old_room = l->room;

	l->table = mem_new(room, sizeof(struct quota *));
	l->room = room;
	for (size_t i = 0; i < old_room; i++)
		for (struct quota *q = old[i], *next; q; q = next) {
			next = q->next;
			if (is_done(q, now_us)) {
				l->held--;
				free(q);
			} else {
				put(l, q);
			}
		}
	free(old);
}

/* Twice as much only where sweeping does not help. */
static void make_room(struct limits *l, uint64_t now_us)
{
	enum { ROOM_MIN = 16 };

	rebuild(l, l->room ? l->room : ROOM_MIN, now_us);
	if (l->held >= l->room / 2)
		rebuild(l, 2 * l->room, now_us);
}

static struct quota *find(struct limits *l, const struct net_addr *key)
{
	struct quota *q = l->room ? l->table[hash_of(key) % l->room] : NULL;

	while (q && !net_addr_equal(&q->key, key))
		q = q->next;
	return q;
}

static struct quota *quota_for(struct limits *l, const struct net_addr *a, int which, struct quota_rule rule, uint64_t now_us)
{
	struct net_addr key = key_of(a, which);
	struct quota *q = find(l, &key);

	if (q)
		return q;
	if (l->held >= l->room)
		make_room(l, now_us);
	q = mem_new(1, sizeof *q);
	*q = (struct quota){ .rate = { .rate = rule.rate, .burst = rule.burst }, .max_open = rule.max_open, .key = key };
	put(l, q);
	l->held++;
	return q;
}

void limits_free(struct limits *l)
{
	rebuild(l, 1, UINT64_MAX);
	require(!l->held);
	free(l->table);
	l->table = NULL;
	l->room = 0;
}

bool limits_take(struct limits *l, uint64_t now_us)
{
	if (!has_room(&l->all, NULL, now_us))
		return false;
	take(&l->all, now_us);
	return true;
}

void limits_give(struct limits *l, uint64_t now_us)
{
	give(&l->all, now_us);
}

/* ---- seats ------------------------------------------------------------------------------------------------------------ */

void seat_enter(struct seat *p, struct limits *l, const struct net_addr *a, struct quota_rule address, uint64_t now_us)
{
	p->limits = l;
	p->in[SEAT_ALL] = &l->all;
	p->in[SEAT_NETWORK] = quota_for(l, a, SEAT_NETWORK, l->network, now_us);
	p->in[SEAT_NETWORK]->seats++; /* held, before the next look-up can sweep */
	p->in[SEAT_ADDRESS] = quota_for(l, a, SEAT_ADDRESS, address, now_us);
	p->in[SEAT_ADDRESS]->seats++;
	l->all.seats++;
}

void seat_leave(struct seat *p, uint64_t now_us)
{
	leave_queue(p, now_us);
	for (size_t i = 0; i < SEAT_QUOTAS; i++)
		p->in[i]->seats--;
}

void seat_look(struct seat *p)
{
	p->blocked = false;
}

bool seat_take(struct seat *p, uint64_t now_us)
{
	for (size_t i = 0; i < SEAT_QUOTAS; i++)
		if (!has_room(p->in[i], p, now_us)) {
			wait_in(p, p->in[i], now_us);
			return false;
		}
	for (size_t i = 0; i < SEAT_QUOTAS; i++)
		take(p->in[i], now_us);
	leave_queue(p, now_us);
	return true;
}

/* Who was called and wanted nothing any more lets the next one go. */
void seat_looked(struct seat *p, uint64_t now_us)
{
	if (!p->blocked)
		leave_queue(p, now_us);
	for (size_t i = 0; i < SEAT_QUOTAS; i++)
		if (first(p->in[i]) != p)
			call(p->in[i], now_us);
}

void seat_give(struct seat *p, uint64_t now_us)
{
	for (size_t i = 0; i < SEAT_QUOTAS; i++)
		give(p->in[i], now_us);
}
