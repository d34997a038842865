/* Cipher suites of TLS 1.1. */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_TLS11,
	.axes = { DIM_SUITES },
	.axes_n = 1,
	.ranks = true,
};

const struct probe probe_suites_tls11 = {
	.id = "suites.tls11",
	.what = "which cipher suites of TLS 1.1 the server takes, in whose order",
	.ref = "RFC 4346",
	.topics = (const char *const[]){ "versions", "ciphers", NULL },
	.state_size = sizeof(struct sweep_state),
	.step = sweep_step,
	.declaration = &sweep,
};
