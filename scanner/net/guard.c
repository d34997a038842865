#include "scanner/net/guard.h"

#include <string.h>

#include "scanner/base/die.h"

enum row_kind { KIND_PUBLIC, KIND_PRIVATE, KIND_NEVER, KIND_EMBEDDED };

static const struct row {
	const char *first;
	unsigned prefix;
	enum row_kind kind;
} rows[] = {
#define GUARD(name, first, prefix, kind, what) { first, prefix, KIND_##kind },
#include "scanner/net/guard.def"
#undef GUARD
};

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return !memcmp(a, b, whole) && (!rest || !((a[whole] ^ b[whole]) >> (8 - rest)));
}

static bool is_in(const struct net_addr *a, const struct row *r)
{
	struct net_addr first = { 0 };

	require(net_addr_parse(r->first, &first));
	return first.family == a->family && same_bits(first.bytes, a->bytes, r->prefix);
}

static enum guard_kind kind_of_embedded(const struct net_addr *a)
{
	struct net_addr inner = { .family = NET_IPV4 };

	memcpy(inner.bytes, a->bytes + 12, 4);
	return guard_of(&inner);
}

enum guard_kind guard_of(const struct net_addr *a)
{
	static const enum guard_kind kinds[] = {
		[KIND_PUBLIC] = GUARD_PUBLIC, [KIND_PRIVATE] = GUARD_PRIVATE, [KIND_NEVER] = GUARD_NEVER
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (is_in(a, &rows[i]))
			return rows[i].kind == KIND_EMBEDDED ? kind_of_embedded(a) : kinds[rows[i].kind];
	return GUARD_NEVER;
}

bool guard_allows(const struct net_addr *a, bool allow_private)
{
	enum guard_kind kind = guard_of(a);

	return kind == GUARD_PUBLIC || (kind == GUARD_PRIVATE && allow_private);
}
