/* From choices to lists and orders: servers are modelled by a rule, asked in every order, and must come out
 * as the rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/facts/facts.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

enum { CHACHA = 0xCCA8, AES256 = 0xC030, AES128 = 0xC02F, CBC = 0xC014, RSA = 0x002F, DHE = 0x009E };

/* ---- a server as a rule ----------------------------------------------------------------------- */

enum rule { RULE_SERVER, RULE_CLIENT, RULE_CHACHA_FIRST_OFFERED, RULE_CHACHA_FIRST_KNOWN, RULE_GCM_FIRST };

struct model {
	enum rule rule;
	uint32_t mine[8]; /* best first */
	size_t n;
};

static bool is_chacha(uint32_t code)
{
	return code == CHACHA || code == 0x1303;
}

static bool is_gcm(uint32_t code)
{
	return code == AES128 || code == AES256 || code == DHE;
}

static bool is_mine(const struct model *m, uint32_t code)
{
	return codes_has((struct codes){ m->mine, m->n }, code);
}

static uint32_t first_known(const struct model *m, struct codes offered)
{
	for (size_t i = 0; i < offered.n; i++)
		if (is_mine(m, offered.v[i]))
			return offered.v[i];
	return 0;
}

static uint32_t pick(const struct model *m, struct codes offered)
{
	uint32_t first =
	        m->rule == RULE_CHACHA_FIRST_OFFERED && offered.n ? offered.v[0] : first_known(m, offered);

	if (m->rule == RULE_CLIENT)
		return first;
	if (m->rule == RULE_GCM_FIRST && !is_gcm(first) && codes_has(offered, CHACHA))
		return CHACHA;
	if (m->rule != RULE_SERVER && is_chacha(first) && is_mine(m, first))
		return first;
	for (size_t i = 0; i < m->n; i++)
		if (codes_has(offered, m->mine[i]))
			return m->mine[i];
	return 0;
}

/* ---- questions -------------------------------------------------------------------------------- */

struct bench {
	struct arena arena;
	struct facts facts;
};

static void bench_init(struct bench *b)
{
	*b = (struct bench){ 0 };
	b->facts.arena = &b->arena;
}

static struct choice *add(
        struct bench *b, uint16_t version, const uint32_t *offered, size_t n, uint32_t suite)
{
	struct hello *h = arena_new(&b->arena, 1, sizeof(*h));
	struct choice *c = facts_choice(&b->facts);
	uint32_t *mark = arena_new(&b->arena, 1, sizeof(*mark));

	*h = (struct hello){ .version = version,
		.suites = { arena_copy(&b->arena, offered, n * sizeof(*offered)), n } };
	*mark = (uint32_t)b->facts.count;
	c->hello = h;
	c->description = (const uint8_t *)mark;
	c->description_n = sizeof(*mark);
	c->kind = suite ? ANS_SERVER_HELLO : ANS_ALERT;
	c->version = suite ? version : 0;
	c->suite = (uint16_t)suite;
	return c;
}

static void put(struct bench *b, const struct model *m, const uint32_t *offered, size_t n)
{
	add(b, VER_TLS12, offered, n, pick(m, (struct codes){ offered, n }));
}

/* As the sweep asks where ChaCha20 came first: AES-GCM in front, less what was given, until something else comes. */
static void sweep_gcm(struct bench *b, const struct model *m)
{
	uint32_t left[COUNT(m->mine)], got;
	size_t n;

	for (size_t given = 0; given < m->n; given++) {
		n = 0;
		for (int pass = 0; pass < 2; pass++)
			for (size_t i = given; i < m->n; i++)
				if (is_gcm(m->mine[i]) == (pass == 0))
					left[n++] = m->mine[i];
		got = pick(m, (struct codes){ left, n });
		if (!is_gcm(left[0]))
			return;
		put(b, m, left, n);
		if (!is_gcm(got))
			return;
	}
}

/* As the sweep asks: everything, less what was picked, until it refuses; then the found ones in reverse. */
static void sweep(struct bench *b, const struct model *m)
{
	uint32_t left[] = { 0x0001, 0x000A, RSA, 0x0035, DHE, CBC, AES128, AES256, CHACHA }, found[16];
	size_t n = COUNT(left), found_n = 0;
	uint32_t got;

	while ((got = pick(m, (struct codes){ left, n })) != 0) {
		size_t kept = 0;

		put(b, m, left, n);
		for (size_t i = 0; i < n; i++)
			if (left[i] != got)
				left[kept++] = left[i];
		n = kept;
		found[found_n++] = got;
	}
	put(b, m, left, n);
	for (size_t i = found_n; i-- > 0;)
		left[n++] = found[i];
	put(b, m, left, n);
	for (size_t i = 0, k = 0; i < found_n; i++)
		if (is_chacha(found[i])) {
			uint32_t t = found[i];

			memmove(&found[1], &found[0], i * sizeof(*found));
			found[k] = t;
		}
	put(b, m, found, found_n);
	if (m->rule == RULE_GCM_FIRST)
		sweep_gcm(b, m);
}

/* ---- orders ----------------------------------------------------------------------------------- */

static const struct order_row {
	const char *what;
	struct model model;
	const char *order;
} order_rows[] = {
	{ "server", { RULE_SERVER, { AES256, CHACHA, AES128, RSA }, 4 }, "server" },
	{ "server, by chance in the client's order", { RULE_SERVER, { RSA, CBC, AES128 }, 3 }, "server" },
	{ "client", { RULE_CLIENT, { AES256, CHACHA, AES128, RSA }, 4 }, "client" },
	{ "chacha when first of all", { RULE_CHACHA_FIRST_OFFERED, { AES256, CHACHA, AES128, RSA }, 4 },
	        "server-chacha" },
	{ "chacha when first of those known", { RULE_CHACHA_FIRST_KNOWN, { AES256, AES128, CHACHA, RSA }, 4 },
	        "server-chacha" },
	{ "chacha first anyway", { RULE_CHACHA_FIRST_OFFERED, { CHACHA, AES256, AES128 }, 3 }, "server" },
	{ "chacha but for AES-GCM first", { RULE_GCM_FIRST, { AES128, AES256, CHACHA, CBC, RSA }, 5 }, "server-chacha" },
	{ "no chacha", { RULE_CHACHA_FIRST_OFFERED, { AES256, AES128, RSA }, 3 }, "server" },
	{ "one", { RULE_SERVER, { AES128 }, 1 }, "none" },
	{ "none", { RULE_SERVER, { 0 }, 0 }, "none" },
};

static bool in_order(const char *order)
{
	return !strncmp(order, "server", 6) || !strcmp(order, "none");
}

static void look_at(const struct order_row *row, struct bench *b)
{
	struct ranking r = facts_rank(&b->facts, DIM_SUITES, VER_TLS12, KEY_NONE);

	if (strcmp(r.order, row->order))
		fail_msg("%s: %s", row->what, r.order);
	assert_int_equal(r.list.n, row->model.n);
	for (size_t i = 0; i < r.list.n; i++) {
		assert_true(is_mine(&row->model, r.list.v[i]));
		if (in_order(r.order) && r.list.v[i] != row->model.mine[i])
			fail_msg("%s: place %zu has %04x", row->what, i, (unsigned)r.list.v[i]);
	}
}

static void each_rule_is_told_from_the_sweep(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(order_rows); i++) {
		struct bench b;

		bench_init(&b);
		sweep(&b, &order_rows[i].model);
		look_at(&order_rows[i], &b);
		arena_free(&b.arena);
	}
}

static uint64_t next_random(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void shuffle(struct facts *f, uint64_t *x)
{
	for (size_t i = f->count; i > 1; i--) {
		size_t j = next_random(x) % i;
		struct choice t = f->choices[i - 1];

		f->choices[i - 1] = f->choices[j];
		f->choices[j] = t;
	}
}

static void the_order_of_arrival_means_nothing(void **state)
{
	uint64_t x = 88172645463325252;

	(void)state;
	for (size_t i = 0; i < COUNT(order_rows); i++) {
		struct bench b;

		bench_init(&b);
		sweep(&b, &order_rows[i].model);
		for (int k = 0; k < 50; k++) {
			shuffle(&b.facts, &x);
			look_at(&order_rows[i], &b);
		}
		arena_free(&b.arena);
	}
}

static void sorting_gives_one_order(void **state)
{
	uint64_t x = 1;
	struct bench b;

	(void)state;
	bench_init(&b);
	sweep(&b, &order_rows[0].model);
	facts_sort(&b.facts);
	for (int k = 0; k < 20; k++) {
		shuffle(&b.facts, &x);
		facts_sort(&b.facts);
		for (size_t i = 1; i < b.facts.count; i++)
			assert_true(memcmp(b.facts.choices[i - 1].description, b.facts.choices[i].description,
			                    4) < 0);
	}
	arena_free(&b.arena);
}

static void no_facts_have_no_order(void **state)
{
	struct bench b;
	struct ranking r;

	(void)state;
	bench_init(&b);
	facts_sort(&b.facts);
	r = facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE);
	assert_int_equal(r.list.n, 0);
	assert_string_equal(r.order, "none");
	assert_int_equal(facts_newest_clear(&b.facts), 0);
	arena_free(&b.arena);
}

/* ---- small rows of choices by hand ------------------------------------------------------------ */

#define OFFER(b, version, suite, ...)                                                                        \
	add(b, version, (const uint32_t[]){ __VA_ARGS__ }, COUNT(((const uint32_t[]){ __VA_ARGS__ })), suite)

static void two_picks_that_contradict_have_no_order(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	OFFER(&b, VER_TLS12, AES128, AES128, AES256, RSA);
	OFFER(&b, VER_TLS12, AES256, AES128, AES256);
	OFFER(&b, VER_TLS12, RSA, AES256, RSA, AES128);
	assert_string_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE).order, "unknown");
	assert_int_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE).list.n, 3);
	arena_free(&b.arena);
}

static void what_no_question_told_apart_is_unknown(void **state)
{
	struct bench b;
	struct ranking r;

	(void)state;
	bench_init(&b);
	OFFER(&b, VER_TLS12, AES256, AES256, AES128);
	OFFER(&b, VER_TLS12, AES128, AES128);
	r = facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE);
	assert_string_equal(r.order, "unknown");
	assert_int_equal(r.list.v[0], AES256); /* the picks fit this order, at least */
	arena_free(&b.arena);
}

static void versions_do_not_mix(void **state)
{
	struct bench b;
	struct choice *c;

	(void)state;
	bench_init(&b);
	OFFER(&b, VER_TLS12, AES128, RSA, AES128);
	OFFER(&b, VER_TLS10, CBC, RSA, CBC);
	c = OFFER(&b, VER_TLS12, RSA, RSA);
	c->version = VER_TLS10; /* a lower version than was asked for */
	assert_int_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE).list.n, 1);
	assert_int_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS10, KEY_NONE).list.n, 1);
	assert_int_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS11, KEY_NONE).list.n, 0);
	assert_true(facts_offers(&b.facts, VER_TLS12));
	assert_false(facts_offers(&b.facts, VER_TLS11));
	assert_int_equal(facts_newest_clear(&b.facts), VER_TLS12);
	arena_free(&b.arena);
}

/* A server of TLS 1.0 alone: its answers to newer hellos, with their longer lists, must not make its own look
 * forced. */
static void answers_to_newer_hellos_do_not_hide_an_order(void **state)
{
	static const uint32_t schemes_[] = { 0x0403, 0x0804 };
	struct bench b;
	struct choice *c;

	(void)state;
	bench_init(&b);
	OFFER(&b, VER_TLS10, CBC, RSA, CBC);
	OFFER(&b, VER_TLS10, RSA, RSA);
	c = OFFER(&b, VER_TLS12, CBC, RSA, CBC);
	((struct hello *)(uintptr_t)c->hello)->schemes = (struct codes){ schemes_, 2 };
	c->version = VER_TLS10;
	assert_string_equal(facts_rank(&b.facts, DIM_SUITES, VER_TLS10, KEY_NONE).order, "server");
	arena_free(&b.arena);
}

static void refusals_are_no_picks(void **state)
{
	struct bench b;
	struct choice *c;

	(void)state;
	bench_init(&b);
	c = OFFER(&b, VER_TLS12, 0, RSA);
	assert_false(choice_picked(c, 0));
	c = OFFER(&b, VER_TLS12, AES128, RSA, AES128);
	assert_true(choice_picked(c, 0));
	assert_true(choice_picked(c, VER_TLS12));
	assert_false(choice_picked(c, VER_TLS11));
	c->kind = ANS_MALFORMED;
	assert_false(choice_picked(c, 0));
	c->kind = ANS_RETRY;
	assert_true(choice_picked(c, 0));
	arena_free(&b.arena);
}

/* ---- groups and schemes ----------------------------------------------------------------------- */

static struct choice *exchange(struct bench *b, enum cert_key key, uint16_t group, uint16_t scheme)
{
	static const uint32_t offered[] = { 0x0017, 0x0018, 0x001D, 0x0100 },
	                      signs[] = { 0x0403, 0x0503, 0x0804, 0x0401 };
	struct choice *c = OFFER(b, VER_TLS12, AES128, AES128);
	struct hello *h = (struct hello *)(uintptr_t)c->hello;

	h->groups = (struct codes){ offered, COUNT(offered) };
	h->schemes = (struct codes){ signs, COUNT(signs) };
	c->cert = key;
	c->group = group;
	c->scheme = scheme;
	return c;
}

static void groups_and_schemes_are_told_for_each_certificate(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	exchange(&b, KEY_RSA, 0x001D, 0x0804);
	exchange(&b, KEY_ECDSA, 0x0017, 0x0403);
	assert_int_equal(facts_rank(&b.facts, DIM_GROUPS, VER_TLS12, KEY_RSA).list.n, 1);
	assert_int_equal(facts_rank(&b.facts, DIM_GROUPS, VER_TLS12, KEY_RSA).list.v[0], 0x001D);
	assert_int_equal(facts_rank(&b.facts, DIM_SCHEMES, VER_TLS12, KEY_ECDSA).list.v[0], 0x0403);
	assert_int_equal(facts_rank(&b.facts, DIM_GROUPS, VER_TLS12, KEY_NONE).list.n, 2);
	assert_int_equal(facts_rank(&b.facts, DIM_GROUPS, VER_TLS12, KEY_ED25519).list.n, 0);
	arena_free(&b.arena);
}

static void finite_fields_are_no_curves(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	exchange(&b, KEY_RSA, 0x0100, 0x0804);
	exchange(&b, KEY_RSA, 0x001D, 0x0804);
	assert_int_equal(facts_rank(&b.facts, DIM_GROUPS, VER_TLS12, KEY_RSA).list.n, 1);
	arena_free(&b.arena);
}

static void a_scheme_that_was_not_offered_is_in_no_list(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	exchange(&b, KEY_RSA, 0x001D, 0x0601);
	exchange(&b, KEY_RSA, 0x001D, 0x0804);
	assert_int_equal(facts_rank(&b.facts, DIM_SCHEMES, VER_TLS12, KEY_RSA).list.n, 1);
	assert_int_equal(facts_rank(&b.facts, DIM_SCHEMES, VER_TLS12, KEY_RSA).list.v[0], 0x0804);
	arena_free(&b.arena);
}

/* With few groups on offer a suite that needs another is out of the race: such a pick says nothing of the
 * suites' order. */
static void a_pick_forced_by_another_list_ranks_nothing(void **state)
{
	static const uint32_t wide[] = { 0x0017, 0x001D }, narrow[] = { 0x0017 };
	struct bench b;
	struct choice *c;
	struct ranking r;

	(void)state;
	bench_init(&b);
	c = OFFER(&b, VER_TLS12, AES256, RSA, AES128, AES256);
	((struct hello *)(uintptr_t)c->hello)->groups = (struct codes){ wide, 2 };
	c = OFFER(&b, VER_TLS12, AES128, RSA, AES128);
	((struct hello *)(uintptr_t)c->hello)->groups = (struct codes){ wide, 2 };
	c = OFFER(&b, VER_TLS12, RSA, AES256, AES128, RSA);
	((struct hello *)(uintptr_t)c->hello)->groups = (struct codes){ narrow, 1 };
	r = facts_rank(&b.facts, DIM_SUITES, VER_TLS12, KEY_NONE);
	assert_string_equal(r.order, "server");
	assert_int_equal(r.list.n, 3);
	assert_int_equal(r.list.v[0], AES256);
	arena_free(&b.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_told_from_the_sweep),
		cmocka_unit_test(the_order_of_arrival_means_nothing),
		cmocka_unit_test(sorting_gives_one_order),
		cmocka_unit_test(no_facts_have_no_order),
		cmocka_unit_test(two_picks_that_contradict_have_no_order),
		cmocka_unit_test(what_no_question_told_apart_is_unknown),
		cmocka_unit_test(versions_do_not_mix),
		cmocka_unit_test(answers_to_newer_hellos_do_not_hide_an_order),
		cmocka_unit_test(refusals_are_no_picks),
		cmocka_unit_test(groups_and_schemes_are_told_for_each_certificate),
		cmocka_unit_test(finite_fields_are_no_curves),
		cmocka_unit_test(a_scheme_that_was_not_offered_is_in_no_list),
		cmocka_unit_test(a_pick_forced_by_another_list_ranks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
