#include "scanner/run/fresh.h"

#include <string.h>

#include "scanner/tls/keys.h"

/* ---- from an answer ------------------------------------------------------------------------------------------------- */

static struct mark mark_of(struct span s)
{
	struct mark m = { .there = s.n > 0 };
	uint8_t hash[KEYS_SHA256];

	if (!m.there)
		return m;
	keys_sha256(s.p, s.n, hash);
	memcpy(m.hash, hash, sizeof m.hash);
	return m;
}

static struct mark mark_of_code(uint16_t code)
{
	const uint8_t bytes[] = { (uint8_t)(code >> 8), (uint8_t)code };

	return mark_of((struct span){ bytes, sizeof bytes });
}

static void take_share(const struct answer *a, struct fresh *f)
{
	const struct { enum share_kind kind; struct slice share; } kinds[] = {
		{ SHARE_TLS13, a->share }, { SHARE_ECDHE, a->kx.point }, { SHARE_DHE, a->kx.dh_y },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!kinds[i].share.n)
			continue;
		f->kind = kinds[i].kind;
		f->share = mark_of(answer_bytes(a, kinds[i].share));
		f->group = f->kind == SHARE_DHE ? mark_of(answer_bytes(a, a->kx.dh_p)) : mark_of_code(a->group);
		return;
	}
}

/* From TLS 1.3 on the server says our id back; up to 1.2 it may do so when we sent one. */
static bool gives_session(const struct answer *a)
{
	return a->version < VER_TLS13 && a->hello->version < VER_TLS13 && !a->hello->session_id.n;
}

struct fresh fresh_of(const struct answer *a)
{
	struct fresh f = { .asked_us = a->asked_us };
	struct rd front = rd_of(a->random, sizeof f.clock);

	if (a->kind != ANS_SERVER_HELLO)
		return f;
	f.random = mark_of((struct span){ a->random, sizeof a->random });
	f.has_clock = a->version >= VER_SSL3 && a->version <= VER_TLS12;
	f.clock = rd_u32(&front);
	if (gives_session(a))
		f.session_id = mark_of(answer_bytes(a, a->session_id));
	take_share(a, &f);
	return f;
}

/* ---- what repeats ----------------------------------------------------------------------------------------------------- */

static bool same(const struct mark *a, const struct mark *b)
{
	return a->there && b->there && !memcmp(a->hash, b->hash, sizeof a->hash);
}

/* A value that may repeat, among the answers of one kind; `base`: what two must have in common to be comparable. */
struct column {
	enum share_kind kind; /* SHARE_NONE: of every answer */
	size_t value, base;   /* offsets in struct fresh; base 0: nothing */
};

static const struct mark *mark_at(const struct fresh *f, size_t offset)
{
	return (const struct mark *)((const uint8_t *)f + offset);
}

static const struct mark *value_of(const struct choice *c, const struct column *k)
{
	const struct mark *m = mark_at(&c->fresh, k->value);

	return choice_picked(c, 0) && (!k->kind || k->kind == c->fresh.kind) && m->there ? m : NULL;
}

static bool comparable(const struct choice *a, const struct choice *b, const struct column *k)
{
	return !k->base || same(mark_at(&a->fresh, k->base), mark_at(&b->fresh, k->base));
}

struct repeat {
	size_t seen;
	bool compared, repeats;
	const char *probe; /* of the first answer that has the value */
};

static struct repeat repeat_of(const struct facts *f, const struct column *k)
{
	struct repeat r = { 0 };

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		const struct mark *m = value_of(c, k);

		if (!m)
			continue;
		r.probe = r.seen++ ? r.probe : c->probe;
		for (size_t j = 0; j < i; j++) {
			const struct mark *other = value_of(&f->choices[j], k);

			if (!other || !comparable(c, &f->choices[j], k))
				continue;
			r.compared = true;
			r.repeats |= same(m, other);
		}
	}
	return r;
}

/* One answer alone shows no repetition: then it was not asked, and nothing is told. */
static void add(struct record *r, enum obs_key key, const char *name, enum tri value, const char *probe)
{
	if (value != TRI_ABSENT)
		record_add(r, &(struct obs){ .key = key, .name = name, .tri = value, .probe = probe ? probe : "conclude" });
}

static enum tri value_of_repeat(const struct repeat *x)
{
	return x->repeats ? TRI_YES : x->compared ? TRI_NO : TRI_ABSENT;
}

/* ---- key shares --------------------------------------------------------------------------------------------------------- */

static bool makes_share(const struct suite *s, enum share_kind kind)
{
	if (!s)
		return false;
	if (kind == SHARE_DHE)
		return s->kx == KX_DHE || s->kx == KX_DHE_PSK;
	return kind == SHARE_ECDHE ? s->kx == KX_ECDHE || s->kx == KX_ECDHE_PSK : suite_is_tls13(s);
}

static bool lists_suite(const struct obs *o, enum share_kind kind)
{
	for (size_t i = 0; i < o->count; i++)
		if (makes_share(suite_find((uint16_t)o->codes[i]), kind))
			return true;
	return false;
}

/* Has the server a suite with such a share? Unknown while one of its versions, or their suites, are not all known. */
static enum tri has_share(const struct record *r, enum share_kind kind)
{
	enum tri any = TRI_NO;

	for (uint16_t v = VER_SSL3; v <= VER_TLS13; v++) {
		enum tri offered = record_tri(r, OBS_KEY_PROTOCOL_OFFERED, v);
		const struct obs *list = record_find(r, OBS_KEY_SUITES_LIST, v);

		if (list && lists_suite(list, kind))
			return TRI_YES;
		if (offered != TRI_NO && (offered != TRI_YES || !list || list->reason))
			any = TRI_UNKNOWN;
	}
	return any;
}

static void add_shares(struct record *r, const struct facts *f)
{
	static const char *const names[] = { [SHARE_DHE] = "dhe", [SHARE_ECDHE] = "ecdhe", [SHARE_TLS13] = "tls13" };

	for (enum share_kind kind = SHARE_DHE; kind < SHARE_KINDS; kind++) {
		const struct column k = { kind, offsetof(struct fresh, share), offsetof(struct fresh, group) };
		struct repeat x = repeat_of(f, &k);

		if (x.seen) /* else it has them, but nobody asked for one: that is no answer */
			add(r, OBS_KEY_SHARE_REUSED, names[kind], value_of_repeat(&x), x.probe);
		else if (has_share(r, kind) == TRI_NO)
			add(r, OBS_KEY_SHARE_REUSED, names[kind], TRI_NA, NULL);
	}
}

/* ---- randoms and session ids ---------------------------------------------------------------------------------------------- */

static void add_randoms(struct record *r, const struct facts *f)
{
	const struct column k = { .value = offsetof(struct fresh, random) };
	struct repeat x = repeat_of(f, &k);

	if (x.seen)
		add(r, OBS_KEY_RANDOM_REPEATED, NULL, value_of_repeat(&x), x.probe);
}

/* A server that gives no ids (TLS 1.3, tickets, no resumption at all) repeats none; nor one that gives ids only to who
 * asks for no ticket, which is asked once. */
static void add_session_ids(struct record *r, const struct facts *f)
{
	const struct column k = { .value = offsetof(struct fresh, session_id) };
	struct repeat x = repeat_of(f, &k);

	add(r, OBS_KEY_SESSION_ID_REPEATED, NULL, x.seen > 1 ? value_of_repeat(&x) : TRI_NA, x.probe);
}

/* ---- the clock -------------------------------------------------------------------------------------------------------------- */

enum {
	CLOCK_APART_S = 3600,                  /* answers of one scan that tell the time agree so far */
	CLOCK_FAR_S = 20 * 365 * 24 * 3600,    /* further from ours it is no clock but a constant, or chance */
	CLOCK_RIGHT_S = 300,
	CLOCK_ANSWERS = 3,                     /* that chance lets three agree: once in 10^11 servers */
};

struct clocks {
	size_t seen;
	int64_t least, most; /* seconds ahead of ours */
	const char *probe;
};

static int64_t ahead_of_ours(const struct fresh *f, const struct scan_options *o)
{
	return (int64_t)f->clock - o->now - ((int64_t)f->asked_us - (int64_t)o->now_us) / 1000000;
}

static struct clocks clocks_of(const struct facts *f, const struct scan_options *o)
{
	struct clocks k = { 0 };

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];
		int64_t ahead = ahead_of_ours(&c->fresh, o);

		if (!choice_picked(c, 0) || !c->fresh.has_clock)
			continue;
		k.least = !k.seen || ahead < k.least ? ahead : k.least;
		k.most = !k.seen || ahead > k.most ? ahead : k.most;
		k.probe = k.seen++ ? k.probe : c->probe;
	}
	return k;
}

static bool tells_time(const struct clocks *k)
{
	return k->most - k->least <= CLOCK_APART_S && k->least > -CLOCK_FAR_S && k->most < CLOCK_FAR_S;
}

/* A single answer tells nothing: whether it looks like a time would be chance, and another in the next scan. */
static enum tri clock_value(const struct clocks *k)
{
	if (!k->seen)
		return TRI_NA;
	if (k->seen == 1 || (tells_time(k) && k->seen < CLOCK_ANSWERS))
		return TRI_ABSENT;
	return tells_time(k) ? TRI_YES : TRI_NO;
}

static void add_time(struct record *r, const struct clocks *k)
{
	int64_t ahead = k->least + (k->most - k->least) / 2;
	const char *says = ahead > CLOCK_RIGHT_S ? "ahead" : ahead < -CLOCK_RIGHT_S ? "behind" : "right";

	record_add(r, &(struct obs){ .key = OBS_KEY_SERVER_CLOCK, .text = says, .probe = k->probe });
	record_volatile(r, "server.clock", "ahead_s", arena_printf(&r->arena, "%lld", (long long)ahead));
}

static void add_clock(struct record *r, const struct facts *f, const struct scan_options *o)
{
	struct clocks k = clocks_of(f, o);
	enum tri value = clock_value(&k);

	add(r, OBS_KEY_RANDOM_CLOCK, NULL, value, k.probe);
	if (value == TRI_YES)
		add_time(r, &k);
}

static bool anything_picked(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], 0))
			return true;
	return false;
}

void fresh_conclude(struct record *r, const struct facts *f, const struct scan_options *o)
{
	if (!anything_picked(f))
		return;
	add_shares(r, f);
	add_randoms(r, f);
	add_session_ids(r, f);
	add_clock(r, f, o);
}
