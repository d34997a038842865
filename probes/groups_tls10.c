/* Curves of TLS 1.0, over all its ECDHE suites, whatever certificate signs. */
#include "probes/sweep.h"

static const struct sweep sweep = {
	.version = VER_TLS10,
	.axes = { DIM_GROUPS },
	.axes_n = 1,
	.suites = suite_is_ecdhe,
	.reversed = true,
};

static bool when(const struct facts *f)
{
	return facts_takes(f, VER_TLS10, suite_is_ecdhe);
}

const struct probe probe_groups_tls10 = {
	.id = "groups.tls10",
	.what = "which curves TLS 1.0 uses",
	.ref = "RFC 8422",
	.topics = (const char *const[]){ "groups", NULL },
	.after = (const char *const[]){ "suites.tls10", NULL },
	.state_size = sizeof(struct sweep_state),
	.when = when,
	.step = sweep_step,
	.declaration = &sweep,
};
