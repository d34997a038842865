#include "probes/pkcs1.h"

#include "probes/shake.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* ---- the forms: places are counted from the end of the block, whose length is the key's ---------------------------------- */

enum { PREMASTER = 48, SECRET = PREMASTER, SEPARATOR = PREMASTER + 1 };

#define TIMES_8(b) b, b, b, b, b, b, b, b
#define TIMES_40(b) TIMES_8(b), TIMES_8(b), TIMES_8(b), TIMES_8(b), TIMES_8(b)

static const uint8_t other[] = { 0x01 };
static const uint8_t front[] = { 0x41, 0x17 };
static const uint8_t type_1[] = { 0x00, 0x01 };
static const uint8_t late_zero[] = { 0x11, TIMES_40(0x11), 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x00, 0x11 };
static const uint8_t no_zero[] = { 0x11, TIMES_40(0x11), TIMES_8(0x11) };
static const uint8_t version[] = { 0x01, 0x01, TIMES_40(0x00), 0x00, 0x00, 0x00, 0x00, 0x00, 0x01 };
static const uint8_t zero[] = { 0x00 };

#define AT_END(form, where, what) { HOOK_PKCS1, form, where, true, { what, sizeof what }, 0 }
#define AT_FRONT(where, what) { HOOK_PKCS1, HOOK_REPLACE, where, false, { what, sizeof what }, 0 }
/* Behind the key exchange nothing more: goodbye in clear, so that no server waits for what does not come. */
#define STOP { HOOK_CCS, HOOK_STOP, 0, false, { NULL, 0 }, 0 }

static const struct hook forms[][2] = {
	{ AT_END(HOOK_FLIP, 1, other), STOP },
	{ AT_FRONT(0, front), STOP },
	{ AT_END(HOOK_REPLACE, SEPARATOR, no_zero), STOP },
	{ AT_END(HOOK_FLIP, SECRET, version), STOP },
	{ AT_END(HOOK_REPLACE, SEPARATOR, late_zero), STOP },
	{ AT_FRONT(0, type_1), STOP },
	{ AT_FRONT(3, zero), STOP },
	{ AT_END(HOOK_REPLACE, SEPARATOR + 1, zero), STOP },
	{ AT_END(HOOK_REPLACE, 1, zero), STOP },
};
static const uint8_t goodbye[] = { 1, ALERT_CLOSE_NOTIFY };
static const struct inject farewell[] = { { MOMENT_KEY_EXCHANGE, 21, { goodbye, sizeof goodbye } } };

#define WHOLE(form, words) { words, { .hooks = forms[form], .hooks_n = 1 } }
#define SHORT(form, words) { words, { .hooks = forms[form], .hooks_n = 2, .injects = farewell, .injects_n = 1 } }
#define FORMS(AS)                                                                                                    \
	AS(0, "padded rightly"), AS(1, "the first two bytes wrong"), AS(2, "no zero byte"), \
		AS(3, "the version inside wrong"), AS(4, "the zero byte late"), AS(5, "padded as a signature"), AS(6, "a zero byte in the first eight"), \
		AS(7, "a byte too many inside"), AS(8, "nothing inside")

enum { FRONT = 1, NO_ZERO = 2, LATE_ZERO = 4, PUBLISHED = 5, SHORTLY = 4 };

static const struct oracle_vector whole[] = { FORMS(WHOLE) };
static const struct oracle_vector brief[] = { FORMS(SHORT) };

/* ---- trials -------------------------------------------------------------------------------------------------------------- */

static bool is_rsa(const struct suite *s)
{
	return s->kx == KX_RSA && !(s->flags & SUITE_EXPORT);
}

static bool is_carried(const struct suite *s)
{
	return is_rsa(s) && shake_can_carry(s);
}

static void note_all(struct run *r, uint16_t v, enum tri value, enum reason why)
{
	note(r, &(struct obs){ .key = OBS_KEY_ROBOT, .protocol = v, .tri = value, .reason = why ? reason_name(why) : NULL });
}

/* The right form against each of the others, then these among themselves. */
static void add_pairs(struct run *r, struct oracle_trial *t)
{
	for (size_t a = 0; a < t->vectors_n; a++)
		for (size_t b = a + 1; b < t->vectors_n; b++) {
			t->pairs = arena_push(r->arena, t->pairs, t->pairs_n, sizeof *t->pairs);
			t->pairs[t->pairs_n++] = (struct oracle_pair){ .a = (uint8_t)a, .b = (uint8_t)b };
		}
}

static struct oracle_trial trial_of(struct run *r, uint16_t v, uint32_t suite, const struct oracle_vector *vectors, size_t n)
{
	struct oracle_trial t = { .what = suite_find((uint16_t)suite)->name, .vectors = vectors, .vectors_n = n, .most = true };

	shake_hello(r, v, &t.hello);
	t.hello.suites = (struct codes){ arena_copy(r->arena, &suite, sizeof suite), 1 };
	add_pairs(r, &t);
	return t;
}

static void add_trials(struct run *r, uint16_t v, uint32_t suite, bool all, struct oracle_trial **out, size_t *n)
{
	struct oracle_trial *t = *out;

	t = arena_push(r->arena, t, *n, sizeof *t);
	t[(*n)++] = trial_of(r, v, suite, whole, all ? COUNT(whole) : PUBLISHED);
	t = arena_push(r->arena, t, *n, sizeof *t);
	t[(*n)++] = trial_of(r, v, suite, brief, all ? COUNT(brief) : SHORTLY);
	*out = t;
}

static size_t make(struct run *r, struct oracle_trial **out, bool all)
{
	enum { SUITES_MAX = 24 };
	struct oracle_trial *t = NULL;
	size_t n = 0;
	bool any = false;

	for (uint16_t v = VER_TLS12; v >= VER_SSL3 && (all || !n); v--) {
		struct codes found = offer_taken(r->arena, r->facts, v, is_carried);

		any = any || facts_takes(r->facts, v, is_rsa);
		for (size_t i = 0; i < found.n && (all || !n) && n < 2 * SUITES_MAX; i++)
			add_trials(r, v, found.v[i], all, &t, &n);
	}
	if (!n)
		note_all(r, facts_newest_clear(r->facts), any ? TRI_UNKNOWN : TRI_NA, any ? REASON_NOT_IN_LIBCRYPTO : REASON_NONE);
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

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

static bool alike(const struct oracle_trial *t, size_t a, size_t b)
{
	return t->first[a] && t->first[b] && reaction_same(t->first[a], t->first[b]);
}

/*
 * Weak: only a block that is right in every place is told from the others, which next to none of an attacker's blocks is.
 */
static const char *strength(const struct oracle_trial *t)
{
	bool weak = alike(t, FRONT, NO_ZERO) && (t->vectors_n <= LATE_ZERO || alike(t, FRONT, LATE_ZERO));

	return weak ? "weak" : "strong";
}

static void note_yes(struct run *r, const struct oracle_trial *t, const struct oracle_pair *p)
{
	struct evidence *e;
	size_t n = oracle_evidence(r, t, p, &e);

	e[n++] = (struct evidence){ "oracle", strength(t) };
	note(r, &(struct obs){ .key = OBS_KEY_ROBOT, .protocol = t->hello.version, .tri = TRI_YES, .evidence = e,
			  .evidence_count = n });
}

static const struct oracle_pair *find(const struct oracle_trial *t, enum tri value)
{
	for (size_t i = 0; i < t->pairs_n; i++)
		if (t->pairs[i].differ == value)
			return &t->pairs[i];
	return NULL;
}

static void note_no(struct run *r, const struct oracle_trial *t)
{
	struct evidence *e = arena_new(r->arena, 1, sizeof *e);

	*e = (struct evidence){ "suite", t->what };
	note(r, &(struct obs){ .key = OBS_KEY_ROBOT, .protocol = t->hello.version, .tri = TRI_NO, .evidence = e,
			  .evidence_count = 1 });
}

/* All of one version. */
static void tell_version(struct run *r, const struct oracle_trial *t, size_t n)
{
	const struct oracle_pair *open = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct oracle_pair *yes = find(&t[i], TRI_YES);

		if (yes) {
			note_yes(r, &t[i], yes);
			return;
		}
		open = open ? open : find(&t[i], TRI_UNKNOWN);
	}
	if (!open) {
		note_no(r, t);
		return;
	}
	note_all(r, t->hello.version, TRI_UNKNOWN, open->why);
}

static void tell(struct run *r, const struct oracle_trial *t, size_t n)
{
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from; to < n && t[to].hello.version == t[from].hello.version; to++)
			;
		tell_version(r, t + from, to - from);
	}
}

const struct oracle pkcs1_few = { .make = make_few, .tell = tell };
const struct oracle pkcs1_all = { .make = make_all, .tell = tell };

bool pkcs1_when(const struct facts *f)
{
	return facts_newest_clear(f) != 0;
}
