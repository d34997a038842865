/*
 * Application protocols: offered all, the server picks one; offered the rest, the next; until it picks none. Asked in
 * the newest version that answers in clear; TLS 1.3 answers under encryption.
 */
#include <string.h>

#include "probes/offer.h"
#include "scanner/base/die.h"

enum { ALPN_MAX = 16 };

struct state {
	const char *left[ALPN_MAX + 1];
	const char *found[ALPN_MAX];
	size_t left_n, found_n;
};

static enum next put(struct run *r)
{
	struct state *s = r->state;
	struct hello h = offer_protocols_and_deflate(r->arena, r->facts, facts_newest_clear(r->facts));

	if (s->found_n) {
		h.alpn = s->left;
		h.offer &= ~(uint32_t)OFFER_DEFLATE;
	}
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_HELLO });
	return NEXT_WAIT;
}

static enum next finish(struct run *r)
{
	struct state *s = r->state;

	note(r, &(struct obs){ .key = OBS_KEY_ALPN, .protocol = facts_newest_clear(r->facts),
			  .names = arena_copy(r->arena, s->found, s->found_n * sizeof *s->found), .count = s->found_n,
			  .reason = r->trouble ? reason_name(r->trouble) : NULL });
	return NEXT_DONE;
}

/* Moves the picked name from left to found; false when it was not on offer. */
static bool take(struct state *s, const char *name)
{
	for (size_t i = 0; i < s->left_n; i++) {
		if (strcmp(s->left[i], name))
			continue;
		s->found[s->found_n++] = s->left[i];
		memmove(&s->left[i], &s->left[i + 1], (s->left_n - i) * sizeof *s->left);
		s->left_n--;
		return true;
	}
	return false;
}

static bool takes_extensions(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], 0) && !(f->choices[i].hello->offer & OFFER_NO_EXTENSIONS))
			return true;
	return false;
}

/* A server that knows no ALPN passes it over; one that refuses the first hello does so for another reason. */
static bool is_word_about_alpn(const struct run *r, const struct answer *a)
{
	const struct state *s = r->state;

	if (a->kind == ANS_SERVER_HELLO || (a->kind == ANS_ALERT && a->alert == ALERT_NO_APPLICATION_PROTOCOL))
		return true;
	return answer_refused(a) && (s->found_n > 0 || !takes_extensions(r->facts));
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	const char *picked;

	if (!a) {
		while (offer_protocols[s->left_n])
			s->left_n++;
		require(s->left_n <= ALPN_MAX);
		memcpy(s->left, offer_protocols, s->left_n * sizeof *s->left);
		return put(r);
	}
	if (!is_word_about_alpn(r, a))
		r->trouble = a->reason;
	picked = a->kind == ANS_SERVER_HELLO ? a->alpn_name : NULL;
	if (!picked || !take(s, picked) || !s->left_n)
		return finish(r);
	return put(r);
}

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_alpn = {
	.id = "ext.alpn",
	.what = "which application protocols the server picks",
	.ref = "RFC 7301",
	.topics = (const char *const[]){ "alpn", "extensions", NULL },
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
