/* Cipher suites of SSL 3.0, asked without extensions, which it does not know. */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_SSL3,
	.axes = { DIM_SUITES },
	.axes_n = 1,
	.ranks = true,
	.covered_by = VER_TLS10,
};

const struct probe probe_suites_ssl3 = {
	.id = "suites.ssl3",
	.what = "which cipher suites of SSL 3.0 the server takes, in whose order",
	.ref = "RFC 6101",
	.topics = (const char *const[]){ "versions", "ciphers", NULL },
	.after = (const char *const[]){ "suites.tls10", NULL },
	.state_size = sizeof(struct sweep_state),
	.step = sweep_step,
	.declaration = &sweep,
};
