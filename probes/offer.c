#include "probes/offer.h"

#include <string.h>

void list_add(struct arena *a, struct list *l, uint32_t code)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 8;
		uint32_t *v = arena_new(a, cap, sizeof *v);

		if (l->n)
			memcpy(v, l->v, l->n * sizeof *v);
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = code;
}

void list_remove(struct list *l, uint32_t code)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] != code)
			l->v[kept++] = l->v[i];
	l->n = kept;
}

struct codes list_codes(const struct list *l)
{
	return (struct codes){ l->v, l->n };
}

bool list_has(const struct list *l, uint32_t code)
{
	return codes_has(list_codes(l), code);
}

struct list list_copy(struct arena *a, struct codes c)
{
	return (struct list){ arena_copy(a, c.v, c.n * sizeof *c.v), c.n, c.n };
}

struct codes codes_reversed(struct arena *a, struct codes c)
{
	uint32_t *v = arena_new(a, c.n, sizeof *v);

	for (size_t i = 0; i < c.n; i++)
		v[i] = c.v[c.n - 1 - i];
	return (struct codes){ v, c.n };
}

static const uint32_t common_groups[] = { 0x11EC, 0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x001A, 0x001B, 0x001C, 0x0012,
	0x0013, 0x0014, 0x0015, 0x0016 };
static const uint32_t common_schemes[] = { 0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080A,
	0x080B, 0x0401, 0x0501, 0x0601, 0x0201, 0x0203 };

struct codes codes_common_first(struct arena *a, enum dimension d, struct codes all)
{
	static const struct codes common[] = {
		[DIM_SUITES] = { NULL, 0 },
		[DIM_GROUPS] = { common_groups, sizeof common_groups / sizeof *common_groups },
		[DIM_SCHEMES] = { common_schemes, sizeof common_schemes / sizeof *common_schemes },
	};
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.n; i++)
			if (codes_has(common[d], all.v[i]) == (pass == 0))
				list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

/* TLS 1.3 suites stand apart; TLCP has its own (RFC 8998, GB/T 38636); a newer suite is still offered to an older
 * version, for servers do pick them. SRP is asked in a hello of its own: a server that has it breaks off where no user is
 * named, whatever else is on offer. */
static bool suite_fits(const struct suite *s, uint16_t version)
{
	return suite_pickable(s->code) && s->kx != KX_SRP &&
	       suite_is_tls13(s) == (version >= VER_TLS13 && version != VER_TLCP);
}

struct codes offer_suites(struct arena *a, uint16_t version)
{
	struct list l = { 0 };

	for (size_t i = 0; i < suites_count; i++)
		if (suite_fits(&suites[i], version))
			list_add(a, &l, suites[i].code);
	return list_codes(&l);
}

struct codes offer_groups(struct arena *a, uint16_t version)
{
	uint8_t use = version >= VER_TLS13 ? GROUP_TLS13 : GROUP_TLS12;
	struct list l = { 0 };

	for (size_t i = 0; i < groups_count; i++)
		if (group_pickable(&groups[i]) && (groups[i].use & use))
			list_add(a, &l, groups[i].code);
	return codes_common_first(a, DIM_GROUPS, list_codes(&l));
}

struct codes offer_ffdhe(struct arena *a)
{
	struct list l = { 0 };

	for (size_t i = 0; i < groups_count; i++)
		if (groups[i].kind == GROUP_FFDHE)
			list_add(a, &l, groups[i].code);
	return list_codes(&l);
}

struct codes offer_schemes(struct arena *a, uint16_t version)
{
	struct list l = { 0 };

	for (size_t i = 0; version >= VER_TLS12 && i < schemes_count; i++)
		if (schemes[i].tls12 || (version >= VER_TLS13 && schemes[i].tls13))
			list_add(a, &l, schemes[i].code);
	return codes_common_first(a, DIM_SCHEMES, list_codes(&l));
}

/* Was this version granted, but never to a hello that asked for `offer`, and always to one that had `without`? */
static bool never_granted(const struct facts *f, uint16_t version, uint32_t offer, uint32_t without)
{
	bool any = false;

	for (size_t i = 0; i < f->count; i++) {
		const struct choice *c = &f->choices[i];

		if (!choice_picked(c, version) || c->hello->version != version)
			continue;
		if ((c->hello->offer & offer) == offer && (c->hello->offer & without) != without)
			return false;
		any = true;
	}
	return any;
}

/* What has stood in the way of a version so far is left away: extensions, or the one that asks for a staple (wolfSSL without
 * OCSP hangs up on it). */
static void as_granted(const struct facts *f, struct hello *h)
{
	if (never_granted(f, h->version, 0, OFFER_NO_EXTENSIONS)) {
		h->offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
		h->groups = h->schemes = (struct codes){ 0 };
	} else if (never_granted(f, h->version, OFFER_STATUS_REQUEST, OFFER_NO_EXTENSIONS)) {
		h->offer &= ~(uint32_t)OFFER_STATUS_REQUEST;
	}
}

struct hello offer_everything(struct arena *a, const struct facts *f, uint16_t version)
{
	struct hello h = {
		.version = version,
		.suites = offer_suites(a, version),
		.groups = offer_groups(a, version),
		.schemes = offer_schemes(a, version),
		.sni = f->sni,
		.offer = OFFER_COMMON,
	};

	/* SSL 3 knows no extensions, and some of its servers do not forgive them. */
	if (version == VER_SSL3)
		h.offer = OFFER_NO_EXTENSIONS | OFFER_RENEGOTIATION_SCSV;
	else
		as_granted(f, &h);
	return h;
}

struct codes offer_taken(struct arena *a, const struct facts *f, uint16_t version, bool (*passes)(const struct suite *))
{
	struct ranking r = facts_rank(f, DIM_SUITES, version, KEY_NONE);
	struct list l = { 0 };

	for (size_t i = 0; i < r.list.n; i++) {
		const struct suite *s = suite_find((uint16_t)r.list.v[i]);

		if (s && (!passes || passes(s)))
			list_add(a, &l, s->code);
	}
	return list_codes(&l);
}

struct hello offer_found(struct arena *a, const struct facts *f, uint16_t version)
{
	struct hello h = offer_everything(a, f, version);

	h.suites = offer_taken(a, f, version, facts_takes(f, version, suite_is_ecdhe) ? suite_is_ecdhe : NULL);
	return h;
}

/* Without acme-tls/1, which must stand alone (RFC 8737 section 3): beside others it is taken for the challenge (Caddy). */
const char *const offer_protocols[] = { "h2", "http/1.1", "http/1.0", "h3", "spdy/3.1", "dot", "imap", "pop3",
	"xmpp-client", "mqtt", "ftp", "postgresql", "stun.turn", NULL };

struct hello offer_protocols_and_deflate(struct arena *a, const struct facts *f, uint16_t version)
{
	struct hello h = offer_found(a, f, version);

	h.alpn = offer_protocols;
	h.offer |= OFFER_DEFLATE;
	return h;
}

uint16_t offer_version_with_extensions(const struct facts *f)
{
	uint16_t clear = facts_newest_clear(f);

	if (clear > VER_SSL3)
		return clear;
	return facts_offers(f, VER_TLS13) ? VER_TLS13 : 0;
}

bool suite_is_ecdhe(const struct suite *s)
{
	return s->kx == KX_ECDHE || s->kx == KX_ECDHE_PSK;
}

bool facts_takes(const struct facts *f, uint16_t version, bool (*passes)(const struct suite *))
{
	for (size_t i = 0; i < f->count; i++) {
		const struct suite *s = suite_find(f->choices[i].suite);

		if (choice_picked(&f->choices[i], version) && s && passes(s))
			return true;
	}
	return false;
}
