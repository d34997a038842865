/*
 * TLS 1.3 under its keys: the certificates, the signature schemes of the CertificateVerify, and what the first request
 * brings back. The schemes are peeled like any list, a whole handshake for each, so every type of certificate shows.
 */
#include "probes/http.h"
#include "probes/resume.h"
#include "probes/shake.h"
#include "probes/verdict.h"

struct state {
	struct list left;
	enum cert_key seen[8];
	unsigned seen_n;
	struct verdict verdict; /* on the hello that was not granted */
	bool judging, doubted;
	const struct hs_result *first; /* the request went over it; NULL: not yet */
	const struct session *session; /* of the first handshake; NULL: none, or taken up already */
	bool resuming;
};

static bool may_sign(const struct scheme *s)
{
	return s->tls13;
}

/* Schemes for the chain stay on offer whatever is left: they cannot sign a handshake (RFC 8446 section 4.2.3). */
static struct codes offered(struct run *r)
{
	struct state *s = r->state;
	struct codes all = offer_schemes(r->arena, VER_TLS13);
	struct list l = list_copy(r->arena, list_codes(&s->left));

	for (size_t i = 0; i < all.n; i++)
		if (!may_sign(scheme_find((uint16_t)all.v[i])))
			list_add(r->arena, &l, all.v[i]);
	return list_codes(&l);
}

static bool picked(const struct answer *a)
{
	return answer_picked(a, VER_TLS13);
}

/* What this program cannot carry through is no trouble of the server's: it is told, and the probe is done. */
static enum next put(struct run *r)
{
	struct state *s = r->state;
	struct plan plan = s->first ? (struct plan){ 0 } : http_plan(r);
	struct hello h;

	if (!shake_hello(r, VER_TLS13, &h)) {
		note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = VER_TLS13, .tri = TRI_UNKNOWN,
				  .reason = shake_why_not(r, VER_TLS13) });
		return NEXT_DONE;
	}
	h.schemes = offered(r);
	s->verdict = (struct verdict){ .hello = h, .second = h, .until = UNTIL_HELLO, .picks = picked };
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_HELLO, .plan = &plan, .sample = s->doubted });
	return NEXT_WAIT;
}

/* The session of the first handshake once more: one question, when the list is done. */
static bool resume(struct run *r)
{
	struct state *s = r->state;
	struct plan plan;
	struct hello h;

	if (!s->session || s->resuming || !shake_hello(r, VER_TLS13, &h) || !resume_hello(r, s->session, &h, &plan))
		return false;
	s->resuming = true;
	ask(r, 0, &(struct ask){ .hello = &h, .until = UNTIL_HELLO, .plan = &plan });
	return true;
}

static enum next finish(struct run *r)
{
	struct state *s = r->state;
	enum reason why = s->first ? s->first->reason : r->trouble;

	if (!r->trouble && resume(r))
		return NEXT_WAIT;
	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = VER_TLS13,
			  .tri = s->first ? shake_went_through(s->first) : r->trouble ? TRI_UNKNOWN : TRI_NO,
			  .reason = why ? reason_name(why) : NULL });
	for (unsigned i = 0; i < s->seen_n; i++)
		note(r, &(struct obs){ .key = OBS_KEY_SCHEMES_LIST, .protocol = VER_TLS13, .cert = s->seen[i],
				  .reason = r->trouble ? reason_name(r->trouble) : NULL });
	return NEXT_DONE;
}

static void remember(struct state *s, uint16_t code)
{
	const struct scheme *scheme = scheme_find(code);

	for (unsigned i = 0; scheme && i < s->seen_n; i++)
		if (s->seen[i] == scheme->key)
			return;
	if (scheme && s->seen_n < sizeof s->seen / sizeof *s->seen)
		s->seen[s->seen_n++] = scheme->key;
}

static enum next signed_by(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!s->first) {
		shake_note_client(r, VER_TLS13, a->hs);
		http_note(r, a->heard);
		s->session = a->hs->session.version ? &a->hs->session : NULL;
		s->first = a->hs;
	}
	s->doubted = false;
	if (!list_has(&s->left, a->hs->scheme))
		return finish(r);
	remember(s, a->hs->scheme);
	list_remove(&s->left, a->hs->scheme);
	return s->left.n ? put(r) : finish(r);
}

/* Not granted: is that what the server says to what is left, whenever it is asked? */
static enum next judge(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	enum decision d = verdict_feed(r, &s->verdict, a);

	s->judging = d == DECISION_WAIT;
	if (s->judging)
		return NEXT_WAIT;
	if (d == DECISION_PICKED && !s->doubted) {
		s->doubted = true; /* it was not meant so: once more */
		return put(r);
	}
	if (d != DECISION_REFUSED)
		r->trouble = d == DECISION_PICKED ? REASON_UNSTABLE : s->verdict.reason;
	return finish(r);
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a) {
		struct codes all = offer_schemes(r->arena, VER_TLS13);

		for (size_t i = 0; i < all.n; i++)
			if (may_sign(scheme_find((uint16_t)all.v[i])))
				list_add(r->arena, &s->left, all.v[i]);
		return put(r);
	}
	if (s->resuming) {
		resume_note(r, s->session, a);
		return finish(r);
	}
	if (s->judging)
		return judge(r, a);
	/* The CertificateVerify was right; a Finished or a client certificate that fails behind it changes nothing. */
	if (a->hs && a->hs->signature_checked && a->hs->signature_right)
		return signed_by(r, a);
	if (!picked(a))
		return judge(r, a);
	r->trouble = a->hs && a->hs->reason ? a->hs->reason : a->reason;
	return finish(r);
}

static bool when(const struct facts *f)
{
	return facts_offers(f, VER_TLS13);
}

const struct probe probe_handshake_tls13 = {
	.id = "handshake.tls13",
	.what = "which certificates and signature schemes TLS 1.3 uses, and what HTTP says over it (only when --probe names it)",
	.ref = "RFC 8446, RFC 6797",
	.topics = (const char *const[]){ "certificates", "schemes", "http", NULL },
	.after = (const char *const[]){ "suites.tls13", NULL },
	.on_request = true,
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
