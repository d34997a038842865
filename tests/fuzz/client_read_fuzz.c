/* Fuzz target of client_read(): any bytes are a hello, or refused with a sentence; what is short becomes none by cutting. */
#include <stdint.h>

#include "scanner/base/die.h"
#include "scanner/tls/client_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct client c;
	struct span message, shorter = { data, size ? size - 1 : 0 };
	const char *why = NULL;
	bool well = client_read((struct span){ data, size }, &a, &c, &why);

	require(well == !why);
	require(!well || (c.suites.n && c.hello.n && c.hello.n <= CLIENT_HELLO_MAX && c.oldest <= c.newest));
	if (hello_unwrap((struct span){ data, size }, &a, &message) == UNWRAP_SHORT)
		require(hello_unwrap(shorter, &a, &message) == UNWRAP_SHORT);
	arena_free(&a);
	return 0;
}
