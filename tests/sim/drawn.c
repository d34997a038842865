#include "tests/sim/drawn.h"

#include <stdlib.h>
#include <string.h>

#include "scanner/base/die.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct draw {
	uint64_t x;
};

static uint64_t drawn(struct draw *d, uint64_t below)
{
	d->x ^= d->x << 13;
	d->x ^= d->x >> 7;
	d->x ^= d->x << 17;
	return d->x % below;
}

/* A subset of `n` codes, in any order, joined by commas as a line of a config. */
static void draw_list(
        struct text *t, struct draw *d, const char *key, const uint32_t *all, size_t n, size_t want)
{
	uint32_t v[512];

	memcpy(v, all, n * sizeof(*v));
	text_fmt(t, "%s=", key);
	for (size_t i = 0; i < want && i < n; i++) {
		size_t j = i + drawn(d, n - i);
		uint32_t code = v[j];

		v[j] = v[i];
		v[i] = code;
		text_fmt(t, "%s0x%04x", i ? "," : "", (unsigned)code);
	}
	text_add(t, "\n");
}

static bool is_modelled(const struct suite *s)
{
	bool kx = s->kx == KX_RSA || s->kx == KX_DHE || s->kx == KX_ECDHE || s->kx == KX_ANY;
	bool auth =
	        s->auth == AUTH_RSA || s->auth == AUTH_ECDSA || s->auth == AUTH_NULL || s->auth == AUTH_ANY;

	return suite_pickable(s->code) && kx && auth && !(s->flags & SUITE_EXPORT) &&
	       (s->flags & SUITE_REGISTERED);
}

static size_t modelled_suites(uint32_t *v, bool tls13)
{
	size_t n = 0;

	for (size_t i = 0; i < suites_count; i++)
		if (is_modelled(&suites[i]) && suite_is_tls13(&suites[i]) == tls13)
			v[n++] = suites[i].code;
	return n;
}

static size_t modelled_groups(uint32_t *v)
{
	size_t n = 0;

	for (size_t i = 0; i < groups_count; i++)
		if (group_pickable(&groups[i]) && groups[i].kind != GROUP_FFDHE && groups[i].use)
			v[n++] = groups[i].code;
	return n;
}

static size_t modelled_schemes(uint32_t *v, enum cert_key key)
{
	size_t n = 0;

	for (size_t i = 0; i < schemes_count; i++)
		if (schemes[i].key == key && schemes[i].tls12)
			v[n++] = schemes[i].code;
	return n;
}

/* Adds `want` of the n codes to those kept, perhaps one twice; returns how many there are then. */
static size_t draw_some(struct draw *d, uint32_t *kept, size_t at, size_t want, const uint32_t *codes, size_t n)
{
	for (size_t i = 0; i < want; i++)
		kept[at++] = codes[drawn(d, n)];
	return at;
}

static const char *any_order(struct draw *d, size_t of)
{
	static const char *const names[] = { "server", "client", "server-chacha" };

	return names[drawn(d, of)];
}

static void draw_versions(struct text *t, struct draw *d)
{
	static const uint32_t all[] = { VER_SSL3, VER_TLS10, VER_TLS11, VER_TLS12, VER_TLS13 };

	draw_list(t, d, "versions", all, COUNT(all), 1 + drawn(d, COUNT(all)));
}

/* TLS 1.3 and older suites in separate draws, so that both are there; then one list. */
static void draw_suites(struct text *t, struct draw *d)
{
	uint32_t v[512], w[512];
	size_t n = modelled_suites(w, false), kept = 0;

	kept = draw_some(d, v, kept, 1 + drawn(d, 40), w, n);
	n = modelled_suites(w, true);
	kept = draw_some(d, v, kept, 1 + drawn(d, 5), w, n);
	draw_list(t, d, "suites", v, kept, kept);
}

/* secp256r1, the curve of the built-in ECDSA certificate, is always among the groups. */
static void draw_groups(struct text *t, struct draw *d)
{
	uint32_t v[512], w[512];
	size_t n = modelled_groups(w), kept = 0;

	v[kept++] = 0x0017;
	kept = draw_some(d, v, kept, drawn(d, 8), w, n);
	draw_list(t, d, "groups", v, kept, kept);
}

static void draw_schemes(struct text *t, struct draw *d)
{
	uint32_t v[512], w[512];
	size_t n = modelled_schemes(w, KEY_RSA), kept = 0;

	kept = draw_some(d, v, kept, 1 + drawn(d, 5), w, n);
	n = modelled_schemes(w, KEY_ECDSA);
	kept = draw_some(d, v, kept, 1 + drawn(d, 4), w, n);
	v[kept++] = 0x0804;
	v[kept++] = 0x0403;
	draw_list(t, d, "schemes", v, kept, kept);
}

static void draw_config(struct text *t, struct draw *d)
{
	static const char *const chains[] = { "rsa,ecdsa", "rsa", "ecdsa", "ecdsa,rsa" };
	/* By reset or silence only a server can refuse that answers the control, an ordinary hello: those are
	 * made by hand. */
	static const char *const refusals[] = { "alert", "alert", "alert", "fin" };

	draw_versions(t, d);
	draw_suites(t, d);
	draw_groups(t, d);
	draw_schemes(t, d);
	text_fmt(t, "order=%s\n", any_order(d, 3));
	text_fmt(t, "groups_order=%s\n", any_order(d, 2));
	text_fmt(t, "schemes_order=%s\n", any_order(d, 2));
	text_fmt(t, "chains=%s\n", chains[drawn(d, COUNT(chains))]);
	text_fmt(t, "refuse=%s\n", refusals[drawn(d, COUNT(refusals))]);
	text_fmt(t, "dh_prime=%s\n", drawn(d, 3) ? "modp2048" : "none");
}

/* A draw may name a code twice; servers do not. */
static void drop_repeats(struct code_list *l)
{
	uint32_t *v = (uint32_t *)(uintptr_t)l->v;
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct code_list before = { v, kept };

		if (!code_list_has(&before, l->v[i]))
			v[kept++] = l->v[i];
	}
	l->n = kept;
}

void drawn_server(struct server_config *c, uint64_t seed, struct text *lines)
{
	struct draw d = { seed * UINT64_C(0x9E3779B97F4A7C15) + 1 };
	char bad[128];

	for (int i = 0; i < 10; i++)
		drawn(&d, 2);
	draw_config(lines, &d);
	config_sound(c);
	require(config_read(c, text_str(lines), bad));
	drop_repeats(&c->suites);
	drop_repeats(&c->groups);
	drop_repeats(&c->schemes);
}
