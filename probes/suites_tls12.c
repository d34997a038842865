/* Cipher suites of TLS 1.2, each with the group, the signature scheme and the certificate that came with it. */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_TLS12,
	.axes = { DIM_SUITES },
	.axes_n = 1,
	.ranks = true,
};

const struct probe probe_suites_tls12 = {
	.id = "suites.tls12",
	.what = "which cipher suites of TLS 1.2 the server takes, in whose order",
	.ref = "RFC 5246",
	.topics = (const char *const[]){ "versions", "ciphers", NULL },
	.state_size = sizeof(struct sweep_state),
	.step = sweep_step,
	.declaration = &sweep,
};
