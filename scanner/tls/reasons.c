#include "scanner/tls/reasons.h"

static const struct row {
	const char *name, *sentence;
	enum reason_class class;
} rows[REASONS] = {
#define REASON(name_, class_, sentence_)                                                                             \
	[REASON_##name_] = { .name = #name_, .sentence = sentence_, .class = CLASS_##class_ },
#include "scanner/tls/reasons.def"
#undef REASON
};

const char *reason_name(enum reason r)
{
	return rows[r].name;
}

const char *reason_sentence(enum reason r)
{
	return rows[r].sentence;
}

enum reason_class reason_class(enum reason r)
{
	return rows[r].class;
}

bool reason_is_crypto(enum reason r)
{
	return r >= REASON_CRYPTO_SIGNATURE && r <= REASON_CRYPTO_CERTIFICATE;
}
