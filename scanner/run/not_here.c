#include "scanner/run/not_here.h"

#include "scanner/tls/crypt.h"

static const char *suite_not_here(uint16_t code)
{
	const struct suite *s = suite_find(code);
	const struct cipher_kind *kind = s ? cipher_kind_of(s) : NULL;

	return kind && !crypt_has_cipher(kind) ? s->name : NULL;
}

static const char *group_not_here(uint16_t code)
{
	const struct group *g = group_find(code);

	return g && !crypt_has_group(code) ? g->name : NULL;
}

struct names {
	const char **v;
	size_t n;
};

static void add_not_here(struct record *r, struct names *to, struct codes list, const char *(*not_here)(uint16_t))
{
	for (size_t i = 0; i < list.n; i++) {
		const char *name = list.v[i] <= UINT16_MAX ? not_here((uint16_t)list.v[i]) : NULL;

		if (!name)
			continue;
		to->v = arena_push(&r->arena, to->v, to->n, sizeof *to->v);
		to->v[to->n++] = name;
	}
}

void not_here_conclude(struct record *r, const struct facts *f)
{
	for (uint16_t v = VER_TLS13; v >= VER_SSL3; v--) {
		struct names names = { 0 };

		if (!facts_offers(f, v))
			continue;
		add_not_here(r, &names, facts_rank(f, DIM_SUITES, v, KEY_NONE).list, suite_not_here);
		add_not_here(r, &names, facts_rank(f, DIM_GROUPS, v, KEY_NONE).list, group_not_here);
		if (names.n)
			record_add(r, &(struct obs){ .key = OBS_KEY_NOT_COMPLETED, .protocol = v, .names = names.v,
					      .count = names.n, .name = reason_name(REASON_NOT_IN_LIBCRYPTO),
					      .probe = "conclude" });
	}
}
