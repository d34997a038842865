/* Every extension up to TLS 1.2, in one hello for each version: the answers stand in the ServerHello. */
#include "probes/extend.h"

static const struct extend declaration = { { VER_TLS12, VER_TLS11, VER_TLS10 } };

static bool when(const struct facts *f)
{
	return facts_newest_clear(f) > VER_SSL3;
}

const struct probe probe_extensions_clear = {
	.id = "extensions.clear",
	.what = "which extensions TLS 1.2 and before answer, and what they hold",
	.ref = "RFC 6066",
	.after = (const char *const[]){ "suites.tls12", "suites.tls11", "suites.tls10", "suites.ssl3", NULL },
	.state_size = sizeof(struct extend_state),
	.when = when,
	.step = extend_step,
	.declaration = &declaration,
};
