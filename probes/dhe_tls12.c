/*
 * Finite field groups of TLS 1.2: does the server choose among those of RFC 7919 that are offered, and what modulus does
 * it fall back to? Needed only where the suite sweep saw a named group: a modulus of its own needs no question.
 */
#include "probes/sweep.h"

static bool passes(const struct suite *s)
{
	return (s->kx == KX_DHE || s->kx == KX_DHE_PSK) && !(s->flags & SUITE_EXPORT);
}

static const struct sweep sweep = {
	.version = VER_TLS12,
	.axes = { DIM_GROUPS },
	.axes_n = 1,
	.suites = passes,
	.groups = offer_ffdhe,
};

static bool when(const struct facts *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (choice_picked(&f->choices[i], VER_TLS12) && f->choices[i].dh.group)
			return true;
	return false;
}

const struct probe probe_dhe_tls12 = {
	.id = "dhe.tls12",
	.what = "which finite field groups TLS 1.2 uses",
	.ref = "RFC 7919",
	.topics = (const char *const[]){ "groups", NULL },
	.after = (const char *const[]){ "suites.tls12", NULL },
	.state_size = sizeof(struct sweep_state),
	.when = when,
	.step = sweep_step,
	.declaration = &sweep,
};
