#include "scanner/run/question.h"

#include <string.h>

#include "scanner/base/die.h"

/* FNV-1a: short, and nobody hostile chooses our questions. */
static uint64_t hash_of(struct span s)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ s.p[i]) * 0x100000001b3;
	return h;
}

/* Most hellos share their long lists: each distinct one is kept once. */
static struct codes intern(struct questions *q, struct codes c)
{
	size_t bytes = c.n * sizeof *c.v;

	for (size_t i = 0; i < q->lists_n; i++)
		if (q->lists[i].n == c.n && !memcmp(q->lists[i].v, c.v, bytes))
			return q->lists[i];
	q->lists = arena_push(q->arena, q->lists, q->lists_n, sizeof *q->lists);
	q->lists[q->lists_n] = (struct codes){ arena_copy(q->arena, c.v, bytes), c.n };
	return q->lists[q->lists_n++];
}

static const char *const *copy_names(struct arena *a, const char *const *names)
{
	const char **copy;
	size_t n = 0;

	if (!names)
		return NULL;
	while (names[n])
		n++;
	copy = arena_new(a, n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_text(a, names[i]);
	return copy;
}

static const struct extra *copy_extra(struct arena *a, const struct hello *h)
{
	struct extra *copy = arena_copy(a, h->extra, h->extra_n * sizeof *h->extra);

	for (size_t i = 0; i < h->extra_n; i++)
		copy[i].data = arena_span(a, h->extra[i].data);
	return copy;
}

static struct hello keep(struct questions *q, const struct hello *h)
{
	struct hello kept = *h;
	struct codes *lists[] = { &kept.versions, &kept.suites, &kept.groups, &kept.schemes, &kept.shares };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (lists[i]->n)
			*lists[i] = intern(q, *lists[i]);
	kept.session_id = arena_span(q->arena, h->session_id);
	kept.ticket = arena_span(q->arena, h->ticket);
	kept.extra = copy_extra(q->arena, h);
	kept.sni = h->sni ? arena_text(q->arena, h->sni) : NULL;
	kept.alpn = copy_names(q->arena, h->alpn);
	return kept;
}

static const struct plan *keep_plan(struct arena *a, const struct plan *p)
{
	struct plan *kept = arena_copy(a, p, sizeof *p);

	kept->say = arena_span(a, p->say);
	kept->early = arena_span(a, p->early);
	return kept;
}

static void describe_bytes(struct wr *w, struct span s)
{
	wr_u16(w, (uint16_t)s.n);
	wr_bytes(w, s.p, s.n);
}

static void describe_deviation(struct wr *w, const struct deviation *d)
{
	wr_u8(w, (uint8_t)((d != NULL) | (d && d->ccs_first) << 1));
	for (size_t i = 0; d && i < d->hooks_n; i++) {
		const struct hook *k = &d->hooks[i];

		wr_u8(w, (uint8_t)(1 + k->point));
		wr_u8(w, (uint8_t)k->verb);
		wr_u16(w, (uint16_t)k->at);
		wr_u8(w, k->from_end);
		wr_u8(w, (uint8_t)k->skip);
		describe_bytes(w, k->bytes);
	}
	if (d && d->share) {
		describe_bytes(w, d->share->point);
		describe_bytes(w, d->share->secret);
	}
	if (d && d->ssl2) {
		wr_u24(w, d->ssl2->kind);
		wr_u8(w, d->ssl2->extra_clear);
	}
	for (size_t i = 0; d && i < d->injects_n; i++) {
		wr_u8(w, (uint8_t)(128 + d->injects[i].moment));
		wr_u8(w, d->injects[i].type);
		describe_bytes(w, d->injects[i].bytes);
	}
}

/* What a plan adds to the identity of its question: that it is one, to which port, and what it says. */
static void describe_plan(struct wr *w, const struct plan *p)
{
	wr_u8(w, p != NULL);
	if (!p)
		return;
	wr_u16(w, p->clear_port);
	wr_u8(w, (uint8_t)((p->resume != NULL) | p->nameless << 1)); /* which session stands in the hello */
	wr_uint(w, p->listen_max, 4);
	wr_u8(w, p->heard != NULL);
	wr_u16(w, (uint16_t)p->early.n);
	wr_bytes(w, p->early.p, p->early.n);
	wr_bytes(w, p->say.p, p->say.n);
	for (size_t i = 0; i < p->again_n; i++)
		wr_u8(w, (uint8_t)(1 + p->again[i]));
	wr_u8(w, (uint8_t)p->again_n);
	if (p->dns_name) {
		wr_bytes(w, p->dns_name, strlen(p->dns_name));
		wr_u16(w, p->dns_type);
	}
	describe_deviation(w, p->deviation);
}

static size_t describe(const struct ask *ask, uint8_t *out, size_t cap)
{
	struct wr w = wr_of(out, cap);

	require(!ask->hello == (ask->plan && (ask->plan->clear_port || ask->plan->dns_name)));
	require(!ask->hello || hello_write(&w, ask->hello, NULL));
	wr_u16(&w, ask->hello && ask->hello->shape ? ask->hello->shape->cut : 0); /* the same bytes, sent otherwise */
	describe_plan(&w, ask->plan);
	wr_u8(&w, (uint8_t)ask->until);
	wr_u16(&w, ask->sample);
	require(!w.bad);
	return w.len;
}

static struct question *find(const struct questions *q, struct span d, uint64_t hash)
{
	for (size_t i = 0; i < q->n; i++) {
		struct question *old = q->v[i];

		if (old->hash == hash && old->description.n == d.n && !memcmp(old->description.p, d.p, d.n))
			return old;
	}
	return NULL;
}

const struct choice *question_choice(const struct question *q, const struct facts *f)
{
	return q->choice ? &f->choices[q->choice - 1] : q->aside;
}

struct question *question_like(const struct questions *q, const struct question *other)
{
	return find(q, other->description, other->hash);
}

struct question *question_for(struct questions *q, const struct ask *ask, bool *fresh)
{
	uint8_t bytes[HELLO_MAX + 4096];
	struct span d = { bytes, describe(ask, bytes, sizeof bytes) };
	uint64_t hash = hash_of(d);
	struct question *made = find(q, d, hash);

	*fresh = !made;
	if (made)
		return made;
	made = arena_new(q->arena, 1, sizeof *made);
	*made = (struct question){ .hello = ask->hello ? keep(q, ask->hello) : (struct hello){ 0 }, .until = ask->until, .sample = ask->sample,
		.description = arena_span(q->arena, d), .hash = hash };
	if (ask->plan)
		made->plan = keep_plan(q->arena, ask->plan);
	q->v = arena_push(q->arena, q->v, q->n, sizeof *q->v);
	q->v[q->n++] = made;
	return made;
}

bool question_can_be_kept(const struct ask *a)
{
	const struct plan *p = a->plan;

	return !(a->hello && a->hello->psk) && !(p && (p->resume || p->again_n || p->deviation || p->dns_name));
}

bool question_is_clear(const struct question *q)
{
	return q->plan && q->plan->clear_port;
}

bool question_is_talk(const struct question *q)
{
	return q->plan && !q->plan->clear_port && !q->plan->dns_name;
}

bool question_is_dns(const struct question *q)
{
	return q->plan && q->plan->dns_name;
}

void question_wait(struct questions *q, struct question *question, unsigned probe, uint16_t tag)
{
	question->waiters = arena_push(q->arena, question->waiters, question->waiters_n, sizeof *question->waiters);
	question->waiters[question->waiters_n++] = (struct waiter){ probe, tag };
}

void questions_free(struct questions *q)
{
	for (size_t i = 0; i < q->n; i++) {
		answer_free(&q->v[i]->answer);
		exchange_free(&q->v[i]->exchange);
		talk_free(&q->v[i]->talk);
	}
}
