/*
 * A name that nobody has and a protocol that nobody speaks, both in one hello: most servers grant it, and that answers
 * both questions. Where it is refused, each is asked alone, and a refusal is believed when it was given twice. A strict
 * server takes from others the means to send a browser's bytes to a service they were not meant for (ALPACA).
 * Where only TLS 1.3 is offered, by whole handshakes: some look at names and protocols behind their ServerHello.
 */
#include "probes/shake.h"
#include "probes/verdict.h"

static const char strange_name[] = "tlsassay-nobody.invalid"; /* RFC 6761 section 6.4: no such name can exist */
static const char *const strange_protocols[] = { "tlsassay-nothing", NULL };

enum stage { BOTH, NAME, PROTOCOL };

struct state {
	struct verdict verdict;
	enum stage stage;
};

static bool picks(const struct answer *a)
{
	if (a->hello->version >= VER_TLS13)
		return a->hs && a->hs->version >= VER_TLS13 && (a->hs->certs_count || a->hs->complete);
	return answer_picked(a, a->hello->version);
}

static bool hello_of(struct run *r, enum stage stage, struct hello *h)
{
	uint16_t version = offer_version_with_extensions(r->facts);

	if (version < VER_TLS13)
		*h = offer_found(r->arena, r->facts, version);
	else if (!shake_hello(r, version, h))
		return false;
	if (stage != PROTOCOL)
		h->sni = strange_name;
	if (stage != NAME)
		h->alpn = strange_protocols;
	return true;
}

static const char *name_of(enum decision d)
{
	return d == DECISION_PICKED ? "granted" : d == DECISION_REFUSED ? "refused twice" : "no answer that counts";
}

static void tell(struct run *r, enum obs_key key, enum decision d)
{
	const struct state *s = r->state;
	enum tri t = d == DECISION_PICKED ? TRI_NO : d == DECISION_REFUSED ? TRI_YES : TRI_UNKNOWN;
	struct evidence e = { key == OBS_KEY_SNI_STRICT ? strange_name : strange_protocols[0], name_of(d) };

	note(r, &(struct obs){ .key = key, .tri = t, .reason = t == TRI_UNKNOWN ? reason_name(s->verdict.reason) : NULL,
			  .evidence = arena_copy(r->arena, &e, sizeof e), .evidence_count = 1 });
}

static enum next put(struct run *r, enum stage stage)
{
	struct state *s = r->state;
	struct hello h;

	s->stage = stage;
	if (!hello_of(r, stage, &h))
		return NEXT_DONE;
	s->verdict = (struct verdict){ .hello = h, .second = h, .picks = picks, .until = UNTIL_HELLO,
		.plan = h.version >= VER_TLS13 ? &shake_alone : NULL };
	verdict_start(r, &s->verdict);
	return NEXT_WAIT;
}

static enum next granted_both(struct run *r)
{
	tell(r, OBS_KEY_SNI_STRICT, DECISION_PICKED);
	tell(r, OBS_KEY_ALPN_STRICT, DECISION_PICKED);
	return NEXT_DONE;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	enum decision d;

	if (!a)
		return put(r, BOTH);
	if (s->stage == BOTH)
		return picks(a) ? granted_both(r) : put(r, NAME);
	d = verdict_feed(r, &s->verdict, a);
	if (d == DECISION_WAIT)
		return NEXT_WAIT;
	if (d == DECISION_UNKNOWN)
		r->trouble = s->verdict.reason;
	tell(r, s->stage == NAME ? OBS_KEY_SNI_STRICT : OBS_KEY_ALPN_STRICT, d);
	return s->stage == NAME ? put(r, PROTOCOL) : NEXT_DONE;
}

static bool when(const struct facts *f)
{
	return offer_version_with_extensions(f) != 0;
}

const struct probe probe_strict = {
	.id = "strict",
	.what = "whether names that are not served and protocols that are not spoken are refused",
	.ref = "RFC 9325 section 3.7, RFC 7301 section 3.2",
	.topics = (const char *const[]){ "alpaca", "extensions", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
