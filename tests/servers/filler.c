#include "tests/servers/filler.h"

/* splitmix64 */
uint64_t filler_next(uint64_t *random)
{
	uint64_t z = *random += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

void filler_bytes(struct wr *w, size_t n, uint64_t *random)
{
	for (; n >= 8; n -= 8)
		wr_uint(w, filler_next(random), 8);
	while (n--)
		wr_u8(w, (uint8_t)filler_next(random));
}

/* Sizes of a server's share that do not follow from the field: ML-KEM ciphertexts, alone or beside a curve.
 */
static const struct kem_row {
	uint16_t group, size;
} kems[] = {
	{ 0x0200, 768 },
	{ 0x0201, 1088 },
	{ 0x0202, 1568 },
	{ 0x11EB, 65 + 1088 },
	{ 0x11EC, 1088 + 32 },
	{ 0x11ED, 97 + 1568 },
	{ 0x11EE, 65 + 1088 },
	{ 0x6399, 32 + 1088 },
	{ 0x639A, 65 + 1088 },
	{ 0xFE30, 32 + 768 },
	{ 0xFE31, 32 + 1088 },
};

size_t filler_share_size(uint16_t group)
{
	const struct group *g = group_find(group);

	for (size_t i = 0; i < sizeof(kems) / sizeof(*kems); i++)
		if (kems[i].group == group)
			return kems[i].size;
	if (!g)
		return 32;
	if (g->kind == GROUP_EC_PRIME || g->kind == GROUP_EC_BINARY || g->kind == GROUP_GOST)
		return 1 + 2 * ((g->bits + 7u) / 8);
	if (g->kind == GROUP_FFDHE)
		return g->bits / 8u;
	if (g->kind == GROUP_MONTGOMERY)
		return g->bits > 256 ? 56 : 32;
	return 1000;
}

static bool has_point(uint16_t group)
{
	const struct group *g = group_find(group);

	return g && (g->kind == GROUP_EC_PRIME || g->kind == GROUP_EC_BINARY || g->kind == GROUP_GOST);
}

void filler_share(struct wr *w, uint16_t group, uint64_t *random)
{
	size_t n = filler_share_size(group);

	if (has_point(group)) {
		wr_u8(w, 4); /* uncompressed */
		n--;
	}
	filler_bytes(w, n, random);
}

void filler_signature(struct wr *w, enum cert_key key, uint64_t *random)
{
	size_t n = key == KEY_ED25519 ? 64 : key == KEY_ED448 ? 114 : 256;

	if (key == KEY_RSA || key == KEY_RSA_PSS || key == KEY_ED25519 || key == KEY_ED448) {
		filler_bytes(w, n, random);
		return;
	}
	/* SEQUENCE of two INTEGERs of 32 bytes, positive */
	for (int i = -1; i < 2; i++) {
		wr_u16(w, i < 0 ? 0x3044 : 0x0220);
		if (i < 0)
			continue;
		wr_u8(w, 0x41);
		filler_bytes(w, 31, random);
	}
}
