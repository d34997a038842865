/*
 * Curves of TLS 1.2 that only anonymous or PSK suites can show: where no certificate signs an ECDHE exchange, or only an ECDSA
 * one, behind whose own curve a server with an order may have others.
 */
#include "probes/sweep.h"

static bool is_rsa(const struct suite *s)
{
	return s->kx == KX_ECDHE && s->auth == AUTH_RSA;
}

static bool passes(const struct suite *s)
{
	return suite_is_ecdhe(s) && s->auth != AUTH_RSA && s->auth != AUTH_ECDSA;
}

static const struct sweep sweep = {
	.version = VER_TLS12,
	.axes = { DIM_GROUPS },
	.axes_n = 1,
	.suites = passes,
	.reversed = true,
};

static bool when(const struct facts *f)
{
	return facts_takes(f, VER_TLS12, passes) && !facts_takes(f, VER_TLS12, is_rsa);
}

const struct probe probe_groups_tls12 = {
	.id = "groups.tls12",
	.what = "which curves TLS 1.2 uses where only anonymous or PSK suites show them",
	.ref = "RFC 8422",
	.topics = (const char *const[]){ "groups", NULL },
	.after = (const char *const[]){ "suites.tls12", NULL },
	.state_size = sizeof(struct sweep_state),
	.when = when,
	.step = sweep_step,
	.declaration = &sweep,
};
