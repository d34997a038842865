/*
 * Fuzz target of scanner/trust's parsers: any bytes are a certificate, a trust store in PEM, and the same
 * certificate judged against itself, without a report of the sanitizers. What was parsed is consistent: text
 * is valid UTF-8 as text_clean() makes it, and PEM gives the same certificate back.
 */
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/text.h"
#include "scanner/trust/cert.h"
#include "scanner/trust/names.h"
#include "scanner/trust/path.h"
#include "scanner/trust/pem.h"
#include "scanner/trust/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require_clean(struct arena *a, const char *s)
{
	if (s)
		require(!strcmp(text_clean(a, s, strlen(s), strlen(s)), s));
}

static void look_at_info(struct arena *a, const struct cert *c)
{
	struct cert_info i;

	cert_info_fill(a, c, &i);
	require(strlen(i.sha256) == 2 * CERT_SHA256);
	require_clean(a, i.subject);
	require_clean(a, i.issuer);
	require_clean(a, i.serial);
	require(i.dns_names_count <= CERT_NAMES_MAX);
	for (size_t n = 0; n < i.dns_names_count; n++)
		require_clean(a, i.dns_names[n]);
}

static void give_back(struct arena *a, const struct cert *c)
{
	const char *text = pem_text(a, c->der);
	struct pem p = pem_of((struct span){ (const uint8_t *)text, strlen(text) });
	struct wr w = wr_of(arena_new(a, c->der.n + 8, 1), c->der.n + 8);
	struct span der;

	require(pem_next(&p, &w, &der));
	require(der.n == c->der.n && (!der.n || !memcmp(der.p, c->der.p, der.n)));
}

static void judge(struct arena *a, struct cert *c, const struct store *s)
{
	struct path_search *search = path_search_new(&c, 1, c->not_before);
	struct path_result r = path_find(search, s, a);

	require((r.trusted == TRI_YES) == (r.count > 0));
	path_search_free(search);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct cert *c = cert_parse(data, size);
	struct store *s = store_of("fuzz", (struct span){ data, size });

	look_at_info(&a, c);
	give_back(&a, c);
	if (!c->malformed)
		names_match(c, "www.example.org");
	if (s)
		judge(&a, c, s);
	store_close(s);
	cert_free(c);
	arena_free(&a);
	return 0;
}
