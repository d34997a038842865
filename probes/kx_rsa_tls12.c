/*
 * Groups and signature schemes of TLS 1.2 with RSA certificates, swept together from the ServerKeyExchange
 * (RFC 8422 section 5.4). The lists are offered in reverse of what the suite sweep offers: whose order decides shows.
 */
#include "probes/sweep.h"

static bool passes(const struct suite *s)
{
	return s->kx == KX_ECDHE && s->auth == AUTH_RSA;
}

static const struct sweep sweep = {
	.version = VER_TLS12,
	.axes = { DIM_GROUPS, DIM_SCHEMES },
	.axes_n = 2,
	.cert = KEY_RSA,
	.suites = passes,
	.reversed = true,
};

static bool when(const struct facts *f)
{
	return facts_takes(f, VER_TLS12, passes);
}

const struct probe probe_kx_rsa_tls12 = {
	.id = "kx.rsa.tls12",
	.what = "which groups and signature schemes TLS 1.2 uses with RSA certificates",
	.ref = "RFC 8422, RFC 5246",
	.topics = (const char *const[]){ "groups", "schemes", NULL },
	.after = (const char *const[]){ "suites.tls12", NULL },
	.state_size = sizeof(struct sweep_state),
	.when = when,
	.step = sweep_step,
	.declaration = &sweep,
};
