/*
 * Cipher suites and groups of TLS 1.3, swept together: no key share is sent, so the server answers with a
 * HelloRetryRequest that names one of each (RFC 8446 section 4.1.4), and no arithmetic is needed for any group.
 */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_TLS13,
	.axes = { DIM_SUITES, DIM_GROUPS },
	.axes_n = 2,
	.ranks = true,
};

const struct probe probe_suites_tls13 = {
	.id = "suites.tls13",
	.what = "which cipher suites and groups of TLS 1.3 the server takes, in whose order",
	.ref = "RFC 8446",
	.topics = (const char *const[]){ "versions", "ciphers", "groups", NULL },
	.state_size = sizeof(struct sweep_state),
	.step = sweep_step,
	.declaration = &sweep,
};
