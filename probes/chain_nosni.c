/*
 * The certificates for a client that names no server: one question for each type of key that was seen with a name.
 * Where only TLS 1.3 is offered, which hides them, by whole handshakes: each type that came is taken off the schemes.
 */
#include "probes/shake.h"
#include "probes/verdict.h"

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
	struct list left;    /* TLS 1.3: schemes of types that did not come yet */
	enum reason refusal; /* of the hello without a name */
};

static enum next begin_clear(struct run *r, uint16_t version)
{
	struct state *s = r->state;

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

static enum next step_clear(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

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

/* ---- TLS 1.3 ------------------------------------------------------------------------------------------------------- */

enum { TAG_NAMELESS = TYPES, TAG_NAMED };

static enum next put_sealed(struct run *r, uint16_t tag)
{
	struct state *s = r->state;
	struct hello h;

	if (!shake_hello(r, VER_TLS13, &h)) {
		note(r, &(struct obs){ .key = OBS_KEY_SNI_REQUIRED, .tri = TRI_UNKNOWN, .reason = shake_why_not(r, VER_TLS13) });
		return NEXT_DONE;
	}
	h.schemes = shake_schemes(r, list_codes(&s->left));
	if (tag == TAG_NAMELESS)
		h.sni = NULL;
	ask(r, tag, &(struct ask){ .hello = &h, .until = UNTIL_HELLO, .plan = &shake_alone });
	return NEXT_WAIT;
}

static bool is_granted(const struct answer *a)
{
	return a->hs && a->hs->version >= VER_TLS13 && (a->hs->certs_count || a->hs->complete);
}

static enum next leave_open(struct run *r, enum reason why)
{
	r->trouble = why ? why : REASON_UNSTABLE;
	note(r, &(struct obs){ .key = OBS_KEY_SNI_REQUIRED, .tri = TRI_UNKNOWN, .reason = reason_name(r->trouble) });
	return NEXT_DONE;
}

/* True: some were left of this type, and are off now. */
static bool take_off(struct state *s, enum cert_key key)
{
	size_t before = s->left.n, kept = 0;

	for (size_t i = 0; i < before; i++)
		if (scheme_find((uint16_t)s->left.v[i])->key != key)
			s->left.v[kept++] = s->left.v[i];
	s->left.n = kept;
	return kept < before;
}

/* The next type of certificate, until the rest is refused. */
static enum next granted_sealed(struct run *r, const struct answer *a)
{
	struct state *s = r->state;
	const struct scheme *scheme = a->hs->signature_checked ? scheme_find(a->hs->scheme) : NULL;

	if (!s->granted++)
		note(r, &(struct obs){ .key = OBS_KEY_SNI_REQUIRED, .tri = TRI_NO });
	return scheme && take_off(s, scheme->key) && s->left.n ? put_sealed(r, TAG_NAMELESS) : NEXT_DONE;
}

static enum reason reason_of(const struct answer *a)
{
	return a->hs && a->hs->reason ? a->hs->reason : a->reason;
}

/* It was for the name only if the same hello with one is granted. */
static enum next named(struct run *r, const struct answer *a)
{
	const struct state *s = r->state;

	if (!is_granted(a))
		return leave_open(r, s->refusal);
	note(r, &(struct obs){ .key = OBS_KEY_SNI_REQUIRED, .tri = TRI_YES });
	return NEXT_DONE;
}

static enum next step_sealed(struct run *r, const struct answer *a)
{
	struct state *s = r->state;

	if (a->tag == TAG_NAMED)
		return named(r, a);
	if (is_granted(a))
		return granted_sealed(r, a);
	if (s->granted)
		return NEXT_DONE;
	s->refusal = reason_of(a);
	if (answer_refused(a) || answer_refused_later(a))
		return put_sealed(r, TAG_NAMED);
	return leave_open(r, s->refusal);
}

/* ---- both ------------------------------------------------------------------------------------------------------------ */

static enum next begin(struct run *r)
{
	struct state *s = r->state;
	uint16_t version = offer_version_with_extensions(r->facts);

	if (version < VER_TLS13)
		return begin_clear(r, version);
	s->left = shake_signing(r);
	return put_sealed(r, TAG_NAMELESS);
}

static enum next step(struct run *r, const struct answer *a)
{
	if (!a)
		return begin(r);
	return a->tag >= TAG_NAMELESS ? step_sealed(r, a) : step_clear(r, a);
}

static bool when(const struct facts *f)
{
	return f->sni && offer_version_with_extensions(f) != 0;
}

const struct probe probe_chain_nosni = {
	.id = "chain.nosni",
	.what = "which certificates a client gets that names no server",
	.ref = "RFC 6066 section 3",
	.topics = (const char *const[]){ "certificates", NULL },
	.after = (const char *const[]){ "suites.tls13", "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct state),
	.when = when,
	.step = step,
};
