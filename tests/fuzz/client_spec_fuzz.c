/* Fuzz target of client_spec_read(): any file is a client that can be used, or refused with a sentence; what can be sent is
 * written, and read back as the same lists. */
#include <stdint.h>

#include "scanner/base/die.h"
#include "scanner/tls/client_hello.h"
#include "scanner/tls/client_read.h"
#include "scanner/tls/client_spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_again(const struct client *c, struct arena *a)
{
	static uint8_t bytes[HELLO_MAX];
	struct wr w = wr_of(bytes, sizeof bytes);
	struct hello h = client_hello(c, "a.name.that.is.quite.long.test.example", a);
	struct client again;
	const char *why;

	require(hello_write(&w, &h, NULL));
	require(client_read((struct span){ bytes, w.len }, a, &again, &why));
	require(again.suites.n == c->suites.n && again.groups.n == c->groups.n && again.newest == c->newest);
	for (size_t i = 0; i < again.extensions.n; i++)
		require(hello_offers_extension(&h, (uint16_t)again.extensions.v[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct client c;
	const char *why = NULL;
	bool well = client_spec_read((struct span){ data, size }, &a, &c, &why);

	client_spec_inline((struct span){ data, size });
	require(well == !why);
	require(!well || (c.source && c.suites.n && c.oldest <= c.newest));
	if (well && c.hello.n)
		send_again(&c, &a);
	arena_free(&a);
	return 0;
}
