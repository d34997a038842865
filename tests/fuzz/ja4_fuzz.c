/* Fuzz target of ja4_read(): any text is a client, or refused with a sentence. */
#include <stdint.h>

#include "scanner/base/die.h"
#include "scanner/tls/ja4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct client c;
	const char *why = NULL;
	bool well = ja4_read((struct span){ data, size }, &a, &c, &why);

	require(well == !why);
	require(!well || (ja4_is((struct span){ data, size }) && c.suites.n && c.newest && c.hides & HIDES_OLDER));
	arena_free(&a);
	return 0;
}
