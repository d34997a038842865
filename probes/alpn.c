/*
 * Application protocols: offered all, the server picks one; offered the rest, the next; until it picks none. Asked in
 * the newest version that answers in clear; where there is none, in whole handshakes of TLS 1.3, which answers in its
 * EncryptedExtensions.
 */
#include <string.h>

#include "probes/shake.h"
#include "probes/verdict.h"
#include "scanner/base/die.h"
#include "scanner/base/text.h"

enum { ALPN_MAX = 16 };

struct state {
	const char *left[ALPN_MAX + 1];
	const char *found[ALPN_MAX];
	size_t left_n, found_n;
};

static enum next tell(struct run *r, const char *why)
{
	struct state *s = r->state;

	note(r, &(struct obs){ .key = OBS_KEY_ALPN, .protocol = offer_version_with_extensions(r->facts),
			  .names = arena_copy(r->arena, s->found, s->found_n * sizeof *s->found), .count = s->found_n,
			  .reason = why });
	return NEXT_DONE;
}

static enum next finish(struct run *r)
{
	return tell(r, r->trouble ? reason_name(r->trouble) : NULL);
}

static enum next put_clear(struct run *r, uint16_t version)
{
	struct state *s = r->state;
	struct hello h = offer_protocols_and_deflate(r->arena, r->facts, version);

	if (s->found_n) {
		h.alpn = s->left;
		h.offer &= ~(uint32_t)OFFER_DEFLATE;
	}
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_HELLO });
	return NEXT_WAIT;
}

static enum next put_sealed(struct run *r)
{
	struct state *s = r->state;
	struct hello h;

	if (!shake_hello(r, VER_TLS13, &h))
		return tell(r, shake_why_not(r, VER_TLS13));
	h.alpn = s->left;
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_HELLO, .plan = &shake_alone });
	return NEXT_WAIT;
}

static enum next put(struct run *r)
{
	uint16_t version = offer_version_with_extensions(r->facts);

	return version >= VER_TLS13 ? put_sealed(r) : put_clear(r, version);
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

static bool is_sealed(const struct run *r)
{
	return offer_version_with_extensions(r->facts) >= VER_TLS13;
}

/* Was what the server answers to extensions seen? */
static bool is_told(const struct run *r, const struct answer *a)
{
	return is_sealed(r) ? a->hs && a->hs->exts_whole : a->kind == ANS_SERVER_HELLO;
}

static bool is_no_common_protocol(const struct answer *a)
{
	return (a->kind == ANS_ALERT && a->alert == ALERT_NO_APPLICATION_PROTOCOL) ||
	       (a->hs && a->hs->alerted && a->hs->alert == ALERT_NO_APPLICATION_PROTOCOL);
}

/* A server that knows no ALPN passes it over; one that refuses the first hello does so for another reason. */
static bool is_word_about_alpn(const struct run *r, const struct answer *a)
{
	const struct state *s = r->state;

	if (is_told(r, a) || is_no_common_protocol(a))
		return true;
	return (answer_refused(a) || answer_refused_later(a)) && (s->found_n > 0 || !takes_extensions(r->facts));
}

static enum reason reason_of(const struct answer *a)
{
	return a->hs && a->hs->reason ? a->hs->reason : a->reason ? a->reason : REASON_UNSTABLE;
}

/* NULL: none. */
static const char *picked_of(const struct run *r, const struct answer *a)
{
	if (!is_told(r, a))
		return NULL;
	if (!is_sealed(r))
		return a->alpn_name;
	return a->hs->alpn.n ? text_clean(r->arena, a->hs->alpn.p, a->hs->alpn.n, 255) : NULL;
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
		r->trouble = reason_of(a);
	picked = picked_of(r, a);
	if (!picked || !take(s, picked) || !s->left_n)
		return finish(r);
	return put(r);
}

static bool when(const struct facts *f)
{
	return offer_version_with_extensions(f) != 0;
}

const struct probe probe_alpn = {
	.id = "ext.alpn",
	.what = "which application protocols the server picks",
	.ref = "RFC 7301",
	.topics = (const char *const[]){ "alpn", "extensions", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
