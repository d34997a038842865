/*
 * Fuzz target of scanner/trust/issuers and places: what an issuer's URL gives. What is found can be parsed, or is told
 * to be malformed; each certificate's URLs lie in it.
 */
#include "scanner/base/die.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/issuers.h"
#include "scanner/trust/places.h"

enum { URLS = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(struct span der)
{
	struct cert *c = cert_parse(der.p, der.n);
	struct span urls[URLS];

	for (int place = PLACE_OCSP; place <= PLACE_CRL; place++) {
		size_t n = places_of(c, (enum place)place, urls, URLS);

		require(n <= URLS && (!n || !c->malformed));
		for (size_t i = 0; i < n; i++)
			require(!urls[i].n || (urls[i].p >= c->der.p && urls[i].p + urls[i].n <= c->der.p + c->der.n));
	}
	cert_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct span out[ISSUERS_MAX];
	size_t n = issuers_read(&a, (struct span){ data, size }, out);

	require(n <= ISSUERS_MAX);
	for (size_t i = 0; i < n; i++)
		look_at(out[i]);
	arena_free(&a);
	return 0;
}
