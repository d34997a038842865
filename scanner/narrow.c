#include "scanner/narrow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probes/shake.h"
#include "scanner/tls/keys.h"

static bool complain(const char *about, const char *what)
{
	fprintf(stderr, "tlsassay: %s: %s\n", about, what);
	return false;
}

/* ---- lists ---------------------------------------------------------------------------------------------------------- */

/* As a good client would order them: forward secret and sealed at once first. A server may heed it. */
static struct codes carried(struct arena *a, struct codes all)
{
	enum { BEST = SUITE_FS | SUITE_AEAD };
	struct list l = { 0 };

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.n; i++) {
			const struct suite *s = suite_find((uint16_t)all.v[i]);
			bool best = s->kx == KX_ECDHE && (s->flags & BEST) == BEST;

			if (best == (pass == 0) && shake_can_carry(s))
				list_add(a, &l, s->code);
		}
	return list_codes(&l);
}

static struct codes carried_by_psk(struct arena *a)
{
	struct codes all = offer_suites(a, VER_TLS12);
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (shake_can_carry_psk(suite_find((uint16_t)all.v[i])))
			list_add(a, &l, all.v[i]);
	return list_codes(&l);
}

static struct codes joined(struct arena *a, struct codes x, struct codes y)
{
	struct list l = list_copy(a, x);

	for (size_t i = 0; i < y.n; i++)
		if (!list_has(&l, y.v[i]))
			list_add(a, &l, y.v[i]);
	return list_codes(&l);
}

/* Those of `liked` first, in its order; the others as they were. */
static struct codes liked_first(struct arena *a, struct codes liked, struct codes all)
{
	struct list l = { 0 };

	for (size_t i = 0; i < liked.n; i++)
		if (codes_has(all, liked.v[i]))
			list_add(a, &l, liked.v[i]);
	return joined(a, list_codes(&l), all);
}

static struct codes groups_here(struct arena *a, struct codes all)
{
	const struct codes liked = CODES(0x11EC, 0x001D, 0x0017, 0x0018);
	struct list l = { 0 };

	for (size_t i = 0; i < all.n; i++)
		if (crypt_has_group((uint16_t)all.v[i]))
			list_add(a, &l, all.v[i]);
	return liked_first(a, liked, list_codes(&l));
}

/* A server that heeds the client's order would else sign with SHA-1. */
static struct codes schemes_in_order(struct arena *a, struct codes all)
{
	const struct codes liked = CODES(0x0403, 0x0807, 0x0804, 0x0503, 0x0805, 0x0603, 0x0806, 0x0808, 0x0809, 0x080A,
		0x080B, 0x0401, 0x0501, 0x0601);

	return liked_first(a, liked, all);
}

static struct codes one(struct arena *a, uint32_t code)
{
	return (struct codes){ arena_copy(a, &code, sizeof code), 1 };
}

/* ---- what was asked for ------------------------------------------------------------------------------------------------ */

struct wish {
	uint16_t version; /* 0: any */
	bool before_13;   /* only these, any of them */
	const struct suite *suite;
	const struct group *group;
};

static uint16_t version_asked(const char *text)
{
	static const char *const shapes[] = { "%.20s", "TLSv%.20s", "TLSv%.20s.0" };
	static const char *const heads[] = { "TLSv", "TLS", "v" };
	const struct version *v = version_by_name(strcasecmp(text, "SSL3") ? text : "SSLv3");

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (!strncasecmp(text, heads[i], strlen(heads[i]))) {
			text += strlen(heads[i]);
			break;
		}
	for (size_t i = 0; !v && i < sizeof shapes / sizeof *shapes; i++) { /* "1.2" will do, and "tls1" */
		char name[32];

		snprintf(name, sizeof name, shapes[i], text);
		v = version_by_name(name);
	}
	return v && v->code >= VER_SSL3 && v->code <= VER_TLS13 ? v->code : 0;
}

/* "0xC02F" */
static bool read_code(const char *text, uint16_t *code)
{
	char *end;
	unsigned long n = strtoul(text, &end, 16);

	*code = (uint16_t)n;
	return !strncasecmp(text, "0x", 2) && end > text + 2 && !*end && n <= UINT16_MAX;
}

static const struct suite *suite_asked(const char *text)
{
	uint16_t code;

	return read_code(text, &code) ? suite_find(code) : suite_by_name(text);
}

/* The curves' names at NIST (FIPS 186) beside those of the registry. */
static const struct group *group_asked(const char *text)
{
	static const struct { const char *nist, *name; } curves[] = {
		{ "P-192", "secp192r1" }, { "P-224", "secp224r1" }, { "P-256", "secp256r1" }, { "P-384", "secp384r1" },
		{ "P-521", "secp521r1" },
	};
	uint16_t code;

	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (!strcasecmp(text, curves[i].nist))
			return group_by_name(curves[i].name);
	return read_code(text, &code) ? group_find(code) : group_by_name(text);
}

static bool read_names(const struct cli *c, struct wish *w)
{
	*w = (struct wish){
		.version = c->tls_version ? version_asked(c->tls_version) : 0,
		.suite = c->suite ? suite_asked(c->suite) : NULL,
		.group = c->group ? group_asked(c->group) : NULL,
	};
	if (c->tls_version && !w->version)
		return complain(c->tls_version, "no version from SSLv3 to TLSv1.3");
	if (c->suite && !w->suite)
		return complain(c->suite, "no cipher suite has this name");
	if (c->group && !w->group)
		return complain(c->group, "no group has this name");
	return true;
}

/* A suite and a group tell of versions too; what contradicts is said before anything is sent. */
static bool settle_version(const struct cli *c, bool psk, struct wish *w)
{
	bool only_13 = w->suite && suite_is_tls13(w->suite);
	bool never_13 = (w->suite && !only_13) || (w->group && !(w->group->use & GROUP_TLS13));

	if (w->suite && !psk && shake_can_carry_psk(w->suite))
		return complain(c->suite, "this suite wants a pre-shared key: give --psk");
	if (w->suite && !shake_can_carry(w->suite) && !(psk && shake_can_carry_psk(w->suite)))
		return complain(c->suite, "a handshake with this suite cannot be carried through here");
	if (w->suite && w->version && (w->version >= VER_TLS13) != only_13)
		return complain(c->suite, "not a cipher suite of this version");
	if (w->suite && w->version && !only_13 && w->suite->min_version > w->version)
		return complain(c->suite, "not a cipher suite of this version");
	if (w->group && ((w->version >= VER_TLS13 && never_13) || w->version == VER_SSL3))
		return complain(c->group, "not a group of this version");
	if (only_13 && never_13)
		return complain(c->group, "not a group of this suite's version");
	if (only_13)
		w->version = VER_TLS13;
	if (w->group && !crypt_has_group(w->group->code))
		return complain(c->group, "this libcrypto has no such group");
	w->before_13 = never_13 && !w->version;
	return true;
}

/* ---- the hello ----------------------------------------------------------------------------------------------------------- */

static void everything(struct arena *a, const struct identity *id, const char *sni, const struct wish *w, struct hello *h)
{
	static const uint32_t all[] = { VER_TLS13, VER_TLS12, VER_TLS11, VER_TLS10 };
	struct facts f = { .arena = a, .sni = sni };
	uint16_t top = w->version ? w->version : w->before_13 ? VER_TLS12 : VER_TLS13;

	*h = offer_everything(a, &f, top);
	h->suites = carried(a, h->suites);
	h->groups = h->groups.n ? groups_here(a, h->groups) : h->groups;
	h->schemes = schemes_in_order(a, h->schemes);
	h->alpn = id->alpn;
	if (id->psk.n && w->version < VER_TLS13)
		h->suites = joined(a, h->suites, carried_by_psk(a));
	if (!w->version && !w->before_13) {
		h->versions = (struct codes){ all, sizeof all / sizeof *all };
		h->suites = joined(a, h->suites, carried(a, offer_suites(a, VER_TLS12)));
	}
	if (top >= VER_TLS13)
		h->shares = (struct codes){ h->groups.v, 1 };
}

static bool uses(const struct suite *s, const struct group *g)
{
	bool finite = g->kind == GROUP_FFDHE;

	if (suite_is_tls13(s))
		return g->use & GROUP_TLS13;
	if (!(g->use & GROUP_TLS12))
		return false;
	return finite ? s->kx == KX_DHE || s->kx == KX_DHE_PSK : s->kx == KX_ECDHE || s->kx == KX_ECDHE_PSK;
}

/* Only what uses this group: else the server may do without it, and nobody would see. */
static bool narrow_group(struct arena *a, const struct cli *c, const struct wish *w, struct hello *h)
{
	struct list l = { 0 };

	for (size_t i = 0; i < h->suites.n; i++)
		if (uses(suite_find((uint16_t)h->suites.v[i]), w->group))
			list_add(a, &l, h->suites.v[i]);
	if (!l.n || !h->groups.n)
		return complain(c->group, w->suite ? "this cipher suite does not use that group" :
			"no cipher suite of this version uses that group");
	h->suites = list_codes(&l);
	h->groups = one(a, w->group->code);
	h->shares = h->shares.n ? h->groups : h->shares;
	return true;
}

bool narrow_hello(struct arena *a, const struct cli *c, const struct identity *id, const char *sni, struct hello *h)
{
	struct wish w;

	if (!read_names(c, &w) || !settle_version(c, id->psk.n > 0, &w))
		return false;
	everything(a, id, sni, &w, h);
	if (w.suite)
		h->suites = one(a, w.suite->code);
	return !w.group || narrow_group(a, c, &w, h);
}
