/*
 * What SSL 2.0 lets go through, by handshakes up to the SERVER-VERIFY, which only who has the whole key can say. Every
 * question is put with one cipher kind, and again on a fresh connection before it is a yes:
 *
 * - a kind that the server did not list (CVE-2015-3197), so that switching kinds off switches nothing off;
 * - a kind that is not of export, with all of its key but a few bytes in clear (CVE-2016-0703): each such question tells a byte
 *   of a recorded session's key;
 * - a kind of 40 or 56 bits, which are soon tried out.
 *
 * The last two are what decrypting newer sessions takes (DROWN, CVE-2016-0800): "special" and "general".
 */
#include "probes/shake.h"

#include "probes/proof.h"
#include "scanner/base/text.h"

enum { TRIALS_MAX = 16, EXTRA_CLEAR = 8, OLD_BITS = 56, ROUNDS = 2 };
enum form { UNLISTED, SPECIAL, GENERAL, FORMS };

struct trial {
	enum form form;
	struct ssl2_form kind;
	struct deviation deviation;
	struct proof_shown {
		enum tri value;
		const char *why;
	} shown;
	unsigned round;
};

struct state {
	struct trial *trials; /* of TRIALS_MAX */
	size_t n, open;
	bool lacks; /* arithmetic for a weak kind that is listed */
	struct hello hello;
};

/* ---- what to ask --------------------------------------------------------------------------------------------------------- */

static const struct choice *ssl2_choice(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->choices[i].kind == ANS_SSL2_HELLO)
			return &f->choices[i];
	return NULL;
}

static bool is_listed(const struct choice *c, uint32_t code)
{
	return codes_has((struct codes){ c->kinds, c->kinds_count }, code);
}

static void add(struct state *s, enum form form, uint32_t code)
{
	struct trial *t = &s->trials[s->n];

	if (s->n == TRIALS_MAX)
		return;
	s->n++;
	*t = (struct trial){ .form = form, .kind = { code, form == SPECIAL ? EXTRA_CLEAR : 0 } };
	t->deviation.ssl2 = &t->kind;
}

/* Of the kinds that are not of export one is enough: it is the same code for all, and a listed one comes first. */
static uint32_t strong_kind(const struct choice *c)
{
	uint32_t other = 0;

	for (size_t i = 0; i < sslv2_kinds_count; i++) {
		const struct sslv2_kind *k = &sslv2_kinds[i];

		if (k->export || !ssl2_has_kind(k->code))
			continue;
		if (is_listed(c, k->code))
			return k->code;
		other = other ? other : k->code;
	}
	return other;
}

static void plan_trials(struct run *r, const struct choice *c)
{
	struct state *s = r->state;

	s->trials = arena_new(r->arena, TRIALS_MAX, sizeof *s->trials);
	s->hello = *c->hello;
	for (size_t i = 0; i < sslv2_kinds_count; i++) {
		const struct sslv2_kind *k = &sslv2_kinds[i];

		if (!ssl2_has_kind(k->code)) {
			s->lacks |= k->bits && k->bits <= OLD_BITS && is_listed(c, k->code);
			continue;
		}
		if (!is_listed(c, k->code))
			add(s, UNLISTED, k->code);
		else if (k->bits <= OLD_BITS)
			add(s, GENERAL, k->code);
	}
	if (strong_kind(c))
		add(s, SPECIAL, strong_kind(c));
}

static void put(struct run *r, size_t i)
{
	struct state *s = r->state;
	struct trial *t = &s->trials[i];
	const struct plan plan = { .deviation = &t->deviation };

	s->open++;
	ask(r, (uint16_t)i, &(struct ask){ .hello = &s->hello, .until = UNTIL_FLIGHT, .plan = &plan, .sample = (uint16_t)t->round });
}

/* ---- what came of it ------------------------------------------------------------------------------------------------------ */

static const char *why_open(const struct answer *a)
{
	enum reason why = a->hs && a->hs->reason ? a->hs->reason : a->reason;

	return reason_name(why ? why : REASON_UNSTABLE);
}

/* False: it is asked once more. */
static bool take(struct trial *t, const struct answer *a)
{
	enum shown s = proof_reaction(a, a->hs && a->hs->complete);

	if (s == SHOWN_YES && ++t->round < ROUNDS)
		return false;
	t->shown.value = s == SHOWN_YES ? TRI_YES : s == SHOWN_NO && !t->round ? TRI_NO : TRI_UNKNOWN;
	t->shown.why = s == SHOWN_NO ? reason_name(REASON_UNSTABLE) : why_open(a);
	return true;
}

static bool is_weak(const struct trial *t)
{
	return sslv2_kind_find(t->kind.kind)->bits <= OLD_BITS;
}

static bool is_of(const struct trial *t, enum obs_key key)
{
	switch (key) {
	case OBS_KEY_SSL2_UNLISTED:
		return t->form == UNLISTED;
	case OBS_KEY_CVE_2016_0703:
		return t->form == SPECIAL;
	default:
		return t->form != UNLISTED || is_weak(t);
	}
}

enum label { LABEL_GENERAL, LABEL_SPECIAL, LABEL_KIND, LABEL_ASKED, LABELS };

static enum label label_of(const struct trial *t)
{
	return t->form == SPECIAL ? LABEL_SPECIAL : is_weak(t) ? LABEL_GENERAL : LABEL_KIND;
}

static void add_words(struct text *words, const struct trial *t)
{
	text_fmt(words, "%s%s", words->n ? ", " : "", sslv2_kind_find(t->kind.kind)->name);
	if (t->form == SPECIAL)
		text_fmt(words, " with %u bytes of its key in clear", (unsigned)EXTRA_CLEAR);
	if (t->form == UNLISTED)
		text_add(words, " (not listed)");
}

/* One line for each label that has words. */
static void tell_words(struct run *r, struct obs *o, struct text words[static LABELS])
{
	static const char *const names[LABELS] = { "general", "special", "kind", "asked" };
	struct evidence *e = arena_new(r->arena, LABELS, sizeof *e);

	for (size_t i = 0; i < LABELS; i++) {
		if (words[i].n && (i == LABEL_ASKED) == (o->tri == TRI_NO))
			e[o->evidence_count++] = (struct evidence){ names[i], arena_text(r->arena, text_str(&words[i])) };
		text_free(&words[i]);
	}
	o->evidence = e;
}

/* All that there is was listed; or there is no arithmetic for any kind. */
static enum tri nothing_asked(const struct run *r, enum obs_key key)
{
	const struct state *s = r->state;

	return s->n && key == OBS_KEY_SSL2_UNLISTED ? TRI_NA : TRI_UNKNOWN;
}

static void tell(struct run *r, enum obs_key key)
{
	const struct state *s = r->state;
	const struct trial *open = NULL;
	struct text words[LABELS] = { 0 };
	struct obs o = { .key = key, .protocol = VER_SSL2 };
	bool yes = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct trial *t = &s->trials[i];

		if (!is_of(t, key))
			continue;
		yes |= t->shown.value == TRI_YES;
		open = !open && t->shown.value == TRI_UNKNOWN ? t : open;
		add_words(&words[t->shown.value == TRI_YES ? label_of(t) : LABEL_ASKED], t);
	}
	o.tri = yes ? TRI_YES : open || (s->lacks && key == OBS_KEY_DROWN) ? TRI_UNKNOWN :
			words[LABEL_ASKED].n ? TRI_NO : nothing_asked(r, key);
	if (o.tri == TRI_UNKNOWN)
		o.reason = open ? open->shown.why : reason_name(REASON_NOT_IN_LIBCRYPTO);
	tell_words(r, &o, words);
	note(r, &o);
}

static enum next told(struct run *r)
{
	static const enum obs_key keys[] = { OBS_KEY_SSL2_UNLISTED, OBS_KEY_CVE_2016_0703, OBS_KEY_DROWN };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		tell(r, keys[i]);
	return NEXT_DONE;
}

static bool when(const struct facts *f)
{
	return ssl2_choice(f) != NULL;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a) {
		if (!when(r->facts))
			return NEXT_DONE;
		plan_trials(r, ssl2_choice(r->facts));
		for (size_t i = 0; i < s->n; i++)
			put(r, i);
	} else {
		s->open--;
		if (!take(&s->trials[a->tag], a))
			put(r, a->tag);
	}
	return s->open ? NEXT_WAIT : told(r);
}

const struct probe probe_drown = {
	.id = "drown",
	.what = "whether SSL 2.0 takes cipher kinds that it does not list, keys in clear, and keys that are soon tried out",
	.ref = "CVE-2016-0800, CVE-2016-0703, CVE-2015-3197",
	.topics = (const char *const[]){ "vulnerabilities", NULL },
	.after = (const char *const[]){ "suites.ssl2", NULL },
	.manners = PROBE_ALARMING,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
