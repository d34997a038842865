#include "scanner/run/digest.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/run/fresh.h"
#include "scanner/run/tickets.h"
#include "scanner/tls/hs.h"
#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"

struct served {
	struct span certs[ANSWER_CHAIN_MAX];
	size_t n;
	bool cut;
};

static bool same_bytes(struct span a, struct span b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static bool same_chain(const struct chain *c, const struct served *a)
{
	if (c->n != a->n)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!same_bytes(a->certs[i], c->certs[i]))
			return false;
	return true;
}

static void look_at_leaf(struct facts *f, struct chain *c)
{
	struct cert *leaf = cert_parse(c->certs[0].p, c->certs[0].n);
	struct cert_info info = { 0 };
	const struct group *g;

	cert_info_fill(f->arena, leaf, &info);
	cert_free(leaf);
	c->key = info.malformed ? KEY_OTHER : info.key;
	g = info.curve ? group_by_name(info.curve) : NULL;
	c->curve = g ? g->code : 0;
}

static struct chain *chain_of(struct facts *f, struct chains *all, const struct served *a)
{
	struct chain *c;

	for (size_t i = 0; i < all->n; i++)
		if (same_chain(&all->v[i], a))
			return &all->v[i];
	all->v = arena_push(f->arena, all->v, all->n, sizeof *all->v);
	c = &all->v[all->n++];
	*c = (struct chain){ .n = a->n, .cut = a->cut };
	c->certs = arena_new(f->arena, c->n, sizeof *c->certs);
	for (size_t i = 0; i < c->n; i++)
		c->certs[i] = arena_span(f->arena, a->certs[i]);
	look_at_leaf(f, c);
	return c;
}

/* The chain as served: in clear, or under the keys of a whole handshake. */
static struct served served_chain(const struct answer *a)
{
	struct served s = { .cut = a->reason == REASON_LIMIT_CHAIN };

	if (a->hs && a->hs->version >= VER_TLS13) {
		s.n = a->hs->certs_count;
		s.cut = a->hs->chain_cut;
		memcpy(s.certs, a->hs->certs, s.n * sizeof *s.certs);
		return s;
	}
	for (; s.n < a->certs_count; s.n++)
		s.certs[s.n] = answer_bytes(a, a->certs[s.n]);
	return s;
}

static void digest_chain(struct facts *f, struct chains *all, const struct answer *a, struct choice *c)
{
	struct served served = served_chain(a);
	const struct chain *chain;

	if (!served.n)
		return;
	chain = chain_of(f, all, &served);
	c->chain = chain->certs;
	c->chain_n = chain->n;
	c->chain_cut = chain->cut;
	c->cert = chain->key;
	c->cert_curve = chain->key == KEY_ECDSA ? chain->curve : 0;
}

static unsigned bit_length(struct span s)
{
	unsigned top = 0;

	while (s.n && !*s.p)
		s = (struct span){ s.p + 1, s.n - 1 };
	for (unsigned b = s.n ? *s.p : 0; b; b >>= 1)
		top++;
	return s.n ? (unsigned)(s.n - 1) * 8 + top : 0;
}

static struct modulus modulus(struct facts *f, struct span s)
{
	struct modulus m = { .bits = bit_length(s) };
	const struct dh_prime *known;
	uint8_t hash[KEYS_SHA256];

	if (!s.n)
		return m;
	while (s.n > 1 && !*s.p)
		s = (struct span){ s.p + 1, s.n - 1 };
	keys_sha256(s.p, s.n, hash);
	m.sha256 = text_hex(f->arena, hash, sizeof hash);
	known = dh_prime_find(hash);
	if (known) {
		m.group = known->group;
		m.name = known->name;
	}
	return m;
}

static enum sentinel sentinel_of(const struct answer *a)
{
	static const uint8_t mark[] = { 0x44, 0x4F, 0x57, 0x4E, 0x47, 0x52, 0x44 };
	const uint8_t *tail = a->random + sizeof a->random - 8;

	if (a->version >= VER_TLS13 || memcmp(tail, mark, sizeof mark) || tail[7] > 1)
		return SENTINEL_NONE;
	return tail[7] ? SENTINEL_KNOWS_TLS13 : SENTINEL_KNOWS_TLS12;
}

static const uint8_t *same_message(struct facts *f, uint8_t in, size_t n)
{
	uint8_t *v = arena_new(f->arena, n ? n : 1, 1);

	memset(v, in, n);
	return v;
}

/* Protocol names, each behind its length. */
static void digest_npn(struct facts *f, struct span list, struct choice *c)
{
	struct rd r = rd_span(list);
	const char **names = NULL;

	while (rd_left(&r)) {
		struct rd name = rd_vec(&r, 1);
		struct span s = rd_rest(&name);

		names = arena_push(f->arena, names, c->npn_n, sizeof *names);
		names[c->npn_n++] = text_clean(f->arena, s.p, s.n, 255);
	}
	c->npn = names;
}

static void digest_extensions(struct facts *f, const struct answer *a, struct choice *c)
{
	c->exts = arena_copy(f->arena, a->exts, a->exts_count * sizeof *a->exts);
	c->exts_in = same_message(f, a->kind == ANS_RETRY ? IN_HRR : IN_SH, a->exts_count);
	c->exts_count = a->exts_count;
	c->exts_whole = a->version < VER_TLS13 && a->kind == ANS_SERVER_HELLO;
	c->granted = a->granted;
	digest_npn(f, answer_bytes(a, a->npn), c);
}

static bool same_request(const struct client_request *a, const struct client_request *b)
{
	return same_bytes(a->types, b->types) && same_bytes(a->schemes, b->schemes) &&
	       same_bytes(a->cert_schemes, b->cert_schemes) && same_bytes(a->names, b->names);
}

/* A server asks in the same words each time: they are kept once, for all its answers. */
static const struct client_request *keep_request(struct facts *f, const struct client_request *q)
{
	const struct client_request *last = NULL;
	struct client_request *kept;

	for (size_t i = 0; i < f->count; i++) {
		const struct client_request *old = f->choices[i].request;

		if (old && old != last && same_request(old, q))
			return old;
		last = old ? old : last;
	}
	kept = arena_copy(f->arena, q, sizeof *q);
	kept->types = arena_span(f->arena, q->types);
	kept->schemes = arena_span(f->arena, q->schemes);
	kept->cert_schemes = arena_span(f->arena, q->cert_schemes);
	kept->names = arena_span(f->arena, q->names);
	return kept;
}

/* In the handshake, or behind it. */
static const struct client_request *asked13(struct facts *f, const struct hs_result *hs)
{
	const struct client_request *q = hs->request.asked ? &hs->request : &hs->late;

	return q->asked ? keep_request(f, q) : NULL;
}

/* Most answers bring the same staple and timestamps: these are kept once. */
static struct span kept(struct facts *f, struct span s)
{
	for (size_t i = 0; i < f->count && s.n; i++) {
		if (same_bytes(f->choices[i].staple, s))
			return f->choices[i].staple;
		if (same_bytes(f->choices[i].scts, s))
			return f->choices[i].scts;
	}
	return arena_span(f->arena, s);
}

static void keep_above(struct facts *f, struct choice *c, size_t i, struct span s)
{
	if (s.n)
		c->staples_above[i] = arena_span(f->arena, s);
}

static void digest_hello(struct facts *f, struct chains *all, struct answer *a, struct choice *c)
{
	c->dh = modulus(f, answer_bytes(a, a->kx.dh_p));
	c->rsa = modulus(f, answer_bytes(a, a->kx.rsa_modulus));
	if (c->dh.group)
		a->group = c->dh.group;
	c->version = a->version;
	c->suite = a->suite;
	c->group = a->group;
	c->scheme = a->kx.scheme;
	c->compression = a->compression;
	digest_extensions(f, a, c);
	if (a->alpn.n) {
		struct span s = answer_bytes(a, a->alpn);
		c->alpn = a->alpn_name = text_clean(f->arena, s.p, s.n, 255);
	}
	c->staple = kept(f, answer_bytes(a, a->staple));
	c->scts = kept(f, answer_bytes(a, a->scts));
	for (size_t i = 0; i < STAPLES_ABOVE_MAX; i++)
		keep_above(f, c, i, answer_bytes(a, a->staples_above[i]));
	if (a->certificate_request)
		c->request = keep_request(f, &(struct client_request){ .asked = true,
						     .types = answer_bytes(a, a->request_types),
						     .schemes = answer_bytes(a, a->request_schemes),
						     .names = answer_bytes(a, a->request_names) });
	c->sentinel = sentinel_of(a);
	c->fresh = fresh_of(a);
	digest_chain(f, all, a, c);
}

/* A delegated credential signs with a key of its own, so its scheme is none of the certificate's. */
static void digest_sealed(const struct hs_result *hs, struct choice *c)
{
	c->scheme = hs->delegated.taken || hs->raw_key ? 0 : hs->scheme;
	c->exts = hs->exts;
	c->exts_in = hs->exts_in;
	c->exts_count = hs->exts_count;
	c->exts_whole = hs->exts_whole;
	c->granted = hs->granted;
	c->ech_configs = hs->ech_configs;
	c->raw_key = hs->raw_key;
	c->delegated = hs->delegated.taken;
	c->delegated_valid_s = hs->delegated.valid_s;
	c->delegated_scheme = hs->delegated.scheme;
	c->compressed_with = hs->compressed_with;
}

/* What a whole handshake tells beyond its clear part. A pick that did not hold its word cryptographically is no pick. */
static void digest_handshake(struct facts *f, const struct answer *a, struct choice *c)
{
	static const enum tri closings[] = {
		[CLOSING_UNSEEN] = TRI_ABSENT, [CLOSING_NOTIFIED] = TRI_YES, [CLOSING_BARE] = TRI_NO,
	};
	const struct hs_result *hs = a->hs;

	if (hs->reaction.begun) /* what follows is about our own misdeeds */
		return;
	c->complete = hs->complete;
	tickets_digest(hs, c);
	/* Who was asked to renegotiate may hang up for that, and whether our goodbye comes first is chance. */
	c->close_notify = hs->again_n ? TRI_ABSENT : closings[hs->closing];
	c->again = hs->again;
	c->again_n = hs->again_n;
	c->reason = hs->reason;
	if (reason_is_crypto(hs->reason))
		c->kind = ANS_MALFORMED;
	if (hs->version < VER_TLS13)
		return;
	digest_sealed(hs, c);
	c->staple = kept(f, hs->staple);
	c->scts = kept(f, hs->scts);
	for (size_t i = 0; i < STAPLES_ABOVE_MAX; i++)
		keep_above(f, c, i, hs->staples_above[i]);
	c->request = asked13(f, hs);
	if (hs->alpn.n)
		c->alpn = text_clean(f->arena, hs->alpn.p, hs->alpn.n, 255);
}

struct choice *digest(struct facts *f, struct chains *all, struct answer *a)
{
	struct choice *c = facts_choice(f);

	c->hello = a->hello;
	c->kind = a->kind;
	c->reason = a->reason;
	c->alert = a->alert;
	if (a->kind == ANS_SERVER_HELLO || a->kind == ANS_RETRY)
		digest_hello(f, all, a, c);
	if (a->hs)
		digest_handshake(f, a, c);
	if (a->kind == ANS_SSL2_HELLO) {
		c->version = VER_SSL2;
		c->kinds = arena_copy(f->arena, a->kinds, a->kinds_count * sizeof *a->kinds);
		c->kinds_count = a->kinds_count;
	}
	return c;
}
