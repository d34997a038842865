/* Every extension of TLS 1.3, in one whole handshake: most answers come under its keys. */
#include "probes/extend.h"

static const struct extend declaration = { { VER_TLS13 } };

static bool when(const struct facts *f)
{
	return facts_offers(f, VER_TLS13);
}

const struct probe probe_extensions_tls13 = {
	.id = "extensions.tls13",
	.what = "which extensions TLS 1.3 answers, in which message, and what they hold",
	.ref = "RFC 8446 section 4.2",
	.after = (const char *const[]){ "suites.tls13", NULL },
	.state_size = sizeof(struct extend_state),
	.when = when,
	.step = extend_step,
	.declaration = &declaration,
};
