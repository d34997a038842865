/* Signature schemes of TLS 1.2 where DHE is all there is to sign with: with an RSA or a DSA key, and no curves. */
#include "probes/sweep.h"

static bool is_ecdhe_rsa(const struct suite *s)
{
	return s->kx == KX_ECDHE && s->auth == AUTH_RSA;
}

static bool passes(const struct suite *s)
{
	return s->kx == KX_DHE && (s->auth == AUTH_RSA || s->auth == AUTH_DSS);
}

static const struct sweep sweep = {
	.version = VER_TLS12,
	.axes = { DIM_SCHEMES },
	.axes_n = 1,
	.cert = KEY_DSA,
	.suites = passes,
	.reversed = true,
};

static bool when(const struct facts *f)
{
	return facts_takes(f, VER_TLS12, passes) && !facts_takes(f, VER_TLS12, is_ecdhe_rsa);
}

const struct probe probe_kx_dhe_tls12 = {
	.id = "kx.dhe.tls12",
	.what = "which signature schemes TLS 1.2 uses with DHE, where no ECDHE suite shows them",
	.ref = "RFC 5246",
	.topics = (const char *const[]){ "schemes", NULL },
	.after = (const char *const[]){ "suites.tls12", NULL },
	.state_size = sizeof(struct sweep_state),
	.when = when,
	.step = sweep_step,
	.declaration = &sweep,
};
