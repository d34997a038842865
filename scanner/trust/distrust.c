#include "scanner/trust/distrust.h"

#include <openssl/sha.h>
#include <string.h>

#include "scanner/tls/keys.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/dname.h"

#define ALWAYS INT64_MIN
#define AFTER(seconds) INT64_C(seconds)

/* `mark`: a hash in hex, or an organisation. */
struct row {
	const char *mark;
	struct distrust distrust;
};

static const struct row keys[] = {
#define DISTRUST_KEY(hash, whose, after, why) { hash, { whose, why, after } },
#define DISTRUST_NAME(...)
#include "scanner/trust/distrust.def"
#undef DISTRUST_KEY
#undef DISTRUST_NAME
};

static const struct row names[] = {
#define DISTRUST_KEY(...)
#define DISTRUST_NAME(organisation, whose, after, why) { organisation, { whose, why, after } },
#include "scanner/trust/distrust.def"
#undef DISTRUST_KEY
#undef DISTRUST_NAME
};

static void hex_of(const uint8_t hash[static SHA256_DIGEST_LENGTH], char text[static 2 * SHA256_DIGEST_LENGTH + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
		text[2 * i] = digits[hash[i] >> 4];
		text[2 * i + 1] = digits[hash[i] & 15];
	}
	text[2 * SHA256_DIGEST_LENGTH] = 0;
}

const struct distrust *distrust_of_key(const struct cert *c)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	char text[2 * SHA256_DIGEST_LENGTH + 1];

	keys_sha256(c->spki.p, c->spki.n, hash);
	hex_of(hash, text);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(keys[i].mark, text))
			return &keys[i].distrust;
	return NULL;
}

static bool is_text(struct span value, const char *text)
{
	return value.n == strlen(text) && !memcmp(value.p, text, value.n);
}

static const struct distrust *of_organisation(struct span value)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (is_text(value, names[i].mark))
			return &names[i].distrust;
	return NULL;
}

/* id-at-organizationName, 2.5.4.10 */
static const struct distrust *of_name(const struct cert *c)
{
	struct dname_walk w = dname_walk(c->subject);
	struct dname_attribute a;
	const struct distrust *found = NULL;

	while (!found && dname_next(&w, &a))
		if (is_text(a.oid, "\x55\x04\x0a"))
			found = of_organisation(a.value);
	return found;
}

const struct distrust *distrust_of_authority(const struct cert *c)
{
	const struct distrust *by_key = distrust_of_key(c);

	return by_key ? by_key : of_name(c);
}
