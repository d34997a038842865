#include "report/score.h"

enum { PERFECT = 100, WEIGHT_PROTOCOL = 3, WEIGHT_KEY_EXCHANGE = 3, WEIGHT_CIPHER = 4, WEIGHTS = 10 };

static const struct score nothing = { -1, -1 };

bool score_known(struct score s)
{
	return s.best >= 0 && s.best == s.worst;
}

/* The middle of two scores, each 0 to 100. */
static int middle(int a, int b)
{
	return (a + b) * (SCORE_UNIT / 2);
}

struct ends {
	int high, low;
};

static struct ends ends_add(struct ends e, int score)
{
	if (e.high < 0)
		return (struct ends){ score, score };
	return (struct ends){ score > e.high ? score : e.high, score < e.low ? score : e.low };
}

/* ---- protocol
 * ------------------------------------------------------------------------------------------------ */

static int version_score(uint16_t version)
{
	static const struct {
		uint16_t version;
		int score;
	} rows[] = {
		{ VER_TLS13, 100 },
		{ VER_TLS12, 100 },
		{ VER_TLS11, 95 },
		{ VER_TLS10, 90 },
		{ VER_SSL3, 80 },
		{ VER_SSL2, 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].version == version)
			return rows[i].score;
	return 0;
}

/* SSL 2 unknown leaves the score alone: the rule that fails it is then not evaluated, which says so. */
struct score score_protocol(const struct view *v)
{
	struct ends known = { -1, -1 }, worst;
	struct ends best;

	for (const uint16_t *p = view_versions; *p; p++)
		if (view_offered(v, *p) == TRI_YES)
			known = ends_add(known, version_score(*p));
	if (known.high < 0)
		return nothing;
	best = worst = known;
	for (const uint16_t *p = view_versions; *p; p++) {
		int score = version_score(*p);

		if (view_offered(v, *p) != TRI_UNKNOWN || *p == VER_SSL2)
			continue;
		best.high = score > best.high ? score : best.high;
		worst.low = score < worst.low ? score : worst.low;
	}
	return (struct score){ middle(best.high, best.low), middle(worst.high, worst.low) };
}

/* ---- key exchange
 * -------------------------------------------------------------------------------------------- */

static int strength_score(unsigned rsa_bits)
{
	static const struct {
		unsigned below;
		int score;
	} rows[] = { { 512, 20 }, { 1024, 40 }, { 2048, 80 }, { 4096, 90 } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rsa_bits < rows[i].below)
			return rows[i].score;
	return PERFECT;
}

struct weakest {
	int score; /* -1: nothing seen */
	bool missing;
};

static void take(struct weakest *w, int score)
{
	if (w->score < 0 || score < w->score)
		w->score = score;
}

static void take_strength(struct weakest *w, unsigned rsa_bits)
{
	if (rsa_bits)
		take(w, strength_score(rsa_bits));
	else
		w->missing = true;
}

static void take_keys(struct weakest *w, const struct view *v)
{
	bool any = false;

	for (size_t i = 0; i < v->chains_count; i++) {
		if (!v->chains[i].judged)
			continue;
		any = true;
		take_strength(w, v->chains[i].leaf ? cert_rsa_bits(v->chains[i].leaf) : 0);
	}
	w->missing = w->missing || !any;
}

static void take_suites(struct weakest *w, const struct view *v)
{
	for (size_t i = 0; i < v->ciphers_count; i++) {
		if (suite_anonymous(&v->ciphers[i]))
			take(w, 0);
		if (suite_export(&v->ciphers[i]))
			take(w, 40);
	}
	w->missing = w->missing || !view_whole(v, VER_SSL3, VER_TLS13, NULL);
}

/* A group without a row in the guide (a post-quantum one alone) says nothing. */
static void take_groups(struct weakest *w, const struct obs *o)
{
	for (size_t i = 0; i < o->count; i++) {
		const struct group *g = group_find((uint16_t)o->codes[i]);
		unsigned bits = !g ? 0 : g->kind == GROUP_FFDHE ? g->bits : group_rsa_bits(g);

		if (bits)
			take(w, strength_score(bits));
	}
}

static bool any_group(const struct group *g)
{
	(void)g;
	return false;
}

/* A condition that never holds tells whether everything it would need was seen. */
static bool unseen(const struct view *v, const struct cond *c)
{
	return cond_ask(v, c).holds == TRI_UNKNOWN;
}

static void take_parameters(struct weakest *w, const struct view *v)
{
	static const struct cond moduli = { .op = cond_dh_below, .number = 1 };
	static const struct cond groups_known = { .op = cond_any_group, .group = any_group };

	for (size_t i = 0; i < v->record->obs_count; i++) {
		const struct obs *o = &v->record->obs[i];

		if (o->key == OBS_KEY_GROUPS_LIST)
			take_groups(w, o);
		if (o->key == OBS_KEY_DH_BITS && o->number > 0)
			take(w, strength_score((unsigned)(o->number > 65536 ? 65536 : o->number)));
	}
	w->missing = w->missing || unseen(v, &moduli) || unseen(v, &groups_known);
}

struct score score_key_exchange(const struct view *v)
{
	struct weakest w = { .score = -1 };

	take_keys(&w, v);
	take_parameters(&w, v);
	take_suites(&w, v);
	if (w.score < 0)
		return nothing;
	return (struct score){ w.score * SCORE_UNIT, w.missing ? 0 : w.score * SCORE_UNIT };
}

/* ---- cipher strength
 * ----------------------------------------------------------------------------------------- */

static int bits_score(unsigned bits)
{
	if (!bits)
		return 0;
	if (bits < 128)
		return 20;
	return bits < 256 ? 80 : PERFECT;
}

struct score score_cipher(const struct view *v)
{
	struct ends e = { -1, -1 };
	bool missing = !view_whole(v, VER_SSL3, VER_TLS13, NULL);

	for (size_t i = 0; i < v->ciphers_count; i++) {
		if (v->ciphers[i].known)
			e = ends_add(e, bits_score(v->ciphers[i].bits));
		else
			missing = true;
	}
	if (e.high < 0)
		return nothing;
	if (!missing)
		return (struct score){ middle(e.high, e.low), middle(e.high, e.low) };
	return (struct score){ middle(PERFECT, e.low), middle(e.high, 0) };
}

/* ---- total
 * --------------------------------------------------------------------------------------------------- */

static int weigh(int protocol, int key_exchange, int cipher)
{
	if (!protocol || !key_exchange || !cipher)
		return 0;
	return (WEIGHT_PROTOCOL * protocol + WEIGHT_KEY_EXCHANGE * key_exchange + WEIGHT_CIPHER * cipher) /
	       WEIGHTS;
}

struct score score_total(struct score protocol, struct score key_exchange, struct score cipher)
{
	if (protocol.best < 0 || key_exchange.best < 0 || cipher.best < 0)
		return nothing;
	return (struct score){ weigh(protocol.best, key_exchange.best, cipher.best),
		weigh(protocol.worst, key_exchange.worst, cipher.worst) };
}

enum letter score_letter(int total)
{
	static const struct {
		int from;
		enum letter letter;
	} rows[] = { { 80, LETTER_A }, { 65, LETTER_B }, { 50, LETTER_C }, { 35, LETTER_D },
		{ 20, LETTER_E } };

	if (total < 0)
		return LETTER_NONE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (total >= rows[i].from * SCORE_UNIT)
			return rows[i].letter;
	return LETTER_F;
}
