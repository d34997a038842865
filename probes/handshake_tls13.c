/*
 * TLS 1.3 under its keys: the certificates, the signature schemes of the CertificateVerify, and what the first request
 * brings back. The schemes are peeled like any list, a whole handshake for each, so every type of certificate shows.
 */
#include "probes/client_cert.h"
#include "probes/shake.h"
#include "probes/verdict.h"

struct state {
	struct list left;
	enum cert_key seen[8];
	unsigned seen_n;
	struct verdict verdict; /* on the hello that was not granted */
	bool judging, doubted;
	const struct hs_result *first; /* the request went over it; NULL: not yet */
	struct hello first_hello;
	struct client_cert client;
	uint32_t expected;             /* by the client's order */
	unsigned settled;              /* of `seen`: whose order among schemes needs no more questions */
};

enum { TAG_SETTLE = 1, TAG_NAMELESS = 2 };

/* The CertificateVerify was right; a Finished or a client certificate that fails behind it changes nothing. */
static bool is_signed(const struct answer *a)
{
	return a->hs && a->hs->signature_checked && a->hs->signature_right;
}

static bool is_open_order(const struct run *r, enum cert_key key)
{
	struct ranking k = facts_rank(r->facts, DIM_SCHEMES, VER_TLS13, key);

	return ranking_is_open(&k);
}

static bool any_order_open(const struct run *r)
{
	const struct state *s = r->state;

	for (unsigned i = s->settled; i < s->seen_n; i++)
		if (is_open_order(r, s->seen[i]))
			return true;
	return false;
}

/* What this program cannot carry through is no trouble of the server's: it is told, and the probe is done. */
static enum next put(struct run *r)
{
	struct state *s = r->state;
	struct opening o;

	if (!shake_opening(r, VER_TLS13, &o)) {
		note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = VER_TLS13, .tri = TRI_UNKNOWN,
				  .reason = shake_why_not(r, VER_TLS13) });
		return NEXT_DONE;
	}
	o.hello.schemes = shake_schemes(r, list_codes(&s->left));
	if (s->first)
		shake_plainly(&o);
	else
		s->first_hello = o.hello;
	s->verdict = (struct verdict){ .hello = o.hello, .second = o.hello, .until = o.until, .plan = &shake_alone,
		.picks = is_signed, .once = any_order_open(r) };
	ask(r, 0, &(struct ask){ .hello = &o.hello, .until = o.until, .plan = &o.plan, .sample = s->doubted });
	return NEXT_WAIT;
}

/*
 * What was left goes to the front, what a type of certificate was found to sign with follows in reverse: by the client's
 * order the last one found comes now, and so what is left is passed over a second time.
 */
static bool settle(struct run *r)
{
	struct state *s = r->state;
	struct list l = list_copy(r->arena, list_codes(&s->left));
	struct codes found;
	struct hello h;

	while (s->settled < s->seen_n && !is_open_order(r, s->seen[s->settled]))
		s->settled++;
	if (s->settled == s->seen_n || !shake_hello(r, VER_TLS13, &h))
		return false;
	found = facts_rank(r->facts, DIM_SCHEMES, VER_TLS13, s->seen[s->settled++]).list;
	for (size_t i = found.n; i-- > 0;)
		list_add(r->arena, &l, found.v[i]);
	s->expected = found.v[found.n - 1];
	h.schemes = shake_schemes(r, list_codes(&l));
	ask(r, TAG_SETTLE, &(struct ask){ .hello = &h, .until = UNTIL_HELLO, .plan = &shake_alone });
	return true;
}

/* The server has an order of its own: the one refusal of what is left still lacks the second. */
static bool doubt(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!s->verdict.once || (is_signed(a) && a->hs->scheme == s->expected))
		return false;
	s->judging = true;
	verdict_doubt(r, &s->verdict);
	return true;
}

static enum next finish(struct run *r)
{
	struct state *s = r->state;
	enum tri through = s->first ? shake_went_through(s->first) : r->trouble ? TRI_UNKNOWN : TRI_NO;
	enum reason why = s->first ? client_cert_aside(s->first) : r->trouble;

	if (!r->trouble && (client_cert_ask(r, &s->client, TAG_NAMELESS, &s->first_hello, UNTIL_HELLO) || settle(r)))
		return NEXT_WAIT;
	note(r, &(struct obs){ .key = OBS_KEY_HANDSHAKE, .protocol = VER_TLS13,
			  .tri = through,
			  .reason = why ? reason_name(why) : NULL });
	for (unsigned i = 0; i < s->seen_n; i++)
		note(r, &(struct obs){ .key = OBS_KEY_SCHEMES_LIST, .protocol = VER_TLS13, .cert = s->seen[i],
				  .reason = r->trouble ? reason_name(r->trouble) : NULL });
	return NEXT_DONE;
}

/* What the server says to nobody, where --cert made us somebody. */
static enum next nameless(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	client_cert_note_without(r, &s->client, VER_TLS13, a);
	if (!client_cert_is_last(&s->client))
		http_note(r, a);
	if (!a->hs || shake_went_through(s->first) == TRI_YES || shake_went_through(a->hs) != TRI_YES)
		return finish(r);
	s->first = a->hs;
	return finish(r);
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
		client_cert_note(r, &s->client, VER_TLS13, a);
		if (client_cert_is_last(&s->client))
			http_note(r, a);
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
		s->left = shake_signing(r);
		return put(r);
	}
	if (a->tag == TAG_SETTLE)
		return doubt(r, a) ? NEXT_WAIT : finish(r);
	if (a->tag == TAG_NAMELESS)
		return nameless(r, a);
	if (s->judging)
		return judge(r, a);
	if (is_signed(a))
		return signed_by(r, a);
	if (!answer_picked(a, VER_TLS13) || answer_refused_later(a))
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
	.what = "which certificates and signature schemes TLS 1.3 uses, and what HTTP says over it",
	.ref = "RFC 8446, RFC 6797",
	.topics = (const char *const[]){ "certificates", "schemes", "http", NULL },
	.after = (const char *const[]){ "suites.tls13", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
