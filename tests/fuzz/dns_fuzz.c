/*
 * Fuzz target of the readers of DNS records. The first byte says which; any bytes are a record or none, its text is
 * printable, and a TLSA record is the same again when it is read back from its text.
 */
#include <string.h>

#include "scanner/base/die.h"
#include "scanner/base/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void printable(const char *s)
{
	for (; *s; s++)
		require(*s >= 0x20 && *s <= 0x7e);
}

static void read_caa(struct arena *a, struct span s)
{
	struct dns_caa c;

	if (!dns_caa_read(s, &c))
		return;
	require(c.tag.n + c.value.n + 2 == s.n);
	printable(dns_caa_text(a, &c));
	printable(dns_caa_issuer(a, &c));
}

static void read_tlsa(struct arena *a, struct span s)
{
	struct dns_tlsa t, again;
	const char *text;

	if (!dns_tlsa_read(s, &t))
		return;
	text = dns_tlsa_text(a, &t);
	printable(text);
	require(dns_tlsa_parse(a, text, &again));
	require(again.usage == t.usage && again.selector == t.selector && again.matching == t.matching);
	require(again.data.n == t.data.n && !memcmp(again.data.p, t.data.p, t.data.n));
}

static void read_https(struct arena *a, struct span s)
{
	struct dns_https h;
	bool well = dns_https_read(a, s, &h);

	printable(h.target);
	printable(h.text);
	require(h.alpn_n <= s.n);
	for (size_t i = 0; well && i < h.alpn_n; i++)
		require(*h.alpn[i]);
	require(!well || !h.no_default_alpn || h.alpn_n);
}

static void read_text(struct arena *a, struct span s)
{
	struct dns_tlsa t;
	const char *text = arena_textn(a, (const char *)s.p, s.n), *up;

	dns_tlsa_parse(a, text, &t);
	if (dns_is_public(text))
		require(dns_is_name(text) && dns_parent(text));
	for (up = text; up; up = dns_parent(up))
		require(up == text || up[-1] == '.');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const readers[])(struct arena *, struct span) = { read_caa, read_tlsa, read_https, read_text };
	struct arena arena = { 0 };

	if (size)
		readers[data[0] % 4](&arena, (struct span){ data + 1, size - 1 });
	arena_free(&arena);
	return 0;
}
