/*
 * The certificates for a client that names no server: one question for each type of key that was seen with a name.
 */
#include "probes/offer.h"

static bool is_rsa(const struct suite *s)
{
	return s->auth == AUTH_RSA;
}

static bool is_ecdsa(const struct suite *s)
{
	return s->auth == AUTH_ECDSA;
}

static bool is_dss(const struct suite *s)
{
	return s->auth == AUTH_DSS;
}

static bool (*const types[])(const struct suite *) = { is_rsa, is_ecdsa, is_dss };

enum { TYPES = sizeof types / sizeof *types };

struct state {
	unsigned open, granted, refused;
};

static enum next begin(struct run *r)
{
	struct state *s = r->state;
	uint16_t version = facts_newest_clear(r->facts);

	for (uint16_t i = 0; i < TYPES; i++) {
		struct hello h = offer_everything(r->arena, r->facts, version);

		h.suites = offer_taken(r->arena, r->facts, version, types[i]);
		h.sni = NULL;
		if (!h.suites.n)
			continue;
		ask(r, i, &(struct ask){ .hello = &h, .until = UNTIL_FLIGHT });
		s->open++;
	}
	return s->open ? NEXT_WAIT : NEXT_DONE;
}

static enum next step(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (!a)
		return begin(r);
	s->granted += a->kind == ANS_SERVER_HELLO;
	s->refused += answer_refused(a) && a->kind != ANS_SERVER_HELLO;
	if (--s->open)
		return NEXT_WAIT;
	if (s->granted || s->refused)
		note(r, &(struct obs){ .key = OBS_KEY_SNI_REQUIRED, .tri = s->granted ? TRI_NO : TRI_YES });
	else
		r->trouble = a->reason;
	return NEXT_DONE;
}

static bool when(const struct facts *f)
{
	return f->sni && facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_chain_nosni = {
	.id = "chain.nosni",
	.what = "which certificates a client gets that names no server",
	.ref = "RFC 6066 section 3",
	.topics = (const char *const[]){ "certificates", NULL },
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
