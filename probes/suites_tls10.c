/* Cipher suites of TLS 1.0. */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_TLS10,
	.axes = { DIM_SUITES },
	.axes_n = 1,
	.ranks = true,
};

const struct probe probe_suites_tls10 = {
	.id = "suites.tls10",
	.what = "which cipher suites of TLS 1.0 the server takes, in whose order",
	.ref = "RFC 2246",
	.topics = (const char *const[]){ "versions", "ciphers", NULL },
	.state_size = sizeof(struct sweep_state),
	.step = sweep_step,
	.declaration = &sweep,
};
