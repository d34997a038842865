/* Fuzz target of target_parse(): any text is a target that keeps its promises, or is refused with a sentence.
 */
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/run/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct target *t, const char *text)
{
	struct net_addr literal;
	char again[64];

	require(!strcmp(t->input, text) && t->host && *t->host && strlen(t->host) <= 253 && t->port);
	for (const char *p = t->host; *p && *p != '%'; p++)
		require((unsigned char)*p > 0x20 && (unsigned char)*p < 0x7F && !strchr("@/?#[]", *p) &&
		        !(*p >= 'A' && *p <= 'Z'));
	require(!t->sni || t->sni == t->host);
	require(t->sni || t->has_address);
	if (!t->has_address)
		return;
	require(t->address.port == t->port);
	net_addr_text(&t->address, again);
	literal = t->address;
	require(net_addr_parse(again, &literal) && net_addr_equal(&literal, &t->address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	const char *text = arena_textn(&arena, (const char *)data, size), *why = NULL;
	struct target *t = target_parse(&arena, text, &why);

	require(!t == !!why);
	if (t)
		look_at(t, text);
	arena_free(&arena);
	return 0;
}
