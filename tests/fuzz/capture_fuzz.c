/* Fuzz target of capture_hello(): from any bytes behind a capture's magic comes a hello that is whole, or a sentence. */
#include <stdint.h>

#include "scanner/base/die.h"
#include "scanner/tls/capture.h"
#include "scanner/tls/client_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = { data, size }, found, message;
	struct arena a = { 0 };
	const char *why;

	if (!capture_is(file))
		return 0;
	found = capture_hello(file, &a, &why);
	require(!found.n == (why != NULL));
	require(why || hello_unwrap(found, &a, &message) == UNWRAPPED);
	arena_free(&a);
	return 0;
}
