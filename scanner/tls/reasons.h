/* Why an answer is not what was hoped for: one row each in reasons.def. */
#ifndef TLS_REASONS_H
#define TLS_REASONS_H

#include <stdbool.h>

enum reason {
#define REASON(name, class, sentence) REASON_##name,
#include "scanner/tls/reasons.def"
#undef REASON
	REASONS
};

enum reason_class {
	CLASS_UNREACHABLE,
	CLASS_NOT_TLS,
	CLASS_DNS_ERROR,
	CLASS_BLOCKED,
	CLASS_PARTIAL,
	CLASS_SKIPPED,
	CLASS_ERROR,
};

const char *reason_name(enum reason); /* "TIMEOUT_FIRST_BYTE": the report's error.code */
const char *reason_sentence(enum reason);
enum reason_class reason_class(enum reason);
bool reason_is_crypto(enum reason); /* a signature, MAC, share or key that is wrong: CRYPTO_* */

#endif
