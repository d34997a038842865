#include "probes/cbc.h"

#include <string.h>

#include "probes/shake.h"
#include "scanner/base/text.h"
#include "scanner/tls/seal.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Padding of 8 bytes, its length among them: there is some to be wrong, for blocks of 8 and of 16 bytes. */
enum { PADDING = 8, BLOCK = 16, VECTORS = 5, MAC_MAX = 48 };

/* ---- the records ---------------------------------------------------------------------------------------------------------- */

enum { BOTH_WRONG, PADDING_WRONG, MAC_WRONG, NO_CONTENT, TOO_LONG, BYTES };

static const uint8_t mac_bit[] = { 0x55 };
static const uint8_t padding_bits[] = { 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55 };
static const uint8_t both_bits[] = { 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55 };

/* The first record behind the Finished, which is occasion 0. */
static struct hook at_end(enum hook_verb verb, size_t where, struct span bytes)
{
	return (struct hook){ HOOK_CBC_BLOCK, verb, where, true, bytes, 1 };
}

/* The last n bytes are padding of n bytes. */
static struct hook padding_of(struct run *r, size_t n)
{
	uint8_t *v = arena_new(r->arena, n, 1);

	memset(v, (int)(n - 1), n);
	return at_end(HOOK_REPLACE, n, (struct span){ v, n });
}

static struct oracle_vector vector_of(struct run *r, const char *name, struct hook hook)
{
	return (struct oracle_vector){ name, { .hooks = arena_copy(r->arena, &hook, sizeof hook), .hooks_n = 1 } };
}

/* HTTP/1.0 closes behind its answer; filled up so that 8 bytes of padding are left. */
static struct span request_for(struct run *r, size_t mac)
{
	static const char front[] = "GET / HTTP/1.0\r\nX-Fill: ", end[] = "\r\n\r\n";
	size_t n = sizeof front + sizeof end - 2, fill = 1;
	char *text;

	while ((n + fill + mac) % BLOCK != BLOCK - PADDING)
		fill++;
	text = arena_new(r->arena, n + fill + 1, 1);
	memcpy(text, front, sizeof front - 1);
	memset(text + sizeof front - 1, 'x', fill);
	memcpy(text + sizeof front - 1 + fill, end, sizeof end - 1);
	return (struct span){ (const uint8_t *)text, n + fill };
}

static const struct oracle_vector *vectors_for(struct run *r, size_t content, size_t mac, size_t *n, bool bytes)
{
	struct oracle_vector *v = arena_new(r->arena, VECTORS + MAC_MAX, sizeof *v);
	size_t all = content + mac + PADDING;

	v[BOTH_WRONG] = vector_of(r, "padding and MAC wrong", at_end(HOOK_FLIP, PADDING + 1, (struct span){ both_bits, sizeof both_bits }));
	v[PADDING_WRONG] = vector_of(r, "padding wrong", at_end(HOOK_FLIP, PADDING, (struct span){ padding_bits, sizeof padding_bits }));
	v[MAC_WRONG] = vector_of(r, "MAC wrong", at_end(HOOK_FLIP, PADDING + 1, (struct span){ mac_bit, sizeof mac_bit }));
	v[NO_CONTENT] = vector_of(r, "MAC wrong, no content", padding_of(r, all - mac));
	v[TOO_LONG] = vector_of(r, "padding that leaves no room for a MAC", padding_of(r, all));
	*n = VECTORS;
	for (size_t i = 1; bytes && i < mac; i++)
		v[(*n)++] = vector_of(r, arena_printf(r->arena, "MAC wrong, %u bytes before its end", (unsigned)i),
			at_end(HOOK_FLIP, PADDING + 1 + i, (struct span){ mac_bit, sizeof mac_bit }));
	return v;
}

static const struct oracle_pair basic[] = {
	{ .a = PADDING_WRONG, .b = MAC_WRONG }, { .a = MAC_WRONG, .b = BOTH_WRONG }, { .a = NO_CONTENT, .b = BOTH_WRONG },
	{ .a = TOO_LONG, .b = BOTH_WRONG },
};

static void add_pairs(struct run *r, struct oracle_trial *t)
{
	t->pairs = arena_new(r->arena, COUNT(basic) + t->vectors_n, sizeof *t->pairs);
	memcpy(t->pairs, basic, sizeof basic);
	t->pairs_n = COUNT(basic);
	for (size_t i = BYTES; i < t->vectors_n; i++)
		t->pairs[t->pairs_n++] = (struct oracle_pair){ .a = (uint8_t)i, .b = BOTH_WRONG };
}

/* ---- trials -------------------------------------------------------------------------------------------------------------- */

static bool is_cbc(const struct suite *s)
{
	return s->flags & SUITE_CBC;
}

static bool is_carried(const struct suite *s)
{
	return is_cbc(s) && shake_can_carry(s);
}

static struct oracle_trial trial_of(struct run *r, uint16_t v, const struct suite *suite, bool all)
{
	struct oracle_trial t = { .what = suite->name, .open = true };
	uint32_t code = suite->code;
	size_t mac = seal_sizes_of(v, suite).mac;

	shake_hello(r, v, &t.hello);
	t.hello.suites = (struct codes){ arena_copy(r->arena, &code, sizeof code), 1 };
	t.hello.offer &= ~(uint32_t)OFFER_ENCRYPT_THEN_MAC;
	t.plan.say = request_for(r, mac);
	t.vectors = vectors_for(r, t.plan.say.n, mac, &t.vectors_n, all);
	add_pairs(r, &t);
	return t;
}

/* Suites with one MAC and one size of blocks are most often one code. */
static bool is_new(const struct oracle_trial *t, size_t n, uint16_t v, const struct suite *suite)
{
	for (size_t i = 0; i < n; i++) {
		const struct suite *old = suite_find((uint16_t)t[i].hello.suites.v[0]);

		if (t[i].hello.version == v && old->block_bits == suite->block_bits && !strcmp(old->mac, suite->mac))
			return false;
	}
	return true;
}

static void note_one(struct run *r, enum obs_key key, uint16_t v, enum tri value, const char *why, const struct evidence *e,
	size_t n)
{
	note(r, &(struct obs){ .key = key, .protocol = v, .tri = value, .reason = why, .evidence = e, .evidence_count = n });
}

static const enum obs_key keys[] = { OBS_KEY_POODLE_TLS, OBS_KEY_ZOMBIE_POODLE, OBS_KEY_GOLDENDOODLE, OBS_KEY_SLEEPING_POODLE,
	OBS_KEY_ZERO_LENGTH_PADDING, OBS_KEY_CVE_2016_2107, OBS_KEY_MAC_UNCHECKED };

static void nothing_to_ask(struct run *r, bool any)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		note_one(r, keys[i], facts_newest_clear(r->facts), any ? TRI_UNKNOWN : TRI_NA,
			any ? reason_name(REASON_NOT_IN_LIBCRYPTO) : NULL, NULL, 0);
}

/* Connections of the first round stay below the 2,000 of --intrusive, with room for pairs that differ. */
static size_t make(struct run *r, struct oracle_trial **out, bool all)
{
	enum { FIRST_ROUND_MAX = 1200 };
	struct oracle_trial *t = NULL;
	size_t n = 0, cost = 0;
	bool any = false;

	for (uint16_t v = VER_TLS12; v >= VER_TLS10; v--) {
		struct codes found = offer_taken(r->arena, r->facts, v, is_carried);

		any = any || facts_takes(r->facts, v, is_cbc);
		for (size_t i = 0; i < found.n && cost < FIRST_ROUND_MAX; i++) {
			const struct suite *suite = suite_find((uint16_t)found.v[i]);

			if (!all && !is_new(t, n, v, suite))
				continue;
			t = arena_push(r->arena, t, n, sizeof *t);
			t[n] = trial_of(r, v, suite, all);
			cost += t[n++].vectors_n;
		}
	}
	if (!n)
		nothing_to_ask(r, any);
	*out = t;
	return n;
}

static size_t make_few(struct run *r, struct oracle_trial **out)
{
	return make(r, out, false);
}

static size_t make_all(struct run *r, struct oracle_trial **out)
{
	return make(r, out, true);
}

/* ---- what a difference is called ------------------------------------------------------------------------------------------ */

static bool has(const struct reaction *x, uint8_t type, uint16_t alert)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].type == type && x->v[i].alert == alert)
			return true;
	return false;
}

static bool is_taken(const struct reaction *x)
{
	enum { ALERT = 21, DATA = 23 };

	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].type == ALERT && x->v[i].alert != ALERT_CLOSE_NOTIFY)
			return false;
	return has(x, DATA, 0);
}

static bool is_silent(const struct reaction *x)
{
	return !x->n && x->end == REACTION_OPEN;
}

static enum obs_key name_of(const struct oracle_trial *t, const struct oracle_pair *p)
{
	enum { ALERT = 21, RECORD_OVERFLOW = 22 };
	const struct reaction *a = t->first[p->a], *b = t->first[p->b];

	if (is_taken(a) && !is_taken(b))
		return p->a == PADDING_WRONG ? OBS_KEY_POODLE_TLS : OBS_KEY_MAC_UNCHECKED;
	if (is_taken(b) && !is_taken(a))
		return OBS_KEY_MAC_UNCHECKED;
	if (is_silent(a) != is_silent(b))
		return OBS_KEY_SLEEPING_POODLE;
	if (p->a == TOO_LONG && has(a, ALERT, RECORD_OVERFLOW))
		return OBS_KEY_CVE_2016_2107;
	if (p->a == PADDING_WRONG)
		return OBS_KEY_ZOMBIE_POODLE;
	return p->a == NO_CONTENT ? OBS_KEY_ZERO_LENGTH_PADDING : OBS_KEY_GOLDENDOODLE;
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

static const struct oracle_pair *shows(const struct oracle_trial *t, enum obs_key key)
{
	for (size_t i = 0; i < t->pairs_n; i++)
		if (t->pairs[i].differ == TRI_YES && name_of(t, &t->pairs[i]) == key)
			return &t->pairs[i];
	return NULL;
}

static const struct oracle_pair *is_open(const struct oracle_trial *t)
{
	for (size_t i = 0; i < t->pairs_n; i++)
		if (t->pairs[i].differ == TRI_UNKNOWN)
			return &t->pairs[i];
	return NULL;
}

static void tell_no(struct run *r, enum obs_key key, const struct oracle_trial *t, size_t n)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);
	struct text names = { 0 };

	for (size_t i = 0; i < n; i++)
		text_fmt(&names, "%s%s", i ? ", " : "", t[i].what);
	*e = (struct evidence){ "suites", arena_text(r->arena, text_str(&names)) };
	text_free(&names);
	note_one(r, key, t->hello.version, TRI_NO, NULL, e, 1);
}

/* All of one version. What one pair shows leaves no other open: only what was not heard does. */
static void tell_key(struct run *r, enum obs_key key, const struct oracle_trial *t, size_t n)
{
	const struct oracle_pair *open = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct oracle_pair *yes = shows(&t[i], key);
		struct evidence *e;
		size_t lines;

		if (yes) {
			lines = oracle_evidence(r, &t[i], yes, &e);
			note_one(r, key, t->hello.version, TRI_YES, NULL, e, lines);
			return;
		}
		open = open ? open : is_open(&t[i]);
	}
	if (open)
		note_one(r, key, t->hello.version, TRI_UNKNOWN, reason_name(open->why), NULL, 0);
	else
		tell_no(r, key, t, n);
}

static void tell(struct run *r, const struct oracle_trial *t, size_t n)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from; to < n && t[to].hello.version == t[from].hello.version; to++)
			;
		for (size_t k = 0; k < COUNT(keys); k++)
			tell_key(r, keys[k], t + from, to - from);
	}
}

const struct oracle cbc_few = { .make = make_few, .tell = tell };
const struct oracle cbc_all = { .make = make_all, .tell = tell };

bool cbc_when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}
